"""The fit of few studies without moderators, in plain numbers.

For ten studies a call of numpy takes as long as the sums that it is called for take twenty times,
so that lists are several times faster than arrays. The formulas are those of `batched_fit` and
`tau2`, which name their sources and know every case; what is unusual is left to them.
"""

from __future__ import annotations

import math
from operator import mul
from typing import TYPE_CHECKING, Final

import numpy as np

from review.stats.ground.inference import check_level
from review.stats.ground.least_squares import DOMINANT, falling_number
from review.stats.ground.plain_tails import chi2_upper, t_both, t_critical
from review.stats.pooling.fitted_numbers import Numbers
from review.stats.pooling.likelihood_grid import grid_slopes, grid_steps
from review.stats.pooling.marginal_likelihood import LOG_2PI
from review.stats.pooling.tau2 import EQUAL_EFFECTS

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

FEW: Final = 40  # studies; beyond, arrays are as fast
_BY_Q: Final = ("EB", "PM", "PMM", "SJIT", "DLIT")
_SUPPORTED: Final = frozenset({"EE", "FE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", *_BY_Q})

Step = tuple[float, float]


class _Weighted:
    """P at the weights 1/(v + t): what the sums of few studies give of it."""

    __slots__ = ("mean", "rss", "s1", "s2", "w", "z")
    s1: float
    s2: float

    def __init__(self, d: list[float], v: list[float], t: float) -> None:
        self.w = w = [1.0 / (x + t) for x in v]
        self.s1 = s1 = sum(w)
        self.s2 = sum(map(mul, w, w))
        self.mean = mean = sum(map(mul, w, d)) / s1
        r = [x - mean for x in d]
        self.z = list(map(mul, w, r))
        self.rss = sum(map(mul, self.z, r))

    @property
    def trace(self) -> float:
        """Trace of P."""
        return self.s1 - self.s2 / self.s1

    def trace_sq(self, S: list[float] | None = None) -> float:
        """Trace of P S P S; S is the identity by default."""
        w, s1 = self.w, self.s1
        u = w if S is None else list(map(mul, w, S))
        wu = list(map(mul, w, u))
        share = sum(wu) / s1
        found: float = sum(map(mul, u, u)) - 2 * sum(map(mul, wu, u)) / s1 + share * share
        return found


def fit_few(
    y: FloatArray, v: FloatArray, method: str, test: str, *, tau2: float | None, level: float
) -> Numbers | None:
    """Fit 2 to `FEW` studies without moderators and without weights of their own.

    Args:
        y: effects, (k,).
        v: sampling variances, all positive, (k,).
        method: exactly as in `METHODS`.
        test: exactly as in `TESTS`.
        tau2: a fixed value instead of an estimate.
        level: of the intervals, per cent.

    Returns:
        None for what arrays must do: other sizes and methods, a study that has nearly all weight,
        a likelihood with several maxima, numbers at the ends of the range.

    Raises:
        ConvergenceError: an estimating equation cannot be solved.

    Example:
        >>> y, v = np.array([0.1, 0.9, 0.4]), np.array([0.04, 0.09, 0.05])
        >>> found = fit_few(y, v, "DL", "z", tau2=None, level=95)
        >>> round(found.tau2, 10)
        0.0830555556
    """
    if not 2 <= len(y) <= FEW or method not in _SUPPORTED:
        return None
    try:
        return _fit(y.tolist(), v.tolist(), method, test, fixed=tau2, level=level)
    except (ArithmeticError, ValueError):  # arrays have infinities for these, and say what is wrong
        return None


def tau2_of_few(y: FloatArray, v: FloatArray, method: str) -> float | None:
    """Estimate tau2 alone, as `fit_few` does; None for what arrays must do.

    Example:
        >>> y, v = np.array([0.1, 0.9, 0.4]), np.array([0.04, 0.09, 0.05])
        >>> round(tau2_of_few(y, v, "DL"), 10)
        0.0830555556
    """
    if not 2 <= len(y) <= FEW or method not in _SUPPORTED - EQUAL_EFFECTS:
        return None
    try:
        d, vs = (y - y[v.argmin()]).tolist(), v.tolist()
        zero = _Weighted(d, vs, 0.0)
        found = None if max(zero.w) > DOMINANT * zero.s1 else _tau2(d, vs, zero, method)
    except (ArithmeticError, ValueError):
        return None
    return None if found is None else found[0]


