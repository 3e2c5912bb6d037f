"""The search for the highest maximum: several starts, parameters that are held fixed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import ConvergenceError, InputError
from review.stats.multilevel.climb import Climb

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.climb import Summit
    from review.stats.multilevel.mv_likelihood import Point, Problem
    from review.stats.multilevel.random_terms import Term

SAME: Final = 1e-4  # difference of log-likelihoods below which two climbs found the same maximum
GONE: Final = 1e-8  # variance, relative to a typical sampling variance, that counts as 0
LIFT: Final = 1e-2  # the same, from which a climb sets out again
MANY: Final = 3e9  # operations per evaluation from which on two starts must do


@dataclass(frozen=True)
class Parameter:
    """One variance or correlation of a model.

    Attributes:
        term: number of its term. kind: "tau2" (also of random intercepts) or "rho".
        index: number among those of its kind within the term.
    """

    term: int
    kind: str
    index: int


@dataclass(frozen=True, eq=False)
class Optimum:
    """Outcome of the search.

    Attributes:
        converged: whether a further step would gain nothing, at a point that is a maximum.
        evaluations: of the likelihood and its derivatives, over all starts.
        starts: log-likelihood reached from each start, best first.
        maxima: number of values among them that differ by more than 1e-4.
        gain: expected rise of the log-likelihood by a further Newton step.
        at_bound: parameters at the edge of their range.
        flat: parameters that the data do not determine: the likelihood hardly changes with them.
    """

    converged: bool
    evaluations: int
    starts: tuple[float, ...]
    maxima: int
    gain: float
    at_bound: tuple[str, ...] = ()
    flat: tuple[str, ...] = ()


def parameters(terms: Sequence[Term]) -> list[Parameter]:
    """List the parameters of the terms: for each its variances, then its correlations."""
    return [
        Parameter(t, kind, i)
        for t, term in enumerate(terms)
        for kind, count in (
            ("tau2", term.structure.variances),
            ("rho", term.structure.correlations),
        )
        for i in range(count)
    ]


def hold(
    problem: Problem, fixed: Mapping[Parameter, float]
) -> tuple[Problem, np.typing.NDArray[np.bool_], FloatArray]:
    """Find coordinates in which the fixed parameters are coordinates.

    Returns:
        The problem, which coordinates are fixed, and their values (others 0).

    Raises:
        InputError: the parameters cannot be fixed together, or a value is out of range.
    """
    terms = []
    for t, term in enumerate(problem.terms):
        pairs = [term.structure.pairs()[q.index] for q in fixed if q.term == t and q.kind == "rho"]
        first = next((a for a in range(term.structure.c) if all(a in pair for pair in pairs)), None)
        if term.code == "UN" and pairs:
            if first is None and len(pairs) < term.structure.correlations:
                raise InputError(
                    f"{term.name!r}: of an unstructured matrix all correlations can be fixed, or "
                    "those of one level with others"
                )
            structure = replace(term.structure, first=first or 0, signed=False)
            terms.append(replace(term, structure=structure))
        else:
            terms.append(term)
    moved = problem.with_terms(terms)
    on, values = np.zeros(problem.n, dtype=bool), np.zeros(problem.n)
    for t, (term, where) in enumerate(zip(moved.terms, moved.where, strict=True)):
        mine = {q: v for q, v in fixed.items() if q.term == t}
        s = term.structure
        every = sum(q.kind == "rho" for q in mine) == s.correlations > 0
        tau2, rho = np.ones(s.variances), np.zeros(s.correlations)
        for q, value in mine.items():
            _check_range(term, q, value)
            (tau2 if q.kind == "tau2" else rho)[q.index] = value
        x = s.coordinates(tau2, rho)
        for q in mine:
            at = s.place(q.kind, q.index)
            if at is not None:
                on[where.start + at] = True
                values[where.start + at] = x[at]
        if every:
            on[where.start + s.variances : where.stop] = True
            values[where.start + s.variances : where.stop] = x[s.variances :]
    return moved, on, values


def _check_range(term: Term, q: Parameter, value: float) -> None:
    low, high = (0.0, np.inf) if q.kind == "tau2" else term.structure.correlation_range()
    if not low <= value <= high:
        kind = "variance" if q.kind == "tau2" else "correlation"
        raise InputError(f"{term.name!r}: a {kind} must be from {low:g} to {high:g}, not {value:g}")


def search(
    problem: Problem,
    fixed: Mapping[Parameter, float],
    *,
    near: Sequence[FloatArray] = (),
) -> tuple[Problem, Summit, Optimum]:
    """Find the highest maximum of the likelihood.

    Args:
        problem: the model.
        fixed: parameters that are given.
        near: starting values, instead of the usual ones.

    Returns:
        The problem in the coordinates used, the maximum, and how it was found.

    Raises:
        ConvergenceError: no start leads to a maximum.
    """
    problem, on, values = hold(problem, fixed)
    climb = Climb(problem.at, problem.bounds, on)
    candidates = list(near) or starts(problem)
    ends: list[Point] = []
    for x in candidates:
        try:
            ends.append(climb.rough(np.where(on, values, x), ends))
        except ConvergenceError:
            continue
    if not ends:
        raise ConvergenceError("the likelihood cannot be computed at any of the starting values")
    ends.sort(key=lambda point: -point.loglik)
    if not near:
        ends = _escaped(problem, climb, ends, (on, values))
    best = climb.fine(ends[0])
    reached = [best.point.loglik, *(e.loglik for e in ends[1:])]
    apart = -np.diff(reached) > SAME
    return problem, best, Optimum(
        converged=best.converged, evaluations=climb.evaluations, starts=tuple(reached),
        maxima=1 + int(apart.sum()), gain=best.gain,
    )  # fmt: skip


def _escaped(
    problem: Problem,
    climb: Climb,
    ends: list[Point],
    held: tuple[np.typing.NDArray[np.bool_], FloatArray],
) -> list[Point]:
    """Climb on from an end where a variance is 0, with other correlations.

    There the likelihood does not depend on the correlations of that variance, and whether it rises
    with the variance can depend on them: an end for one correlation may be none for another.
    """
    best = ends[0]
    v = float(np.median(problem.V.diagonal()))
    extra = []
    for term, where in zip(problem.terms, problem.where, strict=True):
        s = term.structure
        if not s.correlations:
            continue
        tau2, _ = s.natural(best.x[where])
        gone = tau2 <= GONE * v
        if not gone.any():
            continue
        low, high = s.correlation_range()
        for rho in (0.95 * low, 0.0, 0.95 * high):
            x = best.x.copy()
            x[where] = s.coordinates(np.where(gone, LIFT * v, tau2), np.full(s.correlations, rho))
            extra.append(x)
    on, values = held
    for x in extra:
        try:
            ends.append(climb.rough(np.where(on, values, x)))
        except ConvergenceError:
            continue
    return sorted(ends, key=lambda point: -point.loglik)


def starts(problem: Problem) -> list[FloatArray]:
    """Starting values: the heterogeneity shared alike, given mostly to one term, or nearly none."""
    if not problem.terms:
        return [np.empty(0)]
    v = problem.V.diagonal()
    spread = float(problem.y0 @ problem.y0) / max(problem.k - problem.p, 1)
    total = max(spread - float(v.mean()), 0.05 * spread, 1e-3 * float(v.mean()))
    terms = problem.terms
    n = len(terms)
    shares = [np.full(n, 1 / n)]
    if n > 1:
        shares += [np.where(np.arange(n) == j, 0.8, 0.2 / (n - 1)) for j in range(n)]
    plans = [(total, share, 0.5) for share in shares]
    plans.append((0.02 * total, shares[0], 0.5))
    if any(t.structure.correlations for t in terms):
        plans += [(total, shares[0], rho) for rho in (0.0, -0.5, 0.9)]
    if problem.covariance.operations > MANY:
        plans = plans[:2]
    return [
        np.concatenate(
            [t.structure.start(size * s, rho) for t, s in zip(terms, share, strict=True)]
        )
        for size, share, rho in plans
    ]
