"""Standardised mean differences, and the correlations and odds ratios derived from them.

Cohen's d divides the difference of two means by a standard deviation with m degrees of freedom;
Hedges' g = J(m) d removes its small-sample bias.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from review.stats.effects.measure import (
    Columns,
    Estimate,
    Family,
    FloatArray,
    Formula,
    Measure,
    Options,
    Step,
    table,
    weighted_mean,
)
from review.stats.effects.two_by_two import LOGIT_SCALE, PROBIT_SCALE

if TYPE_CHECKING:
    from review.stats.effects.row_account import Audit

BORENSTEIN = "Borenstein et al. (2009), Introduction to Meta-Analysis, ch. 4 and 7"
FULL = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")


def hedges_factor(m: FloatArray) -> FloatArray:
    """J(m) = gamma(m / 2) / (sqrt(m / 2) gamma((m - 1) / 2)); NaN for m <= 1.

    Source: Hedges (1981), J Educ Stat 6, 107, eq. 6e (exact, not the approximation).

    Args:
        m: degrees of freedom, any shape.

    Example:
        >>> import numpy as np
        >>> round(float(hedges_factor(np.array(10.0))), 6)
        0.922746
    """
    from scipy.special import gammaln

    m = np.where(m > 1, m, np.nan)
    return np.exp(gammaln(m / 2) - 0.5 * np.log(m / 2) - gammaln((m - 1) / 2))


def t_from_p(p: FloatArray, df: FloatArray) -> FloatArray:
    """T statistic of a signed two-sided p-value with `df` degrees of freedom."""
    from scipy.special import stdtrit

    return np.asarray(-np.sign(p) * stdtrit(df, np.abs(p) / 2), dtype=float)


def check_p(x: Columns, audit: Audit) -> None:
    """Demand signed two-sided p-values: from -1 to 1, not 0."""
    audit.within("pi", x["pi"], -1, 1, "a two-sided p-value with the sign of the effect")
    audit.forbid(x["pi"] == 0, "pi", x["pi"], "must not be 0 (give the statistic ti instead)")


def check_means(x: Columns, audit: Audit) -> None:
    """Check means, SDs, sizes and statistics, those that are there."""
    for name in ("m1i", "m2i", "mi", "di", "ti"):
        if name in x:
            audit.finite(name, x[name])
    for name in ("sd1i", "sd2i", "sdi"):
        if name in x:
            audit.not_negative(name, x[name], "a standard deviation")
    for name in ("n1i", "n2i", "ni"):
        if name in x:
            audit.positive(name, x[name], "a sample size")
    if "pi" in x:
        check_p(x, audit)


def first_known(*values: FloatArray | None) -> FloatArray:
    """Row by row, the first of several columns that has a value."""
    given = [v for v in values if v is not None]
    out = given[0]
    for column in given[1:]:
        out = np.where(np.isnan(out), column, out)
    return out


def prepare_two(x: Columns, _: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    """Check the columns of two groups and return them with their sizes n1, n2."""
    check_means(x, audit)
    n1, n2 = x["n1i"], x["n2i"]
    return {**x, "n1": n1, "n2": n2}, n1 + n2


def _prepare_d(x: Columns, _: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    """Cohen's d from means and SDs; where these are missing from di, ti or pi."""
    check_means(x, audit)
    n1, n2 = x["n1i"], x["n2i"]
    m, root = n1 + n2 - 2, np.sqrt(1 / n1 + 1 / n2)
    d = None
    if "m1i" in x:
        pooled = np.sqrt(((n1 - 1) * x["sd1i"] ** 2 + (n2 - 1) * x["sd2i"] ** 2) / m)
        d = (x["m1i"] - x["m2i"]) / pooled
    t = x["ti"] * root if "ti" in x else None
    p = t_from_p(x["pi"], m) * root if "pi" in x else None
    return {"d": first_known(d, x.get("di"), t, p), "n1": n1, "n2": n2, "m": m}, n1 + n2


