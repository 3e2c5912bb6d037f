"""Times of a report of made-up studies: to write it, and to search and sort it in a browser.

Run it by hand; it prints and asserts nothing. It needs playwright and a Chromium browser:

    python tests/benchmarks/bench_report.py [studies]
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from review.project import open_review
from review.report import build_report

STUDIES = 5_000
TESTS = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TEXTS = ["n", "ne", "needle", "", "skin lung", "author00042", "mri", "fine tuning ct", ""]
SEARCH = """async (texts) => {
  const input = document.getElementById("study-search");
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  const times = [];
  for (const text of texts) {
    const start = performance.now();
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await frame();
    times.push(performance.now() - start);
  }
  return times;
}"""
SORT = """() => {
  const start = performance.now();
  document.querySelector("#study-table th[data-key=n_images] button").click();
  document.body.getBoundingClientRect();
  return performance.now() - start;
}"""


def samples() -> Any:
    """Return the module that makes the reviews of the tests."""
    path = TESTS / "report" / "sample_reviews.py"
    spec = importlib.util.spec_from_file_location("sample_reviews", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Write, open, search and sort; print the times."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else STUDIES
    with tempfile.TemporaryDirectory() as folder:
        review = samples().large_review(Path(folder) / "large", studies)
        start = time.perf_counter()
        html = build_report(open_review(review)).html
        print(f"{studies:,} studies: {time.perf_counter() - start:.1f} s, {len(html) / 1e6:.1f} MB")
        path = Path(folder) / "report.html"
        path.write_bytes(html)
        in_browser(path)


def in_browser(path: Path) -> None:
    """Print how long searching and sorting take: the quickest of three, as others only add time."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    program = os.environ.get("BROWSER_PATH") or found
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(path.as_uri())
        page.wait_for_timeout(1000)  # the browser is busy with loading
        runs = [page.evaluate(SEARCH, TEXTS) for _ in "123"]
        times = [min(counts) for counts in zip(*runs, strict=True)]
        print(f"search: median {statistics.median(times):.0f} ms, worst {max(times):.0f} ms")
        print(f"sorting: {min(page.evaluate(SORT) for _ in '123'):.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()
