"""Arms as studies report them (counts, means) made into the comparisons of a network."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.effects import effect_size
from review.stats.effects.argument_columns import look_up, to_floats
from review.stats.effects.row_account import LeftOut
from review.stats.effects.standardized_differences import hedges_factor
from review.stats.effects.transforms import transform_name
from review.stats.ground.arguments import finite, real
from review.stats.ground.guard import guarded
from review.stats.networks.network_rows import name_order, read_names
from review.stats.pooling.meta_rows import choose
from review.words import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from review.stats.ground.least_squares import FloatArray

# measure -> the numbers of an arm; all are differences of what the arms have each, so that the
# comparisons of a study with several arms add up
NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "OR": ("xi", "ni"), "RR": ("xi", "ni"), "RD": ("xi", "ni"), "AS": ("xi", "ni"),
    "IRR": ("xi", "ti"), "IRD": ("xi", "ti"), "IRSD": ("xi", "ti"),
    "MD": ("mi", "sdi", "ni"), "ROM": ("mi", "sdi", "ni"), "SMD": ("mi", "sdi", "ni"),
}  # fmt: skip
CORRECTED: Final = frozenset({"OR", "RR", "RD", "IRR", "IRD"})
RELATIVE: Final = frozenset({"OR", "RR", "IRR"})
_OF_PAIR: Final = {"xi": ("ai", "ci"), "ni": ("n1i", "n2i"), "mi": ("m1i", "m2i"),
                   "sdi": ("sd1i", "sd2i"), "ti": ("t1i", "t2i")}  # fmt: skip
_OF_RATES: Final = _OF_PAIR | {"xi": ("x1i", "x2i")}


@dataclass(frozen=True, eq=False)
class ArmContrasts:
    """All comparisons within studies, ready for `network_meta`.

    Attributes:
        te, se: effect of treat1 against treat2 and its standard error, (m,).
        treat1, treat2, studlab: names, one per comparison.
        measure: code of the measure. transf: name of its back-transformation.
        persons: persons (or time) per treatment over all studies used.
        left_out: arms and studies not used, with the reason. notes: what was done.
    """

    te: FloatArray
    se: FloatArray
    treat1: tuple[str, ...]
    treat2: tuple[str, ...]
    studlab: tuple[str, ...]
    measure: str
    transf: str
    persons: dict[str, float] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return one row per comparison."""
        import pandas as pd

        names = ("studlab", "treat1", "treat2", "te", "se")
        return pd.DataFrame({name: getattr(self, name) for name in names})


