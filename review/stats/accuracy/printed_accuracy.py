"""From accuracy measures as printed to the 2 x 2 table behind them, or why there is none.

A printed 0.93 stands for every number that rounds to it. A table fits when each of its measures
prints like the stated one (Brown & Heathers 2017 for single proportions; here for all measures of a
table together). A table that does not exist is refused, with the nearest that do.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from review.errors import StatsError
from review.stats.consistency.rounding_ranges import Printed, possible_counts, printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Ratio = tuple[int, int]


class Table(NamedTuple):
    """A 2 x 2 table."""

    tp: int
    fn: int
    fp: int
    tn: int


# measure -> numerator and denominator from a table
MEASURES: Final[dict[str, Callable[[Table], Ratio]]] = {
    "sens": lambda t: (t.tp, t.tp + t.fn),
    "spec": lambda t: (t.tn, t.fp + t.tn),
    "ppv": lambda t: (t.tp, t.tp + t.fp),
    "npv": lambda t: (t.tn, t.fn + t.tn),
    "accuracy": lambda t: (t.tp + t.tn, sum(t)),
    "prevalence": lambda t: (t.tp + t.fn, sum(t)),
    "lr_pos": lambda t: (t.tp * (t.fp + t.tn), t.fp * (t.tp + t.fn)),
    "lr_neg": lambda t: (t.fn * (t.fp + t.tn), t.tn * (t.tp + t.fn)),
    "dor": lambda t: (t.tp * t.tn, t.fp * t.fn),
}
SHARES: Final = ("sens", "spec", "ppv", "npv", "accuracy", "prevalence")
SIZES: Final = ("n_pos", "n_neg", "n")
MOST_TABLES: Final = 200_000  # candidates that are tried for one study


@dataclass(frozen=True)
class Rebuilt:
    """A table, or why there is none.

    Attributes:
        table: (tp, fn, fp, tn); a pair is (-1, -1) when nothing is stated about it. None when the
            numbers do not give a table.
        reason: why there is none.
        doubt: what deserves a remark: several tables fit, or digits were cut off.
    """

    table: Table | None
    reason: str = ""
    doubt: str = ""


def share(text: object, *, percent: bool = False) -> Printed:
    """Read a share as printed: 0.93, "0.930", "93.0%", or 93.0 with `percent`.

    Raises:
        StatsError: it is no number, or lies outside 0 to 1.

    Example:
        >>> str(share("93.0%")), str(share("0.930"))
        ('0.930', '0.930')
    """
    raw = str(text).strip() if not isinstance(text, float) else repr(float(text))
    scaled = raw.endswith("%") or percent
    number = printed(raw.removesuffix("%").strip())
    if scaled:
        number = Printed(number.value.scaleb(-2), number.unit.scaleb(-2))
    if not 0 <= number.value <= 1:
        hint = "" if scaled or not 1 < number.value <= 100 else "; write per cents as '93%'"
        raise StatsError(f"{raw} is no share from 0 to 1{hint}")
    return number


def rebuild(stated: Mapping[str, Printed], sizes: Mapping[str, int]) -> Rebuilt:
    """Return the table that prints like all that a study states.

    Args:
        stated: measures of `MEASURES` as printed.
        sizes: those known of n_pos, n_neg and n.

    Example:
        >>> rebuild({"sens": share("0.96"), "spec": share("0.867")}, {"n_pos": 75, "n_neg": 75})
        Rebuilt(table=Table(tp=72, fn=3, fp=10, tn=65), reason='', doubt='')
        >>> rebuild({"sens": share("0.838")}, {"n_pos": 35}).reason
        'sens 0.838 of 35 is impossible: the nearest are 29/35 = 0.829 and 30/35 = 0.857'
    """
    sizes = _complete(sizes)
    wrong = _contradiction(sizes)
    if wrong:
        return Rebuilt(None, wrong)
    if "n" not in sizes:
        return _one_group(stated, sizes)
    for name, size in (("sens", "n_pos"), ("spec", "n_neg")):
        if name in stated and size in sizes:
            reason = impossible(name, stated[name], sizes[size])
            if reason:
                return Rebuilt(None, reason)
    if len({*stated} & {*MEASURES} - {"prevalence"}) < 2:
        return Rebuilt(None, "a table needs two measures, such as sens and spec")
    fits: dict[bool, list[Table]] = {False: [], True: []}
    for tried, table in enumerate(_candidates(stated, sizes)):
        if tried == MOST_TABLES:
            return Rebuilt(None, "too many tables are possible: state n_pos and n_neg")
        kinds = {_fit(stated[m], MEASURES[m](table)) for m in stated}
        if "no" not in kinds:
            fits["cut off" in kinds].append(table)
    found, cut = (fits[False], False) if fits[False] else (fits[True], True)
    if not found:
        said = ", ".join(f"{m} {v}" for m, v in stated.items())
        return Rebuilt(None, f"no 2 x 2 table of {_said(sizes)} has {said} together")
    positives = sorted({t[0] + t[1] for t in found})
    if len(positives) > 1:
        some = ", ".join(map(str, positives[:3])) + (", ..." if len(positives) > 3 else "")
        return Rebuilt(None, f"several tables fit (n_pos {some}): state n_pos")
    best = min(found, key=lambda t: (_distance(stated, t), t))
    return Rebuilt(best, doubt=_doubt(len(found), cut=cut))


def impossible(name: str, value: Printed, n: int) -> str:
    """Say that no count of n gives a share as printed, with the nearest; "" when one does."""
    found = possible_counts(value, n)
    if found.fit != "no":
        return ""
    digits = max(value.decimals, 2)
    near = [f"{int(x * n)}/{n} = {float(x):.{digits}f}" for x in dict.fromkeys(found.nearest)]
    verb = "is" if len(near) == 1 else "are"
    return f"{name} {value} of {n} is impossible: the nearest {verb} {' and '.join(near)}"


def _complete(sizes: Mapping[str, int]) -> dict[str, int]:
    """Add the size that follows from the other two."""
    out = dict(sizes)
    if "n" not in out and {"n_pos", "n_neg"} <= out.keys():
        out["n"] = out["n_pos"] + out["n_neg"]
    for one, other in (("n_pos", "n_neg"), ("n_neg", "n_pos")):
        if one not in out and {"n", other} <= out.keys():
            out[one] = out["n"] - out[other]
    return out


def _contradiction(sizes: Mapping[str, int]) -> str:
    if any(v < 0 for v in sizes.values()):
        return f"sizes contradict each other: {_said(sizes)}"
    if sizes.keys() >= {"n", "n_pos", "n_neg"} and sizes["n"] != sizes["n_pos"] + sizes["n_neg"]:
        total = sizes["n_pos"] + sizes["n_neg"]
        return f"n_pos + n_neg = {total}, but n = {sizes['n']}"
    return ""


def _said(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in sizes.items()) or "unknown size"


def _one_group(stated: Mapping[str, Printed], sizes: Mapping[str, int]) -> Rebuilt:
    """A study that says something about one group alone."""
    for name, size in (("sens", "n_pos"), ("spec", "n_neg")):
        if name in stated and sizes.get(size):
            reason = impossible(name, stated[name], sizes[size])
            if reason:
                return Rebuilt(None, reason)
            found = possible_counts(stated[name], sizes[size])
            count = _nearest(stated[name], sizes[size])
            rest = sizes[size] - count
            cells = (count, rest, -1, -1) if name == "sens" else (-1, -1, rest, count)
            several = found.high - found.low + 1
            return Rebuilt(Table(*cells), doubt=_doubt(several, cut=found.fit == "cut off"))
    return Rebuilt(None, "the numbers of diseased (n_pos) and not diseased (n_neg) are needed")


def _nearest(value: Printed, n: int) -> int:
    """The possible count whose share is nearest to the printed one."""
    found = possible_counts(value, n)
    aim = Fraction(value.value) * n
    return min(range(found.low, found.high + 1), key=lambda c: abs(c - aim))


def _candidates(stated: Mapping[str, Printed], sizes: Mapping[str, int]) -> Iterator[Table]:
    """Tables of the stated sizes whose sensitivity and specificity can be the stated ones."""
    n = sizes["n"]
    for n_pos in [sizes["n_pos"]] if "n_pos" in sizes else range(1, n):
        n_neg = n - n_pos
        if "prevalence" in stated and _fit(stated["prevalence"], (n_pos, n)) == "no":
            continue
        for tp in _counts(stated.get("sens"), n_pos):
            for tn in _counts(stated.get("spec"), n_neg):
                yield Table(tp, n_pos - tp, n_neg - tn, tn)


def _counts(value: Printed | None, n: int) -> range:
    if n < 1:
        return range(0)
    if value is None:
        return range(n + 1)
    if rounds := value.counts_of(n):
        return rounds
    found = possible_counts(value, n)
    return range(found.low, found.high + 1)


def _fit(value: Printed, ratio: Ratio) -> str:
    top, bottom = ratio
    return "no" if bottom == 0 else value.fit_ratio(top, bottom)


def _distance(stated: Mapping[str, Printed], table: Table) -> Fraction:
    """How far the measures of a table lie from the printed ones, in units of the last digit."""
    total = Fraction(0)
    for name, value in stated.items():
        top, bottom = MEASURES[name](table)
        off = (Fraction(top, bottom) - Fraction(value.value)) / (Fraction(value.unit) or 1)
        total += off * off
    return total


def _doubt(several: int, *, cut: bool) -> str:
    said = []
    if several > 1:
        said.append(f"{several} tables print alike, the nearest to the printed values is used")
    if cut:
        said.append("it fits only when digits were cut off instead of rounded")
    return "; ".join(said)
