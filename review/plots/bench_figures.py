"""The figures, notes and tables of a bench, from its one result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.analysis_api import Artifact, Panel
from review.plots.theme import words
from review.plots.training import curves, stability
from review.words import percent, significant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.models.bench_result import BenchResult


def bench_artifact(result: BenchResult) -> Artifact:
    """Return the curves of accuracy and loss, and the stability of the runs."""
    rows, runs = result.rows(), [run.summary() for run in result.runs]
    drawn = [run for run in result.runs if run.learning_rate is not None]
    panels = [
        Panel(
            letter="a",
            title="Accuracy by epoch",
            rows=rows,
            statistics=result.to_dict(),
            figure=curves(result, "accuracy", "a  Accuracy by epoch") if drawn else None,
            alt=f"Training and validation accuracy of {len(runs)} runs.",
        )
    ]
    if drawn:
        panels.append(
            Panel(
                letter="b",
                title="Loss by epoch",
                rows=[],
                figure=curves(result, "loss", "b  Loss by epoch"),
                alt=f"Curves of training and validation loss of {len(drawn)} runs.",
            )
        )
    steady = any(run.fluctuation("val_accuracy") is not None for run in result.runs)
    panels.append(
        Panel(
            letter="c",
            title="Stability across epochs, and averages",
            rows=runs,
            figure=stability(result, "c  Change from epoch to epoch") if steady else None,
            alt="Average change of validation accuracy and loss from one epoch to the next.",
        )
    )
    return Artifact(
        kind="figure",
        key="bench",
        title="Transfer-learning types on a folder of images",
        caption="Averages are over the epochs, as in Druzhinina et al. (2021). Training values are "
        "taken while the epoch is trained, validation values afterwards.",
        panels=tuple(panels),
        notes=tuple(notes(result)),
    )


def notes(result: BenchResult) -> Iterator[str]:
    """Yield what has to be known to read the curves, and what the runs show."""
    n = sum(result.val_n)
    yield (
        f"{sum(result.train_n)} images to train, {n} to validate, {len(result.classes)} classes "
        f"({', '.join(result.classes)}); one validation image is {significant(100 / n, 3)} points "
        "of accuracy, always naming the most frequent class gives "
        f"{percent(100 * result.baseline)}."
    )
    if result.settings.weights == "none":
        yield (
            "The networks started from random weights: frozen layers have learned nothing. Use "
            "--weights imagenet or a file for transfer learning."
        )
    if result.ignored:
        yield f"{len(result.ignored)} files are no images and were passed over."
    for run in result.runs:
        if run.diverged is not None:
            yield (
                f"{words(run.subject)}, {run.setting}, seed {run.seed}: the loss was no number in "
                f"epoch {run.diverged}; the run was stopped."
            )
    for c in result.comparisons():
        steadier = "" if c.fluctuation is None else f", fluctuation {100 * c.fluctuation:+.2f}"
        yield (
            f"{words(c.subject)}: {c.gentler} against {c.other}: mean validation accuracy "
            f"{100 * c.accuracy:+.2f} points{steadier} "
            f"({c.seeds} {'seed' if c.seeds == 1 else 'seeds'}); the survey's finding "
            f"{'holds' if c.holds else 'does not hold'} here."
        )
