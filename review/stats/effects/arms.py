"""What groups of a study report instead of counts, means and SDs, and how these follow from it.

Each `Filler` fills columns of a measure where they have no value: the SD from a standard error or
an interval, a count from a percentage, events from a rate, change scores from two measurements.
Columns of two groups end in `1i` and `2i`, of one group in `i`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from review.stats.effects.conversion import HANDBOOK
from review.stats.effects.measure import Columns, Step
from review.stats.effects.rebuilt import OF_OR, OF_PHI, OF_RR, table_from_margins
from review.stats.effects.standardized_differences import BORENSTEIN, hedges_factor
from review.stats.effects.wald import critical

if TYPE_CHECKING:
    from review.stats.effects.measure import BoolArray, FloatArray, Measure

Fill = Callable[[Columns], Columns]


@dataclass(frozen=True, slots=True)
class Filler:
    """A way to columns that a measure needs.

    Attributes:
        gives: the columns it fills.
        needs: the columns it takes, all of which must be known in a row.
        step: method and source.
        fill: from the columns, (k,) each, to those it gives; NaN where it does not lead to one.
        takes: columns it uses where they are known.
        refuse: tells in which of these rows the method does not hold, and `why`.
    """

    gives: tuple[str, ...]
    needs: tuple[str, ...]
    step: Step
    fill: Fill
    takes: tuple[str, ...] = ()
    refuse: Callable[[Columns], BoolArray] | None = None
    why: str = ""


_SE: Final = Step("SD from the standard error of the mean", f"{HANDBOOK}, 6.5.2.2")
_CI: Final = Step("SD from the interval of the mean (t with n - 1 df)", f"{HANDBOOK}, 6.5.2.2")
_MEAN_CHANGE: Final = Step("mean change from the means before and after", f"{HANDBOOK}, 6.5.2.8")
_SD_CHANGE: Final = Step(
    "SD of the change from those before and after and their correlation", f"{HANDBOOK}, 6.5.2.8",
    approximate=True,
)  # fmt: skip
_PERCENT: Final = Step("count from the percentage, rounded", "percentage x size / 100")
_SHARE: Final = Step("count from the proportion, rounded", "proportion x size")
_OF_PERCENT: Final = Step("proportion from the percentage", "percentage / 100")
_OF_F: Final = Step("t from F with the direction of the effect", BORENSTEIN)
_OF_G: Final = Step("Cohen's d from Hedges' g", "Hedges (1981), J Educ Stat 6, 107, eq. 6e")
_OF_R: Final = Step("Cohen's d from the point-biserial correlation", BORENSTEIN)
_OF_MD: Final = Step("t from the mean difference and its standard error", f"{HANDBOOK}, 6.5.2.3")
_OF_MD_CI: Final = Step(
    "t from the mean difference and its interval (t with n1 + n2 - 2 df)", f"{HANDBOOK}, 6.5.2.3"
)
_OF_P: Final = Step("p-value with the direction of the effect", BORENSTEIN, approximate=True)
_RATE: Final = Step("events from the rate and the person-time, rounded", "rate x person-time / per")
_TIME: Final = Step("person-time from the rate and the events", "events x per / rate")
_MARGINS: Final = "Bonett (2007), Am Psychol 62, 254 (a table from its margins and one coefficient)"


def exact_fillers(measure: Measure) -> tuple[Filler, ...]:
    """Return the fillers of a measure that only say the same in other numbers."""
    allowed = measure.family.allowed
    found: list[Filler] = []
    for end in ("1i", "2i", "i"):
        if f"sd{end}" in allowed and "ri" not in allowed:
            found += _spread(end, "m" + end in allowed)
    if "ai" in allowed and "n1i" in allowed:
        found += _counts("ai", "n1i", "1i") + _counts("ci", "n2i", "2i")
    if "xi" in allowed and "ni" in allowed and "value" not in allowed:
        found += _counts("xi", "ni", "i")
    if "value" in allowed:
        found.append(
            Filler(("value",), ("percenti",), _OF_PERCENT, lambda x: {"value": x["percenti"] / 100})
        )
    for events, time, end in (("x1i", "t1i", "1i"), ("x2i", "t2i", "2i"), ("xi", "ti", "i")):
        if events in allowed and time in allowed:
            found += _rates(events, time, end)
    if "di" in allowed and "ti" in allowed and "n1i" in allowed:
        found += _standardised()
    return tuple(found)


def approximate_fillers(measure: Measure) -> tuple[Filler, ...]:
    """Return the fillers of a measure that rest on an assumption, without those of medians."""
    allowed = measure.family.allowed
    found: list[Filler] = []
    if "ai" in allowed and "n1i" in allowed:
        for name, kind in (("ori", OF_OR), ("phi", OF_PHI), ("rri", OF_RR)):
            found.append(_margins(name, kind))
    return tuple(found)


def direction_fillers(measure: Measure) -> tuple[Filler, ...]:
    """Return the fillers that make a signed p-value: of p with the direction of the effect."""
    allowed = measure.family.allowed
    if "pi" not in allowed:
        return ()

    def signed(x: Columns) -> Columns:
        return {"pi": x["pval"] * _direction(x)}

    found = [Filler(("pi",), ("pval", "sign"), _OF_P, signed)]
    if "m1i" in allowed:
        found.append(Filler(("pi",), ("pval", "m1i", "m2i"), _OF_P, signed))
    return tuple(found)


def _direction(x: Columns) -> FloatArray:
    """Sign of the effect: as stated, or of the difference of the means."""
    return np.sign(x["sign"] if "sign" in x else x["m1i"] - x["m2i"])


def _spread(end: str, has_mean: bool) -> list[Filler]:
    """SDs of a group, and the mean and SD of a change."""
    m, sd, n, se = f"m{end}", f"sd{end}", f"n{end}", f"se{end}"
    low, high = f"ci_lb{end}", f"ci_ub{end}"
    before, after = f"sd{end}_pre", f"sd{end}_post"

    def interval(x: Columns) -> Columns:
        level = {"level": x["level"]} if "level" in x else {}
        width = 2 * critical(level | {"df": x[n] - 1}, len(x[n]))
        return {sd: (x[high] - x[low]) / width * np.sqrt(x[n])}

    def change(x: Columns) -> Columns:
        square = x[before] ** 2 + x[after] ** 2 - 2 * x["corr"] * x[before] * x[after]
        return {sd: np.sqrt(np.where(square > 0, square, np.nan))}

    found = [
        Filler((sd,), (se, n), _SE, lambda x: {sd: x[se] * np.sqrt(x[n])}),
        Filler((sd,), (low, high, n), _CI, interval, ("level",)),
        Filler((sd,), (before, after, "corr"), _SD_CHANGE, change),
    ]
    if has_mean:
        pre, post = f"m{end}_pre", f"m{end}_post"
        found.append(Filler((m,), (pre, post), _MEAN_CHANGE, lambda x: {m: x[post] - x[pre]}))
    return found


def _counts(count: str, size: str, end: str) -> list[Filler]:
    percent, share = f"percent{end}", f"prop{end}"

    def of_percent(x: Columns) -> Columns:
        return {count: np.round(x[percent] * x[size] / 100)}

    def of_share(x: Columns) -> Columns:
        return {count: np.round(x[share] * x[size])}

    return [
        Filler((count,), (percent, size), _PERCENT, of_percent),
        Filler((count,), (share, size), _SHARE, of_share),
    ]


def _rates(events: str, time: str, end: str) -> list[Filler]:
    rate = f"rate{end}"

    def per(x: Columns) -> FloatArray:
        known = x.get("per", np.ones(len(x[rate])))
        return np.where(np.isnan(known), 1.0, known)

    def persons(x: Columns) -> Columns:
        return {time: np.where(x[rate] > 0, x[events] * per(x) / x[rate], np.nan)}

    def happened(x: Columns) -> Columns:
        return {events: np.round(x[rate] * x[time] / per(x))}

    return [
        Filler((events,), (rate, time), _RATE, happened, ("per",)),
        Filler((time,), (rate, events), _TIME, persons, ("per",)),
    ]


def _standardised() -> list[Filler]:
    """Cohen's d from Hedges' g and from a point-biserial correlation; t from F or a difference."""

    def from_g(x: Columns) -> Columns:
        return {"di": x["gi"] / hedges_factor(x["n1i"] + x["n2i"] - 2)}

    def from_r(x: Columns) -> Columns:
        m = x["n1i"] + x["n2i"] - 2
        h, r = m / x["n1i"] + m / x["n2i"], x["ri"]
        return {"di": np.where(np.abs(r) < 1, r * np.sqrt(h / (1 - r**2)), np.nan)}

    def from_f(x: Columns) -> Columns:
        return {"ti": np.sqrt(x["fi"]) * _direction(x)}

    def from_md_limits(x: Columns) -> Columns:
        level = {"level": x["level"]} if "level" in x else {}
        width = critical(level | {"df": x["n1i"] + x["n2i"] - 2}, len(x["md"]))
        se = (x["md_ci_ub"] - x["md_ci_lb"]) / (2 * width)
        return {"ti": np.where(se > 0, x["md"] / se, np.nan)}

    def from_md(x: Columns) -> Columns:
        return {"ti": np.where(x["md_se"] > 0, x["md"] / x["md_se"], np.nan)}

    limits = ("md", "md_ci_lb", "md_ci_ub", "n1i", "n2i")
    return [
        Filler(("ti",), ("md", "md_se"), _OF_MD, from_md),
        Filler(("ti",), limits, _OF_MD_CI, from_md_limits, ("level",)),
        Filler(("di",), ("gi", "n1i", "n2i"), _OF_G, from_g),
        Filler(("di",), ("ri", "n1i", "n2i"), _OF_R, from_r),
        Filler(("ti",), ("fi", "sign"), _OF_F, from_f),
        Filler(("ti",), ("fi", "m1i", "m2i"), _OF_F, from_f),
    ]


def _margins(name: str, kind: str) -> Filler:
    words = {"ori": "odds ratio", "phi": "phi coefficient", "rri": "risk ratio"}[name]
    step = Step(f"2x2 table rebuilt from its margins and the {words}, rounded", _MARGINS, True)

    def fill(x: Columns) -> Columns:
        a = table_from_margins(kind, x[name], x["n1i"], x["n2i"], x["events"])
        return {"ai": a, "ci": x["events"] - a}

    return Filler(("ai", "ci"), (name, "n1i", "n2i", "events"), step, fill)
