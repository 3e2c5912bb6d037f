"""Quadrature of a positive function over the whole positive axis, in panels of log x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from numpy.polynomial import legendre

from review.errors import ConvergenceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.ground.least_squares import FloatArray

    Resolve = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

NODES: Final = 16
FAR: Final = 250.0  # from the ends of the middle: factors of e^250 on either side
FALLEN: Final = 42.0  # a factor of e^-42 of the highest is nothing
TOLERANCE: Final = 1e-13
ROUNDING: Final = 1e-15  # relative error of the logarithm of the integrand
STEPS: Final = 60
NARROW: Final = 1e-9  # panels that are not halved any more
MOST_PANELS: Final = 20_000
_X, _W = legendre.leggauss(NODES)


@dataclass(frozen=True, eq=False)
class Panels:
    """Panels of u = log x with Gauss-Legendre nodes in each, from left to right.

    Attributes:
        left, right: ends of the panels, (P,).
        u: nodes, (P, NODES).
        log_f: logarithm of the integrand in u at the nodes (with the Jacobian), (P, NODES).
        log_integral: of the integral over all panels.
        mass: share of the integral of each node, (P, NODES); they add up to 1.
        error: relative difference of the integral from that over the halves of all panels.
    """

    GAPS: ClassVar = {"log_f": "minus infinity: a density of 0"}

    left: FloatArray
    right: FloatArray
    u: FloatArray
    log_f: FloatArray
    log_integral: float
    mass: FloatArray
    error: float

    def below(self, u: FloatArray) -> FloatArray:
        """Return the share of the integral below values of u, any shape."""
        at = np.clip(np.searchsorted(self.left, u, side="right") - 1, 0, len(self.left) - 1)
        x = 2 * (u - self.left[at]) / (self.right[at] - self.left[at]) - 1
        inside = _antiderivative(self._coefficients[at], np.clip(x, -1, 1))
        start = np.concatenate([[0.0], np.cumsum(self.mass.sum(1))])
        return np.clip(start[at] + inside, 0, 1)

    def quantile(self, p: FloatArray) -> FloatArray:
        """Return the u below which a share p of the integral lies, (n,)."""
        ends = np.cumsum(self.mass.sum(1))
        at = np.clip(np.searchsorted(ends, p), 0, len(ends) - 1)
        series = self._coefficients[at]
        goal = p - np.append(0.0, ends)[at]
        low, high = np.full(len(p), -1.0), np.ones(len(p))
        x = np.zeros(len(p))
        for _ in range(STEPS):  # Newton's steps on a polynomial, halvings where they leave it
            miss = _antiderivative(series, x) - goal
            low, high = np.where(miss < 0, x, low), np.where(miss < 0, high, x)
            slope = np.einsum("qn,qn->q", legendre.legvander(x, NODES - 1), series)
            with np.errstate(divide="ignore", invalid="ignore"):
                new = x - miss / slope
            new = np.where((new >= low) & (new <= high), new, (low + high) / 2)
            done = (np.abs(new - x) < 1e-14) | (np.abs(miss) < 1e-15 * p)
            x = new
            if done.all():
                break
        return self.left[at] + (self.right[at] - self.left[at]) * (x + 1) / 2

    @property
    def _coefficients(self) -> FloatArray:
        """Legendre coefficients of the share's density in each panel, (P, NODES)."""
        density = self.mass / _W  # mass per unit of x in (-1, 1)
        return np.asarray(density @ _PROJECT)


def _projection() -> FloatArray:
    """Matrix from values at the nodes to Legendre coefficients, (NODES, NODES)."""
    values = legendre.legvander(_X, NODES - 1)
    return np.asarray(_W[:, None] * values * (2 * np.arange(NODES) + 1) / 2)


_PROJECT: Final = _projection()


def _antiderivative(coefficients: FloatArray, x: FloatArray) -> FloatArray:
    """Integral from -1 to x of Legendre series, one series per x."""
    P = legendre.legvander(x, NODES)
    n = np.arange(1, NODES)
    terms = (P[..., n + 1] - P[..., n - 1]) / (2 * n + 1)
    rest = (coefficients[..., 1:] * terms).sum(-1)
    return np.asarray(coefficients[..., 0] * (x + 1) + rest)


