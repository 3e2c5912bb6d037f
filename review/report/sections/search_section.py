"""Which sources were searched, when and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.report.blocks import Section, empty, text
from review.report.table_cells import table_of
from review.workflow.searches import searches

if TYPE_CHECKING:
    from review.report.results import Results

TITLE: Final = "Search strategy"
NOT_STATED: Final = "not stated"


def build(results: Results) -> Section:
    """Return the section."""
    found = searches(results.review)
    if not found:
        return empty(
            "search",
            TITLE,
            "The review states no searches.",
            "no [[search]] blocks in review.toml, and no searches.csv",
        )
    rows = [
        {
            "source": s.source,
            "date": s.date or NOT_STATED,
            "records": NOT_STATED if s.records is None else s.records,
            "query": s.query or NOT_STATED,
        }
        for s in found
    ]
    sources = len({s.source for s in found})
    verb = "source was" if sources == 1 else "sources were"
    dates = sorted(s.date for s in found if s.date)
    when = f"; the latest search is of {dates[-1]}" if dates else ""
    table = table_of(rows, caption="Searched sources", name="searches")
    return Section("search", TITLE, (text(f"{sources} {verb} searched{when}."), table))
