"""The one way to change the files of a review: under the lock, read back, together or not at all.

A command opens a transaction, takes the tables that it changes from it, edits them, and leaves::

    with changes(review, command="set", who="Lee") as tx:
        studies = tx.table("studies.csv", review.study_model)
        row = studies.find("study_id", "lee2018")
        studies.set(row, "auc", "0.91")
        tx.table("results.csv", ReportedResult).append({...})

Nothing is written when the block raises. On leaving it, the new version of every file that differs
is written beside the old one and read back; each cell, touched or not, must be what was meant; then
all of them take their places, or none. What changed stands in `log.csv` from then on, which is
written with the others: no command has to think of it.
"""

from __future__ import annotations

import contextlib
import warnings
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from review.errors import InputError, ReviewWarning
from review.project.appended_rows import AppendedRows
from review.project.change_records import (
    digest_record,
    file_record,
    table_records,
    with_records,
)
from review.project.csv_tables import Edit, RawTable, read_table
from review.project.journal import Replacement
from review.project.lock import locked
from review.project.problems import Problem, raise_problems
from review.project.read_back import check_written
from review.project.row_models import followed_columns, unknown_columns
from review.project.storage import real_file
from review.schema.change_log import LOG
from review.schema.folder_files import STAGING, registered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pydantic import BaseModel

    from review.project.review import Review
    from review.schema.change_log import LoggedChange


class Changes:
    """What one command changes in the files of a review; made by `changes`.

    Attributes:
        folder: of the review.
        command: that makes the change, such as `add`.
        who: makes it, "" when nobody is named.
        dry_run: nothing is written.
        logged: the change as the log has it, once it is written; None when nothing changed.
        notes: what was done besides what the command asked for.
    """

    def __init__(
        self, given: Review | Path, *, command: str, who: str = "", dry_run: bool = False
    ) -> None:
        self._given = given
        self.folder: Path = given if isinstance(given, Path) else given.path
        self.command, self.who, self.dry_run = command, who, dry_run
        self._tables: dict[str, RawTable] = {}
        self._files: dict[str, bytes | Path | None] = {}
        self._appended: dict[str, AppendedRows] = {}
        self.logged: LoggedChange | None = None
        self.notes: list[str] = []

    @cached_property
    def review(self) -> Review:
        """The review as it lies on the disk now: others may have written since it was opened."""
        from review.project.review import Review

        given = self._given
        return Review(given) if isinstance(given, Path) else given.fresh()

    @property
    def edits(self) -> list[Edit]:
        """Every change of a table so far, in the order of the tables and of the changes."""
        return [edit for table in self._tables.values() for edit in table.edits]

    @property
    def opened(self) -> Mapping[str, RawTable]:
        """The tables that were taken, as they are by now."""
        return self._tables

    def table(
        self,
        name: str,
        model: type[BaseModel] | None = None,
        *,
        columns: Sequence[str] | None = None,
    ) -> RawTable:
        """Return a table to edit; the same one when it is asked for again.

        Args:
            name: of the file, relative to the folder.
            model: of a row: columns that it does not know are refused, as `review check` does.
            columns: of the table when the file is not there yet.

        Raises:
            DataError: the file is not there (without `columns`), or its form is wrong: what
                `review check` refuses is not written to either.
        """
        if name == LOG:
            raise ValueError("the log is added to, never edited")
        if name not in self._tables:
            path = real_file(self.folder, name)
            if columns is not None and not path.exists():
                table = RawTable.new(name, columns)
            else:
                table = read_table(path, name)
            problems = list(table.problems)
            if not problems:
                self._follow_codebook(table)
            if model is not None:
                problems += [p for p in unknown_columns(table, model) if p.column in table.header]
                key = next(iter(model.model_fields))
                names = {
                    key,
                    *(n for n, k in getattr(model, "OTHER_NAMES", {}).items() if k == key),
                }
                if names.isdisjoint(table.header):
                    problems.append(Problem(name, "the column is missing", line=1, column=key))
            raise_problems(problems, what=f"{self.folder / name} cannot be changed")
            self._tables[name] = table
        return self._tables[name]

    def _follow_codebook(self, table: RawTable) -> None:
        """Give a table of coded studies that has no row yet the columns of the codebook."""
        try:
            file = registered(table.name)
        except KeyError:
            return
        if table.former is None or not file.follows_codebook or table.rows:
            return
        wanted, said = followed_columns(table, file, self.review.codebook)
        if said:
            table.set_columns(wanted)
            self.notes.append(f"{table.name}: {said}")

    def replace(self, name: str, data: bytes | Path | None) -> None:
        """Give a file other than a table, or a new one, these bytes, or those of another file.

        None takes the file away.

        Raises:
            ValueError: the file was taken as a table already.
        """
        if name in self._tables:
            raise ValueError(f"{name} is edited as a table")
        self._files[name] = data

    def append_rows(
        self, name: str, columns: Sequence[str], rows: Callable[[], Iterable[Sequence[str]]]
    ) -> None:
        """Give a table rows at its end without holding it, however large it is.

        They are no `edits`; the log names the file before and after.

        Args:
            name: of the table; one that is not there is made.
            columns: that the rows fill; the table gets those that it lacks.
            rows: gives the rows, each time it is called; it is called twice.

        Raises:
            ValueError: the file was taken as a table already.
            DataError: the table has no header, or is not UTF-8.
        """
        if name in self._tables or name in self._files:
            raise ValueError(f"{name} is edited as a table")
        self._appended[name] = AppendedRows(name, columns, rows)

    def tell(self) -> None:
        """Say what was done besides what the command asked for."""
        for note in self.notes:
            warnings.warn(note, ReviewWarning, stacklevel=5)

    def _write(self) -> None:
        """Write everything, and the log of it; called once, under the lock."""
        together = Replacement(self.folder, f"'review {self.command}'")
        records: list[dict[str, Any]] = []
        try:
            for name, appended in self._appended.items():
                records.append(_append(together, self.folder, name, appended))
            for name, table in self._tables.items():
                if not table.header:  # the last column went, and with it the file
                    if table.former is not None:
                        together.take_away(name, table.former)
                        records += table_records(table)
                    continue
                data = table.to_bytes()
                if data != table.former:
                    written = together.stage(name, data, table.former)
                    check_written(table.former, written, table.edits, name)
                    records += table_records(table)
            for name, source in self._files.items():
                records += self._stage_file(together, name, source)
            if records:
                former, log, change = with_records(
                    self.folder, records, command=self.command, who=self.who
                )
                together.stage(LOG, log, former)
        except BaseException:
            together.discard()
            raise
        together.commit()
        self.logged = change if records else None

    def _stage_file(
        self, together: Replacement, name: str, source: bytes | Path | None
    ) -> list[dict[str, Any]]:
        path = real_file(self.folder, name)
        former = path.read_bytes() if path.exists() else None
        data = source.read_bytes() if isinstance(source, Path) else source
        if data == former:
            return []
        if data is None:
            together.take_away(name, former or b"")
        else:
            together.stage(name, data, former)
        return [] if name.startswith(".") else [file_record(name, former, data)]


