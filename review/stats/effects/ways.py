"""Everything that leads to a measure: its own columns, what they follow from, and estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError
from review.stats.effects.argument_columns import column_names, look_up, to_floats
from review.stats.effects.arms import approximate_fillers, direction_fillers, exact_fillers
from review.stats.effects.hazards import EVENT_COLUMNS, EVENT_ROUTES
from review.stats.effects.median_routes import median_fillers
from review.stats.effects.trial_designs import MODIFIERS, PAIRED
from review.stats.effects.wald import ROUTES, SETTINGS, link

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from review.stats.effects.arms import Filler
    from review.stats.effects.measure import Columns, Measure
    from review.stats.effects.wald import EstimateRoute

# columns of one group that are its estimate in another unit, see `input_checks.printed_scale`
PRINTED: Final = ("percenti", "propi", "ratei")
SIZES: Final = ("ni", "n1i", "n2i")
# columns of a data frame that are never taken without being named: their names mean other things
NAMED_ONLY: Final = (*MODIFIERS, *SETTINGS, "sign", "per", "events", "corr", *EVENT_COLUMNS[:2])

# names of estimates in general -> those of areas under a curve, which have their own
_AREA = {"est": "auc", "ci_lb": "ci_low", "ci_ub": "ci_high"}


@dataclass(frozen=True)
class Ways:
    """Everything that leads to a measure, for one call.

    Attributes:
        measure: the measure.
        exact, approximate, test: fillers of its columns.
        estimates: routes of estimates.
    """

    measure: Measure
    exact: tuple[Filler, ...]
    approximate: tuple[Filler, ...]
    test: tuple[Filler, ...]
    estimates: tuple[EstimateRoute, ...]

    @property
    def fillers(self) -> tuple[Filler, ...]:
        """All fillers, those that others build on first."""
        return (*self.exact, *self.approximate, *self.test)

    @property
    def paired(self) -> tuple[str, ...]:
        """Columns of a paired design, or none."""
        return PAIRED[self.measure.code][0] if self.measure.code in PAIRED else ()

    def names(self) -> tuple[str, ...]:
        """All columns that the measure takes, its own first."""
        names = [*self.measure.family.allowed]
        for filler in self.fillers:
            names += [*filler.gives, *filler.needs, *filler.takes]
        names += [name for route in self.estimates for name in route.needs]
        names += [*self.paired, *SETTINGS, *SIZES, *MODIFIERS]
        if self.measure.code == "HR":
            names += [*EVENT_COLUMNS, "sign", "pval"]
        return tuple(dict.fromkeys(names))

    def routes_by_name(self, given: set[str]) -> list[tuple[str, ...]]:
        """Ways of which all columns are there: what a row needs to have one of them."""
        ways = [c for c in self.measure.family.alternatives if set(c) <= given]
        ways += [r.needs for r in self.estimates if set(r.needs) <= given]
        if self.paired and set(self.paired) <= given:
            ways.append(self.paired)
        lacking = [
            tuple(dict.fromkeys([*(n for n in c if n in given), *f.needs]))
            for c in self.measure.family.alternatives
            for f in self.fillers
            if set(f.needs) <= given and any(n in f.gives for n in c)
        ]
        return ways or [names for names in lacking if set(names) <= given]

    def used(self, given: set[str]) -> set[str]:
        """Columns in `given` that belong to a way given in full; empty when there is none."""
        have = {name: {name} for name in sorted(given)}
        for name in PRINTED:
            if name in given and name in self.names() and "est" not in have:
                have["est"] = {name, *({"per"} & given)}
        for filler in (*self.fillers, *self.fillers):  # twice: one may build on another
            if all(name in have for name in filler.needs):
                taken = set().union(*(have[name] for name in filler.needs))
                for name in filler.gives:
                    have[name] = have.get(name, set()) | taken | (given & set(filler.takes))
        complete: set[str] = set()
        for columns in (*self.measure.family.alternatives, *([self.paired] if self.paired else [])):
            if all(name in have for name in columns):
                complete |= set().union(*(have[name] for name in columns))
        if complete:  # values beside the numbers they follow from are compared with them
            complete |= given & {"value", "est", *PRINTED}
        direct = [route.needs for route in self.estimates]
        if self.measure.code == "HR" and given & set(EVENT_COLUMNS):
            direct += [needs for needs, _, _ in EVENT_ROUTES]
        for needs in direct:
            if all(name in have for name in needs):
                complete |= set().union(*(have[name] for name in needs))
                complete |= given & {*SIZES, *EVENT_COLUMNS, *SETTINGS}
        extra = {*self.measure.family.extra, *MODIFIERS, *SETTINGS}
        return complete | (extra & given) if complete else set()


def ways_of(measure: Measure, medians: str = "luo", skewed: str = "out") -> Ways:
    """Return everything that leads to `measure`.

    Args:
        measure: the measure.
        medians: see `review.stats.effects.median_routes.median_fillers`.
        skewed: the same way.
    """
    routes: Iterable[EstimateRoute] = ROUTES
    if "auc" in measure.family.allowed:  # areas have limits and standard errors of their own
        routes = (r for r in ROUTES if r.needs in (("yi", "vi"), ("yi", "sei")))
    elif link(measure.transf) is None:
        routes = (r for r in ROUTES if r.needs[0] == "yi")
    approximate = (*median_fillers(measure, medians, skewed), *approximate_fillers(measure))
    return Ways(
        measure, exact_fillers(measure), approximate, direction_fillers(measure), tuple(routes)
    )


def check_names(ways: Ways, given: set[str]) -> None:
    """Demand that the columns given are enough for the measure and none is foreign to it.

    Raises:
        InputError: something is missing or unknown; the message lists what the measure needs.
    """
    measure = ways.measure
    family = measure.family
    foreign = sorted(given - set(ways.names()))
    if foreign:
        listed = ", ".join(family.allowed)
        raise InputError(
            f"{measure.code} ({measure.label}) takes no {', '.join(foreign)}; it needs "
            f"{_needs(ways)} (its columns: {listed})"
        )
    complete = ways.used(given)
    loose = [name for name in ways.names() if name in given - complete]
    if complete and not loose:
        return
    if complete:
        raise InputError(
            f"{measure.code} ({measure.label}) cannot use {', '.join(loose)} without the columns "
            f"that belong to it; it needs {_needs(ways)}"
        )
    possible = [*family.alternatives, *(route.needs for route in ways.estimates)]
    nearest = max(possible, key=lambda columns: len(set(columns) & given))
    missing = ", ".join(name for name in nearest if name not in given)
    raise InputError(
        f"{measure.code} ({measure.label}) is missing {missing}; it needs {_needs(ways)}"
    )


def _needs(ways: Ways) -> str:
    """What a measure needs, in words: its own columns or an estimate."""
    own = ways.measure.family.needs
    if not any(route.needs[0] == "est" for route in ways.estimates):
        return own
    return f"{own}; or an estimate est with se, ci_lb and ci_ub, or pval"


def read_columns(
    measure: Measure, given: Mapping[str, Any], data: Any, ways: Ways | None = None
) -> tuple[Columns, int]:
    """Resolve the columns of a call and bring them to one length.

    Single numbers are repeated. Without any column given, those of `data` that carry the
    measure's own argument names are taken.

    Args:
        measure: the measure.
        given: column by argument; None is not given.
        data: where names are looked up.
        ways: what the measure takes beside its own columns; None for nothing.

    Returns:
        The columns as float arrays of shape (k,), and k.

    Raises:
        InputError: missing, foreign, non-numeric columns or different lengths.
    """
    ways = Ways(measure, (), (), (), ()) if ways is None else ways
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted and data is not None:
        found = set(column_names(data)) & (set(ways.names()) - set(NAMED_ONLY))
        own = found & set(measure.family.allowed)
        usable = (ways.used(found) & found) or own or found
        wanted = {name: name for name in ways.names() if name in usable}
    if "auc" in measure.family.allowed:
        wanted = {_AREA.get(name, name): value for name, value in wanted.items()}
    check_names(ways, set(wanted))
    read = {name: to_floats(name, look_up(name, value, data)) for name, value in wanted.items()}
    lengths = {name: len(column) for name, column in read.items() if column.ndim}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise InputError(f"the columns of {measure.code} differ in length: {listed}")
    k = next(iter(lengths.values()), 1)
    if k == 0:
        raise InputError(f"there are no studies: the columns of {measure.code} are empty")
    return {name: np.broadcast_to(column, (k,)).astype(float) for name, column in read.items()}, k
