"""The registry of the files of a review folder: what each holds, its key, what it refers to.

Reading, `check`, the write guard and the documentation come from it, so that a file which is not
checked cannot be read, and no other file is ever written over.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import BaseModel

    from review.schema.codebook import Codebook

SETTINGS_FILE: Final = "review.toml"
STUDIES: Final = "studies.csv"
EXCLUDED: Final = "excluded.csv"
SEARCHES: Final = "searches.csv"
RECORDS: Final = "records.csv"
DUPLICATES: Final = "duplicates.csv"
IMPORTS: Final = "imports.csv"
REJECTS: Final = "rejects.csv"
DECISIONS: Final = "decisions.csv"
REPORTS: Final = "reports.csv"
MAPPINGS_FILE: Final = "mappings.toml"
CERTAINTY: Final = "certainty.toml"
ADJUDICATION: Final = "codings/adjudication.csv"
FOLDERS: Final = ("codings", "analysis", "templates", "tools")
# what the program and git keep there
LOCK_NAME: Final = ".review.lock"
STAGING: Final = ".review-changes"
HIDDEN: Final = (LOCK_NAME, STAGING, ".git", ".gitignore", ".gitattributes")


@dataclass(frozen=True)
class FolderFile:
    """One file of a review folder.

    Attributes:
        name: relative to the folder; a star stands for any name.
        holds: what a row or the file is, in words.
        model: module and name of the pydantic model of a row (or of a settings file), or of the
            function that makes it from the codebook; "" for files with checks of their own.
        key: the column that is unique, or None.
        references: column -> files in one of which its word must stand.
        own: where its rows are made, because they are what single persons answered; "" for what
            is the whole team's.
    """

    name: str
    holds: str
    model: str = ""
    key: str | None = None
    references: tuple[tuple[str, tuple[str, ...]], ...] = ()
    own: str = ""

    @property
    def is_table(self) -> bool:
        """Whether it is a CSV table."""
        return self.name.endswith(".csv")

    @property
    def follows_codebook(self) -> bool:
        """Whether the codebook says which columns it has."""
        return bool(self.model) and not isinstance(self._found(), type)

    def columns(self, codebook: Codebook) -> list[str]:
        """Return the columns that the program gives a new table.

        Example:
            >>> from review.schema import Codebook
            >>> registered("codings/lee.csv").columns(Codebook())
            ['study_id']
        """
        return [c for c in self.row_model(codebook).model_fields if c not in _NOT_BY_HAND]

    def _found(self) -> Any:
        module, _, name = self.model.rpartition(".")
        return getattr(import_module(f"review.schema.{module}"), name)

    def row_model(self, codebook: Codebook) -> type[BaseModel]:
        """Return the model of a row, made from the codebook where it depends on it."""
        found = self._found()
        made: type[BaseModel] = found if isinstance(found, type) else _made(found, codebook)
        return made


def _made(maker: Callable[[Codebook], type[BaseModel]], codebook: Codebook) -> type[BaseModel]:
    return maker(codebook)


_NOT_BY_HAND: Final = ("coders",)  # how many coded a study is counted
_EITHER: Final = (STUDIES, EXCLUDED)
FILES: Final[tuple[FolderFile, ...]] = (
    FolderFile(
        SETTINGS_FILE, "title, question, authors, roles, meta-analyses",
        "review_settings.ReviewSettings",
    ),
    FolderFile("codebook.toml", "the coding form", "codebook.Codebook"),
    FolderFile(
        "published.toml", "what a paper states, for the audit", "published_facts.PublishedFacts"
    ),
    FolderFile(STUDIES, "one row per study (consensus)", "study.study_model", "study_id"),
    FolderFile(EXCLUDED, "studies coded and then excluded", "study.ExcludedStudy", "study_id"),
    FolderFile(
        "results.csv", "one row per reported result", "reported_result.ReportedResult", None,
        (("study_id", (STUDIES,)),),
    ),
    FolderFile("datasets.csv", "data sets that the review lists", "dataset.Dataset", "name"),
    FolderFile(SEARCHES, "one row per search", "screening_rows.SearchRow"),
    FolderFile(RECORDS, "imported records", "screening_rows.RecordRow", "record_id"),
    FolderFile(IMPORTS, "one row per imported file", "screening_rows.ImportRow"),
    FolderFile(REJECTS, "what an import could not read", "screening_rows.RejectRow"),
    FolderFile(
        DUPLICATES, "which records repeat each other", "screening_rows.DuplicateRow", None,
        (("record_id", (RECORDS,)), ("other_id", (RECORDS,))),
        own="the page Records ('review dedupe')",
    ),
    FolderFile(
        DECISIONS, "screening decisions", "screening_rows.DecisionRow", None,
        (("record_id", (RECORDS,)),),
        own="the pages Screen and Disputes ('review screen')",
    ),
    FolderFile(
        REPORTS, "included reports and their studies", "screening_rows.ReportRow", "record_id",
        (("record_id", (RECORDS,)), ("study_id", _EITHER)),
    ),
    FolderFile(
        "weights.csv", "weights that the review gives", "screening_rows.WeightRow", "study_id",
        (("study_id", (STUDIES,)),),
    ),
    FolderFile(
        "codings/*.csv", "what one coder read", "coding.coding_model", "study_id",
        (("study_id", _EITHER),), own="the page Code ('review code')",
    ),
    FolderFile(
        ADJUDICATION, "how disagreements were settled", "coding.Adjudication", None,
        (("study_id", _EITHER),), own="the page Disagreements ('review adjudicate')",
    ),
    FolderFile(
        "risk_of_bias.csv", "judgements of the assessors",
        references=(("study_id", (STUDIES,)),), own="the page Risk of bias ('review rob')",
    ),
    FolderFile(CERTAINTY, "certainty of the evidence", "certainty_file.CertaintyFile"),
    FolderFile(
        MAPPINGS_FILE, "what the headings of sheets that are added mean", "heading_map.HeadingMaps"
    ),
    FolderFile(
        "log.csv", "every change of the folder", "change_log.LogRow",
        own="the program alone; 'review log' shows it",
    ),
)  # fmt: skip
_NAMES: Final = frozenset(file.name for file in FILES if "/" not in file.name) | {*HIDDEN}


def registered(name: str) -> FolderFile:
    """Return what is known of a file of a review folder.

    Raises:
        KeyError: it is none.

    Example:
        >>> registered("codings/lee.csv").holds, registered("studies.csv").key
        ('what one coder read', 'study_id')
    """
    for file in FILES:
        if file.name == name:
            return file
    folder, slash, rest = name.partition("/")
    if slash and "/" not in rest and rest.endswith(".csv"):
        return registered(f"{folder}/*.csv") if rest != "*.csv" else _unknown(name)
    return _unknown(name)


def _unknown(name: str) -> FolderFile:
    raise KeyError(f"{name} is no file of a review folder")


def belongs(parts: Sequence[str]) -> bool:
    """Tell whether a path below a review folder is a file of the review, there or not.

    Args:
        parts: the parts of the path relative to the folder.

    Example:
        >>> belongs(["Studies.CSV"]), belongs(["codings", "lee.csv"]), belongs(["out", "a.csv"])
        (True, True, False)
    """
    first, *below = spelled(parts) or ("",)
    if first in {"", *FOLDERS, STAGING, ".git"}:
        return True
    return not below and (first in _NAMES or first.endswith(".toml"))


def spelled(parts: Sequence[str]) -> tuple[str, ...]:
    """Return the parts of a path without what some file systems do not tell apart.

    That is letter case, and dots and blanks at the end of a name.

    Example:
        >>> spelled(["Codings", "LEE.csv. "])
        ('codings', 'lee.csv')
    """
    return tuple(part.casefold().rstrip(". ") for part in parts)
