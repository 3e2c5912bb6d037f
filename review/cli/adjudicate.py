"""`review adjudicate`: settles disagreements of coders one by one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from review.cli.agreement import CodersOption, VariableOption
from review.cli.common import (
    JsonOption,
    ReviewOption,
    ask,
    echo,
    load,
    print_json,
    print_table,
    warn,
)

if TYPE_CHECKING:
    from review.project import Review
    from review.workflow.agreement.agreement_report import Disagreement
    from review.workflow.coding.adjudicate import Settled
    from review.workflow.coding.resolutions import Resolution


def adjudicate(
    *,
    review: ReviewOption = None,
    coders: CodersOption = None,
    variable: VariableOption = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE",
                     help="Decisions from CSV: study_id, variable, consensus, reason "
                     "[, adjudicator, date]."),
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="STUDY:VARIABLE=VALUE", help="One decision; several times."),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; of the decisions of --set.")] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")] = "",
    undo: Annotated[
        str | None,
        typer.Option("--undo", metavar="STUDY:VARIABLE|last", help="Open one again."),
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="List what is not settled.")] = False,
    agreed: Annotated[
        bool,
        typer.Option("--agreed", help="Write what the coders of a study agree on into empty cells "
                     "of studies.csv; with one name in --coders what that one wrote."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only.")] = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Settle disagreements of coders; without --from and --set, ask about each in turn.

    The consensus goes to studies.csv, and who decided when and why to
    codings/adjudication.csv. Stop any time: what is settled stays, the rest is asked again.
    """
    from review.errors import InputError
    from review.workflow.coding.adjudicate import pending, resolve

    if sum(map(bool, (source, sets, undo, listing, agreed))) > 1:
        raise InputError("--from, --set, --undo, --list and --agreed cannot be combined")
    opened = load(review)
    names = None if coders is None else [c.strip() for c in coders.split(",") if c.strip()]
    if listing:
        _list(pending(opened, names, variable), as_json=as_json)
        return
    opened.require_writable()
    if agreed:
        _agreed(opened, names, variable, by, dry_run=dry_run, as_json=as_json)
        return
    if undo:
        done = [_undo(opened, undo)]
    elif source is not None or sets:
        decisions = _read(source, by) if source is not None else _from_sets(sets or [], reason, by)
        done = resolve(opened, decisions, dry_run=dry_run)
    else:
        if as_json or dry_run:
            raise InputError("--json and --dry-run need --from, --set, --undo, --list or --agreed")
        _ask_all(opened, pending(opened, names, variable), by)
        return
    verb = "would change" if dry_run else "opened again" if undo else "settled"
    if as_json:
        print_json({"review": str(opened.path), "written": not dry_run,
                    "settled": [s.to_dict() for s in done]})  # fmt: skip
    for one in () if as_json else done:
        echo(_line(verb, one))


