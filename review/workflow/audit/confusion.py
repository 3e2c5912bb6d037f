"""The confusion matrix: its sums, and the performance values that follow from it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from review.words import sum_text
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.facts import decimal_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.consistency.rounding_ranges import Printed
    from review.workflow.audit.facts import Facts

_CELLS: Final = ("tp", "fp", "fn", "tn")
_SUMS: Final = (
    ("n_pos", ("tp", "fn"), "TP + FN = positives"),
    ("n_neg", ("fp", "tn"), "FP + TN = negatives"),
)
# metric -> cells that it needs, numerator and denominator, formula in words
Ratio = tuple[tuple[str, ...], "Callable[..., tuple[int, int]]", str]
_OVERLAP: Final[Ratio] = (
    ("tp", "fp", "fn"), lambda tp, fp, fn: (2 * tp, 2 * tp + fp + fn), "2 TP / (2 TP + FP + FN)"
)  # fmt: skip
RATIOS: Final[dict[str, Ratio]] = {
    "accuracy": (_CELLS, lambda tp, fp, fn, tn: (tp + tn, tp + fp + fn + tn), "(TP + TN) / n"),
    "sensitivity": (("tp", "fn"), lambda tp, fn: (tp, tp + fn), "TP / (TP + FN)"),
    "specificity": (("fp", "tn"), lambda fp, tn: (tn, fp + tn), "TN / (TN + FP)"),
    "precision": (("tp", "fp"), lambda tp, fp: (tp, tp + fp), "TP / (TP + FP)"),
    "npv": (("fn", "tn"), lambda fn, tn: (tn, fn + tn), "TN / (TN + FN)"),
    "f1": _OVERLAP,
    "dice": _OVERLAP,
    "iou": (("tp", "fp", "fn"), lambda tp, fp, fn: (tp, tp + fp + fn), "TP / (TP + FP + FN)"),
    "balanced_accuracy": (
        _CELLS,
        lambda tp, fp, fn, tn: (tp * (tn + fp) + tn * (tp + fn), 2 * (tp + fn) * (tn + fp)),
        "(sensitivity + specificity) / 2",
    ),
}  # fmt: skip


def check_confusion(facts: Facts) -> list[Claim]:
    """Check TP + FP + FN + TN = n, TP + FN = positives, FP + TN = negatives, n+ + n- = n."""
    claims = []
    n = facts.n_test
    cells = [facts.count(c) for c in _CELLS]
    if n is not None and None not in cells:
        claims.append(_sum(facts, "TP + FP + FN + TN = n", [c or 0 for c in cells], n))
    for total, names, text in _SUMS:
        stated, parts = facts.count(total), [facts.count(c) for c in names]
        if stated is not None and None not in parts:
            claims.append(_sum(facts, text, [p or 0 for p in parts], stated))
        elif stated is not None:
            claims += [_too_many(facts, c, stated, total) for c, v in zip(names, parts, strict=True)
                       if v is not None and v > stated]  # fmt: skip
    n_pos, n_neg = facts.count("n_pos"), facts.count("n_neg")
    if n is not None and n_pos is not None and n_neg is not None:
        claims.append(_sum(facts, "positives + negatives = n", [n_pos, n_neg], n))
    elif n is not None:
        claims += [_too_many(facts, name, n, "n") for name in ("n_pos", "n_neg")
                   if (facts.count(name) or 0) > n]  # fmt: skip
    return claims


def _sum(facts: Facts, text: str, parts: list[int], total: int) -> Claim:
    right = sum(parts) == total
    return facts.claim(
        "confusion", text, Verdict.CONFIRMED if right else Verdict.INCONSISTENT, reported=total,
        recomputed=sum(parts), computation=sum_text(parts, total),
    )  # fmt: skip


def _too_many(facts: Facts, name: str, total: int, of: str) -> Claim:
    return facts.claim(
        "confusion", f"no more {name} than {of}", Verdict.IMPOSSIBLE, reported=facts.count(name),
        computation=f"{facts.count(name)} > {total}",
    )  # fmt: skip


def check_metrics(facts: Facts) -> tuple[list[Claim], set[str]]:
    """Recompute every stated metric that the stated cells give.

    Returns:
        The claims, and the metrics that need no further check.
    """
    claims: list[Claim] = []
    done: set[str] = set()
    if not any(cell in facts.numbers for cell in _CELLS):
        return claims, done
    for metric, (cells, ratio, formula) in RATIOS.items():
        stated = facts.get(metric)
        values = [facts.count(c) for c in cells]
        if stated is None or None in values:
            continue
        done.add(metric)
        claims.append(_compare(facts, metric, stated, ratio(*values), formula))
    return claims, done


def _compare(
    facts: Facts, metric: str, stated: Printed, ratio: tuple[int, int], formula: str
) -> Claim:
    top, bottom = ratio
    text = f"{metric.replace('_', ' ')} {stated} follows from the confusion matrix"
    if bottom == 0:
        return facts.claim(
            "confusion", text, Verdict.INCONSISTENT, reported=stated, at=metric,
            computation=f"{formula} = {top}/0", note="the denominator is 0: there is no such value",
        )  # fmt: skip
    value = Fraction(top, bottom)
    verdict = {
        "rounds": Verdict.CONFIRMED, "cut off": Verdict.ROUNDING, "no": Verdict.INCONSISTENT,
    }[stated.fit(value)]  # fmt: skip
    note = {
        Verdict.ROUNDING: "digits were cut off instead of rounded",
        Verdict.INCONSISTENT: _percent_hint(stated, value),
    }.get(verdict, "")
    return facts.claim(
        "confusion", text, verdict, reported=stated, recomputed=decimal_text(float(value), stated),
        computation=f"{formula} = {top}/{bottom} = {decimal_text(float(value), stated)}",
        note=note, at=metric,
    )  # fmt: skip


def _percent_hint(stated: Printed, value: Fraction) -> str:
    return "printed as a percentage" if stated.fit(value * 100) == "rounds" else ""
