"""Do the studies of a network agree: Q within and between designs, and who causes the difference.

A design is the set of treatments that a study compares. The design-by-treatment interaction model
gives every design its own effects (Higgins et al. 2012, Res Synth Methods 3:98); what it explains
beyond the network is inconsistency (Krahn, Binder & König 2013, BMC Med Res Methodol 13:35).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.stats.ground.guard import guarded
from review.stats.ground.inference import chi2_tail
from review.stats.ground.result_kit import Record
from review.stats.networks.network_fit import degrees, q_at, solve
from review.stats.pooling.prepared_effects import make_sample
from review.stats.pooling.tau2 import estimate_tau2

if TYPE_CHECKING:
    import numpy.typing as npt

    from review.stats.ground.least_squares import FloatArray
    from review.stats.networks.arm_space import ArmSpace

    IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Decomposition(Record):
    """Q of a network within and between its designs, at tau2 = 0.

    Attributes:
        Q, df, pval: of the whole network.
        Q_het, df_het, pval_het: within designs (heterogeneity).
        Q_inc, df_inc, pval_inc: between designs (inconsistency).
        tau2_within: moment estimate of tau2 within designs.
        Q_inc_random, pval_inc_random: between designs in the random effects model with that tau2,
            which does not take heterogeneity for inconsistency; same df_inc.
        designs: their names. k: studies of each. Q_design, df_design, pval_design: within each.
    """

    Q: float
    df: int
    pval: float
    Q_het: float
    df_het: int
    pval_het: float
    Q_inc: float
    df_inc: int
    pval_inc: float
    tau2_within: float
    Q_inc_random: float
    pval_inc_random: float
    designs: tuple[str, ...]
    k: tuple[int, ...]
    Q_design: FloatArray
    df_design: tuple[int, ...]
    pval_design: FloatArray

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Q within and between {len(self.designs)} designs"

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        rows = [
            (self.Q, self.df, self.pval),
            (self.Q_het, self.df_het, self.pval_het),
            (self.Q_inc, self.df_inc, self.pval_inc),
            (self.Q_inc_random, self.df_inc, self.pval_inc_random),
        ]
        return {name: [row[j] for row in rows] for j, name in enumerate(("Q", "df", "pval"))}

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Rows of the table."""
        return "source", ("total", "within designs", "between designs",
                          "between designs (random effects)")  # fmt: skip

    @property
    def conventions(self) -> None:
        """None: no version of the reference differs."""
        return


