"""Time the engine beside other Python packages for meta-analysis, on the same data in one run.

Run it from the checkout: `python tests/benchmarks/bench_peers.py [--rounds 15] [--only TEXT]
[--write docs/speed.md]`. It installs nothing: peers that are not there are left out (PyMARE,
statsmodels, pimeta, PyMetaAnalysis). Ours and theirs take turns, CPU time is counted, and each line
gives the median over the rounds of peer / ours (above 1: the peer is slower) with its quartiles.
Both must give the same numbers; the largest relative difference is shown, and one above the
tolerance of the line ends the run with status 1.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

import review

Call = Callable[[], Any]
Numbers = Callable[[Any], list[float]]

PEERS: Final = {
    "statsmodels": "statsmodels", "PyMARE": "pymare", "pimeta": "pimeta",
    "PyMetaAnalysis": "meta_analyze",
}  # fmt: skip
LONGEST: Final = 0.05  # seconds of one turn of short calls
HEAD: Final = """# Speed beside other Python packages

Written by `tests/benchmarks/bench_peers.py`. Ours and theirs take turns in one process on the same
made-up data; CPU time on one thread is counted. A ratio is the time of the peer divided by ours
(above 1: the peer is slower), the median over {rounds} rounds with its quartiles in brackets. The
last column is the largest relative difference between the numbers of both.

Where a peer is faster it computes less: statsmodels and the moment estimators of PyMARE give the
estimate, its error and tau2; a fit here also checks every row, and holds tests, I2 and H2 with Q,
both likelihoods and what weakens the result. Begg's p-value is exact here and normal there.

"""


@dataclass
class Work:
    """One thing that is timed.

    Attributes:
        name: in the table.
        ours: the call, and what it found as numbers.
        peers: package -> the same.
        tolerance: relative difference that the methods may have.
    """

    name: str
    ours: tuple[Call, Numbers]
    peers: dict[str, tuple[Call, Numbers]] = field(default_factory=dict)
    tolerance: float = 1e-6


def studies(k: int, seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Effects and variances of k made-up studies."""
    rng = np.random.default_rng(seed)
    v = np.exp(rng.normal(-2, 0.8, k))
    return rng.normal(0.3, np.sqrt(v + 0.6)), v


def there(module: str) -> bool:
    """Whether a package can be imported."""
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def ours_pooled(fit: Any) -> list[float]:
    """Estimate and variance between studies; standard errors of PyMARE are robust ones."""
    return [float(fit.beta[0]), fit.tau2]


def pymare_fit(y: np.ndarray, v: np.ndarray, method: str) -> Any:
    """Fit by PyMARE and return what it found."""
    from pymare import Dataset, estimators

    data = Dataset(y, v)
    if method == "DL":
        return estimators.DerSimonianLaird().fit_dataset(data).summary()
    return estimators.VarianceBasedLikelihoodEstimator(method=method).fit_dataset(data).summary()


def pymare_pooled(found: Any) -> list[float]:
    """Estimate and variance between studies."""
    return [float(np.ravel(x)[0]) for x in (found.fe_params, found.tau2)]


def pooled(k: int, method: str, peers: tuple[str, ...], tolerance: float = 1e-6) -> Work:
    """One fit of k studies by the public call of each package."""
    y, v = studies(k)
    work = Work(
        f"one fit, {method}, k = {k:,}",
        (lambda: review.meta_analysis(y, v, method=method, test="z"), ours_pooled),
        tolerance=tolerance,
    )
    if "statsmodels" in peers:
        from statsmodels.stats.meta_analysis import combine_effects

        kind = {"DL": "dl", "PM": "iterated"}[method]
        # by itself the iteration stops at eight digits
        more = {"atol": 1e-12, "maxiter": 200} if method == "PM" else {}
        work.peers["statsmodels"] = (
            lambda: combine_effects(y, v, method_re=kind, **more),
            lambda r: [float(r.mean_effect_re), float(r.tau2)],
        )
    if "PyMARE" in peers:
        work.peers["PyMARE"] = (partial(pymare_fit, y, v, method), pymare_pooled)
    if "pimeta" in peers:
        import pimeta

        work.peers["pimeta"] = (
            lambda: pimeta.rma(y, v, method=method),
            lambda r: [float(np.ravel(x)[0]) for x in (r.b, r.tau2)],
        )
    if "PyMetaAnalysis" in peers:
        import meta_analyze

        work.peers["PyMetaAnalysis"] = (
            lambda: meta_analyze.meta_analysis(effect=y, variance=v, tau2_method=method),
            lambda r: [float(r.estimate), float(r.tau2)],
        )
    return work


