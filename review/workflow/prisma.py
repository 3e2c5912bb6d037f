"""The PRISMA flow of a review, from what the paper prints or from what the folder holds.

No number is typed into a diagram: published counts come from `published.toml`; a review of one's
own is counted from `searches.csv` (or `[[search]]` in `review.toml`), `records.csv`,
`decisions.csv`, `excluded.csv` and `studies.csv`, whichever there are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.errors import DataError, InputError
from review.project import Problem, open_review
from review.schema.prisma import PrismaFlow, ReasonCount, SourceCount

if TYPE_CHECKING:
    from review.project import Review
    from review.project.tables import RawTable, Row

STAGES: Final = {
    "screening": "screening", "title": "screening", "abstract": "screening",
    "title_abstract": "screening", "title and abstract": "screening",
    "retrieval": "retrieval",
    "full_text": "full_text", "full text": "full_text", "fulltext": "full_text",
    "eligibility": "full_text",
}  # fmt: skip
DECISIONS: Final = {
    "include": "include", "included": "include", "yes": "include", "maybe": "include",
    "exclude": "exclude", "excluded": "exclude", "no": "exclude",
    "not_retrieved": "not_retrieved", "not retrieved": "not_retrieved",
}  # fmt: skip
# whoever decides when reviewers disagree
DECISIVE: Final = frozenset({"consensus", "adjudicator", "adjudication", "final"})
MOST_REASONS: Final = 6
NO_REASON: Final = "reason not stated"


def flows(review: Review) -> list[PrismaFlow]:
    """Return the flows that the review has the counts for: published first, then its own.

    Raises:
        InputError: it has none.
        DataError: a table cannot be read.
    """
    found = [flow for flow in (published_flow(review), own_flow(review)) if flow is not None]
    if not found:
        raise InputError(
            f"{review.name} holds no counts of a flow: neither [prisma] in published.toml nor "
            "records.csv, decisions.csv, excluded.csv, studies.csv or [[search]] with records"
        )
    return found


def published_flow(review: Review) -> PrismaFlow | None:
    """Return the flow that the paper prints, or None."""
    facts = review.published
    if facts is None or facts.prisma is None:
        return None
    stated = facts.prisma
    return PrismaFlow(
        origin="counts that the paper prints",
        # what each database gave is rarely printed: the names stand without numbers
        sources=tuple(
            SourceCount(name=s.database, records=s.records) for s in review.settings.search
        ),
        identified=stated.identified,
        duplicates_removed=stated.duplicates_removed,
        screened=stated.screened,
        excluded_at_screening=stated.excluded_at_screening,
        assessed=stated.assessed_full_text,
        excluded_at_full_text=stated.excluded_at_full_text,
        included=stated.included,
    )


def own_flow(review: Review) -> PrismaFlow | None:
    """Return the flow counted from the files of the folder, or None when there are none.

    A filter on the studies does not change the flow.
    """
    whole = review if review.filter is None else open_review(review.path)
    sources = () if published_flow(review) else _sources(whole)
    records = _ids(whole, "records.csv")
    decided = _decisions(whole)
    studies = len(whole.studies)
    if decided is not None:
        return _from_decisions(whole, sources, records, decided)
    excluded = whole.excluded
    if not (studies or excluded or records or any(s.records is not None for s in sources)):
        return None
    reasons = _reasons(Counter(e.reason or NO_REASON for e in excluded))
    known = _identified(sources)
    notes: list[str] = []
    duplicates = _duplicates(known, None if records is None else len(records), notes)
    return PrismaFlow(
        origin=f"counted from {whole.name}: {whole.settings.sample}",
        sources=sources,
        identified=known,
        duplicates_removed=duplicates,
        screened=None if records is None else len(records),
        assessed=studies + len(excluded) if excluded else None,
        excluded_at_full_text=len(excluded) or None,
        reasons=reasons,
        included=studies,
        notes=tuple(notes),
    )


def _duplicates(identified: int | None, unique: int | None, notes: list[str]) -> int | None:
    """What the searches found beyond the unique records; None when it cannot be told."""
    if identified is None or unique is None:
        return None
    if unique > identified:
        notes.append(
            f"there are {unique:,} records, more than the {identified:,} that the searches found"
        )
        return None
    return identified - unique


@dataclass
class _Decided:
    """The outcome per record at each stage, and what is open."""

    outcome: dict[str, dict[str, str]]
    reason: dict[str, str]
    open: int


def _from_decisions(
    review: Review,
    sources: tuple[SourceCount, ...],
    records: list[str] | None,
    decided: _Decided,
) -> PrismaFlow:
    screening, retrieval, full = (
        decided.outcome[stage] for stage in ("screening", "retrieval", "full_text")
    )
    screened = len(screening)
    out_first = sum(v == "exclude" for v in screening.values())
    missing = sum(v == "not_retrieved" for v in [*retrieval.values(), *full.values()])
    assessed = [i for i, v in full.items() if v != "not_retrieved"]
    out_later = [i for i in assessed if full[i] == "exclude"]
    identified = _identified(sources)
    pool = len(records) if records is not None else screened
    notes: list[str] = []
    duplicates = _duplicates(identified, pool, notes)
    if records is not None and len(records) > screened:
        notes.append(f"still to be screened: {_number(len(records) - screened, 'record')}")
    waiting = screened - out_first - missing - len(assessed)
    if waiting > 0:
        notes.append(f"still to be assessed in full text: {_number(waiting, 'report')}")
    if decided.open:
        disputes = _number(decided.open, "disagreement")
        notes.append(f"still to be settled, counted as included: {disputes} between reviewers")
    included = len(assessed) - len(out_later)
    return PrismaFlow(
        origin=f"counted from {review.name}: records and decisions",
        sources=sources,
        identified=identified,
        duplicates_removed=duplicates,
        screened=screened,
        excluded_at_screening=out_first,
        sought=screened - out_first,
        not_retrieved=missing,
        assessed=len(assessed),
        excluded_at_full_text=len(out_later),
        reasons=_reasons(Counter(decided.reason.get(i, NO_REASON) for i in out_later)),
        included=len(review.studies) or None,
        included_reports=included,
        notes=tuple(notes),
    )


def _number(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _reasons(counts: Counter[str]) -> tuple[ReasonCount, ...]:
    """The most frequent reasons; the rest share one line, so that the sum stays right."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = ordered if len(ordered) <= MOST_REASONS else ordered[: MOST_REASONS - 1]
    made = [ReasonCount(reason=reason, reports=n) for reason, n in shown]
    rest = sum(n for _, n in ordered[len(shown) :])
    if rest:
        made.append(ReasonCount(reason="other reasons", reports=rest))
    return tuple(made)


