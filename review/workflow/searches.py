"""The searches of a review: `searches.csv`, or the `[[search]]` blocks of `review.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.schema.screening_rows import SearchRow

if TYPE_CHECKING:
    from review.project import Review


def searches(review: Review) -> list[SearchRow]:
    """Return the searches in the order of the file; none when none is stated.

    Raises:
        DataError: `searches.csv` cannot be read.

    Example:
        >>> from review.project import open_review
        >>> [s.source for s in searches(open_review("kim2022"))]
        ['PubMed', 'Web of Science']
    """
    if review.has("searches.csv"):
        return review.searches
    return [
        SearchRow(
            source=s.database,
            date=None if s.date is None else s.date.isoformat(),
            query=s.query,
            records=s.records,
        )
        for s in review.settings.search
    ]
