"""Puts a report together: results, sections, data block, page."""

from __future__ import annotations

import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from review.errors import InputError
from review.report.dates import report_date
from review.report.reader_text import for_readers
from review.report.results import Results
from review.report.sections import (
    CHANGES,
    LAST,
    ORDER,
    OWN_WORDS,
    belongs,
    build_section,
    parse_sections,
)
from review.words import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from review.project import Review
    from review.report.blocks import Section
    from review.report.changes_between import Changes


@dataclass(frozen=True)
class Report:
    """A report, ready to be written.

    Attributes:
        html: the whole file.
        sections: what it shows, in order.
        data: its machine-readable block.
        date: the day it carries, or "".
        changes: since the report or revision it was compared with, or None.
        left_out: modules and templates of the folder that were not used, since it is not trusted.
        lacking: titles of the sections that the review has no data for.
        remarks: what the authors should know and the readers need not.
    """

    html: bytes
    sections: tuple[Section, ...]
    data: dict[str, Any]
    date: str
    changes: Changes | None = None
    left_out: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def subtitle(self) -> str:
        """What stands below the title in formats without a page of their own."""
        day = f"; data as of {self.date}" if self.date else ""
        return f"Systematic review of {plural(len(self.data['studies']['rows']), 'study')}{day}"

    def to_dict(self) -> dict[str, Any]:
        """Return what the report holds, for JSON."""
        return {
            "title": self.data["title"],
            "date": self.date,
            "bytes": len(self.html),
            "studies": len(self.data["studies"]["rows"]),
            "sections": [
                {"name": s.name, "title": s.title, "has_data": s.has_data} for s in self.sections
            ],
            "changes": None if self.changes is None else self.changes.to_dict(),
            "left_out": list(self.left_out),
            "lacking": list(self.lacking),
            "remarks": list(self.remarks),
        }


def build_report(
    review: Review,
    *,
    sections: Iterable[str] = (),
    theme: str = "auto",
    date: str | None = None,
    compare: str | None = None,
    trust: bool | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Report:
    """Return the report of a review.

    Args:
        review: the review.
        sections: names of the sections wanted; all of them without any.
        theme: colours: `light`, `dark`, or `auto` as the reader's system.
        date: the day the report carries; by default the newest one in the data.
        compare: an older report file, or a git revision of the review folder.
        trust: whether modules (`analysis/`) and templates (`templates/`) of the folder may be
            used; None as the review was opened.
        progress: called with the section, its number and how many there are.

    Raises:
        UnknownNameError: no such section or theme.
        InputError: a wrong date, or no such report or revision.
        DataError: files of the review have problems, or a template is broken.

    Example:
        >>> from review.project import open_review
        >>> report = build_report(open_review("shtem2021"), sections=["protocol", "studies"])
        >>> [s.name for s in report.sections]
        ['protocol', 'studies']
    """
    from review.report.changes_between import compare as compare_with
    from review.report.changes_between import seen
    from review.report.render import render
    from review.report.snapshot import snapshot

    review = review.with_trust(trust)
    wanted = parse_sections(sections)
    day = report_date(review, date)
    before = None if compare is None else _older(compare, review)
    command = _command(review, wanted, theme=theme, date=date, compare=compare)
    results = Results(review, command=command, date=day)
    built = build_sections(results, wanted, progress=progress)
    shown = [s for s in built if s.has_data or s.planned or s.name in wanted]
    data = snapshot(review, shown, date=day)
    changes = None
    if before is not None:
        from review.report.sections.changes_section import build

        changes = compare_with(before, data)
        data["history"] = list(changes.history)
        if not wanted or CHANGES in wanted:
            shown = _after(shown, build(changes, seen(data)))
    html = render(review, shown, data, theme=theme, date=day, folded=not wanted)
    return Report(
        html, tuple(shown), data, day, changes, review.code.left_out,
        tuple(s.title for s in built if not (s.has_data or s.planned)),
        tuple(dict.fromkeys(f"{s.title}: {said}" for s in built for said in s.remarks)),
    )  # fmt: skip


def build_sections(
    results: Results,
    wanted: Sequence[str] = (),
    *,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Section]:
    """Return the sections in order; those about the others are built from what is shown."""
    chosen = [n for n in ORDER if n in wanted or (not wanted and belongs(n, results))]
    last = [n for n in LAST if not wanted or n in wanted]
    built: dict[str, Section] = {}
    for i, name in enumerate(chosen, start=1):
        if progress:
            progress(name, i, len(chosen) + len(last))
        section = build_section(name, results)
        built[name] = section if name in OWN_WORDS else for_readers(section)
    return [*built.values(), *_about(results, built, last)]


def _about(results: Results, built: Mapping[str, Section], last: Sequence[str]) -> list[Section]:
    from review.report.sections import (
        checklist_section,
        methods_section,
        provenance_section,
        references_section,
    )

    found: dict[str, Section] = dict(built)
    if "methods" in last:
        found["methods"] = for_readers(methods_section.build(results, list(built.values())))
    if "provenance" in last:
        found["provenance"] = provenance_section.build(results)
    if "checklist" in last:
        found["checklist"] = checklist_section.build(results, found)
    if "references" in last:
        found["references"] = references_section.build(results, list(found.values()))
    return [found[name] for name in last]


def _after(sections: Sequence[Section], changes: Section) -> list[Section]:
    """Put the changes behind summary and title."""
    at = sum(s.name in {"protocol", "summary"} for s in sections)
    return [*sections[:at], changes, *sections[at:]]


def _command(
    review: Review, wanted: Sequence[str], *, theme: str, date: str | None, compare: str | None
) -> str:
    """Return the command that makes this report; its file name is left to the reader."""
    parts = ["review", "report", "--review", review.name]
    if review.filter is not None:
        parts += ["--where", review.filter.text]
    for name in wanted:
        parts += ["--section", name]
    if theme != "auto":
        parts += ["--theme", theme]
    if date:
        parts += ["--date", date]
    if compare:
        parts += ["--compare", compare]
    return shlex.join(parts)


def _older(name: str, review: Review) -> dict[str, Any]:
    """Return the data block of an older state: a report file, or a git revision.

    Raises:
        InputError: neither a file nor a revision of the review folder.
        DataError: the file is no report, or the old review has problems.
    """
    from review.report.snapshot import read_snapshot

    path = Path(name)
    if path.is_file():
        return read_snapshot(path)
    if name.casefold().endswith((".html", ".htm")):
        raise InputError(f"--compare {name}: no such file")
    return _revision(name, review)


def _revision(revision: str, review: Review) -> dict[str, Any]:
    from review.project import Review as Opened
    from review.report.changes_between import COMPARED
    from review.report.revision import extract
    from review.report.snapshot import snapshot

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / review.name
        extract(review.path, revision, target)
        if not (target / "review.toml").is_file():
            raise InputError(f"--compare {revision}: there was no review in this folder then")
        before = Opened(target, trust=False)
        data = snapshot(before, build_sections(Results(before), COMPARED))
    return data | {"source": f"revision {revision}"}