@guarded
def arm_contrasts(
    measure: str,
    treat: Any,
    studlab: Any,
    *,
    xi: Any = None,
    ni: Any = None,
    ti: Any = None,
    mi: Any = None,
    sdi: Any = None,
    data: Any = None,
    add: float = 0.5,
    drop00: bool = False,
) -> ArmContrasts:
    """Turn one row per arm into all comparisons within each study.

    A constant for zero cells goes to all arms of a study in which any has one: added to single
    comparisons, those of a study with several arms would no longer add up. For SMD the standard
    deviation is pooled over all arms of a study, with Hedges' factor of its N - n degrees of
    freedom and the variance 1/n_i + 1/n_j + g^2/(2N) (Hedges & Olkin 1985, p. 86; Gleser & Olkin
    2009), which for two arms is the usual one.

    Args:
        measure: "OR", "RR", "RD", "AS" (counts: xi of ni), "IRR", "IRD", "IRSD" (rates: xi in ti),
            "MD", "ROM", "SMD" (means: mi, sdi, ni).
        treat: treatment of each arm, (a,), or a column name of `data`.
        studlab: study of each arm.
        xi: events of each arm.
        ni: persons.
        ti: person-time.
        mi: means.
        sdi: standard deviations.
        data: data frame or mapping in which names are looked up.
        add: constant for studies with a zero cell (OR, RR, RD, IRR, IRD).
        drop00: leave out studies without events (or, for OR, with events only) in all arms, which
            say nothing about a ratio.

    Raises:
        InputError: numbers are missing or foreign; names are blank; a treatment stands twice in a
            study (the rows are named).
        StatsError: an impossible number; no study with two arms is left.

    Example:
        >>> made = arm_contrasts("OR", ["A", "B", "A", "C"], ["s1", "s1", "s2", "s2"],
        ...                      xi=[9, 23, 11, 12], ni=[140, 140, 78, 85])
        >>> made.treat1, made.te.round(3).tolist()
        (('A', 'A'), [-1.051, -0.001])
    """
    measure = choose("measure", measure, NEEDS)
    given = {"xi": xi, "ni": ni, "ti": ti, "mi": mi, "sdi": sdi}
    numbers = _columns(measure, given, data)
    a = len(next(iter(numbers.values())))
    add = real("add", add, least=0)
    treats, studies = (
        read_names(n, v, data, a) for n, v in (("treat", treat), ("studlab", studlab))
    )
    _check_twice(treats, studies)
    _check_counts(numbers, treats, studies)
    found = _Found()
    usable = _usable(numbers, treats, studies, found)
    groups: dict[str, list[int]] = {}
    for i in usable:
        groups.setdefault(studies[i], []).append(i)
    used: list[list[int]] = []
    silent = []
    for name, arms in groups.items():
        reason = "only one arm: nothing to compare" if len(arms) < 2 else ""
        if not reason and (silence := _silence(measure, numbers, arms)):
            silent.append(name)
            reason = silence if drop00 else ""
        if reason:
            found.left_out += [LeftOut(i + 1, name, reason) for i in arms]
        else:
            used.append(sorted(arms, key=lambda i: name_order(treats[i])))
    if silent and not drop00:
        found.notes.append(
            f"{listed(silent, most=5)} without events, or with events only, in all arms: what they "
            f"say about {measure} is the constant that was added; drop00=True leaves them out"
        )
    if not used:
        said = f" ({found.left_out[0]})" if found.left_out else ""
        raise StatsError(f"no study has two arms that can be compared{said}")
    if measure in CORRECTED:
        numbers = _correct(numbers, used, studies, add, found)
    pairs = [(i, j) for arms in used for i, j in combinations(arms, 2)]
    te, v = _effects(measure, numbers, pairs, used)
    kind = "ti" if "ti" in numbers else "ni"
    persons: dict[str, float] = {}
    for i in sorted(i for arms in used for i in arms):
        persons[treats[i]] = persons.get(treats[i], 0.0) + float(numbers[kind][i])
    bad = [p for p, x, var in zip(pairs, te, v, strict=True) if not (np.isfinite(x) and var > 0)]
    if bad:
        named = listed(
            (f"{studies[i]} ({treats[i]} against {treats[j]}, rows {i + 1} and {j + 1})"
             for i, j in bad), most=5, last="",
        )  # fmt: skip
        raise StatsError(f"{measure} has no effect or no variance in {named}")
    return ArmContrasts(
        te, np.sqrt(v), tuple(treats[i] for i, _ in pairs), tuple(treats[j] for _, j in pairs),
        tuple(studies[i] for i, _ in pairs), measure, transform_name(measure), persons,
        tuple(sorted(found.left_out, key=lambda o: o.row)), tuple(found.notes),
    )  # fmt: skip


@dataclass
class _Found:
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _columns(measure: str, given: dict[str, Any], data: Any) -> dict[str, FloatArray]:
    needs = NEEDS[measure]
    foreign = [name for name, value in given.items() if value is not None and name not in needs]
    missing = [name for name in needs if given[name] is None]
    if foreign or missing:
        what = f"lacks {listed(missing)}" if missing else f"takes no {listed(foreign, last='or')}"
        raise InputError(f"{measure} of arms {what}; it needs {listed(needs)}, one value per arm")
    numbers = {
        name: np.atleast_1d(finite(name, to_floats(name, look_up(name, given[name], data))))
        for name in needs
    }
    if len({len(x) for x in numbers.values()}) > 1:
        said = listed(f"{name} has {len(x)}" for name, x in numbers.items())
        raise InputError(f"the columns of the arms differ in length: {said}")
    if not len(numbers[needs[0]]):
        raise InputError("there are no arms")
    return numbers


