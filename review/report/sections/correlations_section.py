"""Performance against data quantity and by group: every test of Figure 6 in one table each."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from review.report.blocks import Estimate, Group, Link, Section, empty, text
from review.report.results import Lacking
from review.report.table_cells import table_of
from review.words import interval, level_name, number, p_number
from review.workflow.roles import label

if TYPE_CHECKING:
    from review.project import Review
    from review.report.blocks import Block
    from review.report.results import Results
    from review.workflow.performance_tests import MetricResult

TITLE: Final = "Correlations"


def build(results: Results) -> Section:
    """Return the section."""
    found = results.performance
    if isinstance(found, Lacking):
        return empty("correlations", TITLE, "No correlation is computed.", found.reason)
    review = results.review
    sizes = " or ".join(found.units)
    quantity = f"data quantity ({sizes}{' per class' if found.per_class else ''})"
    blocks: list[Block] = [
        text(
            f"Rank correlation of each performance metric with the {quantity}, on the studies of "
            f"the {review.settings.sample} that state both. The points are in ",
            Link("Figure 6", "#figure-6"),
            ".",
        ),
        table_of(
            [_correlation(m) for m in found.metrics],
            caption="Spearman correlation with the data quantity",
            name="correlations",
        ),
    ]
    published = [_published(m) for m in found.metrics if m.published]
    if published:
        table = table_of(published, caption="Published correlations, and whether they can be so")
        blocks.append(Group("correlations-published", "What the paper prints", (table,)))
    tests = [_test(review, m, v) for m in found.metrics for v in m.by_group]
    if tests:
        table = table_of(tests, caption="Kruskal-Wallis tests by group", name="group-tests")
        pairs = table_of(
            [row for m in found.metrics for v in m.by_group for row in _pairs(review, m, v)],
            caption="Pairwise comparisons (Dunn) with Holm's adjustment", name="pairwise-tests",
            folded=True,
        )  # fmt: skip
        inside = (table, pairs) if pairs.rows else (table,)
        blocks.append(Group("correlations-groups", "Performance by group", inside))
    return Section(
        "correlations",
        TITLE,
        tuple(blocks),
        methods=tuple(_methods(found.metrics)),
        references=_references(found.metrics),
        estimates=tuple(_estimate(m) for m in found.metrics),
    )


def _correlation(metric: MetricResult) -> dict[str, Any]:
    r = metric.correlation
    limits = "–" if r.ci_low is None or r.ci_high is None else interval(r.ci_low, r.ci_high, 2)
    return {
        "metric": metric.label,
        "rho": "not defined" if r.rho is None else number(r.rho, 2),
        f"{level_name(r.level)} interval": limits,
        "p-value": p_number(r.p_value),
        "n": r.n,
        "p-value from": r.method,
        "remark": r.reason or r.ci_reason or "",
    }


def _published(metric: MetricResult) -> dict[str, Any]:
    assert metric.published is not None
    check = metric.published.check
    return {
        "metric": metric.label,
        "published rho": f"{metric.published.rho:g}",
        "published p": f"{metric.published.p:g}",
        "points at most": check.n_max if check else "not stated",
        "possible": ("yes" if check.possible else "no") if check else "cannot be checked",
        "verdict": check.verdict if check else "the paper does not say how many points it plots",
    }


def _test(review: Review, metric: MetricResult, variable: str) -> dict[str, Any]:
    test = metric.by_group[variable]
    return {
        "metric": metric.label,
        "by": label(review, variable),
        "result": str(test),
        "p-value from": test.method,
    }


def _pairs(review: Review, metric: MetricResult, variable: str) -> list[dict[str, Any]]:
    return [
        {"metric": metric.label, "by": label(review, variable), **asdict(pair)}
        for pair in metric.by_group[variable].pairs
    ]


def _methods(metrics: tuple[MetricResult, ...]) -> list[str]:
    r = metrics[0].correlation
    said = sorted({m.correlation.method for m in metrics})
    text_ = [
        (
            "Performance and data quantity were compared by Spearman's rank correlation with "
            f"mid-ranks for ties; {level_name(r.level)} intervals: {r.ci_method}; p-values: "
            f"{'; '.join(said)}."
        )
    ]
    tests = [t for m in metrics for t in m.by_group.values()]
    if tests:
        how = sorted({t.method for t in tests if t.method})
        text_.append(
            "Performance was compared between groups by the Kruskal-Wallis test with epsilon "
            f"squared as effect size (p-values: {'; '.join(how)}); pairs of groups: "
            f"{tests[0].pairs_method}."
        )
    return text_


def _references(metrics: tuple[MetricResult, ...]) -> tuple[str, ...]:
    used = ("spearman1904", "bonett2000")
    return (*used, "kruskal1952", "dunn1964", "holm1979") if metrics[0].by_group else used


def _estimate(metric: MetricResult) -> Estimate:
    r = metric.correlation
    return Estimate(
        f"correlation.{metric.variable}", f"Spearman's rho of {metric.label} with data quantity",
        r.rho, r.ci_low, r.ci_high, r.n,
    )  # fmt: skip
