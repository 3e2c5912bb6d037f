"""Tables of records: CSV and tab-delimited exports as streams, other tables through the intake."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from review.errors import DataError, UnknownNameError
from review.formats.bibliography.bib_record import GOES_ON, LISTS, BibRecord, Rejected, record_of
from review.formats.bibliography.table_headings import (
    MEANING,
    TARGETS,
    folded,
    is_record_table,
    table_dialect,
)
from review.formats.bibliography.wos_files import wos_record
from review.project.problems import Problem
from review.schema.cell_types import is_formula_like

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from review.formats.bibliography.source_bytes import Source
    from review.formats.bibliography.tagged_lines import Tally
    from review.formats.read_options import ReadOptions
    from review.formats.sheet_table import SheetTable

MAX_CELL: Final = 4_000_000
# a small letter before a capital one, where Springer joins two names
_JOINT: Final = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z][^\W\d_A-Z])|(?<=[a-zà-ÿ]\.)(?=[A-Z])")
# what a capital letter follows inside one name: McDonald, DeLuca, O'Brien
_PREFIX: Final = re.compile(
    r"(?:^|[\s-])(?:Mc|Mac|De|Del|Della|Di|Du|Da|La|Le|Van|Von|Fitz|El|Al|Ben|Ibn|Abu|Bin|San|St)$"
)


def delimiter_of(head: str) -> str | None:
    r"""Return the delimiter of a table of records, None when its first line is none.

    Example:
        >>> delimiter_of("Title,Authors,Year\nA,B,2001\n"), delimiter_of("TY  - JOUR")
        (',', None)
        >>> delimiter_of("Title\nDeep learning, a review\n"), delimiter_of('Title\n"A, b"\n')
        ('\t', ',')
    """
    first = next((line for line in head.split("\n") if line.strip()), "")
    if MEANING.get(folded(first.strip('"'))) == "title":
        # a list of titles: each line is one, unless titles stand between quotation marks
        return "," if '\n"' in head else "\t"
    for sign in ("\t", ",", ";"):
        if is_record_table(_cells(first, sign)):
            return sign
    return None


def _cells(line: str, sign: str) -> list[str]:
    if sign == "\t":
        return line.split("\t")
    try:
        return next(csv.reader([line], delimiter=sign), [])
    except csv.Error:
        return []


def table_records(
    source: Source, delimiter: str, mapping: Mapping[str, str], tally: Tally
) -> Iterator[BibRecord | Rejected]:
    """Yield the records of a delimited text, row by row.

    Args:
        source: the file.
        delimiter: between its cells.
        mapping: heading -> field, as the user says.
        tally: gets what deserves a remark.

    Raises:
        UnknownNameError: the mapping names what is not there.
    """
    rows = _rows(source, delimiter)
    first = next(rows, None)
    while isinstance(first, tuple) and not any(c.strip() for c in first[1]):
        first = next(rows, None)
    if first is None or isinstance(first, Rejected):
        return
    reader = _Reader(
        [h.strip().strip("\ufeff") for h in first[1]], mapping, source.name, sheet=False
    )
    for row in rows:
        if isinstance(row, Rejected):
            yield row
        elif any(c.strip() for c in row[1]):
            yield reader.item(*row)
    tally.notes += reader.remarks()


def _rows(source: Source, delimiter: str) -> Iterator[tuple[int, list[str]] | Rejected]:
    """Yield the rows of a delimited text with the lines that they start on."""
    number = cut = 0

    def lines() -> Iterator[str]:
        nonlocal number, cut
        for line in source.lines():
            number, cut = line.number, cut + line.cut
            yield f"{line.text}\n"

    # Web of Science puts no cell between quotation marks, and writes them as they come
    before = csv.field_size_limit(MAX_CELL)
    try:
        reader = csv.reader(
            lines(), delimiter=delimiter,
            quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL,
        )  # fmt: skip
        while True:
            start, cut = number + 1, 0
            csv.field_size_limit(MAX_CELL)
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Rejected(start, f"broken CSV: {error}")
                continue
            if cut:
                text = " ".join(cells)[:2_000]
                yield Rejected(start, f"the row has {cut / 1e6:,.1f} MB too much text", text)
            else:
                yield start, cells
    finally:
        csv.field_size_limit(before)


class _Reader:
    """Rows of one table to records."""

    def __init__(
        self, headings: Sequence[str], mapping: Mapping[str, str], file: str, *, sheet: bool
    ) -> None:
        self.headings, self.dialect = list(headings), table_dialect(headings)
        for heading, name in mapping.items():
            if heading not in self.headings:
                raise UnknownNameError("column", heading, self.headings, where=f"in {file}")
            if name not in {*TARGETS, "-"}:
                raise UnknownNameError("field of a record", name, TARGETS)
        meant = [mapping.get(h) or MEANING.get(folded(h), "") for h in self.headings]
        # of a log that decides on records of the review their names are enough
        named = "extra" in mapping.values() and any(map(_is_id, self.headings))
        if "title" not in meant and self.dialect != "Web of Science, tab" and not named:
            problem = Problem(
                file, "no column holds titles", line=1,
                value=", ".join(self.headings),
                remedy="say which with --map 'HEADING=title'; a log of decisions may have the "
                "record_id of records.csv instead",
            )  # fmt: skip
            raise DataError(str(problem), [problem])
        self.meant = meant
        self.glued = self.short = self.long = 0
        # cells of a workbook are texts, and need nothing that says so
        self.plain = str if sheet else plain_cell
        self.own = {"title", "extra", "other_ids"} <= {*self.headings}
        # columns beside those of this program that the user wants kept, and the row's name
        kept = [h for h, name in mapping.items() if name == "extra"]
        self.kept_too = {"record_id", *kept} if kept else set[str]()

    def item(self, line: int, cells: list[str]) -> BibRecord | Rejected:
        """Return the record of a row; a row that names no paper, as of totals, is none."""
        made = self.record(line, cells)
        if isinstance(made, Rejected) or not made.bare:
            return made
        named = any(c.strip() for h, c in zip(self.headings, cells, strict=False) if _is_id(h))
        said = "the row has neither a title nor an identifier (record_id, DOI, PubMed number)"
        return made if named else Rejected(line, said, str(cells)[:2_000], counted=False)

    def record(self, line: int, cells: list[str]) -> BibRecord | Rejected:
        """Return the record of a row."""
        if len(cells) > len(self.headings):
            more = [c for c in cells[len(self.headings) :] if c.strip()]
            self.long += bool(more)
        else:
            more = []
            self.short += len(cells) < len(self.headings)
        pairs = list(zip(self.headings, cells, strict=False))
        if self.own:
            made = record_of({k: self.plain(v) for k, v in _whole(pairs).items()}, line)
            for heading, text in pairs:
                if heading in self.kept_too:
                    made.keep(heading, self.plain(text))
            return made
        if self.dialect == "Web of Science, tab":
            made = wos_record(line, _wos_pairs(pairs))
        else:
            made = self._record(line, cells)
        for cell in more:
            made.keep("", cell)
        if made.empty:
            return Rejected(line, "the row holds nothing", str(cells)[:2_000])
        return made

    def _record(self, line: int, cells: list[str]) -> BibRecord:
        record = BibRecord(line)
        first = last = article = ""
        for heading, name, cell in zip(self.headings, self.meant, cells, strict=False):
            text = cell.strip()
            if not text or name == "-":
                continue
            if name == "authors":
                self._authors(record, heading, text)
            elif name == "year":
                record.date(text, heading)
            elif name == "doi":
                record.identifier(text, heading)
            elif name == "keywords":
                record.many(name, [text] if ";" in text else re.split(r"[,|]", text))
            elif name == "other_ids":
                record.many(name, (f"{heading} {p.strip()}" for p in text.split(";")))
            elif name == "first_page":
                first = text
            elif name == "last_page":
                last = text
            elif name == "article_number":
                article = text
            elif name == "notes":
                for part in text.split(" | ") if "RAYYAN-" in text else text.split("\n"):
                    record.note(part)
            elif name == "extra" or not name:
                record.keep(heading, text)
            elif name in LISTS:
                record.many(name, (text,))
            else:
                record.one(name, text, heading)
        if first or last:
            before, record.pages = record.pages, ""
            record.page_range(first, last)
            record.one("pages", before, "pages")
        if article:
            record.one("pages", article, "article number")
        return record

    def _authors(self, record: BibRecord, heading: str, text: str) -> None:
        if record.authors:
            record.keep(heading, text)
        elif self.dialect == "Springer":
            names = split_glued(text)
            record.many("authors", names)
            if len(names) > 1:
                self.glued += 1
                record.keep(heading, text)
        elif ";" not in text and self.dialect in {"Scopus", "PubMed"}:
            # "Kim H.E., Lee J.": PubMed and older files of Scopus, where a comma ends each name
            whole = text.rstrip(".") if self.dialect == "PubMed" else text
            record.many("authors", whole.split(", "))
        elif ";" not in text and " and " in text and self.dialect in {"Rayyan", "ASReview"}:
            record.many("authors", text.split(" and "))
        else:
            record.many("authors", (text,))

    def remarks(self) -> list[str]:
        """Say what was done with the rows."""
        from review.words import plural

        said = []
        if self.glued:
            said.append(
                f"authors run together without a sign in {plural(self.glued, 'record')}: split "
                "before capital letters, and kept in extra as they stand there"
            )
        if self.long:
            said.append(f"{plural(self.long, 'row')} longer than the headings; kept in extra")
        if self.short:
            said.append(f"{plural(self.short, 'row')} shorter than the headings")
        kept = [h for h, m in zip(self.headings, self.meant, strict=True) if not m and h]
        if kept and not self.own and self.dialect != "Web of Science, tab":
            from review.words import listed

            said.append(f"kept in extra: {listed(kept, most=30)}")
        return said


def _is_id(heading: str) -> bool:
    """Tell whether a column holds identifiers of `records.csv`."""
    return folded(heading) == "record id"


def _whole(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Put together the columns over which an Excel export of this program spreads a long text."""
    found: dict[str, str] = {}
    for heading, cell in pairs:
        name = re.sub(r" \(\d+\)$", "", heading)
        if name != heading and cell:
            found[name] = found.get(name, "").removesuffix(GOES_ON) + cell.removeprefix(GOES_ON)
        elif name == heading:
            found[name] = cell
    return found


