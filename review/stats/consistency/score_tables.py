"""Is there a 2 x 2 table of whole numbers that gives all printed scores of a classifier?

For each number of true positives the true negatives that a score allows are an interval, since
every score below grows (or falls) with the true negatives when the true positives are fixed. The
intersection over the scores is found for all true positives at once, so that a test set of p
positives costs O(p) and no table is tried one by one. Idea of the exhaustive check: Fazekas and
Kovács (2024), Knowl-Based Syst 285:111355; the interval form is worked out here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from review.stats.ground.least_squares import FloatArray

    Score = Callable[[Any, Any, float, float], Any]

# beside rounding: differences of the last bits must not make a table impossible
_SLACK: Final = 1e-9


def _mcc(tp: Any, tn: Any, p: float, n: float) -> Any:
    fp, fn = n - tn, p - tp
    return (tp * tn - fp * fn) / np.sqrt((tp + fp) * p * n * (tn + fn))


def _kappa(tp: Any, tn: Any, p: float, n: float) -> Any:
    fp, fn, total = n - tn, p - tp, p + n
    chance = ((tp + fp) * p + (tn + fn) * n) / total**2
    return ((tp + tn) / total - chance) / (1 - chance)


# score -> its value from true positives, true negatives, positives, negatives; nan where undefined
SCORES: Final[dict[str, Score]] = {
    "accuracy": lambda tp, tn, p, n: (tp + tn) / (p + n),
    "sensitivity": lambda tp, tn, p, n: tp / p + 0 * tn,  # noqa: ARG005  one signature for all
    "specificity": lambda tp, tn, p, n: tn / n + 0 * tp,  # noqa: ARG005
    "precision": lambda tp, tn, p, n: tp / (tp + n - tn),  # noqa: ARG005
    "npv": lambda tp, tn, p, n: tn / (tn + p - tp),  # noqa: ARG005
    "f1": lambda tp, tn, p, n: 2 * tp / (tp + p + n - tn),
    "dice": lambda tp, tn, p, n: 2 * tp / (tp + p + n - tn),
    "iou": lambda tp, tn, p, n: tp / (p + n - tn) + 0 * tp,
    "balanced_accuracy": lambda tp, tn, p, n: (tp / p + tn / n) / 2,
    "mcc": _mcc,
    "kappa": _kappa,
    "lr_pos": lambda tp, tn, p, n: (tp / p) / ((n - tn) / n),
    "lr_neg": lambda tp, tn, p, n: ((p - tp) / p) / (tn / n),
}
FALLING: Final = frozenset({"lr_neg"})  # with the true negatives; all others do not fall


@dataclass(frozen=True)
class Tables:
    """The tables that give all scores.

    Attributes:
        count: how many there are.
        positives, negatives, tp, tn: one of them, in the middle; None when there is none.
    """

    count: int
    positives: int | None = None
    negatives: int | None = None
    tp: int | None = None
    tn: int | None = None


def tables_with(
    ranges: Mapping[str, tuple[float, float]], positives: int, negatives: int
) -> Tables:
    """Find the tables of a test set that give every score within its range.

    Args:
        ranges: score of `SCORES` -> the smallest and largest number that prints like it.
        positives: size of the class, 1 or more.
        negatives: of the other.

    Example:
        >>> stated = {"accuracy": (0.895, 0.905), "sensitivity": (0.895, 0.905)}
        >>> tables_with(stated, 10, 10)
        Tables(count=1, positives=10, negatives=10, tp=9, tn=9)
        >>> tables_with(stated | {"specificity": (0.495, 0.505)}, 10, 10).count
        0
    """
    tp, low, high = true_negatives(ranges, positives, negatives)
    sizes = np.maximum(high - low + 1, 0)
    count = int(sizes.sum())
    if count == 0:
        return Tables(0)
    at = int(np.searchsorted(np.cumsum(sizes), (count + 1) // 2))
    return Tables(count, positives, negatives, int(tp[at]), int((low[at] + high[at]) // 2))


def true_negatives(
    ranges: Mapping[str, tuple[float, float]], positives: int, negatives: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the true positives that are possible, and the least and most true negatives of each.

    Returns:
        Three arrays of whole numbers of one length; least > most where there are none.
    """
    p, n = positives, negatives
    first, last = 0, p
    if "sensitivity" in ranges:
        a, b = ranges["sensitivity"]
        first = max(0, int(np.ceil(a * p - _SLACK * p)))
        last = min(p, int(np.floor(b * p + _SLACK * p)))
    tp = np.arange(first, last + 1, dtype=np.int64)
    low, high = np.zeros_like(tp), np.full_like(tp, n)
    for name, (a, b) in ranges.items():
        if name != "sensitivity":
            curves = _Curves(name, tp, p, n)
            low = np.maximum(low, curves.least((a, b)))
            high = np.minimum(high, curves.most((a, b)))
    return tp, low, high


