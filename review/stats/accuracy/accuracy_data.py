"""The rows of an accuracy meta-analysis: counts, logits, sampling variances, what was done to them.

Outcome 1 is the logit of sensitivity, outcome 2 the logit of the false-positive rate, as in Reitsma
et al. 2005. A study may lack one of them; it then informs the other alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError, UnknownNameError
from review.stats.accuracy.printed_accuracy import MEASURES, SHARES, SIZES, rebuild, share
from review.stats.consistency.rounding_ranges import printed
from review.stats.effects.argument_columns import column_names, look_up, read_labels, to_floats
from review.stats.effects.row_account import Audit, LeftOut
from review.stats.ground.arguments import real
from review.stats.pooling.meta_rows import choose
from review.words import level_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from review.stats.consistency.rounding_ranges import Printed
    from review.stats.ground.least_squares import BoolArray, FloatArray

CELLS: Final = ("tp", "fn", "fp", "tn")
LIMITS: Final = ("sens_ci_lb", "sens_ci_ub", "spec_ci_lb", "spec_ci_ub")
TO: Final = ("if0all", "only0", "only0-group", "all", "none")
INPUTS: Final = (*CELLS, *MEASURES, *SIZES, *LIMITS)


@dataclass(frozen=True, eq=False)
class AccuracyData:
    """Studies of a test, k rows.

    Attributes:
        tp, fn, fp, tn: counts, (k,); NaN where a group is missing or only shares are known.
        y, v: logits of sensitivity and false-positive rate with sampling variances, (2, k); NaN
            where missing.
        corrected: rows whose cells were changed before logits were taken, per group, (2, k).
        labels: study names, or None. ids: positions of the rows in the input, from 0, (k,).
        add, to: the continuity correction. correction: who got it, in words, or "".
        left_out: rows not used, with the reason. notes: what was read how.
    """

    tp: FloatArray
    fn: FloatArray
    fp: FloatArray
    tn: FloatArray
    y: FloatArray
    v: FloatArray
    corrected: BoolArray
    labels: tuple[str, ...] | None
    ids: npt.NDArray[np.intp]
    add: float
    to: str
    correction: str
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    @property
    def k(self) -> int:
        """Number of rows."""
        return len(self.tp)

    @property
    def slab(self) -> tuple[str, ...]:
        """Study names; row numbers (from 1) when none were given."""
        return self.labels or tuple(str(i + 1) for i in self.ids.tolist())

    @property
    def on(self) -> BoolArray:
        """Which outcomes each row has, (2, k)."""
        return ~np.isnan(self.y)

    @property
    def counted(self) -> BoolArray:
        """Which outcomes each row has as counts, (2, k)."""
        return ~np.isnan(np.stack([self.tp, self.fp]))

    @property
    def has_zero(self) -> BoolArray:
        """Rows with a cell of 0, (k,)."""
        return np.asarray((np.stack([self.tp, self.fn, self.fp, self.tn]) == 0).any(0))

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes, and who got the continuity correction."""
        return (*self.notes, self.correction) if self.correction else self.notes

    def take(self, keep: BoolArray, reasons: Mapping[int, str] | None = None) -> AccuracyData:
        """Return the rows in `keep`; the others are left out for `reasons` by their position."""
        rows = {r: getattr(self, r)[keep] for r in ("tp", "fn", "fp", "tn", "ids")}
        slab = self.slab
        out = [
            LeftOut(int(self.ids[i]) + 1, slab[i], (reasons or {}).get(i, "not used"))
            for i in np.flatnonzero(~keep).tolist()
        ]
        labels = None if self.labels is None else tuple(np.array(self.labels, object)[keep])
        return replace(
            self, **rows, y=self.y[:, keep], v=self.v[:, keep], corrected=self.corrected[:, keep],
            labels=labels, left_out=tuple(sorted([*self.left_out, *out], key=lambda r: r.row)),
        )  # fmt: skip


