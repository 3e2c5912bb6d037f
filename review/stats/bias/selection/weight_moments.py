"""Moments of a weight function under a normal distribution: closed form and quadrature.

The likelihood of a selection model needs A = E[w(p(Z))] for Z ~ N(m, s^2), s >= 1 on the z scale,
and its derivatives. With the Hermite polynomials He_n and u = (z - m) / s all of them are

    M_n[f] = integral of f(z) He_n(u) phi(u) du,     n = 0 ... 4,

where f is w or one of its derivatives by delta. Where f is constant the integral is closed
(differences of Phi, phi He_{n-1}); elsewhere Gauss-Legendre panels of at most one z unit are
used, which on s >= 1 leaves errors near rounding. The panels are the same for all studies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.bias.selection.sides import z_of_p

if TYPE_CHECKING:
    from review.stats.bias.selection.sides import FloatArray

_ORDER: Final = 14  # nodes per panel
_EDGE: Final = 10.0  # beyond this |z|, p or 1 - p is below 1e-23
_FAR: Final = 16.0  # the same for weights that keep changing there: few studies reach it
_REACH: Final = 8.5  # standard deviations of the normal that are integrated in the tails
_CLIP: Final = 40.0  # phi(40) is zero in double precision


@dataclass(frozen=True)
class Cells:
    """Intervals of z on which the weight is constant.

    Attributes:
        lower, upper: shape (c,), may be infinite.
        step: shape (c,), index of the weight that holds there.
    """

    lower: FloatArray
    upper: FloatArray
    step: np.ndarray[tuple[int, ...], np.dtype[np.intp]]


@dataclass(frozen=True)
class Nodes:
    """Quadrature nodes and weights on the z scale, shape (n,)."""

    z: FloatArray
    weight: FloatArray


@cache
def _legendre() -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.legendre.leggauss(_ORDER)
    return np.asarray(nodes), np.asarray(weights)


def panels(breaks: FloatArray) -> Nodes:
    """Return Gauss-Legendre nodes on consecutive panels; `breaks` has shape (..., b).

    Example:
        >>> rule = panels(np.array([0.0, 1.0, 2.0]))
        >>> bool(np.isclose((rule.weight * rule.z**3).sum(), 4.0))
        True
    """
    x, w = _legendre()
    half = np.diff(breaks, axis=-1)[..., None] / 2.0
    middle = (breaks[..., 1:] + breaks[..., :-1])[..., None] / 2.0
    shape = (*breaks.shape[:-1], -1)
    return Nodes((middle + half * x).reshape(shape), (half * w).reshape(shape))


def step_cells(cuts: FloatArray, *, two_sided: bool) -> Cells:
    """Return the intervals of a step function with p-value cut-points `cuts` (rising, below 1).

    Example:
        >>> step_cells(np.array([0.5]), two_sided=False).step.tolist()
        [0, 1]
    """
    z = z_of_p(cuts, two_sided=two_sided)
    if not two_sided:
        edges = np.concatenate([[np.inf], z, [-np.inf]])
        return Cells(edges[1:], edges[:-1], np.arange(cuts.size + 1))
    outer = np.concatenate([[np.inf], z])
    inner = np.concatenate([z, [0.0]])
    step = np.tile(np.arange(outer.size), 2)
    return Cells(np.concatenate([inner, -outer]), np.concatenate([outer, -inner]), step)


def smooth_grid(
    *, censor: float, threshold: float | None, two_sided: bool, open_tails: bool = False
) -> tuple[Nodes, Cells, FloatArray]:
    """Return nodes for the smooth part of w, cells for its constant ends and their z.

    Args:
        censor: p-values are kept this far from 0 and 1; 0 for no censoring.
        threshold: w = 1 for p at or below it; None for no such part.
        two_sided: symmetric in z.
        open_tails: w is not constant in the tails; see `tail_nodes`.

    Returns:
        (nodes, cells, z in each cell at which its constant weight is to be evaluated).
    """
    edge = _FAR if open_tails else _EDGE
    if censor > 0.0:
        edge = min(edge, float(z_of_p(np.array([censor]), two_sided=two_sided)[0]))
    marks = [np.arange(np.ceil(-edge), np.floor(edge) + 1.0), np.array([-edge, edge])]
    lower, upper, at = [edge, -np.inf], [np.inf, -edge], [edge, -edge]
    hole = 0.0
    if two_sided:
        # p has a kink at z = 0, where (1 - p)^delta may even have a pole: panels narrow towards it
        if censor > 0.0:
            hole = float(z_of_p(np.array([1.0 - censor]), two_sided=True)[0])
            lower, upper, at = [*lower, -hole], [*upper, hole], [*at, hole]
        near = np.geomspace(hole or 1e-10, 1.0, 16)
        marks += [near, -near]
        if not hole:
            marks.append(np.array([0.0]))
    if threshold is not None:
        cut = float(z_of_p(np.array([threshold]), two_sided=two_sided)[0])
        marks.append(np.array([cut, -cut] if two_sided else [cut]))
    breaks = np.unique(np.concatenate(marks))
    breaks = breaks[(np.abs(breaks) <= edge) & (np.abs(breaks) >= hole)]
    nodes = panels(breaks)
    outside = np.abs(nodes.z) > hole  # the panel that spans the hole is a cell
    cells = Cells(np.array(lower), np.array(upper), np.arange(len(at)))
    return Nodes(nodes.z[outside], nodes.weight[outside]), cells, np.array(at)


def hermite(u: FloatArray, n: int) -> FloatArray | float:
    """Return He_n(u) for n <= 4."""
    if n == 0:
        return 1.0
    square = u * u
    if n == 1:
        return u
    if n == 2:
        return square - 1.0
    return u * (square - 3.0) if n == 3 else square * (square - 6.0) + 3.0


def _density(u: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-0.5 * u * u) / np.sqrt(2.0 * np.pi))


def cell_moments(cells: Cells, m: FloatArray, s: FloatArray, highest: int) -> list[FloatArray]:
    """Return M_n of the indicator of each cell, n = 0 ... highest; each of shape (k, c)."""
    from scipy.special import ndtr

    a = np.clip((cells.lower - m[:, None]) / s[:, None], -_CLIP, _CLIP)
    b = np.clip((cells.upper - m[:, None]) / s[:, None], -_CLIP, _CLIP)
    mirrored = a > 0.0  # differences of small upper tails keep their digits
    mass = np.where(mirrored, ndtr(-a) - ndtr(-b), ndtr(b) - ndtr(a))
    out = [mass]
    at_a, at_b = _density(a), _density(b)
    out += [at_a * hermite(a, n - 1) - at_b * hermite(b, n - 1) for n in range(1, highest + 1)]
    return out


def node_densities(nodes: Nodes, m: FloatArray, s: FloatArray, highest: int) -> list[FloatArray]:
    """Return phi(u) He_n(u) du at the nodes, n = 0 ... highest; each of shape (k, nodes)."""
    u = (nodes.z - m[:, None]) / s[:, None]
    base = _density(u) * nodes.weight / s[:, None]
    return [base if n == 0 else base * hermite(u, n) for n in range(highest + 1)]


def reaches_tail(m: FloatArray, s: FloatArray, sign: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Tell which normals have mass beyond 16 (sign 1) or below -16 (sign -1), (k,)."""
    return np.asarray(sign * m + _REACH * s > _FAR)


def tail_nodes(m: FloatArray, s: FloatArray, sign: int) -> Nodes:
    """Return nodes on (16, inf) (sign 1) or (-inf, -16) (sign -1) for each study, (k, nodes).

    Used where w is not constant in the tails. The panels grow away from the edge and are at most
    three quarters of a standard deviation wide; weights are zero where the normal has no mass.
    """
    start = np.maximum(_FAR, sign * m - _REACH * s)
    end = np.maximum(start, sign * m + _REACH * s)
    even = start[:, None] + (end - start)[:, None] * np.linspace(0.0, 1.0, 25)
    graded = np.clip(_FAR + 2.0 ** np.arange(16.0), start[:, None], end[:, None])
    rule = panels(np.sort(np.concatenate([even, graded], axis=1), axis=1))
    return Nodes(sign * rule.z, rule.weight)
