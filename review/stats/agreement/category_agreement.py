"""Agreement of coders on categories: percent, Cohen, Fleiss, Gwet and Krippendorff.

All functions take `ratings`: one sequence per coder, all of one length (one entry per unit), with
None where a coder gave no value. Nothing is ever NaN: where a coefficient is not defined, its
value is None and `note` says why.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from review.errors import InputError
from review.stats.agreement.category_order import need_order, place_of
from review.stats.ground.inference import check_level, normal_quantile, wilson
from review.words import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    Ratings: TypeAlias = Sequence[Sequence[Any]]

Weights = Literal["linear", "quadratic"]
SEED: Final = 20220413
NO_WIDTH: Final = "the units do not vary, so no interval can be computed from them"
_NARROWEST: Final = 1e-9  # width of an interval that is there for rounding alone
_ONE_WORD: Final = (
    "every value is the same ({0}): agreement by chance is certain and the coefficient is 0/0"
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient of agreement.

    Attributes:
        value: the coefficient, or None when it is not defined.
        low, high: its confidence interval, or None; never one without width.
        n: the units that it rests on.
        method: coefficient and interval in words, with their source.
        note: why there is no value or no interval; empty otherwise.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    note: str = ""

    def __post_init__(self) -> None:
        """Withhold an interval without width: full agreement of few units is not certainty."""
        if self.low is None or self.high is None or self.high - self.low > _NARROWEST:
            return
        object.__setattr__(self, "low", None)
        object.__setattr__(self, "high", None)
        object.__setattr__(self, "note", "; ".join(filter(None, (self.note, NO_WIDTH))))

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as a dictionary."""
        return asdict(self)


def category_counts(
    ratings: Ratings, categories: Sequence[Hashable] | None = None
) -> tuple[NDArray[np.int64], list[Hashable]]:
    """Count how many coders gave each unit each category.

    Args:
        ratings: coders x units.
        categories: their order; without it, the categories that occur, numbers by
            size, then words as text.

    Returns:
        Units x categories, and the categories.

    Raises:
        InputError: rows of different length, or a value outside `categories`.
    """
    lengths = {len(row) for row in ratings}
    if len(lengths) > 1:
        raise InputError(f"coders rated different numbers of units: {sorted(lengths)}")
    seen = sorted({v for row in ratings for v in row if v is not None}, key=place_of)
    order = seen if categories is None else list(categories)
    place = {value: i for i, value in enumerate(order)}
    unknown = [value for value in seen if value not in place]
    if unknown:
        raise InputError(f"values outside the categories: {listed(unknown, most=5)}")
    counts = np.zeros((next(iter(lengths), 0), len(order)), dtype=np.int64)
    for row in ratings:
        for unit, value in enumerate(row):
            if value is not None:
                counts[unit, place[value]] += 1
    return counts, order


def percent_agreement(ratings: Ratings, *, level: float = 95) -> Estimate:
    """Return the share of equal pairs of values, averaged over units with two or more.

    The interval is Wilson's (1927) for two coders; for more coders there is none.

    Example:
        >>> percent_agreement([["a", "b", "b"], ["a", "b", "a"]]).value
        0.6666666666666666
    """
    method = "share of equal pairs"
    counts, _ = category_counts(ratings)
    rated = counts.sum(axis=1)
    counts = counts[rated >= 2]
    n, m = len(counts), counts.sum(axis=1)
    if not n:
        return Estimate(None, None, None, 0, method, "no unit has two values")
    value = float(np.mean((counts * (counts - 1)).sum(axis=1) / (m * (m - 1))))
    if len(ratings) != 2:
        return Estimate(value, None, None, n, method, "no interval for three or more coders")
    low, high = wilson(round(value * n), n, level)
    return Estimate(value, low, high, n, f"{method}, Wilson interval")


