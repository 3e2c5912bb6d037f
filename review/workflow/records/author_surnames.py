"""The surnames of an author field, whichever program wrote it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from review.workflow.records.folded_text import folded

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_AUTHORS: Final = 8
_APART: Final = re.compile(r"\s*(?:;|\n|\||\s+and\s+|\s+&\s+)\s*")
# glued names: a full stop, or a suffix, followed at once by the next surname
_GLUED: Final = re.compile(r"(?<=[.])(?=[^\W\d_]{2}|[^\W\d_]['’])")
_SUFFIX: Final = re.compile(r"[\s,]+(?:jr|sr|ii|iii|iv|2nd|3rd)\b\.?", re.IGNORECASE)
_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv", "2nd", "3rd"})
_GLUED_INITIALS: Final = re.compile(r"(?<=[^\W\d_])(?:-?[A-Z]\.)+$")
_GROUP: Final = re.compile(
    r"\b(?:group|committee|collaborat\w+|investigators|organi[sz]ation|consortium|team|society|"
    r"council|institute|agency|network|project|trial|study)\b", re.IGNORECASE,
)  # fmt: skip
_OTHERS: Final = re.compile(r"\bet\s+al\b\.?|\bothers\b", re.IGNORECASE)
_NOBODY: Final = frozenset({"", "anonymous", "anon", "none", "unknown", "na", "n a", "no author"})


def surnames(authors: str | Sequence[str]) -> tuple[str, ...]:
    """Return the folded surnames of an author field, in order, at most `MOST_AUTHORS`.

    Read are lists, `Lee, Ann and Wu, Bo`, `Lee A, Wu B`, `Lee, A.; Wu, B.`, and names that an
    export has glued: `Lee A.Wu B.`, `LeeA.WuB.`.

    Example:
        >>> surnames("Boyle Jr E. M.Yun W.") == surnames("Boyle, E. M., Jr. and Yun, Wei")
        True
        >>> surnames("SchipkeC.G.HeuserI."), surnames("Lee A, van Heck B")
        (('schipke', 'heuser'), ('lee', 'vanheck'))
    """
    if isinstance(authors, str):
        parts = _parts(authors)
    else:
        parts = [part for name in authors for part in (_parts(name) if ";" in name else [name])]
    found = []
    for part in parts[:MOST_AUTHORS]:
        name = _surname(part)
        if name not in _NOBODY:
            found.append(name)
    return tuple(found)


def first_surname(authors: str) -> str:
    """Return the family name of the first author as it is written; that of a group is whole.

    Example:
        >>> first_surname("Müller-Lüdenscheidt, Karl; Wu, B."), first_surname("van Heck B, Lee A")
        ('Müller-Lüdenscheidt', 'van Heck')
        >>> first_surname("Jan van der Berg and Bo Wu"), first_surname("TB Study Group; Lee A")
        ('van der Berg', 'TB Study Group')
    """
    parts = [part for part in _parts(authors.strip()) if part.strip(" ,;.")]
    if not parts:
        return ""
    name = " ".join(parts[0].split())
    if _GROUP.search(name):
        return name
    if "," in name:
        return name.partition(",")[0].strip()
    kept = _without_initials(name)
    if len(kept) == len(name.split()) > 1:  # Ann Lee, Jan van der Berg
        while len(kept) > 1 and not kept[0].islower():
            kept.pop(0)
    return " ".join(kept)


def _without_initials(name: str) -> list[str]:
    """The words of a name without suffixes and the initials behind it."""
    kept = [w for w in name.split() if w.strip(".").lower() not in _SUFFIXES]
    while len(kept) > 1 and _are_initials(kept[-1]):  # Lee A. B., Lee AB
        kept.pop()
    return kept


def _parts(text: str) -> list[str]:
    if "l." in text or "thers" in text:
        text = _OTHERS.sub("", text)
    text = text.strip(" ,;.") if text.endswith((",", ";", " ")) else text
    apart = [p for p in _APART.split(text) if p]
    if len(apart) > 1:
        return apart
    if "." in text:
        glued = _GLUED.split(_SUFFIX.sub("", text))
        if len(glued) > 1:
            return glued
    if text.count(",") >= 1:
        pieces = [p.strip() for p in text.split(",") if p.strip()]
        if all(" " in p and _are_initials(p.rpartition(" ")[2]) for p in pieces):
            return pieces  # Lee A, Wu B
        if len(pieces) > 2:
            if all(" " in p for p in pieces):
                return pieces  # Ann Lee, Bo Wu
            return pieces[::2]  # Lee, Ann, Wu, Bo
    return [text]


@lru_cache(maxsize=100_000)
def _surname(name: str) -> str:
    if "," in name:
        name = name.partition(",")[0]
    else:
        words = [w for w in name.split() if w.strip(".").lower() not in _SUFFIXES]
        kept = _without_initials(name)
        if len(kept) == len(words) > 1:
            kept = kept[-1:]  # Ann Lee
        name = " ".join(kept)
        if name.endswith(".") and (found := _GLUED_INITIALS.search(name)):  # LeeA.B.
            name = name[: found.start()]
    plain = folded(name).replace(" ", "")
    for one, other in (("ae", "a"), ("oe", "o"), ("ue", "u")):  # Mueller, Müller, Muller
        plain = plain.replace(one, other)
    return plain


def _are_initials(word: str) -> bool:
    """Whether a word is `A.`, `A.-B.`, `AB` or `A`."""
    if word.endswith("."):
        return len(word) <= 3 or word.count(".") * 2 >= len(word) - word.count("-")
    return len(word) <= 3 and word.isupper()
