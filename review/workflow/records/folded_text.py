"""Text folded so that two spellings of the same words are equal: case, accents, Greek, spelling."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

# letters that Unicode does not take apart, and Greek ones, which databases spell out
_LETTERS: Final = {
    "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "µ": "mu",
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu",
    "ξ": "xi", "ο": "omicron", "π": "pi", "ρ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau",
    "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip
# marks that stand inside a word, or around one letter of it in BibTeX
_NOTHING: Final = frozenset("'’‘`´ʼ{}\\$\u00ad\u200b\u200c\u200d\ufeff")
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,40}>")
# UTF-8 that was read as a Windows code page: a lead character and one to three that follow
_MISREAD: Final = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]{1,3}")
# what British and American spelling write differently, made the same; a word that is no such
# case changes alike in both titles
_SPELLING: Final = (
    ("ae", "e"), ("oe", "e"), ("our", "or"), ("z", "s"), ("ogue", "og"), ("gramme", "gram"),
    ("ll", "l"), ("ulph", "ulf"), ("centre", "center"), ("metre", "meter"), ("fibre", "fiber"),
)  # fmt: skip


class _Fold(dict[int, str]):
    """Translation of each character, made when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _NOTHING:
            made = ""
        elif char in "™®©":
            made = " "
        else:
            parts = unicodedata.normalize("NFKD", char.casefold())
            base = "".join(c for c in parts if not unicodedata.combining(c))
            made = "".join(_LETTERS.get(c, c if c.isalnum() else " ") for c in base)
        self[code] = made
        return made


_FOLD: Final = _Fold()


def _reread(found: re.Match[str]) -> str:
    try:
        return found[0].encode("cp1252").decode("utf-8")
    except UnicodeError:
        return found[0]


def clean_markup(text: str) -> str:
    """Return a text without tags, entities and characters of a wrong encoding.

    Example:
        >>> clean_markup("O<sup>6</sup> of M&uuml;ller, KÃ¶nig")
        'O6 of Müller, König'
    """
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text and ";" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = _MISREAD.sub(_reread, text)
    return text


def folded(text: str) -> str:
    """Return a text in lower case, words apart by one blank, without accents and punctuation.

    Letters of other scripts stay; Greek letters become their names.

    Example:
        >>> folded("NF-κB in {D}eep Learning: a re-view"), folded("深層学習")
        ('nf kappab in deep learning a re view', '深層学習')
    """
    return " ".join(clean_markup(text).translate(_FOLD).split())


def folded_spelling(text: str) -> str:
    """Return a folded text with British and American spelling made the same.

    Example:
        >>> folded_spelling("ischaemic tumour localisation")
        'ischemic tumor localisation'
    """
    for one, other in _SPELLING:
        text = text.replace(one, other)
    return text
