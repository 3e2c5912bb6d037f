"""Variance inflation factors of moderators, for single coefficients and for whole terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import StatsError
from review.stats.ground.basis import exact_product
from review.stats.ground.guard import guarded
from review.stats.ground.result_kit import Record
from review.stats.pooling.refitting import require

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.pooling.meta_result import MetaResult

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class VIFResult(Record):
    """Variance inflation.

    Attributes:
        names: the terms (or coefficients).
        vif: (generalised) variance inflation factors, (n,).
        sif: vif^(1/(2 df)), comparable between terms, (n,).
        df: number of coefficients of the term, (n,).
    """

    names: tuple[str, ...]
    vif: Floats
    sif: Floats
    df: NDArray[np.int64]

    @property
    def title(self) -> str:
        """First line of the summary."""
        return "Variance inflation factors"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "term", self.names

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {"vif": self.vif, "sif": self.sif, "df": self.df}


@guarded
def vif(result: MetaResult, *, terms: bool = False) -> VIFResult:
    """Variance inflation factors from the correlations of the coefficients.

    For a set of coefficients, det(R11) det(R22) / det(R) with R the correlations of all
    coefficients but the intercept (Fox & Monette 1992, J Am Stat Assoc 87:178, eq. 8). That is
    det(V11) det((V^-1)11), and neither factor needs the inverse of a nearly singular matrix.

    Args:
        result: a meta-regression.
        terms: one (generalised) factor per term of the formula, such as a categorical moderator,
            instead of one per coefficient.

    Raises:
        StatsError: there are no two moderators.

    Example:
        >>> from review import meta_analysis
        >>> X = [[0, 1], [1, 2], [2, 2], [3, 5]]
        >>> fit = meta_analysis([0.1, 0.9, 0.4, 0.3], [0.05] * 4, X, method="EE")
        >>> vif(fit).vif.round(3)
        array([5., 5.])
    """
    require(result, "vif")
    first = int(result.intercept)
    if result.p - first < 2:
        raise StatsError("variance inflation needs at least two moderator coefficients")
    U, to_x = result.inside.basis.U, result.inside.basis.to_x
    # without the intercept, which is the first column of the triangular change of basis
    T, cov = to_x[first:, first:], result.inside.cov[first:, first:]
    back = exact_product(U.T, result.X)[first:, first:]  # the inverse of T
    root = np.linalg.cholesky(cov)
    parts = (T @ root).T, np.linalg.solve(root, back)
    sets = _sets(result) if terms else {n: [j] for j, n in enumerate(result.coef_names[first:])}
    factors = np.array(
        [np.exp(sum(_logdet(half[:, columns]) for half in parts)) for columns in sets.values()]
    )
    df = np.array([len(columns) for columns in sets.values()])
    return VIFResult(tuple(sets), factors, factors ** (1 / (2 * df)), df)


def _logdet(half: Floats) -> float:
    """Log determinant of half'half, columns of any units."""
    length = np.sqrt((half * half).sum(axis=0))
    R = np.linalg.qr(half / length, mode="r")
    return float(2 * (np.log(np.abs(np.diag(R))).sum() + np.log(length).sum()))


def _sets(result: MetaResult) -> dict[str, list[int]]:
    """Columns (without the intercept) of every term of the formula."""
    first = int(result.intercept)
    spec = result.design.spec
    if spec is None:
        return {n: [j] for j, n in enumerate(result.coef_names[first:])}
    out = {}
    for term, columns in spec.term_indices.items():
        inside = [j - first for j in columns if j >= first]
        if inside:
            out[str(term)] = inside
    return out
