"""How the numbers were made: every estimator that was used, in the words of its result object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.report.blocks import Bullets, Group, Section, text
from review.report.table_cells import table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.report.blocks import Block
    from review.report.results import Results

TITLE: Final = "Methods"


def build(results: Results, sections: Sequence[Section]) -> Section:
    """Return the section.

    Args:
        results: of the review.
        sections: those of the report; each words the methods it used.
    """
    review = results.review
    blocks: list[Block] = [text(*_coding(review))]
    for section in sections:
        if section.methods:
            items = Bullets(tuple((method,) for method in section.methods))
            blocks.append(Group(f"methods-{section.name}", section.title, (items,)))
    if review.codebook.variable:
        blocks.append(Group("coding-form", "Coding form", (_codebook(review),)))
    return Section("methods", TITLE, tuple(blocks))


def _coding(review: Review) -> list[str]:
    said = [f"{len(review.studies):,} studies were coded"]
    if review.codebook.names:
        said.append(f" with a form of {len(review.codebook.names)} variables")
    if len(review.coders) > 1:
        said.append(f" by {len(review.coders)} coders")
    said.append(". An empty cell means that the text does not state the value; nothing is imputed.")
    read = sorted({s.evidence for s in review.studies if s.evidence})
    if read:
        said.append(f" What was read: {', '.join(read)}.")
    said.append(
        " Numbers keep the digits that were printed. Every number of a figure, table and text "
        "comes from one result object, so that they cannot disagree."
    )
    return said


def _codebook(review: Review) -> Block:
    rows = [
        {
            "variable": v.name,
            "label": v.title,
            "type": v.type.value,
            "unit": v.unit,
            "explanation": v.help,
            "words": ", ".join(v.vocabulary),
        }
        for v in review.codebook.variable
    ]
    return table_of(rows, caption="Variables of the coding form", name="codebook", folded=True)
