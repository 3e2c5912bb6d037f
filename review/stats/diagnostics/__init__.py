"""Diagnostics of a fitted meta-analysis: which studies matter, and how well the model fits."""

from review.stats.diagnostics.influence import InfluenceResult, influence
from review.stats.diagnostics.points import (
    BaujatResult,
    QQResult,
    RadialResult,
    baujat,
    qq_points,
    radial,
)
from review.stats.diagnostics.profile import ProfileResult, profile_tau2
from review.stats.diagnostics.refitted import RefitResult, cumulative, leave_one_out
from review.stats.diagnostics.residuals import (
    EffectsResult,
    ResidualsResult,
    blup,
    ranef,
    rstandard,
    rstudent,
)
from review.stats.diagnostics.vif import VIFResult, vif

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
