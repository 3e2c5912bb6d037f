"""Large text files, read by the C reader of pandas where it reads the same as the careful one.

The careful reader makes an object of each cell, which takes a second for three million. Numbers
are parsed here without that, and the text of a column is made when somebody asks for it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from review.formats.grid import Numbers
from review.schema.missing_marks import MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

MIN_SIZE: Final = 1_000_000
# a quotation mark that neither opens nor closes a cell
_STRAY: Final = '[^{d}\\n"]"[^{d}\\n"]'


def bulk_cells(text: str, delimiter: str) -> BulkCells | None:
    """Return the cells of a file whose rows all have the same number, else None.

    Args:
        text: of the file.
        delimiter: between the cells.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if "\r" in text or "\0" in text or delimiter == " " or not delimiter.isascii():
        return None
    if not text.endswith("\n"):
        text += "\n"
    data = text.encode()
    bare = data
    if '"' in text:
        stray = _STRAY.format(d=re.escape(delimiter)).encode()
        if re.search(stray, data) or f"{delimiter} " in text:
            return None  # a mark inside a cell, or one after a blank, which the readers differ on
        bare = re.sub(rb'"[^"]*"', b"", data)
        if b'"' in bare or bare.count(b"\n") != data.count(b"\n"):
            return None  # marks that do not match, or line breaks inside cells
    width, height = bare[: bare.index(b"\n")].count(delimiter.encode()) + 1, _count(bare, "\n")
    if width < 2 or height < 2 or _count(bare, delimiter) != height * (width - 1):
        return None
    return BulkCells.parse(text, delimiter, height, width)


def _count(data: bytes, character: str) -> int:
    """Count a character, faster than `bytes.count` does."""
    import numpy as np

    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == ord(character)))


class BulkCells:
    """Cells that are text in memory, and numbers by column; see `grid.Cells`."""

    def __init__(self, text: str, delimiter: str, height: int, frame: pd.DataFrame) -> None:
        self.height, self.width = height, frame.shape[1]
        self._text, self._delimiter, self._frame = text, delimiter, frame
        self._columns: dict[int, list[str]] = {}
        self._commas = "," in text and (delimiter != "," or '"' in text)

    @classmethod
    def parse(cls, text: str, delimiter: str, height: int, width: int) -> BulkCells | None:
        """Read the numbers of all rows below the first."""
        import pandas as pd

        words = [m for w in MARKS for m in (w, w.upper())]
        try:
            frame = pd.read_csv(
                io.BytesIO(text.encode()), sep=delimiter, header=0, names=list(range(width)),
                engine="c", keep_default_na=False, na_values=["", *words],
                skip_blank_lines=False, **_exact(pd.__version__),  # type: ignore[call-overload]
            )  # fmt: skip
        except (pd.errors.ParserError, ValueError):
            return None
        return cls(text, delimiter, height, frame) if len(frame) == height - 1 else None

    def column(self, index: int) -> Sequence[Any]:
        """Return the text of a column."""
        if index not in self._columns:
            self._columns[index] = [self.row(0)[index], *self._texts(index)]
        return self._columns[index]

    def _texts(self, index: int) -> list[str]:
        """Return the text of a column below the first row, missing words as they stand there."""
        import pandas as pd

        series = self._frame[index]
        if series.dtype.kind in "fiub":  # the digits that were printed are read again
            series = pd.read_csv(
                io.StringIO(self._text), sep=self._delimiter, header=0, names=range(self.width),
                engine="c", dtype=str, na_filter=False, skip_blank_lines=False, usecols=[index],
            )[index]  # fmt: skip
            return list(map(str.strip, series.tolist()))
        texts = series.tolist()
        for row in self._gaps[index].nonzero()[0].tolist():
            texts[row] = self._cell(row + 1, index)
        return list(map(str.strip, texts))

    @cached_property
    def _gaps(self) -> list[Any]:
        """Where each column is empty or holds a word for missing, below the first row."""
        return [self._frame[index].isna().to_numpy() for index in range(self.width)]

    def row(self, index: int) -> Sequence[Any]:
        """Return the text of a row."""
        line = self._lines[index] if index else self._text[: self._text.index("\n")]
        cells = next(csv.reader([line], delimiter=self._delimiter))
        return [cell.strip() for cell in cells]

    @cached_property
    def _lines(self) -> list[str]:
        return self._text.split("\n")

    def _cell(self, row: int, index: int) -> str:
        line = self._lines[row]
        if '"' in line:
            return str(self.row(row)[index])
        return line.split(self._delimiter, index + 1)[index].strip()

    def filled(self) -> list[int]:
        """Return how many cells of each row are not empty.

        Words such as NA are counted only where hardly anything else stands in the row.
        """
        import numpy as np

        counts = np.full(self.height - 1, self.width)
        for gaps in self._gaps:
            if gaps.any():
                counts -= gaps
        first = self.width - self.row(0).count("")
        found: list[int] = [first, *counts.tolist()]
        for row in np.flatnonzero(counts <= 1).tolist():
            found[row + 1] = self.width - self.row(row + 1).count("")
        return found

    def numbers(self, index: int, start: int) -> Numbers | None:
        """Return a column of plain numbers and missing words, else None."""
        import numpy as np

        values = self._frame[index].to_numpy()
        # commas may be decimal, which a whole column decides
        if self._commas or start != 1 or values.dtype.kind not in "fi" or np.isinf(values).any():
            return None
        gaps = np.flatnonzero(self._gaps[index]).tolist()
        words = Counter(self._cell(row + 1, index) for row in gaps)
        return Numbers(values.astype(float, copy=False), words)  # type: ignore[arg-type]


def _exact(version: str) -> dict[str, str]:
    """Return the option that makes older pandas read decimals to the last digit, as newer do."""
    major, minor = (int(part) for part in version.split(".")[:2])
    return {} if (major, minor) >= (3, 1) else {"float_precision": "round_trip"}
