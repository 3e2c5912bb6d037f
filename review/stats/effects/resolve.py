"""For each row the best way to its effect: raw numbers, an estimate with its precision, or a test.

The order is fixed and stated, never guessed from the data:

1. the numbers the measure needs, as they are (also pairs of a crossover trial);
2. the same after an exact conversion (an SD from a standard error, a count from a percentage);
3. an estimate with variance or standard error, then with its interval;
4. raw numbers after an approximate conversion (means from medians, a table from its margins);
5. an estimate with a test statistic or p-value, or a p-value alone.

`prefer="estimate"` puts 3 before 1: adjusted estimates before crude numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import UnknownNameError
from review.stats.effects.conversion import Record
from review.stats.effects.hazards import EVENT_COLUMNS, EVENT_ROUTES
from review.stats.effects.trial_designs import (
    CLUSTER_SE,
    CLUSTERS,
    PAIRED,
    SECOND_GROUP,
    SHARED,
    design_effect,
    shared_control,
)
from review.stats.effects.wald import SETTINGS, link, standard_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from review.stats.effects.arms import Filler
    from review.stats.effects.measure import BoolArray, Columns, Family, FloatArray
    from review.stats.effects.row_account import Audit
    from review.stats.effects.wald import EstimateRoute
    from review.stats.effects.ways import Ways

PREFER: Final = ("raw", "estimate")


@dataclass
class Resolved:
    """Where each row stands.

    Attributes:
        x: all columns, (k,) each; those of the measure filled where a conversion gave them.
        raw: rows whose effect is computed from the measure's own columns.
        yi, vi: effects and variances of rows that have them directly; NaN elsewhere.
        record: the conversions.
        blocked: reasons why a way did not lead to an effect, by row.
        given: rows whose effect and variance are taken as given.
        widen: factor on the variances that are computed, for measures without counts.
    """

    x: Columns
    raw: BoolArray
    yi: FloatArray
    vi: FloatArray
    record: Record
    blocked: dict[int, str] = field(default_factory=dict)
    widen: FloatArray | float = 1.0
    given: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @property
    def open(self) -> BoolArray:
        """Rows without a way so far."""
        return ~self.raw & np.isnan(self.yi)

    def known(self, names: Iterable[str]) -> BoolArray:
        """Rows in which all of these columns have a value."""
        out = np.ones(len(self.yi), dtype=bool)
        for name in names:
            if name not in self.x:
                return np.zeros(len(self.yi), dtype=bool)
            out &= ~np.isnan(self.x[name])
        return out

    def column(self, name: str) -> FloatArray:
        """A column of the measure for its formula: empty where a row has its effect already."""
        column = self.x.get(name)
        if column is None:
            return np.full(len(self.yi), np.nan)
        direct = ~np.isnan(self.yi)
        return np.where(direct, np.nan, column) if direct.any() else column

    def own(self, family: Family) -> Columns:
        """Columns of the measure for its formula: of the alternatives given in full, or all."""
        names: set[str] = set()
        for columns in family.alternatives:
            if all(name in self.x for name in columns):
                names |= {*columns, *(n for n in family.extra if n in self.x)}
        return {n: self.column(n) for n in family.allowed if n in names or not names}

    def merge(
        self, yi: FloatArray, vi: FloatArray, ni: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Put the effects found directly beside those computed, and widen what has no counts.

        Args:
            yi: effects computed from the measure's own columns.
            vi: their variances.
            ni: their sizes.
        """
        direct = ~np.isnan(self.yi)
        if not isinstance(self.widen, float):
            vi = np.where(self.raw, vi * self.widen, vi)
        if not direct.any():
            return yi, vi, ni
        nan = np.full(len(yi), np.nan)
        size = self.x.get("ni", nan)
        groups = self.x.get("n1i", nan) + self.x.get("n2i", nan)
        size = np.where(np.isnan(size), groups, size)
        return (
            np.where(direct, self.yi, yi),
            np.where(direct, self.vi, vi),
            np.where(np.isnan(ni), size, ni),
        )

    def direct(self, mask: BoolArray, yi: FloatArray, vi: FloatArray) -> BoolArray:
        """Take effects and variances for rows of `mask` where they can be used."""
        good = mask & np.isfinite(yi) & np.isfinite(vi) & (vi > 0)
        self.yi[good], self.vi[good] = yi[good], vi[good]
        return good


