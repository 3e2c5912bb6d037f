"""The posterior distribution of tau, the standard deviation between studies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from review.errors import StatsError
from review.stats.bayes.given_tau import GivenTau, MuPrior, given_tau
from review.stats.bayes.log_panels import Panels, integrate
from review.stats.bayes.posterior_summary import Distribution
from review.words import plural

if TYPE_CHECKING:
    from review.stats.bayes.tau_priors import TauPrior
    from review.stats.ground.least_squares import FloatArray

MANY: Final = 500
MARGIN: Final = 0.2  # of the exponent of a tail, below which a moment is not computed


@dataclass(frozen=True, eq=False)
class TauPosterior(Distribution):
    """The posterior distribution of tau.

    Attributes:
        y, v: effects and sampling variances, (k,).
        prior: of tau. mu_prior: of mu.
        panels: the quadrature over log tau.
        log_marginal: logarithm of the marginal likelihood of the data, the density of their
            effects under the priors; where a prior is improper, up to a constant of that prior.
        power: the density falls like tau^-power.
        tau: nodes of the quadrature, (J,). weights: their posterior probabilities, (J,).
        given: posterior of mu and likelihood at the nodes.
    """

    GAPS: ClassVar = {"power": "infinite: faster than any power"}

    y: FloatArray
    v: FloatArray
    prior: TauPrior
    mu_prior: MuPrior
    panels: Panels
    log_marginal: float
    log_norm: float
    power: float
    tau: FloatArray
    weights: FloatArray
    given: GivenTau

    @property
    def lowest(self) -> float:
        """Smallest possible value."""
        return 0.0

    def has_moment(self, order: int) -> bool:
        """Whether the tail is light enough for a moment."""
        return self.power - order - 1 > MARGIN

    def pdf(self, x: Any) -> FloatArray:
        """Return the density at values of tau; 0 below 0."""
        with np.errstate(over="ignore"):
            return np.exp(self.log_pdf(x))

    def log_pdf(self, x: Any) -> FloatArray:
        """Return the logarithm of the density at values of tau."""
        tau = np.asarray(x, dtype=np.float64)
        inside = np.maximum(tau.ravel(), 0)
        density = self.prior.log_density(inside, self.v)
        density = density + given_tau(self.y, self.v, inside, self.mu_prior).log_likelihood
        out = np.where(tau.ravel() < 0, -np.inf, density - self.log_norm)
        return out.reshape(tau.shape)

    def cdf(self, x: Any) -> FloatArray:
        """Return the probability of a smaller tau."""
        tau = np.asarray(x, dtype=np.float64)
        u = np.log(np.maximum(tau, 1e-300))
        return np.where(tau <= 0, 0.0, self.panels.below(u.ravel()).reshape(tau.shape))

    def quantile(self, p: Any) -> FloatArray:
        """Return quantiles."""
        share = np.asarray(p, dtype=np.float64)
        found = np.exp(self.panels.quantile(share.ravel())).reshape(share.shape)
        return np.where(share <= 0, 0.0, found)

    @property
    def mode(self) -> float:
        """Value of the highest density; 0 where it falls from there."""
        from scipy.optimize import minimize_scalar

        if self.prior.origin < 0:
            return 0.0
        # on a fine grid, so that a narrow peak between two nodes is not passed over
        order = np.argsort(self.tau)
        tau = np.concatenate([[0.0], self.tau[order]])
        height = self.log_pdf(tau)
        best = int(np.argmax(height))
        if best == 0:
            return 0.0
        high = tau[min(best + 1, len(tau) - 1)]
        found = minimize_scalar(
            lambda x: -float(self.log_pdf(x)), bounds=(tau[best - 1], high), method="bounded",
            options={"xatol": 1e-10 * high},
        )  # fmt: skip
        return float(found.x)

    @property
    def mean(self) -> float | None:
        """Mean; None where the tail is too heavy."""
        return float(self.weights @ self.tau) if self.has_moment(1) else None

    @property
    def sd(self) -> float | None:
        """Standard deviation; None where the tail is too heavy."""
        if not self.has_moment(2) or self.mean is None:
            return None
        return math.sqrt(float(self.weights @ np.square(self.tau - self.mean)))


def tau_posterior(y: FloatArray, v: FloatArray, prior: TauPrior, mu_prior: MuPrior) -> TauPosterior:
    """Return the posterior distribution of tau.

    Args:
        y: effects, (k,).
        v: sampling variances, (k,).
        prior: of tau.
        mu_prior: of mu.

    Raises:
        StatsError: the posterior of an improper prior has no integral.
    """
    power = _tail(len(y), prior, mu_prior)
    s = np.sqrt(v)
    spread = float(np.ptp(y)) if mu_prior.sd else float(np.abs(y - mu_prior.mean).max())
    scales = [float(s.min()), float(s.max()), *prior.scales]
    scales += [spread] if spread > 0 else []
    middle = (math.log(min(scales)), math.log(max(scales)))

    def log_f(u: FloatArray) -> FloatArray:
        tau = np.exp(u)
        density = prior.log_density(tau, v)
        return density + given_tau(y, v, tau, mu_prior).log_likelihood + u

    def mixed(u: FloatArray) -> tuple[FloatArray, FloatArray]:
        tau = np.exp(u)
        return study_effects(y, v, tau, given_tau(y, v, tau, mu_prior), few=True)

    powers = tuple(float(m) for m in (0, 1, 2) if m == 0 or power - m - 1 > MARGIN)
    upper = math.log(prior.upper) if math.isfinite(prior.upper) else math.inf
    panels = integrate(
        log_f, middle, upper=upper, powers=powers, resolve=None if mu_prior.sd == 0 else mixed
    )
    norm = 0.0 if prior.normed or not prior.proper else _norm(prior, v, middle)
    tau, weights = np.exp(panels.u.ravel()), panels.mass.ravel()
    # a node that adds nothing to any digit of a probability or a finite moment is passed over
    used = np.any([weights * tau**m > 1e-20 * (weights @ tau**m) for m in powers], axis=0)
    tau, weights = tau[used], weights[used]
    return TauPosterior(
        y, v, prior, mu_prior, panels, panels.log_integral - norm, panels.log_integral, power,
        tau, weights, given_tau(y, v, tau, mu_prior),
    )  # fmt: skip


def _tail(k: int, prior: TauPrior, mu_prior: MuPrior) -> float:
    """Exponent of the tail; the likelihood falls like tau^-k, with a flat mu like tau^-(k - 1)."""
    falls = k if mu_prior.proper else k - 1
    power = prior.tail + falls
    if prior.proper or power > 1 + 1e-9:
        return power
    needed = math.floor(2 - prior.tail) + (0 if mu_prior.proper else 1)
    raise StatsError(
        f"with {plural(k, 'study')} and the improper prior {prior.label} of tau "
        f"{'' if mu_prior.proper else 'and a flat prior of mu '}there is no posterior "
        f"distribution: it needs at least {needed} studies; use a proper prior such as "
        "'half-normal:0.5'"
    )


def study_effects(
    y: FloatArray, v: FloatArray, tau: FloatArray, given: GivenTau, *, few: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Return means and standard deviations of mu and of the studies' effects, (1 + k, n).

    Given tau, the effect of a study has the mean B y_i + (1 - B) E(mu) with B = tau2 / (tau2 + v_i)
    and the variance B v_i + (1 - B)^2 Var(mu) (Röver 2020, section 2.6).

    Args:
        y: effects, (k,).
        v: sampling variances, (k,).
        tau: standard deviations between studies, (n,).
        given: what follows from them.
        few: mu alone where there are many studies, whose effects hardly depend on tau then.
    """
    mean, sd = given.mean[None], given.sd[None]
    if few and len(y) > MANY:
        return mean, sd
    t2 = np.square(tau)
    share = t2 / (v[:, None] + t2)
    own = np.sqrt(share * v[:, None] + np.square((1 - share) * sd))
    return np.vstack([mean, share * y[:, None] + (1 - share) * mean]), np.vstack([sd, own])


def _norm(prior: TauPrior, v: FloatArray, middle: tuple[float, float]) -> float:
    """Logarithm of the integral of a proper prior whose constant is not known."""

    def log_f(u: FloatArray) -> FloatArray:
        return prior.log_density(np.exp(u), v) + u

    return integrate(log_f, middle).log_integral