def cohen_kappa(
    ratings: Ratings,
    *,
    weights: Weights | None = None,
    categories: Sequence[Hashable] | None = None,
    level: float = 95,
) -> Estimate:
    """Return Cohen's kappa of two coders (Cohen 1960; weighted: Cohen 1968).

    Units without a value of both coders are left out. Value and large-sample interval come from
    statsmodels (variance of Fleiss, Cohen and Everitt 1969).

    Args:
        ratings: two sequences.
        weights: disagreement weights for ordered categories; None for unordered ones.
        categories: the categories in ascending order; weights need it unless they are numbers.
        level: confidence level, per cent (95) or a fraction (0.95).

    Raises:
        InputError: not two coders, a value outside `categories`, or weights for words of unknown
            order.

    Example:
        >>> round(cohen_kappa([list("aabb"), list("aabc")]).value, 4)
        0.6
    """
    from statsmodels.stats.inter_rater import cohens_kappa

    method = f"Cohen's kappa{f', {weights} weights' if weights else ''}"
    if len(ratings) != 2:
        raise InputError(f"Cohen's kappa compares two coders, not {len(ratings)}")
    if weights:
        need_order(ratings, categories, "weights")
    pairs = [(a, b) for a, b in zip(*ratings, strict=True) if a is not None and b is not None]
    if not pairs:
        return Estimate(None, None, None, 0, method, "no unit has a value of both coders")
    _, order = category_counts(ratings, categories)
    place = {value: i for i, value in enumerate(order)}
    table = np.zeros((len(order), len(order)))
    for a, b in pairs:
        table[place[a], place[b]] += 1
    used = table.sum(axis=0) + table.sum(axis=1) > 0
    if used.sum() < 2:
        word = _ONE_WORD.format(pairs[0][0])
        return Estimate(None, None, None, len(pairs), method, word)
    if not weights:
        table = table[np.ix_(used, used)]
    # the library also divides by a standard error that is zero when all pairs are equal
    with np.errstate(invalid="ignore", divide="ignore"):
        found = cohens_kappa(table, wt=weights, return_results=True)
    # rounding can push a variance of zero (all pairs equal) just below it
    variance = max(float(found.var_kappa), 0.0)
    half = normal_quantile(level) * math.sqrt(variance)
    value = float(found.kappa)
    limits = max(-1.0, value - half), min(1.0, value + half)
    return Estimate(value, *limits, len(pairs), f"{method}, large-sample interval")


def light_kappa(ratings: Ratings, **options: Any) -> Estimate:
    """Return Cohen's kappa; for three or more coders the mean over pairs (Light 1971)."""
    if len(ratings) == 2:
        return cohen_kappa(ratings, **options)
    found = [cohen_kappa(pair, **options) for pair in combinations(ratings, 2)]
    known = [e for e in found if e.value is not None]
    method = "mean of Cohen's kappa over all pairs of coders (Light 1971)"
    n = sum(1 for unit in zip(*ratings, strict=True) if sum(v is not None for v in unit) >= 2)
    if not known:
        return Estimate(None, None, None, n, method, found[0].note if found else "one coder only")
    note = "no interval for the mean of pairs"
    if len(known) < len(found):
        note = f"{len(found) - len(known)} of {len(found)} pairs left out (not defined); {note}"
    return Estimate(
        math.fsum(e.value or 0.0 for e in known) / len(known), None, None, n, method, note
    )


def gwet_ac(
    ratings: Ratings,
    *,
    weights: Weights | None = None,
    categories: Sequence[Hashable] | None = None,
    level: float = 95,
) -> Estimate:
    """Return Gwet's AC1, or AC2 with weights, for any number of coders and missing values.

    Coefficient of Gwet (2008, equations 4 and 5); with missing values and variance as in Gwet
    (Handbook of Inter-Rater Reliability, 4th ed. 2014, chapters 3 and 5), interval by Student's t.
    The categories are those that occur, unless `categories` are given, lowest first.

    Raises:
        InputError: a value outside `categories`, or weights for words of unknown order.
    """
    if weights:
        need_order(ratings, categories, "weights")
    method = f"Gwet's AC{2 if weights else 1}" + (f", {weights} weights" if weights else "")
    counts, order = category_counts(ratings, categories)
    counts = counts[counts.sum(axis=1) > 0]
    rated = counts.sum(axis=1)
    n, q, pairs = len(counts), len(order), int((rated >= 2).sum())
    if not pairs:
        return Estimate(None, None, None, 0, method, "no unit has two values")
    w = agreement_weights(q, weights)
    share = counts / rated[:, None]
    prevalence = share.mean(axis=0)
    pa_i = np.zeros(n)
    several = rated >= 2
    c, m = counts[several], rated[several]
    pa_i[several] = (c * (c @ w - 1)).sum(axis=1) / (m * (m - 1))
    pa = float(pa_i.sum() / pairs)
    scale = float(w.sum()) / (q * (q - 1)) if q > 1 else 0.0
    pe = scale * float((prevalence * (1 - prevalence)).sum())
    value = (pa - pe) / (1 - pe)
    if n < 2:
        return Estimate(value, None, None, pairs, method, "one unit only: no interval")
    pe_i = scale * (share * (1 - prevalence)).sum(axis=1)
    gamma = np.where(several, n / pairs * (pa_i - pe) / (1 - pe), 0.0)
    gamma = gamma - 2 * (1 - value) * (pe_i - pe) / (1 - pe)
    se = math.sqrt(float(((gamma - value) ** 2).sum()) / (n * (n - 1)))
    from scipy.special import stdtrit

    half = float(stdtrit(n - 1, 0.5 + check_level(level) / 2)) * se
    limits = max(-1.0, value - half), min(1.0, value + half)
    return Estimate(value, *limits, pairs, f"{method}, t interval")


