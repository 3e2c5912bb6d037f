"""`review init`: starts a review folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from review.cli.common import JsonOption, echo, print_json


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    *,
    title: Annotated[str | None, typer.Option(help="Title of the review.")] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="NAME|PATH", help="Copy the coding form of a review."),
    ] = None,
    studies: Annotated[
        bool, typer.Option("--studies", help="With --from: copy everything, studies included.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a new review: settings, a commented coding form and an empty table of studies."""
    from review.workflow.init import init_review

    written = init_review(folder, title=title, source=source, studies=studies)
    if as_json:
        print_json({"review": str(folder), "files": [str(p) for p in written]})
        return
    echo(f"made the review {folder}:")
    for path in written:
        echo(f"  {path}")
    echo(f"next: edit {folder / 'codebook.toml'}, then 'review add --review {folder}'")
