"""When the data of a review changed, day by day: the log of a living review."""

from __future__ import annotations

from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from review.project.change_history import read_history
from review.report.blocks import Section, empty, text
from review.report.table_cells import table_of
from review.schema.change_log import LOG
from review.words import listed, plural

if TYPE_CHECKING:
    from review.report.results import Results

TITLE: Final = "Log of changes"


def concerns(results: Results) -> bool:
    """Return whether the review keeps a log."""
    return results.review.has(LOG)


def build(results: Results) -> Section:
    """Return the section."""
    changes = [c for c in read_history(results.review) if c.undone_by is None and c.undoes is None]
    if not changes:
        return empty("log", TITLE, "No change is logged.", f"no change in {LOG}")
    rows = []
    for day, made in groupby(changes, key=lambda c: c.when.date().isoformat()):
        held = [row for change in made for row in change.rows]
        tables = dict.fromkeys(PurePosixPath(row.file).stem.replace("_", " ") for row in held)
        studies = dict.fromkeys(row.row for row in held if row.row)
        rows.append(
            {"day": day, "entries": len(held), "in": listed(tables, most=6),
             "rows": listed(studies, most=8)}
        )  # fmt: skip
    total = sum(row["entries"] for row in rows)
    said = text(
        f"{plural(total, 'entry')} of the data changed on {plural(len(rows), 'day')}, from "
        f"{rows[0]['day']} to {rows[-1]['day']}; what was taken back is not counted."
    )
    table = table_of(rows, caption="Changes of the data by day", name="log", folded=len(rows) > 20)
    return Section("log", TITLE, (said, table))
