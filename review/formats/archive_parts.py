"""Looks at a workbook's archive before anything of it is unpacked.

A workbook is a zip archive of XML: 200 KB can unpack to 200 MB, and a few lines of XML can define
texts that multiply. What the archive says of its sizes is what its reader unpacks at most, so that
a wrong statement ends in a damaged file and not in more memory.
"""

from __future__ import annotations

import io
import zipfile
import zlib
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
_PASSED_OVER: Final = ("xl/media/", "pictures/", "thumbnails/")
_XML: Final = (".xml", ".rels")


class _Stop(Exception):  # noqa: N818  no error
    """The part has been looked at far enough."""


def open_archive(data: bytes, name: str) -> zipfile.ZipFile:
    """Return the archive that the bytes of a workbook are.

    Raises:
        DataError: not an archive, more than any table needs, or a part with a document type.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
        _check_sizes(parts, name)
        for part in parts:
            if part.filename.casefold().endswith(_XML):
                _refuse_document_type(archive, part, name)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError,
        NotImplementedError,
    ):  # fmt: skip
        raise unreadable(name, "the file is damaged") from None
    return archive


def unreadable(name: str, why: str) -> DataError:
    """Return the error of a file that is no workbook."""
    problem = Problem(
        name, f"not a readable workbook ({why})", remedy="save it again as .xlsx or as CSV UTF-8"
    )
    return DataError(str(problem), [problem])


def _check_sizes(parts: list[zipfile.ZipInfo], name: str) -> None:
    whole = sum(part.file_size for part in parts)
    if whole > MAX_UNPACKED:
        raise _too_much(name, f"{whole / MEGABYTE:,.0f} MB once unpacked", MAX_UNPACKED)
    if len(parts) > MAX_PARTS:
        raise unreadable(name, f"{len(parts):,} parts, where at most {MAX_PARTS:,} are usual")
    for part in parts:
        inside = part.filename.casefold()
        other = not inside.startswith((*_LARGE, *_PASSED_OVER))
        if other and part.file_size > MAX_OTHER:
            found = f"{part.file_size / MEGABYTE:,.0f} MB in {part.filename}"
            raise _too_much(name, found, MAX_OTHER)


def _too_much(name: str, found: str, most: int) -> DataError:
    problem = Problem(
        name, f"the workbook has {found}", allowed=f"at most {most / MEGABYTE:,.0f} MB",
        remedy="keep the table alone, or save it as CSV UTF-8",
    )  # fmt: skip
    return DataError(str(problem), [problem])


def _refuse_document_type(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
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
        raise unreadable(name, f"{part.filename}: {error}") from None
    if found:
        raise unreadable(name, f"{part.filename} has a document type, which no workbook has")
