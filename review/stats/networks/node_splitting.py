"""Direct and indirect evidence of every comparison, set apart.

Two ways. Back-calculation: the network estimate is the inverse-variance average of direct and
indirect evidence, so the indirect part follows from the other two with the network's tau2 (König,
Krahn & Binder 2013, Stat Med 32:5414; "SIDE"). Node splitting: one more coefficient for the studies
that compare the two treatments, divided evenly between the two arms, with tau2 estimated anew
(Dias et al. 2010, Stat Med 29:932; White 2015, Stata J 15:951, symmetric form).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from review.stats.ground.guard import guarded
from review.stats.ground.inference import critical_value, two_sided
from review.stats.ground.least_squares import inverse
from review.stats.ground.result_kit import Record
from review.stats.networks.network_fit import names_of, network_tau2
from review.stats.networks.subnetworks import components_of
from review.stats.pooling.prepared_effects import make_sample

if TYPE_CHECKING:
    import numpy.typing as npt

    from review.stats.ground.least_squares import FloatArray
    from review.stats.networks.arm_space import ArmSpace
    from review.stats.networks.network_fit import NetworkTables

    IntArray = npt.NDArray[np.intp]

ALL_DIRECT: Final = 1 - 1e-8  # share of direct evidence above which there is no indirect


@dataclass(frozen=True, eq=False)
class DirectIndirect(Record):
    """One row per comparison, "A vs B".

    Attributes:
        comparisons: names. pairs: numbers of the treatments, (n, 2). k: studies that compare them.
        prop: share of direct evidence in the network estimate, 0 to 1.
        network, network_se: network estimate.
        direct, direct_se: from the studies that compare the two; NaN where there is none.
        indirect, indirect_se: from the rest of the network; NaN where there is none.
        diff, diff_se, stat, pval, ci_lb, ci_ub: direct less indirect, with z test and limits.
        tau2: of each comparison's model. method: "back-calculation" or "node-splitting".
        level: of the intervals, per cent.
    """

    GAPS: ClassVar = dict.fromkeys(
        ("direct", "direct_se", "indirect", "indirect_se", "diff", "diff_se", "stat", "pval",
         "ci_lb", "ci_ub"),
        "no direct or no indirect evidence",
    )  # fmt: skip

    comparisons: tuple[str, ...]
    pairs: Any
    k: Any
    prop: FloatArray
    network: FloatArray
    network_se: FloatArray
    direct: FloatArray
    direct_se: FloatArray
    indirect: FloatArray
    indirect_se: FloatArray
    diff: FloatArray
    diff_se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    tau2: FloatArray
    method: str
    level: float

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Direct and indirect evidence by {self.method}"

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        names = ("k", "prop", "network", "direct", "indirect", "diff", "diff_se", "pval")
        return {name: getattr(self, name) for name in names}

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Comparisons."""
        return "comparison", self.comparisons

    @property
    def both(self) -> tuple[int, ...]:
        """Rows with direct and indirect evidence."""
        return tuple(np.flatnonzero(np.isfinite(self.diff)).tolist())

    @property
    def conventions(self) -> None:
        """None: no version of the reference differs."""
        return


