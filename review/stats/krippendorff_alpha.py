"""Krippendorff's alpha with a bootstrap interval over units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from review.stats.agreement import SEED, Estimate, bootstrap_interval, category_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from review.stats.agreement import Ratings

    Replicates: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.float64]]

Level = Literal["nominal", "ordinal", "interval"]


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
        categories: the categories in ascending order (ordinal).
        n_boot: bootstrap replicates.
        seed: of the random numbers.

    Example:
        >>> krippendorff_alpha([[1, 2, 2], [1, 2, 2]], n_boot=0).value
        1.0
    """
    import krippendorff

    method = f"Krippendorff's alpha ({measured}), bootstrap interval over units"
    if measured == "interval":
        numbers = sorted({float(v) for row in ratings for v in row if v is not None})
        floats = [[None if v is None else float(v) for v in row] for row in ratings]
        counts, _ = category_counts(floats, numbers)
        values = np.asarray(numbers, dtype=float)
    else:
        counts, order = category_counts(ratings, categories)
        values = np.arange(len(order), dtype=float)
    counts = counts[counts.sum(axis=1) >= 2]
    n = len(counts)
    if not n:
        return Estimate(None, None, None, 0, method, "no unit has two values")
    used = counts.sum(axis=0) > 0
    counts, values = counts[:, used], values[used]
    if len(values) < 2:
        note = "every value is the same: without variation alpha is 0/0"
        return Estimate(None, None, None, n, method, note)
    if measured == "interval":
        replicates = _interval(counts, values)
    else:
        replicates = _ordinal(counts) if measured == "ordinal" else _nominal(counts)
    value = float(
        krippendorff.alpha(
            value_counts=counts, value_domain=list(values), level_of_measurement=measured
        )
        if len(values) <= 500
        # the library builds categories x categories: for many numbers use the moment form
        else replicates(np.ones((1, n), dtype=np.int64))[0]
    )
    low, high, note = bootstrap_interval(replicates, n, n_boot=n_boot, seed=seed)
    return Estimate(value, low, high, n, method, note)


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


def _interval(counts: NDArray[np.int64], values: NDArray[np.float64]) -> Replicates:
    # alpha does not change when the numbers are shifted and scaled; centred numbers lose no digits
    x = (values - values.mean()) / (np.ptp(values) or 1.0)
    m, first, second = counts.sum(axis=1), counts @ x, counts @ (x * x)
    observed = np.maximum(2 * (m * second - first**2) / (m - 1), 0.0)
    observed[(counts > 0).sum(axis=1) == 1] = 0.0

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
