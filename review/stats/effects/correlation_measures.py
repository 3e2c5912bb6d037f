"""Measures for correlations: Pearson, partial and semi-partial."""

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
    Step,
    table,
    weighted_mean,
)
from review.stats.effects.standardized_differences import BORENSTEIN, check_p, first_known, t_from_p

if TYPE_CHECKING:
    from review.stats.effects.row_account import Audit


def _check(x: Columns, audit: Audit) -> None:
    audit.positive("ni", x["ni"], "a sample size")
    if "ri" in x:
        audit.within("ri", x["ri"], -1, 1, "a correlation")
    if "ti" in x:
        audit.finite("ti", x["ti"])
    if "pi" in x:
        check_p(x, audit)


def _r_from(t: FloatArray, df: FloatArray) -> FloatArray:
    """Correlation with the t statistic `t` on `df` degrees of freedom."""
    return t / np.sqrt(t**2 + df)


def _prepare(x: Columns, _: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    _check(x, audit)
    n, df = x["ni"], np.where(x["ni"] > 2, x["ni"] - 2, np.nan)
    t = _r_from(x["ti"], df) if "ti" in x else None
    p = _r_from(t_from_p(x["pi"], df), df) if "pi" in x else None
    return {"r": first_known(x.get("ri"), t, p), "n": n}, n


def _prepare_partial(x: Columns, _: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    """Degrees of freedom n - mi - 1, with all predictors counted in mi."""
    _check(x, audit)
    audit.positive("mi", x["mi"], "the number of predictors, the one of interest included")
    n, df = x["ni"], x["ni"] - x["mi"] - 1
    audit.leave_out(df <= 0, "ni must exceed mi + 1")
    df = np.where(df > 0, df, np.nan)
    t = first_known(
        np.full_like(n, np.nan),
        x.get("ti"),
        t_from_p(x["pi"], df) if "pi" in x else None,
    )
    out = {"n": n, "mi": x["mi"], "df": df, "t": t}
    if "r2i" in x:
        audit.within("r2i", x["r2i"], 0, 1, "the R2 of the regression")
        out["r2"] = x["r2i"]
        out["r"] = first_known(x.get("ri"), t * np.sqrt((1 - x["r2i"]) / df))
    else:
        out["r"] = first_known(x.get("ri"), _r_from(t, df))
    return out, n


def _hypergeometric(a: float, c: FloatArray, z: FloatArray) -> FloatArray:
    """Gauss' 2F1(a, a; c; z) for 0 <= z <= 1 and c > 2 a.

    From c = 20 on by its power series, whose terms fall faster than 1 / binomial(c + j, j):
    the library routine overflows there (no value for studies with more than 200 persons).
    """
    from scipy.special import hyp2f1

    out = np.asarray(hyp2f1(a, a, np.where(c < 20, c, np.nan), z), dtype=float)
    large = c >= 20
    if np.any(large):
        c, z = c[large], z[large]
        term, total, j = np.ones_like(c), np.ones_like(c), 0
        while np.any(term > 1e-17):
            term = term * (a + j) ** 2 / ((c + j) * (j + 1)) * z
            total, j = total + term, j + 1
        out[large] = total
    return out


def _correlation(x: Columns, options: Options) -> Estimate:
    """Raw correlation with the large-sample variance (Borenstein 2009, eq. 12.27)."""
    r, n = x["r"], x["n"]
    centre = weighted_mean(r, n) if options.vtype == "AV" else r
    return r, (1 - centre**2) ** 2 / (n - 1)


def _unbiased_correlation(x: Columns, options: Options) -> Estimate:
    """Unbiased correlation of Olkin and Pratt (1958), Ann Math Stat 29, 201, eq. 2.3; n > 4.

    Variance: LS plugs it into the large-sample formula; UB is unbiased (Hedges 1989, J Appl
    Psychol 74, 469, with the exact hypergeometric function); AV uses the weighted mean.
    """
    n = np.where(x["n"] > 4, x["n"], np.nan)
    r, rest = x["r"], (1 - x["r"]) * (1 + x["r"])
    y = r * _hypergeometric(0.5, (n - 2) / 2, rest)
    if options.vtype == "UB":
        square = 1 - (n - 3) / (n - 2) * rest * _hypergeometric(1.0, n / 2, rest)
        return y, y**2 - square
    centre = weighted_mean(y, n) if options.vtype == "AV" else y
    return y, (1 - centre**2) ** 2 / (n - 1)


def _fisher(x: Columns, _: Options) -> Estimate:
    """Fisher's z (Fisher 1921, Metron 1, 3); n > 3."""
    return np.arctanh(x["r"]), 1 / np.where(x["n"] > 3, x["n"] - 3, np.nan)


def _partial(x: Columns, options: Options) -> Estimate:
    """Partial correlation of a regression (Aloe and Thompson 2013, J Soc Social Work Res 4).

    With c = mi - 1 controls it varies as a correlation of n - c persons (Fisher 1924, Metron 3,
    329), so the variance is (1 - r^2)^2 / (n - c - 1) = (1 - r^2)^2 / (n - mi). Convention "3.8"
    divides by n - mi - 1.
    """
    lost = 1 if options.convention == "3.8" else 0
    return x["r"], (1 - x["r"] ** 2) ** 2 / (x["n"] - x["mi"] - lost)


def _partial_fisher(x: Columns, options: Options) -> Estimate:
    """Fisher's z of a partial correlation (Fisher 1924, Metron 3, 329).

    With c = mi - 1 controls the variance is 1 / (n - c - 3) = 1 / (n - mi - 2). Convention "3.8"
    has 1 / (n - mi - 1), which is too small.
    """
    lost = 1 if options.convention == "3.8" else 2
    left = x["n"] - x["mi"] - lost
    return np.arctanh(x["r"]), 1 / np.where(left > 0, left, np.nan)


def _semi_partial(x: Columns, _: Options) -> Estimate:
    """Semi-partial correlation (Aloe and Becker 2012, J Educ Behav Stat 37, 278)."""
    r, full = x["r"], x["r2"]
    reduced = full - r**2  # R2 of the regression without the predictor of interest
    return r, (full**2 - 2 * full + reduced + 1 - reduced**2) / x["n"]


ALOE = "Aloe and Thompson (2013), J Soc Social Work Res 4, 390"
PEARSON = Family(
    "ni and the correlation ri, a t statistic ti or a signed p-value pi",
    tuple(("ni", name) for name in ("ri", "ti", "pi")),
    _prepare,
    steps={
        ("ni", "ti"): Step("correlation from its t statistic", BORENSTEIN),
        ("ni", "pi"): Step("correlation from its p-value", BORENSTEIN, True),
    },
    counts=("ni",),
)
PARTIAL = Family(
    "ni, mi (number of predictors) and a t statistic ti, a signed p-value pi or ri",
    tuple(("ni", "mi", name) for name in ("ti", "ri", "pi")),
    _prepare_partial,
    steps={("ni", "mi", "pi"): Step("partial correlation from its p-value", ALOE, True)},
    counts=("ni",),
)
SEMI = Family(
    "ni, mi (number of predictors), r2i and a t statistic ti, a signed p-value pi or ri",
    tuple(("ni", "mi", "r2i", name) for name in ("ti", "ri", "pi")),
    _prepare_partial,
    steps={
        ("ni", "mi", "r2i", "pi"): Step("semi-partial correlation from its p-value", ALOE, True)
    },
    counts=("ni",),
)

MEASURES = table(
    Measure("COR", "correlation", PEARSON, _correlation, ("LS", "AV")),
    Measure("UCOR", "unbiased correlation", PEARSON, _unbiased_correlation, ("LS", "UB", "AV")),
    Measure("ZCOR", "Fisher's z", PEARSON, _fisher, transf="tanh"),
    Measure("PCOR", "partial correlation", PARTIAL, _partial),
    Measure(
        "ZPCOR", "Fisher's z of a partial correlation", PARTIAL, _partial_fisher, transf="tanh"
    ),
    Measure("SPCOR", "semi-partial correlation", SEMI, _semi_partial),
)
