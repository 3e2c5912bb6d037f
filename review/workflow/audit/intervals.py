"""Confidence intervals: around their estimate, as wide as SE and sample size say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from review.stats.consistency.rounding_ranges import proportion_intervals, width_range
from review.stats.consistency.tail_areas import t_point
from review.stats.ground.levels import check_level, level_percent, normal_quantile
from review.stats.ground.roc_area import hanley_mcneil_variance
from review.words import level_name
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.effect_claims import RATIOS, measure_code
from review.workflow.audit.facts import METRICS, decimal_text

if TYPE_CHECKING:
    from review.stats.consistency.rounding_ranges import Printed
    from review.workflow.audit.facts import Facts

_NARROWEST: Final = 0.8  # of the narrowest usual interval: narrower needs more cases than stated
_WIDEST: Final = 1.5
_SHARES: Final = frozenset({"accuracy", "sensitivity", "specificity"})


def check_intervals(facts: Facts) -> list[Claim]:
    """Check the interval and standard error of every estimate that has one."""
    claims: list[Claim] = []
    if not any(name.endswith(("ci_low", "ci_high")) for name in facts.numbers):
        return claims
    for name in (*METRICS, "estimate", "percent", "proportion"):
        prefix = f"{name}_" if name in METRICS else ""
        estimate = facts.get(name)
        low, high = facts.get(f"{prefix}ci_low"), facts.get(f"{prefix}ci_high")
        se = facts.get(f"{prefix}se")
        if estimate is None or (low is None and high is None):
            continue
        claims += _one(facts, name, (estimate, low, high), se)
    return claims


def _one(
    facts: Facts,
    name: str,
    numbers: tuple[Printed, Printed | None, Printed | None],
    se: Printed | None,
) -> list[Claim]:
    estimate, low, high = numbers
    shown = f"{estimate} ({low or '...'} to {high or '...'})"
    text = f"{_label(facts, name)} {shown}"
    below = [x for x in (estimate, low, high) if x is not None and x.high <= 0]
    if name == "estimate" and below and measure_code(facts.words.get("measure", "")) in RATIOS:
        return [facts.claim("interval", f"{text}: a ratio is above 0", Verdict.UNCHECKED, at=name,
                            reported=shown, computation=f"{below[0]} <= 0",
                            note="only logarithms of ratios can be 0 or below: are they?")
        ]  # fmt: skip
    if low is not None and high is not None and low.value > high.value:
        return [facts.claim("interval", f"{text}: limits in order", Verdict.IMPOSSIBLE, at=name,
                            reported=shown, computation=f"{low} > {high}")]  # fmt: skip
    outside = (low is not None and estimate.high < low.low) or (
        high is not None and estimate.low > high.high
    )
    inside = (low is None or low.value <= estimate.value) and (
        high is None or estimate.value <= high.value
    )
    level = float(facts.numbers["ci_level"].value) if facts.has("ci_level") else 95.0
    if not 0 < level < 100 or level == 1:
        return [facts.claim("interval", f"{text}: level {level_name(level)}", Verdict.IMPOSSIBLE)]
    level = level_percent(level)
    verdict, note = Verdict.INCONSISTENT if outside else Verdict.CONSISTENT, ""
    if not outside and not inside:
        verdict = Verdict.ROUNDING
    whole = None if low is None or high is None else (estimate, low, high)
    more = _widths(facts, name, whole, se, level) if whole is not None else []
    if outside and any(c.computation.startswith("Jeffreys") for c in more):
        verdict, note = Verdict.CONSISTENT, "Jeffreys' interval leaves out a proportion of 0 or 1"
    first = facts.claim("interval", f"{text}: the interval contains the estimate", verdict,
                        reported=shown, at=name, note=note,
                        computation=_order(estimate, low, high))  # fmt: skip
    return [first] if verdict is Verdict.INCONSISTENT else [first, *more]


def _label(facts: Facts, name: str) -> str:
    return (name == "estimate" and facts.words.get("measure", "").strip()) or name


def _widths(
    facts: Facts,
    name: str,
    numbers: tuple[Printed, Printed, Printed],
    se: Printed | None,
    level: float,
) -> list[Claim]:
    """Compare the width of an interval with all that says how wide it should be."""
    text = "{} {} ({} to {})".format(_label(facts, name), *numbers)
    claims = [] if se is None else [_against_se(facts, text, numbers[1:], se, level)]
    if name in _SHARES:
        claims += _against_n(facts, name, numbers, level)
    elif name == "auc":
        claims += _against_hanley(facts, numbers, level)
    return claims


def _order(estimate: Printed, low: Printed | None, high: Printed | None) -> str:
    parts = []
    if low is not None:
        parts.append(f"{low} {'<=' if low.value <= estimate.value else '>'} {estimate}")
    if high is not None:
        parts.append(f"{estimate} {'<=' if estimate.value <= high.value else '>'} {high}")
    return ", ".join(parts)


def _against_se(
    facts: Facts, text: str, limits: tuple[Printed, Printed], se: Printed, level: float
) -> Claim:
    """Compare (high - low) / 2z with the standard error, on three scales."""
    low, high = limits
    z = normal_quantile(level)
    claim_text = f"{text}: as wide as its SE {se} says"
    if se.value < 0:
        return facts.claim("interval", claim_text, Verdict.IMPOSSIBLE, reported=se,
                           note="a standard error is not negative")  # fmt: skip
    found = []
    for scale, a, b in _scales(low, high):
        found.append((scale, a / (2 * z), b / (2 * z)))
        if se.fit(a / (2 * z), b / (2 * z)) == "rounds":
            implied = (a + b) / (4 * z)
            shown = f"width on the {scale} scale / (2 x {z:.3f}) = {decimal_text(implied, se)}"
            verdict = Verdict.CONFIRMED if scale == "natural" else Verdict.CONSISTENT
            return facts.claim("interval", claim_text, verdict, reported=se,
                               recomputed=decimal_text(implied, se), computation=shown)  # fmt: skip
    _, a, b = found[0]
    shown = f"({high} - {low}) / (2 x {z:.3f}) = {decimal_text((a + b) / 2, se)}, reported SE {se}"
    # an interval by Student's t is wider than a normal one, up to what its degrees of freedom allow
    if a > float(se.high) > 0 and a / float(se.high) <= _t_ratio(facts, level):
        note = "wider than a normal interval; as one by Student's t with few degrees of freedom"
        return facts.claim("interval", claim_text, Verdict.CONSISTENT, reported=se,
                           computation=shown, note=note)  # fmt: skip
    return facts.claim("interval", claim_text, Verdict.INCONSISTENT, reported=se,
                       recomputed=decimal_text((a + b) / 2, se), computation=shown,
                       note="nor does the width fit on the log or logit scale"
                       if len(found) > 1 else "")  # fmt: skip


def _scales(low: Printed, high: Printed) -> list[tuple[str, float, float]]:
    """Return (scale, narrowest, widest width) of an interval on the scales that it allows."""
    scales = [("natural", *width_range(low, high))]
    ends = [float(low.low), float(low.high), float(high.low), float(high.high)]
    if ends[0] > 0:
        logs = [math.log(x) for x in ends]
        scales.append(("log", max(logs[2] - logs[1], 0.0), logs[3] - logs[0]))
        if ends[3] < 1:
            logit = [math.log(x / (1 - x)) for x in ends]
            scales.append(("logit", max(logit[2] - logit[1], 0.0), logit[3] - logit[0]))
    return scales


def _t_ratio(facts: Facts, level: float) -> float:
    """Return how much wider than a normal interval one by Student's t may be."""
    n = facts.cases
    df = max(1, n - 2) if n is not None else 4
    return t_point(df, 1 - check_level(level)) / normal_quantile(level)


