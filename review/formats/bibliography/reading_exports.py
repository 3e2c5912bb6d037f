"""The way in for every export of records: what it is, its records one by one, and the count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from review.errors import InputError
from review.formats.bibliography.asreview_project import project_records
from review.formats.bibliography.bib_record import BibRecord, Rejected
from review.formats.bibliography.bibtex_files import bibtex_records
from review.formats.bibliography.csl_json import csl_records, json_objects
from review.formats.bibliography.detected_format import detect
from review.formats.bibliography.endnote_files import endnote_records, tagged_records
from review.formats.bibliography.marker_counts import count_markers
from review.formats.bibliography.medline_files import medline_records
from review.formats.bibliography.pubmed_text import pubmed_text_records
from review.formats.bibliography.pubmed_xml import pubmed_records
from review.formats.bibliography.record_tables import delimiter_of, sheet_records, table_records
from review.formats.bibliography.ris_files import ris_records
from review.formats.bibliography.source_bytes import Source, open_source
from review.formats.bibliography.tagged_lines import Tally
from review.formats.bibliography.wos_files import wos_records
from review.formats.read_options import DEFAULT, ReadOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Item = BibRecord | Rejected
_TABLES: Final = ("CSV", "tab-delimited", "table", "workbook")


@dataclass
class Export:
    """An export that is being read: iterate it once, then ask for the counts.

    Attributes:
        source: the file.
        format: of it, such as RIS.
        writer: the database or program that wrote it, "" when it cannot be told.
        options: what the user said about a table.
        read, rejected: so far.
        uncounted: of the rejected, what no search has found, such as lines of totals.
        markers: how many records the file marks, counted from its bytes; None before the end, and
            for formats without marks.
    """

    source: Source
    format: str
    writer: str
    options: ReadOptions = DEFAULT
    read: int = 0
    rejected: int = 0
    uncounted: int = 0
    markers: int | None = None
    tally: Tally = field(default_factory=Tally)
    _how: str = ""

    def __iter__(self) -> Iterator[Item]:
        """Yield the records and what could not be read, in the order of the file.

        Raises:
            DataError: the file as a whole cannot be read.
        """
        for item in self._items():
            if isinstance(item, Rejected):
                self.rejected += 1
                self.uncounted += not item.counted
            else:
                self.read += 1
                self.tally.cleaned += item.tidy()
            yield item
        if self.markers is None:
            self.markers = count_markers(self.source, self.format)

    def _items(self) -> Iterator[Item]:
        source, tally = self.source, self.tally
        match self.format:
            case "RIS":
                return ris_records(source.lines(), source.head_text(), tally)
            case "MEDLINE":
                return medline_records(source.lines(), tally)
            case "Web of Science":
                return wos_records(source.lines(), tally)
            case "EndNote tagged":
                return tagged_records(source.lines(), tally)
            case "BibTeX":
                return bibtex_records(source.lines(), tally)
            case "PubMed abstracts":
                return pubmed_text_records(source.lines(), tally)
            case "PubMed XML":
                return pubmed_records(source, tally)
            case "EndNote XML":
                return endnote_records(source, tally)
            case "CSL-JSON":
                self.markers = sum(1 for _ in json_objects(source.texts()))
                return csl_records(source.texts())
            case "CSV" | "tab-delimited":
                sign = delimiter_of(source.head_text()) or ","
                return table_records(source, sign, self.options.mapping, tally)
            case "ASReview project":
                made, self.markers = project_records(
                    source, tally, lambda path: list(read_export(path))
                )
                return iter(made)
            case _:
                made, self._how, self.markers = sheet_records(source.path, self.options, tally)
                return iter(made)

    def describe(self) -> str:
        """Say in one line what was read, and how."""
        from review.words import plural

        if self._how:
            return self._how
        writer = f" of {self.writer}" if self.writer and self.writer not in self.format else ""
        return (
            f"read {self.source.name}: {self.format}{writer}, "
            f"{'' if self.format == 'ASReview project' else f'{self.source.encoding}, '}"
            f"{plural(self.read, 'record')}"
        )

    def remarks(self) -> list[str]:
        """Say what deserves a look: the count that does not agree comes first."""
        from review.words import plural

        said = []
        found = self.read + self.rejected
        if self.markers is not None and self.markers != found:
            said.append(
                f"{self.source.name} marks {plural(self.markers, 'record')}, and {found:,} were "
                f"found ({self.read:,} read, {self.rejected:,} rejected): look at the file"
            )
        return said + self.tally.remarks()


def read_export(path: Path, options: ReadOptions = DEFAULT) -> Export:
    r"""Open an export of records of any database or reference manager.

    Args:
        path: the file; what it is follows from its content.
        options: encoding, and for tables what the user says of them (`mapping`: heading -> field).

    Raises:
        InputError: there is no such file, or options that are about other files.
        DataError: it is no kind of export that is known, empty, or cannot be read.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "a.txt"
        ...     _ = path.write_text("TY  - JOUR\nTI  - Deep learning\nAU  - Kim, H\nER  - \n")
        ...     export = read_export(path)
        ...     records = list(export)
        >>> records[0].title, export.format, export.markers
        ('Deep learning', 'RIS', 1)
    """
    source = open_source(path, options.encoding)
    kind, writer = detect(source)
    if options.mapping and kind not in _TABLES:
        raise InputError(f"--map is about tables; {path.name} is {kind}")
    if kind in {"CSV", "tab-delimited"} and _layout(options):
        kind = "table"
    return Export(source, kind, writer, options)


def _layout(options: ReadOptions) -> bool:
    """Whether the user says how the table lies in the file, which the intake follows."""
    return bool(options.sheet or options.header_row or options.delimiter or options.missing)
