"""The PRISMA 2020 flow: the boxes of its four templates, whoever counted them.

Published counts (`published.toml`), typed counts (`review.toml`) and counts derived from records
and decisions all use these boxes; `prisma_sums` checks what joins them.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Count = Annotated[int | None, Field(ge=0)]
SourceKind = Literal["database", "register", "website", "organisation", "citation", "other"]
OTHER_METHODS: Final = ("website", "organisation", "citation", "other")

# every box that holds one number, in the order of the flow, and how it is called everywhere
BOXES: Final[dict[str, str]] = {
    "previous_studies": "Studies in the previous version of the review",
    "previous_reports": "Reports of studies in the previous version",
    "identified": "Records identified from databases and registers",
    "databases": "Records identified from databases",
    "registers": "Records identified from registers",
    "duplicates_removed": "Duplicate records removed",
    "removed_automation": "Records marked as ineligible by automation tools",
    "removed_other": "Records removed for other reasons",
    "screened": "Records screened",
    "excluded_at_screening": "Records excluded",
    "sought": "Reports sought for retrieval",
    "not_retrieved": "Reports not retrieved",
    "assessed_full_text": "Reports assessed for eligibility",
    "excluded_at_full_text": "Reports excluded",
    "other_identified": "Records identified from other methods",
    "websites": "Records identified from websites",
    "organisations": "Records identified from organisations",
    "citation_searching": "Records identified from citation searching",
    "other_sought": "Reports sought for retrieval (other methods)",
    "other_not_retrieved": "Reports not retrieved (other methods)",
    "other_assessed": "Reports assessed for eligibility (other methods)",
    "other_excluded": "Reports excluded (other methods)",
    "included": "Studies included in review",
    "included_reports": "Reports of included studies",
    "total_studies": "Total studies included in review",
    "total_reports": "Reports of total included studies",
    "in_meta_analysis": "Studies included in meta-analysis",
    "reports_in_meta_analysis": "Reports included in meta-analysis",
}
_OTHER_BOXES: Final = (
    *(name for name in BOXES if name.startswith("other_")),
    "websites", "organisations", "citation_searching",
)  # fmt: skip


class SourceCount(BaseModel):
    """How many records a source gave; None when that is not stated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    records: Count = None
    kind: SourceKind = "database"


class ReasonCount(BaseModel):
    """How many records or reports were excluded for a reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str = Field(min_length=1)
    reports: int = Field(ge=0)


def _reasons(value: Any) -> Any:
    """In TOML, reasons are a table: `reasons = { "no control" = 6 }`."""
    if isinstance(value, dict):
        return tuple({"reason": reason, "reports": n} for reason, n in value.items())
    return value


def _source_list(value: Any) -> Any:
    """Sources without a kind may be a table too: `sources = { PubMed = 300 }`."""
    if isinstance(value, dict):
        return tuple({"name": name, "records": n} for name, n in value.items())
    return value


Reasons = Annotated[tuple[ReasonCount, ...], BeforeValidator(_reasons)]


class PrismaCounts(BaseModel):
    """The boxes of a flow diagram (Page et al. 2021, BMJ 372:n71, figure 1, all four templates).

    A box that is not known is None: it is neither drawn nor assumed to be zero. Records are counted
    up to screening, reports from retrieval to eligibility, studies at the end; one study may have
    several reports and one report several studies.

    Attributes:
        sources: databases, registers and other methods with their records.
        identified: records from databases and registers together; `other_identified`: from
            websites, organisations, citation searching and the like.
        screening_reasons: why records were excluded by title and abstract.
        reasons, other_reasons: why reports were excluded in full text.
        included, included_reports: studies that are new in this version, and their reports.
        total_studies, total_reports: with those of the previous version.

    Example:
        >>> PrismaCounts(screened=425, sources={"PubMed": 300}).counts()
        {'screened': 425}
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    previous_studies: Count = None
    previous_reports: Count = None
    sources: Annotated[tuple[SourceCount, ...], BeforeValidator(_source_list)] = ()
    identified: Count = None
    databases: Count = None
    registers: Count = None
    duplicates_removed: Count = None
    removed_automation: Count = None
    removed_other: Count = None
    screened: Count = None
    excluded_at_screening: Count = None
    screening_reasons: Reasons = ()
    sought: Count = None
    not_retrieved: Count = None
    assessed_full_text: Count = None
    excluded_at_full_text: Count = None
    reasons: Reasons = ()
    other_identified: Count = None
    websites: Count = None
    organisations: Count = None
    citation_searching: Count = None
    other_sought: Count = None
    other_not_retrieved: Count = None
    other_assessed: Count = None
    other_excluded: Count = None
    other_reasons: Reasons = ()
    included: Count = None
    included_reports: Count = None
    total_studies: Count = None
    total_reports: Count = None
    in_meta_analysis: Count = None
    reports_in_meta_analysis: Count = None

    def counts(self) -> dict[str, int]:
        """Return the numbers of the boxes by name, without those that are not known."""
        found = {name: getattr(self, name) for name in BOXES}
        return {name: n for name, n in found.items() if n is not None}

    @property
    def updates(self) -> bool:
        """Whether this is the flow of an updated review."""
        return self.previous_studies is not None or self.previous_reports is not None

    def still_open(self, box: str) -> int:
        """How many records or reports wait for the decision that a box counts; none if unknown."""
        del box
        return 0

    @property
    def other_methods(self) -> bool:
        """Whether records came from other methods than databases and registers."""
        return any(s.kind in OTHER_METHODS for s in self.sources) or any(
            getattr(self, name) is not None for name in _OTHER_BOXES
        )


class PrismaFlow(PrismaCounts):
    """The counts of one flow, with where they come from.

    Attributes:
        origin: where the counts come from, in words; shown in the drawing.
        notes: what the counts do not show, such as records still to be screened.
        waiting: box -> how many wait for the decision that it counts, in a review under way.
    """

    origin: str
    notes: tuple[str, ...] = ()
    waiting: dict[str, int] = Field(default_factory=dict)

    def still_open(self, box: str) -> int:
        """How many records or reports wait for the decision that a box counts."""
        return self.waiting.get(box, 0)
