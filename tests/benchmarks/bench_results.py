"""Times of `review meta` on made-up reviews with many results: they must be linear in their number.

Run it by hand; it prints and asserts nothing:

    python tests/benchmarks/bench_results.py [--results 12500 50000 200000] [--per-study 1 4]
    python tests/benchmarks/bench_results.py --keep FOLDER    (writes the reviews there, no times)

Studies and results are made up by a seeded generator for timing alone; no figure of them is kept.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bench_cli import make_review, run, show

SIZES = (12_500, 50_000, 200_000)
PER_STUDY = (1, 4)


def add_results(folder: Path, results: int, per_study: int, seed: int = 2) -> None:
    """Write results of an area under the curve with their confidence limits.

    Args:
        folder: a review made by `make_review` with results / per_study studies.
        results: how many.
        per_study: of each study, as different models.
        seed: of the generator.
    """
    rng = random.Random(seed)
    names = ["study_id", "role", "model", "metric", "value", "ci_low", "ci_high", "n_test"]
    with (folder / "results.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        for i in range(results):
            value, half = rng.uniform(0.7, 0.95), rng.uniform(0.005, 0.045)
            model = f"net{i % per_study}" if per_study > 1 else ""
            writer.writerow(
                [f"study{i // per_study:06d}", "headline", model, "auc", f"{value:.3f}",
                 f"{value - half:.3f}", f"{value + half:.3f}", rng.randint(50, 5000)]
            )  # fmt: skip


def make(folder: Path, results: int, per_study: int) -> Path:
    """Write a review with results, and return its folder."""
    make_review(folder, results // per_study)
    add_results(folder, results, per_study)
    return folder


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=int, nargs="+", default=SIZES)
    parser.add_argument("--per-study", type=int, nargs="+", default=PER_STUDY)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        for per_study in asked.per_study:
            for results in asked.results:
                folder = make((asked.keep or Path(place)) / f"r{results}x{per_study}", results,
                              per_study)  # fmt: skip
                if asked.keep:
                    continue
                print(f"{results:,} results, {per_study} of a study")
                for model in ("uni",) if per_study == 1 else ("uni", "mv"):
                    arguments = ["meta", "--outcome", "auc", "--model", model]
                    show(arguments, [run(arguments, folder)])


if __name__ == "__main__":
    main()
