"""Does a value go with a category? Kruskal-Wallis with epsilon squared, Dunn's pairs with Holm."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import StatsError
from review.stats.association.rank_distribution import centred_ranks
from review.stats.effects.argument_columns import to_floats
from review.stats.ground.arguments import finite, generator, values_of, whole
from review.stats.ground.guard import guarded
from review.stats.ground.p_adjustment import holm
from review.words import number, plural, statistic_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

DUNN: Final = "Dunn (1964) with ties, adjusted by Holm"
DEFAULT_SEED: Final = 20220413
PERMUTATIONS: Final = 9_999
# below this group size the chi-squared approximation is poor (Kruskal and Wallis 1952, section 5)
SMALL_GROUP: Final = 6
MOST_GROUPS: Final = 60  # with more groups, thousands of pairs would say nothing
WORK: Final = 20_000_000  # permuted numbers at most, which bounds the time at large n


@dataclass(frozen=True)
class GroupSummary:
    """The values of one group: how many, their quartiles, their mean rank among all values."""

    name: str
    n: int
    median: float
    q1: float
    q3: float
    mean_rank: float


@dataclass(frozen=True)
class PairResult:
    """Dunn's comparison of the mean ranks of two groups.

    Attributes:
        z: difference of mean ranks over its standard error; positive when `a` ranks higher.
        p_value: two-sided, unadjusted.
        p_holm: adjusted for all pairs.
    """

    a: str
    b: str
    z: float
    p_value: float
    p_holm: float


@dataclass(frozen=True)
class KruskalResult:
    """A Kruskal-Wallis test and how it was made.

    Attributes:
        h: the statistic, corrected for ties; None when not defined, and `reason` says why.
        df: groups minus 1.
        epsilon2: effect size H / (n - 1), from 0 (none) to 1.
        n: values in the groups compared.
        method: how the p-value was computed, in words.
        groups: in order of appearance of the largest group first.
        pairs: every two groups; none when there are more than 60, as `pairs_method` says.
        left_out: groups with fewer values than asked for, and their sizes.
        dropped: values without a group, or groups without a value.
    """

    h: float | None
    df: int
    p_value: float | None
    epsilon2: float | None
    n: int
    method: str
    groups: tuple[GroupSummary, ...] = ()
    pairs: tuple[PairResult, ...] = ()
    pairs_method: str = DUNN
    left_out: tuple[tuple[str, int], ...] = ()
    dropped: int = 0
    permutations: int | None = None
    seed: int | None = None
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the result as a dictionary that JSON can hold (None, never NaN)."""
        return asdict(self)

    def __str__(self) -> str:
        """`H(2) = 3.1200, p = 0.2101, epsilon² = 0.07, n = 45 in 3 groups`."""
        if self.h is None or self.p_value is None or self.epsilon2 is None:
            return f"not tested ({self.reason})"
        shown = statistic_text(f"H({self.df})", self.h, self.p_value)
        groups = plural(len(self.groups), "group")
        return f"{shown}, epsilon² = {number(self.epsilon2, 2)}, n = {self.n} in {groups}"


@guarded
def kruskal_wallis(
    values: Sequence[Any],
    groups: Sequence[Any],
    *,
    min_size: int = 2,
    permutations: int = PERMUTATIONS,
    seed: int = DEFAULT_SEED,
) -> KruskalResult:
    """Test whether values differ between groups, by ranks.

    The p-value comes from sampled permutations when a group has fewer than 6 values, otherwise
    from the chi-squared distribution; the result says which.

    Args:
        values: numbers, shape (n,); missing ones (None, NaN) are left out and counted.
        groups: the group of each value, shape (n,); None is missing.
        min_size: smaller groups are left out and named.
        permutations: how many to sample.
        seed: of the sampled permutations.

    Raises:
        StatsError: different lengths, or a value that is no number.

    Sources: Kruskal and Wallis (1952), eq. 1.2; epsilon squared: Tomczak and Tomczak (2014);
    pairs: Dunn (1964), eq. 4 with ties; Holm (1979).

    Example:
        >>> result = kruskal_wallis([1, 2, 3, 7, 8, 9], ["a", "a", "a", "b", "b", "b"])
        >>> round(result.h, 4), result.df, round(result.epsilon2, 4)
        (3.8571, 1, 0.7714)
    """
    min_size = whole("min_size", min_size, least=1)
    permutations = whole("permutations", permutations, least=1)
    seed = generator(seed)[1]
    y, g, dropped = _complete(values_of("values", values), values_of("groups", groups))
    names, codes = np.unique(g, return_inverse=True)
    sizes = np.bincount(codes, minlength=len(names))
    left_out = tuple(
        (str(names[i]), int(sizes[i])) for i in range(len(names)) if sizes[i] < min_size
    )
    keep = (sizes >= min_size)[codes] if len(names) else np.zeros(0, dtype=bool)
    y, g = y[keep], g[keep]
    names, codes = np.unique(g, return_inverse=True)
    sizes = np.bincount(codes, minlength=len(names))
    df, n = max(len(names) - 1, 0), int(y.size)
    reason = None
    if len(names) < 2:
        reason = f"{len(names)} group(s) with at least {min_size} values; 2 are needed"
    elif np.all(y == y[0]):
        reason = "all values are equal"
    if reason:
        return KruskalResult(
            None, df, None, None, n, "not computed", left_out=left_out, dropped=dropped,
            reason=reason,
        )  # fmt: skip
    ranks = centred_ranks(y) / 2.0  # mid-ranks minus their mean
    h = float(_statistic(ranks, codes[None, :], sizes)[0])
    p, sampled = _p_value(h, ranks, codes, sizes, (permutations, seed))
    comparable = len(names) <= MOST_GROUPS
    return KruskalResult(
        h=h,
        df=df,
        p_value=p,
        epsilon2=min(h / (n - 1), 1.0),
        n=n,
        method="chi-squared approximation"
        if sampled is None
        else f"{sampled:,} sampled permutations",
        groups=_summaries(y, ranks, codes, names),
        pairs=_dunn(ranks, codes, names, sizes) if comparable else (),
        pairs_method=DUNN if comparable else f"not compared: {len(names)} groups",
        left_out=left_out,
        dropped=dropped,
        permutations=sampled,
        seed=None if sampled is None else seed,
    )


