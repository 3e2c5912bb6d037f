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
from review.workflow.screening.screening_votes import same_name

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
    everything = visit.reader or visit.query("all") == "yes"
    hidden = set() if everything else _hidden(found, tool, visit.name)
    units = {study_id: [u for s, u in table if s == study_id] for study_id, _ in table}
    rows = [
        (study, unit, _seen(table.get((study.study_id, unit), {}), (study.study_id, unit), hidden))
        for study in review.studies
        for unit in units.get(study.study_id) or [""]
    ]
    return visit.page(
        "rob.html.j2", tool=tool, tools=list(tools.values()), rows=rows, signs=SIGNS,
        columns=tool.columns(), lone=_lone(found, tool), hidden=bool(hidden),
        judged=sum((study.study_id, unit) in table for study, unit, _ in rows),
    )  # fmt: skip


def _hidden(found: Assessments, tool: Tool, name: str) -> set[tuple[str, str, Any]]:
    """The judgements of others that a person does not see yet: study, unit and column.

    Those of a study are seen once the person has judged every domain that others have, so that
    no judgement is led by another; what was agreed on is seen by all.
    """
    by: dict[tuple[str, str], dict[str, dict[Any, None]]] = {}
    agreed: set[tuple[str, str, Any]] = set()
    for item in found.items:
        if item.tool != tool.name:
            continue
        at, column = (item.study_id, item.unit or ""), (item.domain, item.kind)
        who = same_name(item.assessor)
        if who == CONSENSUS:
            agreed.add((*at, column))
        else:
            side = "mine" if name and who == same_name(name) else "others"
            by.setdefault(at, {"mine": {}, "others": {}})[side][column] = None
    return {
        (*at, column)
        for at, sides in by.items()
        if not sides["others"].keys() <= sides["mine"].keys()
        for column in sides["others"]
    } - agreed


def _seen(
    row: dict[Any, Any], at: tuple[str, str], hidden: set[tuple[str, str, Any]]
) -> dict[Any, Any]:
    return {column: made for column, made in row.items() if (*at, column) not in hidden}


def _lone(found: Assessments, tool: Tool) -> set[tuple[str, str, Any]]:
    """The judgements that one assessor made alone: no second one, and nothing agreed on."""
    count: dict[tuple[str, str, Any], list[str]] = {}
    for item in found.items:
        if item.tool == tool.name:
            at = (item.study_id, item.unit or "", (item.domain, item.kind))
            count.setdefault(at, []).append(same_name(item.assessor))
    return {at for at, names in count.items() if len(names) == 1 and names != [CONSENSUS]}


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
    everything = visit.reader or visit.query("all") == "yes"
    hidden = set() if everything else _hidden(found, tool, visit.name)
    blind = any((study.study_id, unit, column) in hidden for column in others)
    ids = [s.study_id for s in review.studies]
    at = ids.index(study.study_id)
    return visit.page(
        "assess.html.j2", study=study, tool=tool, tools=list(tools.values()), unit=unit,
        by=CONSENSUS if by == CONSENSUS else "me", mine=mine,
        # blind to each other; the consensus is made with all of them in view, by those who judged
        others=others if visit.reader or (by == CONSENSUS and not blind) else {},
        blind=by == CONSENSUS and blind,
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
