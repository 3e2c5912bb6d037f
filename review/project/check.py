"""Checks a whole review folder: every problem of every file, and what is there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from review.errors import DataError, suggest
from review.project.duplicates import duplicate_keys
from review.project.problems import Problem
from review.project.review import ADJUDICATION
from review.schema import (
    Adjudication,
    Dataset,
    ExcludedStudy,
    ReportedResult,
    coding_model,
)
from review.schema.cells import CellError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import BaseModel

    from review.project.review import Review


@dataclass
class CheckReport:
    """What `check_review` found.

    Attributes:
        counts: rows per file.
        breakdown: studies per word of each category variable that plays a role.
        problems: errors and warnings in file order.
    """

    review: str
    title: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    breakdown: dict[str, dict[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether there is no error (warnings are allowed)."""
        return not any(p.level == "error" for p in self.problems)

    def to_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "review": self.review,
            "title": self.title,
            "ok": self.ok,
            "counts": self.counts,
            "breakdown": self.breakdown,
            "problems": [p.to_dict() for p in self.problems],
        }


def check_review(review: Review) -> CheckReport:
    """Return every problem in the files of a review, and the counts of what is there.

    Example:
        >>> from review.project import open_review
        >>> check_review(open_review("wang2021")).counts["studies.csv"]
        89
    """
    report = CheckReport(review.name)
    if not _settings(review, report):
        return report
    studies = _table(review, report, "studies.csv", review.study_model)
    _table(review, report, "excluded.csv", ExcludedStudy)
    results = _table(review, report, "results.csv", ReportedResult, key=None)
    _table(review, report, "datasets.csv", Dataset, key="name")
    for name in ("searches.csv", "records.csv", "decisions.csv"):
        _form(review, report, name)
    known = _identifiers(review, "studies.csv")
    if known:
        report.problems += _references(review, "results.csv", results, known, "studies.csv")
    report.problems += _source_warnings(studies) + _duplicate_warnings(studies)
    either = known | _identifiers(review, "excluded.csv")
    for coder in review.coders:
        name = f"codings/{coder}.csv"
        codings = _table(review, report, name, coding_model(review.codebook))
        report.problems += _references(review, name, codings, either, "studies.csv or excluded.csv")
    _adjudications(review, report, either)
    report.breakdown = _breakdown(review, studies)
    return report


def _settings(review: Review, report: CheckReport) -> bool:
    """Read the TOML files; return whether the tables can be read with them."""
    readable = True
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("review.toml", lambda: review.settings),
        ("codebook.toml", lambda: review.codebook),
        ("published.toml", lambda: review.published),
    ]
    for name, step in steps:
        try:
            step()
        except DataError as error:
            report.problems += error.problems or [Problem(name, error.message)]
            readable = readable and name == "published.toml"
    if readable:
        report.title = review.settings.title
        report.problems += _roles(review)
    return readable


def _roles(review: Review) -> list[Problem]:
    names = [
        (role, name)
        for role, value in review.settings.roles
        if role not in review.settings.roles.WORDS
        for name in ([value] if isinstance(value, str) else value)
    ]
    known = review.codebook.names
    return [
        Problem(
            "review.toml",
            "the codebook has no such variable",
            column=f"roles.{role}",
            value=name,
            allowed=", ".join(known),
            suggestion=next(iter(suggest(name, known, most=1)), None),
        )
        for role, name in names
        if name and name not in known
    ]


def _table(
    review: Review,
    report: CheckReport,
    name: str,
    model: type[BaseModel],
    *,
    key: str | None = "study_id",
) -> list[Any]:
    if not (review.path / name).exists():
        return []
    built, problems = review.read(name, model, key=key)
    report.problems += problems
    report.counts[name] = len(built)
    return built


def _form(review: Review, report: CheckReport, name: str) -> None:
    """Check the form of a table whose columns depend on where it comes from."""
    if not (review.path / name).exists():
        return
    try:
        table = review.table(name)
    except DataError as error:
        report.problems += error.problems or [Problem(name, error.message)]
        return
    report.problems += table.problems
    report.counts[name] = len(table.rows)


