"""`review report`: one page about a review, as HTML, PDF, Word or Markdown."""

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

    from review.project import Review


def report(
    *,
    review: ReviewOption = None,
    where: WhereOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The file; REVIEW-report.html without it."),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format", metavar="html|pdf|docx|md", help="Of the file; several allowed. Or --out's."
        ),
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
    abstract: Annotated[
        bool, typer.Option("--abstract", help="Only the visual abstract, as SVG (1200 x 675).")
    ] = False,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    trust: TrustOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the report of a review: one HTML file that needs no network, or PDF, Word, Markdown.

    Figure modules (analysis/) and templates that the folder brings are used only where you trust
    it.
    """
    from review.project.write import output_folder, write_output
    from review.report import build_report
    from review.report.pdf import find_browser
    from review.report.report_files import parse_report_formats, report_files, report_paths
    from review.report.word_file import check_word

    opened = load_with_code(review, where, trust=trust)
    if abstract:
        _abstract(opened, out, as_json=as_json)
        return
    chosen = parse_report_formats(formats or (), out)
    if pdf and "pdf" not in chosen:
        chosen = (*chosen, "pdf")
    paths = report_paths(Path(f"{opened.name}-report"), chosen, out)
    for file in paths.values():
        _check_target(file, opened.path)
    if "pdf" in paths:
        find_browser()
    if "docx" in paths:
        check_word()
    made = build_report(
        opened,
        sections=sections or (),
        theme=theme,
        date=date,
        compare=compare,
        progress=None if as_json or not sys.stderr.isatty() else _progress(),
    )
    # what needs no browser is written even where the browser fails
    files = []
    for name in sorted(paths, key=lambda n: n == "pdf"):
        found = report_files(made, {name: paths[name]})
        for file, data in found.files.items():
            if file.parent != paths[name].parent:
                output_folder(file.parent)
            write_output(file, data, read=[opened.path])
        files += [file for file in found.files if file in paths.values()]
        for said in found.remarks:
            warn(f"note: {said}")
    if as_json:
        print_json({"files": [str(f) for f in files], **made.to_dict()})
    else:
        for file in files:
            echo(f"wrote {file} ({file.stat().st_size / 1e6:.2f} MB)")
        if made.lacking:
            warn(f"no data for: {', '.join(made.lacking)}")
        for said in made.remarks:
            warn(f"note: {said}")
        if made.changes is not None:
            echo("\n".join(made.changes.lines()))
    if show:
        typer.launch(str(files[0].resolve()))


def _abstract(opened: Review, out: Path | None, *, as_json: bool) -> None:
    """Write the visual abstract."""
    from review.project.write import write_output
    from review.report.results import Results
    from review.report.visual_abstract import visual_abstract

    target = out or Path(f"{opened.name}-abstract.svg")
    _check_target(target, opened.path)
    write_output(target, visual_abstract(Results(opened)), read=[opened.path])
    if as_json:
        print_json({"files": [str(target)]})
    else:
        echo(f"wrote {target}")


def _check_target(file: Path, read: Path) -> None:
    """Refuse to write over a file of a review, or over one that is no report."""
    from review.errors import InputError
    from review.project.write import output_target
    from review.report.report_files import is_report

    if file.is_dir() or not file.parent.is_dir():
        raise InputError(f"cannot write {file}: it is a folder, or lies in one that is not there")
    if not output_target(file, read=[read]).exists():
        return
    with file.open("rb") as there:
        start = there.read(1024)
    if not is_report(file, start):
        raise InputError(f"{file} is there and is no report; choose another name with --out")


def _progress() -> Callable[[str, int, int], None]:
    return lambda name, i, n: warn(f"[{i}/{n}] {name.replace('_', ' ')}")
