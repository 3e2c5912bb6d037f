"""The result of a location-scale model, and predictions from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError
from review.stats.ground.inference import critical_value
from review.stats.ground.result_kit import Record
from review.words import level_name, statistic_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.basis import BasisFit
    from review.stats.ground.design_matrix import Design
    from review.stats.ground.inference import FitStats

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LocationScaleResult(Record):
    """Location-scale model with p location and q scale coefficients.

    Attributes:
        beta, se, stat, pval, ci_lb, ci_ub: location coefficients and their tests, (p,).
        vb: covariance, (p, p).
        alpha, se_alpha, stat_alpha, pval_alpha, ci_lb_alpha, ci_ub_alpha: scale, (q,).
        va: covariance of alpha from the observed information, (q, q).
        coef_names, scale_names: names of the coefficients.
        tau2: between-study variance of each study, (k,).
        QE, QEp: test of residual heterogeneity. QM, QMp: of the location moderators. QS, QSp: of
            the scale moderators (None without any). F statistics unless test is "z".
        k, p, q: numbers of studies and coefficients.
        ddf, ddf_alpha: degrees of freedom, None for "z".
        s2w: factor on vb for knha and adhoc.
        fit_ml, fit_reml: log-likelihood and information criteria at the estimates.
        at_edge: identity link with a tau2 of 0: alpha then has no standard errors (NaN).
        yi, vi: data, (k,). X, Z: designs of location (k, p) and scale (k, q).
        labels: of the studies.
        method, test, link, level: settings.
        left_out: rows not used, and why. notes: remarks.
        inside, inside_scale: coefficients in the orthonormal bases of the two designs.
    """

    beta: Floats
    se: Floats
    stat: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    vb: Floats
    alpha: Floats
    se_alpha: Floats
    stat_alpha: Floats
    pval_alpha: Floats
    ci_lb_alpha: Floats
    ci_ub_alpha: Floats
    va: Floats
    coef_names: tuple[str, ...]
    scale_names: tuple[str, ...]
    tau2: Floats
    QE: float
    QEp: float
    QM: float
    QMp: float
    QS: float | None
    QSp: float | None
    k: int
    p: int
    q: int
    ddf: int | None
    ddf_alpha: int | None
    s2w: float
    fit_ml: FitStats
    fit_reml: FitStats
    at_edge: bool
    yi: Floats
    vi: Floats
    X: Floats
    Z: Floats
    labels: tuple[str, ...]
    method: str
    test: str
    link: str
    level: float
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    design: Design = field(repr=False, kw_only=True)
    scale_design: Design = field(repr=False, kw_only=True)
    inside: BasisFit = field(repr=False, kw_only=True)
    inside_scale: BasisFit = field(repr=False, kw_only=True)

    @property
    def loglik(self) -> float:
        """Log-likelihood of the method."""
        return (self.fit_reml if self.method == "REML" else self.fit_ml).loglik

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Location-scale model ({self.method}, {self.link} link, k = {self.k})"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        location = tuple(f"location: {n}" for n in self.coef_names)
        return "coefficient", location + tuple(f"scale: {n}" for n in self.scale_names)

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        pairs = {"beta": "alpha", "se": "se_alpha"} | {
            n: f"{n}_alpha" for n in ("stat", "pval", "ci_lb", "ci_ub")
        }
        return {
            ("estimate" if a == "beta" else a): np.concatenate([getattr(self, a), getattr(self, b)])
            for a, b in pairs.items()
        }

    def footer(self) -> list[str]:
        """Lines below the table of the summary."""
        lines = [
            statistic_text("QE", self.QE, self.QEp),
            statistic_text("QM", self.QM, self.QMp),
        ]
        if self.QS is not None and self.QSp is not None:
            lines.append(statistic_text("QS", self.QS, self.QSp))
        return [*lines, *self.notes]

    def predict(self, newmods: Any = None, newscale: Any = None) -> LocationScalePrediction:
        """Average effect and tau2 for new moderator values.

        Args:
            newmods: values of the location moderators (see `Design.rows`); by default those of
                the studies, or the intercept alone.
            newscale: the same for the scale moderators.

        Raises:
            InputError: shapes differ.
        """
        X = self._rows(self.design, newmods)
        Z = self._rows(self.scale_design, newscale)
        if len(X) != len(Z) and 1 not in {len(X), len(Z)}:
            raise InputError(f"newmods has {len(X)} rows and newscale {len(Z)}; give as many")
        n = max(len(X), len(Z))
        X, Z = np.broadcast_to(X, (n, self.p)), np.broadcast_to(Z, (n, self.q))
        eta = self.inside_scale.at(Z)[0]
        tau2 = np.exp(eta) if self.link == "log" else np.maximum(eta, 0.0)
        pred, var = self.inside.at(X)
        se = np.sqrt(var)
        z = critical_value(self.level, self.ddf)
        wide = z * np.sqrt(se**2 + tau2)
        return LocationScalePrediction(
            pred, se, pred - z * se, pred + z * se, pred - wide, pred + wide, tau2, self.level
        )

    @staticmethod
    def _rows(design: Design, values: Any) -> Floats:
        if values is not None:
            return design.rows(values)
        return np.ones((1, 1)) if design.intercept_only else design.X


@dataclass(frozen=True, eq=False)
class LocationScalePrediction(Record):
    """Predicted averages, their intervals, prediction intervals and tau2, arrays (n,)."""

    pred: Floats
    se: Floats
    ci_lb: Floats
    ci_ub: Floats
    pi_lb: Floats
    pi_ub: Floats
    tau2: Floats
    level: float

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Predictions of a location-scale model ({level_name(self.level)})"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "row", tuple(str(i + 1) for i in range(len(self.pred)))

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        names = ("pred", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2")
        return {name: getattr(self, name) for name in names}