def standardized(
    d: FloatArray,
    m: FloatArray,
    n: FloatArray,
    sampling: FloatArray,
    vtype: str,
    *,
    size: FloatArray | None = None,
) -> Estimate:
    """Hedges' g and its variance.

    Sources: LS Hedges (1982), Psychol Bull 92, 490, eq. 8; UB Hedges (1983), Psychol Bull 93,
    388, eq. 9; LS2 Borenstein (2009), eq. 12.17; AV puts the size-weighted mean g into LS.

    Args:
        d: Cohen's d, shape (k,).
        m: degrees of freedom of its standard deviation.
        n: sample size behind it.
        sampling: variance of the mean difference in units of the standard deviation.
        vtype: LS, UB, LS2 or AV.
        size: weights of the mean g of AV (default n).
    """
    factor = hedges_factor(m)
    g = factor * d
    if vtype == "UB":
        return g, sampling + (1 - (m - 2) / (m * factor**2)) * g**2
    if vtype == "LS2":
        return g, factor**2 * (sampling + d**2 / (2 * n))
    if vtype == "AV":
        return g, sampling + weighted_mean(g, n if size is None else size) ** 2 / (2 * n)
    return g, sampling + g**2 / (2 * n)


def _smd(x: Columns, options: Options) -> Estimate:
    n1, n2 = x["n1"], x["n2"]
    return standardized(x["d"], x["m"], n1 + n2, 1 / n1 + 1 / n2, options.vtype)


def _smd1(x: Columns, options: Options) -> Estimate:
    """Difference over the SD of group 2 (Glass 1976), bias-corrected with n2 - 1 df."""
    n1, n2 = x["n1"], x["n2"]
    d = (x["m1i"] - x["m2i"]) / x["sd2i"]
    return standardized(d, n2 - 1, n2, 1 / n1 + 1 / n2, options.vtype, size=n1 + n2)


def _smd1h(x: Columns, options: Options) -> Estimate:
    """SMD1 without equal variances: Bonett (2008), Psychol Methods 13, 99.

    The large-sample variance divides by the degrees of freedom n - 1; convention "3.8" by n.
    """
    n1, n2 = x["n1"], x["n2"]
    g = hedges_factor(n2 - 1) * (x["m1i"] - x["m2i"]) / x["sd2i"]
    off = 0 if options.convention == "3.8" else 1
    ratio = (x["sd1i"] / x["sd2i"]) ** 2
    return g, ratio / (n1 - off) + 1 / (n2 - off) + g**2 / (2 * (n2 - off))


def _smdh(x: Columns, options: Options) -> Estimate:
    """Difference over the root of the mean variance: Bonett (2008), Psychol Methods 13, 99.

    Convention "3.8" multiplies the variance once more by J**2, although g already holds J.
    """
    n1, n2, v1, v2 = x["n1"], x["n2"], x["sd1i"] ** 2, x["sd2i"] ** 2
    mean = (v1 + v2) / 2
    factor = hedges_factor(n1 + n2 - 2)
    g = factor * (x["m1i"] - x["m2i"]) / np.sqrt(mean)
    shape = (v1**2 / (n1 - 1) + v2**2 / (n2 - 1)) / (8 * mean**2)
    v = g**2 * shape + (v1 / (n1 - 1) + v2 / (n2 - 1)) / mean
    return g, factor**2 * v if options.convention == "3.8" else v


def point_biserial(d: FloatArray, n1: FloatArray, n2: FloatArray) -> FloatArray:
    """Point-biserial correlation equivalent to Cohen's d."""
    m = n1 + n2 - 2
    return d / np.sqrt(d**2 + m / n1 + m / n2)


