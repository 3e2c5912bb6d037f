"""Estimators of the between-study variance tau2, for one data set or a batch.

EE, FE          tau2 = 0: equal effects, fixed effects (Hedges & Vevea 1998)
HE              unweighted moments (Hedges & Olkin 1985, ch. 9)
DL              moments with weights 1/v (DerSimonian & Laird 1986, eq. 7)
GENQ            moments with any weights (DerSimonian & Kacker 2007, eq. 6; Jackson et al. 2014)
GENQM           median-unbiased form of GENQ (Viechtbauer 2021)
HS, HSk         Hunter & Schmidt (1990), and its small-sample form (Brannick et al. 2019)
SJ              Sidik & Jonkman (2005, Appl Stat 54:367)
ML, REML        (restricted) maximum likelihood (Hardy & Thompson 1996; Raudenbush 2009, eq. 16.12)
EB, PM, SJIT    empirical Bayes (Morris 1983), Paule & Mandel (1982), iterated SJ: the same root
DLIT            iterated DL: GENQ with weights 1/(v + tau2) of the last round until nothing
                changes. With P of these weights t = (y'Py - tr PV)/tr P holds where y'Py =
                tr P(V + tI) = k - p, so its fixed point is that of PM (DerSimonian & Kacker 2007)
PMM             median-unbiased PM (Viechtbauer 2021)

Every estimate is truncated at 0. Where nothing is left to estimate it from (k <= p) it is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import InputError
from review.stats.ground.least_squares import FloatArray, Projector, falling_root
from review.stats.pooling.marginal_likelihood import maximise

if TYPE_CHECKING:
    from review.stats.pooling.prepared_effects import Sample

METHODS: Final = (
    "EE", "FE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM", "GENQ", "GENQM",
    "DLIT", "SJIT",
)  # fmt: skip
ITERATIVE: Final = frozenset({"ML", "REML", "EB", "PM", "PMM", "DLIT", "SJIT", "GENQM"})
EQUAL_EFFECTS: Final = frozenset({"EE", "FE"})


@dataclass(frozen=True)
class Tau2:
    """Estimates (...) of tau2 and how they were found.

    Attributes:
        value: the estimates, (...).
        iterations: evaluations of the estimating equation; 0 for closed forms.
        maxima: number of local maxima of the likelihood seen, (...); 1 for other methods.
    """

    value: FloatArray
    iterations: int = 0
    maxima: int = 1


def estimate_tau2(s: Sample, method: str, weights: FloatArray | None = None) -> Tau2:
    """Estimate tau2 of every row of a sample.

    Args:
        s: from `make_sample`.
        method: one of `METHODS`, exactly as spelled there.
        weights: (k,) or (..., k), for GENQ and GENQM only.

    Raises:
        ConvergenceError: if an estimating equation cannot be solved.

    Example:
        >>> from review.stats.pooling.prepared_effects import make_sample
        >>> y, v = np.array([0.1, 0.9, 0.4]), np.array([0.04, 0.09, 0.05])
        >>> round(float(estimate_tau2(make_sample(y, v), "DL").value), 10)
        0.0830555556
    """
    if method in EQUAL_EFFECTS:
        return Tau2(np.zeros(s.shape))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _estimate(s, method, weights)
    value = np.where((s.df <= 0) | (s.rss <= 0), 0.0, found.value) + np.zeros(s.shape)
    # comparison first: NaN (a singular row) must stay visible, not become 0
    return Tau2(np.where(value < 0, 0.0, value), found.iterations, found.maxima)


def _estimate(s: Sample, method: str, weights: FloatArray | None) -> Tau2:
    if method in ("ML", "REML"):
        return Tau2(*maximise(s, restricted=method == "REML"))
    if method in ("EB", "PM", "SJIT", "DLIT"):
        return Tau2(*q_root(s, s.df))
    if method == "PMM":
        from scipy.special import gammaincinv

        return Tau2(*q_root(s, np.asarray(2 * gammaincinv(s.df / 2, 0.5))))
    if method == "SJ":
        P = s.projector(s.spread)
        return Tau2(np.asarray(s.spread * P.quadratic(s.y) / s.df))
    if method in ("HS", "HSk"):
        P = s.at_zero
        q = P.quadratic(s.y) * (s.k / s.df if method == "HSk" else 1.0)
        return Tau2(np.asarray((q - s.k) / P.s1))
    P = moment_projector(s, method, weights)
    if method == "GENQM":
        from review.stats.pooling.generalised_q import median_root

        return Tau2(*median_root(s, P))
    expected = s.df if method == "DL" else P.trace(s.v)
    return Tau2(np.asarray((P.quadratic(s.y) - expected) / P.trace()))


def moment_projector(s: Sample, method: str, weights: FloatArray | None) -> Projector:
    """P with the weights of a moment estimator: 1/v (DL), 1 (HE) or those given (GENQ)."""
    if method == "DL":
        return s.at_zero
    if method == "HE":
        a = np.ones(s.v.shape)
    elif weights is None:
        raise InputError(f"method={method!r} needs weights=, one positive number per study")
    else:
        a = np.broadcast_to(weights, s.v.shape)
    return Projector(a if s.on is None else a * s.on, s.U)


@np.errstate(divide="ignore", invalid="ignore")
def q_root(s: Sample, target: FloatArray) -> tuple[FloatArray, int]:
    """Solve y'P(t)y = target for t >= 0 (0 when y'P(0)y is already below the target).

    The generalised Q statistic falls in t and its reciprocal is nearly straight, so Newton steps
    are taken on 1/Q; they start to the left of the root or are bracketed by rss/target, since
    Q(t) <= rss/t.

    Returns:
        Roots (...) and the number of evaluations.
    """
    target = np.asarray(target, dtype=np.float64)

    def func(t: FloatArray) -> tuple[FloatArray, FloatArray]:
        P = s.projector(t)
        z = P(s.y)
        q, slope = np.vecdot(z, s.y), np.vecdot(z, z)
        return np.asarray(q - target), np.asarray(
            np.where(slope > 0, (q - target) * q / (target * slope), 0.0)
        )

    ok = (target > 0) & (s.df > 0) & (s.rss > 0)
    target = np.where(ok, target, 1.0)
    below = ~ok | (func(np.zeros(target.shape))[0] <= 0)
    hi = np.where(below, 0.0, s.rss / target)
    start = np.clip(hi - s.v_max, 0.0, hi)
    root, n = falling_root(func, np.zeros_like(hi), hi, start, s.v_min, what="Q(tau2) = df")
    return np.where(below, 0.0, root), n


def se_tau2(
    s: Sample, method: str, tau2: FloatArray, weights: FloatArray | None = None,
    at_tau2: Projector | None = None,
) -> FloatArray:  # fmt: skip
    """Standard error of tau2, (...): NaN where k <= p or for equal-effects models.

    Moment estimators: 2 tr(P S P S) with S = diag(v + tau2) is the variance of a quadratic form in
    normal effects (Searle 1971, ch. 2). ML and REML: inverse of the expected information
    (Raudenbush 2009, eq. 16.16). EB, PM, SJIT, DLIT: Morris 1983.
    """
    tau2 = np.asarray(tau2)
    with np.errstate(divide="ignore", invalid="ignore"):
        if method in EQUAL_EFFECTS:
            out = np.full(np.shape(tau2), np.nan)
        elif method == "ML":
            w = s.weights(tau2) if at_tau2 is None else at_tau2.w
            out = np.sqrt(2.0 / np.vecdot(w, w))
        elif method == "REML":
            out = np.sqrt(2.0 / (at_tau2 or s.projector(tau2)).trace_sq())
        elif method in ("EB", "PM", "PMM", "SJIT", "DLIT"):
            w = s.weights(tau2) if at_tau2 is None else at_tau2.w
            out = np.sqrt(2.0 * s.k**2 / s.df) / w.sum(-1)
        elif method == "SJ":
            P = s.projector(s.spread)
            out = s.spread * np.sqrt(2.0 * P.trace_sq(s.v + tau2[..., None])) / s.df
        elif method in ("HS", "HSk"):
            P = s.at_zero
            share = s.k / s.df if method == "HSk" else 1.0
            out = np.sqrt(2.0 * P.trace_sq(s.v + tau2[..., None])) / P.s1 * share
        else:
            P = moment_projector(s, method, weights)
            out = np.sqrt(2.0 * P.trace_sq(s.v + tau2[..., None])) / P.trace()
    return np.where(s.df > 0, out, np.nan)