def _check_twice(treats: Sequence[str], studies: Sequence[str]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for i, key in enumerate(zip(studies, treats, strict=True)):
        if key in seen:
            raise InputError(
                f"rows {seen[key] + 1} and {i + 1} are both arm {key[1]!r} of study {key[0]}: "
                "combine them, or name them apart"
            )
        seen[key] = i


def _check_counts(
    numbers: dict[str, FloatArray], treats: Sequence[str], studies: Sequence[str]
) -> None:
    checks: list[tuple[str, Any, str]] = []
    if "xi" in numbers:
        checks.append(("xi", numbers["xi"] < 0, "must be a count of 0 or more"))
    checks += [(n, numbers[n] <= 0, "must be above 0") for n in ("ni", "ti") if n in numbers]
    if "ni" in numbers and "xi" in numbers:
        checks.append(("xi", numbers["xi"] > numbers["ni"], "cannot exceed ni"))
    if "sdi" in numbers:
        checks.append(("sdi", numbers["sdi"] <= 0, "must be above 0"))
    for name, bad, rule in checks:
        rows = np.flatnonzero(bad).tolist()
        if rows:
            where = listed(
                (f"row {i + 1} ({studies[i]}, {treats[i]}) has {numbers[name][i]:g}" for i in rows),
                most=5, last="",
            )  # fmt: skip
            raise StatsError(f"{name} {rule}: {where}")


def _usable(
    numbers: dict[str, FloatArray], treats: Sequence[str], studies: Sequence[str], found: _Found
) -> list[int]:
    out = []
    for i in range(len(treats)):
        gaps = [name for name, x in numbers.items() if np.isnan(x[i])]
        if gaps:
            found.left_out.append(
                LeftOut(i + 1, studies[i], f"arm {treats[i]}: no {' and no '.join(gaps)}")
            )
        else:
            out.append(i)
    return out


def _silence(measure: str, numbers: dict[str, FloatArray], arms: list[int]) -> str:
    """Why a study says nothing about a ratio, or ""."""
    if measure not in RELATIVE:
        return ""
    x = numbers["xi"][arms]
    if not x.any():
        return "no events in any arm: no information about a ratio"
    if measure == "OR" and (x == numbers["ni"][arms]).all():
        return "all persons have the event in every arm: no information about odds"
    return ""


def _correct(
    numbers: dict[str, FloatArray],
    used: list[list[int]],
    studies: Sequence[str],
    add: float,
    found: _Found,
) -> dict[str, FloatArray]:
    """Add the constant to all arms of studies with a zero cell."""
    out = {name: x.copy() for name, x in numbers.items()}
    counts = "ni" in numbers
    named = []
    for arms in used:
        x = numbers["xi"][arms]
        if not ((x == 0).any() or (counts and (x == numbers["ni"][arms]).any())) or not add:
            continue
        named.append(studies[arms[0]])
        out["xi"][arms] += add
        if counts:
            out["ni"][arms] += 2 * add
    if named:
        found.notes.append(
            f"{add:g} was added to all cells of {listed(named, most=5)}, where an arm has a zero "
            "cell"
        )
    return out


def _effects(
    measure: str, numbers: dict[str, FloatArray], pairs: list[tuple[int, int]],
    used: list[list[int]],
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    first, second = (np.array(x, dtype=np.intp) for x in zip(*pairs, strict=True))
    names = _OF_RATES if "ti" in numbers else _OF_PAIR
    columns: dict[str, Any] = {}
    for name, x in numbers.items():
        columns[names[name][0]], columns[names[name][1]] = x[first], x[second]
    made = effect_size(measure, to="none", **columns)
    te, v = np.array(made.yi), np.array(made.vi)
    if measure == "SMD":
        several = {arms[j]: arms for arms in used for j in range(len(arms)) if len(arms) > 2}
        for row, (i, j) in enumerate(pairs):
            if i in several:
                te[row], v[row] = _standardised(numbers, several[i], i, j)
    return te, v


def _standardised(
    numbers: dict[str, FloatArray], arms: list[int], i: int, j: int
) -> tuple[float, float]:
    n, sd, mean = numbers["ni"], numbers["sdi"], numbers["mi"]
    df = float((n[arms] - 1).sum())
    pooled = float(np.sqrt(((n[arms] - 1) * sd[arms] ** 2).sum() / df))
    g = float(hedges_factor(np.array([df]))[0]) * float(mean[i] - mean[j]) / pooled
    return g, float(1 / n[i] + 1 / n[j] + g * g / (2 * n[arms].sum()))


def contrasts_given(
    te: Any, se: Any, treat1: Any, treat2: Any, studlab: Any, *, measure: str | None = None
) -> ArmContrasts:
    """Return what was given as contrasts, unread: columns may be names still.

    Raises:
        InputError: the result of `arm_contrasts` comes with columns of its own.
        UnknownNameError: there is no such measure.
    """
    if isinstance(te, ArmContrasts):
        if any(x is not None for x in (se, treat1, treat2, studlab, measure)):
            raise InputError(
                "the result of arm_contrasts holds standard errors, treatments, studies and "
                "measure: pass it alone"
            )
        return te
    transf = "identity"
    if measure:
        from review.stats.effects.measure_registry import MEASURES

        measure = choose("measure", measure, MEASURES)
        transf = transform_name(measure)
    return ArmContrasts(te, se, treat1, treat2, studlab, measure or "", transf)
