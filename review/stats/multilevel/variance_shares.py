"""How the variability of the effects divides between the sources of a model: I2 by level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.stats.ground.result_kit import Record

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.mv_result import MVResult


@dataclass(frozen=True, eq=False)
class VarianceShares(Record):
    """Shares of the variability, per cent, one row per source (and group of effects).

    Attributes:
        effects: the effects that a row is about: "all", or a level of the inner variable.
        source: a random term, "sampling" or "total" (all random terms together: the I2).
        variance: of the source; for "sampling" the typical sampling variance.
        share: per cent.
    """

    effects: tuple[str, ...]
    source: tuple[str, ...]
    variance: FloatArray
    share: FloatArray

    @property
    def total(self) -> float:
        """I2 of all effects, or NaN when it differs between the levels of the inner variable."""
        rows = [i for i, s in enumerate(self.source) if s == "total"]
        return float(self.share[rows[0]]) if len(rows) == 1 else float("nan")

    @property
    def title(self) -> str:
        """First line of the summary."""
        return "Shares of the variability (I2), per cent"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "source", self.source

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        several = len(set(self.effects)) > 1
        first = {"effects": list(self.effects)} if several else {}
        return {**first, "variance": self.variance, "share": self.share}


def variance_shares(result: MVResult) -> VarianceShares:
    """Divide the variability of the effects between the random terms and sampling error.

    With P of the model that has V alone, the typical sampling variance is (k - p) / tr(P), and the
    share of a term its variance over the sum of all (Higgins & Thompson 2002, Stat Med 21:1539, eq.
    9; for several levels Nakagawa & Santos 2012, Evol Ecol 26:1253, eq. 20-22; Cheung 2014, Psychol
    Methods 19:211, eq. 11-12). Where a structure has a variance for each level of an inner variable
    the rows of one level are taken for themselves: their number less their share of the p
    coefficients, over the trace of their part of P.

    Args:
        result: the model.

    Example:
        >>> from review import meta_analysis_mv
        >>> data = {"y": [0.1, 0.3, 0.8, 0.6, 0.2, 0.4], "v": [0.02] * 6,
        ...         "study": ["a", "a", "b", "b", "c", "c"]}
        >>> shares = variance_shares(meta_analysis_mv("y", "v", data=data, random="~ 1 | study"))
        >>> shares.source, round(float(shares.share[:2].sum()), 6)
        (('study', 'sampling', 'total'), 100.0)
    """
    problem = result.problem
    inverse = problem.V.inverse()[0]
    WU = inverse.dot(problem.U)
    A = np.linalg.inv(problem.U.T @ WU)
    trace = inverse.diagonal() - np.einsum("ip,pq,iq->i", WU, A, WU)  # diagonal of P
    used = np.einsum("ip,pq,iq->i", WU, A, problem.U)  # leverages: they add up to p
    matrices = problem.matrices(result.point.x)
    rows: list[tuple[str, str, float, float]] = []
    for name, keep in _sets(result):
        room = float(keep.sum() - used[keep].sum())
        typical = room / float(trace[keep].sum()) if room > 0 else float("nan")
        variances = [
            (t.name, float(T[t.link.inner[keep], t.link.inner[keep]].mean()))
            for t, T in zip(problem.terms, matrices, strict=True)
        ]
        whole = typical + sum(v for _, v in variances)
        rows += [(name, source, v, 100 * v / whole) for source, v in variances]
        rows.append((name, "sampling", typical, 100 * typical / whole))
        rows.append((name, "total", whole - typical, 100 * (whole - typical) / whole))
    return VarianceShares(
        tuple(r[0] for r in rows), tuple(r[1] for r in rows), np.array([r[2] for r in rows]),
        np.array([r[3] for r in rows]),
    )  # fmt: skip


def _sets(result: MVResult) -> list[tuple[str, Any]]:
    """Sets of effects that share all variances: by the levels of inner variables."""
    keys = [
        t.link.inner for t in result.problem.terms if not t.simple and t.structure.variances > 1
    ]
    if not keys:
        return [("all", np.ones(result.k, dtype=bool))]
    terms = [t for t in result.problem.terms if not t.simple and t.structure.variances > 1]
    table = np.column_stack(keys)
    found = np.unique(table, axis=0)
    return [
        (
            ", ".join(t.levels[i] for t, i in zip(terms, row.tolist(), strict=True)),
            (table == row).all(1),
        )
        for row in found
    ]
