r"""`log.csv`: every change of a review folder, one line of text per cell, row or file.

A line break inside a value is written `\n`, so that each change stays on one line: the file can be
read with any tool, compared line by line, and added to without reading it whole.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from review.errors import suggest
from review.schema.cell_types import CellError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG: Final = "log.csv"
CELL: Final = "cell"
ROW: Final = "row"
COLUMNS: Final = "columns"
FILE: Final = "file"
KINDS: Final = (CELL, ROW, COLUMNS, FILE)
KEPT_BYTES: Final = 200_000  # of a file that is no table; longer ones are named by their digest
KEPT_ROW: Final = 2_000  # characters of a new row; longer ones are named by their digest
_SIGNS: Final = {"n": "\n", "r": "\r", "\\": "\\"}
_WHEN: Final = "%Y-%m-%dT%H:%M:%SZ"


def escape(text: str) -> str:
    r"""Return a text on one line.

    Example:
        >>> escape("a\nb"), unescape(escape("a\\n\r\nb")) == "a\\n\r\nb"
        ('a\\nb', True)
    """
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def unescape(value: Any) -> str:
    """Return the text that `escape` put on one line.

    Raises:
        CellError: a backslash stands before something else.
    """

    def sign(found: re.Match[str]) -> str:
        if found.group(1) not in _SIGNS:
            raise CellError(
                f"{found.group()!r} is no sign of the log",
                allowed=r"\n and \r for line breaks, \\ for a backslash",
            )
        return _SIGNS[found.group(1)]

    return re.sub(r"\\(.?)", sign, str(value), flags=re.DOTALL)


def when_text(moment: datetime) -> str:
    """Return a moment as the log writes it: UTC, to the second."""
    return moment.astimezone(UTC).strftime(_WHEN)


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.strptime(str(value).strip(), _WHEN).replace(tzinfo=UTC)
    except ValueError:
        raise CellError("not a moment", allowed="one like 2026-01-31T09:30:00Z (UTC)") from None


def _number(value: Any) -> int:
    text = str(value).strip()
    if re.fullmatch(r"[1-9][0-9]{0,14}", text, re.ASCII):
        return int(text)
    raise CellError("no number of a change", allowed="a whole number from 1 on")


def _line(value: Any) -> int | None:
    return None if value is None or not str(value).strip() else _number(value)


def _kind(value: Any) -> str:
    text = str(value).strip()
    if text in KINDS:
        return text
    raise CellError(
        "unknown word",
        allowed=", ".join(KINDS),
        suggestion=next(iter(suggest(text, KINDS, most=1)), None),
    )


Exact = Annotated[str, BeforeValidator(unescape)]


class LogRow(BaseModel):
    r"""One line of `log.csv`.

    Attributes:
        change: number of the change; what one command changed has one number.
        when: UTC.
        who: made it: the name that the command was given, otherwise the login name.
        command: that made it; `undo 12` took change 12 back.
        file: that changed, relative to the folder.
        row: the row's key: its study_id, record_id or name.
        line: of the file where the row stood before (of a new row: where it stands now).
        what: `cell`, `row`, `columns` or `file`.
        variable: the column of a cell.
        old, new: of a cell its text; of a row its filled cells, and of columns their names, as
            JSON; of a file its former text as JSON (only the SHA-256 where it is no text, or long)
            and the SHA-256 of its new bytes. Of a long new row the SHA-256 of the JSON. Empty where
            there was, or is, none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    change: Annotated[int, BeforeValidator(_number)]
    when: Annotated[datetime, BeforeValidator(_moment)]
    who: Exact = ""
    command: Exact
    file: Exact
    row: Exact = ""
    line: Annotated[int | None, BeforeValidator(_line)] = None
    what: Annotated[str, BeforeValidator(_kind)]
    variable: Exact = ""
    old: Exact = ""
    new: Exact = ""

    @model_validator(mode="after")
    def _holds_what_it_says(self) -> LogRow:
        try:
            for text in (self.old, self.new):
                if self.what == ROW and text and (self.old or not is_digest(text)):
                    cells_in(text)
                elif self.what == COLUMNS:
                    names_in(text)
                elif self.what == FILE and text and not is_digest(text):
                    text_in(text)
        except (ValueError, TypeError, RecursionError):
            raise ValueError(f"old and new hold no {self.what} as the log writes it") from None
        return self

    def cells(self) -> list[str]:
        """Return the texts of the line, in the order of `HEADER`."""
        line = "" if self.line is None else str(self.line)
        texts = (self.file, self.row, line, self.what, self.variable, self.old, self.new)
        first = (str(self.change), when_text(self.when), self.who, self.command)
        return [escape(text) for text in (*first, *texts)]

    @property
    def place(self) -> str:
        """The file, the row and the column."""
        return " ".join(part for part in (self.file, self.row, self.variable) if part)

    def __str__(self) -> str:
        """Such as `studies.csv lee2018 auc: 0.90 -> 0.91`."""
        if self.what == CELL:
            return f"{self.place}: {self.old or '(empty)'} -> {self.new or '(empty)'}"
        if self.what == COLUMNS:
            return f"{self.place}: {self._columns()}"
        if self.what == ROW and self.old and self.new:
            return f"{self.place}: {self._cells()}"
        done = "added" if not self.old else "taken out"
        if self.what == FILE:
            done = "made" if not self.old else "taken away" if not self.new else "written anew"
        noun = "row " if self.what == ROW else ""
        return f"{self.place}: {noun}{done}"

    def _cells(self) -> str:
        old, new = cells_in(self.old), cells_in(self.new)
        return ", ".join(
            f"{c}: {old.get(c) or '(empty)'} -> {new.get(c) or '(empty)'}"
            for c in {**old, **new}
            if old.get(c) != new.get(c)
        )

    def _columns(self) -> str:
        old, new = (names_in(text) for text in (self.old, self.new))
        gone = f"columns taken out: {', '.join(old)}" if old else ""
        came = f"columns added: {', '.join(new)}" if new else ""
        return "; ".join(part for part in (gone, came) if part)