def _append(
    together: Replacement, folder: Path, name: str, appended: AppendedRows
) -> dict[str, Any]:
    """Write rows at the end of a table and read it back; return what the log says of it."""
    path = real_file(folder, name)
    there = path if path.exists() else None
    appended.check(there, together.stage_stream(name, appended.chunks(there), there))
    entry = together.entries[-1]
    return digest_record(name, entry.old, entry.new)


@contextlib.contextmanager
def changes(
    review: Review | Path, *, command: str, who: str = "", dry_run: bool = False
) -> Iterator[Changes]:
    r"""Change the files of a review: all that the block asks for, or nothing.

    Args:
        review: a review that can be written to, or the folder of one that is being made.
        command: that makes the change, such as `add`.
        who: makes it, when somebody is named.
        dry_run: write nothing, and take no lock.

    Raises:
        InputError: the review is read-only, a file cannot be written, or was changed by another
            program meanwhile.
        BusyError: another process holds the lock.
        DataError: `log.csv` is none, or a table has a form that cannot be changed.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as name:
        ...     folder = Path(name)
        ...     _ = (folder / "datasets.csv").write_text('name,year\n"COVIDx",\n')
        ...     with changes(folder, command="set", who="Lee") as tx:
        ...         table = tx.table("datasets.csv")
        ...         table.set(table.rows[0], "year", "2020")
        ...     (folder / "datasets.csv").read_text()
        'name,year\n"COVIDx",2020\n'
    """
    from review.project.review import Review

    if isinstance(review, Review):
        review.require_writable()
    folder = review.path if isinstance(review, Review) else review
    if dry_run:
        tx = Changes(review, command=command, who=who, dry_run=True)
        yield tx
        tx.tell()
        return
    with locked(folder):
        tx = Changes(review, command=command, who=who)
        yield tx
        try:
            tx._write()  # noqa: SLF001  the other half of this class
        except OSError as error:
            where = error.filename2 or error.filename or folder
            if STAGING in str(where):
                where = folder
            raise InputError(
                f"cannot write {where}: {error.strerror}; nothing was changed"
            ) from None
    tx.tell()
