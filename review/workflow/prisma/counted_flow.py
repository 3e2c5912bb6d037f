"""The PRISMA flow of a review of one's own, counted from what its folder holds.

Counted are `searches.csv` (or `[[search]]` in `review.toml`), `records.csv`, `duplicates.csv`,
`decisions.csv`, `reports.csv`, `excluded.csv` and `studies.csv`, whichever there are. What no file
holds, such as the studies of a previous version, may be typed into `[prisma]` of `review.toml`; a
count that the files give is never replaced by it, and none is made up from a difference.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from review.errors import DataError
from review.schema.folder_files import DUPLICATES, RECORDS, REPORTS, STUDIES
from review.schema.prisma_flow import (
    BOXES,
    OTHER_METHODS,
    PrismaFlow,
    ReasonCount,
    SourceCount,
)
from review.schema.screening_rows import RecordRow
from review.words import plural
from review.workflow.prisma.screening_outcomes import Outcomes, outcomes
from review.workflow.records.stored_records import stored_records
from review.workflow.searches import searches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from review.project import Review

MOST_REASONS: Final = 6
NO_REASON: Final = "reason not stated"
# boxes of a list of kind -> what they are called in the flow
KIND_BOX: Final = {
    "database": "databases", "register": "registers", "website": "websites",
    "organisation": "organisations", "citation": "citation_searching",
}  # fmt: skip


@dataclass
class _Records:
    """What `records.csv` says of each record; its keys are the records' identifiers.

    Attributes:
        kind: database, register, website, ...; source: its name, "" when not stated.
        removed: the box that took it away before screening, "" for none.
        marked: whether the file can say which records are duplicates.
    """

    kind: dict[str, str] = field(default_factory=dict)
    source: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    marked: bool = False

    def arm(self, *, other: bool) -> list[str]:
        """The records of databases and registers, or those of other methods."""
        return [i for i, kind in self.kind.items() if (kind in OTHER_METHODS) is other]

    def count_removed(self, box: str) -> int | None:
        """How many records of databases and registers a box took away; None when not said."""
        if box == "duplicates_removed" and not self.marked:
            return None
        n = sum(self.removed[i] == box for i in self.arm(other=False))
        return n if n or box == "duplicates_removed" else None


def own_flow(review: Review) -> PrismaFlow | None:
    """Return the flow counted from the files of the folder, or None when there are none.

    A filter on the studies does not change the flow.

    Raises:
        DataError: a table cannot be read, or holds a word that it should not.
    """
    whole = review.whole
    published = whole.published is not None and whole.published.prisma is not None
    sources = () if published else search_sources(whole)
    records: _Records | None = whole.derived(
        "records of the flow", (RECORDS, DUPLICATES), lambda: _records(whole)
    )
    decided = outcomes(whole)
    studies, excluded = len(whole.studies), whole.excluded
    typed = whole.settings.prisma
    stated = any(s.records is not None for s in sources)
    if not (studies or excluded or records or decided or stated or typed.counts()):
        return None
    notes: list[str] = []
    boxes = _identification(sources, records, notes)
    if decided is not None:
        screened, kept = _screening(records, decided, notes)
        boxes |= screened
        boxes["included"] = _linked(whole, kept, notes) if whole.has(REPORTS) else studies or None
        origin = f"counted from {whole.name}: records and decisions"
    else:
        if records is not None and records.kind:
            many = plural(len(records.kind), "record")
            notes.append(f"records.csv holds {many}; without decisions.csv none counts as screened")
        boxes |= {
            "assessed_full_text": studies + len(excluded) if excluded else None,
            "excluded_at_full_text": len(excluded) or None,
            "reasons": _reasons(Counter(e.reason or NO_REASON for e in excluded)),
            "included": studies if studies or excluded or records else None,
        }
        origin = f"counted from {whole.name}: {whole.settings.sample}"
    flow = PrismaFlow(origin=origin, **{k: v for k, v in boxes.items() if v is not None})
    return _with_typed(flow, whole, notes)


def _with_typed(flow: PrismaFlow, review: Review, notes: list[str]) -> PrismaFlow:
    """Fill boxes that no file gives with those of `[prisma]`; name what contradicts the files."""
    typed, filled = review.settings.prisma, dict[str, Any]()
    for box, n in typed.counts().items():
        counted = getattr(flow, box)
        if counted is None:
            filled[box] = n
        elif counted != n:
            notes.append(
                f"{BOXES[box]}: review.toml [prisma] says {n:,}, the files of the folder give "
                f"{counted:,}, which is shown"
            )
    for name in ("sources", "screening_reasons", "reasons", "other_reasons"):
        if getattr(typed, name) and not getattr(flow, name):
            filled[name] = getattr(typed, name)
    if filled:
        words = ", ".join(BOXES.get(n, n.replace("_", " ")).lower() for n in filled)
        notes.append(f"from review.toml [prisma], not counted: {words}")
    return flow.model_copy(update={**filled, "notes": tuple(notes)})


def _identification(
    sources: tuple[SourceCount, ...], records: _Records | None, notes: list[str]
) -> dict[str, Any]:
    """The boxes up to screening."""
    found = _total(sources)
    if records is None:
        return {"sources": sources, **_by_kind(sources, found)}
    arm = records.arm(other=False)
    if found is not None and found != len(arm):
        rest = "" if records.marked else (
            "; without a column duplicate_of it cannot be told which records were duplicates"
        )  # fmt: skip
        notes.append(
            f"the searches found {found:,} records, and records.csv holds {len(arm):,}{rest}"
        )
    named = any(records.source.values())
    if named and (records.marked or not sources):
        sources = _counted(records)
    elif records.marked and found != len(arm):
        sources = tuple(s.model_copy(update={"records": None}) for s in sources)
    identified = len(arm) if records.marked or found is None else found
    boxes = {"sources": sources, **_by_kind(sources, identified)}
    for box in ("duplicates_removed", "removed_automation", "removed_other"):
        boxes[box] = records.count_removed(box)
    others = records.arm(other=True)
    if others:
        boxes["other_identified"] = len(others)
        for kind in ("website", "organisation", "citation"):
            boxes[KIND_BOX[kind]] = sum(records.kind[i] == kind for i in others) or None
    return boxes


def _by_kind(sources: tuple[SourceCount, ...], identified: int | None) -> dict[str, Any]:
    boxes: dict[str, Any] = {"identified": identified}
    for kind, box in KIND_BOX.items():
        counts = [s.records for s in sources if s.kind == kind]
        known = [n for n in counts if n is not None]
        if counts and len(known) == len(counts):
            boxes[box] = sum(known)
    if "registers" not in boxes:  # one kind of source: the total says the same
        boxes.pop("databases", None)
    return boxes


def _linked(review: Review, kept: Collection[str], notes: list[str]) -> int:
    """The studies of the included reports, as `reports.csv` links them."""
    names = {study.study_id.casefold() for study in review.studies}
    study_of = {
        row.record_id: row.study_id.casefold()
        for row in review.report_links
        if row.study_id and row.study_id.casefold() in names
    }
    bare = [i for i in kept if i not in study_of]
    if bare:
        notes.append(
            f"{plural(len(bare), 'included report')} linked to no study of {STUDIES}, so that no "
            "study is counted for them: 'review link'"
        )
    studies = {study_of[i] for i in kept if i in study_of}
    if rest := len(names - studies):
        notes.append(
            f"{plural(rest, 'study')} of {STUDIES} without an included report, not counted: "
            "'review link --list'"
        )
    return len(studies)


def _screening(
    records: _Records | None, decided: Outcomes, notes: list[str]
) -> tuple[dict[str, Any], list[str]]:
    """The boxes from screening to the reports included, for both arms; and these reports."""
    gone = {i for i, box in (records.removed if records else {}).items() if box}
    others = set(records.arm(other=True)) if records else set[str]()
    main, side = _Arm(decided, gone | others), _Arm(decided, gone, only=others)
    pool = None if records is None else len(set(records.arm(other=False)) - gone)
    waiting = {"assessed_full_text": main.waiting, "other_assessed": side.waiting}
    if pool is not None:
        waiting["screened"] = pool - main.screened
    waiting = {box: n for box, n in waiting.items() if n > 0}
    if "screened" in waiting:
        notes.append(f"still to be screened: {plural(waiting['screened'], 'record')}")
    reports = main.waiting + side.waiting
    if reports > 0:
        notes.append(f"still to be assessed in full text: {plural(reports, 'report')}")
    if decided.open:
        disputes = plural(decided.open, "disagreement")
        notes.append(f"still to be settled, counted as included: {disputes} between reviewers")
    if decided.waiting:
        half = plural(decided.waiting, "decision")
        notes.append(f"not counted yet, as another reviewer has to decide: {half}")
    boxes: dict[str, Any] = {
        "screened": main.screened,
        "excluded_at_screening": main.out_first,
        "screening_reasons": _reasons(main.screening_reasons),
        "sought": main.screened - main.out_first,
        "not_retrieved": main.missing,
        "assessed_full_text": len(main.assessed),
        "excluded_at_full_text": len(main.out_later),
        "reasons": _reasons(main.reasons),
        "included_reports": len(main.kept) + len(side.kept),
        "waiting": waiting,
    }
    if others:
        boxes |= {
            "other_sought": len(others - gone) - side.out_first,
            "other_not_retrieved": side.missing,
            "other_assessed": len(side.assessed),
            "other_excluded": len(side.out_later),
            "other_reasons": _reasons(side.reasons),
        }
    return boxes, [*main.kept, *side.kept]


class _Arm:
    """What was decided on the records of one arm of the flow."""

    def __init__(
        self, decided: Outcomes, without: Collection[str], *, only: Collection[str] | None = None
    ) -> None:
        def mine(stage: str) -> dict[str, str]:
            return {
                i: said
                for i, said in decided.outcome[stage].items()
                if i not in without and (only is None or i in only)
            }

        screening, retrieval, full = mine("screening"), mine("retrieval"), mine("full_text")
        self.screened = len(screening)
        out = [i for i, said in screening.items() if said == "exclude"]
        self.out_first = len(out)
        lost = {i for part in (retrieval, full) for i, v in part.items() if v == "not_retrieved"}
        self.missing = len(lost)
        self.assessed = [i for i in full if i not in lost]
        self.out_later = [i for i in self.assessed if full[i] == "exclude"]
        self.kept = [i for i in self.assessed if full[i] != "exclude"]
        self.waiting = self.screened - self.out_first - self.missing - len(self.assessed)
        if only is not None:  # other methods need no screening by title and abstract
            self.waiting = max(self.waiting, 0)
        said_first = [r for i in out if (r := decided.reasons["screening"].get(i))]
        self.screening_reasons = Counter(said_first if len(said_first) == len(out) else ())
        why = decided.reasons["full_text"]
        self.reasons = Counter(why.get(i, NO_REASON) for i in self.out_later)


def _reasons(counts: Counter[str]) -> tuple[ReasonCount, ...]:
    """The most frequent reasons; the rest share one line, so that the sum stays right."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ordered if len(ordered) <= MOST_REASONS else ordered[: MOST_REASONS - 1]
    made = [ReasonCount(reason=reason, reports=n) for reason, n in shown]
    rest = sum(n for _, n in ordered[len(shown) :])
    if rest:
        made.append(ReasonCount(reason="other reasons", reports=rest))
    return tuple(made)


