"""A review as its users hold it: what they do with it, from checking to the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from review.errors import InputError
from review.project import Review as ReviewFolder
from review.project import open_review as open_folder
from review.schema.folder_files import STUDIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.project.folder_check import CheckReport
    from review.report import Report
    from review.schema.change_log import LoggedChange
    from review.schema.meta_settings import MetaSettings
    from review.workflow.audit import AuditReport
    from review.workflow.coding.add import Added
    from review.workflow.pooling.settings_run import AnyRun
    from review.workflow.records.export_records import ExportedRecords
    from review.workflow.records.import_records import ImportedFile


class Review(ReviewFolder):
    """A review: its tables (see the base class), and what is done with them.

    Example:
        >>> kim = open_review("kim2022")
        >>> kim.check().ok, kim.audit().failed[0].computation
        (True, '236 − 114 = 122, stated 121')
    """

    def check(self) -> CheckReport:
        """Check every file of the folder, and its numbers against each other.

        Returns:
            Every problem with its place; `ok` when there is no error. What may be right all the
            same, such as numbers that contradict each other, is a warning.
        """
        from review.workflow.whole_check import check_folder

        return check_folder(self)

    def add(
        self,
        studies: Mapping[str, Any] | Sequence[Mapping[str, Any]] | str | Path,
        *,
        allow_duplicate: bool = False,
        dry_run: bool = False,
    ) -> list[Added]:
        """Append studies to `studies.csv`: all of them, or none.

        Args:
            studies: one study or several, values by variable; or a file (CSV, Excel, OpenDocument,
                JSON, TOML), whose headings and cells are read as by `review add --from`.
            allow_duplicate: accept a study with a known DOI, PMID, or title and year.
            dry_run: check only.

        Raises:
            DataError: every problem, with its place; nothing was written.
            InputError: a bundled review, a filtered view, or no such file.

        Example:
            >>> import tempfile
            >>> from review.workflow.coding.init import init_review
            >>> with tempfile.TemporaryDirectory() as name:
            ...     _ = init_review(Path(name) / "mine", source="wang2021", studies=True)
            ...     mine = open_review(Path(name) / "mine")
            ...     new = {"first_author": "Lee", "year": 2020, "title": "One more study"}
            ...     added = mine.add(new)
            ...     mine.study("lee2020more").title
            'One more study'
        """
        from review.formats.entries import FORMATS, entries_from, read_entries
        from review.formats.reading import read_sheet
        from review.workflow.coding.add import add_studies
        from review.workflow.pooling.table_entries import entries_of

        self._require_whole()
        if not isinstance(studies, str | Path):
            given = studies if hasattr(studies, "items") else list(studies)
            entries = entries_from("the studies given", given)
        elif Path(studies).suffix.lower() in FORMATS:
            entries = read_entries(Path(studies))
        else:
            entries = entries_of(self, read_sheet(Path(studies)))[0]
        added = add_studies(self, entries, allow_duplicate=allow_duplicate, dry_run=dry_run)
        self._forget()
        return added

    def import_records(
        self, *paths: str | Path, dry_run: bool = False, **settings: Any
    ) -> list[ImportedFile]:
        r"""Put the records of exports into `records.csv`; see `review import`.

        Args:
            paths: exports of databases, reference managers or screening tools.
            dry_run: read everything, write nothing.
            settings: source, kind, date, query, decision, stage, reviewer, again.

        Raises:
            InputError: a file is missing or was imported before, or a setting is wrong.
            DataError: a file is no export that can be read.

        Example:
            >>> import tempfile
            >>> from review.workflow.coding.init import init_review
            >>> with tempfile.TemporaryDirectory() as name:
            ...     _ = init_review(Path(name) / "mine")
            ...     export = Path(name) / "pubmed.txt"
            ...     _ = export.write_text("PMID- 1\nTI  - One\n\nPMID- 2\nTI  - Two\n")
            ...     mine = open_review(Path(name) / "mine")
            ...     done = mine.import_records(export, date="2026-03-01")
            ...     [record.title for record in mine.records], done[0].source
            (['One', 'Two'], 'PubMed')
        """
        from review.workflow.records.import_records import import_records, import_settings

        done = import_records(
            self, [Path(p) for p in paths], import_settings(settings), dry_run=dry_run
        )
        self._forget()
        return done

    def export_records(self, path: str | Path, **settings: Any) -> ExportedRecords:
        """Write the records as .ris, .bib, .json (CSL), .csv or .xlsx; see `review export`.

        Args:
            path: of the file.
            settings: decision, stage, everything.

        Raises:
            InputError: there are no records, or the file cannot be written.
        """
        from review.workflow.records.export_records import export_records

        return export_records(self, Path(path), **settings)

    def pool(self, name: str | None = None, **settings: Any) -> AnyRun:
        """Pool the results of the review.

        Args:
            name: of a `[[meta]]` table in review.toml.
            settings: what is pooled and how, with the names of the keys of `[[meta]]`; beside a
                name they replace what stands there.

        Returns:
            The model (`result`) with everything that belongs to it.

        Raises:
            UnknownNameError: no such analysis.
            InputError: a setting is wrong or does not fit.
            StatsError: the data do not allow the model.

        Example:
            >>> run = open_review("kim2022").pool(outcome="auc", method="REML")
            >>> run.result.method
            'REML'
        """
        from review.schema.meta_settings import settings_from
        from review.workflow.pooling.settings_run import named_settings, run_settings

        chosen: MetaSettings = settings_from(settings)
        if name is not None:
            chosen = named_settings(self, name).with_options(chosen)
        return run_settings(self, chosen)

    def audit(self) -> AuditReport:
        """Check the published facts and the coded data; see `review.audit`."""
        from review.workflow.audit import audit_review

        return audit_review(self)

    def report(self, **options: Any) -> Report:
        """Build the report; the options are those of `review.build_report`.

        Example:
            >>> report = open_review("shtem2021").report(sections=["protocol"])
            >>> report.html.startswith(b"<!doctype html>")
            True
        """
        from review.report import build_report

        return build_report(self, **options)

    def set_value(
        self,
        study_id: str,
        variable: str,
        value: Any,
        *,
        file: str = STUDIES,
        line: int | None = None,
        who: str = "",
    ) -> LoggedChange | None:
        """Set one cell: checked by the codebook, written with the log, or not at all.

        Args:
            study_id: of the row (or its record_id, or name).
            variable: the column.
            value: what it is to hold; None or "" for nothing, NR and the like with the reason.
            file: the table, such as `results.csv`.
            line: of the file, where several rows are of this study.
            who: makes the change; without it the login name is logged.

        Returns:
            The change as it was logged; None when the cell held the value already.

        Raises:
            UnknownNameError: no such study, variable or table; what is close is named.
            DataError: the value does not fit the variable.
            InputError: a bundled review or a filtered view, or several rows are meant.

        Example:
            >>> import tempfile
            >>> from pathlib import Path
            >>> from review.workflow.coding.init import init_review
            >>> with tempfile.TemporaryDirectory() as name:
            ...     _ = init_review(Path(name) / "mine", source="wang2021", studies=True)
            ...     mine = open_review(Path(name) / "mine")
            ...     ident = mine.studies[0].study_id
            ...     change = mine.set_value(ident, "year", 2019, who="Lee")
            ...     print(mine.study(ident).year, mine.log(study=ident)[-1].who)
            ...     _ = mine.undo(change.number)
            ...     print(mine.study(ident).year)
            2019 Lee
            2015
        """  # fmt: skip
        from review.project.set_cells import set_cells

        self._require_whole()
        change, _ = set_cells(self, study_id, {variable: value}, file=file, line=line, who=who)
        self._forget()
        return change

    def undo(self, change: int | None = None, *, who: str = "") -> LoggedChange:
        """Take a change back, exactly, unless what it changed was changed since.

        Args:
            change: its number in `log`; without it the last one that was not taken back.
            who: does it.

        Returns:
            The change that was taken back. Taking back is logged as a change too, and can be
            taken back in turn.

        Raises:
            InputError: there is no such change, or a later one stands in the way: every place is
                named with what stands there, and nothing is written.
            DataError: `log.csv` was damaged.

        Example: see `set_value`.
        """
        from review.project.take_back import take_back

        self._require_whole()
        done = take_back(self, change, who=who)
        self._forget()
        return done

    def _require_whole(self) -> None:
        if self.filter is not None:
            raise InputError("this view holds some of the studies only; change its `whole` review")

    def _forget(self) -> None:
        """Read the files anew when they are asked for: they have changed."""
        for name in [n for n in self.__dict__ if n not in {"path", "bundled", "trust", "filter"}]:
            del self.__dict__[name]


def open_review(where: str | Path | None = None, *, trust: bool | None = None) -> Review:
    """Open a review: a folder, a bundled review by name, or the one around the working folder.

    A change that was interrupted, by a power cut say, is completed or taken back first, with a
    `ReviewWarning` that says which.

    Args:
        where: a folder or the name of a bundled review.
        trust: whether Python modules (`analysis/`) and templates (`templates/`) that the folder
            brings may be used. None: where the user said so before, for the files as they are
            now. True and False hold for this object and are not remembered.

    Raises:
        UnknownNameError: neither a folder nor a bundled review.
        DataError: a folder without `review.toml`.
        InputError: a change of the review was interrupted and cannot be settled.

    Example:
        >>> open_review("wang2021").settings.title.startswith("A Review")
        True
    """
    folder = open_folder(where, trust=trust)
    return Review(folder.path, bundled=folder.bundled, trust=trust)
