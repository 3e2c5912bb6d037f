"""`review dedupe`: finds records that repeat each other; asks about the doubtful ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from review.cli.common import (
    FolderArgument,
    JsonOption,
    ReviewOption,
    ask,
    echo,
    load,
    one_folder,
    print_json,
    print_table,
    warn,
)

if TYPE_CHECKING:
    from review.project import Review
    from review.workflow.records.duplicate_review import ReviewDuplicates
    from review.workflow.records.found_duplicates import Decided

_SHOWN: Final = ("title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid",
                 "source", "abstract")  # fmt: skip
_LONGEST: Final = 300


def dedupe(
    *,
    folder: FolderArgument = None,
    review: ReviewOption = None,
    doubtful: Annotated[
        bool, typer.Option("--doubtful", help="Ask about each doubtful pair, side by side.")
    ] = False,
    listing: Annotated[
        bool, typer.Option("--list", help="List the doubtful pairs; compare nothing anew.")
    ] = False,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="RECORD:RECORD=VERDICT",
                     help="Decide: same, report (of one study) or different; several times."),
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; of the decisions of --set.")] = "",
    undo: Annotated[
        str | None,
        typer.Option("--undo", metavar="RECORD:RECORD|last", help="Take a decision back."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE",
                     help="Write the records without duplicates, the best field of each, as CSV."),
    ] = None,
    engine: Annotated[
        str,
        typer.Option("--engine", metavar="memory|splink",
                     help="splink finds the pairs on DuckDB, for millions of records (extra "
                     "splink); a Spark session is passed from Python."),
    ] = "memory",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Find the records that several searches have found.

    Nothing is taken out of records.csv: duplicates.csv says which record repeats which, why, and
    who decided. Reports of one study at two places (preprint and article) are named, not merged.
    What is doubtful stays until a person decides (--doubtful); decisions hold when the command is
    run again after another import.
    """
    from review.errors import InputError

    where = one_folder(folder, review)
    if sum(map(bool, (doubtful, listing, sets, undo))) > 1:
        raise InputError("--doubtful, --list, --set and --undo cannot be combined")
    if engine != "memory" and (sets or undo or doubtful or listing):
        raise InputError("--engine says how all records are compared: it goes alone")
    if dry_run and (undo or doubtful or listing or out):
        raise InputError("--dry-run goes with --set, or alone")
    if as_json and doubtful:
        raise InputError("--json cannot be combined with --doubtful; see --list")
    opened = load(where)
    if out is not None:
        from review.project.write import output_target

        output_target(out, read=[opened.path])  # refused before anything is done
    if listing:
        _list(opened, as_json=as_json)
        return
    opened.require_writable()
    if doubtful:
        _ask_all(opened, by)
    elif undo:
        _undo(opened, undo)
    done = _run(opened, sets or [], reason, by, engine=engine, dry_run=dry_run)
    if as_json:
        print_json({"review": str(opened.path), "written": not dry_run, "decided": done.decided,
                    **done.found.to_dict(), "notes": list(done.notes)})  # fmt: skip
    else:
        echo(done.found.summary())
        for note in done.notes:
            warn(f"note: {note}")
        if done.found.doubtful:
            warn("'review dedupe --doubtful' shows the doubtful pairs side by side")
    if out is not None:
        _write_merged(opened, out)


def _run(
    review: Review, sets: list[str], reason: str, by: str, *, engine: str, dry_run: bool
) -> ReviewDuplicates:
    from review.workflow.records.duplicate_review import decide, dedupe

    if sets:
        return decide(review, [_decision(item, reason, by) for item in sets], dry_run=dry_run)
    return dedupe(review, engine=engine, dry_run=dry_run)


