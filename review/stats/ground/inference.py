"""From coefficients and their covariance to tests, intervals and fit statistics."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from review.stats.ground.levels import check_level as check_level  # noqa: PLC0414  names of this module too
from review.stats.ground.levels import level_percent as level_percent  # noqa: PLC0414  names of this module too
from review.stats.ground.levels import normal_quantile as normal_quantile  # noqa: PLC0414  names of this module too
from review.stats.ground.levels import wilson as wilson  # noqa: PLC0414  names of this module too
from review.stats.ground.plain_tails import LARGEST_DF, t_critical

if TYPE_CHECKING:
    from review.stats.ground.basis import BasisFit
    from review.stats.ground.least_squares import FloatArray

TESTS: Final = ("z", "t", "knha", "adhoc")


@dataclass(frozen=True)
class FitStats:
    """Log-likelihood and information criteria (Burnham & Anderson 2002, ch. 2 and 7.4).

    Attributes:
        loglik: log-likelihood.
        deviance: -2 loglik.
        AIC: -2 loglik + 2 q with q parameters (coefficients, and tau2 when it is estimated).
        BIC: -2 loglik + q log n; n is k for ML and k - p for REML.
        AICc: AIC with the small-sample correction.
    """

    loglik: float
    deviance: float
    AIC: float
    BIC: float
    AICc: float


class FitCriteria:
    """Log-likelihood and criteria of a result that has a `fit`."""

    if TYPE_CHECKING:
        # a property here would be taken for the default value of a field in a subclass

        @property
        def fit(self) -> FitStats:
            """Log-likelihood and criteria of the method."""

    @property
    def loglik(self) -> float:
        """Log-likelihood (see `fit`)."""
        return self.fit.loglik

    @property
    def deviance(self) -> float:
        """-2 log-likelihood (see `fit`)."""
        return self.fit.deviance

    @property
    def AIC(self) -> float:  # noqa: N802  name of the field
        """Akaike's information criterion (see `fit`)."""
        return self.fit.AIC

    @property
    def AICc(self) -> float:  # noqa: N802  name of the field
        """AIC with small-sample correction (see `fit`)."""
        return self.fit.AICc

    @property
    def BIC(self) -> float:  # noqa: N802  name of the field
        """Bayesian information criterion (see `fit`)."""
        return self.fit.BIC


@dataclass(frozen=True, eq=False)
class CoefTests:
    """Tests and intervals of p coefficients, arrays (..., p), and their omnibus test, (...)."""

    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    QM: FloatArray
    QMp: FloatArray


def fit_stats(loglik: float, q: int, n: int) -> FitStats:
    """Information criteria of a fit with q parameters to n observations.

    With n < q + 2 the correction of AICc is taken at n = q + 2, its largest defined value; BIC
    without an observation (k = p under REML) at n = 1, where it has no penalty.
    """
    room = max(n, q + 2)
    bic = -2 * loglik + q * math.log(max(n, 1))
    return FitStats(
        loglik=loglik,
        deviance=-2 * loglik,
        AIC=-2 * loglik + 2 * q,
        BIC=bic,
        AICc=-2 * loglik + 2 * q * room / (room - q - 1),
    )


def critical_value(level: float, ddf: FloatArray | float | None) -> FloatArray:
    """Two-sided critical value of the t distribution; normal where ddf is None or infinite."""
    alpha = 1 - check_level(level)
    if ddf is None:
        return np.asarray(t_critical(alpha, math.inf))
    if np.size(ddf) == 1:  # without scipy, and the same number wherever it is asked for
        one = float(np.ravel(ddf)[0])
        if math.isinf(one) or (1 <= one <= LARGEST_DF and one.is_integer()):
            return np.full(np.shape(ddf), t_critical(alpha, one))
    from scipy.special import ndtri, stdtrit

    upper = 0.5 + 0.5 * check_level(level)
    df, normal = _finite_df(ddf)
    return np.asarray(np.where(normal, ndtri(upper), stdtrit(df, upper)))


