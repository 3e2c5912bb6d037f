"""The first page: question, answer, how sure, one picture, who and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.report.blocks import Facts, Plot, Section
from review.report.in_short import in_short

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results

TITLE: Final = "In short"


def build(results: Results) -> Section:
    """Return the section."""
    found = in_short(results)
    blocks: list[Block] = [found.lead]
    if found.picture:
        blocks.append(Plot("glance", "At a glance", found.alt, found.caption, svg=found.picture))
    blocks.append(Facts(found.facts))
    return Section("summary", TITLE, tuple(blocks))
