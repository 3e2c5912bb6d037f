"""Do two categories go together? Cramer's V with a permutation p-value."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import StatsError
from review.stats.ground.arguments import generator, values_of, whole
from review.stats.ground.guard import guarded
from review.words import number, p_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

DEFAULT_SEED: Final = 20220413
PERMUTATIONS: Final = 9_999
WORK: Final = 20_000_000  # sampled numbers at most, which bounds the time for very large tables
MAX_CELLS: Final = 1_000_000  # of a table; a variable with more categories holds names, not words


@dataclass(frozen=True)
class CramerResult:
    """Cramer's V of a table of counts.

    Attributes:
        v: from 0 (independent) to 1; None when not defined, and `reason` says why.
        v_corrected: V with the bias correction of Bergsma (2013); 0 when chi2 is as expected.
        p_value: the share of random tables with the same margins that are as far from
            independence, from `permutations` sampled tables.
        rows, columns: categories that occur, in the order of the table.
        counts: the table, one tuple per row.
        dropped: pairs with a missing category.
    """

    v: float | None
    v_corrected: float | None
    chi2: float | None
    df: int
    p_value: float | None
    n: int
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    method: str = ""
    dropped: int = 0
    permutations: int | None = None
    seed: int | None = None
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the result as a dictionary that JSON can hold (None, never NaN)."""
        return asdict(self)

    def __str__(self) -> str:
        """`V = 0.62 (bias-corrected 0.51), p < 0.0001, n = 180`."""
        if self.v is None or self.p_value is None or self.v_corrected is None:
            return f"V not defined ({self.reason})"
        corrected = f"bias-corrected {number(self.v_corrected, 2)}"
        return f"V = {number(self.v, 2)} ({corrected}), {p_value(self.p_value)}, n = {self.n}"


