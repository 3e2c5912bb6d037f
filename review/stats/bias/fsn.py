"""Fail-safe N: how many null results would undo a finding.

| type | question | source |
|---|---|---|
| Rosenthal | until Stouffer's one-sided p exceeds alpha | Rosenthal 1979, Psychol Bull 86:638 |
| Orwin | until the average effect falls to a target | Orwin 1983, J Educ Stat 8:157 |
| Rosenberg | until the weighted mean has two-sided p > alpha | Rosenberg 2005, Evolution 59:464 |
| General | the same, or a target, in any model | Viechtbauer 2024 (SRSM meeting, Amsterdam) |

Orwin's averages are weighted by 1/v where variances are given (metafor since 4.4).

General: the N studies have average effect 0, the precision of those observed (harmonic mean h of
the variances) and their heterogeneity. Around their common mean the effects of all k + N studies
then vary by

    tau2(N) = ((k + N - 2) tau2 + m^2 k N / (k + N)) / (k + N - 1)

with m the observed average, and the average is the weighted mean with 1/(v + tau2(N)). N is the
smallest number that does; metafor 5.1 has the same model and often reports one more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.bias.bias_input import as_model, read_studies
from review.stats.bias.record import Record
from review.stats.ground.arguments import real
from review.stats.ground.conventions import LATEST, choose_convention, named
from review.stats.ground.guard import guarded
from review.stats.pooling.meta_rows import Inputs, choose
from review.words import number, p_value

if TYPE_CHECKING:
    from review.stats.pooling.meta_result import MetaResult

TYPES: Final = ("Rosenthal", "Orwin", "Rosenberg", "General")
REFERENCES: Final = {
    "Rosenthal": "Rosenthal (1979)",
    "Orwin": "Orwin (1983)",
    "Rosenberg": "Rosenberg (2005), with the standard normal distribution",
    "General": "Viechtbauer (2024), null results as heterogeneous as the studies",
}
_NEAR: Final = 1e-9  # a count this close to an integer is that integer
_MOST: Final = 10**15  # beyond, whole numbers are no longer exact


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
        tau2: heterogeneity of the studies observed (General); None otherwise.
        k: number of studies.
        est_fsn, tau2_fsn, pval_fsn: average effect, heterogeneity and p-value with the null
            results added (General); None otherwise.
        weighted: whether Orwin's averages are weighted; None otherwise.
        convention: of Orwin's averages: "5.1" or "3.8".
    """

    type: str
    fsnum: float
    alpha: float | None
    pval: float | None
    meanes: float | None
    target: float | None
    tau2: float | None
    k: int
    est_fsn: float | None = None
    tau2_fsn: float | None = None
    pval_fsn: float | None = None
    weighted: bool | None = None
    convention: str = LATEST

    @property
    def conventions(self) -> str:
        """The version of the reference that the numbers agree with."""
        return named(self.convention)

    def words(self) -> str:
        """Return the result in words, with the method and its source."""
        goal = (
            f"to bring the average effect {number(self.meanes)} to {number(self.target)}"
            if self.target is not None
            else f"to bring {p_value(self.pval or 0.0)} to {self.alpha:g}"
        )
        how = "" if self.weighted is None else f", {'' if self.weighted else 'un'}weighted averages"
        line = (
            f"Fail-safe N, {REFERENCES[self.type]}{how}: {self.fsnum:g} null results are needed "
            f"{goal} (k = {self.k})"
        )
        if self.est_fsn is not None and self.pval_fsn is not None:
            line += f"; with them {self.est_fsn:.4g}, {p_value(self.pval_fsn)}"
        return line


