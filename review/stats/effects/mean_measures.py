"""Measures for means and standard deviations: of two groups, and of one.

Group j has mean `mji`, standard deviation `sdji` and size `nji`; one group `mi`, `sdi`, `ni`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from review.stats.effects.measure import (
    Columns,
    Estimate,
    Family,
    FloatArray,
    Measure,
    Options,
    table,
    weighted_mean,
)
from review.stats.effects.standardized_differences import FULL, check_means, prepare_two

if TYPE_CHECKING:
    from review.stats.effects.row_account import Audit


def _prepare_one(x: Columns, _: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    check_means(x, audit)
    return x, x["ni"]


def _mean_difference(x: Columns, options: Options) -> Estimate:
    """Mean difference; LS allows unequal variances, HO pools them (Borenstein 2009, 12.3-5)."""
    n1, n2, v1, v2 = x["n1"], x["n2"], x["sd1i"] ** 2, x["sd2i"] ** 2
    y = x["m1i"] - x["m2i"]
    if options.vtype == "HO":
        pooled = ((n1 - 1) * v1 + (n2 - 1) * v2) / (n1 + n2 - 2)
        return y, pooled * (1 / n1 + 1 / n2)
    return y, v1 / n1 + v2 / n2


def _ratio_of_means(x: Columns, options: Options) -> Estimate:
    """Log ratio of means (Hedges, Gurevitch and Curtis 1999, Ecology 80, 1150).

    Variance: LS as in their eq. 1; HO with the pooled variance; AV with the size-weighted mean
    coefficient of variation of each group, AVHO of both groups (Nakagawa et al. 2023, Ecol Lett
    26, 232). The estimate has the second-order bias correction of Lajeunesse (2015), Ecology 96,
    2056; convention "3.8" is without.
    """
    n1, n2 = x["n1"], x["n2"]
    cv1, cv2 = x["sd1i"] / x["m1i"], x["sd2i"] / x["m2i"]
    y = np.log(x["m1i"] / x["m2i"])
    if options.convention != "3.8":
        y = y + 0.5 * (cv1**2 / n1 - cv2**2 / n2)
    if options.vtype == "HO":
        pooled = ((n1 - 1) * x["sd1i"] ** 2 + (n2 - 1) * x["sd2i"] ** 2) / (n1 + n2 - 2)
        return y, pooled * (1 / (n1 * x["m1i"] ** 2) + 1 / (n2 * x["m2i"] ** 2))
    if options.vtype == "LS":
        return y, cv1**2 / n1 + cv2**2 / n2
    mean1, mean2 = weighted_mean(cv1, n1), weighted_mean(cv2, n2)
    if options.vtype == "AVHO":
        mean1 = mean2 = weighted_mean((n1 * cv1 + n2 * cv2) / (n1 + n2), n1 + n2)
    return y, mean1**2 / n1 + mean2**2 / n2


def _variability_ratio(x: Columns, _: Options) -> Estimate:
    """Log ratio of SDs with its bias correction (Nakagawa et al. 2015, Methods Ecol Evol 6)."""
    h1, h2 = 1 / (2 * (x["n1"] - 1)), 1 / (2 * (x["n2"] - 1))
    return np.log(x["sd1i"] / x["sd2i"]) + h1 - h2, h1 + h2


def _cv_ratio(x: Columns, options: Options) -> Estimate:
    """Log ratio of coefficients of variation (Nakagawa et al. 2015, eq. 11-12).

    Means and SDs of normal data are independent, so the covariance terms are left out.
    The log means have their second-order bias correction (Senior, Viechtbauer and Nakagawa 2020,
    Res Synth Methods 11, 553); convention "3.8" is without.
    """
    n1, n2 = x["n1"], x["n2"]
    cv1, cv2 = x["sd1i"] / x["m1i"], x["sd2i"] / x["m2i"]
    h1, h2 = 1 / (2 * (n1 - 1)), 1 / (2 * (n2 - 1))
    y = np.log(cv1) + h1 - np.log(cv2) - h2
    if options.convention != "3.8":
        y = y - 0.5 * (cv1**2 / n1 - cv2**2 / n2)
    return y, cv1**2 / n1 + h1 + cv2**2 / n2 + h2


def _mean(x: Columns, _: Options) -> Estimate:
    return x["mi"], x["sdi"] ** 2 / x["ni"]


def _log_mean(x: Columns, _: Options) -> Estimate:
    return np.log(x["mi"]), (x["sdi"] / x["mi"]) ** 2 / x["ni"]


def _log_cv(x: Columns, _: Options) -> Estimate:
    """Log coefficient of variation (Nakagawa et al. 2015, eq. 27 without the covariance)."""
    h = 1 / (2 * (x["ni"] - 1))
    return np.log(x["sdi"] / x["mi"]) + h, h + (x["sdi"] / x["mi"]) ** 2 / x["ni"]


def _log_sd(x: Columns, _: Options) -> Estimate:
    """Log standard deviation (Raudenbush and Bryk 1987, J Educ Stat 12, 241)."""
    h = 1 / (2 * (x["ni"] - 1))
    return np.log(x["sdi"]) + h, h


TWO = Family("m1i, sd1i, n1i, m2i, sd2i, n2i", (FULL,), prepare_two, counts=("n1i", "n2i"))
SPREAD = Family(
    "sd1i, n1i, sd2i, n2i",
    (("sd1i", "n1i", "sd2i", "n2i"),),
    prepare_two,
    extra=("m1i", "m2i"),
    counts=("n1i", "n2i"),
)
ONE = Family("mi, sdi, ni", (("mi", "sdi", "ni"),), _prepare_one, counts=("ni",))
ONE_SPREAD = Family("sdi, ni", (("sdi", "ni"),), _prepare_one, extra=("mi",), counts=("ni",))

MEASURES = table(
    Measure("MD", "mean difference", TWO, _mean_difference, ("LS", "HO")),
    Measure(
        "ROM", "log ratio of means", TWO, _ratio_of_means, ("LS", "HO", "AV", "AVHO"), transf="exp"
    ),
    Measure("CVR", "log coefficient of variation ratio", TWO, _cv_ratio, transf="exp"),
    Measure("VR", "log variability ratio", SPREAD, _variability_ratio, transf="exp"),
    Measure("MN", "mean", ONE, _mean),
    Measure("MNLN", "log mean", ONE, _log_mean, transf="exp"),
    Measure("CVLN", "log coefficient of variation", ONE, _log_cv, transf="exp"),
    Measure("SDLN", "log standard deviation", ONE_SPREAD, _log_sd, transf="exp"),
)