@dataclass(frozen=True)
class _Curves:
    """One score over the true negatives, for each number of true positives `tp`."""

    name: str
    tp: npt.NDArray[np.int64]
    positives: int
    negatives: int

    def least(self, ends: tuple[float, float]) -> npt.NDArray[np.int64]:
        """The fewest true negatives at which the score is in its range or beyond it."""
        a, b = ends
        if self.name in FALLING:
            return self._first(lambda tn: self.value(tn, np.inf) <= b + _slack(b))
        return self._first(lambda tn: self.value(tn, -np.inf) >= a - _slack(a))

    def most(self, ends: tuple[float, float]) -> npt.NDArray[np.int64]:
        """The most true negatives at which the score has not left its range."""
        a, b = ends
        if self.name in FALLING:
            return self._first(lambda tn: self.value(tn, np.inf) < a - _slack(a)) - 1
        return self._first(lambda tn: self.value(tn, -np.inf) > b + _slack(b)) - 1

    def value(self, tn: npt.NDArray[np.int64], start: float) -> FloatArray:
        """The score; where it is 0/0 it counts as `start`, which is beyond its first values.

        0/0 comes at one end alone: precision without a predicted positive (all true negatives, no
        true positive), npv and lr_neg without a predicted negative (no true negative).
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            value: FloatArray = np.asarray(
                SCORES[self.name](
                    self.tp.astype(float), tn.astype(float), float(self.positives),
                    float(self.negatives),
                ),
                dtype=float,
            )  # fmt: skip
        return np.where(np.isnan(value), np.where(tn == 0, start, -start), value)

    def _first(self, holds: Callable[[Any], Any]) -> npt.NDArray[np.int64]:
        """The smallest true negatives from which on a condition holds; beyond all when never."""
        n = self.negatives
        low, high = np.zeros_like(self.tp), np.full_like(self.tp, n + 1)
        while (low < high).any():
            middle = (low + high) // 2
            yes = np.asarray(holds(np.minimum(middle, n))) | (middle > n)
            open_ = low < high
            high = np.where(open_ & yes, middle, high)
            low = np.where(open_ & ~yes, middle + 1, low)
        return low


def _slack(end: float) -> float:
    return _SLACK * max(1.0, abs(end))


def tables_of_unknown_classes(ranges: Mapping[str, tuple[float, float]], total: int) -> Tables:
    """Find tables of a test set of which only the size is known.

    Args:
        ranges: see `tables_with`.
        total: cases, 2 or more.

    Returns:
        `count` is 1 when there is a table (they are not all counted), 0 otherwise.

    Example:
        >>> tables_of_unknown_classes({"sensitivity": (0.332, 0.334)}, 10).positives
        6
    """
    # from balanced classes outwards: a table is found soon where there is one
    sizes = np.arange(1, total)
    for positives in sizes[np.argsort(np.abs(sizes - total / 2), kind="stable")].tolist():
        if not _may_mix(ranges, positives / total):
            continue
        found = tables_with(ranges, positives, total - positives)
        if found.count:
            return Tables(1, found.positives, found.negatives, found.tp, found.tn)
    return Tables(0)


def _may_mix(ranges: Mapping[str, tuple[float, float]], share: float) -> bool:
    """Whether accuracy can be the mean of sensitivity and specificity with a share of positives."""
    if not {"accuracy", "sensitivity", "specificity"} <= set(ranges):
        return True
    (a, b), sens, spec = (ranges[m] for m in ("accuracy", "sensitivity", "specificity"))
    low, high = (share * sens[i] + (1 - share) * spec[i] for i in (0, 1))
    return low <= b + _SLACK and high >= a - _SLACK


def nearest_values(
    ranges: Mapping[str, tuple[float, float]], name: str, positives: int, negatives: int
) -> tuple[float, ...]:
    """Return the values of one score nearest to its range that the other scores allow.

    Returns:
        The nearest below and above the range; fewer where there is none.
    """
    others = {other: ends for other, ends in ranges.items() if other != name}
    tp, low, high = true_negatives(others, positives, negatives)
    keep = low <= high
    tp, low, high = tp[keep], low[keep], high[keep]
    if not len(tp):
        return ()
    a, b = ranges[name]
    curves = _Curves(name, tp, positives, negatives)
    around = (curves.least((a, b)) - 1, curves.most((a, b)) + 1)
    values = np.concatenate(
        [curves.value(np.clip(tn, low, high), np.nan) for tn in (low, *around, high)]
    )
    values = values[np.isfinite(values)]
    under, over = values[values < a], values[values > b]
    return tuple(float(f(v)) for f, v in ((np.max, under), (np.min, over)) if len(v))
