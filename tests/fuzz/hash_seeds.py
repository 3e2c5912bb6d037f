"""Does anything depend on the order of a set? Everything of the bundled reviews, seed after seed.

Python shuffles sets of text anew with each start, by a hash seed. This script writes reports,
figures, tables and JSON of all bundled reviews under several seeds and compares them byte by byte:

    python tests/fuzz/hash_seeds.py --seeds 10
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REVIEWS = ("kim2022", "shtem2021", "wang2021")
# a file name per line of output, and the command whose standard output it holds
PRINTED = {
    "check.json": ("check", "--json"),
    "list.json": ("list", "--json", "--columns", "all"),
    "list.txt": ("list", "--columns", "all"),
    "map.txt": ("list", "--map"),
    "datasets.json": ("datasets", "--json"),
    "audit.txt": ("audit",),
    "audit.json": ("audit", "--json"),
    "agreement.txt": ("agreement", "--bootstrap", "200"),
    "agreement.json": ("agreement", "--bootstrap", "200", "--json"),
    "disagreements.txt": ("agreement", "--bootstrap", "200", "--disagreements"),
    "recommend.txt": ("recommend", "--n", "500"),
    "recommend.json": ("recommend", "--n", "500", "--json"),
    "meta.txt": ("meta", "--outcome", "accuracy", "--also", "leave-one-out,egger,begg,trim-fill"),
    "meta.json": ("meta", "--outcome", "accuracy", "--by", "modality", "--json"),
}


def run_all(folder: Path) -> dict[str, str]:
    """Write everything under `folder`, in this process, and return a checksum per file."""
    from review.cli.main import main

    def run(*arguments: object) -> str:
        printed, said = io.StringIO(), io.StringIO()
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(said),
            contextlib.suppress(SystemExit),
        ):
            main([str(a) for a in arguments])
        return printed.getvalue() + said.getvalue()

    os.chdir(folder)  # so that no path of this run stands in what is printed
    for name in REVIEWS:
        place = Path(name)
        place.mkdir()
        run("report", "-r", name, "--out", place / "report.html")
        run("analyze", "--all", "-r", name, "--format", "html,csv,json", "--out", place / "figures")
        run("meta", "-r", name, "--outcome", "accuracy", "--out", place / "meta")
        for file, command in PRINTED.items():
            text = run(*command, "-r", name)
            (place / file).write_text(text, encoding="utf-8")
    return {
        path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(Path().rglob("*"))
        if path.is_file()
    }


def under(seed: int) -> dict[str, str]:
    """Run everything in a process of its own, with a hash seed."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, __file__, "--child", folder], capture_output=True, text=True,
            check=False, env=os.environ | {"PYTHONHASHSEED": str(seed)},
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"seed {seed}: {done.stderr}")
    found: dict[str, str] = json.loads(done.stdout)
    return found


def compare(seeds: range) -> list[str]:
    """Return the files that are not the same under all seeds."""
    first = under(seeds[0])
    different = set()
    for seed in seeds[1:]:
        other = under(seed)
        different |= {n for n in {*first, *other} if first.get(n) != other.get(n)}
    return sorted(different)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--child", metavar="DIR", help="write there, print checksums")
    options = parser.parse_args()
    if options.child:
        print(json.dumps(run_all(Path(options.child))))
        return
    different = compare(range(options.seeds))
    print(f"{options.seeds} hash seeds: {len(different)} files differ")
    print("\n".join(different))
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
