"""Looks at the archive of a workbook or a Word file before anything of it is unpacked.

It is a zip archive of XML: 200 KB can unpack to 200 MB, and a few lines of XML can define
texts that multiply. What the archive says of its sizes is what its reader unpacks at most, so that
a wrong statement ends in a damaged file and not in more memory.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any, Final
from xml.parsers import expat

from review.errors import DataError
from review.project.bounded import MEGABYTE
from review.project.problems import Problem

MAX_UNPACKED: Final = 150 * MEGABYTE
# styles and the like, of which each element becomes an object
MAX_OTHER: Final = 20 * MEGABYTE
MAX_PARTS: Final = 5_000
_LARGE: Final = ("xl/worksheets/", "xl/sharedstrings.xml", "content.xml")
_PASSED_OVER: Final = ("xl/media/", "pictures/", "thumbnails/", "word/media/", "word/embeddings/")
_XML: Final = (".xml", ".rels")


@dataclass(frozen=True, slots=True)
class ArchiveKind:
    """What an archive is, in the words of its messages."""

    noun: str
    remedy: str
    less: str


WORKBOOK: Final = ArchiveKind(
    "workbook",
    "save it again as .xlsx or as CSV UTF-8",
    "keep the table alone, or save it as CSV UTF-8",
)
DOCUMENT: Final = ArchiveKind(
    "Word file", "save it again as .docx or as plain text", "save it as plain text"
)


class _Stop(Exception):  # noqa: N818  no error
    """The part has been looked at far enough."""


def open_archive(data: bytes, name: str, kind: ArchiveKind = WORKBOOK) -> zipfile.ZipFile:
    """Return the archive that the bytes of a workbook or Word file are.

    Raises:
        DataError: not an archive, more than any table needs, or a part with a document type.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
        _check_sizes(parts, name, kind)
        for part in parts:
            if part.filename.casefold().endswith(_XML):
                _refuse_document_type(archive, part, name, kind)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError,
        NotImplementedError,
    ):  # fmt: skip
        raise unreadable(name, "the file is damaged", kind) from None
    return archive


def unreadable(name: str, why: str, kind: ArchiveKind = WORKBOOK) -> DataError:
    """Return the error of a file that is no workbook, or no Word file."""
    problem = Problem(name, f"not a readable {kind.noun} ({why})", remedy=kind.remedy)
    return DataError(str(problem), [problem])


def _check_sizes(parts: list[zipfile.ZipInfo], name: str, kind: ArchiveKind) -> None:
    whole = sum(part.file_size for part in parts)
    if whole > MAX_UNPACKED:
        raise _too_much(name, f"{whole / MEGABYTE:,.0f} MB once unpacked", MAX_UNPACKED, kind)
    if len(parts) > MAX_PARTS:
        raise unreadable(name, f"{len(parts):,} parts, where at most {MAX_PARTS:,} are usual", kind)
    for part in parts:
        inside = part.filename.casefold()
        other = not inside.startswith((*_LARGE, *_PASSED_OVER))
        if other and part.file_size > MAX_OTHER:
            found = f"{part.file_size / MEGABYTE:,.0f} MB in {part.filename}"
            raise _too_much(name, found, MAX_OTHER, kind)


def _too_much(name: str, found: str, most: int, kind: ArchiveKind) -> DataError:
    problem = Problem(
        name, f"the {kind.noun} has {found}", allowed=f"at most {most / MEGABYTE:,.0f} MB",
        remedy=kind.less,
    )  # fmt: skip
    return DataError(str(problem), [problem])


def _refuse_document_type(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str, kind: ArchiveKind
) -> None:
    """Read a part up to its first element: a document type stands before it."""
    found: list[str] = []

    def note(*_: Any) -> None:
        found.append(part.filename)
        raise _Stop

    def stop(*_: Any) -> None:
        raise _Stop

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler, parser.StartElementHandler = note, stop
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(4096):
                parser.Parse(chunk)
    except _Stop:
        pass
    except expat.ExpatError as error:
        raise unreadable(name, f"{part.filename}: {error}", kind) from None
    if found:
        raise unreadable(
            name, f"{part.filename} has a document type, which no {kind.noun} has", kind
        )
