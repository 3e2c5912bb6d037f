"""Coordinates of curves that figures of meta-analyses draw: p-value functions, regression lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from review.errors import InputError, StatsError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from review.stats.ground.least_squares import FloatArray
    from review.stats.pooling.meta_result import MetaResult

POINTS = 201
MOST_CURVES = 300


@dataclass(frozen=True, eq=False)
class PValueCurves:
    """P-value functions (Infanger & Schmidt-Trucksäss 2019, Stat Med 38:4189).

    Attributes:
        theta: hypothetical effects, (n,).
        studies: two-sided p-value of each study for each of them, (m, n).
        summary: the same for the average effect, (n,).
        prediction: the same for a new study, (n,), or None for equal-effects models.
        labels: of the m studies.
    """

    theta: FloatArray
    studies: FloatArray
    summary: FloatArray
    prediction: FloatArray | None
    labels: tuple[str, ...]


def p_value_curves(
    result: MetaResult, points: int = POINTS, most: int = MOST_CURVES
) -> PValueCurves:
    """Return the p-value functions of the studies, the average and a new study.

    Args:
        result: a model without moderators.
        points: number of hypothetical effects, to which those observed are added.
        most: studies with a curve of their own; of more, those with the smallest variances.

    Raises:
        StatsError: the model has moderators.

    Example:
        >>> from review import meta_analysis
        >>> curves = p_value_curves(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> bool(curves.summary.max() <= 1)
        True
    """
    from review.stats.ground.inference import two_sided

    if not result.intercept_only:
        raise StatsError("p-value functions of an average need a model without moderators")
    kept = np.sort(np.lexsort((result.yi, result.vi))[:most])
    yi, sei = result.yi[kept], result.sei[kept]
    theta = np.linspace((yi - 3 * sei).min(), (yi + 3 * sei).max(), points)
    theta = np.unique(np.concatenate([theta, result.beta[:1], yi]))  # peaks stay sharp
    studies = two_sided((yi[:, None] - theta) / sei[:, None], None)
    se, ddf = result.se[0], result.ddf
    summary = two_sided((result.beta[0] - theta) / se, ddf) if se > 0 else (theta == 0) * 1.0
    prediction = None
    if not result.equal_effects:
        prediction = two_sided((result.beta[0] - theta) / np.sqrt(se**2 + result.tau2), ddf)
    slab = result.slab
    labels = tuple(slab[i] for i in kept.tolist())
    return PValueCurves(theta, studies, summary, prediction, labels)


@dataclass(frozen=True, eq=False)
class RegressionLine:
    """A meta-regression over the range of one moderator, the others at their means.

    Attributes:
        name: the moderator. x: its values, (n,).
        pred, ci_lb, ci_ub: average effects there, (n,). pi_lb, pi_ub: limits of a new study, or
            None.
        at: the moderator's value of each study, (k,).
        effects: observed effects, (k,).
    """

    name: str
    x: FloatArray
    pred: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray | None
    pi_ub: FloatArray | None
    at: FloatArray
    effects: FloatArray


def regression_line(
    result: MetaResult, moderator: str | int | None = None, points: int = POINTS
) -> RegressionLine:
    """Return the fitted line of a moderator with its confidence and prediction band.

    Args:
        result: a meta-regression.
        moderator: name or position of a coefficient; by default the first that is no intercept.
        points: number of values between the smallest and the largest.

    Raises:
        InputError: there is no such coefficient, or it is the intercept.
    """
    names = list(result.coef_names)
    first = 1 if result.intercept else 0
    if result.p <= first:
        raise InputError("the model has no moderator to draw a line over")
    if moderator is None:
        moderator = first
    if isinstance(moderator, str):
        if moderator not in names:
            raise InputError(f"no coefficient is called {moderator!r} ({', '.join(names)})")
        moderator = names.index(moderator)
    if not first <= moderator < result.p:
        raise InputError(f"coefficient {moderator} is not one of the moderators")
    at = result.X[:, moderator]
    x = np.linspace(at.min(), at.max(), points)
    rows = np.tile(result.X.mean(axis=0), (points, 1))
    rows[:, moderator] = x
    line = result.predict(rows[:, first:])
    return RegressionLine(
        names[moderator], x, line.pred, line.ci_lb, line.ci_ub, line.pi_lb, line.pi_ub, at,
        result.yi,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class EventRates:
    """Event rates of two groups, and what the pooled effect makes of each rate.

    Attributes:
        first, second: rates of the studies used, (k,).
        grid: rates of the second group, (n,).
        average: rate of the first group that the pooled effect gives for each of them, (n,).
        top: the largest rate to show.
    """

    first: FloatArray
    second: FloatArray
    grid: FloatArray
    average: FloatArray
    top: float


def event_rates(
    result: MetaResult, ai: ArrayLike, n1i: ArrayLike, ci: ArrayLike, n2i: ArrayLike
) -> EventRates:
    """Return the coordinates of a L'Abbé plot (L'Abbé, Detsky & O'Rourke 1987).

    Args:
        result: a model without moderators of log risk ratios, log odds ratios or risk differences.
        ai: events of the first group, one per row of the input.
        n1i: its size.
        ci: events of the second group.
        n2i: its size.

    Raises:
        InputError: the model has moderators, or the arrays do not cover its rows.
    """
    if not result.intercept_only:
        raise InputError("a L'Abbé plot shows one average effect: it needs no moderators")
    arrays = [np.asarray(x, dtype=float) for x in (ai, n1i, ci, n2i)]
    if len({a.shape for a in arrays}) > 1 or len(arrays[0]) <= int(result.ids.max()):
        raise InputError("ai, n1i, ci and n2i need one number per row of the model's input")
    a, n1, c, n2 = (x[result.ids] for x in arrays)
    first, second = a / n1, c / n2
    top = min(1.0, 1.08 * float(max(first.max(), second.max(), 0.01)))
    grid = np.linspace(0, top, POINTS)
    effect = float(result.beta[0])
    if result.measure == "RD":
        average = grid + effect
    elif result.measure == "RR":
        average = grid * np.exp(effect)
    else:
        odds = np.exp(effect) * grid / np.maximum(1 - grid, 1e-12)
        average = odds / (1 + odds)
    return EventRates(first, second, grid, np.clip(average, 0, 1), top)
