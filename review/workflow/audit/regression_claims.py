"""A coefficient with its standard error and p-value, and degrees of freedom against n."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from review.stats.consistency.interval_pvalues import z_of_p
from review.stats.consistency.recomputed_pvalues import show_p
from review.stats.consistency.tail_areas import t_area
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.p_explanations import fits
from review.workflow.audit.pvalues import parse_p
from review.workflow.audit.said_words import Said, words_in
from review.workflow.audit.statistic_claims import ratio_ranges

if TYPE_CHECKING:
    from review.stats.consistency.rounding_ranges import Printed
    from review.workflow.audit.facts import Facts
    from review.workflow.audit.pvalues import StatedP

_FITS: Final = {
    "rounds": Verdict.CONSISTENT, "cut off": Verdict.ROUNDING, "no": Verdict.INCONSISTENT,
}  # fmt: skip
_CLOSE: Final = 0.3  # score and likelihood ratio tests of the same data differ so


def check_coefficient(facts: Facts, said: Said | None = None) -> list[Claim]:
    """Check the p-value of an estimate with its standard error, where there is no statistic.

    The test is by z, or by Student's t with the degrees of freedom stated or with any; a ratio
    enters with its logarithm.
    """
    estimate, se = facts.get("estimate"), facts.get("se")
    stated = parse_p(facts.words.get("p", ""))
    if estimate is None or se is None or se.value <= 0 or stated is None or facts.has("ci_low"):
        return []
    if facts.words.get("statistic") or stated.number.value > 1:
        return []
    said = said or Said(here=words_in(" ".join(facts.words.values())))
    text = f"estimate {estimate} with standard error {se} has {stated}"
    spans = ratio_ranges(facts, estimate, se)
    df = _degrees(facts)
    best: tuple[float, str, str] | None = None
    for words, (low, high) in spans.items():
        for name, p in _ps(low, high, df):
            shown = f"{words} = {low:.3g} to {high:.3g}, p = {show_p(p[0])} to {show_p(p[1])}"
            shown += f" by {name}"
            if fits(stated, *p):
                verdict = Verdict.CONSISTENT
                return [facts.claim("p-value", text, verdict, reported=stated, computation=shown,
                                    at="p")]  # fmt: skip
            gap = _gap(stated, p)
            if best is None or gap < best[0]:
                one = fits(stated, p[0] / 2, p[1] / 2)
                best = gap, shown, "a one-sided test gives it" if one else ""
    if best is None:
        return []
    gap, shown, note = best
    verdict = Verdict.INCONSISTENT
    where = said.where("one-sided") if note else ""
    more = stated.sign != "<" and said.where("corrected")
    if where:
        verdict = Verdict.CONSISTENT if where == "here" else Verdict.UNCHECKED
    elif gap <= _CLOSE or more:
        verdict = Verdict.UNCHECKED
        note = "close: a likelihood ratio, score or corrected test would explain it"
    return [facts.claim("p-value", text, verdict, reported=stated, computation=shown, note=note,
                        at="p")]  # fmt: skip


def _degrees(facts: Facts) -> float | None:
    stated, n = facts.get("df1"), facts.count("n")
    if stated is not None and not facts.has("q"):
        return float(stated)
    return n - 2.0 if n is not None and n > 2 else None


def _ps(low: float, high: float, df: float | None) -> list[tuple[str, tuple[float, float]]]:
    """The least and greatest p of a statistic from low to high, by z and by t."""
    found = [("z", (_two(high), _two(low)))]
    if df is not None:
        found.append((f"t on up to {df:g} df", (t_area(df, high), t_area(max(1.0, df / 2), low))))
    else:
        found.append(("t on 10 df or more", (_two(high), t_area(10, low))))
    return found


def _two(z: float) -> float:
    return math.erfc(z / math.sqrt(2))


def _gap(stated: StatedP, p: tuple[float, float]) -> float:
    z = z_of_p(float(stated.number))
    low, high = z_of_p(p[1]), z_of_p(p[0])
    return max(0.0, low - z, z - high)


def check_degrees(facts: Facts) -> list[Claim]:
    """Check that a test of n cases has fewer degrees of freedom than cases."""
    code, n = facts.words.get("statistic", "").strip(), facts.count("n")
    name = {"t": "df1", "F": "df2", "r": "df1"}.get(code)
    df = None if name is None else facts.get(name)
    if df is None or n is None or name is None:
        return []
    fewer = float(df) < n
    note = (
        "" if fewer else "several values of each case (repeated measures, trials) would explain it"
    )
    verdict = Verdict.CONSISTENT if fewer else Verdict.INCONSISTENT
    return [facts.claim("degrees of freedom", f"{code} on {df} df with n = {n}", verdict, at=name,
                        reported=df, computation=f"{df} {'<' if fewer else '>='} {n}",
                        note=note)]  # fmt: skip


def check_explained(facts: Facts) -> list[Claim]:
    """Check R2 against F and its degrees of freedom, and adjusted R2 against R2.

    F = (R2 / df1) / ((1 - R2) / df2); 1 - adjusted R2 = (1 - R2)(n - 1) / (n - df1 - 1).
    """
    r2, df1, n = facts.get("r2"), facts.get("df1"), facts.count("n")
    if r2 is None:
        return []
    if not (r2.high >= 0 and r2.low <= 1):
        return [facts.claim("regression", f"R2 {r2} lies between 0 and 1", Verdict.IMPOSSIBLE,
                            reported=r2, at="r2")]  # fmt: skip
    if df1 is None:
        return []
    p = float(df1)
    df2 = float(facts.numbers["df2"]) if facts.has("df2") else None
    df2 = n - p - 1 if df2 is None and n is not None else df2
    if df2 is None or df2 <= 0:
        return []
    return [*_f_of_r2(facts, r2, p, df2), *_adjusted(facts, r2, p, df2)]


def _f_of_r2(facts: Facts, r2: Printed, df1: float, df2: float) -> list[Claim]:
    f = facts.get("value")
    if f is None or facts.words.get("statistic", "").strip() not in {"F", "f"}:
        return []
    low, high = (_f(x, df1, df2) for x in (max(float(r2.low), 0.0), float(r2.high)))
    text = f"F {f} belongs to R2 {r2} on {df1:g} and {df2:g} df"
    fit = f.fit(low, min(high, 1e300))
    note, verdict = "", _FITS[fit]
    if fit == "no":
        # printed may be the adjusted R2
        ends = (1 - (1 - float(x)) * df2 / (df1 + df2) for x in (r2.low, r2.high))
        a, b = (_f(max(x, 0.0), df1, df2) for x in ends)
        if f.fit(a, min(b, 1e300)) != "no":
            verdict, note = Verdict.UNCHECKED, "it is the adjusted R2"
    shown = f"F = {low:.3g} to {high:.3g}"
    return [facts.claim("regression", text, verdict, reported=f, computation=shown, note=note,
                        at="value")]  # fmt: skip


def _f(r2: float, df1: float, df2: float) -> float:
    return (r2 / df1) / ((1 - r2) / df2) if r2 < 1 else math.inf


def _adjusted(facts: Facts, r2: Printed, df1: float, df2: float) -> list[Claim]:
    stated = facts.get("adj_r2")
    if stated is None:
        return []
    low, high = (1 - (1 - float(x)) * (df1 + df2) / df2 for x in (r2.low, r2.high))
    text = f"adjusted R2 {stated} belongs to R2 {r2} on {df1:g} and {df2:g} df"
    return [facts.claim("regression", text, _FITS[stated.fit(low, high)], reported=stated,
                        at="adj_r2", computation=f"{low:.4f} to {high:.4f}")]  # fmt: skip