def resolve(ways: Ways, x: Columns, audit: Audit, prefer: str = "raw") -> Resolved:
    """Choose the way of each row.

    Args:
        ways: from `review.stats.effects.ways.ways_of`.
        x: the columns given, (k,) each.
        audit: names rows in messages.
        prefer: "raw" or "estimate".

    Raises:
        UnknownNameError: `prefer` is neither.
    """
    if prefer not in PREFER:
        raise UnknownNameError("order", str(prefer), PREFER, where="for prefer")
    k = audit.k
    state = Resolved(
        dict(x), np.zeros(k, dtype=bool), np.full(k, np.nan), np.full(k, np.nan), Record(audit),
        given=np.zeros(k, dtype=bool),
    )  # fmt: skip
    with np.errstate(all="ignore"):
        stages = [_raw, _exact, _estimates, _approximate, _tests]
        if prefer == "estimate":
            stages = [_estimates, _raw, _exact, _approximate, _tests]
        for stage in stages:
            if not state.open.any():
                break
            stage(ways, state)
    if state.given.any() and not state.given[np.isfinite(state.yi) | state.raw].all():
        audit.note(state.given, "effect and variance are taken as given")
    return state


def _raw(ways: Ways, state: Resolved) -> None:
    """The measure's own columns, or those of pairs."""
    _take(ways, state, test=False)
    if ways.paired:
        needs, step, effect = PAIRED[ways.measure.code]
        mask = state.open & state.known(needs)
        if mask.any():
            yi, vi = effect(state.x)
            good = state.direct(mask, yi, vi)
            state.record.add(good, step, {n: state.x[n] for n in needs}, {"yi": yi, "vi": vi})


def _take(ways: Ways, state: Resolved, *, test: bool) -> None:
    """Mark rows that have all columns of an alternative; with `test` also those of p-values."""
    family = ways.measure.family
    for columns in family.alternatives:
        if "pi" in columns and not test:
            continue
        mask = state.open & state.known(columns)
        state.raw |= mask
        step = family.steps.get(columns)
        if step is not None and mask.any():
            state.record.add(mask, step, {name: state.x[name] for name in columns}, {})


def _fill(fillers: Iterable[Filler], state: Resolved, blocked: dict[int, str]) -> None:
    for filler in fillers:
        k = len(state.yi)
        lacks = np.zeros(k, dtype=bool)
        for name in filler.gives:
            lacks |= np.isnan(state.x[name]) if name in state.x else True
        mask = state.open & lacks & state.known(filler.needs)
        if not mask.any():
            continue
        names = [n for n in (*filler.needs, *filler.takes) if n in state.x]
        part = {name: state.x[name][mask] for name in names}
        refused = filler.refuse(part) if filler.refuse is not None else np.zeros(mask.sum(), bool)
        for i in np.flatnonzero(mask)[refused].tolist():
            blocked.setdefault(i, filler.why)
        made = filler.fill(part)
        new: Columns = {}
        for name in filler.gives:
            column = state.x.get(name, np.full(k, np.nan)).copy()
            here = np.full(k, np.nan)
            here[mask] = np.where(refused, np.nan, made[name])
            use = np.isnan(column) & ~np.isnan(here)
            column[use] = here[use]
            state.x[name] = column
            new[name] = here
        rows = np.any([~np.isnan(c) for c in new.values()], axis=0)
        state.record.add(rows, filler.step, {n: state.x[n] for n in names}, new)


def _exact(ways: Ways, state: Resolved) -> None:
    _fill(ways.exact, state, state.blocked)
    _take(ways, state, test=False)


def _approximate(ways: Ways, state: Resolved) -> None:
    blocked: dict[int, str] = {}
    _fill(ways.approximate, state, blocked)
    _take(ways, state, test=False)
    for i, why in blocked.items():
        state.blocked.setdefault(i, why)
    if ways.measure.code == "HR":
        _of_events(state, EVENT_ROUTES[0])