@guarded
def fail_safe_n(
    source: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    data: Any = None,
    type: str = "Rosenthal",  # noqa: A002  name of the field
    alpha: float = 0.05,
    target: float | None = None,
    weighted: bool | None = None,
    convention: str = "default",
) -> FailSafeN:
    """Return the fail-safe N of a set of effects.

    Args:
        source: effects, shape (k,), or a result of `effect_size` or `meta_analysis`.
        vi: sampling variances, (k,); Orwin's method also does without.
        sei: standard errors, instead of `vi`.
        data: where column names are looked up.
        type: "Rosenthal", "Orwin", "Rosenberg" or "General".
        alpha: significance level; one-sided for Rosenthal, two-sided for Rosenberg and General.
        target: average effect for Orwin (default: half the observed) and General (default: none,
            alpha counts). Its sign is taken from the observed average.
        weighted: Orwin with weights 1/v and new studies of average weight; by default wherever
            variances are given, with convention "3.8" never.
        convention: "5.1" or "3.8"; see `review.stats.ground.conventions`.

    Raises:
        UnknownNameError: no such type or convention.
        InputError: alpha outside (0, 1) or a target of 0.

    Example:
        >>> fail_safe_n([0.3, 0.5, 0.4], [0.02, 0.03, 0.01]).fsnum
        27.0
    """
    name = choose("type of fail-safe N", type, TYPES)
    alpha = real("alpha", alpha, least=0, most=1, open_ends=True, example="0.05")
    target = None if target is None else real("target", target)
    if target == 0:
        raise InputError("target must be an average effect other than 0: 0 is never reached")
    version = choose_convention(convention)
    if name == "Orwin":
        if not weighted and vi is None and sei is None and isinstance(source, list | np.ndarray):
            vi, weighted = np.ones(len(source)), False  # the unweighted mean needs none
        rows = read_studies(source, vi, sei=sei, data=data)
        use = version != "3.8" if weighted is None else weighted
        return replace(_orwin(rows, target, weighted=use), convention=version)
    if name == "General":
        model = as_model(source, vi, sei=sei, data=data)
        if not model.intercept_only:
            raise InputError("a fail-safe N needs a model without moderators")
        return _general(model, alpha, target)
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
    n = _count(k * (mean - goal) / goal)
    return FailSafeN("Orwin", n, None, None, mean, goal, None, k, weighted=weighted)


def _significance(s: Inputs, alpha: float, name: str) -> FailSafeN:
    """Add studies of effect 0 and average weight until |sum w y| / sqrt(sum w) is not enough."""
    from scipy.special import ndtr, ndtri

    w = 1.0 / s.vi
    total, sum_wy = float(np.sum(w)), float(np.sum(w * s.yi))
    p = float(2 * ndtr(-abs(sum_wy) / math.sqrt(total)))
    needed = (sum_wy / float(ndtri(1 - alpha / 2))) ** 2 - total
    fsnum = _count(needed * len(w) / total) if p <= alpha else 0.0
    return FailSafeN(name, fsnum, alpha, p, sum_wy / total, None, None, len(w))


@dataclass(frozen=True)
class _Drawer:
    """A model with null results added to its studies."""

    model: MetaResult

    def at(self, n: float) -> tuple[float, float, float]:
        """Average effect, tau2 and p-value with n null results."""
        from scipy.special import ndtr

        y, v, k = self.model.yi, self.model.vi, self.model.k
        tau2 = self.model.tau2
        if n > 0 and not (self.model.equal_effects or self.model.tau2_fixed):
            between = float(self.model.beta[0]) ** 2 * k * n / (k + n)
            tau2 = ((k + n - 2) * tau2 + between) / (k + n - 1)
        w = 1.0 / (v + tau2)
        # a null result has the harmonic mean of the variances
        total = float(np.sum(w)) + n / (k / float(np.sum(1.0 / v)) + tau2)
        mean = float(np.sum(w * y)) / total
        return mean, tau2, float(2 * ndtr(-abs(mean) * math.sqrt(total)))


def _general(model: MetaResult, alpha: float, target: float | None) -> FailSafeN:
    """Find the smallest number of null results by doubling and bisection."""
    drawer = _Drawer(model)
    mean, tau2, p = drawer.at(0)
    goal = None if target is None else math.copysign(target, mean)

    def undone(n: float) -> bool:
        found, _, chance = drawer.at(n)
        if goal is None:
            return chance >= alpha * (1 - _NEAR)
        return abs(found) <= abs(goal) * (1 + _NEAR)

    low, high = -1, 0
    while not undone(high):
        low, high = high, max(1, 2 * high)
        if high > _MOST:
            return FailSafeN("General", math.inf, None if goal else alpha, p, mean, goal, tau2,
                             model.k)  # fmt: skip
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if undone(middle) else (middle, high)
    est, tau2_n, p_n = drawer.at(high)
    return FailSafeN(
        "General", float(high), alpha if goal is None else None, p, mean, goal, tau2, model.k,
        est, tau2_n, p_n,
    )  # fmt: skip
