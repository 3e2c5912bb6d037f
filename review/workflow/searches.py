"""The searches of a review: `searches.csv`, or the `[[search]]` blocks of `review.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.project.problems import raise_problems

if TYPE_CHECKING:
    from review.project import Review

FILE = "searches.csv"
# the same columns as in the flow of studies
_SOURCE = ("source", "database")
_COUNT = ("records", "n_records", "n", "results")


@dataclass(frozen=True, slots=True)
class SearchRow:
    """One search, as it is stated; "" for what is not.

    Attributes:
        records: how many records it found.
    """

    source: str
    date: str
    query: str
    records: str


def searches(review: Review) -> list[SearchRow]:
    """Return the searches in the order of the file; none when none is stated.

    Raises:
        DataError: `searches.csv` cannot be read.

    Example:
        >>> from review.project import open_review
        >>> [s.source for s in searches(open_review("kim2022"))]
        ['PubMed', 'Web of Science']
    """
    if (review.path / FILE).exists():
        table = review.table(FILE)
        raise_problems(table.problems, what=str(review.path / FILE))
        return [
            SearchRow(
                source=_first(cells, _SOURCE),
                date=_first(cells, ("date",)),
                query=_first(cells, ("query",)),
                records=_first(cells, _COUNT),
            )
            for cells in (row.cells for row in table.rows)
        ]
    return [
        SearchRow(
            source=s.database,
            date="" if s.date is None else s.date.isoformat(),
            query=s.query,
            records="" if s.records is None else str(s.records),
        )
        for s in review.settings.search
    ]


def _first(cells: dict[str, str], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := (cells.get(name) or "").strip())), "")
