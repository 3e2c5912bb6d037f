"""Time network meta-analyses, beside the R package netmeta where it is installed.

Run it from the checkout: `python tests/benchmarks/bench_networks.py [--sizes 20x100] [--no-r]`.
A size is treatments x studies, every fifth study with three arms. Every line gives the best of
several runs in milliseconds and, in brackets, how many times slower than ours netmeta is.
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

SIZES = ("5x20", "20x100", "20x1000", "50x500")

R_SCRIPT = """
suppressMessages(library(jsonlite)); d <- fromJSON(commandArgs(TRUE)[1]); out <- list()
if (suppressWarnings(suppressMessages(require(netmeta))))
  for (k in names(d)) { x <- as.data.frame(d[[k]])
    f <- function() suppressWarnings(netmeta(te, se, treat1, treat2, studlab, data = x))
    out[[k]] <- min(sapply(1:3, function(i) system.time(f())[["elapsed"]])) * 1000 }
cat(toJSON(out, auto_unbox=TRUE, digits=8))
"""


def network(treatments: int, studies: int, seed: int = 1) -> dict[str, list[Any]]:
    """A connected network: a chain through all treatments, then studies drawn at random."""
    rng = np.random.default_rng(seed)
    rows = []
    for s in range(studies):
        n = 3 if s % 5 == 0 else 2
        arms = rng.choice(treatments, n, replace=False)
        if s < treatments - 1:
            arms[:2] = s, s + 1
            arms = np.array(list(dict.fromkeys(arms.tolist())))
        effect = rng.normal(0, 0.3, len(arms))
        v = rng.uniform(0.02, 0.2, len(arms))
        rows += [
            (effect[i] - effect[j], np.sqrt(v[i] + v[j]), f"T{arms[i]}", f"T{arms[j]}", f"s{s}")
            for i in range(len(arms))
            for j in range(i + 1, len(arms))
        ]
    names = ("te", "se", "treat1", "treat2", "studlab")
    return {
        name: [x if isinstance(x, str) else float(x) for x in column]
        for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }


def milliseconds(run: Callable[[], Any], *, longest: float = 2.0) -> float:
    """Best time of one run; as many repetitions as fit into `longest` seconds."""
    run()
    best, started = np.inf, time.perf_counter()
    while time.perf_counter() - started < longest:
        t = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - t)
    return 1000 * best


def times_of_r(data: dict[str, dict[str, list[Any]]]) -> dict[str, float]:
    """Times of netmeta in milliseconds; nothing where it is not installed."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        done = subprocess.run(
            ["Rscript", "-e", R_SCRIPT, str(path)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        print("R or its package jsonlite is missing:", done.stderr[-200:])
        return {}
    return {name: float(x) for name, x in json.loads(done.stdout).items()}


def main() -> None:
    """Run and print all sizes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="*", default=list(SIZES), metavar="TREATMENTSxSTUDIES")
    parser.add_argument("--no-r", action="store_true", help="leave R out")
    options = parser.parse_args()
    data = {size: network(*map(int, size.split("x"))) for size in options.sizes}
    r = {} if options.no_r else times_of_r(data)
    for size, columns in data.items():
        ours = milliseconds(lambda c=columns: review.network_meta(**c))
        theirs = r.get(size)
        shown = "" if theirs is None else f"   netmeta {theirs:10.2f} ({theirs / ours:8.1f}x)"
        print(f"{'network, DL, ' + size:<36} {ours:10.3f} ms{shown}")
        fit = review.network_meta(**columns)
        if fit.n <= 20:
            for name in ("node_split", "contribution", "net_heat"):
                print(f"{'  ' + name:<36} {milliseconds(getattr(fit, name)):10.3f} ms")


if __name__ == "__main__":
    main()
