"""How often a screening that stops by `recall_estimate` has not reached its target.

Run it from the checkout: `python tests/simulation/stopping_error.py [--runs 2000]`. It takes a
few minutes and is no part of the tests.

First urns at the edge: they hold just so many relevant records, or one or two more, that the recall
is below the target as long as none is found, where a test errs most. Two users are followed: one
looks once, at the first sample size at which no find would be enough; one looks after each block of
5% of the urn and stops at the first p-value of at most 0.05. Printed is the share of runs that stop
below the target.

Then ranked collections, screened by rank up to 40% of the records and at random from there, by rank
alone ("quasi-sampling"), and by the rule 'stop after 50 irrelevant ones in a row', which states no
error.

The exit status is 1 when the single look errs in more than 5% of the runs (and three Monte-Carlo
errors).
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from review.stats.recall.recall_estimate import recall_estimate

TARGET, ALPHA = 0.95, 0.05
# found before, relevant in the urn (as few as there can be, and one or two more), urn
_EDGES = ((18, 1, 400), (18, 2, 400), (57, 4, 400), (57, 5, 400), (95, 6, 800), (95, 8, 800))


def ranked(rng: np.random.Generator, n: int, relevant: int, quality: float) -> np.ndarray:
    """Labels in the order of a ranking: the scores of relevant ones lie `quality` SDs higher."""
    labels = np.zeros(n, dtype=bool)
    labels[:relevant] = True
    return labels[np.argsort(-(rng.normal(size=n) + quality * labels))]


def in_a_row(labels: np.ndarray, most: int = 50) -> int:
    """Where a row of so many irrelevant records ends."""
    run = 0
    for i, relevant in enumerate(labels):
        run = 0 if relevant else run + 1
        if run == most:
            return i + 1
    return len(labels)


def stops_below(labels: np.ndarray, start: int, looks: list[int]) -> bool:
    """Whether the first look with a small p-value comes before the target recall."""
    for size in looks:
        seen = labels[: start + size]
        if recall_estimate(seen, len(labels), sampled=size, target=TARGET).pval <= ALPHA:
            return bool(seen.sum() < TARGET * labels.sum())
    return False


def at_the_edge(rng: np.random.Generator, runs: int) -> float:
    """Print the errors at the edge; return the largest of a single look."""
    print("found before, in the urn, urn | one look | each 5%  (share that stops below target)")
    worst = 0.0
    for before, hidden, urn in _EDGES:
        labels = np.zeros(before + urn, dtype=bool)
        labels[:before] = True
        sizes = list(range(urn // 20, urn, urn // 20))
        once = next(
            k for k in sizes
            if recall_estimate(labels[: before + k], len(labels), sampled=k,
                               target=TARGET).pval <= ALPHA
        )  # fmt: skip
        labels[before : before + hidden] = True
        wrong = np.zeros(2)
        for _ in range(runs):
            rng.shuffle(labels[before:])
            wrong += (stops_below(labels, before, [once]), stops_below(labels, before, sizes))
        print(f"{before} {hidden} {urn} | {wrong[0] / runs:.4f} | {wrong[1] / runs:.4f}")
        worst = max(worst, wrong[0] / runs)
    return worst


def main() -> int:
    """Print a line per setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20201127)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    worst = at_the_edge(rng, given.runs)
    print("n relevant quality | one look | each 5% | by rank | 50 in a row  (share below target)")
    for n, relevant, quality in (
        (1000, 40, 2.0), (1000, 100, 1.0), (1000, 20, 3.0), (3000, 60, 2.5), (3000, 200, 1.5),
    ):  # fmt: skip
        below = dict.fromkeys(("one", "each", "rank", "row"), 0)
        for _ in range(given.runs):
            labels = ranked(rng, n, relevant, quality)
            total = labels.sum()
            row = in_a_row(labels)
            below["row"] += labels[:row].sum() < TARGET * total
            stop = next(
                (k for k in range(n // 20, n + 1, n // 20)
                 if recall_estimate(labels[:k], n, target=TARGET).pval <= ALPHA), n)  # fmt: skip
            below["rank"] += labels[:stop].sum() < TARGET * total
            start = n * 2 // 5
            rng.shuffle(labels[start:])
            urn = n - start
            below["one"] += stops_below(labels, start, [urn // 2])
            below["each"] += stops_below(labels, start, list(range(urn // 20, urn, urn // 20)))
        shares = {name: count / given.runs for name, count in below.items()}
        worst = max(worst, shares["one"])
        print(f"{n} {relevant} {quality} | " + " | ".join(f"{s:.4f}" for s in shares.values()))
    limit = ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / given.runs)
    print(f"one look: at most {worst:.4f}, promised {ALPHA}")
    return int(worst > limit)


if __name__ == "__main__":
    sys.exit(main())
