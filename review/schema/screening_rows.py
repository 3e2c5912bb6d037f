"""Rows of the files that lead from search to included study: searches, records, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict

from review.errors import suggest
from review.schema import row_rules
from review.schema.cell_types import CellError, Count, Number, clean_text
from review.schema.row_rules import Rule

KINDS: Final = {
    "database": "database", "register": "register", "registry": "register", "website": "website",
    "organisation": "organisation", "organization": "organisation", "citation": "citation",
    "citation searching": "citation", "other": "other",
}  # fmt: skip
REMOVED: Final = {
    "automation": "removed_automation", "automation tool": "removed_automation",
    "other": "removed_other", "other reason": "removed_other",
}  # fmt: skip
STAGES: Final = {
    "screening": "screening", "title": "screening", "abstract": "screening",
    "title_abstract": "screening", "title and abstract": "screening",
    "retrieval": "retrieval",
    "full_text": "full_text", "full text": "full_text", "fulltext": "full_text",
    "eligibility": "full_text",
}  # fmt: skip
DECISIONS: Final = {
    "include": "include", "included": "include", "yes": "include", "maybe": "maybe",
    "exclude": "exclude", "excluded": "exclude", "no": "exclude",
    "not_retrieved": "not_retrieved", "not retrieved": "not_retrieved",
}  # fmt: skip
# whose word a decision is: of one reviewer, or the one that settles a disagreement
ROLES: Final = {
    "reviewer": "reviewer",
    "final": "final", "consensus": "final", "adjudicator": "final", "adjudication": "final",
    "resolved": "final",
}  # fmt: skip
VERDICTS: Final = {
    "same": "same", "duplicate": "same", "report": "report", "different": "different",
    "doubt": "doubt",
}  # fmt: skip
# who decides where no person has
BY_RULE: Final = "rule"


def _loose(value: Any) -> str | None:
    """Text of other programs: whatever stands there, stripped; formulas stay what they are."""
    return None if value is None else str(value).strip() or None


def _word(known: Mapping[str, str]) -> BeforeValidator:
    def read(value: Any) -> str | None:
        text = clean_text(value)
        if text is None or text.casefold() in known:
            return None if text is None else known[text.casefold()]
        raise CellError(
            "unknown word",
            allowed=", ".join(dict.fromkeys(known.values())),
            suggestion=next(iter(suggest(text, known, most=1)), None),
        )

    return BeforeValidator(read)


# between several authors, keywords or addresses in one cell of `records.csv`
LIST_MARK: Final = "; "
Loose = Annotated[str | None, BeforeValidator(_loose)]
Name = Annotated[str, BeforeValidator(_loose)]


class _Row(BaseModel):
    """A row that other programs may have written: columns of their own are kept, names vary.

    Attributes:
        OTHER_NAMES: name that a column may have instead -> its name here.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    OTHER_NAMES: ClassVar[Mapping[str, str]] = {}


class SearchRow(_Row):
    """One search of one source.

    Attributes:
        kind: database, register, website, organisation, citation or other.
        records: how many it found; None when that is not stated.
    """

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {
        "database": "source", "n_records": "records", "n": "records", "results": "records",
        "hits": "records",
    }  # fmt: skip

    source: Name
    kind: Annotated[str, _word(KINDS)] = "database"
    date: Loose = None
    query: Loose = None
    records: Count = None


