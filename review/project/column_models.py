"""From a large table to validated models, a column at a time.

A text is validated once for each column that it stands in, by the validators that the model of a
row has for that field; most columns hold few different texts. Rows that a column refuses go
through the model of a row (`row_models.build_row`), which says what is wrong with them: it stays
the contract, and this is a shorter way to the same models.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from review.project.csv_tables import header_table
from review.project.row_models import build_row, renamed, same_key, unknown_columns
from review.project.table_columns import chunks_of, streams

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from review.project.csv_tables import RawTable
    from review.project.problems import Problem
    from review.project.table_columns import Chunk

M = TypeVar("M", bound=BaseModel)

FEWEST_BYTES: Final = 50_000  # making a validator for each field takes as long as 300 rows
MOST_KEPT: Final = 20_000  # texts of a column; a column with more hardly repeats any
_REFUSED: Final = object()


def models_by_columns(
    data: bytes, name: str, model: type[M], *, key: str | None
) -> tuple[list[M], list[Problem]] | None:
    """Return the valid rows of a CSV file as `model`, and all problems, as `build_models` does.

    Args:
        data: the bytes of the file.
        name: of the file, relative to the folder.
        model: the pydantic model of a row.
        key: the column that must be unique, or None.

    Returns:
        None for what only the way by rows reads or explains: line ends of several kinds, broken
        quotation marks, a table without rows or some column, a model whose validators are not
        those of single fields and, after them, of the whole row.
    """
    checks = _checks_of_rows(model)
    if checks is None or not streams(data):
        return None
    table, _ = header_table(data, name)
    table.header = renamed(table.header, model)
    unknown = unknown_columns(table, model)
    if any(p.line == 1 for p in (*table.problems, *unknown)):
        return None
    rows = _Rows(model, table, key, checks)
    try:
        for chunk in chunks_of(data, table):
            rows.take(chunk)
    except csv.Error:
        return None
    problems = [*table.problems, *unknown, *rows.problems]
    return (rows.built, problems) if rows.built or problems else None


def _checks_of_rows(model: type[BaseModel]) -> list[str] | None:
    """Names of the validators of whole rows; None when there are any of another kind."""
    found = model.__pydantic_decorators__
    others = (found.validators, found.field_validators, found.root_validators)
    if any(others) or any(v.info.mode != "after" for v in found.model_validators.values()):
        return None
    return list(found.model_validators)


class _Parsed(dict[str, Any]):
    """Values by text of one column, each validated when it first comes."""

    def __init__(self, adapter: TypeAdapter[Any], empty: Any) -> None:
        super().__init__({"": empty})
        self._validate, self._empty = adapter.validate_python, empty
        self.refuses = empty is _REFUSED

    def __missing__(self, text: str) -> Any:
        try:
            value = self._validate(text)
        except ValidationError:
            value, self.refuses = _REFUSED, True
        if len(self) > MOST_KEPT:
            self.clear()
            self[""] = self._empty
        self[text] = value
        return value


@lru_cache(maxsize=64)
def _adapters(model: Any) -> dict[str, TypeAdapter[Any]]:
    return {n: TypeAdapter(f.rebuild_annotation()) for n, f in model.model_fields.items()}


class _Rows:
    """Makes models of the rows of a table, some thousands at a time."""

    def __init__(
        self, model: type[BaseModel], table: RawTable, key: str | None, checks: Sequence[str]
    ) -> None:
        self.model, self.table, self.key, self.checks = model, table, key, checks
        self.built: list[Any] = []
        self.problems: list[Problem] = []
        self.seen: dict[str, int] = {}
        fields = model.model_fields
        self.parsed: dict[str, _Parsed] = {}
        # copying a dictionary takes a tenth of the time of filling one
        self.empty: dict[str, Any] = dict.fromkeys(fields)
        for name, adapter in _adapters(model).items():
            f = fields[name]
            default = _REFUSED if f.is_required() else f.get_default(call_default_factory=True)
            self.empty[name] = default
            if name in table.header:
                self.parsed[name] = _Parsed(adapter, default)
        self.places = [(i, n) for i, n in enumerate(table.header) if n not in fields]
        self.open = model.model_config.get("extra") == "allow"
        # rows that state the same fields share the set of their names
        self.stated: dict[tuple[str, ...], set[str]] = {}

    def take(self, chunk: Chunk) -> None:
        """Make models of some rows."""
        lines, rows, columns = chunk.lines, chunk.rows, chunk.columns()
        found = [self.empty.copy() for _ in rows]
        refused: set[int] = set()
        for name, parsed in self.parsed.items():
            if not any(columns[name]) and not parsed.refuses:
                continue
            values = list(map(parsed.__getitem__, columns[name]))
            for row, value in zip(found, values, strict=True):
                row[name] = value
            if parsed.refuses:
                refused.update(i for i, v in enumerate(values) if v is _REFUSED)
        stated = self._stated(columns, len(rows))
        for i, (row, names) in enumerate(zip(found, stated, strict=True)):
            if i in chunk.wrong:
                continue
            made = None if i in refused else self._made(row, names, rows[i])
            if made is None:
                cells = chunk.cells(i)
                made, wrong = build_row(self.model, cells, name=self.table.name, line=lines[i])
                self.problems += wrong
            if made is not None:
                self._keep(made, lines[i], rows[i])

    def _stated(self, columns: dict[str, tuple[str, ...]], n: int) -> Iterator[set[str]]:
        """Yield the names of the fields that each row states."""
        full = tuple(name for name, texts in columns.items() if all(texts))
        some = [name for name, texts in columns.items() if any(texts) and name not in full]
        marks = zip(*([t and name for t in columns[name]] for name in some), strict=True)
        for mark in marks if some else [()] * n:
            names = self.stated.get(full + mark)
            if names is None:
                names = self.stated[full + mark] = {*full, *mark} - {""}
            yield names

    def _made(self, values: dict[str, Any], names: set[str], cells: list[str]) -> Any:
        """Return what the model's own validation would; None where a check of the row fails."""
        made = object.__new__(self.model)
        put = object.__setattr__  # the models are frozen
        put(made, "__dict__", values)
        put(made, "__pydantic_fields_set__", names)
        extra = {n: cells[i] for i, n in self.places if cells[i]} if self.open else None
        put(made, "__pydantic_extra__", extra)
        put(made, "__pydantic_private__", None)
        try:
            for check in self.checks:
                getattr(made, check)()
        except ValueError:
            return None
        return made

    def _keep(self, made: Any, line: int, cells: list[str]) -> None:
        if self.key is not None:
            ident = str(getattr(made, self.key)).casefold()
            if (first := self.seen.setdefault(ident, line)) != line:
                text = cells[self.table.header.index(self.key)]
                self.problems.append(same_key(self.table.name, line, self.key, text, first))
        self.built.append(made)