def integrate(
    log_f: Callable[[FloatArray], FloatArray],
    middle: tuple[float, float],
    *,
    upper: float = np.inf,
    powers: tuple[float, ...] = (0.0,),
    resolve: Resolve | None = None,
) -> Panels:
    """Integrate a positive function of x over (0, upper) by adaptive panels of u = log x.

    In u the posterior of tau falls at both ends like an exponential function, whatever power or
    singularity it has in tau, and everything that depends on tau2 + v_i is smooth on a scale of
    about 1; so Gauss-Legendre panels converge fast. A panel is halved until the integral over its
    halves agrees with its own.

    Args:
        log_f: logarithm of the integrand in u, Jacobian included, (n,) to (n,).
        middle: an interval of u that holds everything that has a scale of its own.
        upper: largest u.
        powers: the integral of f x^power must be resolved too, for each of these.
        resolve: from u (n,) to means and standard deviations (m, n) of normal distributions that
            are mixed with f as weights; a panel is so narrow that no mean moves by more than a
            standard deviation in it.

    Raises:
        ConvergenceError: the integrand has no value anywhere, or cannot be resolved.
    """
    edges = _edges(log_f, middle, upper, powers)
    left, right = edges[:-1], edges[1:]
    value = _values(log_f, left, right)
    kept: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    settled = dict.fromkeys(powers, -np.inf)  # logarithms of the integrals of the panels kept
    error, highest = 0.0, -np.inf
    while len(left):
        if len(left) + sum(len(a) for a, _, _ in kept) > MOST_PANELS:
            raise ConvergenceError("the posterior distribution of tau cannot be resolved")
        centre = (left + right) / 2
        new = [
            (left, centre, _values(log_f, left, centre)),
            (centre, right, _values(log_f, centre, right)),
        ]
        highest = max(highest, *(float(g.max()) for _, _, g in new))
        wrong, share, parts = np.zeros(len(left)), np.zeros(len(left)), {}
        for power in powers:
            first, second = (_integral(*panel, power, highest) for panel in new)
            halves = first + second
            everything = float(halves.sum() + np.exp(settled[power] - highest))
            if not everything > 0:
                raise ConvergenceError("the posterior distribution of tau is too narrow to resolve")
            whole = _integral(left, right, value, power, highest)
            wrong = np.maximum(wrong, np.abs(whole - halves) / everything)
            share = np.maximum(share, halves / everything)
            parts[power] = halves
        # a huge logarithm is rounded: halving panels does not make its exponential more precise
        tolerance = max(TOLERANCE, ROUNDING * abs(highest))
        again = wrong > tolerance
        if resolve is not None:
            again |= (share > tolerance) & (_moves(resolve, left, centre, right) > 1)
        again &= right - left > NARROW
        error += float(wrong[~again].sum())
        # the whole panel agrees with its halves, so its own fewer nodes are kept
        kept.append((left[~again], right[~again], value[~again]))
        for power in powers:
            with np.errstate(divide="ignore"):
                more = np.log(parts[power][~again].sum()) + highest
            settled[power] = float(np.logaddexp(settled[power], more))
        left, right, value = (
            np.concatenate([x[again], y[again]]) for x, y in zip(*new, strict=True)
        )
    return _panels(kept, error)


def _moves(resolve: Resolve, left: FloatArray, centre: FloatArray, right: FloatArray) -> FloatArray:
    """How far means move in a panel, in units of the standard deviation, (P,)."""
    mean, sd = resolve(np.stack([left, centre, right], axis=1).ravel())
    mean, sd = (x.reshape(len(x), -1, 3) for x in (mean, sd))
    steps = np.abs(np.diff(mean, axis=2)) / sd.min(2)[:, :, None]
    widens = np.abs(np.diff(np.log(sd), axis=2))
    return np.asarray(np.maximum(steps, widens).max((0, 2)))


