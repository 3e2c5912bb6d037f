"""Checks a whole review folder: every problem of every file, and what is there."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, suggest
from review.project.bounded import leads_out
from review.project.problems import Level, Problem
from review.project.row_checks import row_problems, slip_of
from review.project.table_columns import column_chunks
from review.project.table_relations import (
    adjudications,
    coded_twice,
    references,
    shares_above_one,
    two_minds,
    without_source,
)
from review.schema.certainty_file import NONE, RAISING
from review.schema.folder_files import (
    ADJUDICATION,
    CERTAINTY,
    DECISIONS,
    EXCLUDED,
    FILES,
    MAPPINGS_FILE,
    STUDIES,
    FolderFile,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from review.project.review import Review

MAX_ENTRIES: Final = 20_000  # of a folder that is looked through for links


@dataclass
class CheckReport:
    """What `check_review` found.

    Attributes:
        counts: rows per file.
        breakdown: studies per word of each category variable that plays a role.
        marks: how often each mark for a missing value (NR) stands in the table of studies.
        problems: errors and warnings in file order.
    """

    review: str
    title: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    breakdown: dict[str, dict[str, int]] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
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
            "marks": self.marks,
            "problems": [p.to_dict() for p in self.problems],
        }


def check_review(review: Review, *, this_year: int | None = None) -> CheckReport:
    """Return every problem in the files of a review, and the counts of what is there.

    Args:
        review: the review.
        this_year: later years of publication than the next cannot be right; None for today's.

    Example:
        >>> from review.project import open_review
        >>> check_review(open_review("wang2021")).counts["studies.csv"]
        89
    """
    return check_rows(review, this_year=this_year)[0]


def check_rows(
    review: Review, *, this_year: int | None = None
) -> tuple[CheckReport, dict[str, list[Any]]]:
    """Return what `check_review` does, and the rows of each table that were read for it."""
    report = CheckReport(review.name)
    rows: dict[str, list[Any]] = {}
    if not _settings(review, report):
        return report, rows
    year = dt.datetime.now(dt.UTC).year if this_year is None else this_year
    for name, file in _tables(review):
        rows[name], problems = review.read(name)
        report.problems += problems
        if not any(p.line == 1 and p.level == "error" for p in problems):
            told = {(p.line, p.column) for p in problems}
            more = row_problems(review, name, file, year)
            report.problems += [p for p in more if (p.line, p.column) not in told]
        report.counts[name] = len(rows[name])
        for column, where in file.references:
            report.problems += references(review, name, rows[name], column, where)
    studies = rows.get(STUDIES, [])
    report.problems += shares_above_one(review) if rows.get("results.csv") else []
    report.problems += without_source(studies)
    report.problems += coded_twice(studies, rows.get(EXCLUDED, []))
    report.problems += two_minds(review, rows.get(DECISIONS, []))
    if rows.get(ADJUDICATION):
        report.problems += adjudications(review)
    report.problems += _strangers(review)
    report.problems += _links(review, {p.file for p in report.problems})
    report.breakdown = _breakdown(review, studies)
    report.marks = _marks(review)
    return report, rows


def _settings(review: Review, report: CheckReport) -> bool:
    """Read the TOML files; return whether the tables can be read with them."""
    readable = True
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("review.toml", lambda: review.settings),
        ("codebook.toml", lambda: review.codebook),
        ("published.toml", lambda: review.published),
        (CERTAINTY, lambda: report.problems.extend(_certainty(review))),
        (MAPPINGS_FILE, lambda: report.problems.extend(_mappings(review))),
    ]
    for name, step in steps:
        try:
            step()
        except DataError as error:
            found = error.problems or [Problem(name, error.message)]
            report.problems += [p for p in found if p not in report.problems]
            readable = readable and name in {"published.toml", CERTAINTY, MAPPINGS_FILE}
    report.problems += _published_slips(review, report)
    if readable:
        report.title = review.settings.title
        report.problems += _roles(review)
    return readable


def _published_slips(review: Review, report: CheckReport) -> list[Problem]:
    """Return a warning for each entry of `published.toml` that is spelled almost like a known one.

    A paper may state anything, so that no entry is wrong; a misspelled one is not read.
    """
    name = "published.toml"
    if not review.has(name) or any(p.file == name for p in report.problems):
        return []
    facts = review.published
    found = []
    for place, part in (("", facts), ("source.", facts.source if facts else None)):
        if part is None:
            continue
        free = [f for f in type(part).model_fields if f not in part.model_fields_set]
        for entry in part.model_extra or {}:
            if close := slip_of(entry, free):
                message = "an entry of your own, which is not read"
                problem = Problem(
                    name, message, column=place + entry, suggestion=place + close, level="warning"
                )
                found.append(problem)
    return found


def _certainty(review: Review) -> list[Problem]:
    """Return a problem for each outcome without a `[[meta]]` analysis, and what is still open."""
    try:
        names = [m.name for m in review.settings.meta]
    except DataError:  # told already
        return []
    known = {name.casefold() for name in names}
    found = [
        Problem(
            CERTAINTY,
            "no [[meta]] analysis of review.toml has this name",
            column=f"outcome[{one.name}].name",
            value=one.name,
            allowed=", ".join(names) or "none: review.toml has no [[meta]] table",
            suggestion=next(iter(suggest(one.name, names, most=1)), None),
        )
        for one in review.certainty
        if one.name.casefold() not in known
    ]
    for one in review.certainty:
        for domain in RAISING:
            raised = one.judged(domain)
            if raised is not None and raised.judgement != NONE and one.starting == "high":
                message = f"{domain.replace('_', ' ')} raises evidence that starts high already"
                place = f"outcome[{one.name}].{domain}"
                found.append(Problem(CERTAINTY, message, column=place, level="warning"))
        if one.level is None:
            message = f"not judged yet: {', '.join(one.lacking)}"
            place = f"outcome[{one.name}]"
            found.append(Problem(CERTAINTY, message, column=place, level="warning"))
    return found


def _mappings(review: Review) -> list[Problem]:
    """Return a problem for each saved meaning of a heading that is no variable (any more)."""
    known = ["-", *review.columns]
    return [
        Problem(
            MAPPINGS_FILE,
            f"the heading {heading!r} is mapped to no variable of the codebook",
            value=name,
            suggestion=next(iter(suggest(name, known, most=1)), None),
        )
        for entry in review.mappings
        for heading, names in entry.map.items()
        for name in names.split("+")
        if name not in known
    ]


def _marks(review: Review) -> dict[str, int]:
    """Return how often each mark for a missing value stands in the table of studies."""
    if not review.has(STUDIES):
        return {}
    counts: Counter[str] = Counter()
    try:
        for chunk in column_chunks(review.file(STUDIES), STUDIES):
            for name, texts in chunk.columns().items():
                if name in review.codebook:
                    says = review.codebook[name].says_missing
                    for text, n in Counter(texts).items():
                        if says(text):
                            counts[text.strip()] += n
    except DataError:  # reported already
        return {}
    return dict(counts.most_common())


def _roles(review: Review) -> list[Problem]:
    """Return a problem for each role of a variable that the codebook does not have.

    As long as there is no study, nothing can use it: then it is a warning.
    """
    names = [
        (role, name)
        for role, value in review.settings.roles
        if role not in review.settings.roles.WORDS
        for name in ([value] if isinstance(value, str) else value)
    ]
    known = review.codebook.names
    level: Level = "error" if _has_rows(review, STUDIES) else "warning"
    return [
        Problem(
            "review.toml",
            "the codebook has no such variable",
            column=f"roles.{role}",
            value=name,
            allowed=", ".join(known),
            suggestion=next(iter(suggest(name, known, most=1)), None),
            level=level,
            remedy="name another variable, or take the role out",
        )
        for role, name in names
        if name and name not in known
    ]


def _has_rows(review: Review, name: str) -> bool:
    try:
        return review.has(name) and any(c.rows for c in column_chunks(review.file(name), name))
    except DataError:  # reported elsewhere
        return True


def _tables(review: Review) -> list[tuple[str, FolderFile]]:
    """Return the tables that the folder has, by the registry's order, each with its entry."""
    found = []
    for file in FILES:
        if not (file.is_table and file.model):
            continue
        names = [f"codings/{c}.csv" for c in review.coders] if "*" in file.name else [file.name]
        found += [(name, file) for name in names if review.has(name)]
    return found


def _strangers(review: Review) -> list[Problem]:
    """Name files that are called almost like one of a review: they are not read."""
    names = [f.name for f in FILES if "/" not in f.name]
    return [
        Problem(
            path.name,
            "no file of a review: it is not read",
            level="warning",
            suggestion=close[0],
        )
        for path in sorted(review.path.iterdir())
        if path.suffix in {".csv", ".toml"} and path.name not in names
        if (close := [n for n in suggest(path.name, names, most=1) if not review.has(n)])
    ]


def _links(review: Review, known: Container[str]) -> list[Problem]:
    """Return a note for each link that leads out of the folder: no command follows it."""
    found: list[Problem] = []
    if review.root is None:
        return found
    seen = 0
    for here, folders, names in os.walk(review.root):
        folders[:] = sorted(d for d in folders if not d.startswith("."))
        for name in sorted([*folders, *names]):
            path = Path(here, name)
            place = path.relative_to(review.root).as_posix()
            if path.is_symlink() and place not in known and leads_out(path, review.root):
                message = "the link leads out of the folder and is not followed"
                found.append(Problem(place, message, level="warning"))
        seen += len(names) + 1
        if seen > MAX_ENTRIES:  # a folder of pictures or the like: its links are of no use here
            break
    return found


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
