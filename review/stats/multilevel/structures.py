"""Covariance structures of the effects of one group: from free numbers to T, and its derivatives.

A random term "inner | outer" gives the effects of one group (outer) a covariance T, (c, c), over
the c levels of the inner variable. Every structure is written in coordinates in which the
likelihood is smooth up to the edge of what is allowed, so that a variance of 0 or a correlation of
1 is an ordinary point: variances themselves where they enter linearly, standard deviations where
products of them do, and for UN the rows of a Cholesky factor as lengths and angles (Pinheiro &
Bates 1996, Stat Comput 6:289, section 2.4). With angles, T is positive semidefinite whatever the
coordinates, its diagonal holds the squared lengths, and the first angle of row j is the arc cosine
of the correlation of levels 1 and j: so each variance and, for a suitable order of the levels, each
correlation is a coordinate that can be held fixed for a profile likelihood.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Structure(ABC):
    """T as a function of n coordinates.

    Attributes:
        c: number of levels.
        times: positions of the levels, (c,), for CAR.
        first: for UN, the level that comes first in the Cholesky factor.
        signed: for UN, whether its lengths may pass through 0, which turns the sign of the
            correlations: wanted in a search, not where a correlation is held fixed.
    """

    code: ClassVar[str]
    c: int
    times: Floats | None = None
    first: int = 0
    signed: bool = True

    @property
    @abstractmethod
    def variances(self) -> int:
        """Number of variances among the parameters."""

    @property
    @abstractmethod
    def correlations(self) -> int:
        """Number of correlations among the parameters."""

    @property
    def n(self) -> int:
        """Number of coordinates."""
        return self.variances + self.correlations

    @abstractmethod
    def matrix(self, x: Floats) -> Floats:
        """Return T, (c, c)."""

    @abstractmethod
    def slopes(self, x: Floats) -> Floats:
        """Return the derivatives of T, (n, c, c)."""

    def bend(self, x: Floats, weight: Floats) -> Floats:
        """Return the second derivatives of the sum of weight * T, (n, n).

        From differences of the first derivatives.

        Args:
            x: coordinates.
            weight: symmetric, (c, c).
        """
        out = np.empty((self.n, self.n))
        for j in range(self.n):
            step = 1e-5 * max(abs(float(x[j])), 1e-3)
            ends = []
            for sign in (1.0, -1.0):
                moved = x.copy()
                moved[j] += sign * step
                ends.append(np.einsum("nab,ab->n", self.slopes(moved), weight))
            out[j] = (ends[0] - ends[1]) / (2 * step)
        return (out + out.T) / 2

    @abstractmethod
    def bounds(self) -> tuple[Floats, Floats]:
        """Return lower and upper bounds of the coordinates, (n,) each."""

    @abstractmethod
    def natural(self, x: Floats) -> tuple[Floats, Floats]:
        """Return variances and correlations, as they are reported."""

    @abstractmethod
    def coordinates(self, tau2: Floats, rho: Floats) -> Floats:
        """Return the coordinates of variances and correlations; the reverse of `natural`."""

    def correlation_range(self) -> tuple[float, float]:
        """Return the smallest and largest correlation allowed."""
        return -1.0, 1.0

    def place(self, kind: str, index: int) -> int | None:
        """Return the coordinate that alone determines a parameter, or None.

        Args:
            kind: "tau2" or "rho".
            index: number of the parameter among those of its kind.
        """
        return index if kind == "tau2" else self.variances + index

    def pairs(self) -> list[tuple[int, int]]:
        """Return the levels that each correlation belongs to; of a common one, the first two."""
        return [(0, 1)] * self.correlations

    def start(self, tau2: float, rho: float) -> Floats:
        """Return coordinates with all variances and correlations alike."""
        low, high = self.correlation_range()
        rho = float(np.clip(rho, 0.9 * low, 0.99 * high))
        return self.coordinates(np.full(self.variances, tau2), np.full(self.correlations, rho))


class Identity(Structure):
    """One variance, no correlation."""

    code = "ID"
    variances = 1
    correlations = 0

    def matrix(self, x: Floats) -> Floats:
        """Return T."""
        return np.asarray(x[0] * np.eye(self.c))

    def slopes(self, x: Floats) -> Floats:  # noqa: ARG002  does not depend on it
        """Return the derivatives of T."""
        return np.eye(self.c)[None]

    def bounds(self) -> tuple[Floats, Floats]:
        """Return the bounds."""
        return np.zeros(1), np.full(1, np.inf)

    def natural(self, x: Floats) -> tuple[Floats, Floats]:
        """Return variances and correlations."""
        return x.copy(), np.empty(0)

    def coordinates(self, tau2: Floats, rho: Floats) -> Floats:  # noqa: ARG002  has none
        """Return the coordinates."""
        return tau2.copy()


class Diagonal(Structure):
    """A variance for each level, no correlation."""

    code = "DIAG"
    correlations = 0

    @property
    def variances(self) -> int:
        """Number of variances."""
        return self.c

    def matrix(self, x: Floats) -> Floats:
        """Return T."""
        return np.diag(x)

    def slopes(self, x: Floats) -> Floats:  # noqa: ARG002  does not depend on it
        """Return the derivatives of T."""
        out = np.zeros((self.c, self.c, self.c))
        out[np.arange(self.c), np.arange(self.c), np.arange(self.c)] = 1.0
        return out

    def bounds(self) -> tuple[Floats, Floats]:
        """Return the bounds."""
        return np.zeros(self.c), np.full(self.c, np.inf)

    def natural(self, x: Floats) -> tuple[Floats, Floats]:
        """Return variances and correlations."""
        return x.copy(), np.empty(0)

    def coordinates(self, tau2: Floats, rho: Floats) -> Floats:  # noqa: ARG002  has none
        """Return the coordinates."""
        return tau2.copy()


class _OneCorrelation(Structure):
    """A correlation matrix C(rho) with one parameter, and one variance or one for each level."""

    correlations = 1
    each: ClassVar[bool]  # whether each level has its own variance

    @property
    def variances(self) -> int:
        """Number of variances."""
        return self.c if self.each else 1

    @abstractmethod
    def _correlation(self, r: float) -> tuple[Floats, Floats]:
        """Return C and its derivative."""

    def matrix(self, x: Floats) -> Floats:
        """Return T."""
        C = self._correlation(float(x[-1]))[0]
        return x[:-1, None] * C * x[:-1] if self.each else x[0] * C

    def slopes(self, x: Floats) -> Floats:
        """Return the derivatives of T."""
        C, dC = self._correlation(float(x[-1]))
        if not self.each:
            return np.stack([C, x[0] * dC])
        s = x[:-1]
        out = np.zeros((self.c + 1, self.c, self.c))
        for j in range(self.c):
            out[j, j] = C[j] * s
            out[j, :, j] += C[j] * s
        out[-1] = s[:, None] * dC * s
        return out

    def bounds(self) -> tuple[Floats, Floats]:
        """Return the bounds."""
        low, high = self.correlation_range()
        return (
            np.append(np.zeros(self.variances), low),
            np.append(np.full(self.variances, np.inf), high),
        )

    def natural(self, x: Floats) -> tuple[Floats, Floats]:
        """Return variances and correlations."""
        return (x[:-1] ** 2 if self.each else x[:-1].copy()), x[-1:].copy()

    def coordinates(self, tau2: Floats, rho: Floats) -> Floats:
        """Return the coordinates."""
        return np.append(np.sqrt(tau2) if self.each else tau2, rho)


class CompoundSymmetry(_OneCorrelation):
    """One variance, one correlation of all pairs."""

    code = "CS"
    each = False

    def _correlation(self, r: float) -> tuple[Floats, Floats]:
        rest = np.ones((self.c, self.c)) - np.eye(self.c)
        return np.eye(self.c) + r * rest, rest

    def correlation_range(self) -> tuple[float, float]:
        """Return the smallest and largest correlation allowed."""
        return -1.0 / (self.c - 1), 1.0


class HeteroscedasticCompoundSymmetry(CompoundSymmetry):
    """A variance for each level, one correlation of all pairs."""

    code = "HCS"
    each = True


class Autoregressive(_OneCorrelation):
    """One variance; the correlation of levels i and j is rho^|i - j|."""

    code = "AR"
    each = False

    def _correlation(self, r: float) -> tuple[Floats, Floats]:
        lag = np.abs(np.subtract.outer(np.arange(self.c), np.arange(self.c)))
        return np.float64(r) ** lag, np.where(
            lag > 0, lag * np.float64(r) ** np.fmax(lag - 1, 0), 0.0
        )


class HeteroscedasticAutoregressive(Autoregressive):
    """A variance for each level; the correlation of levels i and j is rho^|i - j|."""

    code = "HAR"
    each = True


class ContinuousAutoregressive(_OneCorrelation):
    """One variance; the correlation of times s and t is rho^|s - t|, rho from 0 to 1.

    The coordinate is the correlation at the shortest distance, so that no power is below 1.
    """

    code = "CAR"
    each = False

    @property
    def _shortest(self) -> float:
        assert self.times is not None
        return float(np.diff(self.times).min())

    def _correlation(self, r: float) -> tuple[Floats, Floats]:
        assert self.times is not None
        d = np.abs(np.subtract.outer(self.times, self.times)) / self._shortest
        C = np.where(d > 0, np.float64(r) ** d, 1.0)
        return C, np.where(d > 0, d * np.float64(r) ** np.fmax(d - 1, 0.0), 0.0)

    def correlation_range(self) -> tuple[float, float]:
        """Return the smallest and largest correlation allowed."""
        return 0.0, 1.0

    def natural(self, x: Floats) -> tuple[Floats, Floats]:
        """Return variances and correlations."""
        return x[:1].copy(), x[1:] ** (1 / self._shortest)

    def coordinates(self, tau2: Floats, rho: Floats) -> Floats:
        """Return the coordinates."""
        return np.append(tau2, np.asarray(rho) ** self._shortest)


class Unstructured(Structure):
    """A variance for each level and a correlation for each pair (1,2), (1,3), ..., (2,3), ..."""

    code = "UN"

    @property
    def variances(self) -> int:
        """Number of variances."""
        return self.c

    @property
    def correlations(self) -> int:
        """Number of correlations."""
        return self.c * (self.c - 1) // 2

    @property
    def order(self) -> IntArray:
        """Order of the levels in the Cholesky factor, (c,)."""
        rest = [j for j in range(self.c) if j != self.first]
        return np.array([self.first, *rest], dtype=np.intp)

    def pairs(self) -> list[tuple[int, int]]:
        """Return the two levels of each correlation."""
        i, j = np.triu_indices(self.c, 1)
        return list(zip(i.tolist(), j.tolist(), strict=True))

    def place(self, kind: str, index: int) -> int | None:
        """Return the coordinate that alone determines a parameter, or None."""
        order: list[int] = self.order.tolist()
        if kind == "tau2":
            return order.index(index)
        pair = self.pairs()[index]
        if self.first not in pair:
            return None
        row = order.index(pair[1] if pair[0] == self.first else pair[0])
        return self.c + row * (row - 1) // 2

    @cached_property
    def _owner(self) -> IntArray:
        """Row of the Cholesky factor that each coordinate belongs to, (n,)."""
        lengths = np.arange(self.c)
        return np.concatenate([lengths, np.repeat(lengths, lengths)])

    def _factor(self, x: Floats) -> tuple[Floats, Floats]:
        """Cholesky factor (c, c), and the derivative of its row by each coordinate, (n, c)."""
        s, unit = x[: self.c], np.zeros((self.c, self.c))
        slopes = np.zeros((self.n, self.c))
        unit[0, 0] = 1.0
        for i in range(1, self.c):
            at = self.c + i * (i - 1) // 2
            a = x[at : at + i]
            unit[i, : i + 1] = _unit_vector(a)
            for j in range(i):
                slopes[at + j, : i + 1] = s[i] * _turned(a, j)
        slopes[: self.c] = unit
        return s[:, None] * unit, slopes

    def matrix(self, x: Floats) -> Floats:
        """Return T."""
        L = self._factor(x)[0]
        out = np.empty((self.c, self.c))
        out[np.ix_(self.order, self.order)] = L @ L.T
        return out

    def slopes(self, x: Floats) -> Floats:
        """Return the derivatives of T."""
        L, J = self._factor(x)
        line = J @ L.T
        out = np.zeros((self.n, self.c, self.c))
        each = np.arange(self.n)
        out[each, self._owner] += line
        out[each, :, self._owner] += line
        back = np.argsort(self.order)
        return out[:, back[:, None], back[None, :]]

    def bend(self, x: Floats, weight: Floats) -> Floats:
        """Return the second derivatives of the sum of weight * T, (n, n).

        With T = LL' they are 2 (w_ik J_i J_k' + (wL)_i L_i''), where J and L'' are the derivatives
        of the rows of L.
        """
        L, J = self._factor(x)
        w = weight[np.ix_(self.order, self.order)]
        out = (J @ J.T) * w[np.ix_(self._owner, self._owner)]
        G = w @ L
        for i in range(1, self.c):
            at = self.c + i * (i - 1) // 2
            a = x[at : at + i]
            for j in range(i):
                first = float(_turned(a, j) @ G[i, : i + 1])
                out[i, at + j] += first
                out[at + j, i] += first
                for k in range(j + 1):
                    second = x[i] * float(_turned(a, j, k) @ G[i, : i + 1])
                    out[at + j, at + k] += second
                    if k < j:
                        out[at + k, at + j] += second
        return np.asarray(2 * out)

    def bounds(self) -> tuple[Floats, Floats]:
        """Return the bounds: lengths from 0, or none; angles as they like."""
        lower = np.full(self.n, -np.inf)
        if not self.signed:
            lower[: self.c] = 0.0
        return lower, np.full(self.n, np.inf)

    def natural(self, x: Floats) -> tuple[Floats, Floats]:
        """Return variances and correlations."""
        T = self.matrix(x)
        tau2 = np.diag(T).copy()
        sd = np.sqrt(np.where(tau2 > 0, tau2, 1.0))
        return tau2, np.clip((T / np.outer(sd, sd))[np.triu_indices(self.c, 1)], -1.0, 1.0)

    def coordinates(self, tau2: Floats, rho: Floats) -> Floats:
        """Return the coordinates."""
        C = np.zeros((self.c, self.c))
        C[np.triu_indices(self.c, 1)] = rho
        C = (C + C.T + np.eye(self.c))[np.ix_(self.order, self.order)]
        rows = np.zeros((self.c, self.c))
        for i in range(self.c):  # a Cholesky factor that may have rows of 0
            for j in range(i + 1):
                rest = C[i, j] - rows[i, :j] @ rows[j, :j]
                if i == j:
                    rows[i, i] = np.sqrt(max(rest, 0.0))
                else:
                    rows[i, j] = rest / rows[j, j] if rows[j, j] > 0 else 0.0
        angles = [
            np.arctan2(np.sqrt((rows[i, j + 1 : i + 1] ** 2).sum()), rows[i, j])
            for i in range(1, self.c)
            for j in range(i)
        ]
        return np.concatenate([np.sqrt(tau2)[self.order], angles])


def _turned(angles: Floats, *which: int) -> Floats:
    """Derivative of the unit vector by some of its angles (one may stand twice).

    A quarter turn makes -sin of cos and cos of sin; what an angle does not enter has no slope.
    """
    moved = angles.copy()
    for j in which:
        moved[j] += np.pi / 2
    out = _unit_vector(moved)
    out[: max(which)] = 0.0
    return out


def _unit_vector(angles: Floats) -> Floats:
    """(cos a1, sin a1 cos a2, sin a1 sin a2 cos a3, ..., sin a1 ... sin an)."""
    sines = np.concatenate([[1.0], np.cumprod(np.sin(angles))])
    return np.asarray(sines * np.append(np.cos(angles), 1.0))


STRUCTURES: Final[dict[str, type[Structure]]] = {
    kind.code: kind
    for kind in (
        Identity, Diagonal, CompoundSymmetry, HeteroscedasticCompoundSymmetry, Unstructured,
        Autoregressive, HeteroscedasticAutoregressive, ContinuousAutoregressive,
    )
}  # fmt: skip
