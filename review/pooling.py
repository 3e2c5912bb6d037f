"""Models that pool effects: their fit, tests, intervals and predictions."""

from review.stats.comparison import LikelihoodRatioResult, likelihood_ratio_test
from review.stats.confint import ConfidenceIntervals
from review.stats.henmi_copas import HenmiCopasResult, henmi_copas
from review.stats.linear_hypothesis import LinearHypothesisResult, linear_hypothesis
from review.stats.location_scale import location_scale
from review.stats.location_scale_result import LocationScalePrediction, LocationScaleResult
from review.stats.mantel_haenszel import MantelHaenszelResult, mantel_haenszel
from review.stats.meta import meta_analysis
from review.stats.permutation import PermutationResult, permutation_test
from review.stats.peto import PetoResult, peto
from review.stats.predict import PredictResult
from review.stats.result import MetaResult
from review.stats.robust import RobustResult, robust
from review.stats.subgroups import SubgroupResult, subgroup_analysis

__all__ = [
    "ConfidenceIntervals",
    "HenmiCopasResult",
    "LikelihoodRatioResult",
    "LinearHypothesisResult",
    "LocationScalePrediction",
    "LocationScaleResult",
    "MantelHaenszelResult",
    "MetaResult",
    "PermutationResult",
    "PetoResult",
    "PredictResult",
    "RobustResult",
    "SubgroupResult",
    "henmi_copas",
    "likelihood_ratio_test",
    "linear_hypothesis",
    "location_scale",
    "mantel_haenszel",
    "meta_analysis",
    "permutation_test",
    "peto",
    "robust",
    "subgroup_analysis",
]
