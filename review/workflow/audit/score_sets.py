"""Scores of one classifier together: is there a table of whole numbers that gives all of them?"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from review.words import listed, plural
from review.workflow.audit.averages import folds_of, is_average
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.facts import METRICS, decimal_text
from review.workflow.audit.facts import SCORES as OTHER_SCORES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.consistency.rounding_ranges import Printed
    from review.stats.consistency.score_tables import Tables
    from review.workflow.audit.facts import Facts

_LARGEST: Final = 2_000_000  # cases of a class
_LARGEST_UNKNOWN: Final = 2_000  # cases when the classes are not known
_CELLS: Final = ("tp", "fp", "fn", "tn")
_WITH_PROPORTIONS: Final = {"accuracy", "sensitivity", "specificity"}  # checked together there
_NAMED: Final = frozenset({*METRICS, *OTHER_SCORES}) - {"auc"}
_ROOTS: Final = ("mcc", "kappa", "lr_pos", "lr_neg")
_BEYOND: Final = {"mcc": (-1, 1), "kappa": (-1, 1), "lr_pos": (0, None), "lr_neg": (0, None)}
_SINGLE: Final = (
    "as one table of the stated test set; a mean over folds, classes or readers would explain it"
)


def check_sets(facts: Facts, singles: Sequence[Claim]) -> list[Claim]:
    """Check the scores of a row together.

    Args:
        facts: the row.
        singles: what was found on its scores one by one; what failed there is not accused again.
    """
    found = [*_beyond(facts), *_area(facts)]
    if any(c.failed for c in (*found, *singles)) or (facts.count("n_classes") or 2) > 2:
        return found
    if facts.has(*_CELLS):
        return [*found, *_from_cells(facts)]  # the other scores are recomputed as fractions
    if folds_of(facts) > 1 or is_average(facts):
        return [*found, *_averages(facts)]
    named = set(facts.numbers) & _NAMED
    positives, negatives = facts.positives, facts.negatives
    known = positives is not None and negatives is not None
    if len(named) < 2 or named <= _WITH_PROPORTIONS or not (known or facts.cases):
        return found
    from review.stats.consistency.score_tables import SCORES

    stated = {m: facts.numbers[m] for m in SCORES if m in facts.numbers}
    if len(stated) < 2 or set(stated) <= _WITH_PROPORTIONS:
        return found
    if positives is None or negatives is None:
        return [*found, *_unknown_classes(facts, stated)]
    if min(positives, negatives) < 1 or max(positives, negatives) > _LARGEST:
        return found
    return [*found, _one_table(facts, stated, positives, negatives)]


def _ranges(stated: dict[str, Printed], *, cut: bool = False) -> dict[str, tuple[float, float]]:
    """Ranges of the printed scores; with `cut` those of cut digits too."""
    found = {}
    for name, number in stated.items():
        most = number.high if not cut else Fraction(number.value) + Fraction(number.unit)
        found[name] = (float(number.low), float(most))
    return found


def _one_table(facts: Facts, stated: dict[str, Printed], positives: int, negatives: int) -> Claim:
    from review.stats.consistency.score_tables import tables_with

    names = ", ".join(f"{_name(m)} {s}" for m, s in stated.items())
    text = f"{names} are possible together with {positives} positives and {negatives} negatives"
    tables = tables_with(_ranges(stated), positives, negatives)
    if tables.count:
        return facts.claim("scores", text, Verdict.CONSISTENT, computation=_shown(tables))
    tables = tables_with(_ranges(stated, cut=True), positives, negatives)
    if tables.count:
        return facts.claim("scores", text, Verdict.ROUNDING, computation=_shown(tables),
                           note="digits were cut off instead of rounded")  # fmt: skip
    return facts.claim(
        "scores", text, Verdict.IMPOSSIBLE, note=_SINGLE,
        computation="no whole numbers of true positives and true negatives give them"
        + _nearest(stated, positives, negatives),
    )  # fmt: skip


def _nearest(stated: dict[str, Printed], positives: int, negatives: int) -> str:
    """Say which single score, if it were another, would make the set possible, and which one."""
    from review.stats.consistency.score_tables import nearest_values

    ranges = _ranges(stated)
    parts = []
    for name, number in stated.items():
        values = nearest_values(ranges, name, positives, negatives)
        if values and len(stated) > 1:
            near = " or ".join(decimal_text(v, number) for v in values)
            parts.append(f"{_name(name)} would be {near}")
    return f"; by the others {listed(parts, last='or')}" if parts else ""


def _shown(tables: Tables) -> str:
    assert tables.positives is not None
    assert tables.negatives is not None
    assert tables.tp is not None
    assert tables.tn is not None
    cells = (
        f"TP = {tables.tp}, FN = {tables.positives - tables.tp}, "
        f"FP = {tables.negatives - tables.tn}, TN = {tables.tn}"
    )
    many = "for instance " if tables.count > 1 else ""
    return f"{plural(tables.count, 'table')}: {many}{cells}" if tables.count > 1 else cells


def _unknown_classes(facts: Facts, stated: dict[str, Printed]) -> list[Claim]:
    from review.stats.consistency.score_tables import tables_of_unknown_classes

    n = facts.cases
    if n is None or n < 2:
        return []
    names = ", ".join(f"{_name(m)} {s}" for m, s in stated.items())
    text = f"{names} are possible together with n = {n}"
    if n > _LARGEST_UNKNOWN:
        note = (
            f"the classes are not stated, and with more than {_LARGEST_UNKNOWN:,} cases they are "
        )
        return [facts.claim("scores", text, Verdict.UNCHECKED, note=note + "not all tried")]
    tables = tables_of_unknown_classes(_ranges(stated), n)
    if not tables.count:
        tables = tables_of_unknown_classes(_ranges(stated, cut=True), n)
        verdict = Verdict.ROUNDING if tables.count else Verdict.IMPOSSIBLE
    else:
        verdict = Verdict.CONSISTENT
    failed = verdict is Verdict.IMPOSSIBLE
    shown = "no sizes of the classes and no counts give them" if failed else _shown(tables)
    note = _SINGLE if failed else ""
    return [facts.claim("scores", text, verdict, computation=shown, note=note)]


def _from_cells(facts: Facts) -> list[Claim]:
    """Recompute MCC, kappa and likelihood ratios from a stated table."""
    import numpy as np

    from review.stats.consistency.score_tables import SCORES

    cells = [facts.count(c) for c in _CELLS]
    if None in cells:
        return []
    tp, fp, fn, tn = (float(c or 0) for c in cells)
    if tp + fn == 0 or fp + tn == 0:
        return []
    found = []
    for name in _ROOTS:
        stated = facts.get(name)
        if stated is None:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            value = float(SCORES[name](np.float64(tp), np.float64(tn), tp + fn, fp + tn))
        text = f"{_name(name)} {stated} follows from the confusion matrix"
        if not np.isfinite(value):
            note = "a sum of the table is 0: there is no such value"
            found.append(facts.claim("confusion", text, Verdict.INCONSISTENT, reported=stated,
                                     note=note, at=name))  # fmt: skip
            continue
        verdict = {**_FITS, "rounds": Verdict.CONFIRMED}[stated.fit(value)]
        shown = decimal_text(value, stated)
        found.append(facts.claim("confusion", text, verdict, reported=stated, recomputed=shown,
                                 computation=f"{_name(name)} = {shown}", at=name))  # fmt: skip
    return found


def _averages(facts: Facts) -> list[Claim]:
    """Check what holds for means over folds too: scores that are sums of others."""
    found = []
    sens, spec = facts.get("sensitivity"), facts.get("specificity")
    if sens is None or spec is None:
        return []
    balanced, accuracy = facts.get("balanced_accuracy"), facts.get("accuracy")
    if balanced is not None:
        low, high = (sens.low + spec.low) / 2, (sens.high + spec.high) / 2
        text = f"balanced accuracy {balanced} is the mean of {sens} and {spec}, over folds too"
        fit = balanced.fit(low, high)
        found.append(
            facts.claim("scores", text, _FITS[fit], reported=balanced, at="balanced_accuracy",
                        recomputed=decimal_text(float((low + high) / 2), balanced),
                        computation=f"({sens} + {spec}) / 2")
        )  # fmt: skip
    positives, negatives = facts.positives, facts.negatives
    folds = folds_of(facts)
    if accuracy is None or folds < 2 or not positives or not negatives:
        return found
    if min(positives, negatives) < folds:
        return found
    # stratified folds: the share of positives of a fold is between these
    least = (positives // folds) / (positives // folds + -(-negatives // folds))
    most = -(-positives // folds) / (-(-positives // folds) + negatives // folds)
    share = positives / (positives + negatives)
    spread = max(most - share, share - least)
    low = Fraction(share) * sens.low + (1 - Fraction(share)) * spec.low - Fraction(spread)
    high = Fraction(share) * sens.high + (1 - Fraction(share)) * spec.high + Fraction(spread)
    text = (
        f"accuracy {accuracy} belongs to sensitivity {sens} and specificity {spec} over "
        f"{folds} stratified folds of {positives} positives and {negatives} negatives"
    )
    fit = accuracy.fit(low, high)
    found.append(
        facts.claim("scores", text, _FITS[fit], reported=accuracy, at="accuracy",
                    recomputed=f"{float(low):.4f} to {float(high):.4f}",
                    computation=f"{share:.3f} x sensitivity + {1 - share:.3f} x specificity, give "
                    f"or take {spread:.4f} for unequal folds")
    )  # fmt: skip
    return found


_FITS: Final = {
    "rounds": Verdict.CONSISTENT, "cut off": Verdict.ROUNDING, "no": Verdict.INCONSISTENT,
}  # fmt: skip


def _beyond(facts: Facts) -> list[Claim]:
    """Report MCC, kappa and likelihood ratios outside of what they can be."""
    claims = []
    for name, (least, most) in _BEYOND.items():
        stated = facts.get(name)
        if stated is None or (stated.high >= least and (most is None or stated.low <= most)):
            continue
        limits = f"between {least} and {most}" if most is not None else f"{least} or more"
        claims.append(
            facts.claim("range", f"{_name(name)} {stated} is {limits}", Verdict.IMPOSSIBLE,
                        reported=stated, at=name, computation=f"{stated} is outside")
        )  # fmt: skip
    return claims


def _area(facts: Facts) -> list[Claim]:
    """Check an AUC against a point of its curve.

    A curve through (1 - specificity, sensitivity) that never falls leaves below it at least
    sensitivity x specificity, and above it at least (1 - sensitivity)(1 - specificity).
    """
    auc, sens, spec = (facts.get(m) for m in ("auc", "sensitivity", "specificity"))
    if auc is None or sens is None or spec is None or (facts.count("n_classes") or 2) > 2:
        return []
    if any(not 0 <= x.value <= 1 for x in (auc, sens, spec)):
        return []
    low = sens.low * spec.low
    high = 1 - (1 - sens.high) * (1 - spec.high)
    text = f"AUC {auc} belongs to a curve through sensitivity {sens} and specificity {spec}"
    shown = f"between {float(low):.3f} and {float(high):.3f}"
    fits = auc.fit(low, high) != "no"
    verdict = Verdict.CONSISTENT if fits else Verdict.INCONSISTENT
    note = "" if fits else "the three cannot come from the same cases and the same model"
    if not fits and (folds_of(facts) > 1 or is_average(facts)):
        verdict, note = Verdict.UNCHECKED, "means over folds need not lie on one curve"
    return [facts.claim("scores", text, verdict, reported=auc, computation=shown, note=note,
                        at="auc")]  # fmt: skip


def _name(score: str) -> str:
    names = {"mcc": "MCC", "lr_pos": "LR+", "lr_neg": "LR-", "npv": "NPV", "f1": "F1", "iou": "IoU"}
    return names.get(score, score.replace("_", " "))
