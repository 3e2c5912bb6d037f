"""Rules that a row must follow beyond the types of its cells, attached to its model as `RULES`.

A row that breaks one can be read, and analysed; `review check` says what is wrong with it. So a
study may be added while its year is still being looked up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from review.schema import summing_rows
from review.schema.cell_types import CellError, parse_doi
from review.schema.missing_marks import missing_reason

FIRST_YEAR: Final = 1800  # no journal article that a review can use is older
_PMID: Final = re.compile(r"[1-9][0-9]{0,8}\Z", re.ASCII)
_PMID_IN: Final = re.compile(
    r"(?:pmid:?\s*|(?:https?://)?(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|"
    r"ncbi\.nlm\.nih\.gov/pubmed)/)0*([1-9][0-9]{0,8})/?(?:\.0+)?\Z|0*([1-9][0-9]{0,8})\.0+\Z",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule finds wrong with a row.

    Attributes:
        column: of the cell that is wrong, or None for the row.
        message: what is wrong.
        allowed: what would be right, in words.
        suggestion: what was meant, or None.
        remedy: what the user can do.
        level: an error, or a warning where the row may be right.
    """

    column: str | None
    message: str
    allowed: str = ""
    suggestion: str | None = None
    remedy: str = ""
    level: Literal["error", "warning"] = "error"


Cells = Mapping[str, str]
Find = Callable[[Cells, int], Iterator[Finding]]
"""Takes the cells of a row by column, and the year that it is now."""


@dataclass(frozen=True)
class Rule:
    """What a row must be, and which rows need to be looked at for it.

    Attributes:
        find: yields what is wrong with a row.
        looks: column -> whether a text of it can be a reason to find anything. Of many rows only
            those with such a text in one of the columns are looked at, and each text once.
    """

    find: Find
    looks: Mapping[str, Callable[[str], bool]]

    def __call__(self, cells: Cells, this_year: int) -> Iterator[Finding]:
        """Yield what is wrong with a row."""
        return self.find(cells, this_year)


def _blank(text: str) -> bool:
    return not text.strip()


def _stated(text: str) -> bool:
    return bool(text.strip())


def _odd_year(text: str) -> bool:
    """Whether a text is no year of the time before this program was written."""
    return bool(text) and not (len(text) == 4 and "1800" <= text <= "2025" and text.isdigit())


def identified(cells: Cells, _: int) -> Iterator[Finding]:
    """Find a study that no reader could look up: without author and title, or without year."""
    yield from named(cells, _)
    if not cells.get("year", "").strip():
        allowed = "the year of publication; NR where the source states none"
        yield Finding("year", "the cell is empty", allowed)


def named(cells: Cells, _: int) -> Iterator[Finding]:
    """Find a study without author and title."""
    if not (cells.get("first_author", "").strip() or cells.get("title", "").strip()):
        yield Finding(
            "first_author", "the cell is empty, and so is the title", "an author or a title"
        )


def dated(cells: Cells, this_year: int) -> Iterator[Finding]:
    """Find a year that nothing can have been published in."""
    found = re.fullmatch(r"[0-9]{1,6}", cells.get("year", "").strip(), re.ASCII)
    if found and not FIRST_YEAR <= int(found.group()) <= this_year + 1:
        what = "later than next year" if int(found.group()) > this_year else "too early"
        yield Finding("year", f"the year is {what}", f"{FIRST_YEAR} to {this_year + 1}")


def pmid_shaped(cells: Cells, _: int) -> Iterator[Finding]:
    """Find a PubMed identifier that is none."""
    text = cells.get("pmid", "").strip()
    if text and not _PMID.match(text) and missing_reason(text) is None:
        meant = _PMID_IN.match(text)
        suggestion = (meant.group(1) or meant.group(2)) if meant else None
        yield Finding("pmid", "not a PMID", "digits alone, such as 29269036", suggestion)


def doi_shaped(cells: Cells, _: int) -> Iterator[Finding]:
    """Find a DOI that is none; in tables of studies its type does that."""
    try:
        parse_doi(cells.get("doi"))
    except CellError as error:
        yield Finding("doi", str(error), error.allowed, error.suggestion)


def no_total(*columns: str) -> Rule:
    """Return the rule that a row is no sum of the others, by what stands in `columns`."""

    def find(cells: Cells, _: int) -> Iterator[Finding]:
        for column in columns:
            if summing_rows.sums_up(cells.get(column, "")):
                yield Finding(column, summing_rows.MESSAGE, remedy=summing_rows.REMEDY)

    return Rule(find, dict.fromkeys(columns, summing_rows.sums_up))


def _author_is_total(cells: Cells, this_year: int) -> Iterator[Finding]:
    # Sum and Mean are names of people too, whose papers have a year
    if not cells.get("year", "").strip():
        yield from no_total("first_author")(cells, this_year)


def as_warning(rule: Rule) -> Rule:
    """Return a rule whose findings are warnings: rows that other programs write."""

    def milder(cells: Cells, this_year: int) -> Iterator[Finding]:
        for found in rule(cells, this_year):
            yield Finding(
                found.column, found.message, found.allowed, found.suggestion, found.remedy,
                "warning",
            )  # fmt: skip

    return Rule(milder, rule.looks)


_AUTHOR: Final = Rule(_author_is_total, {"first_author": summing_rows.sums_up})
_IDENTIFIED: Final = Rule(identified, {"first_author": _blank, "year": _blank})
_DATED: Final = Rule(dated, {"year": _odd_year})
_PMID_SHAPED: Final = Rule(pmid_shaped, {"pmid": _stated})
_DOI_SHAPED: Final = Rule(doi_shaped, {"doi": _stated})
STUDY: Final[tuple[Rule, ...]] = (
    no_total("study_id", "title"), _AUTHOR, _IDENTIFIED, _DATED, _PMID_SHAPED,
)  # fmt: skip
EXCLUDED: Final[tuple[Rule, ...]] = (
    no_total("study_id", "title"), as_warning(_IDENTIFIED), _DATED, _PMID_SHAPED,
)  # fmt: skip
RECORD: Final[tuple[Rule, ...]] = tuple(map(as_warning, (_DATED, _PMID_SHAPED, _DOI_SHAPED)))
NAMED: Final[tuple[Rule, ...]] = (no_total("name"), _DATED)