def _decision(item: str, reason: str, by: str) -> Decided:
    from review.errors import InputError
    from review.workflow.records.found_duplicates import Decided

    pair, sign, verdict = item.partition("=")
    one, other = _pair(pair, f"--set {item!r}", "RECORD:RECORD=VERDICT")
    if not sign:
        raise InputError(f"--set {item!r}: write it as RECORD:RECORD=VERDICT")
    return Decided(one, other, verdict.strip(), by, reason)


def _pair(text: str, what: str, form: str) -> tuple[str, str]:
    from review.errors import InputError

    one, colon, other = (part.strip() for part in text.partition(":"))
    if not (colon and one and other):
        raise InputError(f"{what}: write it as {form}")
    return one, other


def _undo(review: Review, what: str) -> None:
    from review.workflow.records.duplicate_review import undo

    if what == "last":
        row = undo(review)
    else:
        row = undo(review, *_pair(what, f"--undo {what!r}", "RECORD:RECORD, or last"))
    warn(f"taken back: {row['record_id']} and {row['other_id']} were {row['verdict']} "
         f"(decided by {row['decided_by']})")  # fmt: skip


def _list(review: Review, *, as_json: bool) -> None:
    from review.workflow.records.duplicate_review import doubtful_pairs

    found = doubtful_pairs(review)
    if as_json:
        print_json([{"reason": why, "records": [one, other]} for one, other, why in found])
        return
    rows = [
        [one["record_id"], other["record_id"], _short(one.get("title", ""), 60), why]
        for one, other, why in found
    ]
    print_table(["record", "other", "title", "why"], rows)
    echo(f"{len(found)} doubtful")


def _short(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _ask_all(review: Review, by: str) -> None:
    """Ask about each doubtful pair; every answer is written at once."""
    from review.workflow.records.duplicate_review import doubtful_pairs, settle_doubts, undo
    from review.workflow.records.found_duplicates import Decided

    found = doubtful_pairs(review)
    if not found:
        echo("no pair is doubtful")
        return
    warn("s the same record, r two reports of one study, d different, Enter later, u undo, q stop")
    done: list[int] = []
    try:
        by = by.strip() or ask("Who decides (your name)", None).strip()
        at = 0
        while at < len(found):
            one, other, why = found[at]
            _show(one, other, f"[{at + 1}/{len(found)}] {why}")
            answer = ask("s, r, d, u or q", "").strip().casefold()
            verdict = {"s": "same", "r": "report", "d": "different"}.get(answer)
            if verdict:
                decision = Decided(one["record_id"], other["record_id"], verdict, by, why)
                settle_doubts(review, [decision])
                done.append(at)
            elif answer == "u" and done:
                at = done.pop()
                undo(review, found[at][0]["record_id"], found[at][1]["record_id"])
                continue
            elif answer == "q":
                break
            elif answer:
                warn("  answer s, r, d, u, q, or Enter")
                continue
            at += 1
    except typer.Abort:
        warn("")
    echo(f"{len(done)} decided, {len(found) - len(done)} left")


def _show(one: dict[str, str], other: dict[str, str], title: str) -> None:
    warn(title)
    rows: list[list[Any]] = [
        [name, _short(one.get(name, "")), _short(other.get(name, ""))]
        for name in _SHOWN
        if one.get(name) or other.get(name)
    ]
    print_table(["", one["record_id"], other["record_id"]], rows)


def _write_merged(review: Review, out: Path) -> None:
    from review.project import open_review
    from review.project.csv_records import format_row
    from review.project.write import output_folder, write_output
    from review.workflow.records.duplicate_review import merged_records

    lines: list[bytes] = []
    header: list[str] = []
    for record in merged_records(open_review(review.path)):
        if not lines:  # every record has the same columns
            header = list(record)
            lines.append(format_row(header, "\n").encode())
        lines.append(format_row([record[name] for name in header], "\n").encode())
    output_folder(out.parent)
    write_output(out, b"".join(lines), read=[review.path])
    warn(f"written: {out} ({max(len(lines) - 1, 0):,} records)")
