"""Krippendorff's alpha with a bootstrap interval over units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from review.stats.agreement.category_agreement import (
    SEED,
    Estimate,
    bootstrap_interval,
    category_counts,
)
from review.stats.agreement.category_order import need_order

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from review.stats.agreement.category_agreement import Ratings

    Replicates: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.float64]]

Level = Literal["nominal", "ordinal", "interval"]
# the library's arrays hold units x categories x categories numbers: beyond this, 80 MB, the
# equivalent sums over units serve, which the bootstrap uses anyway
LIBRARY_CELLS: Final = 10_000_000
_NO_PAIR: Final = "no unit has two values"
_ONE_VALUE: Final = "every value is the same: without variation alpha is 0/0"


def krippendorff_alpha(
    ratings: Ratings,
    *,
    measured: Level = "nominal",
    categories: Sequence[Hashable] | None = None,
    n_boot: int = 1000,
    seed: int = SEED,
) -> Estimate:
    """Return Krippendorff's alpha for any number of coders and missing values.

    The value is the `krippendorff` library's (Krippendorff, Content Analysis, 4th ed. 2019,
    chapter 12); the interval is the 95 % percentile bootstrap over units, which resamples
    observed and expected disagreement together.

    Args:
        ratings: coders x units; numbers when `measured` is "interval".
        measured: level of measurement.
        categories: the categories in ascending order (ordinal; words need it).
        n_boot: bootstrap replicates.
        seed: of the random numbers.

    Raises:
        InputError: a value outside `categories`, or ordinal words of unknown order.

    Example:
        >>> krippendorff_alpha([[1, 2, 2], [1, 2, 2]], n_boot=0).value
        1.0
    """
    method = f"Krippendorff's alpha ({measured}), bootstrap interval over units"
    if measured == "interval":
        return _of_numbers(ratings, method, n_boot=n_boot, seed=seed)
    if measured == "ordinal":
        need_order(ratings, categories, "ordinal distances")
    counts, _ = category_counts(ratings, categories)
    counts = counts[counts.sum(axis=1) >= 2]
    counts = counts[:, counts.sum(axis=0) > 0]
    n, q = counts.shape
    if not n:
        return Estimate(None, None, None, 0, method, _NO_PAIR)
    if q < 2:
        return Estimate(None, None, None, n, method, _ONE_VALUE)
    replicates = _ordinal(counts) if measured == "ordinal" else _nominal(counts)
    value = _library(counts, np.arange(q, dtype=float), measured, replicates)
    low, high, note = bootstrap_interval(replicates, n, n_boot=n_boot, seed=seed)
    return Estimate(value, low, high, n, method, note)


def _of_numbers(ratings: Ratings, method: str, *, n_boot: int, seed: int) -> Estimate:
    """Return alpha of numbers, with memory linear in how many there are."""
    units = [[float(v) for v in unit if v is not None] for unit in zip(*ratings, strict=True)]
    units = [unit for unit in units if len(unit) >= 2]
    if not units:
        return Estimate(None, None, None, 0, method, _NO_PAIR)
    values = np.unique([v for unit in units for v in unit])
    if len(values) < 2:
        return Estimate(None, None, None, len(units), method, _ONE_VALUE)
    replicates = _interval(units, values)
    counts = None
    if len(units) * len(values) ** 2 <= LIBRARY_CELLS:
        place = {v: i for i, v in enumerate(values)}
        counts = np.zeros((len(units), len(values)), dtype=np.int64)
        for row, unit in zip(counts, units, strict=True):
            for v in unit:
                row[place[v]] += 1
    value = (
        float(replicates(np.ones((1, len(units)), dtype=np.int64))[0])
        if counts is None
        else _library(counts, values, "interval", replicates)
    )
    low, high, note = bootstrap_interval(replicates, len(units), n_boot=n_boot, seed=seed)
    return Estimate(value, low, high, len(units), method, note)


def _library(
    counts: NDArray[np.int64], values: NDArray[np.float64], measured: Level, own: Replicates
) -> float:
    """Return the library's alpha, or the equivalent sums where its arrays would be too large."""
    import krippendorff

    n, q = counts.shape
    if n * q**2 > LIBRARY_CELLS:
        return float(own(np.ones((1, n), dtype=np.int64))[0])
    return float(
        krippendorff.alpha(
            value_counts=counts, value_domain=list(values), level_of_measurement=measured
        )
    )


def _alpha(
    observed: NDArray[np.float64], expected: NDArray[np.float64], total: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return 1 - Do/De; NaN where a sample has no variation."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(expected > 0, 1 - (total - 1) * observed / expected, np.nan))


def _nominal(counts: NDArray[np.int64]) -> Replicates:
    m = counts.sum(axis=1)
    observed = (m * m - (counts**2).sum(axis=1)) / (m - 1)

    def replicates(weight: NDArray[np.int64]) -> NDArray[np.float64]:
        margins = (weight @ counts).astype(float)
        total = margins.sum(axis=1)
        return _alpha(weight @ observed, total**2 - (margins**2).sum(axis=1), total)

    return replicates


def _interval(units: Sequence[Sequence[float]], values: NDArray[np.float64]) -> Replicates:
    # alpha does not change when the numbers are shifted and scaled; centred numbers lose no digits
    middle, spread = float(values.mean()), float(np.ptp(values))
    scaled = [(np.asarray(unit) - middle) / spread for unit in units]
    m = np.array([len(x) for x in scaled])
    first = np.array([x.sum() for x in scaled])
    second = np.array([(x * x).sum() for x in scaled])
    # sum over pairs of (a - b)^2 = 2 m sum (x - mean)^2: exactly 0 where all values are equal
    inside = np.array([((x - x.mean()) ** 2).sum() if np.ptp(x) else 0.0 for x in scaled])
    observed = 2 * m * inside / (m - 1)

    def replicates(weight: NDArray[np.int64]) -> NDArray[np.float64]:
        total, one, two = weight @ m.astype(float), weight @ first, weight @ second
        expected = 2 * (total * two - one**2)
        expected[expected < 1e-12 * total**2] = 0.0
        return _alpha(weight @ observed, expected, total)

    return replicates


def _ordinal(counts: NDArray[np.int64]) -> Replicates:
    m = counts.sum(axis=1)
    q = counts.shape[1]
    coincidences = (counts[:, :, None] * counts[:, None, :]).astype(float)
    coincidences -= counts[:, :, None] * np.eye(q)
    coincidences /= (m - 1)[:, None, None]

    def replicates(weight: NDArray[np.int64]) -> NDArray[np.float64]:
        margins = (weight @ counts).astype(float)
        total = margins.sum(axis=1)
        # squared ordinal distance: the ranks between two categories, half of the ends included
        rank = np.cumsum(margins, axis=1) - margins / 2
        distance = (rank[:, :, None] - rank[:, None, :]) ** 2
        seen = np.einsum("bu,ucd->bcd", weight.astype(float), coincidences)
        observed = (seen * distance).sum(axis=(1, 2))
        chance = (margins[:, :, None] * margins[:, None, :] * distance).sum(axis=(1, 2))
        return _alpha(observed, chance, total)

    return replicates
