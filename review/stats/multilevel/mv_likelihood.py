"""Log-likelihood of y ~ N(X beta, M(x)), its slopes and its average information.

With P = M^-1 - M^-1 X (X'M^-1 X)^-1 X'M^-1 and M_j the derivative of M by coordinate j (Harville
1977, J Am Stat Assoc 72:320, sections 4-5; Gilmour, Thompson & Cullis 1995, Biometrics 51:1440):

    ML    l = -(k log 2pi + log|M| + y'Py) / 2
    REML  l = -((k-p) log 2pi + log|M| + log|X'M^-1 X| - log|X'X| + y'Py) / 2
    slope_j = (y'P M_j P y - tr(P M_j)) / 2          (ML: tr(M^-1 M_j))
    information_ij = y'P M_i P M_j P y / 2 - (y'P M_ij P y - tr(P M_ij)) / 2

The second part of the information, with the second derivatives M_ij, belongs to coordinates in
which M is not linear; without it a climb would not see the edge of the correlations.

The design enters by an orthonormal basis of its columns, so that log|X'X| drops out, and the
effects as the residuals of their least squares fit, which leaves P y as it is and keeps its digits.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from review.stats.ground.basis import BasisFit, basis
from review.stats.ground.linked_covariance import LinkedCovariance
from review.stats.pooling.marginal_likelihood import LOG_2PI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.ground.block_diagonal import BlockDiagonal
    from review.stats.ground.least_squares import FloatArray
    from review.stats.ground.linked_covariance import Factored
    from review.stats.multilevel.random_terms import Term


@dataclass(frozen=True, eq=False)
class Point:
    """The model at given coordinates.

    Attributes:
        x: coordinates, (n,).
        loglik: of the method that is maximised.
        slope: its derivatives, (n,). information: about its negative second
            derivatives, (n, n).
        gamma: coefficients in the basis of the design, (p,). A: X'M^-1 X in that basis, (p, p).
        WU: M^-1 U, (k, p). Py: P y, (k,). ml, reml: both log-likelihoods.
        M: the inverse of the covariance.
    """

    x: FloatArray
    loglik: float
    slope: FloatArray
    information: FloatArray
    gamma: FloatArray
    A: FloatArray
    WU: FloatArray
    Py: FloatArray
    ml: float
    reml: float
    M: Factored


class Problem:
    """Effects, design, known covariance and random terms, ready to be evaluated.

    Args:
        y: effects, (k,). X: design, (k, p), full rank. V: sampling covariance.
        terms: the random terms. restricted: REML instead of ML.

    Attributes:
        basis: orthonormal basis of X. U: its columns, (k, p).
        where: for each term, the slice of its coordinates. n: number of coordinates.
    """

    def __init__(
        self, y: FloatArray, X: FloatArray, V: BlockDiagonal, terms: Sequence[Term], *,
        restricted: bool,
    ) -> None:  # fmt: skip
        self.y, self.X, self.V, self.terms, self.restricted = y, X, V, tuple(terms), restricted
        self.basis = basis(X)
        self.U = self.basis.U
        self.centre = self.U.T @ y
        self.y0 = y - self.U @ self.centre
        self.B = np.column_stack([self.U, self.y0])
        self.covariance = LinkedCovariance(V, [t.link for t in self.terms])
        ends = np.cumsum([0, *(t.structure.n for t in self.terms)])
        self.where = tuple(slice(int(a), int(b)) for a, b in pairwise(ends))
        self.n = int(ends[-1])

    @property
    def k(self) -> int:
        """Number of rows."""
        return len(self.y)

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return int(self.X.shape[1])

    @cached_property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds of the coordinates, (n,) each."""
        pairs = [t.structure.bounds() for t in self.terms]
        return (
            np.concatenate([p[0] for p in pairs]) if pairs else np.empty(0),
            np.concatenate([p[1] for p in pairs]) if pairs else np.empty(0),
        )

    def with_terms(self, terms: Sequence[Term]) -> Problem:
        """Return the problem with the same rows and links, and structures in other coordinates."""
        out = copy(self)
        out.terms = tuple(terms)
        out.__dict__.pop("bounds", None)
        return out

    def inside(self, gamma: FloatArray, cov: FloatArray) -> BasisFit:
        """Coefficients of the effects as given, with their covariance, in the basis."""
        return BasisFit(self.basis, gamma + self.centre, cov)

    def matrices(self, x: FloatArray) -> list[FloatArray]:
        """Return T of each term, (c, c)."""
        return [t.structure.matrix(x[w]) for t, w in zip(self.terms, self.where, strict=True)]

    def at(self, x: FloatArray) -> Point:
        """Evaluate the model.

        Raises:
            NotPositiveDefinite: M cannot be inverted.
        """
        p = self.p
        M = self.covariance.factor(self.matrices(x))
        W = M.solve(self.B)
        WU = W[:, :p]
        A = self.U.T @ WU
        A = (A + A.T) / 2
        root = np.linalg.cholesky(A)
        a = self.U.T @ W[:, p]
        gamma = np.asarray(np.linalg.solve(A, a), np.float64)
        Py = W[:, p] - WU @ gamma
        rss = float(self.y0 @ Py)
        ml = -0.5 * (self.k * LOG_2PI + M.logdet + rss)
        log_A = 2 * float(np.log(np.diag(root)).sum())
        reml = -0.5 * ((self.k - p) * LOG_2PI + M.logdet + log_A + rss)
        slope, information = self._derivatives(x, M, WU, A, Py)
        return Point(
            x, reml if self.restricted else ml, slope, information, gamma, A, WU, Py, ml, reml, M
        )

    def _derivatives(
        self, x: FloatArray, M: Factored, WU: FloatArray, A: FloatArray, Py: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        if self.n == 0:
            return np.empty(0), np.empty((0, 0))
        both = np.column_stack([WU, Py])
        slope = np.empty(self.n)
        changes = np.empty((self.k, self.n))
        bend = np.zeros((self.n, self.n))
        inverse_A = np.linalg.inv(A)
        for term, w, traces in zip(self.terms, self.where, M.sums(), strict=True):
            dT = term.structure.slopes(x[w])
            effects = term.link.collect(both)
            products = term.link.products(effects)
            weight = products[..., -1, -1] - traces
            if self.restricted:
                weight = weight + np.einsum("abpq,qp->ab", products[..., :-1, :-1], inverse_A)
            slope[w] = 0.5 * np.einsum("nab,ab->n", dT, weight)
            if not term.simple:
                bend[w, w] = 0.5 * term.structure.bend(x[w], weight)
            changes[:, w] = term.link.spread(dT, effects[..., -1])
        moved = M.solve(changes)
        left = WU.T @ changes
        information = 0.5 * (changes.T @ moved - left.T @ inverse_A @ left)
        return slope, (information + information.T) / 2 - bend
