"""Wild cluster bootstrap tests, for when there are few clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.ground.arguments import generator, whole
from review.stats.ground.basis import basis
from review.stats.ground.result_kit import Record
from review.stats.pooling.linear_hypothesis import (
    hypothesis_rows,
    hypothesis_values,
    hypothesis_words,
)
from review.stats.pooling.meta_rows import choose
from review.stats.pooling.robust import RobustResult, cluster_robust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.mv_result import MVResult
    from review.stats.pooling.meta_result import MetaResult
    from review.stats.pooling.sandwich import Sandwich

MULTIPLIERS: Final = ("auto", "rademacher", "webb", "mammen")
EXHAUSTIVE: Final = 14  # clusters up to which all signs are gone through
FEW: Final = 8  # clusters below which signs give too few different samples
CHUNK: Final = 4_000_000  # numbers in memory at a time
TIE: Final = 1e-10  # relative difference of statistics that counts as none


@dataclass(frozen=True, eq=False)
class WildBootstrap(Record):
    """Joint test of q hypotheses.

    Attributes:
        F: Wald statistic with the robust covariance, over q. df: q. pval: share of the bootstrap
            samples whose statistic is as large or larger; of drawn samples (b + 1) / (B + 1)
            (Davison & Hinkley 1997, eq. 4.11).
        error: Monte-Carlo standard error of pval; 0 when all signs were gone through.
        iterations: bootstrap samples. exhaustive: whether they are all there are.
        multipliers: "rademacher", "webb" or "mammen". seed: of the random numbers, or None.
        kind: type of robust covariance. n_clusters: number of clusters.
        hypotheses: in words.
    """

    F: float
    df: int
    pval: float
    error: float
    iterations: int
    exhaustive: bool
    multipliers: str
    seed: int | None
    kind: str
    n_clusters: int
    hypotheses: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        how = "all signs" if self.exhaustive else f"{self.iterations:,} samples, seed {self.seed}"
        return (
            f"Wild cluster bootstrap ({self.n_clusters} clusters, {self.multipliers} multipliers, "
            f"{how}; {self.kind})"
        )

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "hypothesis", (" and ".join(self.hypotheses),)

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {"F": [self.F], "df": [self.df], "pval": [self.pval], "error": [self.error]}


def wild_bootstrap(
    result: MetaResult | MVResult | RobustResult,
    hypothesis: Any = None,
    cluster: Any = None,
    *,
    rhs: Any = 0.0,
    kind: str = "CR1",
    iterations: int = 1999,
    multipliers: str = "auto",
    seed: int | None = None,
) -> WildBootstrap:
    """Test linear hypotheses by a wild bootstrap of clusters under the null.

    The model is fitted under the hypothesis, its residuals are multiplied by one random number for
    each cluster, and the robust Wald statistic is computed anew with the working model's weights
    kept (Cameron, Gelbach & Miller 2008, Rev Econ Stat 90:414; for meta-regression Joshi,
    Pustejovsky & Beretvas 2022, Res Synth Methods 13:457). All samples are computed from sums by
    cluster, so that their number hardly matters.

    Args:
        result: of `meta_analysis`, `meta_analysis_mv`, `cluster_robust` or `robust_variance`.
        hypothesis: as for `linear_hypothesis`: names of coefficients, multipliers; by default all
            coefficients but an intercept that is not alone.
        cluster: as for `cluster_robust`; not with a robust result, which has its clusters.
        rhs: values under the hypotheses.
        kind: type of the robust covariance in the statistic; "CR0" and "CR1" give the same p.
        iterations: bootstrap samples; up to 14 clusters with signs all of them are gone through.
        multipliers: "rademacher" (signs), "webb" (six values, for few clusters), "mammen";
            "auto": signs, below 8 clusters Webb's.
        seed: of the random numbers; drawn and stated when None.

    Raises:
        InputError: an argument is wrong. StatsError: there are too few clusters.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4, 0.3], [0.04, 0.09, 0.05, 0.05], method="DL")
        >>> found = wild_bootstrap(fit, cluster=["a", "b", "c", "d"], multipliers="rademacher")
        >>> found.exhaustive, found.pval
        (True, 0.125)
    """
    if isinstance(result, RobustResult):
        if cluster is not None:
            raise InputError("the robust result has its clusters already")
        robust = result
    else:
        robust = cluster_robust(result, cluster, kind)
    kind = robust.type
    how = choose("multipliers", multipliers, MULTIPLIERS)
    iterations = whole("iterations", iterations, least=1)
    m, p = robust.n_clusters, len(robust.beta)
    if hypothesis is None:
        rows = np.eye(p)[int(robust.intercept and p > 1) :]
    else:
        rows = hypothesis_rows(robust.coef_names, hypothesis)
    values = hypothesis_values(rhs, len(rows))
    if how == "auto":
        how = "rademacher" if m >= FEW else "webb"
    span = basis(robust.inside.basis.coordinates(rows).T)
    C, value = span.U.T, span.to_x.T @ values
    observed, t, S = _null(robust, C, value)
    exhaustive = how == "rademacher" and m <= EXHAUSTIVE
    drawn = None
    if exhaustive:
        samples: Iterator[FloatArray] = _all_signs(m)
        count = 2**m
    else:
        random, drawn = generator(seed)
        samples, count = _draws(random, how, iterations, m, len(C)), iterations
    found = _share_as_large(robust.meat, C, (t, S), samples, observed)
    if np.isnan(found):
        raise StatsError(f"{m} clusters are too few for a bootstrap test of {len(C)} hypotheses")
    if not exhaustive:  # the observed sample counts as one of them, so that p is never 0
        found = (1 + round(found * count)) / (1 + count)
    error = 0.0 if exhaustive else float(np.sqrt(found * (1 - found) / count))
    notes: tuple[str, ...] = ()
    if exhaustive and 2 ** (1 - m) > 0.01:
        notes = (f"with {m} clusters no p-value below {2.0 ** (1 - m):.3g} is possible",)
    return WildBootstrap(
        F=observed / len(C), df=len(C), pval=found, error=error, iterations=count,
        exhaustive=exhaustive, multipliers=how, seed=drawn, kind=kind, n_clusters=m,
        hypotheses=hypothesis_words(rows, values, robust.coef_names), notes=notes,
    )  # fmt: skip


def _null(
    robust: RobustResult, C: FloatArray, value: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Wald statistic, and cluster scores of the residuals under the hypothesis.

    Returns:
        The statistic; C E_j'e_j, (m, q); and M X_j'W_j e_j, (m, p).
    """
    meat, inside = robust.meat, robust.inside
    off = C @ inside.coef - value
    statistic = float(off @ np.linalg.solve(C @ meat.vcov @ C.T, off))
    M = meat.bread
    moved = M @ C.T @ np.linalg.solve(C @ M @ C.T, off)
    plain, adjusted = meat.scores(robust.residuals + inside.basis.U @ moved)
    return statistic, adjusted @ C.T, plain @ M


