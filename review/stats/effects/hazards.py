"""Hazard ratios: from observed minus expected events, or from what a paper prints about them.

Sources: Yusuf, Peto, Lewis, Collins and Sleight (1985), Prog Cardiovasc Dis 27, 335 (O - E and V);
Parmar, Torri and Stewart (1998), Stat Med 17, 2815, and Tierney, Stewart, Ghersi, Burdett and Sydes
(2007), Trials 8, 16 (the other ways).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
)

if TYPE_CHECKING:
    from review.stats.effects.row_account import Audit

_TIERNEY: Final = "Parmar et al. (1998), Stat Med 17, 2815; Tierney et al. (2007), Trials 8, 16"


def events_information(x: Columns) -> FloatArray:
    """Variance V of the log-rank statistic, from events of both groups or in all, (k,).

    V = e1 e2 / (e1 + e2); with the events in all V = e n1 n2 / (n1 + n2)^2, and e / 4 where the
    group sizes are not known (Tierney et al. 2007, methods 4 to 7).
    """
    k = len(next(iter(x.values())))
    nan = np.full(k, np.nan)
    e1, e2, e = x.get("e1i", nan), x.get("e2i", nan), x.get("events", nan)
    n1, n2 = x.get("n1i", nan), x.get("n2i", nan)
    with np.errstate(all="ignore"):
        each = e1 * e2 / (e1 + e2)
        share = np.where(np.isnan(n1 + n2), 0.25, n1 * n2 / (n1 + n2) ** 2)
        e = np.where(np.isnan(e), e1 + e2, e)
        v = np.where(np.isnan(each), e * share, each)
    return np.where(v > 0, v, np.nan)


def from_events(x: Columns) -> Estimate:
    """Log hazard ratio as printed, with the variance 1 / V."""
    return np.log(x["est"]), 1 / events_information(x)


def from_test(x: Columns) -> Estimate:
    """Log hazard ratio z / sqrt(V) of a log-rank p-value with its direction."""
    from scipy.special import ndtri

    v = events_information(x)
    z = -np.sign(x["sign"]) * ndtri(x["pval"] / 2)
    return z / np.sqrt(v), 1 / v


# columns needed, any of the columns besides, step, the way to effect and variance
EVENT_ROUTES: Final = (
    (("est",), Step("standard error from the numbers of events", _TIERNEY, True), from_events),
    (("pval", "sign"), Step("log-rank p-value and numbers of events", _TIERNEY, True), from_test),
)
EVENT_COLUMNS: Final = ("e1i", "e2i", "events", "n1i", "n2i")


def _prepare(x: Columns, _: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    audit.finite("oei", x["oei"])
    audit.positive("voei", x["voei"], "the variance of the log-rank statistic")
    return x, np.full_like(x["oei"], np.nan)


def _hazard_ratio(x: Columns, _: Options) -> Estimate:
    return x["oei"] / x["voei"], 1 / x["voei"]


HAZARD = Family(
    "the hazard ratio est with se (of its logarithm), ci_lb and ci_ub, or pval; or oei and voei "
    "(observed minus expected events and their variance)",
    (("oei", "voei"),),
    _prepare,
)
MEASURES = table(Measure("HR", "log hazard ratio", HAZARD, _hazard_ratio, transf="exp"))
