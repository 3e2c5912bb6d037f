"""Table 1 with its verdicts, and the review's own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.report.blocks import Bullets, Section, empty, text
from review.report.results import Lacking
from review.report.sections.panels_section import artifact_group

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results

TITLE: Final = "Tables and their verdicts"


def build(results: Results) -> Section:
    """Return the section."""
    found = {k: t for k, t in results.tables.items() if not isinstance(t, Lacking)}
    lacking = [
        f"Table {k}: {t.reason}" for k, t in results.tables.items() if isinstance(t, Lacking)
    ]
    if not found:
        return empty("tables", TITLE, "; ".join(lacking) or "There are no tables.")
    blocks: list[Block] = [artifact_group(results.review, table) for table in found.values()]
    if lacking:
        blocks.append(text("Left out, because the review lacks the data:"))
        blocks.append(Bullets(tuple((reason,) for reason in lacking)))
    return Section("tables", TITLE, tuple(blocks))
