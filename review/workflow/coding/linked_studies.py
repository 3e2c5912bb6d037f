"""Included reports become studies: several reports of one study, one row of `studies.csv`.

Which report belongs to which study stands in `reports.csv`. Reports are put together as
`duplicates.csv` says ("report"), and with a study that is there already by DOI, PMID, or title and
year. Nothing that stands in a cell of `studies.csv` is ever changed, and what a person has linked
or unlinked stays so.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, UnknownNameError
from review.project.change_records import now
from review.project.duplicates import duplicate_keys
from review.project.transaction import Changes, changes
from review.schema.cell_types import CellError, clean_text
from review.schema.folder_files import EXCLUDED, REPORTS, STUDIES
from review.schema.screening_rows import BY_RULE, ReportRow
from review.words import listed, plural
from review.workflow.coding.add import make_study_id
from review.workflow.coding.study_of_report import main_first, study_cells
from review.workflow.records.kept_record import kept_of
from review.workflow.records.merged_records import merged_record
from review.workflow.records.stored_records import stored_records
from review.workflow.screening.included_reports import IncludedReports, included_reports

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from review.project import Review
    from review.project.csv_tables import RawTable, Row

COLUMNS: Final = tuple(ReportRow.model_fields)
# in place of a study_id: a study of its own
NEW: Final = "new"
Record = dict[str, str]


@dataclass
class LinkedStudies:
    """What linking did.

    Attributes:
        added: studies that were added: study_id -> its reports, the main one first.
        linked: reports that were put to a study that was there: record_id -> study_id.
        filled: cells of such studies that were empty: (study_id, column, text).
        waiting: reports that wait for a person: record_id -> why.
        notes: what deserves a look.
    """

    added: dict[str, list[str]] = field(default_factory=dict)
    linked: dict[str, str] = field(default_factory=dict)
    filled: list[tuple[str, str, str]] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return it as a dictionary for JSON."""
        return asdict(self)


def link_studies(review: Review, *, by: str = "", dry_run: bool = False) -> LinkedStudies:
    """Link every included report that is linked to no study yet; add the studies that lack.

    Args:
        review: a review that can be written to.
        by: who does it, for the log.
        dry_run: write nothing.

    Raises:
        InputError: the review is read-only, has no records, or no report is included in full text.
        DataError: a table cannot be read.
    """
    done = LinkedStudies()
    with changes(review, command="link", who=by, dry_run=dry_run) as tx:
        found = included_reports(tx.review)
        _require_reports(found)
        links = _Links(tx)
        fresh = [i for i in found.records if i not in links.study]
        best = _best_fields(tx.review, set(fresh))
        for group in _groups(tx.review, fresh):
            _link_group(links, best, group, done)
        done.notes += _left_behind(links.study, list(links.ids), found)
    return done


def link_reports(
    review: Review, pairs: Sequence[tuple[str, str]], *, by: str, dry_run: bool = False
) -> LinkedStudies:
    """Link reports to studies as a person says.

    Args:
        review: a review that can be written to.
        pairs: (record_id, study_id), or (record_id, "new") for a study of its own.
        by: who decides.
        dry_run: write nothing.

    Raises:
        UnknownNameError: there is no such record or study.
        InputError: a record is no included report, or is named twice; nobody decides.
    """
    person = _person(by)
    done = LinkedStudies()
    with changes(review, command="link --set", who=person, dry_run=dry_run) as tx:
        found = included_reports(tx.review)
        links = _Links(tx, person)
        twice = [i for n, (i, _) in enumerate(pairs) if i in {j for j, _ in pairs[:n]}]
        if twice:
            raise InputError(f"{twice[0]} is linked twice")
        for record_id, study_id in pairs:
            record = _included(tx.review, found, record_id)
            if study_id == NEW:
                links.make([record_id], record, done)
            else:
                ident = links.known(study_id)
                links.link(record_id, ident, done)
                links.fill(ident, record, done)
    return done


