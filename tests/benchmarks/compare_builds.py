"""Compare the numbers of two builds on the reference sets.

    git worktree add /tmp/before COMMIT
    python tests/benchmarks/compare_builds.py /tmp/before

Both builds run the same calls on the data of `tests/data`, each in a process of its own: fits with
every estimator and test, effect sizes, multilevel, accuracy, network, count and Bayesian models,
tests of small-study effects, selection models, influence. Printed are the largest relative
difference of each kind of call, numbers that only one build gives, and calls that only one of them
takes. Exit status 1 when a number differs by more than 1e-12.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
DATA: Final = ROOT / "tests" / "data"
TOLERANCE: Final = 1e-12
BIAS: Final = (
    "regression_test", "rank_test", "trim_and_fill", "limit_meta", "excess_significance",
    "pet_peese", "p_curve", "selection_model",
)  # fmt: skip
WORDS: Final = (
    "text", "note", "reason", "reference", "conventions", "settings", "iterations", "agreeing",
)  # fmt: skip
METHODS: Final = (
    "EE", "FE", "DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM", "DLIT", "SJIT",
)  # fmt: skip


def read(name: str) -> Any:
    """Return one file of reference values."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def calls() -> Iterator[tuple[str, Any]]:
    """Give names of calls and functions without arguments that make them."""
    import review

    sets = read("bias")["inputs"]
    for name, data in sets.items():
        yi, vi = data["yi"], data["vi"]
        for method in METHODS:
            for test in ("z", "t", "knha", "adhoc"):
                yield (
                    f"meta_analysis {name} {method} {test}",
                    lambda y=yi, v=vi, m=method, t=test: review.meta_analysis(
                        y, v, method=m, test=t
                    ),
                )
        fit = review.meta_analysis(yi, vi)
        for kind in ("QP", "PL"):
            yield f"confint {name} {kind}", lambda f=fit, k=kind: f.confint(k)
        for of in BIAS:
            options = {"type": "beta"} if of == "selection_model" else {}
            yield f"{of} {name}", lambda f=fit, o=of, w=options: getattr(review, o)(f, **w)
        for of in ("influence", "leave_one_out", "cumulative", "rstudent", "blup", "baujat"):
            yield f"{of} {name}", lambda f=fit, o=of: getattr(review, o)(f)
        yield (
            f"bayes_meta {name}",
            lambda y=yi, v=vi: review.bayes_meta(
                y, [math.sqrt(x) for x in v], tau_prior="half-normal:0.5"
            ),
        )
    for entry in read("effect_sizes")["entries"]:
        inputs = {k: v for k, v in entry["inputs"].items() if isinstance(v, list)}
        yield (
            f"effect_size {entry['id']}",
            lambda m=entry["measure"], i=inputs: review.effect_size(m, **i),
        )
    for entry in _with("rare_events", "ai", "n1i"):
        for model in ("UM.FS", "UM.RS", "CM.AL"):
            counts = {n: entry["inputs"][n] for n in ("ai", "n1i", "ci", "n2i")}
            yield (
                f"glmm {entry['id']} {model}",
                lambda m=model, c=counts: review.glmm("OR", model=m, **c),
            )
    for entry in _with("networks", "TE", "seTE"):
        columns = [entry["inputs"][n] for n in ("TE", "seTE", "treat1", "treat2", "studlab")]
        yield f"network_meta {entry['id']}", lambda c=columns: review.network_meta(*c)
    for entry in _with("multilevel", "yi", "vi"):
        if entry["call"].startswith("{"):
            known = json.loads(entry["call"])
            options = {n: known[n] for n in ("random", "struct", "method") if n in known}
            yield (
                f"meta_analysis_mv {entry['id']}",
                lambda d=entry["inputs"], o=options: review.meta_analysis_mv(
                    "yi", "vi", data=d, **o
                ),
            )
    for entry in _with("accuracy", "TP", "TN"):
        cells = {n.lower(): entry["inputs"][n] for n in ("TP", "FP", "FN", "TN")}
        for method in ("REML", "ML", "MM"):
            yield (
                f"diagnostic_meta {entry['id']} {method}",
                lambda m=method, c=cells: review.diagnostic_meta(method=m, **c),
            )


def _with(name: str, *columns: str) -> Iterator[dict[str, Any]]:
    """Give the entries of a file that hold these columns, one of each data set."""
    seen = []
    for entry in read(name)["entries"]:
        inputs = entry.get("inputs", {})
        if all(c in inputs for c in columns) and inputs not in seen:
            seen.append(inputs)
            yield entry


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Give every number in plain values with its place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if not str(name).startswith(WORDS):
                yield from leaves(inner, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for i, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{i}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, float(value)


def measured() -> dict[str, Any]:
    """Return the numbers of all calls; of a call that fails, the name of its error."""
    found: dict[str, Any] = {}
    for name, call in calls():
        try:
            found[name] = dict(leaves(call().to_dict()))
        except Exception as error:  # noqa: BLE001  both builds are asked, whatever they know
            found[name] = type(error).__name__
    return found


def run(root: Path) -> dict[str, Any]:
    """Return the numbers of the build in a folder, from a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(root), "PYTHONWARNINGS": "ignore"}
    out = subprocess.run(
        [sys.executable, __file__, "--numbers"],
        env=environment, cwd=root, check=True, capture_output=True, text=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(out.stdout)
    return found


def compare(before: dict[str, Any], now: dict[str, Any]) -> int:
    """Print the largest difference of each kind of call; return how many numbers differ."""
    largest: dict[str, tuple[float, str]] = {}
    counted: dict[str, int] = {}
    wrong = 0
    for name in sorted({*before, *now}):
        old, new = before.get(name), now.get(name)
        kind = name.split()[0]
        if not isinstance(old, dict) or not isinstance(new, dict):
            if isinstance(old, dict) or isinstance(new, dict):
                say = ["numbers" if isinstance(x, dict) else x for x in (old, new)]
                sys.stdout.write(f"{name}: before {say[0]}, now {say[1]}\n")
            continue
        for place in sorted({*old, *new}):
            if place not in old or place not in new:
                counted[kind + (" lost" if place in old else " new")] = (
                    counted.get(kind + (" lost" if place in old else " new"), 0) + 1
                )
                continue
            a, b = old[place], new[place]
            counted[kind] = counted.get(kind, 0) + 1
            gap = abs(a - b) / max(1.0, abs(a))
            wrong += gap > TOLERANCE
            if gap >= largest.get(kind, (-1.0, ""))[0]:
                largest[kind] = (gap, f"{name}{place}")
    for kind, (gap, place) in largest.items():
        more = "".join(
            f", {counted[kind + word]} {word.strip()}"
            for word in (" lost", " new")
            if kind + word in counted
        )
        where = f" ({place})" if gap > 0 else ""
        sys.stdout.write(f"{kind}: {counted[kind]} numbers, largest {gap:.1e}{where}{more}\n")
    return wrong


def main() -> int:
    """Compare two builds, or print the numbers of the one that Python finds."""
    parser = argparse.ArgumentParser(description="Compare the numbers of two builds.")
    parser.add_argument("before", nargs="?", type=Path, help="folder of the other build")
    parser.add_argument("--numbers", action="store_true", help="print the numbers of this build")
    given = parser.parse_args()
    if given.numbers:
        json.dump(measured(), sys.stdout)
        return 0
    if given.before is None:
        parser.error("name the folder of the build to compare with")
    wrong = compare(run(given.before.resolve()), run(ROOT))
    sys.stdout.write(f"{wrong} numbers differ by more than {TOLERANCE:g}\n")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
