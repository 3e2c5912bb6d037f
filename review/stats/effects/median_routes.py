"""Means and SDs from medians: which method, and what becomes of skewed data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import UnknownNameError
from review.stats.effects.arms import Filler
from review.stats.effects.boxcox import box_cox_mean_sd
from review.stats.effects.fivenumber import METHODS, Quantiles, mean_sd, skewness
from review.stats.effects.measure import Step
from review.stats.effects.medians import quantiles_of
from review.stats.effects.quantile_fit import fit_quantiles

if TYPE_CHECKING:
    from review.stats.effects.measure import BoolArray, Columns, FloatArray, Measure

MEDIANS: Final = (*METHODS, "qe", "bc")
SKEWED: Final = ("out", "use", "qe", "bc")
_SOURCES: Final = {
    "luo": "Luo et al. (2018); Wan et al. (2014); Shi et al. (2020)",
    "wan": "Wan et al. (2014), BMC Med Res Methodol 14, 135",
    "bland": "Bland (2015), Int J Stat Med Res 4, 57",
    "qe": "McGrath et al. (2020), Stat Methods Med Res 29, 2520 (quantile estimation)",
    "bc": "McGrath et al. (2020), Stat Methods Med Res 29, 2520 (Box-Cox)",
}
_WHY: Final = (
    "the quantiles{which} are skewed (test of Shi et al. 2023), so that mean and SD by "
    "a method for normal data mislead; the option skewed (qe or bc) converts such rows by a method "
    "for skewed data, and the measures MED and MEDD pool medians as they are"
)


def quantile_names(end: str) -> tuple[str, ...]:
    """Columns of minimum, quartiles, maximum and size of a group: 'i', '1i' or '2i'.

    Example:
        >>> quantile_names("i")[1], quantile_names("2i")[1]
        ('q1i', 'q1_2i')
    """
    mark = "_" if end != "i" else ""
    return (f"min{end}", f"q1{mark}{end}", f"median{end}", f"q3{mark}{end}", f"max{end}", f"n{end}")


def median_fillers(measure: Measure, medians: str, skewed: str) -> tuple[Filler, ...]:
    """Return the ways from medians to means and SDs.

    Args:
        measure: whose groups have means and SDs; others have no such fillers.
        medians: one of `MEDIANS`.
        skewed: what becomes of rows that the test calls skewed, when `medians` is for normal data:
            "out" leaves them out, "use" takes them as they are, "qe" and "bc" convert them so.

    Raises:
        UnknownNameError: an option that does not exist.
    """
    if not isinstance(medians, str) or medians not in MEDIANS:
        raise UnknownNameError("method", str(medians), MEDIANS, where="for medians")
    if not isinstance(skewed, str) or skewed not in SKEWED:
        raise UnknownNameError("option", str(skewed), SKEWED, where="for skewed")
    allowed = measure.family.allowed
    ends = [e for e in ("1i", "2i", "i") if f"m{e}" in allowed and f"sd{e}" in allowed]
    if "ri" in allowed:  # measures of change: medians before and after say nothing about it
        return ()
    found = []
    for end in ends:
        tested = medians in METHODS and skewed != "use"
        found += _of_group(end, medians, tested=tested)
        if tested and skewed in ("qe", "bc"):
            found += _of_group(end, skewed, tested=False)
    return tuple(found)


def _of_group(end: str, method: str, *, tested: bool) -> list[Filler]:
    names = quantile_names(end)
    low, q1, median, q3, high, n = names
    step = Step("mean and SD from median and quantiles", _SOURCES[method], approximate=True)
    gives = (f"m{end}", f"sd{end}")

    def fill(x: Columns) -> Columns:
        quantiles = quantiles_of(x, names)
        if method in METHODS:
            return dict(zip(gives, mean_sd(quantiles, method), strict=True))
        return dict(zip(gives, _row_by_row(method, quantiles), strict=True))

    def refuse(x: Columns) -> BoolArray:
        statistic, limit = skewness(quantiles_of(x, names))
        return np.asarray(statistic > limit)

    which = {"1i": " of group 1", "2i": " of group 2"}.get(end, "")
    test, why = (refuse, _WHY.format(which=which)) if tested else (None, "")
    return [
        Filler(gives, (median, q1, q3, n), step, fill, (low, high), test, why),
        Filler(gives, (median, low, high, n), step, fill, (q1, q3), test, why),
    ]


def _row_by_row(method: str, quantiles: Quantiles) -> tuple[FloatArray, FloatArray]:
    means, sds = [], []
    for numbers in zip(*(column.tolist() for column in quantiles.arrays()), strict=True):
        row = Quantiles(*numbers)
        if method == "qe":
            fit = fit_quantiles(row)
            mean, sd = (np.nan, np.nan) if fit is None else (fit.mean, fit.sd)
        else:
            mean, sd, _ = box_cox_mean_sd(row)
        means.append(mean)
        sds.append(sd)
    return np.array(means), np.array(sds)
