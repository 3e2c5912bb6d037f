"""What `log.csv` says: the changes of a review in order, and which of them still hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from review.errors import DataError, InputError, UnknownNameError
from review.project.problems import raise_problems
from review.project.row_models import build_models
from review.schema.change_log import LOG, LoggedChange, LogRow
from review.schema.folder_files import EXCLUDED, FILES, RECORDS, STUDIES, registered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project.review import Review


def read_history(review: Review) -> list[LoggedChange]:
    """Return all changes that the log of a review holds, the oldest first.

    Raises:
        DataError: the log was damaged; every problem is listed.
    """
    if not review.has(LOG):
        return []
    rows, problems = build_models(review.table(LOG), LogRow, key=None)
    raise_problems(problems, what=str(review.path / LOG))
    made = [
        LoggedChange(*key, tuple(lines))
        for key, lines in groupby(rows, lambda r: (r.change, r.when, r.who, r.command))
    ]
    return _with_undone(made)


def _with_undone(history: Sequence[LoggedChange]) -> list[LoggedChange]:
    """Say of each change which later one took it back, unless that was taken back itself."""
    undone: dict[int, int] = {}
    found = []
    for change in reversed(history):
        by = undone.get(change.number)
        if by is None and change.undoes is not None:
            undone[change.undoes] = change.number
        found.append(replace(change, undone_by=by))
    return found[::-1]


def pick_change(history: Sequence[LoggedChange], number: int | None) -> LoggedChange:
    """Return the change that is to be taken back.

    Args:
        history: all changes.
        number: of the change; None for the last one that was not taken back, undoing apart.

    Raises:
        InputError: there is none, it was taken back already, or two have this number.
    """
    if number is None:
        open_ones = [c for c in history if c.undoes is None and c.undone_by is None]
        open_ones = [c for c in open_ones if c.command != "init"]
        if not open_ones:
            raise InputError("there is no change to take back: the log holds none that still holds")
        return open_ones[-1]
    wanted = [c for c in history if c.number == number]
    if not wanted:
        known = f"1 to {max(c.number for c in history)}" if history else "none"
        raise InputError(f"the log has no change {number} (it has {known}; see 'review log')")
    if len(wanted) > 1:
        titles = " and ".join(c.title for c in wanted)
        raise InputError(
            f"{titles} have the same number, as after two copies of a folder were joined: give one "
            f"of them another number in {LOG}"
        )
    (found,) = wanted
    if found.undone_by is not None:
        raise InputError(
            f"{found.title} was taken back already, by change {found.undone_by}; "
            f"'review undo {found.undone_by}' brings it back"
        )
    if found.command == "init":
        raise InputError(f"{found.title} made the folder: delete the folder instead")
    return found


def select_history(
    history: Sequence[LoggedChange],
    *,
    study: str | None = None,
    file: str | None = None,
    last: int | None = None,
) -> list[LoggedChange]:
    """Return the changes of a study or a file, each with the lines that concern it.

    Args:
        history: all changes.
        study: a study_id, or the key of a row of another table; letter case does not matter.
        file: relative to the folder.
        last: how many, counted from the newest; None for all.
    """
    found = []
    for change in history:
        rows = [
            row
            for row in change.rows
            if (study is None or row.row.casefold() == study.strip().casefold())
            and (file is None or row.file == file)
        ]
        if rows:
            found.append(replace(change, rows=tuple(rows)))
    return found if last is None else found[-last:] if last else []


def require_known(
    review: Review, history: Sequence[LoggedChange], *, study: str | None, file: str | None
) -> None:
    """Refuse to look for changes of what there is not: a misspelled name has no history.

    Raises:
        UnknownNameError: neither log nor tables have such a row, or there is no such file.
    """
    rows = [row for change in history for row in change.rows]
    if file is not None and not review.has(file) and all(row.file != file for row in rows):
        names = [f.name for f in FILES if "*" not in f.name]
        names += [f"codings/{coder}.csv" for coder in review.coders]
        if file not in names:
            raise UnknownNameError("file of a review", file, names)
    if study is None:
        return
    wanted = study.strip().casefold()
    seen = dict.fromkeys(row.row for row in rows if row.row)
    if any(name.casefold() == wanted for name in seen):
        return
    named = dict.fromkeys(name for table in (STUDIES, EXCLUDED) for name in _keys(review, table))
    others = (name for table in (RECORDS, "datasets.csv") for name in _keys(review, table))
    if any(name.casefold() == wanted for name in named):
        return
    if not any(name.casefold() == wanted for name in others):
        raise UnknownNameError("study", study, [*{**named, **seen}])


def _keys(review: Review, name: str) -> list[str]:
    """The keys of the rows of a table, those of rows with problems too."""
    try:
        table = review.table(name) if review.has(name) else None
    except DataError:  # 'review check' says what is wrong with it
        return []
    key = registered(name).key or ""
    return [] if table is None else [row.cells.get(key, "").strip() for row in table.rows]
