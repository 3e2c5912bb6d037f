"""Measures for 2x2 tables of two independent groups, and Peto's odds ratio.

Layout: group 1 has `ai` events and `bi` non-events (size `n1i`), group 2 has `ci` and `di`
(size `n2i`). Sources are named at each formula; the risk ratio, odds ratio and risk difference
follow Fleiss and Berlin (2009), in The Handbook of Research Synthesis, ch. 13.
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
    add_to_zero_cells,
    table,
    weighted_mean,
)
from review.stats.effects.tetrachoric import tetrachoric

if TYPE_CHECKING:
    from review.stats.effects.row_account import Audit

PROBIT_SCALE = 1.65  # Cox and Snell (1989): logit = 1.65 x probit, nearly
LOGIT_SCALE = np.pi / np.sqrt(3.0)  # SD of the standard logistic distribution (Chinn 2000)


def prepare_counts(x: Columns, audit: Audit) -> tuple[FloatArray, ...]:
    """Check a set of 2x2 tables and return its cells a, b, c, d (NaN where missing)."""
    cells: list[FloatArray] = []
    for event, rest, size in (("ai", "bi", "n1i"), ("ci", "di", "n2i")):
        events = x[event]
        audit.count(event, events)
        others = np.full_like(events, np.nan)
        if rest in x:
            audit.count(rest, x[rest])
            others = x[rest]
        if size in x:
            audit.count(size, x[size])
            audit.forbid(events > x[size], event, events, f"must not exceed {size}")
            total = events + others
            wrong = np.abs(total - x[size]) > 1e-8 * np.maximum(1.0, x[size])
            audit.forbid(wrong, f"{event} + {rest}", total, f"must equal {size}")
            others = np.where(np.isnan(others), x[size] - events, others)
        audit.leave_out(events + others == 0, f"the group of {event} has no participants")
        cells += [events, others]
    return tuple(cells)


def apply_policy(
    cells: tuple[FloatArray, ...], options: Options, audit: Audit
) -> tuple[FloatArray, ...]:
    """Drop uninformative tables if asked, then add the constant to zero cells."""
    a, b, c, d = cells
    empty = (a + b == 0) | (c + d == 0)
    if options.drop00:
        both = ((a == 0) & (c == 0)) | ((b == 0) & (d == 0))
        audit.leave_out(both, "no events, or events only, in both groups (drop00)")
        empty |= both
    kept = tuple(np.where(empty, np.nan, cell) for cell in cells)
    zero = np.logical_or.reduce([cell == 0 for cell in kept])
    return add_to_zero_cells(kept, zero, options, audit)


def _prepare(x: Columns, options: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    cells = prepare_counts(x, audit)
    a, b, c, d = apply_policy(cells, options, audit)
    out = {"a": a, "b": b, "c": c, "d": d, "n1": a + b, "n2": c + d}
    return out, np.sum(cells, axis=0)


def risk_ratio(x: Columns, _: Options) -> Estimate:
    """Log risk ratio and its large-sample variance (Katz et al. 1978)."""
    a, c, n1, n2 = x["a"], x["c"], x["n1"], x["n2"]
    return np.log(a / n1) - np.log(c / n2), 1 / a - 1 / n1 + 1 / c - 1 / n2


def odds_ratio(x: Columns, _: Options) -> Estimate:
    """Log odds ratio and its variance (Woolf 1955)."""
    a, b, c, d = x["a"], x["b"], x["c"], x["d"]
    return np.log(a / b) - np.log(c / d), 1 / a + 1 / b + 1 / c + 1 / d


def _risk_difference(x: Columns, options: Options) -> Estimate:
    """Risk difference; variance LS (divided by n), UB (by n - 1) or AV (average risks)."""
    n1, n2 = x["n1"], x["n2"]
    p1, p2 = x["a"] / n1, x["c"] / n2
    v1, v2 = p1 * (1 - p1), p2 * (1 - p2)
    if options.vtype == "UB":
        return p1 - p2, v1 / (n1 - 1) + v2 / (n2 - 1)
    if options.vtype == "AV":
        q1, q2 = weighted_mean(p1, n1), weighted_mean(p2, n2)
        return p1 - p2, q1 * (1 - q1) / n1 + q2 * (1 - q2) / n2
    return p1 - p2, v1 / n1 + v2 / n2


def _arcsine_difference(x: Columns, _: Options) -> Estimate:
    """Arcsine risk difference (Rücker, Schwarzer, Carpenter and Olkin 2009)."""
    n1, n2 = x["n1"], x["n2"]
    y = np.arcsin(np.sqrt(x["a"] / n1)) - np.arcsin(np.sqrt(x["c"] / n2))
    return y, 1 / (4 * n1) + 1 / (4 * n2)


def peto_parts(x: Columns) -> Estimate:
    """Observed minus expected events of group 1 and their hypergeometric variance.

    Source: Yusuf, Peto, Lewis, Collins and Sleight (1985), Prog Cardiovasc Dis 27, 335.
    """
    n1, n2 = x["n1"], x["n2"]
    events, n = x["a"] + x["c"], n1 + n2
    variance = n1 * n2 * events * (x["b"] + x["d"]) / (n**2 * (n - 1))
    return x["a"] - n1 * events / n, variance


def _peto(x: Columns, _: Options) -> Estimate:
    """Peto's one-step log odds ratio, (O - E) / V, with variance 1 / V."""
    difference, variance = peto_parts(x)
    return difference / variance, 1 / variance


