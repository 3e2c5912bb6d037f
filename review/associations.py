"""Does a value go with another value, or with a category?"""

from review.stats.association.contingency import CramerResult, cramers_v
from review.stats.association.kruskal_wallis import KruskalResult, kruskal_wallis
from review.stats.association.rank_correlation import SpearmanResult, spearman
from review.stats.consistency.reported_correlation import (
    ReportedCorrelation,
    check_reported_correlation,
)

__all__ = [
    "CramerResult",
    "KruskalResult",
    "ReportedCorrelation",
    "SpearmanResult",
    "check_reported_correlation",
    "cramers_v",
    "kruskal_wallis",
    "spearman",
]
