"""The whole fit on arrays: one data set, or many subsets or permutations in one call.

`meta_analysis` fits one data set through this module; leave-one-out, cumulative, GOSH and
permutation analyses fit their batches through it, so they agree with refitting by construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from review.stats.ground.basis import Basis
from review.stats.ground.inference import CoefTests, chi2_tail, coef_tests
from review.stats.ground.least_squares import BoolArray, FloatArray, Projector
from review.stats.pooling.prepared_effects import Sample, make_sample
from review.stats.pooling.tau2 import EQUAL_EFFECTS, estimate_tau2, se_tau2

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False)
class BatchFit:
    """Fits of the rows of a sample; arrays have its leading shape (...).

    Attributes:
        beta, se, stat, pval, ci_lb, ci_ub: (..., p). vb: (..., p, p).
        coef, cov: coefficients and their covariance in the basis of the design.
        tau2, se_tau2, vt, I2, H2, QE, QEp, QM, QMp: (...); see `MetaResult`.
        k, df: number of studies and k - p, (...).
        ddf: degrees of freedom of the tests, infinite for z, (...).
        s2w: factor on the covariance, (...). rss: r'Wr at the estimates, (...).
        projector: P at the estimates of tau2.
        test_changed: rows in which the test asked for is not defined, (...): no residual degrees
            of freedom (z is used) or a Knapp-Hartung factor of 0 (the factor is set to 1).
        iterations, maxima: of the search for tau2.
    """

    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    vb: FloatArray
    coef: FloatArray
    cov: FloatArray
    tau2: FloatArray
    se_tau2: FloatArray
    vt: FloatArray
    I2: FloatArray
    H2: FloatArray
    QE: FloatArray
    QEp: FloatArray
    QM: FloatArray
    QMp: FloatArray
    k: FloatArray
    df: FloatArray
    ddf: FloatArray
    s2w: FloatArray
    rss: FloatArray
    projector: Projector
    test_changed: BoolArray
    iterations: int
    maxima: int


def fit_batch(
    y: ArrayLike,
    v: ArrayLike,
    X: ArrayLike | Basis | None = None,
    mask: ArrayLike | None = None,
    *,
    method: str = "REML",
    test: str = "knha",
    weights: ArrayLike | None = None,
    tau2: ArrayLike | None = None,
    level: float = 95,
    intercept: bool = True,
) -> BatchFit:
    """Fit many data sets that share their length k.

    Arguments broadcast against each other: subsets of one data set are y, v (k,) and mask (B, k);
    permutations are y (B, k) and v (k,), or X (B, k, p). Memory is a few arrays of B x k (x p):
    pass large batches in chunks.

    Args:
        y: effects, (k,) or (..., k).
        v: sampling variances, all positive (also where masked), (k,) or (..., k).
        X: design of full column rank with its intercept column, (k, p) or (..., k, p), or its
            basis; None for an intercept alone.
        mask: true for the studies kept, (..., k).
        method: estimator of tau2, exactly as in `METHODS`.
        test: exactly as in `TESTS`.
        weights: as in `meta_analysis`, (k,) or (..., k).
        tau2: fixed value(s) instead of estimates, (...).
        level: of the intervals, per cent.
        intercept: whether the first column of X is an intercept (left out of QM).

    Returns:
        The fits. Rows with k < p, or whose X is singular, are NaN throughout.

    Example:
        >>> keep = ~np.eye(3, dtype=bool)
        >>> loo = fit_batch([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], mask=keep, method="EE", test="z")
        >>> loo.beta[:, 0].round(4).tolist()
        [0.5786, 0.2333, 0.3462]
    """
    s = make_sample(
        np.asarray(y, dtype=np.float64),
        np.asarray(v, dtype=np.float64),
        X if X is None or isinstance(X, Basis) else np.asarray(X, dtype=np.float64),
        None if mask is None else np.asarray(mask, dtype=np.float64),
    )
    w = None if weights is None else np.asarray(weights, dtype=np.float64)
    return fit_sample(s, method, test, weights=w, tau2=tau2, level=level, intercept=intercept)


def fit_sample(
    s: Sample,
    method: str,
    test: str,
    *,
    weights: FloatArray | None = None,
    tau2: ArrayLike | None = None,
    level: float = 95,
    intercept: bool = True,
) -> BatchFit:
    """Fit every row of a sample; see `fit_batch`."""
    t, iterations, maxima = _tau2(s, method, weights, tau2)
    P = s.projector(t) if np.any(t) else s.at_zero
    gamma, cov, rss = coefficients(s, P, weights, t)
    q = rss if weights is None else P.quadratic(s.y)
    s2w, ddf, changed = variance_factor(s, test, q)
    coef = s.restore(gamma)
    cov = (cov if s.U is not None else cov[..., None, None]) * s2w[..., None, None]
    beta, vb = s.in_x(coef, cov)
    c: CoefTests = coef_tests(beta, vb, ddf, level, intercept=intercept, inside=(coef, cov))
    QE, vt = (x + np.zeros(t.shape) for x in residual_heterogeneity(s))
    I2, H2 = relative_heterogeneity(method, t, vt, QE, s.df)
    return BatchFit(
        beta=beta, se=c.se, stat=c.stat, pval=c.pval, ci_lb=c.ci_lb, ci_ub=c.ci_ub, vb=vb,
        coef=coef, cov=cov, tau2=t, se_tau2=se_tau2(s, method, t, weights, P), vt=vt, I2=I2, H2=H2,
        QE=QE, QEp=chi2_tail(QE, s.df), QM=c.QM, QMp=c.QMp, k=s.k, df=s.df, ddf=ddf, s2w=s2w,
        rss=rss, projector=P, test_changed=changed, iterations=iterations, maxima=maxima,
    )  # fmt: skip


def _tau2(
    s: Sample, method: str, weights: FloatArray | None, fixed: ArrayLike | None
) -> tuple[FloatArray, int, int]:
    if fixed is not None:
        return np.asarray(fixed, dtype=np.float64) + np.zeros(s.shape), 0, 1
    found = estimate_tau2(s, method, weights)
    return found.value, found.iterations, found.maxima


def coefficients(
    s: Sample, P: Projector, weights: FloatArray | None, tau2: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coefficients and covariance in the basis of the sample, and r'Wr.

    With given weights A the estimator is (X'AX)^-1 X'Ay, and its covariance the sandwich
    (X'AX)^-1 X'A diag(v + tau2) A X (X'AX)^-1 (Sidik & Jonkman 2006, eq. 3).
    """
    if weights is None:
        return P.coef(s.y), P.M, P.quadratic(s.y)
    a = np.broadcast_to(weights, s.v.shape) if s.on is None else weights * s.on
    A = Projector(a, s.U)
    S = s.v + tau2[..., None]
    if s.U is None:
        cov = np.asarray((a * a * S).sum(-1) * A.M**2)
    else:
        assert A.wu is not None
        cov = A.M @ (np.swapaxes(A.wu, -1, -2) @ (A.wu * S[..., None])) @ A.M
    r = A.residuals(s.y)
    return A.coef(s.y), cov, np.asarray((P.w * r * r).sum(-1))


