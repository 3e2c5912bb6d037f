"""How the text of one cell becomes a value: the types shared by all tables of a review.

Missing stays missing: an empty cell is None, and so is one that says why it holds no number, date
or identifier (`NR`, `n.a.`, `-`; see `missing_marks`). Numbers are kept as `Decimal`, which
remembers the digits that were printed (`0.90` is not `0.9`: consistency checks need the
difference).
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from review.schema.missing_marks import missing_reason

# What a spreadsheet cell can hold (Excel specifications and limits).
MAX_CELL: Final = 32_767
_INTEGER: Final = re.compile(r"[+-]?[0-9]+\Z")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\Z")
_THOUSANDS: Final = re.compile(r"[+-]?[0-9]{1,3}([, '\u00a0\u202f][0-9]{3})+(\.[0-9]+)?\Z")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_RESOLVER: Final = re.compile(r"(https?://(dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
_DOI: Final = re.compile(r"10\.\d{4,9}/\S+")
_IDENTIFIER: Final = re.compile(r"[^\s/\\;,\"'<>&]{1,100}")
_FORMULA_SIGNS: Final = frozenset("=+-@")


class CellError(ValueError):
    """A cell that its column does not allow.

    Attributes:
        allowed: what the column takes, in words.
        suggestion: the closest allowed value, or None.
    """

    def __init__(self, message: str, *, allowed: str = "", suggestion: str | None = None) -> None:
        super().__init__(message)
        self.allowed, self.suggestion = allowed, suggestion


def is_formula_like(text: str) -> bool:
    """Tell whether a spreadsheet program would run `text` as a formula (CWE-1236).

    Example:
        >>> is_formula_like("=HYPERLINK(1)"), is_formula_like("-0.5"), is_formula_like("a=b")
        (True, False, False)
    """
    stripped = text.lstrip()
    return stripped[:1] in _FORMULA_SIGNS and not _NUMBER.match(stripped.rstrip())


def neutralise(text: str) -> str:
    """Put an apostrophe before formula-like text, so that spreadsheet programs show it as text."""
    return "'" + text if is_formula_like(text) or text[:1] in {"\t", "\r"} else text


def _is_plain(value: Any) -> bool:
    """Whether a cell is text as most cells are: nothing to strip, no controls, no formula.

    Printable text has no white space but blanks, so that the answer takes no pattern.
    """
    return (
        type(value) is str
        and 0 < len(value) <= MAX_CELL
        and value.isprintable()
        and value[0] not in _FORMULA_SIGNS
        and value[0] != " "
        and value[-1] != " "
    )


def clean_text(value: Any) -> str | None:
    """Return stripped text, or None for an empty cell.

    Raises:
        CellError: the text is too long, has control characters, or looks like a formula.
    """
    if value is None:
        return None
    if _is_plain(value):
        return str(value)
    text = str(value).strip()
    if not text:
        return None
    if len(text) > MAX_CELL:
        raise CellError(
            f"the cell holds {len(text):,} characters",
            allowed=f"at most {MAX_CELL:,} characters, what a spreadsheet cell holds",
        )
    if bad := _CONTROL.search(text):
        raise CellError(
            f"the cell holds the control character U+{ord(bad.group()):04X}",
            allowed="printable text",
        )
    if is_formula_like(text):
        raise CellError(
            "the cell starts like a spreadsheet formula",
            allowed="text that does not start with = + - @ (put a word or a quotation mark first)",
        )
    return text


def parse_integer(value: Any) -> int | None:
    """Return a whole number, or None for an empty cell.

    Raises:
        CellError: not a whole number, or written with a thousands separator.
    """
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if type(value) is str and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    text = _plain(value)
    if text is None:
        return None
    if _INTEGER.match(text):
        if len(text) > 18:
            raise CellError("the number is too large", allowed="a whole number below 10^18")
        return int(text)
    if re.fullmatch(r"[+-]?[0-9]+\.0+", text):
        raise CellError(
            "a decimal point in a whole number",
            allowed="a whole number",
            suggestion=text.split(".", maxsplit=1)[0],
        )
    raise CellError(
        "not a whole number", allowed="a whole number such as 120", suggestion=_separators(text)
    )


def parse_number(value: Any) -> Decimal | None:
    """Return a number with the digits that were printed, or None for an empty cell.

    Raises:
        CellError: not a number, infinite, a percentage, or written with a decimal comma.
    """
    if value is None or (isinstance(value, Decimal) and value.is_finite()):
        return value
    text = _plain(value)
    if text is None:
        return None
    if _NUMBER.match(text):
        try:
            return Decimal(text)
        except InvalidOperation:  # pragma: no cover  the pattern admits what Decimal reads
            pass
    suggestion = _separators(text)
    if text.endswith("%") and _NUMBER.match(text[:-1].strip()):
        suggestion = str(Decimal(text[:-1].strip()).scaleb(-2))
    elif re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text) and suggestion is None:
        suggestion = text.replace(",", ".")
    raise CellError("not a number", allowed="a number such as 0.93", suggestion=suggestion)


def parse_boolean(value: Any) -> bool | None:
    """Return True for yes/true/1, False for no/false/0, None for an empty cell."""
    if value is None or isinstance(value, bool):
        return value
    text = _plain(value)
    if text is None:
        return None
    known = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.casefold() in known:
        return known[text.casefold()]
    raise CellError("neither yes nor no", allowed="yes or no")


def parse_date(value: Any) -> date | None:
    """Return a calendar day written year-month-day, or None for an empty cell."""
    if value is None or isinstance(value, date):
        return value
    text = _plain(value)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CellError("not a date", allowed="a day written like 2020-12-31") from None


def parse_doi(value: Any) -> str | None:
    """Return a DOI without its resolver address, or None for an empty cell."""
    text = _stated(value)
    if text is None:
        return None
    found = _RESOLVER.match(text)
    bare = text[found.end() :] if found else text
    if not _DOI.fullmatch(bare):
        raise CellError("not a DOI", allowed="a DOI such as 10.1186/s12880-022-00793-7")
    return bare


def parse_url(value: Any) -> str | None:
    """Return a web address, or None for an empty cell."""
    text = _stated(value)
    if text is None:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc or re.search(r"\s", text):
        raise CellError("not a web address", allowed="an address that starts with http(s)://")
    return text


def parse_identifier(value: Any) -> str | None:
    """Return an identifier: one word that can stand in file names and addresses."""
    text = clean_text(value)
    if text is not None and not _IDENTIFIER.fullmatch(text):
        raise CellError(
            "not an identifier",
            allowed="one word of at most 100 letters, digits, _ . : or -",
            suggestion=re.sub(r"[\s/\\;,\"'<>&]+", "_", text)[:100].strip("_") or None,
        )
    return text


def cell_text(value: Any) -> str:
    """Return the text that a table holds for `value`: the inverse of the parsers above."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ";".join(cell_text(v) for v in value)
    return str(value)


