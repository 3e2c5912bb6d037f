"""Weights of studies from a sheet: one number per study."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from review.errors import DataError
from review.formats.headings import Target, match_headings
from review.formats.typed_columns import read_floats
from review.schema.reported_quantities import Kind

if TYPE_CHECKING:
    from review.formats.sheet_table import SheetTable


def study_weights(table: SheetTable) -> dict[str, float]:
    r"""Return study_id -> weight; rows without a weight are left out.

    Args:
        table: with columns for study_id and weight; others are not read.

    Raises:
        DataError: a column is missing, or a weight is no number, negative, or none is above 0.

    Example:
        >>> from review.formats.reading import table_from_bytes
        >>> study_weights(table_from_bytes(b"Study ID;Weight (%)\na;60%\nb;40%\n", "w.csv"))
        {'a': 60.0, 'b': 40.0}
    """
    matches = match_headings(table, [Target("study_id"), Target("weight")])
    found = matches.headings
    if {"study_id", "weight"} - found.keys():
        raise DataError(
            f"{table.source}: needs the columns study_id and weight (it has "
            f"{', '.join(table.headings)}); --map 'HEADING=study_id' says what a heading means"
        )
    table.add(*matches.problems)
    names, heading = table.texts(found["study_id"]), found["weight"]
    weights: dict[str, float] = {}
    for row, (name, value) in enumerate(
        zip(names, read_floats(table, heading, Kind.PERCENT), strict=True)
    ):
        if value < 0:
            table.add(table.problem(row, heading, "a negative weight", allowed="0 or more"))
        if name and not math.isnan(value):
            weights[name] = float(value)
    table.require()
    if not sum(weights.values()) > 0:
        raise DataError(f"{table.source}: no weight above 0")
    return weights
