"""Takes a change back, exactly: every cell, row and file, or nothing where one changed since."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final

from review.errors import InputError
from review.project.appended_rows import keys_of, start_with
from review.project.change_history import pick_change, read_history
from review.project.change_records import is_keyed, key_column
from review.project.problems import shorten
from review.project.referring import files_that_refer, keys_in_use
from review.project.transaction import Changes, changes
from review.schema.change_log import (
    CELL,
    COLUMNS,
    FILE,
    ROW,
    LoggedChange,
    LogRow,
    added_text,
    cells_in,
    digest_text,
    is_digest,
    names_in,
    text_in,
)
from review.schema.folder_files import registered
from review.words import listed, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from review.project.csv_tables import RawTable, Row
    from review.project.review import Review

_SHOWN: Final = 20
_LAST: Final = 10**9  # a line below all others


def take_back(
    review: Review, number: int | None = None, *, who: str = "", dry_run: bool = False
) -> LoggedChange:
    """Take a change back; that is a change itself, and can be taken back in turn.

    Args:
        review: a review that can be written to.
        number: of the change; None for the last one that was not taken back.
        who: does it.
        dry_run: check only.

    Returns:
        The change that was taken back.

    Raises:
        InputError: there is no such change, or what it changed was changed since: then nothing is
            written, and every place is named with what stands there and who wrote it.
        DataError: the log or a table is damaged.
    """
    with changes(review, command="undo", who=who, dry_run=dry_run) as tx:
        history = read_history(tx.review)
        change = pick_change(history, number)
        tx.command = f"undo {change.number}"
        back = _Back(tx, change, [c for c in history if c.number > change.number])
        back.all_rows()
        if back.problems:
            shown = "".join(f"\n  {text}" for text in back.problems[:_SHOWN])
            more = len(back.problems) - _SHOWN
            shown += f"\n  ... and {plural(more, 'more place', 'more places')}" if more > 0 else ""
            raise InputError(f"{change.title} is not taken back; nothing was changed:{shown}")
    return change


class _Back:
    """Does the lines of a change backwards, and collects what stands in the way."""

    def __init__(self, tx: Changes, change: LoggedChange, later: Sequence[LoggedChange]) -> None:
        self.tx, self.change, self.later = tx, change, later
        self.problems: list[str] = []

    def all_rows(self) -> None:
        """Take every line of the change back, those of one kind and file together."""
        for (name, what), run in groupby(
            reversed(self.change.rows), lambda row: (row.file, row.what)
        ):
            rows = list(run)
            if not self._may_change(name, what):
                continue
            if what == FILE:
                self._file(rows[0])
            elif what == COLUMNS:
                for row in rows:
                    self._columns(row)
            elif what == ROW:
                self._rows(name, rows)
            else:
                self._cells(name, rows)

    def _may_change(self, name: str, what: str) -> bool:
        try:
            file = registered(name)
        except KeyError:
            self.problems.append(f"{name}: the program takes no change of such a file back")
            return False
        if what != FILE and not file.is_table:
            self.problems.append(f"{name}: no table, so it has no {what}")
            return False
        return True

    def _table(self, name: str, columns: Sequence[str] | None = None) -> RawTable | None:
        if columns is None and not (self.tx.folder / name).exists():
            self.problems.append(f"{name}: the file is not there any more")
            return None
        return self.tx.table(name, columns=columns)

    def _cells(self, name: str, rows: Sequence[LogRow]) -> None:
        table = self._table(name)
        if table is None:
            return
        index = _Index(table)
        for row in rows:
            if row.variable not in table.header:
                self._refuse(row, "the column is not there any more")
                continue
            found = index.find(row, partial(_holds, variable=row.variable, text=row.new))
            if not found:
                self._refuse(row, "the row is not there any more")
            elif (there := found[0].cells[row.variable]) != row.new:
                said = f"{_quoted(there)} stands there now, not {_quoted(row.new)}"
                self._refuse(row, said)
            else:
                table.set(found[0], row.variable, row.old)

    def _rows(self, name: str, rows: Sequence[LogRow]) -> None:
        came, went = [r for r in rows if not r.old], [r for r in rows if not r.new]
        changed = [r for r in rows if r.old and r.new]
        if (table := self._table(name)) is None:
            return
        index = _Index(table)
        gone: list[Row] = []
        for row in came:
            cells = None if is_digest(row.new) else cells_in(row.new)
            found = index.find(row, partial(_is_new, text=row.new))
            if not found:
                self._refuse(row, "the row is not there any more", whole_row=True)
            elif not _is_new(found[0], text=row.new):
                how = "" if cells is None else f" ({_differing(_filled(found[0]), cells)})"
                self._refuse(row, f"the row was changed since{how}", whole_row=True)
            elif users := self._users(name, row.row):
                self.problems.append(
                    f"{row.place}: rows in {listed(users)} refer to it; take those out first"
                )
            else:
                gone.append(found[0])
                index.take(found[0])
        for row in changed:
            self._change_back(table, row, index)
        table.remove_all(gone)
        self._put_back(table, went, index)

    def _change_back(self, table: RawTable, row: LogRow, index: _Index) -> None:
        old, new = cells_in(row.old), cells_in(row.new)
        found = index.find(row, partial(_is, cells=new))
        if not found:
            self._refuse(row, "the row is not there any more", whole_row=True)
        elif differing := _differing(_filled(found[0]), new):
            self._refuse(row, f"the row was changed since ({differing})", whole_row=True)
        elif missing := [c for c in old if c not in table.header]:
            self._refuse(row, f"the table has no column {listed(missing)} any more")
        else:  # of several rows that are alike any will do
            for column in {**new, **old}:
                table.set(found[0], column, old.get(column, ""))

    def _users(self, name: str, ident: str) -> list[str]:
        return files_that_refer(self.tx.review, name, ident, opened=self.tx.opened)

    def _put_back(self, table: RawTable, rows: Sequence[LogRow], index: _Index) -> None:
        wanted: list[tuple[int, dict[str, str]]] = []
        for row in rows:
            cells = cells_in(row.old)
            if missing := [c for c in cells if c not in table.header]:
                self._refuse(row, f"the table has no column {listed(missing)} any more")
            elif is_keyed(table.name) and row.row in index:
                self._refuse(row, "a row of this name is there already", whole_row=True)
            else:
                wanted.append((row.line or _LAST, cells))
        table.insert(sorted(wanted, key=lambda one: one[0]))

    def _columns(self, row: LogRow) -> None:
        added, dropped = names_in(row.new), names_in(row.old)
        there = (self.tx.folder / row.file).exists()
        if not there and not dropped:
            self._refuse(row, "the file is not there any more")
            return
        if not there:
            self.tx.table(row.file, columns=dropped)
            return
        table = self.tx.table(row.file)
        # what other rows use by now stays
        table.drop_columns(
            [c for c in added if c in table.header and not any(r.cells[c] for r in table.rows)]
        )
        table.add_columns(dropped)

    def _file(self, row: LogRow) -> None:
        review = self.tx.review
        there = digest_text(review.file(row.file)) if review.has(row.file) else ""
        if there != row.new:
            now = "another text stands there now" if there else "the file is not there any more"
            self._refuse(row, now if row.new else "the file is there again")
            return
        former = text_in(row.old).encode() if row.old and not is_digest(row.old) else None
        if is_digest(row.old):
            # rows were put at the end of a large table: its beginning is what it was
            former = start_with(review.file(row.file), row.old.removeprefix("sha256 "))
            if former is None:
                self._refuse(row, "the log does not hold its former text, which was too long")
                return
        for user in self._users_of_lost(row.file, former):
            self._refuse(row, f"{user} has rows of what would go")
            return
        self.tx.replace(row.file, former)

    def _users_of_lost(self, name: str, former: bytes | None) -> list[str]:
        """Return the files that refer to rows which a table would lose."""
        key = registered(name).key
        if key is None or not name.endswith(".csv") or not self.tx.review.has(name):
            return []
        used = keys_in_use(self.tx.review, name, opened=self.tx.opened)
        if not any(used.values()):
            return []
        lost = keys_of(self.tx.review.file(name), name, key)
        lost -= keys_of(former, name, key) if former else set()
        return [file for file, keys in used.items() if keys & lost - {""}]

    def _refuse(self, row: LogRow, why: str, *, whole_row: bool = False) -> None:
        by = next(
            (
                change.title
                for change in reversed(self.later)
                if change.undone_by is None
                for line in change.rows
                if (line.file, line.row) == (row.file, row.row)
                and (whole_row or line.what != CELL or line.variable == row.variable)
            ),
            None,
        )
        who = f"last changed by {by}" if by else "changed outside of this program"
        self.problems.append(f"{row.place}: {why} ({who})")


class _Index:
    """Finds the row of a table that a line of the log is about."""

    def __init__(self, table: RawTable) -> None:
        self.table, self.key = table, key_column(table.name, table.header)
        self._rows: dict[str, list[Row]] = {}
        for row in table.rows:
            ident = row.cells.get(self.key, "").strip().casefold()
            self._rows.setdefault(ident, []).append(row)

    def find(self, row: LogRow, fits: Callable[[Row], bool]) -> list[Row]:
        """Return the rows that a line can mean: of several with the key those that fit.

        The one on its line comes alone, and so does one that does not fit where none does.
        """
        found = self._rows.get(row.row.casefold(), [])
        fitting = [r for r in found if fits(r)] or found[:1]
        return [r for r in fitting if r.line == row.line] or fitting

    def take(self, row: Row) -> None:
        """Leave a row out from now on."""
        ident = row.cells.get(self.key, "").strip().casefold()
        self._rows[ident] = [r for r in self._rows[ident] if r is not row]

    def __contains__(self, ident: str) -> bool:
        return bool(self._rows.get(ident.casefold()))


def _filled(row: Row) -> dict[str, str]:
    return {column: text for column, text in row.cells.items() if text}


def _holds(row: Row, *, variable: str, text: str) -> bool:
    return row.cells[variable] == text


def _is(row: Row, *, cells: dict[str, str]) -> bool:
    return _filled(row) == cells


def _is_new(row: Row, *, text: str) -> bool:
    return _filled(row) == cells_in(text) if not is_digest(text) else added_text(row.cells) == text


def _quoted(text: str) -> str:
    return repr(shorten(text)) if text else "nothing"


def _differing(there: dict[str, str], meant: dict[str, str]) -> str:
    names = [c for c in {**meant, **there} if there.get(c) != meant.get(c)]
    return ", ".join(f"{c} is {there[c]!r}" if c in there else f"{c} is empty" for c in names[:3])
