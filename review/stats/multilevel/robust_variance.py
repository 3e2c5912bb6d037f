"""Robust variance estimation with approximately efficient weights: CORR and HIER."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.ground.arguments import real
from review.stats.ground.basis import BasisFit, basis
from review.stats.ground.inference import level_percent
from review.stats.multilevel.row_values import clusters_of
from review.stats.pooling.meta_rows import choose, read_inputs
from review.stats.pooling.robust import RobustResult, Working, robust_tests
from review.words import number, percent

if TYPE_CHECKING:
    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.least_squares import FloatArray
    from review.stats.ground.partition import IntArray

WEIGHTS: Final = ("CORR", "HIER")


@dataclass(frozen=True, eq=False, kw_only=True)
class RobustVariance(RobustResult):
    """Coefficients with robust standard errors, under weights of a simple working model.

    Attributes:
        weights_of: "CORR" or "HIER". rho: working correlation (CORR), else None.
        omega2: variance between effects of a study (HIER), else None; tau2: between studies.
        I2: per cent of the variability that is not sampling error (CORR), else None.
        weights: of the effects, in per cent, (k,).
        left_out: rows not used and why.
    """

    weights_of: str
    rho: float | None
    omega2: float | None
    I2: float | None
    weights: FloatArray
    left_out: tuple[LeftOut, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        working = "correlated" if self.weights_of == "CORR" else "hierarchical"
        rho = "" if self.rho is None else f", rho = {self.rho:g}"
        return (
            f"Robust variance estimation ({working} effects{rho}; {self.k} effects in "
            f"{self.n_clusters} clusters; {self.type}, {self.test} tests)"
        )

    def footer(self) -> list[str]:
        """Lines below the table of the summary."""
        assert self.tau2 is not None
        text = f"tau2 = {number(self.tau2)}"
        if self.omega2 is not None:
            text += f"; omega2 = {number(self.omega2)}"
        if self.I2 is not None:
            text += f"; I2 = {percent(self.I2)}"
        return [text, *super().footer(), *(f"left out: {row}" for row in self.left_out)]


def robust_variance(  # noqa: PLR0917  the order in which the field gives these arguments
    yi: Any,
    vi: Any = None,
    mods: Any = None,
    data: Any = None,
    cluster: Any = None,
    weights: str = "CORR",
    rho: float = 0.8,
    *,
    small: bool = True,
    sei: Any = None,
    intercept: bool = True,
    slab: Any = None,
    level: float = 95,
) -> RobustVariance:
    """Meta-regression of dependent effects with robust standard errors.

    CORR (correlated effects): the effects of study j have equal weights 1/(k_j (v_j + tau2)) with
    v_j their mean sampling variance; tau2 is the moment estimate under a common correlation rho of
    all effects of a study (Hedges, Tipton & Johnson 2010, Res Synth Methods 1:39, eq. 15). HIER
    (hierarchical effects): weights 1/(v + tau2 + omega2), both variances from moments (their
    section 4). Either is a working model: standard errors do not rely on it.

    Args:
        yi: effects, as for `meta_analysis`.
        vi: sampling variances.
        mods: moderators.
        data: data frame or mapping in which names are looked up.
        cluster: study of each effect: one value per row, or a column name.
        weights: "CORR" or "HIER".
        rho: working correlation, from 0 to 1 (CORR); it enters tau2 alone.
        small: the small-sample corrections CR2 with Satterthwaite degrees of freedom (Tipton 2015,
            Psychol Methods 20:375); otherwise m/(m-p) and m - p degrees of freedom for m studies.
        sei: standard errors instead of `vi`.
        intercept: whether the model has one.
        slab: labels of the effects.
        level: of the intervals, per cent.

    Raises:
        InputError: an argument is wrong, `cluster` has gaps. StatsError: too few studies.

    Example:
        >>> y, v = [0.1, 0.3, 0.8, 0.6, 0.2, 0.5], [0.02, 0.03, 0.04, 0.03, 0.02, 0.03]
        >>> fit = robust_variance(y, v, cluster=["a", "a", "b", "b", "c", "d"])
        >>> fit.n_clusters, round(float(fit.beta[0]), 3)
        (4, 0.382)
    """
    call = {"data": data, "yi": yi}
    kind = choose("weights", weights, WEIGHTS)
    level = level_percent(level)
    rho = real("rho", rho, least=0, most=1)
    if cluster is None:
        raise InputError("cluster is missing: which effects belong to the same study")
    rows = read_inputs(yi, vi, sei=sei, mods=mods, data=data, intercept=intercept, slab=slab)
    k, p = rows.design.X.shape
    names, numbers = clusters_of(_Fitted(k, rows.left_out, rows.ids, call), cluster)
    if len(names) < max(2, p + 1):
        raise StatsError(
            f"{len(names)} studies and {p} coefficients: robust variance estimation needs at "
            f"least {max(2, p + 1)} studies"
        )
    base = basis(rows.design.X)
    effects = _Effects(rows.yi, rows.vi, base.U, numbers)
    if kind == "CORR":
        w, tau2, I2 = effects.correlated(float(rho))
        omega2 = None
    else:
        w, tau2, omega2 = effects.hierarchical()
        I2 = None
    M = np.asarray(np.linalg.inv((base.U.T * w) @ base.U), np.float64)
    coef = M @ (base.U.T @ (w * rows.yi))
    inside = BasisFit(base, coef, M)
    work = Working(
        inside, rows.yi - inside.fitted, w, 1 / w, rows.design.names, rows.design.intercept,
        tau2, kind,
    )  # fmt: skip
    found = robust_tests(
        work, numbers, kind="CR2" if small else "CR1p", test="Satterthwaite" if small else "t",
        level=level,
    )  # fmt: skip
    shared = {f.name: getattr(found, f.name) for f in fields(found)}
    return RobustVariance(
        **shared, weights_of=kind, rho=float(rho) if kind == "CORR" else None, omega2=omega2,
        I2=I2, weights=100 * w / w.sum(), left_out=rows.left_out,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Fitted:
    """What `clusters_of` needs to know about a fit."""

    k: int
    left_out: tuple[LeftOut, ...]
    ids: IntArray
    call: dict[str, Any]


class _Effects:
    """Effects y with variances v, design basis U and the study of each."""

    def __init__(self, y: FloatArray, v: FloatArray, U: FloatArray, study: IntArray) -> None:
        self.y, self.v, self.U, self.study = y, v, U, study
        self.size = np.bincount(study)

    def _sum(self, values: FloatArray) -> FloatArray:
        """Sum by study: (k,) to (m,), (k, p) to (m, p)."""
        if values.ndim == 1:
            return np.asarray(np.bincount(self.study, values, len(self.size)), np.float64)
        return np.column_stack([self._sum(column) for column in values.T])

    def _fit(self, w: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(U'WU)^-1 and residuals of the weighted fit."""
        M = np.asarray(np.linalg.inv((self.U.T * w) @ self.U), np.float64)
        return M, self.y - self.U @ (M @ (self.U.T @ (w * self.y)))

    def correlated(self, rho: float) -> tuple[FloatArray, float, float]:
        """Weights, tau2 and I2 of the correlated-effects model."""
        n = self.size
        mean = self._sum(self.v) / n
        a = 1 / (n * mean)  # weight of each effect of a study
        w = a[self.study]
        M, e = self._fit(w)
        Q = float((w * e * e).sum())
        sums = self._sum(self.U)
        own = np.einsum("jp,pq,jq->j", sums, M, sums)  # trace of M X_j'JX_j
        each = self._sum(np.einsum("ip,pq,iq->i", self.U, M, self.U))  # trace of M X_j'X_j
        expected = len(n) - float((a / n * each).sum() + rho * (a / n * (own - each)).sum())
        room = float((n * a).sum() - (a * a * own).sum())
        tau2 = max(0.0, (Q - expected) / room)
        I2 = max(0.0, 100 * (Q - expected) / Q) if Q > 0 else 0.0
        return 1 / (n * (mean + tau2))[self.study], tau2, I2

    def hierarchical(self) -> tuple[FloatArray, float, float]:
        """Weights, tau2 and omega2 of the hierarchical-effects model.

        The weighted residual sum of squares Q_E and the sum of squared study totals of the
        residuals, Q_1, are set to their expectations, which are linear in tau2 and omega2.
        """
        w = 1 / self.v
        M, e = self._fit(w)
        QE, Q1 = float((w * e * e).sum()), float((self._sum(e) ** 2).sum())
        A, B = self._moments(w, M), self._moments_of_totals(w, M)
        slopes = np.array([A[1:], B[1:]])
        omega2 = 0.0
        if np.linalg.det(slopes) != 0:
            omega2 = max(0.0, float(np.linalg.solve(slopes, [QE - A[0], Q1 - B[0]])[1]))
        tau2 = max(0.0, (QE - A[0] - A[2] * omega2) / A[1])
        return 1 / (self.v + tau2 + omega2), tau2, omega2

    def _moments(self, w: FloatArray, M: FloatArray) -> tuple[float, float, float]:
        """Expected Q_E: constant, and slopes by tau2 and omega2."""
        U = self.U
        WU = w[:, None] * U
        totals = self._sum(WU)
        tau = float(w.sum() - np.einsum("jp,pq,jq->", totals, M, totals))
        omega = float(w.sum() - np.einsum("ip,pq,iq->", WU, M, WU))
        return float(len(w) - U.shape[1]), tau, omega

    def _moments_of_totals(self, w: FloatArray, M: FloatArray) -> tuple[float, float, float]:
        """Expected Q_1: with R = I - U M U'W and J the block of ones, traces of R'JR with each."""
        U = self.U
        WU = w[:, None] * U
        S = self._sum(U)  # J enters by study totals
        JJ = S.T @ S
        parts = []
        for total, left, square in (
            # trace of J Sigma; totals of Sigma W U by study; U'W Sigma W U
            (self.v.sum(), self._sum(self.v[:, None] * WU), (WU.T * self.v) @ WU),
            (
                float((self.size**2).sum()),
                self.size[:, None] * self._sum(WU),
                self._sum(WU).T @ self._sum(WU),
            ),
            (float(self.size.sum()), self._sum(WU), WU.T @ WU),
        ):
            cross = float(np.einsum("jp,pq,jq->", S, M, left))
            parts.append(float(total) - 2 * cross + float(np.trace(M @ JJ @ M @ square)))
        return parts[0], parts[1], parts[2]
