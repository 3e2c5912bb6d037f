"""Records in the browser: exports are taken in, and what repeats is found."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse, RedirectResponse, Response

from review.errors import InputError
from review.schema.folder_files import DUPLICATES, RECORDS
from review.schema.screening_rows import KINDS
from review.web.long_work import run_command
from review.workflow.records.duplicate_review import doubtful_pairs, settle_doubts
from review.workflow.records.found_duplicates import Decided
from review.workflow.records.stored_records import stored_records

if TYPE_CHECKING:
    from review.web.long_work import Work
    from review.web.web_visit import Visit

_FIELDS: Final = ("source", "kind", "date", "query")
_MOST: Final = 50


def records(visit: Visit) -> Response:
    """Show what was imported, what repeats, and take more in."""
    review = visit.review
    compared = review.has(DUPLICATES) and review.has(RECORDS)
    doubtful = doubtful_pairs(review) if compared else []
    works = visit.state.works
    return visit.page(
        "records.html.j2",
        imports=review.imports,
        total=sum(1 for _ in stored_records(review)) if review.has(RECORDS) else 0,
        same=sum(d.verdict == "same" for d in review.duplicates),
        compared=compared,
        doubtful=doubtful[:_MOST],
        doubts=len(doubtful),
        kinds=sorted(set(KINDS.values())),
        works=[w for w in (works.of("import"), works.of("dedupe")) if w is not None],
    )


def take_in(visit: Visit) -> Response:
    """Import an export that was sent; the page shows how far it is."""
    _ = visit.person
    visit.review.require_writable()
    name = _file_name(visit.query("name"))
    if not visit.body:
        raise InputError(f"{name}: the file is empty")
    given = [f"--{f}={visit.query(f)}" for f in _FIELDS if visit.query(f).strip()]
    folder, body = str(visit.review.path), visit.body

    def make(work: Work) -> Any:
        work.tell(f"reading {name}")
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / name
            path.write_bytes(body)
            return run_command(work, ["import", str(path), "--review", folder, *given])

    visit.state.works.start("import", make)
    return JSONResponse({"ok": True})


def _file_name(text: str) -> str:
    """The name of a file without anything that leads elsewhere; `imports.csv` keeps it."""
    name = re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|]+", "_", text.strip()).strip(". ")[-120:]
    return name or "export.txt"


def compare(visit: Visit) -> Response:
    """Begin to look for records that repeat."""
    _ = visit.person
    folder = str(visit.review.path)

    def make(work: Work) -> Any:
        work.tell("comparing the records")
        return run_command(work, ["dedupe", folder])

    visit.state.works.start("dedupe", make)
    return RedirectResponse("/import", 303)


def settle_pair(visit: Visit) -> Response:
    """Say of a doubtful pair what it is."""
    one, other, verdict = visit.field("one"), visit.field("other"), visit.field("verdict")
    reason = visit.field("reason").strip()
    settle_doubts(visit.review, [Decided(one, other, verdict, visit.person, reason)])
    visit.tell(f"{one} and {other}: {verdict}")
    visit.review = visit.state.now()
    return records(visit)
