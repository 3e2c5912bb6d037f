"""Covariances of sampling errors from what is known or assumed about the correlations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError
from review.stats.effects.argument_columns import look_up, to_floats
from review.stats.ground.arguments import values_of
from review.stats.ground.block_diagonal import BlockDiagonal
from review.stats.ground.column_kinds import is_missing
from review.stats.ground.partition import Partition
from review.stats.multilevel.sampling_covariance import check_positive_definite
from review.stats.pooling.meta_rows import check_not_negative

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.ground.partition import IntArray

SHOWN = 5


def vcalc(
    vi: Any,
    cluster: Any,
    *,
    data: Any = None,
    subgroup: Any = None,
    obs: Any = None,
    type: Any = None,  # noqa: A002  name of the field
    time1: Any = None,
    time2: Any = None,
    grp1: Any = None,
    grp2: Any = None,
    w1: Any = None,
    w2: Any = None,
    rho: Any = None,
    phi: float | None = None,
    rvars: Any = None,
    check: bool = True,
) -> BlockDiagonal:
    """Build the covariance of sampling errors of effects that come from the same persons.

    Effects of different clusters (or subgroups of a cluster) are independent. Within a cluster the
    correlation of two effects is the product of what is given of

    - outcomes: `type` and `obs`. With one of them, two effects of different types (or different
      obs) are correlated by rho. With both, rho has two values: of different obs of one type, and
      of different types. Without them (and without times and groups) each row is an obs of its own.
    - times: phi to the power of the distance of `time1` (autoregressive).
    - groups: effects compare group `grp1` with `grp2`, of sizes w1 and w2. The error of a group
      enters both effects that it is part of: 1/w of the shared group, over the root of
      (1/w1 + 1/w2) of either effect, with a minus sign where it is first in one and second in the
      other (Gleser & Olkin 2009, in Handbook of Research Synthesis, ch. 19). Without sizes, groups
      count as equal. With `time2` each group has its own time, and a shared group counts phi to
      the power of the distance of its times. Without `grp2` all effects of a cluster are taken to
      have the same second group.

    Args:
        vi: sampling variances, (k,), or a column name of `data`.
        cluster: cluster of each effect, values or a column name; the same for the others.
        data: data frame or mapping in which names are looked up.
        subgroup: independent parts of a cluster.
        obs: which observation (outcome) each effect is.
        type: of which type (construct) it is.
        time1: when it was measured; with `time2` the time of its first group.
        time2: the time of its second group.
        grp1: the first group that it compares.
        grp2: the second group.
        w1: size of the first group.
        w2: size of the second group.
        rho: a correlation, or two (see above), or a matrix between types: a data frame or mapping
            of mappings by type (with `obs`: a pair of a number and such a matrix).
        phi: autocorrelation at distance 1.
        rvars: instead of all the above, columns that hold the covariances of a cluster: its rows
            and the first n of these columns are its n x n block (lower triangle).
        check: demand a positive definite result.

    Returns:
        The covariance as blocks, for `meta_analysis_mv(yi, V)`; `to_dense()` shows it whole.

    Raises:
        InputError: what is needed is missing, or does not fit; gaps are named.
        StatsError: the correlations make a matrix that is not positive definite.

    Example:
        >>> V = vcalc([0.04, 0.09, 0.04], ["a", "a", "b"], rho=0.5)
        >>> V.to_dense().round(4).tolist()
        [[0.04, 0.03, 0.0], [0.03, 0.09, 0.0], [0.0, 0.0, 0.04]]
    """
    columns = {
        "subgroup": subgroup, "obs": obs, "type": type, "time1": time1, "time2": time2,
        "grp1": grp1, "grp2": grp2, "w1": w1, "w2": w2,
    }  # fmt: skip
    groups = _words("cluster", cluster, data, None)
    k = len(groups)
    v = np.atleast_1d(to_floats("vi", look_up("vi", vi, data)))
    v = np.full(k, v[0]) if len(v) == 1 else v
    if len(v) != k:
        raise InputError(f"vi has {len(v)} values, but cluster has {k}")
    check_not_negative(v, "sampling variances")
    if subgroup is not None:
        groups = list(zip(groups, _words("subgroup", subgroup, data, k), strict=True))
    parts = Partition(_numbered(groups))
    if rvars is not None:
        V = _from_columns(rvars, data, parts)
    else:
        given = {n: c for n, c in columns.items() if c is not None and n != "subgroup"}
        V = _Correlations(given, data, k, rho, phi).times(np.sqrt(v), parts)
    if check:
        usable = np.flatnonzero(np.isfinite(V.diagonal()))
        check_positive_definite(V.rows(usable), usable, None)
    return V


class _Correlations:
    """What is known of each effect, from which correlations of pairs follow."""

    def __init__(self, given: dict[str, Any], data: Any, k: int, rho: Any, phi: Any) -> None:
        _check_combination(given, rho, phi)
        self.phi = None if phi is None else _between("phi", phi, 0.0, 1.0)
        self.time = {n: _floats(n, given[n], data, k) for n in ("time1", "time2") if n in given}
        self.group = _common(
            {n: _words(n, given[n], data, k) for n in ("grp1", "grp2") if n in given}
        )
        self.weight = {n: _floats(n, given[n], data, k) for n in ("w1", "w2") if n in given}
        for name, w in self.weight.items():
            if (w <= 0).any():
                raise InputError(f"{name} must be above 0; it is not in row {_rows(w <= 0)}")
        names: dict[str, list[Any]] = {
            n: _words(n, given[n], data, k) for n in ("obs", "type") if n in given
        }
        if not given:
            names["obs"] = list(range(k))
        self.number = {n: _numbered(values) for n, values in names.items()}
        levels = [str(x) for x in dict.fromkeys(names.get("type", names.get("obs", [])))]
        self.within, self.between = _rho(rho, self.number, levels)

    def times(self, sd: FloatArray, parts: Partition) -> BlockDiagonal:
        """Return the covariance for standard deviations (k,)."""
        stacks = []
        for stack in parts.stacks:
            rows = stack.rows
            C = self._outcomes(rows) * self._groups_and_times(rows)
            n = rows.shape[1]
            C[:, np.arange(n), np.arange(n)] = 1.0
            stacks.append(C * sd[rows][:, :, None] * sd[rows][:, None, :])
        return BlockDiagonal(parts, tuple(stacks))

    def _outcomes(self, rows: IntArray) -> FloatArray:
        out = np.ones((*rows.shape, rows.shape[1]))
        main = self.number.get("type", self.number.get("obs"))
        if main is None:
            return out
        a, b = main[rows][:, :, None], main[rows][:, None, :]
        other: Any = self.between if np.ndim(self.between) == 0 else self.between[a, b]
        out = np.where(a == b, 1.0, other)
        if "type" in self.number and "obs" in self.number:
            obs = self.number["obs"][rows]
            apart = obs[:, :, None] != obs[:, None, :]
            out = np.where((a == b) & apart, self.within, out)
        return out

    def _decay(self, s: FloatArray, t: FloatArray) -> FloatArray:
        return np.asarray(np.float64(self.phi or 0.0) ** np.abs(s[:, :, None] - t[:, None, :]))

    def _groups_and_times(self, rows: IntArray) -> FloatArray:
        """Correlation through shared groups, each decaying with the distance of its times."""
        n = rows.shape[1]
        if not self.group:
            first = self.time.get("time1")
            return np.ones((len(rows), n, n)) if first is None else self._decay(*2 * [first[rows]])
        ids = self.group
        one = np.ones(len(ids["grp1"]))
        w = [self.weight.get(name, one) for name in ("w1", "w2")]
        t1 = self.time.get("time1")
        t = [t1, self.time.get("time2", t1)]
        total = np.zeros((len(rows), n, n))
        for a, x in enumerate(("grp1", "grp2")):
            for b, y in enumerate(("grp1", "grp2")):
                same = ids[x][rows][:, :, None] == ids[y][rows][:, None, :]
                shared = same / np.sqrt(w[a][rows][:, :, None] * w[b][rows][:, None, :])
                s, u = t[a], t[b]
                if s is not None and u is not None:
                    shared = shared * self._decay(s[rows], u[rows])
                total += shared if a == b else -shared
        root = np.sqrt(1 / w[0] + 1 / w[1])[rows]
        return np.asarray(total / (root[:, :, None] * root[:, None, :]))


def _common(group: dict[str, list[Any]]) -> dict[str, IntArray]:
    """Both groups in one numbering; a second group that is not given is shared by all."""
    if not group:
        return {}
    first = [(True, x) for x in group["grp1"]]
    second = [(True, x) for x in group["grp2"]] if "grp2" in group else [(False, 0)] * len(first)
    both = _numbered([*first, *second])
    return {"grp1": both[: len(first)], "grp2": both[len(first) :]}


def _check_combination(given: dict[str, Any], rho: Any, phi: Any) -> None:
    timed = "time1" in given
    if "time2" in given and not (timed and "grp2" in given):
        raise InputError("time2 is the time of the second group: it needs time1, grp1 and grp2")
    if "grp2" in given and "grp1" not in given:
        raise InputError("grp2 needs grp1: effects compare a first with a second group")
    if ("w1" in given) != ("w2" in given):
        raise InputError("w1 and w2 are the sizes of the two groups: give both")
    if "w1" in given and "grp1" not in given:
        raise InputError("w1 and w2 are the sizes of grp1 and grp2: give the groups")
    if timed and phi is None:
        raise InputError("times need phi, the autocorrelation at distance 1")
    if phi is not None and not timed:
        raise InputError("phi is about times: give time1")
    outcomes = "obs" in given or "type" in given or not given
    if outcomes and rho is None:
        raise InputError(
            "rho is missing: the assumed correlation of the sampling errors of effects of the same "
            "persons, such as rho=0.6"
        )
    if rho is not None and not outcomes:
        raise InputError("rho is about outcomes: give obs or type")


def _rho(rho: Any, number: dict[str, IntArray], levels: list[str]) -> tuple[float, Any]:
    """Correlation of different obs of one type, and that of types (or obs), or a table of them."""
    if not number:
        return 1.0, 1.0
    both = len(number) == 2
    pair = isinstance(rho, list | tuple) and len(rho) == 2
    if both != pair:
        raise InputError(
            "with type and obs, rho needs two values: of different obs of one type, and of "
            "different types"
            if both
            else "rho needs one value (two only with type and obs)"
        )
    within = _between("rho", rho[0], -1.0, 1.0) if both else 1.0
    outer = rho[1] if both else rho
    if hasattr(outer, "columns") or isinstance(outer, Mapping):
        try:
            table = np.array([[float(outer[b][a]) for b in levels] for a in levels])
        except (KeyError, TypeError, ValueError):
            raise InputError(
                f"the matrix rho must give a number for every pair of {', '.join(levels[:SHOWN])}"
            ) from None
        if np.abs(table - table.T).max(initial=0.0) > 1e-8 or np.abs(table).max() > 1:
            raise InputError("the matrix rho must be symmetric, with values from -1 to 1")
        return within, table
    return within, _between("rho", outer, -1.0, 1.0)


def _between(name: str, value: Any, low: float, high: float) -> float:
    good = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not good or not low <= float(value) <= high:
        raise InputError(f"{name} must be a number from {low:g} to {high:g}, not {value!r}")
    return float(value)


def _from_columns(rvars: Any, data: Any, parts: Partition) -> BlockDiagonal:
    columns = [_floats(f"rvars {c!r}", c, data, parts.k, gaps=True) for c in rvars]
    most = int(parts.sizes.max())
    if most > len(columns):
        raise InputError(
            f"rvars has {len(columns)} columns, but a cluster has {most} rows: one column for each"
        )
    table = np.column_stack(columns)
    stacks = []
    for stack in parts.stacks:
        n = stack.rows.shape[1]
        lower = np.tril(table[stack.rows][:, :, :n])
        if not np.isfinite(lower).all():
            row = int(stack.rows[~np.isfinite(lower).all(2)][0])
            raise InputError(f"rvars has no value in row {row + 1}")
        stacks.append(lower + np.swapaxes(np.tril(lower, -1), 1, 2))
    return BlockDiagonal(parts, tuple(stacks))


def _numbered(values: list[Any]) -> IntArray:
    seen: dict[Any, int] = {}
    return np.array([seen.setdefault(v, len(seen)) for v in values], dtype=np.intp)


def _words(name: str, value: Any, data: Any, k: int | None) -> list[Any]:
    """Values of a grouping variable, all present."""
    found = look_up(name, value, data)
    values = values_of(name, found)
    if k is not None and len(values) != k:
        raise InputError(f"{name} has {len(values)} values, but cluster has {k}")
    gaps = np.array([is_missing(v) for v in values], dtype=bool)
    if gaps.any():
        raise InputError(f"{name} has no value in row {_rows(gaps)}")
    return values


def _floats(name: str, value: Any, data: Any, k: int, *, gaps: bool = False) -> FloatArray:
    column = np.atleast_1d(to_floats(name, look_up(name, value, data)))
    column = np.full(k, column[0]) if len(column) == 1 else column
    if len(column) != k:
        raise InputError(f"{name} has {len(column)} values, but cluster has {k}")
    if not gaps and not np.isfinite(column).all():
        raise InputError(f"{name} has no value in row {_rows(~np.isfinite(column))}")
    return column


def _rows(mask: np.typing.NDArray[np.bool_]) -> str:
    found = np.flatnonzero(mask)
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(str(i + 1) for i in found[:SHOWN].tolist()) + more