def _sources(review: Review) -> tuple[SourceCount, ...]:
    table = _table(review, "searches.csv")
    if table is None:
        return tuple(
            SourceCount(name=s.database, records=s.records) for s in review.settings.search
        )
    name = _column(table, "source", "database")
    count = _column(table, "records", "n_records", "n", "results")
    found: dict[str, int | None] = {}
    for row in table.rows:
        source = row.cells[name].strip() or "source not stated"
        number = _whole(table, row, count)
        before = found.get(source, 0)
        found[source] = None if number is None or before is None else before + number
    return tuple(SourceCount(name=s, records=n) for s, n in found.items())


def _identified(sources: tuple[SourceCount, ...]) -> int | None:
    counts = [s.records for s in sources]
    if not counts or any(n is None for n in counts):
        return None
    return sum(n for n in counts if n is not None)


def _ids(review: Review, name: str) -> list[str] | None:
    table = _table(review, name)
    if table is None:
        return None
    column = _column(table, "record_id", "id", "study_id")
    return [row.cells[column] for row in table.rows]


def _decisions(review: Review) -> _Decided | None:
    table = _table(review, "decisions.csv")
    if table is None:
        return None
    record = _column(table, "record_id", "id", "study_id")
    stage, decision = _column(table, "stage"), _column(table, "decision")
    votes: dict[str, dict[str, list[tuple[bool, str]]]] = {
        s: defaultdict(list) for s in ("screening", "retrieval", "full_text")
    }
    reason: dict[str, str] = {}
    for row in table.rows:
        at = _word(table, row, stage, STAGES)
        said = _word(table, row, decision, DECISIONS)
        who = row.cells.get("reviewer", "").strip().casefold()
        votes[at][row.cells[record]].append((who in DECISIVE, said))
        why = row.cells.get("reason", "").strip()
        if why and said == "exclude" and at == "full_text":
            reason.setdefault(row.cells[record], why)
    outcome, unsettled = {}, 0
    for at, by_record in votes.items():
        outcome[at] = {i: _outcome(cast) for i, cast in by_record.items()}
        unsettled += sum(_unsettled(cast) for cast in by_record.values())
    return _Decided(outcome, reason, unsettled)


def _outcome(votes: list[tuple[bool, str]]) -> str:
    """The last decisive vote, or the common one; a record stays in while reviewers disagree."""
    final = [said for decisive, said in votes if decisive]
    if final:
        return final[-1]
    said = {said for _, said in votes}
    return said.pop() if len(said) == 1 else "include"


def _unsettled(votes: list[tuple[bool, str]]) -> bool:
    return not any(decisive for decisive, _ in votes) and len({said for _, said in votes}) > 1


def _table(review: Review, name: str) -> RawTable | None:
    if not (review.path / name).exists():
        return None
    table = review.table(name)
    if table.problems:
        raise DataError(str(table.problems[0]), table.problems)
    return table


def _column(table: RawTable, *names: str) -> str:
    for name in names:
        if name in table.header:
            return name
    problem = Problem(
        table.name, "a column is missing", line=1, column=names[0], allowed=" or ".join(names)
    )
    raise DataError(str(problem), [problem])


def _word(table: RawTable, row: Row, column: str, known: dict[str, str]) -> str:
    text = row.cells[column].strip()
    if text.casefold() in known:
        return known[text.casefold()]
    problem = Problem(
        table.name, "unknown word", line=row.line, column=column, value=text,
        allowed=", ".join(dict.fromkeys(known.values())),
    )  # fmt: skip
    raise DataError(str(problem), [problem])


def _whole(table: RawTable, row: Row, column: str) -> int | None:
    text = row.cells[column].strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    problem = Problem(
        table.name, "not a whole number", line=row.line, column=column, value=text,
        allowed="a number of records, such as 120",
    )  # fmt: skip
    raise DataError(str(problem), [problem])
