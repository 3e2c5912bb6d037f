"""The PRISMA flow of a review, from what the paper prints or from what the folder holds.

No number is typed into a diagram: published counts come from `published.toml`; a review of one's
own is counted from its files (see `counted_flow`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.errors import InputError
from review.schema.prisma_flow import PrismaFlow, SourceCount

if TYPE_CHECKING:
    from review.project import Review

__all__ = ["flows", "own_flow", "published_flow"]


def own_flow(review: Review) -> PrismaFlow | None:
    """Return the flow that the folder holds the rows for, or None; see `counted_flow`."""
    from review.workflow.prisma.counted_flow import own_flow as counted

    return counted(review)


def flows(review: Review) -> list[PrismaFlow]:
    """Return the flows that the review has the counts for: published first, then its own.

    Raises:
        InputError: it has none.
        DataError: a table cannot be read.
    """
    found = [flow for flow in (published_flow(review), own_flow(review)) if flow is not None]
    if not found:
        raise InputError(
            f"{review.name} holds no counts of a flow: neither [prisma] in published.toml or "
            "review.toml nor records.csv, decisions.csv, excluded.csv, studies.csv or [[search]] "
            "with records"
        )
    return found


def published_flow(review: Review) -> PrismaFlow | None:
    """Return the flow that the paper prints, or None."""
    facts = review.published
    if facts is None or facts.prisma is None:
        return None
    # what each database gave is rarely printed: the names stand without numbers
    named = tuple(SourceCount(name=s.database, records=s.records) for s in review.settings.search)
    given = {name: getattr(facts.prisma, name) for name in type(facts.prisma).model_fields}
    given["sources"] = facts.prisma.sources or named
    return PrismaFlow(origin="counts that the paper prints", **given)
