"""Table 1 with its verdicts, and the review's own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.report.blocks import Section, empty
from review.report.results import Lacking
from review.report.sections.panels_section import artifact_group

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results

TITLE: Final = "Tables"


def build(results: Results) -> Section:
    """Return the section."""
    found = {k: t for k, t in results.tables.items() if not isinstance(t, Lacking)}
    lacking = [
        f"Table {k}: {t.reason}" for k, t in results.tables.items() if isinstance(t, Lacking)
    ]
    if not found:
        return empty("tables", TITLE, "There are no tables.", *lacking)
    blocks: list[Block] = [artifact_group(results.review, table) for table in found.values()]
    return Section("tables", TITLE, tuple(blocks), remarks=tuple(lacking))
