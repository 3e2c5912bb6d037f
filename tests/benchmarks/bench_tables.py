"""Time the reading of tables beside pandas: CSV against its C reader, Excel against calamine.

Run it from the checkout: `python tests/benchmarks/bench_tables.py [--rows 100000] [--columns 30]`.
Both read the same file; ours gives numbers as numbers and words as text, with encoding, delimiter,
layout, missing words and decimal marks checked. The best of several runs in seconds, with the ratio
that the project promises; on a busy machine the smallest ratio of several tries counts.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

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
        frame.to_excel(xlsx, index=False)
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