def _stated(value: Any) -> str | None:
    return None if missing_reason(str(value or "")) is not None else clean_text(value)


def _plain(value: Any) -> str | None:
    """Return the text of a cell; None when it is empty or says that the value is missing."""
    text = str(value).strip()
    if missing_reason(text) is not None:
        return None
    if len(text) > MAX_CELL:
        raise CellError(
            f"the cell holds {len(text):,} characters", allowed=f"at most {MAX_CELL:,} characters"
        )
    return text


def _separators(text: str) -> str | None:
    return re.sub(r"[, '\u00a0\u202f]", "", text) if _THOUSANDS.match(text) else None


Text = Annotated[str | None, BeforeValidator(clean_text)]
Identifier = Annotated[str, BeforeValidator(parse_identifier)]
Integer = Annotated[int | None, BeforeValidator(parse_integer)]
Count = Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(parse_integer)]
Number = Annotated[Decimal | None, BeforeValidator(parse_number)]
Year = Annotated[Annotated[int, Field(ge=1500, le=2200)] | None, BeforeValidator(parse_integer)]
Day = Annotated[date | None, BeforeValidator(parse_date)]
Doi = Annotated[str | None, BeforeValidator(parse_doi)]
Url = Annotated[str | None, BeforeValidator(parse_url)]