def read_accuracy(
    given: Mapping[str, Any],
    *,
    data: Any = None,
    slab: Any = None,
    add: float = 0.5,
    to: str = "if0all",
    percent: bool = False,
    level: float = 95,
) -> AccuracyData:
    """Read counts, or measures as printed with the sizes of the groups, row by row.

    Args:
        given: arguments of `diagnostic_meta` by name: cells, measures, sizes, limits; columns,
            names of columns of `data`, or None. With none given, the columns of `data` that are
            called so.
        data: a data frame or a mapping of columns.
        slab: study labels.
        add: constant of the continuity correction.
        to: who gets it, see `diagnostic_meta`.
        percent: whether shares are given in per cent.
        level: of the limits given, per cent.

    Raises:
        InputError, UnknownNameError: arguments that do not fit together.
        StatsError: impossible tables; the message names the rows.
    """
    to = choose("to", to, TO)
    add = real("add", add, least=0)
    columns = _columns(given, data)
    if percent and not set(SHARES) & columns.keys():
        raise InputError(f"percent is about shares ({', '.join(SHARES)}), and there are none")
    k = len(next(iter(columns.values())))
    labels = read_labels(slab, data, k)
    audit = Audit(k, labels)
    cells = _read_cells(columns, audit, percent=percent)
    y, v = _from_limits(columns, cells, audit, percent=percent, level=level)
    _check_cells(cells, audit)
    corrected, correction = _logits(cells, y, v, add=float(add), to=to, audit=audit)
    none = np.asarray(np.isnan(y).all(0))
    audit.leave_out(none, "neither a sensitivity nor a specificity can be computed")
    for j, name in enumerate(("sensitivity", "specificity")):
        audit.note(np.isnan(y[j]) & ~none, f"no {name}, so only the other is used")
    keep = ~none
    if not keep.any():
        raise StatsError(
            f"none of the {k} rows has counts of diseased or of not diseased: "
            f"{'; '.join(map(str, audit.result()[:3]))}"
        )
    tp, fn, fp, tn = (cells[c][keep] for c in CELLS)
    return AccuracyData(
        tp, fn, fp, tn, y[:, keep], v[:, keep], corrected[:, keep],
        None if labels is None else tuple(np.array(labels, object)[keep]),
        np.flatnonzero(keep), float(add), to, correction, audit.result(), tuple(audit.notes),
    )  # fmt: skip


def _columns(given: Mapping[str, Any], data: Any) -> dict[str, Any]:
    """Resolve names of columns, and demand that all have one length."""
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted and data is not None:
        known = set(column_names(data))
        wanted = {name: name for name in INPUTS if name in known}
        if set(CELLS) <= set(wanted):
            wanted = {name: name for name in CELLS}
    if not wanted:
        raise InputError("pass the counts tp, fn, fp and tn, or sens and spec with n_pos and n_neg")
    out = {}
    for name, value in wanted.items():
        found = look_up(name, value, data)
        out[name] = np.atleast_1d(np.asarray(found, dtype=object if name in MEASURES else None))
    lengths = {name: len(column) for name, column in out.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} has {n}" for name, n in lengths.items())
        raise InputError(f"the columns differ in length: {listed}")
    if not next(iter(lengths.values())):
        raise InputError("there are no studies: the columns are empty")
    missing = [c for c in CELLS if c not in out]
    if set(CELLS) & set(out) and missing:
        raise InputError(f"counts need all of tp, fn, fp and tn: {', '.join(missing)} missing")
    return out


def _read_cells(
    columns: Mapping[str, Any], audit: Audit, *, percent: bool
) -> dict[str, FloatArray]:
    """Return the four cells per row; where counts are missing, those rebuilt from measures."""
    if "tp" in columns:
        cells = {c: to_floats(c, columns[c]) for c in CELLS}
    else:
        cells = {c: np.full(audit.k, np.nan) for c in CELLS}
    if not set(columns) & set(MEASURES):
        return cells
    sizes = {name: to_floats(name, columns[name]) for name in SIZES if name in columns}
    for name, values in sizes.items():
        fraction = np.nan_to_num(values) % 1 != 0
        audit.forbid(fraction, name, values, "must be whole numbers")
        audit.not_negative(name, values, "a number of people or images")
    refused: list[str] = []
    doubts: dict[str, list[str]] = {}
    for i in range(audit.k):
        if not np.isnan([cells[c][i] for c in CELLS]).any():
            continue
        stated, wrong = _stated(columns, i, percent=percent)
        if wrong:
            refused.append(f"{audit.label(i)}: {wrong}")
        known = {name: int(v[i]) for name, v in sizes.items() if not np.isnan(v[i])}
        if wrong or not stated:
            continue
        found = rebuild(stated, known)
        if found.table is None:
            if known and not _limits_given(columns, i):
                refused.append(f"{audit.label(i)}: {found.reason}")
            elif not _limits_given(columns, i):
                audit.reasons.setdefault(i, found.reason)
            continue
        for c, count in zip(CELLS, found.table, strict=True):
            cells[c][i] = np.nan if count < 0 else count
        doubts.setdefault(found.doubt, []).append(audit.label(i))
    if refused:
        more = f"; and {len(refused) - 5} more rows" if len(refused) > 5 else ""
        raise StatsError(f"impossible numbers: {'; '.join(refused[:5])}{more}")
    audit.notes += _rebuilt_notes(doubts)
    return cells