def plain_cell(text: str) -> str:
    """Return a text without the apostrophe that keeps it from being taken for a formula.

    Example:
        >>> plain_cell("'=1+1"), plain_cell("'t Hooft")
        ('=1+1', "'t Hooft")
    """
    held = text.startswith("'") and is_formula_like(text.lstrip("'"))
    return text[1:] if held else text


def _wos_pairs(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for tag, text in pairs:
        if tag in {"AU", "AF", "CR", "BA", "BF", "BE"}:
            yield from ((tag, part) for part in text.split(";"))
        else:
            yield tag, text


def split_glued(text: str) -> list[str]:
    """Return names that were written without anything between them.

    Example:
        >>> split_glued("Hafiz WaseemSaif Ul IslamAnn McDonald")
        ['Hafiz Waseem', 'Saif Ul Islam', 'Ann McDonald']
    """
    names, start = [], 0
    for joint in _JOINT.finditer(text):
        before = text[start : joint.start()]
        # a name has a blank: what has none yet is the first part of one
        if _PREFIX.search(before) or " " not in before.strip():
            continue
        names.append(before.strip())
        start = joint.start()
    return [*names, text[start:].strip()]


def sheet_records(
    path: Path, options: ReadOptions, tally: Tally
) -> tuple[list[BibRecord | Rejected], str, int]:
    """Return the records of a workbook, or of a text table with headings anywhere.

    Args:
        path: the file.
        options: what the user says about it.
        tally: gets how it was read.

    Returns:
        The records, how the file was read, and how many rows it has.

    Raises:
        DataError: the table cannot be read, or no column holds titles.
    """
    from review.formats.reading import read_sheet

    table = read_sheet(path, replace(options, mapping={}), totals_are_wrong=False)
    table.require()
    reader = _Reader(
        table.headings, options.mapping, table.source, sheet=table.grid.sheet is not None
    )
    made = _rows_of_sheet(reader.item, table)
    tally.notes += [*table.remarks(empty=False), *reader.remarks()]
    return made, table.describe(), len(table)


def records_of_sheet(table: SheetTable) -> list[BibRecord | Rejected]:
    """Return the records of a table that was read already, row by row.

    Raises:
        DataError: no column holds titles.
    """
    reader = _Reader(table.headings, {}, table.source, sheet=table.grid.sheet is not None)
    return _rows_of_sheet(reader.record, table)


def _rows_of_sheet(
    read: Callable[[int, list[str]], BibRecord | Rejected], table: SheetTable
) -> list[BibRecord | Rejected]:
    columns = [table.texts(h) for h in table.headings]
    return [read(table.line(i), [column[i] for column in columns]) for i in range(len(table))]
