"""2 x 2 tables, or accuracy measures as printed, from a CSV file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, UnknownNameError
from review.project.problems import Problem, raise_problems
from review.project.tables import read_table
from review.schema.cells import CellError, parse_number
from review.workflow.accuracy_input import ARGUMENTS, HEADINGS, TEXT, AccuracyInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from review.project.tables import RawTable, Row

LABELS: Final = ("slab", "label", "study", "study_id", "author", "first_author", "name")
MISSING: Final = frozenset({"", "NA", "N/A", "NAN"})


def from_accuracy_csv(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    labels: str | None = None,
    study: str | None = None,
    by: str | None = None,
    title: str | None = None,
) -> AccuracyInput:
    """Return the rows of a CSV file.

    Args:
        path: UTF-8, commas, a header line. Empty cells and `NA` are missing.
        columns: argument of `review.diagnostic_meta` (`tp`, `sens`, `n_pos`, ...) -> column of the
            file; without them the columns that are called so, in any case.
        labels: the column with study names; found by its name when there is one.
        study: the column that says which rows belong to one study.
        by: the column with the name of the test, for a comparison.
        title: of figures and tables; by default the name of the file.

    Raises:
        UnknownNameError: a column is not in the file; an argument does not exist.
        InputError: there is no such file, it has no rows, or no column can be used.
        DataError: the file is broken, or a cell of a used column is no number.
    """
    if not path.is_file():
        raise InputError(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}")
    table = read_table(path)
    raise_problems(table.problems, what=path.name)
    rows = [r for r in table.rows if r.cells]
    if not rows:
        raise InputError(f"{path.name}: the file has a header but no rows")
    chosen = dict(columns) if columns else _by_heading(table)
    for argument in chosen:
        if argument not in ARGUMENTS:
            raise UnknownNameError("argument", argument, ARGUMENTS, where="of accuracy data")
    for column in (*chosen.values(), *(c for c in (labels, study, by) if c)):
        if column not in table.header:
            raise UnknownNameError("column", column, table.header, where=f"in {path.name}")
    read = ", ".join(f"{a} from {c}" for a, c in chosen.items() if a != c)
    return AccuracyInput(
        title=title or path.stem,
        source=path.name,
        columns=_read(table, rows, chosen),
        labels=_labels(table, rows, labels or study),
        data={c: _values(rows, c) for c in table.header},
        study=None if study is None else _names(table, rows, study),
        test=None if by is None else _names(table, rows, by),
        links=_links(table, rows),
        notes=[f"read as: {read}"] if read else [],
    )


def _by_heading(table: RawTable) -> dict[str, str]:
    """Return the columns that are called as arguments, or by their usual names, in any case."""
    out: dict[str, str] = {}
    for column in table.header:
        name = re.sub(r"[\s.-]+", "_", column.strip().casefold())
        argument = name if name in ARGUMENTS else HEADINGS.get(name)
        if argument is None:
            continue
        if argument in out:
            raise InputError(
                f"{table.name}: {out[argument]!r} and {column!r} both are called like {argument}; "
                f"say which one with --column {argument}=COLUMN"
            )
        out[argument] = column
    if {"tp", "fn", "fp", "tn"} <= out.keys():
        return {a: out[a] for a in ("tp", "fn", "fp", "tn")}
    if not out.keys() & {"tp", "sens", "spec"}:
        raise InputError(
            f"{table.name} has no columns tp, fn, fp and tn, and none called sens and spec; map "
            f"yours with --column, such as tp=TruePos. Its columns are {', '.join(table.header)}"
        )
    return out


def _read(table: RawTable, rows: list[Row], chosen: Mapping[str, str]) -> dict[str, list[Any]]:
    """Return the columns used: counts as numbers, measures as printed."""
    problems: list[Problem] = []
    out: dict[str, list[Any]] = {}
    for argument, column in chosen.items():
        cells: list[Any] = []
        for row in rows:
            text = row.cells[column].strip()
            if text.upper() in MISSING:
                cells.append(None)
                continue
            try:
                value = parse_number(text.removesuffix("%").strip())
            except CellError as error:
                value = None
                problems.append(
                    Problem(
                        table.name, str(error), line=row.line, column=column, value=text,
                        allowed=error.allowed, suggestion=error.suggestion,
                    )
                )  # fmt: skip
            cells.append(text if argument in TEXT else None if value is None else float(value))
        out[argument] = cells
    raise_problems(problems, what=table.name)
    return out


def _names(table: RawTable, rows: list[Row], column: str) -> list[str]:
    texts = [r.cells[column].strip() for r in rows]
    blank = [
        Problem(table.name, f"no {column} is named", line=r.line, column=column)
        for r, text in zip(rows, texts, strict=True)
        if not text
    ]
    raise_problems(blank, what=table.name)
    return texts


def _labels(table: RawTable, rows: list[Row], given: str | None) -> list[str]:
    """Study names: of the column given, or of the first that is called like names."""
    folded = {c.casefold(): c for c in table.header}
    column = given or next((folded[c] for c in LABELS if c in folded), None)
    texts = [""] * len(rows) if column is None else [r.cells[column].strip() for r in rows]
    year = folded.get("year")
    if not given and column is not None and year and "author" in column.casefold():
        texts = [f"{t} {r.cells[year].strip()}".strip() for t, r in zip(texts, rows, strict=True)]
    named = [t or f"row {r.line}" for t, r in zip(texts, rows, strict=True)]
    # a name that occurs twice gets the line of the file, so that each names one row
    return [
        f"{name} (line {r.line})" if named.count(name) > 1 else name
        for name, r in zip(named, rows, strict=True)
    ]


def _values(rows: list[Row], column: str) -> list[Any]:
    """A column whose every stated cell is a number holds numbers, any other text."""
    texts = [r.cells[column].strip() for r in rows]
    try:
        numbers = [None if t.upper() in MISSING else parse_number(t) for t in texts]
    except CellError:
        return [None if t.upper() in MISSING else t for t in texts]
    return [float("nan") if n is None else float(n) for n in numbers]


def _links(table: RawTable, rows: list[Row]) -> list[str | None]:
    """Addresses from a column called doi, url or link, when the file has one."""
    folded = {c.casefold(): c for c in table.header}
    column = next((folded[c] for c in ("doi", "url", "link") if c in folded), None)
    if column is None:
        return [None] * len(rows)
    texts = [r.cells[column].strip() for r in rows]
    full = [f"https://doi.org/{t}" if t.startswith("10.") else t for t in texts]
    return [t if re.match(r"https?://\S+\Z", t) else None for t in full]
