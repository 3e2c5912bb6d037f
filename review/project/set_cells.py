"""Sets cells of one row of a table: checked like the whole table, written, logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, InputError, UnknownNameError
from review.project.change_records import key_column
from review.project.problems import raise_problems
from review.project.row_models import build_row
from review.project.transaction import changes
from review.schema.cell_types import cell_text
from review.schema.change_log import LOG
from review.schema.folder_files import FILES, STUDIES, registered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydantic import BaseModel

    from review.project.csv_tables import RawTable, Row
    from review.project.review import Review
    from review.schema.change_log import LoggedChange

_TABLES: Final = [f.name for f in FILES if f.is_table and f.model and f.name != LOG]


def set_cells(
    review: Review,
    ident: str,
    values: Mapping[str, Any],
    *,
    file: str = STUDIES,
    line: int | None = None,
    who: str = "",
    dry_run: bool = False,
    held: Mapping[str, str] | None = None,
) -> tuple[LoggedChange | None, dict[str, tuple[str, str]]]:
    """Set cells of one row: all of them, or none.

    Args:
        review: a review that can be written to.
        ident: the row's study_id (or record_id, or name); letter case does not matter.
        values: variable -> value; "" or None empties the cell.
        file: the table, such as `results.csv` or `codings/lee.csv`.
        line: of the file, where several rows are of this study.
        who: makes the change.
        dry_run: check only.
        held: column -> text that the row held when it was looked at; None where nobody looked.

    Returns:
        The change as it was logged, None when every cell held its value already; and variable ->
        (old text, new text) of the cells that change.

    Raises:
        UnknownNameError: no such study, variable or file; what is close to it is named.
        DataError: a value does not fit its variable; every problem is listed.
        InputError: the review is read-only, several rows are meant, the key would change, or the
            row does not hold what it held any more.
    """
    review.require_writable()
    model = _model(review, file)
    if not values:
        raise InputError("there is nothing to set")
    others: Mapping[str, str] = getattr(model, "OTHER_NAMES", {})
    with changes(review, command="set", who=who, dry_run=dry_run) as tx:
        table = tx.table(file, model)
        row = _find(table, ident, line)
        if held is not None:
            meant = {variable: cell_text(value) for variable, value in values.items()}
            still_holds(f"{file}, line {row.line}", row.cells, held, meant)
        # a file of another program may call a column differently
        column_of = {others.get(c, c): c for c in table.header}
        _known_names(values, [*model.model_fields, *table.header], file)
        if (key := key_column(file, table.header)) in {column_of.get(v, v) for v in values}:
            raise InputError(
                f"{key} names the row, in other files too: it is not set like other cells"
            )
        meant = {others.get(v, v): cell_text(value).strip() for v, value in values.items()}
        cells = {others.get(c, c): text for c, text in row.cells.items()}
        made, wrong = build_row(model, cells | meant, name=file, line=row.line)
        mine = [p for p in wrong if p.column in meant or p.column is None]
        raise_problems(mine, what="nothing was changed")
        # a cell that says why it holds nothing (NR) keeps its mark
        if made is not None:
            meant |= {v: cell_text(getattr(made, v, None)) or t for v, t in meant.items() if t}
        table.add_columns([v for v, text in meant.items() if text and v not in column_of])
        changed = {}
        for variable, text in meant.items():
            column = column_of.get(variable, variable)
            if (before := row.cells.get(column, "")) != text:
                table.set(row, column, text)
                changed[variable] = before, text
    return tx.logged, changed


def _model(review: Review, file: str) -> type[BaseModel]:
    try:
        entry = registered(file)
    except KeyError:
        entry = None
    if entry is None or not entry.is_table or not entry.model or file == LOG:
        raise UnknownNameError("table", file, _TABLES, where="whose cells can be set")
    if not review.has(file):
        raise DataError(f"{file}: no such file in {review.path}")
    return entry.row_model(review.codebook)


def still_holds(
    where: str, now: Mapping[str, str], held: Mapping[str, str], meant: Mapping[str, str]
) -> None:
    """Refuse to write over what somebody has written since cells were looked at.

    Args:
        where: the row is.
        now: column -> text of the row.
        held: column -> text that it held when it was looked at.
        meant: column -> text to be written; what stands there already is written over by nothing.

    Raises:
        InputError: a cell holds another text.
    """
    for column, before in held.items():
        text = _lines(now.get(column, ""))
        if text not in {_lines(before), _lines(meant.get(column, before))}:
            raise InputError(
                f"{column} ({where}) was changed since the page was made: it showed "
                f"{before.strip() or '(empty)'!r}, the file holds {text or '(empty)'!r} now; load "
                "the page again"
            )


def _lines(text: str) -> str:
    """A text as it is compared with what a page showed: pages end lines in one way."""
    return "\n".join(text.strip().splitlines())


def _known_names(names: Iterable[str], known: Sequence[str], file: str) -> None:
    for name in names:
        if name not in known:
            raise UnknownNameError("variable", name, list(dict.fromkeys(known)), where=f"of {file}")


def _find(table: RawTable, ident: str, line: int | None) -> Row:
    key = key_column(table.name, table.header)
    wanted = ident.strip().casefold()
    found = [r for r in table.rows if r.cells.get(key, "").strip().casefold() == wanted]
    if not found:
        idents = dict.fromkeys(r.cells.get(key, "").strip() for r in table.rows)
        noun = {"study_id": "study", "record_id": "record"}.get(key, "row")
        raise UnknownNameError(noun, ident, [i for i in idents if i], where=f"in {table.name}")
    on_line = found if line is None else [r for r in found if r.line == line]
    if len(on_line) == 1:
        return on_line[0]
    lines = ", ".join(str(r.line) for r in found[:20]) + (", ..." if len(found) > 20 else "")
    if line is not None:
        raise InputError(f"line {line} of {table.name} holds no row of {ident} (line {lines} does)")
    raise InputError(
        f"{table.name} has {len(found)} rows of {ident} (lines {lines}); say which with --line"
    )
