"""Method of moments for the covariance of a multivariate random effect.

Of the weighted residuals r of the model with V alone, the matrix Q = sum of W_i r_i r_i' over the
groups is set to its expectation, which is linear in T (Jackson, White & Riley 2013, Biom J 55:231,
section 3; DerSimonian & Laird 1986 for one level). Levels that a group lacks are rows of zeros.
With H_ij = X_i M X_j'W_j, the sums over pairs of groups in

    E[Q] = sum W_i (I - H)_ij (V_j + T) (I - H)_ij'

factor, so that the cost is linear in the number of groups.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import StatsError

if TYPE_CHECKING:
    from review.stats.ground.block_diagonal import BlockDiagonal
    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.mv_likelihood import Problem

SINGULAR: Final = 1e-10  # smallest singular value, relative to the largest


def moment_coordinates(problem: Problem) -> FloatArray:
    """Return the coordinates of T by the method of moments, made positive semidefinite.

    Raises:
        StatsError: the model has other random effects, or the moments do not determine T.
    """
    _check(problem)
    term = problem.terms[0]
    link, c, p = term.link, term.link.c, problem.p
    inverse = problem.V.inverse()[0]
    M = np.linalg.inv(problem.U.T @ inverse.dot(problem.U))
    WU = inverse.dot(problem.U)
    r = problem.y0 - problem.U @ (M @ (WU.T @ problem.y0))
    G = link.groups

    def full(rows: FloatArray) -> FloatArray:
        """Rows of the effects as (groups, levels, columns), 0 where a group lacks a level."""
        out = np.zeros((G * c, rows.shape[1]))
        out[link.unit] = rows
        return out.reshape(G, c, -1)

    X, WX = full(problem.U), full(WU)
    W = _precisions(problem, inverse)
    on = np.zeros((G, c))
    on[link.group, link.inner] = 1.0
    residual = full(r[:, None])[..., 0]
    Q = np.einsum("gab,gb,gc->ac", W, residual, residual)
    WXM = WX @ M
    # expectation without T: W_i V_i - W_i X_i M X_i' and its products
    constant = np.diag(on.sum(0)) - np.einsum("gap,gbp->ab", WXM, X)
    # slopes by T: sums over pairs of groups of (I - H)_ij x W_i (I - H)_ij
    eye = on[:, :, None] * np.eye(c)
    H = np.einsum("gap,pq,gbq->gab", X, M, WX)
    WH = np.einsum("gab,gbc->gac", W, H)
    A = (
        np.einsum("gab,gcd->acbd", eye, W)
        - np.einsum("gab,gcd->acbd", H, W)
        - np.einsum("gab,gcd->acbd", eye, WH)
    )
    left = np.einsum("gap,gcq->acpq", X, WX).reshape(c * c, p * p)
    right = np.einsum("gbp,gdq->pqbd", WX, WX).reshape(p * p, c * c)
    A = A.reshape(c * c, c * c) + left @ np.kron(M, M) @ right
    values = np.linalg.svd(A, compute_uv=False)
    if values[-1] <= SINGULAR * values[0]:
        raise StatsError(
            f"the moments do not determine the covariance of {term.name!r}: too few groups have "
            "the levels"
        )
    T = np.linalg.solve(A, (Q - constant).T.ravel()).reshape(c, c).T
    roots, vectors = np.linalg.eigh((T + T.T) / 2)
    T = (vectors * np.maximum(roots, 0.0)) @ vectors.T
    tau2 = np.maximum(np.diag(T), 0.0)
    sd = np.sqrt(np.where(tau2 > 0, tau2, 1.0))
    rho = np.clip((T / np.outer(sd, sd))[np.triu_indices(c, 1)], -1.0, 1.0)
    return term.structure.coordinates(tau2, rho)


def _check(problem: Problem) -> None:
    terms = problem.terms
    if len(terms) != 1 or terms[0].code != "UN":
        raise StatsError(
            "method 'MM' is about one term '~ inner | outer' with struct='UN' and no other; use "
            "method='REML'"
        )
    link = terms[0].link
    if len(np.unique(link.unit)) < len(link.unit):
        raise StatsError("method 'MM' needs one row for each level of a group; use method='REML'")
    first = np.unique(problem.V.parts.label, return_index=True)[1]
    if not (link.group[first][problem.V.parts.label] == link.group).all():
        raise StatsError(
            "method 'MM' takes the groups to be independent, and V correlates rows of different "
            f"groups of {terms[0].name!r}"
        )


def _precisions(problem: Problem, inverse: BlockDiagonal) -> FloatArray:
    """V_i^-1 of each group as (groups, levels, levels), 0 where a group lacks a level."""
    link = problem.terms[0].link
    c = link.c
    out = np.zeros((link.groups, c, c))
    for stack, values in zip(inverse.parts.stacks, inverse.stacks, strict=True):
        rows = stack.rows
        g = link.group[rows][:, :1, None]
        i = link.inner[rows]
        out[g, i[:, :, None], i[:, None, :]] = values
    return out
