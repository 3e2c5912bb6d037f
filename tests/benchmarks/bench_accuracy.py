"""Time the accuracy models beside the R packages mada and lme4, on the same data in one run.

Run it from the checkout: `python tests/benchmarks/bench_accuracy.py [--sizes 10 30] [--no-r]`.
Every line gives the best of several runs in milliseconds and, in brackets, how many times slower
than ours the other is. What is not installed is left out. `R_LIBS` may name a library with the R
packages.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import review

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (10, 30, 100, 1_000, 10_000)
EXACT_SIZES = (10, 30, 100)
R_LARGEST = 1_000

R_SCRIPT = """
suppressMessages(library(jsonlite)); d <- fromJSON(commandArgs(TRUE)[1]); out <- list()
has <- function(p) suppressWarnings(suppressMessages(require(p, character.only=TRUE)))
best <- function(f, n) min(sapply(seq_len(n), function(i) system.time(f())[["elapsed"]])) * 1000
many <- function(f, n, m) best(function() for (j in seq_len(m)) f(), n) / m
if (has("mada")) for (k in names(d$normal)) { x <- as.data.frame(d$normal[[k]])
  out[[paste("mada", k)]] <- many(function() reitsma(x), 3, if (nrow(x) <= 100) 5 else 1) }
if (has("lme4")) for (k in names(d$exact)) { x <- as.data.frame(d$exact[[k]]); n <- nrow(x)
  l <- data.frame(s=factor(rep(1:n, 2)), o=factor(rep(1:2, each=n)), x=c(x$TP, x$FP),
                  m=c(x$FN, x$TN))
  out[[paste("lme4", k)]] <- best(function() suppressWarnings(suppressMessages(
    glmer(cbind(x, m) ~ o - 1 + (o - 1 | s), l, binomial))), 3) }
cat(toJSON(out, auto_unbox=TRUE, digits=8))
"""


def data(k: int, seed: int = 1) -> dict[str, list[int]]:
    """Counts of k studies."""
    rng = np.random.default_rng(seed)
    eta = rng.multivariate_normal([1.8, -2.0], [[0.8, 0.3], [0.3, 0.6]], k)
    n = rng.integers(30, 300, (k, 2))
    hit = rng.binomial(n, 1 / (1 + np.exp(-eta)))
    cells = {"TP": hit[:, 0], "FN": n[:, 0] - hit[:, 0], "FP": hit[:, 1], "TN": n[:, 1] - hit[:, 1]}
    return {name: x.tolist() for name, x in cells.items()}


def milliseconds(run: Callable[[], Any], *, longest: float = 2.0) -> float:
    """Best time of one run; as many repetitions as fit into `longest` seconds."""
    run()
    best, started = np.inf, time.perf_counter()
    while time.perf_counter() - started < longest:
        t = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - t)
    return 1000 * best


def times_of_r(sizes: list[int]) -> dict[str, float]:
    """Times of the R packages in milliseconds; nothing when R is not installed."""
    if shutil.which("Rscript") is None:
        return {}
    both = {
        "normal": {str(k): data(k) for k in sizes if k <= R_LARGEST},
        "exact": {str(k): data(k) for k in sizes if k in EXACT_SIZES},
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.json"
        path.write_text(json.dumps(both), encoding="utf-8")
        done = subprocess.run(
            ["Rscript", "-e", R_SCRIPT, str(path)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        print("R or its package jsonlite is missing:", done.stderr[-200:])
        return {}
    return {name: float(x) for name, x in json.loads(done.stdout).items()}


def line(name: str, ours: float, other: str, theirs: float | None) -> None:
    """Print one comparison."""
    shown = "" if theirs is None else f"   {other} {theirs:10.2f} ({theirs / ours:8.1f}x)"
    print(f"{name:<36} {ours:10.3f} ms{shown}")


def main() -> None:
    """Run and print all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--no-r", action="store_true", help="leave R out")
    options = parser.parse_args()
    r = {} if options.no_r else times_of_r(options.sizes)
    for k in options.sizes:
        cells = [np.array(data(k)[c]) for c in ("TP", "FN", "FP", "TN")]
        ours = milliseconds(lambda c=cells: review.diagnostic_meta(*c))
        line(f"bivariate, REML, k = {k:,}", ours, "mada::reitsma", r.get(f"mada {k}"))
    for k in (k for k in options.sizes if k in EXACT_SIZES):
        cells = [np.array(data(k)[c]) for c in ("TP", "FN", "FP", "TN")]
        ours = milliseconds(lambda c=cells: review.diagnostic_meta(*c, method="exact"))
        line(f"exact, Laplace, k = {k:,}", ours, "lme4::glmer", r.get(f"lme4 {k}"))


if __name__ == "__main__":
    main()
