"""How sure, how large, which way: one sentence per outcome in the words of GRADE.

Wording by certainty and size: Santesso et al. 2020, J Clin Epidemiol 119:126, table 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.stats.presentation.effect_display import ONE_GROUP
from review.words import capital
from review.workflow.certainty.outcome_evidence import PEOPLE, SHARES, people

if TYPE_CHECKING:
    from review.schema.certainty_file import OutcomeCertainty
    from review.workflow.certainty.outcome_evidence import Evidence

UNCERTAIN: Final = "very low"
OF_PEOPLE: Final = ("PR", "PLN", "PLO", "PAS", "PFT")


def statement(evidence: Evidence, outcome: OutcomeCertainty, level: str) -> str:
    """Return what is found and how sure it is, in one sentence.

    Args:
        evidence: of the outcome.
        outcome: how it is called, and what difference matters.
        level: of certainty.
    """
    what = outcome.outcome or lowered(evidence.title)
    if evidence.is_accuracy:
        return _accuracy(evidence, outcome, level)
    if evidence.measure in ONE_GROUP:
        return _one_group(evidence, outcome, what, level)
    who = outcome.intervention or "the intervention"
    than = f" compared with {outcome.comparison}" if outcome.comparison else ""
    if level == UNCERTAIN:
        return f"The evidence is very uncertain about the effect of {who} on {what}{than}."
    q = evidence.quantities[0]
    if q.null is None:  # effects whose measure is not stated
        return f"{capital(what)} {verb(level, 'is', 'be')} about {q.say(q.value[0])}{q.unit}."
    distance = q.value[0] - q.null
    if distance == 0 or (q.mid is not None and abs(distance) < q.mid):
        does = verb(level, "results", "result")
        return f"{capital(who)} {does} in little to no difference in {what}{than}."
    way = ("reduces", "reduce") if distance < 0 else ("increases", "increase")
    return f"{capital(who)} {verb(level, *way)} {what}{than}."


def verb(level: str, third: str, base: str) -> str:
    """Return a verb with how sure it is.

    Example:
        >>> [verb(level, "reduces", "reduce") for level in ("high", "moderate", "low")]
        ['reduces', 'probably reduces', 'may reduce']
    """
    return {"high": third, "moderate": f"probably {third}"}.get(level, f"may {base}")


def lowered(title: str) -> str:
    """Return a title as it stands within a sentence; words in capitals stay.

    Example:
        >>> lowered("Deaths in hospital"), lowered("AUC of readers")
        ('deaths in hospital', 'AUC of readers')
    """
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _one_group(evidence: Evidence, outcome: OutcomeCertainty, what: str, level: str) -> str:
    q = evidence.quantities[0]
    if evidence.measure in OF_PEOPLE:
        if level == UNCERTAIN:
            return f"The evidence is very uncertain about how many people have {what}."
        number = people(q.value[0] * outcome.people / PEOPLE)
        return f"About {number} of {outcome.people:,} people {verb(level, 'have', 'have')} {what}."
    if level == UNCERTAIN:
        return f"The evidence is very uncertain about {what}."
    about = f"{q.say(q.value[0])}{q.unit}"
    if evidence.measure in SHARES:
        about = f"{people(q.value[0] * outcome.people / PEOPLE)} of {outcome.people:,} cases"
    return f"{capital(what)} {verb(level, 'is', 'be')} about {about}."


def _accuracy(evidence: Evidence, outcome: OutcomeCertainty, level: str) -> str:
    test = outcome.intervention or "the test"
    if level == UNCERTAIN:
        return f"The evidence is very uncertain about the accuracy of {test}."
    share = outcome.people / PEOPLE
    missed, alarms = (people(q.value[0] * share) for q in evidence.quantities)
    ill = people(evidence.baselines[0].value * outcome.people)
    misses, gives = verb(level, "misses", "miss"), "gives" if level != "low" else "give"
    return (
        f"Of {outcome.people:,} people tested, {ill} of them with the condition, {test} {misses} "
        f"{missed} and {gives} {alarms} a false alarm."
    )
