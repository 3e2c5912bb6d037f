"""Kill -9 of `review serve` in the middle of writes: no finished click is lost.

Run it by hand:

    python tests/fuzz/kill_serve.py [--rounds 10] [--seed 1]

In each round two browsers decide on records as fast as they can, 50 in all, and the server is
killed somewhere on the way. A click has finished when the server has answered it. Every one of
those must stand in `decisions.csv` afterwards, each once, and `review check` must find no error;
then the server is started again and the rest is decided on.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

from review import open_review

_BENCH = Path(__file__).parents[1] / "benchmarks" / "bench_serve.py"
_spec = importlib.util.spec_from_file_location("bench_serve", _BENCH)
bench = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bench)
WRITES = 50


def decided(folder: Path, who: str) -> list[str]:
    """The records that a person has decided on, as the file says."""
    with (folder / "decisions.csv").open(encoding="utf-8", newline="") as file:
        return [r["record_id"] for r in csv.DictReader(file) if r["reviewer"] == who]


def one_round(folder: Path, rng: random.Random) -> list[str]:
    """Kill the server once; return what went wrong."""
    (folder / "decisions.csv").unlink(missing_ok=True)
    finished: dict[str, list[str]] = {"Ann": [], "Bo": []}
    server = bench.Server(folder)
    other = bench.Server.__new__(bench.Server)
    other.host, other.process, other.cookies, other.csrf = server.host, server.process, {}, ""
    others = {"Ann": server, "Bo": other}
    other.cookies = {k: v for k, v in server.cookies.items() if k != "review_name"}
    other.csrf = server.csrf
    other.ask("/who", name="Bo")

    def clicks(who: str) -> None:
        for i in range(WRITES // 2):
            try:
                status, _ = others[who].ask("/screen", record=f"r{i}", action="include")
            except OSError:  # killed
                return
            except Exception:
                return
            if status == 200:
                finished[who].append(f"r{i}")

    threads = [threading.Thread(target=clicks, args=(who,)) for who in finished]
    for thread in threads:
        thread.start()
    wanted = rng.randrange(3, WRITES - 5)
    while sum(map(len, finished.values())) < wanted and any(t.is_alive() for t in threads):
        time.sleep(0.001)
    time.sleep(rng.random() * 0.05)
    server.process.kill()
    server.process.wait()
    for thread in threads:
        thread.join()
    wrong = []
    open_review(folder)  # settles what was left
    for who, clicked in finished.items():
        there = decided(folder, who)
        wrong += [f"{who}: {i} was lost" for i in clicked if i not in there]
        wrong += [f"{who}: {i} stands there twice" for i in set(there) if there.count(i) > 1]
        if len(there) > len(clicked) + 1:
            wrong.append(f"{who}: {len(there)} decisions of {len(clicked)} clicks")
    wrong += [str(p) for p in open_review(folder).check().problems if p.level == "error"]
    total = sum(map(len, finished.values()))
    print(f"killed after {total} finished clicks of {WRITES}: {wrong or 'nothing lost'}")
    return wrong


def main() -> None:
    """Print a line per round; exit status 1 when a click was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    wrong = []
    with tempfile.TemporaryDirectory() as place:
        folder = bench.make(Path(place) / "small", 60)
        for _ in range(given.rounds):
            wrong += one_round(folder, rng)
    print(f"{given.rounds} rounds: {len(wrong)} faults")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
