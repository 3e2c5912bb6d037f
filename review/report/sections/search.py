"""Which sources were searched, when and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.report.blocks import Section, empty, table_of, text

if TYPE_CHECKING:
    from review.report.results import Results

TITLE: Final = "Search strategy"


def build(results: Results) -> Section:
    """Return the section."""
    searches = results.review.settings.search
    if not searches:
        return empty(
            "search", TITLE, "The review states no searches ([[search]] blocks of review.toml)."
        )
    rows = [
        {
            "source": s.database,
            "date": s.date or "not stated",
            "records": s.records if s.records is not None else "not stated",
            "query": s.query or "not stated",
        }
        for s in searches
    ]
    several = f"{len(searches)} sources were searched" if len(searches) > 1 else "One source"
    dates = sorted(s.date for s in searches if s.date)
    when = f"; the latest search is of {dates[-1].isoformat()}" if dates else ""
    table = table_of(rows, caption="Searched sources", name="searches")
    verb = "" if len(searches) > 1 else " was searched"
    return Section("search", TITLE, (text(f"{several}{verb}{when}."), table))
