"""Weight functions w(p): the relative chance that a study with p-value p is seen.

Each family returns, at given log p and log(1 - p), the weight with its first and second
derivatives by the selection parameters delta. `scale` is the imprecision of the study (0 < scale
<= 1) that multiplies the first parameter, 1 when it plays no part. With a threshold the weight is 1
up to it and w(p) / w(threshold) beyond, which neither jumps nor rises.

Sources: half-normal, negative-exponential, logistic: Preston, Ashby & Smyth (2004);
negative-exponential power: Begg & Mazumdar (1994), Vevea & Hedges (1995); beta: Citkowicz & Vevea
(2017); step function: Hedges (1992), Vevea & Hedges (1995), Vevea & Woods (2005, Table 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from review.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.bias.selection.sides import FloatArray

CENSORED_AT: Final = 1e-5  # p-values this close to 0 or 1, where w has a pole (Citkowicz & Vevea)


class LogWeight(NamedTuple):
    """log w and its derivatives: `slope` has shape (q, ...), `curve` (q, q, ...)."""

    value: FloatArray
    slope: FloatArray
    curve: FloatArray


@dataclass(frozen=True)
class Family:
    """One smooth family of weight functions.

    Attributes:
        name: as in `type=`.
        null: value of each parameter under no selection.
        lower: smallest value of each parameter.
        starts: starting values that cover weak to strong selection.
        log_weight: function of (log p, log(1 - p), delta, scale).
        censor: p-values are kept this far from 0 and 1 (0: not censored).
        takes_precision: whether the imprecision of a study can enter.
        formula: for the printed summary.
    """

    name: str
    null: tuple[float, ...]
    lower: tuple[float, ...]
    starts: tuple[tuple[float, ...], ...]
    log_weight: Callable[[FloatArray, FloatArray, FloatArray, FloatArray], LogWeight]
    censor: float
    takes_precision: bool
    formula: str


def _linear(term: FloatArray, delta: FloatArray, scale: FloatArray) -> LogWeight:
    """Return log w = -delta * scale * term, the shape that three of the families share."""
    slope = -scale * term
    return LogWeight(delta[0] * slope, slope[None], np.zeros((1, 1, *slope.shape)))


def _half_normal(lp: FloatArray, _: FloatArray, delta: FloatArray, scale: FloatArray) -> LogWeight:
    return _linear(np.exp(2.0 * lp), delta, scale)


def _negexp(lp: FloatArray, _: FloatArray, delta: FloatArray, scale: FloatArray) -> LogWeight:
    return _linear(np.exp(lp), delta, scale)


def _power(_: FloatArray, lq: FloatArray, delta: FloatArray, scale: FloatArray) -> LogWeight:
    return _linear(-lq, delta, scale)


def _logistic(lp: FloatArray, _: FloatArray, delta: FloatArray, scale: FloatArray) -> LogWeight:
    term = scale * np.exp(lp)
    x = delta[0] * term
    kept = 1.0 / (1.0 + np.exp(-x))
    value = np.log(2.0) - x - np.log1p(np.exp(-x))
    return LogWeight(value, (-term * kept)[None], (-(term**2) * kept * (1.0 - kept))[None, None])


def _negexp_power(lp: FloatArray, _: FloatArray, delta: FloatArray, scale: FloatArray) -> LogWeight:
    size, shape = delta
    root = np.exp(lp / shape)  # p^(1/delta_2)
    # p = 0 gives root = 0, and root * log p -> 0
    lp = np.where(root > 0.0, lp, 0.0)
    first = -root * lp / shape**2
    second = root * (lp**2 / shape**4 + 2.0 * lp / shape**3)
    slope = np.stack([-scale * root, -size * scale * first])
    cross = -scale * first
    curve = np.stack(
        [np.stack([np.zeros_like(cross), cross]), np.stack([cross, -size * scale * second])]
    )
    return LogWeight(size * slope[0], slope, curve)


def _beta(lp: FloatArray, lq: FloatArray, delta: FloatArray, scale: FloatArray) -> LogWeight:
    del scale
    slope = np.stack([lp, lq])
    value = (delta[0] - 1.0) * lp + (delta[1] - 1.0) * lq
    return LogWeight(value, slope, np.zeros((2, *slope.shape)))


_RISING: Final = ((0.1,), (1.0,), (3.0,), (10.0,), (30.0,))
FAMILIES: Final = {
    f.name: f
    for f in (
        Family(
            "beta", (1.0, 1.0), (CENSORED_AT, CENSORED_AT),
            ((1.0, 1.0), (0.5, 1.0), (0.8, 2.0), (0.5, 0.5), (2.0, 1.0), (1.0, 5.0)),
            _beta, CENSORED_AT, takes_precision=False,
            formula="w(p) = p^(delta1-1) * (1-p)^(delta2-1)",
        ),
        Family(
            "halfnorm", (0.0,), (0.0,), _RISING, _half_normal, 0.0, takes_precision=True,
            formula="w(p) = exp(-delta * prec * p^2)",
        ),
        Family(
            "negexp", (0.0,), (0.0,), _RISING, _negexp, 0.0, takes_precision=True,
            formula="w(p) = exp(-delta * prec * p)",
        ),
        Family(
            "logistic", (0.0,), (0.0,), _RISING, _logistic, 0.0, takes_precision=True,
            formula="w(p) = 2 exp(-delta * prec * p) / (1 + exp(-delta * prec * p))",
        ),
        Family(
            "power", (0.0,), (0.0,), _RISING, _power, CENSORED_AT, takes_precision=True,
            formula="w(p) = (1-p)^(delta * prec)",
        ),
        Family(
            "negexppow", (0.0, 0.0), (0.0, 1e-3),
            ((0.5, 1.0), (2.0, 0.5), (3.0, 1.0), (10.0, 1.0), (2.0, 3.0), (10.0, 0.3)),
            _negexp_power, 0.0, takes_precision=True,
            formula="w(p) = exp(-delta1 * prec * p^(1/delta2))",
        ),
    )
}  # fmt: skip
TYPES: Final = ("stepfun", *FAMILIES)

# Vevea & Woods (2005), Table 1: a priori weights, one-tailed p-values
VEVEA_WOODS_STEPS: Final = (
    0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995, 1.0,
)  # fmt: skip
VEVEA_WOODS: Final = {
    "moderate.one": (1, 0.99, 0.95, 0.80, 0.75, 0.65, 0.60, 0.55, 0.50, 0.50, 0.50, 0.50, 0.50,
                     0.50),
    "severe.one": (1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.40, 0.35, 0.30, 0.25, 0.10, 0.10, 0.10,
                   0.10),
    "moderate.two": (1, 0.99, 0.95, 0.90, 0.80, 0.75, 0.60, 0.60, 0.75, 0.80, 0.90, 0.95, 0.99,
                     1.0),
    "severe.two": (1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.25, 0.25, 0.50, 0.60, 0.75, 0.90, 0.99,
                   1.0),
}  # fmt: skip


def family_named(name: str) -> Family:
    """Return a smooth family by its name.

    Raises:
        UnknownNameError: no such type; names the closest.

    Example:
        >>> family_named("power").null
        (0.0,)
    """
    if name not in FAMILIES:
        raise UnknownNameError("type of selection model", name, TYPES)
    return FAMILIES[name]
