"""Any numbers as a CSV file: one row per claim or test set, checked like those of a review."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from review.errors import DataError, UnknownNameError, suggest
from review.formats.read_options import DEFAULT, ReadOptions
from review.formats.reading import read_sheet
from review.project.csv_tables import RawTable
from review.project.problems import Problem, raise_problems
from review.schema.cell_types import CellError, parse_integer, parse_number
from review.stats.consistency.recomputed_pvalues import statistic_name
from review.workflow.audit.audit_template import without_explanations
from review.workflow.audit.audited_columns import COLUMNS
from review.workflow.audit.checks import check_facts
from review.workflow.audit.claim import AuditReport, Claim, Verdict
from review.workflow.audit.crosstab_claims import parse_cells
from review.workflow.audit.facts import (
    COUNTS,
    LABELS,
    METRICS,
    NUMBERS,
    WORDS,
    canonical,
    facts_from,
)
from review.workflow.audit.forest_tables import check_forests
from review.workflow.audit.group_comparisons import baseline_notes
from review.workflow.audit.percent_lists import parse_percents
from review.workflow.audit.pvalues import TAILS, parse_p
from review.workflow.audit.scale_claims import DATA_TYPES, known_data_type
from review.workflow.audit.sheet_rows import audited_cells, audited_columns
from review.workflow.audit.unused_numbers import unused_notes, unused_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from review.formats.sheet_table import SheetTable
    from review.workflow.audit.facts import Facts


def audit_csv(path: Path, options: ReadOptions = DEFAULT) -> AuditReport:
    """Check the numbers of a CSV, Excel or OpenDocument file; `COLUMNS` says what columns mean.

    Digits count as printed: `0.90` is not `0.9`.

    Args:
        path: the file; the headings name columns, each row is checked on its own.
        options: how the file is read.

    Returns:
        The claims in file order; a row on which nothing can be checked gets a claim that says so.

    Raises:
        DataError: the file cannot be read, or no column is known. A cell that cannot be read gets
            a claim that says so with its place, and the rest of its row is checked.
    """
    return audit_table(read_sheet(path, options, totals_are_wrong=False))


def audit_table(table: SheetTable) -> AuditReport:
    """Check the rows of a table that was read; see `audit_csv`."""
    table = without_explanations(table)
    headings = audited_columns(table)
    columns, notes = _columns(RawTable(table.source, header=list(headings.values())))
    cells = {name: audited_cells(table, h, name) for h, name in headings.items() if name in columns}
    heading_of = {name: h for h, name in headings.items()}
    raise_problems([p for p in table.problems if not _of_a_cell(p)], what=table.source)
    records = []
    for row in range(len(table)):
        texts = {name: column[row] for name, column in cells.items()}
        record, wrong = _parse(table.source, table.line(row), texts, columns)
        records.append(record)
        for one in wrong:
            table.add(
                table.problem(
                    row, heading_of[one.column or ""], one.message, allowed=one.allowed,
                    suggestion=one.suggestion,
                )
            )  # fmt: skip
    unread: dict[int | None, list[Problem]] = {}
    for problem in table.problems:
        if problem.level == "error":
            unread.setdefault(problem.line, []).append(problem)
    places = [f"{table.source}:{table.line(row)}" for row in range(len(table))]
    lines = [table.line(row) for row in range(len(table))]
    claims, unused = _check_all(records, places, [unread.get(line, []) for line in lines])
    if not len(table):
        notes.append("the file has no rows")
    notes += unused
    said = [table.describe(), *table.remarks(empty=False)]
    return AuditReport(table.source, tuple(claims), (*notes, *said))


def audit_rows(rows: Iterable[Mapping[str, Any]], *, subject: str = "rows") -> AuditReport:
    """Check numbers given as dictionaries; keys and values as in `audit_csv`.

    Args:
        rows: each with column names as keys; text keeps the digits that were printed.
        subject: what the report calls them.

    Raises:
        DataError: no key of a row is known.

    Example:
        >>> report = audit_rows([{"k": 57, "n": 121, "percent": "47"}])
        >>> report.claims[0].verdict.value, report.claims[0].computation
        ('confirmed', '57/121 = 47.11')
    """
    subject = str(subject)
    unread: list[list[Problem]] = []
    records: list[dict[str, Any]] = []
    notes: dict[str, None] = {}
    for i, row in enumerate(rows, 1):
        cells = {str(k): "" if v is None else str(v) for k, v in row.items()}
        table = RawTable(subject, header=list(cells))
        columns, said = _columns(table)
        notes |= dict.fromkeys(said)
        record, wrong = _parse(subject, i, cells, columns)
        records.append(record)
        unread.append(wrong)
    places = [f"{subject} {i}" for i in range(1, len(records) + 1)]
    claims, unused = _check_all(records, places, unread)
    return AuditReport(subject, tuple(claims), (*notes, *unused))


def _of_a_cell(problem: Problem) -> bool:
    """Whether a problem is of one cell below the headings: the rest of the file can be read."""
    return problem.level != "error" or (problem.column is not None and (problem.line or 0) > 1)


def _check_all(
    records: Sequence[dict[str, Any]], places: Sequence[str], unread: Sequence[Sequence[Problem]]
) -> tuple[list[Claim], list[str]]:
    """Return the claims of all rows, cells that cannot be read first, and what no check used."""
    claims: list[Claim] = []
    checked: list[tuple[Facts, list[Claim]]] = []
    for record, place, problems in zip(records, places, unread, strict=True):
        claims += [_unread(p, place) for p in problems]
        if problems and not set(record) - set(LABELS):
            continue
        facts, found = _check(record, place)
        checked.append((facts, found))
        claims += found
    rows = [facts for facts, _ in checked]
    together = check_forests(rows)
    unused = [
        unused_numbers(facts, [*found, *together])
        for facts, found in checked
        if not any(c.check == "row" for c in found)
    ]
    return [*claims, *together], [*unused_notes(unused), *baseline_notes(rows)]


def _unread(problem: Problem, place: str) -> Claim:
    text = f"{problem.column} {problem.value or ''}".strip()
    return Claim("cell", f"{text} can be read", Verdict.UNCHECKED, problem.value or "",
                 source=place, note=str(problem))  # fmt: skip


def _columns(table: RawTable) -> tuple[dict[str, str], list[str]]:
    """Return column -> canonical name, and notes on columns that no check knows.

    Raises:
        DataError: no column is known, or two columns mean the same.
    """
    found: dict[str, str] = {}
    known = [*NUMBERS, *METRICS, *WORDS, *LABELS]
    notes = []
    for column in table.header:
        name = canonical(column)
        if name is None:
            close = suggest(column, known, most=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            notes.append(f"column {column!r} is not used{hint}")
        elif name in found.values():
            problem = Problem(table.name, f"two columns mean {name!r}", line=1, column=column)
            raise DataError(str(problem), [problem])
        else:
            found[column] = name
    if not set(found.values()) - set(LABELS):
        listed = ", ".join(n for n, _ in COLUMNS[1:])
        problem = Problem(table.name, "no column that a check knows", line=1, allowed=listed)
        raise DataError(str(problem), [problem])
    return found, notes


def _parse(
    name: str, line: int, cells: Mapping[str, str], columns: Mapping[str, str]
) -> tuple[dict[str, Any], list[Problem]]:
    record: dict[str, Any] = {}
    problems = []
    for column, known_as in columns.items():
        text = cells.get(column, "").strip()
        if not text:
            continue
        made = partial(Problem, name, line=line, column=column, value=text)
        try:
            record[known_as] = _reader(known_as)(text)
        except CellError as error:
            problems.append(made(str(error), allowed=error.allowed, suggestion=error.suggestion))
        except UnknownNameError as error:
            problems.append(made("unknown statistic", allowed=", ".join(error.known)))
    return _as_shares(record), problems


def _as_shares(record: dict[str, Any]) -> dict[str, Any]:
    """Scores that all stand in per cent are shares: one above 1 among others is a slip."""
    shares = [n for n in record if n in METRICS]
    scores = [record[n] for n in shares]
    if len(shares) < 2 or not all(isinstance(x, Decimal) and 1 < x <= 100 for x in scores):
        return record
    parts = {f"{n}{end}" for n in shares for end in ("", "_ci_low", "_ci_high", "_se")}
    said = "; ".join(filter(None, [str(record.get("note", "")), "scores read as per cent"]))
    divided = {n: record[n].scaleb(-2) for n in record if n in parts}
    return record | divided | {"note": said}


def _reader(name: str) -> Callable[[str], Any]:
    """Return the function that reads a cell of a column."""
    special: dict[str, Callable[[str], Any]] = {
        "p": _p, "p_q": _p, "tail": _tail, "statistic": statistic_name, "parts": _parts,
        "ci_level": _level, "df1": _degrees, "df2": _degrees, "percent": _percent, "i2": _percent,
        "agreement": _percent, "expected_agreement": _percent, "data_type": _data_type,
        "cells": _cells, "percents": _percents, "weight": _percent,
    }  # fmt: skip
    if name in special:
        return special[name]
    if name in COUNTS:
        return _count
    return str if name in WORDS or name in LABELS else _number


def _number(text: str) -> Any:
    number = parse_number(text)
    if number and abs(number.adjusted()) > 300:
        raise CellError("the number is too large or too small", allowed="up to 1e300")
    return number


def _data_type(text: str) -> str:
    known = known_data_type(text)
    if known is None:
        raise CellError("not a kind of numbers", allowed=", ".join(DATA_TYPES))
    return known


def _percent(text: str) -> Any:
    return _number(text.rstrip("% "))


def _p(text: str) -> str:
    if parse_p(text) is None:
        raise CellError("not a p-value", allowed="0.03, <0.001, >0.05 or ns")
    return text


def _tail(text: str) -> str:
    if text.casefold() not in TAILS:
        raise CellError("neither one nor two", allowed="one or two")
    return text


def _parts(text: str) -> str:
    for part in text.replace("+", ";").split(";"):
        _count(part.strip() or "?")
    return text


def _cells(text: str) -> str:
    if parse_cells(text) is None:
        raise CellError("not a table of counts", allowed="20; 10 | 15; 25")
    return text


def _percents(text: str) -> str:
    if parse_percents(text) is None:
        raise CellError("not percentages", allowed="57.1; 28.6; 14.3")
    return text


def _count(text: str) -> int | None:
    number = parse_integer(text)
    if number is not None and number < 0:
        raise CellError("a count below 0", allowed="a whole number, 0 or more")
    return number


def _degrees(text: str) -> Any:
    number = parse_number(text)
    if number is not None and number <= 0:
        raise CellError("degrees of freedom are above 0", allowed="a number above 0")
    return number


def _level(text: str) -> Any:
    number = parse_number(text.rstrip("% "))
    if number is not None and not 0 < number < 100:
        raise CellError("not a level in percent", allowed="a number such as 95")
    if number is not None and number < 1:
        raise CellError(
            "a level in percent is meant", allowed="95", suggestion=f"{number.scaleb(2):f}"
        )
    return number


def _check(record: dict[str, Any], source: str) -> tuple[Facts, list[Claim]]:
    ident = record.pop("id", None)
    if ident and "label" not in record:
        record["label"] = ident
    facts = facts_from(record, source)
    found = check_facts(facts)
    if found:
        return facts, found
    stated = [k for k in record if k not in LABELS]
    inside = [m for m in METRICS if m in facts.numbers]
    metric = facts.words.get("metric")
    unknown = metric is not None and canonical(metric) not in METRICS
    note = (
        f"no check knows the metric {metric!r} ({', '.join(METRICS)})"
        if unknown
        else "within 0 to 1; the test set (n, n_pos, n_neg) is not stated"
        if inside
        else f"{', '.join(stated) or 'an empty row'} alone cannot be checked"
    )
    return facts, [facts.claim("row", f"row with {', '.join(stated) or 'no numbers'}",
                               Verdict.UNCHECKED, note=note)]  # fmt: skip
