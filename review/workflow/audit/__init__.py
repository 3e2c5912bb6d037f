"""The audit: published and coded numbers against arithmetic and against each other."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError
from review.workflow.audit.claim import FAILED, AuditReport, Claim, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from review.project import Review
    from review.workflow.audit.csv_rows import audit_csv, audit_rows
    from review.workflow.audit.text_audit import audit_sentences, audit_text

# readers of tables and texts, which the audit of a review does without
_LATER: Final = {
    "audit_csv": "csv_rows", "audit_rows": "csv_rows", "audit_sentences": "text_audit",
    "audit_text": "text_audit",
}  # fmt: skip

__all__ = [
    "FAILED",
    "AuditReport",
    "Claim",
    "Verdict",
    "audit",
    "audit_csv",
    "audit_review",
    "audit_rows",
    "audit_sentences",
    "audit_text",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(name)


def audit_review(review: Review) -> AuditReport:
    """Check the published facts and the coded data of a review.

    Args:
        review: the review; of a filtered view the filtered studies are checked.

    Returns:
        One claim per check with its verdict; cells that cannot be read first, then published
        facts, results and studies. `unchecked` lists the numbers that no check used.

    Raises:
        DataError: a file of the review is broken.

    Example:
        >>> from review.project import open_review
        >>> report = audit_review(open_review("wang2021"))
        >>> report.failed[0].claim, report.failed[0].computation.split(";")[0]
        ('100 studies claimed are listed', 'studies.csv lists 89, not 100')
    """
    from review.workflow.audit.coded_claims import check_tables, repeated_columns
    from review.workflow.audit.overall_judgements import check_overall
    from review.workflow.audit.published_claims import check_published
    from review.workflow.audit.readable_tables import readable
    from review.workflow.audit.unchecked_numbers import summary

    review, claims = readable(review)
    of_tables, left = check_tables(review)
    claims = [*claims, *check_published(review), *of_tables]
    try:
        claims += check_overall(review)
    except DataError as error:
        unread = [f"risk of bias is not checked: {error.message}"]
    else:
        unread = []
    notes = [] if review.published else ["the review has no published.toml: no published facts"]
    notes += [*repeated_columns(review), *unread, *summary(left)]
    if not review.results and not review.studies:
        notes.append("the review has no coded studies or results")
    return AuditReport(review.name, tuple(claims), tuple(notes), tuple(left))


def audit(review: Review | str | Path | None = None) -> AuditReport:
    """Check the published facts and the coded data of a review; see `audit_review`.

    Args:
        review: a review, its folder, or the name of a bundled one; None for the one around the
            working folder.

    Example:
        >>> audit("kim2022").failed[0].computation
        '236 − 114 = 122, stated 121'
    """
    from review.project import Review, open_review

    return audit_review(review if isinstance(review, Review) else open_review(review))
