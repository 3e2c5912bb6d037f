"""All checks of numbers that are stated together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

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
    from collections.abc import Callable

    from review.workflow.audit.claim import Claim
    from review.workflow.audit.facts import Facts

    Check: TypeAlias = Callable[[Facts], list[Claim]]

# what a check finds needs at least one of these names: rows of a table state few, and are many
_CELLS: Final = ("tp", "fp", "fn", "tn")
_NEEDS: Final[tuple[tuple[Check, frozenset[str]], ...]] = (
    (check_effects, frozenset({"estimate"})),
    (check_heterogeneity, frozenset({"q", "tau2", "h2", "i2"})),
    (check_scales, frozenset({"min", "q1", "median", "q3", "max", "mean", "sd"})),
    (check_kappa, frozenset({"kappa"})),
    (check_recomputed_effects, frozenset({"estimate"})),
    (check_statistic, frozenset({"statistic"})),
    (check_split, frozenset({"train"})),
    (check_patients, frozenset({"patients"})),
    (check_parts, frozenset({"parts"})),
    (check_p_value, frozenset({"statistic"})),
)
_OF_TABLES: Final = frozenset({*_CELLS, "n_pos", "n_neg"})
# accuracy alone says nothing without the number of cases
_OF_SHARES: Final = frozenset({"n", "n_test", "k", "n_pos", "n_neg", "sensitivity"})


def check_facts(facts: Facts) -> list[Claim]:
    """Return every claim that the stated numbers allow to check; none when there is nothing.

    Example:
        >>> from review.workflow.audit.facts import facts_from
        >>> row = {"tp": 9, "fp": 1, "fn": 1, "tn": 9, "n": 20, "accuracy": "0.90"}
        >>> [str(claim.verdict) for claim in check_facts(facts_from(row, "row 1"))]
        ['confirmed', 'confirmed']
    """
    stated = {*facts.numbers, *facts.words}
    singles, done = check_ranges(facts), set[str]()
    if not _OF_TABLES.isdisjoint(stated):
        recomputed, done = check_metrics(facts)
        singles += [*check_confusion(facts), *recomputed]
    if not _OF_SHARES.isdisjoint(stated):
        singles += check_proportions(facts, done)
    found = [*singles, *check_sets(facts, singles), *check_intervals(facts)]
    for check, needs in _NEEDS:
        if not needs.isdisjoint(stated):
            found += check(facts)
    return found