@dataclass(frozen=True, eq=False)
class NetHeat(Record):
    """Which designs cause inconsistency, and which it would be without them.

    Attributes:
        designs: those that the network can contradict.
        change: [d, c] is the part of Q between designs that comes from design d, less what is left
            of it when design c has effects of its own ("detached"). Positive: d and c disagree;
            negative: c supports d, (D, D).
        Q_design: contribution of each design to Q between designs, (D,).
        tau2: of the weights. model: "common" or "random".
    """

    designs: tuple[str, ...]
    change: FloatArray
    Q_design: FloatArray
    tau2: float
    model: str

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Net heat matrix ({self.model} effects model)"

    def columns(self) -> dict[str, Any]:
        """One column per detached design."""
        return {d: self.change[:, j] for j, d in enumerate(self.designs)}

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Designs."""
        return "design", self.designs

    @property
    def conventions(self) -> None:
        """None: no version of the reference differs."""
        return


def designs_of(space: ArmSpace) -> dict[tuple[int, ...], list[int]]:
    """Return the studies of each design: small designs first, then in the order of treatments."""
    found: dict[tuple[int, ...], list[int]] = {}
    for s, arms in enumerate(space.arms):
        found.setdefault(arms, []).append(s)
    return {arms: found[arms] for arms in sorted(found, key=lambda a: (len(a), a))}


def design_name(space: ArmSpace, arms: tuple[int, ...]) -> str:
    """Return `A:B:C`."""
    return ":".join(space.treatments[t] for t in arms)


def interaction_design(space: ArmSpace) -> tuple[FloatArray, list[IntArray]]:
    """Return the design matrix with own effects for each design, and the rows of each design."""
    blocks, rows = [], []
    for arms, studies in designs_of(space).items():
        on = np.flatnonzero(np.isin(space.study, studies))
        block = np.zeros((len(space.v), len(arms) - 1))
        block[on] = space.X[on][:, list(arms[1:])]
        blocks.append(block)
        rows.append(on)
    return np.concatenate(blocks, axis=1), rows


@guarded
def decompose(space: ArmSpace) -> Decomposition:
    """Split Q (Krahn et al. 2013, eq. 4-6; Jackson et al. 2014, Stat Med 33:3639 for tau2)."""
    designs = designs_of(space)
    full, rows = interaction_design(space)
    z, w = space.z(), 1.0 / space.v
    own = np.array([_q_within(space, list(a), on, z, w) for a, on in zip(designs, rows,
                                                                         strict=True)])  # fmt: skip
    df_own = tuple(len(on) - (len(a) - 1) for a, on in zip(designs, rows, strict=True))
    # no more than rounding where nothing is left to vary
    own = np.where(np.array(df_own) > 0, own, 0.0)
    Q, df = q_at(space), degrees(space)
    df_het = sum(df_own)
    df_inc = df - df_het
    Q_het = float(own.sum())
    Q_inc = max(Q - Q_het, 0.0) if df_inc else 0.0
    tau2 = 0.0
    if df_het > 0:
        tau2 = float(estimate_tau2(make_sample(z, space.v, full), "DL").value)
    z, w = space.z(tau2), 1.0 / (space.v + tau2)
    within = sum(_q_within(space, list(a), on, z, w) for a, on in zip(designs, rows, strict=True))
    random = max(q_at(space, tau2) - within, 0.0) if df_inc else 0.0
    tails = chi2_tail(own, np.array(df_own, dtype=float))
    return Decomposition(
        Q, df, float(chi2_tail(Q, df)), Q_het, df_het, float(chi2_tail(Q_het, df_het)), Q_inc,
        df_inc, float(chi2_tail(Q_inc, df_inc)), tau2, random, float(chi2_tail(random, df_inc)),
        tuple(design_name(space, a) for a in designs), tuple(len(s) for s in designs.values()),
        own, df_own, tails,
    )  # fmt: skip


def _q_within(
    space: ArmSpace, arms: list[int], on: IntArray, z: FloatArray, w: FloatArray
) -> float:
    X = space.X[on][:, arms]
    theta, _ = solve(X, z[on], w[on])
    r = z[on] - X @ theta
    return float((w[on] * r * r).sum())


@guarded
def net_heat(space: ArmSpace, tau2: float, model: str) -> NetHeat:
    """Return the net heat matrix on the level of designs (Krahn et al. 2013, section 2.3).

    Each design is first reduced to its own estimates; those of a design with several arms form one
    quadratic form. Designs that nothing else in the network speaks about are left out.
    """
    designs = list(designs_of(space).items())
    _, rows = interaction_design(space)
    z, w = space.z(tau2), 1.0 / (space.v + tau2)
    T = len(space.treatments)
    estimates = []
    for (arms, _studies), on in zip(designs, rows, strict=True):
        X = space.X[on][:, list(arms)]
        theta, _ = solve(X, z[on], w[on])
        A = np.zeros((T, T))
        at = np.array(arms, dtype=np.intp)
        A[at[:, None], at] = (X * w[on, None]).T @ X
        own = np.zeros(T)
        own[list(arms)] = theta
        estimates.append((A, own))
    before = _design_q(estimates, range(len(estimates)))
    after = np.array(
        [_design_q(estimates, [d for d in range(len(estimates)) if d != c]) for c in
         range(len(estimates))]
    ).T  # fmt: skip
    change = before[:, None] - after
    scale = 1e-9 * max(float(before.sum()), 1e-12)
    kept = [d for d in range(len(designs)) if np.abs(change[:, d]).max() > scale]
    names = tuple(design_name(space, designs[d][0]) for d in kept)
    return NetHeat(names, change[np.ix_(kept, kept)], before[kept], tau2, model)


def _design_q(estimates: list[tuple[FloatArray, FloatArray]], used: Any) -> FloatArray:
    """Contribution of every design to Q between those used; 0 for the one that is detached.

    A design that is left out may cut the network in parts: the pseudo-inverse fits each.
    """
    A = np.sum([estimates[d][0] for d in used], axis=0) if len(used) else 0 * estimates[0][0]
    b = np.sum([estimates[d][0] @ estimates[d][1] for d in used], axis=0) if len(used) else A[0]
    theta = np.linalg.pinv(A, rcond=1e-12, hermitian=True) @ b
    out = np.zeros(len(estimates))
    for d in used:
        M, own = estimates[d]
        r = own - theta
        out[d] = float(r @ M @ r)
    return out
