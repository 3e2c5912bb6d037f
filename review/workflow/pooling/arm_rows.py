"""Files with one row per arm: each study's arms become comparisons with a reference arm.

Trials of several arms would count their control group more than once; the arms are then combined,
or the control is divided (Cochrane Handbook 6.5.2.10 and 23.3.4), as the user says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from review.stats.effects.measure import Measure
    from review.workflow.pooling.plain_table import PlainTable

MULTI_ARM: Final = ("combine", "split", "each")
# arguments of one arm -> of the two groups of a comparison
_PAIRS: Final[dict[str, tuple[str, str]]] = {
    "ni": ("n1i", "n2i"), "ti": ("t1i", "t2i"),
    "mi": ("m1i", "m2i"), "sdi": ("sd1i", "sd2i"), "sei": ("se1i", "se2i"),
    "ci_lbi": ("ci_lb1i", "ci_lb2i"), "ci_ubi": ("ci_ub1i", "ci_ub2i"),
    "percenti": ("percent1i", "percent2i"), "propi": ("prop1i", "prop2i"),
    "ratei": ("rate1i", "rate2i"),
    "mini": ("min1i", "min2i"), "q1i": ("q1_1i", "q1_2i"), "mediani": ("median1i", "median2i"),
    "q3i": ("q3_1i", "q3_2i"), "maxi": ("max1i", "max2i"),
}  # fmt: skip
_COMMON: Final = frozenset({"icc", "cluster_size", "cluster_cv", "deff", "per", "level", "corr"})


@dataclass(frozen=True)
class Comparisons:
    """What arms became.

    Attributes:
        table: one row per comparison, that of its first arm.
        columns: numbers by argument of the measure, one per comparison.
        labels: the studies, with the arm where a study has several comparisons.
        studies: the study of each comparison.
        notes: what was done.
        left_out: (study, reason) of studies without a comparison.
    """

    table: PlainTable
    columns: dict[str, list[float]]
    labels: list[str]
    studies: list[str]
    notes: list[str]
    left_out: list[tuple[str, str]]


def arm_arguments(measure: Measure) -> tuple[str, ...]:
    """Return the arguments of one arm that lead to a measure of two groups."""
    allowed = measure.family.allowed
    events = ("xi",) if "ai" in allowed or "x1i" in allowed else ()
    return (*events, *_PAIRS, *sorted(_COMMON))


def compare_arms(
    table: PlainTable, numbers: dict[str, list[float]], measure: Measure, options: ArmOptions
) -> Comparisons:
    """Compare the arms of each study with its reference arm.

    Args:
        table: one row per arm.
        numbers: by argument of one arm (`xi, ni`, `mi, sdi, ni`, ...).
        measure: a measure of two groups.
        options: which columns hold study and arm, which arm is the reference.

    Raises:
        InputError: an arm occurs twice in a study, or a study has several arms and it is not said
            what to do with them.
        UnknownNameError: no study has the reference arm.
    """
    _check_arms(table, options)
    groups: dict[str, list[int]] = {}
    for i, study in enumerate(options.studies):
        groups.setdefault(study, []).append(i)
    found = _Pairs()
    for study, rows in groups.items():
        reference = [i for i in rows if options.arms[i] == options.reference]
        others = [i for i in rows if options.arms[i] != options.reference and options.arms[i]]
        if not reference or not others:
            lacks = f"no arm {options.reference!r}" if not reference else "no other arm"
            found.left_out.append((study, f"{lacks} to compare with"))
            continue
        if len(others) > 1:
            found.several.append(study)
        if options.multi_arm == "combine":
            found.pairs.append((others, reference[0], 1))
        else:
            found.pairs += [([i], reference[0], len(others)) for i in others]
    several = found.several
    if several and options.multi_arm is None:
        raise InputError(
            f"{table.name}: {', '.join(several[:5])}{' ...' if len(several) > 5 else ''} "
            f"{'have' if len(several) > 1 else 'has'} several arms beside {options.reference!r}: "
            "choose --multi-arm combine (one comparison per study), split (the reference arm is "
            "divided among the comparisons) or each (it counts in each of them)"
        )
    return _comparisons(table, numbers, measure, options, found)


@dataclass(frozen=True)
class ArmOptions:
    """How arms are told apart.

    Attributes:
        studies: the study of each row.
        arms: the arm of each row.
        reference: the arm that the others are compared with.
        multi_arm: "combine", "split", "each", or None when no study has several.
    """

    studies: list[str]
    arms: list[str]
    reference: str
    multi_arm: str | None = None


def _check_arms(table: PlainTable, options: ArmOptions) -> None:
    if options.multi_arm is not None and options.multi_arm not in MULTI_ARM:
        raise UnknownNameError("choice", options.multi_arm, MULTI_ARM, where="for --multi-arm")
    if options.reference not in options.arms:
        known = list(dict.fromkeys(a for a in options.arms if a))
        raise UnknownNameError("arm", options.reference, known, where=f"in {table.name}")
    seen: dict[tuple[str, str], int] = {}
    for i, key in enumerate(zip(options.studies, options.arms, strict=True)):
        if key in seen:
            raise InputError(
                f"{table.name}: lines {table.lines[seen[key]]} and {table.lines[i]} are both arm "
                f"{key[1]!r} of {key[0]}; with several outcomes or times choose one "
                "(--outcome-column, --where)"
            )
        seen[key] = i


@dataclass
class _Pairs:
    """Rows that are compared: (arms, reference, comparisons of the study), and what is not."""

    pairs: list[tuple[list[int], int, int]] = field(default_factory=list)
    several: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def _comparisons(
    table: PlainTable,
    numbers: dict[str, list[float]],
    measure: Measure,
    options: ArmOptions,
    found: _Pairs,
) -> Comparisons:
    pairs, several = found.pairs, found.several
    wide = _PAIRS | {"xi": ("ai", "ci") if "ai" in measure.family.allowed else ("x1i", "x2i")}
    columns: dict[str, list[float]] = {}
    if any(len(one) > 1 for one, _, _ in pairs):
        _can_combine(numbers, table.name)
    for name, values in numbers.items():
        if name in wide:
            first, second = wide[name]
            columns[first] = [_merged(name, one, numbers) for one, _, _ in pairs]
            columns[second] = [values[two] for _, two, _ in pairs]
        else:
            columns[name] = [values[one[0]] for one, _, _ in pairs]
    notes = [f"arms are compared with {options.reference!r}"]
    if several and options.multi_arm == "split":
        columns["shared"] = [float(n) for _, _, n in pairs]
    if several:
        done = {
            "combine": "their other arms are combined into one group (Cochrane Handbook 6.5.2.10)",
            "split": "their reference arm is divided among the comparisons (Handbook 23.3.4)",
            "each": "their reference arm counts in each comparison, as if it were several groups",
        }[options.multi_arm or "each"]
        notes.append(f"studies with several arms ({', '.join(several)}): {done}")
    first_rows = [one[0] for one, _, _ in pairs]
    studies = [options.studies[i] for i in first_rows]
    labels = [
        f"{s}: {options.arms[one[0]]}" if len(one) == 1 and n > 1 else s
        for s, (one, _, n) in zip(studies, pairs, strict=True)
    ]
    return Comparisons(table.keep(first_rows), columns, labels, studies, notes, found.left_out)


_ADDED: Final = ("xi", "ni", "ti")
_POOLED: Final = ("mi", "sdi")


def _can_combine(numbers: dict[str, list[float]], name: str) -> None:
    """Demand that arms have numbers that can be combined: counts, or sizes, means and SDs."""
    foreign = [n for n in numbers if n not in (*_ADDED, *_POOLED, *_COMMON)]
    if foreign:
        raise InputError(
            f"{name}: arms with {', '.join(foreign)} cannot be combined; give counts, or sizes, "
            "means and SDs, or choose --multi-arm split or each"
        )


def _merged(name: str, rows: list[int], numbers: dict[str, list[float]]) -> float:
    """Return a number of one arm, or of several arms together."""
    values = [numbers[name][i] for i in rows]
    if len(rows) == 1:
        return values[0]
    if name in _ADDED:
        return float(sum(values))
    from review.stats.effects.trial_designs import combine_groups

    needed = [[numbers[n][i] for i in rows] for n in ("ni", "mi", "sdi")]
    if any(math.isnan(x) for column in needed for x in column):
        return float("nan")
    _, mean, sd = combine_groups(*needed)
    return mean if name == "mi" else sd
