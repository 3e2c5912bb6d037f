"""The parameters of the HSROC model that the bivariate model is, in other words.

Without covariates the two models are one (Harbord et al. 2007, Biostatistics 8:239, eq. 4 to 8;
Arends et al. 2008). With mu and sigma of logit sensitivity (A) and logit specificity (B), and s
their covariance:

    beta  = log(sigma_B / sigma_A)                            shape: 0 for a symmetric curve
    Lambda = sqrt(sigma_B/sigma_A) mu_A + sqrt(sigma_A/sigma_B) mu_B       accuracy
    Theta = (sqrt(sigma_B/sigma_A) mu_A - sqrt(sigma_A/sigma_B) mu_B) / 2  threshold
    sigma2_alpha = 2 (sigma_A sigma_B + s),  sigma2_theta = (sigma_A sigma_B - s) / 2
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.ground.inference import critical_value
from review.stats.ground.result_kit import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.ground.least_squares import FloatArray

PARAMETERS: Final = ("Lambda", "Theta", "beta", "sigma2_alpha", "sigma2_theta")
_WORDS: Final = ("accuracy", "threshold", "shape", "variance of accuracy", "variance of threshold")


@dataclass(frozen=True, eq=False)
class HSROC(Record):
    """Parameters of the hierarchical summary ROC model (Rutter & Gatsonis 2001).

    Attributes:
        Lambda, Theta, beta, sigma2_alpha, sigma2_theta: see the module.
        se: their standard errors by the delta method, (5,); None at the edge of the range of the
            covariance and for the method of moments.
        level: of the intervals of the table, per cent.
    """

    Lambda: float
    Theta: float
    beta: float
    sigma2_alpha: float
    sigma2_theta: float
    se: FloatArray | None
    level: float

    @property
    def values(self) -> FloatArray:
        """The five parameters, (5,)."""
        return np.array([getattr(self, name) for name in PARAMETERS])

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        out: dict[str, Any] = {"estimate": self.values, "what": list(_WORDS)}
        if self.se is not None:
            half = critical_value(self.level, None) * self.se
            out |= {"se": self.se, "ci_lb": self.values - half, "ci_ub": self.values + half}
        return out

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "parameter", PARAMETERS

    @property
    def title(self) -> str:
        """First line of the summary."""
        return "HSROC parameters (Harbord et al. 2007)"


def parameters(theta: FloatArray) -> FloatArray:
    """The five parameters of (mu_sens, mu_fpr, psi_11, psi_12, psi_22), (..., 5)."""
    sens, spec = theta[..., 0], -theta[..., 1]
    a, b, cov = np.sqrt(theta[..., 2]), np.sqrt(theta[..., 4]), -theta[..., 3]
    up, whole = np.sqrt(b / a), a * b
    # a correlation of -1 or 1 makes a difference of equal numbers, of which only rounding is left
    accuracy, threshold = (
        np.where(np.abs(x) < 1e-12 * whole, 0.0, x) for x in (whole + cov, whole - cov)
    )
    return np.stack(
        [
            up * sens + spec / up,
            (up * sens - spec / up) / 2,
            2 * np.log(up),
            2 * accuracy,
            threshold / 2,
        ],
        axis=-1,
    )


def hsroc_of(
    beta: FloatArray, psi: FloatArray, cov: FloatArray | None, level: float
) -> HSROC | None:
    """Return the parameters of a model without moderators; None where a variance is 0.

    Args:
        beta: logits of sensitivity and false-positive rate, (2,).
        psi: (psi_11, psi_12, psi_22).
        cov: covariance of these five, or None.
        level: of the intervals, per cent.
    """
    theta = np.concatenate([beta, psi])
    if min(theta[2], theta[4]) <= 0:
        return None
    se = None
    if cov is not None:
        J = numeric_jacobian(parameters, theta)
        se = np.sqrt(np.einsum("ij,jk,ik->i", J, cov, J))
    Lambda, Theta, shape, alpha, spread = parameters(theta).tolist()
    return HSROC(Lambda, Theta, shape, alpha, spread, se, level)


def numeric_jacobian(
    function: Callable[[FloatArray], FloatArray], at: FloatArray, by: float = 1e-5
) -> FloatArray:
    """Derivatives of a smooth function by central differences, (outputs, inputs).

    Steps are relative, so that a variance stays above 0.
    """
    h = by * np.maximum(np.abs(at), 1e-3)
    shift = np.diag(h)
    return np.asarray(((function(at + shift) - function(at - shift)) / (2 * h[:, None])).T)
