"""The audit: published and coded numbers against arithmetic and against each other."""

from __future__ import annotations

from review.workflow.audit.claim import AuditReport, Claim, Verdict

__all__ = ["AuditReport", "Claim", "Verdict", "audit_review"]


def audit_review(review: object) -> AuditReport:
    """Audit a review (its checks follow)."""
    return AuditReport(getattr(review, "name", ""), ())
