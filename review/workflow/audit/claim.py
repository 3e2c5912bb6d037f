"""A checked claim: what is stated, what the arithmetic gives, and the verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.workflow.audit.unchecked_numbers import UncheckedNumber


class Verdict(StrEnum):
    """What a check found.

    `confirmed`: recomputed from other stated numbers, and it is the number printed.
    `consistent`: a condition that the number has to fulfil holds; it is not recomputed.
    `rounding`: not the number printed, but rounding or cutting off printed digits explains it.
    `inconsistent`: stated numbers contradict each other.
    `impossible`: no data at all can give the number.
    `cannot be checked`: what the check needs is not stated.
    """

    CONFIRMED = "confirmed"
    CONSISTENT = "consistent"
    ROUNDING = "rounding"
    INCONSISTENT = "inconsistent"
    IMPOSSIBLE = "impossible"
    UNCHECKED = "cannot be checked"


FAILED: Final = frozenset({Verdict.INCONSISTENT, Verdict.IMPOSSIBLE})


@dataclass(frozen=True, slots=True)
class Claim:
    """One checked claim.

    Attributes:
        check: which check was made, such as `prisma`, `counts`, `proportion`, `p-value`.
        claim: what is stated, in words.
        verdict: what the check found.
        reported: the number as printed; empty when there is none.
        recomputed: what the computation gives; empty when nothing could be computed.
        computation: the computation with its numbers, readable.
        source: where it is stated: file with line, column or section.
        note: what explains a difference, or limits the check.
        study_id: the study, when the claim belongs to one.
        quote: the words of a text that state it.
    """

    check: str
    claim: str
    verdict: Verdict
    reported: str = ""
    recomputed: str = ""
    computation: str = ""
    source: str = ""
    note: str = ""
    study_id: str | None = None
    quote: str = ""

    @property
    def failed(self) -> bool:
        """Whether the verdict is `inconsistent` or `impossible`."""
        return self.verdict in FAILED

    def to_dict(self) -> dict[str, Any]:
        """Return the claim as a dictionary; the verdict as its word."""
        return asdict(self) | {"verdict": self.verdict.value}

    def __str__(self) -> str:
        """Return verdict, claim, quote, computation and note in lines of text."""
        study = f" [{self.study_id}]" if self.study_id else ""
        lines = [f"{self.verdict.value}: {self.claim}{study} ({self.source})"]
        quote = f'"{self.quote}"' if self.quote else ""
        lines += [f"    {text}" for text in (quote, self.computation, self.note) if text]
        return "\n".join(lines)


@dataclass(frozen=True)
class AuditReport:
    """All claims of an audit.

    Attributes:
        subject: the review's name, or the CSV file's.
        claims: in the order of the sources.
        notes: what the audit left out, and why.
        unchecked: of a review, the numbers of its tables that no check used, each with the reason.
    """

    subject: str
    claims: tuple[Claim, ...]
    notes: tuple[str, ...] = ()
    unchecked: tuple[UncheckedNumber, ...] = ()

    @property
    def failed(self) -> tuple[Claim, ...]:
        """The claims that are `inconsistent` or `impossible`."""
        return tuple(c for c in self.claims if c.failed)

    @property
    def counts(self) -> dict[str, int]:
        """How many claims have each verdict, in the order of `Verdict`."""
        found = Counter(c.verdict for c in self.claims)
        return {v.value: found[v] for v in Verdict}

    def select(self, verdicts: Sequence[Verdict | str]) -> AuditReport:
        """Return the report with the claims of some verdicts only."""
        wanted = {Verdict(v) for v in verdicts}
        kept = tuple(c for c in self.claims if c.verdict in wanted)
        return AuditReport(self.subject, kept, self.notes, self.unchecked)

    def rows(self) -> list[dict[str, Any]]:
        """Return one dictionary per claim, same keys in each."""
        return [c.to_dict() for c in self.claims]

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return {
            "subject": self.subject,
            "counts": self.counts,
            "failed": len(self.failed),
            "claims": self.rows(),
            "notes": list(self.notes),
            "unchecked": [n.to_dict() for n in self.unchecked],
        }