def _phi(x: Columns, options: Options) -> Estimate:
    """Phi coefficient; variance for multinomial (CS, default) or stratified (ST) sampling.

    CS is the delta-method variance for cross-sectional data (Yule 1912, J R Stat Soc 75, 579);
    ST is the delta method on the two binomial risks with the group sizes fixed.
    """
    a, b, c, d = x["a"], x["b"], x["c"], x["d"]
    n1, n2 = x["n1"], x["n2"]
    n, m1, m2 = n1 + n2, a + c, b + d
    y = (a * d - b * c) / np.sqrt(n1 * n2 * m1 * m2)
    if options.vtype == "ST":
        p1, p2, w1, w2, p, q = a / n1, c / n2, n1 / n, n2 / n, m1 / n, m2 / n
        root = np.sqrt(w1 * w2 / (p * q))
        bend = (p1 - p2) * (q - p) / (2 * p * q)
        s1, s2 = root * (1 - w1 * bend), root * (1 + w2 * bend)
        return y, s1**2 * p1 * (1 - p1) / n1 + s2**2 * p2 * (1 - p2) / n2
    rows, columns = (n1 - n2) / n, (m1 - m2) / n
    pr, pc = n1 * n2 / n**2, m1 * m2 / n**2
    cross = y * (1 + y**2 / 2) * rows * columns / np.sqrt(pr * pc)
    skew = 0.75 * y**2 * (rows**2 / pr + columns**2 / pc)
    return y, (1 - y**2 + cross - skew) / n


def _yule(power: float) -> Formula:
    """Yule's coefficient (OR**power - 1) / (OR**power + 1); power 1 is Q, one half is Y."""

    def formula(x: Columns, options: Options) -> Estimate:
        log_or, v = odds_ratio(x, options)
        y = np.tanh(power * log_or / 2)
        return y, (power / 2) ** 2 * (1 - y**2) ** 2 * v

    return formula


def _tetrachoric(x: Columns, _: Options) -> Estimate:
    return tetrachoric(x["a"], x["b"], x["c"], x["d"])


def _probit_difference(x: Columns, _: Options) -> Estimate:
    """Difference of probits as a standardised mean difference (Sánchez-Meca et al. 2003)."""
    from scipy.special import ndtri

    p1, p2 = x["a"] / x["n1"], x["c"] / x["n2"]
    z1, z2 = ndtri(p1), ndtri(p2)
    v1 = 2 * np.pi * p1 * (1 - p1) * np.exp(z1**2) / x["n1"]
    v2 = 2 * np.pi * p2 * (1 - p2) * np.exp(z2**2) / x["n2"]
    return z1 - z2, v1 + v2


def _odds_ratio_to_d(scale: float) -> Formula:
    """Log odds ratio divided by `scale`: a standardised mean difference."""

    def formula(x: Columns, options: Options) -> Estimate:
        y, v = odds_ratio(x, options)
        return y / scale, v / scale**2

    return formula


FOUR_CELLS = tuple(
    ("ai", first, "ci", second) for first in ("bi", "n1i") for second in ("di", "n2i")
)
TABLE = Family(
    "ai, ci and the non-events bi, di or the group sizes n1i, n2i",
    FOUR_CELLS,
    _prepare,
    counts=("ai", "bi", "ci", "di", "n1i", "n2i"),
)

MEASURES = table(
    Measure("RR", "log risk ratio", TABLE, risk_ratio, transf="exp"),
    Measure("OR", "log odds ratio", TABLE, odds_ratio, transf="exp"),
    Measure("RD", "risk difference", TABLE, _risk_difference, ("LS", "UB", "AV")),
    Measure("AS", "arcsine square root risk difference", TABLE, _arcsine_difference, add=0.0),
    Measure("PETO", "Peto's log odds ratio", TABLE, _peto, transf="exp"),
    Measure("PHI", "phi coefficient", TABLE, _phi, ("CS", "ST"), add=0.0),
    Measure("YUQ", "Yule's Q", TABLE, _yule(1.0)),
    Measure("YUY", "Yule's Y", TABLE, _yule(0.5)),
    Measure("RTET", "tetrachoric correlation", TABLE, _tetrachoric, add=0.0),
    Measure("PBIT", "standardised mean difference (probit difference)", TABLE, _probit_difference),
    Measure(
        "OR2DN",
        "standardised mean difference (odds ratio, normal)",
        TABLE,
        _odds_ratio_to_d(PROBIT_SCALE),
    ),
    Measure(
        "OR2DL",
        "standardised mean difference (odds ratio, logistic)",
        TABLE,
        _odds_ratio_to_d(LOGIT_SCALE),
    ),
)
