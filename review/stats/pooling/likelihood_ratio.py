"""Likelihood-ratio tests of nested models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, StatsError
from review.stats.ground.basis import basis
from review.stats.ground.design_matrix import RANK_TOL
from review.stats.ground.guard import guarded
from review.stats.ground.inference import chi2_tail
from review.stats.ground.result_kit import Record
from review.stats.multilevel.mv_result import MVResult
from review.stats.pooling.location_scale_result import LocationScaleResult
from review.stats.pooling.meta_result import MetaResult
from review.words import number, p_value, percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Model = MetaResult | LocationScaleResult | MVResult


@dataclass(frozen=True, eq=False)
class LikelihoodRatioResult(Record):
    """Likelihood-ratio test of a reduced model within a full one.

    Attributes:
        LRT, df, pval: statistic, degrees of freedom and chi-squared p-value.
        loglik, AIC, AICc, BIC, parameters, tau2: (full, reduced). tau2 is None where it differs
            between studies, or has several parts.
        R2: per cent of tau2 explained by the moderators of the full model, or None.
        method: "ML" or "REML".
        notes: remarks.
    """

    LRT: float
    df: int
    pval: float
    loglik: tuple[float, float]
    AIC: tuple[float, float]
    AICc: tuple[float, float]
    BIC: tuple[float, float]
    parameters: tuple[int, int]
    tau2: tuple[float | None, float | None]
    R2: float | None
    method: str
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        explained = "" if self.R2 is None else f", R2 = {percent(self.R2)}"
        return (
            f"Likelihood-ratio test ({self.method}): LRT = {number(self.LRT)}, df = {self.df}, "
            f"{p_value(self.pval)}{explained}"
        )

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "model", ("full", "reduced")

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        names = ("parameters", "loglik", "AIC", "AICc", "BIC", "tau2")
        return {name: list(getattr(self, name)) for name in names}


@guarded
def likelihood_ratio_test(a: Model, b: Model) -> LikelihoodRatioResult:
    """Compare two nested models of the same data; which one is reduced is found out.

    Args:
        a: result of `meta_analysis`, `meta_analysis_mv` or `location_scale`, fitted by ML or REML
            (a model with equal effects counts as either).
        b: another one, by the same method. Models that differ in their moderators must be fitted
            by ML, because restricted likelihoods then refer to different contrasts of the data.

    Raises:
        InputError: something else than models was given.
        StatsError: the models cannot be compared; the message says why.

    Example:
        >>> from review import meta_analysis
        >>> y, v = [0.1, 0.9, 0.4, 0.3, 0.7], [0.04, 0.09, 0.05, 0.05, 0.08]
        >>> full = meta_analysis(y, v, [1, 5, 2, 2, 3], method="ML")
        >>> likelihood_ratio_test(full, meta_analysis(y, v, method="ML")).df
        1
    """
    for model in (a, b):
        if not isinstance(model, Model):
            raise InputError(
                "likelihood_ratio_test compares results of meta_analysis(), meta_analysis_mv() or "
                f"location_scale(), not {type(model).__name__}"
            )
    full, reduced = (a, b) if _parameters(a) >= _parameters(b) else (b, a)
    df = _parameters(full) - _parameters(reduced)
    if df == 0:
        raise StatsError(
            "the models have the same number of parameters; none is nested in the other"
        )
    method = _comparable(full, reduced)
    fits = [m.fit_reml if method == "REML" else m.fit_ml for m in (full, reduced)]
    statistic = max(0.0, 2 * (fits[0].loglik - fits[1].loglik))
    notes: tuple[str, ...] = ()
    if _variance_parameters(full) > _variance_parameters(reduced):
        notes = _at_the_edge(full, reduced)
    return LikelihoodRatioResult(
        LRT=statistic, df=df, pval=float(chi2_tail(statistic, df)),
        loglik=(fits[0].loglik, fits[1].loglik), AIC=(fits[0].AIC, fits[1].AIC),
        AICc=(fits[0].AICc, fits[1].AICc), BIC=(fits[0].BIC, fits[1].BIC),
        parameters=(_parameters(full), _parameters(reduced)), tau2=(_tau2(full), _tau2(reduced)),
        R2=_explained(full, reduced), method=method, notes=notes,
    )  # fmt: skip


def _at_the_edge(full: Model, reduced: Model) -> tuple[str, ...]:
    """Say that a variance of 0 is no inner point, and what nesting of random effects rests on."""
    if not isinstance(full, MVResult):
        if _variance_parameters(reduced):
            return ()
        return ("tau2 = 0 is at the edge of its range: the p-value is larger than it should be",)
    notes = ["a variance of 0 is at the edge of its range: its p-value is larger than it should be"]
    own = set(full.levels)
    if isinstance(reduced, MVResult) and not set(reduced.levels) <= own:
        notes.append("the random terms have other names: that one model is nested is assumed")
    return tuple(notes)


def _variance_parameters(model: Model) -> int:
    if isinstance(model, LocationScaleResult):
        return len(model.alpha)
    if isinstance(model, MVResult):
        return sum(not c.fixed for c in model.components)
    return 0 if model.equal_effects or model.tau2_fixed else 1


def _parameters(model: Model) -> int:
    return model.p + _variance_parameters(model)


def _tau2(model: Model) -> float | None:
    return model.tau2 if isinstance(model, MetaResult) else None


def _explained(full: Model, reduced: Model) -> float | None:
    new, old = _tau2(full), _tau2(reduced)
    if full.p == reduced.p or new is None or old is None:
        return None
    if _variance_parameters(full) == 0 or _variance_parameters(reduced) == 0:
        return None
    return 100 * max(0.0, (old - new) / old) if old > 0 else 0.0


def _comparable(full: Model, reduced: Model) -> str:
    """Return the common likelihood, "ML" or "REML"; refuse models that cannot be compared."""
    if full.k != reduced.k or not _same_data(full, reduced):
        raise StatsError(
            f"the models were fitted to different studies (k = {full.k} and {reduced.k}); fit both "
            "to the same rows"
        )
    methods = [m.method for m in (full, reduced) if m.method not in {"EE", "FE"}]
    wrong = [m for m in methods if m not in {"ML", "REML"}]
    if wrong:
        raise StatsError(
            f"a model was fitted by {wrong[0]}, which has no likelihood; use method='ML'"
        )
    if len(set(methods)) > 1:
        raise StatsError("one model was fitted by ML and the other by REML; fit both by ML")
    if any(isinstance(m, MetaResult) and m.case_weights is not None for m in (full, reduced)):
        raise StatsError("models fitted with weights= have no likelihood-ratio test")
    same = full.p == reduced.p and _inside(reduced.X, full.X)
    if methods and methods[0] == "REML" and not same:
        raise StatsError(
            "models with different moderators cannot be compared by REML, because their restricted "
            "likelihoods refer to different contrasts of the data; fit both with method='ML'"
        )
    if not _inside(reduced.X, full.X) or not _inside(_scale_design(reduced), _scale_design(full)):
        raise StatsError("the smaller model is not nested in the larger one")
    if full.p < reduced.p:
        raise StatsError("neither model is nested in the other")
    return methods[0] if methods else "ML"


def _same_data(a: Model, b: Model) -> bool:
    """Tell whether effects and their sampling covariance agree."""
    if not (np.array_equal(a.yi, b.yi) and np.array_equal(a.vi, b.vi)):
        return False
    probe = np.cos(np.arange(1.0, a.k + 1))  # any vector that meets all covariances
    first, second = (m.V.dot(probe) if isinstance(m, MVResult) else m.vi * probe for m in (a, b))
    return bool(np.allclose(first, second, rtol=1e-10, atol=0.0))


def _scale_design(model: Model) -> Floats:
    """Design of the scale: an intercept when there is one common tau2, nothing when it is fixed."""
    if isinstance(model, LocationScaleResult):
        return model.Z
    return np.ones((model.k, min(_variance_parameters(model), 1)))


def _inside(small: Floats, large: Floats) -> bool:
    """Whether the columns of `small` are combinations of those of `large`."""
    if small.shape[1] == 0:
        return True
    if large.shape[1] == 0:
        return False
    U = basis(large).U
    length = np.sqrt((small**2).sum(axis=0))
    rest = small - U @ (U.T @ small)
    return bool((np.sqrt((rest**2).sum(axis=0)) <= RANK_TOL * length).all())
