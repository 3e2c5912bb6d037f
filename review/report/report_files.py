"""A report as files of the formats that were asked for: HTML, PDF, Word, Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from review.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from review.report.assemble import Report

ReportFormat = Literal["html", "pdf", "docx", "md"]
REPORT_FORMATS: Final[tuple[ReportFormat, ...]] = get_args(ReportFormat)
MARKDOWN_MARK: Final = "<!-- report of a systematic review -->"
# how a file of a format begins, in small letters: only such a file is written over
STARTS: Final[dict[str, tuple[bytes, ...]]] = {
    "html": (b"<!doctype html", b"<html"), "pdf": (b"%pdf",), "docx": (b"pk\x03\x04",),
    "md": (MARKDOWN_MARK.encode(),), "svg": (b"<?xml", b"<svg"),
}  # fmt: skip


@dataclass(frozen=True)
class ReportFiles:
    """The files of a report.

    Attributes:
        files: path -> bytes, in the order in which they are written.
        remarks: what could not be put into them, and why.
    """

    files: dict[Path, bytes]
    remarks: tuple[str, ...] = ()


def parse_report_formats(values: Iterable[str], out: Path | None) -> tuple[ReportFormat, ...]:
    """Return formats given one by one or joined by commas; without any, what `out` is called.

    Raises:
        UnknownNameError: an unknown format.
        InputError: the file that is named has the ending of another format.

    Example:
        >>> from pathlib import Path
        >>> parse_report_formats(["docx,MD"], None), parse_report_formats([], Path("a.docx"))
        (('docx', 'md'), ('docx',))
    """
    names = [part.strip().casefold() for value in values for part in value.split(",")]
    chosen: dict[ReportFormat, None] = {}
    for name in filter(None, names):
        if name not in REPORT_FORMATS:
            raise UnknownNameError("format", name, REPORT_FORMATS)
        chosen[name] = None
    ending = "" if out is None else out.suffix.casefold().removeprefix(".")
    if ending in REPORT_FORMATS:
        if not chosen:
            return (ending,)
        if ending not in chosen:
            raise InputError(
                f"--out {out} is the name of a file of the format {ending}, and --format says "
                f"{', '.join(chosen)}"
            )
    return tuple(chosen) or ("html",)


def report_paths(
    stem: Path, formats: Sequence[ReportFormat], out: Path | None
) -> dict[ReportFormat, Path]:
    """Return the file of each format: `out` for its own, others beside it with another ending."""
    if out is None:
        return {name: stem.with_name(f"{stem.name}.{name}") for name in formats}
    if len(formats) == 1 and out.suffix.casefold() != f".{formats[0]}" and formats[0] == "html":
        return {"html": out}
    return {name: out.with_suffix(f".{name}") for name in formats}


def report_files(report: Report, paths: dict[ReportFormat, Path]) -> ReportFiles:
    """Return the files of a report.

    Args:
        report: as built.
        paths: of each format that is wanted.

    Raises:
        MissingExtraError: no browser for a PDF, or no python-docx for Word.
        InputError: the browser fails.
    """
    from review.report.block_pictures import block_pictures
    from review.report.markdown_file import markdown_file
    from review.report.pdf import print_pdf
    from review.report.word_file import word_file

    files: dict[Path, bytes] = {}
    remarks: dict[str, None] = {}
    title, subtitle = report.data["title"], report.subtitle
    for name, path in paths.items():
        if name == "html":
            files[path] = report.html
        elif name == "pdf":
            files[path] = print_pdf(report.html)
        elif name == "docx":
            pictures, why = block_pictures(report.sections)
            files[path] = word_file(title, subtitle, report.sections, pictures)
            remarks |= dict.fromkeys([f"{path} lacks pictures: {why}"] if why else [])
        else:
            drawn, why = block_pictures(report.sections, "svg")
            folder = path.with_name(f"{path.stem}-figures")
            held = {f"{ident}.svg": data for ident, data in drawn.items()}
            text = markdown_file(title, subtitle, report.sections, folder.name, held)
            files[path] = f"{MARKDOWN_MARK}\n".encode() + text
            files |= {folder / file: data for file, data in held.items()}
            remarks |= dict.fromkeys([f"{path} lacks pictures: {why}"] if why else [])
    return ReportFiles(files, tuple(remarks))


def is_report(path: Path, start: bytes) -> bool:
    """Whether a file that is there was written by a command like this one, by how it begins."""
    begins = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    known = STARTS.get(path.suffix.casefold().removeprefix("."), STARTS["html"])
    return not begins or begins.startswith(known)
