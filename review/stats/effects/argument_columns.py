"""From what the caller passes (arrays, lists, column names) to float arrays of one length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, UnknownNameError
from review.stats.ground.arguments import values_of

if TYPE_CHECKING:
    from review.stats.effects.measure import Columns, FloatArray, Measure
    from review.stats.effects.ways import Ways

# names of estimates in general -> those of areas under a curve, which have their own
_AREA = {"est": "auc", "ci_lb": "ci_low", "ci_ub": "ci_high"}


def column_names(data: Any) -> list[str]:
    """Names of the columns of a mapping or a data frame.

    Raises:
        InputError: `data` is neither.
    """
    if isinstance(data, Mapping):
        return [str(name) for name in data]
    if hasattr(data, "columns"):
        return [str(name) for name in data.columns]
    raise InputError(
        f"data must be a data frame or a mapping of columns, not {type(data).__name__}"
    )


def look_up(name: str, value: Any, data: Any) -> Any:
    """Replace a column name by the column of `data`; pass anything else through."""
    if not isinstance(value, str):
        return value
    if data is None:
        raise InputError(f"{name}={value!r} names a column, but no data was given (data=...)")
    names = column_names(data)
    if value not in names:
        raise UnknownNameError("column", value, names, where=f"for {name}")
    return data[value]


def to_floats(name: str, value: Any) -> FloatArray:
    """Turn numbers with gaps (None, NA, NaN, empty text) into a float array.

    Raises:
        InputError: a value is no number, or the array has more than one dimension.
    """
    raw = value.to_numpy() if hasattr(value, "to_numpy") else value
    if np.ma.isMaskedArray(raw):
        raw = np.ma.filled(raw.astype(float), np.nan)
    try:
        array = np.asarray(raw)
    except ValueError:  # rows of different length
        raise InputError(f"{name} must be one column of numbers, not a nested list") from None
    if array.ndim > 1:
        raise InputError(f"{name} must be one column of numbers, not {array.ndim}-dimensional")
    if array.dtype.kind in "fiub":
        return array.astype(float)
    flat = np.atleast_1d(array)
    out = np.empty(flat.shape)
    for i, item in enumerate(flat.tolist()):
        missing = item is None or type(item).__name__ in {"NAType", "NaTType"}
        missing = missing or (isinstance(item, str) and not item.strip())
        out[i] = np.nan if missing else number(f"{name} in row {i + 1}", item)
    return out.reshape(array.shape)


def number(name: str, value: Any) -> float:
    """Turn one value into a float.

    Raises:
        InputError: it is no number.
    """
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} must be a number, not {value!r}") from None


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
    from review.stats.effects.ways import NAMED_ONLY, Ways

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


def read_labels(slab: Any, data: Any, k: int) -> tuple[str, ...] | None:
    """Resolve study labels: one per row, as text.

    Raises:
        InputError: their number differs from the number of rows.
    """
    if slab is None:
        return None
    labels = tuple(str(label) for label in values_of("slab", look_up("slab", slab, data)))
    if len(labels) != k:
        raise InputError(f"slab has {len(labels)} labels for {k} studies")
    return labels
