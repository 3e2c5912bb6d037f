"""Work saved by the order of relevance on labelled collections, and how long a ranking takes.

Run it by hand; it prints and asserts nothing:

    python tests/benchmarks/bench_screening.py FILE.csv ... [--seeds 5] [--batch 10]

Each FILE has the columns title, abstract and a label (`included`, `label_included` or
`label_abstract_included`: 0 or 1). A screening starts from one included and one excluded record
drawn by the seed, and is ranked anew after each batch. WSS@95 (Cohen et al. 2006, JAMIA 13:206):
the share of records that need not be read when 95% of the included ones are found, less the 5% that
reading in any order would save.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
from pathlib import Path

import numpy as np

from review.workflow.screening.relevance_ranking import RelevanceRanking

LABELS = ("included", "label_included", "label_abstract_included")


def read(path: Path) -> tuple[list[dict[str, str]], np.ndarray]:
    """The records of a file, and their labels."""
    csv.field_size_limit(10**9)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [{**row, "record_id": str(i)} for i, row in enumerate(csv.DictReader(file))]
    label = next(name for name in LABELS if name in rows[0])
    return rows, np.array([row[label].strip() in {"1", "1.0"} for row in rows])


def screened(ranking: RelevanceRanking, labels: np.ndarray, seed: int, batch: int) -> list[int]:
    """The records in the order in which they are screened, up to the last included one."""
    rng = np.random.default_rng(seed)
    order = [int(rng.choice(np.flatnonzero(labels))), int(rng.choice(np.flatnonzero(~labels)))]
    decided = {str(i): bool(labels[i]) for i in order}
    found = 1
    while found < labels.sum():
        left = (i for i in ranking.order(decided) if i not in decided)
        for _, name in zip(range(batch), left, strict=False):
            order.append(int(name))
            decided[name] = bool(labels[int(name)])
            found += decided[name]
    return order


def wss(order: list[int], labels: np.ndarray, recall: float = 0.95) -> float:
    """The work saved over sampling at a recall."""
    needed = math.ceil(recall * labels.sum() - 1e-9)
    at = int(np.flatnonzero(np.cumsum(labels[order]) >= needed)[0]) + 1
    return (len(labels) - at) / len(labels) - (1 - recall)


def main() -> None:
    """Print a line per file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=10)
    given = parser.parse_args()
    for path in given.files:
        rows, labels = read(path)
        started = time.perf_counter()
        ranking = RelevanceRanking(rows)
        words = time.perf_counter() - started
        saved = [
            wss(screened(ranking, labels, seed, given.batch), labels) for seed in range(given.seeds)
        ]
        half = {str(i): bool(labels[i]) for i in range(len(labels) // 2)}
        started = time.perf_counter()
        ranking.order(half)
        again = time.perf_counter() - started
        print(
            f"{path.name}: {len(rows)} records, {labels.sum()} included; WSS@95 "
            f"{np.mean(saved):.3f} ({min(saved):.3f} to {max(saved):.3f}); words counted in "
            f"{words:.1f} s, ranked again in {again:.2f} s"
        )


if __name__ == "__main__":
    main()
