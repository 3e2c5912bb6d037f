"""Proportions: is there a whole number k with k/n as printed?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.schema.metrics import as_share
from review.stats.consistency.rounding_ranges import joint_counts, possible_counts
from review.workflow.audit.averages import folds_of, is_average
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.facts import METRICS, decimal_text

if TYPE_CHECKING:
    from fractions import Fraction

    from review.stats.consistency.rounding_ranges import Counts, Printed
    from review.workflow.audit.facts import Facts

_JOINT: Final = ("accuracy", "sensitivity", "specificity")
_LARGEST_JOINT: Final = 20_000
_SINGLE: Final = (
    "as a single k/n of the stated test set; a mean over folds, classes or readers, or another "
    "denominator, would explain it"
)


def check_proportions(facts: Facts, done: set[str]) -> list[Claim]:
    """Check every proportion that has a stated denominator; `done` ones are left out."""
    claims = _explicit(facts)
    if not any(m in facts.numbers for m in _JOINT):
        return claims
    singles = _single_metrics(facts, done)
    return claims + singles + _joint(facts, done, singles)


_VERDICTS: Final = {
    "rounds": Verdict.CONSISTENT,
    "cut off": Verdict.ROUNDING,
    "no": Verdict.IMPOSSIBLE,
}


def _explicit(facts: Facts) -> list[Claim]:
    """Check `percent` or `proportion` against `k` and `n`, or against `n` alone."""
    claims = []
    n, k = facts.count("n"), facts.count("k")
    if n is None or n < 1:
        if n is not None and k is not None:
            claims.append(facts.claim("proportion", f"{k} of {n}", Verdict.IMPOSSIBLE, reported=k))
        return claims
    if k is not None and k > n:
        claims.append(
            facts.claim("proportion", f"{k} of {n}", Verdict.IMPOSSIBLE, reported=k,
                        computation=f"{k} > {n}")
        )  # fmt: skip
        return claims
    for name, per in (("percent", 100), ("proportion", 1)):
        stated = facts.get(name)
        if stated is None:
            continue
        if k is None:
            found = possible_counts(stated, n, per=per)
            claims.append(_grim_claim(facts, name, stated, n, found, per=per, note=""))
            continue
        from fractions import Fraction

        value = Fraction(k * per, n)
        fit = stated.fit(value)
        verdict = Verdict.CONFIRMED if fit == "rounds" else Verdict.ROUNDING
        shown = decimal_text(float(value), stated)
        claims.append(
            facts.claim("proportion", f"{name} {stated} = {k} of {n}",
                        Verdict.INCONSISTENT if fit == "no" else verdict, reported=stated,
                        recomputed=shown, computation=f"{k}/{n} = {shown}", at=name,
                        note="digits were cut off instead of rounded" if fit == "cut off" else "")
        )  # fmt: skip
    return claims


def _single_metrics(facts: Facts, done: set[str]) -> list[Claim]:
    claims = []
    for metric in _JOINT:
        stated = facts.get(metric)
        if stated is None or metric in done or not 0 <= stated.value <= 1:
            continue
        name, n = _denominator(facts, metric)
        if n is None:
            continue
        text = f"{metric} {stated} of {n}"
        if n == 0:
            claims.append(
                facts.claim("proportion", text, Verdict.INCONSISTENT, reported=stated, at=metric,
                            note=f"there are no cases ({name} = 0)")
            )  # fmt: skip
        elif metric != "accuracy" and (facts.count("n_classes") or 2) > 2:
            claims.append(
                facts.claim("proportion", text, Verdict.UNCHECKED, reported=stated, at=metric,
                            note="more than two classes: an average over them is no k/n")
            )  # fmt: skip
        else:
            found = possible_counts(stated, n)
            claims.append(_grim_claim(facts, metric, stated, n, found, per=1, note=_SINGLE))
    return claims


def _denominator(facts: Facts, metric: str) -> tuple[str, int | None]:
    if metric == "sensitivity":
        return "n_pos", facts.positives
    return ("n_neg", facts.negatives) if metric == "specificity" else ("n", facts.cases)


def _grim_claim(
    facts: Facts, name: str, stated: Printed, n: int, found: Counts, *, per: int, note: str
) -> Claim:
    text = f"{name} {stated} is possible with n = {n}"
    verdict = _VERDICTS[found.fit]
    around = " and ".join(_fraction(f, n, per, stated) for f in dict.fromkeys(found.nearest))
    if verdict is Verdict.CONSISTENT:
        note = ""
        span = f"k = {found.low}" if found.low == found.high else f"k = {found.low} to {found.high}"
        computation = f"{span} of {n} round{'s' if found.low == found.high else ''} to {stated}"
        if float(stated.unit) * n >= per:
            note = "every printed value is possible with so many cases"
    elif verdict is Verdict.ROUNDING:
        computation = f"{_fraction(_nearest_cut(found, stated), n, per, stated)}"
        note = "no k/n rounds to it; with digits cut off one does"
    else:
        computation = f"no k/{n} rounds to {stated}: the nearest are {around}"
        if is_average(facts) or folds_of(facts) > 1:
            verdict, note = Verdict.UNCHECKED, "the row speaks of a mean or of resampling"
    return facts.claim("proportion", text, verdict, reported=stated, computation=computation,
                       note=note, at=name)  # fmt: skip


def _nearest_cut(found: Counts, stated: Printed) -> Fraction:
    return next(f for f in found.nearest if stated.fit(f) == "cut off")


def _fraction(value: Fraction, n: int, per: int, like: Printed) -> str:
    return f"{int(value * n / per)}/{n} = {decimal_text(float(value), like)}"


def _joint(facts: Facts, done: set[str], singles: list[Claim]) -> list[Claim]:
    """Check accuracy, sensitivity and specificity together: some number of positives fits."""
    shares = tuple(None if m in done else facts.get(m) for m in _JOINT)
    n, n_pos = facts.cases, facts.positives
    stated = [(m, s) for m, s in zip(_JOINT, shares, strict=True) if s is not None]
    names = ", ".join(f"{m} {s}" for m, s in stated)
    if len(stated) < 2 or (facts.count("n_classes") or 2) > 2:
        return []
    if any(not 0 <= s.value <= 1 for _, s in stated) or any(c.failed for c in singles):
        return []
    if any(c.verdict is Verdict.UNCHECKED for c in singles):
        return []
    between = _between(facts, names) if len(stated) == 3 else []
    if any(c.failed for c in between) or not n or n > _LARGEST_JOINT:
        return between
    if n_pos is not None and not 0 <= n_pos <= n:
        return between
    if n_pos is not None and shares[0] is None:
        return between  # the single checks say all
    tried = range(n + 1) if n_pos is None else range(n_pos, n_pos + 1)
    found = joint_counts((shares[0], shares[1], shares[2]), n, tried)
    text = f"{names} are possible together with n = {n}"
    if n_pos is not None:
        text += f" and {n_pos} positives"
    if found is None:
        averaged = is_average(facts) or folds_of(facts) > 1
        rounded = any(c.verdict is Verdict.ROUNDING for c in singles)
        verdict = Verdict.UNCHECKED if averaged else Verdict.IMPOSSIBLE
        return [
            facts.claim("proportion", text, Verdict.ROUNDING if rounded else verdict,
                        computation="no counts of true positives and true negatives give them",
                        note=_SINGLE)
        ]  # fmt: skip
    positives, tp, tn = found
    shown = f"for instance {positives} positives, TP = {tp}, TN = {tn}, n = {n}"
    return [facts.claim("proportion", text, Verdict.CONSISTENT, computation=shown)]


def _between(facts: Facts, names: str) -> list[Claim]:
    """Check that accuracy lies between sensitivity and specificity (two classes)."""
    accuracy, sens, spec = (facts.get(m) for m in _JOINT)
    assert accuracy is not None
    assert sens is not None
    assert spec is not None
    low, high = min(sens.low, spec.low), max(sens.high, spec.high)
    fits = low <= accuracy.high and high >= accuracy.low
    if fits or facts.count("n_classes") is None:
        return [] if fits else [
            facts.claim("proportion", f"{names} belong to two classes", Verdict.UNCHECKED,
                        note="the number of classes is not stated")
        ]  # fmt: skip
    if is_average(facts) or folds_of(facts) > 1:
        # of each fold 1 - accuracy is at most (1 - sensitivity) + (1 - specificity), so of the mean
        least, most = sens.low + spec.low - 1, sens.high + spec.high
        wrong = accuracy.high < least or accuracy.low > most
        return [
            facts.claim("proportion", f"{names} are means over the same folds", at="accuracy",
                        verdict=Verdict.INCONSISTENT if wrong else Verdict.CONSISTENT,
                        reported=accuracy, note="" if wrong else "not between the others, as "
                        "can be where folds differ in their shares of the classes",
                        computation=f"between {max(float(least), 0):.4f} and "
                        f"{min(float(most), 1):.4f} whatever the folds are")
        ]  # fmt: skip
    return [
        facts.claim("proportion", f"{names}: accuracy lies between the others",
                    Verdict.INCONSISTENT, reported=accuracy, at="accuracy",
                    computation=f"{accuracy} is outside {min(sens.value, spec.value)} to "
                    f"{max(sens.value, spec.value)}",
                    note="accuracy is their mean weighted by the shares of the two classes; means "
                    "over folds may differ a little")
    ]  # fmt: skip


def check_ranges(facts: Facts) -> list[Claim]:
    """Report values that cannot exist: proportions and AUC outside 0 to 1, counts below 0."""
    claims = []
    for name, stated in facts.numbers.items():
        top = 100 if name == "percent" else 1
        share = name in METRICS or name in {"percent", "proportion"}
        if share and not 0 <= stated.value <= top:
            meant = as_share(str(stated)) if top == 1 else None
            hint = f"reads as a percentage: {meant} is meant" if meant else ""
            claims.append(
                    facts.claim("range", f"{name} {stated} lies between 0 and {top}",
                                Verdict.IMPOSSIBLE, reported=stated, at=name, note=hint,
                                computation=f"{stated} is outside 0 to {top}")
                )  # fmt: skip
    return claims
