"""`review set`, `review log` and `review undo`: cells that change, what changed, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from review.cli.common import JsonOption, ReviewOption, echo, load, print_json, say_still_wrong

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.schema.change_log import LoggedChange

ByOption = Annotated[
    str,
    typer.Option("--by", metavar="NAME", help="Who makes the change; otherwise the login name."),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Check only.")]


def set_values(
    study: Annotated[
        str, typer.Argument(metavar="STUDY", help="The study_id (or record_id, or name).")
    ],
    values: Annotated[
        list[str],
        typer.Argument(metavar="VARIABLE=VALUE...", help="Cells; an empty value empties one."),
    ],
    *,
    review: ReviewOption = None,
    file: Annotated[
        str,
        typer.Option("--file", metavar="NAME", help="The table, such as results.csv."),
    ] = "studies.csv",
    line: Annotated[
        int | None,
        typer.Option("--line", help="Of the file, where it has several rows of the study."),
    ] = None,
    by: ByOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Set cells of a study, checked by the codebook; all of them, or none.

    'review undo' takes the change back.
    """
    from review.project.row_checks import still_wrong
    from review.project.set_cells import set_cells

    opened = load(review)
    change, changed = set_cells(
        opened, study, pairs(values), file=file, line=line, who=by, dry_run=dry_run
    )
    if change is not None and not dry_run:
        found = still_wrong(opened, file)
        mine = (p for p in found if (p.study_id or "").casefold() == study.strip().casefold())
        say_still_wrong(p for p in mine if p.column in changed)
    if as_json:
        cells = [{"variable": v, "old": old, "new": new} for v, (old, new) in changed.items()]
        number = None if change is None else change.number
        print_json({"study": study, "file": file, "written": not dry_run, "change": number,
                    "cells": cells})  # fmt: skip
        return
    for variable, (old, new) in changed.items():
        verb = "would set" if dry_run else "set"
        echo(f"{verb} {variable} of {study}: {old or '(empty)'} -> {new or '(empty)'}")
    if not changed:
        echo(f"{file} says so already: nothing was changed")
    elif change is not None:
        echo(f"change {change.number}: 'review undo {change.number}' takes it back")


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """Return name -> value of texts written NAME=VALUE.

    Raises:
        InputError: one is not, or a name is given twice.
    """
    from review.errors import InputError

    found: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        name = name.strip()
        if not sign or not name:
            raise InputError(f"{text!r} is no VARIABLE=VALUE, such as auc=0.93")
        if name in found:
            raise InputError(f"{name} is given twice")
        found[name] = value.strip()
    return found


def log(
    *,
    review: ReviewOption = None,
    study: Annotated[
        str | None, typer.Option("--study", metavar="STUDY", help="Only changes of a study.")
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="NAME", help="Only changes of a file.")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--last", min=1, help="Only the newest changes.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print what was changed in the review: when (UTC), by whom, which cells; newest last.

    It stands in log.csv, one line per cell or row; 'review undo NUMBER' takes a change back.
    """
    opened = load(review)
    found = opened.log(study=study, file=file, last=last)
    if as_json:
        print_json([change.to_dict() for change in found])
        return
    for change in found:
        back = "" if change.undone_by is None else f" [taken back by {change.undone_by}]"
        echo(f"{change.title}{back}")
        _print_rows(change)
    if not found:
        which = "such change" if study or file else "change"
        echo(f"{opened.name}: log.csv holds no {which}")


def _print_rows(change: LoggedChange, most: int = 20) -> None:
    for row in change.rows[:most]:
        echo(f"  {row}")
    if len(change.rows) > most:
        echo(f"  ... and {len(change.rows) - most:,} more (--json)")


def undo(
    change: Annotated[
        int | None,
        typer.Argument(metavar="[NUMBER]", min=1, help="Of the change, as 'review log' says."),
    ] = None,
    *,
    review: ReviewOption = None,
    by: ByOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take a change of the review back; without a number the last one that still holds.

    Nothing is done where a later change stands in the way. What was taken back can be brought
    back: an undo is a change too.
    """
    from review.project.take_back import take_back

    opened = load(review)
    opened.require_writable()
    done = take_back(opened, change, who=by, dry_run=dry_run)
    if as_json:
        print_json({"written": not dry_run, "undone": done.to_dict()})
        return
    echo(f"{'would take' if dry_run else 'took'} back {done.title}")
    _print_rows(done)