def unlink_report(review: Review, record_id: str, *, by: str) -> str:
    """Take a report out of its study; it waits until a person links it. Return the study_id.

    The study stays in `studies.csv` ('review remove STUDY' takes it out).

    Raises:
        InputError: it is linked to none, or nobody decides.
    """
    person = _person(by)
    with changes(review, command="link --unlink", who=person) as tx:
        links = _Links(tx, person)
        record_id = record_id.strip()
        study_id = links.study.get(record_id, "")
        if not study_id:
            raise UnknownNameError(
                "linked report", record_id, [i for i, s in links.study.items() if s],
                where=f"in {REPORTS}",
            )  # fmt: skip
        links.put(record_id, "")
    return study_id


def reports_of(review: Review, study_id: str) -> list[Record]:
    """Return the reports of a study, each with the best field of the records that repeat it.

    The main one comes first.

    Raises:
        DataError: a table cannot be read.
    """
    wanted = study_id.strip().casefold()
    mine = [r.record_id for r in review.report_links if (r.study_id or "").casefold() == wanted]
    found = _best_fields(review, set(mine)) if mine else {}
    return [dict(record) for record in main_first([found[i] for i in mine if i in found])]


def link_rows(review: Review) -> list[Record]:
    """Return a row for each included or linked report: study, record, title, year, who linked it.

    The study_id is empty where the report is linked to none.

    Raises:
        InputError: the review has no records.
        DataError: a table cannot be read.
    """
    links = {row.record_id: row for row in review.report_links}
    included = included_reports(review).records
    found = []
    for record in stored_records(review):
        i = record["record_id"]
        row = links.get(i)
        if i in included or (row is not None and row.study_id):
            found.append(
                {
                    "study_id": (row.study_id if row else None) or "", "record_id": i,
                    "title": record.get("title", ""), "year": record.get("year", ""),
                    "decided_by": (row.decided_by if row else None) or "",
                    "included": "yes" if i in included else "no",
                }
            )  # fmt: skip
    return sorted(found, key=lambda row: (not row["study_id"], row["study_id"]))


def _best_fields(review: Review, wanted: set[str]) -> dict[str, Record]:
    """The wanted records by identifier, filled from those that repeat them."""
    repeats: dict[str, list[str]] = {}
    for record_id, kept in kept_of(review.duplicates).items():
        if kept in wanted:
            repeats.setdefault(kept, []).append(record_id)
    needed = wanted | {i for group in repeats.values() for i in group}
    rows = {r["record_id"]: r for r in stored_records(review) if r["record_id"] in needed}
    return {
        i: merged_record([rows[i], *(rows[j] for j in sorted(repeats.get(i, [])) if j in rows)])
        for i in sorted(wanted)
        if i in rows
    }


