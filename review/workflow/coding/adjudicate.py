"""Settles disagreements of coders one by one, and records who did it, when and why.

The consensus goes to the cell of `studies.csv`, the record to `codings/adjudication.csv`: both
change, or neither, and all their other bytes stay.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError
from review.project.problems import raise_problems
from review.project.transaction import Changes, changes
from review.schema import Adjudication
from review.schema.codebook import VariableType
from review.workflow.agreement.coder_agreement import choose_coders, find_disagreements
from review.workflow.coding.resolutions import COLUMNS, Resolution, check_resolutions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.project.csv_tables import RawTable
    from review.schema import Variable
    from review.workflow.agreement.agreement_report import Disagreement

STUDIES: Final = "studies.csv"
RECORD: Final = "codings/adjudication.csv"


@dataclass(frozen=True, slots=True)
class Settled:
    """A disagreement that was settled (or, by `undo`, opened again).

    Attributes:
        before, after: the cell of `studies.csv`.
        in_studies: False when `studies.csv` does not hold the study: only the record was written.
    """

    study_id: str
    variable: str
    before: str
    after: str
    in_studies: bool

    def to_dict(self) -> dict[str, Any]:
        """Return it as a dictionary."""
        return asdict(self)


def pending(
    review: Review, coders: Sequence[str] | None = None, variables: Sequence[str] | None = None
) -> list[Disagreement]:
    """Return the disagreements that are not settled yet, by study and variable.

    Free text is left out unless its variable is named: two wordings of one fact are no
    disagreement that a value could settle.

    Raises:
        UnknownNameError: there is no such coder or variable.
    """
    names = (
        [review.codebook[name].name for name in variables]
        if variables
        else [v.name for v in review.codebook.variable if not _is_free_text(v)]
    )
    found = find_disagreements(review, choose_coders(review, coders), names)
    return [d for d in found if not d.settled]


def _is_free_text(variable: Variable) -> bool:
    worded = variable.type is VariableType.LIST and not variable.vocabulary
    return variable.type is VariableType.TEXT or worded


def resolve(
    review: Review, resolutions: Sequence[Resolution], *, dry_run: bool = False
) -> list[Settled]:
    """Settle disagreements: all of the given ones, or none.

    Args:
        review: a review that can be written to.
        resolutions: the decisions.
        dry_run: check only.

    Returns:
        What changed, in the order given.

    Raises:
        InputError: the review is read-only, or there is nothing to settle.
        DataError: a decision does not fit the codebook, concerns no disagreement or one that is
            settled already, or lacks who or why; every problem is listed.
    """
    review.require_writable()
    if not resolutions:
        raise InputError("there is nothing to settle")
    who = ", ".join(dict.fromkeys(r.adjudicator.strip() for r in resolutions))
    with changes(review, command="adjudicate", who=who, dry_run=dry_run) as tx:
        fresh = tx.review
        known = find_disagreements(fresh, fresh.coders, fresh.codebook.names)
        open_ones = {(d.study_id, d.variable): d for d in known}
        texts, problems = check_resolutions(fresh, resolutions, open_ones)
        raise_problems(problems, what="adjudication")
        studies, record = _tables(tx)
        done = []
        for resolution, text in zip(resolutions, texts, strict=True):
            disagreement = open_ones[resolution.study_id, resolution.variable]
            settled = _set_cell(studies, resolution.study_id, resolution.variable, text)
            _append(record, disagreement, resolution, text, settled)
            done.append(settled)
    return done


def _tables(tx: Changes) -> tuple[RawTable | None, RawTable]:
    """Return `studies.csv` (None without one) and the record, with all columns of the record."""
    there = (tx.folder / STUDIES).exists()
    studies = tx.table(STUDIES, tx.review.study_model) if there else None
    record = tx.table(RECORD, Adjudication, columns=COLUMNS)
    record.add_columns(COLUMNS)
    return studies, record


def _set_cell(table: RawTable | None, study_id: str, column: str, text: str) -> Settled:
    row = table.find("study_id", study_id) if table is not None else None
    if table is None or row is None:
        return Settled(study_id, column, "", text, in_studies=False)
    table.add_columns([column])
    before = row.cells[column].strip()
    if before != text:
        table.set(row, column, text)
    return Settled(study_id, column, before, text, in_studies=True)


def _append(
    record: RawTable, found: Disagreement, r: Resolution, text: str, settled: Settled
) -> None:
    values = list(found.values.values())
    reason = r.reason.strip()
    if len(values) > 2:  # the record has room for two: the others are named in the reason
        said = "; ".join(f"{k}: {v or 'not stated'}" for k, v in found.values.items())
        reason += f" ({said})"
    record.append(
        {
            "study_id": r.study_id,
            "variable": r.variable,
            "coder1": values[0],
            "coder2": values[1],
            "consensus": text,
            "reason": reason,
            "adjudicator": r.adjudicator.strip(),
            "date": (r.date or dt.datetime.now().astimezone().date()).isoformat(),
            "previous": settled.before,
        }
    )


def undo(review: Review, study_id: str | None = None, variable: str | None = None) -> Settled:
    """Open a settled disagreement again: the cell gets back what it held before.

    Args:
        review: a review that can be written to.
        study_id: of the disagreement; without it the last one that was settled.
        variable: of the disagreement.

    Raises:
        InputError: nothing was settled, the record does not say what the cell held before, or the
            cell was changed since.
    """
    with changes(review, command="adjudicate --undo") as tx:
        if not (tx.folder / RECORD).exists():
            raise InputError("nothing was settled yet")
        studies, record = _tables(tx)
        wanted = [
            row
            for row in record.rows
            if (study_id is None or row.cells["study_id"].strip() == study_id)
            and (variable is None or row.cells["variable"].strip() == variable)
        ]
        if not wanted:
            where = f" for {study_id}:{variable}" if study_id else ""
            raise InputError(f"nothing was settled{where}")
        row = wanted[-1]
        record.remove(row)
        cells = {k: v.strip() for k, v in row.cells.items()}
        if not cells.get("date"):
            raise InputError(
                f"line {row.line} of {RECORD} does not say what the cell held before; take the "
                f"line out and set the cell of {STUDIES} by hand"
            )
        name, ident, before = cells["variable"], cells["study_id"], cells.get("previous", "")
        study = studies.find("study_id", ident) if studies is not None else None
        if study is not None and study.cells.get(name, "").strip() != cells["consensus"]:
            raise InputError(
                f"{name} of {ident} is {study.cells.get(name, '')!r} now, not the consensus "
                f"{cells['consensus']!r}: it was changed since, so it is left alone"
            )
        return _set_cell(studies, ident, name, before)