def _share_as_large(
    meat: Sandwich,
    C: FloatArray,
    scores: tuple[FloatArray, FloatArray],
    samples: Iterator[FloatArray],
    observed: float,
) -> float:
    """Share of the samples whose Wald statistic is as large as the observed one."""
    t, S = scores
    feedback = np.einsum("qp,jpr->jqr", C, meat.feedback)
    larger = total = 0
    for w in samples:
        change = w @ S  # change of the coefficients, (b, p)
        each = w[:, :, None] * t - np.einsum("jqr,br->bjq", feedback, change)
        V = np.einsum("bjq,bjs->bqs", each, each)
        off = change @ C.T
        with np.errstate(divide="ignore", invalid="ignore"):
            try:
                F = (off * np.linalg.solve(V, off[..., None])[..., 0]).sum(-1)
            except np.linalg.LinAlgError:
                return float("nan")
        larger += int((observed * (1 - TIE) <= F).sum())
        total += len(w)
    return larger / total


def _all_signs(m: int) -> Iterator[FloatArray]:
    step = max(1, CHUNK // (m * 8))
    for start in range(0, 2**m, step):
        number = np.arange(start, min(start + step, 2**m))
        yield np.asarray(1.0 - 2.0 * ((number[:, None] >> np.arange(m)) & 1), np.float64)


def _draws(
    random: np.random.Generator, how: str, iterations: int, m: int, q: int
) -> Iterator[FloatArray]:
    step = max(1, CHUNK // (m * max(q, 2)))
    for start in range(0, iterations, step):
        shape = (min(step, iterations - start), m)
        if how == "rademacher":
            yield random.choice(np.array([-1.0, 1.0]), shape)
        elif how == "webb":  # Webb (2023), Can J Econ 56:839
            six = np.sqrt([0.5, 1.0, 1.5])
            yield random.choice(np.concatenate([-six, six]), shape)
        else:  # Mammen (1993), Ann Stat 21:255
            root = np.sqrt(5.0)
            low, high = (1 - root) / 2, (1 + root) / 2
            yield np.where(random.random(shape) < (root + 1) / (2 * root), low, high)
