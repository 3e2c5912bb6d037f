"""P-values recomputed from printed test statistics, with the rounding of the statistic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from review.errors import StatsError, UnknownNameError
from review.stats.consistency.tail_areas import chi2_area, f_area, normal_area, t_area

if TYPE_CHECKING:
    from review.stats.consistency.rounding_ranges import Printed

Tail = Literal["two", "one"]
STATISTICS: Final = ("t", "F", "chi2", "z", "r", "rho")
# as people write them
SPELLINGS: Final[dict[str, str]] = {
    "t": "t", "f": "F", "chi2": "chi2", "chi-square": "chi2", "chisq": "chi2", "chi^2": "chi2",
    "chi squared": "chi2", "x2": "chi2", "χ2": "chi2", "χ²": "chi2", "z": "z", "r": "r",
    "pearson": "r", "rho": "rho", "ρ": "rho", "rs": "rho", "spearman": "rho",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A recomputed p-value.

    Attributes:
        p: of the statistic as printed.
        low, high: of all statistics that round to the printed one.
        tail: `two` or `one`.
        formula: the test with its numbers, readable.
    """

    p: float
    low: float
    high: float
    tail: Tail
    formula: str


def statistic_name(name: str) -> str:
    """Return the code of a test statistic.

    Raises:
        UnknownNameError: not a statistic whose p can be recomputed.

    Example:
        >>> statistic_name("Chi-square"), statistic_name("f")
        ('chi2', 'F')
    """
    code = SPELLINGS.get(name.strip().casefold())
    if code is None:
        raise UnknownNameError("statistic", name, STATISTICS)
    return code


def recompute_p(
    statistic: str,
    value: Printed,
    *,
    df1: float | None = None,
    df2: float | None = None,
    n: int | None = None,
    tail: Tail = "two",
) -> Recomputed:
    """Recompute the p-value of a printed statistic.

    Args:
        statistic: `t` (df1), `F` (df1, df2), `chi2` (df1), `z`, `r` or `rho` (n, or df1 = n - 2;
            both by Student's t, which is an approximation for rho).
        value: as printed.
        df1: degrees of freedom; of F those of the numerator.
        df2: of F those of the denominator; taken for df1 by the others when df1 is not given.
        n: number of points of a correlation.
        tail: `one` halves the two-sided p of t, z, r and rho, and of chi2 or F with df1 = 1.

    Raises:
        StatsError: degrees of freedom are missing or not positive, or no such statistic exists.

    Example:
        >>> from review.stats.consistency.rounding_ranges import printed
        >>> round(recompute_p("t", printed("2.20"), df1=28).p, 4)
        0.0362
    """
    code = statistic_name(statistic)
    number = float(value)
    if code in {"F", "chi2"} and number < 0:
        raise StatsError(f"{code} = {value} cannot be negative")
    if code in {"r", "rho"} and abs(number) > 1:
        raise StatsError(f"{code} = {value} is not between -1 and 1")
    df = _degrees(code, df1, df2, n)
    if tail == "one" and code in {"F", "chi2"} and df[0] != 1:
        raise StatsError(f"a one-sided {code} needs df1 = 1: with more it has no direction")
    half = float(value.unit) / 2
    near, far = max(abs(number) - half, 0.0), abs(number) + half
    if code in {"r", "rho"}:
        far = min(far, 1.0)
    share = 0.5 if tail == "one" else 1.0
    p, high, low = (share * _two_sided(code, x, df) for x in (abs(number), near, far))
    shown = ", ".join(f"{d:g}" for d in df)
    inside = f"({shown})" if df else ""
    name = {"chi2": "chi2", "F": "F"}.get(code, f"|{code}|")
    formula = f"{'one-sided ' if tail == 'one' else ''}P({name}{inside} >= {abs(value.value)})"
    return Recomputed(p, low, high, tail, f"{formula} = {show_p(p)}")


def _degrees(code: str, df1: float | None, df2: float | None, n: int | None) -> tuple[float, ...]:
    if code == "z":
        return ()
    if code == "F":
        if df1 is None or df2 is None:
            raise StatsError("F needs df1 and df2")
        df: tuple[float, ...] = (df1, df2)
    else:
        one = df1 if df1 is not None else df2
        if code in {"r", "rho"} and n is not None:
            one = n - 2
        if one is None:
            needs = "n (or df1 = n - 2)" if code in {"r", "rho"} else "df1"
            raise StatsError(f"{code} needs {needs}")
        df = (one,)
    if min(df) <= 0 or not all(map(math.isfinite, df)):
        said = "at least 3 points" if code in {"r", "rho"} else "positive degrees of freedom"
        raise StatsError(f"{code} needs {said}")
    return df


def _two_sided(code: str, x: float, df: tuple[float, ...]) -> float:
    """Return the p-value of a statistic of size x >= 0 (upper tail of chi2 and F)."""
    if code == "z":
        return normal_area(x)
    if code == "chi2":
        return chi2_area(df[0], x)
    if code == "F":
        return f_area(df[0], df[1], x)
    if code in {"r", "rho"}:
        if x >= 1:
            return 0.0
        x *= math.sqrt(df[0] / (1 - x * x))
    return min(1.0, t_area(df[0], x))


def show_p(p: float) -> str:
    """Return a p-value with enough digits to compare it.

    Example:
        >>> show_p(0.03624), show_p(1e-9), show_p(0)
        ('0.03624', '1.0e-09', '0')
    """
    if p == 0:
        return "0"
    return f"{p:.4g}" if p >= 1e-4 else f"{p:.1e}"