class _Links:
    """The links of a review and its studies, while they are changed."""

    def __init__(self, tx: Changes, person: str = "") -> None:
        self.review, self.person = tx.review, person
        self.today = now().date().isoformat()
        self.study = {r.record_id: r.study_id or "" for r in self.review.report_links}
        self._tx = tx
        columns = [c for c in self.review.columns if c != "coders"]
        self.studies: RawTable = tx.table(STUDIES, self.review.study_model, columns=columns)
        self.ids = {_ident(row): row for row in self.studies.rows}
        self.excluded = {s.study_id.casefold(): s.study_id for s in self.review.excluded}
        self.index: dict[tuple[str, str], set[str]] = {}
        for row in self.studies.rows:
            self._index(row.cells, _ident(row))
        for study in self.review.excluded:
            cells = {c: str(study.value(c) or "") for c in ("doi", "pmid", "title", "year")}
            self._index(cells, study.study_id)
        self.full = {s for s in self.study.values() if s}  # studies that have a report

    @cached_property
    def table(self) -> RawTable:
        """`reports.csv`; made when the first report is linked."""
        table = self._tx.table(REPORTS, ReportRow, columns=COLUMNS)
        table.add_columns(COLUMNS)
        return table

    @cached_property
    def _record_row(self) -> dict[str, Row]:
        return {row.cells["record_id"].strip(): row for row in self.table.rows}

    def _index(self, cells: Mapping[str, str], study_id: str) -> None:
        for key in duplicate_keys(cells):
            self.index.setdefault(key, set()).add(study_id)

    def known(self, text: str) -> str:
        """The study of that name, as it is written there."""
        wanted = text.strip().casefold()
        found = next((i for i in self.ids if i.casefold() == wanted), None)
        if found is None:
            raise UnknownNameError("study", text, [*self.ids], where=f"in {STUDIES}")
        return found

    def like(self, records: Sequence[Mapping[str, str]]) -> set[str]:
        """The studies that have a DOI, a PMID, or title and year of one of the records."""
        return {s for r in records for key in duplicate_keys(r) for s in self.index.get(key, ())}

    def put(self, record_id: str, study_id: str) -> None:
        """Write the link of a report."""
        cells = {"record_id": record_id, "study_id": study_id,
                 "decided_by": self.person or BY_RULE, "date": self.today}  # fmt: skip
        row = self._record_row.get(record_id)
        if row is None:
            self._record_row[record_id] = self.table.append(cells)
        else:
            for column, text in cells.items():
                self.table.set(row, column, text)
        self.study[record_id] = study_id

    def link(self, record_id: str, study_id: str, done: LinkedStudies) -> None:
        """Put a report to a study that is there."""
        if self.study.get(record_id) != study_id:
            self.put(record_id, study_id)
            done.linked[record_id] = study_id

    def fill(self, study_id: str, record: Mapping[str, str], done: LinkedStudies) -> None:
        """Fill cells that are empty in a study which had no report; none is changed."""
        row = self.ids[study_id]
        if study_id in self.full:
            return
        self.full.add(study_id)
        cells, said = study_cells(record)
        if row.cells.get("doi", "").strip():
            cells.pop("source_url", None)
        self.studies.add_columns([*cells])
        for column, text in cells.items():
            if not row.cells[column].strip():
                self.studies.set(row, column, text)
                done.filled.append((study_id, column, text))
        done.notes += [f"{record['record_id']}: not taken over: {text}" for text in said]

    def make(self, ids: Sequence[str], record: Mapping[str, str], done: LinkedStudies) -> None:
        """Add a study with its reports; the record is that of the main one."""
        cells, said = study_cells(record)
        taken = {*(i.casefold() for i in self.ids), *self.excluded, NEW}
        cells["study_id"] = make_study_id(cells, taken)
        self.studies.add_columns([*cells])
        row = self.studies.append(cells)
        self.ids[cells["study_id"]] = row
        self.full.add(cells["study_id"])
        self._index(cells, cells["study_id"])
        for record_id in ids:
            self.put(record_id, cells["study_id"])
        done.added[cells["study_id"]] = list(ids)
        done.notes += [f"{record['record_id']}: not taken over: {text}" for text in said]


def _ident(row: Row) -> str:
    return row.cells.get("study_id", "").strip()


def _link_group(
    links: _Links, fresh: Mapping[str, Record], group: Sequence[str], done: LinkedStudies
) -> None:
    """Link those records of a study that are `fresh`: included, and linked to nothing yet."""
    ordered = main_first([fresh[i] for i in group if i in fresh])
    others = {links.study[i] for i in group if links.study.get(i)}
    there = others | links.like(ordered)
    if len(there) > 1:
        why = f"it may belong to {listed(sorted(there))}: say which with --set RECORD=STUDY"
        done.waiting |= {r["record_id"]: why for r in ordered}
    elif there and (only := there.pop()) in links.ids:
        for record in ordered:
            links.link(record["record_id"], only, done)
            links.fill(only, record, done)
    elif there:
        why = f"{only} in {EXCLUDED} is the same study: --set RECORD=new links it all the same"
        done.waiting |= {r["record_id"]: why for r in ordered}
    else:
        links.make([r["record_id"] for r in ordered], ordered[0], done)


