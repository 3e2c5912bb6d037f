"""Figure 2: the four types of transfer learning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.analysis_api import Artifact, Options, Panel
from review.errors import InputError
from review.models.transfer import transfer_counts
from review.plots.figure_sizes import PAPER, PHONE
from review.plots.narrow_drawings import narrow_types
from review.plots.tl_types import TYPES, block_rows, describe, tl_types_svg
from review.workflow.counts import CategoryCounts, count_categories
from review.workflow.model_size import usual_classes
from review.workflow.roles import need, role

if TYPE_CHECKING:
    from review.project import Review

# the networks of Kim et al. 2022, Table 1, that were trained on ImageNet
NETWORKS = ("AlexNet", "VGG16", "GoogLeNet", "ResNet50")
ROLES = ("tl_type",)
TITLE = "The four types of transfer learning: frozen, retrained and replaced blocks"


def build(review: Review, _: Options) -> Artifact:
    """Return the drawing, with how many studies use each type."""
    variable = role(review, "tl_type")
    if not variable:
        raise need(review, "figure 2", "the role tl_type")
    words = review.codebook[variable].vocabulary
    if not any(kind.word in words for kind in TYPES):
        raise InputError(
            f"figure 2 draws the types {', '.join(k.word for k in TYPES)}; the vocabulary of "
            f"{variable!r} has none of them"
        )
    counts = count_categories(review, variable)
    facts = {kind.word: _facts(counts, kind.word, review.settings.sample) for kind in TYPES}
    classes = usual_classes(review)
    counted = transfer_counts(NETWORKS, n_classes=classes)
    shares = {
        kind.word: [(c.backbone, c.share) for c in counted if c.kind == kind.word] for kind in TYPES
    }
    title = "Four types of transfer learning with a convolutional network"
    return Artifact(
        kind="figure",
        key="2",
        title="Types of transfer learning",
        caption="Blocks of a network that was pretrained on another task, and what each type of "
        f"transfer learning does with them. Bars: the share of the parameters that is trained, "
        f"for {classes} classes, all fully connected layers kept and fine-tuning of the last "
        "block. All networks, and the thin classifier, stand in '--table tl'.",
        panels=(
            Panel(
                letter="",
                title=title,
                rows=[row | _numbers(counts, row["tl_type"]) for row in block_rows()],
                statistics={
                    "studies": counts.to_dict(),
                    "parameters": [c.to_dict() for c in counted],
                },
                svg=tl_types_svg(title, facts, shares),
                smaller={m.name: narrow_types(title, facts, shares, m) for m in (PHONE, PAPER)},
                alt=describe(facts, shares),
                caption=title,
            ),
        ),
    )


def _facts(counts: CategoryCounts, word: str, sample: str) -> list[str]:
    stated = counts.studies - counts.not_stated
    lines = [f"{sample}: {counts.sample.get(word, 0)} of {stated} that state it"] if stated else []
    if counts.published:
        lines.insert(0, f"published: {counts.published.get(word, 0)} of {counts.published_total}")
    return lines


def _numbers(counts: CategoryCounts, word: str) -> dict[str, int | None]:
    return {
        "studies_published": counts.published.get(word) if counts.published else None,
        "studies_sample": counts.sample.get(word, 0),
    }
