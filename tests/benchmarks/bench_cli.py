"""Times of the command line: cold starts, and a review of 50,000 made-up studies.

Run it by hand; it prints and asserts nothing:

    python tests/benchmarks/bench_cli.py [studies]

The studies are made up by a seeded generator for timing alone; no figure of them is kept.
"""

from __future__ import annotations

import csv
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
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


def run(arguments: list[str], folder: Path) -> tuple[float, int, str]:
    """Run the command; return seconds, exit code and the last line it printed."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", "from review.cli.main import main; main()", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    said = (done.stderr or done.stdout).strip().splitlines()
    return seconds, done.returncode, said[-1] if said else ""


def peak_megabytes() -> float:
    """Return the largest memory that any finished child process used so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Print the times."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else STUDIES
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for arguments in (["--help"], ["analyze", "--figure", "6"], ["analyze", "--all"]):
            times = [run(arguments, folder)[0] for _ in range(COLD_RUNS)]
            print(f"review {' '.join(arguments):<28} best {min(times):6.2f} s  of {COLD_RUNS}")
        big = folder / "big"
        make_review(big, studies)
        print(f"\n{studies:,} made-up studies")
        add = ["add", "--set", "study_id=new2020", "--set", "title=New", "--set", "year=2020"]
        for arguments in (["check"], ["analyze", "--figure", "6"], add):
            seconds, code, said = run(arguments, big)
            name = " ".join(arguments[:3])
            print(
                f"review {name:<28} {seconds:6.2f} s  exit {code}  "
                f"peak of all so far {peak_megabytes():5.0f} MB  {said[:60]}"
            )


if __name__ == "__main__":
    main()
