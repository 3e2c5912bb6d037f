"""`review link`: included reports become studies, and a person says which belong together."""

from __future__ import annotations

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
    print_table,
    warn,
)
from review.cli.history import DryRunOption

if TYPE_CHECKING:
    from review.project import Review
    from review.workflow.coding.linked_studies import LinkedStudies


def link(
    *,
    folder: FolderArgument = None,
    review: ReviewOption = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="RECORD=STUDY",
                     help="A report of that study, or =new for a study of its own; several times."),
    ] = None,
    unlink: Annotated[
        str | None, typer.Option("--unlink", metavar="RECORD", help="Take a report out again.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")] = "",
    listing: Annotated[bool, typer.Option("--list", help="List reports and studies.")] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Make studies of the reports that are included in full text: several reports, one study.

    Author, year, title, journal, DOI and PMID come from the records; reports.csv keeps which report
    belongs to which study. Reports are put together as 'review dedupe' has found or a person has
    said, and with studies that are there. No cell that holds something is changed.
    """
    from review.errors import InputError
    from review.workflow.coding import linked_studies as work

    where = one_folder(folder, review)
    if sum(map(bool, (sets, unlink, listing))) > 1:
        raise InputError("--set, --unlink and --list cannot be combined")
    opened = load(where)
    if listing:
        _list(opened, as_json=as_json)
        return
    opened.require_writable()
    if unlink:
        if dry_run:
            raise InputError("--dry-run has no use with --unlink: 'review undo' takes it back")
        study = work.unlink_report(opened, unlink, by=by)
        if as_json:
            print_json({"record_id": unlink.strip(), "unlinked_from": study})
        else:
            echo(f"{unlink.strip()} is no report of {study} any more; the study stays")
            warn("'review link --set RECORD=STUDY --by NAME' links it, =new makes a study of it")
        return
    if sets:
        done = work.link_reports(opened, _pairs(sets), by=by, dry_run=dry_run)
    else:
        done = work.link_studies(opened, by=by, dry_run=dry_run)
    _tell(done, dry_run=dry_run, as_json=as_json)


def _pairs(texts: list[str]) -> list[tuple[str, str]]:
    from review.errors import InputError

    found = []
    for text in texts:
        record, sign, study = text.rpartition("=")
        if not (sign and record.strip() and study.strip()):
            raise InputError(f"--set {text!r}: write it as RECORD=STUDY, or RECORD=new")
        found.append((record.strip(), study.strip()))
    return found


def _tell(done: LinkedStudies, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json({"written": not dry_run, **done.to_dict()})
        return
    from review.words import listed, plural

    would = "would be " if dry_run else ""
    for study, reports in done.added.items():
        echo(f"{study}: {would}added, from {listed(reports)}")
    for record, study in done.linked.items():
        echo(f"{study}: {record} {would}linked to it")
    for study, column, text in done.filled:
        echo(f"{study}: {column} was empty, {'would be' if dry_run else 'is'} {text}")
    for record, why in done.waiting.items():
        warn(f"{record} is not linked: {why}")
    for text in done.notes:
        warn(f"note: {text}")
    said = [f"{plural(len(done.added), 'study')} {would}added"]
    if done.linked:
        said.append(f"{plural(len(done.linked), 'report')} {would}linked to others")
    if done.waiting:
        said.append(f"{plural(len(done.waiting), 'report')} left to you")
    echo("; ".join(said))


def _list(review: Review, *, as_json: bool) -> None:
    from review.words import plural
    from review.workflow.coding.linked_studies import link_rows

    rows = link_rows(review)
    if as_json:
        print_json(rows)
        return
    columns = ["study_id", "record_id", "title", "year", "decided_by"]
    print_table(columns, [[row[c] for c in columns] for row in rows])
    studies = {row["study_id"] for row in rows if row["study_id"]}
    bare = sum(not row["study_id"] for row in rows)
    echo(f"{plural(len(rows) - bare, 'report')} of {plural(len(studies), 'study')}"
         + (f"; {plural(bare, 'report')} not linked: 'review link'" if bare else ""))  # fmt: skip
