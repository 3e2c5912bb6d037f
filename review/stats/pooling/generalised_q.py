"""Distribution of the generalised Q statistic, and what follows from it for tau2.

Q = y'Py with fixed weights A and P = A - AX(X'AX)^-1 X'A is a sum of chi-squared variables on one
degree of freedom, weighted with the eigenvalues of SP, S = diag(v + tau2) (Jackson 2013, Res Synth
Methods 4:220). They are not needed: the Laplace transform of Q,

    L(z) = |I + 2zSP|^-1/2,
    |I + 2zSP| = prod(1 + 2z s_i a_i) |X'A(I + 2zSA)^-1 X| / |X'AX|,

costs O(k p^2), and is inverted on a parabola around its singularities, which all lie on the
negative real axis (Weideman & Trefethen 2007, Math Comp 76:1341; the error is 8^-n for n nodes).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import ConvergenceError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.ground.least_squares import FloatArray, Projector
    from review.stats.pooling.prepared_effects import Sample

NODES: Final = (16, 24, 32, 40)  # nodes of the parabola, tried until two of them agree
AGREE: Final = 1e-11
MANY: Final = 100.0  # effective degrees of freedom from which the real axis is used at once
MOST_POINTS: Final = 100_000


def upper_tail(q: float, tau2: float, s: Sample, P: Projector) -> float:
    """P(Q > q) when the between-study variance is tau2.

    Args:
        q: value of the statistic, not negative.
        tau2: between-study variance.
        s: one data set (k,).
        P: the projector at the fixed weights A.

    Raises:
        ConvergenceError: the inversion does not reach its accuracy of 1e-11.

    Example:
        >>> from review.stats.ground.least_squares import Projector
        >>> from review.stats.pooling.prepared_effects import make_sample
        >>> s = make_sample(np.array([0.1, 0.9, 0.4]), np.ones(3))
        >>> round(upper_tail(2.0, 0.0, s, Projector(np.ones(3))), 10)  # chi-squared, 2 df
        0.3678794412
    """
    if q <= 0:
        return 1.0
    S = s.v + tau2
    mean, spread = float(P.trace(S)), float(P.trace_sq(S))
    reach = 12 * np.sqrt(2 * spread) + 80 * float((S * P.w).max())
    if abs(q - mean) > reach:  # beyond it lies less than 1e-15
        return float(q < mean)
    if mean**2 / spread < MANY:
        before = _on_parabola(q, S, P, NODES[0])
        for nodes in NODES[1:]:
            tail = _on_parabola(q, S, P, nodes)
            if abs(tail - before) <= AGREE:
                return float(np.clip(tail, 0.0, 1.0))
            before = tail
    return _on_real_axis(q, S, P, mean, float(np.sqrt(2 * spread)))


def _on_parabola(q: float, S: FloatArray, P: Projector, nodes: int) -> float:
    """Invert (1 - L(z))/z along z = mu (iu + 1)^2 (Weideman & Trefethen 2007, sec. 3)."""
    u = (np.arange(nodes) + 0.5) * (3.0 / nodes)
    mu = np.pi * nodes / (12.0 * q)
    z = mu * (1j * u + 1) ** 2
    slope = 2j * mu * (1j * u + 1)
    total = 0.0
    for z_j, slope_j in zip(z, slope, strict=True):
        transform = (1 - _laplace(z_j, S, P)) / z_j
        total += float((np.exp(z_j * q) * transform * slope_j).imag)
    return total * (3.0 / nodes) / np.pi


def _on_real_axis(q: float, S: FloatArray, P: Projector, mean: float, sd: float) -> float:
    """Invert the characteristic function by the midpoint rule (Davies 1980, Appl Stat 29:323).

    Its error is the probability of Q being a whole range away from q, which is far in the tail,
    and what is left of the characteristic function beyond the last point.
    """
    span = abs(q - mean) + 12 * sd + 80 * float((S * P.w).max())
    step = 2 * np.pi / span
    total = 0.0
    for j in range(MOST_POINTS):
        u = (j + 0.5) * step
        value = _laplace(-1j * u, S, P) * np.exp(-1j * u * q)
        total += float(value.imag) / (j + 0.5)
        if abs(value) < 1e-15 * (j + 1):
            return float(np.clip(0.5 + total / np.pi, 0.0, 1.0))
    raise ConvergenceError("the distribution of the generalised Q statistic could not be computed")


def _laplace(z: complex, S: FloatArray, P: Projector) -> complex:
    """L(z) off the negative real axis."""
    factor = 1 + 2 * z * S * P.w
    log_det = np.log(factor).sum()
    if P.U is None:
        log_det += np.log((P.w / factor).sum() * P.M)
    else:
        assert P.wu is not None
        G = P.M @ ((P.wu / factor[:, None]).T @ P.U)
        # all eigenvalues lie on one side of the real axis, so their logarithms are continuous
        log_det += np.log(np.linalg.eigvals(G)).sum()
    return complex(np.exp(-0.5 * log_det))


def tail_root(probability: float, s: Sample, P: Projector) -> float:
    """Solve P(Q > q_observed) = probability for tau2 >= 0; 0 if it is larger at tau2 = 0.

    The tail probability rises with tau2.

    Raises:
        ConvergenceError: no upper end of the search interval is found.
    """
    q = float(P.quadratic(s.y))

    def excess(t: float) -> float:
        return upper_tail(q, t, s, P) - probability

    if excess(0.0) >= 0:
        return 0.0
    return rising_root(excess, max(q / float(P.trace()), float(s.v_min)))


def rising_root(excess: Callable[[float], float], start: float) -> float:
    """Root of a function that is negative at 0 and rises; `start` sets the scale."""
    from scipy.optimize import brentq

    hi = start
    for _ in range(200):
        if excess(hi) > 0:
            return float(brentq(excess, 0.0, hi, xtol=1e-13 * start, rtol=1e-13, maxiter=500))
        hi *= 4.0
    raise ConvergenceError("no value of tau2 is large enough for the Q statistic observed")


def median_root(s: Sample, P: Projector) -> tuple[FloatArray, int]:
    """Median-unbiased tau2: the value for which the observed Q is the median of its distribution.

    Raises:
        InputError: the sample is a batch.
    """
    if s.shape:
        raise InputError("method 'GENQM' fits one data set at a time; use 'GENQ'")
    return np.asarray(tail_root(0.5, s, P)), 1