def _against_n(
    facts: Facts, name: str, numbers: tuple[Printed, Printed, Printed], level: float
) -> list[Claim]:
    """Compare an interval of a proportion with the usual intervals for the stated n."""
    estimate, low, high = numbers
    n = {
        "accuracy": facts.cases, "sensitivity": facts.positives, "specificity": facts.negatives,
    }[name]  # fmt: skip
    if not n or not 0 <= estimate.value <= 1:
        return []
    usual = proportion_intervals(float(estimate) * n, n, level)
    text = f"{name} {estimate} ({low} to {high}): as wide as n = {n} says"
    for method, (a, b) in usual.items():
        if low.fit(max(a, 0.0)) == "rounds" and high.fit(min(b, 1.0)) == "rounds":
            shown = f"{method}: {decimal_text(a, low)} to {decimal_text(b, high)}"
            return [facts.claim("interval", text, Verdict.CONFIRMED, reported=f"{low} to {high}",
                                recomputed=shown.split(": ")[1], computation=shown,
                                at=name)]  # fmt: skip
    widths = {m: b - a for m, (a, b) in usual.items()}
    narrowest, widest = width_range(low, high)
    least, most = min(widths.values()), max(widths.values())
    wilson = usual["Wilson"]
    shown = (
        f"Wilson: {decimal_text(wilson[0], low)} to {decimal_text(wilson[1], high)}; width "
        f"{decimal_text(float(high.value - low.value), low)} against {decimal_text(least, low)} "
        f"to {decimal_text(most, low)} of the usual methods"
    )
    verdict, note = Verdict.CONSISTENT, ""
    if widest < _NARROWEST * least:
        verdict = Verdict.INCONSISTENT
        note = "too narrow for so few cases: it may rest on another number of cases"
    elif narrowest > _WIDEST * most:
        verdict = Verdict.UNCHECKED
        note = "wider than n says: clustered data or variation over folds would explain it"
    return [facts.claim("interval", text, verdict, reported=f"{low} to {high}",
                        recomputed=f"{decimal_text(wilson[0], low)} to "
                        f"{decimal_text(wilson[1], high)}", computation=shown, note=note,
                        at=name)]  # fmt: skip


def _against_hanley(
    facts: Facts, numbers: tuple[Printed, Printed, Printed], level: float
) -> list[Claim]:
    """Compare the interval of an AUC with Hanley and McNeil's (1982); plausibility only."""
    auc, low, high = numbers
    n_pos, n_neg = facts.positives, facts.negatives
    if not n_pos or not n_neg or min(n_pos, n_neg) < 1 or not 0 < auc.value < 1:
        return []
    se = math.sqrt(hanley_mcneil_variance(float(auc), float(n_pos), float(n_neg)))
    z = normal_quantile(level)
    narrowest, widest = width_range(low, high)
    shown = (
        f"Hanley-McNeil SE with {n_pos} positives and {n_neg} negatives = {se:.4f}: width "
        f"{2 * z * se:.3f}, reported {decimal_text(float(high.value - low.value), low)}"
    )
    plausible = widest >= z * se and narrowest <= 4 * z * se
    text = f"auc {auc} ({low} to {high}): as wide as its test set suggests"
    return [
        facts.claim("interval", text, Verdict.CONSISTENT if plausible else Verdict.UNCHECKED,
                    computation=shown, reported=f"{low} to {high}", at="auc",
                    note="" if plausible else "less than half or more than twice the width; the "
                    "approximation does not decide")
    ]  # fmt: skip
