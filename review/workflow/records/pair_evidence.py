"""How far two records agree, field by field."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from rapidfuzz import fuzz

from review.workflow.records.folded_text import folded

if TYPE_CHECKING:
    from review.workflow.records.duplicate_keys import DuplicateKeys

# words with digits, roman numerals, ordinals, and the letter or word that counts a part
_NUMBERS: Final = re.compile(
    r"\w*\d\w*|\b(?:i{1,3}|iv|vi{0,3}|ix|x|first|second|third|fourth|fifth|sixth|seventh|eighth|"
    r"ninth|tenth)\b|"
    r"(?<=\bpart )(?:[a-h]|one|two|three|four)\b|(?<=\bcase )[a-h]\b|(?<=\bphase )[a-h]\b|"
    r"(?<=\bstudy )[a-h]\b|(?<=\bseries )[a-h]\b"
)
_VERSION: Final = re.compile(r"(?:[./]?v|\.pub)\d{1,2}$")
_DIGITS: Final = re.compile(r"\d+")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
# what makes a title speak of another record, at its beginning, anywhere or at its end, in the
# folded spelling (one l for two)
_MARKER: Final = re.compile(
    r"^(?:re|reply|response|comment|comments|commentary|letter|protocol|"
    r"(?:the )?authors?(?: s)?(?: reply| response)|(?:a )?reply (?:to|from)|"
    r"(?:a )?(?:comment|commentary|response) (?:on|to))\b|"
    r"\b(?:erratum|errata|corrigend(?:um|a)|retraction|withdrawal of|"
    r"expression of concern|authors? reply|publishers? note)\b|"
    r"^(?:correction|corrected|addendum|cal for papers)\b|"
    r"\b(?:correction|protocol|reply|addendum)$"
)
# what titles such as "Guest editorial" are made of: one of the first, and perhaps of the others
_CORE: Final = frozenset(
    {
        "abstract", "abstracts", "announcement", "announcements", "announcing", "calendar",
        "comment", "comments", "commentary", "conclusion",
        "conclusions", "contents", "contributors", "correspondence", "cover",
        "discussion", "editor", "editorial", "editorials", "editors", "foreword", "index",
        "introduction", "introductory", "letter", "letters", "news", "note", "notes",
        "obituary", "overview", "preface", "remarks", "reply", "report", "response", "review",
        "perspectives", "reviewers", "reviews", "section", "summary", "symposium", "welcome",
    }
)  # fmt: skip
_FILLING: Final = frozenset(
    {
        "a", "an", "and", "article", "articles", "as", "associate", "at", "author", "authors",
        "book", "books", "chief", "erratum", "errata", "executive", "for", "from", "front",
        "guest", "highlights", "in", "information", "issue", "issues", "journal",
        "managing", "matter", "meeting", "meetings", "message", "more", "new", "of", "on", "or",
        "paper", "papers", "president", "press", "program", "recent", "selected", "senior",
        "special", "table", "thanks", "the", "their", "this", "to", "volume", "with", "words",
        "you",
    }
)  # fmt: skip


class Evidence(NamedTuple):
    """What two records say of each other; None where one of them does not say it.

    Attributes:
        title: how alike the titles are, 0 to 100; contained: whether one begins the other.
        doi, pmid, first, last, volume, issue, journal: whether they agree.
        years: how many years lie between them.
        authors: how far the authors agree, 0 to 1.
        numbers: of the titles: "same", "added" (one holds more), "letters" (words
            such as Va1108 and Val108 differ) or "conflict".
        markers: whether one is a reply, an erratum or the like of the other.
        generic: whether a title says no more than "Editorial".
        span: whether the pages, where they agree, are a range that does not begin at 1.
        restart: whether the first page is page 1.
        meeting: how many of the two are abstracts of a meeting.
        placed: how many of the two have pages.
        versions: whether the DOIs name two versions of one publication.
    """

    title: float
    contained: bool
    doi: bool | None
    pmid: bool | None
    first: bool | None
    last: bool | None
    volume: bool | None
    issue: bool | None
    journal: bool | None
    years: int | None
    authors: float | None
    numbers: str
    markers: bool
    generic: bool
    span: bool
    restart: bool
    meeting: int
    placed: int
    versions: bool


def evidence(keys: DuplicateKeys, a: int, b: int) -> Evidence:
    """Return how far two records agree; the order of the two makes no difference."""
    one, two = keys.title[a], keys.title[b]
    title, contained = _titles(one, two, keys.other_title[a], keys.other_title[b])
    mark_one, numbers_one = _title_marks(one)
    mark_two, numbers_two = _title_marks(two)
    first_a, first_b, last_a, last_b = keys.first[a], keys.first[b], keys.last[a], keys.last[b]
    first, last = _same_page(first_a, first_b), _same_page(last_a, last_b)
    if last is False and first_a == first_b and (last_a == first_a or last_b == first_b):
        last = None  # only the first page is given
    issues_a, issues_b = keys.issue[a], keys.issue[b]
    issue = bool(issues_a & issues_b) if issues_a and issues_b else None
    if (not first_a and len(first_b) > 2 and first_b in issues_a) or (
        not first_b and len(first_a) > 2 and first_a in issues_b
    ):
        issue, first = None, True  # the number of the article in place of the issue
    if last is False and first_a == "1":
        first = False  # papers that each begin at page 1
    years = abs(keys.year[a] - keys.year[b]) if keys.year[a] and keys.year[b] else None
    volume = _same(keys.volume[a], keys.volume[b])
    meeting = keys.meeting[a] + keys.meeting[b]
    if volume is False:
        if "" != keys.supplement[b] == keys.volume[a] or "" != keys.supplement[a] == keys.volume[b]:
            volume, meeting = None, 2  # the number of the supplement in place of the volume
        elif _is_year(keys, a) is not _is_year(keys, b):
            volume = None
    return Evidence(
        title=title,
        contained=contained,
        doi=_same(keys.doi[a], keys.doi[b]),
        pmid=_same(keys.pmid[a], keys.pmid[b]),
        first=first,
        last=last,
        volume=volume,
        issue=issue,
        journal=same_journal(keys.journal[a], keys.journal[b]),
        years=years,
        authors=_authors(keys, a, b),
        numbers=_numbers_agree(numbers_one, numbers_two),
        markers=mark_one != mark_two,
        generic=_generic(one, keys.journal[a]) or _generic(two, keys.journal[b]),
        span=bool(first_a) and first_a != last_a and first_b != last_b and first_a != "1",
        restart=first_a == "1",
        meeting=meeting,
        placed=bool(first_a) + bool(first_b),
        versions=_are_versions(keys.doi[a], keys.doi[b]),
    )


def _numbers_agree(one: tuple[str, ...], two: tuple[str, ...]) -> str:
    """Compare words that hold numbers: "mecp2 1lox" and "mecp21lox" are the same."""
    if one == two or "".join(one) == "".join(two):
        return "same"
    first, second = Counter(one), Counter(two)
    more, fewer = first - second, second - first
    if "".join(_DIGITS.findall(" ".join(one))) == "".join(_DIGITS.findall(" ".join(two))):
        romans = [w for w in (*more, *fewer) if not _DIGITS.search(w)]
        return "conflict" if romans and more and fewer else "added" if romans else "same"
    if not more or not fewer:
        return "added"
    alone = [n for n in (*more, *fewer) if n.isdigit() or not _DIGITS.search(n)]
    return "conflict" if alone else "letters"


def _same_page(one: str, two: str) -> bool | None:
    """Whether two pages agree; S345 of a supplement may be written as 345."""
    if not one or not two:
        return None
    return one == two or (
        (one.isdigit() or two.isdigit()) and one.lstrip(_LETTERS) == two.lstrip(_LETTERS) != ""
    )


def _same(one: str, two: str) -> bool | None:
    return one == two if one and two else None


def _are_versions(one: str, two: str) -> bool:
    """Whether two DOIs differ in nothing but the version: `.pub2`, `.v3`, `v3`, `/v3`."""
    if one == two or not one or not two:
        return False
    return _VERSION.sub("", one) == _VERSION.sub("", two)


def _is_year(keys: DuplicateKeys, i: int) -> bool:
    """Whether the volume is the year."""
    return keys.volume[i] == str(keys.year[i])


def _titles(one: str, two: str, other_one: str, other_two: str) -> tuple[float, bool]:
    if not one or not two:
        return 0.0, False
    if one == two:
        return 100.0, True
    likeness = fuzz.ratio(one, two)
    if likeness < 95:
        likeness = max(
            likeness,
            fuzz.token_sort_ratio(one, two),
            fuzz.ratio(one.replace(" ", ""), two.replace(" ", "")),
        )
        for other, whole in ((other_one, two), (other_two, one), (other_one, other_two)):
            if other and whole:
                likeness = max(likeness, fuzz.ratio(other, whole))
    short, long = sorted((one, two), key=len)
    contained = len(short) >= 25 and (
        long.startswith(short) or (likeness >= 60 and fuzz.partial_ratio(short, long) >= 95)
    )
    return likeness, contained


@lru_cache(maxsize=50_000)
def _title_marks(title: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The markers and the words with numbers of a folded title."""
    return frozenset(_MARKER.findall(title)), tuple(_NUMBERS.findall(title))


