"""`review report`: one self-contained HTML file about a review."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from review.cli.common import (
    JsonOption,
    ReviewOption,
    TrustOption,
    WhereOption,
    echo,
    load_with_code,
    print_json,
    warn,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def report(
    *,
    review: ReviewOption = None,
    where: WhereOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The file; REVIEW-report.html without it."),
    ] = None,
    sections: Annotated[
        list[str] | None,
        typer.Option("--section", metavar="NAME", help="Only this section; several allowed."),
    ] = None,
    theme: Annotated[str, typer.Option(metavar="light|dark|auto", help="Colours.")] = "auto",
    date: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="Day of the report; the newest one in the data."),
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(metavar="OLD.html|REV", help="Show what changed since a report or revision."),
    ] = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Print it to PDF too (needs Chromium or Chrome).")
    ] = False,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    trust: TrustOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the report of a review as one HTML file that needs no network.

    Figure modules (analysis/) and templates that the folder brings are used only where you trust
    it.
    """
    from review.errors import InputError
    from review.project.write import write_output
    from review.report import build_report
    from review.report.pdf import find_browser, print_pdf

    opened = load_with_code(review, where, trust=trust)
    target = out or Path(f"{opened.name}-report.html")
    if target.suffix.casefold() == ".pdf":
        raise InputError(f"--out {target} names the HTML file; --pdf writes a PDF beside it")
    if target.is_dir() or not target.parent.is_dir():
        raise InputError(f"cannot write {target}: it is a folder, or lies in one that is not there")
    files = [target, *([target.with_suffix(".pdf")] if pdf else [])]
    for file in files:
        _check_target(file, opened.path)
    if pdf:
        find_browser()
    made = build_report(
        opened,
        sections=sections or (),
        theme=theme,
        date=date,
        compare=compare,
        progress=None if as_json or not sys.stderr.isatty() else _progress(),
    )
    write_output(target, made.html, read=[opened.path])
    if pdf:
        write_output(files[-1], print_pdf(target), read=[opened.path])
    if as_json:
        print_json({"files": [str(f) for f in files], **made.to_dict()})
    else:
        for file in files:
            echo(f"wrote {file} ({file.stat().st_size / 1e6:.2f} MB)")
        lacking = [s.title for s in made.sections if not s.has_data]
        if lacking:
            echo(f"without data: {', '.join(lacking)}")
        if made.changes is not None:
            echo("\n".join(made.changes.lines()))
    if show:
        typer.launch(str(target.resolve()))


def _check_target(file: Path, read: Path) -> None:
    """Refuse to write over a file of a review, or over one that is no report or PDF."""
    from review.errors import InputError
    from review.project.write import output_target

    if not output_target(file, read=[read]).exists():
        return
    with file.open("rb") as there:
        start = there.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start and not start.startswith((b"<!doctype html", b"<html", b"%pdf")):
        raise InputError(f"{file} is there and is no report; choose another name with --out")


def _progress() -> Callable[[str, int, int], None]:
    return lambda name, i, n: warn(f"[{i}/{n}] {name.replace('_', ' ')}")
