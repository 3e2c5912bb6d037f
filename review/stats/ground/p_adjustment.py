"""Adjustment of p-values for several tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

from review.errors import StatsError


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p-values adjusted by Holm's step-down method, in the order given.

    A missing p-value (None) stays missing and does not count as a test.

    Raises:
        StatsError: a p-value outside 0 to 1, or NaN.

    Source: Holm (1979), Scandinavian Journal of Statistics 6, section 3.

    Example:
        >>> holm([0.01, 0.04, 0.03, None])
        [0.03, 0.06, 0.06, None]
    """
    known = [(float(p), i) for i, p in enumerate(p_values) if p is not None]
    for p, i in known:
        if not 0 <= p <= 1:
            raise StatsError(f"p-value {i + 1} is {p}, not between 0 and 1")
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for step, (p, i) in enumerate(sorted(known)):
        largest = max(largest, min(1.0, (len(known) - step) * p))
        adjusted[i] = largest
    return adjusted
