"""Claims on the statistics that were found in a text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from review.stats.consistency.interval_pvalues import z_of_p
from review.stats.consistency.recomputed_pvalues import show_p
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.effect_claims import RATIOS, check_effects
from review.workflow.audit.facts import Facts, facts_from
from review.workflow.audit.heterogeneity_claims import check_heterogeneity
from review.workflow.audit.intervals import check_intervals
from review.workflow.audit.p_explanations import fits, zero_p
from review.workflow.audit.proportion_claims import check_proportions
from review.workflow.audit.pvalues import check_p_value, parse_p
from review.workflow.audit.rank_sum_claims import check_rank_sum
from review.workflow.audit.regression_claims import check_coefficient
from review.workflow.audit.said_words import Said, words_in
from review.workflow.audit.scale_claims import check_scales
from review.workflow.audit.statistic_claims import check_statistic

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.workflow.audit.text_strings import Found

_BEFORE, _BEHIND = 250, 150  # signs of the sentence that are looked at
_SIGNED: Final = frozenset({"MD", "SMD", "RD", "D", "G"})


def claims_on(found: Found, text: str, source: str, elsewhere: frozenset[str]) -> list[Claim]:
    """Return the claims on one string.

    Args:
        found: the string.
        text: the whole text in plain signs.
        source: where the string stands.
        elsewhere: what the whole text says of its tests, from `words_in`.
    """
    said = Said(_here(found, text), elsewhere)
    record = {k: v for k, v in found.record.items() if k not in {"said", "of"}}
    facts = facts_from(record, source)
    return _CHECKS[found.kind](found, facts, said)


def _here(found: Found, text: str) -> frozenset[str]:
    left = max(0, found.start - _BEFORE)
    left = max(left, text.rfind(". ", left, found.start) + 1)
    right = text.find(". ", found.end, found.end + _BEHIND)
    right = found.end + _BEHIND if right < 0 else right
    return words_in(f"{text[left:right]} {found.record.get('said', '')}")


def _statistic(found: Found, facts: Facts, said: Said) -> list[Claim]:
    code = facts.words["statistic"]
    claims = check_statistic(facts)
    if code == "U":
        return [*claims, *check_rank_sum(facts, said)]
    if code == "Q" or facts.has("i2"):
        q = dict(found.record) | {"q": found.record["value"], "p_q": found.record.get("p", "")}
        kept = ("q", "df1", "i2", "p_q", "n")
        return check_heterogeneity(facts_from({k: q[k] for k in kept if k in q}, facts.source))
    if facts.words.get("p") is None:
        return claims
    if found.relation != "=":
        return [*claims, *_bounded(found, facts)]
    if code in {"t", "F", "chi2"} and not facts.has("df1"):
        return [*claims, _without_df(facts, said)]
    return [*claims, *check_p_value(facts, said, df_may_be_n=not facts.has("n"))]


def _bounded(found: Found, facts: Facts) -> list[Claim]:
    """F < 1 or t > 3: the p-value lies on one side of that of the bound."""
    claim = next(iter(check_p_value(facts)), None)
    stated = parse_p(facts.words.get("p", ""))
    if claim is None or stated is None or not claim.recomputed:
        return [] if claim is None or not facts.has("df1") else [claim]
    bound = float(claim.recomputed)
    below = found.relation in {"<", "<=", "≤"}
    low, high = (bound, 1.0) if below else (0.0, bound)
    right = fits(stated, low, high)
    shown = f"p is {show_p(bound)} or {'more' if below else 'less'}"
    text = claim.claim.replace(" = ", f" {found.relation} ", 1)
    verdict = Verdict.CONSISTENT if right else Verdict.INCONSISTENT
    return [replace(claim, claim=text, verdict=verdict, computation=shown, note="")]


def _without_df(facts: Facts, said: Said) -> Claim:
    code, value = facts.words["statistic"], facts.numbers["value"]
    stated = parse_p(facts.words["p"])
    text = f"{code} = {value} has {stated or facts.words['p']}"
    note = "the degrees of freedom are not stated"
    verdict = Verdict.UNCHECKED
    if code == "t" and stated is not None and stated.sign == "=" and stated.number.value <= 1:
        size = abs(float(value)) + float(value.unit) / 2
        most = float(stated.number.value + stated.number.unit)
        if most and z_of_p(most) > size:
            note = "no degrees of freedom give so small a p-value"
            verdict = Verdict.INCONSISTENT
            if z_of_p(min(1.0, 2 * most)) <= size:
                note += "; a one-sided test would"
                verdict = Verdict.UNCHECKED if said.where("one-sided") else verdict
    return facts.claim("p-value", text, verdict, reported=stated or "", note=note, at="p")


def _effect(found: Found, facts: Facts, said: Said) -> list[Claim]:
    facts.words["note"] = found.near
    claims = check_intervals(facts)
    if any(c.failed for c in claims):
        lost = _lost_sign(facts, found.record["measure"])
        return [replace(c, verdict=Verdict.UNCHECKED, note=lost) if c.failed and lost else c
                for c in claims]  # fmt: skip
    if "credible" in found.record.get("said", ""):
        return claims
    claims += check_effects(facts)
    return [_excused(c, facts, said) for c in claims]


def _lost_sign(facts: Facts, measure: str) -> str:
    """Texts lose minus signs: say so where one puts the estimate between its limits."""
    from review.workflow.pooling.metric_names import named_measure

    named = named_measure(measure)
    if named is not None and named[0] in RATIOS:
        return ""
    e, low, high = (float(facts.numbers[n]) for n in ("estimate", "ci_low", "ci_high"))
    ways = ((s * e, t * abs(low), u * abs(high)) for s in (1, -1) for t in (1, -1) for u in (1, -1))
    if any(b <= a <= c for a, b, c in ways):
        return "a minus sign that the text lost would explain it"
    return ""


def _excused(claim: Claim, facts: Facts, said: Said) -> Claim:
    """What the text names explains a p-value that an interval does not give."""
    if claim.check != "p-value" or claim.verdict is not Verdict.INCONSISTENT:
        return claim
    stated = parse_p(facts.words.get("p", ""))
    more = stated is not None and float(stated.number) > float(claim.recomputed or 0)
    reasons = {
        "one-sided": "one-sided" in claim.note,
        "corrected": more,
        "log-rank": True,
        "exact": True,
        "planned": True,
    }
    words = {
        "one-sided": "a one-sided test gives it",
        "corrected": "a correction for several tests would explain it",
        "log-rank": "a log-rank, score or likelihood ratio test would explain it",
        "exact": "an exact or resampling test would explain it",
        "planned": "a stratified test or a plan with interim analyses would explain it",
    }
    for name, fits_here in reasons.items():
        where = said.where(name)
        if where and fits_here and (where == "here" or name in {"one-sided", "corrected"}):
            note = words[name] + (", which the text names" if where == "elsewhere" else "")
            verdict = Verdict.CONSISTENT if name == "one-sided" and where == "here" else (
                Verdict.UNCHECKED
            )  # fmt: skip
            return replace(claim, verdict=verdict, note=note)
    return claim


def _score(found: Found, facts: Facts, said: Said) -> list[Claim]:  # noqa: ARG001
    """The interval of a share or an area holds it; per cent and shares are not mixed up."""
    value, high = (float(facts.numbers[n]) for n in ("estimate", "ci_high"))
    if (value > 1) != (high > 1):
        return []
    return [c for c in check_intervals(facts) if c.check == "interval"]


def _coefficient(found: Found, facts: Facts, said: Said) -> list[Claim]:  # noqa: ARG001
    return check_coefficient(facts, said)


def _share(found: Found, facts: Facts, said: Said) -> list[Claim]:
    claims = check_proportions(facts, set())
    doubt = ""
    if said.where("weighted") == "here":
        doubt = "a weighted or Kaplan-Meier percentage, which the text names, would explain it"
    elif found.record["of"] == "/" and (
        int(found.record["n"]) <= _FEW or int(found.record["k"]) == _ACUITY
    ):
        doubt = "a grade, score or label written with a slash would explain it"
    if doubt:
        return [
            replace(c, verdict=Verdict.UNCHECKED, note=doubt) if c.failed else c for c in claims
        ]
    if found.record["of"] != "other":
        note = "a weighted or Kaplan-Meier percentage would explain it"
        return [replace(c, note=note) if c.failed else c for c in claims]
    note = "the percentage may be of other cases"
    return [replace(c, verdict=Verdict.UNCHECKED, note=note) if c.failed else c for c in claims]


def _scale(found: Found, facts: Facts, said: Said) -> list[Claim]:  # noqa: ARG001
    """Order, range and spread; whether the numbers are whole, the text does not say."""
    facts.words["data_type"] = "continuous"
    return check_scales(facts)


def _lone_p(found: Found, facts: Facts, said: Said) -> list[Claim]:  # noqa: ARG001
    stated = parse_p(facts.words.get("p", ""))
    note = "" if stated is None else zero_p(stated)
    if stated is None or not note:
        return []
    verdict = Verdict.IMPOSSIBLE if stated.sign == "<" else Verdict.ROUNDING
    return [facts.claim("p-value", str(stated), verdict, reported=stated, note=note, at="p")]


_FEW: Final = 40  # grade 3/4, ECOG 0/1, 8/10 points: fractions of few are often none
_ACUITY: Final = 20  # 20/200

_CHECKS: Final[dict[str, Callable[[Found, Facts, Said], list[Claim]]]] = {
    "statistic": _statistic, "effect": _effect, "score": _score, "coefficient": _coefficient,
    "share": _share, "mean": _scale, "median": _scale, "p": _lone_p,
}  # fmt: skip
