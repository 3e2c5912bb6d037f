"""A review folder on disk, read and validated on demand."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self

from review.errors import DataError, InputError
from review.project.bounded import read_bounded
from review.project.column_models import FEWEST_BYTES, models_by_columns
from review.project.csv_tables import RawTable, parse_table
from review.project.find import find_review
from review.project.folder_code import FolderCode, read_code
from review.project.lock import settle
from review.project.problems import Problem, raise_problems
from review.project.row_models import build_models, followed_columns
from review.project.table_columns import column_chunks
from review.project.toml_files import read_settings
from review.project.where import Where, compile_where
from review.schema import (
    IDENTITY_COLUMNS,
    Codebook,
    PublishedFacts,
    ReviewSettings,
    Study,
    Variable,
    study_model,
    variables_of,
)
from review.schema.certainty_file import CertaintyFile, OutcomeCertainty
from review.schema.folder_files import (
    ADJUDICATION,
    CERTAINTY,
    DUPLICATES,
    MAPPINGS_FILE,
    REPORTS,
    SETTINGS_FILE,
    registered,
)
from review.schema.heading_map import HeadingMap, HeadingMaps
from review.schema.study import with_letters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import pandas as pd
    from pydantic import BaseModel

    from review.schema import (
        Adjudication,
        Coding,
        Dataset,
        ExcludedStudy,
        ReportedResult,
    )
    from review.schema.change_log import LoggedChange
    from review.schema.screening_rows import (
        DecisionRow,
        DuplicateRow,
        ImportRow,
        RecordRow,
        ReportRow,
        SearchRow,
        WeightRow,
    )

Kind = Literal["studies", "results", "datasets", "excluded"]


class Review:
    """A review: its settings, codebook, studies, results, codings and published facts.

    Tables are read when first asked for; a table with problems raises a DataError that lists all.

    Attributes:
        path: the folder.
        bundled: opened by the name of a bundled review, hence read-only.
        filter: the filter whose studies this view holds, or None for all studies.
        trust: whether the folder's own modules and templates may be used; None for what the user
            said before.

    Example:
        >>> kim = open_review("kim2022")
        >>> len(kim.studies), kim.published.prisma.included
        (191, 121)
    """

    # whether it answers for longer than one command, so that what was read is worth keeping
    stays_open: bool = False
    codings_of_files: bool = True  # not those of sheets that were named on the way

    def __init__(self, path: Path, *, bundled: bool = False, trust: bool | None = None) -> None:
        self.path, self.bundled, self.trust = path, bundled, trust
        self.filter: Where | None = None

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.path.name

    @property
    def root(self) -> Path | None:
        """The folder that its files must lie in, whatever links there are.

        None for a bundled review, whose files a package manager may have linked.
        """
        return None if self.bundled else self.path

    @cached_property
    def code(self) -> FolderCode:
        """The modules and templates of the folder, used where the user trusts it."""
        return read_code(self.path, trust=self.trust, bundled=self.bundled)

    @cached_property
    def whole(self) -> Review:
        """The review without its filter."""
        return self

    def fresh(self) -> Review:
        """Return the review with nothing read yet: others may have written since it was opened."""
        return Review(self.path, bundled=self.bundled)

    def derived(
        self,
        name: str,  # noqa: ARG002
        files: Sequence[str],  # noqa: ARG002
        make: Callable[[], Any],
        again: Callable[[Any], Any] | None = None,  # noqa: ARG002
    ) -> Any:
        """Return what `make` makes of some files; a review that stays open may keep it.

        Args:
            name: of what is made; one name for one thing.
            files: that it comes from.
            make: makes it.
            again: makes it anew from what was made of the files as they were before, where that
                takes less.
        """
        return make()

    def with_trust(self, trust: bool | None) -> Self:
        """Return a view whose own modules and templates are used (True) or left out (False).

        None keeps what this view does.
        """
        if trust is None:
            return self
        view = copy.copy(self)
        view.trust = trust
        view.__dict__.pop("code", None)
        return view

    @cached_property
    def settings(self) -> ReviewSettings:
        """`review.toml`."""
        return read_settings(self.path / SETTINGS_FILE, ReviewSettings, root=self.root)

    @cached_property
    def codebook(self) -> Codebook:
        """`codebook.toml`; without one, an empty codebook."""
        path = self.path / "codebook.toml"
        if not path.exists():
            return Codebook()
        book = read_settings(path, Codebook, root=self.root)
        try:
            study_model(book)
        except ValueError as error:
            raise DataError(f"codebook.toml: {error}") from None
        return book

    @cached_property
    def published(self) -> PublishedFacts | None:
        """`published.toml`: what the paper of a reproduced review states, or None."""
        path = self.path / "published.toml"
        return read_settings(path, PublishedFacts, root=self.root) if path.exists() else None

    @cached_property
    def mappings(self) -> tuple[HeadingMap, ...]:
        """`mappings.toml`: what the headings of sheets mean; without one, nothing."""
        path = self.path / MAPPINGS_FILE
        return read_settings(path, HeadingMaps).mapping if path.exists() else ()

    @cached_property
    def certainty(self) -> tuple[OutcomeCertainty, ...]:
        """`certainty.toml`: how sure the evidence of each outcome is; without one, nothing."""
        path = self.path / CERTAINTY
        if not path.exists():
            return ()
        return read_settings(path, CertaintyFile, root=self.root).outcome

    @cached_property
    def study_model(self) -> type[Study]:
        """The model of a study: the identity columns and the codebook's variables."""
        return study_model(self.codebook)

    @cached_property
    def studies(self) -> list[Study]:
        """`studies.csv`, in file order; without one, no studies."""
        return with_letters(self.rows("studies.csv"))

    @cached_property
    def results(self) -> list[ReportedResult]:
        """`results.csv`, in file order."""
        return self.rows("results.csv")

    @cached_property
    def datasets(self) -> list[Dataset]:
        """`datasets.csv`, in file order."""
        return self.rows("datasets.csv")

    @cached_property
    def excluded(self) -> list[ExcludedStudy]:
        """`excluded.csv`, in file order."""
        return self.rows("excluded.csv")

    @cached_property
    def searches(self) -> list[SearchRow]:
        """`searches.csv`, in file order."""
        return self.rows("searches.csv")

    @cached_property
    def records(self) -> list[RecordRow]:
        """`records.csv`, in file order."""
        return self.rows("records.csv")

    @cached_property
    def duplicates(self) -> list[DuplicateRow]:
        """`duplicates.csv`, in file order."""
        return self.rows(DUPLICATES)

    @cached_property
    def imports(self) -> list[ImportRow]:
        """`imports.csv`, in file order."""
        return self.rows("imports.csv")

    @cached_property
    def decisions(self) -> list[DecisionRow]:
        """`decisions.csv`, in file order."""
        return self.rows("decisions.csv")

    @cached_property
    def report_links(self) -> list[ReportRow]:
        """`reports.csv`, in file order: the included reports and their studies."""
        return self.rows(REPORTS)

    @cached_property
    def weights(self) -> list[WeightRow]:
        """`weights.csv`, in file order."""
        return self.rows("weights.csv")

    @cached_property
    def codings(self) -> dict[str, list[Coding]]:
        """`codings/NAME.csv` under NAME, in the order of the names."""
        return {n: self.rows(f"codings/{n}.csv") for n in self.coders}

    @cached_property
    def coders(self) -> list[str]:
        """The names of the coders that have a file."""
        found = sorted((self.path / "codings").glob("*.csv"))
        return [path.stem for path in found if f"codings/{path.name}" != ADJUDICATION]

    @cached_property
    def adjudications(self) -> list[Adjudication]:
        """`codings/adjudication.csv`, in file order."""
        return self.rows(ADJUDICATION)

    @property
    def columns(self) -> list[str]:
        """The columns of a study: identity first, then the codebook's variables."""
        return [*IDENTITY_COLUMNS, *self.codebook.names]

    @property
    def variables(self) -> list[Variable]:
        """The columns of a study with what they hold: identity first, then the codebook's."""
        return [*variables_of(Study), *self.codebook.variable]

    def table(self, name: str) -> RawTable:
        """Return a CSV file as it lies on disk."""
        return parse_table(self.file(name), name)

    def file(self, name: str) -> bytes:
        """Return the bytes of a file of the folder.

        Raises:
            DataError: it cannot be read, is too large, or is a link that leads out of the folder.
        """
        return read_bounded(self.path / name, name, root=self.root)

    def has(self, name: str) -> bool:
        """Whether the folder has a file."""
        return (self.path / name).exists()

    def read(self, name: str) -> tuple[list[Any], list[Problem]]:
        """Return the valid rows of a registered table, and every problem of the others."""
        file = registered(name)
        try:
            data = self.file(name)
            if len(data) > FEWEST_BYTES:
                model = file.row_model(self.codebook)
                found = models_by_columns(data, name, model, key=file.key)
                if found is not None:
                    return found
            table = parse_table(data, name)
        except DataError as error:
            return [], error.problems or [Problem(name, error.message)]
        _, differs = followed_columns(table, file, self.codebook)
        if differs:
            remedy = "the next command that writes the file sets them"
            return [], [Problem(name, differs, line=1, level="warning", remedy=remedy)]
        return build_models(table, file.row_model(self.codebook), key=file.key)

    def rows(self, name: str) -> list[Any]:
        """Return the rows of a registered table; none when the folder does not have it.

        Raises:
            DataError: it has problems; all are listed.
        """
        if not self.has(name):
            return []
        built, problems = self.read(name)
        raise_problems(problems, what=str(self.path / name))
        return built

    def where(self, expression: str | None) -> Self:
        """Return a view that holds only the studies (and their results) that fit a filter.

        Raises:
            InputError: not a filter expression, or no study fits it.
        """
        if not expression:
            return self
        test = compile_where(expression, self.variables)
        view = copy.copy(self)
        view.filter, view.whole = test, self.whole
        view.studies = [s for s in self.studies if test(s)]
        if not view.studies:
            raise InputError(f"no study fits the filter {expression!r} (of {len(self.studies)})")
        kept = {s.study_id for s in view.studies}
        view.results = [r for r in self.results if r.study_id in kept]
        return view

    def holding(self, rows: dict[str, list[Any]]) -> Self:
        """Return a view whose tables are those given, which were read from it just now.

        Args:
            rows: file -> the rows of a table without problems.
        """
        view = copy.copy(self)
        view.__dict__ |= {"whole": view}
        view.__dict__ |= {name.removesuffix(".csv"): found for name, found in rows.items()}
        return view

    def lines(self, name: str, rows: int) -> Sequence[int]:
        """Return the lines on which the rows of a table start.

        Args:
            name: of the table.
            rows: how many it has.

        Raises:
            DataError: the table cannot be read.
        """
        data = self.file(name)
        if data.count(b"\n") + (not data.endswith(b"\n")) == rows + 1:  # none is blank or longer
            return range(2, rows + 2)
        return [line for c in column_chunks(data, name) for line in c.lines]

    def require_writable(self) -> None:
        """Refuse to change a bundled review.

        Raises:
            InputError: the review was addressed by the name of a bundled one.
        """
        if self.bundled:
            raise InputError(
                f"the bundled review {self.name!r} is read-only: 'review init DIR' makes a review "
                f"of your own, 'review init DIR --from {self.name}' a copy of this one; work "
                "there, or name it with --review"
            )

    def frame(self, kind: Kind = "studies") -> pd.DataFrame:
        """Return a table as a data frame: numbers as float (missing NaN), text as object.

        Words of list variables are joined with `;`.
        """
        from review.project.frames import to_frame

        return to_frame(self, kind)

    def study(self, study_id: str) -> Study:
        """Return one study.

        Raises:
            UnknownNameError: there is no such study.
        """
        from review.errors import UnknownNameError

        for study in self.studies:
            if study.study_id.casefold() == study_id.casefold():
                return study
        raise UnknownNameError("study", study_id, [s.study_id for s in self.studies])

    def log(
        self, *, study: str | None = None, file: str | None = None, last: int | None = None
    ) -> list[LoggedChange]:
        """Return what was changed in the folder by this program, the oldest change first.

        Args:
            study: only what concerns this study_id (or other key of a row).
            file: only what concerns this file, such as `results.csv`.
            last: only the newest ones.

        Raises:
            DataError: `log.csv` was damaged; every problem is listed.
            UnknownNameError: there is no such study or file.

        Example:
            >>> open_review("kim2022").log()
            []
        """
        from review.project.change_history import read_history, require_known, select_history

        history = read_history(self)
        require_known(self, history, study=study, file=file)
        return select_history(history, study=study, file=file, last=last)


def open_review(where: str | Path | None = None, *, trust: bool | None = None) -> Review:
    """Open the folder of a review, for the engine; users get more: `review.open_review`.

    Args:
        where: see there.
        trust: see there.

    Raises:
        UnknownNameError, DataError, InputError: see there.
    """
    path, bundled = find_review(where)
    if not bundled:
        settle(path)
    return Review(path, bundled=bundled, trust=trust)


def model_values(item: BaseModel) -> dict[str, Any]:
    """Return the values of a row in column order."""
    return {name: getattr(item, name) for name in type(item).model_fields}
