"""Models that pool effects: their fit, tests, intervals and predictions."""

from review.stats.pooling.henmi_copas import HenmiCopasResult, henmi_copas
from review.stats.pooling.heterogeneity_intervals import ConfidenceIntervals
from review.stats.pooling.likelihood_ratio import LikelihoodRatioResult, likelihood_ratio_test
from review.stats.pooling.linear_hypothesis import LinearHypothesisResult, linear_hypothesis
from review.stats.pooling.location_scale import location_scale
from review.stats.pooling.location_scale_result import LocationScalePrediction, LocationScaleResult
from review.stats.pooling.many_analyses import meta_analysis_many
from review.stats.pooling.many_result import ManyResults
from review.stats.pooling.meta_analysis import meta_analysis
from review.stats.pooling.meta_result import MetaResult
from review.stats.pooling.permutation import PermutationResult, permutation_test
from review.stats.pooling.prediction import PredictResult
from review.stats.pooling.robust import RobustResult, robust
from review.stats.pooling.subgroups import SubgroupResult, subgroup_analysis
from review.stats.rare_events.beta_binomial import beta_binomial
from review.stats.rare_events.beta_binomial_result import BetaBinomialResult
from review.stats.rare_events.glmm import glmm
from review.stats.rare_events.glmm_result import GLMMResult
from review.stats.rare_events.mantel_haenszel import MantelHaenszelResult, mantel_haenszel
from review.stats.rare_events.peto import PetoResult, peto

__all__ = [
    "BetaBinomialResult",
    "ConfidenceIntervals",
    "GLMMResult",
    "HenmiCopasResult",
    "LikelihoodRatioResult",
    "LinearHypothesisResult",
    "LocationScalePrediction",
    "LocationScaleResult",
    "MantelHaenszelResult",
    "ManyResults",
    "MetaResult",
    "PermutationResult",
    "PetoResult",
    "PredictResult",
    "RobustResult",
    "SubgroupResult",
    "beta_binomial",
    "glmm",
    "henmi_copas",
    "likelihood_ratio_test",
    "linear_hypothesis",
    "location_scale",
    "mantel_haenszel",
    "meta_analysis",
    "meta_analysis_many",
    "permutation_test",
    "peto",
    "robust",
    "subgroup_analysis",
]
