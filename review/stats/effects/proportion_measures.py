"""Measures for a proportion in one group.

Sources: Freeman and Tukey (1950), Ann Math Stat 21, 607 (double arcsine, halved here so that it
is on the scale of the arcsine); Miller (1978), Am Stat 32, 138 (its inverse).
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
    weighted_mean,
)

if TYPE_CHECKING:
    from review.stats.effects.row_account import Audit


def from_counts(
    events: FloatArray, others: FloatArray, options: Options, audit: Audit
) -> tuple[Columns, FloatArray]:
    """Apply the zero-cell policy to events and non-events of one group."""
    audit.leave_out(events + others == 0, "nobody was observed (ni = 0)")
    kept = [np.where(events + others == 0, np.nan, cell) for cell in (events, others)]
    x, m = add_to_zero_cells((kept[0], kept[1]), (kept[0] == 0) | (kept[1] == 0), options, audit)
    return {"x": x, "m": m, "n": x + m}, events + others


def _prepare(x: Columns, options: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    events = x["xi"]
    audit.count("xi", events)
    others = np.full_like(events, np.nan)
    if "mi" in x:
        audit.count("mi", x["mi"])
        others = x["mi"]
    if "ni" in x:
        audit.count("ni", x["ni"])
        audit.forbid(events > x["ni"], "xi", events, "must not exceed ni")
        wrong = np.abs(events + others - x["ni"]) > 1e-8 * np.maximum(1.0, x["ni"])
        audit.forbid(wrong, "xi + mi", events + others, "must equal ni")
        others = np.where(np.isnan(others), x["ni"] - events, others)
    return from_counts(events, others, options, audit)


def raw(x: Columns, options: Options) -> Estimate:
    """Proportion; variance LS (divided by n), UB (by n - 1) or AV (average proportion)."""
    n, p = x["n"], x["x"] / x["n"]
    if options.vtype == "UB":
        return p, p * (1 - p) / (n - 1)
    if options.vtype == "AV":
        mean = weighted_mean(p, n)
        return p, mean * (1 - mean) / n
    return p, p * (1 - p) / n


def log(x: Columns, _: Options) -> Estimate:
    """Log proportion."""
    return np.log(x["x"] / x["n"]), 1 / x["x"] - 1 / x["n"]


def logit(x: Columns, _: Options) -> Estimate:
    """Log odds."""
    return np.log(x["x"]) - np.log(x["m"]), 1 / x["x"] + 1 / x["m"]


def arcsine(x: Columns, _: Options) -> Estimate:
    """Arcsine square root proportion."""
    return np.arcsin(np.sqrt(x["x"] / x["n"])), 1 / (4 * x["n"])


def double_arcsine(x: Columns, _: Options) -> Estimate:
    """Half the double arcsine of Freeman and Tukey (1950)."""
    events, n = x["x"], x["n"]
    low, high = np.arcsin(np.sqrt(events / (n + 1))), np.arcsin(np.sqrt((events + 1) / (n + 1)))
    return 0.5 * (low + high), 1 / (4 * n + 2)


PROPORTION = Family(
    "xi and the size ni or the non-events mi",
    (("xi", "ni"), ("xi", "mi")),
    _prepare,
    counts=("xi", "ni", "mi"),
)
TYPES = ("LS", "UB", "AV")

MEASURES = table(
    Measure("PR", "proportion", PROPORTION, raw, TYPES),
    Measure("PLN", "log proportion", PROPORTION, log, transf="exp"),
    Measure("PLO", "logit proportion", PROPORTION, logit, transf="expit"),
    Measure("PAS", "arcsine proportion", PROPORTION, arcsine, add=0.0, transf="iarcsin"),
    Measure(
        "PFT",
        "Freeman-Tukey double arcsine proportion",
        PROPORTION,
        double_arcsine,
        add=0.0,
        transf="ipft_hm",
    ),
)
