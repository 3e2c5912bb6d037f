"""What the first page of a report says: question, answer, how sure, who, when, and one picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from review.plots.theme import words
from review.report.blocks import Inline, Lead, Link
from review.report.everyday_scale import ODDS, Everyday, of_accuracy, of_effects, of_values
from review.report.glance_drawing import (
    bars_glance,
    forest_glance,
    roc_glance,
    scatter_glance,
)
from review.report.results import Lacking
from review.schema.assessment import OVERALL
from review.schema.certainty_file import NONE
from review.stats.presentation.effect_display import digits_for
from review.stats.presentation.measure_words import effect_name
from review.words import capital, count, listed, plural
from review.workflow.pooling.accuracy_run import AccuracyRun
from review.workflow.pooling.bayes_run import BayesRun
from review.workflow.pooling.meta_run import MetaRun
from review.workflow.searches import searches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from review.report.results import Results
    from review.schema.certainty_file import Baseline
    from review.schema.prisma_flow import PrismaFlow
    from review.workflow.performance_tests import Performance
    from review.workflow.pooling.network_run import NetworkRun
    from review.workflow.pooling.settings_run import AnyRun

NOT_STATED: Final = "not stated"
OTHERS: Final = 3  # further results on the first page
TOP: Final = 3  # most frequent categories that are named
# boxes of the flow on the first page, and how they are said
STEPS: Final = (
    ("identified", "found"), ("screened", "screened"), ("assessed_full_text", "read in full"),
    ("included", "included"),
)  # fmt: skip
# levels of GRADE as a sentence has them
SURE: Final = {
    "high": "very sure", "moderate": "fairly sure", "low": "not sure", "very low": "very unsure",
}  # fmt: skip
SEVERE: Final = ("high", "critical")


@dataclass(frozen=True)
class InShort:
    """The first page.

    Attributes:
        lead: question, answer, how sure.
        picture: an SVG drawing, or "". alt: what it shows. caption: below it.
        facts: names with what is stated for each.
    """

    lead: Lead
    picture: str
    alt: str
    caption: str
    facts: tuple[tuple[str, tuple[Inline, ...]], ...]


@dataclass(frozen=True)
class _Result:
    """A result of the review with its picture; `name` is that of its `[[meta]]` table, or ""."""

    title: str
    said: Everyday
    svg: str = ""
    alt: str = ""
    caption: str = ""
    name: str = ""


def in_short(results: Results) -> InShort:
    """Return the first page of a review."""
    found = list(_pooled(results))
    described = _described(results)
    # a review of what studies do, not of an effect, answers with what they do
    if not results.review.settings.meta and not isinstance(results.performance, Lacking):
        main, others = described, found
    else:
        main, others = (found[0], found[1:]) if found else (described, [])
    level = _certainty(results, main.name)
    sure = [s for s in (main.said.likely, main.said.new, level, *_trust(results, main.name)) if s]
    lead = Lead(
        question=results.review.settings.question,
        label=main.title,
        answer=main.said.answer,
        sure=tuple(sure),
        others=tuple((r.title, " ".join(r.said.answer)) for r in others[:OTHERS]),
    )
    return InShort(lead, main.svg, main.alt, main.caption, tuple(_facts(results)))


def _pooled(results: Results) -> Iterator[_Result]:
    """The meta-analyses that can be said in everyday words, in the order of the review."""
    for name, run in results.runs.items():
        title = results.meta_title(name) if name else "Accuracy of the test"
        if (found := _one(title, run, results.stated_baseline(name))) is not None:
            yield replace(found, name=name)


def _one(title: str, run: AnyRun, stated: Baseline | None) -> _Result | None:
    """A meta-analysis in everyday words, where it has an average."""
    if isinstance(run, MetaRun):
        said = of_effects(run, stated)
        return None if said is None else _effects(title, run, said)
    if isinstance(run, AccuracyRun):
        return _accuracy(title, run) if run.result.intercept_only else None
    return _bayes(title, run) if isinstance(run, BayesRun) else _network(title, run)


def _effects(title: str, run: MetaRun, said: Everyday) -> _Result:
    result = run.result
    name = capital(effect_name(result, back=True)) if result.measure else "Effect"
    log = result.transf == "exp"
    null = 1.0 if log else 0.0
    alt = f"{title}: studies and average, {name.lower()}."
    svg = forest_glance(
        run.forest, alt, measure=f"{name}{', log scale' * log}", digits=digits_for(run.forest),
        log=log, null=None if said.settled is None else null, favours=run.rows.favours,
    )  # fmt: skip
    odds = " Odds were turned into risks." if result.measure in ODDS else ""
    caption = f"Each line is a study, the diamond the average of {result.sample}.{odds}"
    return _Result(title, said, svg, alt, caption)


def _accuracy(title: str, run: AccuracyRun) -> _Result:
    import numpy as np

    result = run.result
    rows = result.rows
    size = rows.tp + rows.fn + rows.fp + rows.tn
    with np.errstate(invalid="ignore", divide="ignore"):  # a group that a study lacks
        fpr, sens = rows.fp / (rows.fp + rows.tn), rows.tp / (rows.tp + rows.fn)
    points = [
        (float(a), float(b), float(n))
        for a, b, n in zip(fpr, sens, size, strict=True)
        if a == a and b == b  # noqa: PLR0124  a study that states one of the two is no point
    ]
    average = result.predict()
    centre = (float(average.fpr[0, 0]), float(average.sens[0, 0]))
    outlines = [
        [(float(a), float(b)) for a, b in result.region(kind)]
        for kind in ("confidence", "prediction")
    ]
    alt = f"{title}: studies and average in the plane of false alarms and hits."
    svg = roc_glance(points, centre, outlines[0], outlines[1], alt)
    caption = (
        f"Each circle is a study, the diamond the average of {plural(result.k, 'study')}. The "
        "dark area holds the average, the pale one a new study."
    )
    return _Result(title, of_accuracy(result), svg, alt, caption)


def _bayes(title: str, run: BayesRun) -> _Result:
    average, new = (row.posterior for row in run.forest[-2:])
    value = (float(average[0]), float(average[1]), float(average[2]))
    measure, k = run.result.measure, run.result.k
    half = abs(value[2] - value[1]) / 2
    digits = 2 if half >= 0.05 else 3
    return _Result(title, of_values(measure, value, (float(new[1]), float(new[2])), k, digits))


def _network(title: str, run: NetworkRun) -> _Result:
    r = run.result
    best = r.ranked[0]
    answer = (
        f"{capital(plural(r.k, 'study'))} compare {r.n} treatments.",
        f"{best} ranks first, then {listed(r.ranked[1:3])}.",
    )
    return _Result(title, Everyday(answer, "A rank alone does not say how large a gap is."))


def _leader(falling: Sequence[tuple[str, int]]) -> Sequence[tuple[str, int]]:
    """The category of more studies than any other; none of a single study, and none of several."""
    counts = [of for _, of in falling] + [1]
    return falling[:1] if falling and counts[0] > counts[1] and counts[0] > 1 else ()


def _described(results: Results) -> _Result:
    """What the studies are about, where no effect is the answer."""
    review = results.review
    if not review.studies:
        return _Result("", Everyday(("The review has no studies yet.",), ""))
    years = [s.year for s in review.studies if s.year is not None]
    span = ""
    if years:
        span = f" They came out in {min(years)}" + (
            f" to {max(years)}." if max(years) > min(years) else "."
        )
    n = len(review.studies)
    counted = [c for c in results.counts if c.sample]
    several = review.settings.roles.several
    tops = [
        f"{words(name)} ({c.label.lower() if c.label[1:2].islower() else c.label}, "
        f"{plural(of, 'study')})"
        for c in counted[:TOP]
        for name, of in _leader([pair for pair in c.sample.items() if pair[0] != several])
    ]
    first = f"This review holds {plural(n, 'study')}.{span}"
    answer = (first, f"Most common are {listed(tops)}.") if tops else (first,)
    if not isinstance(results.performance, Lacking):
        return _scatter(results.performance, answer)
    if counted:
        c = counted[0]
        alt = f"{c.label}: how many studies have which."
        bars = [(words(name), of) for name, of in c.sample.items()]
        stated = c.studies - c.not_stated
        caption = f"{c.label}: the {stated:,} of {c.studies:,} studies that state it."
        return _Result("", Everyday(answer, ""), bars_glance(bars, alt), alt, caption)
    return _Result("", Everyday(answer, ""))


def _scatter(found: Performance, answer: tuple[str, ...]) -> _Result:
    panels = [
        (m.label, [(float(row["normalised_quantity"]), float(row["value"])) for row in m.rows])
        for m in found.metrics[:2]
        if m.rows
    ]
    sizes = " or ".join(found.units) + (" per class" if found.per_class else "")
    named = listed([name for name, _ in panels])
    alt = f"{named} against the amount of data of each study."
    likely = "Whether more data helps is not shown by this: the studies differ in much else too."
    svg = scatter_glance(panels, f"{sizes}, log scale", alt)
    caption = f"Each point is a study: {named} against the amount of data it used."
    return _Result("", Everyday(answer, likely), svg, alt, caption)


def _certainty(results: Results, name: str) -> str:
    """Return how sure the evidence of a result is, as people have judged it, or ""."""
    outcome = results.outcome_certainty(name)
    level = None if outcome is None else outcome.level
    if level is None:
        return ""
    return f"The authors of the review are {SURE[level]} of this ({level} certainty, GRADE)."


def _trust(results: Results, name: str) -> Iterator[str]:
    """How far the studies can be trusted; `name` is that of the result that they are behind."""
    found = results.assessments
    if not results.review.studies:
        return
    if isinstance(found, Lacking):
        outcome = results.outcome_certainty(name)
        judged = None if outcome is None else outcome.risk_of_bias
        if judged is not None and judged.confirmed:
            risk = "no serious" if judged.judgement == NONE else f"a {judged.judgement}"
            yield f"The authors of the review see {risk} risk of bias in these studies (GRADE)."
            return
        yield "No one has judged yet how far each study can be trusted."
        return
    for tool in found.tools:
        by_study: dict[str, set[str]] = {}
        for (study_id, _), row in found.table(tool).items():
            overall = {j.level for (domain, _), j in row.items() if domain == OVERALL}
            levels = overall or {j.level for j in row.values()}
            by_study.setdefault(study_id, set()).update(levels)
        high = sum(bool(levels & set(SEVERE)) for levels in by_study.values())
        yield (
            f"{capital(count(high)) if high else 'None'} of {plural(len(by_study), 'study')} "
            f"{'has' if high == 1 else 'have'} a high risk of bias ({tool})."
        )


def _facts(results: Results) -> Iterator[tuple[str, tuple[Inline, ...]]]:
    settings = results.review.settings
    if not isinstance(results.flows, Lacking):
        for flow in results.flows:
            if line := flow_line(flow):
                label = "Studies" if flow is results.flows[-1] else "Studies of the paper"
                yield label, (line, " ", Link("(flow)", "#flow"))
    found = searches(results.review)
    if found:
        names = list(dict.fromkeys(s.source for s in found))
        days = sorted(s.date for s in found if s.date)
        yield "Searched", (listed(names, most=6) + (f"; last on {days[-1]}" if days else ""),)
    if settings.authors:
        yield "Authors", (listed(settings.authors, most=8, last=""),)
    registration: tuple[Inline, ...] = (settings.protocol.registration or NOT_STATED,)
    if settings.protocol.link:
        link = settings.protocol.link
        registration = (*registration, "; protocol: ", Link.web(link, link))
    yield "Registered", registration
    yield "Funding", (settings.funding or NOT_STATED,)


def flow_line(flow: PrismaFlow) -> str:
    """Return the flow of studies in one line.

    Example:
        >>> from review.schema.prisma_flow import PrismaFlow
        >>> flow_line(PrismaFlow(origin="", screened=1200, included=13))
        '1,200 screened, 13 included'
    """
    counts: dict[str, Any] = flow.counts()
    return ", ".join(f"{count(counts[box])} {said}" for box, said in STEPS if box in counts)
