"""A z or t statistic beside the estimate and the standard error that it is the ratio of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from review.stats.consistency.interval_pvalues import z_of_p
from review.stats.consistency.tail_areas import t_area
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.effect_claims import RATIOS
from review.workflow.audit.facts import decimal_text

if TYPE_CHECKING:
    from review.stats.consistency.rounding_ranges import Printed
    from review.workflow.audit.facts import Facts

Span = tuple[float, float]
_CLOSE: Final = 0.1  # score and likelihood ratio statistics of the same data differ so
_LARGEST_DF: Final = 200


def check_statistic(facts: Facts) -> list[Claim]:
    """Check that z or t is the estimate divided by its standard error."""
    code = facts.words.get("statistic", "").strip()
    value, estimate, se = (facts.get(n) for n in ("value", "estimate", "se"))
    if code not in {"z", "t"} or value is None or estimate is None or se is None or se.value <= 0:
        return []
    text = f"{code} = {value} is the estimate {estimate} by its standard error {se}"
    size = _absolute((float(value.low), float(value.high)))
    found = ratio_ranges(facts, estimate, se)
    shown = "; ".join(f"{words} = {_show(span, value)}" for words, span in found.items())
    fits = [w for w, span in found.items() if _meet(size, span)]
    if fits:
        return [facts.claim("statistic", text, Verdict.CONFIRMED, reported=value, at="value",
                            computation=f"{fits[0]} = {_show(found[fits[0]], value)}",
                            note=_sign(value, estimate, fits[0]))]  # fmt: skip
    note = ""
    for span in found.values():
        note = note or (_normal_score(facts, size, span) if code == "z" else "")
    verdict = Verdict.CONSISTENT if note else Verdict.INCONSISTENT
    near = min(max(s[0] - size[1], size[0] - s[1]) / max(size[1], 1.0) for s in found.values())
    if not note and code == "z" and near <= _CLOSE:
        verdict = Verdict.UNCHECKED
        note = "close: a score or likelihood ratio statistic would explain it"
    elif not note:
        null = float(estimate) - float(value) * float(se)
        note = f"a test against {null:.3g} would give it"
    return [facts.claim("statistic", text, verdict, reported=value, computation=shown, note=note,
                        at="value")]  # fmt: skip


def ratio_ranges(facts: Facts, estimate: Printed, se: Printed) -> dict[str, Span]:
    """The ways in which a statistic comes from estimate and standard error."""
    from review.workflow.pooling.metric_names import named_measure

    word = facts.words.get("measure", "").strip()
    named = named_measure(word) if word else None
    ends = float(estimate.low), float(estimate.high)
    errors = max(float(se.low), 0.0), float(se.high)
    found = {"estimate / SE": _divided(_absolute(ends), errors)}
    if named is not None and named[0] in RATIOS and ends[0] > 0:
        logs = _absolute((math.log(ends[0]), math.log(ends[1])))
        found = {"ln(estimate) / SE": _divided(logs, errors), **found}
        # the standard error of a ratio itself is about ratio x SE of its logarithm
        scaled = errors[0] / ends[1], errors[1] / ends[0]
        found["ln(estimate) / (SE / estimate)"] = _divided(logs, scaled)
    return found


def _absolute(ends: Span) -> Span:
    low = 0.0 if ends[0] <= 0 <= ends[1] else min(abs(ends[0]), abs(ends[1]))
    return low, max(abs(ends[0]), abs(ends[1]))


def _divided(top: Span, bottom: Span) -> Span:
    return top[0] / bottom[1], top[1] / bottom[0] if bottom[0] > 0 else math.inf


def _meet(a: Span, b: Span) -> bool:
    slack = 1e-9 * max(1.0, a[1])
    return a[0] <= b[1] + slack and b[0] <= a[1] + slack


def _show(span: Span, like: Printed) -> str:
    low = decimal_text(span[0], like)
    high = "any size" if math.isinf(span[1]) else decimal_text(span[1], like)
    return low if low == high else f"{low} to {high}"


def _sign(value: Printed, estimate: Printed, how: str) -> str:
    other = float(estimate) - (1 if how.startswith("ln") else 0)
    if value.value and other and (float(value) > 0) != (other > 0):
        return "the signs differ: they are of the two directions of one comparison"
    return ""


def _normal_score(facts: Facts, size: Span, ratio: Span) -> str:
    """Say whether z has the p-value of a t statistic with some degrees of freedom."""
    stated = facts.get("df1")
    tried = [float(stated)] if stated is not None else range(1, _LARGEST_DF)
    n = facts.count("n")
    for df in tried:
        if n is not None and df >= n:
            break
        if math.isinf(ratio[1]):
            break
        low, high = (z_of_p(t_area(float(df), t)) for t in ratio)
        if _meet(size, (low, high)):
            about = "" if stated is not None else "about "
            return f"z is the normal score of a t with {about}{df:g} df (the same p-value)"
    return ""
