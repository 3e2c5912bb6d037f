"""What the commands share: options, tables in the terminal, JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from review.cli.terminal import terminal_json, terminal_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from review.opened_review import Review
    from review.project.problems import Problem

DEFAULT_OUT: Final = Path("review-out")

ReviewOption = Annotated[
    str | None,
    typer.Option(
        "--review",
        "-r",
        metavar="NAME|PATH",
        help="A review folder or a bundled review; without it the review around the working "
        "folder, otherwise kim2022.",
    ),
]
FolderArgument = Annotated[
    str | None, typer.Argument(metavar="[DIR]", help="The review folder, as with --review.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="DIR", help="Where to write; default ./review-out."),
]
FiguresOption = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="FORMATS",
        help="html, csv, json, svg, png; joined by commas or repeated; default html,csv,json. "
        "SVG and PNG of most figures need Chromium.",
    ),
]
TrustOption = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Use the Python modules and templates that the review folder brings, now and as long "
        "as they stay the same; read them first.",
    ),
]
WhereOption = Annotated[
    str | None,
    typer.Option("--where", metavar="FILTER", help="Only studies such as 'modality == \"MRI\"'."),
]


def one_folder(folder: str | None, review: str | None) -> str | None:
    """Return the folder that an argument or --review names.

    Raises:
        InputError: both do.
    """
    from review.errors import InputError

    if folder is not None and review is not None:
        raise InputError("the folder and --review name the same thing: leave one out")
    return folder or review


def load(review: str | None, where: str | None = None) -> Review:
    """Open the review that the options name, filtered; say what was settled on the way."""
    import warnings

    from review.errors import ReviewWarning
    from review.opened_review import open_review

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ReviewWarning)
        opened = open_review(review)
    for one in caught:
        warn(f"note: {one.message}")
    return opened.where(where)


def load_with_code(review: str | None, where: str | None = None, *, trust: bool) -> Review:
    """Open a review whose own modules and templates a command would use, if they are trusted.

    What is left out is named on standard error.
    """
    from review.errors import InputError
    from review.project.folder_code import trust_code

    opened = load(review, where)
    if trust:
        opened = opened.with_trust(True)
        try:
            if opened.code.state == "trusted":
                trust_code(opened.code)
        except InputError as error:
            warn(f"note: trusted this time only: {error}")
    elif opened.code.left_out:
        warn(f"note: {opened.code.why()}")
    return opened


def echo(text: str = "") -> None:
    """Print a line to standard output."""
    typer.echo(terminal_text(text))


def warn(text: str) -> None:
    """Print a line to standard error."""
    typer.echo(terminal_text(text), err=True)


def say_still_wrong(problems: Iterable[Problem]) -> None:
    """Print what `review check` will call an error in rows that were written all the same."""
    for problem in problems:
        warn(f"note: still wrong: {problem}")


def answer_hint(problem: Problem) -> str:
    """Say in a line what is wrong with an answer, and what would be right."""
    meant = f"; did you mean {problem.suggestion!r}?" if problem.suggestion else ""
    return problem.message + meant + (f" (allowed: {problem.allowed})" if problem.allowed else "")


def ask(text: str, default: str | None = "") -> str:
    """Ask on the terminal; an empty answer is the default, or asks again where that is None."""
    answer: Any = typer.prompt(terminal_text(text), default=default, show_default=False, err=True)
    return str(answer)


def echo_data(text: str) -> None:
    """Print the contents of a file: unchanged, unless a terminal would show them."""
    typer.echo(terminal_text(text) if sys.stdout.isatty() else text, nl=False)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    from review.formats.rows import json_text

    typer.echo(terminal_json(json_text(value), encoding=getattr(sys.stdout, "encoding", None)))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows as a table that fits the terminal; NO_COLOR is honoured."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from review.schema.cell_types import cell_text

    # as Text, since rich reads [words] in plain headings as commands
    heads = [Column(Text(terminal_text(name))) for name in columns]
    table = Table(*heads, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*[Text(terminal_text(cell_text(cell))) for cell in row])
    console = Console(highlight=False, soft_wrap=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=200, no_color=True)
    # through typer, so that a closed pipe is met where all output is
    with console.capture() as printed:
        console.print(table)
    typer.echo(printed.get().removesuffix("\n"))


def print_marked(lines: Iterable[tuple[str, str, Sequence[tuple[int, int, str]]]]) -> None:
    """Print texts, wrapped to the terminal, with parts of them marked; NO_COLOR is honoured.

    Args:
        lines: each a text, its style, and (start, end, style) of what is marked in it.
    """
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=100, no_color=True)
    with console.capture() as printed:
        for text, style, marks in lines:
            shown = Text(text, style=style)
            for start, end, mark in marks:
                shown.stylize(mark, start, end)
            # signs that a terminal would obey are written out in each stretch of one style
            console.print(
                Text("").join(
                    Text(terminal_text(part.plain), style=_style_of(part))
                    for part in shown.divide(sorted({at for m in marks for at in m[:2]}))
                )
            )
    typer.echo(printed.get().removesuffix("\n"))


def _style_of(part: Any) -> Any:
    return part.spans[-1].style if part.spans else part.style