def _fit(
    y: list[float], v: list[float], method: str, test: str, *, fixed: float | None, level: float
) -> Numbers | None:
    k, df = len(y), len(y) - 1
    v_min = min(v)
    centre = y[v.index(v_min)]
    d = [x - centre for x in y]
    zero = _Weighted(d, v, 0.0)
    if max(zero.w) > DOMINANT * zero.s1:
        return None
    t, iterations, maxima = 0.0, 0, 1
    if fixed is not None:
        t = fixed
    elif method not in EQUAL_EFFECTS:
        found = _tau2(d, v, zero, method)
        if found is None:
            return None
        t, iterations, maxima = found
    P = zero if t == 0 else _Weighted(d, v, t)
    s2w, ddf, changed = _factor(test, P.rss / df, df)
    beta, vb = P.mean + centre, s2w / P.s1
    se = math.sqrt(vb)
    stat = beta / se
    crit, pval = t_critical(1 - check_level(level), ddf), t_both(stat, ddf)
    vt = df / zero.trace
    if method in EQUAL_EFFECTS:
        I2, H2 = 100 * max(0.0, (zero.rss - df) / zero.rss) if zero.rss > 0 else 0.0, zero.rss / df
    else:
        I2, H2 = 100 * t / (vt + t), (vt + t) / vt
    total = P.rss - sum(map(math.log, P.w))
    one = np.array([[beta, se, stat, pval, beta - crit * se, beta + crit * se]]).T
    cov = np.array([[vb]])
    return Numbers(
        beta=one[0], se=one[1], stat=one[2], pval=one[3], ci_lb=one[4], ci_ub=one[5], vb=cov,
        coef=one[0], cov=cov, w=np.array(P.w), tau2=t,
        se_tau2=_se_tau2(d, v, (zero, P), method, t), vt=vt, I2=I2, H2=H2,
        QE=zero.rss, QEp=chi2_upper(zero.rss, df), QM=beta * beta / vb, QMp=pval, ddf=ddf, s2w=s2w,
        ml=-0.5 * (k * LOG_2PI + total),
        reml=-0.5 * (df * LOG_2PI + total + math.log(P.s1) - math.log(k)), changed=changed,
        iterations=iterations, maxima=maxima,
    )  # fmt: skip


def _factor(test: str, s2w: float, df: int) -> tuple[float, float, bool]:
    """Factor on the variance, degrees of freedom, and whether the test had to change."""
    if test in ("z", "t"):
        return 1.0, math.inf if test == "z" else float(df), False
    flat = s2w <= 1e-28
    factor = max(s2w, 1.0) if test == "adhoc" else s2w
    return 1.0 if flat else factor, float(df), flat and test == "knha"


def _spread(d: list[float]) -> float:
    """Mean squared deviation from the mean."""
    mean = sum(d) / len(d)
    return sum((x - mean) ** 2 for x in d) / len(d)


def _tau2(
    d: list[float], v: list[float], zero: _Weighted, method: str
) -> tuple[float, int, int] | None:
    """Estimate, evaluations, and maxima of the likelihood."""
    k, df = len(d), len(d) - 1
    if method == "DL":
        return max(0.0, (zero.rss - df) / zero.trace), 0, 1
    spread = _spread(d)
    if spread <= 0:
        return None
    if method == "HE":
        return max(0.0, (spread * k - (sum(v) - sum(v) / k)) / df), 0, 1
    if method in ("HS", "HSk"):
        return max(0.0, (zero.rss * (k / df if method == "HSk" else 1.0) - k) / zero.s1), 0, 1
    if method == "SJ":
        return spread * _Weighted(d, v, spread).rss / df, 0, 1
    if method in _BY_Q:
        return _by_q(d, v, zero, spread * k, float(df) if method != "PMM" else None)
    return _by_likelihood(d, v, spread * k, restricted=method == "REML")


