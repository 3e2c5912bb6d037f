"""The figures of the review, interactive, each with caption and data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.project.folder_code import MODULES
from review.report.blocks import Link, Section, empty, text
from review.report.results import Lacking
from review.report.sections.panels_section import artifact_group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.analysis_api import Artifact
    from review.report.blocks import Block
    from review.report.results import Results

TITLE: Final = "Figures"
OVERVIEW: Final = "1"
FLOW: Final = "3"  # the flow diagram has a section of its own
# statistic of a panel -> its name in words, its references
STATISTICS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "spearman": ("Spearman's rank correlation", ("spearman1904", "bonett2000")),
    "cramers_v": ("Cramér's V", ("cramer1946",)),
}


def build(results: Results) -> Section:
    """Return the section."""
    blocks: list[Block] = []
    lacking: list[str] = []
    for key, artifact in results.figures.items():
        if isinstance(artifact, Lacking):
            lacking.append(f"Figure {key}: {artifact.reason}")
        elif key == FLOW:
            blocks.append(text("Figure 3 is the ", Link("flow of studies", "#flow"), "."))
        elif key == OVERVIEW and not any(p.statistics.get("variables") for p in artifact.panels):
            continue  # without categories it repeats the first page
        else:
            blocks.append(artifact_group(results.review, artifact))
    unused = [n for n in results.review.code.left_out if n.startswith(f"{MODULES}/")]
    if unused:
        lacking.append(f"left out, because the folder is not trusted: {', '.join(unused)}")
    if not blocks:
        return empty("figures", TITLE, "There are no figures.", *lacking)
    built = [a for a in results.figures.values() if not isinstance(a, Lacking)]
    found = dict.fromkeys(pair for artifact in built for pair in _methods(artifact))
    return Section(
        "figures",
        TITLE,
        tuple(blocks),
        methods=tuple(said for said, _ in found),
        remarks=tuple(lacking),
        references=tuple(dict.fromkeys(key for _, keys in found for key in keys)),
    )


def _methods(artifact: Artifact) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield a sentence per statistic of a figure, and the references of the method."""
    for panel in artifact.panels:
        for name, (title, references) in STATISTICS.items():
            found = panel.statistics.get(name)
            if isinstance(found, dict) and found.get("method"):
                said = f"Figure {artifact.key}: {title}; p-value: {found['method']}"
                interval = found.get("ci_method")
                yield f"{said}{f'; interval: {interval}' if interval else ''}.", references
        if panel.statistics.get("within_studies"):
            yield f"Figure {artifact.key}: sign test of comparisons within studies.", ()
