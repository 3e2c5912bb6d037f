"""How many participants a decision needs: the optimal information size.

It is the size of one trial with enough power (Guyatt et al. 2011, J Clin Epidemiol 64:1283, section
6), by the usual formulas for two groups of one size (Pocock 1983, Clinical Trials, ch. 9): of risks
n = (z_a + z_b)^2 (p1 (1 - p1) + p2 (1 - p2)) / (p1 - p2)^2 per group, of means
n = 2 (z_a + z_b)^2 sd^2 / d^2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from review.errors import InputError

ALPHA: Final = 0.05  # two-sided
POWER: Final = 0.8
REDUCTION: Final = 0.25  # relative, where no smallest important difference is stated
SMALL: Final = 0.2  # in standard deviations, the same way: a small effect (Cohen 1988)


@dataclass(frozen=True)
class InformationSize:
    """An optimal information size.

    Attributes:
        participants: of both groups together.
        assumptions: in words: difference, baseline, error rates.
    """

    participants: int
    assumptions: str


def size_for_risks(
    baseline: float, change: float | None = None, *, alpha: float = ALPHA, power: float = POWER
) -> InformationSize:
    """Return the size that shows a difference of risks.

    Args:
        baseline: risk without the intervention, between 0 and 1.
        change: absolute, to be shown; None for a relative reduction by a quarter.
        alpha: two-sided error rate.
        power: of the test.

    Raises:
        InputError: a risk or the difference is impossible.

    Example:
        >>> size_for_risks(0.10, -0.05, power=0.9).participants  # Pocock: 578 per group
        1156
    """
    asked = "a relative reduction by 25%" if change is None else (
        f"a difference of {abs(1000 * change):.3g} per 1,000"
    )  # fmt: skip
    wanted = -REDUCTION * baseline if change is None else change
    other = baseline + wanted
    if not 0 < other < 1:  # the same distance on the other side
        other = baseline - wanted
    if not (0 < baseline < 1 and 0 < other < 1 and other != baseline):
        raise InputError(f"no size shows {asked} over a risk of {baseline:g}")
    spread = baseline * (1 - baseline) + other * (1 - other)
    per_group = _squared(alpha, power) * spread / (baseline - other) ** 2
    said = f"{asked} from {1000 * baseline:.3g} per 1,000"
    return InformationSize(2 * math.ceil(per_group), _said(said, alpha, power))


def size_for_means(
    sd: float, change: float | None = None, *, alpha: float = ALPHA, power: float = POWER
) -> InformationSize:
    """Return the size that shows a difference of means.

    Args:
        sd: standard deviation of the outcome, above 0 (1 for standardised differences).
        change: absolute, to be shown; None for 0.2 standard deviations.
        alpha: two-sided error rate.
        power: of the test.

    Raises:
        InputError: no spread or no difference.

    Example:
        >>> size_for_means(1).participants
        786
    """
    wanted = SMALL * sd if change is None else abs(change)
    if not (sd > 0 and wanted > 0):
        raise InputError("a size needs a standard deviation and a difference above 0")
    per_group = 2 * _squared(alpha, power) * (sd / wanted) ** 2
    unit = "0.2 SD" if change is None else f"{wanted:.3g} (SD {sd:.3g})"
    return InformationSize(2 * math.ceil(per_group), _said(f"a difference of {unit}", alpha, power))


def _squared(alpha: float, power: float) -> float:
    normal = NormalDist()
    return (normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)) ** 2


def _said(difference: str, alpha: float, power: float) -> str:
    return f"{difference}, alpha {alpha:g} two-sided, power {power:g}, two groups of one size"
