"""Which record stands for those that repeat it, along chains of "same" in `duplicates.csv`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from review.schema.screening_rows import DuplicateRow


def kept_of(rows: Iterable[DuplicateRow]) -> dict[str, str]:
    """Return the record that is kept for each that repeats one.

    Example:
        >>> from review.schema.screening_rows import DuplicateRow
        >>> kept_of([DuplicateRow(record_id="a", other_id="b", verdict="same"),
        ...          DuplicateRow(record_id="b", other_id="c", verdict="same")])
        {'a': 'c', 'b': 'c'}
    """
    leads_to: dict[str, str] = {}
    for row in rows:
        if row.verdict == "same":
            leads_to.setdefault(row.record_id, row.other_id)
    kept = {}
    for start, other in leads_to.items():
        seen, at = {start}, other
        while at in leads_to and at not in seen:
            seen.add(at)
            at = leads_to[at]
        if at not in leads_to:
            kept[start] = at
    return kept
