"""Effects of one cluster put together into one: `aggregate_effects`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, StatsError
from review.stats.effects.argument_columns import column_names, look_up, to_floats
from review.stats.effects.effect_sizes import EffectSizes
from review.stats.effects.row_account import LeftOut
from review.stats.ground.column_kinds import is_missing
from review.stats.ground.result_kit import Record
from review.stats.multilevel.sampling_covariance import check_positive_definite, read_covariance
from review.stats.multilevel.vcalc import vcalc

if TYPE_CHECKING:
    from review.stats.ground.block_diagonal import BlockDiagonal
    from review.stats.ground.least_squares import FloatArray
    from review.stats.ground.partition import IntArray


@dataclass(frozen=True, eq=False)
class AggregatedEffects(Record):
    """One effect per cluster.

    Attributes:
        clusters: names, in order of appearance. yi, vi: effects and sampling variances, (m,).
        sizes: effects that each is made of, (m,).
        moderators: columns of the data by cluster: means of numbers; words where they agree, else
            None.
        weighted: whether by inverse covariance. assumed: what was assumed of the correlations.
        left_out: rows without effect or variance. notes: remarks.
    """

    clusters: tuple[str, ...]
    yi: FloatArray
    vi: FloatArray
    sizes: IntArray
    moderators: dict[str, list[Any]]
    weighted: bool
    assumed: str
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        return (
            f"{int(self.sizes.sum())} effects put together into {len(self.clusters)} "
            f"({self.assumed})"
        )

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "cluster", self.clusters

    def columns(self) -> dict[str, Any]:
        """Columns of the table: those of `meta_analysis`, then the moderators."""
        return {"yi": self.yi, "vi": self.vi, "k": self.sizes} | self.moderators


def aggregate_effects(
    yi: Any,
    vi: Any = None,
    cluster: Any = None,
    *,
    data: Any = None,
    V: Any = None,
    rho: Any = None,
    obs: Any = None,
    type: Any = None,  # noqa: A002  name of the field
    time: Any = None,
    phi: float | None = None,
    weighted: bool = True,
    keep: Any = (),
) -> AggregatedEffects:
    """Put the effects of each cluster together into one.

    With V the sampling covariance of a cluster's effects y and 1 a column of ones, the effect is
    1'V^-1 y / 1'V^-1 1 with variance 1 / 1'V^-1 1, or, without weights, the mean with variance
    1'V1 / n^2 (Gleser & Olkin 2009; Borenstein, Hedges, Higgins & Rothstein 2009, ch. 24). True
    effects of a cluster are taken to be alike: heterogeneity within clusters is not looked at,
    for which see `meta_analysis_mv`.

    Args:
        yi: effects, (k,), a column name of `data`, or the result of `effect_size`.
        vi: sampling variances, the same way.
        cluster: cluster of each effect.
        data: data frame or mapping in which names are looked up.
        V: sampling covariance instead of `vi` and the assumptions that follow.
        rho: correlation of the sampling errors within a cluster (0 for none); see `vcalc`.
        obs: which outcome each effect is about, see `vcalc`.
        type: of which kind it is, see `vcalc`.
        time: of each effect.
        phi: autocorrelation of the sampling errors at distance 1 in time.
        weighted: False for plain means.
        keep: columns of the data to bring along.

    Raises:
        InputError: there is no assumption about the correlations; something does not fit.
        StatsError: V is not positive definite (the rows are named); a variance is not above 0.

    Example:
        >>> found = aggregate_effects([0.2, 0.4, 0.5], [0.04, 0.04, 0.02], ["a", "a", "b"], rho=0.5)
        >>> found.yi.round(3).tolist(), found.vi.round(3).tolist()
        ([0.3, 0.5], [0.03, 0.02])
    """
    if cluster is None:
        raise InputError("cluster is missing: which effects belong together")
    if isinstance(yi, EffectSizes):
        yi, vi = yi.yi, yi.vi if vi is None else vi
    y = np.atleast_1d(to_floats("yi", look_up("yi", yi, data)))
    if V is not None:
        if rho is not None or phi is not None:
            raise InputError("V holds the covariances already; rho and phi have no meaning then")
        covariance, assumed = read_covariance(V, data, len(y)), "covariances as given"
    else:
        if vi is None:
            raise InputError("pass the sampling variances (vi) or their covariance (V)")
        if rho is not None and time is not None and obs is None and type is None:
            obs = np.arange(len(y))
        assumed = _assumption(rho, phi)
        covariance = vcalc(
            vi, cluster, data=data, obs=obs, type=type, time1=time, rho=rho, phi=phi, check=False
        )
    v = covariance.diagonal()
    used = np.flatnonzero(np.isfinite(y) & np.isfinite(v))
    bad = used[v[used] <= 0]
    if len(bad):
        raise StatsError(f"sampling variances must be above 0; see row {int(bad[0]) + 1}")
    if not len(used):
        raise StatsError("no row has an effect and a variance")
    check_positive_definite(covariance.rows(used), used, None)
    names = _labels(cluster, data, len(y))
    seen: dict[Any, int] = {}
    number = np.array([seen.setdefault(names[i], len(seen)) for i in used.tolist()], dtype=np.intp)
    m = len(seen)
    _check_blocks(covariance.rows(used), number, used)
    effects, variances = _combine(y[used], covariance.rows(used), number, m, weighted=weighted)
    out = np.setdiff1d(np.arange(len(y)), used)
    reasons = tuple(
        LeftOut(int(i) + 1, str(names[i]), "no effect" if np.isnan(y[i]) else "no variance")
        for i in out
    )
    moderators = {n: _by_cluster(n, data, used, number, m) for n in _wanted(keep)}
    return AggregatedEffects(
        tuple(str(x) for x in seen), effects, variances, np.bincount(number), moderators,
        weighted, assumed, reasons,
    )  # fmt: skip


def _assumption(rho: Any, phi: Any) -> str:
    if rho is None and phi is None:
        raise InputError(
            "how are the sampling errors of a cluster correlated? give rho= (0 for not at all), "
            "times with phi=, or V="
        )
    said = [f"rho = {rho}"] if rho is not None else []
    return ", ".join([*said, *([f"phi = {phi}"] if phi is not None else [])])


def _labels(cluster: Any, data: Any, n: int) -> list[Any]:
    found = look_up("cluster", cluster, data)
    values = found.tolist() if hasattr(found, "tolist") else list(found)
    if len(values) != n:
        raise InputError(f"cluster has {len(values)} values, but there are {n} effects")
    gaps = [i + 1 for i, x in enumerate(values) if is_missing(x)]
    if gaps:
        raise InputError(f"cluster has no value in row {', '.join(str(i) for i in gaps[:5])}")
    return values


def _check_blocks(V: BlockDiagonal, number: IntArray, used: IntArray) -> None:
    """Refuse covariances between clusters."""
    for stack, values in zip(V.parts.stacks, V.stacks, strict=True):
        apart = number[stack.rows][:, :, None] != number[stack.rows][:, None, :]
        found = np.argwhere(apart & (values != 0))
        if len(found):
            b, i, j = found[0]
            rows = used[stack.rows[b, [i, j]]] + 1
            raise StatsError(
                f"V correlates rows {rows[0]} and {rows[1]}, which belong to different clusters"
            )


def _combine(
    y: FloatArray, V: BlockDiagonal, number: IntArray, m: int, *, weighted: bool
) -> tuple[FloatArray, FloatArray]:
    if weighted:
        inverse = V.inverse()[0]
        w = inverse.dot(np.ones(len(y)))
        total = np.bincount(number, w, m)
        return np.bincount(number, inverse.dot(y), m) / total, 1 / total
    n = np.bincount(number)
    return np.bincount(number, y) / n, np.bincount(number, V.dot(np.ones(len(y)))) / n**2


def _wanted(keep: Any) -> list[str]:
    return [keep] if isinstance(keep, str) else [str(name) for name in keep]


def _by_cluster(name: str, data: Any, used: IntArray, number: IntArray, m: int) -> list[Any]:
    """A column by cluster: means of numbers; words where they agree."""
    if data is None or name not in column_names(data):
        look_up("keep", name, data)
    column = data[name]
    values = column.tolist() if hasattr(column, "tolist") else list(column)
    chosen = [values[i] for i in used.tolist()]
    if all(isinstance(x, int | float) and not isinstance(x, bool) for x in chosen):
        total = np.bincount(number, np.array(chosen, dtype=float), m)
        return list((total / np.bincount(number)).tolist())
    out: list[Any] = []
    for j in range(m):
        mine = {chosen[i] for i in np.flatnonzero(number == j).tolist()}
        out.append(mine.pop() if len(mine) == 1 else None)
    return out
