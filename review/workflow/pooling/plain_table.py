"""A table that goes into an analysis: columns under the names that they are used by."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from review.errors import InputError, UnknownNameError
from review.formats.compound_columns import compound_kind, numbers_of
from review.formats.grid import NAN
from review.formats.headings import IGNORED, given_names
from review.formats.loose_columns import read_loose
from review.formats.read_options import DEFAULT
from review.formats.reading import read_sheet
from review.formats.typed_columns import plain_floats, read_floats, read_quantities
from review.project.problems import Problem, raise_problems
from review.schema.codebook import Variable, VariableType
from review.schema.missing_marks import missing_reason
from review.schema.reported_quantities import Kind, PValue
from review.words import listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from review.formats.read_options import ReadOptions
    from review.formats.sheet_table import SheetTable


@dataclass(frozen=True)
class PlainTable:
    """Columns of a sheet under the names that they are used by.

    Attributes:
        source: the sheet; it gathers the problems of all columns that are read.
        columns: name -> (heading, which of the numbers of its cells, or None for the cell as it
            is); a heading that the user does not map is its own name.
        notes: what was done with the rows.
    """

    source: SheetTable
    columns: Mapping[str, tuple[str, int | None]]
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The file, with its sheet."""
        return self.source.source

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        return list(self.columns)

    @property
    def lines(self) -> list[int]:
        """The row of each record in its sheet, or the line in its file."""
        return [self.source.line(i) for i in range(len(self.source))]

    def __len__(self) -> int:
        return len(self.source)

    def has(self, column: str, where: str = "") -> str:
        """Return the name of a column that exists.

        Raises:
            UnknownNameError: there is none of that name.
        """
        if column not in self.columns:
            place = f"in {self.name}" + (f" {where}" if where else "")
            raise UnknownNameError("column", column, self.header, where=place)
        return column

    def texts(self, column: str) -> list[str]:
        """Return the cells of a column."""
        heading = self.columns[column][0]
        self.source.use(heading)
        return self.source.texts(heading)

    def keep(self, chosen: Sequence[int]) -> PlainTable:
        """Return some of the rows, by position."""
        return replace(self, source=self.source.keep(chosen))

    def numbers(self, column: str, kind: Kind = Kind.NUMBER) -> list[float]:
        """Return a column of numbers; NaN where a cell is missing.

        Cells that are no number become problems of the sheet: `require` raises those of all
        columns together.
        """
        heading, part = self.columns[column]
        if part is None:
            return [float(v) for v in read_floats(self.source, heading, kind)]
        names = [n for n, (h, _) in self.columns.items() if h == heading]
        found = []
        for quantity in read_quantities(self.source, heading, compound_kind(names)):
            numbers = [] if quantity is None else numbers_of(quantity)
            value = numbers[part] if part < len(numbers) else None
            found.append(NAN if value is None else float(value))
        return found

    def pvalues(self, column: str) -> tuple[list[float], list[str]]:
        """Return a column of p-values, and what is said of those that are bounds.

        "<0.001" enters at its bound; ">0.05" and "ns" tell no p-value and are missing.
        """
        heading, part = self.columns[column]
        if part is not None or plain_floats(self.source, heading) is not None:
            return self.numbers(column), []
        found: list[float] = []
        at_bound: list[str] = []
        open_end: list[str] = []
        for row, quantity in enumerate(read_quantities(self.source, heading, Kind.PVALUE)):
            known = quantity if isinstance(quantity, PValue) else None
            upper = known is not None and known.relation in {"ns", ">", ">="}
            value = None if known is None or upper else known.pval
            found.append(NAN if value is None else float(value))
            if known is not None and known.relation != "=":
                place = f"{known.text!r} (line {self.source.line(row)})"
                (open_end if upper else at_bound).append(place)
        said = []
        if at_bound:
            said.append(
                f"column {column!r}: bounds are taken for p-values, so that standard errors may be "
                f"too large: {listed(at_bound, most=8)}"
            )
        if open_end:
            said.append(
                f"column {column!r}: no p-value follows from, and none is used for, "
                f"{listed(open_end, most=8)}"
            )
        return found, said

    def values(self, column: str) -> list[Any]:
        """Return a column for moderators and subgroups.

        All numbers: floats, NaN where missing. Otherwise text, None where missing; dates that can
        be read in one way are written 2020-12-31. A column that mixes numbers and words keeps its
        text, and is refused where numbers are needed.
        """
        heading, part = self.columns[column]
        if part is not None:
            return self.numbers(column)
        return list(read_loose(self.source, heading).values)

    def typed_rows(self) -> list[dict[str, Any]]:
        """Return the rows for a filter: numbers, words, None where missing."""
        columns = {c: list(map(_exact, self.values(c))) for c in self.columns}
        return [{c: values[i] for c, values in columns.items()} for i in range(len(self))]

    def require(self) -> None:
        """Raise all that is wrong with the sheet and the columns that were read.

        Raises:
            DataError: there is something.
        """
        self.source.require()

    def remarks(self) -> list[str]:
        """Say how the sheet was read, and what was left out, missing or changed."""
        return [self.source.describe(), *self.source.remarks(empty=False)]


