"""`review code`: one coder answers the questions of the coding form, study by study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from review.cli.common import JsonOption, ReviewOption, echo, load, print_json, print_table

if TYPE_CHECKING:
    from review.project import Review


def code(
    study: Annotated[
        str | None,
        typer.Argument(metavar="[STUDY]",
                       help="Its study_id; without it every study with open questions, in turn."),
    ] = None,
    *,
    review: ReviewOption = None,
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="Who codes: codings/NAME.csv is written.")
    ] = "",
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="VARIABLE=VALUE",
                     help="An answer, without being asked; several times."),
    ] = None,
    listing: Annotated[
        bool, typer.Option("--list", help="How many questions each coder has answered.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --set: check only.")] = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Open the coding form of a study: its reports with their abstracts, then each open question.

    Every answer is checked by the codebook and written at once to codings/NAME.csv; stop any time,
    the next run goes on there. Coders do not see each other's answers: 'review adjudicate' compares
    them and writes what they agree on into studies.csv.
    """
    from review.errors import InputError

    if listing and (sets or study):
        raise InputError("--list shows all studies: leave the others out")
    if dry_run and not sets:
        raise InputError("--dry-run goes with --set")
    opened = load(review)
    if listing:
        _list(opened, as_json=as_json)
        return
    opened.require_writable()
    if sets:
        if study is None:
            raise InputError("--set needs the study: review code STUDY --by NAME --set ...")
        _set(opened, study, by, sets, dry_run=dry_run, as_json=as_json)
        return
    if as_json:
        raise InputError("--json goes with --set or --list")
    from review.cli.code_session import run_coding

    run_coding(opened, study, by)


def _set(
    review: Review, study: str, by: str, sets: list[str], *, dry_run: bool, as_json: bool
) -> None:
    from review.cli.history import pairs
    from review.workflow.coding.coded_answers import coder_named, write_answers

    coder = coder_named(review, by)
    changed = write_answers(review, study, pairs(sets), by=coder, dry_run=dry_run)
    if as_json:
        cells = [{"variable": v, "old": old, "new": new} for v, (old, new) in changed.items()]
        print_json({"study": study, "coder": coder, "written": not dry_run, "cells": cells})
        return
    verb = "would set" if dry_run else "set"
    for variable, (old, new) in changed.items():
        echo(f"{verb} {variable} of {study}: {old or '(open)'} -> {new or '(open)'}")
    if not changed:
        echo(f"codings/{coder}.csv says so already: nothing was changed")


def _list(review: Review, *, as_json: bool) -> None:
    from review.words import plural
    from review.workflow.coding.coded_answers import coding_progress

    rows = coding_progress(review)
    if as_json:
        print_json(rows)
        return
    coders = review.coders
    print_table(
        ["study_id", "title", *coders],
        [
            [r["study_id"], r["title"],
             *(f"{r['answered'][c]}/{r['questions']}" for c in coders)]
            for r in rows
        ],
    )  # fmt: skip
    whole = {c: sum(r["answered"][c] >= r["questions"] for r in rows) for c in coders}
    said = "; ".join(f"{c}: {n} answered in full" for c, n in whole.items())
    echo(f"{plural(len(rows), 'study')}" + (f"; {said}" if said else "; nobody has coded yet"))
