"""The PRISMA 2020 flow: drawing, counts, checks, and the excluded studies with their reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.report.blocks import Bullets, Cell, Estimate, Group, Link, Notice, Section, empty, text
from review.report.results import Lacking
from review.report.sections.panels_section import plot_block
from review.report.snapshot import study_link
from review.report.table_cells import table_of
from review.schema.prisma_flow import BOXES
from review.schema.prisma_sums import prisma_checks
from review.words import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.project import Review
    from review.report.blocks import Block
    from review.report.results import Results
    from review.schema.prisma_flow import PrismaFlow

TITLE: Final = "Flow of studies (PRISMA 2020)"
FIGURE: Final = "3"


def build(results: Results) -> Section:
    """Return the section."""
    found = results.flows
    drawn = results.artifact("figure", FIGURE)
    if isinstance(found, Lacking):
        return empty("flow", TITLE, "The flow of studies is not stated.", found.reason)
    blocks: list[Block] = [_broken_sums(flow) for flow in found if _wrong(flow)]
    if not isinstance(drawn, Lacking):
        # the tables below hold the numbers of all drawings
        blocks += [
            plot_block(
                f"{drawn.name}{p.letter}",
                p.title,
                None,
                svg=p.svg,
                smaller=p.smaller,
                alt=p.alt,
                caption=p.caption,
            )
            for p in drawn.panels
            if p.svg
        ]
    rows = [
        {"counts": flow.origin, "box": BOXES[name], "number": number}
        for flow in found
        for name, number in flow.counts().items()
    ]
    blocks.append(table_of(rows, caption="The numbers of the flow", name="flow"))
    sums = [
        {
            "counts": flow.origin,
            "sum": check.rule,
            "in numbers": check.text,
            "adds up": Cell("yes", tone="good") if check.holds else Cell("no", tone="bad"),
        }
        for flow in found
        for check in prisma_checks(flow)
    ]
    if sums:
        blocks.append(table_of(sums, caption="The sums of the flow, recomputed"))
    blocks += [
        Bullets(tuple((sentence(f"{flow.origin}: {note}"),) for note in flow.notes))
        for flow in found
        if flow.notes
    ]
    blocks += list(_excluded(results.review))
    return Section(
        "flow", TITLE, tuple(blocks),
        methods=(
            ("The flow of studies follows PRISMA 2020; every sum of the diagram was recomputed "
            "from its other boxes."),
        ),
        references=("page2021",),
        estimates=tuple(
            Estimate(f"flow.{i}.{name}", f"{BOXES[name]} ({flow.origin})", float(number), n=number)
            for i, flow in enumerate(found, start=1)
            for name, number in flow.counts().items()
        ),
    )  # fmt: skip


def _wrong(flow: PrismaFlow) -> list[str]:
    return [f"{check.rule}: {check.text}" for check in prisma_checks(flow) if not check.holds]


def _broken_sums(flow: PrismaFlow) -> Notice:
    said = f"{flow.origin}: the flow does not add up ({'; '.join(_wrong(flow))})"
    return Notice(sentence(said), "warning")


def _excluded(review: Review) -> Iterator[Block]:
    if not review.excluded:
        return
    rows = [
        {
            "study": Link(s.label, study_link(s)),
            "title": s.title,
            "reason": s.reason or "not stated",
        }
        for s in review.excluded
    ]
    table = table_of(
        rows, caption="Studies excluded after coding, with the reason", name="excluded", folded=True
    )
    yield Group(
        "excluded", "Excluded studies", (text(f"{len(rows):,} studies were excluded."), table)
    )
