"""Disagreements of coders in the browser: side by side with the source, settled one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError
from review.schema.cell_types import cell_text
from review.web.folder_pdfs import folder_pdfs, pdf_of
from review.workflow.agreement.agreement_report import TITLES
from review.workflow.agreement.coder_agreement import agreement
from review.workflow.coding.adjudicate import pending, resolve, undo
from review.workflow.coding.resolutions import Resolution

if TYPE_CHECKING:
    from starlette.responses import Response

    from review.project.watched_review import WatchedReview
    from review.web.web_visit import Visit
    from review.workflow.agreement.agreement_report import AgreementReport, Disagreement

_SHOWN: Final = ("percent", "kappa", "ac1", "alpha", "icc", "jaccard")
_MOST: Final = 100
_FILES: Final = ("codings/", "studies.csv", "codebook.toml")


def disagreements(visit: Visit) -> Response:
    """Show what coders read differently, and how well they agree so far."""
    review = visit.review
    free = visit.field("free") == "yes"
    found = _pending(review, free=free) if len(review.coders) >= 2 else []
    report = _agreement(review)
    study = visit.query("study")
    shown = [d for d in found if not study or d.study_id == study][:_MOST]
    pdfs = folder_pdfs(review) if shown else []
    labels = {s.study_id: s.label for s in review.studies}
    consensus = {s.study_id: s for s in review.studies}
    return visit.page(
        "disagreements.html.j2",
        shown=shown,
        total=len(found),
        free=free,
        coders=review.coders,
        labels=labels,
        now={(d.study_id, d.variable): _cell(consensus.get(d.study_id), d.variable) for d in shown},
        variables={v.name: v for v in review.codebook.variable},
        pdf_of=lambda study_id: pdf_of(pdfs, study_id),
        settled=[a for a in review.adjudications if a.date][-30:],
        report=report,
        measures=[m for m in _SHOWN if any(m in v.measures for v in report.variables)],
        titles=TITLES,
    )


def _cell(study: Any, variable: str) -> str:
    return "" if study is None else cell_text(study.value(variable))


def _pending(review: WatchedReview, *, free: bool) -> list[Disagreement]:
    names = review.codebook.names if free else None
    found: list[Disagreement] = review.derived(
        f"pending {free}", _FILES, lambda: pending(review, None, names)
    )
    return found


def _agreement(review: WatchedReview) -> AgreementReport:
    found: AgreementReport = review.derived(
        "agreement", _FILES, lambda: agreement(review, n_boot=0)
    )
    return found


def settle_disagreement(visit: Visit) -> Response:
    """Write what counts, or open it again."""
    study, variable = visit.field("study_id"), visit.field("variable")
    if visit.field("action") == "undo":
        undo(visit.review, study, variable)
        visit.tell(f"{study}, {variable} is open again")
    else:
        taken = visit.field("action")  # the text of a coder's button, or "other"
        value = visit.field("other") if taken == "other" else taken.removeprefix("take:")
        reason = visit.field("reason").strip()
        if not reason:
            raise InputError(f"say why ({study}, {variable}): the reason stands in the record")
        (done,) = resolve(visit.review, [Resolution(study, variable, value, reason, visit.person)])
        visit.tell(f"{study}, {variable}: {done.after or '(empty)'}")
    visit.review = visit.state.now()
    return disagreements(visit)
