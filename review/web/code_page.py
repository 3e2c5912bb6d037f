"""Coding in the browser: the form of the codebook beside the abstract or the PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse, Response

from review.errors import InputError, UnknownNameError
from review.formats.entries import Entry
from review.project.set_cells import set_cells
from review.schema.cell_types import CellError, cell_text
from review.schema.change_log import CELL, LOG, ROW, cells_in, is_digest, when_text
from review.schema.codebook import VariableType
from review.schema.folder_files import EXCLUDED, RECORDS, STUDIES
from review.schema.form_columns import identity_variables
from review.web.folder_pdfs import folder_pdfs, pdf_of
from review.words import plural
from review.workflow.coding.add import add_studies
from review.workflow.coding.agreed_values import write_agreed
from review.workflow.coding.coded_answers import coder_named, write_answers
from review.workflow.coding.linked_studies import link_studies
from review.workflow.records.stored_records import stored_records
from review.workflow.screening.included_reports import included_reports

if TYPE_CHECKING:
    from review.project.watched_review import WatchedReview
    from review.schema import Study, Variable
    from review.web.web_visit import Visit

CONSENSUS: Final = "consensus"
MINE: Final = "mine"
# the marks that are offered; any other that `review check` knows may be typed
MARKS: Final = (("NR", "not reported"), ("NA", "not available"), ("unclear", "unclear"))
_ADDED: Final = ("first_author", "year", "title", "venue", "doi", "pmid")


def coding(visit: Visit) -> Response:
    """List the studies, with how far a person's own coding of each is."""
    review = visit.review
    try:
        file = _file(visit, MINE) if visit.name else ""
    except InputError as error:  # a name that screens, but that no file in codings/ can have
        visit.tell(f"you cannot code under this name: {error.message}", "warning")
        file = ""
    mine = _rows(review, file) if file else {}
    both = _rows(review, STUDIES)
    sheets = [_rows(review, f"codings/{c}.csv") for c in review.coders]
    listed = [
        {
            "study": study,
            "mine": _filled(review, mine.get(study.study_id, {})),
            "consensus": _filled(review, both.get(study.study_id, {})),
            "coders": sum(study.study_id in sheet for sheet in sheets),
        }
        for study in review.studies
    ]
    return visit.page(
        "coding.html.j2",
        listed=listed,
        variables=len(review.codebook.names),
        fields=[v for v in identity_variables() if v.name in _ADDED],
        unlinked=unlinked_reports(review),
    )


def unlinked_reports(review: WatchedReview) -> int:
    """Return how many included reports are of no study yet."""
    if not review.has(RECORDS):
        return 0
    linked = {row.record_id for row in review.report_links}
    found: dict[str, Any] = review.derived(
        "included reports", (), lambda: included_reports(review).records
    )
    return sum(i not in linked for i in found)


def link(visit: Visit) -> Response:
    """Make studies of the included reports."""
    done = link_studies(visit.review, by=visit.person)
    visit.tell(
        f"{plural(len(done.added), 'study', 'studies')} added, "
        f"{plural(len(done.linked), 'report')} linked to studies that were there"
    )
    for record, why in done.waiting.items():
        visit.tell(f"{record}: {why}", "warning")
    visit.review = visit.state.now()
    return coding(visit)


def _filled(review: WatchedReview, cells: dict[str, str]) -> int:
    return sum(bool(cells.get(name, "").strip()) for name in review.codebook.names)


def _rows(review: WatchedReview, file: str) -> dict[str, dict[str, str]]:
    def made() -> dict[str, dict[str, str]]:
        if not review.has(file):
            return {}
        return {r.cells.get("study_id", "").strip(): r.cells for r in review.table(file).rows}

    found: dict[str, dict[str, str]] = review.derived(f"rows of {file}", (file,), made)
    return found


def add_study(visit: Visit) -> Response:
    """Add a study; one that is there already is refused, with the one that it repeats."""
    cells = {name: visit.field(name).strip() for name in _ADDED}
    if not any(cells.values()):
        raise InputError("the study needs an author, a year and a title")
    done = add_studies(visit.review, [Entry("the form", None, cells)])
    visit.tell(f"{done[0].study.study_id} was added")
    visit.review = visit.state.now()
    return coding(visit)


def study_form(visit: Visit) -> Response:
    """Show the form of a study beside its source."""
    review = visit.review
    study = _study(review, visit.part("study"))
    sheet = CONSENSUS if visit.query("sheet") == CONSENSUS or not visit.name else MINE
    file = _file(visit, sheet)
    cells = _rows(review, file).get(study.study_id, {})
    record = _record_of(review, study)
    pdfs = folder_pdfs(review)
    chosen = visit.query("pdf")
    if chosen not in pdfs:
        ident = record["record_id"] if record else ""
        chosen = pdf_of(pdfs, study.study_id, ident) or ""
    ids = [s.study_id for s in review.studies]
    at = ids.index(study.study_id) if study.study_id in ids else -1
    return visit.page(
        "study.html.j2",
        study=study,
        sheet=sheet,
        file=file,
        cells={name: text.strip() for name, text in cells.items()},
        variables=review.codebook.variable,
        record=record,
        words=(review.settings.screening.keywords, review.settings.screening.keywords_against),
        pdfs=pdfs,
        pdf=chosen,
        marks=MARKS,
        done=_filled(review, cells),
        following=ids[at + 1] if 0 <= at < len(ids) - 1 else "",
        before=ids[at - 1] if at > 0 else "",
        kind_of=kind_of,
    )