def agreement_weights(q: int, weights: Weights | None) -> NDArray[np.float64]:
    """Return the q x q agreement weights: 1 on the diagonal (identity, linear or quadratic)."""
    if weights is None or q < 2:
        return np.eye(q)
    i = np.arange(q)
    distance = np.abs(i[:, None] - i[None, :]) / (q - 1)
    return np.asarray(1 - (distance if weights == "linear" else distance**2), dtype=float)


def fleiss_kappa(ratings: Ratings, *, n_boot: int = 1000, seed: int = SEED) -> Estimate:
    """Return Fleiss' kappa (Fleiss 1971) of the units that every coder rated.

    The value is statsmodels'; the interval is the 95 % percentile bootstrap over units.
    """
    from statsmodels.stats.inter_rater import fleiss_kappa as library

    method = "Fleiss' kappa, bootstrap interval over units"
    counts, order = category_counts(ratings)
    counts = counts[counts.sum(axis=1) == len(ratings)]
    counts = counts[:, counts.sum(axis=0) > 0]
    n, m = len(counts), len(ratings)
    if m < 2 or not n:
        return Estimate(None, None, None, n, method, "no unit has a value of every coder")
    if counts.shape[1] < 2:
        word = _ONE_WORD.format(order[0])
        return Estimate(None, None, None, n, method, word)
    pa_i = ((counts * (counts - 1)).sum(axis=1)) / (m * (m - 1))

    def replicates(weight: NDArray[np.int64]) -> NDArray[np.float64]:
        pe = (((weight @ counts) / (n * m)) ** 2).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((weight @ pa_i / n - pe) / (1 - pe))

    low, high, note = bootstrap_interval(replicates, n, n_boot=n_boot, seed=seed)
    return Estimate(float(library(counts)), low, high, n, method, note)


def bootstrap_interval(
    replicates: Callable[[NDArray[np.int64]], NDArray[np.float64]],
    n: int,
    *,
    n_boot: int,
    seed: int,
    level: float = 95,
) -> tuple[float | None, float | None, str]:
    """Return the percentile interval over resampled units, and what has to be said about it.

    Args:
        replicates: maps replicate weights (replicates x units) to the statistic of each; NaN
            where it is not defined.
        n: number of units.
        n_boot: number of replicates.
        seed: of the random numbers.
        level: confidence level, per cent (95) or a fraction (0.95).
    """
    if n < 2:
        return None, None, "one unit only: no interval"
    if n_boot < 2:
        return None, None, "no bootstrap was asked for"
    rng = np.random.default_rng(seed)
    chunk = max(1, min(n_boot, 4_000_000 // n))
    parts = []
    for start in range(0, n_boot, chunk):
        size = min(chunk, n_boot - start)
        parts.append(replicates(rng.multinomial(n, np.full(n, 1 / n), size=size)))
    values = np.concatenate(parts)
    known = values[np.isfinite(values)]
    if len(known) < n_boot / 2:
        return None, None, "most bootstrap samples have one value only: no interval"
    half = check_level(level) / 2
    low, high = np.quantile(known, [0.5 - half, 0.5 + half])
    lost = n_boot - len(known)
    note = f"{lost} of {n_boot} bootstrap samples had one value only" if lost else ""
    return float(low), float(high), note