def _exact(value: Any) -> Any:
    """Return a number with its digits, None for NaN."""
    if isinstance(value, float | int):
        return None if value != value else Decimal(repr(value)).normalize()  # noqa: PLR0124
    return value


def read_plain(path: Path, options: ReadOptions = DEFAULT) -> PlainTable:
    """Read a CSV, Excel or OpenDocument file for an analysis.

    Args:
        path: the file.
        options: how it is read; a mapping renames columns, or shares the numbers of their cells
            out to several (`"OR (95% CI)=est+ci_lb+ci_ub"`).

    Raises:
        InputError: there is no such file, or two columns get the same name.
        DataError: the file cannot be read as a table at all.
        UnknownNameError: the mapping names a heading that is not there.
    """
    table = plain_of(read_sheet(path, options))
    if not len(table):
        table.source.require()
        raise InputError(f"{path.name}: the file has a header but no rows")
    return table


def plain_of(source: SheetTable) -> PlainTable:
    """Return the columns of a sheet under the names that they are used by.

    Raises:
        InputError: two columns get the same name.
        UnknownNameError: the mapping names a heading that is not there.
    """
    given = given_names(source)
    columns: dict[str, tuple[str, int | None]] = {}
    for heading in source.headings:
        names = given.get(heading, (heading,))
        if names == (IGNORED,):
            continue
        if len(names) > 1:
            compound_kind(names)
        for part, name in enumerate(names):
            if name in columns and columns[name][0] != heading:
                raise InputError(
                    f"{source.source}: the columns {columns[name][0]!r} and {heading!r} are both "
                    f"called {name}"
                )
            columns[name] = (heading, part if len(names) > 1 else None)
    return PlainTable(source, columns)


def _variable(column: str, rows: Sequence[Mapping[str, Any]]) -> Variable:
    """Return a column as the filter sees it: numbers where all its values are, else text.

    Headings of a file follow no rule, so the name is taken as it is.
    """
    numbers = all(isinstance(row[column], Decimal | None) for row in rows)
    kind = VariableType.NUMBER if numbers else VariableType.TEXT
    return Variable.model_construct(name=column, type=kind)


def filtered(table: PlainTable, where: str) -> PlainTable:
    """Return the rows that fit a filter such as `year >= 2010 and drug == "A"`.

    Raises:
        InputError: the filter is wrong, or no row fits.
    """
    from review.project.where import compile_where

    rows = table.typed_rows()
    test = compile_where(where, [_variable(column, rows) for column in table.header])
    chosen = [i for i, row in enumerate(rows) if test(row)]
    if not chosen:
        raise InputError(f"no row of {table.name} fits the filter {where!r}")
    note = f"{len(chosen)} of {len(table)} rows of {table.name} fit the filter {where}"
    kept = table.keep(chosen)
    return replace(kept, notes=[*kept.notes, note])


def one_outcome(table: PlainTable, column: str, outcome: str | None) -> PlainTable:
    """Return the rows of one outcome of a file that holds several.

    Args:
        table: the rows.
        column: which outcome a row is about.
        outcome: the one wanted; may be left out when there is only one.

    Raises:
        UnknownNameError: no row is about it.
        InputError: there are several, and none is named.
    """
    texts = table.texts(table.has(column, "for outcomes"))
    known = list(dict.fromkeys(t for t in texts if t))
    if outcome is None and len(known) != 1:
        listed = "; ".join(f"{name} ({texts.count(name)} rows)" for name in known)
        raise InputError(f"which outcome of {table.name}? name it with --outcome: {listed}")
    wanted = outcome if outcome is not None else known[0]
    chosen = [i for i, t in enumerate(texts) if t == wanted]
    if not chosen:
        raise UnknownNameError("outcome", wanted, known, where=f"in {table.name}")
    return table.keep(chosen)


def stated_names(table: PlainTable, column: str) -> list[str]:
    """Return a column of names, which no row may lack.

    Raises:
        DataError: rows lack one; all are listed.
    """
    texts = table.texts(column)
    blank = [
        Problem(table.name, f"no {column} is named", line=line, column=column)
        for line, text in zip(table.lines, texts, strict=True)
        if missing_reason(text)
    ]
    raise_problems(blank, what=table.name)
    return texts
