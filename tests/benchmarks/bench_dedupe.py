"""De-duplication on labelled sets: what is found, what is removed wrongly, how fast.

Run it by hand; it prints and asserts nothing:

    python tests/benchmarks/bench_dedupe.py FOLDER [SET ...]
    python tests/benchmarks/bench_dedupe.py FOLDER --copies N [SET ...]

FOLDER holds `SET.csv` or `SET.csv.gz` (with a column `ID`) and `SET.gold.csv` (`ID,group`). With
--copies the sets are repeated up to N records, each copy with letters, numbers and DOIs changed, so
that copies are no duplicates of each other: for time and memory alone.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import re
import resource
import string
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from review.workflow.records.duplicate_keys import RecordKeys
from review.workflow.records.found_duplicates import duplicates_among

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[str, str]


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of a table, packed or not."""
    csv.field_size_limit(10**9)
    packed = path.suffix == ".gz"
    with (gzip.open if packed else open)(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def changed(row: Row, copy: int) -> Row:
    """The same record of another world: other letters, pages and DOI, the same lengths."""
    letters = random.Random(copy).sample(string.ascii_lowercase, 26)
    table = str.maketrans(string.ascii_letters, "".join(letters) + "".join(letters).upper())
    made = {k: v for k, v in row.items() if k != "abstract"}
    made["title"] = row["title"].translate(table)
    made["author"] = re.sub(r"\b(?!and\b)\w+", lambda m: m[0].translate(table), row["author"])
    made["volume"] = re.sub(r"^\d+", lambda m: str(int(m[0]) + 1000 * copy), row["volume"])
    made["doi"] = row["doi"] and f"{row['doi']}.{copy}x"
    made["ID"] = f"{row['ID']}/{copy}"
    return made


def report(name: str, rows: Iterator[Row], gold: dict[str, str]) -> None:
    """Print what is found in the rows."""
    collected = RecordKeys()
    spent = 0.0
    chunk: list[Row] = []

    def take() -> float:
        start = time.process_time()
        for row in chunk:
            collected.add(row)
        chunk.clear()
        return time.process_time() - start

    for row in rows:
        chunk.append(row)
        if len(chunk) == 2000:
            spent += take()
    spent += take()
    start = time.process_time()
    found = duplicates_among(collected)
    seconds = spent + time.process_time() - start
    group_of = [gold[i] for i in collected.ids]
    removable = sum(n - 1 for n in Counter(group_of).values())
    counts = [Counter(gold[i] for i in group) for group in found.groups]
    right = sum(n - 1 for count in counts for n in count.values())
    wrong = sum(len(count) - 1 for count in counts)
    doubtful = {i for link in found.doubtful for i in link[:2]}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name:16} {found.n:9,} records  sensitivity {right / max(removable, 1):.4f} "
        f"({right:,} of {removable:,})  wrong {wrong}  "
        f"doubtful {len(doubtful) / max(found.n, 1):.4f}  reports {len(found.reports):,}  "
        f"{seconds:.2f} s CPU  {peak:.0f} MB peak"
    )


def main() -> None:
    """Read the arguments, print a line per set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--copies", type=int, default=0, metavar="N")
    given = parser.parse_args()
    tables = {
        path.name.partition(".")[0]: path
        for path in sorted(given.folder.glob("*.csv*"))
        if ".gold." not in path.name
        and (given.folder / f"{path.name.partition('.')[0]}.gold.csv").exists()
    }
    names = given.sets or list(tables)
    gold = {
        name: {r["ID"]: r["group"] for r in rows_of(given.folder / f"{name}.gold.csv")}
        for name in names
    }
    if not given.copies:
        for name in names:
            report(name, rows_of(tables[name]), gold[name])
        return
    groups: dict[str, str] = {}

    def copies() -> Iterator[Row]:
        copy = 0
        while True:
            for name in names:
                for row in rows_of(tables[name]):
                    if len(groups) == given.copies:
                        return
                    made = changed(row, copy)
                    made["ID"] = f"{name}/{made['ID']}"
                    groups[made["ID"]] = f"{name}/{gold[name][row['ID']]}/{copy}"
                    yield made
            copy += 1

    report("copies", copies(), groups)


if __name__ == "__main__":
    main()