def _rpb(x: Columns, options: Options) -> Estimate:
    """Point-biserial correlation; ST for fixed group sizes (default), CS for random ones.

    Sources: ST by the delta method from the variance of d; CS Tate (1954), Ann Math Stat 25, 603.
    """
    d, n1, n2, n = x["d"], x["n1"], x["n2"], x["n1"] + x["n2"]
    r = point_biserial(d, n1, n2)
    if options.vtype == "CS":
        return r, (1 - r**2) ** 2 * (n * r**2 / (4 * n1 * n2) + (2 - 3 * r**2) / (2 * n))
    h = (n - 2) / n1 + (n - 2) / n2
    return r, h**2 / (h + d**2) ** 3 * (1 / n1 + 1 / n2 + d**2 / (2 * n))


def _rbis(x: Columns, _: Options) -> Estimate:
    """Biserial correlation and its variance (Soper 1914; Jacobs and Viechtbauer 2017).

    The estimate exceeds 1 where the groups lie further apart than halves of one normal variable
    can; the variance is then that of 1.
    """
    from scipy.special import ndtri

    n1, n2, n = x["n1"], x["n2"], x["n1"] + x["n2"]
    p, q = n1 / n, n2 / n
    z = ndtri(q)  # the threshold with a share p above it
    height = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    r = np.sqrt(p * q) / height * point_biserial(x["d"], n1, n2)
    bend = 1.5 + (1 - p * z / height) * (1 + q * z / height)
    inside = np.clip(r, -1.0, 1.0)
    return r, (p * q / height**2 - bend * inside**2 + inside**4) / (n - 1)


def _d_to_log_odds(scale: float) -> Formula:
    """Cohen's d times `scale`: a log odds ratio (Sánchez-Meca et al. 2003)."""

    def formula(x: Columns, _: Options) -> Estimate:
        d, n1, n2 = x["d"], x["n1"], x["n2"]
        return scale * d, scale**2 * (1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2)))

    return formula


SIZES = ("n1i", "n2i")
TWO = Family("m1i, sd1i, n1i, m2i, sd2i, n2i", (FULL,), prepare_two, counts=SIZES)
GLASS = Family(
    "m1i, n1i, m2i, sd2i, n2i (the SD is that of group 2)",
    (("m1i", "n1i", "m2i", "sd2i", "n2i"),),
    prepare_two,
    extra=("sd1i",),
    counts=SIZES,
)
D = Family(
    "m1i, sd1i, n1i, m2i, sd2i, n2i, or n1i, n2i and Cohen's d di, a t statistic ti or a "
    "signed p-value pi",
    (FULL, *((*SIZES, name) for name in ("di", "ti", "pi"))),
    _prepare_d,
    steps={
        (*SIZES, "di"): Step("Cohen's d as printed", BORENSTEIN),
        (*SIZES, "ti"): Step("Cohen's d from the t statistic", BORENSTEIN),
        (*SIZES, "pi"): Step("Cohen's d from the p-value of a t test", BORENSTEIN, True),
    },
    counts=SIZES,
)
TYPES = ("LS", "UB", "LS2", "AV")

MEASURES = table(
    Measure("SMD", "standardised mean difference (Hedges' g)", D, _smd, TYPES),
    Measure("SMDH", "standardised mean difference, unequal variances", TWO, _smdh),
    Measure("SMD1", "standardised mean difference (SD of group 2)", GLASS, _smd1, TYPES),
    Measure(
        "SMD1H", "standardised mean difference (SD of group 2), unequal variances", TWO, _smd1h
    ),
    Measure("RPB", "point-biserial correlation", D, _rpb, ("ST", "CS")),
    Measure("RBIS", "biserial correlation", D, _rbis, largest=1.0),
    Measure(
        "D2ORN", "log odds ratio (from d, normal)", D, _d_to_log_odds(PROBIT_SCALE), transf="exp"
    ),
    Measure(
        "D2ORL", "log odds ratio (from d, logistic)", D, _d_to_log_odds(LOGIT_SCALE), transf="exp"
    ),
)
