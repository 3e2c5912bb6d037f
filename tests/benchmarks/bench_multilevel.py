"""Time multilevel models beside the R package metafor.

Run it from the checkout: `python tests/benchmarks/bench_multilevel.py [--no-r]`. Every line gives
the best of several runs in milliseconds and, in brackets, how many times slower R is where it is
installed. Both get the same data. The last lines are about sizes that R cannot hold; they name the
largest memory that the process took.
"""

from __future__ import annotations

import argparse
import json
import resource
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

R_SCRIPT = """
suppressMessages({library(metafor); library(jsonlite)})
d <- fromJSON(commandArgs(TRUE)[1]); out <- list()
best <- function(f, n) min(sapply(seq_len(n), function(i) system.time(f())[["elapsed"]])) * 1000
for (name in names(d)) {
  x <- as.data.frame(d[[name]])
  n <- if (nrow(x) < 500) 3 else 1
  out[[paste("three levels", name)]] <-
    best(function() rma.mv(yi, vi, random = ~ 1 | study/esid, data = x), n)
  V <- vcalc(vi, cluster = study, obs = esid, data = x, rho = 0.6)
  out[[paste("correlated errors", name)]] <-
    best(function() rma.mv(yi, V, random = ~ 1 | study/esid, data = x), n)
}
cat(toJSON(out, auto_unbox = TRUE, digits = 8))
"""


def data(k: int, studies: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Effects of studies with several each: variance 0.09 between and 0.04 within studies."""
    rng = np.random.default_rng(seed)
    study = np.sort(rng.integers(0, studies, k))
    vi = rng.uniform(0.02, 0.3, k)
    yi = rng.normal(0, 0.3, studies)[study] + rng.normal(0, np.sqrt(vi + 0.04))
    return {
        "yi": yi,
        "vi": vi,
        "study": study,
        "esid": np.arange(1, k + 1),
        "lab": rng.integers(0, 50, k),
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


def times_of_r(sizes: dict[str, dict[str, np.ndarray]]) -> dict[str, float]:
    """Times of the R package in milliseconds; nothing when it is not installed."""
    if shutil.which("Rscript") is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.json"
        plain = {n: {c: x.tolist() for c, x in d.items()} for n, d in sizes.items()}
        path.write_text(json.dumps(plain), encoding="utf-8")
        done = subprocess.run(
            ["Rscript", "-e", R_SCRIPT, str(path)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        print("R or its packages metafor and jsonlite are missing:", done.stderr[-200:])
        return {}
    return {name: float(x) for name, x in json.loads(done.stdout).items()}


def three_levels(d: dict[str, np.ndarray]) -> Any:
    """Effects within studies, independent sampling errors."""
    return review.meta_analysis_mv("yi", "vi", data=d, random="~ 1 | study/esid")


def correlated(d: dict[str, np.ndarray]) -> Any:
    """The same with correlated sampling errors."""
    V = review.vcalc("vi", "study", data=d, rho=0.6)
    return review.meta_analysis_mv("yi", V, data=d, random="~ 1 | study/esid")


def robust(d: dict[str, np.ndarray]) -> Any:
    """Correlated errors with cluster-robust tests."""
    return review.cluster_robust(correlated(d), "study")


def crossed(d: dict[str, np.ndarray]) -> Any:
    """Effects within studies, crossed with 50 laboratories."""
    return review.meta_analysis_mv("yi", "vi", data=d, random=["~ 1 | study/esid", "~ 1 | lab"])


def main() -> None:
    """Run and print all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-r", action="store_true", help="leave R out")
    options = parser.parse_args()
    small = {str(k): data(k, k // 5) for k in (100, 1_000)}
    r = {} if options.no_r else times_of_r(small)
    for name, d in small.items():
        for what, run in (("three levels", three_levels), ("correlated errors", correlated)):
            ours = milliseconds(lambda d=d, run=run: run(d))
            theirs = r.get(f"{what} {name}")
            beside = "" if theirs is None else f"   R {theirs:10.1f} ({theirs / ours:8.1f}x)"
            print(f"{what + ', k = ' + name:<44} {ours:10.1f} ms{beside}")
    large = data(20_000, 4_000)
    for what, run in (
        ("three levels", three_levels), ("correlated errors", correlated),
        ("correlated errors, cluster-robust", robust), ("crossed with 50 levels", crossed),
    ):  # fmt: skip
        print(f"{what + ', k = 20,000':<44} {milliseconds(lambda run=run: run(large)):10.1f} ms")
    print(f"largest memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")


if __name__ == "__main__":
    main()
