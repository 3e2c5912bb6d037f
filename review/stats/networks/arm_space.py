"""From the comparisons of each study to independent rows: the space of its arms.

The n arms of a study have effects a up to a common constant, and a covariance S on what is left
when the constant is taken off. The variances of all n (n-1)/2 comparisons determine it:
S = -C D C / 2 with D their square table and C = I - 11'/n (Rücker & Schwarzer 2014, Stat Med
33:4353, eq. 3-5). Heterogeneity adds tau2/2 to every direction of that space, since every
comparison gets tau2 and two of them that share an arm are correlated by 1/2 (Higgins & Whitehead
1996, Stat Med 15:2733). Along the eigenvectors u of S a study is therefore n - 1 independent rows

    z = sqrt(2) u'a,  design sqrt(2) u,  variance 2 s + tau2

and the whole network a weighted regression with independent rows: all estimators of tau2, and
their O(k) kernels, apply as they are. For two arms z is the effect itself and 2 s its variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import StatsError
from review.stats.networks.network_rows import members_of
from review.words import listed

if TYPE_CHECKING:
    import numpy.typing as npt

    from review.stats.ground.least_squares import FloatArray
    from review.stats.networks.network_rows import NetworkRows

    IntArray = npt.NDArray[np.intp]

TOLERANCE: Final = 0.1  # largest disagreement of a loop within a study, in standard errors
ROUNDING: Final = 1e-6  # disagreement above which the reader is told
THIN: Final = 1e-9  # share of the largest eigenvalue that counts as no variance


@dataclass(frozen=True, eq=False)
class Stack:
    """All studies with n arms.

    Attributes:
        study: their numbers, (b,). arms: treatments of their arms, ascending, (b, n).
        te: effects of arm i against arm j, antisymmetric, (b, n, n). v: their variances.
        U: eigenvectors of S, (b, n, n - 1). s: eigenvalues, (b, n - 1).
    """

    study: IntArray
    arms: IntArray
    te: FloatArray
    v: FloatArray
    U: FloatArray
    s: FloatArray

    def laplacian(self, tau2: float) -> FloatArray:
        """Weights of the comparisons as off-diagonal elements with a minus sign, (b, n, n)."""
        w = 1.0 / (self.s + 0.5 * tau2)
        return np.asarray((self.U * w[:, None, :]) @ self.U.transpose(0, 2, 1))

    def coordinates(self, tau2: float) -> tuple[FloatArray, float]:
        """Rows z, (b, n - 1), and the part of Q that no arm effects explain.

        Printed effects of a study with several arms are rounded and contradict each other in the
        last digit; they are brought in line by weighted least squares (Rücker 2012, eq. 6).
        """
        L = self.laplacian(tau2)
        n = L.shape[-1]
        weights = -L * (1 - np.eye(n))
        pulled = (weights * self.te).sum(-1)
        inside = (self.U * pulled[..., None]).sum(1)
        z = np.sqrt(2.0) * (self.s + 0.5 * tau2) * inside
        if n == 2:
            return z, 0.0
        a = (self.U * (z / np.sqrt(2.0))[:, None, :]).sum(-1)
        off = self.te - (a[:, :, None] - a[:, None, :])
        return z, float(0.5 * (weights * off * off).sum())


@dataclass(frozen=True, eq=False)
class ArmSpace:
    """The studies of a network as independent rows.

    Attributes:
        treatments, studies: names.
        stacks: studies by number of arms.
        X: design of the rows over all treatments, (k, T); every row adds up to 0.
        v: variances of the rows, (k,).
        study: number of the study of each row, (k,).
        notes: what was brought in line.
    """

    treatments: tuple[str, ...]
    studies: tuple[str, ...]
    stacks: tuple[Stack, ...]
    X: FloatArray
    v: FloatArray
    study: IntArray
    notes: tuple[str, ...]

    def z(self, tau2: float = 0.0) -> FloatArray:
        """Effects of the rows, (k,)."""
        return np.concatenate([stack.coordinates(tau2)[0].ravel() for stack in self.stacks])

    def unexplained(self, tau2: float = 0.0) -> float:
        """The part of Q that is rounding of the comparisons within studies."""
        return sum(stack.coordinates(tau2)[1] for stack in self.stacks)

    @cached_property
    def arms(self) -> tuple[tuple[int, ...], ...]:
        """Treatments of each study, ascending."""
        out: list[tuple[int, ...]] = [()] * len(self.studies)
        for stack in self.stacks:
            for s, arms in zip(stack.study.tolist(), stack.arms.tolist(), strict=True):
                out[s] = tuple(arms)
        return tuple(out)

    @cached_property
    def pairs(self) -> Pairs:
        """All comparisons of all studies, each once, the treatment that comes first against."""
        parts = []
        for stack in self.stacks:
            n = stack.arms.shape[1]
            i, j = (
                np.array(x, dtype=np.intp) for x in zip(*combinations(range(n), 2), strict=True)
            )
            parts.append(
                (
                    np.repeat(stack.study, len(i)), stack.arms[:, i].ravel(),
                    stack.arms[:, j].ravel(), stack.te[:, i, j].ravel(), stack.v[:, i, j].ravel(),
                    np.full(len(stack.study) * len(i), n),
                )
            )  # fmt: skip
        study, a, b, te, v, arms = (np.concatenate(x) for x in zip(*parts, strict=True))
        order = np.lexsort((b, a, study))
        return Pairs(study[order], a[order], b[order], te[order], v[order], arms[order])

    def pair_weights(self, tau2: float) -> FloatArray:
        """Square table of the summed weights of all comparisons, (T, T), symmetric.

        In a study with several arms these are the weights of Rücker & Schwarzer (2014), which
        allow for the correlation of its comparisons.
        """
        T = len(self.treatments)
        out = np.zeros((T, T))
        for stack in self.stacks:
            L = stack.laplacian(tau2)
            weights = -L * (1 - np.eye(L.shape[-1]))
            np.add.at(out, (stack.arms[:, :, None], stack.arms[:, None, :]), weights)
        return out


@dataclass(frozen=True, eq=False)
class Pairs:
    """Comparisons, (m,): study, treatments a < b, effect of a against b, variance, arms there."""

    study: IntArray
    a: IntArray
    b: IntArray
    te: FloatArray
    v: FloatArray
    arms: IntArray


def arm_space(rows: NetworkRows, tolerance: float = TOLERANCE) -> ArmSpace:
    """Bring checked comparisons into the space of the arms.

    Args:
        rows: from `read_network_rows`.
        tolerance: largest disagreement of the effects of a study with several arms, in standard
            errors.

    Raises:
        StatsError: the effects or the standard errors of a study contradict each other.
    """
    by_size: dict[int, list[tuple[int, list[int], FloatArray, FloatArray]]] = {}
    for number, members in enumerate(members_of(rows.study, len(rows.studies))):
        arms = sorted({*rows.first[members].tolist(), *rows.second[members].tolist()})
        te, v = _tables(rows, members, arms)
        by_size.setdefault(len(arms), []).append((number, arms, te, v))
    stacks = []
    notes: list[str] = []
    T = len(rows.treatments)
    designs, variances, study = [], [], []
    for n in sorted(by_size):
        group = by_size[n]
        te, v = (np.stack([one[j] for one in group]) for j in (2, 3))
        C = np.eye(n) - 1.0 / n
        values, vectors = np.linalg.eigh(-0.5 * C @ v @ C)
        # the direction of the constant has the eigenvalue 0, all others must be above it
        constant = np.abs(vectors.sum(1)).argmax(-1)
        rest = np.array([[j for j in range(n) if j != c] for c in constant.tolist()], dtype=np.intp)
        s = np.take_along_axis(values, rest, -1)
        U = np.take_along_axis(vectors, rest[:, None, :], -1)
        U = U - U.mean(1, keepdims=True)
        stack = Stack(
            np.array([one[0] for one in group], dtype=np.intp),
            np.array([one[1] for one in group], dtype=np.intp), te, v, U, s,
        )  # fmt: skip
        if n > 2:
            _check_variances(rows, stack)
            notes += _check_effects(rows, stack, tolerance)
        design = np.zeros((len(group), n - 1, T))
        at = np.arange(len(group))[:, None, None], np.arange(n - 1)[None, :, None]
        design[(*at, stack.arms[:, None, :])] = np.sqrt(2.0) * U.transpose(0, 2, 1)
        stacks.append(stack)
        designs.append(design.reshape(-1, T))
        variances.append((2 * s).ravel())
        study.append(np.repeat(stack.study, n - 1))
    return ArmSpace(
        rows.treatments, rows.studies, tuple(stacks), np.concatenate(designs),
        np.concatenate(variances), np.concatenate(study), tuple(notes),
    )  # fmt: skip


def _tables(rows: NetworkRows, members: IntArray, arms: list[int]) -> tuple[FloatArray, FloatArray]:
    """Square tables of effects and variances of one study."""
    n = len(arms)
    at = {t: i for i, t in enumerate(arms)}
    i = np.array([at[t] for t in rows.first[members].tolist()], dtype=np.intp)
    j = np.array([at[t] for t in rows.second[members].tolist()], dtype=np.intp)
    te, v = np.zeros((n, n)), np.zeros((n, n))
    if rows.V is None:
        te[i, j], te[j, i] = rows.te[members], -rows.te[members]
        v[i, j] = v[j, i] = rows.v[members]
        return te, v
    # a tree of comparisons: their pseudo-inverse gives the arms
    B = np.zeros((len(members), n))
    B[np.arange(len(members)), i] = 1.0
    B[np.arange(len(members)), j] = -1.0
    inverse = np.linalg.pinv(B)
    a = inverse @ rows.te[members]
    S = inverse @ rows.V.rows(members).to_dense() @ inverse.T
    d = np.diag(S)
    v = d[:, None] + d[None, :] - 2 * S
    return a[:, None] - a[None, :], v - np.diag(np.diag(v))


def _check_variances(rows: NetworkRows, stack: Stack) -> None:
    bad = stack.s.min(-1) <= THIN * stack.v.max((-1, -2))
    for s in stack.study[bad].tolist():
        members = np.flatnonzero(rows.study == s).tolist()
        raise StatsError(
            f"the standard errors of study {rows.studies[s]} do not belong together: no arms have "
            f"comparisons with these variances ({rows.places(members)}). Check them; the variances "
            "of the comparisons of three arms cannot differ by more than those of the arms"
        )


def _check_effects(rows: NetworkRows, stack: Stack, tolerance: float) -> list[str]:
    """Refuse effects that contradict each other around a loop of arms; note rounding.

    Raises:
        StatsError: a loop A-B, B-C, C-A does not add up to 0.
    """
    te, se = stack.te, np.sqrt(stack.v)
    rounded = []
    # three arms at a time; the sum around a loop is compared with its smallest standard error
    for i, j, h in combinations(range(te.shape[-1]), 3):
        gap = np.abs(te[:, i, j] + te[:, j, h] + te[:, h, i])
        least = np.minimum(np.minimum(se[:, i, j], se[:, j, h]), se[:, i, h])
        for b in np.flatnonzero(gap > tolerance * least).tolist():
            names = [rows.treatments[t] for t in stack.arms[b, [i, j, h]].tolist()]
            pairs = [(names[0], names[1]), (names[1], names[2]), (names[0], names[2])]
            values = (te[b, i, j], te[b, j, h], te[b, i, h])
            said = listed(
                f"{x} against {y} {value:g}" for (x, y), value in zip(pairs, values, strict=True)
            )
            members = np.flatnonzero(rows.study == stack.study[b]).tolist()
            raise StatsError(
                f"the effects of study {rows.studies[stack.study[b]]} contradict each other: "
                f"{said}; the last should be {values[0] + values[1]:g} ({rows.places(members)}). "
                "Check signs and order of the treatments; a larger tolerance= accepts rounding"
            )
        rounded += stack.study[gap > ROUNDING * least].tolist()
    names_rounded = [rows.studies[s] for s in dict.fromkeys(rounded)]
    if not names_rounded:
        return []
    return [
        (
            f"the effects of {listed(names_rounded, most=5)} do not add up exactly from arm to "
            "arm, as rounded numbers do; they were brought in line by weighted least squares"
        )
    ]
