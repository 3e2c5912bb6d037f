"""`review screen`: decides on records one by one, with single keys or from a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

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
    from review.project import Review
    from review.workflow.screening.screening_decisions import Decision


def screen(
    *,
    folder: FolderArgument = None,
    review: ReviewOption = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who screens.")] = "",
    stage: Annotated[
        str, typer.Option("--stage", metavar="STAGE", help="title-abstract or full-text.")
    ] = "title-abstract",
    order: Annotated[
        str,
        typer.Option("--order", metavar="ORDER",
                     help="file, date (newest first), relevance (what is like the included ones "
                     "first; leaves nothing out) or random."),
    ] = "file",
    decide: Annotated[
        tuple[str, str] | None,
        typer.Option("--decide", metavar="RECORD DECISION",
                     help="One decision: include, exclude, maybe; full text: not-retrieved."),
    ] = None,
    settle: Annotated[
        tuple[str, str] | None,
        typer.Option("--settle", metavar="RECORD DECISION",
                     help="Settle a dispute as a third person (--by), or --by consensus."),
    ] = None,
    clear: Annotated[
        str | None, typer.Option("--clear", metavar="RECORD", help="Take one's decision out.")
    ] = None,
    unsettle: Annotated[
        str | None, typer.Option("--unsettle", metavar="RECORD", help="Open a dispute again.")
    ] = None,
    duplicate: Annotated[
        tuple[str, str] | None,
        typer.Option("--duplicate", metavar="RECORD OTHER",
                     help="RECORD repeats OTHER, which is kept."),
    ] = None,
    not_duplicate: Annotated[
        str | None,
        typer.Option("--not-duplicate", metavar="RECORD", help="RECORD repeats no other one."),
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", help="Of an exclusion: the text, or its number in the list.")
    ] = "",
    note: Annotated[str, typer.Option("--note", help="Of a decision.")] = "",
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="List what reviewers disagree on.")
    ] = False,
    progress: Annotated[
        bool, typer.Option("--progress", help="How far the team is, and how well it agrees.")
    ] = False,
    recall: Annotated[
        bool,
        typer.Option("--recall", help="How much of what is relevant was found, with its error."),
    ] = False,
    target: Annotated[
        float, typer.Option("--target", help="Of --recall: the recall that is asked for.")
    ] = 0.95,
    following: Annotated[
        bool, typer.Option("--next", help="Print the next record of --by, and decide nothing.")
    ] = False,
    keys: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="ACTION=KEY",
                     help="Another key for an action, such as exclude=x; several times."),
    ] = None,
    highlight: Annotated[
        bool, typer.Option("--highlight/--no-highlight", help="Mark the keywords.")
    ] = True,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Screen records by title and abstract, then full texts; single keys, shown below each record.

    Every decision is written at once to decisions.csv and log.csv; stop any time. Reviewers are
    blind to each other. review.toml [screening] holds the number of reviewers, the team, the
    reasons for exclusion, keywords and keys.
    """
    from review.errors import InputError

    where = one_folder(folder, review)
    asked = {"--decide": decide, "--settle": settle, "--clear": clear, "--unsettle": unsettle,
             "--duplicate": duplicate, "--not-duplicate": not_duplicate, "--conflicts": conflicts,
             "--progress": progress, "--recall": recall, "--next": following}  # fmt: skip
    given = [name for name, value in asked.items() if value]
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)} cannot be combined")
    if (reason or note) and given not in (["--decide"], ["--settle"]):
        raise InputError("--reason and --note go with --decide or --settle")
    opened = load(where)
    if not given:
        if as_json:
            raise InputError("--json goes with --decide, --conflicts, --progress, --next, ...")
        from review.cli.screen_session import run_session

        opened.require_writable()
        run_session(opened, by, stage, order, keys or [], highlight=highlight)
        return
    if keys:
        raise InputError("--key changes the keys of the questions; it has no use with " + given[0])
    if progress:
        _progress(opened, as_json=as_json)
    elif recall:
        _recall(opened, stage, target, as_json=as_json)
    elif conflicts:
        _conflicts(opened, as_json=as_json)
    elif following:
        _next(opened, by, stage, order, as_json=as_json)
    elif duplicate or not_duplicate:
        _duplicate(opened, by, duplicate, not_duplicate, as_json=as_json)
    else:
        words = {"reason": reason, "note": note}
        done = _change(opened, by, stage, (given[0], asked[given[0]]), words)
        _tell(done, as_json=as_json)


