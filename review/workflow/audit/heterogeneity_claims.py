"""Heterogeneity of a meta-analysis: Q with its df, p-value, I2, H2 and tau2."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.stats.consistency.heterogeneity_ranges import (
    h2_range,
    i2_range,
    q_of_i2,
    q_p_range,
)
from review.stats.consistency.recomputed_pvalues import Recomputed, recompute_p, show_p
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.facts import decimal_text
from review.workflow.audit.pvalues import compare, parse_p

if TYPE_CHECKING:
    from review.stats.consistency.rounding_ranges import Printed
    from review.workflow.audit.facts import Facts

# an I2 from the tau2 of REML, Paule-Mandel, ... lies within so many points of that of Q for 99 of
# 100 simulated meta-analyses of 4 to 25 studies with very unequal variances
_NEAR: Final = 20.0
_OTHER_TAU2: Final = re.compile(
    r"\b(reml|ml|pm|eb|sj|hs|he|paule|mandel|hunter|sidik|hedges|bayes)"
)
_BY_TAU2: Final = "an I2 or H2 from a tau2 of REML or Paule-Mandel differs from that of Q"


def check_heterogeneity(facts: Facts) -> list[Claim]:
    """Check Q, df, p, I2, H2 and tau2 of a row against each other."""
    claims = _alone(facts)
    df = _df(facts)
    if any(c.failed for c in claims) or df is None or df <= 0:
        return [*claims, *_without_df(facts, claims)]
    q = facts.get("q")
    if q is None:
        return [*claims, *_p_from_i2(facts, df)]
    return [*claims, *_i2(facts, q, df), *_h2(facts, q, df), *_p(facts, q, df)]


def _alone(facts: Facts) -> list[Claim]:
    """Values that cannot exist, and the two counts that say the degrees of freedom."""
    claims = []
    bounds: dict[str, tuple[str, int, int | None]] = {
        "q": ("Q", 0, None), "tau2": ("tau2", 0, None), "h2": ("H2", 0, None),
        "i2": ("I2", 0, 100),
    }  # fmt: skip
    for name, (shown, low, top) in bounds.items():
        stated = facts.get(name)
        if stated is None or (stated.value >= low and (top is None or stated.value <= top)):
            continue
        said = f"lies between {low} and {top} %" if top else "is not negative"
        claims.append(
            facts.claim("heterogeneity", f"{shown} {stated} {said}", Verdict.IMPOSSIBLE,
                        reported=stated, at=name)
        )  # fmt: skip
    df, studies = facts.get("df1"), facts.count("studies")
    if facts.has("q", "df1") and studies is not None and df is not None:
        right = df.value == studies - 1
        note = (
            "" if right else "subgroups, moderators or several effects per study would explain it"
        )
        claims.append(
            facts.claim("heterogeneity", f"df {df} of Q belong to {studies} studies",
                        Verdict.CONFIRMED if right else Verdict.UNCHECKED, reported=df,
                        recomputed=studies - 1, computation=f"{studies} - 1 = {studies - 1}",
                        note=note, at="df1")
        )  # fmt: skip
    return claims


def _df(facts: Facts) -> float | None:
    stated, studies = facts.get("df1"), facts.count("studies")
    if stated is not None:
        return float(stated)
    return None if studies is None else studies - 1.0


def _without_df(facts: Facts, claims: list[Claim]) -> list[Claim]:
    if claims or not facts.has("q") or not (facts.has("i2") or facts.has("h2")):
        return []
    return [facts.claim("heterogeneity", f"Q {facts.numbers['q']} has its I2", Verdict.UNCHECKED,
                        note="df, or the number of studies, is not stated")]  # fmt: skip


def _i2(facts: Facts, q: Printed, df: float) -> list[Claim]:
    stated = facts.get("i2")
    if stated is None:
        return []
    low, high = i2_range(q, df)
    value = max(0.0, 1 - df / float(q)) if q.value > 0 else 0.0
    shown = f"{decimal_text(100 * value, stated)} %"
    fit = stated.fit(100 * low, 100 * high)
    verdict = _fitting(stated, 100 * value, fit)
    note = "digits were cut off instead of rounded" if fit == "cut off" else ""
    if fit == "no" and stated.value < 1 and stated.fit(low, high) == "rounds":
        verdict, note = Verdict.CONFIRMED, "printed as a share, not in per cent"
    elif fit == "no":
        gap = max(float(stated.low) - 100 * high, 100 * low - float(stated.high))
        near = gap <= _NEAR or _says_other(facts)
        verdict, note = Verdict.UNCHECKED if near else Verdict.INCONSISTENT, _BY_TAU2
        if not near:
            note += f", though hardly by {gap:.0f} points"
    return [
        facts.claim("heterogeneity", f"I2 {stated} % belongs to Q {q} on {df:g} df", verdict,
                    reported=stated, recomputed=shown, at="i2", note=note,
                    computation=f"({q} - {df:g}) / {q} = {shown}" if value else f"{q} <= {df:g}")
    ]  # fmt: skip


def _fitting(stated: Printed, value: float, fit: str) -> Verdict:
    if fit == "rounds":
        return Verdict.CONFIRMED if stated.fit(value) == "rounds" else Verdict.ROUNDING
    return Verdict.ROUNDING


def _says_other(facts: Facts) -> bool:
    return any(_OTHER_TAU2.search(text.casefold()) for text in facts.words.values())


def _h2(facts: Facts, q: Printed, df: float) -> list[Claim]:
    stated = facts.get("h2")
    if stated is None:
        return []
    low, high = h2_range(q, df)
    floor = (max(low, 1.0), max(high, 1.0))  # some programs print 1 for what is below 1
    value = float(q) / df
    fit = next((f for f in (stated.fit(low, high), stated.fit(*floor)) if f != "no"), "no")
    verdict, note = _fitting(stated, max(value, float(floor[0])), fit), ""
    if stated.fit(value) == "rounds":
        verdict = Verdict.CONFIRMED
    if fit == "no":
        verdict, note = _h2_apart(facts, stated, low, high)
    return [
        facts.claim("heterogeneity", f"H2 {stated} belongs to Q {q} on {df:g} df", verdict,
                    reported=stated, recomputed=decimal_text(value, stated), note=note, at="h2",
                    computation=f"{q} / {df:g} = {decimal_text(value, stated)}")
    ]  # fmt: skip


def _h2_apart(facts: Facts, stated: Printed, low: float, high: float) -> tuple[Verdict, str]:
    if stated.fit(low**0.5, high**0.5) == "rounds":
        return Verdict.ROUNDING, "it is H, the square root of H2"
    # on the scale of I2, where the distance to other estimators of tau2 is known
    said = [100 * max(0.0, 1 - 1 / max(float(x), 1e-9)) for x in (stated.low, stated.high)]
    asked = [100 * max(0.0, 1 - 1 / max(x, 1e-9)) for x in (low, high)]
    gap = max(said[0] - asked[1], asked[0] - said[1])
    near = gap <= _NEAR or _says_other(facts)
    return (Verdict.UNCHECKED if near else Verdict.INCONSISTENT), _BY_TAU2


def _p_of_q(facts: Facts) -> str:
    """The p-value of Q: its own column, or `p` where nothing else in the row can have it."""
    own = facts.words.get("p_q", "")
    if own or facts.has("estimate") or "statistic" in facts.words:
        return own
    return facts.words.get("p", "")


def _p(facts: Facts, q: Printed, df: float) -> list[Claim]:
    stated = parse_p(_p_of_q(facts))
    if stated is None:
        return []
    found = recompute_p("chi2", q, df1=df)
    verdict = compare(stated, found)
    note = ""
    if verdict is Verdict.INCONSISTENT and stated.number.value > 1:
        verdict, note = Verdict.IMPOSSIBLE, "a p-value lies between 0 and 1"
    elif verdict is Verdict.INCONSISTENT:
        half = Recomputed(found.p / 2, found.low / 2, found.high / 2, "one", "")
        if compare(stated, half) is not Verdict.INCONSISTENT:
            note = "half of it is printed: Q has no one-sided test"
    at = "p_q" if facts.words.get("p_q") else "p"
    return [
        facts.claim("heterogeneity", f"Q {q} on {df:g} df has {stated}", verdict, at=at, note=note,
                    reported=stated, recomputed=show_p(found.p), computation=found.formula)
    ]  # fmt: skip


def _p_from_i2(facts: Facts, df: float) -> list[Claim]:
    """Compare I2 with the p-value of a Q that is not printed."""
    stated, i2 = parse_p(facts.words.get("p_q", "")), facts.get("i2")
    span = None if i2 is None else q_of_i2(i2, df)
    if stated is None or i2 is None or span is None:
        return []
    from review.stats.consistency.rounding_ranges import printed

    low, high = (q_p_range(printed(f"{x:.9f}"), df) for x in reversed(span))
    middle = (low[0] + high[1]) / 2
    found = Recomputed(middle, low[0], high[1], "two", "")
    verdict = compare(stated, found)
    if verdict is Verdict.CONFIRMED:
        verdict = Verdict.CONSISTENT
    note = "Q is not printed"
    if verdict is Verdict.INCONSISTENT:
        verdict, note = Verdict.UNCHECKED, f"Q is not printed; {_BY_TAU2}"
    shown = f"Q = {span[0]:.4g} to {span[1]:.4g}, p = {show_p(low[0])} to {show_p(high[1])}"
    return [
        facts.claim("heterogeneity", f"I2 {i2} % on {df:g} df has {stated}", verdict, note=note,
                    reported=stated, computation=shown, at="p_q")
    ]  # fmt: skip
