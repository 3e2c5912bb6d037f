"""Recall of a screening that stops early: a test against a target, and bounds from a sample.

The records that are left are an urn. Of it a sample is drawn at random and screened; how many
relevant records it holds says how many the urn can still hold (Callaghan and Müller-Hansen 2020,
Statistical stopping criteria for automated screening in systematic reviews, Systematic Reviews
9:273). No rule of the kind "so many irrelevant records in a row" is part of it: its error cannot be
stated.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import StatsError
from review.stats.ground.inference import check_level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# rounding must not turn 0.95 of 20 into 18.999...
_TINY: Final = 1e-9
_ONE_LOOK: Final = (
    "the p-value is that of one look: whoever looks again and again, and stops at the first small "
    "one, errs more often"
)


@dataclass(frozen=True, slots=True)
class RecallEstimate:
    """What is known of the recall of a screening.

    Attributes:
        records: how many there are.
        screened: how many were decided on, the sample included.
        found: relevant ones among them.
        urn: records left when the sample began.
        sampled: of the urn, at random; relevant ones among them: `sampled_found`.
        missed: expected number of relevant records that nobody has seen.
        missed_ub: one-sided upper bound of it, at `level`.
        recall: found / (found + missed); None where nothing was found or expected.
        recall_lb: one-sided lower bound, at `level`.
        target: the recall that is asked for.
        pval: of the hypothesis that the recall is below the target, at this look.
        level: confidence, per cent.
        sampling: random, or ranked where the last screened ones stand for a sample.
        notes: what the numbers rest on.
    """

    records: int
    screened: int
    found: int
    urn: int
    sampled: int
    sampled_found: int
    missed: float
    missed_ub: int
    recall: float | None
    recall_lb: float | None
    target: float
    pval: float
    level: float
    sampling: str
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as a dictionary."""
        return asdict(self)


def recall_estimate(
    relevant: Sequence[bool],
    n_records: int,
    *,
    sampled: int = 0,
    target: float = 0.95,
    level: float = 95,
) -> RecallEstimate:
    """Return how much of what is relevant was found, and test it against a target.

    Args:
        relevant: one entry per screened record, in the order of screening.
        n_records: how many records there are in all.
        sampled: how many of the last ones were drawn at random from what was left. 0: the order
            was by rank; then each tail of the screening stands for a sample in turn and the
            smallest p-value is taken, as Callaghan and Müller-Hansen do ("quasi-sampling"). That
            errs on the safe side as long as records ranked later are not more often relevant.
        target: recall, between 0 and 1.
        level: confidence of the bounds, per cent (95) or a fraction (0.95).

    Returns:
        Estimates and one-sided bounds. The p-value holds for one look at a time that was chosen
        beforehand; `notes` say so.

    Raises:
        StatsError: more records were screened than there are, or a number is out of range.

    Example:
        >>> found = recall_estimate([True] * 40 + [False] * 460, 1000, sampled=300)
        >>> found.missed_ub, round(found.recall_lb, 2), round(found.pval, 3)
        (6, 0.87, 0.244)
    """
    share = check_level(level)
    x = np.asarray(relevant, dtype=bool)
    n = len(x)
    if n > n_records:
        raise StatsError(f"{n} records were screened, and there are only {n_records}")
    if not 0 < target < 1:
        raise StatsError(f"the target recall is {target:g}; it lies between 0 and 1, such as 0.95")
    if not 0 <= sampled <= n:
        raise StatsError(f"{sampled} of {n} screened records cannot be the random sample")
    found = int(x.sum())
    notes = [_ONE_LOOK]
    if sampled:
        size, sampling = sampled, "random"
        pval = _pvalue(found, n_records - n + size, size, int(x[n - size :].sum()), target)
    else:
        sizes = np.arange(1, n + 1)
        hits = np.cumsum(x[::-1])
        pvals = _pvalues(found, n_records - n + sizes, sizes, hits, target)
        size = int(sizes[np.argmin(pvals)]) if n else 0
        pval, sampling = (float(pvals.min()), "ranked") if n else (1.0, "ranked")
        notes.append(
            "no random sample: the last records by rank stand for one, which is safe only while "
            "later ranks are not more often relevant; 'review screen --order random' draws one"
        )
    hits_in = int(x[n - size :].sum()) if size else 0
    urn = n_records - n + size
    upper = _upper(urn, size, hits_in, 1 - share) - hits_in
    missed = hits_in / size * (n_records - n) if size else float(n_records - n)
    if n == n_records:
        missed, upper, pval = 0.0, 0, 0.0
    if not found:
        notes.append("nothing relevant was found yet: no recall")
    return RecallEstimate(
        n_records, n, found, urn, size, hits_in, missed, upper,
        found / (found + missed) if found else None,
        found / (found + upper) if found else None,
        target, pval, share * 100, sampling, tuple(notes),
    )  # fmt: skip


def _fewest_below(found: NDArray[Any], hits: NDArray[Any], target: float) -> NDArray[np.int64]:
    """The fewest relevant records of the urn with which the recall is below the target.

    Callaghan and Müller-Hansen (2020), equation 3: the total is above found / target, and what was
    found before the sample is no part of the urn.
    """
    total = np.floor(found / target + _TINY).astype(np.int64) + 1
    return np.asarray(total - (found - hits), dtype=np.int64)


def _pvalues(
    found: int, urns: NDArray[Any], sizes: NDArray[Any], hits: NDArray[Any], target: float
) -> NDArray[np.float64]:
    from scipy.stats import hypergeom

    fewest = _fewest_below(np.full_like(hits, found), hits, target)
    # more than the urn can hold: the recall cannot be below the target
    possible = fewest - hits <= urns - sizes
    marked = np.where(possible, fewest, hits)
    pvals = hypergeom.cdf(hits, urns, marked, sizes)
    return np.where(possible, np.clip(pvals, 0.0, 1.0), 0.0)


def _pvalue(found: int, urn: int, size: int, hits: int, target: float) -> float:
    urns, sizes, found_in = (np.asarray([v]) for v in (urn, size, hits))
    return float(_pvalues(found, urns, sizes, found_in, target)[0])


def _upper(urn: int, size: int, hits: int, alpha: float) -> int:
    """The most relevant records of the urn that the sample does not contradict at `alpha`."""
    from scipy.stats import hypergeom

    low, high = hits, urn - size + hits
    while low < high:  # the chance of so few falls as the urn holds more
        middle = (low + high + 1) // 2
        if hypergeom.cdf(hits, urn, middle, size) > alpha:
            low = middle
        else:
            high = middle - 1
    return low
