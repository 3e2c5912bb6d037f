"""Trim and fill: how many studies are missing on one side of the funnel, and what they change.

Duval & Tweedie 2000a (Biometrics 56:455) and 2000b (JASA 95:89); Duval 2005. With the effects
centred at the estimate from the trimmed data, T is the sum of the ranks of |y| on the full side and
gamma the length of its rightmost run:

    R0 = gamma - 1
    L0 = (4 T - k (k + 1)) / (2 k - 1)
    Q0 = k - 1/2 - sqrt(2 k^2 - 4 T + 1/4)

Ties, which the papers leave open: effects equally far from the centre (within rounding) share the
mean of their ranks, an effect at the centre counts half on either side, and of equal effects the
more precise are trimmed first. So the result does not depend on the order of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import ConvergenceError, InputError, StatsError
from review.stats.association.rank_distribution import mid_ranks, tie_groups
from review.stats.bias.bias_input import as_model, read_studies, refit, with_predictor
from review.stats.bias.record import SmallStudyResult
from review.stats.ground.arguments import ordered_pair, whole
from review.stats.ground.design_matrix import intercept_design
from review.stats.ground.guard import guarded
from review.stats.pooling.meta_rows import Inputs, choose
from review.stats.pooling.small_sample import bias_notes
from review.words import confidence, number, p_value

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from review.stats.association.rank_distribution import Ints
    from review.stats.ground.least_squares import FloatArray
    from review.stats.pooling.meta_result import MetaResult

ROUNDING: Final = 1e-9  # share of the largest effect within which two are the same
ESTIMATORS: Final = ("L0", "R0", "Q0")
SIDES: Final = ("auto", "left", "right")


@dataclass(frozen=True, eq=False)
class TrimAndFill(SmallStudyResult):
    """Result of trim and fill.

    Attributes:
        k0: estimated number of missing studies.
        se_k0: its standard error; None where its formula gives a negative variance.
        p_k0: p-value of no missing studies (R0 only); None otherwise.
        side: "left" or "right", where studies are missing.
        estimator: "L0", "R0" or "Q0".
        yi, vi: observed and filled-in effects and variances, (k + k0,), observed first.
        fill: which of them are filled in, (k + k0,).
        fit: the model refitted to all of them.
        observed: the model without them.
        iterations: rounds of trimming.
        slab: labels; filled-in studies are called "Filled 1" and so on.
        notes: where ties or rounding decide.
    """

    k0: int
    se_k0: float | None
    p_k0: float | None
    side: str
    estimator: str
    yi: FloatArray
    vi: FloatArray
    fill: npt.NDArray[np.bool_]
    fit: MetaResult
    observed: MetaResult
    iterations: int
    slab: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def weakness(self) -> list[str]:
        """Return the remarks on what the result rests on."""
        return bias_notes(self.observed.k)

    @property
    def beta(self) -> FloatArray:
        """Estimate from observed and filled-in studies, (1,)."""
        return self.fit.beta

    @property
    def se(self) -> FloatArray:
        """Its standard error, (1,)."""
        return self.fit.se

    @property
    def ci_lb(self) -> FloatArray:
        """Its lower confidence limit, (1,)."""
        return self.fit.ci_lb

    @property
    def ci_ub(self) -> FloatArray:
        """Its upper confidence limit, (1,)."""
        return self.fit.ci_ub

    @property
    def tau2(self) -> float:
        """Heterogeneity of observed and filled-in studies."""
        return self.fit.tau2

    def to_frame(self) -> pd.DataFrame:
        """Return one row per observed or filled-in study."""
        import pandas as pd

        return pd.DataFrame(
            {"slab": list(self.slab), "yi": self.yi, "vi": self.vi, "fill": self.fill}
        )

    def words(self) -> str:
        """Return the result in words, with the method and its source."""
        se = "" if self.se_k0 is None else f" (SE {number(self.se_k0)})"
        lines = [
            f"Trim and fill (Duval & Tweedie 2000), estimator {self.estimator}, {self.fit.method}",
            f"Missing studies on the {self.side} side: {self.k0}{se}",
        ]
        if self.p_k0 is not None:
            lines.append(f"Test of no missing studies on that side: {p_value(self.p_k0)}")
        for name, fit in (("Observed", self.observed), ("Filled", self.fit)):
            limits = confidence(float(fit.ci_lb[0]), float(fit.ci_ub[0]), fit.level)
            lines.append(
                f"{name}: {number(fit.beta[0])}, {limits}, tau2 = {number(fit.tau2)}, k = {fit.k} "
                f"(test {fit.test})"
            )
        return self.with_notes(*lines)


@guarded
def trim_and_fill(
    source: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    data: Any = None,
    side: str = "auto",
    estimator: str = "L0",
    method: str | None = None,
    test: str | None = None,
    level: float | None = None,
    max_iter: int = 100,
    limits: tuple[float, float] | None = None,
) -> TrimAndFill:
    """Estimate the number of missing studies, fill them in and fit again.

    Args:
        source: a `MetaResult` without moderators (its estimator and test are used throughout), the
            result of `effect_size`, or effects (k,).
        vi: sampling variances, (k,), when `source` holds effects alone.
        sei: standard errors, instead of `vi`.
        data: where column names are looked up.
        side: where studies are missing: "left", "right", or "auto": opposite to the side towards
            which the meta-regression on the standard error leans.
        estimator: "L0", "R0" or "Q0".
        method: replaces the estimator of the model; for plain effects REML.
        test: replaces the test of the model; for plain effects the default of `meta_analysis`.
        level: replaces the level of the model, per cent; for plain effects 95.
        max_iter: most rounds of trimming.
        limits: smallest and largest value that the effect can take; filled-in effects are moved
            to the limit.

    Raises:
        UnknownNameError: unknown side or estimator.
        InputError: the model has moderators or case weights.
        StatsError: fewer than 3 studies, or all standard errors alike with side "auto".
        ConvergenceError: the number of missing studies alternates without settling.

    Example:
        >>> found = trim_and_fill([0.1, 0.2, 0.15, 0.5, 0.8], [0.01, 0.02, 0.03, 0.1, 0.2])
        >>> found.k0, found.side, int(found.fill.sum())
        (2, 'left', 2)
    """
    estimator = choose("estimator", estimator, ESTIMATORS)
    side = choose("side", side, SIDES)
    model = as_model(source, vi, sei=sei, data=data, method=method, test=test, level=level)
    if not model.intercept_only:
        raise InputError("trim and fill needs a model without moderators")
    if model.case_weights is not None:
        raise InputError("trim and fill has no weights for the studies it fills in: omit weights=")
    if model.k < 3:
        raise StatsError(f"trim and fill needs 3 studies, not {model.k}")
    max_iter = whole("max_iter", max_iter, least=1)
    low, high = _checked_limits(limits)
    rows = read_studies(model)
    chosen, notes = _side(model, rows) if side == "auto" else (side, ())
    sign = -1.0 if chosen == "right" else 1.0
    # of equal effects the most precise stands last and is trimmed first
    equal = tie_groups(sign * rows.yi, ROUNDING * float(np.abs(rows.yi).max()))
    order = np.lexsort((-rows.vi, equal))
    found = _trim(model, rows, order, sign, estimator=estimator, max_iter=max_iter)
    mirrored = order[len(order) - found.k0 :]
    new = np.clip(2.0 * found.centre - rows.yi[mirrored], low, high)
    slab = (*model.slab, *(f"Filled {i + 1}" for i in range(found.k0)))
    sizes = None if rows.ni is None else np.concatenate([rows.ni, rows.ni[mirrored]])
    yi, v = np.concatenate([rows.yi, new]), np.concatenate([rows.vi, rows.vi[mirrored]])
    filled = _subset(rows, yi, v, slab, sizes)
    return TrimAndFill(
        k0=found.k0, se_k0=found.se,
        p_k0=0.5 ** (found.k0 + 1) if estimator == "R0" else None, side=chosen,
        estimator=estimator, yi=yi, vi=v, fill=np.arange(len(yi)) >= len(rows.yi),
        fit=refit(model, filled) if found.k0 else model, observed=model,
        iterations=found.iterations, slab=slab,
        notes=(*notes, *_tie_notes(rows, equal, order, sign * (rows.yi - found.centre), found.k0)),
    )  # fmt: skip


def _checked_limits(limits: tuple[float, float] | None) -> tuple[float, float]:
    if limits is None:
        return -np.inf, np.inf
    return ordered_pair("limits", limits)


def _side(model: MetaResult, rows: Inputs) -> tuple[str, tuple[str, ...]]:
    """Studies are missing on the right when small studies have the smaller effects."""
    if np.ptp(rows.vi) <= 1e-10 * float(rows.vi.max()):
        raise StatsError(
            "all standard errors are the same, so that the side cannot be found: pass side='left' "
            "or side='right'"
        )
    fitted = refit(model, with_predictor(rows, np.sqrt(rows.vi), "sei"))
    change = float(fitted.beta[1]) * float(np.ptp(np.sqrt(rows.vi)))
    if abs(change) <= ROUNDING * float(np.abs(rows.yi).max()):
        note = "small and large studies have the same average effect; the side taken is the left"
        return "left", (note,)
    return "right" if change < 0 else "left", ()


def _tie_notes(
    rows: Inputs, equal: Ints, order: Ints, centred: FloatArray, k0: int
) -> tuple[str, ...]:
    """Say where the rules for ties had a say."""
    error = ROUNDING * float(np.abs(rows.yi).max())
    far = tie_groups(np.abs(centred), error)
    sides = np.where(np.abs(centred) <= error, 0.0, np.sign(centred))
    notes = []
    if any(len(set(sides[far == g].tolist())) > 1 for g in np.unique(far)) or (sides == 0).any():
        notes.append(
            "some effects lie equally far on both sides of the trimmed centre (or at it): they "
            "share the mean of their ranks"
        )
    cut = len(order) - k0
    if k0:
        last, first = order[cut - 1], order[cut]
        if equal[last] == equal[first] and rows.vi[last] > rows.vi[first]:
            notes.append(
                "of equal effects the more precise are taken as those without a counterpart"
            )
    return tuple(notes)


def _subset(
    rows: Inputs, yi: FloatArray, vi: FloatArray, slab: tuple[str, ...] | None, ni: Any
) -> Inputs:
    k = len(yi)
    return replace(
        rows, yi=yi, vi=vi, ni=ni, slab=slab, ids=np.arange(k), design=intercept_design(k)
    )


@dataclass(frozen=True)
class _Trimmed:
    k0: int
    se: float | None
    centre: float
    iterations: int


def _trim(
    model: MetaResult, rows: Inputs, order: Any, sign: float, *, estimator: str, max_iter: int
) -> _Trimmed:
    """Trim the extreme studies of the full side until their number settles."""
    y = sign * rows.yi[order]
    k, k0 = len(y), 0
    seen: list[int] = []
    for iteration in range(1, max_iter + 1):
        kept = np.sort(order[: k - k0])
        part = _subset(rows, rows.yi[kept], rows.vi[kept], None, None)
        centre = float(refit(model, part).beta[0])
        error = ROUNDING * float(np.abs(y).max())
        new, se = missing_studies(y - sign * centre, estimator, error)
        if new == k0:
            return _Trimmed(k0, se, centre, iteration)
        if new >= k:
            raise StatsError(
                f"estimator {estimator} finds {new} of {k} studies without a counterpart, which "
                "leaves none to estimate a centre from; try another estimator"
            )
        if new in seen:
            cycle = [*seen[seen.index(new) :], new]
            raise ConvergenceError(
                f"trim and fill ({estimator}) alternates between {' -> '.join(map(str, cycle))} "
                "missing studies without settling; try another estimator"
            )
        seen.append(new)
        k0 = new
    raise ConvergenceError(f"trim and fill ({estimator}) did not settle in {max_iter} rounds")


def missing_studies(y: FloatArray, estimator: str, error: float = 0.0) -> tuple[int, float | None]:
    """Estimate the number of studies missing on the left of centred effects.

    Args:
        y: effects less their centre, (k,).
        estimator: "L0", "R0" or "Q0".
        error: distances from the centre that differ by less are equal.

    Returns:
        The estimate, rounded and at least 0, and its standard error (Duval & Tweedie 2000a) at the
        estimate before rounding and truncation, None where that gives a negative variance.
    """
    k = len(y)
    rank = mid_ranks(tie_groups(np.abs(y), error))
    y = np.where(np.abs(y) <= error, 0.0, y)
    if estimator == "R0":
        # the run of largest |y| that are all positive: everything above the largest negative
        largest_negative = float(np.max(np.where(y < 0, rank, 0.0)))
        k0 = max(0, round(k - largest_negative - 1.0))
        return k0, float(np.sqrt(2.0 * k0 + 2.0))
    T = float(rank[y > 0].sum() + rank[y == 0].sum() / 2)
    if estimator == "L0":
        raw = (4.0 * T - k * (k + 1.0)) / (2.0 * k - 1.0)
        return max(0, round(raw)), _root(_variance_of_sum(k, raw), 4.0 / (2.0 * k - 1.0))
    root = 2.0 * k**2 - 4.0 * T + 0.25
    if root < 0:
        raise StatsError(
            "estimator Q0 is not defined here: nearly all studies lie on one side of the trimmed "
            "centre; try L0 or R0"
        )
    raw = k - 0.5 - float(np.sqrt(root))
    below = (k - 0.5) ** 2 - raw * (2.0 * k - raw - 1.0)
    scale = 2.0 / float(np.sqrt(below)) if below > 0 else np.nan
    return max(0, round(raw)), _root(_variance_of_sum(k, raw), scale)


def _root(variance: float, scale: float) -> float | None:
    return float(np.sqrt(variance)) * scale if variance >= 0 and scale > 0 else None


def _variance_of_sum(k: int, k0: float) -> float:
    """Variance of the rank sum T; `k0` before rounding (Duval & Tweedie 2000a)."""
    own = k * (k + 1.0) * (2.0 * k + 1.0)
    extra = 10.0 * k0**3 + 27.0 * k0**2 + 17.0 * k0
    cross = -18.0 * k * k0**2 - 18.0 * k * k0 + 6.0 * k**2 * k0
    return (own + extra + cross) / 24.0