def _panels(kept: list[tuple[FloatArray, FloatArray, FloatArray]], error: float) -> Panels:
    left, right, log_f = (np.concatenate(x) for x in zip(*kept, strict=True))
    order = np.argsort(left)
    left, right, log_f = left[order], right[order], log_f[order]
    half = (right - left)[:, None] / 2
    top = float(log_f.max())
    mass = np.exp(log_f - top) * half * _W
    total = float(mass.sum())
    return Panels(
        left, right, left[:, None] + half * (_X + 1), log_f, top + float(np.log(total)),
        mass / total, error,
    )  # fmt: skip


def _values(
    log_f: Callable[[FloatArray], FloatArray], left: FloatArray, right: FloatArray
) -> FloatArray:
    u = left[:, None] + (right - left)[:, None] / 2 * (_X + 1)
    return log_f(u.ravel()).reshape(u.shape)


def _integral(
    left: FloatArray, right: FloatArray, log_f: FloatArray, power: float, top: float
) -> FloatArray:
    """Integral of f e^(power u) in each panel; comparable between panels of one `top`."""
    half = (right - left)[:, None] / 2
    u = left[:, None] + half * (_X + 1)
    return np.asarray((np.exp(np.minimum(log_f - top + power * u, 600.0)) * half * _W).sum(1))


def _edges(
    log_f: Callable[[FloatArray], FloatArray],
    middle: tuple[float, float],
    upper: float,
    powers: tuple[float, ...],
) -> FloatArray:
    """Ends of the first panels: steps of 1 around the middle, growing ones outside it."""
    low, high = middle[0] - 3, min(middle[1] + 3, upper)
    low = min(low, high - 1)
    inner = np.linspace(low, high, int(np.ceil(high - low)) + 1)
    out = np.cumsum(1.15 ** np.arange(60))
    out = out[out < FAR]
    grid = np.concatenate([low - out[::-1], inner, high + out])
    grid = grid[grid < upper] if np.isfinite(upper) else grid
    if np.isfinite(upper):
        grid = np.append(grid, upper)
    inside = _values(log_f, grid[:-1], grid[1:])
    if not np.isfinite(inside).any():
        raise ConvergenceError("the posterior distribution of tau has no density anywhere")
    grid = np.unique(np.concatenate([grid, _around_peak(log_f, grid, inside)]))
    inside = _values(log_f, grid[:-1], grid[1:]).max(1)
    ends = np.maximum(np.append(inside, inside[-1]), log_f(grid))
    wanted = np.zeros(len(grid), dtype=bool)
    for power in powers:
        weighted = ends + power * grid
        wanted |= weighted > weighted.max() - FALLEN
    first = max(int(np.argmax(wanted)) - 1, 0)
    last = len(grid) - 1 - int(np.argmax(wanted[::-1]))
    return grid[first : min(last + 2, len(grid) - 1) + 1]


def _around_peak(
    log_f: Callable[[FloatArray], FloatArray], grid: FloatArray, inside: FloatArray
) -> FloatArray:
    """Ends of panels around the highest point, for a peak that would slip between the nodes."""
    from scipy.optimize import minimize_scalar

    at = int(np.argmax(inside.max(1)))
    low, high = float(grid[max(at - 1, 0)]), float(grid[min(at + 2, len(grid) - 1)])
    found = minimize_scalar(
        lambda u: -float(log_f(np.array([u]))[0]), bounds=(low, high), method="bounded",
        options={"xatol": 1e-9},
    )  # fmt: skip
    step = 1e-4
    top, below, above = log_f(float(found.x) + np.array([0.0, -step, step]))
    bend = (2 * top - below - above) / step**2
    if not np.isfinite(bend) or bend < 10:  # wider than a third of a panel: no need
        return np.empty(0)
    out = 2.0 ** np.arange(60) / np.sqrt(bend)
    out = out[out < 1]
    around = float(found.x) + np.concatenate([-out, [0.0], out])
    return np.asarray(around[(around > grid[0]) & (around < grid[-1])])
