"""Which treatment is best: P-scores, rank probabilities, SUCRA.

The P-score of a treatment is the mean, over the others, of the certainty that it is better than
them (Rücker & Schwarzer 2015, BMC Med Res Methodol 15:58). SUCRA, the area under the cumulative
ranking curve (Salanti, Ades & Ioannidis 2011, J Clin Epidemiol 64:163), is (T - mean rank)/(T - 1).
The mean rank is 1 + sum over the others of P(they are better), so under normality the two are one
number, and SUCRA needs no simulation; the probability of each rank does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.ground.arguments import generator, whole
from review.stats.ground.guard import guarded
from review.stats.ground.result_kit import Record

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.networks.network_fit import NetworkTables

DRAWS: Final = 100_000
_AT_ONCE: Final = 2_000_000  # draws times treatments sorted together


@dataclass(frozen=True, eq=False)
class Ranking(Record):
    """Ranks of T treatments.

    Attributes:
        treatments: names.
        p_score: P-scores, (T,): 1 is certainly best, 0 certainly worst. SUCRA is the same number.
        mean_rank: expected rank, 1 is best, (T,).
        better: certainty that i is better than j, (T, T); 1/2 on the diagonal.
        probabilities: of treatment i to have rank r + 1, (T, T), from draws.
        error: largest Monte Carlo standard error of the probabilities.
        draws, seed: of the simulation.
        smaller_is_better: whether low effects are desirable.
        model: "common" or "random".
        notes: which direction is better, and what the probabilities rest on.
    """

    treatments: tuple[str, ...]
    p_score: FloatArray
    mean_rank: FloatArray
    better: FloatArray
    probabilities: FloatArray
    error: float
    draws: int
    seed: int
    smaller_is_better: bool
    model: str
    notes: tuple[str, ...] = ()

    @property
    def sucra(self) -> FloatArray:
        """Surface under the cumulative ranking curve, (T,): equal to the P-score."""
        return self.p_score

    @property
    def sucra_simulated(self) -> FloatArray:
        """SUCRA from the drawn ranks, (T,): within Monte Carlo error of `sucra`."""
        T = len(self.treatments)
        return np.asarray(self.probabilities.cumsum(1)[:, :-1].sum(1) / (T - 1))

    @property
    def order(self) -> tuple[int, ...]:
        """Numbers of the treatments, the best first; equal scores in the order of the names."""
        return tuple(
            sorted(range(len(self.treatments)), key=lambda i: -round(float(self.p_score[i]), 12))
        )

    @property
    def title(self) -> str:
        """First line of the summary."""
        way = "smaller" if self.smaller_is_better else "larger"
        return f"Ranking by the {self.model} effects model: {way} effects are better"

    def columns(self) -> dict[str, Any]:
        """Columns of the table, the best treatment first."""
        order = list(self.order)
        best = self.probabilities[order, 0]
        return {"P-score": self.p_score[order], "mean rank": self.mean_rank[order],
                "P(best)": best, "P(worst)": self.probabilities[order, -1]}  # fmt: skip

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Treatments, the best first."""
        return "treatment", tuple(self.treatments[i] for i in self.order)

    @property
    def conventions(self) -> None:
        """None: no version of the reference differs."""
        return


def better_table(fit: NetworkTables, *, smaller_is_better: bool) -> FloatArray:
    """Return the certainty that treatment i is better than j, (T, T)."""
    from scipy.special import ndtr

    return np.asarray(ndtr(-fit.stat if smaller_is_better else fit.stat))


def p_scores(fit: NetworkTables, *, smaller_is_better: bool) -> FloatArray:
    """Return the P-scores, (T,) (Rücker & Schwarzer 2015, eq. 5)."""
    better = better_table(fit, smaller_is_better=smaller_is_better)
    return np.asarray((better.sum(1) - 0.5) / (len(better) - 1))


@guarded
def ranking(
    treatments: tuple[str, ...],
    fit: NetworkTables,
    *,
    smaller_is_better: bool,
    draws: int = DRAWS,
    seed: int | None = 1,
) -> Ranking:
    """Rank the treatments.

    Args:
        treatments: their names.
        fit: the tables of a model.
        smaller_is_better: whether low effects are desirable.
        draws: from the joint normal distribution of the effects, for the rank probabilities.
        seed: of the draws.
    """
    draws = whole("draws", draws, least=1, most=10_000_000)
    rng, used = generator(seed)
    better = better_table(fit, smaller_is_better=smaller_is_better)
    T = len(treatments)
    score = (better.sum(1) - 0.5) / (T - 1)
    counts = np.zeros((T, T))
    sign = 1.0 if smaller_is_better else -1.0
    # the first treatment is the origin: the others scatter around it
    root = _root(fit.cov[1:, 1:])
    left = draws
    while left:
        n = min(left, max(_AT_ONCE // T, 1))
        x = np.empty((n, T))
        x[:, 0] = sign * fit.theta[0]
        x[:, 1:] = sign * (fit.theta[1:] + rng.standard_normal((n, T - 1)) @ root.T)
        ranks = x.argsort(1).argsort(1)
        for i in range(T):
            counts[i] += np.bincount(ranks[:, i], minlength=T)
        left -= n
    probabilities = counts / draws
    error = float(np.sqrt((probabilities * (1 - probabilities)).max() / draws))
    notes = (
        (
            f"SUCRA equals the P-score under normality; rank probabilities are from {draws:,} "
            f"draws (seed {used}), with a standard error of {error:.4f} at most"
        ),
    )
    return Ranking(
        treatments, np.asarray(score), np.asarray(1 + (T - 1) * (1 - score)), better,
        probabilities, error, draws, used, smaller_is_better, fit.model, notes,
    )  # fmt: skip


def _root(cov: FloatArray) -> FloatArray:
    """A matrix R with R R' = cov."""
    values, vectors = np.linalg.eigh(cov)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
