"""Can a printed rank correlation have its printed p-value, given how many points there were?"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from review.errors import StatsError
from review.stats.consistency.tail_areas import t_area
from review.words import p_number

LARGEST_N: Final = 10**12


@dataclass(frozen=True)
class ReportedCorrelation:
    """The check of a printed rho and p against a number of points.

    Attributes:
        rho, p: as printed.
        n_max: the most points there can be.
        p_low, p_high: the p-values that 3 to `n_max` points allow for a rho that rounds to the
            printed one.
        possible: whether one of them rounds to the printed p.
        possible_one_sided: the same for a one-sided test.
        n_needed: the fewest points for which exactly the printed rho has a p that rounds to the
            printed one; None when no number is enough.
        n_needed_low: the same when rho may be anything that rounds to the printed one.
        verdict: the above in one sentence.
    """

    rho: float
    p: float
    n_max: int
    p_low: float
    p_high: float
    possible: bool
    possible_one_sided: bool
    n_needed: int | None
    n_needed_low: int | None
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """Return the check as a dictionary that JSON can hold."""
        return asdict(self)


def check_reported_correlation(
    rho: str | Decimal | float, p: str | Decimal | float, n_max: int
) -> ReportedCorrelation:
    """Check a printed rank correlation, by Student's t approximation.

    Args:
        rho: as printed; text keeps the digits, which decide the rounding (`"0.10"`).
        p: as printed.
        n_max: the most points there can be.

    Raises:
        StatsError: not numbers, out of range, or fewer than 3 points.

    Example:
        >>> check = check_reported_correlation("0.05", "0.03", 41)
        >>> check.possible, round(check.p_low, 2), check.n_needed
        (False, 0.73, 1779)
    """
    r, r_half = _printed(rho, "rho", -1)
    q, q_half = _printed(p, "p", 0)
    if type(n_max) is not int or n_max < 3:
        from review.stats.ground.arguments import whole

        n_max = whole("n_max", n_max, least=3)
    weakest, strongest = max(abs(r) - r_half, 0.0), min(abs(r) + r_half, 1.0)
    low, high = max(q - q_half, 0.0), min(q + q_half, 1.0)
    p_low, p_high = p_from_rho(strongest, n_max), p_from_rho(weakest, 3)
    possible = _possible(weakest, strongest, (low, high), n_max)
    one_sided = _possible_one_sided(weakest, strongest, (low, high), n_max)
    needed, needed_low = _fewest(abs(r), high), _fewest(strongest, high)
    check = ReportedCorrelation(
        rho=r,
        p=q,
        n_max=n_max,
        p_low=p_low,
        p_high=p_high,
        possible=possible,
        possible_one_sided=one_sided,
        n_needed=needed,
        n_needed_low=needed_low,
        verdict="",
    )
    return replace(check, verdict=_verdict(check, f"rho = {rho} with p = {p}"))


def p_from_rho(rho: float, n: int) -> float:
    """Return the two-sided p-value of a rank correlation by Student's t approximation.

    Example:
        >>> round(p_from_rho(0.13, 41), 3)
        0.418
    """
    if abs(rho) >= 1:
        return 0.0
    return t_area(n - 2, rho * math.sqrt((n - 2) / (1 - rho * rho)))


def _printed(value: str | Decimal | float, name: str, least: int) -> tuple[float, float]:
    """The number and half a unit of its last printed digit."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise StatsError(f"{name} = {value!r} is no number") from None
    if not number.is_finite() or not least <= number <= 1:
        raise StatsError(f"{name} = {value} is not between {least} and 1")
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return float(number), 0.5 * 10.0 ** min(exponent, 0)


def _possible(weakest: float, strongest: float, wanted: tuple[float, float], n_max: int) -> bool:
    """Whether some n from 3 to n_max has a p-value in the wanted range.

    The smallest n that reaches down to the range is the one whose p-values reach highest.
    """
    if wanted[0] > wanted[1]:
        return False
    first = _fewest(strongest, wanted[1])
    return first is not None and first <= n_max and bool(p_from_rho(weakest, first) >= wanted[0])


def _possible_one_sided(
    weakest: float, strongest: float, wanted: tuple[float, float], n_max: int
) -> bool:
    """The same for a one-sided p: half the two-sided one, or the rest when rho points away."""
    low, high = wanted
    towards, away = (2 * low, min(2 * high, 1.0)), (max(2 - 2 * high, 0.0), min(2 - 2 * low, 1.0))
    return any(_possible(weakest, strongest, side, n_max) for side in (towards, away))


def _fewest(rho: float, p: float) -> int | None:
    """The smallest n at which `rho` has a p-value of at most `p`; None when there is none."""
    if p_from_rho(rho, 3) <= p:
        return 3
    if p_from_rho(rho, LARGEST_N) > p:
        return None
    few, enough = 3, LARGEST_N
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if p_from_rho(rho, middle) <= p else (middle, enough)
    return enough


def _verdict(check: ReportedCorrelation, said: str) -> str:
    if check.possible:
        return f"{said} is possible with at most {check.n_max:,} points"
    aside = "; a one-sided test could give it" if check.possible_one_sided else ""
    needed = check.n_needed if check.n_needed is not None else check.n_needed_low
    if needed is not None and needed <= check.n_max:
        return f"{said} is impossible: no number of points up to {check.n_max:,} gives it{aside}"
    need = "no number of points gives it" if needed is None else f"it needs about {needed:,} points"
    return (
        f"{said} is impossible with at most {check.n_max:,} points, where p is at least "
        f"{p_number(check.p_low)}; {need}{aside}"
    )
