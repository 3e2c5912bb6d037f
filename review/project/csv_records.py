"""CSV text by the rules of Python's csv module, with the place of every cell.

The csv module decides what the cells of a record are; the regular expression below only finds
where in the record's own text each of them stands, so that one can be written anew while every
other character stays. Both follow RFC 4180 with what programs do in practice: a quotation mark
inside a field that does not begin with one is a plain character (5" MRI), lines end with a line
feed, a carriage return and a line feed, or (old spreadsheet programs) a carriage return alone.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from review.errors import DataError
from review.project.problems import Problem
from review.schema.cell_types import MAX_CELL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FIELD: Final = re.compile(r'"[^"]*(?:""[^"]*)*"|(?!")[^,\r\n]*')
_NEEDS_QUOTES: Final = re.compile(r'[",\r\n]')


class Record(NamedTuple):
    """One record of a CSV text: the line that it starts on, its cells, its own text."""

    line: int
    cells: list[str]
    raw: str


def lines_of(text: str) -> list[str]:
    r"""Return the lines of a text with their ends; only \n, \r\n and \r end a line.

    Example:
        >>> lines_of("a\rb\r\nc\x85d")
        ['a\r', 'b\r\n', 'c\x85d']
    """
    return list(io.StringIO(text, newline=""))


def line_end(raw: str) -> str:
    r"""Return how a record ends: "\n", "\r\n", "\r", or "" at the end of an unfinished file."""
    if raw.endswith("\n"):
        return "\r\n" if raw.endswith("\r\n") else "\n"
    return "\r" if raw.endswith("\r") else ""


def records(text: str, name: str) -> Iterator[Record]:
    """Yield the records of a CSV text, blank lines included (with no cells).

    Raises:
        DataError: broken quoting, or line ends that are mixed so that rows cannot be told apart.
    """
    held: list[str] = []  # the lines of the record that is being read

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            held.append(line)
            yield line

    previous = csv.field_size_limit(max(len(text), MAX_CELL))
    try:
        reader = csv.reader(lines(), strict=True)
        start, bare = 0, None
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise broken_csv(name, start + 1, str(error)) from None
            raw = "".join(held)
            held.clear()
            if (end := line_end(raw)) and bare is None:
                bare = end == "\r"
            elif end and bare is not (end == "\r"):
                raise broken_csv(name, start + 1, "new-line character")
            yield Record(start + 1, cells, raw)
            start = reader.line_num
    finally:
        csv.field_size_limit(previous)


def broken_csv(name: str, line: int, said: str) -> DataError:
    """Return the error of a CSV text whose quotation marks or line ends do not match.

    Args:
        name: of the file.
        line: where the record starts.
        said: what the csv module says.
    """
    allowed = 'a double quote inside a cell is written twice: "say ""yes"""'
    if "unexpected end of data" in said:
        said = "a double quote opens here and is never closed"
    elif "expected after" in said:
        said = "text follows a closing double quote"
    elif "new-line character" in said:
        said = "a bare carriage return ends some lines, a line feed others"
        allowed = "one kind of line end; inside a cell between double quotes any of them"
    problem = Problem(name, f"broken CSV: {said}", line=line, allowed=allowed)
    return DataError(str(problem), [problem])


def cell_spans(raw: str) -> list[tuple[int, int]]:
    r"""Return where each cell of a record stands in its text, quotation marks included.

    Raises:
        ValueError: the text is no record that the csv module reads.

    Example:
        >>> raw = '5" MRI,"a, b",\r\n'
        >>> [raw[start:end] for start, end in cell_spans(raw)]
        ['5" MRI', '"a, b"', '']
    """
    body, spans, at = raw[: len(raw) - len(line_end(raw))], [], 0
    while True:
        found = _FIELD.match(body, at)
        if found is None or (found.end() < len(body) and body[found.end()] != ","):
            raise ValueError(f"not a CSV record: {raw[:80]!r}")
        spans.append(found.span())
        if found.end() == len(body):
            return spans
        at = found.end() + 1


def format_cell(text: str, *, quoted: bool = False) -> str:
    """Return a cell as it stands in a record: between quotation marks where it must be."""
    if quoted or _NEEDS_QUOTES.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def format_row(cells: Sequence[str], newline: str, *, quoted: Sequence[bool] = ()) -> str:
    r"""Return cells as one CSV record.

    Args:
        cells: the texts.
        newline: how the record ends.
        quoted: which cells stand between quotation marks even where they need not.

    Example:
        >>> format_row(["a", "b,c"], "\n")
        'a,"b,c"\n'
        >>> format_row(["a", "1"], "\n", quoted=[True, False])
        '"a",1\n'
    """
    if list(cells) == [""]:  # without the marks this would be a blank line
        return '""' + newline
    wanted = [*quoted, *[False] * (len(cells) - len(quoted))]
    return ",".join(map(_formatted, cells, wanted)) + newline


def _formatted(text: str, quoted: bool) -> str:
    return format_cell(text, quoted=quoted)


def quoting(raw: str) -> list[bool]:
    """Tell which cells of a record stand between quotation marks without need: its style.

    Example:
        >>> quoting('"lee2018",0.9,"a, b"')
        [True, False, False]
    """
    return [
        raw[start:end].startswith('"') and not _NEEDS_QUOTES.search(raw[start + 1 : end - 1])
        for start, end in cell_spans(raw)
    ]


def replace_cell(raw: str, index: int, text: str) -> str:
    r"""Return a record with one cell written anew; every other character stays.

    A cell that stood between quotation marks without need (the style of its file) stays so.

    Example:
        >>> replace_cell('a,"b, c",5" MRI,d\r\n', 3, "new")
        'a,"b, c",5" MRI,new\r\n'
        >>> replace_cell('"a","0.9"\n', 1, "0.91")
        '"a","0.91"\n'
    """
    start, end = cell_spans(raw)[index]
    if len(cell_spans(raw)) == 1:
        return format_row([text], line_end(raw), quoted=quoting(raw))
    return raw[:start] + format_cell(text, quoted=quoting(raw)[index]) + raw[end:]


def append_cells(raw: str, cells: Sequence[str]) -> str:
    r"""Return a record with more cells at its end; every other character stays.

    Example:
        >>> append_cells('"a","b"\r\n', [""])
        '"a","b",""\r\n'
    """
    end = line_end(raw)
    style = all(raw[s:e].startswith('"') for s, e in cell_spans(raw))
    more = "".join("," + format_cell(text, quoted=style) for text in cells)
    return raw[: len(raw) - len(end)] + more + end


def keep_cells(raw: str, kept: Sequence[int]) -> str:
    r"""Return a record with some of its cells only, by their places; their text stays as it is.

    Example:
        >>> keep_cells('"a",b,5" MRI\r\n', [0, 2])
        '"a",5" MRI\r\n'
    """
    spans = cell_spans(raw)
    cells = [raw[start:end] for start, end in (spans[i] for i in kept)]
    return (",".join(cells) or '""') + line_end(raw)
