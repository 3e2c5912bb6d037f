"""What can be computed about the domains of GRADE, each as a proposal with its numbers.

A proposal is no judgement: it counts once a person has confirmed it. The rules are ours where the
sources leave room; each says which numbers it rests on.

Sources: imprecision Guyatt et al. 2011, J Clin Epidemiol 64:1283, and Zeng et al. 2022, J Clin
Epidemiol 150:216 (thresholds); inconsistency Guyatt et al. 2011, J Clin Epidemiol 64:1294; risk of
bias Cochrane Handbook 6.4, table 14.2.a; publication bias Guyatt et al. 2011, J Clin Epidemiol
64:1277; large effects Guyatt et al. 2011, J Clin Epidemiol 64:1311.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import InputError
from review.schema.certainty_file import DOMAINS, NONE
from review.stats.absolute.baseline_risks import (
    MEANS,
    ODDS,
    STANDARDISED,
    kind_of,
    with_intervention,
)
from review.stats.absolute.information_size import (
    InformationSize,
    size_for_means,
    size_for_risks,
)
from review.stats.absolute.interval_overlap import overlapping_pairs
from review.words import count, number, p_value, percent, plural
from review.workflow.certainty.outcome_evidence import PEOPLE
from review.workflow.certainty.weighted_bias import bias_shares

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.schema.certainty_file import OutcomeCertainty
    from review.workflow.certainty.outcome_evidence import Evidence, Quantity
    from review.workflow.coding.assessments import Assessments

SERIOUS: Final = "serious"
VERY: Final = "very serious"
FEWEST_FOR_TESTS: Final = 10  # Sterne et al. 2011, BMJ 343:d4002
TEST_LEVEL: Final = 0.10  # such tests have little power
SMALL_STUDY: Final = 200  # fewer than 100 in each of two groups, Nuesch et al. 2010, BMJ 341:c3515
MUCH: Final = 75.0  # I2 in per cent: considerable, Cochrane Handbook 10.10.2
SUBSTANTIAL: Final = 50.0
MOST: Final = 0.5  # of the weight
SOME_HIGH: Final = 0.25
MOSTLY_HIGH: Final = 0.75
LARGE: Final = 2.0  # risk ratios, and their reciprocals
VERY_LARGE: Final = 5.0


@dataclass(frozen=True)
class Proposal:
    """What the numbers suggest about a domain.

    Attributes:
        domain: key of the file.
        judgement: a word of the domain; "" where nothing can be computed.
        why: the numbers, in words.
    """

    domain: str
    judgement: str
    why: str


def proposals(
    evidence: Evidence, outcome: OutcomeCertainty, assessed: Assessments | None
) -> dict[str, Proposal]:
    """Return a proposal for each domain, in the order of the file; some propose nothing.

    Args:
        evidence: of the outcome.
        outcome: its thresholds.
        assessed: the risk-of-bias assessments of the review.
    """
    made: dict[str, Callable[[], tuple[str, str]]] = {
        "risk_of_bias": lambda: _risk_of_bias(evidence, assessed),
        "inconsistency": lambda: _inconsistency(evidence),
        "imprecision": lambda: _imprecision(evidence, outcome),
        "publication_bias": lambda: _publication_bias(evidence),
        "large_effect": lambda: _large_effect(evidence, outcome),
    }
    people_judge = ("", "not computed: people judge it")
    found = {d: made[d]() if d in made else people_judge for d in DOMAINS}
    return {domain: Proposal(domain, *said) for domain, said in found.items()}


def _thresholds(q: Quantity) -> tuple[list[float], str]:
    """Return what an interval should not cross, and what that is in words."""
    if q.mid is not None and q.null is not None:
        said = f"-{q.mid_text} and {q.mid_text}{q.unit} (smallest important difference)"
        return [q.null - q.mid, q.null + q.mid], said
    if q.null is not None:
        return [q.null], f"{q.say(q.null)} (no effect)"
    if q.mid is None:
        return [], ""
    value = q.value[0]
    said = f"{q.mid_text}{q.unit} around the estimate (smallest important difference)"
    return [value - q.mid, value + q.mid], said


def _does(q: Quantity, steps: int) -> str:
    if q.null is None:
        return "reaches beyond" if steps else "stays within"
    return "crosses" if steps else "does not cross"


def _crossed(limits: tuple[float, float], thresholds: list[float]) -> int:
    low, high = min(limits), max(limits)
    return sum(low < t < high for t in thresholds)


def _imprecision(evidence: Evidence, outcome: OutcomeCertainty) -> tuple[str, str]:
    worst, said = 0, []
    for q in evidence.quantities:
        thresholds, words = _thresholds(q)
        if not thresholds:
            return "", (
                f"{q.name} {q.say(q.value[0])}{q.unit}, interval {q.span(q.value[1:])}: there is "
                "no value without an effect, so a smallest important difference (mid) is needed"
            )
        steps = _crossed((q.value[1], q.value[2]), thresholds)
        if q.null is None:  # how far the limits are from the estimate, not on which side
            steps = _far(q)
        worst = max(worst, steps)
        said.append(f"{q.name}: interval {q.span(q.value[1:])} {_does(q, steps)} {words}")
    base = evidence.baselines[0] if evidence.baselines else None
    if base is not None and kind_of(evidence.measure) == "risk":
        said.append(f"baseline {number(PEOPLE * base.value, 0)} per 1,000 ({base.source})")
    if outcome.mid is None:
        said.append("no smallest important difference is stated")
    elif all(q.mid is None for q in evidence.quantities):
        said.append("without a baseline risk the smallest important difference cannot be used")
    size, why = _information(evidence, outcome)
    if size is None:
        said += [why] if why else []
    elif evidence.participants is None:
        said.append(f"optimal information size {count(size.participants)} ({size.assumptions}), "
                    "number of participants unknown")  # fmt: skip
    else:
        short = evidence.participants < size.participants
        said.append(
            f"{count(evidence.participants)} participants, {'fewer than' if short else 'at least'} "
            f"the optimal information size {count(size.participants)} ({size.assumptions})"
        )
        if short and worst == 0:
            worst = 1
    return (NONE, SERIOUS, VERY)[min(worst, 2)], "; ".join(said)


def _far(q: Quantity) -> int:
    """Return 1 where a limit is further from the estimate than what matters, 2 where twice."""
    assert q.mid is not None
    distance = max(abs(q.value[1] - q.value[0]), abs(q.value[2] - q.value[0]))
    return int(distance > q.mid) + int(distance > 2 * q.mid)


def _information(
    evidence: Evidence, outcome: OutcomeCertainty
) -> tuple[InformationSize | None, str]:
    """Return the optimal information size, or why there is none."""
    measure = evidence.measure
    base = evidence.baselines[0].value if evidence.baselines else None
    try:
        if kind_of(measure) == "risk":
            if base is None:
                return None, "optimal information size: not computed without a baseline risk"
            assert evidence.effect is not None
            better = _sign(evidence)
            change = None if outcome.mid is None else better * outcome.mid / PEOPLE
            return size_for_risks(base, change), ""
        if measure in STANDARDISED:
            mid = None if outcome.mid is None else outcome.mid / (outcome.sd or 1.0)
            return size_for_means(1.0, mid), ""
        if measure in MEANS and (sd := _spread(evidence)) is not None:
            return size_for_means(sd, outcome.mid if measure in {"MD", "MC"} else None), ""
    except InputError as error:
        return None, f"optimal information size: {error.message}"
    compared = kind_of(measure) is not None
    return None, "optimal information size: not computed for this measure" * compared


def _sign(evidence: Evidence) -> int:
    return 1 if evidence.quantities[0].value[0] > 0 else -1


def _spread(evidence: Evidence) -> float | None:
    """Return the median standard deviation of the control groups."""
    sds = getattr(evidence.run.rows, "columns", {}).get("sd2i")
    known = [x for x in sds or () if np.isfinite(x) and x > 0]
    return float(np.median(known)) if known else None


def _inconsistency(evidence: Evidence) -> tuple[str, str]:
    if evidence.studies < 2:
        return NONE, "one study: nothing to compare it with"
    said, steps = [], 0
    for q in evidence.quantities:
        thresholds, words = _thresholds(q)
        if q.new is None or not thresholds:
            continue
        inside = _crossed((q.value[1], q.value[2]), thresholds)
        wide = _crossed(q.new, thresholds)
        more = max(wide - inside, 0)
        steps = max(steps, more)
        text = f"{q.name}: prediction interval {q.span(q.new)} {_does(q, wide)} {words}"
        text += " where the confidence interval does not" if more else ""
        said.append(text)
    overlap = None
    if len(evidence.intervals) > 1 and np.isfinite(evidence.intervals).all():
        overlap = overlapping_pairs(evidence.intervals[:, 0], evidence.intervals[:, 1])
        said.append(f"{percent(100 * overlap, 0)} of pairs of study intervals overlap")
    if evidence.i2 is not None:
        text = f"I² {percent(evidence.i2, 0)}"
        said.append(text + (f" ({p_value(evidence.q_p)})" if evidence.q_p is not None else ""))
        doubt = evidence.q_p is not None and evidence.q_p < TEST_LEVEL
        apart = overlap is not None and overlap < 1
        if evidence.i2 >= SUBSTANTIAL and doubt and apart:
            steps = max(steps, 1)
        if evidence.i2 >= MUCH and steps and overlap is not None and overlap < MOST:
            steps = 2
    return (NONE, SERIOUS, VERY)[min(steps, 2)], "; ".join(said) or "nothing to judge it by"


def _publication_bias(evidence: Evidence) -> tuple[str, str]:
    k, sizes = evidence.studies, evidence.sizes
    small = sum(n < SMALL_STUDY for n in sizes)
    said, judged = [], NONE
    if evidence.asymmetry is not None:
        name, p = evidence.asymmetry
        judged = SERIOUS if p < TEST_LEVEL else NONE
        said.append(f"{name} {p_value(p)} ({plural(k, 'study')})")
    else:
        few = f"fewer than {FEWEST_FOR_TESTS}: " if k < FEWEST_FOR_TESTS else ""
        said.append(f"{plural(k, 'study')}, {few}no test of the funnel")
        # many small studies alone are a reason for suspicion, Guyatt et al. 2011
        judged = SERIOUS if sizes and small == len(sizes) and len(sizes) > 1 else NONE
    if sizes:
        said.append(f"{small} of {len(sizes)} studies have fewer than {SMALL_STUDY} participants")
    else:
        said.append("sizes of the studies unknown")
    return judged, "; ".join(said)


def _risk_of_bias(evidence: Evidence, assessed: Assessments | None) -> tuple[str, str]:
    shares = bias_shares(assessed, evidence.run) if assessed else []
    if not shares:
        return "", "not computed: risk_of_bias.csv has no assessment of these studies"
    worst, said = 0, []
    for share in shares:
        steps = 1
        if share.high >= MOSTLY_HIGH:
            steps = 2
        elif share.low >= MOST and share.high < SOME_HIGH:
            steps = 0
        worst = max(worst, steps)
        of = "the weight" if share.of == "weight" else "the studies"
        parts = {
            "at high risk": share.high, "with some concerns or unclear": share.some,
            "at low risk": share.low, "not assessed": share.unknown,
        }  # fmt: skip
        named = ", ".join(f"{percent(100 * x, 0)} {w}" for w, x in parts.items() if x)
        how = "" if share.whole else ", by the worst domain"
        said.append(f"{share.tool}{how}: of {of} {named}")
    return (NONE, SERIOUS, VERY)[worst], "; ".join(said)


def _large_effect(evidence: Evidence, outcome: OutcomeCertainty) -> tuple[str, str]:
    """Propose upgrading for a large effect, of evidence that does not start high."""
    measure, effect = evidence.measure, evidence.effect
    ratios = ("RR", "HR", "IRR", *ODDS)
    if outcome.starting != "low" or effect is None or measure not in ratios:
        return "", "only of evidence that starts low, and of ratios"
    values = list(effect)
    if measure in ODDS:
        if not evidence.baselines:
            return "", "an odds ratio needs a baseline risk to be compared with a risk ratio"
        base = evidence.baselines[0].value
        values = [with_intervention(measure, x, base) / base for x in values]
    estimate, low, high = values
    size = max(estimate, 1 / estimate) if estimate > 0 else float("inf")
    sure = not low <= 1 <= high
    judged = NONE
    if sure and size > LARGE:
        judged = "very large" if size > VERY_LARGE else "large"
    text = f"{'risk ratio' if measure in ODDS else 'ratio'} {number(estimate, 2)} "
    text += f"(interval {number(low, 2)} to {number(high, 2)}), against 2 and 5 or 0.5 and 0.2"
    return judged, text
