"""Measures of change in one group, or of the difference in matched pairs."""

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
    add_to_zero_cells,
    table,
)
from review.stats.effects.standardized_differences import (
    BORENSTEIN,
    check_means,
    first_known,
    hedges_factor,
    standardized,
    t_from_p,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.effects.row_account import Audit


def _prepare(x: Columns, _: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    check_means(x, audit)
    if "ri" in x:
        audit.within("ri", x["ri"], -1, 1, "the correlation of the two measurements")
    return {**x, "n": x["ni"]}, x["ni"]


def _prepare_d(x: Columns, options: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    """Change over its own SD; where that is missing from di, ti or pi."""
    x, n = _prepare(x, options, audit)
    d = None
    if "m1i" in x:
        d = (x["m1i"] - x["m2i"]) / np.sqrt(_change_variance(x))
    t = x["ti"] / np.sqrt(n) if "ti" in x else None
    p = t_from_p(x["pi"], n - 1) / np.sqrt(n) if "pi" in x else None
    return {"d": first_known(d, x.get("di"), t, p), "n": n}, n


def _prepare_pairs(x: Columns, options: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    cells = []
    for name in ("ai", "bi", "ci", "di"):
        audit.count(name, x[name])
        cells.append(x[name])
    total = np.sum(cells, axis=0)
    audit.leave_out(total == 0, "the table is empty")
    kept = tuple(np.where(total == 0, np.nan, cell) for cell in cells)
    zero = np.logical_or.reduce([cell == 0 for cell in kept])
    a, b, c, d = add_to_zero_cells(kept, zero, options, audit)
    return {"a": a, "b": b, "c": c, "d": d, "n": a + b + c + d}, total


def _change_variance(x: Columns) -> FloatArray:
    """Variance of the change scores."""
    s1, s2 = x["sd1i"], x["sd2i"]
    return s1**2 + s2**2 - 2 * x["ri"] * s1 * s2


def _mean_change(x: Columns, _: Options) -> Estimate:
    return x["m1i"] - x["m2i"], _change_variance(x) / x["n"]


def _change_score(x: Columns, options: Options) -> Estimate:
    """Change over the SD of the change (Gibbons, Hedeker and Davis 1993, J Educ Stat 18, 271)."""
    return standardized(x["d"], x["n"] - 1, x["n"], 1 / x["n"], options.vtype)


def _raw_score(x: Columns, options: Options) -> Estimate:
    """Change over the SD of the first measurement (Becker 1988, Br J Math Stat Psychol 41)."""
    d = (x["m1i"] - x["m2i"]) / x["sd1i"]
    return standardized(d, x["n"] - 1, x["n"], 2 * (1 - x["ri"]) / x["n"], options.vtype)


def _raw_score_h(x: Columns, options: Options) -> Estimate:
    """SMCR without equal variances (Bonett 2008, Psychol Methods 13, 99).

    Convention "3.8" multiplies the variance once more by J**2, although g already holds J.
    """
    df = x["n"] - 1
    factor = hedges_factor(df)
    g = factor * (x["m1i"] - x["m2i"]) / x["sd1i"]
    v = _change_variance(x) / (x["sd1i"] ** 2 * df) + g**2 / (2 * df)
    return g, factor**2 * v if options.convention == "3.8" else v


def _log_ratio(x: Columns, options: Options) -> Estimate:
    """Log ratio of two dependent means (Lajeunesse 2011, Ecology 92, 2049).

    With the second-order bias correction of Lajeunesse (2015); convention "3.8" is without.
    """
    n, cv1, cv2 = x["n"], x["sd1i"] / x["m1i"], x["sd2i"] / x["m2i"]
    y = np.log(x["m1i"] / x["m2i"])
    if options.convention != "3.8":
        y = y + 0.5 * (cv1**2 - cv2**2) / n
    return y, (cv1**2 + cv2**2 - 2 * x["ri"] * cv1 * cv2) / n


def _log_cv_ratio(x: Columns, options: Options) -> Estimate:
    """Log ratio of two dependent coefficients of variation (after Nakagawa et al. 2015).

    The corrections of the two log SDs cancel, since both have the same degrees of freedom;
    those of the log means (Senior et al. 2020) stay; convention "3.8" is without.
    """
    n, cv1, cv2 = x["n"], x["sd1i"] / x["m1i"], x["sd2i"] / x["m2i"]
    y = np.log(cv1) - np.log(cv2)
    if options.convention != "3.8":
        y = y - 0.5 * (cv1**2 - cv2**2) / n
    means = (cv1**2 + cv2**2 - 2 * x["ri"] * cv1 * cv2) / n
    return y, (1 - x["ri"] ** 2) / (n - 1) + means


def _log_sd_ratio(x: Columns, _: Options) -> Estimate:
    """Log ratio of two dependent SDs (after Nakagawa et al. 2015)."""
    return np.log(x["sd1i"] / x["sd2i"]), (1 - x["ri"] ** 2) / (x["n"] - 1)


def marginal_risk_ratio(a: FloatArray, b: FloatArray, c: FloatArray, _: FloatArray) -> Estimate:
    """Log ratio of the two marginal risks of pairs (Zou 2007, Stat Methods Med Res 16, 77)."""
    return np.log((a + b) / (a + c)), (b + c) / ((a + b) * (a + c))


def marginal_odds_ratio(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray) -> Estimate:
    """Log ratio of the two marginal odds of pairs (delta method; Zou 2007)."""
    n = a + b + c + d
    p1, q1, p2, q2 = (a + b) / n, (c + d) / n, (a + c) / n, (b + d) / n
    covariance = (a * d - b * c) / n**2
    v = (1 / (p1 * q1) + 1 / (p2 * q2) - 2 * covariance / (p1 * q1 * p2 * q2)) / n
    return np.log(p1 / q1) - np.log(p2 / q2), v


def marginal_risk_difference(
    a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray
) -> Estimate:
    """Difference of the two marginal risks of pairs (Zou 2007)."""
    n = a + b + c + d
    b, c = b / n, c / n
    return b - c, (b + c - (b - c) ** 2) / n


def _of_pairs(
    effect: Callable[[FloatArray, FloatArray, FloatArray, FloatArray], Estimate],
) -> Formula:
    return lambda x, _: effect(x["a"], x["b"], x["c"], x["d"])


def _conditional_odds_ratio(x: Columns, _: Options) -> Estimate:
    """Log odds ratio of the discordant pairs."""
    return np.log(x["b"] / x["c"]), 1 / x["b"] + 1 / x["c"]


def _conditional_peto(x: Columns, _: Options) -> Estimate:
    """Peto's log odds ratio of the discordant pairs (Curtin, Elbourne and Altman 2002)."""
    pairs = x["b"] + x["c"]
    return 2 * (x["b"] - x["c"]) / pairs, 4 / pairs


BOTH = ("m1i", "m2i", "sd1i", "sd2i", "ri", "ni")
CHANGE = Family("m1i, m2i, sd1i, sd2i, ri, ni", (BOTH,), _prepare, counts=("ni",))
CHANGE_D = Family(
    "m1i, m2i, sd1i, sd2i, ri, ni, or ni and the standardised change di, a paired t statistic "
    "ti or a signed p-value pi",
    (BOTH, ("ni", "di"), ("ni", "ti"), ("ni", "pi")),
    _prepare_d,
    steps={
        ("ni", "di"): Step("standardised change as printed", BORENSTEIN),
        ("ni", "ti"): Step("standardised change from the paired t statistic", BORENSTEIN),
        ("ni", "pi"): Step(
            "standardised change from the p-value of a paired t test", BORENSTEIN, True
        ),
    },
    counts=("ni",),
)
FIRST_SD = Family(
    "m1i, m2i, sd1i, ri, ni",
    (("m1i", "m2i", "sd1i", "ri", "ni"),),
    _prepare,
    extra=("sd2i",),
    counts=("ni",),
)
SPREAD = Family(
    "sd1i, sd2i, ri, ni",
    (("sd1i", "sd2i", "ri", "ni"),),
    _prepare,
    extra=("m1i", "m2i"),
    counts=("ni",),
)
PAIRS = Family(
    "ai, bi, ci, di (pairs: both, first only, second only, neither)",
    (("ai", "bi", "ci", "di"),),
    _prepare_pairs,
    counts=("ai", "bi", "ci", "di"),
)

MEASURES = table(
    Measure("MC", "mean change", CHANGE, _mean_change),
    Measure(
        "SMCC",
        "standardised mean change (SD of the change)",
        CHANGE_D,
        _change_score,
        ("LS", "LS2"),
    ),
    Measure(
        "SMCR",
        "standardised mean change (SD of the first measurement)",
        FIRST_SD,
        _raw_score,
        ("LS", "LS2"),
    ),
    Measure("SMCRH", "standardised mean change, unequal variances", CHANGE, _raw_score_h),
    Measure("ROMC", "log ratio of dependent means", CHANGE, _log_ratio, transf="exp"),
    Measure(
        "CVRC",
        "log ratio of dependent coefficients of variation",
        CHANGE,
        _log_cv_ratio,
        transf="exp",
    ),
    Measure(
        "VRC", "log ratio of dependent standard deviations", SPREAD, _log_sd_ratio, transf="exp"
    ),
    Measure(
        "MPRR",
        "marginal log risk ratio of pairs",
        PAIRS,
        _of_pairs(marginal_risk_ratio),
        transf="exp",
    ),
    Measure(
        "MPOR",
        "marginal log odds ratio of pairs",
        PAIRS,
        _of_pairs(marginal_odds_ratio),
        transf="exp",
    ),
    Measure(
        "MPRD", "marginal risk difference of pairs", PAIRS, _of_pairs(marginal_risk_difference)
    ),
    Measure(
        "MPORC", "conditional log odds ratio of pairs", PAIRS, _conditional_odds_ratio, transf="exp"
    ),
    Measure(
        "MPPETO",
        "Peto's conditional log odds ratio of pairs",
        PAIRS,
        _conditional_peto,
        transf="exp",
    ),
)
