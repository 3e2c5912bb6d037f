"""Whole numbers that have a printed mean and SD: one set of them, as an example.

After SPRITE (Heathers, Anaya, van der Zee and Brown 2018, PeerJ Preprints 6:e26968v1): numbers with
the right sum are moved apart in pairs, which keeps the sum, until their spread is the printed one.
Here the moves are chosen, not drawn, so that the same numbers always come out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from review.stats.consistency.rounding_ranges import Printed

_MOST: Final = 2_000  # numbers
_SUMS: Final = 50  # sums that round to the mean, tried from the middle


def reconstructed(mean: Printed, sd: Printed, n: int, low: int, high: int) -> dict[int, int] | None:
    """Return how often each whole number from low to high stands in one such set.

    Args:
        mean: as printed.
        sd: as printed, with n - 1 in the denominator.
        n: how many numbers.
        low: the least number there can be.
        high: the greatest.

    Returns:
        Number -> how often; None when none was found, which is no proof that there is none.

    Example:
        >>> from review.stats.consistency.rounding_ranges import printed
        >>> reconstructed(printed("3.00"), printed("1.00"), 9, 1, 5)
        {1: 1, 3: 7, 5: 1}
    """
    if not 2 <= n <= _MOST or high <= low:
        return None
    first, last = math.ceil(mean.low * n), math.floor(mean.high * n)
    middle = (first + last) / 2
    for total in sorted(range(first, last + 1), key=lambda t: (abs(t - middle), t))[:_SUMS]:
        if n * low <= total <= n * high:
            least, most = ((n - 1) * s * s for s in (max(float(sd.low), 0.0), float(sd.high)))
            found = _spread(total, n, (low, high), least, most)
            if found is not None:
                return found
    return None


def _spread(
    total: int, n: int, ends: tuple[int, int], least: float, most: float
) -> dict[int, int] | None:
    """Move numbers apart until the sum of squared deviations is between least and most."""
    low, high = ends
    each, rest = divmod(total, n)
    counts = {each: n - rest, each + 1: rest} if rest else {each: n}
    slack = 1e-9 * max(1.0, most)
    now = sum(c * x * x for x, c in counts.items()) - total * total / n
    while now < least - slack:
        values = [x for x in sorted(counts) if counts[x]]
        best: tuple[int, int, int] | None = None
        for i, a in enumerate(
            values
        ):  # a goes down, b up: the sum of squares grows by 2(b - a) + 2
            for b in values[i:]:
                if a == low or b == high or (a == b and counts[a] < 2):
                    continue
                gain = 2 * (b - a) + 2
                if now + gain <= most + slack and (best is None or gain > best[0]):
                    best = gain, a, b
        if best is None:
            return None
        gain, a, b = best
        for x, step in ((a, -1), (b, -1), (a - 1, 1), (b + 1, 1)):
            counts[x] = counts.get(x, 0) + step
        now += gain
    return {x: counts[x] for x in sorted(counts) if counts[x]} if now <= most + slack else None
