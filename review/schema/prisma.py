"""The PRISMA 2020 flow: its boxes, and the arithmetic that joins them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class SourceCount(BaseModel):
    """How many records a source gave; None when that is not stated."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    records: int | None = Field(default=None, ge=0)
    kind: Literal["database", "register", "other"] = "database"


class ReasonCount(BaseModel):
    """How many reports were excluded for a reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str
    reports: int = Field(ge=0)


class PrismaCheck(BaseModel):
    """One sum of the flow and whether it adds up.

    Attributes:
        rule: the sum in words.
        computed: what the other boxes give.
        stated: what the box says.
        text: the sum in numbers, such as `236 − 114 = 122, stated 121`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    computed: int
    stated: int
    text: str

    @property
    def holds(self) -> bool:
        """Whether the sum adds up."""
        return self.computed == self.stated


class PrismaFlow(BaseModel):
    """The boxes of a flow diagram (Page et al. 2021, BMJ 372:n71, figure 1).

    A box that is not known is None: it is neither drawn nor assumed to be zero.

    Attributes:
        origin: where the counts come from, in words; shown in the drawing.
        sources: databases, registers and other methods with their records.
        removed_otherwise: removed before screening by automation tools or for other reasons.
        not_retrieved: reports that were sought and not found.
        included: studies; `included_reports` counts their reports.
        notes: what the counts do not show, such as records still to be screened.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str
    sources: tuple[SourceCount, ...] = ()
    identified: int | None = Field(default=None, ge=0)
    duplicates_removed: int | None = Field(default=None, ge=0)
    removed_otherwise: int | None = Field(default=None, ge=0)
    screened: int | None = Field(default=None, ge=0)
    excluded_at_screening: int | None = Field(default=None, ge=0)
    sought: int | None = Field(default=None, ge=0)
    not_retrieved: int | None = Field(default=None, ge=0)
    assessed: int | None = Field(default=None, ge=0)
    excluded_at_full_text: int | None = Field(default=None, ge=0)
    reasons: tuple[ReasonCount, ...] = ()
    included: int | None = Field(default=None, ge=0)
    included_reports: int | None = Field(default=None, ge=0)
    notes: tuple[str, ...] = ()

    def checks(self) -> tuple[PrismaCheck, ...]:
        """Return every sum of which all parts are known.

        Example:
            >>> flow = PrismaFlow(origin="x", assessed=236, excluded_at_full_text=114, included=121)
            >>> [(c.text, c.holds) for c in flow.checks()]
            [('236 − 114 = 122, stated 121', False)]
        """
        known = [s.records for s in self.sources if s.records is not None]
        sums = self.sources and len(known) == len(self.sources)
        sought = self.sought if self.sought is not None else self._after_screening
        reasons = [r.reports for r in self.reasons]
        made = [
            _sum("records of the sources = identified", known, self.identified) if sums else None,
            _rest(
                "identified − removed before screening = screened",
                self.identified,
                (self.duplicates_removed, self.removed_otherwise),
                self.screened,
            ),
            _rest(
                "screened − excluded = sought for retrieval"
                if self.sought is not None
                else "screened − excluded = assessed",
                self.screened,
                (self.excluded_at_screening,)
                if self.sought is not None
                else (self.excluded_at_screening, self.not_retrieved),
                self.sought if self.sought is not None else self.assessed,
            ),
            _rest("sought − not retrieved = assessed", sought, (self.not_retrieved,), self.assessed)
            if self.sought is not None
            else None,
            _rest(
                "assessed − excluded = included",
                self.assessed,
                (self.excluded_at_full_text,),
                self.included_reports if self.included_reports is not None else self.included,
            ),
            _sum("reasons = excluded at full text", reasons, self.excluded_at_full_text)
            if reasons
            else None,
        ]
        return tuple(check for check in made if check is not None)

    @property
    def _after_screening(self) -> int | None:
        if self.screened is None or self.excluded_at_screening is None:
            return None
        return self.screened - self.excluded_at_screening

    def counts(self) -> dict[str, Any]:
        """Return the numbers of the boxes by name, without those that are not known."""
        return {name: value for name, value in self.model_dump().items() if isinstance(value, int)}


def _sum(rule: str, parts: list[int], stated: int | None) -> PrismaCheck | None:
    if stated is None:
        return None
    text = " + ".join(f"{n:,}" for n in parts) + (f" = {sum(parts):,}" if len(parts) > 1 else "")
    return _check(rule, text, sum(parts), stated)


def _rest(
    rule: str, whole: int | None, taken: tuple[int | None, ...], stated: int | None
) -> PrismaCheck | None:
    """A subtraction; at least one part must be known, unknown ones count as none taken."""
    parts = [n for n in taken if n is not None]
    if whole is None or stated is None or not parts:
        return None
    rest = whole - sum(parts)
    text = f"{whole:,} − " + " − ".join(f"{n:,}" for n in parts) + f" = {rest:,}"
    return _check(rule, text, rest, stated)


def _check(rule: str, text: str, computed: int, stated: int) -> PrismaCheck:
    return PrismaCheck(
        rule=rule,
        computed=computed,
        stated=stated,
        text=text if computed == stated else f"{text}, stated {stated:,}",
    )
