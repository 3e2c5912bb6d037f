"""Everything that leads to a measure: its own columns, what they follow from, and estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.stats.effects.arms import approximate_fillers, direction_fillers, exact_fillers
from review.stats.effects.hazards import EVENT_COLUMNS, EVENT_ROUTES
from review.stats.effects.median_routes import median_fillers
from review.stats.effects.trial_designs import MODIFIERS, PAIRED
from review.stats.effects.wald import ROUTES, SETTINGS, link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from review.stats.effects.arms import Filler
    from review.stats.effects.measure import Measure
    from review.stats.effects.wald import EstimateRoute

# columns of one group that are its estimate in another unit, see `input_checks.printed_scale`
PRINTED: Final = ("percenti", "propi", "ratei")
SIZES: Final = ("ni", "n1i", "n2i")
# columns of a data frame that are never taken without being named: their names mean other things
NAMED_ONLY: Final = (*MODIFIERS, *SETTINGS, "sign", "per", "events", "corr", *EVENT_COLUMNS[:2])


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
