"""Rows of one forest plot: its weights, and its pooled estimate against the studies printed."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

import numpy as np

from review.stats.ground.levels import level_percent, normal_quantile
from review.words import plural
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.effect_claims import RATIOS, measure_code
from review.workflow.audit.facts import decimal_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.consistency.pooled_ranges import PrintedStudies
    from review.stats.consistency.rounding_ranges import Printed
    from review.workflow.audit.facts import Facts

_POOLED: Final = re.compile(
    r"(?:grand\s+)?(?:total|overall|pooled|summary|combined|random|fixed|common|re model|fe model|"
    r"diamond)\b",
    re.IGNORECASE,
)
_SUBTOTAL: Final = re.compile(r"sub-?\s?(?:total|group)", re.IGNORECASE)
_OTHER_WEIGHTS: Final = (
    "weights that are no inverse variances (Mantel-Haenszel, Peto, by quality) would explain it"
)
_SURE: Final = 0.5  # standard errors of the pooled estimate that other weights hardly move it


def check_forests(rows: Sequence[Facts]) -> list[Claim]:
    """Check rows that name the same forest plot (column `forest`) together."""
    plots: dict[str, list[Facts]] = {}
    for facts in rows:
        if name := facts.words.get("forest", "").strip():
            plots.setdefault(name, []).append(facts)
    return [claim for name, members in plots.items() for claim in check_forest(name, members)]


def check_forest(name: str, rows: Sequence[Facts]) -> list[Claim]:
    """Check one forest plot: studies, and the row of the pooled estimate where there is one.

    The pooled row is called total, overall, pooled, summary, random, fixed or common (`label`), or
    has the role `pooled`; subtotals are left out.
    """
    pooled = [r for r in rows if _is_pooled(r)]
    studies = [r for r in rows if not _is_pooled(r) and not _SUBTOTAL.match(_label(r))]
    claims = _weights(name, studies)
    if len(pooled) != 1 or len(studies) < 2:
        return claims
    whole = pooled[0]
    estimate = whole.get("estimate")
    if estimate is None:
        return claims
    known = [r.numbers["estimate"] for r in studies if r.has("estimate")]
    if len(known) < len(studies):
        note = f"{plural(len(studies) - len(known), 'study')} without an estimate"
        text = f"{estimate} is the pooled estimate of {name}"
        return [*claims, whole.claim("forest", text, Verdict.UNCHECKED, note=note)]
    inside = _inside(name, whole, estimate, known)
    claims.append(inside)
    return claims if inside.failed else [*claims, *_recomputed(name, whole, studies, estimate)]


def _label(facts: Facts) -> str:
    return facts.words.get("label", facts.words.get("study_id", "")).strip()


def _is_pooled(facts: Facts) -> bool:
    return facts.words.get("role", "").casefold() == "pooled" or bool(_POOLED.match(_label(facts)))


def _weights(name: str, studies: Sequence[Facts]) -> list[Claim]:
    stated = [r.numbers["weight"] for r in studies if r.has("weight")]
    if len(stated) < 2:
        return []
    total = sum(w.value for w in stated)
    slack = float(sum(w.unit for w in stated)) / 2
    source = studies[0].source
    text = f"the weights of {name} add up to 100 %"
    off = abs(float(total) - 100)
    shown = f"{' + '.join(str(w) for w in stated)} = {total}"
    note, verdict = "", Verdict.CONFIRMED if off == 0 else Verdict.ROUNDING
    if off > slack + 1e-9:
        verdict = Verdict.INCONSISTENT
        if len(stated) < len(studies):
            verdict, note = Verdict.UNCHECKED, "not all studies have a weight"
        elif abs(float(total) / 100 - round(float(total) / 100)) * 100 <= slack and total > 100:
            verdict, note = Verdict.UNCHECKED, "as the weights of several subgroups"
        elif abs(float(total) - 1) <= slack:
            verdict, note = Verdict.CONSISTENT, "printed as shares"
        elif all(w.value > 100 or w.unit == 0 for w in stated):
            verdict, note = Verdict.UNCHECKED, "weights that are not in per cent"
    return [Claim("forest", text, verdict, str(total), "100", shown, source, note)]


def _inside(name: str, whole: Facts, estimate: Printed, known: Sequence[Printed]) -> Claim:
    low, high = min(x.low for x in known), max(x.high for x in known)
    fits = estimate.fit(low, high) != "no"
    least, most = min(x.value for x in known), max(x.value for x in known)
    return whole.claim(
        "forest", f"the pooled estimate {estimate} of {name} lies among its studies",
        Verdict.CONSISTENT if fits else Verdict.INCONSISTENT, reported=estimate, at="estimate",
        computation=f"the studies are {least} to {most}",
        note="" if fits else "a weighted mean lies between the least and the greatest",
    )  # fmt: skip


def _recomputed(
    name: str, whole: Facts, studies: Sequence[Facts], estimate: Printed
) -> list[Claim]:
    """Pool the studies as printed; the scale is that of the measure."""
    text = f"{estimate} is the pooled estimate of {plural(len(studies), 'study')} in {name}"
    log = measure_code(whole.words.get("measure", "") or studies[0].words.get("measure", ""))
    on_log = log in RATIOS
    made = _on_scale(studies, on_log=on_log)
    if made is None:
        note = "studies without an interval or standard error cannot be pooled"
        return [whole.claim("forest", text, Verdict.UNCHECKED, note=note, at="estimate")]
    from review.stats.consistency.pooled_ranges import path, pools

    if on_log and estimate.value <= 0:
        return []
    ends = [_at(x, on_log=on_log) for x in (estimate.low, estimate.high)]
    found = pools(made)
    shown = "; ".join(
        f"{p.name} {decimal_text(_back(p.estimate, on_log=on_log), estimate)}" for p in found[:4]
    )
    fitting = [p for p in found if p.estimate - p.slack <= ends[1] and p.estimate + p.slack
               >= ends[0]]  # fmt: skip
    claims = []
    if fitting:
        note = "" if fitting[0].slack < 1e-12 else "within the rounding of the studies"
        claims.append(whole.claim("forest", text, Verdict.CONSISTENT, reported=estimate,
                                  computation=shown, note=note or f"as by {fitting[0].name}",
                                  at="estimate"))  # fmt: skip
        return [*claims, *_weights_fit(name, studies, made)]
    low, high, slack = path(made)
    apart = max(low - slack - ends[1], ends[0] - high - slack, 0.0)
    by_weights = _by_printed_weights(studies, made, ends)
    if by_weights:
        verdict, note = Verdict.CONSISTENT, by_weights
    elif apart == 0:
        verdict, note = (
            Verdict.UNCHECKED,
            "another tau2 than those of the usual estimators gives it",
        )
    elif apart <= _SURE * found[0].se and on_log:
        verdict, note = Verdict.UNCHECKED, _OTHER_WEIGHTS
    else:
        verdict = Verdict.INCONSISTENT
        note = f"no tau2 gives it ({_span(low, high, on_log, estimate)}); {_OTHER_WEIGHTS}"
    return [whole.claim("forest", text, verdict, reported=estimate, computation=shown, note=note,
                        at="estimate")]  # fmt: skip


def _span(low: float, high: float, on_log: bool, like: Printed) -> str:
    a, b = (decimal_text(_back(x, on_log=on_log), like) for x in (low, high))
    return f"{a} to {b}"


def _at(x: object, *, on_log: bool) -> float:
    number = float(x)  # type: ignore[arg-type]
    return math.log(max(number, 1e-300)) if on_log else number


def _back(x: float, *, on_log: bool) -> float:
    return math.exp(x) if on_log else x


def _on_scale(studies: Sequence[Facts], *, on_log: bool) -> PrintedStudies | None:
    from review.stats.consistency.pooled_ranges import PrintedStudies

    columns: list[tuple[float, float, float, float, float]] = []
    for row in studies:
        estimate, low, high, se = (row.get(n) for n in ("estimate", "ci_low", "ci_high", "se"))
        if estimate is None or (on_log and estimate.value <= 0):
            return None
        y = _at(estimate.value, on_log=on_log)
        half = max(abs(_at(e, on_log=on_log) - y) for e in (estimate.low, estimate.high))
        if low is not None and high is not None and not (on_log and low.value <= 0):
            level = float(row.numbers["ci_level"].value) if row.has("ci_level") else 95.0
            wide = 2 * normal_quantile(level_percent(level))
            a, b = ([_at(e, on_log=on_log) for e in (x.low, x.value, x.high)] for x in (low, high))
            errors = (b[1] - a[1]) / wide, (b[0] - a[2]) / wide, (b[2] - a[0]) / wide
        elif se is not None:
            errors = float(se.value), float(se.low), float(se.high)
        else:
            return None
        if errors[0] <= 0:
            return None
        columns.append((y, half, errors[0], max(errors[1], errors[0] / 10), errors[2]))
    return PrintedStudies(*(np.array(c) for c in zip(*columns, strict=True)))


def _by_printed_weights(
    studies: Sequence[Facts], made: PrintedStudies, ends: Sequence[float]
) -> str:
    """Say whether the weights as printed give the pooled estimate."""
    from review.stats.consistency.pooled_ranges import path_with_weights

    weights = [r.get("weight") for r in studies]
    if any(w is None for w in weights):
        return ""
    low = np.array([max(float(w.low), 0.0) for w in weights if w is not None])
    high = np.array([float(w.high) for w in weights if w is not None])
    a, b = path_with_weights(made, low, high)
    return "as the printed weights give it" if a <= ends[1] and b >= ends[0] else ""


def _weights_fit(name: str, studies: Sequence[Facts], made: PrintedStudies) -> list[Claim]:
    """Compare printed weights with those of the usual estimators, within rounding."""
    from review.stats.consistency.pooled_ranges import pools

    stated = [r.get("weight") for r in studies]
    if any(w is None for w in stated):
        return []
    printed = np.array([float(w) for w in stated if w is not None])
    half = np.array([float(w.unit) / 2 for w in stated if w is not None])
    spread = (made.se_high - made.se_low) / made.se  # relative rounding of the standard errors
    best, by = math.inf, ""
    for pool in pools(made):
        weights = np.array(pool.weights)
        off = float(np.max(np.abs(weights - printed) - half - weights * spread))
        if off < best:
            best, by = off, pool.name
    text = f"the weights of {name} are inverse variances of its studies"
    verdict = Verdict.CONSISTENT if best <= 0 else Verdict.UNCHECKED
    note = f"as by {by}" if best <= 0 else _OTHER_WEIGHTS
    shown = "" if best <= 0 else f"nearest: {by}, off by {best:.1f} points at the most"
    return [Claim("forest", text, verdict, computation=shown, source=studies[0].source, note=note)]
