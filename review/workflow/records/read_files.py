"""One export of records, read into rows of `records.csv` that wait beside the folder.

Reading takes minutes for large exports; nobody is kept waiting for the lock meanwhile. The rows
stand in a file of their own until they are put into the review.
"""

from __future__ import annotations

import csv
import re
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final

from review.formats.bibliography.bib_record import COLUMNS, Rejected
from review.formats.bibliography.detected_format import DATABASES
from review.workflow.records.decision_columns import looks_like_decisions, undecided
from review.workflow.records.exported_decisions import SCREENING_TOOLS, votes_of
from review.workflow.records.known_records import own_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from review.formats.bibliography.bib_record import BibRecord
    from review.formats.bibliography.reading_exports import Export
    from review.workflow.records.decision_columns import LogReader
    from review.workflow.records.known_records import KnownRecords

RECORD_COLUMNS: Final = ("record_id", "source", "kind", "source_file", "line", *COLUMNS)
_TABLES: Final = frozenset({"CSV", "tab-delimited", "workbook", "table"})
_IN_MEMORY: Final = 20_000_000


@dataclass
class ReadFile:
    """An export whose records wait to be written.

    Attributes:
        export: what was read, and how.
        source: what was searched.
        prefix: of the identifiers of its records.
        decisions: rows of `decisions.csv`: record, stage, reviewer, decision, reason; and the line
            that each stands on.
        contradicted: decisions that others of this import contradict.
        rejects: what could not be read.
        matched: how many records the review had already.
        written: how many rows wait.
        log: reads columns of decisions, where the user has named some.
        words: what the user says that words of decisions mean.
        columns: heading of a table -> what its cells hold, where the user has named no decisions.
        open: reviewers who left records open ("maybe") -> how many.
    """

    export: Export
    source: str
    prefix: str
    decisions: list[tuple[str, str, str, str, str, int]] = field(default_factory=list)
    contradicted: list[Rejected] = field(default_factory=list)
    rejects: list[Rejected] = field(default_factory=list)
    matched: int = 0
    written: int = 0
    log: LogReader | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    columns: dict[str, Counter[str]] = field(default_factory=dict)
    open: Counter[str] = field(default_factory=Counter)
    _rows: IO[str] | None = None

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.export.source.name

    @property
    def marked(self) -> int:
        """How many records the export marks."""
        found = self.export.read + self.export.rejected
        return max(found, self.export.markers or 0) - self.export.uncounted

    def rows(self) -> Iterator[Sequence[str]]:
        """Yield the rows that wait, in the order of `RECORD_COLUMNS`."""
        if self._rows is None:
            return
        self._rows.seek(0)
        reader = csv.reader(self._rows)
        while True:
            csv.field_size_limit(50_000_000)
            row = next(reader, None)
            if row is None:
                return
            yield row

    def close(self) -> None:
        """Forget the rows."""
        if self._rows is not None:
            self._rows.close()

    def fill(
        self, *, kind: str, stage: str, decision: str, reviewer: str, known: KnownRecords | None
    ) -> None:
        """Read the export: each record becomes a row, or decisions on one that is there.

        Args:
            kind: of the source.
            stage: of the decisions.
            decision: of all records, "" when the export holds them.
            reviewer: of decisions without a name.
            known: the records of the review, for exports of screening tools.
        """
        self._rows = tempfile.SpooledTemporaryFile(  # noqa: SIM115  closed by `close`
            _IN_MEMORY, "w+", encoding="utf-8", newline=""
        )
        write: Any = csv.writer(self._rows, lineterminator="\n").writerow
        for number, item in enumerate(self.export, 1):
            if isinstance(item, Rejected):
                self.rejects.append(item)
                continue
            ident = known.find(item) if known is not None else None
            if ident is None and self._unknown(item):
                own = own_id(item)
                why = f"no record of records.csv has the record_id {own!r}, and the row no title"
                self.rejects.append(Rejected(item.line, why, own))
                continue
            if ident is None:
                ident = f"{self.prefix}-{number}"
                write(self._row(ident, kind, item))
                self.written += 1
                if self.log is not None and known is not None:
                    known.add(ident, item)
            else:
                self.matched += 1
            if self.log is not None:
                votes = self.log.votes(item)
            else:
                self._look(item)
                votes = votes_of(item, self.export.writer, decision=decision, reviewer=reviewer)
            votes, left = undecided(votes, self.words)
            self.open += left
            self.decisions += [
                (ident, vote.stage or stage, vote.reviewer, vote.decision, vote.reason, item.line)
                for vote in votes
            ]
        if self.log is not None:
            self.log.require_known(self.name)

    def _unknown(self, record: BibRecord) -> bool:
        """Whether a row names a record that is not there, and says no paper by itself."""
        if not record.bare or not own_id(record):
            return False
        said = any(getattr(record, name) for name in COLUMNS if name not in {"notes", "extra"})
        return self.log is not None or not said

    def _look(self, record: BibRecord) -> None:
        """Count short cells of columns that no field holds: they may be decisions."""
        if self.export.format not in _TABLES or self.export.writer in SCREENING_TOOLS:
            return
        for heading, text in record.extra:
            self.columns.setdefault(heading, Counter())[text if len(text) < 20 else ""] += 1

    def decision_headings(self) -> list[str]:
        """The columns of a table that hold decisions, as it looks, and were not named."""
        return [
            heading
            for heading, seen in self.columns.items()
            if looks_like_decisions(seen, seen.total())
        ]

    def _row(self, ident: str, kind: str, record: BibRecord) -> list[str]:
        cells = record.cells()
        start = [ident, self.source, kind, self.name, cells["line"]]
        return start + [cells.get(name, "") for name in COLUMNS]


def opened_file(export: Export, source: str | None, again: int) -> ReadFile:
    """Return an export that can be read; nothing of its records is read yet.

    Args:
        export: as it was opened.
        source: the name of what was searched; found out when it is not said.
        again: how often this file was imported before.
    """
    path = export.source.path
    name = (source or "").strip() or DATABASES.get(export.writer) or export.writer or path.stem
    slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:20].strip("-") or "record"
    repeat = f"r{again + 1}" if again else ""
    return ReadFile(export, name, f"{slug}-{export.source.sha256[:8]}{repeat}")


def holds_decisions(file: ReadFile, decision: str) -> bool:
    """Tell whether an export comes from screening, so that its records may be there already."""
    return bool(decision) or file.export.writer in SCREENING_TOOLS or file.log is not None
