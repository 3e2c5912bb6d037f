"""Pooled effects in everyday words: people of 100 or 1,000, points, pairs; no signs, no p-values.

A risk needs a risk to start from. It is the first one that the review states for the outcome, as in
its Summary of Findings, and named; without one the median risk of the comparison groups of the
studies (Schünemann et al., Cochrane Handbook, chapter 14.1.5.2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from review.stats.absolute.baseline_risks import usual_baseline, with_intervention
from review.stats.presentation.effect_display import digits_for
from review.stats.presentation.measure_words import outcome_name
from review.words import number, plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.schema.certainty_file import Baseline
    from review.stats.accuracy.accuracy_result import AccuracyResult
    from review.workflow.pooling.meta_run import MetaRun

FEW: Final = 5  # a prediction interval of fewer studies rests on next to nothing
RARE: Final = 0.1  # risks below are told per 1,000
RISKS: Final = ("RR", "OR", "PETO", "RD", "MPRR", "MPOR", "MPRD")
ODDS: Final = ("OR", "PETO", "MPOR", "MPORC", "MPPETO", "D2ORN", "D2ORL")
RATIOS: Final = ("RR", "IRR", "HR", "MPRR", *ODDS)
MEANS: Final = ("ROM", "ROMC")
DIFFERENCES: Final = ("MD", "MC", "MEDD")
STANDARDISED: Final = ("SMD", "SMDH", "SMD1", "SMD1H", "SMCC", "SMCR", "SMCRH", "OR2DN", "OR2DL",
                       "PBIT")  # fmt: skip
SHARES: Final = {
    **dict.fromkeys(("PR", "PLN", "PLO", "PAS", "PFT"), "{n} of {per} people have it"),
    "ACC": "{n} of {per} cases are sorted right",
    "SENS": "{n} of {per} cases that have it are found",
    "SPEC": "{n} of {per} cases that do not have it are cleared",
    **dict.fromkeys(
        ("AUC", "LOGITAUC"),
        "of {per} pairs of a sick and a healthy case, the sick one scores higher in {n}",
    ),
}
TREATED, COMPARED = "treated group", "comparison group"


@dataclass(frozen=True)
class Everyday:
    """An average in everyday words.

    Attributes:
        answer: two sentences at most.
        likely: where the true average lies. new: what a new study may find; "" when unknown.
        settled: whether the interval leaves out that there is no effect; None where no value
            means that.
    """

    answer: tuple[str, ...]
    likely: str
    new: str = ""
    settled: bool | None = None


@dataclass(frozen=True)
class _Scale:
    """How numbers of one measure are said.

    Attributes:
        say: a number as text. first: sentences about the average.
        unit: after a range, such as ` of 1,000 people`.
        null: the value without an effect, or None.
        where: of whom the numbers are.
    """

    say: Callable[[float], str]
    first: Callable[[float], tuple[str, ...]]
    unit: str = ""
    null: float | None = None
    where: str = ""


def of_effects(run: MetaRun, stated: Baseline | None = None) -> Everyday | None:
    """Say a meta-analysis in everyday words; None for a model without an average.

    Args:
        run: the meta-analysis.
        stated: the risk to start from, where the review states one; it must lie between 0 and 1,
            or is left aside.

    Example:
        >>> from review.workflow.pooling.meta_run import run_meta
        >>> from review.workflow.pooling.pooled_rows import MetaInput
        >>> cells = {"ai": [4, 6, 3], "n1i": [120, 300, 230], "ci": [11, 29, 11],
        ...          "n2i": [120, 300, 220]}
        >>> said = of_effects(run_meta(MetaInput("", "", "RR", cells, ["a", "b", "c"], {})))
        >>> said.answer[0]
        'Of 1,000 people in the comparison group, about 92 had the outcome.'
    """
    from review.stats.multilevel.che import CHEResult

    total = next((row for row in run.forest if row.kind == "total"), None)
    if total is None or total.estimate is None or total.ci_lb is None or total.ci_ub is None:
        return None
    wide = next((row for row in run.forest if row.kind == "prediction" and not row.group), None)
    limits = None
    if wide is not None and wide.ci_lb is not None and wide.ci_ub is not None:
        limits = (wide.ci_lb, wide.ci_ub)
    measure = run.result.measure
    start, whose = None, ""
    if measure in RISKS and stated is not None and 0 < stated.value < 1:
        start, whose = stated.value, stated.name.strip() or stated.source.strip()
    elif measure in RISKS:
        start = usual_baseline(measure, run.rows.columns)
    scale = _scale(measure, start, digits_for(run.forest), whose)
    studies = run.result.m if isinstance(run.result, CHEResult) else run.result.k
    return _said(scale, (total.estimate, total.ci_lb, total.ci_ub), limits, studies)


def of_values(
    measure: str,
    value: tuple[float, float, float],
    new: tuple[float, float] | None,
    k: int,
    digits: int,
) -> Everyday:
    """Say an average with its limits in everyday words, without a risk to start from."""
    return _said(_scale(measure, None, digits), value, new, k)


def of_accuracy(result: AccuracyResult) -> Everyday:
    """Say sensitivity and specificity in natural frequencies."""
    points = result.predict()
    sens, spec = points.value("sens"), points.value("spec")
    found = [few(100 * x) for x in sens]
    alarms = [few(100 * (1 - x)) for x in (spec.estimate, spec.ci_ub, spec.ci_lb)]
    new = [100 * float(x) for x in points.sens_pi[0]]
    false = [100 * (1 - float(x)) for x in points.spec_pi[0][::-1]]
    return Everyday(
        (
            f"Of 100 people who have the condition, the test finds about {found[0]}.",
            f"Of 100 who do not have it, about {alarms[0]} get a false alarm.",
        ),
        (
            f"The true numbers are likely {found[1]} to {found[2]} found, and {alarms[1]} to "
            f"{alarms[2]} false alarms."
        ),
        f"A new study may find {few(new[0])} to {few(new[1])}, with {few(false[0])} to "
        f"{few(false[1])} false alarms." + _few_studies(result.k),
    )


def few(x: float) -> str:
    """Return a count of people as whole number; below one with the digit that matters.

    Example:
        >>> few(31.4), few(0.42), few(0), few(99.96)
        ('31', '0.4', '0', '100')
    """
    return f"{x:.0f}" if abs(x) >= 0.95 or x == 0 else f"{x:.1g}"


def _said(
    scale: _Scale,
    value: tuple[float, float, float],
    new: tuple[float, float] | None,
    k: int,
) -> Everyday:
    average, low, high = value
    settled = None if scale.null is None else not low <= scale.null <= high
    span = f"{scale.say(low)} to {scale.say(high)}{scale.unit}"
    likely = f"The true average{scale.where} is likely {span}."
    if settled is False:
        likely += " This range has room for more and for less, so it is not settled."
    found = ""
    if new is not None:
        found = f"A new study may find {scale.say(new[0])} to {scale.say(new[1])}{scale.unit}."
        found += _few_studies(k)
    return Everyday(scale.first(average), likely, found, settled)


def _few_studies(k: int) -> str:
    return f" With just {plural(k, 'study')}, this is a rough guess." if k < FEW else ""


def _scale(measure: str, start: float | None, digits: int, whose: str = "") -> _Scale:
    if measure in RISKS and start is not None:
        return _risks(measure, start, whose)
    if measure in SHARES:
        return _shares(measure)
    if measure in STANDARDISED:
        return _standardised()
    if measure in RATIOS:
        return _ratio(measure)
    if measure in MEANS:
        return _means()

    def say(x: float) -> str:
        return number(x, digits)

    if measure in DIFFERENCES:

        def points(x: float) -> tuple[str, ...]:
            way = "lower" if x < 0 else "higher"
            return (f"On average, the {TREATED} was {say(abs(x))} {way} than the {COMPARED}.",)

        return _Scale(say, points, "", 0.0)
    name = outcome_name(measure) if measure else "effect"
    null = 0.0 if "correlation" in name or name.endswith("difference") else None
    return _Scale(say, lambda x: (f"On average, the {name} is {say(x)}.",), "", null)


def _risks(measure: str, start: float, whose: str) -> _Scale:
    def risk(effect: float) -> float:
        return min(max(with_intervention(measure, effect, start), 0.0), 1.0)

    null = 0.0 if measure.endswith("RD") else 1.0
    per = 1000 if start < RARE else 100
    # a stated risk is one that is assumed, not one that the studies saw
    of, had = (f" ({whose})", "would have") if whose else ("", "had")
    was = "would be" if whose else "was"

    def say(effect: float) -> str:
        return few(per * risk(effect))

    def first(effect: float) -> tuple[str, ...]:
        fewer = per * (start - risk(effect))
        gap = few(abs(fewer))
        change = f"{gap} {'fewer' if fewer > 0 else 'more'}" if gap != "0" else "no fewer, no more"
        return (
            f"Of {per:,} people in the {COMPARED}{of}, about {few(per * start)} {had} the outcome.",
            f"In the {TREATED} it {was} about {say(effect)}, so {change}.",
        )

    return _Scale(say, first, f" of {per:,}", null, f" in the {TREATED}")


def _shares(measure: str) -> _Scale:
    how = SHARES[measure]

    def say(x: float) -> str:
        return few(100 * x)

    def first(x: float) -> tuple[str, ...]:
        per = 1000 if 0 < x < 0.01 else 100
        said = how.format(n=few(per * x), per=f"{per:,}")
        return (f"On average, {said}." if said.startswith("of ") else f"About {said}.",)

    return _Scale(say, first, " of 100", 0.5 if "AUC" in measure else None)


def _standardised() -> _Scale:
    """Cohen's U3: the share of one group above the middle of the other (Cohen 1988, ch. 2)."""

    def share(d: float) -> str:
        return few(100 * NormalDist().cdf(d))

    def first(d: float) -> tuple[str, ...]:
        return (
            (
                f"About {share(d)} of 100 people in the {TREATED} lie above the middle of the "
                f"{COMPARED}."
            ),
            "With no effect it would be 50.",
        )

    return _Scale(share, first, " of 100", 0.0)


def _ratio(measure: str) -> _Scale:
    what = "odds" if measure in ODDS else "rate" if measure in {"IRR", "HR"} else "risk"

    def say(x: float) -> str:
        return few(100 * x) if math.isfinite(x) else number(x)

    def first(x: float) -> tuple[str, ...]:
        return (f"Set the {what} in the {COMPARED} at 100. In the {TREATED} it is about {say(x)}.",)

    return _Scale(say, first, "", 1.0)


def _means() -> _Scale:
    def say(x: float) -> str:
        return few(100 * x)

    def first(x: float) -> tuple[str, ...]:
        return (f"Set the mean of the {COMPARED} at 100. In the {TREATED} it is about {say(x)}.",)

    return _Scale(say, first, "", 1.0)
