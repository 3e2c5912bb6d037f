"""A problem in a file of a review: what is wrong, where, and what would be right."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from review.errors import DataError
from review.words import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem.

    Attributes:
        file: the file, relative to the review folder.
        line: the line in the file where the row starts (the header is line 1), or None.
        column: the column's name, or None when the whole row or file is meant.
        value: the text of the cell, shortened.
        allowed: what would be right, in words.
        suggestion: the closest right value, or None.
        study_id: the row's identifier, when known.
        sheet: of a workbook.
        cell: its place in a sheet, such as C7.
        remedy: what the user can do, as a sentence.
    """

    file: str
    message: str
    line: int | None = None
    column: str | None = None
    value: str | None = None
    allowed: str = ""
    suggestion: str | None = None
    study_id: str | None = None
    level: Level = "error"
    sheet: str | None = None
    cell: str | None = None
    remedy: str = ""

    def __str__(self) -> str:
        """`file:line: column 'x': message, 'value'; did you mean ...? (allowed: ...). Remedy.`.

        In a sheet the place is `file [sheet] C7`.
        """
        place = f"{self.file} [{self.sheet}]" if self.sheet else self.file
        if self.cell:
            place += f" {self.cell}"
        elif self.line is not None:
            place += f":{self.line}"
        study = f" [{self.study_id}]" if self.study_id else ""
        column = f" column {self.column!r}:" if self.column else ""
        value = f": {shorten(self.value)!r}" if self.value is not None else ""
        text = f"{place}:{study}{column} {self.message}{value}"
        if self.suggestion is not None:
            text += f"; did you mean {self.suggestion!r}?"
        text += f" (allowed: {_cut(self.allowed)})" if self.allowed else ""
        return text + (f". {self.remedy[0].upper()}{self.remedy[1:]}" if self.remedy else "")

    def to_dict(self) -> dict[str, Any]:
        """Return the problem as a dictionary for JSON."""
        return asdict(self) | {
            "value": None if self.value is None else shorten(self.value, 200),
            "allowed": _cut(self.allowed),
        }


def _cut(text: str, most: int = 1_500) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def shorten(text: str, most: int = 60) -> str:
    """Return `text` on one line, cut to `most` characters."""
    line = " ".join(text[: most * 4].split())
    return line if len(line) <= most else line[: most - 3] + "..."


def raise_problems(problems: Sequence[Problem], *, what: str, most: int = 20) -> None:
    """Raise a DataError that lists the errors among `problems`; return when there are none.

    Raises:
        DataError: there is at least one error.
    """
    errors = [p for p in problems if p.level == "error"]
    if not errors:
        return
    listed = "\n".join(f"  {p}" for p in errors[:most])
    more = f"\n  ... and {len(errors) - most} more" if len(errors) > most else ""
    raise DataError(f"{what}: {plural(len(errors), 'problem')}\n{listed}{more}", errors)