def search_sources(review: Review) -> tuple[SourceCount, ...]:
    """Return what each search found: `searches.csv`, or `[[search]]` of `review.toml`.

    Raises:
        DataError: the table cannot be read.
    """
    given: dict[str, tuple[int | None, str]] = {}
    for row in searches(review):
        before = given.get(row.source, (0, row.kind))[0]
        both = None if row.records is None or before is None else before + row.records
        given[row.source] = (both, row.kind)
    return tuple(SourceCount(name=s, records=n, kind=k) for s, (n, k) in given.items())


def _total(sources: Iterable[SourceCount]) -> int | None:
    counts = [s.records for s in sources if s.kind not in OTHER_METHODS]
    known = [n for n in counts if n is not None]
    return sum(known) if counts and len(known) == len(counts) else None


def _records(review: Review) -> _Records | None:
    if not review.has(RECORDS):
        return None
    rows = _placed_rows(review)
    header = rows[0].model_fields_set if rows else review.table(RECORDS).header
    found = {row.record_id for row in review.duplicates if row.verdict == "same"}
    made = _Records(marked=review.has(DUPLICATES) or "duplicate_of" in header)
    for row in rows:
        made.kind[row.record_id] = row.kind
        made.source[row.record_id] = row.source or ""
        made.removed[row.record_id] = (
            "duplicates_removed"
            if row.duplicate_of or row.record_id in found
            else row.removed or ""
        )
    return made


def _placed_rows(review: Review) -> list[RecordRow]:
    """Every record with where it was found and why it left; its texts are not held.

    Raises:
        DataError: `records.csv` has problems; all are listed.
    """
    try:
        rows = [
            RecordRow.model_validate(
                {
                    name: record[name] or None
                    for name in ("record_id", "source", "duplicate_of", "removed")
                    if name in record
                }
                | ({"kind": record["kind"]} if record.get("kind") else {})
            )
            for record in stored_records(review)
        ]
    except (DataError, ValidationError):
        return review.records  # says what is wrong, and where
    twice = len({row.record_id.casefold() for row in rows}) < len(rows)
    return review.records if twice else rows


def _counted(records: _Records) -> tuple[SourceCount, ...]:
    """The sources that `records.csv` names, with their records; most records first."""
    counts = Counter(
        (records.source[i] or "source not stated", kind) for i, kind in records.kind.items()
    )
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(SourceCount(name=s, records=n, kind=kind) for (s, kind), n in ordered)