def _by_q(
    d: list[float], v: list[float], zero: _Weighted, rss: float, target: float | None
) -> tuple[float, int, int]:
    """Root of Q(t) = target, by default its median; see `tau2.q_root`."""
    if target is None:
        from scipy.special import gammaincinv

        target = 2 * float(gammaincinv((len(d) - 1) / 2, 0.5))
    if zero.rss <= target:
        return 0.0, 1, 1
    goal = target

    def func(t: float) -> Step:
        P = _Weighted(d, v, t)
        slope = sum(map(mul, P.z, P.z))
        return P.rss - goal, (P.rss - goal) * P.rss / (goal * slope) if slope > 0 else 0.0

    hi = rss / target
    start = min(max(hi - max(v), 0.0), hi)
    t, n = falling_number(func, (0.0, hi), start, min(v), what="Q(tau2) = df")
    return t, n, 1


def _by_likelihood(
    d: list[float], v: list[float], rss: float, *, restricted: bool
) -> tuple[float, int, int] | None:
    """The maximum of a likelihood that has one; see `marginal_likelihood.maximise`."""
    v_min, a = min(v), rss / (len(d) - 1)
    top = a + math.sqrt(a * max(v))
    steps = grid_steps(len(d))
    points = v_min * np.expm1(math.log1p(top / v_min) * steps)
    slopes = grid_slopes(np.array(d), np.array(v), points, restricted=restricted).tolist()
    slopes.append(-1.0)
    peaks = [i for i in range(len(steps)) if slopes[i] > 0 >= slopes[i + 1]]
    if len(peaks) + (slopes[0] <= 0) > 1:
        return None
    if not peaks:
        return 0.0, len(steps), 1
    i = peaks[0]
    lo, hi = float(points[i]), float(points[i + 1]) if i + 1 < len(steps) else top
    share = min(max(slopes[i] / (slopes[i] - slopes[i + 1]), 0.1), 0.9)

    def func(t: float) -> Step:
        P = _Weighted(d, v, t)
        w, z, s1, s2 = P.w, P.z, P.s1, P.s2
        wz = list(map(mul, w, z))
        value = sum(map(mul, z, z)) - (P.trace if restricted else s1)
        curve = sum(map(mul, wz, z)) - sum(wz) ** 2 / s1
        info = s2
        if restricted:
            cubes = sum(x * x * x for x in w)
            info = s2 - 2 * cubes / s1 + (s2 / s1) ** 2
        bend = info - 2 * curve
        return value, -value / bend if bend < 0 else value / info

    what = "the REML equation" if restricted else "the ML equation"
    t, used = falling_number(func, (lo, hi), lo + share * (hi - lo), v_min, what=what)
    return t, used + len(steps), 1


def _se_tau2(
    d: list[float], v: list[float], at: tuple[_Weighted, _Weighted], method: str, t: float
) -> float:
    """Standard error of tau2; see `tau2.se_tau2`. `at`: P at 0 and at tau2."""
    zero, P = at
    k, df = len(v), len(v) - 1
    if method in EQUAL_EFFECTS:
        return math.nan
    if method == "ML":
        return math.sqrt(2 / P.s2)
    if method == "REML":
        return math.sqrt(2 / P.trace_sq())
    if method in _BY_Q:
        return math.sqrt(2 * k**2 / df) / P.s1
    S = [x + t for x in v]
    if method == "SJ":
        spread = _spread(d)
        return spread * math.sqrt(2 * _Weighted(d, v, spread).trace_sq(S)) / df
    if method == "HE":
        squares = sum(map(mul, S, S))
        return math.sqrt(2 * (squares - 2 * squares / k + (sum(S) / k) ** 2)) / df
    scale = math.sqrt(2 * zero.trace_sq(S))
    if method == "DL":
        return scale / zero.trace
    return scale / zero.s1 * (k / df if method == "HSk" else 1.0)