def _estimates(ways: Ways, state: Resolved) -> None:
    for route in ways.estimates:
        if not route.test:
            _estimate(ways, state, route)


def _tests(ways: Ways, state: Resolved) -> None:
    for route in ways.estimates:
        if route.test:
            _estimate(ways, state, route)
    _fill(ways.test, state, state.blocked)
    _take(ways, state, test=True)
    if ways.measure.code == "HR":
        _of_events(state, EVENT_ROUTES[1])


def _estimate(ways: Ways, state: Resolved, route: EstimateRoute) -> None:
    mask = state.open & state.known(route.needs)
    if not mask.any():
        return
    first, x = route.needs[0], state.x
    to = link(ways.measure.transf)
    y = x["yi"] if first == "yi" or to is None else np.asarray(to(x["est"]))
    sei = standard_error(route, x, y, ways.measure.transf)
    good = state.direct(mask, y, sei**2)
    for i in np.flatnonzero(mask & ~good).tolist():
        if i not in state.blocked:
            state.blocked[i] = _why_not(route, x, i, float(y[i]))
    if route.as_given:
        state.given |= good
        return
    names = [*route.needs, *(n for n in SETTINGS if n in x and route.needs[-1] != "vi")]
    state.record.add(good, route.step, {n: x[n] for n in names}, {"yi": state.yi, "vi": state.vi})


def _why_not(route: EstimateRoute, x: Columns, i: int, y: float) -> str:
    """Say why an estimate with all its numbers gives no effect or no variance."""
    given = ", ".join(f"{name}={x[name][i]:g}" for name in route.needs)
    if not np.isfinite(y):
        return f"{given}: the estimate has no finite value on the scale of the analysis"
    if route.test:
        return f"{given}: an effect or statistic of 0 does not tell the standard error"
    if len(route.needs) > 2 or route.needs[-1].startswith("ci"):
        return f"{given}: the limits give no finite standard error above 0"
    return f"{given}: the variance is 0"


def _of_events(state: Resolved, route: tuple) -> None:  # type: ignore[type-arg]
    needs, step, effect = route
    mask = state.open & state.known(needs)
    if not mask.any():
        return
    yi, vi = effect(state.x)
    good = state.direct(mask, yi, vi)
    names = [n for n in (*needs, *EVENT_COLUMNS) if n in state.x]
    state.record.add(good, step, {n: state.x[n] for n in names}, {"yi": yi, "vi": vi})


def apply_designs(ways: Ways, state: Resolved, audit: Audit) -> None:
    """Divide sizes by design effects and shared controls; widen variances of estimates."""
    x, k = state.x, len(state.yi)
    counts = ways.measure.family.counts
    deff, shared = design_effect(x, k, audit), shared_control(x, k, audit)
    clustered, split = deff > 1, shared > 1
    if not (clustered.any() or split.any()):
        return
    inputs: Columns = {n: x[n] for n in ("deff", "icc", "cluster_size", "cluster_cv") if n in x}
    for name in counts:
        if name in x:
            divisor = np.where(state.raw, deff, 1.0)
            if name in SECOND_GROUP:
                divisor = np.where(state.raw, divisor * shared, divisor)
            x[name] = x[name] / divisor
    direct = np.isfinite(state.yi)
    state.vi = np.where(direct, state.vi * deff, state.vi)
    made = {"design effect": deff}
    if counts:
        state.record.add(clustered & state.raw, CLUSTERS, inputs, made)
    else:
        state.widen = np.where(state.raw, deff, 1.0)
        direct |= state.raw
    state.record.add(clustered & direct, CLUSTER_SE, inputs, made)
    sizes: Columns = {n: x[n] for n in SECOND_GROUP if n in counts and n in x}
    if sizes and split.any():
        state.record.add(split & state.raw, SHARED, {"shared": x["shared"]}, sizes)
    audit.note(
        split & ~(state.raw & bool(sizes)),
        "the shared control group is not split, since only an estimate is known",
    )
    audit.divided = (clustered | split) & state.raw