def _agreed(
    review: Review, coders: list[str] | None, variables: list[str] | None, by: str, *,
    dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    from review.words import listed, plural
    from review.workflow.coding.agreed_values import write_agreed

    done = write_agreed(review, coders, variables, by=by, dry_run=dry_run)
    if as_json:
        print_json({"written": not dry_run, **done.to_dict()})
        return
    for study, name, there, text in done.kept:
        warn(f"note: {study}: {name} stays {there!r}, though the coders say {text!r}")
    if done.alone:
        warn(f"note: coded by one alone, and left out: {listed(done.alone, most=5)} (--coders NAME "
             "takes over what that one wrote)")  # fmt: skip
    if done.strangers:
        warn(f"note: not in studies.csv: {listed(done.strangers, most=5)}")
    cells = plural(len(done.written), "cell")
    echo(f"{cells} of studies.csv {'would be' if dry_run else 'were'} filled")
    if done.open:
        echo(f"{plural(done.open, 'cell')} wait for a coder who left the question open: "
             "'review code --list'")  # fmt: skip
    if done.differing:
        echo(f"the coders differ in {plural(done.differing, 'cell')}: 'review adjudicate' settles "
             "them")  # fmt: skip


def _line(verb: str, one: Settled) -> str:
    change = f"{one.before or '(empty)'} -> {one.after or '(empty)'}"
    where = "" if one.in_studies else " (recorded only: studies.csv does not hold the study)"
    return f"{verb} {one.study_id}:{one.variable}: {change}{where}"


def _read(source: Path, by: str) -> list[Resolution]:
    from review.workflow.coding.resolutions import read_resolutions

    return read_resolutions(source, adjudicator=by)


def _from_sets(sets: list[str], reason: str, by: str) -> list[Resolution]:
    from review.errors import InputError
    from review.workflow.coding.resolutions import Resolution

    found = []
    for item in sets:
        cell, sign, value = item.partition("=")
        study, colon, variable = cell.rpartition(":")
        if not (sign and colon and study and variable):
            raise InputError(f"--set {item!r}: write it as STUDY:VARIABLE=VALUE")
        found.append(Resolution(study.strip(), variable.strip(), value, reason, by))
    return found


def _undo(review: Review, what: str) -> Settled:
    from review.errors import InputError
    from review.workflow.coding.adjudicate import undo

    if what == "last":
        return undo(review)
    study, colon, variable = what.rpartition(":")
    if not colon:
        raise InputError(f"--undo {what!r}: write it as STUDY:VARIABLE, or last")
    return undo(review, study, variable)


def _list(found: list[Disagreement], *, as_json: bool) -> None:
    rows = [d.row() for d in found]
    if as_json:
        print_json(rows)
        return
    coders = list(dict.fromkeys(c for d in found for c in d.values))
    heads = ["study_id", "variable", *coders]
    print_table(heads, [[row.get(h, "") for h in heads] for row in rows])
    echo(f"{len(rows)} disagreements are not settled")


def _ask_all(review: Review, open_ones: list[Disagreement], by: str) -> None:
    """Ask about each disagreement; every answer is written at once."""
    from review.workflow.coding.adjudicate import undo

    settled = 0
    if not open_ones:
        echo("every disagreement is settled")
        return
    warn(f"{len(open_ones)} disagreements. Answer with a letter, another value, - for not "
         "reported (NR), s to skip, u to undo the last one, q to stop.")  # fmt: skip
    try:
        by = by or _prompt("Who decides (your name)")
        at = 0
        while at < len(open_ones):
            answer = _ask(review, open_ones[at], by, f"[{at + 1}/{len(open_ones)}]")
            if answer == "q":
                break
            if answer == "u":
                if settled:
                    warn(_line("opened again", undo(review)))
                    settled, at = settled - 1, at - 1
                else:
                    warn("  nothing was settled in this run; see --undo")
                continue
            settled += answer == "settled"
            at += 1
    except typer.Abort:
        warn("")
    echo(f"{settled} settled, {len(open_ones) - settled} left; run the command again to go on")


def _prompt(text: str, default: str | None = None) -> str:
    return ask(text, default).strip()


def _ask(review: Review, found: Disagreement, by: str, count: str) -> str:
    """Ask about one disagreement; return `settled`, `s`, `u` or `q`."""
    from review.errors import DataError
    from review.workflow.coding.adjudicate import resolve
    from review.workflow.coding.resolutions import Resolution

    variable = review.codebook[found.variable]
    warn(f"{count} {found.study_id}: {variable.title} ({found.variable})")
    choices = dict(zip("abcdefghijklm", found.values.items(), strict=False))
    for letter, (coder, value) in choices.items():
        warn(f"  {letter} {coder}: {value or '(not stated)'}")
    warn(f"  [{variable.allowed()}]")
    while True:
        answer = _prompt("Consensus", default="s")
        if answer in {"s", "u", "q"} and answer not in variable.vocabulary:
            return answer
        value = "NR" if answer == "-" else answer
        if answer in choices and answer not in variable.vocabulary:
            value = choices[answer][1]
        reason = _prompt("Why")
        try:
            resolve(review, [Resolution(found.study_id, found.variable, value, reason, by)])
        except DataError as error:
            warn("\n".join(f"  {p.message} (allowed: {p.allowed})" for p in error.problems))
            continue
        return "settled"