def permutations(name: str, *, moderator: bool) -> Work:
    """1,000 random permutations of 50 studies; p-values differ by chance."""
    y, v = studies(50)
    x = np.random.default_rng(3).normal(size=50) if moderator else None
    fit = review.meta_analysis(y, v, x, test="z")
    work = Work(
        f"1,000 permutations, k = 50, {name}",
        (lambda: review.permutation_test(fit, iterations=1000, seed=1),
         lambda r: [1 + float(r.pval[-1])]),
        tolerance=0.1,
    )  # fmt: skip
    if there("pymare"):
        from pymare import Dataset, estimators

        data = Dataset(y, v, x) if moderator else Dataset(y, v)
        made = estimators.VarianceBasedLikelihoodEstimator(method="REML").fit_dataset(data)
        work.peers["PyMARE"] = (
            lambda: made.summary().permutation_test(1000),
            lambda r: [1 + float(np.ravel(r.perm_p["fe_p"])[-1])],
        )
    return work


def bias_tests() -> list[Work]:
    """Tests of funnel asymmetry."""
    y, v = studies(20)
    y5, v5 = studies(500)
    egger = Work(
        "Egger's test, model form, k = 20",
        (lambda: review.regression_test(y, v), lambda r: [r.stat, r.pval]), tolerance=1e-4,
    )  # fmt: skip
    begg = Work(
        "Begg's test, k = 500 (ours exact, theirs normal)",
        (lambda: review.rank_test(y5, v5), lambda r: [r.tau, 1 + r.pval]), tolerance=0.01,
    )  # fmt: skip
    if there("pimeta"):
        import pimeta

        def numbers(found: Any, names: tuple[str, ...]) -> list[float]:
            return [float(next(getattr(found, n) for n in names if hasattr(found, n)))]

        egger.peers["pimeta"] = (
            lambda: pimeta.egger_test(y, v),
            lambda r: [*numbers(r, ("zval", "stat", "z", "statistic")),
                       *numbers(r, ("pval", "p", "p_value"))],
        )  # fmt: skip
        begg.peers["pimeta"] = (
            lambda: pimeta.begg_test(y5, v5),
            lambda r: [*numbers(r, ("tau", "statistic")),
                       *(1 + p for p in numbers(r, ("pval", "p", "p_value")))],
        )  # fmt: skip
    if there("meta_analyze"):
        import meta_analyze

        fitted = meta_analyze.meta_analysis(effect=y5, variance=v5)
        begg.peers["PyMetaAnalysis"] = (
            fitted.begg_test,
            lambda r: [float(getattr(r, "kendall_tau", getattr(r, "tau", np.nan))),
                       1 + float(getattr(r, "p_value", getattr(r, "pvalue", np.nan)))],
        )  # fmt: skip
    return [egger, begg]


def one_by_one(y: np.ndarray, v: np.ndarray) -> list[list[float]]:
    """PyMARE fits REML to one data set at a time."""
    return [pymare_pooled(pymare_fit(a, b, "REML")) for a, b in zip(y, v, strict=True)]


def many() -> list[Work]:
    """Many meta-analyses at once: PyMARE takes them as columns of one size."""
    groups, k = 2_000, 20
    y, v = studies(groups * k)
    at = np.repeat(np.arange(groups), k)
    few = groups // 10  # PyMARE fits REML to one at a time

    def numbers(r: Any) -> list[float]:
        return [*r.beta.tolist(), *(1 + r.tau2).tolist()]

    def ours(n: int, method: str) -> Call:
        some = slice(n * k)
        return partial(
            review.meta_analysis_many, y[some], v[some], at[some], method=method, test="z"
        )

    moments = Work(
        f"{groups:,} fits of {k} studies, DL", (ours(groups, "DL"), numbers), tolerance=1e-6
    )
    likelihood = Work(f"{few} fits of {k} studies, REML", (ours(few, "REML"), numbers))
    likelihood.tolerance = 1e-3
    if there("pymare"):
        columns, rows = (
            (y.reshape(groups, k).T, v.reshape(groups, k).T),
            (y.reshape(groups, k)[:few], v.reshape(groups, k)[:few]),
        )
        moments.peers["PyMARE"] = (
            partial(pymare_fit, *columns, "DL"),
            lambda r: [*np.ravel(r.fe_params).tolist(), *(1 + np.ravel(r.tau2)).tolist()],
        )
        likelihood.peers["PyMARE"] = (
            partial(one_by_one, *rows),
            lambda r: [*(x[0] for x in r), *(1 + x[1] for x in r)],
        )
    return [moments, likelihood]


