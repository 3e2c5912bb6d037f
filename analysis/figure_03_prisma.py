"""Figure 3: the PRISMA 2020 flow, from checked counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.analysis_api import Artifact, Options, Panel
from review.plots.figure_sizes import PAPER, PHONE
from review.plots.narrow_drawings import narrow_prisma
from review.plots.prisma_drawing import describe, prisma_svg, rows_of
from review.plots.theme import panel_letters
from review.schema.prisma_sums import prisma_checks
from review.workflow.prisma import flows

if TYPE_CHECKING:
    from review.project import Review
    from review.schema.prisma_flow import PrismaFlow

TITLE = "PRISMA 2020 flow, its arithmetic checked"


def build(review: Review, _: Options) -> Artifact:
    """Return the flows that the review has the counts for: published, and its own."""
    found = flows(review)
    letters = panel_letters() if len(found) > 1 else iter([""])
    panels = tuple(_panel(flow, letter) for flow, letter in zip(found, letters, strict=False))
    return Artifact(
        kind="figure",
        key="3",
        title="Flow of records and studies through the review",
        caption="Boxes and sums follow PRISMA 2020 (Page et al. 2021). A box whose number is not "
        "known is left out.",
        panels=panels,
        notes=tuple(_notes(review, found)),
    )


def _panel(flow: PrismaFlow, letter: str) -> Panel:
    title = f"PRISMA 2020 flow: {flow.origin}"
    heading = f"{letter}  PRISMA 2020 flow".strip()
    # two or three columns fit the paper as they are
    crowded = any(row.other for row in rows_of(flow))
    media = (PHONE, PAPER) if crowded else (PHONE,)
    return Panel(
        letter=letter,
        title=title,
        rows=_rows(flow),
        statistics={
            "origin": flow.origin,
            "counts": flow.counts(),
            "checks": [c.to_dict() for c in prisma_checks(flow)],
        },
        svg=prisma_svg(flow, heading),
        smaller={m.name: narrow_prisma(flow, heading, m) for m in media},
        alt=describe(flow),
        caption=title,
    )


def _rows(flow: PrismaFlow) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"box": name, "detail": None, "n": n} for name, n in flow.counts().items()
    ]
    rows += [{"box": "sources", "detail": s.name, "n": s.records} for s in flow.sources]
    rows += [
        {"box": name, "detail": r.reason, "n": r.reports}
        for name in ("screening_reasons", "reasons", "other_reasons")
        for r in getattr(flow, name)
    ]
    return rows


def _notes(review: Review, found: list[PrismaFlow]) -> list[str]:
    notes = []
    for flow in found:
        checks = prisma_checks(flow)
        wrong = [c for c in checks if not c.holds]
        for c in wrong:
            why = f": {c.note}" if c.note else ""
            notes.append(f"{flow.origin}: {c.text} ({c.rule}){why}.")
        if checks and not wrong:
            notes.append(f"{flow.origin}: all {len(checks)} sums add up.")
        notes += [f"{flow.origin}: {note}." for note in flow.notes]
    facts = review.published
    claimed = facts.source.studies_claimed if facts else None
    if claimed is not None:
        own = found[-1].included
        if own != claimed and review.filter is None:
            notes.append(f"The paper speaks of {claimed:,} studies; the folder holds {own:,}.")
    return notes
