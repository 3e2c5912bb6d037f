"""The options that every command with a table as input has, given to it by one decorator."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Annotated, Any, Final, get_type_hints

import typer

from review.cli.common import warn

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.formats.read_options import ReadOptions
    from review.formats.sheet_table import SheetTable

_OPTIONS: Final[dict[str, tuple[Any, Any]]] = {
    "sheet": (
        Annotated[
            str | None,
            typer.Option("--sheet", metavar="NAME", help="Of a workbook; needed with several."),
        ],
        None,
    ),
    "header_row": (
        Annotated[
            str | None,
            typer.Option(
                "--header-row", metavar="ROW", help="With the headings, such as 3; 2-3 for two."
            ),
        ],
        None,
    ),
    "delimiter": (
        Annotated[
            str | None,
            typer.Option(
                "--delimiter", metavar="SIGN", help="comma, semicolon, tab, pipe, space or a sign."
            ),
        ],
        None,
    ),
    "decimal": (
        Annotated[
            str | None, typer.Option("--decimal", metavar="SIGN", help="Decimal mark: . or , ")
        ],
        None,
    ),
    "encoding": (
        Annotated[
            str | None,
            typer.Option("--encoding", metavar="NAME", help="Of a text file: utf-8, cp1252, ..."),
        ],
        None,
    ),
    "mapping": (
        Annotated[
            list[str] | None,
            typer.Option(
                "--map",
                metavar="HEADING=NAME",
                help="What a heading means, such as 'Age (y)=age'; age+age_sd for a cell with two "
                "numbers, - for a column to leave out. May be repeated.",
            ),
        ],
        None,
    ),
    "missing": (
        Annotated[
            list[str] | None,
            typer.Option(
                "--missing", metavar="WORD", help="Means missing too, such as 999; may be repeated."
            ),
        ],
        None,
    ),
    "dayfirst": (
        Annotated[
            bool | None,
            typer.Option(
                "--dayfirst/--monthfirst", help="How days such as 03/02/2019 are written."
            ),
        ],
        None,
    ),
    "fill_merged": (
        Annotated[
            bool,
            typer.Option("--fill-merged", help="Merged cells give their value to all their rows."),
        ],
        False,
    ),
    "fix": (
        Annotated[
            bool,
            typer.Option(
                "--fix",
                help="Take every suggestion for cells that cannot be read; they are listed.",
            ),
        ],
        False,
    ),
}


def with_table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options for input tables; it gets them as `reading: ReadOptions`.

    Args:
        command: with a keyword argument `reading`, which is no option of its own.
    """
    own = inspect.signature(command)
    hints = get_type_hints(command, include_extras=True, localns={"ReadOptions": Any})

    @functools.wraps(command)
    def run(**given: Any) -> Any:
        from review.formats.read_options import options_from_text

        typed: dict[str, Any] = {name: given.pop(name) for name in _OPTIONS}
        dayfirst = typed.pop("dayfirst")
        typed |= {name: typed[name] or () for name in ("mapping", "missing")}
        typed["day_order"] = None if dayfirst is None else "day" if dayfirst else "month"
        reading = options_from_text(**typed)
        return command(**given, reading=reading)

    parameters = [
        p.replace(annotation=hints[p.name]) for p in own.parameters.values() if p.name != "reading"
    ]
    parameters += [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in _OPTIONS.items()
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run


def tell(table: SheetTable) -> None:
    """Say on standard error how a table was read, what was left out and what was changed."""
    warn(table.describe())
    for remark in table.remarks():
        warn(f"note: {remark}")


def given_options(reading: ReadOptions) -> list[str]:
    """Return the options for tables that the user gave, to refuse them where there is no table.

    Example:
        >>> from review.formats.read_options import ReadOptions
        >>> given_options(ReadOptions(sheet="Data", fix=True))
        ['--sheet', '--fix']
    """
    named = {
        "--sheet": reading.sheet, "--header-row": reading.header_row,
        "--delimiter": reading.delimiter, "--decimal": reading.decimal,
        "--encoding": reading.encoding, "--map": reading.mapping, "--missing": reading.missing,
        "--dayfirst or --monthfirst": reading.day_order, "--fill-merged": reading.fill_merged,
        "--fix": reading.fix,
    }  # fmt: skip
    return [name for name, value in named.items() if value]
