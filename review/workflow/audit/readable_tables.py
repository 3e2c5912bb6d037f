"""A review whose tables have cells that cannot be read: the rest of them is audited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.project.problems import raise_problems
from review.project.row_models import build_models
from review.schema.folder_files import registered
from review.workflow.audit.claim import Claim, Verdict

if TYPE_CHECKING:
    from review.project import Review
    from review.project.problems import Problem

_TABLES: Final = ("studies.csv", "results.csv")


def readable(review: Review) -> tuple[Review, list[Claim]]:
    """Return a view of the review without the cells that cannot be read, and a claim for each.

    Raises:
        DataError: a table is broken elsewhere than in cells that may be empty.
    """
    if review.filter is not None:
        return review, []
    held: dict[str, list[Any]] = {}
    claims: list[Claim] = []
    for name in _TABLES:
        _, problems = review.read(name) if review.has(name) else ([], [])
        wrong = [p for p in problems if p.level == "error"]
        if not wrong:
            continue
        rows = _without(review, name, wrong)
        if rows is None:
            raise_problems(problems, what=str(review.path / name))
        else:
            held[name] = rows
        claims += [_unread(p) for p in wrong]
    return (review.holding(held) if held else review), claims


def _without(review: Review, name: str, wrong: list[Problem]) -> list[Any] | None:
    """Build the rows again with the cells left empty; None where that does not do."""
    if any(p.column is None or p.line is None or p.line == 1 for p in wrong):
        return None
    table = review.table(name)
    cells = {(p.line, p.column) for p in wrong}
    for row in table.rows:
        for line, column in sorted(cells):
            if row.line == line and column in row.cells:
                row.cells[column] = ""
    file = registered(name)
    rows, left = build_models(table, file.row_model(review.codebook), key=file.key)
    return None if any(p.level == "error" for p in left) else list(rows)


def _unread(problem: Problem) -> Claim:
    text = f"{problem.column} {problem.value or ''}".strip()
    return Claim("cell", f"{text} can be read", Verdict.UNCHECKED, problem.value or "",
                 source=f"{problem.file}:{problem.line}", note=str(problem),
                 study_id=problem.study_id)  # fmt: skip
