"""The rows of a Summary of Findings table: relative and absolute effects, certainty, reasons.

Layout: Schünemann et al. 2023, Cochrane Handbook 6.4, section 14.1; accuracy in natural frequencies
Schünemann et al. 2020, J Clin Epidemiol 122:142.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, StatsError
from review.schema.certainty_file import DOMAINS, NONE, SIGNS
from review.stats.absolute.baseline_risks import STANDARDISED, kind_of, over_baseline
from review.stats.presentation.measure_words import outcome_name
from review.words import capital, confidence, listed, number, plural, sentence
from review.workflow.certainty.outcome_evidence import (
    PEOPLE,
    SHARES,
    Evidence,
    decimals_for,
    evidence_of,
    people,
)
from review.workflow.certainty.plain_statements import statement
from review.workflow.pooling.accuracy_run import AccuracyRun
from review.workflow.pooling.bayes_run import BayesRun

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.schema.certainty_file import OutcomeCertainty
    from review.workflow.certainty.outcome_evidence import BaselineUsed
    from review.workflow.pooling.settings_run import AnyRun

NOT_JUDGED: Final = "not judged yet"
NO_RESULT: Final = "no pooled result"
COMPARISON: Final = "comparison"
ACCURACY: Final = "accuracy"
GROUP: Final = "group"
RELATIVE: Final = {"PETO": "OR (Peto)", "ROM": "ratio of means", "MPRR": "RR", "MPOR": "OR",
                   "D2ORN": "OR", "D2ORL": "OR"}  # fmt: skip
_RISK_WORDS: Final = (" fewer", " more")
_ABSOLUTE_ONLY: Final = ("RD", "MPRD", "IRD", "MD", "MC", "MEDD")


@dataclass(frozen=True)
class Line:
    """What happens over one baseline, as texts.

    Attributes:
        baseline: of whom it is told, such as `low risk`; "" for one baseline alone.
        cells: column -> text.
    """

    baseline: str
    cells: dict[str, str]


@dataclass(frozen=True)
class Finding:
    """One outcome of the table.

    Attributes:
        name: of the analysis. kind: which columns it has.
        outcome: its title, with the time it is about.
        participants: how many, of how many studies. relative: effect with interval.
        lines: absolute effects, one per baseline.
        level: of certainty, or None as long as it is not judged. sign: circles of it.
        means: a sentence in everyday words.
        reasons: why the level is what it is. remarks: on the numbers.
        why: there is no result; "" where there is one.
    """

    name: str
    kind: str
    outcome: str
    participants: str
    relative: str
    lines: tuple[Line, ...]
    level: str | None
    means: str
    reasons: tuple[str, ...]
    remarks: tuple[str, ...]
    why: str = ""

    @property
    def sign(self) -> str:
        """Circles, or "" without a level."""
        return SIGNS[self.level] if self.level else ""

    @property
    def certainty(self) -> str:
        """The level in words."""
        return capital(self.level) if self.level else capital(NOT_JUDGED)

    def to_dict(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return {
            "name": self.name, "kind": self.kind, "outcome": self.outcome,
            "participants": self.participants, "relative_effect": self.relative,
            "absolute": [{"baseline": x.baseline, **x.cells} for x in self.lines],
            "certainty": self.level, "means": self.means, "reasons": list(self.reasons),
            "remarks": list(self.remarks),
        }  # fmt: skip


def findings(
    outcomes: tuple[OutcomeCertainty, ...],
    run_of: Callable[[str], AnyRun | str],
    title_of: Callable[[str], str],
) -> list[Finding]:
    """Return a row for each outcome of `certainty.toml`, in the order of the file.

    Args:
        outcomes: of the file.
        run_of: returns the analysis of a name, or why there is none.
        title_of: returns its title.
    """
    found = []
    for outcome in outcomes:
        title = title_of(outcome.name)
        run = run_of(outcome.name)
        try:
            if isinstance(run, str):
                found.append(_without(outcome, title, run))
            else:
                found.append(_row(evidence_of(run, outcome, title), outcome))
        except (InputError, StatsError) as error:
            found.append(_without(outcome, title, error.message))
    return found


def _without(outcome: OutcomeCertainty, title: str, why: str) -> Finding:
    return Finding(
        outcome.name, COMPARISON, _titled(title, outcome), capital(NO_RESULT), "", (),
        outcome.level, "", reasons(outcome), (), why=why,
    )  # fmt: skip


def _row(evidence: Evidence, outcome: OutcomeCertainty) -> Finding:
    if evidence.is_accuracy:
        kind, lines = ACCURACY, _accuracy_lines(evidence, outcome)
    elif evidence.of_one_group:
        kind, lines = GROUP, _group_lines(evidence, outcome)
    else:
        kind, lines = COMPARISON, _comparison_lines(evidence, outcome)
    level = outcome.level
    means = statement(evidence, outcome, level) if level else ""
    studies = plural(evidence.studies, "study")
    many = evidence.participants
    return Finding(
        evidence.name, kind, _titled(evidence.title, outcome),
        f"{studies}, number of participants not known" if many is None else
        f"{many:,} ({studies})",
        _relative(evidence), tuple(lines), level, means, reasons(outcome),
        tuple(sentence(x) for x in _remarks(evidence, outcome)),
    )  # fmt: skip


def _titled(title: str, outcome: OutcomeCertainty) -> str:
    name = capital(outcome.outcome or title)
    return f"{name} ({outcome.time})" if outcome.time else name


def reasons(outcome: OutcomeCertainty) -> tuple[str, ...]:
    """Return why the level of an outcome is what it is: confirmed judgements alone."""
    said = []
    for domain in DOMAINS:
        judged = outcome.judged(domain)
        if judged is not None and judged.judgement != NONE:
            name = capital(domain.replace("_", " "))
            said.append(sentence(f"{name}, {judged.judgement}: {judged.why}"))
    if outcome.start_why:
        said.append(sentence(f"Starts at {outcome.starting}: {outcome.start_why}"))
    if outcome.overall and outcome.overall_why:
        said.append(sentence(f"Stated as {outcome.overall}: {outcome.overall_why}"))
    return tuple(said)


def _relative(evidence: Evidence) -> str:
    if evidence.is_accuracy:
        assert isinstance(evidence.run, AccuracyRun)
        points = evidence.run.result.predict()
        parts = []
        for name, word in (("sens", "sensitivity"), ("spec", "specificity")):
            value = points.value(name)
            limits = confidence(value.ci_lb, value.ci_ub, evidence.level, 2)
            parts.append(f"{word} {number(value.estimate, 2)} ({limits})")
        return capital(listed(parts, last=""))
    if evidence.effect is None or evidence.of_one_group or evidence.measure in _ABSOLUTE_ONLY:
        return ""
    estimate, low, high = evidence.effect
    code = evidence.measure
    name = RELATIVE.get(code) or (code if kind_of(code) else capital(outcome_name(code)))
    limits = confidence(low, high, evidence.level, evidence.decimals)
    if isinstance(evidence.run, BayesRun):
        limits = limits.replace(" CI ", " CrI ")
    return f"{name} {number(estimate, evidence.decimals)} ({limits})"


def _comparison_lines(evidence: Evidence, outcome: OutcomeCertainty) -> list[Line]:
    assert evidence.effect is not None
    measure, kind = evidence.measure, kind_of(evidence.measure)
    if kind is None:
        return []
    sd = outcome.sd if measure in STANDARDISED and outcome.sd else 1.0
    effect = [x * sd for x in evidence.effect]
    bases: list[BaselineUsed | None] = [*evidence.baselines] or [None]
    lines = []
    for base in bases:
        found = over_baseline(measure, effect, None if base is None else base.value)
        if found is None:
            continue
        say, unit, factor = _style(evidence, outcome, decimals_for(*found.change[1:]))
        cells = {"without": "", "with": ""}
        if found.value is not None and found.baseline is not None:
            cells["without"] = f"{say(factor * found.baseline)}{unit}"
            a, b, c = (say(factor * x) for x in found.value)
            cells["with"] = f"{a}{unit} ({_ordered(b, c, found.value)})"
        words = (" lower", " higher") if kind == "mean" else _RISK_WORDS
        change, least, most = (_way(factor * x, say, words) for x in found.change)
        if kind == "mean":  # 2 points lower, but 2 fewer per 1,000
            change = _way(factor * found.change[0], say, (f"{unit} lower", f"{unit} higher"))
        else:
            change += unit
        cells["difference"] = f"{change} ({least} to {most})"
        several = len(bases) > 1
        lines.append(Line(base.name if base is not None and several else "", cells))
    return lines


def _ordered(low: str, high: str, value: tuple[float, float, float]) -> str:
    return f"{low} to {high}" if value[1] <= value[2] else f"{high} to {low}"


def _way(x: float, say: Callable[[float], str], words: tuple[str, str]) -> str:
    text = say(abs(x))
    if float(text.replace(",", "")) == 0:
        return f"{text}{words[1]}"
    return f"{text}{words[0] if x < 0 else words[1]}"


def _style(
    evidence: Evidence, outcome: OutcomeCertainty, decimals: int
) -> tuple[Callable[[float], str], str, float]:
    """Return how a number is said, its unit, and the factor on it."""
    kind = kind_of(evidence.measure)
    if kind == "mean":
        standard = evidence.measure in STANDARDISED and not outcome.sd
        unit = " SD" if standard else f" {outcome.unit}" if outcome.unit else ""
        return (lambda x: number(x, decimals)), unit, 1.0
    unit = f" per {outcome.people:,}"
    if kind == "rate":
        unit += f" {outcome.unit or 'units of time'}"
    return people, unit, float(outcome.people)


def _group_lines(evidence: Evidence, outcome: OutcomeCertainty) -> list[Line]:
    q = evidence.quantities[0]
    factor = outcome.people / PEOPLE if evidence.measure in SHARES else 1.0
    unit = f" per {outcome.people:,}" if evidence.measure in SHARES else q.unit
    estimate, low, high = (q.say(factor * x) for x in q.value)
    new = "" if q.new is None else f"{q.say(factor * q.new[0])} to {q.say(factor * q.new[1])}{unit}"
    return [Line("", {"value": f"{estimate}{unit} ({low} to {high})", "new": new})]


def _accuracy_lines(evidence: Evidence, outcome: OutcomeCertainty) -> list[Line]:
    assert isinstance(evidence.run, AccuracyRun)
    values = evidence.run.result.predictive_values([b.value for b in evidence.baselines])
    factor = outcome.people / PEOPLE
    lines = []
    for i, base in enumerate(evidence.baselines):
        cells = {"prevalence": f"{people(outcome.people * base.value)} per {outcome.people:,}"}
        for name in ("found", "missed", "cleared", "alarmed"):
            a, b, c = (people(factor * float(x)) for x in getattr(values, name)[i])
            cells[name] = f"{a} ({b} to {c})"
        lines.append(Line(base.name, cells))
    return lines


def _remarks(evidence: Evidence, outcome: OutcomeCertainty) -> list[str]:
    said: list[str] = []
    risk = kind_of(evidence.measure) == "risk"
    what = "prevalence" if evidence.is_accuracy else "baseline risk" if risk else "baseline"
    for base in evidence.baselines:
        if base.stated:
            said.append(f"{what}{f' ({base.name})' * bool(base.name)}: {base.source}")
        else:
            said.append(f"{what}: {base.source}, since none is stated")
    if risk and not evidence.baselines and evidence.measure not in _ABSOLUTE_ONLY:
        said.append("no absolute effect: neither the review nor the studies state a baseline risk")
    if evidence.measure == "HR" and evidence.baselines and not outcome.time:
        said.append("the time that the baseline risk is about is not stated")
    if evidence.measure in STANDARDISED:
        said.append(
            f"told in units of an SD of {number(outcome.sd, 2)}: {outcome.sd_source}"
            if outcome.sd else "told in standard deviations: no SD of the outcome is stated"
        )  # fmt: skip
    if outcome.mid is not None:
        q = evidence.quantities[0]
        source = f": {outcome.mid_source}" if outcome.mid_source else ""
        if q.mid is not None:
            said.append(f"smallest important difference {q.mid_text}{q.unit}{source}")
    elif not evidence.is_accuracy and not evidence.of_one_group:
        said.append("no smallest important difference is stated: any difference counts")
    capped = evidence.effect is not None and any(
        found is not None and found.capped
        for base in evidence.baselines
        if risk and (found := over_baseline(evidence.measure, evidence.effect, base.value))
    )
    if capped:
        said.append("risks were cut off at 0 and at all people")
    if evidence.quantities[0].new is not None and evidence.quantities[0].decimals is None and risk:
        low, high = (
            _way(x * outcome.people / PEOPLE, people, _RISK_WORDS)
            for x in evidence.quantities[0].new
        )
        said.append(f"a new study may find {low} to {high} per {outcome.people:,}")
    return [*said, *evidence.notes]
