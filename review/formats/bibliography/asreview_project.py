"""A project of ASReview (`.asreview`): records and labels, read without ASReview.

The file is a zip archive of `project.json`, the data sets as they were uploaded, and an SQLite
database. The database may come from anybody: a copy of it is opened for reading only, nothing but
its plain tables is asked for, and the time that it may take is bounded.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
import time
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, ReviewError
from review.formats.bibliography.bib_record import BibRecord, Rejected
from review.project.problems import Problem
from review.words import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from review.formats.bibliography.source_bytes import Source
    from review.formats.bibliography.tagged_lines import Tally

MAX_UNPACKED: Final = 2_000_000_000
MAX_SECONDS: Final = 600
LABEL: Final = "asreview_label"
_DATABASES: Final = (".db", ".sql", ".sqlite")
# columns of the table of records that are fields of ours
_ONE: Final = {"title": "title", "abstract": "abstract"}
_MANY: Final = {"authors": "authors", "keywords": "keywords", "url": "url"}
_PLACES: Final = frozenset({"record_id", "dataset_row", "dataset_id", "group_id"})


def project_records(
    source: Source, tally: Tally, read: Callable[[Path], list[BibRecord | Rejected]]
) -> tuple[list[BibRecord | Rejected], int]:
    """Return the records of a project, and how many its database holds.

    A label stands in `extra` under `asreview_label` (1 relevant, 0 irrelevant). Fields that the
    database leaves out, such as journals, come from the data set in the archive.

    Args:
        source: the file.
        tally: gets what deserves a remark.
        read: reads a data set; what it cannot read raises a `ReviewError`.

    Raises:
        DataError: damaged, larger than any project, or of a version that is not known.
    """
    try:
        with (
            zipfile.ZipFile(source.path) as archive,
            tempfile.TemporaryDirectory(prefix="review-") as folder,
        ):
            _check_sizes(archive, source.name)
            database = _unpacked(archive, _DATABASES, Path(folder), source.name)
            sets = _data_sets(archive, Path(folder), read, tally)
            with _opened(database[0]) as connection:
                return _records(connection, sets, tally, source.name)
    except sqlite3.Error as error:
        raise _unreadable(source.name, f"its database: {error}") from None
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError,
        NotImplementedError,
    ) as error:  # fmt: skip
        raise _unreadable(source.name, str(error)) from None


def _unreadable(name: str, why: str) -> DataError:
    problem = Problem(
        name, f"not a readable ASReview project ({why})",
        remedy="export the data set with its labels from ASReview as RIS or CSV",
    )  # fmt: skip
    return DataError(str(problem), [problem])


def _check_sizes(archive: zipfile.ZipFile, name: str) -> None:
    whole = sum(part.file_size for part in archive.infolist())
    if whole > MAX_UNPACKED:
        raise _unreadable(name, f"{whole / 1e9:,.1f} GB once unpacked")


def _unpacked(
    archive: zipfile.ZipFile, ends: tuple[str, ...], folder: Path, name: str
) -> list[Path]:
    """Unpack the parts with one of these ends under names of our own."""
    made = [
        _copied(archive, part, folder)
        for part in archive.infolist()
        if part.filename.casefold().endswith(ends) and not part.is_dir()
    ]
    if not made:
        raise _unreadable(name, "there is no database in it")
    return made


def _copied(archive: zipfile.ZipFile, part: zipfile.ZipInfo, folder: Path) -> Path:
    """Unpack a part, no more of it than the archive says, and return where."""
    left = part.file_size
    with (
        archive.open(part) as packed,
        tempfile.NamedTemporaryFile(dir=folder, delete=False) as file,
    ):
        while left > 0 and (chunk := packed.read(min(1 << 20, left))):
            file.write(chunk)
            left -= len(chunk)
    return Path(file.name)


def _data_sets(
    archive: zipfile.ZipFile,
    folder: Path,
    read: Callable[[Path], list[BibRecord | Rejected]],
    tally: Tally,
) -> dict[str, list[BibRecord | Rejected]]:
    """Read the data sets as they were uploaded: name -> records."""
    found: dict[str, list[BibRecord | Rejected]] = {}
    for part in archive.infolist():
        path = PurePosixPath(part.filename)
        if path.parts[:1] != ("data",) or part.is_dir() or path.suffix in _DATABASES:
            continue
        try:
            found[path.name] = read(_copied(archive, part, folder))
        except ReviewError:
            tally.notes.append(f"the data set {path.name} in the project could not be read")
    return found


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{path.as_posix()}?mode=ro&immutable=1", uri=True)
    end = time.monotonic() + MAX_SECONDS
    connection.set_progress_handler(lambda: int(time.monotonic() > end), 100_000)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        yield connection
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]] | None:
    """Return the rows of a plain table, None when there is none; views are not looked at."""
    kind = connection.execute("SELECT type FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    if kind != ("table",):
        return None
    cursor = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608  one of our own names
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _records(
    connection: sqlite3.Connection,
    sets: dict[str, list[BibRecord | Rejected]],
    tally: Tally,
    name: str,
) -> tuple[list[BibRecord | Rejected], int]:
    results = _rows(connection, "results")
    if results is None:
        raise _unreadable(name, "there is no table of results in it")
    labels = {row.get("record_id"): row for row in results}
    rows = _rows(connection, "record")
    if rows is None:
        # before version 2 the database holds labels alone, by the place in the data set
        (first,) = [*sets.values()][:1] or [[]]
        made = [*first]
        given = [{"record_id": i} for i in range(len(made))]
    else:
        given = [*rows]
        made = [_base(row, sets) for row in given]
    for item, row in zip(made, given, strict=True):
        if isinstance(item, BibRecord):
            _complete(item, row)
            _label(item, labels.pop(row["record_id"], None))
    lost = [row for row in labels.values() if row.get("label") is not None]
    if lost:
        verb = "belongs" if len(lost) == 1 else "belong"
        tally.notes.append(f"{plural(len(lost), 'label')} {verb} to no record of the project")
    return made, len(given)


def _base(row: dict[str, Any], sets: dict[str, list[BibRecord | Rejected]]) -> BibRecord:
    """Return the record of the data set that a row is of, or an empty one."""
    number = row.get("dataset_row")
    there = sets.get(str(row.get("dataset_id")), [])
    found = there[number] if isinstance(number, int) and 0 <= number < len(there) else None
    title = " ".join(str(row.get("title") or "").split())
    if isinstance(found, BibRecord) and " ".join(found.title.split()) == title:
        # a label in the data set is what was known before, and no decision of this project
        found.extra = [
            (f"dataset {tag}" if "included" in tag or "label" in tag else tag, text)
            for tag, text in found.extra
        ]
        return found
    return BibRecord(number + 1 if isinstance(number, int) else 0)


def _complete(record: BibRecord, row: dict[str, Any]) -> None:
    """Add to a record what the database says of it."""
    for column, value in row.items():
        if value is None or value == "" or column in _PLACES:
            continue
        texts = _texts(value)
        if column in _ONE:
            record.one(_ONE[column], str(value), column)
        elif column in _MANY:
            if not getattr(record, _MANY[column]):
                record.many(_MANY[column], texts)
        elif column == "year":
            record.date(str(value), column)
        elif column == "doi":
            record.identifier(str(value), column)
        elif column == "notes":
            for text in texts:
                record.note(text)
        elif column != "included" or ("dataset included", str(value)) not in record.extra:
            record.keep("dataset included" if column == "included" else column, str(value))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str) and value.startswith("["):
        with contextlib.suppress(ValueError):
            return [str(v) for v in json.loads(value)]
    return [str(value)]


def _label(record: BibRecord, row: dict[str, Any] | None) -> None:
    if row is None:
        return
    if row.get("label") in {0, 1}:
        record.keep(LABEL, str(row["label"]))
    if row.get("note"):
        record.note(str(row["note"]))
    for column in ("tags", "user_id"):
        if row.get(column) not in {None, "", "null"}:
            record.keep(f"asreview_{column}", str(row[column]))
