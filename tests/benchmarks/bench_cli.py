"""Times of the command line: cold starts, and a review of 50,000 made-up studies.

Run it by hand; it prints and asserts nothing:

    python tests/benchmarks/bench_cli.py [studies]

The studies are made up by a seeded generator for timing alone; no figure of them is kept.
"""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from review.resources import resource_dir

COLD_RUNS = 5
STUDIES = 50_000


def make_review(folder: Path, studies: int, seed: int = 1) -> None:
    """Write a review with the coding form of kim2022 and made-up studies."""
    source = resource_dir("data") / "kim2022"
    folder.mkdir(parents=True)
    for name in ("review.toml", "codebook.toml"):
        shutil.copy(source / name, folder / name)
    with (source / "studies.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    rng = random.Random(seed)
    words = {
        "backbone": ["AlexNet", "VGG16", "ResNet", "Inception3", "DenseNet", "many", ""],
        "tl_type": ["feature_extractor", "fine_tuning", "fine_tuning_from_scratch", "many", ""],
        "modality": ["CT", "MRI", "X-ray", "microscopy", "OCT", "sonography", "many"],
        "subject": ["bones", "nervous_system", "respiratory_system", "integument"],
    }
    with (folder / "studies.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        for i in range(studies):
            row = {name: rng.choice(choices) for name, choices in words.items()}
            row |= {
                "study_id": f"study{i:06d}",
                "first_author": f"Author{i % 9973}",
                "year": str(2015 + i % 6),
                "title": f"Made-up study {i} of transfer learning for medical image classification",
                "doi": f"10.1234/made.up.{i}",
                "evidence": "abstract",
                "n_images": str(int(10 ** rng.uniform(1.5, 5.5))),
                "n_patients": str(int(10 ** rng.uniform(1.5, 4.0))),
                "n_classes": str(rng.randint(2, 9)),
                "auc": f"{rng.uniform(0.6, 1.0):.3f}",
                "accuracy": f"{rng.uniform(0.6, 1.0):.3f}",
            }
            writer.writerow(row)


@dataclass(frozen=True)
class Run:
    """What one run of the command took.

    Attributes:
        wall, cpu: seconds; far apart on a busy machine.
        peak: largest memory, in MB.
    """

    wall: float
    cpu: float
    peak: float
    code: int


def run(arguments: list[str], folder: Path) -> Run:
    """Run the command in a process of its own."""
    command = [sys.executable, "-c", "from review.cli.main import main; main()", *arguments]
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    cpu = used.ru_utime + used.ru_stime
    return Run(wall, cpu, used.ru_maxrss / 1024, process.returncode)


def show(arguments: list[str], runs: list[Run]) -> None:
    """Print the best of several runs."""
    best = min(runs, key=lambda r: r.wall)
    print(
        f"review {' '.join(arguments[:3]):<28} {best.wall:6.2f} s  (CPU {best.cpu:5.2f} s)  "
        f"{best.peak:5.0f} MB  exit {best.code}  best of {len(runs)}"
    )


def main() -> None:
    """Print the times."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else STUDIES
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for arguments in (["--help"], ["analyze", "--figure", "6"], ["analyze", "--all"]):
            show(arguments, [run(arguments, folder) for _ in range(COLD_RUNS)])
        big = folder / "big"
        make_review(big, studies)
        print(f"\n{studies:,} made-up studies")
        add = ["add", "--set", "study_id=new2020", "--set", "title=New", "--set", "year=2020"]
        for arguments in (["check"], ["analyze", "--figure", "6"], add):
            show(arguments, [run(arguments, big)])


if __name__ == "__main__":
    main()