def _rebuilt_notes(doubts: Mapping[str, Sequence[str]]) -> list[str]:
    rows = sum(len(named) for named in doubts.values())
    if not rows:
        return []
    notes = [f"counts of {rows} {'row' if rows == 1 else 'rows'} were rebuilt from printed shares"]
    for doubt, named in doubts.items():
        if doubt:
            more = f" and {len(named) - 5} more" if len(named) > 5 else ""
            notes.append(f"{doubt}: {', '.join(named[:5])}{more}")
    return notes


def _stated(columns: Mapping[str, Any], i: int, *, percent: bool) -> tuple[dict[str, Printed], str]:
    """Measures of row i as printed, and what is wrong with them."""
    stated: dict[str, Printed] = {}
    for name in MEASURES:
        value = columns[name][i] if name in columns else None
        if _blank(value):
            continue
        try:
            stated[name] = share(value, percent=percent) if name in SHARES else printed(str(value))
        except StatsError as error:
            return stated, f"{name}: {error}"
    return stated, ""


def _blank(value: Any) -> bool:
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return (isinstance(value, float) and np.isnan(value)) or not str(value).strip()


def _limits_given(columns: Mapping[str, Any], i: int) -> bool:
    return any(
        all(f"{name}_{end}" in columns and not _blank(columns[f"{name}_{end}"][i])
            for end in ("ci_lb", "ci_ub"))
        for name in ("sens", "spec")
    )  # fmt: skip


