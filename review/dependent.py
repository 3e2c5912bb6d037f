"""Effects that depend on each other: multilevel and multivariate models, robust inference."""

from review.stats.ground.block_diagonal import BlockDiagonal
from review.stats.multilevel.aggregate import AggregatedEffects, aggregate_effects
from review.stats.multilevel.che import CHEResult, RhoSensitivity, che_model, rho_sensitivity
from review.stats.multilevel.cluster_influence import ClusterInfluence
from review.stats.multilevel.meta_mv import meta_analysis_mv
from review.stats.multilevel.mv_predict import MVPrediction
from review.stats.multilevel.mv_result import MVResult
from review.stats.multilevel.profile_intervals import ComponentIntervals, ComponentProfile
from review.stats.multilevel.random_effects import RandomEffects
from review.stats.multilevel.robust_variance import RobustVariance, robust_variance
from review.stats.multilevel.variance_shares import VarianceShares
from review.stats.multilevel.vcalc import vcalc
from review.stats.multilevel.wild_bootstrap import WildBootstrap, wild_bootstrap
from review.stats.pooling.robust import RobustResult, cluster_robust, robust

__all__ = [
    "AggregatedEffects",
    "BlockDiagonal",
    "CHEResult",
    "ClusterInfluence",
    "ComponentIntervals",
    "ComponentProfile",
    "MVPrediction",
    "MVResult",
    "RandomEffects",
    "RhoSensitivity",
    "RobustResult",
    "RobustVariance",
    "VarianceShares",
    "WildBootstrap",
    "aggregate_effects",
    "che_model",
    "cluster_robust",
    "meta_analysis_mv",
    "rho_sensitivity",
    "robust",
    "robust_variance",
    "vcalc",
    "wild_bootstrap",
]