class RecordRow(_Row):
    """One imported record.

    Several authors, keywords, ISSNs, addresses or other identifiers of one record are separated by
    `LIST_MARK`, which none of them holds.

    Attributes:
        record_id: stays the same for good: source, start of the file's digest, number in the file.
        source, kind: where it was found, and what kind of source that is.
        source_file, line: the export that holds it, and the line it starts on there.
        type: as the export says it (`JOUR`, `Journal Article`, `article`).
        authors: each as the export writes it.
        year: four digits; a date that says more is in `extra`.
        journal: or the book, series or meeting that it stands in.
        pages: first and last joined by `-`, or an article number.
        doi: without `https://doi.org/`, in its own letter case.
        other_ids: each with what it is, such as `Embase L373791783`.
        abstract: the first; others are in `extra`.
        extra: tags of the export that no column holds, as JSON `[[tag, text], ...]`, in their
            order, repeated ones repeated.
        duplicate_of: the record that it repeats.
        removed: why it was taken out before screening: the box of the flow.
    """

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {"id": "record_id", "study_id": "record_id"}
    RULES: ClassVar[tuple[Rule, ...]] = row_rules.RECORD

    record_id: Name
    source: Loose = None
    kind: Annotated[str, _word(KINDS)] = "database"
    source_file: Loose = None
    line: Loose = None
    type: Loose = None
    title: Loose = None
    authors: Loose = None
    year: Loose = None
    journal: Loose = None
    volume: Loose = None
    issue: Loose = None
    pages: Loose = None
    doi: Loose = None
    pmid: Loose = None
    other_ids: Loose = None
    abstract: Loose = None
    keywords: Loose = None
    language: Loose = None
    url: Loose = None
    issn: Loose = None
    publisher: Loose = None
    notes: Loose = None
    extra: Loose = None
    duplicate_of: Loose = None
    removed: Annotated[str | None, _word(REMOVED)] = None


class ImportRow(_Row):
    """One export that was imported.

    Attributes:
        file: its name.
        sha256: of its bytes, by which it is known again under any name.
        date: of the search that it belongs to.
        format, encoding: what it was read as.
        records: how many it marks, counted from its bytes; imported and rejected ones together.
        imported, rejected: how many were read, and how many are in `rejects.csv`; rows there that
            name no paper, such as totals, count nowhere.
    """

    file: Name
    sha256: Name
    source: Loose = None
    date: Loose = None
    format: Loose = None
    encoding: Loose = None
    records: Count = None
    imported: Count = None
    rejected: Count = None


class RejectRow(_Row):
    """A part of an export that could not be read as a record, with the reason."""

    source_file: Name
    line: Loose = None
    reason: Loose = None
    text: Loose = None


class DuplicateRow(_Row):
    """What is known of two records: by the rules, or decided by a person.

    Attributes:
        record_id: with "same", the record that repeats the other one and counts as removed.
        other_id: with "same", the record that is kept.
        verdict: same; report (of one study, at another place); different; doubt (nobody has
            decided).
        decided_by: "rule", or who decided; what a person has decided is never changed.
    """

    record_id: Name
    other_id: Name
    verdict: Annotated[str, _word(VERDICTS)]
    reason: Loose = None
    decided_by: Loose = None
    date: Loose = None


class DecisionRow(_Row):
    """What one reviewer decided on one record at one stage.

    Attributes:
        decision: include, exclude, maybe (stays in for the full text) or not_retrieved.
        reason: of an exclusion, one of `[screening] reasons` where the review has such a list.
        role: "final" where it settles a disagreement of reviewers.
        date: when, UTC.
        order: in which the record came up: file, date, relevance or random; what a random sample
            is, is known from it.
    """

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {"id": "record_id", "study_id": "record_id"}

    record_id: Name
    stage: Annotated[str, _word(STAGES)]
    reviewer: Loose = None
    decision: Annotated[str, _word(DECISIONS)]
    reason: Loose = None
    note: Loose = None
    role: Annotated[str | None, _word(ROLES)] = None
    date: Loose = None
    order: Loose = None


class ReportRow(_Row):
    """An included report, and the study that it reports: one study may have several.

    Attributes:
        record_id: of the report, in `records.csv`.
        study_id: of the study; None where a person has taken the report out of its study.
        decided_by: "rule", or who linked it; what a person has decided is never changed.
    """

    record_id: Name
    study_id: Loose = None
    decided_by: Loose = None
    date: Loose = None


class WeightRow(BaseModel):
    """A weight that the review gives a study, instead of the one of the model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    study_id: Name
    weight: Number
    reason: Loose = None
