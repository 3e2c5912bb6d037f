"""Fail-safe N: how many null results would undo a finding.

| type | question | source |
|---|---|---|
| Rosenthal | until Stouffer's one-sided p exceeds alpha | Rosenthal 1979, Psychol Bull 86:638 |
| Orwin | until the average effect falls to a target | Orwin 1983, J Educ Stat 8:157 |
| Rosenberg | until the weighted mean has two-sided p > alpha | Rosenberg 2005, Evolution 59:464 |
| General | the same, or a target, for any model, tau2 kept | Rosenberg 2005, with 1/(v + tau2) |

Later versions of the field's reference package switch Orwin to weighted means when variances are
given; here `weighted=` decides, and the default is Orwin's own unweighted mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.bias.record import Record, p_text
from review.stats.bias.studies import as_model, read_studies
from review.stats.validation import Inputs, choose

TYPES: Final = ("Rosenthal", "Orwin", "Rosenberg", "General")
REFERENCES: Final = {
    "Rosenthal": "Rosenthal (1979)",
    "Orwin": "Orwin (1983)",
    "Rosenberg": "Rosenberg (2005), with the standard normal distribution",
    "General": "Rosenberg (2005), weights 1/(v + tau2) with tau2 held at its estimate",
}
_NEAR: Final = 1e-9  # a count this close to an integer is that integer


@dataclass(frozen=True)
class FailSafeN(Record):
    """A fail-safe N.

    Attributes:
        type: which definition.
        fsnum: number of null results needed; 0 when the finding is not there to begin with, inf
            when no number is enough.
        alpha: significance level that ends the finding; None for a target.
        pval: p-value of the finding as observed (one-sided for Rosenthal); None for Orwin.
        meanes: average effect as observed; None for Rosenthal.
        target: average effect that ends the finding; None for a significance level.
        tau2: heterogeneity in the weights (General); None otherwise.
        k: number of studies.
    """

    type: str
    fsnum: float
    alpha: float | None
    pval: float | None
    meanes: float | None
    target: float | None
    tau2: float | None
    k: int

    def summary(self) -> str:
        """Return the result in words, with the method and its source."""
        goal = (
            f"to bring the average effect {self.meanes:.4g} to {self.target:.4g}"
            if self.target is not None
            else f"to bring {p_text(self.pval or 0.0)} to {self.alpha:g}"
        )
        return (
            f"Fail-safe N, {REFERENCES[self.type]}: {self.fsnum:g} null results are needed {goal} "
            f"(k = {self.k})"
        )


def fail_safe_n(
    source: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    data: Any = None,
    type: str = "Rosenthal",  # noqa: A002  name of the field
    alpha: float = 0.05,
    target: float | None = None,
    weighted: bool = False,
) -> FailSafeN:
    """Return the fail-safe N of a set of effects.

    Args:
        source: effects, shape (k,), or a result of `effect_size` or `meta_analysis`.
        vi: sampling variances, (k,); Orwin's unweighted mean needs none.
        sei: standard errors, instead of `vi`.
        data: where column names are looked up.
        type: "Rosenthal", "Orwin", "Rosenberg" or "General".
        alpha: significance level; one-sided for Rosenthal, two-sided for Rosenberg and General.
        target: average effect for Orwin (default: half the observed) and General (default: none,
            alpha counts). Its sign is taken from the observed average.
        weighted: Orwin with weights 1/v and new studies of average weight.

    Raises:
        UnknownNameError: no such type.
        StatsError: alpha outside (0, 1) or a target of 0.

    Example:
        >>> fail_safe_n([0.3, 0.5, 0.4], [0.02, 0.03, 0.01]).fsnum
        27.0
    """
    name = choose("type of fail-safe N", type, TYPES)
    if not 0 < alpha < 1:
        raise StatsError(f"alpha must lie between 0 and 1, such as 0.05, not {alpha:g}")
    if target is not None and not (math.isfinite(target) and target != 0):
        raise StatsError("target must be an average effect other than 0: 0 is never reached")
    if name == "Orwin":
        if not weighted and vi is None and sei is None and isinstance(source, list | np.ndarray):
            vi = np.ones(len(source))  # the unweighted mean needs none
        rows = read_studies(source, vi, sei=sei, data=data)
        return _orwin(rows, target, weighted=weighted)
    if name == "General":
        model = as_model(source, vi, sei=sei, data=data)
        if not model.intercept_only:
            raise InputError("a fail-safe N needs a model without moderators")
        if target is not None:
            return _general_target(read_studies(model), target, model.tau2)
        return _significance(read_studies(model), alpha, name, tau2=model.tau2)
    rows = read_studies(source, vi, sei=sei, data=data)
    return _rosenthal(rows, alpha) if name == "Rosenthal" else _significance(rows, alpha, name)


def _count(n: float) -> float:
    """Return the smallest whole number of studies that is at least n."""
    if not math.isfinite(n):
        return math.inf
    nearest = round(n)
    near = abs(n - nearest) <= _NEAR * max(1.0, abs(n))
    return float(max(0, nearest if near else math.ceil(n)))


def _rosenthal(s: Inputs, alpha: float) -> FailSafeN:
    from scipy.special import ndtr, ndtri

    k = len(s.yi)
    combined = abs(float(np.sum(s.yi / np.sqrt(s.vi)))) / math.sqrt(k)
    p = float(ndtr(-combined))
    n = k * (combined / float(ndtri(1 - alpha))) ** 2 - k if alpha < 0.5 else math.inf
    return FailSafeN("Rosenthal", _count(n) if p <= alpha else 0.0, alpha, p, None, None, None, k)


def _orwin(s: Inputs, target: float | None, *, weighted: bool) -> FailSafeN:
    w = 1.0 / s.vi if weighted else np.ones(len(s.yi))
    k, mean = len(s.yi), float(np.sum(w * s.yi) / np.sum(w))
    goal = mean / 2 if target is None else math.copysign(target, mean)
    if goal == 0:
        raise StatsError("the average effect is 0, so that no target is smaller: pass target=")
    return FailSafeN("Orwin", _count(k * (mean - goal) / goal), None, None, mean, goal, None, k)


def _significance(s: Inputs, alpha: float, name: str, tau2: float | None = None) -> FailSafeN:
    """Add studies of effect 0 and typical weight until |sum w y| / sqrt(sum w) is not enough."""
    from scipy.special import ndtr, ndtri

    w = 1.0 / (s.vi + (tau2 or 0.0))
    total, sum_wy = float(np.sum(w)), float(np.sum(w * s.yi))
    p = float(2 * ndtr(-abs(sum_wy) / math.sqrt(total)))
    added = total / len(w) if tau2 is None else _typical_weight(s, tau2)
    needed = (sum_wy / float(ndtri(1 - alpha / 2))) ** 2 - total
    fsnum = _count(needed / added) if p <= alpha else 0.0
    return FailSafeN(name, fsnum, alpha, p, sum_wy / total, None, tau2, len(w))


def _general_target(s: Inputs, target: float, tau2: float) -> FailSafeN:
    from scipy.special import ndtr

    w = 1.0 / (s.vi + tau2)
    total = float(np.sum(w))
    mean = float(np.sum(w * s.yi)) / total
    goal = math.copysign(target, mean)
    n = _count(total * (mean - goal) / goal / _typical_weight(s, tau2))
    p = float(2 * ndtr(-abs(mean) * math.sqrt(total)))
    return FailSafeN("General", n, None, p, mean, goal, tau2, len(w))


def _typical_weight(s: Inputs, tau2: float) -> float:
    """Weight of a new study whose variance is the harmonic mean of those observed."""
    return 1.0 / (len(s.vi) / float(np.sum(1.0 / s.vi)) + tau2)
