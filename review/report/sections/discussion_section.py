"""What the review means, in the words of its authors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.report.blocks import Group, Section, empty, paragraphs

if TYPE_CHECKING:
    from review.report.results import Results

TITLE: Final = "Discussion"
PARTS: Final = {
    "interpretation": "What the results mean",
    "limits_of_evidence": "Limits of the evidence",
    "limits_of_process": "Limits of this review",
    "implications": "For practice and research",
}


def build(results: Results) -> Section:
    """Return the section."""
    stated = results.review.settings.discussion
    found = {name: getattr(stated, name) for name in PARTS if getattr(stated, name)}
    if not found:
        return empty(
            "discussion", TITLE, "There is no discussion.", "no [discussion] in review.toml"
        )
    blocks = tuple(
        Group(name.replace("_", "-"), PARTS[name], paragraphs(words))
        for name, words in found.items()
    )
    return Section("discussion", TITLE, blocks)
