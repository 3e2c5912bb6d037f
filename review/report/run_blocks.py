"""What every pooled model has in a report, of one effect or of many: account, panels, remarks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from review.report.blocks import Bullets, text
from review.report.sections.panels_section import panel_block
from review.report.table_cells import table_of
from review.words import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from review.analysis_api import Artifact
    from review.project import Review
    from review.report.blocks import Block, Paragraph, Section
    from review.report.everyday_scale import Everyday
    from review.report.results import Results


class Reported(Protocol):
    """A result that words its own methods, results and references."""

    def report_text(self) -> str:
        """Return three parts with a heading each."""
        ...


def account(result: Reported) -> tuple[str, str, tuple[str, ...]]:
    """Return methods, results and references of a model, as its own report text words them."""
    parts = result.report_text().split("\n\n")
    found = {part.partition(":")[0]: part.partition(":")[2].strip() for part in parts}
    references = tuple(line.removeprefix("- ") for line in found["References"].splitlines())
    return found["Methods"], found["Results"], references


def nothing_pooled(
    section: Section, lacking: Sequence[str], results: Results, said: str = "Not pooled:"
) -> Section:
    """Return a section without a result; what the review planned is told to its readers."""
    if not (lacking and results.review.settings.meta):
        return section
    return replace(section, blocks=(*section.blocks, *not_pooled(lacking, said)), planned=True)


def in_words(said: Everyday) -> Paragraph:
    """Return an average on the scale of readers, which stands before that of the model."""
    return text(" ".join(part for part in (*said.answer, said.likely, said.new) if part))


def panels_of(review: Review, artifacts: Iterable[Artifact], title: str = "") -> list[Block]:
    """Return the panels of figures; `title` says which model they are of."""
    named = f": {title}" if title else ""
    return [
        panel_block(review, artifact, replace(panel, title=f"{panel.title}{named}"))
        for artifact in artifacts
        for panel in artifact.panels
    ]


def left_out_table(
    left_out: Sequence[tuple[str, str]], caption: str, name: str
) -> tuple[Block, ...]:
    """Return the folded table of what a model left out, or nothing."""
    if not left_out:
        return ()
    rows = [{"study": label, "reason": why} for label, why in left_out]
    table = table_of(rows, caption=caption, name=f"not-pooled-{name}", folded=True)
    return (replace(table, reasons=True),)


def not_pooled(lacking: Sequence[str], said: str = "Not pooled:") -> list[Block]:
    """Return what could not be pooled, each with the reason, or nothing."""
    return [text(said), remarks(lacking)] if lacking else []


def remarks(notes: Iterable[str]) -> Bullets:
    """Return notes as a list of sentences."""
    return Bullets(tuple((sentence(note),) for note in notes))
