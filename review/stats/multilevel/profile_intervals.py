"""Profile likelihood of a variance or correlation, and intervals from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import ConvergenceError, InputError, StatsError
from review.stats.ground.inference import check_level, chi2_quantile, level_percent
from review.stats.ground.result_kit import Record
from review.stats.multilevel.components import find_component
from review.stats.multilevel.mv_search import Parameter, hold, parameters, search
from review.words import level_name

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.mv_result import MVResult

DOUBLINGS: Final = 60
PRECISION: Final = 1e-9  # of a limit, relative to the estimate and the size of the heterogeneity


@dataclass(frozen=True, eq=False)
class ComponentIntervals(Record):
    """Intervals of variances and correlations; for each variance its square root too.

    Attributes:
        names: of the rows. estimate, ci_lb, ci_ub: one per row; an upper limit that does not exist
            is infinite.
        level: per cent. notes: limits at the edge of the range.
    """

    names: tuple[str, ...]
    estimate: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    level: float
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Profile-likelihood intervals ({level_name(self.level)})"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "component", self.names

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {n: getattr(self, n) for n in ("estimate", "ci_lb", "ci_ub")}

    def __getitem__(self, name: str) -> tuple[float, float, float]:
        i = self.names.index(name)
        return float(self.estimate[i]), float(self.ci_lb[i]), float(self.ci_ub[i])


@dataclass(frozen=True, eq=False)
class ComponentProfile(Record):
    """Profile likelihood of one component.

    Attributes:
        component: its name. values: at which it was held fixed. loglik: the highest log-likelihood
            there, NaN where no fit was possible. estimate, maximum: of the model.
    """

    component: str
    values: FloatArray
    loglik: FloatArray
    estimate: float
    maximum: float

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Profile likelihood of {self.component} (maximum {self.maximum:.4f})"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return self.component, tuple(f"{v:.6g}" for v in self.values)

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {"value": self.values, "loglik": self.loglik}


class _Profile:
    """Highest log-likelihoods with one parameter held fixed, each started from the one before."""

    def __init__(self, result: MVResult, number: int) -> None:
        if result.method == "MM":
            raise StatsError("method 'MM' has no likelihood to profile; use method='REML'")
        if result.components[number].fixed:
            raise StatsError(f"{result.components[number].name} was given, not estimated")
        self.problem = result.problem
        listed = parameters(self.problem.terms)
        self.q: Parameter = listed[number]
        self.given = {p: c.value for p, c in zip(listed, result.components, strict=True) if c.fixed}
        self.natural = [
            t.structure.natural(result.point.x[w])
            for t, w in zip(self.problem.terms, self.problem.where, strict=True)
        ]

    def at(self, value: float) -> float:
        """Return the log-likelihood; NaN when the fit fails."""
        fixed = {**self.given, self.q: float(value)}
        moved = hold(self.problem, fixed)[0]
        near = [
            np.concatenate(
                [t.structure.coordinates(*n) for t, n in zip(moved.terms, natural, strict=True)]
            )
            for natural in self._starts()
        ]
        try:
            used, summit, _ = search(self.problem, fixed, near=near)
        except ConvergenceError:
            return float("nan")
        self.natural = [
            _inner(t.structure.natural(summit.point.x[w]))
            for t, w in zip(used.terms, used.where, strict=True)
        ]
        return summit.point.loglik

    def _starts(self) -> list[list[tuple[FloatArray, FloatArray]]]:
        """The fit before; for a correlation also fits with one variance of its term near 0.

        Where a variance is 0 the correlation does not matter: such a fit can be the highest.
        """
        out = [self.natural]
        tau2, rho = self.natural[self.q.term]
        if self.q.kind == "rho" and len(tau2) > 1:
            for j in range(len(tau2)):
                small = np.where(np.arange(len(tau2)) == j, 1e-4 * tau2.max(), tau2)
                out.append(
                    [(small, rho) if t == self.q.term else n for t, n in enumerate(self.natural)]
                )
        return out


def _inner(natural: tuple[FloatArray, FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Move away from correlations of 1, where a coordinate may have no slope."""
    return natural[0], np.clip(natural[1], -0.9999, 0.9999)


def component_intervals(
    result: MVResult, component: str | int | None = None, *, level: float | None = None
) -> ComponentIntervals:
    """Intervals of variances and correlations from their profile likelihood.

    The interval holds the values for which twice the fall of the log-likelihood, maximised over
    all other parameters, stays below the chi-squared quantile with one degree of freedom (Hardy &
    Thompson 1996, Stat Med 15:619; Viechtbauer 2007, Stat Med 26:37).

    Args:
        result: the model.
        component: name or number of one component; all by default.
        level: per cent; that of the model by default.

    Raises:
        StatsError: the model has no component that is estimated.
        UnknownNameError: there is no such component.

    Example:
        >>> from review import meta_analysis_mv
        >>> data = {"y": [0.1, 0.3, 0.8, 0.6, 0.2, 0.4], "v": [0.02] * 6,
        ...         "study": ["a", "a", "b", "b", "c", "c"]}
        >>> fit = meta_analysis_mv("y", "v", data=data, random="~ 1 | study")
        >>> component_intervals(fit).ci_lb.round(4)
        array([0.0059, 0.0768])
    """
    shown = result.level if level is None else level_percent(level)
    parts = result.components
    chosen = (
        [i for i, c in enumerate(parts) if not c.fixed]
        if component is None
        else [find_component(parts, component)]
    )
    if not chosen:
        raise StatsError("the model has no variance or correlation that is estimated")
    fall = float(chi2_quantile(check_level(shown), 1)) / 2
    names, rows, notes = [], [], []
    for i in chosen:
        lower, upper, said = _limits(result, i, fall)
        c = parts[i]
        names.append(c.name)
        rows.append((c.value, lower, upper))
        notes += [f"{c.name}: {text}" for text in said]
        if c.family in {"sigma2", "tau2", "gamma2"}:
            names.append(c.name.replace("2", "", 1))
            rows.append((float(np.sqrt(c.value)), float(np.sqrt(lower)), float(np.sqrt(upper))))
    numbers = np.array(rows)
    return ComponentIntervals(
        tuple(names), numbers[:, 0], numbers[:, 1], numbers[:, 2], shown, tuple(notes)
    )