HEADER: Final = tuple(LogRow.model_fields)


def names_in(text: str) -> list[str]:
    """Return the names of columns that an entry of the log holds.

    Raises:
        ValueError, TypeError: it holds something else.
    """
    found = json.loads(text) if text else []
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise TypeError("no list of names")
    return found


def cells_in(text: str) -> dict[str, str]:
    """Return the filled cells of a row that an entry of the log holds.

    Raises:
        ValueError, TypeError: it holds something else.
    """
    found = json.loads(text)
    if not isinstance(found, dict) or not all(isinstance(cell, str) for cell in found.values()):
        raise TypeError("no cells of a row")
    return found


def text_in(text: str) -> str:
    """Return the text of a file that an entry of the log holds.

    Raises:
        ValueError, TypeError: it holds something else.
    """
    found = json.loads(text)
    if not isinstance(found, str):
        raise TypeError("no text of a file")
    return found


def is_digest(text: str) -> bool:
    """Tell whether an entry names a file by the SHA-256 of its bytes."""
    return re.fullmatch(r"sha256 [0-9a-f]{64}", text) is not None


def digest_text(data: bytes) -> str:
    """Return how the log names the bytes of a file."""
    return f"sha256 {hashlib.sha256(data).hexdigest()}"


def file_text(data: bytes) -> str:
    r"""Return the bytes of a file as the log keeps them, so that they can be put back.

    Example:
        >>> file_text(b"a = 1\n"), file_text(b"\xff")[:9]
        ('"a = 1\\n"', 'sha256 a8')
    """
    try:
        text = data.decode("utf-8") if len(data) <= KEPT_BYTES else None
    except UnicodeDecodeError:
        text = None
    return digest_text(data) if text is None else json.dumps(text, ensure_ascii=False)


def row_text(cells: Mapping[str, str]) -> str:
    """Return the filled cells of a row as an entry of the log holds them.

    Example:
        >>> row_text({"study_id": "lee2018", "year": "", "auc": "0.90"})
        '{"study_id": "lee2018", "auc": "0.90"}'
    """
    return json.dumps({c: t for c, t in cells.items() if t}, ensure_ascii=False)


def added_text(cells: Mapping[str, str]) -> str:
    """Return a new row as an entry of the log holds it: a long one by its digest.

    The row itself stands in its table, and is kept whole when it is taken out: so thousands of
    imported records with their abstracts are not written twice.
    """
    text = row_text(cells)
    return text if len(text) <= KEPT_ROW else digest_text(text.encode("utf-8", "backslashreplace"))


def names_text(names: Mapping[str, str]) -> str:
    """Return names of columns as an entry of the log holds them; "" for none."""
    return json.dumps(list(names), ensure_ascii=False) if names else ""


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """What one command changed.

    Attributes:
        number: of the change, for `review undo`.
        when: UTC.
        who: made it.
        command: that made it.
        rows: the lines of the log, in order.
        undone_by: the number of the change that took it back, if that still holds.
    """

    number: int
    when: datetime
    who: str
    command: str
    rows: tuple[LogRow, ...]
    undone_by: int | None = None

    @property
    def undoes(self) -> int | None:
        """The number of the change that this one took back."""
        found = re.fullmatch(r"undo ([0-9]{1,15})", self.command, re.ASCII)
        return int(found.group(1)) if found else None

    @property
    def title(self) -> str:
        """Such as `change 12 (set, Lee, 2026-01-31T09:30:00Z)`."""
        by = f", {self.who}" if self.who else ""
        return f"change {self.number} ({self.command}{by}, {when_text(self.when)})"

    def to_dict(self) -> dict[str, Any]:
        """Return the change as a dictionary for JSON."""
        return {
            "change": self.number,
            "when": when_text(self.when),
            "who": self.who,
            "command": self.command,
            "undone_by": self.undone_by,
            "rows": [{name: getattr(row, name) for name in HEADER[4:]} for row in self.rows],
        }
