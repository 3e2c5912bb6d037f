"""Speed and verdicts of the search for a table behind a set of scores, beside mlscorecheck.

Run it from the checkout: `python tests/benchmarks/bench_audit.py [--repeat 20]`. The package
mlscorecheck (1.0.3, Fazekas and Kovacs 2024) is compared where it can be imported; it is no
requirement of anything here. 15 sets of scores: 11 that no table gives, 4 of a table.

Each set is also searched in a test set 200 times as large, where a search over pairs of counts
grows with the product of the classes and this one with one class. The exit status is 1 when a
verdict is wrong.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from typing import Any

from review.stats.consistency.score_tables import tables_with
from review.workflow.audit import audit_rows

# scores as printed, positives, negatives, whether a table gives them (each contradiction follows
# from a formula: dice = 2 iou / (1 + iou), LR+ = sens / (1 - spec), accuracy a weighted mean, ...)
SETS: tuple[tuple[dict[str, str], int, int, bool], ...] = (
    ({"accuracy": "0.90", "f1": "0.95"}, 50, 50, False),
    ({"accuracy": "0.95", "mcc": "0.60"}, 100, 100, False),
    ({"precision": "0.80", "sensitivity": "0.90", "f1": "0.90"}, 100, 400, False),
    ({"accuracy": "0.90", "kappa": "0.95"}, 40, 60, False),
    ({"balanced_accuracy": "0.95", "accuracy": "0.80"}, 50, 50, False),
    ({"sensitivity": "0.90", "specificity": "0.90", "lr_pos": "5.0"}, 100, 100, False),
    ({"sensitivity": "0.90", "specificity": "0.90", "lr_neg": "0.30"}, 100, 100, False),
    ({"npv": "0.99", "accuracy": "0.60", "sensitivity": "0.50"}, 50, 50, False),
    ({"accuracy": "0.93", "sensitivity": "0.95", "specificity": "0.96"}, 80, 120, False),
    ({"accuracy": "0.874", "precision": "0.912", "sensitivity": "0.956"}, 60, 140, False),
    ({"specificity": "0.937", "npv": "0.812", "accuracy": "0.962"}, 90, 310, False),
    ({"accuracy": "0.895", "sensitivity": "0.900", "specificity": "0.890"}, 100, 100, True),
    ({"accuracy": "0.85", "f1": "0.80", "precision": "0.86"}, 40, 60, True),
    ({"sensitivity": "0.933", "specificity": "0.929", "npv": "0.965"}, 120, 240, True),
    ({"accuracy": "0.920", "mcc": "0.799", "kappa": "0.798"}, 70, 180, True),
)
_THEIRS = {
    "accuracy": "acc", "sensitivity": "sens", "specificity": "spec", "precision": "ppv",
    "npv": "npv", "f1": "f1p", "balanced_accuracy": "bacc", "mcc": "mcc", "kappa": "kappa",
    "lr_pos": "lrp", "lr_neg": "lrn",
}  # fmt: skip


def ours(scores: dict[str, str], p: int, n: int) -> bool:
    """Whether the audit accuses nothing."""
    return not audit_rows([scores | {"n_pos": p, "n_neg": n}]).failed


def half(text: str) -> float:
    """Half a unit of the last digit printed."""
    return 0.5 * 10.0 ** -len(text.split(".")[1])


def searched(scores: dict[str, str], p: int, n: int) -> int:
    """How many tables give the scores: the search alone."""
    return tables_with({m: (float(t) - half(t), float(t) + half(t)) for m, t in scores.items()},
                       p, n).count  # fmt: skip


def theirs(check: Any, scores: dict[str, str], p: int, n: int) -> bool:
    """Whether mlscorecheck finds the scores possible, each within half a unit of its digits."""
    named = {_THEIRS[m]: float(text) for m, text in scores.items()}
    eps = {_THEIRS[m]: half(text) for m, text in scores.items()}
    return not check(testset={"p": p, "n": n}, scores=named, eps=eps)["inconsistency"]


def timed(run: Any, repeat: int) -> float:
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def compare(check: Any, factor: int, repeat: int) -> int:
    """Print the times of all sets in test sets `factor` times as large; return wrong verdicts."""
    wrong, mine, other = 0, 0.0, 0.0
    for scores, p, n, possible in SETS:
        p, n = factor * p, factor * n  # noqa: PLW2901
        right = factor > 1 or ours(scores, p, n) == possible
        wrong += not right
        seconds = timed(lambda: searched(scores, p, n), repeat)  # noqa: B023
        mine += seconds
        line = f"{p:7}{n:7} {'' if right else 'WRONG '}{1000 * seconds:9.3f} ms"
        if check is not None:
            slow = timed(lambda: theirs(check, scores, p, n), 1)  # noqa: B023
            other += slow
            line += f"  mlscorecheck {1000 * slow:10.1f} ms"
        print(f"{line}  {', '.join(f'{m} {s}' for m, s in scores.items())}")
    ratio = f", mlscorecheck {1000 * other:.0f} ms: {other / mine:.0f} times" if check else ""
    print(f"together {1000 * mine:.1f} ms{ratio}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=20)
    repeat = parser.parse_args().repeat
    logging.disable(logging.CRITICAL)
    try:
        from mlscorecheck.check.binary import check_1_testset_no_kfold as check
    except ImportError:
        check = None
        print("mlscorecheck is not installed: ours alone")
    wrong = compare(check, 1, repeat) + compare(check, 200, max(1, repeat // 5))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
