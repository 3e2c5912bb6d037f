"""Which studies matter, and how well a fitted model describes them."""

from review.stats.influence import (
    BaujatResult,
    EffectsResult,
    InfluenceResult,
    ProfileResult,
    QQResult,
    RadialResult,
    RefitResult,
    ResidualsResult,
    VIFResult,
    baujat,
    blup,
    cumulative,
    leave_one_out,
    profile_tau2,
    qq_points,
    radial,
    ranef,
    rstandard,
    rstudent,
)
from review.stats.influence import influential_studies as influence
from review.stats.influence import variance_inflation as vif
from review.stats.influence.gosh import GoshResult, gosh

__all__ = [
    "BaujatResult",
    "EffectsResult",
    "GoshResult",
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
    "gosh",
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
