"""Measures for event counts over person-time, in two groups or one.

Sources: Rothman, Greenland and Lash (2008), Modern Epidemiology, ch. 14; Bagos and
Nikolopoulos (2009), Int J Biostat 5(1); Freeman and Tukey (1950), Ann Math Stat 21, 607.
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
    add_to_zero_cells,
    table,
)

if TYPE_CHECKING:
    from review.stats.effects.row_account import Audit


def prepare_events(x: Columns, audit: Audit) -> None:
    """Check events and person-times of two groups."""
    for events, time in (("x1i", "t1i"), ("x2i", "t2i")):
        audit.count(events, x[events])
        audit.positive(time, x[time], "a person-time")


def _prepare_two(x: Columns, options: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    prepare_events(x, audit)
    x1, x2 = x["x1i"], x["x2i"]
    if options.drop00:
        both = (x1 == 0) & (x2 == 0)
        audit.leave_out(both, "no events in both groups (drop00)")
        x1, x2 = np.where(both, np.nan, x1), np.where(both, np.nan, x2)
    x1, x2 = add_to_zero_cells((x1, x2), (x1 == 0) | (x2 == 0), options, audit)
    return {"x1": x1, "x2": x2, "t1": x["t1i"], "t2": x["t2i"]}, x["t1i"] + x["t2i"]


def _prepare_one(x: Columns, options: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    audit.count("xi", x["xi"])
    audit.positive("ti", x["ti"], "a person-time")
    (events,) = add_to_zero_cells((x["xi"],), x["xi"] == 0, options, audit)
    return {"x": events, "t": x["ti"]}, x["ti"]


def _rate_ratio(x: Columns, _: Options) -> Estimate:
    y = np.log(x["x1"] / x["t1"]) - np.log(x["x2"] / x["t2"])
    return y, 1 / x["x1"] + 1 / x["x2"]


def _rate_difference(x: Columns, _: Options) -> Estimate:
    y = x["x1"] / x["t1"] - x["x2"] / x["t2"]
    return y, x["x1"] / x["t1"] ** 2 + x["x2"] / x["t2"] ** 2


def _root_rate_difference(x: Columns, _: Options) -> Estimate:
    y = np.sqrt(x["x1"] / x["t1"]) - np.sqrt(x["x2"] / x["t2"])
    return y, 1 / (4 * x["t1"]) + 1 / (4 * x["t2"])


def _rate(x: Columns, _: Options) -> Estimate:
    return x["x"] / x["t"], x["x"] / x["t"] ** 2


def _log_rate(x: Columns, _: Options) -> Estimate:
    return np.log(x["x"] / x["t"]), 1 / x["x"]


def _root_rate(x: Columns, _: Options) -> Estimate:
    return np.sqrt(x["x"] / x["t"]), 1 / (4 * x["t"])


def _freeman_tukey_rate(x: Columns, _: Options) -> Estimate:
    y = 0.5 * (np.sqrt(x["x"] / x["t"]) + np.sqrt((x["x"] + 1) / x["t"]))
    return y, 1 / (4 * x["t"])


_TWO_GROUPS = ("x1i", "t1i", "x2i", "t2i")
TWO = Family(
    "x1i, t1i, x2i, t2i (events and person-times)",
    (_TWO_GROUPS,),
    _prepare_two,
    counts=_TWO_GROUPS,
)
ONE = Family(
    "xi and ti (events and person-time)", (("xi", "ti"),), _prepare_one, counts=("xi", "ti")
)

MEASURES = table(
    Measure("IRR", "log incidence rate ratio", TWO, _rate_ratio, transf="exp"),
    Measure("IRD", "incidence rate difference", TWO, _rate_difference),
    Measure("IRSD", "square root rate difference", TWO, _root_rate_difference, add=0.0),
    Measure("IR", "incidence rate", ONE, _rate),
    Measure("IRLN", "log incidence rate", ONE, _log_rate, transf="exp"),
    Measure("IRS", "square root incidence rate", ONE, _root_rate, add=0.0, transf="square"),
    Measure(
        "IRFT",
        "Freeman-Tukey incidence rate",
        ONE,
        _freeman_tukey_rate,
        add=0.0,
        transf="iirft_hm",
    ),
)
