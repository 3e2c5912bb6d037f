"""The p-values that two groups, as printed, give by the usual tests.

Means: Student's t with a pooled SD, Welch's t, z. Counts: chi-square without and with Yates'
correction, likelihood ratio, Fisher's exact test (Fisher 1935), z of the difference.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.stats.consistency.table_tests import table_tests

if TYPE_CHECKING:
    from review.stats.consistency.rounding_ranges import Printed


@dataclass(frozen=True, slots=True)
class PRange:
    """The least and greatest p-value of one test within the rounding of what goes in."""

    name: str
    low: float
    high: float


def p_of_means(
    means: tuple[Printed, Printed], sds: tuple[Printed, Printed], sizes: tuple[int, int]
) -> list[PRange]:
    """Return the p-values of two means by Student, Welch and z.

    Example:
        >>> from review.stats.consistency.rounding_ranges import printed as p
        >>> found = p_of_means((p("5.1"), p("3.0")), (p("2.0"), p("2.2")), (20, 22))
        >>> found[0].name, round(found[0].low, 4), round(found[0].high, 4)
        ("Student's t", 0.0013, 0.0046)
    """
    from scipy.special import erfc, stdtr

    n1, n2 = sizes
    if min(sizes) < 2 or min(s.high for s in sds) <= 0:
        return []
    gap = [float(means[0].low - means[1].high), float(means[0].high - means[1].low)]
    near = 0.0 if gap[0] <= 0 <= gap[1] else min(map(abs, gap))
    far = max(map(abs, gap))
    spreads = [(max(float(s.low), 0.0), float(s.high)) for s in sds]
    corners = np.array(list(itertools.product(*spreads)))
    s1, s2 = corners[:, 0], corners[:, 1]
    pooled = np.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / (n1 + n2 - 2) * (1 / n1 + 1 / n2))
    v1, v2 = s1**2 / n1, s2**2 / n2
    apart = np.sqrt(v1 + v2)
    with np.errstate(divide="ignore", invalid="ignore"):
        welch = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
        welch = np.where(np.isfinite(welch), welch, min(sizes) - 1.0)
        found = []
        student = np.full(len(corners), n1 + n2 - 2.0)
        for name, se, df in (("Student's t", pooled, student), ("Welch's t", apart, welch)):
            ps = [2 * stdtr(df, -d / se) for d in (near, far)]
            found.append(_range(name, ps, near))
        found.append(_range("z", [erfc(d / apart / math.sqrt(2)) for d in (near, far)], near))
    return found


def _range(name: str, ps: list[Any], near: float) -> PRange:
    values = np.concatenate([np.atleast_1d(p) for p in ps])
    values = values[np.isfinite(values)]
    if near == 0 or not len(values):
        return PRange(name, float(values.min()) if len(values) else 0.0, 1.0)
    return PRange(name, float(values.min()), float(values.max()))


def p_of_counts(events: tuple[int, int], sizes: tuple[int, int]) -> list[PRange]:
    """Return the p-values of two proportions by the usual tests; counts are exact.

    Example:
        >>> {t.name: round(t.low, 3) for t in p_of_counts((5, 12), (20, 20))}["Fisher's exact"]
        0.054
    """
    table = [[events[0], sizes[0] - events[0]], [events[1], sizes[1] - events[1]]]
    return [PRange(name, p, p) for name, (_, p) in table_tests(table).items()]
