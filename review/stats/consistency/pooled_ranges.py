"""What the printed studies of a forest plot allow their pooled estimate to be.

The pooled estimate is sum(w y) / sum(w) with w = 1 / (v + tau2) (DerSimonian and Laird 1986): as
tau2 grows from 0, it goes from the estimate of equal effects to the plain mean. Whatever estimator
of tau2 was used, the estimate lies on that path; Knapp and Hartung's change its interval alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


_STEPS: Final = 200


@dataclass(frozen=True)
class PrintedStudies:
    """Effects and standard errors on the scale of the analysis, with their roundings.

    Attributes:
        y: effects, as printed.
        y_half: how far each may be off by its rounding.
        se: standard errors, from the intervals as printed.
        se_low, se_high: least and greatest ones within the rounding of the limits.
    """

    y: npt.NDArray[np.float64]
    y_half: npt.NDArray[np.float64]
    se: npt.NDArray[np.float64]
    se_low: npt.NDArray[np.float64]
    se_high: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pool:
    """A pooled estimate.

    Attributes:
        name: of the method.
        estimate: from the numbers as printed.
        slack: how far it may be off by their rounding.
        se: its standard error.
        tau2: of the method.
        weights: of the studies, in per cent.
    """

    name: str
    estimate: float
    slack: float
    se: float
    tau2: float
    weights: tuple[float, ...]


def pools(studies: PrintedStudies) -> list[Pool]:
    """Return the pooled estimates of equal effects and of the usual estimators of tau2.

    Example:
        >>> import numpy as np
        >>> y, se = np.array([0.1, 0.3, 0.5]), np.array([0.1, 0.1, 0.2])
        >>> zero = np.zeros(3)
        >>> [(p.name, round(p.estimate, 3)) for p in pools(PrintedStudies(y, zero, se, se, se))][:2]
        [('equal effects', 0.233), ('DL', 0.256)]
    """
    from review.errors import StatsError
    from review.stats.pooling.meta_analysis import meta_analysis

    found = [pool_at(studies, 0.0, "equal effects")]
    for method in ("DL", "REML", "PM", "ML", "HS", "SJ", "EB", "HE"):
        try:
            tau2 = float(meta_analysis(studies.y, studies.se**2, method=method).tau2)
        except StatsError:
            continue
        found.append(pool_at(studies, tau2, method))
    return found


def pool_at(studies: PrintedStudies, tau2: float, name: str = "") -> Pool:
    """Return the pooled estimate with a tau2, and how far the rounding of the studies moves it."""
    w = 1 / (studies.se**2 + tau2)
    total = float(w.sum())
    estimate = float((w * studies.y).sum() / total)
    ends = [1 / (s**2 + tau2) for s in (studies.se_high, np.maximum(studies.se_low, 1e-300))]
    weight_off = np.maximum(np.abs(ends[0] - w), np.abs(np.minimum(ends[1], 1e300) - w)) / total
    slack = float((w * studies.y_half).sum() / total)
    slack += float((np.minimum(weight_off, 1.0) * np.abs(studies.y - estimate)).sum())
    return Pool(name, estimate, slack, total**-0.5, tau2, tuple(100 * w / total))


def path(studies: PrintedStudies) -> tuple[float, float, float]:
    """Return the least and greatest pooled estimate over all tau2, and the slack of rounding."""
    scale = float(np.median(studies.se) ** 2)
    grid = scale * np.concatenate([[0.0], np.logspace(-3, 5, _STEPS)])
    made = [pool_at(studies, float(t)) for t in grid]
    return (
        min(p.estimate for p in made), max(p.estimate for p in made), max(p.slack for p in made),
    )  # fmt: skip


def path_with_weights(
    studies: PrintedStudies, low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """Return the least and greatest weighted mean with weights between bounds (not all 0)."""
    ends = []
    for sign in (1.0, -1.0):
        y = sign * (studies.y - sign * studies.y_half)
        order = np.argsort(y, kind="stable")
        w, values = high[order].copy(), y[order]
        best = np.inf
        # the least mean has great weights below a cut and small ones above it
        for cut in range(len(w) + 1):
            mixed = np.concatenate([w[:cut], low[order][cut:]])
            if mixed.sum() > 0:
                best = min(best, float((mixed * values).sum() / mixed.sum()))
        ends.append(sign * best)
    return ends[0], ends[1]
