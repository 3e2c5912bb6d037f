"""Where a record was published: pages, volume, issue and journal, made comparable."""

from __future__ import annotations

import re
from typing import Final

from review.workflow.records.folded_text import folded

_MONTHS: Final = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
    "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_UNKNOWN: Final = re.compile(
    r"unknown|none|n\.?/?a\.?|nan|no pages?|no pagination|var\.? ?pagings?|n\.? ?pag\.?|-+",
    re.IGNORECASE,
)
_EXCEL_DAY: Final = re.compile(r"(\d{1,2})[-/ ]([a-z]{3})|([a-z]{3})[-/ ](\d{1,2})", re.IGNORECASE)
_EXCEL_DATE: Final = re.compile(r"\d{4}-(\d\d)-(\d\d)(?:[T ]00:00(?::00)?)?")
# a page: letters before or after a number, or a roman numeral
_PAGE: Final = re.compile(r"([a-z]{0,6})[. ]?0*(\d+)([a-z]{0,2})")
_ROMAN: Final = re.compile(r"(?=[ivxlc])(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
_DASH: Final = re.compile(r"\s*(?:-|‐|‑|‒|–|—|−|\bto\b)+\s*")
_PREFIX: Final = re.compile(r"^(?:pp?|pages?|pg|seiten?|art(?:icle)?\.?(?: (?:no|id)\.?)?)[.: ]+")
_NUMBER: Final = re.compile(r"\d+")
_OVID_SOURCE: Final = re.compile(r"[.,;]\s*(\d*)\s*\(([^()]*)\)?\s*(?:\(|,\s*\d{4}|pp\b)")
_ASIDE: Final = re.compile(r"\[[^\]]*\]?|\([^)]*\)?")
_SMALL_WORDS: Final = frozenset(
    {
        "of", "the", "and", "in", "for", "de", "la", "le", "les", "et", "der", "die", "das",
        "und", "fur", "a", "an", "on", "du", "des", "del", "di",
    }
)  # fmt: skip


def pages(text: str) -> tuple[str, str]:
    """Return first and last page, completed: `123-8` is 123 to 128; "" for what is not stated.

    Letters go first (`72S` is s72). What a spreadsheet made a date is made pages again: `06-Oct`
    are the pages 6 to 10, in whichever order the spreadsheet has put them.

    Example:
        >>> pages("377--82"), pages("06-Oct"), pages("72S-73S"), pages("S69"), pages("xii-xv")
        (('377', '382'), ('6', '10'), ('s72', 's73'), ('s69', 's69'), ('xii', 'xv'))
    """
    text = text.strip()
    if not text or _UNKNOWN.fullmatch(text):
        return "", ""
    if text.isdigit():
        plain = text.lstrip("0")
        return plain, plain
    if dates := _EXCEL_DAY.fullmatch(text) or _EXCEL_DATE.fullmatch(text):
        numbers = [_MONTHS.get(p.lower()[:3], 0) or int(p) if not p.isdigit() else int(p)
                   for p in dates.groups() if p]  # fmt: skip
        if all(numbers):
            return str(min(numbers)), str(max(numbers))
    lowered = _PREFIX.sub("", text.lower())
    span = _DASH.split(lowered, maxsplit=1)
    first = _page(span[0])
    if len(span) == 1 or not first:
        return first, first
    last = _page(span[1])
    letters, digits = first.rstrip("0123456789"), first[len(first.rstrip("0123456789")) :]
    tail = last[len(last.rstrip("0123456789")) :]
    if digits and tail:
        if len(tail) < len(digits):  # 123-8
            tail = digits[: len(digits) - len(tail)] + tail
        last = (last.rstrip("0123456789") or letters) + tail
    return first, last or first


def _page(text: str) -> str:
    if found := _PAGE.search(text):
        before, number, after = found.groups()
        return (before or after) + number
    roman = text.strip(" .,;()")
    return roman if roman and _ROMAN.fullmatch(roman) else ""


def volume_of(text: str) -> str:
    """Return the number of a volume; "" when the field holds the rest of a supplement.

    Example:
        >>> volume_of("Vol. 38 (Suppl 1)"), volume_of("1)"), volume_of("UNKNOWN")
        ('38', '', '')
    """
    if text.isdigit():
        return text.lstrip("0")
    head = text.partition("(")[0]
    if ")" in head:
        return ""
    found = _NUMBER.search(head)
    return found[0].lstrip("0") if found else ""


_ARTICLE_NUMBER: Final = re.compile(r"e\d{3,}|article\b.*", re.IGNORECASE)
_VOLUME_AND_MORE: Final = re.compile(r"\s*(\d*)\s*\(([^()]*)\)?(.*)")
_SUPPLEMENT: Final = re.compile(r"suppl\w*[. ]*(\d+)", re.IGNORECASE)
_MEETING: Final = re.compile(
    r"suppl|abstr|meeting|congress|conference\b.*\b(?:start|end|publication)|^\d*\)$", re.IGNORECASE
)


def is_meeting(text: str) -> bool:
    """Tell whether an issue, a volume or a journal's name speaks of a meeting or a supplement.

    Example:
        >>> is_meeting("SUPPL. 1"), is_meeting("1 MeetingAbstracts"), is_meeting("12")
        (True, True, False)
    """
    return not text.isdigit() and bool(_MEETING.search(text))


def supplement_number(text: str) -> str:
    """Return the number of a supplement named in an issue, or "".

    Example:
        >>> supplement_number("10 SUPPL. 1"), supplement_number("10")
        ('1', '')
    """
    found = None if text.isdigit() else _SUPPLEMENT.search(text)
    return found[1].lstrip("0") if found else ""


def split_volume(volume: str, issue: str) -> tuple[str, str, str]:
    """Return volume, issue and pages of a volume that holds more: `18 (1) (no pagination)`.

    Exports cut such a volume off anywhere, and then give the number of the article as the issue.

    Example:
        >>> split_volume("18 (1) (n", "215"), split_volume("9 (no pag", "93")
        (('18', '1', '215'), ('9', '', '93'))
        >>> split_volume("38 (Suppl", "12"), split_volume("38", "12")
        (('38 (Suppl', '12', ''), ('38', '12', ''))
    """
    found = _VOLUME_AND_MORE.fullmatch(volume) if "(" in volume else None
    if found is None:
        return volume, issue, ""
    number, inner, more = (part.strip() for part in found.groups())
    if inner.lower().startswith("no pag"):
        return number, "", issue
    if not more.startswith("(") or is_meeting(inner):
        return volume, issue, ""
    if not number and (first := _NUMBER.match(inner)):  # (7 DEC) (no pagination)
        number, inner = first[0], inner[first.end() :].strip()
    return number, inner, issue


def issue_numbers(text: str) -> frozenset[str]:
    """Return the numbers of an issue; several for a double issue, none when it has no number.

    Example:
        >>> sorted(issue_numbers("03-May")), sorted(issue_numbers("3-4")), issue_numbers("Suppl 1")
        (['3', '5'], ['3', '4'], frozenset())
    """
    if text.isdigit():
        return frozenset((text.lstrip("0"),))
    if not text or is_meeting(text) or _ARTICLE_NUMBER.fullmatch(text.strip()):
        return frozenset()
    if month := _MONTHS.get(text.strip(" .").lower()[:3]):
        return frozenset((str(month),))
    if dates := _EXCEL_DAY.fullmatch(text.strip()):
        return frozenset(
            p.lstrip("0") if p.isdigit() else str(_MONTHS.get(p.lower(), p))
            for p in dates.groups()
            if p
        )
    return frozenset(n.lstrip("0") for n in _NUMBER.findall(text.partition("(")[0]))


def journal_source(text: str) -> tuple[str, str]:
    """Return the journal of a field that may hold the whole source, and the volume found in it.

    Example:
        >>> journal_source("J Asian Nat Prod Res.9 (5) ()(pp 435-444) 2007.Date of Publication")
        ('J Asian Nat Prod Res', '9')
    """
    volume = ""
    if "(" in text and (found := _OVID_SOURCE.search(text)):
        volume = found[1]
        text = text[: found.start()]
    at = text.find(". Conference")
    if at < 0:
        at = text.find(".Conference")
    if at > 0:
        text = text[:at]
    return text.strip(" .,;"), volume


def journal_words(text: str) -> tuple[str, ...]:
    """Return the words of a journal's name that say something, without translations and places.

    Example:
        >>> journal_words("The Netherlands Journal of Medicine (Amsterdam)")
        ('netherlands', 'journal', 'medicine')
    """
    if "[" in text or "(" in text:
        text = _ASIDE.sub(" ", text) or text
    if "=" in text:
        text = text.partition("=")[0]
    return tuple(w for w in folded(text).split() if w not in _SMALL_WORDS)
