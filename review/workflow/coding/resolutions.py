"""Decisions on disagreements: read from a file, checked against codebook and codings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.errors import suggest
from review.project.csv_tables import read_table
from review.project.problems import Problem, raise_problems
from review.project.row_models import build_row
from review.schema import Adjudication
from review.schema.cell_types import CellError, cell_text, parse_date
from review.schema.folder_files import STUDIES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from review.project import Review
    from review.workflow.agreement.agreement_report import Disagreement

COLUMNS: Final = tuple(Adjudication.model_fields)


@dataclass(frozen=True, slots=True)
class Resolution:
    """A decision on one disagreement.

    Attributes:
        consensus: the settled value as text, or a mark such as NR for what is not stated; "" for
            a cell that is empty.
        reason: why; never empty.
        adjudicator: who decided; never empty.
        date: the day; today without it.
        place: file and line that it was read from, for messages.
    """

    study_id: str
    variable: str
    consensus: str
    reason: str
    adjudicator: str
    date: dt.date | None = None
    place: tuple[str, int | None] = ("", None)


def read_resolutions(path: Path, *, adjudicator: str = "") -> list[Resolution]:
    """Read decisions from a CSV file: study_id, variable, consensus, reason, adjudicator, date.

    Args:
        path: the file; `adjudicator` and `date` may be left out.
        adjudicator: who decided, for rows that do not say.

    Raises:
        DataError: the file cannot be read, lacks a column or has an unknown one, or a date cannot
            be read.
    """
    table = read_table(path, path.name)
    needed = ("study_id", "variable", "consensus", "reason")
    problems = [
        *table.problems,
        *(
            Problem(table.name, "the column is missing", line=1, column=c)
            for c in needed
            if c not in table.header
        ),
        *(
            Problem(table.name, "unknown column", line=1, column=c, allowed=", ".join(COLUMNS))
            for c in table.header
            if c not in COLUMNS
        ),
    ]
    raise_problems(problems, what=str(path))
    found = []
    for row in table.rows:
        cells = {k: v.strip() for k, v in row.cells.items()}
        day = None
        try:
            day = parse_date(cells.get("date", ""))
        except CellError as error:
            problems.append(
                Problem(table.name, str(error), line=row.line, column="date", value=cells["date"],
                        allowed=error.allowed)
            )  # fmt: skip
        found.append(
            Resolution(
                cells["study_id"], cells["variable"], cells["consensus"], cells["reason"],
                cells.get("adjudicator") or adjudicator, day, (table.name, row.line),
            )
        )  # fmt: skip
    raise_problems(problems, what=str(path))
    return found


def check_resolutions(
    review: Review,
    resolutions: Sequence[Resolution],
    known: dict[tuple[str, str], Disagreement],
) -> tuple[list[str], list[Problem]]:
    """Return the consensus of each decision as the table holds it, and all problems."""
    texts: list[str] = []
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    rows = review.table(STUDIES).rows if review.has(STUDIES) else []
    there = {row.cells["study_id"].strip(): row.cells for row in rows}
    for r in resolutions:
        key = (r.study_id, r.variable)
        text, wrong = _parsed(review, r)
        texts.append(text)
        problems += wrong
        if not wrong and key not in known:
            problems.append(_problem(r, "study_id", "the coders do not disagree here", r.study_id,
                                     allowed="see 'review adjudicate --list'"))  # fmt: skip
        elif not wrong and known[key].settled:
            hint = f"'--undo {r.study_id}:{r.variable}' opens it again"
            problems.append(_problem(r, "variable", "settled already", r.variable, allowed=hint))
        elif key in seen:
            problems.append(_problem(r, "variable", "settled twice", r.variable))
        elif not (wrong or text) and there.get(r.study_id, {}).get(r.variable, "").strip():
            held = there[r.study_id][r.variable].strip()
            said = f"would empty a cell that holds {held!r}"
            marks = "NR for not reported, NA for not applicable"
            problems.append(_problem(r, "consensus", said, None, allowed=marks))
        seen.add(key)
    return texts, problems


def _parsed(review: Review, r: Resolution) -> tuple[str, list[Problem]]:
    wrong = []
    said = {"reason": r.reason, "adjudicator": r.adjudicator}
    for column, value in said.items():
        if not value.strip():
            wrong.append(_problem(r, column, f"no {column}", None, allowed="who decided, and why"))
    # what would make the record unreadable, such as a reason that starts like a formula
    file, line = r.place
    _, unreadable = build_row(
        Adjudication,
        {"study_id": r.study_id, "variable": r.variable, **said},
        name=file or "decision",
        line=line,
    )
    wrong += unreadable
    if r.variable not in review.codebook:
        close = suggest(r.variable, review.codebook.names, most=1)
        hint = close[0] if close else None
        return "", [*wrong, _problem(r, "variable", "no such variable", r.variable, hint=hint)]
    variable = review.codebook[r.variable]
    try:
        value = cell_text(variable.parse(r.consensus))
    except CellError as error:
        return "", [*wrong, _problem(r, "consensus", str(error), r.consensus,
                                     allowed=error.allowed, hint=error.suggestion)]  # fmt: skip
    if variable.required and not value:
        wrong.append(_problem(r, "consensus", "the variable is required", None,
                              allowed=variable.allowed()))  # fmt: skip
    return value or r.consensus.strip(), wrong


def _problem(
    r: Resolution,
    column: str,
    message: str,
    value: str | None,
    *,
    allowed: str = "",
    hint: str | None = None,
) -> Problem:
    file, line = r.place
    return Problem(file or f"{r.study_id}:{r.variable}", message, line=line, column=column,
                   value=value, allowed=allowed, suggestion=hint,
                   study_id=r.study_id if file else None)  # fmt: skip
