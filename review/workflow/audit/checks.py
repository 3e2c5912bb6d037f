"""All checks of numbers that are stated together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.workflow.audit.confusion import check_confusion, check_metrics
from review.workflow.audit.effect_claims import check_effects
from review.workflow.audit.heterogeneity_claims import check_heterogeneity
from review.workflow.audit.intervals import check_intervals
from review.workflow.audit.kappa_claims import check_kappa
from review.workflow.audit.proportion_claims import check_proportions, check_ranges
from review.workflow.audit.pvalues import check_p_value
from review.workflow.audit.recomputed_effects import check_recomputed_effects
from review.workflow.audit.scale_claims import check_scales
from review.workflow.audit.score_sets import check_sets
from review.workflow.audit.statistic_claims import check_statistic
from review.workflow.audit.sums import check_parts, check_patients, check_split

if TYPE_CHECKING:
    from review.workflow.audit.claim import Claim
    from review.workflow.audit.facts import Facts


def check_facts(facts: Facts) -> list[Claim]:
    """Return every claim that the stated numbers allow to check; none when there is nothing.

    Example:
        >>> from review.workflow.audit.facts import facts_from
        >>> row = {"tp": 9, "fp": 1, "fn": 1, "tn": 9, "n": 20, "accuracy": "0.90"}
        >>> [str(claim.verdict) for claim in check_facts(facts_from(row, "row 1"))]
        ['confirmed', 'confirmed']
    """
    recomputed, done = check_metrics(facts)
    singles = [*check_ranges(facts), *check_confusion(facts), *recomputed]
    singles += check_proportions(facts, done)
    return [
        *singles,
        *check_sets(facts, singles),
        *check_intervals(facts),
        *check_effects(facts),
        *check_heterogeneity(facts),
        *check_scales(facts),
        *check_kappa(facts),
        *check_recomputed_effects(facts),
        *check_statistic(facts),
        *check_split(facts),
        *check_patients(facts),
        *check_parts(facts),
        *check_p_value(facts),
    ]
