"""Spearman's rank correlation with an honest p-value for any number of pairs.

The p-value is the exact permutation p-value up to 12 pairs (ties included), a sampled permutation
p-value up to 100 pairs and for heavily tied data, and Student's t approximation above. The
interval is Fisher's z with the standard error of Bonett and Wright (2000).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np

from review.errors import StatsError, UnknownNameError
from review.stats.association.rank_distribution import MAX_EXACT, centred_ranks, exact_tail, extreme
from review.stats.effects.argument_columns import to_floats
from review.stats.ground.alternatives import Alternative, choose_alternative
from review.stats.ground.arguments import finite, generator, values_of, whole
from review.stats.ground.guard import guarded
from review.stats.ground.inference import check_level, level_percent
from review.words import estimate, p_value, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

Test = Literal["auto", "exact", "permutation", "t"]
MAX_PERMUTATION: Final = 100
# below this many values outside the largest group of equal ones, the t approximation is poor
FEW_UNTIED: Final = 30
PERMUTATIONS: Final = 99_999
WORK: Final = 50_000_000  # permuted numbers at most, which bounds the time at large n
DEFAULT_SEED: Final = 20220413
CI_METHOD: Final = "Fisher z with the standard error of Bonett and Wright (2000)"


@dataclass(frozen=True)
class SpearmanResult:
    """A rank correlation and how it was made.

    Attributes:
        rho: from mid-ranks; None when it is not defined, and `reason` says why.
        p_value: None when rho is.
        ci_low, ci_high: limits of rho; None when not defined, and `ci_reason` says why.
        n: pairs used.
        method: how the p-value was computed, in words.
        level: of the interval, in percent.
        ties: whether equal values occur in x or y.
        dropped: pairs left out because a value is missing.
        permutations: sampled permutations, or None when nothing was sampled.
    """

    rho: float | None
    p_value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    method: str
    ci_method: str = CI_METHOD
    level: float = 95.0
    alternative: Alternative = "two-sided"
    ties: bool = False
    dropped: int = 0
    permutations: int | None = None
    seed: int | None = None
    reason: str | None = None
    ci_reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the result as a dictionary that JSON can hold (None, never NaN)."""
        return asdict(self)

    def __str__(self) -> str:
        """`rho = 0.50 [-0.72, 0.96], p = 0.4500, n = 5`."""
        if self.rho is None or self.p_value is None:
            return f"rho not defined ({self.reason}), n = {self.n}"
        shown = estimate(self.rho, self.ci_low, self.ci_high, 2)
        return f"rho = {shown}, {p_value(self.p_value)}, n = {self.n}"


@guarded
def spearman(
    x: ArrayLike | Sequence[Any],
    y: ArrayLike | Sequence[Any],
    *,
    level: float = 95.0,
    alternative: Alternative = "two-sided",
    test: Test = "auto",
    permutations: int = PERMUTATIONS,
    seed: int = DEFAULT_SEED,
) -> SpearmanResult:
    """Return Spearman's rank correlation of two variables.

    Args:
        x: numbers, shape (n,); pairs with a missing value (None, NaN) are left out and counted.
        y: numbers, shape (n,).
        level: of the interval, in percent.
        alternative: `two-sided`, `greater` (rho above 0) or `less`.
        test: `auto` chooses as the module says; `exact` takes at most 12 pairs; `permutation`
            samples; `t` is Student's approximation.
        permutations: how many to sample; fewer at large n, where the result says how many.
        seed: of the sampled permutations.

    Raises:
        StatsError: different lengths, not numbers, or more than 12 pairs for `exact`.
        UnknownNameError: an unknown `alternative` or `test`.

    Sources: Spearman (1904); mid-ranks: Kendall (1948), ch. 3; t: Kendall and Stuart (1973),
    31.19; (b + 1)/(m + 1): Davison and Hinkley (1997), eq. 4.11; interval: Bonett and Wright
    (2000), eq. 3.

    Example:
        >>> result = spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])
        >>> round(result.rho, 12), round(result.p_value, 4), result.n
        (0.8, 0.1333, 5)
        >>> spearman([1, 1, 1], [1, 2, 3]).reason
        'x does not vary'
    """
    level, alternative = level_percent(level), choose_alternative(alternative)
    _check(test)
    permutations = whole("permutations", permutations, least=1)
    seed = generator(seed)[1]
    a, b = (finite(name, _numbers(values, name)) for name, values in (("x", x), ("y", y)))
    if a.shape != b.shape:
        raise StatsError(f"x has {a.size} values, y has {b.size}; a correlation needs pairs")
    keep = ~(np.isnan(a) | np.isnan(b))
    dropped = int(a.size - keep.sum())
    a, b = a[keep], b[keep]
    n = int(a.size)
    reason = _undefined(a, b)
    if reason:
        return SpearmanResult(
            None, None, None, None, n, "not computed", level=level, alternative=alternative,
            dropped=dropped, reason=reason, ci_reason=reason,
        )  # fmt: skip
    u, v = centred_ranks(a), centred_ranks(b)
    rho = _rho(u, v)
    untied = min(_untied(a), _untied(b))
    chosen = _choose(test, n, untied)
    p, sampled = _p_value(
        (u, v), rho, chosen, alternative=alternative, permutations=permutations, seed=seed
    )
    low, high, ci_reason = _interval(rho, n, level)
    return SpearmanResult(
        rho=rho,
        p_value=p,
        ci_low=low,
        ci_high=high,
        n=n,
        method=_METHODS[chosen].format(m=sampled or 0),
        level=level,
        alternative=alternative,
        ties=len(np.unique(a)) < n or len(np.unique(b)) < n,
        dropped=dropped,
        permutations=sampled,
        seed=None if sampled is None else seed,
        ci_reason=ci_reason,
    )


