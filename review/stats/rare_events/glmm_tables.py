"""Counts for a model of rare events: which studies it can use, which not and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError, UnknownNameError
from review.stats.effects.computed_effects import effect_size
from review.stats.effects.measure import Options
from review.stats.effects.measure_registry import find_measure
from review.stats.effects.row_account import Audit, LeftOut
from review.stats.effects.ways import read_columns
from review.stats.ground.arguments import real
from review.stats.ground.design_matrix import read_moderators
from review.stats.pooling.meta_rows import choose
from review.words import listed, plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from review.stats.effects.effect_sizes import EffectSizes
    from review.stats.effects.measure import Columns
    from review.stats.ground.design_matrix import Design
    from review.stats.ground.least_squares import BoolArray, FloatArray

MOST_NAMES: Final = 5
TWO_GROUPS: Final = ("OR", "IRR")
_EVENTS: Final = {"OR": ("a", "c"), "RR": ("a", "c"), "RD": ("a", "c"), "IRR": ("x1", "x2"),
                  "PLO": ("x",), "IRLN": ("x",)}  # fmt: skip
_REST: Final = {"OR": ("b", "d"), "RR": ("b", "d"), "RD": ("b", "d"), "PLO": ("m",)}


@dataclass(frozen=True, eq=False)
class CountTables:
    """The studies that a model uses.

    Attributes:
        measure: code of the measure. label: in words. transf: its back-transformation.
        cells: counts as given, by name, (k,) each.
        own: each study's own effect and variance, with the continuity correction where a cell is 0;
            they are for figures and the typical variance, the models use the counts.
        vi: their variances, (k,).
        ids: positions of the studies in the input, counted from 0, (k,).
        slab: their labels, or None.
        ni: their sizes, (k,).
        design: of the moderators.
        left_out: rows not used. notes: remarks on the rows.
        double_zero: rows left out because no group has an event, or all have nothing else.
        corrected: how many own effects rest on the correction `add`.
        settings: how the own effects were made.
    """

    measure: str
    label: str
    transf: str
    cells: Columns
    own: FloatArray
    vi: FloatArray
    ids: npt.NDArray[np.intp]
    slab: tuple[str, ...] | None
    ni: FloatArray
    design: Design
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    double_zero: int
    corrected: int
    settings: dict[str, Any]

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.ids)

    @property
    def names(self) -> tuple[str, ...]:
        """Labels, or row numbers (from 1)."""
        return self.slab or tuple(str(i + 1) for i in self.ids.tolist())

    def events(self) -> tuple[FloatArray, ...]:
        """Events of each group, (k,) each."""
        return tuple(self.cells[name] for name in _EVENTS[self.measure])

    def rest(self) -> tuple[FloatArray, ...]:
        """Those without an event, (k,) each; nothing for rates."""
        return tuple(self.cells[name] for name in _REST.get(self.measure, ()))


def _correction(add: Any, to: Any) -> tuple[float, str]:
    """Check the continuity correction of the studies' own effects.

    Raises:
        InputError: there is none: a study with a cell of 0 could not be drawn.
    """
    policy = choose("to", to, ("only0", "all", "if0all"))
    value = real("add", add)
    if not value > 0:
        raise InputError(
            "add must be above 0: where a cell is 0 it makes the study's own effect, which figures "
            "show; the model itself uses the counts as they are"
        )
    return value, policy


def read_counts(
    measure: str,
    known: tuple[str, ...],
    given: Mapping[str, Any],
    *,
    data: Any,
    mods: Any,
    slab: Any,
    add: Any,
    to: Any,
    keep_double_zero: bool,
) -> CountTables:
    """Read the counts of the studies, check them and leave out what cannot be used.

    Args:
        measure: code of the measure.
        known: the measures of the model.
        given: the columns of the call.
        data: where column names are looked up.
        mods: moderators.
        slab: labels.
        add: continuity correction of the studies' own effects.
        to: which of them get it.
        keep_double_zero: whether studies without any event (or with nothing else) are used.

    Raises:
        UnknownNameError: a measure that the model is not for.
        InputError: columns are missing or differ in length; no correction for cells of 0.
        StatsError: impossible counts, named with their rows; no study is left.
    """
    if not isinstance(measure, str) or measure not in known:
        raise UnknownNameError("measure", str(measure), known, where="for this model")
    spec = find_measure(measure)
    add, to = _correction(add, to)
    own = effect_size(
        measure, data=data, slab=slab, add=add, to=to,
        drop00=len(_EVENTS[measure]) == 2 and not keep_double_zero, **given,
    )  # fmt: skip
    columns, n = read_columns(spec, given, data)
    audit = Audit(n, own.slab)
    with np.errstate(all="ignore"):
        cells, ni = spec.family.prepare(columns, Options(add=0.0, to="none"), audit)
    complete = np.all([np.isfinite(cell) for cell in cells.values()], axis=0)
    empty = _double_zero(measure, cells) if len(_EVENTS[measure]) == 2 else np.zeros(n, dtype=bool)
    gone = ~complete | (empty & (not keep_double_zero))
    moderators = read_moderators(mods, data, n, intercept=True)
    moderators.check_kinds(audit.label)
    left_out = _reasons(own, audit, ~complete, empty & gone, n)
    for name, missing in moderators.missing(n):
        for i in np.flatnonzero(missing).tolist():
            left_out.setdefault(i, f"no moderator {name}")
        gone = gone | missing
    if gone.all():
        raise StatsError(_nothing_left(left_out, own, n))
    used = ~gone
    changed = used & _has_zero(measure, cells)
    return CountTables(
        measure, spec.label, spec.transf, {name: cell[used] for name, cell in cells.items()},
        own.yi[used], own.vi[used], np.flatnonzero(used),
        None if own.slab is None else tuple(own.slab[i] for i in np.flatnonzero(used).tolist()),
        ni[used], moderators.build(used),
        tuple(LeftOut(i + 1, own.labels[i], why) for i, why in sorted(left_out.items())),
        tuple(note for note in audit.notes if "continuity" not in note),
        int((empty & complete).sum()), int(changed.sum()),
        {"add": own.settings["add"], "to": to},
    )  # fmt: skip


def _double_zero(measure: str, cells: Columns) -> BoolArray:
    none = [np.asarray(sum(cells[n] for n in _EVENTS[measure]) == 0)]
    if measure in _REST:
        none.append(np.asarray(sum(cells[n] for n in _REST[measure]) == 0))
    return np.asarray(np.any(none, axis=0))


def _has_zero(measure: str, cells: Columns) -> BoolArray:
    names = (*_EVENTS[measure], *_REST.get(measure, ()))
    return np.asarray(np.any([cells[name] == 0 for name in names], axis=0))


def _reasons(
    own: EffectSizes, audit: Audit, incomplete: BoolArray, empty: BoolArray, n: int
) -> dict[int, str]:
    """Why rows are left out: positions to reasons."""
    out = {}
    said = {row.row - 1: row.reason for row in own.left_out}
    for i in np.flatnonzero(incomplete).tolist():
        out[i] = audit.reasons.get(i) or said.get(i) or "the table is incomplete"
    for i in np.flatnonzero(empty).tolist():
        out.setdefault(i, "double-zero study: no events, or events only, in both groups")
    return {i: why for i, why in out.items() if i < n}


def _nothing_left(reasons: dict[int, str], own: EffectSizes, n: int) -> str:
    shown = (f"{own.labels[i]}: {why}" for i, why in sorted(reasons.items()))
    return f"none of {plural(n, 'study')} can be used: {listed(shown, most=MOST_NAMES, last='')}"


def refuse_edges(t: CountTables, *, fixed_studies: bool) -> None:
    """Refuse counts whose likelihood has no finite maximum for the average effect.

    Args:
        t: the studies.
        fixed_studies: whether each study has its own rate of events, or the model conditions on its
            margins: an effect is then known from studies with both outcomes in both groups, or
            from those that differ in direction.

    Raises:
        StatsError: one group has no event in any study, or nothing but events.
    """
    events, rest = t.events(), t.rest()
    words = ("group 1", "group 2") if len(events) == 2 else ("the group",)
    other = {"OR": "RD", "IRR": "IRD"}.get(t.measure)
    hint = f"; mantel_haenszel('{other}', ...) has one" if other else ""
    for kind, cells in (("no events", events), ("nothing but events", rest)):
        for name, cell in zip(words, cells, strict=bool(cells)):
            if not np.any(cell > 0):
                raise StatsError(
                    f"{name} has {kind} in all {plural(t.k, 'study')}: the {t.label} has no finite "
                    f"estimate{hint}"
                )
    if fixed_studies and len(events) == 2 and rest and t.design.intercept_only:
        (a, c), (b, d) = events, rest
        for low, direction in (((a == 0) | (d == 0), "lower"), ((b == 0) | (c == 0), "higher")):
            if low.all():
                raise StatsError(
                    f"in every study the odds of group 1 are as much {direction} as its margins "
                    f"allow: the {t.label} has no finite estimate{hint}"
                )
