"""`review certainty`: how sure the evidence of each outcome is (GRADE)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from review.cli.common import JsonOption, ReviewOption, echo, load, print_json, print_table

if TYPE_CHECKING:
    from review.schema.certainty_file import OutcomeCertainty
    from review.schema.change_log import LoggedChange
    from review.workflow.certainty.outcome_states import OutcomeState


def certainty(
    *,
    review: ReviewOption = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option("--outcome", metavar="NAME", help="Only this [[meta]] analysis."),
    ] = None,
    write: Annotated[
        bool,
        typer.Option("--write", help="Write certainty.toml, or what it lacks, with proposals."),
    ] = False,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="DOMAIN=JUDGEMENT",
            help="Judge a domain, such as imprecision=serious, or set design, mid, baseline, "
            "overall, ... of --outcome.",
        ),
    ] = None,
    confirm: Annotated[
        list[str] | None,
        typer.Option(
            "--confirm", metavar="DOMAIN", help="Take over what certainty.toml proposes for it."
        ),
    ] = None,
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", help="The reason, or the source of a number.")
    ] = "",
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="Who judges; otherwise the login name.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Certainty of the evidence by GRADE: what is found, what is proposed, what people judged.

    Proposals come from the numbers (intervals, thresholds, information size, prediction interval,
    funnel, risk of bias) and count for nothing until a person confirms them in certainty.toml, or
    with --confirm or --set. 'review undo' takes a change back.
    """
    from review.workflow.certainty.certainty_writing import write_proposals
    from review.workflow.certainty.outcome_states import outcome_states

    opened = load(review)
    _refuse_alone(values, confirm, why, outcome, write=write)
    if values or confirm:
        assert outcome is not None
        from review.cli.history import pairs
        from review.workflow.certainty.certainty_writing import judge

        change, after = judge(
            opened, outcome[0], pairs(values or []), confirm=confirm or (), why=why, who=by,
            dry_run=dry_run,
        )  # fmt: skip
        _tell(change, after, dry_run=dry_run, as_json=as_json)
        return
    states = outcome_states(opened, outcome or [])
    if not write:
        if as_json:
            print_json([state.to_dict() for state in states])
        else:
            for state in states:
                _print(state)
        return
    change, said = write_proposals(opened, states, who=by, dry_run=dry_run)
    without = {s.outcome.name: s.finding.why for s in states if s.evidence is None}
    if as_json:
        number = None if change is None else change.number
        print_json({"written": change is not None, "change": number, "what": said,
                    "no_result": without})  # fmt: skip
        return
    for line in said:
        echo(f"{'would write' if dry_run else 'wrote'} {line}")
    for name, reason in without.items():
        echo(f"{name}: nothing to judge: {reason}")
    if change is not None:
        echo(f"change {change.number}: 'review undo {change.number}' takes it back")
    elif not said:
        echo("certainty.toml says so already: nothing was changed")


def _refuse_alone(
    values: list[str] | None,
    confirm: list[str] | None,
    why: str,
    outcome: list[str] | None,
    *,
    write: bool,
) -> None:
    """Refuse options that make no sense together.

    Raises:
        InputError: there are some.
    """
    from review.errors import InputError

    judging = bool(values or confirm)
    if judging and len(outcome or []) != 1:
        raise InputError("--set and --confirm are about one outcome: name it with --outcome")
    if judging and write:
        raise InputError("--write brings proposals up to date; --set and --confirm judge: one at "
                         "a time")  # fmt: skip
    if why and not judging:
        raise InputError("--why is the reason of --set or --confirm")


def _tell(
    change: LoggedChange | None, after: OutcomeCertainty, *, dry_run: bool, as_json: bool
) -> None:
    if as_json:
        number = None if change is None else change.number
        print_json({"outcome": after.name, "written": change is not None, "change": number,
                    "certainty": after.level, "not_judged": list(after.lacking)})  # fmt: skip
        return
    level = after.level or f"not judged yet: {', '.join(after.lacking)}"
    echo(f"{after.name}: certainty {level}")
    if change is not None:
        echo(f"change {change.number}: 'review undo {change.number}' takes it back")
    elif not dry_run:
        echo("certainty.toml says so already: nothing was changed")


def _print(state: OutcomeState) -> None:
    from review.schema.certainty_file import DOMAINS

    found, outcome = state.finding, state.outcome
    echo(f"{outcome.name}: {found.outcome}")
    if state.evidence is None:
        echo(f"  no pooled result: {found.why}")
    else:
        for line in _numbers(state):
            echo(f"  {line}")
    rows: list[list[Any]] = []
    for domain in DOMAINS:
        proposal, judged = state.proposals.get(domain), outcome.judged(domain)
        same = judged is not None and proposal is not None and judged.why == proposal.why
        word = "not judged yet"
        if judged is not None:
            word = f"{judged.judgement}: {'as proposed' if same else judged.why}"
        who = ", ".join(str(x) for x in (judged.who, judged.when) if x) if judged else ""
        computed = proposal.judgement if proposal else ""
        if domain in outcome.unjudged or judged or computed:
            rows.append([domain, computed or "-", proposal.why if proposal else "", word, who])
    print_table(["domain", "proposed", "from the numbers", "judged", "by"], rows)
    start = outcome.starting or "not stated (design)"
    if outcome.level is None:
        echo(f"  starts: {start}; certainty not judged yet: {', '.join(outcome.lacking)}")
    else:
        echo(f"  starts: {start}; certainty: {found.sign} {found.certainty}")
        echo(f"  {found.means}")
    echo()


def _numbers(state: OutcomeState) -> list[str]:
    found = state.finding
    lines = [f"{found.participants}{f'; {found.relative}' * bool(found.relative)}"]
    for line in found.lines:
        cells = "; ".join(f"{k} {v}" for k, v in line.cells.items() if v)
        lines.append(f"{f'{line.baseline}: ' * bool(line.baseline)}{cells}")
    return [*lines, *found.remarks]
