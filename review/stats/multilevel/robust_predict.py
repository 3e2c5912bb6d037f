"""Predicted averages with cluster-robust intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from review.stats.ground.inference import level_percent
from review.stats.multilevel.mv_predict import MVPrediction, heterogeneity_of, limits_of

if TYPE_CHECKING:
    from review.stats.multilevel.mv_predict import Transf
    from review.stats.multilevel.mv_result import MVResult
    from review.stats.pooling.robust import RobustResult


def predict_robust(
    robust: RobustResult,
    newmods: Any = None,
    transf: Transf = None,
    *,
    level: float | None = None,
    levels: Any = None,
) -> MVPrediction:
    """Predict averages of a multilevel model with the robust covariance of its coefficients.

    The quantile is that of the robust tests, with the degrees of freedom of each prediction. The
    prediction interval adds the model's variances of true effects, which rest on the model.

    Args:
        robust: of `cluster_robust`, for a multilevel model.
        newmods: see `predict_mv`; so for the others.
        transf: see there.
        level: per cent; that of the robust result by default.
        levels: see there.
    """
    result: MVResult = robust.model
    shown = robust.level if level is None else level_percent(level)
    X, slab, added, names, missing = heterogeneity_of(result, newmods, levels)
    pred, var = robust.inside.at(X)
    if robust.test == "Satterthwaite":
        rows = robust.inside.basis.coordinates(X)
        distinct, back = np.unique(rows, axis=0, return_inverse=True)
        df = np.array([robust.meat.satterthwaite(row) for row in distinct])[back.reshape(-1)]
    else:
        df = np.full(len(X), robust.df[0])
    name, limits = limits_of(result, (pred, var, added), df, shown, transf)
    return MVPrediction(
        **limits, se=np.sqrt(var) if name == "" else None, heterogeneity=added, level=shown,  # type: ignore[arg-type]
        transf=name, slab=slab, levels=names, coef_names=result.coef_names, missing=missing,
    )  # fmt: skip
