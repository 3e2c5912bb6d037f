"""Records of a review as a file for a reference manager, a screening tool or a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError
from review.formats.bibliography.bib_record import BibRecord, record_of
from review.formats.bibliography.bibliography_writers import FORMATS, record_bytes
from review.project.write import write_output
from review.schema.folder_files import RECORDS
from review.schema.screening_rows import STAGES
from review.workflow.prisma.screening_outcomes import outcomes
from review.workflow.records.stored_records import stored_records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from review.project import Review

CHOICES: Final = ("include", "exclude", "not_retrieved", "undecided")


@dataclass
class ExportedRecords:
    """What was written.

    Attributes:
        path, format: of the file.
        records: in it.
        duplicates: left out, since they repeat others.
        removed: left out, since they were taken out before screening.
        others: left out, since another decision was asked for.
    """

    path: Path
    format: str
    records: int = 0
    duplicates: int = 0
    removed: int = 0
    others: int = 0


def export_records(
    review: Review,
    path: Path,
    *,
    decision: str = "",
    stage: str = "screening",
    everything: bool = False,
) -> ExportedRecords:
    """Write the records of a review as RIS, BibTeX, CSL-JSON, CSV or Excel.

    Read back by `review import`, they hold what they held.

    Args:
        review: with `records.csv`.
        path: of the file; its ending says which format.
        decision: only records with this outcome: include, exclude, not_retrieved, undecided.
        stage: at which it was made.
        everything: duplicates and records that were removed too.

    Raises:
        InputError: there are no records, none is left, or the file cannot be written.
        UnknownNameError: an ending, decision or stage that is not known.
        DataError: `records.csv` or `decisions.csv` cannot be read.
    """
    kind = FORMATS.get(path.suffix.casefold())
    if kind is None:
        raise UnknownNameError("ending of a file of records", path.suffix or path.name, FORMATS)
    if decision and decision not in CHOICES:
        raise UnknownNameError("decision", decision, CHOICES)
    if stage.casefold() not in STAGES:
        raise UnknownNameError("stage", stage, sorted(set(STAGES.values())))
    if not review.has(RECORDS):
        raise InputError(
            f"the review {review.name!r} holds no {RECORDS}; 'review import FILE' makes one"
        )
    made = ExportedRecords(path, kind)
    chosen = _chosen(review, made, decision, STAGES[stage.casefold()], everything=everything)
    first = next(chosen, None)
    if first is None:
        raise InputError(f"no record of {review.path} is left to be written; {path} was not made")

    def counted() -> Iterator[BibRecord]:
        made.records += 1
        yield first
        for record in chosen:
            made.records += 1
            yield record

    write_output(path, record_bytes(counted(), kind), read=[review.path])
    return made


def _chosen(
    review: Review, made: ExportedRecords, decision: str, stage: str, *, everything: bool
) -> Iterator[BibRecord]:
    """Yield the records to write; count those that are left out."""
    said = outcomes(review) if decision else None
    outcome = said.outcome[stage] if said is not None else {}
    repeated = {row.record_id for row in review.duplicates if row.verdict == "same"}
    for number, row in enumerate(stored_records(review), 2):
        ident = row["record_id"].strip()
        if not everything and (ident in repeated or row.get("duplicate_of", "").strip()):
            made.duplicates += 1
        elif not everything and row.get("removed", "").strip():
            made.removed += 1
        elif decision and outcome.get(ident, "undecided") != decision:
            made.others += 1
        else:
            yield record_of(row, number)