def works() -> list[Work]:
    """Everything that is timed, with the peers that are there."""
    installed = tuple(name for name, module in PEERS.items() if there(module))

    def some(*names: str) -> tuple[str, ...]:
        return tuple(n for n in names if n in installed)

    return [
        pooled(10, "REML", some("PyMARE", "pimeta", "PyMetaAnalysis"), 1e-4),
        pooled(10, "DL", some("statsmodels", "PyMARE", "pimeta", "PyMetaAnalysis")),
        pooled(10, "PM", some("statsmodels", "pimeta"), 1e-4),
        pooled(100_000, "DL", some("statsmodels", "PyMARE")),
        pooled(100_000, "REML", some("PyMARE"), 1e-4),
        pooled(1_000_000, "REML", some("PyMARE"), 1e-4),
        permutations("with a moderator", moderator=True),
        permutations("by sign flips", moderator=False),
        *bias_tests(),
        *many(),
    ]


def once(call: Call) -> tuple[float, Any]:
    """CPU time of one call, and its result."""
    start = time.process_time()
    found = call()
    return time.process_time() - start, found


def turn(call: Call, times: int) -> float:
    """CPU time of one call, the mean of several."""
    start = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - start) / times


def difference(a: list[float], b: list[float]) -> float:
    """Largest relative difference."""
    x, y = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return float(np.max(np.abs(x - y) / np.maximum(np.abs(x), 1e-12)))


def compare(work: Work, rounds: int) -> list[tuple[str, ...]]:
    """Rows of the table: name, our time, peer, ratio with quartiles, difference."""
    rows = []
    call, numbers = work.ours
    expected = numbers(call())
    for peer, (theirs, their_numbers) in work.peers.items():
        found = difference(expected, their_numbers(theirs()))
        if not found <= work.tolerance:
            raise SystemExit(f"{work.name}: {peer} differs by {found:.2g}")
        spans = [max(once(c)[0], 1e-6) for c in (call, theirs)]
        times = [max(1, int(LONGEST / s)) for s in spans]
        some = rounds if max(spans) < 1 else 5
        pairs = [(turn(call, times[0]), turn(theirs, times[1])) for _ in range(some)]
        ratios = [b / a for a, b in pairs]
        low, middle, high = statistics.quantiles(ratios, n=4)
        own = statistics.median(a for a, _ in pairs) * 1000
        rows.append(
            (work.name, f"{own:.3g} ms", peer, f"{middle:.2f} [{low:.2f} to {high:.2f}]",
             f"{found:.0e}")
        )  # fmt: skip
        print("  ".join(rows[-1]), flush=True)
    return rows


FRESH: Final = {
    "ours": "import review; review.meta_analysis(y, v, method='DL')",
    "statsmodels": "from statsmodels.stats.meta_analysis import combine_effects as c; "
    "import numpy as np; c(np.array(y), np.array(v), method_re='dl')",
    "PyMARE": "import numpy as np; from pymare import Dataset, estimators as e; "
    "e.DerSimonianLaird().fit_dataset(Dataset(np.array(y), np.array(v))).summary()",
    "pimeta": "import pimeta; pimeta.rma(y, v, method='DL')",
    "PyMetaAnalysis": "import meta_analyze as m; m.meta_analysis(effect=y, variance=v, "
    "tau2_method='DL')",
}


def fresh(rounds: int) -> list[tuple[str, ...]]:
    """Import and first fit, each in a process of its own."""
    data = "y, v = [0.1, 0.5, 0.3, 0.9], [0.1, 0.05, 0.2, 0.1]; "
    names = ["ours", *(p for p, module in PEERS.items() if there(module))]
    spent: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(max(3, rounds // 3)):
        for name in names:
            with subprocess.Popen([sys.executable, "-c", data + FRESH[name]]) as process:
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise SystemExit(f"{name} failed")
            spent[name].append(used.ru_utime + used.ru_stime)
    own = statistics.median(spent["ours"])
    rows = []
    for name in names[1:]:
        ratios = [b / a for a, b in zip(spent["ours"], spent[name], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        rows.append(
            ("import and first fit, fresh process", f"{1000 * own:.3g} ms", name,
             f"{middle:.2f} [{low:.2f} to {high:.2f}]", "")
        )  # fmt: skip
        print("  ".join(rows[-1]), flush=True)
    return rows


def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = [
        row for work in works() if asked.only in work.name for row in compare(work, asked.rounds)
    ]
    if asked.only in "import and first fit, fresh process":
        rows += fresh(asked.rounds)
    if asked.write:
        versions = ", ".join(
            f"{name} {importlib.metadata.version(name)}" for name, m in PEERS.items() if there(m)
        )
        table = ["| work | ours | peer | peer / ours | difference |", "|---|---|---|---|---|"]
        table += ["| " + " | ".join(row) + " |" for row in rows]
        text = HEAD.format(rounds=asked.rounds) + "\n".join(table)
        asked.write.write_text(f"{text}\n\n{versions}; numpy {np.__version__}.\n", "utf-8")


if __name__ == "__main__":
    main()
