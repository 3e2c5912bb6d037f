"""An estimate as it is printed, with what tells its precision: to an effect and its variance.

`est` is on the scale that readers know (a hazard ratio of 0.74), `yi` on the scale of the
analysis (its logarithm). Limits and p-values of either are those of a Wald interval and test on
the scale of the analysis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from review.stats.effects.conversion import HANDBOOK
from review.stats.effects.measure import Step
from review.stats.effects.transforms import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.effects.measure import Columns, FloatArray
    from review.stats.effects.row_account import Audit

# back-transformation of a measure -> the way from the printed number to the scale of analysis
_INVERSE: Final = {
    "identity": "identity", "exp": "log", "expit": "logit", "tanh": "rtoz", "iarcsin": "arcsin",
    "square": "sqrt", "iahw": "ahw", "iabt": "abt",
}  # fmt: skip
WORDS: Final = {
    "identity": "", "exp": "logarithm", "expit": "logit", "tanh": "Fisher's z",
    "iarcsin": "arcsine", "square": "square root", "iahw": "Hakstian-Whalen transformation",
    "iabt": "Bonett transformation",
}  # fmt: skip
# range of the printed number, and what to give instead when it is outside
_RANGE: Final = {
    "exp": (0.0, np.inf, "a ratio on its natural scale; log ratios are given as yi"),
    "expit": (0.0, 1.0, "a proportion; percentages are given as percent, logits as yi"),
    "tanh": (-1.0, 1.0, "a correlation; values of Fisher's z are given as yi"),
    "iarcsin": (0.0, 1.0, "a proportion; percentages are given as percent"),
    "square": (0.0, np.inf, "a rate"),
    "iahw": (-np.inf, 1.0, "Cronbach's alpha"),
    "iabt": (-np.inf, 1.0, "Cronbach's alpha"),
}
NUMBERS: Final = ("yi", "vi", "sei", "est", "se", "ci_lb", "ci_ub", "stat", "pval")
SETTINGS: Final = ("level", "df")


def link(transf: str) -> Callable[[FloatArray], FloatArray] | None:
    """Return the way from a printed number to the scale of the analysis; None if it has none.

    Example:
        >>> to_log = link("exp")
        >>> round(float(to_log(np.array(2.0))), 4), link("ipft_hm")
        (0.6931, None)
    """
    name = _INVERSE.get(transf)
    return None if name is None else PLAIN[name]


@dataclass(frozen=True, slots=True)
class EstimateRoute:
    """A way from an estimate to effect and variance.

    Attributes:
        needs: columns that must be known.
        step: method and source.
        test: whether it rests on a test statistic or p-value, which comes last.
    """

    needs: tuple[str, ...]
    step: Step
    test: bool = False

    @property
    def as_given(self) -> bool:
        """Whether effect and precision stand there on the scale of the analysis already."""
        return self.needs in {("yi", "vi"), ("yi", "sei")}


_CI: Final = f"{HANDBOOK}, 6.3.1 and 6.3.2"
_P: Final = _CI
_AS_GIVEN: Final = "effect and variance as given"
ROUTES: Final = (
    EstimateRoute(("yi", "vi"), Step(_AS_GIVEN, "as printed")),
    EstimateRoute(("yi", "sei"), Step("effect as given, standard error squared", "as printed")),
    EstimateRoute(("est", "se"), Step("estimate with its standard error", _CI)),
    EstimateRoute(("yi", "ci_lb", "ci_ub"), Step("standard error from the interval", _CI)),
    EstimateRoute(("est", "ci_lb", "ci_ub"), Step("standard error from the interval", _CI)),
    EstimateRoute(("est", "ci_ub"), Step("standard error from the upper limit alone", _CI, True)),
    EstimateRoute(("est", "ci_lb"), Step("standard error from the lower limit alone", _CI, True)),
    EstimateRoute(("yi", "stat"), Step("standard error from the test statistic", _P, True), True),
    EstimateRoute(("est", "stat"), Step("standard error from the test statistic", _P, True), True),
    EstimateRoute(("yi", "pval"), Step("standard error from the p-value", _P, True), True),
    EstimateRoute(("est", "pval"), Step("standard error from the p-value", _P, True), True),
)  # fmt: skip


def check_estimates(x: Columns, transf: str, audit: Audit) -> None:
    """Refuse estimates, limits, levels and p-values that cannot be what they are given as.

    Raises:
        StatsError: the message names rows, values and the column that would be right.
    """
    for name in ("yi", "est", "stat"):
        if name in x:
            audit.finite(name, x[name])
    for name, what in (("vi", "a sampling variance"), ("sei", "a standard error"),
                       ("se", "a standard error")):  # fmt: skip
        if name in x:
            audit.not_negative(name, x[name], what)
    if transf in _RANGE and "est" in x:
        low, high, what = _RANGE[transf]
        audit.within("est", x["est"], low, high, what)
        alone = np.isnan(x.get("yi", np.full(audit.k, np.nan)))  # limits of yi are on its scale
        for name in ("ci_lb", "ci_ub"):
            if name in x:
                limits = np.where(alone, x[name], np.nan)
                audit.within(name, limits, low, high, f"a limit of {what}")
    if "pval" in x:
        audit.within("pval", x["pval"], 0, 1, "a two-sided p-value")
        audit.forbid(x["pval"] == 0, "pval", x["pval"], "must not be 0 (give its bound, as 0.001)")
    if "level" in x:
        good = (x["level"] > 0) & (x["level"] < 100) & (x["level"] != 1)
        rule = "must be a per cent between 0 and 100, or a fraction below 1"
        audit.forbid(~good & ~np.isnan(x["level"]), "level", x["level"], rule)
    if "df" in x:
        audit.positive("df", x["df"], "the degrees of freedom of a t distribution")
    if "ci_lb" in x and "ci_ub" in x:
        audit.forbid(
            x["ci_lb"] > x["ci_ub"],
            "ci_lb",
            x["ci_lb"],
            "must not exceed ci_ub (are they swapped?)",
        )
        for name in ("est", "yi"):
            if name in x:
                known = ~np.isnan(x[name])
                below = known & (x["ci_lb"] > x[name])
                above = known & (x["ci_ub"] < x[name])
                audit.forbid(below, "ci_lb", x["ci_lb"], f"must not be above {name}")
                audit.forbid(above, "ci_ub", x["ci_ub"], f"must not be below {name}")


def critical(x: Columns, k: int) -> FloatArray:
    """Quantile of the interval of each row: `level` (95) per cent, normal or t with `df`."""
    from scipy.special import ndtri, stdtrit

    level = x.get("level", np.full(k, 95.0))
    level = np.where(np.isnan(level), 95.0, level)
    level = np.where(level < 1, 100 * level, level)
    p = 0.5 + level / 200
    df = x.get("df", np.full(k, np.nan))
    return np.asarray(np.where(np.isnan(df), ndtri(p), stdtrit(np.where(df > 0, df, 1.0), p)))


def standard_error(route: EstimateRoute, x: Columns, y: FloatArray, transf: str) -> FloatArray:
    """Standard error by one route, shape (k,); NaN or infinite where it does not lead to one.

    Args:
        route: one of `ROUTES`.
        x: the columns, (k,) each.
        y: effects on the scale of the analysis.
        transf: back-transformation of the measure.
    """
    from scipy.special import ndtri, stdtrit

    on_scale = route.needs[0] == "yi"
    to = PLAIN["identity"] if on_scale else link(transf)
    assert to is not None
    last = route.needs[-1]
    if last == "vi":
        return np.asarray(np.sqrt(x["vi"]))
    if last in ("sei", "se"):
        return x[last]
    if last == "stat":
        return np.abs(y / x["stat"])
    if last == "pval":
        half = x["pval"] / 2
        df = x.get("df", np.full(len(y), np.nan))
        z = np.where(np.isnan(df), ndtri(half), stdtrit(np.where(df > 0, df, 1.0), half))
        return np.abs(y / z)
    width = critical(x, len(y))
    if len(route.needs) == 3:
        return np.asarray((to(x["ci_ub"]) - to(x["ci_lb"])) / (2 * width))
    return np.asarray(np.abs(to(x[last]) - y) / width)
