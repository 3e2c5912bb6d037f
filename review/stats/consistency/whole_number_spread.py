"""Can n whole numbers have a printed mean and SD? GRIM with items, GRIMMER and DEBIT.

GRIM: Brown and Heathers 2017 (Soc Psychol Personal Sci 8:363). GRIMMER: Anaya 2016 (PeerJ Preprints
4:e2400v1) in the analytic form of Allard 2018: the sum of squares that mean and SD imply is a whole
number, even when the sum is even and odd when it is odd. DEBIT: Heathers and Brown 2019.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from review.errors import StatsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.stats.consistency.rounding_ranges import Fit, Printed

_MOST: Final = 4_000  # sums to try; with more of them every printed SD is possible


def possible_sd(
    mean: Printed,
    sd: Printed,
    n: int,
    *,
    items: int = 1,
    low: Printed | None = None,
    high: Printed | None = None,
    population: bool = False,
) -> Fit:
    """Tell whether n means of whole numbers can have a mean and an SD as printed.

    Args:
        mean: as printed.
        sd: as printed.
        n: persons.
        items: answers of each person, of which each person has the mean.
        low: the least answer that there can be, if known.
        high: the greatest answer.
        population: the SD has n, not n - 1, in the denominator.

    Raises:
        StatsError: n below 2, or items below 1.

    Example:
        >>> from review.stats.consistency.rounding_ranges import printed
        >>> possible_sd(printed("3.44"), printed("2.46"), 18)
        'no'
        >>> possible_sd(printed("3.44"), printed("2.48"), 18)
        'rounds'
    """
    if n < 2 or items < 1:
        raise StatsError("an SD needs two persons or more, and one item or more")
    ends = _ends(low, high, items)
    divisor = n if population else n - 1
    rounded = (mean.low, mean.high), (max(sd.low, Fraction(0)), sd.high)
    if _any_sum(*rounded, n, items, ends=ends, divisor=divisor):
        return "rounds"
    cut = _cut(mean), _cut(sd)
    if (
        mean.value >= 0
        and sd.value >= 0
        and _any_sum(cut[0], cut[1], n, items, ends=ends, divisor=divisor)
    ):
        return "cut off"
    return "no"


def _cut(x: Printed) -> tuple[Fraction, Fraction]:
    return Fraction(x.value), Fraction(x.value) + Fraction(x.unit)


def _ends(low: Printed | None, high: Printed | None, items: int) -> tuple[int | None, int | None]:
    """The least and greatest sum of one person's answers."""
    a = None if low is None else math.ceil(low.low) * items
    b = None if high is None else math.floor(high.high) * items
    return a, b


def _any_sum(
    mean: tuple[Fraction, Fraction],
    sd: tuple[Fraction, Fraction],
    n: int,
    items: int,
    *,
    ends: tuple[int | None, int | None],
    divisor: int,
) -> bool:
    first, last = math.ceil(mean[0] * n * items), math.floor(mean[1] * n * items)
    if last - first > _MOST:
        return True
    return any(
        _any_square(total, sd, n, items, ends=ends, divisor=divisor)
        for total in range(first, last + 1)
    )


def _any_square(
    total: int,
    sd: tuple[Fraction, Fraction],
    n: int,
    items: int,
    *,
    ends: tuple[int | None, int | None],
    divisor: int,
) -> bool:
    least, most = _squares(total, n, ends)
    low, high = (divisor * (s * items) ** 2 + Fraction(total * total, n) for s in sd)
    first = max(math.ceil(low), least)
    first += (first - total) % 2  # squares are odd where numbers are
    last = math.floor(high) if most is None else min(math.floor(high), most)
    return first <= last


def _squares(total: int, n: int, ends: tuple[int | None, int | None]) -> tuple[int, int | None]:
    """The least and greatest sum of squares of n whole numbers with a sum."""
    each, rest = divmod(total, n)
    least = n * each * each + rest * (2 * each + 1)
    a, b = ends
    if a is None or b is None or b <= a:
        return least, None
    if not n * a <= total <= n * b:
        return 1, 0
    at_top, over = divmod(total - n * a, b - a)
    if at_top == n:
        return least, n * b * b
    return least, at_top * b * b + (n - at_top - 1) * a * a + (a + over) ** 2


def possible_binary_sd(mean: Printed, sd: Printed, n: int, *, population: bool = False) -> Fit:
    """Tell whether n zeros and ones can have a mean and an SD as printed (DEBIT).

    The SD has n - 1 in the denominator, or n with `population`.

    Raises:
        StatsError: n below 2.

    Example:
        >>> from review.stats.consistency.rounding_ranges import printed
        >>> possible_binary_sd(printed("0.30"), printed("0.46"), 100)
        'rounds'
        >>> possible_binary_sd(printed("0.30"), printed("0.49"), 100)
        'no'
    """
    if n < 2:
        raise StatsError("an SD needs two persons or more")
    divisor = n if population else n - 1
    fits = {sd.fit(*span) for span in _binary((mean.low, mean.high), n, divisor)}
    if "rounds" in fits:
        return "rounds"
    if mean.value >= 0:
        fits |= {sd.fit(*span) for span in _binary(_cut(mean), n, divisor)}
    return "no" if fits <= {"no"} else "cut off"


def _binary(mean: tuple[Fraction, Fraction], n: int, divisor: int) -> Iterator[tuple[float, float]]:
    first, last = max(math.ceil(mean[0] * n), 0), min(math.floor(mean[1] * n), n)
    if last - first > _MOST:
        found = [_sd_of(k, n, divisor) for k in (first, last)]
        yield min(found), _sd_of(n / 2, n, divisor) if first <= n / 2 <= last else max(found)
        return
    for k in range(first, last + 1):
        yield (_sd_of(k, n, divisor),) * 2


def _sd_of(k: float, n: int, divisor: int) -> float:
    return math.sqrt(k * (n - k) / n / divisor)


def largest_sd(mean: Printed, low: Printed, high: Printed, n: int | None = None) -> float:
    """Return the largest SD of numbers from low to high with a mean (Bhatia and Davis 2000).

    Args:
        mean: as printed.
        low: the least number.
        high: the greatest number.
        n: how many there are; None for any number of them from 2.

    Example:
        >>> from review.stats.consistency.rounding_ranges import printed
        >>> round(largest_sd(printed("3.0"), printed("1"), printed("5")), 2)
        3.54
    """
    a, b = float(low.low), float(high.high)
    m = min(max((a + b) / 2, float(mean.low)), float(mean.high))  # the worst mean that rounds so
    factor = 2.0 if n is None or n < 2 else n / (n - 1)
    return math.sqrt(factor * max(0.0, (m - a) * (b - m)))
