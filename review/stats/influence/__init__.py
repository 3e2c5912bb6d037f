"""Diagnostics of a fitted meta-analysis: which studies matter, and how well the model fits."""

from review.stats.influence.diagnostic_points import (
    BaujatResult,
    QQResult,
    RadialResult,
    baujat,
    qq_points,
    radial,
)
from review.stats.influence.influential_studies import InfluenceResult, influence
from review.stats.influence.omitted_studies import RefitResult, cumulative, leave_one_out
from review.stats.influence.profile_likelihood import ProfileResult, profile_tau2
from review.stats.influence.residuals import (
    EffectsResult,
    ResidualsResult,
    blup,
    ranef,
    rstandard,
    rstudent,
)
from review.stats.influence.variance_inflation import VIFResult, vif

__all__ = [
    "BaujatResult",
    "EffectsResult",
    "InfluenceResult",
    "ProfileResult",
    "QQResult",
    "RadialResult",
    "RefitResult",
    "ResidualsResult",
    "VIFResult",
    "baujat",
    "blup",
    "cumulative",
    "influence",
    "leave_one_out",
    "profile_tau2",
    "qq_points",
    "radial",
    "ranef",
    "rstandard",
    "rstudent",
    "vif",
]
