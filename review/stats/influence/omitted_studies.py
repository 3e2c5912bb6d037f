"""Leave-one-out and cumulative meta-analysis: the same model, refitted in one batch."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import StatsError
from review.stats.association.rank_distribution import ROUNDING, tie_groups
from review.stats.ground.column_kinds import is_missing, sort_keys
from review.stats.ground.guard import guarded
from review.stats.ground.inference import chi2_tail
from review.stats.ground.result_kit import Record, by_coefficient
from review.stats.pooling.refitting import essential, per_study, refit_rows, require
from review.stats.pooling.small_sample import refit_notes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.pooling.meta_result import MetaResult
    from review.stats.pooling.refitting import Fits

    Floats = NDArray[np.float64]

KEYS = ("precision", "effect")


@dataclass(frozen=True, eq=False)
class RefitResult(Record):
    """One refit per row.

    Attributes:
        kind: "leave-one-out" or "cumulative".
        labels: the study left out, or the study added last, per row.
        k: studies in the refit, (k,).
        estimate, se, stat, pval, ci_lb, ci_ub: (k,); with moderators (k, p).
        QE, QEp, tau2, I2, H2: heterogeneity of the refit, (k,).
        order: position (from 0, among the studies used) of each row's study, (k,).
        coef_names, method, test, level: as in the model.
        notes: remarks, such as refits that are not defined.
    """

    kind: str
    labels: tuple[str, ...]
    k: Floats
    estimate: Floats
    se: Floats
    stat: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    QE: Floats
    QEp: Floats
    tau2: Floats
    I2: Floats
    H2: Floats
    order: NDArray[np.int64]
    coef_names: tuple[str, ...]
    method: str
    test: str
    level: float
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"{self.kind.capitalize()} analysis ({self.method}, test {self.test})"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return ("left out" if self.kind == "leave-one-out" else "added"), self.labels

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        out: dict[str, Any] = {"k": self.k.astype(int)}
        for name in ("estimate", "se", "stat", "pval", "ci_lb", "ci_ub"):
            out |= by_coefficient(name, getattr(self, name), self.coef_names)
        return out | {n: getattr(self, n) for n in ("QE", "QEp", "tau2", "I2", "H2")}


@guarded
def leave_one_out(result: MetaResult) -> RefitResult:
    """Refit the model without each study in turn.

    Every row equals `meta_analysis` of the other studies with the same settings.

    Args:
        result: a meta-analysis or meta-regression of at least 2 studies.

    Returns:
        One row per study. With moderators, a study that alone determines a coefficient (the only
        one of its subgroup, say) cannot be left out; its row is NaN and a note says so.

    Raises:
        StatsError: there are too few studies.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], method="DL")
        >>> leave_one_out(fit).estimate.round(4)
        array([0.61  , 0.2333, 0.4688])
    """
    fits, notes = without_each(result, "leave-one-out analysis")
    return _table("leave-one-out", result, fits, np.arange(result.k), notes)


def without_each(result: MetaResult, what: str) -> tuple[Fits, tuple[str, ...]]:
    """Refits without each study, and a note on those that are not defined (NaN).

    Raises:
        StatsError: there are too few studies.
    """
    require(result, what)
    free = not (result.equal_effects or result.tau2_fixed)
    require(result, what, beyond=2 if free and result.p > 1 else 1)
    alone = essential(result)
    if alone.all():
        raise StatsError(
            f"{what}: every study alone determines a coefficient, none can be left out"
        )
    studies = np.arange(result.k)
    fits = refit_rows(result, studies[~alone], lambda rows: rows[:, None] != studies)
    if not alone.any():
        return fits, ()
    names = ", ".join(np.array(result.slab, dtype=object)[alone])
    note = f"not defined without {names}: no other study determines the same coefficient"
    return fits.spread(~alone), (note,)


@guarded
def cumulative(result: MetaResult, order: Any = None) -> RefitResult:
    """Refit the model as studies are added one by one.

    Args:
        result: a meta-analysis without moderators.
        order: what studies are sorted by, ascending, studies without a value last: one number or
            date per study (the publication year, say), a column name of the data the model was
            fitted to, "precision" (smallest variance first, ties by effect) or "effect" (ties by
            precision). By default the order of the data.

    Returns:
        One row per study; row i is the model of the first i studies in that order. Studies of one
        year (or other value given) are added in the order of the data, and a note says so.

    Raises:
        InputError: `order` has the wrong length, or text that is neither a number nor a date.
        StatsError: the model has moderators.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], method="EE")
        >>> cumulative(fit, order=[2001, 1999, 2010]).estimate.round(4)
        array([0.9   , 0.3462, 0.3653])
    """
    require(result, "cumulative analysis", intercept_only=True)
    where, notes = _positions(result, order)
    rank = np.argsort(where)
    fits = refit_rows(result, np.arange(result.k), lambda rows: rank <= rows[:, None])
    return _table("cumulative", result, fits, where, notes)


def _positions(result: MetaResult, order: Any) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Studies in order, and a note where the order leaves it open."""
    if order is None:
        return np.arange(result.k), ()
    if isinstance(order, str) and order in KEYS:
        effect = tie_groups(result.yi, ROUNDING * float(np.abs(result.yi).max()))
        size = tie_groups(result.vi, ROUNDING * result.vi)
        return np.lexsort((effect, size) if order == "precision" else (size, effect)), ()
    values = per_study(result, "order", order, gaps=True).tolist()
    keys = sort_keys(order if isinstance(order, str) else "order", values)
    where = sorted(range(result.k), key=keys.__getitem__)
    tied = [a for a, b in pairwise(where) if keys[a] == keys[b] and not is_missing(values[a])]
    note = f"studies with the same value of order ({values[tied[0]]}" if tied else ""
    more = ", ..." if len({keys[i] for i in tied}) > 1 else ""
    notes = (f"{note}{more}) are added in the order of the data",) if tied else ()
    return np.array(where, dtype=np.int64), notes


def _table(
    kind: str, result: MetaResult, fits: Fits, where: NDArray[np.int64], notes: tuple[str, ...]
) -> RefitResult:
    t = fits.tests(result.level, intercept=result.intercept)
    arrays = (fits.beta, t.se, t.stat, t.pval, t.ci_lb, t.ci_ub)
    estimate, se, stat, pval, low, high = (a[:, 0] if result.p == 1 else a for a in arrays)
    names = result.slab
    weak = refit_notes(
        test=result.test, s2w=fits.s2w, tau2=fits.tau2, df=fits.k - result.p,
        equal_effects=result.equal_effects, tau2_fixed=result.tau2_fixed,
    )  # fmt: skip
    QEp = np.where(np.isnan(fits.QE), np.nan, chi2_tail(fits.QE, fits.k - result.p))
    return RefitResult(
        kind=kind, labels=tuple(names[i] for i in where), k=fits.k, estimate=estimate, se=se,
        stat=stat, pval=pval, ci_lb=low, ci_ub=high, QE=fits.QE, QEp=QEp, tau2=fits.tau2,
        I2=fits.I2, H2=fits.H2, order=where, coef_names=result.coef_names, method=result.method,
        test=result.test, level=result.level, notes=(*notes, *weak),
    )  # fmt: skip