def kind_of(variable: Variable) -> str:
    """Return how a variable is asked for."""
    match variable.type:
        case VariableType.CATEGORY if variable.vocabulary and not variable.open:
            return "choice"
        case VariableType.LIST if variable.vocabulary and not variable.open:
            return "boxes"
        case VariableType.BOOLEAN:
            return "yes-no"
        case VariableType.TEXT:
            return "text"
        case VariableType.INTEGER | VariableType.NUMBER:
            return "number"
    return "line"


def _file(visit: Visit, sheet: str) -> str:
    if sheet == CONSENSUS:
        return STUDIES
    return f"codings/{coder_named(visit.review, visit.person)}.csv"


def _study(review: WatchedReview, study_id: str) -> Study:
    both = [*review.studies, *review.excluded]
    found = next((s for s in both if s.study_id == study_id), None)
    if found is None:
        where = f"in {STUDIES} or {EXCLUDED}"
        raise UnknownNameError("study", study_id, [s.study_id for s in both], where=where)
    return found


def _record_of(review: WatchedReview, study: Study) -> dict[str, str] | None:
    """The record of a study: the one linked to it, else by identifiers, else by title."""
    if not review.has(RECORDS):
        return None
    linked = {row.record_id for row in review.report_links if row.study_id == study.study_id}
    for record in stored_records(review) if linked else ():
        if record["record_id"] in linked:
            return record
    wanted = {
        name: cell_text(study.value(name)).strip().casefold() for name in ("doi", "pmid", "title")
    }
    best: dict[str, str] | None = None
    for record in stored_records(review):
        for name, text in wanted.items():
            if text and record.get(name, "").strip().casefold().rstrip(".") == text.rstrip("."):
                if name != "title":
                    return record
                best = best or record
    return best


def check_value(visit: Visit) -> Response:
    """Say whether a value would be taken, as it is being typed."""
    variable = visit.review.codebook[visit.part("variable")]
    text = visit.query("value")
    try:
        parsed = variable.parse(text)
    except CellError as error:
        return JSONResponse(_refused(error))
    missing = text.strip() != "" and parsed is None
    return JSONResponse({"ok": True, "text": cell_text(parsed) or text.strip(), "missing": missing})


def _refused(error: CellError) -> dict[str, Any]:
    return {
        "ok": False, "message": str(error), "allowed": error.allowed,
        "suggestion": error.suggestion,
    }  # fmt: skip


def save_value(visit: Visit) -> Response:
    """Write one value, of one's own sheet or of the consensus, over the one that was shown."""
    review, name = visit.review, visit.part("variable")
    study = visit.part("study")
    texts = [value for field, value in visit.fields if field == "value"]
    value = ";".join(t for t in texts if t) if len(texts) > 1 else visit.field("value")
    try:
        review.codebook[name].parse(value)
    except CellError as error:
        return JSONResponse(_refused(error), 422)
    held = {name: visit.field("held")}
    if visit.field("sheet") == CONSENSUS:
        set_cells(review, study, {name: value}, who=visit.person, held=held)
    else:
        write_answers(review, study, {name: value}, by=visit.person, held=held)
    visit.review = visit.state.now()
    rows = _rows(visit.review, _file(visit, visit.field("sheet")))
    return JSONResponse({"ok": True, "text": rows.get(study, {}).get(name, "").strip()})


def agree(visit: Visit) -> Response:
    """Write what the coders agree on into empty cells of the consensus."""
    done = write_agreed(visit.review, by=visit.person)
    said = f"{plural(len(done.written), 'cell')} of {STUDIES} filled with what the coders agree on"
    visit.tell(f"{said}; {plural(done.differing, 'cell')} differ")
    visit.review = visit.state.now()
    return coding(visit)


def history(visit: Visit) -> Response:
    """Show what a cell held before, who changed it and when."""
    sheet = visit.query("sheet")
    file, name, study = _file(visit, sheet), visit.part("variable"), visit.part("study")
    log = visit.review.derived("log", (LOG,), visit.review.log)
    found = []
    for change in log:
        for row in change.rows:
            if row.file != file or row.row.casefold() != study.casefold():
                continue
            if row.what == CELL and row.variable == name:
                found.append((change, row.old, row.new))
            elif row.what == ROW and row.new and not is_digest(row.new):
                new = cells_in(row.new).get(name, "")
                old = cells_in(row.old).get(name, "") if row.old and not is_digest(row.old) else ""
                if new != old:
                    found.append((change, old, new))
    variable = visit.review.codebook[name]
    return visit.page("history.html.j2", variable=variable, found=found[::-1], when=when_text)
