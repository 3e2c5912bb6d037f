"""One headless Chromium for all browser tests, and the reports they open."""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from review.project import open_review
from review.report import build_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
SAMPLES = Path(__file__).parent.parent / "report" / "sample_reviews.py"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session", name="chromium")
def _chromium():
    path = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium or Chrome found (Debian: apt install chromium)")
    return path


@pytest.fixture(scope="session", name="browser")
def _browser(chromium):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


def until(page, true):
    """Wait until something is so; a minute is the most that a busy machine takes."""
    for _ in range(1200):
        if true():
            return
        page.wait_for_timeout(50)
    pytest.fail("it did not become so")


@pytest.fixture(name="until")
def _until():
    return until


@dataclass
class Opened:
    """A page, and what it said and asked for."""

    page: object
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(name="open_page")
def _open_page(browser):
    """Open a file; every console message, error and request is kept."""
    contexts = []

    def open_page(path, *, width=1280, height=900, scheme="light", wait=True, **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, **options
        )
        contexts.append(context)
        opened = Opened(context.new_page())
        page = opened.page
        page.on("console", lambda m: opened.errors.append(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda e: opened.errors.append(f"error: {e}"))
        page.on("request", lambda r: opened.requests.append(r.url))
        page.goto(path.as_uri())
        if wait:
            page.wait_for_load_state("load")
        return opened

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session", name="samples")
def _samples():
    spec = importlib.util.spec_from_file_location("sample_reviews_browser", SAMPLES)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session", name="report_of")
def _report_of(tmp_path_factory):
    """Return the file of a bundled review's report, written once."""
    folder, written = tmp_path_factory.mktemp("reports"), {}

    def report_of(name):
        if name not in written:
            path = folder / f"{Path(name).name}.html"
            path.write_bytes(build_report(open_review(name)).html)
            written[name] = path
        return written[name]

    return report_of


@pytest.fixture(scope="session", name="full")
def _full(report_of, samples, tmp_path_factory):
    """The report of a review that has every kind of file and hostile texts."""
    return report_of(str(samples.full_review(tmp_path_factory.mktemp("full") / "full")))


@pytest.fixture(scope="session", name="large")
def _large(samples, tmp_path_factory):
    """The report of 5,000 studies."""
    folder = samples.large_review(tmp_path_factory.mktemp("large") / "large")
    path = folder.parent / "large.html"
    path.write_bytes(build_report(open_review(folder)).html)
    return path
