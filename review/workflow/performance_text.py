"""What a performance figure says in words; every number comes from its result object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.words import count, level_name, listed, p_number, p_value, plural
from review.workflow.roles import label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.project import Review
    from review.stats.association.kruskal_wallis import KruskalResult
    from review.workflow.performance_tests import MetricResult, Performance
    from review.workflow.selection import SelectionMode


def correlation_lines(metric: MetricResult, sample: str) -> Iterator[str]:
    """Yield the correlation of the sample, then the published one with its verdict."""
    yield f"{sample}: Spearman {metric.correlation}"
    if metric.correlation.rho is not None:
        level = level_name(metric.correlation.level)
        yield f"p from: {metric.correlation.method}; {level} interval: Fisher z"
    if metric.published is None:
        return
    line = f"published: rho = {metric.published.rho:g}, p = {metric.published.p:g}"
    check = metric.published.check
    if check is None:
        yield line
    elif check.possible:
        yield f"{line}: possible with n ≤ {check.n_max}"
    else:
        needed = f", needs n ≈ {count(check.n_needed)}" if check.n_needed else ""
        yield f"{line}: impossible with n ≤ {check.n_max} (p ≥ {p_number(check.p_low)}){needed}"


def describe(metric: MetricResult, title: str) -> str:
    """Return what a panel shows, with its main numbers, for people who cannot see it."""
    return f"Scatter plot: {title}. Spearman {metric.correlation}."


def notes(review: Review, found: Performance, mode: SelectionMode) -> Iterator[str]:
    """Yield the selection steps, the paper's beside them, and the tests by group."""
    yield _steps(review, found, mode)
    published = published_steps(review)
    if published:
        yield published
    if mode == "strict":
        yield from _not_stated(review, found)
    for metric in found.metrics:
        if metric.published and metric.published.check:
            yield f"Published {metric.label}: {metric.published.check.verdict}."
    for metric in found.metrics:
        for variable, test in metric.by_group.items():
            yield f"{metric.label} by {label(review, variable).lower()}: {group_test(test)}."


def _steps(review: Review, found: Performance, mode: SelectionMode) -> str:
    first, *rest = found.selection.steps
    parts = [plural(first.left, "study")] + [f"{s.left} {s.label}" for s in rest]
    counts = ", ".join(f"{len(m.rows)} with {m.label}" for m in found.metrics)
    text = f"Selection '{mode}', {review.settings.sample}: " + " → ".join(parts) + f" ({counts}"
    return text + (f"; {found.both} with more than one)." if len(found.metrics) > 1 else ").")


def published_steps(review: Review) -> str:
    """Return the selection that the paper states, such as `121 → 64 → 50 → 41`; "" without one."""
    facts = review.published
    stated = facts.figure6.selection if facts and facts.figure6 else {}
    if "total" not in stated:
        return ""
    left, parts = stated["total"], [f"{stated['total']} studies"]
    for name, number in stated.items():
        if name.startswith("excluded_"):
            left -= number
            reason = name.removeprefix("excluded_").replace("_", " ")
            parts.append(f"{left} without {reason} (−{number})")
    text = "Selection of the paper: " + " → ".join(parts)
    plotted = stated.get("plotted")
    if plotted is not None:
        agrees = "as" if plotted == left else f"but the steps leave {left}, not"
        text += f", {agrees} the {plotted} it plots"
    if "both_metrics" in stated:
        text += f"; {stated['both_metrics']} with both metrics"
    return text + "."


def _not_stated(review: Review, found: Performance) -> Iterator[str]:
    total = len(found.selection.studies)
    for variable in found.groups.values():
        missing = sum(s.value(variable) is None for s in found.selection.studies)
        if missing:
            yield (
                f"{missing} of the {total} studies left do not state their "
                f"{label(review, variable).lower()}; they are kept."
            )


def group_test(test: KruskalResult) -> str:
    """Return a Kruskal-Wallis test and its significant pairs in words."""
    text = f"Kruskal-Wallis {test}"
    if test.h is None:
        return text
    text += f"; p from: {test.method}"
    alpha = 0.05
    if not test.pairs:
        return f"{text}; pairs {test.pairs_method}"
    clear = [pair for pair in test.pairs if pair.p_holm < alpha]
    if not clear:
        return text + "; no pair differs (Dunn, Holm, 0.05)"
    pairs = listed((f"{p.a} and {p.b} ({p_value(p.p_holm)})" for p in clear), most=6, last="")
    return f"{text}; pairs that differ (Dunn, Holm): {pairs}"
