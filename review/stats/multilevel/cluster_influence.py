"""What each cluster of effects does to a multilevel model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import ConvergenceError, StatsError
from review.stats.ground.basis import quadratic
from review.stats.ground.partition import Partition
from review.stats.ground.result_kit import Record, by_coefficient
from review.stats.multilevel.mv_likelihood import Problem
from review.stats.multilevel.mv_search import parameters, search
from review.stats.multilevel.row_values import clusters_of

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.ground.partition import IntArray
    from review.stats.multilevel.mv_result import MVResult
    from review.stats.multilevel.random_terms import Term

RANK: Final = 1e-10  # smallest eigenvalue of the information left, relative to before


@dataclass(frozen=True, eq=False)
class ClusterInfluence(Record):
    """One row per cluster left out; NaN where the rest does not determine the model.

    Attributes:
        clusters: names. sizes: number of effects, (m,).
        beta: coefficients without the cluster, (m, p). vb: their covariance, (m, p, p).
        cooks_d: Cook's distance: squared distance of the coefficients in the metric of their
            covariance in the full model, (m,).
        dfbetas: change of each coefficient in standard errors of the fit to all effects with the
            variances found without the cluster, (m, p).
        X2, df, pval: squared distance of the cluster's effects from what the rest predicts, in the
            metric of its covariance, with as many degrees of freedom as effects (for one effect the
            square of the deleted residual `resid`), and its chi-squared p-value.
        resid: for clusters of one effect the standardised deleted residual, else NaN, (m,).
        components: variances and correlations without the cluster, (m, n).
        reestimated: whether they were estimated anew.
        notes: remarks.
    """

    clusters: tuple[str, ...]
    sizes: IntArray
    beta: FloatArray
    vb: FloatArray
    cooks_d: FloatArray
    dfbetas: FloatArray
    X2: FloatArray
    df: IntArray
    pval: FloatArray
    resid: FloatArray
    components: FloatArray
    component_names: tuple[str, ...]
    coef_names: tuple[str, ...]
    reestimated: bool
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        how = "estimated anew" if self.reestimated else "kept"
        return f"Influence of {len(self.clusters)} clusters (variances {how})"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "cluster", self.clusters

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        out: dict[str, Any] = {"k": self.sizes, "cooks_d": self.cooks_d}
        p = len(self.coef_names)
        out |= by_coefficient("beta", self.beta[:, 0] if p == 1 else self.beta, self.coef_names)
        changes = self.dfbetas[:, 0] if p == 1 else self.dfbetas
        out |= by_coefficient("dfbetas", changes, self.coef_names)
        out |= {"X2": self.X2, "pval": self.pval}
        if self.reestimated:
            out |= dict(zip(self.component_names, self.components.T, strict=True))
        return out


def cluster_influence(
    result: MVResult, cluster: Any = None, *, reestimate: bool = True
) -> ClusterInfluence:
    """Leave out one cluster after the other.

    Args:
        result: the model.
        cluster: what is left out together: a column name, or one value per row; by default the
            groups of the random term with the fewest groups; for single effects pass row numbers.
        reestimate: estimate variances and correlations anew each time; otherwise they are kept,
            which takes one pass through the data (Cook & Weisberg 1982, section 3.2, with a
            shift of the mean for each effect that is left out).

    Raises:
        InputError: `cluster` does not fit. StatsError: there is one cluster only.

    Example:
        >>> from review import meta_analysis_mv
        >>> data = {"y": [0.1, 0.3, 0.8, 0.6, 0.2, 0.4], "v": [0.02] * 6,
        ...         "study": ["a", "a", "b", "b", "c", "c"]}
        >>> fit = meta_analysis_mv("y", "v", data=data, random="~ 1 | study")
        >>> found = cluster_influence(fit)
        >>> found.clusters[int(found.cooks_d.argmax())]
        'b'
    """
    names, number = clusters_of(result, cluster)
    m = len(names)
    if m < 2:
        raise StatsError(f"there is one cluster only ({names[0]}); nothing is left without it")
    parts = Partition(number)
    n = len(result.components)
    out = _Deleted(result, m)
    for stack in parts.stacks:
        for j, rows in zip(stack.blocks.tolist(), stack.rows, strict=True):
            out.delete(j, rows, reestimate=reestimate)
    failed = [names[j] for j in np.flatnonzero(np.isnan(out.beta[:, 0])).tolist()]
    notes: tuple[str, ...] = ()
    if failed:
        notes = (f"without these clusters the model cannot be fitted: {', '.join(failed[:10])}",)
    sizes = parts.sizes
    from scipy.special import chdtrc

    moved = result.beta - out.beta
    return ClusterInfluence(
        clusters=names, sizes=sizes, beta=out.beta, vb=out.vb,
        cooks_d=np.einsum("jp,pq,jq->j", moved, np.linalg.inv(result.vb), moved),
        dfbetas=moved / out.se, X2=out.X2, df=sizes, pval=np.asarray(chdtrc(sizes, out.X2)),
        resid=out.resid, components=out.components.reshape(m, n),
        component_names=tuple(c.name for c in result.components), coef_names=result.coef_names,
        reestimated=bool(reestimate and n), notes=notes,
    )  # fmt: skip


class _Deleted:
    """Coefficients and components without each cluster, NaN until they are known."""

    def __init__(self, result: MVResult, m: int) -> None:
        p, n = result.p, len(result.components)
        self.result = result
        self.beta = np.full((m, p), np.nan)
        self.vb = np.full((m, p, p), np.nan)
        self.se = np.full((m, p), np.nan)
        self.X2 = np.full(m, np.nan)
        self.resid = np.full(m, np.nan)
        self.components = np.full((m, n), np.nan)
        listed = parameters(result.problem.terms)
        self.fixed = {q: c.value for q, c in zip(listed, result.components, strict=True) if c.fixed}

    def delete(self, j: int, rows: IntArray, *, reestimate: bool) -> None:
        """Fill in cluster j."""
        r = self.result
        left = r.problem.U.T @ r.problem.U - r.problem.U[rows].T @ r.problem.U[rows]
        if len(rows) >= r.k or np.linalg.eigvalsh(left)[0] < RANK:
            return
        if reestimate and r.components:
            self._refit(j, rows)
        else:
            self._shift(j, rows)

    def _shift(self, j: int, rows: IntArray) -> None:
        """With the variances kept: a shift of the mean for each row left out."""
        r = self.result
        unit = np.zeros((r.k, len(rows)))
        unit[rows, np.arange(len(rows))] = 1.0
        W, inverse = r.point.WU[rows], np.asarray(np.linalg.inv(r.point.A), np.float64)
        H = r.point.M.solve(unit)[rows] - W @ inverse @ W.T
        shift = np.linalg.solve(H, r.point.Py[rows])
        gamma = r.point.gamma - inverse @ W.T @ shift
        left = r.point.A - W.T @ np.linalg.solve(H + W @ inverse @ W.T, W)
        vb = np.asarray(np.linalg.inv(left), np.float64)
        self._set(j, gamma, vb, r.problem)
        self.se[j] = r.se
        self.X2[j] = float(shift @ H @ shift)
        if len(rows) == 1:
            self.resid[j] = float(shift[0] * np.sqrt(H[0, 0]))
        self.components[j] = [c.value for c in r.components]

    def _set(self, j: int, gamma: FloatArray, vb: FloatArray, problem: Problem) -> None:
        inside = problem.inside(gamma, vb)
        self.beta[j], self.vb[j] = inside.beta, inside.vb

    def _refit(self, j: int, rows: IntArray) -> None:
        r = self.result
        keep = np.setdiff1d(np.arange(r.k), rows)
        small = _without(r.problem, keep)
        if small is None:
            return
        try:
            used, summit, _ = search(small, self.fixed, near=[r.point.x])
        except (ConvergenceError, StatsError):
            return
        point = summit.point
        self._set(j, point.gamma, np.asarray(np.linalg.inv(point.A), np.float64), used)
        whole = np.asarray(np.linalg.inv(r.problem.at(point.x).A), np.float64)
        self.se[j] = np.sqrt(quadratic(r.problem.basis.to_x, whole))
        self.components[j] = np.concatenate(
            [
                np.concatenate(t.structure.natural(point.x[w]))
                for t, w in zip(used.terms, used.where, strict=True)
            ]
        )
        e = r.yi[rows] - r.X[rows] @ self.beta[j]
        S = _covariance(r.problem, point.x, rows) + r.X[rows] @ self.vb[j] @ r.X[rows].T
        self.X2[j] = float(e @ np.linalg.solve(S, e))
        if len(rows) == 1:
            self.resid[j] = float(e[0] / np.sqrt(S[0, 0]))


def _covariance(problem: Problem, x: FloatArray, rows: IntArray) -> FloatArray:
    """The model's covariance of some rows, (n, n)."""
    out = problem.V.rows(rows).to_dense()
    for term, T in zip(problem.terms, problem.matrices(x), strict=True):
        link = term.link
        g, i = link.group[rows], link.inner[rows]
        same: Any = g[:, None] == g if link.R is None else link.R[np.ix_(g, g)]
        out += T[np.ix_(i, i)] * same
    return out


def _without(problem: Problem, keep: IntArray) -> Problem | None:
    """The problem of the rows that are kept; None when a structure loses a level."""
    terms: list[Term] = []
    for term in problem.terms:
        link = term.link
        if link.c > 1 and len(np.unique(link.inner[keep])) < link.c:
            return None
        used, group = np.unique(link.group[keep], return_inverse=True)
        R = None if link.R is None else link.R[np.ix_(used, used)]
        small = replace(link, group=group.reshape(-1), inner=link.inner[keep], R=R)
        units = tuple(term.units[g] for g in used.tolist())
        terms.append(replace(term, link=small, units=units))
    return Problem(
        problem.y[keep], problem.X[keep], problem.V.rows(keep), terms,
        restricted=problem.restricted,
    )  # fmt: skip
