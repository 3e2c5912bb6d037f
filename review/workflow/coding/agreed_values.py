"""What coders agree on goes into empty cells of `studies.csv`, so that nobody types it again.

What they differ in is for `review adjudicate`; a cell that holds something is never changed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from review.errors import InputError, UnknownNameError
from review.project.transaction import changes
from review.schema.cell_types import cell_text
from review.schema.folder_files import STUDIES
from review.workflow.agreement.coder_agreement import comparable, reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.project import Review
    from review.project.csv_tables import RawTable
    from review.schema import Variable


@dataclass
class AgreedValues:
    """What was taken over from the codings.

    Attributes:
        written: (study_id, variable, text) of cells that were empty.
        kept: (study_id, variable, text there, text agreed on) of cells that say something else.
        differing: how many cells the coders differ in, and nobody has settled.
        open: how many cells wait for the answer of a coder who has left the question open.
        alone: studies that one coder alone has coded, which were left out.
        strangers: studies of the codings that are not in `studies.csv`.
    """

    written: list[tuple[str, str, str]] = field(default_factory=list)
    kept: list[tuple[str, str, str, str]] = field(default_factory=list)
    differing: int = 0
    open: int = 0
    alone: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return it as a dictionary for JSON."""
        return asdict(self)


def write_agreed(
    review: Review,
    coders: Sequence[str] | None = None,
    variables: Sequence[str] | None = None,
    *,
    by: str = "",
    dry_run: bool = False,
) -> AgreedValues:
    """Write the values that all coders of a study agree on into empty cells of `studies.csv`.

    Args:
        review: a review that can be written to.
        coders: names of coders; all without it. One name alone takes over what that coder wrote.
        variables: names of variables; all without it.
        by: who does it, for the log.
        dry_run: write nothing.

    Raises:
        UnknownNameError: there is no such coder or variable.
        InputError: there are no codings, or no `studies.csv`.
        DataError: a table cannot be read.
    """
    done = AgreedValues()
    with changes(review, command="adjudicate --agreed", who=by, dry_run=dry_run) as tx:
        fresh = tx.review
        names = _coders(fresh, coders)
        book = [fresh.codebook[v] for v in variables or fresh.codebook.names]
        if not fresh.has(STUDIES):
            raise InputError(f"the review has no {STUDIES}")
        table = tx.table(STUDIES, fresh.study_model)
        cells = {name: _cells(fresh, name) for name in names}
        settled = {(a.study_id, a.variable) for a in fresh.adjudications}
        for study_id in dict.fromkeys(s for coded in cells.values() for s in coded):
            coded = [found[study_id] for found in cells.values() if study_id in found]
            if len(coded) < min(2, len(names)):
                done.alone.append(study_id)
                continue
            for variable in book:
                if (study_id, variable.name) in settled:
                    continue
                _take(table, study_id, variable, [c.get(variable.name, "") for c in coded], done)
    done.strangers = list(dict.fromkeys(done.strangers))
    return done


def _coders(review: Review, coders: Sequence[str] | None) -> list[str]:
    if not review.coders:
        raise InputError("codings/ holds no file of a coder: 'review code STUDY --by NAME'")
    for name in coders or ():
        if name not in review.coders:
            raise UnknownNameError("coder", name, review.coders)
    if coders is None and len(review.coders) == 1:
        only = review.coders[0]
        raise InputError(
            f"{only} is the only coder, and agrees with nobody; --coders {only} takes over what "
            f"{only} wrote"
        )
    return list(dict.fromkeys(coders or review.coders))


def _cells(review: Review, coder: str) -> dict[str, Mapping[str, str]]:
    """study_id -> cells as they stand in the coder's file, every one checked before."""
    _ = review.codings[coder]
    rows = review.table(f"codings/{coder}.csv").rows
    return {row.cells["study_id"].strip(): row.cells for row in rows}


def _take(
    table: RawTable, study_id: str, variable: Variable, texts: Sequence[str], done: AgreedValues
) -> None:
    """Write one cell where all texts mean the same."""
    stated = [text.strip() for text in texts]
    values = [variable.parse(text) for text in stated]
    # a mark such as NR is an answer; two different ones, or none, are no value to write
    known = [reading(variable, v, t) for v, t in zip(values, stated, strict=True)]
    if not any(stated):
        return
    if not all(stated):
        done.open += 1
        return
    if any(k != known[0] for k in known):
        done.differing += 1
        return
    text = cell_text(values[0]) or stated[0]
    wanted = study_id.casefold()
    row = next((r for r in table.rows if r.cells["study_id"].strip().casefold() == wanted), None)
    if row is None:
        done.strangers.append(study_id)
        return
    there = row.cells.get(variable.name, "").strip()
    if not there:
        table.add_columns([variable.name])
        table.set(row, variable.name, text)
        done.written.append((study_id, variable.name, text))
    elif comparable(variable, variable.parse(there)) != comparable(variable, values[0]):
        done.kept.append((study_id, variable.name, there, text))
