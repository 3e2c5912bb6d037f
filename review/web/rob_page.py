"""Risk of bias in the browser: the domains of a tool, and the traffic light that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse, Response

from review.errors import InputError, UnknownNameError
from review.web.folder_pdfs import folder_pdfs, pdf_of
from review.web.web_visit import Visit, wants_json
from review.workflow.coding.assessment_files import FILE, load_assessments, load_tools
from review.workflow.coding.assessments import CONSENSUS
from review.workflow.coding.judgement_cells import judge

if TYPE_CHECKING:
    from review.project.watched_review import WatchedReview
    from review.schema.assessment import Tool
    from review.workflow.coding.assessments import Assessments

_FILES: Final = (FILE, "tools/", "studies.csv", "codebook.toml")
# beside the colour, for those who do not see it
SIGNS: Final = {"low": "+", "some": "!", "high": "–", "critical": "✕", "unclear": "?"}


def risk_of_bias(visit: Visit) -> Response:
    """Show the traffic light of a tool: studies down, domains across."""
    review = visit.review
    found, tools = _assessments(review), load_tools(review)
    tool = _tool(found, tools, visit.query("tool"))
    table = found.table(tool.name) if tool.name in found.tools else {}
    units = {study_id: [u for s, u in table if s == study_id] for study_id, _ in table}
    rows = [
        (study, unit, table.get((study.study_id, unit), {}))
        for study in review.studies
        for unit in units.get(study.study_id) or [""]
    ]
    return visit.page(
        "rob.html.j2", tool=tool, tools=list(tools.values()), rows=rows, signs=SIGNS,
        columns=tool.columns(), used=list(found.tools),
        judged=sum(bool(row) for _, _, row in rows),
    )  # fmt: skip


def _assessments(review: WatchedReview) -> Assessments:
    found: Assessments = review.derived("assessments", _FILES, lambda: load_assessments(review))
    return found


def _tool(found: Assessments, tools: dict[str, Tool], name: str) -> Tool:
    if name:
        chosen = {k.casefold(): t for k, t in tools.items()}.get(name.casefold())
        if chosen is None:
            raise UnknownNameError("tool", name, list(tools))
        return chosen
    return next(iter(found.tools.values()), None) or next(iter(tools.values()))


def assess(visit: Visit) -> Response:
    """Show the judgements of one study, one's own or those agreed on."""
    review = visit.review
    study = next((s for s in review.studies if s.study_id == visit.part("study")), None)
    if study is None:
        raise UnknownNameError("study", visit.part("study"), [s.study_id for s in review.studies])
    found, tools = _assessments(review), load_tools(review)
    tool = _tool(found, tools, visit.query("tool"))
    unit, by = visit.query("unit"), visit.query("by")
    assessor = CONSENSUS if by == CONSENSUS else (visit.name or "")
    mine, others = _judgements(found, tool, study.study_id, unit, assessor)
    ids = [s.study_id for s in review.studies]
    at = ids.index(study.study_id)
    return visit.page(
        "assess.html.j2", study=study, tool=tool, tools=list(tools.values()), unit=unit,
        by=CONSENSUS if by == CONSENSUS else "me", mine=mine,
        # blind to each other; the consensus is made with all of them in view
        others=others if by == CONSENSUS or visit.reader else {},
        columns=tool.columns(), signs=SIGNS, pdf=pdf_of(folder_pdfs(review), study.study_id) or "",
        following=ids[at + 1] if at + 1 < len(ids) else "",
    )  # fmt: skip


def _judgements(
    found: Assessments, tool: Tool, study_id: str, unit: str, assessor: str
) -> tuple[dict[Any, Any], dict[Any, list[Any]]]:
    mine: dict[Any, Any] = {}
    others: dict[Any, list[Any]] = {}
    for item in found.items:
        if item.tool != tool.name or item.study_id != study_id or (item.unit or "") != unit:
            continue
        column = (item.domain, item.kind)
        if (item.assessor or "").casefold() == assessor.casefold():
            mine[column] = item
        elif (item.assessor or "").casefold() != CONSENSUS:
            others.setdefault(column, []).append(item)
    return mine, others


def save_judgement(visit: Visit) -> Response:
    """Write one judgement."""
    consensus = visit.field("by") == CONSENSUS
    person = visit.person
    if not visit.field("domain"):
        raise InputError("say which domain is judged")
    changed = judge(
        visit.review, visit.part("study"), visit.field("tool"), visit.field("domain"),
        visit.field("judgement"), assessor=CONSENSUS if consensus else person,
        kind=visit.field("kind", "bias"), unit=visit.field("unit"),
        rationale=visit.field("rationale"),
    )  # fmt: skip
    if wants_json(visit.request):
        return JSONResponse({"ok": True, "changed": changed})
    visit.review = visit.state.now()
    return assess(visit)