_METHODS: Final = {
    "exact": "exact permutation distribution",
    "permutation": "{m:,} sampled permutations",
    "t": "Student's t approximation with n - 2 degrees of freedom",
}


def p_from_rho(rho: float, n: int | Ints, alternative: Alternative = "two-sided") -> Any:
    """Return the p-value of a rank correlation by Student's t approximation.

    Example:
        >>> round(p_from_rho(0.13, 41), 3)
        0.418
    """
    from scipy.special import stdtr

    df = np.asarray(n, dtype=float) - 2
    t = np.sqrt(df) * (
        rho / math.sqrt(1 - rho * rho) if abs(rho) < 1 else math.copysign(1e300, rho)
    )
    alternative = choose_alternative(alternative)
    if alternative == "two-sided":
        p = np.minimum(2 * stdtr(df, -np.abs(t)), 1.0)
    else:
        p = stdtr(df, -t if alternative == "greater" else t)
    return float(p) if np.ndim(p) == 0 else p


def _check(test: str) -> None:
    if not isinstance(test, str) or test not in get_args(Test):
        raise UnknownNameError("test", str(test), get_args(Test))


def _numbers(values: ArrayLike | Sequence[Any], name: str) -> Floats:
    return to_floats(name, values_of(name, values))


def _undefined(a: Floats, b: Floats) -> str | None:
    if a.size < 3:
        return f"{plural(a.size, 'pair')}; at least 3 are needed"
    for name, values in (("x", a), ("y", b)):
        if np.all(values == values[0]):
            return f"{name} does not vary"
    return None


def _untied(values: Floats) -> int:
    """How many values lie outside the largest group of equal ones."""
    return int(values.size - np.unique(values, return_counts=True)[1].max())


def _choose(test: Test, n: int, untied: int) -> str:
    if test == "exact" and n > MAX_EXACT:
        raise StatsError(f"an exact test of {n} pairs is out of reach (at most {MAX_EXACT})")
    if test != "auto":
        return test
    if n <= MAX_EXACT:
        return "exact"
    return "permutation" if n <= MAX_PERMUTATION or untied < FEW_UNTIED else "t"


def _rho(u: Ints, v: Ints) -> float:
    # integers below 2^53 x n fit floats well; their dot products would overflow int64 at n ~ 10^6
    a, b = u.astype(float), v.astype(float)
    rho = float(a @ b / math.sqrt(float(a @ a) * float(b @ b)))
    return min(1.0, max(-1.0, rho))


def _p_value(
    ranks: tuple[Ints, Ints],
    rho: float,
    chosen: str,
    *,
    alternative: Alternative,
    permutations: int,
    seed: int,
) -> tuple[float, int | None]:
    u, v = ranks
    if chosen == "exact":
        return exact_tail(u, v, alternative), None
    if chosen == "t":
        return float(p_from_rho(rho, u.size, alternative)), None
    sampled = min(permutations, max(WORK // u.size, 999))
    rng = np.random.default_rng(seed)
    observed, a, b = int(u @ v), u.astype(float), v.astype(float)
    rows = max((1 << 17) // u.size, 1)
    count = 0
    for start in range(0, sampled, rows):
        block = np.broadcast_to(b, (min(rows, sampled - start), b.size))
        # sums of products of ranks are integers: floats hold them exactly up to n = 10^5
        sums = np.rint(rng.permuted(block, axis=1) @ a)
        count += int(extreme(sums, observed, alternative).sum())
    return (count + 1) / (sampled + 1), sampled


def _interval(rho: float, n: int, level: float) -> tuple[float | None, float | None, str | None]:
    from scipy.special import ndtri

    if n < 4:
        return None, None, f"{n} pairs; an interval needs at least 4"
    if abs(rho) >= 1:
        return None, None, "rho is exactly 1 or -1, where Fisher's z is infinite"
    z = math.atanh(rho)
    half = float(ndtri(0.5 + check_level(level) / 2)) * math.sqrt((1 + rho * rho / 2) / (n - 3))
    return math.tanh(z - half), math.tanh(z + half), None
