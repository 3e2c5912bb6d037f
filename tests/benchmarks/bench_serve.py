"""How long the pages of `review serve` take, and the next record, with many records.

Run it by hand; it prints and asserts nothing:

    python tests/benchmarks/bench_serve.py [--records 20000] [--rounds 15]

Half of the records are decided on by two reviewers. The server is the one that users start; it is
asked over the network of this computer. Shown are the first time a page is asked for, and the
median and the slowest of the later times. After each decision the screening page (the next record)
is asked for anew, which is when it has to be worked out. The processor time of the server beside
it says what is left of a time when other programs use the machine.
"""

from __future__ import annotations

import argparse
import csv
import http.client
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from review.workflow.coding.init import init_review

PAGES = (
    "/", "/standing", "/flow", "/screen", "/screen?order=date", "/screen?text=mri",
    "/screen/mine", "/conflicts", "/import", "/code", "/disagreements", "/rob", "/results",
    "/report",
)  # fmt: skip
WORDS = (
    "trial", "patients", "randomised", "deep", "learning", "image", "mri", "ct", "cohort",
    "outcome", "mortality", "treatment", "placebo", "effect", "risk", "study", "method",
)  # fmt: skip
MAIN = "from review.cli.main import main; main()"


def make(folder: Path, n: int) -> Path:
    """A review with many records, half of them decided on."""
    init_review(folder)
    rng = random.Random(1)
    with (folder / "records.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["record_id", "source", "title", "abstract", "authors", "year", "journal"])
        for i in range(n):
            title, text = (" ".join(rng.choices(WORDS, k=k)) for k in (12, 230))
            rows.writerow([f"r{i}", "PubMed", title, text, "Lee A", rng.randint(1990, 2025), "J"])
    with (folder / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["record_id", "stage", "reviewer", "decision", "date"])
        for i in range(n // 2):
            for who in ("Ann", "Bo"):
                said = rng.choice(["include", "exclude", "exclude", "exclude"])
                day = f"2026-01-{1 + i % 28:02d}T10:{i % 60:02d}:00+00:00"
                rows.writerow([f"r{i}", "title_abstract", who, said, day])
    with (folder / "review.toml").open("a", encoding="utf-8") as file:
        file.write("\n[screening]\nreviewers = 2\n")
    return folder


class Server:
    """A server in a process of its own, and a browser that has come in."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", MAIN, "serve", str(folder), "--no-browser"],
            stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self.process.stdout is not None
        address = urlsplit(self.process.stdout.readline().strip())
        self.host = address.netloc
        self.cookies: dict[str, str] = {}
        self.csrf = ""
        self.ask(f"/?{address.query}")
        self.csrf = re.search(r'name="csrf" content="([^"]+)"', self.ask("/who")[1]).group(1)
        self.ask("/who", name="Ann")

    def ask(self, path: str, **form: str) -> tuple[int, str]:
        """Ask for a page, or send a form."""
        connection = http.client.HTTPConnection(self.host, timeout=300)
        headers = {"cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if form:
            body = urlencode({"csrf": self.csrf, "made_for": "Ann", **form})
            headers |= {"origin": f"http://{self.host}",
                        "content-type": "application/x-www-form-urlencoded"}  # fmt: skip
        connection.request("POST" if form else "GET", path, body, headers)
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def processor(self) -> float:
        """Seconds of the processor that the server has used (0 where that is not told)."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def told(what: str, times: list[float], used: list[float]) -> None:
    """Print times in milliseconds."""
    first, *later = (1000 * t for t in times)
    busy = 1000 * sum(used[1:]) / max(len(used) - 1, 1)
    print(f"{what:<26} first {first:>8.0f}   median {statistics.median(later):>7.0f}   "
          f"slowest {max(later):>7.0f}   processor {busy:>6.0f} ms")  # fmt: skip


def main() -> None:
    """Print a line per page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = make(Path(place) / "many", given.records)
        server = Server(folder)
        try:
            for path in PAGES:
                times, used = [], []
                for _ in range(given.rounds):
                    before, start = server.processor(), time.perf_counter()
                    status, _ = server.ask(path)
                    times.append(time.perf_counter() - start)
                    used.append(server.processor() - before)
                    assert status == 200, path
                told(path, times, used)
            writing, reading, w_used, r_used = [], [], [], []
            for i in range(given.rounds):
                record = f"r{given.records // 2 + i}"
                before, start = server.processor(), time.perf_counter()
                assert server.ask("/screen", record=record, action="include")[0] == 200
                writing.append(time.perf_counter() - start)
                w_used.append(server.processor() - before)
                # in another order than the answer had, so that it is worked out anew
                before, start = server.processor(), time.perf_counter()
                assert server.ask("/screen?order=random")[0] == 200
                reading.append(time.perf_counter() - start)
                r_used.append(server.processor() - before)
            told("a decision is written", writing, w_used)
            told("next record after it", reading, r_used)
        finally:
            server.process.terminate()
            server.process.wait()


if __name__ == "__main__":
    main()
