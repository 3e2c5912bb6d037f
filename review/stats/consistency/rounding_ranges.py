"""Can printed numbers be true together? Rounding ranges, k/n, intervals. Pure arithmetic.

A printed number stands for every number that rounds to it: `0.90` for 0.895 to 0.905, `0.9` for
0.85 to 0.95. The digits as printed decide. Ends of the range are included, so that rounding half
up, half down and half to even are all allowed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final, Literal

from review.errors import StatsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Fit = Literal["rounds", "cut off", "no"]
_SLACK: Final = 1e-9  # of floating-point results, relative to one unit of the last digit

_ONE: Final = Decimal(1)
_LARGEST_INT: Final = 10**18


@dataclass(frozen=True)
class Printed:
    """A number as printed.

    Attributes:
        value: the number with its digits.
        unit: one unit of its last digit; 0 for a number known exactly.

    Example:
        >>> number = printed("0.90")
        >>> float(number.low), float(number.high), str(number)
        (0.895, 0.905, '0.90')
    """

    value: Decimal
    unit: Decimal

    @cached_property
    def low(self) -> Fraction:
        """The smallest number that rounds to it."""
        return Fraction(self.value) - Fraction(self.unit) / 2

    @cached_property
    def high(self) -> Fraction:
        """The largest number that rounds to it."""
        return Fraction(self.value) + Fraction(self.unit) / 2

    @cached_property
    def _bounds(self) -> tuple[int, ...]:
        """Numerators and denominators of low, high, and of what is too far off to matter."""
        value, unit = Fraction(self.value), Fraction(self.unit)
        ends = (self.low, self.high, value - 2 * unit, value + 2 * unit)
        return tuple(n for end in ends for n in (end.numerator, end.denominator))

    def fit_ratio(self, top: int, bottom: int) -> Fit:
        """Tell whether top/bottom (bottom above 0) prints like this one, as `fit` does.

        Whole numbers decide the clear cases, which are nearly all where many are tried.

        Example:
            >>> printed("0.67").fit_ratio(2, 3), printed("0.66").fit_ratio(2, 3)
            ('rounds', 'cut off')
        """
        low, low_by, high, high_by, least, least_by, most, most_by = self._bounds
        if top * low_by >= low * bottom and top * high_by <= high * bottom:
            return "rounds"
        if top * least_by < least * bottom or top * most_by > most * bottom:
            return "no"
        return self.fit(Fraction(top, bottom))

    def counts_of(self, n: int) -> range:
        """Return the counts k of n whose share k/n rounds to it; an empty range when none does.

        Example:
            >>> printed("0.95").counts_of(20), len(printed("0.93").counts_of(20))
            (range(19, 20), 0)
        """
        low, low_by, high, high_by = self._bounds[:4]
        return range(max(0, -(-low * n // low_by)), min(n, high * n // high_by) + 1)

    @property
    def decimals(self) -> int:
        """The digits after the decimal point."""
        return max(0, -int(self.value.as_tuple().exponent))

    def __float__(self) -> float:
        return float(self.value)

    def __str__(self) -> str:
        return f"{self.value:f}"

    def fit(self, low: float | Fraction, high: float | Fraction | None = None) -> Fit:
        """Tell whether a number (or some number from low to high) prints like this one.

        `rounds`: it rounds to the printed number; `cut off`: it does when digits are cut off
        instead; `no`: neither.

        Example:
            >>> printed("0.66").fit(2 / 3), printed("0.67").fit(2 / 3), printed("0.68").fit(2 / 3)
            ('cut off', 'rounds', 'no')
        """
        low, high = Fraction(low), Fraction(low if high is None else high)
        if low <= self.high and high >= self.low:
            return "rounds"
        slack = Fraction(_SLACK) * Fraction(self.unit)
        if low <= self.high + slack and high >= self.low - slack:
            return "rounds"
        unit, value = Fraction(self.unit), Fraction(self.value)
        if value < 0 or (value == 0 and self.value.is_signed()):
            low, high, value = -high, -low, -value
        return "cut off" if low < value + unit and high >= value else "no"


def printed(number: str | Decimal | float | Printed) -> Printed:
    """Return a number with the rounding range that its printed digits stand for.

    Args:
        number: text keeps trailing zeros; a float counts with its shortest digits; a whole number
            in scientific notation keeps the digits written (`6e4` is 55,000 to 65,000).

    Raises:
        StatsError: not a finite number.
    """
    if isinstance(number, Printed):
        return number
    if type(number) is int and abs(number) < _LARGEST_INT:
        return Printed(Decimal(number), _ONE)
    try:
        value = number if isinstance(number, Decimal) else Decimal(str(number).strip())
    except InvalidOperation:
        raise StatsError(f"{number!r} is no number") from None
    if not value.is_finite():
        raise StatsError(f"{number!r} is not finite")
    if value and abs(value.adjusted()) > 300:
        raise StatsError(f"{number!r} is too large or too small to compute with")
    return Printed(value, _unit(int(value.as_tuple().exponent)))


@lru_cache(maxsize=256)
def _unit(exponent: int) -> Decimal:
    return _ONE.scaleb(exponent)


def exact(number: int) -> Printed:
    """Return a count, which is not rounded."""
    return Printed(Decimal(number), Decimal(0))


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts k of a total n that a printed proportion allows.

    Attributes:
        low, high: smallest and largest k; low > high when there is none.
        fit: whether k/n rounds to the proportion, or only when digits are cut off.
        nearest: the proportions just below and above the printed one that some k gives.
    """

    low: int
    high: int
    fit: Fit
    nearest: tuple[Fraction, Fraction]