def variance_factor(
    s: Sample, test: str, q: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Factor on the covariance, degrees of freedom, and rows in which the test had to change.

    The factor is s2w = y'Py/(k - p) (Knapp & Hartung 2003, Stat Med 22:2693, eq. 6), for "adhoc"
    at least 1. P has the weights 1/(v + tau2) also where the estimates have others.
    """
    one = np.ones(q.shape)
    if test == "z":
        return one, np.full(q.shape, np.inf), one < 0
    free = s.df > 0
    ddf = np.where(free, s.df, np.inf) * one
    if test == "t":
        return one, ddf, ~free & (one > 0)
    s2w = q / np.where(free, s.df, 1.0)
    flat = free & (s2w <= 1e-28)
    s2w = np.where(free & ~flat, np.maximum(s2w, 1.0) if test == "adhoc" else s2w, 1.0) * one
    return s2w, ddf, (~free | (flat if test == "knha" else False)) & (one > 0)


def residual_heterogeneity(s: Sample) -> tuple[FloatArray, FloatArray]:
    """QE, and the typical sampling variance (k - p)/tr P (Higgins & Thompson 2002, eq. 9)."""
    P = s.at_zero
    free = s.df > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        QE, vt = P.quadratic(s.y), s.df / P.trace()
    return np.where(free, QE, 0.0), np.where(free, vt, 0.0)


def relative_heterogeneity(
    method: str, tau2: FloatArray, vt: FloatArray, QE: FloatArray, df: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """I2 in per cent and H2 (Higgins & Thompson 2002); from Q for equal-effects models."""
    free = df > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        if method in EQUAL_EFFECTS:
            I2, H2 = np.where(QE > 0, 100 * np.maximum(0.0, (QE - df) / QE), 0.0), QE / df
        else:
            I2, H2 = 100 * tau2 / (vt + tau2), (vt + tau2) / vt
    return np.where(free, I2, 0.0), np.where(free, H2, 1.0)
