"""`review serve`: the review in the browser, on this computer."""

from __future__ import annotations

from typing import Annotated

import typer

from review.cli.common import ReviewOption, TrustOption, echo, load_with_code, warn


def serve(
    *,
    folder: Annotated[
        str | None, typer.Argument(metavar="[DIR]", help="The review folder, as with --review.")
    ] = None,
    review: ReviewOption = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of 127.0.0.1; without it one that is free.")
    ] = 0,
    reader: Annotated[
        bool, typer.Option("--reader", help="Only to read: nothing can be changed.")
    ] = False,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the browser.")
    ] = True,
    trust: TrustOption = False,
) -> None:
    """Open the review in the browser: screen, code, settle, assess, and look at the results.

    The server answers to this computer alone, under an address that holds a key; every click ends
    in the same files that the commands write. Ctrl+C stops it.
    """
    from review.errors import InputError
    from review.web.serving import serve_review

    if folder is not None and review is not None:
        raise InputError("the folder and --review name the same thing: leave one out")
    opened = load_with_code(folder or review, trust=trust)

    def started(address: str) -> None:
        echo(address)
        warn(f"{opened.name} is open there for whoever has this address; Ctrl+C stops it")
        if browser:
            typer.launch(address)

    serve_review(opened, port=port, reader=reader, started=started)
