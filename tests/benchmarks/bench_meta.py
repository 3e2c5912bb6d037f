"""Time the meta-analysis engine beside the R package metafor, statsmodels and PyMARE.

Run it from the checkout: `python tests/benchmarks/bench_meta.py [--sizes 10 1000] [--no-r]`.
Every line gives the best of several runs in milliseconds and, in brackets, how many times slower
than ours the other is. What is not installed is left out. All get the same data; PyMARE and
statsmodels are asked for estimate, test and heterogeneity, as ours always gives. Times of R marked
with * are scaled up from a smaller number of refits of the same kind.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import review

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
R_LARGEST = 1_000  # the R package holds k x k matrices: 1.4 s at 1,000, out of memory at 100,000

R_SCRIPT = """
suppressMessages({library(metafor); library(jsonlite)})
d <- fromJSON(commandArgs(TRUE)[1]); out <- list()
best <- function(f, n) min(sapply(seq_len(n), function(i) system.time(f())[["elapsed"]])) * 1000
many <- function(f, n, m) best(function() for (j in seq_len(m)) f(), n) / m
for (name in names(d$fits)) {
  y <- d$fits[[name]]$yi; v <- d$fits[[name]]$vi; m <- if (length(y) <= 100) 20 else 1
  for (method in c("REML", "DL"))
    out[[paste(method, name)]] <- many(function() rma(y, v, method=method, test="knha"), 3, m)
}
r <- rma(d$loo$yi, d$loo$vi)
out[["leave-one-out"]] <- best(function() for (i in 1:10) rma(d$loo$yi[-i], d$loo$vi[-i]), 1) * 50
r <- rma(d$gosh$yi, d$gosh$vi, method="DL")
invisible(capture.output(
  out[["GOSH"]] <- best(function() gosh(r, subsets=1000, progbar=FALSE), 1) * 65.535))
r <- rma(d$perm$yi, d$perm$vi, mods=d$perm$x)
invisible(capture.output(
  out[["permutations"]] <- best(function() permutest(r, iter=100, progbar=FALSE), 1) * 10))
cat(toJSON(out, auto_unbox=TRUE, digits=8))
"""


def data(k: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Effects and variances of k studies with tau2 = 0.1."""
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.01, 0.5, k)
    return rng.normal(0.3, np.sqrt(vi + 0.1)), vi


def milliseconds(run: Callable[[], Any], *, longest: float = 1.0) -> float:
    """Best time of one run; as many repetitions as fit into `longest` seconds."""
    run()
    best, started = np.inf, time.perf_counter()
    while time.perf_counter() - started < longest:
        t = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - t)
    return 1000 * best


def pymare(method: str, yi: np.ndarray, vi: np.ndarray) -> Callable[[], Any] | None:
    """The same analysis in PyMARE, or None."""
    if importlib.util.find_spec("pymare") is None:
        return None
    from pymare import Dataset
    from pymare.estimators import DerSimonianLaird, VarianceBasedLikelihoodEstimator

    def run() -> Any:
        estimator = (
            DerSimonianLaird()
            if method == "DL"
            else VarianceBasedLikelihoodEstimator(method="REML")
        )
        fit = estimator.fit_dataset(Dataset(yi, vi, X=None, add_intercept=True)).summary()
        return fit.get_fe_stats(), fit.get_heterogeneity_stats()

    return run


def statsmodels(method: str, yi: np.ndarray, vi: np.ndarray) -> Callable[[], Any] | None:
    """The same analysis in statsmodels (DL only), or None."""
    if method != "DL":
        return None
    from statsmodels.stats.meta_analysis import combine_effects

    def run() -> Any:
        fit = combine_effects(yi, vi, method_re="dl", use_t=True)
        return fit.test_homogeneity(), fit.conf_int()

    return run


def cases() -> dict[str, dict[str, list[float]]]:
    """Data of the analyses that refit many times."""
    x = np.random.default_rng(9).normal(size=50)
    out = {}
    for name, k in (("loo", 500), ("gosh", 16), ("perm", 50)):
        yi, vi = data(k)
        out[name] = {"yi": yi.tolist(), "vi": vi.tolist()}
    out["perm"]["x"] = x.tolist()
    return out


def times_of_r(sizes: list[int]) -> dict[str, float]:
    """Times of the R package in milliseconds; nothing when it is not installed."""
    if shutil.which("Rscript") is None:
        return {}
    fits = {
        str(k): dict(zip(("yi", "vi"), (x.tolist() for x in data(k)), strict=True)) for k in sizes
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.json"
        path.write_text(json.dumps({"fits": fits, **cases()}), encoding="utf-8")
        done = subprocess.run(
            ["Rscript", "-e", R_SCRIPT, str(path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        print("R or its packages metafor and jsonlite are missing:", done.stderr[-200:])
        return {}
    return {name: float(x) for name, x in json.loads(done.stdout).items()}


def line(name: str, ours: float, others: dict[str, float | None]) -> None:
    """Print one comparison."""
    shown = "".join(
        f"   {other} {x:10.2f} ({x / ours:8.1f}x)" for other, x in others.items() if x is not None
    )
    print(f"{name:<28} {ours:10.3f} ms{shown}")


def main() -> None:
    """Run and print all comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--no-r", action="store_true", help="leave R out")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    r = {} if options.no_r else times_of_r([k for k in options.sizes if k <= R_LARGEST])
    for method in ("REML", "DL"):
        for k in options.sizes:
            yi, vi = data(k)
            ours = milliseconds(lambda y=yi, v=vi, m=method: review.meta_analysis(y, v, method=m))
            others: dict[str, float | None] = {"R": r.get(f"{method} {k}")}
            for name, make in (("PyMARE", pymare), ("statsmodels", statsmodels)):
                run = make(method, yi, vi) if k <= 100_000 else None
                others[name] = None if run is None else milliseconds(run)
            line(f"{method}, k = {k:,}", ours, others)
    many(r)


def many(r: dict[str, float]) -> None:
    """Time the analyses that refit many times, and the effect sizes of a million tables."""
    d = {name: {c: np.array(x) for c, x in columns.items()} for name, columns in cases().items()}
    fit = review.meta_analysis(d["loo"]["yi"], d["loo"]["vi"])
    line(
        "leave-one-out, k = 500",
        milliseconds(lambda: review.leave_one_out(fit)),
        {"R*": r.get("leave-one-out")},
    )
    small = review.meta_analysis(d["gosh"]["yi"], d["gosh"]["vi"], method="DL")
    line("GOSH, 65,535 DL subsets", milliseconds(lambda: review.gosh(small)), {"R*": r.get("GOSH")})
    regression = review.meta_analysis(d["perm"]["yi"], d["perm"]["vi"], d["perm"]["x"])
    line(
        "1,000 permutations, k = 50",
        milliseconds(lambda: review.permutation_test(regression, iterations=1000, seed=1)),
        {"R*": r.get("permutations")},
    )
    rng = np.random.default_rng(1)
    n1, n2 = rng.integers(5, 200, 10**6), rng.integers(5, 200, 10**6)
    a, c = rng.binomial(n1, 0.3), rng.binomial(n2, 0.2)
    made = milliseconds(lambda: review.effect_size("OR", ai=a, n1i=n1, ci=c, n2i=n2))
    line("odds ratios of 1,000,000 tables", made, {})


if __name__ == "__main__":
    main()
