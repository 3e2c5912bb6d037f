"""The figures of the review, interactive, each with caption and data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.report.blocks import Bullets, Link, Section, empty, text
from review.report.results import Lacking
from review.report.sections.panels import artifact_group

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results

TITLE: Final = "Figures"
FLOW: Final = "3"  # the flow diagram has a section of its own


def build(results: Results) -> Section:
    """Return the section."""
    blocks: list[Block] = []
    lacking: list[str] = []
    for key, artifact in results.figures.items():
        if isinstance(artifact, Lacking):
            lacking.append(f"Figure {key}: {artifact.reason}")
        elif key == FLOW:
            blocks.append(text("Figure 3 is the ", Link("flow of studies", "#flow"), "."))
        else:
            blocks.append(artifact_group(results.review, artifact))
    if not blocks:
        return empty("figures", TITLE, "; ".join(lacking) or "There are no figures.")
    if lacking:
        blocks.append(text("Left out, because the review lacks the data:"))
        blocks.append(Bullets(tuple((reason,) for reason in lacking)))
    return Section("figures", TITLE, tuple(blocks))
