"""What goes into a meta-analysis, from a CSV file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, UnknownNameError
from review.project.problems import Problem, raise_problems
from review.project.tables import read_table
from review.schema.cells import CellError, parse_number
from review.workflow.meta_input import MetaInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from review.project.tables import RawTable, Row
    from review.stats.effect_sizes.measure import Measure

LABEL_COLUMNS: Final = (
    "slab", "label", "study", "study_id", "trial", "author", "authors", "first_author", "name",
)  # fmt: skip
_MISSING: Final = frozenset({"", "NA", "N/A", "NAN"})
_ADDRESS: Final = re.compile(r"https?://\S+\Z")


def from_csv(
    path: Path,
    *,
    measure: str | None = None,
    columns: Mapping[str, str] | None = None,
    labels: str | None = None,
    title: str | None = None,
) -> MetaInput:
    """Return the rows of a CSV file.

    Args:
        path: UTF-8, commas, a header line. Empty cells and `NA` are missing.
        measure: code of the measure: needed for raw columns; with `yi` it names what they are.
        columns: argument (`yi`, `vi`, `sei`, `ai`, ...) -> column of the file; without them the
            columns that are called as the arguments are.
        labels: the column with study names; found by its name when there is one.
        title: of figures and tables; by default the name of the file.

    Raises:
        UnknownNameError: a column is not in the file; an argument is not one of the measure's.
        InputError: the columns named do not make an effect.
        DataError: the file is broken, or a cell of a used column is no number.
    """
    from review.stats.effect_sizes.registry import find_measure

    found = find_measure(measure.strip().upper()) if measure else None
    if not path.is_file():
        raise InputError(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}")
    table = read_table(path)
    raise_problems(table.problems, what=path.name)
    rows = table.rows
    if not rows:
        raise InputError(f"{path.name}: the file has a header but no rows")
    named = dict(columns or {}) or _by_name(table, found)
    for column in [*named.values(), *([labels] if labels else [])]:
        if column not in table.header:
            raise UnknownNameError("column", column, table.header, where=f"in {path.name}")
    _check_arguments(named, found)
    texts = _labels(table, rows, labels)
    return MetaInput(
        title=title or path.stem,
        source=path.name,
        measure=found.code if found else None,
        columns={argument: _numbers(table, rows, c) for argument, c in named.items()},
        labels=_unique([t or f"row {r.line}" for t, r in zip(texts, rows, strict=True)], rows),
        data={column: _guess_type(rows, column) for column in table.header},
        links=_links(table, rows),
        names=named,
    )


def _labels(table: RawTable, rows: list[Row], given: str | None) -> list[str]:
    """Return the study names: of the column given, or of one that is called like names.

    Names of authors go with the year; mere numbers are names only when there is nothing else.
    """
    folded = {c.casefold(): c for c in table.header}
    known = [given] if given else [folded[c] for c in LABEL_COLUMNS if c in folded]
    columns = {c: [r.cells[c].strip() for r in rows] for c in known}
    words = (c for c, texts in columns.items() if not all(t.isdigit() for t in texts))
    chosen = next(words, next(iter(known), None))
    if chosen is None:
        return [""] * len(rows)
    year = folded.get("year")
    if given or year is None or "author" not in chosen.casefold():
        return columns[chosen]
    return [
        f"{t} {r.cells[year].strip()}".strip() for t, r in zip(columns[chosen], rows, strict=True)
    ]


def _by_name(table: RawTable, measure: Measure | None) -> dict[str, str]:
    """Return the columns of a file that are called as the arguments that are needed."""
    header = table.header
    if measure is not None:
        found = {name: name for name in measure.family.allowed if name in header}
        if found:
            return found
    if "yi" in header and ("vi" in header or "sei" in header):
        return {"yi": "yi", ("vi" if "vi" in header else "sei"): "vi" if "vi" in header else "sei"}
    if measure is not None:
        raise InputError(
            f"{table.name} has no column that is called as {measure.code} needs it "
            f"({measure.family.needs}); map yours with --column, such as ai=tpos. Its columns are "
            f"{', '.join(header)}"
        )
    raise InputError(
        "which columns hold the effects? name them with --yi and --vi (or --sei), or raw numbers "
        f"with --measure and --column; {table.name} has {', '.join(header)}"
    )


def _check_arguments(named: Mapping[str, str], measure: Measure | None) -> None:
    """Refuse columns that do not make an effect together."""
    given = named.keys()
    if "yi" in given:
        if len(given & {"vi", "sei"}) != 1:
            raise InputError("effects (--yi) need either --vi, their variances, or --sei, not both")
        known = ["yi", "vi", "sei", "ni"]
    elif given & {"vi", "sei"}:
        raise InputError("--vi and --sei belong to effects: name their column with --yi")
    elif measure is None:
        raise InputError(f"raw columns ({', '.join(given)}) need --measure, such as --measure RR")
    else:
        known = list(measure.family.allowed)
    for argument in given:
        if argument not in known:
            what = f"of {measure.code}" if measure and "yi" not in given else "beside effects"
            raise UnknownNameError("argument", argument, known, where=what)


def _numbers(table: RawTable, rows: list[Row], column: str) -> list[float]:
    problems: list[Problem] = []
    numbers = []
    for row in rows:
        text = row.cells[column].strip()
        try:
            numbers.append(_number(text))
        except CellError as error:
            numbers.append(float("nan"))
            problems.append(
                Problem(
                    table.name, str(error), line=row.line, column=column, value=text,
                    allowed=error.allowed, suggestion=error.suggestion,
                )
            )  # fmt: skip
    raise_problems(problems, what=table.name)
    return numbers


def _number(text: str) -> float:
    if text.upper() in _MISSING:
        return float("nan")
    value = parse_number(text)
    return float("nan") if value is None else float(value)


def _guess_type(rows: list[Row], column: str) -> list[Any]:
    """A column whose every stated cell is a number holds numbers, any other text."""
    texts = [r.cells[column].strip() for r in rows]
    try:
        return [_number(t) for t in texts]
    except CellError:
        return [None if t.upper() in _MISSING else t for t in texts]


def _unique(labels: list[str], rows: list[Row]) -> list[str]:
    """Labels that occur twice get the line of the file, so that each names one row."""
    seen: dict[str, int] = {}
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
    return [
        f"{label} (line {row.line})" if seen[label] > 1 else label
        for label, row in zip(labels, rows, strict=True)
    ]


def _links(table: RawTable, rows: list[Row]) -> list[str | None]:
    """Addresses from a column called doi, url or link, when the file has one."""
    folded = {c.casefold(): c for c in table.header}
    column = next((folded[c] for c in ("doi", "url", "link") if c in folded), None)
    if column is None:
        return [None] * len(rows)
    texts = [r.cells[column].strip() for r in rows]
    full = [f"https://doi.org/{t}" if t.startswith("10.") else t for t in texts]
    return [t if _ADDRESS.match(t) else None for t in full]
