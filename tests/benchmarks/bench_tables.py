"""Time the reading of tables beside pandas: CSV against its C reader, Excel against calamine.

Run it from the checkout: `python tests/benchmarks/bench_tables.py [--rows 100000] [--columns 30]`.
Both read the same file; ours gives numbers as numbers and words as text, with encoding, delimiter,
layout, missing words and decimal marks checked. The best of several runs in seconds, with the ratio
that the project promises; on a busy machine the smallest ratio of several tries counts.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from review.formats.grid import letters
from review.formats.reading import read_sheet
from review.formats.typed_columns import read_floats

if TYPE_CHECKING:
    from collections.abc import Callable

PROMISED = {"csv": 2.0, "xlsx": 1.0}


def table(rows: int, columns: int, seed: int = 1) -> pd.DataFrame:
    """A table of studies: a label, whole numbers, decimals, words, and some missing cells."""
    rng = np.random.default_rng(seed)
    data: dict[str, Any] = {"study": [f"Author {i} {2000 + i % 25}" for i in range(rows)]}
    for j in range(columns - 1):
        if j % 7 == 3:
            data[f"word{j}"] = rng.choice(["CT", "MRI", "ultrasound", "X-ray"], rows)
        elif j % 5 == 0:
            data[f"count{j}"] = rng.integers(0, 5000, rows)
        else:
            data[f"x{j}"] = np.round(rng.normal(0, 10, rows), 3)
    frame = pd.DataFrame(data)
    for name in [c for c in frame if c.startswith("x")][:2]:
        frame.loc[rng.integers(0, rows, rows // 50), name] = np.nan
    return frame


def write_workbook(frame: pd.DataFrame, path: Path) -> None:
    """Write a workbook as Excel does, with shared strings: openpyxl takes minutes for this size."""
    from openpyxl import Workbook

    shared: dict[str, int] = {}
    lines = []
    columns = [frame[name].tolist() for name in frame]
    for number, row in enumerate([tuple(frame), *zip(*columns, strict=True)], 1):
        cells = []
        for j, value in enumerate(row):
            place = f"{letters(j)}{number}"
            if isinstance(value, str):
                index = shared.setdefault(value, len(shared))
                cells.append(f'<c r="{place}" t="s"><v>{index}</v></c>')
            elif value == value:  # noqa: PLR0124  NaN leaves an empty cell
                cells.append(f'<c r="{place}"><v>{value!r}</v></c>')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    names = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    start = '<?xml version="1.0" encoding="UTF-8"?>'
    size = f'<dimension ref="A1:{letters(len(columns) - 1)}{len(frame) + 1}"/>'
    parts = {
        "xl/worksheets/sheet1.xml": f"{start}<worksheet {names}>{size}<sheetData>"
        f"{''.join(lines)}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"{start}<sst {names}>"
        f"{''.join(f'<si><t>{text}</t></si>' for text in shared)}</sst>",
    }
    empty = io.BytesIO()
    book = Workbook()
    book.active["A1"] = "x"  # so that shared strings are declared
    book.save(empty)
    with (
        zipfile.ZipFile(empty) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in {*source.namelist(), *parts}:
            target.writestr(name, parts.get(name) or source.read(name))


def ours(path: Path) -> None:
    """Read every column of a file."""
    found = read_sheet(path)
    for heading in found.headings:
        if heading.startswith(("study", "word")):
            found.texts(heading)
        else:
            read_floats(found, heading)
    found.require()


def best(read: Callable[[], object], runs: int) -> float:
    """Return the shortest of several runs in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        read()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print one line for each kind of file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    frame = table(options.rows, options.columns)
    with tempfile.TemporaryDirectory() as folder:
        csv, xlsx = Path(folder) / "table.csv", Path(folder) / "table.xlsx"
        frame.to_csv(csv, index=False, na_rep="NA")
        write_workbook(frame, xlsx)
        readers: dict[str, tuple[Path, Callable[[], object]]] = {
            "csv": (csv, lambda: pd.read_csv(csv)),
            "xlsx": (xlsx, lambda: pd.read_excel(xlsx, engine="calamine")),
        }
        for kind, (path, theirs) in readers.items():
            runs = options.runs if kind == "csv" else max(2, options.runs // 2)
            pandas_time = best(theirs, runs)
            our_time = best(lambda path=path: ours(path), runs)  # type: ignore[misc]
            print(
                f"{kind:5} ours {our_time:.3f} s, pandas {pandas_time:.3f} s: "
                f"{our_time / pandas_time:.2f} times (promised: at most {PROMISED[kind]:.0f})"
            )


if __name__ == "__main__":
    main()