def _from_limits(
    columns: Mapping[str, Any], cells: Mapping[str, FloatArray], audit: Audit, *, percent: bool,
    level: float,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Logits and variances of shares that come with an interval but no counts, (2, k)."""
    from review.stats.ground.inference import critical_value

    y, v = np.full((2, audit.k), np.nan), np.full((2, audit.k), np.nan)
    used = np.zeros(audit.k, dtype=bool)
    for j, (name, cell, sign) in enumerate((("sens", "tp", 1.0), ("spec", "tn", -1.0))):
        if not {name, f"{name}_ci_lb", f"{name}_ci_ub"} <= columns.keys():
            continue
        low, mid, high = (
            _shares(n, columns[n], audit, percent=percent)
            for n in (f"{name}_ci_lb", name, f"{name}_ci_ub")
        )
        rows = np.isnan(cells[cell]) & ~np.isnan(low) & ~np.isnan(mid) & ~np.isnan(high)
        audit.forbid(
            rows & ~((low <= mid) & (mid <= high) & (low < high)), name, mid,
            "must lie within its confidence limits",
        )  # fmt: skip
        edge = rows & ((mid <= 0) | (mid >= 1) | (low <= 0) | (high >= 1))
        audit.leave_out(edge, f"{name} or a limit of it is 0 or 1, which has no logit")
        rows &= ~edge
        logit = [np.log(x[rows] / (1 - x[rows])) for x in (low, mid, high)]
        y[j, rows] = sign * logit[1]
        v[j, rows] = ((logit[2] - logit[0]) / (2 * float(critical_value(level, None)))) ** 2
        used |= rows
    audit.note(
        used, f"no counts: the logit comes with the width of its {level_name(level)} interval"
    )
    return y, v


def _shares(name: str, column: Any, audit: Audit, *, percent: bool) -> FloatArray:
    out = np.full(audit.k, np.nan)
    for i, value in enumerate(column.tolist()):
        if not _blank(value):
            try:
                out[i] = float(share(value, percent=percent))
            except StatsError as error:
                raise StatsError(f"{audit.label(i)}: {name}: {error}") from None
    return out


def _check_cells(cells: dict[str, FloatArray], audit: Audit) -> None:
    """Demand counts; a group without one of its cells, or without people, is missing."""
    for name in CELLS:
        audit.count(name, cells[name])
    total = np.sum([np.nan_to_num(cells[c]) for c in CELLS], axis=0)
    stated = ~np.isnan(np.stack([cells[c] for c in CELLS]))
    audit.forbid(
        stated.all(0) & (total == 0), "tp + fn + fp + tn", total,
        "must be above 0: a study without people has no 2 x 2 table",
    )  # fmt: skip
    for one, other, group in (("tp", "fn", "diseased"), ("fp", "tn", "not diseased")):
        a, b = cells[one], cells[other]
        half = np.isnan(a) != np.isnan(b)
        audit.note(half, f"only one of {one} and {other} is given, so neither is used")
        empty = (a == 0) & (b == 0)
        audit.note(empty, f"no one is {group} ({one} = {other} = 0)")
        a[half | empty] = b[half | empty] = np.nan


def _logits(
    cells: Mapping[str, FloatArray], y: FloatArray, v: FloatArray, *, add: float, to: str,
    audit: Audit,
) -> tuple[BoolArray, str]:  # fmt: skip
    """Fill in logits and variances of the rows with counts; say who was corrected."""
    hit = np.stack([cells["tp"], cells["fp"]])
    miss = np.stack([cells["fn"], cells["tn"]])
    counted = ~np.isnan(hit)
    zero = (hit == 0) | (miss == 0)
    by_study = np.broadcast_to(zero.any(0), zero.shape)
    who = {
        "all": counted,
        "if0all": counted & zero.any(),
        "only0": counted & by_study,
        "only0-group": zero,
        "none": np.zeros_like(zero),
    }[to] & (add > 0)
    bad = (zero & ~who).any(0)
    hit, miss = hit + add * who, miss + add * who
    with np.errstate(divide="ignore", invalid="ignore"):
        y[counted] = np.log(hit / miss)[counted]
        v[counted] = (1 / hit + 1 / miss)[counted]
    y[zero & ~who] = v[zero & ~who] = np.nan
    audit.leave_out(bad & np.isnan(y).all(0), "a cell of 0 without continuity correction")
    audit.note(bad, "a cell of 0 and no continuity correction, so its share is not used")
    if not who.any():
        return who, ""
    n = int(zero.any(0).sum())
    few = f"{n} {'row has' if n == 1 else 'rows have'} a cell of 0"
    scope = {
        "all": f"all cells of all {audit.k} rows",
        "if0all": f"all cells of all {audit.k} rows, because {few}",
        "only0": f"all cells of the rows with a cell of 0 ({few})",
        "only0-group": f"the two cells of each group with a cell of 0 ({few})",
    }[to]
    named = f": {audit.rows(zero.any(0))}" if n else ""
    return who, f"{add:g} was added to {scope}{named}"


def accuracy_of(tp: Any, fn: Any, fp: Any, tn: Any, options: Mapping[str, Any]) -> AccuracyData:
    """Return the rows of a model, rows as they are, or rows read from counts and options.

    Args:
        tp: counts, an `AccuracyData`, or a result that holds one as `rows`.
        fn: counts.
        fp: counts.
        tn: counts.
        options: arguments of `read_accuracy` and measures, by name.

    Raises:
        InputError: an unknown option, or counts beside rows that are complete.
    """
    rows = getattr(tp, "rows", tp)
    if isinstance(rows, AccuracyData):
        if options or not fn is fp is tn is None:
            raise InputError("the model holds its studies already: pass nothing beside it")
        return rows
    settings = {"data", "slab", "add", "to", "percent", "level"}
    for name in options:
        if name not in {*INPUTS, *settings}:
            raise UnknownNameError("argument", name, [*INPUTS, *sorted(settings)])
    given = dict(zip(CELLS, (tp, fn, fp, tn), strict=True))
    given |= {n: v for n, v in options.items() if n not in settings}
    return read_accuracy(given, **{n: v for n, v in options.items() if n in settings})
