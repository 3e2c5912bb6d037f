"""Medians pooled as such: the median of one group, and the difference of the medians of two.

The variance of a median is 1 / (4 n f(m)^2) with the density f of a distribution fitted to the
printed quantiles. Source: McGrath, Sohn, Steele and Benedetti (2020), Biom J 62, 69, sec. 2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from review.stats.effects.fivenumber import Quantiles
from review.stats.effects.measure import (
    Columns,
    Estimate,
    Family,
    FloatArray,
    Measure,
    Options,
    table,
)
from review.stats.effects.quantile_fit import fit_quantiles

if TYPE_CHECKING:
    from review.stats.effects.row_account import Audit

ONE: Final = ("mini", "q1i", "mediani", "q3i", "maxi", "ni")
TWO: Final = tuple(
    (f"min{j}i", f"q1_{j}i", f"median{j}i", f"q3_{j}i", f"max{j}i", f"n{j}i") for j in (1, 2)
)


def median_variance(quantiles: Quantiles) -> FloatArray:
    """Sampling variances of medians, (k,); NaN where no distribution can be fitted.

    Args:
        quantiles: columns, (k,) each.

    Example:
        >>> nan = float("nan")
        >>> median_variance(Quantiles(nan, [2.0], [6.1], [10.2], nan, [100.0])).round(4).tolist()
        [0.5804]
    """
    columns = quantiles.arrays()
    out = np.full(len(columns[0]), np.nan)
    for i, row in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        fit = fit_quantiles(Quantiles(*row))
        if fit is not None and fit.median_density > 0:
            out[i] = 1 / (4 * row[-1] * fit.median_density**2)
    return out


def check_quantiles(x: Columns, names: tuple[str, ...], audit: Audit) -> None:
    """Demand that minimum, quartiles, median and maximum are in order, where they are known."""
    known = [name for name in names[:-1] if name in x]
    for name in known:
        audit.finite(name, x[name])
    for i, low in enumerate(known):
        for high in known[i + 1 :]:
            audit.forbid(x[low] > x[high], low, x[low], f"must not exceed {high}")
    if names[-1] in x:
        audit.positive(names[-1], x[names[-1]], "a sample size")


def quantiles_of(x: Columns, names: tuple[str, ...]) -> Quantiles:
    """Collect the columns of one group; those that are not there are NaN."""
    k = len(next(iter(x.values())))
    return Quantiles(*(x.get(name, np.full(k, np.nan)) for name in names))


def _prepare_one(x: Columns, _: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    check_quantiles(x, ONE, audit)
    return {"m": x["mediani"], "v": median_variance(quantiles_of(x, ONE))}, x["ni"]


def _prepare_two(x: Columns, _: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    for names in TWO:
        check_quantiles(x, names, audit)
    m = x["median1i"] - x["median2i"]
    v = median_variance(quantiles_of(x, TWO[0])) + median_variance(quantiles_of(x, TWO[1]))
    return {"m": m, "v": v}, x["n1i"] + x["n2i"]


def _median(x: Columns, _: Options) -> Estimate:
    return x["m"], x["v"]


def _alternatives(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    low, q1, median, q3, high, n = names
    return (median, q1, q3, n), (median, low, high, n)


ONE_GROUP = Family(
    "mediani, ni and the quartiles q1i, q3i or the range mini, maxi",
    _alternatives(ONE),
    _prepare_one,
    counts=("ni",),
)
TWO_GROUPS = Family(
    "median1i, n1i, median2i, n2i and the quartiles q1_1i, q3_1i, q1_2i, q3_2i or the ranges "
    "min1i, max1i, min2i, max2i",
    tuple(a + b for a in _alternatives(TWO[0]) for b in _alternatives(TWO[1])),
    _prepare_two,
    counts=("n1i", "n2i"),
)
MEASURES = table(
    Measure("MED", "median", ONE_GROUP, _median),
    Measure("MEDD", "difference of medians", TWO_GROUPS, _median),
)
