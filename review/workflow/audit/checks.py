"""All checks of numbers that are stated together, each with the numbers that it needs.

A check whose numbers are not stated is neither run nor loaded: most rows state two or three.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from review.schema.metrics import METRICS
from review.workflow.audit.confusion import check_confusion, check_metrics
from review.workflow.audit.proportion_claims import check_proportions, check_ranges

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.workflow.audit.claim import Claim
    from review.workflow.audit.facts import Facts

_LIMIT: Final = "a limit"  # an interval of anything
_TWO: Final = "two scores"
_SCORES: Final = frozenset(m.name for m in METRICS)
_OF_TABLES: Final = frozenset({"tp", "fp", "fn", "tn", "n_pos", "n_neg"})
# accuracy alone says nothing without the number of cases
_OF_SHARES: Final = frozenset({"n", "n_test", "k", "n_pos", "n_neg", "sensitivity"})
# module, check -> sets of names; the check runs where one of the sets is stated
_CHECKS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("score_sets", "check_sets", (_TWO, "mcc", "kappa", "lr_pos", "lr_neg")),
    ("intervals", "check_intervals", (_LIMIT,)),
    ("effect_claims", "check_effects", ("estimate ci_low ci_high",)),
    ("heterogeneity_claims", "check_heterogeneity", ("q", "i2", "h2", "tau2")),
    ("scale_claims", "check_scales", ("mean", "sd", "median", "min", "max", "q1", "q3")),
    ("kappa_claims", "check_kappa", ("kappa agreement",)),
    ("recomputed_effects", "check_recomputed_effects", ("estimate measure",)),
    ("statistic_claims", "check_statistic", ("statistic value estimate se",)),
    ("regression_claims", "check_coefficient", ("estimate se p",)),
    ("regression_claims", "check_degrees", ("statistic n df1", "statistic n df2")),
    ("regression_claims", "check_explained", ("r2",)),
    ("group_comparisons", "check_group_p", ("p n1 n2",)),
    ("crosstab_claims", "check_crosstab", ("cells",)),
    ("percent_lists", "check_percents", ("percents",)),
    ("sums", "check_split", ("train",)),
    ("sums", "check_patients", ("patients images",)),
    ("sums", "check_parts", ("parts",)),
    ("pvalues", "check_p_value", ("statistic value",)),
)
_NEEDS: Final = tuple(
    (
        module,
        name,
        tuple(
            frozenset({one}) if one in {_LIMIT, _TWO} else frozenset(one.split()) for one in needed
        ),
    )
    for module, name, needed in _CHECKS
)


def check_facts(facts: Facts) -> list[Claim]:
    """Return every claim that the stated numbers allow to check; none when there is nothing.

    Example:
        >>> from review.workflow.audit.facts import facts_from
        >>> row = {"tp": 9, "fp": 1, "fn": 1, "tn": 9, "n": 20, "accuracy": "0.90"}
        >>> [str(claim.verdict) for claim in check_facts(facts_from(row, "row 1"))]
        ['confirmed', 'confirmed']
    """
    stated = _stated(facts)
    singles, done = check_ranges(facts), set[str]()
    if not _OF_TABLES.isdisjoint(stated):
        recomputed, done = check_metrics(facts)
        singles += [*check_confusion(facts), *recomputed]
    if not _OF_SHARES.isdisjoint(stated):
        singles += check_proportions(facts, done)
    claims = list(singles)
    for module, name, needed in _NEEDS:
        if not any(names <= stated for names in needed):
            continue
        check = _loaded(module, name)
        claims += check(facts, singles) if name == "check_sets" else check(facts)
    return claims


def _stated(facts: Facts) -> set[str]:
    names = {*facts.numbers, *facts.words}
    if any(name.endswith(("ci_low", "ci_high")) for name in facts.numbers):
        names.add(_LIMIT)
    if len(_SCORES & names) > 1:
        names.add(_TWO)
    return names


@cache
def _loaded(module: str, name: str) -> Callable[..., list[Claim]]:
    found: Callable[..., list[Claim]] = getattr(
        import_module(f"review.workflow.audit.{module}"), name
    )
    return found
