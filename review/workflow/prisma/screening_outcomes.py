"""What the reviewers decided on each record, from `decisions.csv`; and reading such tables."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.errors import DataError, suggest
from review.project import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.project import Review
    from review.project.tables import RawTable, Row

FILE: Final = "decisions.csv"
STAGES: Final = {
    "screening": "screening", "title": "screening", "abstract": "screening",
    "title_abstract": "screening", "title and abstract": "screening",
    "retrieval": "retrieval",
    "full_text": "full_text", "full text": "full_text", "fulltext": "full_text",
    "eligibility": "full_text",
}  # fmt: skip
DECISIONS: Final = {
    "include": "include", "included": "include", "yes": "include", "maybe": "include",
    "exclude": "exclude", "excluded": "exclude", "no": "exclude",
    "not_retrieved": "not_retrieved", "not retrieved": "not_retrieved",
}  # fmt: skip
# whoever decides when reviewers disagree
DECISIVE: Final = frozenset({"consensus", "adjudicator", "adjudication", "final"})


@dataclass(frozen=True)
class Outcomes:
    """The outcome per record at each stage.

    Attributes:
        outcome: stage -> record -> include, exclude or not_retrieved.
        reasons: stage -> record -> the first reason given for excluding it.
        open: disagreements that nobody has settled; such a record stays in.
    """

    outcome: dict[str, dict[str, str]]
    reasons: dict[str, dict[str, str]]
    open: int


def outcomes(review: Review) -> Outcomes | None:
    """Return the outcome of every record that was decided on; None without `decisions.csv`.

    Raises:
        DataError: the table cannot be read, or a word in it is not known.
    """
    found = table(review, FILE)
    if found is None:
        return None
    record = column(found, "record_id", "id", "study_id")
    stage, decision = column(found, "stage"), column(found, "decision")
    votes: dict[str, dict[str, list[tuple[bool, str]]]] = {
        s: defaultdict(list) for s in ("screening", "retrieval", "full_text")
    }
    reasons: dict[str, dict[str, str]] = {s: {} for s in votes}
    for row in found.rows:
        at = word(found, row, stage, STAGES)
        said = word(found, row, decision, DECISIONS)
        who = row.cells.get("reviewer", "").strip().casefold()
        votes[at][row.cells[record]].append((who in DECISIVE, said))
        why = row.cells.get("reason", "").strip()
        if why and said == "exclude":
            reasons[at].setdefault(row.cells[record], why)
    outcome, unsettled = {}, 0
    for at, by_record in votes.items():
        outcome[at] = {i: _outcome(cast) for i, cast in by_record.items()}
        unsettled += sum(_unsettled(cast) for cast in by_record.values())
    return Outcomes(outcome, reasons, unsettled)


def _outcome(votes: list[tuple[bool, str]]) -> str:
    """The last decisive vote, or the common one; a record stays in while reviewers disagree."""
    final = [said for decisive, said in votes if decisive]
    if final:
        return final[-1]
    said = {said for _, said in votes}
    return said.pop() if len(said) == 1 else "include"


def _unsettled(votes: list[tuple[bool, str]]) -> bool:
    return not any(decisive for decisive, _ in votes) and len({said for _, said in votes}) > 1


def table(review: Review, name: str) -> RawTable | None:
    """Return a table of the folder, or None when there is none.

    Raises:
        DataError: it cannot be read.
    """
    if not (review.path / name).exists():
        return None
    found = review.table(name)
    if found.problems:
        raise DataError(str(found.problems[0]), found.problems)
    return found


def column(table: RawTable, *names: str) -> str:
    """Return the first of the names that is a column of the table.

    Raises:
        DataError: none is.
    """
    for name in names:
        if name in table.header:
            return name
    problem = Problem(
        table.name, "a column is missing", line=1, column=names[0], allowed=" or ".join(names)
    )
    raise DataError(str(problem), [problem])


def word(table: RawTable, row: Row, column: str, known: Mapping[str, str]) -> str:
    """Return what a word of a column means.

    Raises:
        DataError: it is none of those that are known.
    """
    text = row.cells[column].strip()
    if text.casefold() in known:
        return known[text.casefold()]
    problem = Problem(
        table.name, "unknown word", line=row.line, column=column, value=text,
        allowed=", ".join(dict.fromkeys(w for w in known.values() if w)),
        suggestion=next(iter(suggest(text, known, most=1)), None),
    )  # fmt: skip
    raise DataError(str(problem), [problem])


def whole_number(table: RawTable, row: Row, column: str) -> int | None:
    """Return a number of records; None for an empty cell.

    Raises:
        DataError: the cell holds something else.
    """
    text = row.cells[column].strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    problem = Problem(
        table.name, "not a whole number", line=row.line, column=column, value=text,
        allowed="a number of records, such as 120",
    )  # fmt: skip
    raise DataError(str(problem), [problem])
