"""Outliers and influential studies in meta-analysis and meta-regression.

Viechtbauer & Cheung (2010, Res Synth Methods 1:112), with b and b(i) the coefficients with and
without study i, V and V(i) their covariances, and x_i the moderators of study i.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.stats.ground.basis import quadratic
from review.stats.ground.enumeration import rows_per_chunk
from review.stats.ground.guard import guarded
from review.stats.ground.result_kit import Record, by_coefficient
from review.stats.influence.omitted_studies import without_each

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.pooling.meta_result import MetaResult
    from review.stats.pooling.refitting import Fits

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

STATISTICS = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del", "hat", "weight")


@dataclass(frozen=True, eq=False)
class InfluenceResult(Record):
    """Case-deletion statistics, arrays of shape (k,).

    Attributes:
        labels: of the studies.
        rstudent: externally standardised residuals.
        dffits: change of the study's fitted value, in standard deviations.
        cook_d: Cook's distance.
        cov_r: ratio of the generalised variances of the coefficients.
        tau2_del, QE_del: tau2 and QE without the study.
        hat: leverages. weight: per cent.
        dfbetas: standardised change of every coefficient, (k, p).
        influential: whether the study passes any of the thresholds.
        rules: per rule the studies that pass it, (k,): |DFFITS| > 3 sqrt(p/(k-p)); Cook's
            distance beyond the median of chi-squared with p df; hat > 3 p/k; |DFBETAS| > 1.
        coef_names: names of the coefficients.
        notes: studies for which deletion is not defined.
    """

    labels: tuple[str, ...]
    rstudent: Floats
    dffits: Floats
    cook_d: Floats
    cov_r: Floats
    tau2_del: Floats
    QE_del: Floats
    hat: Floats
    weight: Floats
    dfbetas: Floats
    influential: Bools
    rules: dict[str, Bools]
    coef_names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        names = [n for n, flag in zip(self.labels, self.influential, strict=True) if flag]
        return f"Influence of {len(self.labels)} studies; influential: {', '.join(names) or 'none'}"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "study", self.labels

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        out: dict[str, Any] = {name: getattr(self, name) for name in STATISTICS}
        dfbetas = self.dfbetas[:, 0] if len(self.coef_names) == 1 else self.dfbetas
        out |= by_coefficient("dfbetas", dfbetas, self.coef_names)
        return out | {"influential": self.influential}


@guarded
def influence(result: MetaResult) -> InfluenceResult:
    """Case-deletion diagnostics of every study, from one batch of refits.

    Args:
        result: a meta-analysis or meta-regression.

    Raises:
        StatsError: there are too few studies to leave one out.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.2, 0.15, 2.0], [0.04, 0.05, 0.05, 0.04], test="z")
        >>> influence(fit).rstudent.round(2)
        array([-0.56, -0.44, -0.5 ,  7.88])
    """
    fits, notes = without_each(result, "influence analysis")
    inside = result.inside
    U, to_x = inside.basis.U, inside.basis.to_x
    moved = inside.coef - fits.coef
    shift = np.einsum("ip,ip->i", U, moved)
    hat = leverages(result)
    cov = _covariances(result, fits)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = rstudent_parts(result, fits)
        dffits = shift / np.sqrt(_fitted_variances(result, fits, cov, hat))
        se = np.sqrt(np.diag(inside.cov))
        unit = np.outer(se, se)  # keeps determinants within the range of numbers
        correlation = inside.cov / unit
        cook = quadratic(moved / se, np.linalg.inv(correlation))
        ratio = np.linalg.det(fits.cov / unit) / np.linalg.det(correlation)
        dfbetas = (moved @ to_x.T) / np.sqrt(np.einsum("jp,ipq,jq->ij", to_x, cov, to_x))
    rules = _rules(dffits, cook, hat, dfbetas)
    return InfluenceResult(
        labels=result.slab, rstudent=z[0] / z[1], dffits=dffits, cook_d=cook, cov_r=ratio,
        tau2_del=fits.tau2, QE_del=fits.QE, hat=hat, weight=result.weights, dfbetas=dfbetas,
        influential=np.any(list(rules.values()), axis=0), rules=rules,
        coef_names=result.coef_names, notes=notes,
    )  # fmt: skip


def leverages(result: MetaResult) -> Floats:
    """Diagonal of the hat matrix X (X'WX)^-1 X'W with the weights of the estimates, (k,)."""
    rows = np.sqrt(result.weights)[:, None] * result.inside.basis.U
    return np.asarray((np.linalg.qr(rows)[0] ** 2).sum(axis=1))


def rstudent_parts(result: MetaResult, fits: Fits) -> tuple[Floats, Floats]:
    """Deleted residuals y_i - x_i'b(i) and their standard errors, (k,) each."""
    U = result.inside.basis.U
    resid = result.yi - np.einsum("ip,ip->i", U, fits.coef)
    spread = quadratic(U, fits.cov)
    return resid, np.sqrt(fits.s2w * (result.vi + fits.tau2) + spread)


def _fitted_variances(result: MetaResult, fits: Fits, cov: Floats, hat: Floats) -> Floats:
    """Variance of each fitted value at tau2 without the study, (k,).

    With weights 1/(v + tau2) it is h_i (v_i + tau2(i)), where the leverage keeps the tau2 of all
    studies (Viechtbauer & Cheung 2010, eq. 13).
    """
    if result.case_weights is None:
        return np.asarray(fits.s2w * hat * (fits.tau2 + result.vi))
    return quadratic(result.inside.basis.U, cov)


def _covariances(result: MetaResult, fits: Fits) -> Floats:
    """Covariance of the coefficients of all k studies at tau2 without study i, (k, p, p).

    In the basis of the design.
    """
    U = result.inside.basis.U
    k, p = U.shape
    squares = (U[:, :, None] * U[:, None, :]).reshape(k, p * p)
    w = result.case_weights
    if w is None:
        step = rows_per_chunk(k)
        parts = [
            (1 / (result.vi + fits.tau2[start : start + step, None])) @ squares
            for start in range(0, k, step)
        ]
        full = _inverse(np.concatenate(parts).reshape(k, p, p))
    else:
        bread = np.linalg.inv((w @ squares).reshape(p, p))
        fixed, rising = (w**2 * result.vi) @ squares, w**2 @ squares
        middle = fixed + fits.tau2[:, None] * rising
        full = bread @ middle.reshape(k, p, p) @ bread
    return np.asarray(full * fits.s2w[:, None, None])


def _inverse(A: Floats) -> Floats:
    """Inverses of a stack of matrices; NaN where a matrix is not finite."""
    good = np.asarray(np.isfinite(A).all(axis=(1, 2)))
    safe = np.where(good[:, None, None], A, np.eye(A.shape[-1]))
    return np.where(good[:, None, None], np.linalg.inv(safe), np.nan)


def _rules(dffits: Floats, cook: Floats, hat: Floats, dfbetas: Floats) -> dict[str, Bools]:
    """Thresholds of Viechtbauer & Cheung (2010, section 3); NaN passes none."""
    from scipy.special import gammainc

    k, p = dfbetas.shape
    limit = 3 * np.sqrt(p / (k - p)) if k > p else np.inf
    share = gammainc(p / 2, np.where(np.isfinite(cook), cook, 0.0) / 2)
    return {
        "dffits": np.greater(np.abs(dffits), limit),
        "cook_d": np.greater(share, 0.5),
        "hat": np.greater(hat, 3 * p / k),
        "dfbetas": np.greater(np.abs(dfbetas), 1).any(axis=1),
    }
