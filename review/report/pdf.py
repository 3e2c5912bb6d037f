"""The report as PDF, printed by Chromium or Chrome when one is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from review.errors import InputError, MissingExtraError
from review.report.render import unpacked

BROWSERS: Final = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge",
)  # fmt: skip
MAC: Final = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
VARIABLE: Final = "BROWSER_PATH"
SECONDS: Final = 180
# the page gets this much of its own time to draw its figures
VIRTUAL_MILLISECONDS: Final = 20_000


def find_browser() -> str:
    """Return the path of a Chromium browser.

    Raises:
        MissingExtraError: none is installed.
    """
    named = os.environ.get(VARIABLE)
    candidates = [named] if named else [*BROWSERS, str(MAC)]
    for name in candidates:
        found = shutil.which(name)
        if found:
            return found
    if named:
        raise MissingExtraError(f"{VARIABLE}={named!r} names no program")
    raise MissingExtraError(
        "PDF needs Chromium or Chrome, and none was found: install one (Debian: 'apt install "
        f"chromium'), or name it in {VARIABLE}. The HTML report needs none: any browser prints it."
    )


def print_pdf(report: bytes) -> bytes:
    """Return a report as PDF.

    Raises:
        MissingExtraError: there is no browser.
        InputError: the browser fails.
    """
    browser = find_browser()
    with tempfile.TemporaryDirectory() as profile:
        made, page = Path(profile) / "report.pdf", Path(profile) / "report.html"
        page.write_bytes(unpacked(report))
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--no-pdf-header-footer", f"--user-data-dir={profile}/profile",
            f"--virtual-time-budget={VIRTUAL_MILLISECONDS}", f"--print-to-pdf={made}",
            page.as_uri() + "#all",
        ]  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603  the program was found by name
                command, capture_output=True, check=False, timeout=SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError(f"{browser} could not print the report: {error}") from None
        if not made.is_file():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise InputError(
                f"{browser} printed no PDF (status {done.returncode}"
                + (f": {said[-1]}" if said else "")
                + ")"
            )
        return made.read_bytes()