@guarded
def cramers_v(
    a: Sequence[Any],
    b: Sequence[Any],
    *,
    permutations: int = PERMUTATIONS,
    seed: int = DEFAULT_SEED,
) -> CramerResult:
    """Return Cramer's V of two categorical variables with a permutation p-value.

    Args:
        a: categories, shape (n,); None is missing, and the pair is left out and counted.
        b: the other categories, shape (n,).
        permutations: random permutations of one variable, or, which is the same and does not
            slow down with n, random tables with the observed margins. Fewer for very large
            tables; the result says how many.
        seed: of the random tables.

    Raises:
        StatsError: different lengths.

    Sources: Cramer (1946), 21.9; bias correction: Bergsma (2013), eq. 5; random tables by
    successive hypergeometric draws: Patefield (1981).

    Example:
        >>> result = cramers_v(["x", "x", "y", "y"], ["u", "u", "v", "v"])
        >>> result.v, result.n, result.counts
        (1.0, 4, ((2, 0), (0, 2)))
    """
    a, b = values_of("a", a), values_of("b", b)
    permutations = whole("permutations", permutations, least=1)
    rng, seed = generator(seed)
    if len(a) != len(b):
        raise StatsError(f"{len(a)} and {len(b)} categories; an association needs pairs")
    pairs = [(str(p), str(q)) for p, q in zip(a, b, strict=True) if p is not None and q is not None]
    n, dropped = len(pairs), len(a) - len(pairs)
    rows, columns = (tuple(sorted({pair[i] for pair in pairs})) for i in (0, 1))
    df = max(len(rows) - 1, 0) * max(len(columns) - 1, 0)
    if len(rows) * len(columns) > MAX_CELLS:
        reason = f"{len(rows):,} x {len(columns):,} categories are too many for a table"
        return _undefined(df, n, rows, columns, (), dropped, reason)
    at_row, at_column = ({name: i for i, name in enumerate(names)} for names in (rows, columns))
    x = np.array([at_row[p] for p, _ in pairs], dtype=np.int64)
    y = np.array([at_column[q] for _, q in pairs], dtype=np.int64)
    table = np.zeros((len(rows), len(columns)), dtype=np.int64)
    np.add.at(table, (x, y), 1)
    counts = tuple(tuple(int(c) for c in row) for row in table)
    if df == 0:
        reason = "one of the two does not vary" if n else "no pairs"
        return _undefined(df, n, rows, columns, counts, dropped, reason)
    permutations = min(permutations, max(WORK // min(n, table.size), 99))
    chi2 = float(_chi2(table[None])[0])
    if n <= 2 * table.size:
        extreme = _permuted(x, y, chi2, permutations, rng)
    else:
        extreme = _as_extreme(table, chi2, permutations, rng)
    return CramerResult(
        v=min(math.sqrt(chi2 / (n * (min(table.shape) - 1))), 1.0),
        v_corrected=_corrected(chi2, n, *table.shape),
        chi2=chi2,
        df=df,
        p_value=(extreme + 1) / (permutations + 1),
        n=n,
        rows=rows,
        columns=columns,
        counts=counts,
        method=f"{permutations:,} sampled permutations",
        dropped=dropped,
        permutations=permutations,
        seed=seed,
    )


def _undefined(  # noqa: PLR0917  the fields of the result, in their order
    df: int,
    n: int,
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    counts: tuple[tuple[int, ...], ...],
    dropped: int,
    reason: str,
) -> CramerResult:
    return CramerResult(
        None, None, None, df, None, n, rows, columns, counts, "not computed", dropped,
        reason=reason,
    )  # fmt: skip


def _chi2(tables: Ints) -> Floats:
    """Pearson's chi-squared of tables with the same margins, shape (m, r, c) -> (m,)."""
    row, column = tables[0].sum(axis=1), tables[0].sum(axis=0)
    n = row.sum()
    expected = np.outer(row, column) / n
    # sum of O^2/E minus n: one pass, exact for equal tables
    chi2: Floats = (tables**2 / expected).sum(axis=(1, 2)) - n
    return np.maximum(chi2, 0.0)


def _permuted(x: Ints, y: Ints, chi2: float, m: int, rng: np.random.Generator) -> int:
    """How many of `m` permutations of `y` have a chi2 at least as large; for sparse tables."""
    n, width = x.size, int(y.max()) + 1
    cells = (int(x.max()) + 1) * width
    row, column = np.bincount(x), np.bincount(y)
    per_chunk = max((1 << 17) // n, 1)
    extreme = 0
    for start in range(0, m, per_chunk):
        some = min(per_chunk, m - start)
        block = rng.permuted(np.broadcast_to(y, (some, n)), axis=1)
        flat = (x * width + block + cells * np.arange(some)[:, None]).ravel()
        where, counts = np.unique(flat, return_counts=True)
        cell = where % cells
        # chi2 = n (sum of O^2 / (row sum x column sum) - 1), over the cells that are not empty
        parts = counts.astype(float) ** 2 / (row[cell // width] * column[cell % width])
        drawn = n * (np.bincount(where // cells, weights=parts, minlength=some) - 1)
        extreme += int((drawn >= chi2 * (1 - 1e-10) - 1e-9).sum())
    return extreme


def _as_extreme(table: Ints, chi2: float, m: int, rng: np.random.Generator) -> int:
    """How many of `m` random tables with the margins of `table` have a chi2 at least as large."""
    per_chunk = max((1 << 20) // table.size, 1)
    extreme = 0
    for start in range(0, m, per_chunk):
        drawn = random_tables(table.sum(axis=1), table.sum(axis=0), min(per_chunk, m - start), rng)
        extreme += int((_chi2(drawn) >= chi2 * (1 - 1e-10) - 1e-9).sum())
    return extreme


def random_tables(row: Ints, column: Ints, m: int, rng: np.random.Generator) -> Ints:
    """Return `m` random tables with given margins, as permuting one variable makes them.

    Args:
        row: row sums, shape (r,).
        column: column sums, shape (c,).
        m: how many.
        rng: the source of chance.

    Returns:
        Counts, shape (m, r, c).
    """
    r, c = len(row), len(column)
    tables = np.zeros((m, r, c), dtype=np.int64)
    left = np.broadcast_to(column, (m, c)).astype(np.int64)
    for i in range(r - 1):
        wanted = np.full(m, row[i], dtype=np.int64)
        beyond = left.sum(axis=1)
        for j in range(c - 1):
            beyond = beyond - left[:, j]
            # numpy draws at most 10^9 from an urn, far beyond any review
            drawn = rng.hypergeometric(left[:, j], beyond, wanted)
            tables[:, i, j] = drawn
            wanted = wanted - drawn
        tables[:, i, c - 1] = wanted
        left = left - tables[:, i]
    tables[:, r - 1] = left
    return tables


def _corrected(chi2: float, n: int, r: int, c: int) -> float:
    if n < 2:
        return 0.0
    phi2 = max(0.0, chi2 / n - (r - 1) * (c - 1) / (n - 1))
    smaller = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1))
    return min(math.sqrt(phi2 / (smaller - 1)), 1.0) if smaller > 1 else 0.0