def _identifiers(review: Review, name: str) -> set[str]:
    """Return the identifiers of a table, those of rows with problems too."""
    try:
        return {row.cells.get("study_id", "").strip() for row in review.table(name).rows} - {""}
    except DataError:  # missing, or reported by `_table` already
        return set()


def _references(
    review: Review, name: str, rows: Sequence[Any], known: set[str], where: str
) -> list[Problem]:
    """Return a problem for each row whose study_id stands in no other file."""
    unknown = {r.study_id for r in rows} - known
    if not unknown:
        return []
    return [
        Problem(
            name,
            f"no such study in {where}",
            line=row.line,
            column="study_id",
            value=row.cells["study_id"],
            suggestion=next(iter(suggest(row.cells["study_id"], known, most=1)), None),
        )
        for row in review.table(name).rows
        if row.cells.get("study_id", "").strip() in unknown
    ]


def _adjudications(review: Review, report: CheckReport, known: set[str]) -> None:
    name = f"codings/{ADJUDICATION}.csv"
    rows = _table(review, report, name, Adjudication, key=None)
    if not rows:
        return
    report.problems += _references(review, name, rows, known, "studies.csv or excluded.csv")
    for row in review.table(name).rows:
        variable = row.cells.get("variable", "").strip()
        if variable and variable not in review.codebook:
            report.problems.append(
                Problem(
                    name,
                    "the codebook has no such variable",
                    line=row.line,
                    column="variable",
                    value=variable,
                    suggestion=next(iter(suggest(variable, review.codebook.names, most=1)), None),
                )
            )
            continue
        try:
            if variable:
                review.codebook[variable].parse(row.cells.get("consensus"))
        except CellError as error:
            report.problems.append(
                Problem(
                    name,
                    str(error),
                    line=row.line,
                    column="consensus",
                    value=row.cells.get("consensus"),
                    allowed=error.allowed,
                    suggestion=error.suggestion,
                )
            )


def _source_warnings(studies: Sequence[Any]) -> list[Problem]:
    warnings = []
    for what, attribute in (
        ("no doi and no source_url: readers cannot find them", "link"),
        ("no evidence: what was read (abstract, full text) is not stated", "evidence"),
    ):
        lacking = [s.study_id for s in studies if not getattr(s, attribute)]
        if lacking:
            some = ", ".join(lacking[:3]) + (", ..." if len(lacking) > 3 else "")
            message = f"{len(lacking)} of {len(studies)} studies have {what} ({some})"
            warnings.append(Problem("studies.csv", message, level="warning"))
    return warnings


def _duplicate_warnings(studies: Sequence[Any]) -> list[Problem]:
    seen: dict[tuple[str, str], str] = {}
    warnings = []
    for study in studies:
        cells = {
            "doi": study.doi or "",
            "title": study.title or "",
            "year": "" if study.year is None else str(study.year),
        }
        for key in duplicate_keys(cells):
            if key in seen:
                message = f"the same {key[0]} as {seen[key]}: the same study twice?"
                warnings.append(
                    Problem("studies.csv", message, study_id=study.study_id, level="warning")
                )
                break
        for key in duplicate_keys(cells):
            seen.setdefault(key, study.study_id)
    return warnings


def _breakdown(review: Review, studies: Sequence[Any]) -> dict[str, dict[str, int]]:
    roles = review.settings.roles
    names = [roles.category, roles.subject, roles.modality, roles.backbone, roles.tl_type]
    found: dict[str, dict[str, int]] = {}
    for name in dict.fromkeys(n for n in names if n and n in review.codebook):
        counts = Counter(s.value(name) for s in studies)
        words = [w for w in review.codebook[name].vocabulary if w in counts]
        words += sorted({w for w in counts if w is not None} - set(words))
        found[name] = {w: counts[w] for w in words}
        if counts[None]:
            found[name]["not stated"] = counts[None]
    return found
