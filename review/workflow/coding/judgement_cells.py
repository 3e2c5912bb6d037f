"""One judgement of risk of bias at a time: checked by its tool, written at once with the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError
from review.project.problems import raise_problems
from review.project.row_models import build_row
from review.project.transaction import changes
from review.schema.assessment import KINDS, OVERALL, Assessment, Tool
from review.schema.folder_files import STUDIES
from review.workflow.coding.assessment_files import FILE, load_tools

if TYPE_CHECKING:
    from review.project import Review
    from review.project.csv_tables import RawTable, Row

COLUMNS: Final = tuple(Assessment.model_fields)


def judge(
    review: Review,
    study_id: str,
    tool: str,
    domain: str,
    judgement: str,
    *,
    assessor: str,
    kind: str = "bias",
    unit: str = "",
    rationale: str = "",
) -> bool:
    """Write one judgement into `risk_of_bias.csv`; a later one takes the place of an earlier.

    Args:
        review: a review that can be written to.
        study_id: of `studies.csv`.
        tool: name of the tool.
        domain: its key, or overall.
        judgement: a word of the tool; "" takes the judgement out.
        assessor: who judges, or consensus.
        kind: bias or applicability.
        unit: what was assessed within the study; "" for the study.
        rationale: why.

    Returns:
        Whether anything changed.

    Raises:
        UnknownNameError: no such study, tool, domain, kind or word; what is close is named.
        DataError: a text cannot stand in a cell; nothing was written.
        InputError: the review is read-only, or nobody is named.
    """
    if not assessor.strip():
        raise InputError("say who judges")
    with changes(review, command="rob", who=assessor) as tx:
        ids = [s.study_id for s in tx.review.studies]
        if study_id not in ids:
            raise UnknownNameError("study", study_id, ids, where=f"in {STUDIES}")
        used = _tool(load_tools(tx.review), tool)
        word = _fits(used, domain, kind, judgement)
        cells = {
            "study_id": study_id, "tool": used.name, "version": used.version, "unit": unit.strip(),
            "domain": domain, "kind": kind, "judgement": word, "rationale": rationale.strip(),
            "assessor": assessor.strip(),
        }  # fmt: skip
        if word:
            _, problems = build_row(Assessment, cells, name=FILE, line=None)
            raise_problems(problems, what="nothing was changed")
        table = tx.table(FILE, Assessment, columns=COLUMNS)
        table.add_columns(COLUMNS)
        row = _row_of(table, cells)
        if not word:
            if row is not None:
                table.remove(row)
            return row is not None
        if row is None:
            table.append(cells)
            return True
        before = dict(row.cells)
        for column in ("judgement", "rationale"):
            table.set(row, column, cells[column])
        return before != row.cells


def _tool(known: dict[str, Tool], name: str) -> Tool:
    found = {k.casefold(): t for k, t in known.items()}.get(name.strip().casefold())
    if found is None:
        raise UnknownNameError("tool", name, list(known))
    return found


def _fits(tool: Tool, domain: str, kind: str, judgement: str) -> str:
    domains = [d.key for d in tool.domain] + ([OVERALL] if tool.overall else [])
    if domain not in domains:
        raise UnknownNameError("domain", domain, domains, where=f"of {tool.name}")
    if kind not in tool.kinds(domain):
        raise UnknownNameError("kind of judgement", kind, tool.kinds(domain), where=f"of {domain}")
    words = {w.casefold(): w for w in tool.words}
    if judgement.strip() and judgement.strip().casefold() not in words:
        raise UnknownNameError("judgement", judgement, tool.words, where=f"of {tool.name}")
    return words.get(judgement.strip().casefold(), "")


def _row_of(table: RawTable, cells: dict[str, str]) -> Row | None:
    """The row of the same assessor on the same thing; an empty kind means bias."""

    def key(of: dict[str, str]) -> tuple[str, ...]:
        names = ("study_id", "tool", "unit", "domain", "kind", "assessor")
        texts = {name: of.get(name, "").strip().casefold() for name in names}
        texts["kind"] = texts["kind"] or KINDS[0]
        return tuple(texts.values())

    wanted = key(cells)
    return next((row for row in table.rows if key(row.cells) == wanted), None)