def _groups(review: Review, fresh: Sequence[str]) -> Iterator[list[str]]:
    """Yield reports of one study, as `duplicates.csv` says; each of `fresh` is in one group."""
    kept = kept_of(review.duplicates)
    near: dict[str, set[str]] = {}
    for row in review.duplicates:
        if row.verdict == "report":
            one, other = (kept.get(i, i) for i in (row.record_id, row.other_id))
            near.setdefault(one, set()).add(other)
            near.setdefault(other, set()).add(one)
    done: set[str] = set()
    for start in fresh:
        if start in done:
            continue
        group, waiting = [], [start]
        done.add(start)
        while waiting:
            at = waiting.pop()
            group.append(at)
            found = sorted(near.get(at, set()) - done)
            done |= {*found}
            waiting += found
        yield group


def _require_reports(found: IncludedReports) -> None:
    if found.records:
        return
    if found.screened:
        raise InputError(
            f"no report is included in full text ({plural(found.open, 'report')} in dispute or "
            "waiting for another reviewer); see 'review screen --progress'"
        )
    raise InputError(
        "no full text was decided on yet: a study is made of each report that is included there "
        "('review screen --stage full-text', or 'review import FILE --decision include --stage "
        "full_text' for a list of included reports)"
    )


def _included(review: Review, found: IncludedReports, record_id: str) -> Record:
    if record_id in found.records:
        return _best_fields(review, {record_id})[record_id]
    there = {r["record_id"] for r in stored_records(review)}
    if record_id not in there:
        raise UnknownNameError("record", record_id, sorted(there), where="in records.csv")
    raise InputError(
        f"{record_id} is no included report: 'review screen --stage full-text --decide {record_id} "
        "include --by NAME' includes it"
    )


def link_notes(review: Review) -> list[str]:
    """Say where links, decisions and studies do not agree; nothing without `reports.csv`.

    Raises:
        InputError, DataError: the records or another table cannot be read.
    """
    if not review.has(REPORTS):
        return []
    links = {row.record_id: row.study_id or "" for row in review.report_links}
    found = included_reports(review)
    notes = _left_behind(links, [s.study_id for s in review.studies], found)
    if fresh := [i for i in found.records if i not in links]:
        notes.append(
            f"included and linked to no study yet: {listed(fresh, most=5)} ('review link')"
        )
    return notes


def _left_behind(
    links: Mapping[str, str], studies: Sequence[str], found: IncludedReports
) -> list[str]:
    notes = []
    gone = [i for i, study in links.items() if study and i not in found.records]
    if gone:
        notes.append(
            f"linked to a study and not among the included reports: {listed(gone, most=5)} "
            "('review link --unlink RECORD')"
        )
    apart = [i for i, study in links.items() if not study and i in found.records]
    if apart:
        notes.append(
            f"taken out of their study by a person, and linked to none: {listed(apart, most=5)} "
            "('review link --set RECORD=STUDY', or =new)"
        )
    with_report = {s.casefold() for i, s in links.items() if s and i in found.records}
    bare = [i for i in studies if i.casefold() not in with_report]
    if bare:
        notes.append(f"studies without an included report: {listed(bare, most=5)}")
    if found.open:
        notes.append(
            f"{plural(found.open, 'report')} in dispute or waiting for another reviewer: not "
            "linked yet"
        )
    return notes


def _person(by: str) -> str:
    try:
        name = clean_text(by)
    except CellError as error:
        raise InputError(f"--by: {error} (allowed: {error.allowed})") from None
    if name is None or name.casefold() == BY_RULE:
        raise InputError("say who decides, with a name of their own (--by NAME)")
    return name
