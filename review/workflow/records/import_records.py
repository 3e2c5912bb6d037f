"""Exports into a review: records, searches, decisions and rejects, together or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, UnknownNameError
from review.formats.bibliography.detected_format import DATABASES
from review.formats.bibliography.reading_exports import read_export
from review.formats.read_options import DEFAULT, ReadOptions
from review.project.appended_rows import header_of
from review.project.storage import real_file
from review.project.transaction import changes
from review.schema.folder_files import DECISIONS, IMPORTS, RECORDS, REJECTS
from review.schema.screening_rows import KINDS, STAGES, DecisionRow, RecordRow
from review.words import listed, plural
from review.workflow.records.column_names import column_names
from review.workflow.records.contradicted_votes import set_apart
from review.workflow.records.decision_columns import LogReader, decision_columns, words_meant
from review.workflow.records.exported_decisions import SCREENING_TOOLS, decision_in_name
from review.workflow.records.import_searches import add_hits
from review.workflow.records.known_records import KnownRecords
from review.workflow.records.read_files import (
    RECORD_COLUMNS,
    ReadFile,
    holds_decisions,
    opened_file,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from review.project import Review
    from review.project.transaction import Changes

_IMPORTS: Final = (
    "file", "sha256", "source", "date", "format", "encoding", "records", "imported", "rejected",
)  # fmt: skip
_REJECTS: Final = ("source_file", "line", "reason", "text")
_DECISIONS: Final = ("record_id", "stage", "reviewer", "decision", "reason")
ANSWERS: Final = ("include", "exclude", "none")


@dataclass(frozen=True)
class ImportSettings:
    """What the user says about the exports of one import.

    Attributes:
        source: what was searched, for all of them; found out for each when it is None.
        kind: of the source: database, register, website, organisation, citation, other.
        date, query: of the search.
        decision: of all records (include, exclude, none), for exports that hold none.
        stage: of the decisions.
        reviewer: to whom decisions without a name belong.
        again: import a file again that was imported before.
        words: what words of decisions mean, each written WORD=include.
        reading: encoding, and for tables sheet, headings and what they mean; a column of decisions
            is `decision:NAME` (see `decision_columns`).
    """

    source: str | None = None
    kind: str = "database"
    date: str = ""
    query: str = ""
    decision: str = ""
    stage: str = "screening"
    reviewer: str = ""
    again: bool = False
    words: tuple[str, ...] = ()
    reading: ReadOptions = DEFAULT


@dataclass(frozen=True)
class ImportedFile:
    """What became of one export.

    Attributes:
        file, source, format, writer, encoding: what was read, and how.
        marked: records that it marks, counted from its bytes.
        imported: new rows of `records.csv`.
        matched: records that the review had already, whose decisions were taken.
        rejected: parts that are in `rejects.csv`.
        decisions: new rows of `decisions.csv`.
        said: how it was read, in one line.
        notes: what deserves a look.
    """

    file: str
    source: str
    format: str
    writer: str
    encoding: str
    marked: int
    imported: int
    matched: int
    rejected: int
    decisions: int
    said: str
    notes: tuple[str, ...] = ()


@dataclass
class _Outcome:
    decisions: int = 0
    notes: list[str] = field(default_factory=list)


def import_records(
    review: Review,
    paths: Sequence[Path],
    settings: ImportSettings | None = None,
    *,
    dry_run: bool = False,
) -> list[ImportedFile]:
    """Put the records of exports into a review.

    What kind of export a file is follows from its content. The rows of `records.csv`,
    `searches.csv`, `imports.csv`, `decisions.csv` and `rejects.csv` are written together or not at
    all; several processes may import at once.

    Args:
        review: that can be written to.
        paths: of the exports.
        settings: what the user says about them.
        dry_run: read everything, write nothing.

    Raises:
        InputError: a file is missing, was imported before, or is given twice; a word is unknown;
            an export of Covidence without `decision`.
        DataError: a file is no export that can be read, or holds no record; a table of the review
            cannot be changed.
        BusyError: another process holds the lock.
    """
    settings = _settled(settings or ImportSettings())
    mapping, columns = decision_columns(settings.reading.mapping, named=bool(settings.reviewer))
    settings = replace(settings, reading=replace(settings.reading, mapping=mapping))
    words = words_meant(settings.words)
    if columns and settings.decision:
        raise InputError("--decision decides on all records: leave it or the columns out")
    if not dry_run:
        review.require_writable()
    before = _imported(review)
    files: list[ReadFile] = []
    try:
        for path in paths:
            files.append(_open(path, settings, before, files))
        known: KnownRecords | None = None
        for file in files:
            decision = settings.decision
            file.words = words
            if columns:
                file.log = LogReader(columns, words, settings.reviewer)
            if known is None and holds_decisions(file, decision):
                known = KnownRecords(review)
            file.fill(
                kind=settings.kind, stage=settings.stage, decision=decision,
                reviewer=settings.reviewer,
                known=known if holds_decisions(file, decision) else None,
            )  # fmt: skip
            if file.rejects and not file.written + file.matched:
                first = file.rejects[0]
                raise InputError(
                    f"{file.name}:{first.line}: no record of it could be read, {first.reason}; "
                    "nothing was imported"
                )
            if not file.written + file.matched:
                raise InputError(f"{file.name}: holds no records; nothing was imported")
        set_apart(files)
        outcomes = {id(f): _Outcome(len(f.decisions)) for f in files}
        if not dry_run:
            with changes(review, command="import", who=settings.reviewer) as tx:
                _still_new(tx.review, before, files, matched=known is not None)
                _write(tx, files, settings, outcomes)
        return [_summary(f, outcomes[id(f)], named=bool(settings.source)) for f in files]
    finally:
        for file in files:
            file.close()


def _still_new(
    review: Review,
    before: Sequence[tuple[str, str, str, int, str]],
    files: Sequence[ReadFile],
    *,
    matched: bool,
) -> None:
    """Refuse what another process has imported while the files were read.

    Raises:
        InputError: one of the files, or any while records were matched with those of the review.
    """
    others = [row for row in _imported(review) if row not in before]
    mine = {file.export.source.sha256 for file in files}
    if others and (matched or any(digest in mine for digest, *_ in others)):
        names = listed((name for _, name, *_ in others), most=5)
        raise InputError(
            f"{names} was imported meanwhile; nothing was imported, run the command again"
        )


def import_settings(given: Mapping[str, Any]) -> ImportSettings:
    """Return settings from names and values.

    Raises:
        UnknownNameError: no such setting.
    """
    known = [f.name for f in fields(ImportSettings)]
    for name in given:
        if name not in known:
            raise UnknownNameError("setting of an import", name, known)
    return ImportSettings(**given)


def _settled(settings: ImportSettings) -> ImportSettings:
    kind = KINDS.get(settings.kind.casefold())
    stage = STAGES.get(settings.stage.casefold())
    if kind is None:
        raise UnknownNameError("kind of source", settings.kind, sorted(set(KINDS.values())))
    if stage is None:
        raise UnknownNameError("stage", settings.stage, sorted(set(STAGES.values())))
    if settings.decision and settings.decision not in ANSWERS:
        raise UnknownNameError("decision", settings.decision, ANSWERS)
    return replace(settings, kind=kind, stage=stage)


def _imported(review: Review) -> list[tuple[str, str, str, int, str]]:
    """What was imported before: digest, name, source, records, date of the search."""
    return [
        (row.sha256, row.file, row.source or "", row.records or 0, row.date or "")
        for row in review.imports
    ]


def _open(
    path: Path,
    settings: ImportSettings,
    before: Sequence[tuple[str, str, str, int, str]],
    files: Sequence[ReadFile],
) -> ReadFile:
    export = read_export(path, settings.reading)
    digest = export.source.sha256
    same = [name for sha, name, *_ in before if sha == digest]
    twice = [f.name for f in files if f.export.source.sha256 == digest]
    if (same and not settings.again) or twice:
        where = f"given twice, as {twice[0]} too" if twice else f"imported already as {same[0]}"
        remedy = "" if twice else " (--again imports it once more)"
        raise InputError(f"{path.name}: {where}; nothing was imported{remedy}")
    if export.writer == "Covidence" and not settings.decision:
        guess = decision_in_name(path.name)
        said = f"; its name says {guess}" if guess else ""
        raise InputError(
            f"{path.name}: Covidence writes the decision into the name of a file alone{said}: say "
            "--decision include, exclude or none; nothing was imported"
        )
    return opened_file(export, settings.source, len(same))


def _write(
    tx: Changes, files: Sequence[ReadFile], settings: ImportSettings, outcomes: dict[int, _Outcome]
) -> None:
    if any(f.written for f in files):
        path = real_file(tx.folder, RECORDS)
        header = header_of(path, RECORDS) if path.exists() else []
        columns = column_names(header, RecordRow, RECORD_COLUMNS)
        tx.append_rows(RECORDS, columns, lambda: chain.from_iterable(f.rows() for f in files))
    imports = tx.table(IMPORTS, columns=_IMPORTS)
    imports.add_columns(_IMPORTS)
    for file in files:
        out = outcomes[id(file)]
        if settings.source or not _of_screening(file):
            earlier = sum(
                int(row.cells["records"] or 0)
                for row in imports.rows
                if row.cells["source"].casefold() == file.source.casefold()
                and row.cells["sha256"] != file.export.source.sha256
                and (not settings.date or row.cells["date"] == settings.date)
            )
            repeated = any(r.cells["sha256"] == file.export.source.sha256 for r in imports.rows)
            if not repeated:  # the same file does not find more
                out.notes += add_hits(
                    tx, file.source, file.marked, earlier, kind=settings.kind, date=settings.date,
                    query=settings.query,
                )  # fmt: skip
        export = file.export
        imports.append(
            {
                "file": file.name, "sha256": export.source.sha256, "source": file.source,
                "date": settings.date, "format": _format(file), "encoding": _encoding(file),
                "records": str(file.marked), "imported": str(file.written + file.matched),
                "rejected": str(sum(r.counted for r in file.rejects)),
            }
        )  # fmt: skip
        if file.rejects or file.contradicted:
            rejects = tx.table(REJECTS, columns=_REJECTS)
            for one in (*file.rejects, *file.contradicted):
                rejects.append(
                    {
                        "source_file": file.name, "line": str(one.line), "reason": one.reason,
                        "text": one.text,
                    }
                )  # fmt: skip
        if file.decisions:
            _decide(tx, file, out)


def _decide(tx: Changes, file: ReadFile, out: _Outcome) -> None:
    """Write the decisions that are not there yet; those of a reviewer who decided stay."""
    there = {
        (d.record_id, d.stage, (d.reviewer or "").casefold()): d.decision
        for d in tx.review.decisions
    }
    table = tx.table(DECISIONS, columns=_DECISIONS)
    columns = column_names(table.header, DecisionRow, _DECISIONS)
    table.add_columns(columns)
    out.decisions = differ = 0
    for ident, stage, reviewer, decision, reason, _ in file.decisions:
        key = (ident, stage, reviewer.casefold())
        if key in there:
            differ += there[key] != decision
            continue
        there[key] = decision
        out.decisions += 1
        table.append(dict(zip(columns, (ident, stage, reviewer, decision, reason), strict=True)))
    if differ:
        out.notes.append(
            f"{plural(differ, 'decision')} differ from what decisions.csv holds of the same "
            "reviewer; those there were kept"
        )


def _of_screening(file: ReadFile) -> bool:
    """Whether a file comes from screening, so that no search has found its records."""
    return file.export.writer in SCREENING_TOOLS or file.log is not None


def _encoding(file: ReadFile) -> str:
    """The encoding of a text; "" for a file that is none."""
    binary = file.export.format in {"workbook", "ASReview project"}
    return "" if binary else file.export.source.encoding


def _format(file: ReadFile) -> str:
    export = file.export
    writer = export.writer if export.writer not in export.format else ""
    return f"{export.format} of {writer}" if writer else export.format


def _summary(file: ReadFile, outcome: _Outcome, *, named: bool) -> ImportedFile:
    export = file.export
    notes = [*export.remarks(), *outcome.notes]
    if file.log is not None:
        notes += file.log.remarks()
    if headings := file.decision_headings():
        maps = " ".join(f"--map '{heading}=decision'" for heading in headings[:4])
        notes.insert(
            0,
            f"{listed(headings, most=6)} look like decisions, and were not taken as such: {maps} "
            "does ('review undo' takes this import back first)",
        )
    if file.open:
        names = listed((f"{name} {n}" for name, n in sorted(file.open.items())), most=10)
        notes.append(
            f"{plural(file.open.total(), 'maybe')} decides nothing and is left open for its "
            f"reviewer ({names}); --word maybe=include counts it as included"
        )
    if _of_screening(file) and file.written and not named:
        notes.append(
            f"{plural(file.written, 'record')} that the review did not hold came from "
            f"{export.writer or file.name}, and searches.csv counts no search for them (--source "
            "NAME does)"
        )
    elif file.written and not named and export.writer not in DATABASES:
        notes.append(f"the source is called {file.source}; --source NAME says what was searched")
    if file.contradicted:
        whose = listed(dict.fromkeys(one.reason for one in file.contradicted), last="", most=5)
        notes.insert(
            0,
            f"{plural(len(file.contradicted), 'decision')} contradict each other and went to "
            f"rejects.csv: {whose}",
        )
    if file.rejects:
        first = file.rejects[0]
        notes.insert(
            0,
            f"{plural(len(file.rejects), 'part')} could not be read and went to rejects.csv; the "
            f"first: line {first.line}, {first.reason}",
        )
    return ImportedFile(
        file=file.name, source=file.source, format=export.format, writer=export.writer,
        encoding=_encoding(file), marked=file.marked, imported=file.written,
        matched=file.matched, rejected=len(file.rejects) + len(file.contradicted),
        decisions=outcome.decisions,
        said=export.describe(), notes=tuple(notes),
    )  # fmt: skip
