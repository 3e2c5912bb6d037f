"""How much of an analysis rests on studies at high risk of bias: the share of their weight."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.schema.assessment import OVERALL
from review.workflow.pooling.accuracy_run import AccuracyRun
from review.workflow.pooling.bayes_run import BayesRun
from review.workflow.pooling.meta_run import MetaRun

if TYPE_CHECKING:
    from review.schema.assessment import Level
    from review.workflow.coding.assessments import Assessments, Judgement
    from review.workflow.pooling.settings_run import AnyRun

NOT_ASSESSED: Final = ""
# how bad a level is; a study counts by its worst one
ORDER: Final[tuple[Level, ...]] = ("low", "unclear", "some", "high", "critical")


@dataclass(frozen=True)
class BiasShares:
    """Shares of the weight of an analysis by risk of bias, from 0 to 1.

    Attributes:
        tool: that the studies were assessed with.
        low, some, high: shares; `some` holds unclear ones, `high` critical ones.
        unknown: of studies without an assessment.
        of: what is shared: `weight` or `studies`.
        whole: whether the tool's overall judgement counts; otherwise the worst domain.
    """

    tool: str
    low: float
    some: float
    high: float
    unknown: float
    of: str
    whole: bool


def weights_by_study(run: AnyRun) -> dict[str, float]:
    """Return study_id -> weight in per cent; of accuracy models one each; empty if unknown.

    Args:
        run: an analysis of a review.
    """
    ids = getattr(run.rows, "data", {}).get("study_id")
    if ids is None:
        return {}
    found: dict[str, float] = defaultdict(float)
    if isinstance(run, AccuracyRun):
        left_out = {label for label, _ in run.left_out}
        kept = zip(ids, run.rows.labels, strict=True)
        return {str(i): 1.0 for i, label in kept if label not in left_out}
    if isinstance(run, MetaRun | BayesRun):
        result = run.result
        for i, weight in zip(result.ids.tolist(), result.weights.tolist(), strict=True):
            found[str(ids[i])] += weight
    return dict(found)


def bias_shares(found: Assessments, run: AnyRun) -> list[BiasShares]:
    """Return the shares by each tool that assessed studies of an analysis.

    Args:
        found: the assessments of the review.
        run: the analysis.
    """
    weights = weights_by_study(run)
    total = sum(weights.values())
    if not total:
        return []
    shares = []
    of = "studies" if isinstance(run, AccuracyRun) else "weight"
    for name, tool in found.tools.items():
        levels, whole = _levels(found, name), OVERALL in {d for d, _, _ in tool.columns()}
        if not set(levels) & set(weights):
            continue
        by_level: dict[str, float] = defaultdict(float)
        for study, weight in weights.items():
            by_level[levels.get(study, NOT_ASSESSED)] += weight / total
        shares.append(
            BiasShares(
                name, by_level["low"], by_level["some"] + by_level["unclear"],
                by_level["high"] + by_level["critical"], by_level[NOT_ASSESSED], of, whole,
            )
        )  # fmt: skip
    return shares


def _levels(found: Assessments, name: str) -> dict[str, Level]:
    """Return study_id -> its worst level: overall where there is one, else of any domain."""
    worst: dict[str, Level] = {}
    for (study, _), row in found.table(name).items():
        bias = {domain: judged for (domain, kind), judged in row.items() if kind == "bias"}
        counted: list[Judgement] = [bias[OVERALL]] if OVERALL in bias else list(bias.values())
        for judged in counted:
            before = worst.get(study, ORDER[0])
            worst[study] = max(before, judged.level, key=ORDER.index)
    return worst
