"""Confidence intervals of tau2, tau, I2 and H2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from review.errors import InputError, StatsError
from review.stats.ground.conventions import LATEST, named
from review.stats.ground.guard import guarded
from review.stats.ground.inference import check_level, chi2_quantile, level_percent
from review.stats.ground.least_squares import FloatArray, falling_root
from review.stats.pooling.generalised_q import tail_root
from review.stats.pooling.likelihood_grid import slope_only
from review.stats.pooling.marginal_likelihood import log_likelihood
from review.stats.pooling.meta_rows import choose
from review.stats.pooling.prepared_effects import Sample, make_sample
from review.stats.pooling.tau2 import moment_projector, q_root

if TYPE_CHECKING:
    import pandas as pd

    from review.stats.pooling.meta_result import MetaResult

TYPES: Final = ("default", "QP", "PL", "GENQ")
GRID: Final = 60


class Interval(NamedTuple):
    """An estimate and its confidence limits."""

    estimate: float
    ci_lb: float
    ci_ub: float


@dataclass(frozen=True)
class ConfidenceIntervals:
    """Intervals of the heterogeneity measures.

    Attributes:
        tau2, tau, I2, H2: each `(estimate, ci_lb, ci_ub)`; I2 in per cent.
        type: "QP", "PL" or "GENQ". level: per cent.
        null_set: no value of tau2 is compatible with the data, which agree more closely than the
            sampling variances allow; both limits are then 0.
    """

    tau2: Interval
    tau: Interval
    I2: Interval
    H2: Interval
    type: str
    level: float
    null_set: bool = False

    def to_frame(self) -> pd.DataFrame:
        """Return one row per measure."""
        import pandas as pd

        rows = {name: getattr(self, name) for name in ("tau2", "tau", "I2", "H2")}
        return pd.DataFrame.from_dict(rows, orient="index", columns=list(Interval._fields))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        from review.stats.pooling.result_tables import plain

        out: dict[str, Any] = {
            name: getattr(self, name)._asdict() for name in ("tau2", "tau", "I2", "H2")
        }
        out = {name: {n: plain(x) for n, x in row.items()} for name, row in out.items()}
        out |= {"type": self.type, "level": self.level, "null_set": self.null_set}
        return out | {"conventions": named(LATEST)}


@guarded
def confint(
    fit: MetaResult,
    type: str = "default",  # noqa: A002  name of the field
    *,
    level: float | None = None,
) -> ConfidenceIntervals:
    """Confidence interval of tau2, and from it of tau, I2 and H2.

    - "QP": values of tau2 for which the generalised Q statistic is not extreme in its chi-squared
      distribution (Viechtbauer 2007, Stat Med 26:37, eq. 12-13).
    - "PL": values whose profile (restricted) likelihood is close enough to its maximum (Hardy &
      Thompson 1996; Viechtbauer 2007, eq. 10); for methods ML and REML.
    - "GENQ": the same as QP with the fixed weights of method GENQ or DL or HE, from the exact
      distribution of that statistic (Jackson 2013, Res Synth Methods 4:220).
    - "default": "GENQ" for method GENQ (and GENQM), else "QP".

    Args:
        fit: the result.
        type: see above.
        level: per cent; that of the fit by default.

    Raises:
        StatsError: the model has no tau2, or nothing to estimate it from (k <= p).
        InputError: "PL" for a method that is no maximum likelihood, or "GENQ" for one without
            fixed weights.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05])
        >>> fit.confint("QP").tau2.ci_lb
        0.0
    """
    if fit.equal_effects:
        raise StatsError(f"method {fit.method!r} has no tau2, so there is no interval for it")
    if fit.df < 1:
        raise StatsError(f"{fit.k} studies leave no degrees of freedom for an interval of tau2")
    kind = choose("type", type, TYPES)
    if kind == "default":
        kind = "GENQ" if fit.method in ("GENQ", "GENQM") else "QP"
    shown = fit.level if level is None else level_percent(level)
    s = make_sample(fit.yi, fit.vi, None if fit.intercept_only else fit.design.basis)
    alpha = 1 - check_level(shown)
    if kind == "PL":
        limits, null = _profile(fit, s, alpha), False
    elif kind == "QP":
        limits, null = _q_profile(s, alpha)
    else:
        limits, null = _genq(fit, s, alpha)
    return _intervals(fit, limits, kind, shown, null_set=null)


def _intervals(
    fit: MetaResult, limits: tuple[float, float], kind: str, level: float, *, null_set: bool
) -> ConfidenceIntervals:
    t = np.array([fit.tau2, *limits])
    rows = (t, np.sqrt(t), 100 * t / (t + fit.vt), (t + fit.vt) / fit.vt)
    tau2, tau, I2, H2 = (Interval(*map(float, row)) for row in rows)
    return ConfidenceIntervals(tau2, tau, I2, H2, kind, level, null_set)


def _q_profile(s: Sample, alpha: float) -> tuple[tuple[float, float], bool]:
    targets = chi2_quantile(1 - alpha / 2, s.df), chi2_quantile(alpha / 2, s.df)
    lower, upper = (float(q_root(s, target)[0]) for target in targets)
    at_zero = float(s.projector(np.zeros(())).quadratic(s.y))
    return (lower, upper), at_zero < float(targets[1])


def _genq(fit: MetaResult, s: Sample, alpha: float) -> tuple[tuple[float, float], bool]:
    if fit.method not in ("GENQ", "GENQM", "DL", "HE"):
        raise InputError(
            f"type 'GENQ' needs fixed weights (method GENQ, DL or HE), not {fit.method!r}; use 'QP'"
        )
    P = moment_projector(s, fit.method, fit.case_weights)
    lower, upper = tail_root(alpha / 2, s, P), tail_root(1 - alpha / 2, s, P)
    return (lower, upper), upper == 0.0


def _profile(fit: MetaResult, s: Sample, alpha: float) -> tuple[float, float]:
    """Ends of the set of tau2 with l(tau2) >= l(maximum) - chi2(1 - alpha; 1 df)/2.

    The outermost crossings are taken, so that an interval spans all of a set in several pieces.
    """
    if fit.method not in ("ML", "REML") or fit.tau2_fixed:
        raise InputError("type 'PL' needs method 'ML' or 'REML' and an estimated tau2; use 'QP'")
    restricted = fit.method == "REML"
    best = np.asarray(fit.tau2)
    limit = log_likelihood(s, best, restricted=restricted) - chi2_quantile(1 - alpha, 1) / 2
    slope = slope_only(s, restricted=restricted)

    def excess(t: FloatArray) -> FloatArray:
        return log_likelihood(s, t, restricted=restricted) - limit

    top = 4 * (best + s.spread + s.v_max)
    while excess(top) > 0:
        top = top * 4

    def from_above(t: FloatArray) -> tuple[FloatArray, FloatArray]:
        value = excess(t)
        return value, np.asarray(-2 * value / slope(t))

    def from_below(u: FloatArray) -> tuple[FloatArray, FloatArray]:
        value, step = from_above(best - u)
        return value, -step

    scale = s.v_min
    rise = np.log1p((top - best) / scale) * np.arange(GRID + 1) / GRID
    grid = best + scale * np.expm1(rise)
    last = int(np.flatnonzero([excess(t) > 0 for t in grid[:-1]]).max(initial=0))
    upper = falling_root(from_above, *_start(grid[last], grid[last + 1]), scale)[0]
    if excess(np.zeros(())) >= 0:
        return 0.0, float(upper)
    grid = best - scale * np.expm1(np.log1p(best / scale) * np.arange(GRID + 1) / GRID)
    grid[-1] = 0.0
    last = int(np.flatnonzero([excess(t) > 0 for t in grid[:-1]]).max(initial=0))
    lower = (
        best - falling_root(from_below, *_start(best - grid[last], best - grid[last + 1]), scale)[0]
    )
    return float(lower), float(upper)


def _start(lo: FloatArray, hi: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    return np.asarray(lo), np.asarray(hi), np.asarray(0.5 * (lo + hi))
