"""What a bench found; no torch here, so that results can be drawn and tested without it.

Averages over the epochs and the change from epoch to epoch are what Druzhinina et al. (2021) judge
their settings by: accuracy higher and loss lower on average, curves that fluctuate less.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from review.models.bench_settings import BenchSettings, PlannedRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Epoch:
    """Accuracy and loss after one pass through the training images.

    Attributes:
        train_loss, train_accuracy: while the pass was made; None for a hybrid's loss.
        val_loss, val_accuracy: afterwards, on the images held out.
    """

    epoch: int
    train_loss: float | None
    train_accuracy: float
    val_loss: float | None
    val_accuracy: float


@dataclass(frozen=True)
class Run(PlannedRun):
    """One network trained once.

    Attributes:
        source: who defines the trained network, with its weights.
        trainable, total: parameters.
        diverged: epoch in which the loss was no number any more, or None.
    """

    source: str
    trainable: int
    total: int
    curve: tuple[Epoch, ...]
    seconds: float
    diverged: int | None = None

    def mean(self, what: str) -> float | None:
        """Return the average of a column of the curve over the epochs; None when it has none."""
        values = self.values(what)
        return fmean(values) if values else None

    def values(self, what: str) -> list[float]:
        """Return a column of the curve."""
        return [v for e in self.curve if (v := getattr(e, what)) is not None]

    def fluctuation(self, what: str) -> float | None:
        """Return the average absolute change from one epoch to the next.

        Example:
            >>> curve = tuple(Epoch(i, 1.0, a, 1.0, a) for i, a in enumerate((0.5, 0.7, 0.6), 1))
            >>> run = Run("tiny", "feature_extractor", 1e-3, 3, 1, "own", 1, 2, curve, 0.1)
            >>> round(run.fluctuation("val_accuracy"), 12)
            0.15
        """
        values = self.values(what)
        if len(values) < 2:
            return None
        return fmean(abs(b - a) for a, b in itertools.pairwise(values))

    def summary(self) -> dict[str, Any]:
        """Return one flat row: what was trained, and the averages over its epochs."""
        accuracies = self.values("val_accuracy")
        best = max(accuracies) if accuracies else None
        return {
            "backbone": self.backbone,
            "tl_type": self.kind,
            "learning_rate": self.learning_rate,
            "epochs": self.epochs,
            "seed": self.seed,
            "network": self.source,
            "trainable": self.trainable,
            "total": self.total,
            "mean_train_accuracy": self.mean("train_accuracy"),
            "mean_val_accuracy": self.mean("val_accuracy"),
            "mean_train_loss": self.mean("train_loss"),
            "mean_val_loss": self.mean("val_loss"),
            "final_val_accuracy": accuracies[-1] if accuracies else None,
            "best_val_accuracy": best,
            "best_epoch": None if best is None else accuracies.index(best) + 1,
            "fluctuation_val_accuracy": self.fluctuation("val_accuracy"),
            "fluctuation_val_loss": self.fluctuation("val_loss"),
            "diverged_in_epoch": self.diverged,
            "seconds": round(self.seconds, 2),
        }


@dataclass(frozen=True)
class Comparison:
    """Two settings of the same network and type: does the gentler one do better?

    Attributes:
        gentler: the setting with the lower learning rate and at least as many epochs.
        accuracy: mean validation accuracy, gentler minus other, averaged over seeds.
        fluctuation: of the validation accuracy, gentler minus other; None with one epoch.
        seeds: how many seeds the averages are over.
    """

    subject: str
    gentler: str
    other: str
    accuracy: float
    fluctuation: float | None
    seeds: int

    @property
    def holds(self) -> bool:
        """Whether accuracy is higher and the curve steadier, as the survey found."""
        return self.accuracy > 0 and self.fluctuation is not None and self.fluctuation < 0


@dataclass(frozen=True)
class BenchResult:
    """All runs of a bench.

    Attributes:
        train_n, val_n: images per class.
        baseline: accuracy of always naming the most frequent class of the validation images.
        ignored: files in the folder that are no images, by their names.
    """

    settings: BenchSettings
    classes: tuple[str, ...]
    train_n: tuple[int, ...]
    val_n: tuple[int, ...]
    baseline: float
    ignored: tuple[str, ...]
    runs: tuple[Run, ...]

    @property
    def subjects(self) -> list[str]:
        """Networks with their type, in the order trained."""
        return list(dict.fromkeys(run.subject for run in self.runs))

    @property
    def schedules(self) -> list[str]:
        """Settings in the order trained."""
        return list(dict.fromkeys(run.setting for run in self.runs))

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per run and epoch."""
        keys = ("backbone", "tl_type", "learning_rate", "epochs", "seed")
        rows = []
        for run in self.runs:
            head = {k: v for k, v in run.summary().items() if k in keys}
            rows += [head | asdict(epoch) for epoch in run.curve]
        return rows

    def comparisons(self) -> list[Comparison]:
        """Compare each setting with the gentler ones of the same network and type."""
        found = []
        for subject in self.subjects:
            groups: dict[tuple[float, int], list[Run]] = {}
            for run in self.runs:
                if run.subject == subject and run.learning_rate is not None and run.epochs:
                    groups.setdefault((run.learning_rate, run.epochs), []).append(run)
            found += [
                _compare(subject, gentle, other)
                for (low, more), gentle in groups.items()
                for (high, fewer), other in groups.items()
                if low < high and more >= fewer
            ]
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the single epochs as JSON types."""
        settings = {
            **asdict(self.settings),
            "images": str(self.settings.images),
            "schedules": [{"learning_rate": r, "epochs": e} for r, e in self.settings.schedules],
        }
        return {
            "settings": settings,
            "classes": [
                {"class": c, "train": t, "validation": v}
                for c, t, v in zip(self.classes, self.train_n, self.val_n, strict=True)
            ],
            "baseline_accuracy": self.baseline,
            "ignored_files": list(self.ignored),
            "runs": [run.summary() for run in self.runs],
            "over_seeds": over_seeds(self.runs),
            "comparisons": [{**asdict(c), "holds": c.holds} for c in self.comparisons()],
        }


def over_seeds(runs: Iterable[Run]) -> list[dict[str, Any]]:
    """Return mean and standard deviation over the seeds of each network, type and setting."""
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.subject, run.setting), []).append(run)
    rows = []
    for (subject, setting), inside in groups.items():
        row: dict[str, Any] = {"subject": subject, "setting": setting, "seeds": len(inside)}
        for name in ("mean_val_accuracy", "final_val_accuracy", "fluctuation_val_accuracy"):
            values = [v for run in inside if (v := run.summary()[name]) is not None]
            row[name] = fmean(values) if values else None
            row[f"{name}_sd"] = stdev(values) if len(values) > 1 else None
        rows.append(row)
    return rows


def _compare(subject: str, gentle: Sequence[Run], other: Sequence[Run]) -> Comparison:
    a, b = gentle[0], other[0]

    def average(runs: Sequence[Run], values: Iterable[float | None]) -> float | None:
        known = [v for v in values if v is not None]
        return fmean(known) if len(known) == len(runs) else None

    accuracy = [average(r, (x.mean("val_accuracy") for x in r)) or 0.0 for r in (gentle, other)]
    moves = [average(r, (x.fluctuation("val_accuracy") for x in r)) for r in (gentle, other)]
    steadier = None if moves[0] is None or moves[1] is None else moves[0] - moves[1]
    return Comparison(
        subject, a.setting, b.setting, accuracy[0] - accuracy[1], steadier, len(gentle)
    )