def _change(
    review: Review, by: str, stage: str, asked: tuple[str, Any], words: dict[str, str]
) -> Decision:  # fmt: skip
    from review.workflow.screening import screening_decisions as work

    given, chosen = asked
    review.require_writable()
    if given == "--decide":
        return work.decide(review, *chosen, by=by, stage=stage, **words)
    if given == "--settle":
        return work.settle(review, *chosen, by=by, stage=stage, **words)
    if given == "--unsettle":
        return work.clear(review, chosen, by=by or work.TOGETHER, stage=stage, final=True)
    return work.clear(review, chosen, by=by, stage=stage)


def _tell(done: Decision, *, as_json: bool) -> None:
    if as_json:
        print_json(done.to_dict())
        return
    said = done.to_dict()
    before = f" (was {said['before']})" if said["before"] else ""
    if not done.decision:
        echo(f"{done.record_id}: cleared{before}")
        return
    verb = "settled: " if done.final else ""
    why = f": {done.reason}" if done.reason else ""
    echo(f"{done.record_id}: {verb}{done.decision}{why}{before}")


def _progress(review: Review, *, as_json: bool) -> None:
    from review.workflow.screening.screening_progress import progress, progress_lines

    found = progress(review)
    if as_json:
        print_json(found.to_dict())
        return
    for line in progress_lines(found):
        echo(line)
    for text in found.notes:
        warn(f"note: {text}")


def _recall(review: Review, stage: str, target: float, *, as_json: bool) -> None:
    from review.workflow.screening.screening_recall import recall_lines, screening_recall

    found = screening_recall(review, stage=stage, target=target)
    if as_json:
        print_json(found.to_dict())
        return
    for line in recall_lines(found):
        echo(line)
    for text in found.notes:
        warn(f"note: {text}")


def _conflicts(review: Review, *, as_json: bool) -> None:
    from review.words import plural
    from review.workflow.screening.screening_conflicts import conflicts

    found = conflicts(review)
    if as_json:
        print_json([one.to_dict() for one in found])
        return
    for one in found:
        said = one.to_dict()
        echo(f"{said['record_id']} ({said['stage']}): {said['title']}")
        for vote in said["votes"]:
            rest = "; ".join(t for t in (vote["reason"], vote["note"]) if t)
            tail = f": {rest}" if rest else ""
            echo(f"  {vote['reviewer'] or '(unnamed)'}: {vote['decision']}{tail}")
    echo(f"{plural(len(found), 'dispute')} not settled")
    if found:
        warn("'review screen --settle RECORD include|exclude --by NAME' settles one")


def _next(review: Review, by: str, stage: str, order: str, *, as_json: bool) -> None:
    from review.workflow.screening.screening_queue import next_record

    found: dict[str, Any] | None = next_record(review, by, stage=stage, order=order)
    if as_json:
        print_json(found)
    elif found is None:
        echo("nothing is left to decide")
    else:
        for name, text in found.items():
            if text:
                echo(f"{name}: {text}")


def _duplicate(
    review: Review, by: str, pair: tuple[str, str] | None, record: str | None, *, as_json: bool
) -> None:
    from review.workflow.screening.screening_duplicates import mark_duplicate, unmark_duplicate

    review.require_writable()
    if pair:
        done = mark_duplicate(review, *pair, by=by)
        record, other, verb = done.record_id, done.other_id, "repeats"
    else:
        record, verb = (record or "").strip(), "is kept beside"
        other = unmark_duplicate(review, record, by=by)
    if as_json:
        print_json({"record_id": record, "other_id": other, "same": bool(pair)})
    else:
        echo(f"{record} {verb} {other}")
