"""The PDFs of a review folder: found, matched with studies and records, and served from it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.responses import PlainTextResponse, Response

from review.errors import DataError
from review.project.bounded import MEGABYTE, leads_out, read_bounded

if TYPE_CHECKING:
    from review.project import Review
    from review.web.web_visit import Visit

_MOST: Final = 20_000  # entries of the folder that are looked at
_MAX_BYTES: Final = 200 * MEGABYTE
# no more than this: a policy that forbids scripts would stop the viewers of some browsers
_POLICY: Final = "frame-ancestors 'self'"


def folder_pdfs(review: Review) -> list[str]:
    """Return the PDFs of a folder, relative to it; hidden ones and links out of it are left out."""
    found: list[str] = []
    seen = 0
    for here, folders, names in os.walk(review.path):
        folders[:] = sorted(d for d in folders if not d.startswith("."))
        seen += len(names) + len(folders)
        for name in sorted(names):
            path = Path(here, name)
            if (
                path.suffix.casefold() == ".pdf"
                and not name.startswith(".")
                and leads_out(path, review.path) is None
            ):
                found.append(path.relative_to(review.path).as_posix())
        if seen > _MOST:
            break
    return found


def pdf_of(pdfs: list[str], *idents: str) -> str | None:
    """Return the PDF that is called like one of some identifiers, letters and digits alone.

    Example:
        >>> pdf_of(["pdfs/Lee_2018.pdf", "pdfs/chen.pdf"], "", "lee2018")
        'pdfs/Lee_2018.pdf'
    """
    wanted = {_plain(i) for i in idents} - {""}
    return next((p for p in pdfs if _plain(Path(p).stem) in wanted), None)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def pdf(visit: Visit) -> Response:
    """Answer with a PDF of the folder, and with nothing else that lies in it."""
    name = visit.part("path")
    if name not in folder_pdfs(visit.review):
        return PlainTextResponse("There is no such PDF in the review folder.\n", 404)
    try:
        data = read_bounded(visit.review.path / name, name, root=visit.review.path, most=_MAX_BYTES)
    except DataError as error:
        return PlainTextResponse(f"{error.message}\n", 422)
    if b"%PDF-" not in data[:1024]:
        return PlainTextResponse(f"{name} is called a PDF and is none.\n", 415)
    headers = {"content-security-policy": _POLICY, "content-disposition": "inline"}
    return Response(data, media_type="application/pdf", headers=headers)
