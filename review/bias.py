"""Small-study effects, selection, and how robust a finding is to unpublished results."""

from review.stats.bias.fsn import FailSafeN, fail_safe_n
from review.stats.bias.funnel_points import FunnelData, funnel_data
from review.stats.bias.limit_meta import LimitMeta, limit_meta
from review.stats.bias.p_curve import PCurve, p_curve
from review.stats.bias.pet_peese import PetPeese, pet_peese
from review.stats.bias.ranktest import RankTest, rank_test
from review.stats.bias.regtest import RegressionTest, regression_test
from review.stats.bias.selection.selection_fit import selection_model
from review.stats.bias.selection.selection_result import SelectionResult
from review.stats.bias.tes import ExcessSignificance, excess_significance
from review.stats.bias.trimfill import TrimAndFill, trim_and_fill

__all__ = [
    "ExcessSignificance",
    "FailSafeN",
    "FunnelData",
    "LimitMeta",
    "PCurve",
    "PetPeese",
    "RankTest",
    "RegressionTest",
    "SelectionResult",
    "TrimAndFill",
    "excess_significance",
    "fail_safe_n",
    "funnel_data",
    "limit_meta",
    "p_curve",
    "pet_peese",
    "rank_test",
    "regression_test",
    "selection_model",
    "trim_and_fill",
]