def possible_counts(proportion: Printed, n: int, *, per: int = 1) -> Counts:
    """Return which k give k/n as printed (Brown and Heathers 2017, for proportions).

    Args:
        proportion: as printed.
        n: the total, at least 1.
        per: 1 for proportions, 100 for percentages.

    Raises:
        StatsError: n below 1.

    Example:
        >>> possible_counts(printed("0.93"), 20).fit, possible_counts(printed("0.95"), 20).low
        ('no', 19)
    """
    if n < 1:
        raise StatsError(f"a proportion of n = {n} does not exist")
    value = Fraction(proportion.value) * n / per
    below, above = math.floor(value), math.ceil(value)
    nearest = (Fraction(max(0, min(below, n)), n) * per, Fraction(max(0, min(above, n)), n) * per)
    low = max(0, math.ceil(proportion.low * n / per))
    high = min(n, math.floor(proportion.high * n / per))
    if low <= high:
        return Counts(low, high, "rounds", nearest)
    fits = [f for f in nearest if proportion.fit(f) == "cut off"]
    if fits:
        k = int(fits[0] * n / per)
        return Counts(k, k, "cut off", nearest)
    return Counts(1, 0, "no", nearest)


def possible_mean(mean: Printed, n: int) -> Fit:
    """Tell whether the mean of n whole numbers prints like `mean` (Brown and Heathers 2017).

    Example:
        >>> possible_mean(printed("5.19"), 28), possible_mean(printed("5.18"), 28)
        ('no', 'rounds')
    """
    if n < 1:
        raise StatsError(f"a mean of n = {n} does not exist")
    total = Fraction(mean.value) * n
    fits = {mean.fit(Fraction(k, n)) for k in (math.floor(total), math.ceil(total))}
    return "rounds" if "rounds" in fits else "cut off" if "cut off" in fits else "no"


def joint_counts(
    shares: tuple[Printed | None, Printed | None, Printed | None], n: int, positives: Iterable[int]
) -> tuple[int, int, int] | None:
    """Return the first (n_pos, TP, TN) that gives all stated proportions of one test set.

    Args:
        shares: accuracy, sensitivity and specificity as printed; None for what is not stated.
        n: the size of the test set.
        positives: the numbers of positives to try, each from 0 to n.

    Returns:
        The counts, or None when no number of positives fits.

    Example:
        >>> shares = printed("0.966"), printed("0.9574"), printed("0.9756")
        >>> joint_counts(shares, 88, range(89))
        (47, 45, 40)
    """
    right, sensitivity, specificity = (_range_of(share) for share in shares)
    least, most = right(n)
    for n_pos in positives:
        tp, tn = sensitivity(n_pos), specificity(n - n_pos)
        low, high = max(tp[0] + tn[0], least), min(tp[1] + tn[1], most)
        if tp[0] <= tp[1] and tn[0] <= tn[1] and low <= high:
            hits = max(tp[0], low - tn[1])
            return n_pos, hits, max(tn[0], low - hits)
    return None


def _range_of(share: Printed | None) -> Callable[[int], tuple[int, int]]:
    """Return a function from n to the smallest and largest count that print like `share`."""
    if share is None:
        return lambda n: (0, n)
    # whole-number arithmetic: this runs for every possible number of positives
    low, high = share.low, share.high
    a, b, c, d = low.numerator, low.denominator, high.numerator, high.denominator
    return lambda n: (max(0, -(-a * n // b)), min(n, c * n // d)) if n else (1, 0)


def proportion_intervals(k: float, n: float, level: float = 95) -> dict[str, tuple[float, float]]:
    """Return the usual confidence intervals of a proportion k/n, by name of the method.

    Wald; Wilson (1927); Agresti and Coull (1998); Clopper and Pearson (1934); Jeffreys (Brown, Cai
    and DasGupta 2001).

    Example:
        >>> {m: round(low, 4) for m, (low, _) in proportion_intervals(8, 10).items()}["Wilson"]
        0.4902
    """
    from review.stats.consistency.tail_areas import beta_point
    from review.stats.ground.levels import check_level, normal_quantile, wilson

    z, tail, p = normal_quantile(level), 0.5 - check_level(level) / 2, k / n
    half = z * math.sqrt(p * (1 - p) / n)
    n_tilde = n + z * z
    p_tilde = (k + z * z / 2) / n_tilde
    half_tilde = z * math.sqrt(p_tilde * (1 - p_tilde) / n_tilde)
    low = beta_point(k, n - k + 1, tail) if k > 0 else 0.0
    high = beta_point(k + 1, n - k, 1 - tail) if k < n else 1.0
    jeffreys = (
        beta_point(k + 0.5, n - k + 0.5, tail),
        beta_point(k + 0.5, n - k + 0.5, 1 - tail),
    )
    return {
        "Wald": (p - half, p + half),
        "Wilson": wilson(k, n, level),
        "Agresti-Coull": (p_tilde - half_tilde, p_tilde + half_tilde),
        "Clopper-Pearson": (low, high),
        "Jeffreys": (jeffreys[0] if k > 0 else 0.0, jeffreys[1] if k < n else 1.0),
        "Jeffreys, without exceptions for 0 and n": jeffreys,
    }


def width_range(low: Printed, high: Printed) -> tuple[float, float]:
    """Return the narrowest and widest interval that prints like (low, high)."""
    return max(float(high.low - low.high), 0.0), float(high.high - low.low)