def direct_tables(space: ArmSpace, tau2: float) -> tuple[FloatArray, FloatArray, IntArray]:
    """Direct estimates, their standard errors and numbers of studies as square tables.

    Each comparison is a pairwise meta-analysis of the studies that make it, with the network's
    tau2; NaN where there is none.
    """
    T = len(space.treatments)
    p = space.pairs
    w = 1.0 / (p.v + tau2)
    weight, total, k = np.zeros((T, T)), np.zeros((T, T)), np.zeros((T, T), dtype=np.intp)
    np.add.at(weight, (p.a, p.b), w)
    np.add.at(total, (p.a, p.b), w * p.te)
    np.add.at(k, (p.a, p.b), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = weight + weight.T
        te = (total - total.T) / weight
        se = np.where(weight > 0, 1.0 / np.sqrt(weight), np.nan)
    return np.where(weight > 0, te, np.nan), se, k + k.T


@guarded
def back_calculation(space: ArmSpace, fit: NetworkTables, level: float) -> DirectIndirect:
    """Set direct and indirect evidence apart by back-calculation."""
    T = len(space.treatments)
    i, j = np.triu_indices(T, 1)
    te, se, k = direct_tables(space, fit.tau2)
    network, network_se, direct, direct_se = fit.te[i, j], fit.se[i, j], te[i, j], se[i, j]
    with np.errstate(invalid="ignore", divide="ignore"):
        prop = np.where(k[i, j] > 0, np.minimum(network_se**2 / direct_se**2, 1.0), 0.0)
        some = prop < ALL_DIRECT
        rest = np.where(some, 1 - prop, np.nan)
        indirect = np.where(prop > 0, (network - prop * direct) / rest, network)
        indirect_se = np.where(prop > 0, network_se / np.sqrt(rest), network_se)
    return _table(
        space, i, j, k[i, j], prop, (network, network_se), (direct, direct_se),
        (indirect, indirect_se), np.full(len(i), fit.tau2), "back-calculation", level,
    )  # fmt: skip


@guarded
def node_splitting(
    space: ArmSpace, fit: NetworkTables, level: float, method: str
) -> DirectIndirect:
    """Set them apart by one model per comparison with tau2 estimated anew.

    Only comparisons that both kinds of evidence speak about are listed: the two treatments must
    stay connected without the studies' own comparison of them.
    """
    T = len(space.treatments)
    _, se, k = direct_tables(space, fit.tau2)
    rows = []
    for i, j in combinations(range(T), 2):
        found = _split(space, i, j, method) if k[i, j] else None
        if found is not None:
            rows.append((i, j, *found))
    first, second = (np.array([row[x] for row in rows], dtype=np.intp) for x in (0, 1))
    values = np.array([row[2:] for row in rows], dtype=float).reshape(-1, 6)
    at = first, second
    prop = np.minimum(fit.se[at] ** 2 / se[at] ** 2, 1.0)
    return _table(
        space, *at, k[at], prop, (fit.te[at], fit.se[at]), (values[:, 0], values[:, 1]),
        (values[:, 2], values[:, 3]), values[:, 5], "node-splitting", level, values[:, 4],
    )  # fmt: skip


def _split(space: ArmSpace, i: int, j: int, method: str) -> tuple[float, ...] | None:
    """Direct and indirect estimate with errors, error of their difference, and tau2.

    Studies with several arms speak about both, so the errors are correlated; that of the
    difference is the coefficient's own. None without indirect evidence.
    """
    holds = np.array([i in arms and j in arms for arms in space.arms])[space.study]
    T = len(space.treatments)
    # arms i and j move apart by half the difference each, in the studies that compare them
    extra = np.where(holds, 0.5 * (space.X[:, i] - space.X[:, j]), 0.0)
    X = np.column_stack([space.X[:, 1:], extra])
    if np.linalg.matrix_rank(X) < T or not _connected_without(space, i, j):
        return None
    tau2 = network_tau2(make_sample(space.z(), space.v, X), method)[0]
    w = 1.0 / (space.v + tau2)
    A, singular = inverse((X * w[:, None]).T @ X)
    if singular:
        return None
    beta = A @ (X.T @ (w * space.z(tau2)))
    lines = np.zeros((2, T))
    for t, sign in ((i, 1.0), (j, -1.0)):
        if t:
            lines[:, t - 1] += sign
    lines[0, -1] = 1.0
    est = lines @ beta
    err = np.sqrt(np.diag(lines @ A @ lines.T))
    return float(est[0]), float(err[0]), float(est[1]), float(err[1]), float(A[-1, -1]) ** 0.5, tau2


def _connected_without(space: ArmSpace, i: int, j: int) -> bool:
    p = space.pairs
    # in a study with several arms the other arms still link the two
    keep = ~((p.a == i) & (p.b == j))
    label = components_of(len(space.treatments), p.a[keep], p.b[keep])
    return bool(label[i] == label[j])


def _table(  # noqa: PLR0917  the columns in their order
    space: ArmSpace, i: Any, j: Any, k: Any, prop: FloatArray, network: Any, direct: Any,
    indirect: Any, tau2: FloatArray, method: str, level: float,
    diff_se: FloatArray | None = None,
) -> DirectIndirect:  # fmt: skip
    diff = direct[0] - indirect[0]
    if diff_se is None:  # independent parts
        diff_se = np.sqrt(direct[1] ** 2 + indirect[1] ** 2)
    half = critical_value(level, None) * diff_se
    stat = diff / diff_se
    names = tuple(
        names_of(space.treatments, a, b) for a, b in zip(i.tolist(), j.tolist(), strict=True)
    )
    return DirectIndirect(
        comparisons=names, pairs=np.column_stack([i, j]), k=k, prop=prop, network=network[0],
        network_se=network[1], direct=direct[0], direct_se=direct[1], indirect=indirect[0],
        indirect_se=indirect[1], diff=diff, diff_se=diff_se, stat=stat,
        pval=two_sided(stat, None), ci_lb=diff - half, ci_ub=diff + half, tau2=tau2,
        method=method, level=level,
    )  # fmt: skip
