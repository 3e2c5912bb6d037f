"""Cluster-robust (sandwich) covariance and its small-sample degrees of freedom, on arrays.

The model is y = X b + e with a working covariance that is block diagonal over clusters. All work
is done per cluster *size*: clusters with the same number of rows are stacked, so that neither time
nor memory grows with the square of the number of studies or clusters.

Sources: Hedges, Tipton & Johnson (2010, Res Synth Methods 1:39) for CR0; Bell & McCaffrey (2002,
Survey Methodology 28:169) for CR2 and the Satterthwaite degrees of freedom; Pustejovsky & Tipton
(2018, J Bus Econ Stat 36:672), whose notation is used (their equations 4-11 for CR2 and t, section
3.2 for the approximate Hotelling test).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import StatsError, UnknownNameError
from review.stats.ground.block_diagonal import BlockDiagonal
from review.stats.ground.partition import Partition
from review.words import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Blocks = Floats | Sequence[Floats] | BlockDiagonal

TYPES: Final = ("CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3")
_RANK_TOL = 1e-10  # eigenvalues below this share of the largest count as zero


@dataclass(frozen=True)
class _Stack:
    """All clusters with the same number of rows n: arrays of shape (clusters, n, ...)."""

    where: Ints  # numbers of the clusters
    rows: Ints  # their rows
    X: Floats
    e: Floats
    W: Floats
    Phi: Floats


@dataclass(frozen=True)
class _Piece:
    """What the scores of all clusters with the same number of rows n are made with."""

    where: Ints  # numbers of the clusters
    rows: Ints  # their rows, (clusters, n)
    WX: Floats  # (clusters, n, p)
    E: Floats  # (clusters, n, p)


@dataclass(frozen=True)
class Sandwich:
    """Cluster-robust covariance of the coefficients, with what its tests need.

    Attributes:
        vcov: covariance of the coefficients, shape (p, p).
        n_clusters: number of clusters.
    """

    vcov: Floats
    n_clusters: int
    _bread: Floats  # M = (X'WX)^-1
    _middle: Floats  # U = X'W Phi W X
    _d: Floats  # (clusters, p, p): E_j' Phi_j E_j with E_j = A_j' W_j X_j M
    _a: Floats  # (clusters, p, p): X_j' E_j
    _b: Floats  # (clusters, p, p): X_j' W_j Phi_j E_j
    _pieces: tuple[_Piece, ...]

    @property
    def bread(self) -> Floats:
        """(X'WX)^-1, shape (p, p)."""
        return self._bread

    @property
    def feedback(self) -> Floats:
        """E_j' X_j: what a change of the coefficients does to the scores, (clusters, p, p)."""
        return np.swapaxes(self._a, 1, 2)

    def scores(self, residuals: Floats) -> tuple[Floats, Floats]:
        """Scores of the clusters for any residuals (k,), shape (clusters, p) each.

        Returns:
            X_j'W_j e_j, whose sum moves the coefficients, and E_j'e_j, whose squares add up to
            the robust covariance.
        """
        shape = (self.n_clusters, len(self._bread))
        plain, adjusted = np.empty(shape), np.empty(shape)
        for s in self._pieces:
            e = residuals[s.rows]
            plain[s.where] = np.einsum("jnp,jn->jp", s.WX, e)
            adjusted[s.where] = np.einsum("jnp,jn->jp", s.E, e)
        return plain, adjusted

    def satterthwaite(self, contrast: Floats) -> float:
        """Degrees of freedom of the t test of contrast @ beta.

        Twice the squared expectation of the variance estimate over its variance, both under the
        working model (Pustejovsky & Tipton 2018, eq. 11): (tr O)^2 / tr(O O).

        Args:
            contrast: shape (p,).
        """
        d, f = self._factors(np.asarray(contrast, dtype=float)[:, None])
        trace, square = self._trace(d, f, 0, 0), self._products(d, f, (0, 0), (0, 0))
        return trace**2 / square if square > 0 else float("nan")

    def hotelling(self, contrasts: Floats, difference: Floats) -> tuple[float, float, float]:
        """Approximate Hotelling (HTZ) test of contrasts @ beta = value.

        Args:
            contrasts: shape (q, p).
            difference: contrasts @ beta - value, shape (q,).

        Returns:
            F, numerator and denominator degrees of freedom (section 3.2 of Pustejovsky & Tipton
            2018, the version they call HTZ).
        """
        C = np.atleast_2d(np.asarray(contrasts, dtype=float))
        q = len(C)
        wald = float(difference @ np.linalg.solve(C @ self.vcov @ C.T, difference))
        d, f = self._factors(C.T)
        omega = np.array([[self._trace(d, f, s, t) for t in range(q)] for s in range(q)])
        values, vectors = np.linalg.eigh((omega + omega.T) / 2)
        if values[0] <= _RANK_TOL * values[-1]:  # the clusters say nothing about some contrast
            return float("nan"), float(q), 0.0
        root = vectors @ np.diag(values**-0.5) @ vectors.T
        d, f = self._factors(C.T @ root)
        spread = sum(
            self._products(d, f, (s, s), (t, t)) + self._products(d, f, (s, t), (s, t))
            for s in range(q)
            for t in range(q)
        )
        eta = q * (q + 1) / spread
        return (eta - q + 1) / (eta * q) * wald, float(q), float(eta - q + 1)

    def _factors(self, C: Floats) -> tuple[Floats, Floats]:
        """For contrasts in the columns of C (p, q): d (clusters, q, q), F (clusters, q, 2p).

        The covariance of the cluster scores of contrasts s and t is
        diag(d[:, s, t]) + F[:, s] G F[:, t]' with G from `_core`.
        """
        d = np.einsum("ps,jpr,rt->jst", C, self._d, C, optimize=True)
        a = np.einsum("jpr,rs->jsp", self._a, C)
        b = np.einsum("jpr,rs->jsp", self._b, C)
        return d, np.concatenate([a, b], axis=2)

    def _core(self) -> Floats:
        M = self._bread
        return np.block([[M @ self._middle @ M, -M], [-M, np.zeros_like(M)]])

    def _trace(self, d: Floats, f: Floats, s: int, t: int) -> float:
        low = np.einsum("jx,xy,jy->", f[:, s], self._core(), f[:, t], optimize=True)
        return float(d[:, s, t].sum() + low)

    def _products(
        self, d: Floats, f: Floats, first: tuple[int, int], second: tuple[int, int]
    ) -> float:
        """Sum over all cluster pairs (j, l) of O_st[j, l] * O_uv[l, j]; s, t and u, v are given."""
        (s, t), (u, v) = first, second
        G = self._core()
        low_st = np.einsum("jx,xy,jy->j", f[:, s], G, f[:, t], optimize=True)
        low_uv = np.einsum("jx,xy,jy->j", f[:, u], G, f[:, v], optimize=True)
        diagonal = d[:, s, t] * d[:, u, v] + d[:, s, t] * low_uv + d[:, u, v] * low_st
        both = np.trace(G @ (f[:, t].T @ f[:, u]) @ G @ (f[:, v].T @ f[:, s]))
        return float(diagonal.sum() + both)


def sandwich(  # noqa: PLR0917  arrays in the order of the formula
    X: Floats,
    residuals: Floats,
    cluster: Ints,
    weights: Blocks,
    target: Blocks,
    kind: str = "CR2",
) -> Sandwich:
    """Cluster-robust covariance of weighted least-squares coefficients.

    Args:
        X: design matrix, shape (k, p), full column rank.
        residuals: y - X b, shape (k,).
        cluster: number of the cluster of each row, 0 … m-1, shape (k,).
        weights: shape (k,) for diagonal weights, or one (n_j, n_j) block per cluster (a list in
            the order of their numbers, or a `BlockDiagonal` with the clusters as its blocks).
        target: working covariance, in the same form as `weights`.
        kind: CR0 no correction; CR1 m/(m-1); CR1p m/(m-p); CR1S m(k-1)/((m-1)(k-p)); CR2
            bias-reduced under the working model; CR3 jackknife-like.

    Raises:
        StatsError: when there are too few clusters for the correction.
        UnknownNameError: when `kind` is none of those.

    Example:
        >>> X, e = np.ones((3, 1)), np.array([-1.0, 0.0, 1.0])
        >>> sandwich(X, e, np.arange(3), np.ones(3), np.ones(3), "CR0").vcov.round(4).item()
        0.2222
    """
    if not isinstance(kind, str) or kind not in TYPES:
        raise UnknownNameError("type of robust covariance", kind, TYPES)
    k, p = X.shape
    m = int(cluster.max()) + 1
    scale = _scale(kind, m, k, p)
    stacks = _stacks((X, residuals), cluster, weights, target)
    M = np.linalg.inv(sum(np.einsum("jnp,jno,joq->pq", s.X, s.W, s.X) for s in stacks))
    U = sum(
        np.einsum("jnp,jno,joq->pq", s.W @ s.X, s.Phi, s.W @ s.X, optimize=True) for s in stacks
    )
    shape = (m, p, p)
    d, a, b, scores = np.empty(shape), np.empty(shape), np.empty(shape), np.empty((m, p))
    pieces = []
    for s in stacks:
        E = np.swapaxes(_adjustment(kind, s, M, U), 1, 2) @ s.W @ s.X @ M * np.sqrt(scale)
        scores[s.where] = np.einsum("jnp,jn->jp", E, s.e)
        d[s.where] = np.swapaxes(E, 1, 2) @ s.Phi @ E
        a[s.where] = np.swapaxes(s.X, 1, 2) @ E
        b[s.where] = np.swapaxes(s.W @ s.X, 1, 2) @ s.Phi @ E
        pieces.append(_Piece(s.where, s.rows, s.W @ s.X, E))
    return Sandwich(scores.T @ scores, m, M, U, d, a, b, tuple(pieces))


def _scale(kind: str, m: int, k: int, p: int) -> float:
    need = p + 1 if kind in {"CR1p", "CR1S"} else 2
    if m < need:
        raise StatsError(
            f"robust covariance {kind} needs at least {need} clusters for "
            f"{plural(p, 'coefficient')}, and there {'is' if m == 1 else 'are'} {m}"
        )
    factors = {"CR1": m / (m - 1), "CR1p": m / max(m - p, 1)}
    if kind == "CR1S":
        return m * (k - 1) / ((m - 1) * (k - p))
    return factors.get(kind, 1.0)


def _stacks(
    data: tuple[Floats, Floats], cluster: Ints, weights: Blocks, target: Blocks
) -> list[_Stack]:
    """Design and residuals (`data`), weights and target, stacked by cluster size."""
    X, residuals = data
    stacks = []
    for i, stack in enumerate(Partition(cluster.astype(np.intp)).stacks):
        W, Phi = (_blocks(source, i, stack.blocks, stack.rows) for source in (weights, target))
        rows = stack.rows
        stacks.append(_Stack(stack.blocks, rows, X[rows], residuals[rows], W, Phi))
    return stacks


def _blocks(source: Blocks, i: int, where: Ints, rows: Ints) -> Floats:
    if isinstance(source, BlockDiagonal):
        return source.stacks[i]
    if isinstance(source, np.ndarray) and source.ndim == 1:
        return np.asarray(source[rows][:, :, None] * np.eye(rows.shape[1]))
    return np.stack([np.asarray(source[j], dtype=float) for j in where])


def _adjustment(kind: str, s: _Stack, M: Floats, U: Floats) -> Floats:
    """A_j for each cluster of a stack, shape (clusters, n, n)."""
    n = s.X.shape[1]
    eye = np.broadcast_to(np.eye(n), s.W.shape)
    if kind not in {"CR2", "CR3"}:
        return eye
    H = s.X @ M @ np.swapaxes(s.X, 1, 2) @ s.W
    if kind == "CR3":
        return _pseudo_power(eye - H)
    HP = H @ s.Phi
    middle = s.Phi - HP - np.swapaxes(HP, 1, 2)
    middle = middle + s.X @ (M @ U @ M) @ np.swapaxes(s.X, 1, 2)
    D = np.swapaxes(np.linalg.cholesky(s.Phi), 1, 2)
    B = D @ middle @ np.swapaxes(D, 1, 2)
    values, vectors = np.linalg.eigh((B + np.swapaxes(B, 1, 2)) / 2)
    # a cluster that alone determines a coefficient leaves B singular: generalised inverse
    floor = _RANK_TOL * np.einsum("jnn->jn", D @ s.Phi @ np.swapaxes(D, 1, 2)).max(axis=1)
    safe = values > floor[:, None]
    power = np.where(safe, np.where(safe, values, 1.0) ** -0.5, 0.0)
    root = (vectors * power[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    return np.asarray(np.swapaxes(D, 1, 2) @ root @ D)


def _pseudo_power(A: Floats) -> Floats:
    """Generalised inverse of each matrix of a stack."""
    return np.asarray(np.linalg.pinv(A, rcond=_RANK_TOL))
