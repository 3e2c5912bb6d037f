"""How the report was made: command, versions, and checksums of the files it read."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import re
from typing import TYPE_CHECKING, Any, Final

import review as package
from review.report.blocks import Facts, Group, Section, text
from review.report.table_cells import table_of
from review.resources import resource_dir

if TYPE_CHECKING:
    from review.project import Review
    from review.report.results import Results

TITLE: Final = "Provenance"
PACKAGES: Final = (
    "numpy", "scipy", "pandas", "statsmodels", "plotly", "pydantic", "jinja2", "krippendorff",
)  # fmt: skip
ABSENT: Final = "not installed"
# what a review consists of; other files of its folder, such as reports, are left out
PATTERNS: Final = ("*.toml", "*.csv", "codings/*.csv", "tools/*.toml")


def build(results: Results) -> Section:
    """Return the section."""
    review = results.review
    rows: list[dict[str, Any]] = [{"program": "review", "version": package.__version__}]
    rows.append({"program": "Python", "version": platform.python_version()})
    rows += [{"program": name, "version": _version(name)} for name in PACKAGES]
    rows.append({"program": "plotly.js (in this file)", "version": plotly_js_version()})
    facts = Facts(
        (
            ("Command", (results.command,)),
            ("Date of the data", (results.date or "not stated",)),
            ("Review folder", (review.name,)),
        )
    )
    files = table_of(
        checksums(review), caption="Files of the review and their SHA-256 checksums",
        name="checksums",
    )  # fmt: skip
    versions = table_of(rows, caption="Programs and their versions", name="versions")
    return Section(
        "provenance",
        TITLE,
        (
            text(
                "The same files and programs give this report again, byte for byte: it holds no "
                "time of its making and nothing drawn by chance without a fixed seed."
            ),
            facts,
            Group("versions", "Programs", (versions,)),
            Group("checksums", "Data", (files,)),
        ),
    )


def checksums(review: Review) -> list[dict[str, Any]]:
    """Return name, size and SHA-256 checksum of each file that the review consists of.

    Example:
        >>> from review.project import open_review
        >>> [row["file"] for row in checksums(open_review("wang2021"))][:2]
        ['codebook.toml', 'published.toml']
    """
    paths = (p for pattern in PATTERNS for p in review.path.glob(pattern))
    names = (p.relative_to(review.path).as_posix() for p in paths if p.is_file())
    files = {name: review.file(name) for name in names if not name.startswith(".")}
    if review.code.used:
        files |= review.code.files
    return [
        {"file": name, "bytes": len(data), "SHA-256": hashlib.sha256(data).hexdigest()}
        for name, data in sorted(files.items())
    ]


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ABSENT


def plotly_js_version() -> str:
    """Return the version that the vendored plotly.js names in its first lines."""
    path = resource_dir("templates") / "vendor" / "plotly-cartesian.min.js"
    with path.open(encoding="utf-8") as file:
        found = re.search(r"v(\d+\.\d+\.\d+)", file.read(400))
    return found.group(1) if found else "unknown"
