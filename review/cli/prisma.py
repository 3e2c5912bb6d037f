"""`review prisma`: the counts of the flow, and whether they add up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from review.cli.common import (
    FolderArgument,
    JsonOption,
    ReviewOption,
    echo,
    load,
    one_folder,
    print_json,
    warn,
)

if TYPE_CHECKING:
    from review.schema.prisma_flow import PrismaFlow


def prisma(
    *,
    folder: FolderArgument = None,
    review: ReviewOption = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="FILE", help="Counts from a CSV file of the R package PRISMA2020."
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export", metavar="FILE", help="Write the counts as a CSV file for that package."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the boxes of the PRISMA 2020 flow, where they come from, and every sum.

    Published counts and those of the folder's own files are printed apart. Exit status 1 when a
    sum does not add up. `analyze --figure 3` draws the flow.
    """
    from review.errors import InputError
    from review.schema.prisma_sums import prisma_checks
    from review.workflow.prisma import flows
    from review.workflow.prisma.prisma2020_csv import write_prisma2020

    review = one_folder(folder, review)
    if source is not None and review is not None:
        raise InputError("--from FILE takes the place of a review: leave out the folder")
    if source is not None:
        found, read = [_from_file(source)], source
    else:
        opened = load(review)
        found, read = flows(opened), opened.path
    wrong = [c for flow in found for c in prisma_checks(flow) if not c.holds]
    if as_json:
        print_json([_plain(flow) for flow in found])
    else:
        for flow in found:
            _print(flow)
    if export is not None:
        from review.project.write import output_folder, write_output

        text, notes = write_prisma2020(found[-1])
        output_folder(export.parent)
        write_output(export, text.encode(), read=[read])
        for note in notes:
            warn(f"note: {note}")
        warn(f"written: {export}")
    if wrong:
        raise typer.Exit(1)


def _from_file(path: Path) -> PrismaFlow:
    from review.errors import InputError
    from review.project.bounded import read_bounded
    from review.schema.prisma_flow import PrismaFlow
    from review.workflow.prisma.prisma2020_csv import read_prisma2020

    try:
        text = read_bounded(path, str(path)).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8; save it as CSV UTF-8") from None
    counts, notes = read_prisma2020(text, path.name)
    given = {name: getattr(counts, name) for name in type(counts).model_fields}
    return PrismaFlow(origin=f"counts of {path.name}", notes=tuple(notes), **given)


def _plain(flow: PrismaFlow) -> dict[str, object]:
    from review.schema.prisma_sums import prisma_checks

    return {
        "origin": flow.origin,
        "boxes": flow.counts(),
        "sources": [s.model_dump() for s in flow.sources],
        "screening_reasons": [r.model_dump() for r in flow.screening_reasons],
        "reasons": [r.model_dump() for r in flow.reasons],
        "other_reasons": [r.model_dump() for r in flow.other_reasons],
        "checks": [c.to_dict() for c in prisma_checks(flow)],
        "notes": list(flow.notes),
    }


def _print(flow: PrismaFlow) -> None:
    from review.schema.prisma_flow import BOXES
    from review.schema.prisma_sums import prisma_checks
    from review.words import plural

    echo(f"{flow.origin}:")
    for s in flow.sources:
        many = "" if s.records is None else f": {plural(s.records, 'record')}"
        echo(f"  {s.name} ({s.kind}){many}")
    for box, n in flow.counts().items():
        echo(f"  {BOXES[box]:<62} {n:>9,}")
        listed = {
            "excluded_at_screening": flow.screening_reasons,
            "excluded_at_full_text": flow.reasons,
            "other_excluded": flow.other_reasons,
        }
        for reason in listed.get(box, ()):
            echo(f"    {reason.reason:<60} {reason.reports:>9,}")
    for check in prisma_checks(flow):
        why = f"; {check.note}" if check.note else ""
        echo(f"  {check.verdict}: {check.text} ({check.rule}){why}")
    for note in flow.notes:
        echo(f"  note: {note}")