def _complete(values: list[Any], groups: list[Any]) -> tuple[Floats, Any, int]:
    if len(values) != len(groups):
        raise StatsError(f"{len(values)} values but {len(groups)} groups; each value needs one")
    y = finite("values", to_floats("values", values))
    known = ~np.isnan(y) & np.array([v is not None for v in groups], dtype=bool)
    g = np.array([str(v) for v in groups], dtype=object).astype(str)
    return y[known], g[known], int(len(y) - known.sum())


def _statistic(ranks: Floats, codes: Ints, sizes: Ints) -> Floats:
    """Kruskal-Wallis H with ties for each row of group codes, shape (rows,)."""
    rows, n = codes.shape
    k = len(sizes)
    flat = (codes + k * np.arange(rows)[:, None]).ravel()
    sums = np.bincount(
        flat, weights=np.broadcast_to(ranks, codes.shape).ravel(), minlength=rows * k
    )
    between = (sums.reshape(rows, k) ** 2 / sizes).sum(axis=1)
    # with ties the variance of the ranks takes the place of n(n + 1)/12
    h: Floats = (n - 1) * between / float(ranks @ ranks)
    return h


def _p_value(
    h: float, ranks: Floats, codes: Ints, sizes: Ints, sampling: tuple[int, int]
) -> tuple[float, int | None]:
    if sizes.min() >= SMALL_GROUP:
        from scipy.special import chdtrc

        return float(chdtrc(len(sizes) - 1, h)), None
    permutations, seed = sampling
    n = codes.size
    sampled = min(permutations, max(WORK // n, 999))
    rng = np.random.default_rng(seed)
    rows = max((1 << 17) // n, 1)
    extreme = 0
    for start in range(0, sampled, rows):
        block = np.broadcast_to(codes, (min(rows, sampled - start), n))
        statistics = _statistic(ranks, rng.permuted(block, axis=1), sizes)
        # equal statistics may differ in the last bits of their sums
        extreme += int((statistics >= h * (1 - 1e-10)).sum())
    return (extreme + 1) / (sampled + 1), sampled


def _summaries(y: Floats, ranks: Floats, codes: Ints, names: Any) -> tuple[GroupSummary, ...]:
    shift = (y.size + 1) / 2
    made = []
    for i, name in enumerate(names):
        inside = codes == i
        q1, median, q3 = (float(q) for q in np.quantile(y[inside], [0.25, 0.5, 0.75]))
        mean_rank = float(ranks[inside].mean() + shift)
        made.append(GroupSummary(str(name), int(inside.sum()), median, q1, q3, mean_rank))
    return tuple(sorted(made, key=lambda group: (-group.n, group.name)))


def _dunn(ranks: Floats, codes: Ints, names: Any, sizes: Ints) -> tuple[PairResult, ...]:
    from scipy.special import ndtr

    n = codes.size
    means = np.bincount(codes, weights=ranks, minlength=len(names)) / sizes
    variance = float(ranks @ ranks) / (n - 1)  # n(n + 1)/12 less the correction for ties
    found = []
    for i, j in combinations(range(len(names)), 2):
        z = float(means[i] - means[j]) / math.sqrt(variance * (1 / sizes[i] + 1 / sizes[j]))
        found.append((i, j, z, float(2 * ndtr(-abs(z)))))
    adjusted = holm([p for *_, p in found])
    return tuple(
        PairResult(str(names[i]), str(names[j]), z, p, float(q if q is not None else p))
        for (i, j, z, p), q in zip(found, adjusted, strict=True)
    )
