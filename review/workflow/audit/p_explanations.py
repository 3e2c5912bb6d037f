"""What explains a p-value that its statistic does not give, before anybody is accused.

One-sided tests, corrections for several tests, degrees of freedom corrected by Greenhouse and
Geisser or Welch, exact tests, and a t written as z or a z as t.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.errors import StatsError
from review.stats.consistency.interval_pvalues import z_of_p
from review.stats.consistency.recomputed_pvalues import Recomputed, recompute_p, show_p
from review.stats.consistency.rounding_ranges import printed
from review.workflow.audit.claim import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.stats.consistency.rounding_ranges import Printed
    from review.workflow.audit.pvalues import StatedP
    from review.workflow.audit.said_words import Said

_CLOSE: Final = 0.5  # z: exact, resampled and rank tests of the same data differ by less
_STEPS: Final = 20
_LEAST_DF, _MOST_DF = 5, 200  # of a t that was written as z


@dataclass(frozen=True, slots=True)
class Tested:
    """A statistic whose p-value is judged.

    Attributes:
        code: as in `recompute_p`.
        value: as printed.
        df: its degrees of freedom, as they stand.
        n: number of points, if stated.
        df_may_be_n: r(30) may be written for 30 points.
    """

    code: str
    value: Printed
    df: tuple[float, ...] = ()
    n: int | None = None
    df_may_be_n: bool = False

    def p(self, df: tuple[float, ...] | None = None, code: str | None = None) -> Recomputed | None:
        """Recompute, with other degrees of freedom or as another statistic; None: it cannot be."""
        one, two = (*(self.df if df is None else df), None, None)[:2]
        n = self.n if df is None else None
        try:
            return recompute_p(code or self.code, self.value, df1=one, df2=two, n=n)
        except StatsError:
            return None


def fits(stated: StatedP, low: float, high: float) -> bool:
    """Whether some p from low to high prints like the stated one.

    Example:
        >>> from review.workflow.audit.pvalues import parse_p
        >>> [fits(parse_p(t), 0.03, 0.04) for t in ("0.035", "<0.05", ">0.05")]
        [True, True, False]
    """
    if stated.sign == "<":
        return low < float(stated.number)
    if stated.sign == ">":
        return high > float(stated.number)
    return stated.number.fit(low, high) != "no"


def explain(tested: Tested, stated: StatedP, said: Said) -> tuple[Verdict, str]:
    """Return the verdict on a p-value that its statistic alone does not give, and why.

    What is said in the same sentence makes it consistent; what is said elsewhere in the text, or
    nowhere but is usual, leaves it open.
    """
    notes = []
    for verdict, note in _reasons(tested, stated, said):
        if verdict is not Verdict.INCONSISTENT:
            return verdict, note
        notes.append(note)
    return Verdict.INCONSISTENT, "; ".join(notes)


def _reasons(tested: Tested, stated: StatedP, said: Said) -> Iterator[tuple[Verdict, str]]:
    found = tested.p()
    if found is None:
        return
    yield from _sides(tested, stated, said, found)
    yield from _degrees(tested, stated, said)
    yield from _other_distribution(tested, stated, found)
    where = said.where("corrected")
    if where and _more(stated, found):
        yield _open(where), _as_said("a correction for several tests would explain it", where)
    where = said.where("exact")
    near = _apart(stated, found) <= _CLOSE
    if where and near:
        yield _open(where), _as_said("an exact or resampling test would explain it", where)
    if tested.code == "rho" and (near or (tested.n or 99) < 10):
        yield Verdict.UNCHECKED, "an exact test of ranks would explain it"


def _open(where: str) -> Verdict:
    return Verdict.CONSISTENT if where == "here" else Verdict.UNCHECKED


def _as_said(note: str, where: str) -> str:
    return f"{note}, which the text names" if where == "elsewhere" else note


def _sides(
    tested: Tested, stated: StatedP, said: Said, found: Recomputed
) -> Iterator[tuple[Verdict, str]]:
    sided = tested.code in {"t", "z", "r", "rho"} or (
        tested.code in {"F", "chi2"} and tested.df[:1] == (1.0,)
    )
    if not sided:
        return
    if fits(stated, found.low / 2, found.high / 2):
        where = said.where("one-sided")
        note = f"a one-sided test gives it (p = {show_p(found.p / 2)})"
        yield (_open(where) if where else Verdict.INCONSISTENT), note
    elif fits(stated, 1 - found.high / 2, 1 - found.low / 2) and said.where("one-sided"):
        yield _open(said.where("one-sided")), "a one-sided test to the other side gives it"


def _degrees(tested: Tested, stated: StatedP, said: Said) -> Iterator[tuple[Verdict, str]]:
    code, df = tested.code, tested.df
    if code in {"r", "rho"} and tested.df_may_be_n and df and df[0] > 2:
        found = tested.p((df[0] - 2,))
        if found is not None and fits(stated, found.low, found.high):
            yield (
                Verdict.CONSISTENT,
                f"{df[0]:g} is the number of points, not of degrees of freedom",
            )
    ways: list[tuple[str, list[tuple[float, ...]], str]] = []
    if code == "F" and len(df) == 2 and df[0] > 1:
        # p neither rises nor falls with epsilon, which lies between 1 / df1 and 1
        grid = [1 / df[0] + (1 - 1 / df[0]) * i / _STEPS for i in range(_STEPS + 1)]
        dfs: list[tuple[float, ...]] = [(df[0] * e, df[1] * e) for e in grid]
        ways.append(("sphericity", dfs, "degrees of freedom corrected for sphericity"))
    if code in {"t", "F"} and df:
        last = df[-1]
        dfs = [(*df[:-1], max(1.0, last / 2)), (*df[:-1], last + 1)]
        ways.append(("unequal", dfs, "degrees of freedom by Welch or a mixed model"))
    for name, tried, words in ways:
        where = said.where(name)
        ps = [p for p in map(tested.p, tried) if p is not None] if where else []
        if ps and fits(stated, min(p.low for p in ps), max(p.high for p in ps)):
            yield _open(where), _as_said(f"{words} would explain it", where)


def _other_distribution(
    tested: Tested, stated: StatedP, found: Recomputed
) -> Iterator[tuple[Verdict, str]]:
    if stated.sign != "=":
        return
    if tested.code == "t":
        normal = tested.p((), "z")
        if normal is not None and fits(stated, normal.low, normal.high):
            note = f"it is the p-value of a z of this size ({show_p(normal.p)})"
            yield Verdict.UNCHECKED, f"{note}, or of a t on far more degrees of freedom"
    elif tested.code == "z" and _more(stated, found):
        most = _MOST_DF if tested.n is None else min(tested.n - 1, _MOST_DF)
        for df in range(most, _LEAST_DF - 1, -1):
            by_t = tested.p((float(df),), "t")
            if by_t is not None and fits(stated, by_t.low, by_t.high):
                yield (
                    Verdict.UNCHECKED,
                    f"a t on about {df} degrees of freedom written as z gives it",
                )
                return


def _more(stated: StatedP, found: Recomputed) -> bool:
    """Whether the printed p is above the computed one."""
    return stated.sign != "<" and float(stated.number.high) >= found.low


def _apart(stated: StatedP, found: Recomputed) -> float:
    return abs(z_of_p(float(stated.number)) - z_of_p(found.p))


def with_rounded_df(tested: Tested, df: tuple[Printed, ...], found: Recomputed) -> Recomputed:
    """Widen the range of p by the rounding of degrees of freedom with decimals (Welch, mixed)."""
    from dataclasses import replace

    low, high = found.low, found.high
    for i, one in enumerate(df):
        if one.unit >= 1:
            continue
        for end in (one.low, one.high):
            other = tested.p((*tested.df[:i], max(float(end), 1e-6), *tested.df[i + 1 :]))
            if other is not None:
                low, high = min(low, other.low), max(high, other.high)
    return replace(found, low=low, high=high)


def zero_p(stated: StatedP) -> str:
    """Return what is to be said of p = .000; an empty text for other p-values.

    Example:
        >>> from review.workflow.audit.pvalues import parse_p
        >>> zero_p(parse_p(".000"))
        'a p-value is above 0: p < 0.001 is meant'
    """
    number = stated.number
    if number.value != 0 or number.unit >= 1:  # p = 0 without decimals may be another quantity
        return ""
    return f"a p-value is above 0: p < {printed(str(number.unit))} is meant"
