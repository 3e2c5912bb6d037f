"""Measures for the performance of prediction models: area under the ROC curve and proportions.

Areas: `auc` with its standard error `se`, its interval `ci_low`, `ci_high` (of `level`, per cent
or a fraction; 95 by default), or the numbers of positive and negative cases `n_pos`, `n_neg`, from
which the standard error follows by Hanley and McNeil (1982). Row by row the first of the three
that is known is used.

Proportions: ACC (accuracy), SENS (sensitivity), SPEC (specificity) from `xi` correct of `ni`,
from `value` (a proportion) and `ni`, or from the confusion table `tp`, `fp`, `fn`, `tn`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from review.stats.effects import proportion_measures as proportions
from review.stats.effects.conversion import HANDBOOK
from review.stats.effects.measure import (
    Columns,
    Estimate,
    Family,
    FloatArray,
    Measure,
    Options,
    Prepare,
    Step,
    table,
)
from review.stats.effects.standardized_differences import first_known
from review.stats.ground.roc_area import hanley_mcneil_variance

if TYPE_CHECKING:
    from review.stats.effects.row_account import Audit

SCALES = {
    "logit": ("PLO", "expit"),
    "raw": ("PR", "identity"),
    "log": ("PLN", "exp"),
    "arcsine": ("PAS", "iarcsin"),
    "FT": ("PFT", "ipft_hm"),
}


def hanley_mcneil(auc: FloatArray, n_pos: FloatArray, n_neg: FloatArray) -> FloatArray:
    """Standard error of the area under a ROC curve.

    Source: Hanley and McNeil (1982), Radiology 143, 29, eq. 1-2 (exponential approximation).

    Args:
        auc: areas, from 0 to 1.
        n_pos: numbers of positive cases.
        n_neg: numbers of negative cases.

    Example:
        >>> import numpy as np
        >>> se = hanley_mcneil(np.array(0.893), np.array(51.0), np.array(58.0))
        >>> round(float(se), 4)
        0.0325
    """
    se: FloatArray = np.sqrt(hanley_mcneil_variance(auc, n_pos, n_neg))
    return se


def _check_auc(x: Columns, audit: Audit) -> None:
    hint = "an area as a proportion; divide percentages by 100"
    audit.within("auc", x["auc"], 0, 1, hint)
    if "se" in x:
        audit.not_negative("se", x["se"], "a standard error")
    for name in ("n_pos", "n_neg"):
        if name in x:
            audit.positive(name, x[name], "a number of cases")
    if "ci_low" in x:
        audit.within("ci_low", x["ci_low"], 0, 1, hint)
        audit.within("ci_high", x["ci_high"], 0, 1, hint)
        audit.forbid(x["ci_low"] > x["auc"], "ci_low", x["ci_low"], "must not exceed auc")
        audit.forbid(x["ci_high"] < x["auc"], "ci_high", x["ci_high"], "must not be below auc")
        audit.forbid(x["ci_low"] == x["ci_high"], "ci_low", x["ci_low"], "must differ from ci_high")
    if "level" in x:
        audit.forbid(
            ~((x["level"] > 0) & (x["level"] < 100) & (x["level"] != 1)) & ~np.isnan(x["level"]),
            "level",
            x["level"],
            "must be a per cent between 0 and 100",
        )


def _prepare_auc(x: Columns, _: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    from scipy.special import ndtri

    _check_auc(x, audit)
    auc = x["auc"]
    missing = np.full_like(auc, np.nan)
    out = {"auc": auc, "se": x.get("se", missing)}
    n = x["n_pos"] + x["n_neg"] if "n_pos" in x else missing
    out["low"], out["high"] = x.get("ci_low", missing), x.get("ci_high", missing)
    level = x.get("level", np.full_like(auc, 95.0))
    level = np.where(np.isnan(level), 95.0, level)
    level = np.where(level < 1, 100 * level, level)
    out["z"] = ndtri(0.5 + level / 200)
    cut = (out["low"] <= 0) | (out["high"] >= 1)
    audit.note(cut & np.isnan(out["se"]), "interval cut at 0 or 1, so its other half was used")
    hm = hanley_mcneil(auc, x["n_pos"], x["n_neg"]) if "n_pos" in x else missing
    out["hm"] = np.where(auc > 0, hm, np.nan) if "n_pos" in x else missing
    return out, n


def _half_width(x: Columns, low: FloatArray, high: FloatArray, centre: FloatArray) -> FloatArray:
    """Standard error from an interval; from one half of it when the other is cut at 0 or 1."""
    whole = (high - low) / 2
    whole = np.where(x["high"] >= 1, centre - low, whole)
    whole = np.where((x["low"] <= 0) & (x["high"] < 1), high - centre, whole)
    return np.where((x["low"] <= 0) & (x["high"] >= 1), np.nan, whole) / x["z"]


def _auc(x: Columns, _: Options) -> Estimate:
    auc, se = x["auc"], x["se"]
    se = np.where(np.isnan(se), _half_width(x, x["low"], x["high"], auc), se)
    return auc, np.where(np.isnan(se), x["hm"], se) ** 2


def _logit_auc(x: Columns, _: Options) -> Estimate:
    """Logit of the area; the variance by the delta method, or from the interval on that scale."""
    from scipy.special import logit

    auc, slope = x["auc"], x["auc"] * (1 - x["auc"])
    y = logit(auc)
    se = x["se"] / slope
    interval = _half_width(x, logit(x["low"]), logit(x["high"]), y)
    se = np.where(np.isnan(se), interval, se)
    return y, np.where(np.isnan(se), x["hm"] / slope, se) ** 2


def _prepare_share(right: tuple[str, ...], wrong: tuple[str, ...]) -> Prepare:
    """Prepare a proportion whose successes are the cells `right` of the confusion table."""

    def prepare(x: Columns, options: Options, audit: Audit) -> tuple[Columns, FloatArray]:
        nan = np.full(audit.k, np.nan)
        x = {name: x.get(name, nan) for name in ("ni", "xi", "value", *right, *wrong)}
        for name in ("ni", "xi", *right, *wrong):
            audit.count(name, x[name])
        audit.forbid(x["xi"] > x["ni"], "xi", x["xi"], "must not exceed ni")
        audit.within("value", x["value"], 0, 1, "a proportion; divide percentages by 100")
        share = x["value"] * x["ni"]
        whole = np.round(share)
        share = np.where(np.abs(share - whole) < 1e-9 * np.maximum(1, whole), whole, share)
        hits = np.sum([x[name] for name in right], axis=0)
        misses = np.sum([x[name] for name in wrong], axis=0)
        table = ~np.isnan(hits + misses)
        events = np.where(table, hits, first_known(x["xi"], share))
        others = np.where(table, misses, x["ni"] - events)
        return proportions.from_counts(events, others, options, audit)

    return prepare


def _share(code: str, label: str, right: tuple[str, ...], wrong: tuple[str, ...]) -> Measure:
    family = Family(
        f"xi and ni, value (a proportion) and ni, or {', '.join(right + wrong)}",
        (right + wrong, ("xi", "ni"), ("value", "ni")),
        _prepare_share(right, wrong),
        steps={("value", "ni"): Step("count from the proportion", "proportion x size")},
        counts=("xi", "ni", *right, *wrong),
    )
    return Measure(code, label, family, proportions.logit, transf="expit")


AREA = Family(
    "auc with se, with ci_low and ci_high (and level), or with n_pos and n_neg",
    (("auc", "se"), ("auc", "ci_low", "ci_high"), ("auc", "n_pos", "n_neg")),
    _prepare_auc,
    extra=("level",),
    steps={
        ("auc", "ci_low", "ci_high"): Step("standard error from the interval", HANDBOOK),
        ("auc", "n_pos", "n_neg"): Step(
            "standard error from the numbers of cases", "Hanley and McNeil (1982)", True
        ),
    },
)

MEASURES = table(
    Measure("AUC", "area under the ROC curve", AREA, _auc),
    Measure("LOGITAUC", "logit area under the ROC curve", AREA, _logit_auc, transf="expit"),
    _share("ACC", "accuracy", ("tp", "tn"), ("fp", "fn")),
    _share("SENS", "sensitivity", ("tp",), ("fn",)),
    _share("SPEC", "specificity", ("tn",), ("fp",)),
)
