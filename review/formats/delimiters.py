"""Which character separates the cells of a text file: tried, not sniffed.

Each candidate reads the beginning of the file, and the one that gives rows of equal width under a
first row of that width is taken. Commas in text, decimal commas and lists with semicolons do not
keep that up over many rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.schema.numerals import COMMA, POINT, find_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

# the earlier ones stand in ordinary text more rarely, and win where several fit
CANDIDATES: Final = ("\t", ";", "|", ",")
_SAMPLE: Final = 65_536
_RECORDS: Final = 300


def find_delimiter(text: str) -> str | None:
    r"""Return the character that separates the cells, None when the file has one column.

    Args:
        text: of the file.

    Example:
        >>> find_delimiter("study;auc\nKim, 2020;0,93\nLee, 2021;0,87\n")
        ';'
        >>> find_delimiter("study,tools\nKim,CT;MRI\nLee,CT;PET\n")
        ','
        >>> find_delimiter("title\nDeep learning, a review\n") is None
        True
    """
    sample = _beginning(text)
    tried = [t for d in CANDIDATES if (t := _try(sample, d)) is not None]
    if tried:
        return max(tried, key=lambda t: (t.heads, -t.stray, t.share)).delimiter
    return " " if _by_spaces(sample) else None


@dataclass(frozen=True)
class _Trial:
    """How well a candidate fits: the first row has the width of the rows; stray quotes; share."""

    delimiter: str
    heads: bool
    stray: int
    share: float


def _beginning(text: str) -> str:
    if len(text) <= _SAMPLE:
        return text
    cut = text.rfind("\n", 0, _SAMPLE)
    return text[: cut if cut > 0 else _SAMPLE]


def _try(sample: str, delimiter: str) -> _Trial | None:
    """Return how a candidate reads the sample; None when it makes no table."""
    records = _records(sample, delimiter)
    widths = [len(r) for r in records if any(r)]
    if not widths:
        return None
    usual = _usual(widths)
    if usual < 2:
        return None
    heads = widths[0] == usual
    start = next(i for i, w in enumerate(widths) if w == usual)
    share = widths[start:].count(usual) / len(widths[start:])
    titled = _under_a_title([r for r in records if any(r)], start, share, usual)
    if not heads and not titled and widths[0] < 2:
        return None
    stray = sum(cell.count('"') % 2 for record in records for cell in record)
    return _Trial(delimiter, heads, stray, share)


def _usual(widths: Sequence[int]) -> int:
    """Return the width of most rows; of the first row when that is as common as any."""
    counts = Counter(widths)
    most = max(counts.values())
    return widths[0] if counts[widths[0]] == most else counts.most_common(1)[0][0]


def _under_a_title(records: list[list[str]], start: int, share: float, usual: int) -> bool:
    """Tell whether the rows before the table are a title: one cell each, then headings.

    A first row of another width is otherwise the heading of a file with fewer columns.
    """
    above, heading, body = records[:start], records[start], records[start + 1 :]
    return (
        share == 1
        and usual >= 3
        and bool(body)
        and all(len(r) - r.count("") == 1 for r in above)
        and all(h and not _is_number(h) for h in heading)
    )


def _records(sample: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True)
    records: list[list[str]] = []
    try:
        for record in reader:
            records.append([cell.strip() for cell in record])
            if len(records) == _RECORDS:
                break
    except csv.Error:  # said where the file is read
        pass
    return records


def _by_spaces(sample: str) -> bool:
    """Tell whether blanks separate cells: as many in each row, most of them numbers."""
    records = [r for r in _records(sample, " ") if any(r)]
    if len(records) < 3 or len({len(r) for r in records}) > 1 or len(records[0]) < 2:
        return False
    numbers = [cell for record in records[1:] for cell in record if _is_number(cell)]
    cells = len(records[0]) * (len(records) - 1)
    return 2 * len(numbers) >= cells and not any(map(_is_number, records[0]))


def _is_number(text: str) -> bool:
    if not re.search(r"\d", text):
        return False
    return find_decimal(text, POINT) is not None or find_decimal(text, COMMA) is not None
