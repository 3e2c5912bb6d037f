"""What the printed numbers of two groups give as an effect, with all their roundings.

The numbers come from `review.stats.effects.effect_size`; counts are exact, means and SDs lie
anywhere in their rounding ranges.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from review.stats.effects import effect_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.stats.consistency.rounding_ranges import Printed


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to compute an effect.

    Attributes:
        how: the way in words; empty for the plain one.
        low, high: smallest and largest value within the rounding of what goes in.
    """

    how: str
    low: float
    high: float


def effects_of_counts(
    measure: str, events: tuple[int, int], sizes: tuple[int, int]
) -> list[Candidate]:
    """Return an OR, RR or RD of two groups in its two directions and usual variants.

    Example:
        >>> found = effects_of_counts("OR", (5, 10), (50, 50))
        >>> round(found[0].low, 3), found[1].how, round(found[1].low, 2)
        (0.444, 'group 2 against group 1', 2.25)
    """
    (e1, e2), (n1, n2) = events, sizes
    ways = [
        ("", (e1, n1, e2, n2)),
        ("group 2 against group 1", (e2, n2, e1, n1)),
        ("of those without the event", (n1 - e1, n1, n2 - e2, n2)),
        ("of those without the event, group 2 against group 1", (n2 - e2, n2, n1 - e1, n1)),
    ]
    found = []
    for how, cells in ways:
        for add, words in ((0.0, ""), (0.5, "with 0.5 added to each cell")):
            value = _of_counts(measure, cells, add)
            if value is not None:
                found.append(Candidate(", ".join(filter(None, (how, words))), value, value))
        if measure == "OR":
            value = _of_counts("PETO", cells, 0.0)
            if value is not None:
                found.append(Candidate(", ".join(filter(None, (how, "by Peto"))), value, value))
    return sorted(found, key=lambda c: (c.how.count(","), "0.5" in c.how or "Peto" in c.how))


def _of_counts(measure: str, cells: tuple[int, int, int, int], add: float) -> float | None:
    a, n1, c, n2 = cells
    zero = 0 in (a, c) or (measure == "OR" and 0 in (n1 - a, n2 - c))
    if measure in {"OR", "RR"} and zero and not add:
        return None
    made = effect_size(
        measure, ai=[a], n1i=[n1], ci=[c], n2i=[n2], add=add, to="all" if add else "none"
    )
    value = float(made.yi[0])
    if not math.isfinite(value):
        return None
    return value if measure == "RD" else math.exp(value)


def effects_of_means(
    measure: str,
    means: tuple[Printed, Printed],
    sds: tuple[Printed, Printed] | None,
    sizes: tuple[int, int] | None,
) -> list[Candidate]:
    """Return an MD or SMD of two groups in its two directions and usual variants.

    Args:
        measure: MD, or SMD, which needs SDs and sizes.
        means: of the groups, as printed.
        sds: of the groups, as printed.
        sizes: of the groups.

    Example:
        >>> from review.stats.consistency.rounding_ranges import printed
        >>> found = effects_of_means("MD", (printed("5.1"), printed("3.0")), None, None)
        >>> round(found[0].low, 2), round(found[0].high, 2), round(found[1].low, 2)
        (2.0, 2.2, -2.2)
    """
    found = []
    for how, i, j in (("", 0, 1), ("group 2 against group 1", 1, 0)):
        if measure == "MD":
            low = float(means[i].low - means[j].high)
            found.append(Candidate(how, low, float(means[i].high - means[j].low)))
        elif sds is not None and sizes is not None:
            found += _standardised(
                how, (means[i], means[j]), (sds[i], sds[j]), (sizes[i], sizes[j])
            )
    return sorted(found, key=lambda c: c.how.count(","))


def _standardised(
    how: str,
    means: tuple[Printed, Printed],
    sds: tuple[Printed, Printed],
    sizes: tuple[int, int],
) -> Iterator[Candidate]:
    if min(sds[0].low, sds[1].low) <= 0 or min(sizes) < 3:
        return
    corners = list(itertools.product(*((float(x.low), float(x.high)) for x in (*means, *sds))))
    m1, m2, s1, s2 = ([c[i] for c in corners] for i in range(4))
    n1, n2 = ([n] * len(corners) for n in sizes)
    ways = (
        ("SMD", "", sizes[0] + sizes[1] - 2),
        ("SMDH", "by the average of the variances", sizes[0] + sizes[1] - 2),
        ("SMD1", "by the SD of the second group", sizes[1] - 1),
    )
    for measure, words, df in ways:
        made = effect_size(measure, m1i=m1, m2i=m2, sd1i=s1, sd2i=s2, n1i=n1, n2i=n2).yi
        low, high = float(made.min()), float(made.max())
        # Cohen's d: without the correction 1 - 3 / (4 df - 1) for small samples (Hedges 1981)
        factor = 1 - 3 / (4 * df - 1)
        ends = (low, high, low / factor, high / factor)
        yield Candidate(", ".join(filter(None, (how, words))), min(ends), max(ends))
