"""The machine-readable block of a report: what a later report is compared with."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError
from review.project.bounded import read_bounded
from review.project.csv_tables import decode
from review.report.blocks import Estimate, web_address
from review.schema.cell_types import cell_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from review.project import Review
    from review.report.blocks import Section
    from review.schema import Study

FORMAT: Final = "review-report/1"
_BLOCK: Final = re.compile(
    r'<script type="application/json" id="report-data">(.*?)</script>', re.DOTALL
)


def study_link(study: Study) -> str | None:
    """Return the address of a study's source, when it is a web address."""
    return web_address(study.doi) or web_address(study.source_url)


def snapshot(review: Review, sections: Sequence[Section], *, date: str = "") -> dict[str, Any]:
    """Return the state of a review: its studies as printed and the estimates of its sections."""
    import review as package

    columns = review.columns
    return {
        "format": FORMAT,
        "review": review.name,
        "title": review.settings.title,
        "date": date,
        "version": package.__version__,
        "sections": [s.name for s in sections],
        "studies": {
            "columns": columns,
            "rows": [[_value(s.value(c)) for c in columns] for s in review.studies],
            "labels": [s.label for s in review.studies],
            "links": [study_link(s) for s in review.studies],
        },
        "estimates": {s.name: [e.to_dict() for e in s.estimates] for s in sections if s.estimates},
    }


def _value(value: Any) -> Any:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return cell_text(value)


def read_snapshot(path: Path) -> dict[str, Any]:
    """Return the block of a report file.

    Raises:
        DataError: not a report, or one of another format.
    """
    text, _ = decode(read_bounded(path, str(path)), str(path))
    found = _BLOCK.search(text)
    if found is None:
        raise DataError(f"{path} is no report of this program: it has no data block")
    try:
        data = json.loads(found.group(1))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: the data block is broken: {error}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        other = data.get("format") if isinstance(data, dict) else type(data).__name__
        raise DataError(f"{path}: the data block has the format {other!r}, not {FORMAT!r}")
    return _checked(data, path)


def _checked(data: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the block when its parts have the right shape."""
    try:
        columns = [str(c) for c in data["studies"]["columns"]]
        good = "study_id" in columns and all(
            len(row) == len(columns) for row in data["studies"]["rows"]
        )
        good = good and isinstance(data["sections"], list) and isinstance(data["title"], str)
        for estimates in data["estimates"].values():
            for estimate in estimates:
                Estimate(**estimate)
        for version in data.get("history", ()):
            good = good and isinstance(version["date"], str) and version["studies"] >= 0
            for e in version["estimates"]:
                good = good and isinstance(e["key"], str) and isinstance(e["label"], str)
                good = good and all(isinstance(e[n], float | int) for n in ("value", "low", "high"))
    except (AttributeError, KeyError, TypeError):
        good = False
    if not good:
        raise DataError(f"{path}: the data block is incomplete")
    return data
