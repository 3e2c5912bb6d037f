"""Decisions that screening tools write into their exports: Rayyan, ASReview, Covidence.

Rayyan names each reviewer in a note (a "maybe" there is no decision yet), ASReview labels the
record, Covidence says it in the name of the file alone, so that the user has to say it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.formats.bibliography.bib_record import BibRecord

SCREENING_TOOLS: Final = frozenset({"Rayyan", "ASReview", "Covidence"})
MAYBE: Final = "maybe"
_RAYYAN: Final = re.compile(r"RAYYAN-INCLUSION:\s*\{(.*?)\}")
_VOTE: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=>\s*"(\w+)"')
_RAYYAN_REASONS: Final = re.compile(r"RAYYAN-EXCLUSION-REASONS:\s*([^|]*)")
_RAYYAN_WORDS: Final = {"included": "include", "excluded": "exclude", "maybe": "maybe"}
_ASREVIEW: Final = re.compile(r"ASReview_(relevant|irrelevant|not_seen)\b")
_LABELS: Final = ("asreview_label", "asreview_included", "included", "label_included", "label")
_COVIDENCE_REASON: Final = re.compile(r"Exclusion reason:\s*([^\n;]+)", re.IGNORECASE)
# what the name of a Covidence export says of all its records
_NAMES: Final = (
    ("irrelevant", "exclude"), ("excluded", "exclude"), ("exclude", "exclude"),
    ("included", "include"), ("extraction", "include"), ("select", "none"), ("screen", "none"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vote:
    """What one reviewer decided on a record of an export.

    Attributes:
        decision: include, exclude, not_retrieved; maybe, which is none yet.
        stage: of the decision; "" for the one that the import says.
    """

    reviewer: str
    decision: str
    reason: str = ""
    stage: str = ""

    def with_decision(self, decision: str) -> Vote:
        """Return the vote with another decision."""
        return replace(self, decision=decision)


def votes_of(record: BibRecord, writer: str, *, decision: str = "", reviewer: str) -> list[Vote]:
    """Return the decisions on one record.

    What Rayyan and ASReview write into notes is taken from any export: in a file with few decided
    records, or with those of several programs, nothing else tells whose it is.

    Args:
        record: as it was read; nothing is taken out of it.
        writer: the program that wrote the export.
        decision: include or exclude, for all records of the export; "" or none for no such.
        reviewer: to whom decisions without a name belong; "" for the program.

    Example:
        >>> from review.formats.bibliography.bib_record import BibRecord
        >>> note = 'RAYYAN-INCLUSION: {"Ann"=>"Included", "Bob"=>"Maybe"}'
        >>> [(v.reviewer, v.decision) for v in votes_of(
        ...     BibRecord(1, notes=[note]), "Rayyan", reviewer="")]
        [('Ann', 'include'), ('Bob', 'maybe')]
    """
    if decision in {"include", "exclude"}:
        reason = _covidence_reason(record) if decision == "exclude" else ""
        return [Vote(reviewer or writer, decision, reason)]
    if votes := [*_rayyan(record)]:
        return votes
    label = _noted_label(record)
    if label is None and writer == "ASReview":
        label = _label_column(record)
    return [Vote(reviewer or "ASReview", label)] if label else []


def _texts(record: BibRecord) -> list[str]:
    return [*record.notes, *(text for tag, text in record.extra if tag not in {"AD", "CR"})]


def _rayyan(record: BibRecord) -> Iterator[Vote]:
    texts = _texts(record)
    reasons = next((m[1].strip() for t in texts if (m := _RAYYAN_REASONS.search(t))), "")
    for text in texts:
        for found in _RAYYAN.finditer(text):
            for name, word in _VOTE.findall(found[1]):
                decision = _RAYYAN_WORDS.get(word.casefold())
                if decision is not None:
                    yield Vote(name, decision, reasons if decision == "exclude" else "")


def _noted_label(record: BibRecord) -> str | None:
    """What ASReview notes on a record: include, exclude, "" when nobody has seen it, None."""
    for text in record.notes:
        if found := _ASREVIEW.search(text):
            return {"relevant": "include", "irrelevant": "exclude"}.get(found[1], "")
    return None


def _label_column(record: BibRecord) -> str:
    """What a column of ASReview says of a record: include, exclude, or ""."""
    extra = {tag.casefold(): text.strip().casefold() for tag, text in reversed(record.extra)}
    for name in _LABELS:
        if name in extra:
            word = extra[name].removesuffix(".0")
            return {"1": "include", "relevant": "include", "0": "exclude",
                    "irrelevant": "exclude"}.get(word, "")  # fmt: skip
    return ""


def _covidence_reason(record: BibRecord) -> str:
    return next((m[1].strip() for t in _texts(record) if (m := _COVIDENCE_REASON.search(t))), "")


def decision_in_name(name: str) -> str:
    """Return what the name of a Covidence export says: include, exclude, none, or "" unknown.

    Example:
        >>> decision_in_name("review_123_excluded_csv_20240101.csv"), decision_in_name("a.ris")
        ('exclude', '')
    """
    low = name.casefold()
    return next((decision for word, decision in _NAMES if word in low), "")
