"""Time models of counts beside the R package metafor.

Run it from the checkout: `python tests/benchmarks/bench_counts.py [--no-r]`. Every line gives the
best of several runs in milliseconds and, where R is installed, its time and how many times slower
it is. Both get the same simulated tables. The last lines are about sizes at which the R package,
which has a parameter per study in one dense problem, takes minutes.
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

MODELS = ("UM.FS", "UM.RS", "CM.AL", "CM.EL")
R_SCRIPT = """
suppressMessages({library(metafor); library(jsonlite)})
d <- fromJSON(commandArgs(TRUE)[1]); out <- list()
for (name in names(d)) for (model in c("UM.FS", "UM.RS", "CM.AL", "CM.EL")) {
  x <- as.data.frame(d[[name]])
  run <- function() suppressWarnings(rma.glmm(measure = "OR", ai = ai, n1i = n1i, ci = ci,
    n2i = n2i, data = x, model = model, nAGQ = if (model == "UM.RS") 1 else 7))
  took <- tryCatch(system.time(run())[["elapsed"]] * 1000, error = function(e) NULL)
  if (!is.null(took)) out[[paste(model, name)]] <- took
}
cat(toJSON(out, auto_unbox = TRUE, digits = 8))
"""


def data(k: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Tables of k studies with few events: log odds ratio -0.5 with variance 0.16."""
    rng = np.random.default_rng(seed)
    n1, n2 = rng.integers(30, 300, k), rng.integers(30, 300, k)
    alpha, theta = rng.normal(-3, 0.7, k), -0.5 + rng.normal(0, 0.4, k)
    c = rng.binomial(n2, 1 / (1 + np.exp(-alpha)))
    a = rng.binomial(n1, 1 / (1 + np.exp(-alpha - theta)))
    return {"ai": a, "n1i": n1, "ci": c, "n2i": n2}


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
    """Times of the R package in milliseconds; nothing where it is not installed.

    A model that needs an R package that is missing (numDeriv for the exact one) has no time.
    """
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


def fit(d: dict[str, np.ndarray], model: str) -> Any:
    """Fit one model."""
    return review.glmm("OR", model=model, **d)


def main() -> None:
    """Run and print all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-r", action="store_true", help="leave R out")
    options = parser.parse_args()
    small = {"20": data(20)}
    r = {} if options.no_r else times_of_r(small)
    for name, d in small.items():
        for model in MODELS:
            ours = milliseconds(lambda d=d, model=model: fit(d, model))
            theirs = r.get(f"{model} {name}")
            beside = "" if theirs is None else f"   R {theirs:10.1f} ({theirs / ours:8.1f}x)"
            print(f"{model + ', k = ' + name:<32} {ours:10.1f} ms{beside}")
        ours = milliseconds(lambda d=d: review.beta_binomial("OR", **d))
        print(f"{'beta-binomial, k = ' + name:<32} {ours:10.1f} ms")
    large = data(1_000)
    for model in MODELS:
        took = milliseconds(lambda model=model: fit(large, model))
        print(f"{model + ', k = 1,000':<32} {took:10.1f} ms")


if __name__ == "__main__":
    main()
