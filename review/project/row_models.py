"""From the rows of a table to validated models: every problem, none raised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from review.errors import suggest
from review.project.problems import Problem
from review.schema.cell_types import CellError
from review.words import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project.csv_tables import RawTable
    from review.schema import Codebook
    from review.schema.folder_files import FolderFile

M = TypeVar("M", bound=BaseModel)


def build_models(
    table: RawTable, model: type[M], *, key: str | None = "study_id"
) -> tuple[list[M], list[Problem]]:
    """Return the valid rows of `table` as `model`, and all problems of the others.

    Args:
        table: the rows as read.
        model: the pydantic model of a row.
        key: the column that must be unique, or None.
    """
    rename_columns(table, model)
    problems = [*table.problems, *unknown_columns(table, model)]
    if any(p.line == 1 for p in problems):
        return [], problems
    built: list[M] = []
    seen: dict[str, int] = {}
    for row in table.rows:
        if not row.whole:
            continue
        made, wrong = build_row(model, row.cells, name=table.name, line=row.line)
        problems += wrong
        if made is None:
            continue
        if key is not None:
            ident = str(getattr(made, key)).casefold()
            if ident in seen:
                problems.append(same_key(table.name, row.line, key, row.cells[key], seen[ident]))
            seen.setdefault(ident, row.line)
        built.append(made)
    return built, problems


def build_row(
    model: type[M], cells: dict[str, str], *, name: str, line: int | None
) -> tuple[M | None, list[Problem]]:
    """Validate one row; return the model or None, and its problems."""
    filled = {k: v for k, v in cells.items() if v is not None and v != ""}
    try:
        return model.model_validate(filled), []
    except ValidationError as error:
        ident = cells.get("study_id") or cells.get("name")
        return None, [
            _cell_problem(e, name=name, line=line, ident=ident, cells=cells)
            for e in error.errors(include_url=False)
        ]


def rename_columns(table: RawTable, model: type[BaseModel]) -> None:
    """Give columns that may have several names the name of the model, where it is not there."""
    before, table.header = table.header, renamed(table.header, model)
    for column, name in zip(before, table.header, strict=True):
        if name != column:
            for row in table.rows:
                if column in row.cells:
                    row.cells[name] = row.cells.pop(column)


def renamed(header: Sequence[str], model: type[BaseModel]) -> list[str]:
    """Return columns under the names that the model has for them."""
    others: dict[str, str] = getattr(model, "OTHER_NAMES", {})
    found = list(header)
    for i, column in enumerate(header):
        name = others.get(column)
        if name and name not in found:
            found[i] = name
    return found


def unknown_columns(table: RawTable, model: type[BaseModel]) -> list[Problem]:
    """Return a problem for each column that `model` does not have, and each that is missing."""
    known = list(model.model_fields)
    named = [] if model.model_config.get("extra") == "allow" else table.header
    unknown = [c for c in named if c and c not in model.model_fields]
    problems = [
        Problem(
            table.name,
            "unknown column",
            line=1,
            column=column,
            # a file with hundreds of them is another table, not one with misspelled names
            suggestion=next(iter(suggest(column, known, most=1)), None) if i < 200 else None,
            allowed=", ".join(known),
        )
        for i, column in enumerate(unknown)
    ]
    required = [k for k, f in model.model_fields.items() if f.is_required()]
    problems += [
        Problem(table.name, "the column is missing", line=1, column=column)
        for column in required
        if column not in table.header
    ]
    return problems


def followed_columns(
    table: RawTable, file: FolderFile, codebook: Codebook
) -> tuple[list[str], str]:
    """Return the columns that the codebook gives a table without rows, and how its own differ.

    Args:
        table: as read.
        file: its entry of the registry.
        codebook: of the review.

    Returns:
        No columns and "" where nothing differs, the table has rows, or the codebook has no say.
    """
    if not file.follows_codebook or table.rows or table.problems:
        return [], ""
    known = file.row_model(codebook).model_fields
    wanted = file.columns(codebook)
    wanted += [c for c in table.header if c in known and c not in wanted]
    gone = [c for c in table.header if c not in known]
    came = [c for c in wanted if c not in table.header]
    if not gone and not came:
        return [], ""
    parts = [
        f"{what} {listed(names, most=8)}"
        for what, names in (("without", gone), ("with", came))
        if names
    ]
    return wanted, f"no row yet, so its columns follow codebook.toml: {'; '.join(parts)}"


def same_key(name: str, line: int, key: str, text: str, first: int) -> Problem:
    """Return the problem of a row whose key stands in an earlier line already."""
    return Problem(
        name,
        f"the same {key} stands in line {first}",
        line=line,
        column=key,
        value=text,
        allowed=f"each {key} once (letter case does not distinguish)",
    )


def _cell_problem(
    error: Any, *, name: str, line: int | None, ident: Any, cells: dict[str, str]
) -> Problem:
    column = str(error["loc"][0]) if error["loc"] else None
    cause = (error.get("ctx") or {}).get("error")
    message, allowed, suggestion = str(error["msg"]), "", None
    if isinstance(cause, CellError):
        message, allowed, suggestion = str(cause), cause.allowed, cause.suggestion
    elif error["type"] == "missing" or (column and not cells.get(column)):
        message = "the cell is empty"
        allowed = "a value: the column is required"
    else:
        message = re.sub(r"^(Value error, |Input should be )", "must be ", message)
    value = cells.get(column or "")
    return Problem(
        name,
        message,
        line=line,
        column=column,
        value=str(value) if value else None,
        allowed=allowed,
        suggestion=suggestion,
        study_id=None if ident is None else str(ident)[:60],
    )