def two_sided(stat: FloatArray, ddf: FloatArray | float | None) -> FloatArray:
    """Two-sided p-values of t statistics; of z statistics where ddf is None or infinite."""
    from scipy.special import ndtr, stdtr

    tail = -np.abs(stat)
    if ddf is None:
        return np.asarray(2 * ndtr(tail))
    df, normal = _finite_df(ddf)
    return np.asarray(2 * np.where(normal, ndtr(tail), stdtr(df, tail)))


def _finite_df(ddf: FloatArray | float) -> tuple[FloatArray, FloatArray]:
    """Degrees of freedom with 1 in place of infinity, and where they are infinite."""
    df = np.asarray(ddf, dtype=np.float64)
    normal = np.isinf(df)
    return np.where(normal, 1.0, df), normal


def chi2_tail(q: FloatArray | float, df: FloatArray | float) -> FloatArray:
    """P(chi2 with df > q); 1 when df is 0."""
    from scipy.special import chdtrc

    df = np.asarray(df, dtype=np.float64)
    return np.asarray(np.where(df > 0, chdtrc(np.where(df > 0, df, 1.0), q), 1.0))


def chi2_quantile(probability: float, df: FloatArray | float) -> FloatArray:
    """Quantile of the chi-squared distribution."""
    from scipy.special import gammaincinv

    return np.asarray(2 * gammaincinv(np.asarray(df, dtype=np.float64) / 2, probability))


def wald(
    beta: FloatArray, vb: FloatArray, ddf: FloatArray | float | None
) -> tuple[FloatArray, FloatArray]:
    """Omnibus test that all m coefficients are 0.

    Args:
        beta: (..., m).
        vb: covariance, (..., m, m).
        ddf: denominator degrees of freedom, (...); None or infinite for chi-squared.

    Returns:
        The F statistic (chi-squared: the sum itself, not divided by m) and its p-value, (...).
    """
    from scipy.special import fdtrc

    m = beta.shape[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        if m == 1:
            q = beta[..., 0] ** 2 / vb[..., 0, 0]
        else:
            scale = 1.0 / np.sqrt(np.einsum("...ii->...i", vb))
            z = beta * scale
            correlation = vb * scale[..., :, None] * scale[..., None, :]
            q = (z * np.linalg.solve(correlation, z[..., None])[..., 0]).sum(-1)
    if ddf is None:
        return np.asarray(q), chi2_tail(q, m)
    df, normal = _finite_df(ddf)
    f = np.where(normal, q, q / m)
    return f, np.asarray(np.where(normal, chi2_tail(q, m), fdtrc(m, df, f)))


def coef_tests(
    beta: FloatArray,
    vb: FloatArray,
    ddf: FloatArray | float | None,
    level: float,
    *,
    intercept: bool,
    inside: tuple[FloatArray, FloatArray],
) -> CoefTests:
    """Test every coefficient, and all of them (but an intercept that is not alone) together.

    The joint test is made in the basis of the design: with the columns in their order the change
    of basis is triangular, so that all coefficients but the first vanish in X when they do in it.

    Args:
        beta: (..., p).
        vb: covariance, (..., p, p), already scaled by s2w.
        ddf: degrees of freedom of the t distribution, (...); None or infinite for the normal.
        level: of the intervals, per cent.
        intercept: whether the first coefficient is an intercept.
        inside: coefficients and covariance in the basis of the design.
    """
    se = np.sqrt(np.einsum("...ii->...i", vb))
    with np.errstate(divide="ignore", invalid="ignore"):
        stat = beta / se
    each = None if ddf is None else np.asarray(ddf, dtype=np.float64)[..., None]
    half = critical_value(level, each) * se
    tested = slice(1 if intercept and beta.shape[-1] > 1 else 0, None)
    QM, QMp = wald(inside[0][..., tested], inside[1][..., tested, tested], ddf)
    return CoefTests(se, stat, two_sided(stat, each), beta - half, beta + half, QM, QMp)


def basis_tests(
    fit: BasisFit, ddf: FloatArray | float | None, level: float, *, intercept: bool
) -> CoefTests:
    """Tests of the coefficients of a design, as `coef_tests` makes them."""
    inside = fit.coef, fit.cov
    return coef_tests(fit.beta, fit.vb, ddf, level, intercept=intercept, inside=inside)