def _limits(result: MVResult, number: int, fall: float) -> tuple[float, float, list[str]]:
    q = parameters(result.problem.terms)[number]
    term = result.problem.terms[q.term]
    variance = q.kind == "tau2"
    low, high = (0.0, np.inf) if variance else term.structure.correlation_range()
    best = result.components[number].value
    size = _size(result)
    notes = []
    limit = _Limit(result, number, fall)
    if variance:
        upper, found = limit.between(best, 4 * (best + size), np.inf)
        lower, _ = limit.between(best, 0.0, 0.0)
    else:
        upper, found = limit.between(best, high, high)
        lower, also = limit.between(best, low, low)
        if not also:
            notes.append(f"the data allow every correlation down to {low:.3g}")
    if not found:
        notes.append(
            "the likelihood does not fall enough for an upper limit"
            if variance
            else f"the data allow every correlation up to {high:.3g}"
        )
    return lower, upper, notes


def _size(result: MVResult) -> float:
    """A value that matters on the scale of the variances."""
    total = sum(c.value for c in result.components if c.family in {"sigma2", "tau2", "gamma2"})
    return float(np.median(result.vi)) + total


class _Limit:
    """Where a profile has fallen by `fall` from its maximum."""

    def __init__(self, result: MVResult, number: int, fall: float) -> None:
        self.result, self.number, self.fall = result, number, fall
        component = result.components[number]
        self.name = component.name
        correlation = component.family in {"rho", "phi"}
        self.precision = PRECISION * (1.0 if correlation else _size(result))

    def between(self, best: float, end: float, last: float) -> tuple[float, bool]:
        """Return the limit between the estimate and `end`, and whether the profile falls so far.

        `end` is moved outwards, up to `last`, until the profile has fallen enough there.
        """
        from scipy.optimize import brentq

        profile = _Profile(self.result, self.number)

        def excess(value: float) -> float:
            reached = profile.at(value)
            if np.isnan(reached):
                raise ConvergenceError(
                    f"the profile likelihood of {self.name} cannot be computed at {value:.4g}"
                )
            return self.result.loglik - reached - self.fall

        if best == end:
            return end, True
        inside = best
        for _ in range(DOUBLINGS):
            if excess(end) > 0:
                found = brentq(excess, inside, end, xtol=self.precision, rtol=1e-12)
                return float(found), True
            if end == last:
                return end, False
            inside, end = end, min(4 * end, last)
        return last, False


def component_profile(
    result: MVResult, component: str | int = 0, *, values: Any = None, steps: int = 20
) -> ComponentProfile:
    """Profile likelihood of one variance or correlation.

    Args:
        result: the model.
        component: its name or number.
        values: at which to hold it fixed; by default `steps` values over a 99.9% interval.
        steps: see `values`.

    Raises:
        InputError: a value is out of range. UnknownNameError: there is no such component.

    Example:
        >>> from review import meta_analysis_mv
        >>> data = {"y": [0.1, 0.3, 0.8, 0.6, 0.2, 0.4], "v": [0.02] * 6,
        ...         "study": ["a", "a", "b", "b", "c", "c"]}
        >>> fit = meta_analysis_mv("y", "v", data=data, random="~ 1 | study")
        >>> found = component_profile(fit, values=[0.0, 0.05, 0.1])
        >>> bool((found.loglik <= found.maximum + 1e-9).all())
        True
    """
    number = find_component(result.components, component)
    chosen = result.components[number]
    if values is None:
        lower, upper, _ = _limits(result, number, float(chi2_quantile(0.999, 1)) / 2)
        if not np.isfinite(upper):
            upper = 10 * (chosen.value + _size(result))
        grid = np.linspace(lower, upper, max(int(steps), 2))
    else:
        grid = np.atleast_1d(np.asarray(values, dtype=np.float64))
        if grid.ndim != 1 or not np.isfinite(grid).all():
            raise InputError("values must be numbers without gaps")
    order = np.argsort(np.abs(grid - chosen.value), kind="stable")
    reached = np.full(len(grid), np.nan)
    for side in (grid >= chosen.value, grid < chosen.value):  # outwards from the estimate
        profile = _Profile(result, number)
        for i in order[side[order]]:
            reached[i] = profile.at(float(grid[i]))
    return ComponentProfile(chosen.name, grid, reached, chosen.value, result.loglik)
