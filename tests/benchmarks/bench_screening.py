"""Work saved by the order of relevance on labelled collections, and how long a ranking takes.

Run it by hand; it prints and asserts nothing:

    python tests/benchmarks/bench_screening.py FILE.csv ... [--seeds 10] [--batch 1]

Each FILE has the columns title, abstract and a label (`included`, `label_included` or
`label_abstract_included`: 0 or 1). A screening starts from one included and one excluded record
drawn by the seed, and is ranked anew after each batch. WSS@95 (Cohen et al. 2006, JAMIA 13:206):
the share of records that need not be read when 95% of the included ones are found, less the 5% that
reading in any order would save. Last the time (of the processor) that ranking 10,000 records anew
takes when half of them are decided.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
from pathlib import Path

import numpy as np

from review.workflow.screening.relevance_ranking import RelevanceRanking

RECALL = 0.95
LABELS = ("included", "label_included", "label_abstract_included")


def read(path: Path) -> tuple[list[dict[str, str]], np.ndarray]:
    """The records of a file, and their labels."""
    csv.field_size_limit(10**9)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [{**row, "record_id": str(i)} for i, row in enumerate(csv.DictReader(file))]
    label = next(name for name in LABELS if name in rows[0])
    return rows, np.array([row[label].strip() in {"1", "1.0"} for row in rows])


def screened(ranking: RelevanceRanking, labels: np.ndarray, seed: int, batch: int) -> list[int]:
    """The records in the order in which they are screened, until `RECALL` is reached."""
    rng = np.random.default_rng(seed)
    order = [int(rng.choice(np.flatnonzero(labels))), int(rng.choice(np.flatnonzero(~labels)))]
    decided = {str(i): bool(labels[i]) for i in order}
    found = 1
    while found < needed(labels):
        left = (i for i in ranking.order(decided) if i not in decided)
        for _, name in zip(range(batch), left, strict=False):
            order.append(int(name))
            decided[name] = bool(labels[int(name)])
            found += decided[name]
    return order


def needed(labels: np.ndarray) -> int:
    """How many included records have to be found."""
    return math.ceil(RECALL * labels.sum() - 1e-9)


def wss(order: list[int], labels: np.ndarray) -> float:
    """The work saved over sampling at `RECALL`."""
    at = int(np.flatnonzero(np.cumsum(labels[order]) >= needed(labels))[0]) + 1
    return float((len(labels) - at) / len(labels) - (1 - RECALL))


def main() -> None:
    """Print a line per file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--batch", type=int, default=1)
    given = parser.parse_args()
    every: list[dict[str, str]] = []
    for path in given.files:
        rows, labels = read(path)
        every += rows
        started = time.process_time()
        ranking = RelevanceRanking(rows)
        words = time.process_time() - started
        saved = [
            wss(screened(ranking, labels, seed, given.batch), labels) for seed in range(given.seeds)
        ]
        print(
            f"{path.name}: {len(rows)} records, {labels.sum()} included; WSS@95 "
            f"{np.mean(saved):.4f} ({min(saved):.4f} to {max(saved):.4f}); words counted in "
            f"{words:.1f} s",
            flush=True,
        )
    many = [{**every[i % len(every)], "record_id": str(i)} for i in range(10_000)]
    ranking = RelevanceRanking(many)
    half = {str(i): i % 20 == 0 for i in range(5_000)}
    started = time.process_time()
    ranking.order(half)
    print(f"10,000 records ranked again in {time.process_time() - started:.2f} s")


if __name__ == "__main__":
    main()
