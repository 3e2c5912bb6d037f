"""From the edits of a transaction to lines of `log.csv`, and the log with these lines added.

The log is read as bytes only: its first line, and the number that each line begins with. Adding to
it takes no longer the more columns the other files have, and never changes what it holds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError
from review.project.bounded import read_bounded
from review.project.csv_records import format_row
from review.project.problems import Problem
from review.project.storage import real_file
from review.schema.change_log import (
    CELL,
    COLUMNS,
    FILE,
    HEADER,
    LOG,
    ROW,
    LoggedChange,
    LogRow,
    added_text,
    digest_text,
    file_text,
    names_text,
    row_text,
)
from review.schema.folder_files import registered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from review.project.csv_tables import Edit, RawTable

_NUMBERS: Final = re.compile(rb"[\r\n]([1-9][0-9]{0,14}),")
_FIRST_LINE: Final = re.compile(rb"([^\r\n]*)(\r\n|\n|\r|)")
_BOM: Final = b"\xef\xbb\xbf"


def key_column(name: str, header: Sequence[str]) -> str:
    """Return the column that names the rows of a table: its key, or what it refers to.

    Example:
        >>> key_column("results.csv", ["metric", "study_id"]), key_column("searches.csv", ["date"])
        ('study_id', 'date')
    """
    try:
        file = registered(name)
    except KeyError:
        wanted: list[str] = []
    else:
        wanted = [c for c in (file.key, *(c for c, _ in file.references)) if c]
    wanted += ["study_id", "record_id", "id", "name", "source"]
    return next((c for c in wanted if c in header), header[0] if header else "")


def is_keyed(name: str) -> bool:
    """Tell whether the key of a table stands in one row only."""
    try:
        return registered(name).key is not None
    except KeyError:
        return False


def table_records(table: RawTable) -> list[dict[str, Any]]:
    """Return what the log says of the edits of a table; not yet whose they are, and when.

    A cell is told by the key of its row. Where that can stand in several rows (results.csv), the
    whole row is kept instead, as it was and as it is: so it is found again wherever it stands.
    """
    first = table.edits[0].before if table.edits and not table.edits[0].number else None
    key = key_column(table.name, [*table.header, *(first or ())])
    keyed = is_keyed(table.name)
    # as they are after all edits, or were when they were taken out
    final = {row.number: row.cells for row in table.records}
    final |= {e.number: e.before for e in table.edits if e.before is not None and e.after is None}
    found: list[dict[str, Any]] = []
    told: set[int] = set()
    for edit in table.edits:
        if edit.number == 0:
            old, new = names_text(edit.before or {}), names_text(edit.after or {})
            found.append({"file": table.name, "what": COLUMNS, "old": old, "new": new})
            continue
        cells = final[edit.number]
        where = {"file": table.name, "row": cells.get(key, "").strip(), "line": edit.line or None}
        if edit.before is None or edit.after is None:
            old = "" if edit.before is None else row_text(edit.before)
            new = "" if edit.after is None else added_text(edit.after)
            found.append({**where, "what": ROW, "old": old, "new": new})
        elif keyed:
            for name, text in edit.after.items():
                cell = {"what": CELL, "variable": name, "old": edit.before[name], "new": text}
                found.append(where | cell)
        elif edit.number not in told:
            told.add(edit.number)
            before = _before(table.edits, edit.number, cells)
            found.append({**where, "what": ROW, "old": row_text(before), "new": row_text(cells)})
    return found


def _before(edits: Sequence[Edit], number: int, cells: dict[str, str]) -> dict[str, str]:
    """Return the cells of a row as they were before the edits that set some of them."""
    former = dict(cells)
    for edit in reversed(edits):
        if edit.number == number and edit.before is not None and edit.after is not None:
            former |= edit.before
    return former


def file_record(name: str, former: bytes | None, data: bytes | None) -> dict[str, Any]:
    """Return what the log says of a file that is made, written anew or taken away."""
    old = "" if former is None else file_text(former)
    return {
        "file": name,
        "what": FILE,
        "old": old,
        "new": "" if data is None else digest_text(data),
    }


def digest_record(name: str, old: str | None, new: str | None) -> dict[str, Any]:
    """Return what the log says of a file that is too large to be kept.

    Args:
        name: of the file.
        old: SHA-256 of its bytes before, None where there was none.
        new: SHA-256 of its bytes now, None where there is none.
    """
    return {
        "file": name,
        "what": FILE,
        "old": "" if old is None else f"sha256 {old}",
        "new": "" if new is None else f"sha256 {new}",
    }


def now() -> datetime:
    """Return the moment of a change."""
    return datetime.now(UTC).replace(microsecond=0)


def user() -> str:
    """Return who works here: REVIEW_USER, otherwise the login name."""
    import getpass
    import os

    try:
        name = os.environ.get("REVIEW_USER", "").strip() or getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without a name for the user
        name = ""
    return name


def _printable(name: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in name)
    return " ".join(shown.split())


def with_records(
    folder: Path, records: Sequence[dict[str, Any]], *, command: str, who: str
) -> tuple[bytes | None, bytes, LoggedChange]:
    """Return the log as it is, with the lines of a change added, and the change.

    Raises:
        DataError: the file is there and is no log.
        InputError: a link leads elsewhere.
    """
    path = real_file(folder, LOG)
    former = read_bounded(path, LOG) if path.exists() else None
    first = format_row(HEADER, "\n").encode()
    data = first if former is None else former
    start = _FIRST_LINE.match(data.removeprefix(_BOM))
    if start is None or start.group(1).strip() != first.strip():
        problem = Problem(
            LOG, "the first line is not that of a log, so no change can be added", line=1,
            allowed=",".join(HEADER),
            remedy="repair the line, or rename the file: the next change begins a new one",
        )  # fmt: skip
        raise DataError(f"{problem}; nothing was changed", [problem])
    number = 1 + max(map(int, _NUMBERS.findall(data)), default=0)
    moment, who = now(), _printable(who or user())
    shared = {"change": number, "when": moment, "who": who, "command": command}
    rows = tuple(LogRow.model_construct(**{**shared, **record}) for record in records)
    newline = start.group(2).decode() or "\n"
    text = "".join(format_row(row.cells(), newline) for row in rows)
    if not data.endswith((b"\n", b"\r")):
        data += newline.encode()
    change = LoggedChange(number, moment, who, command, rows)
    return former, data + text.encode("utf-8", "backslashreplace"), change
