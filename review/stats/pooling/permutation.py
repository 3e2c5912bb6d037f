"""Permutation tests of meta-analyses and meta-regressions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import StatsError
from review.stats.ground.alternatives import choose_alternative
from review.stats.ground.arguments import generator, whole
from review.stats.ground.enumeration import (
    all_orderings,
    all_signs,
    ordering_count,
    random_orderings,
    random_signs,
    rows_per_chunk,
)
from review.stats.ground.guard import guarded
from review.stats.ground.result_kit import Record
from review.stats.pooling.meta_rows import choose
from review.stats.pooling.refitting import refit, require
from review.stats.pooling.small_sample import permutation_notes
from review.words import statistic_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from review.stats.pooling.meta_result import MetaResult
    from review.stats.pooling.refitting import Fits

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MOST = 5_000_000  # exact tests beyond so many permutations are refused
_TIE = 1e-8  # relative difference below which two statistics count as equal


@dataclass(frozen=True, eq=False)
class PermutationResult(Record):
    """Permutation p-values.

    Attributes:
        coef_names: of the coefficients.
        beta, stat: estimates and test statistics of the data, (p,).
        pval: permutation p-values of the coefficients, (p,).
        QM: omnibus (Wald) statistic of the data; QMp: its permutation p-value.
        exact: whether all permutations were used.
        permutations: how many, without the data themselves when drawn at random.
        how: "signs" or "orders".
        alternative: "two-sided", "less" or "greater" (of the coefficients).
        statistic: "test" (z or t) or "coef" (the estimates themselves).
        seed: of the random numbers, None for exact tests.
        method, test: as in the model.
        draws: the statistic in every permutation, (n, p).
        notes: remarks, such as too few permutations.
    """

    coef_names: tuple[str, ...]
    beta: Floats
    stat: Floats
    pval: Floats
    QM: float
    QMp: float
    exact: bool
    permutations: int
    how: str
    alternative: str
    statistic: str
    seed: int | None
    method: str
    test: str
    draws: Floats = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        which = "exact, all" if self.exact else "random,"
        what = "sign vectors" if self.how == "signs" else "orders of the moderators"
        return f"Permutation test ({which} {self.permutations:,} {what})"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "coefficient", self.coef_names

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {"beta": self.beta, "stat": self.stat, "pval": self.pval}

    def footer(self) -> list[str]:
        """Lines below the table of the summary."""
        test = f"Omnibus test: {statistic_text('QM', self.QM, self.QMp)} (permutation)"
        return [test, *self.notes]


@guarded
def permutation_test(
    result: MetaResult,
    *,
    exact: bool | None = None,
    iterations: int = 1000,
    alternative: str = "two-sided",
    statistic: str = "test",
    seed: int | None = None,
) -> PermutationResult:
    """Permutation test (Follmann & Proschan 1999, Biometrics 55:732; Higgins & Thompson 2004).

    Without moderators the signs of the effects are flipped; with moderators the rows of the design
    are reassigned to the studies. The model, with its tau2, is fitted anew to every permutation.

    Args:
        result: a meta-analysis or meta-regression.
        exact: all permutations; None means: when there are no more than `iterations`.
        iterations: number of random permutations of a test that is not exact.
        alternative: "two-sided", "less" or "greater".
        statistic: what is compared: "test" statistics or the estimates ("coef").
        seed: of the random numbers; None draws one, which the result names.

    Returns:
        P values: the share of permutations (the data count as one of them) with a statistic at
        least as extreme (Phipson & Smyth 2010, Stat Appl Genet Mol Biol 9:39).

    Raises:
        InputError: an option is unknown or makes no sense.
        StatsError: there are too few studies, or too many permutations for an exact test.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.4, 0.9, 0.5], [0.04, 0.09, 0.05], method="DL", test="z")
        >>> permutation_test(fit, exact=True).pval
        array([0.25])
    """
    require(result, "a permutation test")
    require(result, "a permutation test", beyond=int(result.p > 1))
    alternative = choose_alternative(alternative)
    statistic = choose("statistic", statistic, ("test", "coef"))
    iterations = whole("iterations", iterations, least=1, most=MOST)
    labels = _row_labels(result)
    count = 2**result.k if result.intercept_only else ordering_count(labels)
    exact = count <= iterations if exact is None else exact
    if exact and count > MOST:
        raise StatsError(
            f"an exact test needs {count:,} permutations; at most {MOST:,} are allowed. Use "
            "exact=False"
        )
    rng, used_seed = generator(seed)
    plan = _Plan(labels, exact=exact, n=count if exact else iterations, rng=rng)
    observed = _statistics(result, _identity(result), statistic)
    draws, wald = _permuted(result, plan, statistic)
    extra = 0 if exact else 1
    pval = (_extreme(draws, observed[0], alternative).sum(0) + extra) / (plan.n + extra)
    QMp = (_extreme(wald, observed[1], "greater").sum(0) + extra) / (plan.n + extra)
    return PermutationResult(
        coef_names=result.coef_names, beta=result.beta, stat=result.stat, pval=pval,
        QM=result.QM, QMp=float(QMp[0]), exact=exact, permutations=plan.n,
        how="signs" if result.intercept_only else "orders", alternative=alternative,
        statistic=statistic, seed=None if exact else used_seed, method=result.method,
        test=result.test, draws=draws,
        notes=tuple(permutation_notes(plan.n + (not exact), 1 - result.level / 100)),
    )  # fmt: skip


@dataclass(frozen=True)
class _Plan:
    """Which permutations are made: all, or `n` random ones."""

    labels: Ints
    exact: bool
    n: int
    rng: np.random.Generator

    def signs(self) -> Iterator[Floats]:
        k = len(self.labels)
        if self.exact:
            return all_signs(k)
        return random_signs(k, self.n, self.rng)

    def orders(self, p: int) -> Iterator[Ints]:
        """Study at each row of the design, (rows, k)."""
        k = len(self.labels)
        step = rows_per_chunk(k * p)
        if not self.exact:
            yield from random_orderings(k, self.n, self.rng, step)
            return
        home = np.argsort(self.labels, kind="stable")
        for block in all_orderings(self.labels, step):
            order = np.empty_like(block)
            order[:, home] = np.argsort(block, axis=1, kind="stable")
            yield order


def _row_labels(result: MetaResult) -> Ints:
    """Number of the distinct row of the design of each study: equal rows are interchangeable."""
    inverse = np.unique(result.X, axis=0, return_inverse=True)[1]
    return np.asarray(inverse, dtype=np.int64).reshape(-1)


def _identity(result: MetaResult) -> Fits:
    """The data themselves, by the same way as the permutations, so that ties are exact."""
    if result.intercept_only:
        return refit(result, y=result.yi[None, :])
    return refit(result, order=np.arange(result.k)[None, :])


def _permuted(result: MetaResult, plan: _Plan, statistic: str) -> tuple[Floats, Floats]:
    """Statistics (n, p) and omnibus statistics (n, 1) of all permutations."""
    draws, wald = np.empty((plan.n, result.p)), np.empty((plan.n, 1))
    if result.intercept_only:
        fits = (refit(result, y=signs * result.yi) for signs in plan.signs())
    else:
        fits = (refit(result, order=order) for order in plan.orders(result.p))
    start = 0
    for fit in fits:
        part = slice(start, start + len(fit.tau2))
        draws[part], wald[part] = _statistics(result, fit, statistic)
        start = part.stop
    return draws, wald


def _statistics(result: MetaResult, fit: Fits, statistic: str) -> tuple[Floats, Floats]:
    tests = fit.tests(95, intercept=result.intercept)
    return (tests.stat if statistic == "test" else fit.beta), tests.QM[:, None]


def _extreme(draws: Floats, observed: Floats, alternative: str) -> NDArray[np.bool_]:
    """Which draws are at least as extreme as observed (1, p); near-ties count."""
    if alternative == "two-sided":
        draws, observed = np.abs(draws), np.abs(observed)
    elif alternative == "less":
        draws, observed = -draws, -observed
    return np.asarray(draws >= observed - _TIE * np.abs(observed))
