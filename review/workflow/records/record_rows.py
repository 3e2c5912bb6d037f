"""Records as rows, whether they come as a data frame, as columns or as dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from review.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


def record_rows(
    records: Iterable[Mapping[str, Any]] | Mapping[str, Sequence[Any]] | pd.DataFrame,
) -> Iterator[Mapping[str, Any]]:
    """Yield the records one by one as field -> value.

    Raises:
        InputError: it is neither rows nor columns, or the columns differ in length.

    Example:
        >>> list(record_rows({"title": ["A", "B"]}))
        [{'title': 'A'}, {'title': 'B'}]
    """
    if hasattr(records, "columns") and hasattr(records, "to_dict"):
        frame: Any = records
        records = {str(name): frame[name].tolist() for name in frame.columns}
    if isinstance(records, Mapping):
        yield from _from_columns(records)
        return
    if isinstance(records, str | bytes) or not isinstance(records, Iterable):
        raise InputError(
            f"records: a {type(records).__name__}; a data frame, a list of dictionaries or a "
            "dictionary of columns is needed"
        )
    for number, row in enumerate(records, start=1):
        if not isinstance(row, Mapping):
            raise InputError(
                f"records: number {number} is a {type(row).__name__}; a dictionary of fields is "
                "needed"
            )
        yield row


def _from_columns(columns: Mapping[str, Sequence[Any]]) -> Iterator[Mapping[str, Any]]:
    for name, column in columns.items():
        if isinstance(column, str | bytes) or not hasattr(column, "__len__"):
            raise InputError(f"records: column {name!r} is a single value, not a list of them")
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} {n}" for name, n in lengths.items())
        raise InputError(f"records: the columns differ in length: {said}")
    names = tuple(columns)
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(names, values, strict=True))
