"""The review in plain language: sentences whose numbers come from the result objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.plots.theme import words
from review.report.blocks import Bullets, Inline, Link, Numbers, Section, text
from review.report.results import Lacking
from review.schema.metrics import metric_label
from review.stats.presentation.effect_display import digits_for
from review.words import confidence, interval, number, percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.report.blocks import Block
    from review.report.results import Results
    from review.stats.presentation.forest_rows import ForestRow
    from review.workflow.performance_tests import MetricResult
    from review.workflow.pooling.meta_run import MetaRun

TITLE: Final = "Summary in plain language"
# how strong a rank correlation is called (Schober et al. 2018, Anesth Analg 126:1763)
ALPHA: Final = 0.05
STRENGTH: Final = ((0.1, "next to no"), (0.4, "a weak"), (0.7, "a moderate"), (1.01, "a strong"))


def build(results: Results) -> Section:
    """Return the section."""
    blocks: list[Block] = []
    if results.review.settings.question:
        blocks.append(text(f"The question: {results.review.settings.question}"))
    blocks.append(Numbers(tuple(_numbers(results))))
    blocks += _sentences(results)
    return Section("summary", TITLE, tuple(blocks))


def _numbers(results: Results) -> Iterator[tuple[str, str, str]]:
    review = results.review
    years = [s.year for s in review.studies if s.year is not None]
    span = f"{min(years)} to {max(years)}" if years else ""
    yield (
        f"{len(review.studies):,}",
        "studies",
        f"{review.settings.sample}{', ' * bool(span)}{span}",
    )
    facts = review.published
    if facts and facts.prisma and facts.prisma.included is not None:
        yield f"{facts.prisma.included:,}", "studies in the published review", "not the same list"
    for outcome, run in results.meta.items():
        total = None if isinstance(run, Lacking) else _total(run)
        if total is not None and not isinstance(run, Lacking):
            digits = digits_for(run.forest)
            limits = confidence(total.ci_lb, total.ci_ub, run.result.level, digits)
            yield (
                number(total.estimate, digits),
                f"pooled {_named(results, outcome)}",
                f"{limits}, {run.result.sample}",
            )
    pattern = results.missing
    if pattern.cells:
        share = pattern.missing / pattern.cells
        yield (
            percent(100 * share, 0),
            "of the values are not stated",
            plural(pattern.missing, "cell"),
        )
    if not isinstance(results.audit, Lacking) and results.audit.claims:
        failed, all_ = len(results.audit.failed), len(results.audit.claims)
        yield f"{failed:,}", "claims that do not hold", f"of {all_:,} that were checked"


def _sentences(results: Results) -> Iterator[Block]:
    if not results.review.studies:
        yield text("The review has no studies yet.")
        return
    yield from _categories(results)
    if not isinstance(results.performance, Lacking):
        for metric in results.performance.metrics:
            yield from _correlation(metric)
    yield from _pooled(results)
    if not isinstance(results.agreement, Lacking):
        found = results.agreement
        said = f"{len(found.coders)} people coded {found.n_studies:,} of the studies independently"
        differ = f"; {len(found.disagreements):,} values differ between them ("
        yield text(said, differ, Link("agreement", "#agreement"), ").")
    if not isinstance(results.audit, Lacking) and results.audit.claims:
        said = ", ".join(f"{n:,} {word}" for word, n in results.audit.counts.items() if n)
        where = Link("audit", "#audit")
        yield text(f"Stated numbers were recomputed where that is possible: {said} (", where, ").")
    if isinstance(results.assessments, Lacking):
        yield text(
            "The risk of bias of the studies was not assessed, so nothing here says how far they "
            "can be trusted."
        )


def _categories(results: Results) -> Iterator[Block]:
    items: list[tuple[Inline, ...]] = []
    for counts in results.counts:
        if not counts.sample:
            continue
        stated = counts.studies - counts.not_stated
        name, n = next(iter(counts.sample.items()))
        tail = f"; {counts.not_stated:,} more do not state it" if counts.not_stated else ""
        items.append((f"{counts.label}: {words(name)} ({n:,} of {stated:,} studies{tail})",))
    if items:
        yield text(f"Most frequent among the studies shown ({results.review.settings.sample}):")
        yield Bullets(tuple(items))


def _correlation(metric: MetricResult) -> Iterator[Block]:
    r = metric.correlation
    if r.rho is None or r.p_value is None:
        return
    strength = next(word for limit, word in STRENGTH if abs(r.rho) < limit)
    way = "" if abs(r.rho) < STRENGTH[0][0] else (" positive" if r.rho > 0 else " negative")
    sure = "is" if r.p_value < ALPHA else "is not"
    yield text(
        f"{metric.label} has {strength}{way} rank correlation with the amount of data ({r}), which "
        f"{sure} distinguishable from none at the {percent(100 * ALPHA, 0)} level. A "
        "correlation over studies does not show what more data would do within one. ",
        Link("Details", "#correlations"),
        ".",
    )
    published = metric.published
    if published and published.check and not published.check.possible:
        yield text(f"Of the published correlation with {metric.label}: {published.check.verdict}.")


def _total(run: MetaRun) -> ForestRow | None:
    return next((row for row in run.forest if row.kind == "total"), None)


def _named(results: Results, key: str) -> str:
    """Return a meta-analysis as it is called within a sentence."""
    kept = {m.name for m in results.review.settings.meta}
    return results.meta_title(key) if key in kept else metric_label(key)


def _pooled(results: Results) -> Iterator[Block]:
    items: list[tuple[Inline, ...]] = []
    for outcome, run in results.meta.items():
        if isinstance(run, Lacking) or (total := _total(run)) is None:
            continue  # a model with moderators has no average of all studies
        spread = {row.kind: row for row in run.forest if not row.group}.get("prediction")
        digits = digits_for(run.forest)
        said = (
            f"{results.meta_title(outcome)}: {number(total.estimate, digits)} on average over "
            f"{run.result.sample} ({interval(total.ci_lb, total.ci_ub, digits)})"
        )
        if spread is not None:
            said += (
                "; a new study may well find anything from "
                f"{interval(spread.ci_lb, spread.ci_ub, digits)}"
            )
        items.append((f"{said}.",))
    if items:
        yield text(
            "Results that studies report with their precision were ",
            Link("pooled", "#meta"),
            ". Studies tend to report their best result.",
        )
        yield Bullets(tuple(items))
