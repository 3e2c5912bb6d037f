"""From what the caller passes (arrays, lists, column names) to float arrays of one length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, UnknownNameError
from review.stats.ground.arguments import values_of

if TYPE_CHECKING:
    from review.stats.effects.measure import FloatArray


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
