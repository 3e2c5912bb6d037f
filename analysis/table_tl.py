"""Table tl: what each transfer-learning type trains, network by network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.analysis_api import Artifact, Options, Panel
from review.models.transfer import TransferCount, transfer_counts
from review.plots.network_figures import transfer_bars
from review.workflow.model_size import usual_classes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review

ROLES = ("backbone", "tl_type")
TITLE = "Trained and total parameters of each transfer-learning type"
BLOCKS = (
    "Blocks are the parts that a network is built of: the five blocks of VGG, the stages of "
    "ResNet and DenseNet, the modules of Inception."
)
NOTES = (BLOCKS, "Frozen blocks keep the statistics of their batch normalisation as well.")


def build(review: Review, options: Options) -> Artifact:  # noqa: ARG001  same for every selection
    """Return the counts of all networks under the four types."""
    classes = usual_classes(review)
    panels = (
        _panel("a", "fully connected layers kept", transfer_counts(n_classes=classes)),
        _panel("b", "one thin layer instead", transfer_counts(n_classes=classes, head="thin")),
    )
    return Artifact(
        kind="table",
        key="tl",
        title=TITLE,
        caption=f"For {classes} classes. The last layer is replaced in every type; fine-tuning "
        "trains the last block of the feature extractor as well. A hybrid has no fully connected "
        "layers: the parameters of its classical classifier are not counted. Panel a keeps the "
        "other fully connected layers and trains them; panel b has one thin layer instead.",
        panels=panels,
        notes=NOTES,
    )


def _panel(letter: str, title: str, counts: Sequence[TransferCount]) -> Panel:
    rows = [c.to_dict() for c in counts]
    networks = len({c.backbone for c in counts})
    classes = counts[0].n_classes
    return Panel(
        letter=letter,
        title=title,
        rows=rows,
        statistics={"n_classes": classes, "counts": rows},
        figure=transfer_bars(
            counts, f"{letter}  Share of the parameters trained, {classes} classes: {title}"
        ),
        alt=f"Bars: share of the parameters that each type trains, for {networks} networks.",
    )