# titles of parts of an issue, which the next issues have too
_SERIES: Final = re.compile(
    r"(?:introduction to (?:the )?|editorial )?special (?:issue|section)\b|welcome to the\b"
)


def _generic(title: str, journal: tuple[str, ...]) -> bool:
    """Whether a title, without the words of its journal, says nothing of its content."""
    if _SERIES.match(title):
        return True
    if len(title) > 70:
        return False
    words = title.split()
    if not title.isascii() or _CORE.isdisjoint(words):
        return len(title) < 4
    telling = [w for w in words if w not in _CORE and w not in _FILLING and w not in journal]
    return len("".join(telling)) < 6


@lru_cache(maxsize=50_000)
def same_journal(one: tuple[str, ...], two: tuple[str, ...]) -> bool | None:
    """Tell whether one name of a journal may abbreviate the other; None when one is missing.

    Example:
        >>> same_journal(("ann", "thorac", "surg"), ("annals", "thoracic", "surgery"))
        True
        >>> same_journal(("icis", "transforming", "society"),
        ...              ("international", "conference", "information", "systems"))
        True
        >>> same_journal(("glia",), ("biological", "psychiatry"))
        False
    """
    if not one or not two:
        return None
    if one == two:
        return True
    short, long = sorted((one, two), key=lambda w: (len(w), w))
    at = 0
    for word in short:
        while at < len(long) and not _abbreviates(word, long[at], len(short)):
            at += 1
        if at == len(long):
            break
        at += 1
    else:
        return True
    for words, others in ((short, long), (long, short)):
        initials = "".join(w[0] for w in others)
        if len(initials) >= 3 and (initials in words or "".join(words) == initials):
            return True
    return fuzz.token_set_ratio(" ".join(short), " ".join(long)) >= 85


def _abbreviates(one: str, two: str, words: int) -> bool:
    return (
        two.startswith(one)
        or one.startswith(two)
        or (words > 1 and len(one) > 3 and one[:3] == two[:3])
    )


def _authors(keys: DuplicateKeys, a: int, b: int) -> float | None:
    """How far the authors agree: shared surnames, else the first one, else words of the names."""
    one, two = keys.surnames[a], keys.surnames[b]
    if not one or not two:
        return None
    if one == two:
        return 1.0
    set_one, set_two = set(one), set(two)
    shared = len(set_one & set_two) / min(len(set_one), len(set_two))
    first, other = one[0], two[0]
    if first == other or (
        min(len(first), len(other)) >= 4
        and (first in other or other in first or fuzz.ratio(first, other) >= 80)
    ):
        shared = max(shared, 0.8)
    if shared < 0.6:  # given names in place of surnames
        names, others = _name_words(keys.names[a]), _name_words(keys.names[b])
        if names and others:
            shared = max(shared, 0.9 * len(names & others) / min(len(names), len(others)))
    return shared


@lru_cache(maxsize=10_000)
def _name_words(authors: str) -> frozenset[str]:
    return frozenset(w for w in folded(authors).split() if len(w) > 2)
