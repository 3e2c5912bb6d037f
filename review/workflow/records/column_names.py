"""What a table of a review calls the columns of its rows: their own or another known name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def column_names(header: Sequence[str], model: Any, columns: Iterable[str]) -> list[str]:
    """Return the columns under the names that they have in a table.

    Args:
        header: of the table.
        model: of its rows, with `OTHER_NAMES`.
        columns: by the names of the model; one that the table lacks keeps its name.

    Example:
        >>> from review.schema.screening_rows import DecisionRow
        >>> column_names(["id", "stage"], DecisionRow, ["record_id", "stage", "reason"])
        ['id', 'stage', 'reason']
    """
    return [
        name if name in header else next(
            (h for h in header if model.OTHER_NAMES.get(h.strip().casefold()) == name), name
        )
        for name in columns
    ]  # fmt: skip
