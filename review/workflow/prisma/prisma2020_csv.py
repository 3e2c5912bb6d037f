"""The CSV file of the R package PRISMA2020 (Haddaway et al. 2022, Campbell Syst Rev 18:e1230).

One row per box, the number in the column `n`; lists are written `Name, 12; Name, 3`, so that a name
can hold neither a comma nor a semicolon there.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, InputError
from review.project import Problem
from review.project.csv_records import records
from review.schema.prisma_flow import BOXES, PrismaCounts

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER: Final = ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")
# name in the file, box there, node there, box here; "" for rows that are labels only
_ROWS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("NA", "node4", "prevstud", "Previous studies"),
    ("previous_studies", "node5", "box1", "previous_studies"),
    ("previous_reports", "NA", "box1", "previous_reports"),
    ("NA", "node6", "newstud", "Identification of new studies via databases and registers"),
    ("database_results", "node7", "box2", "databases"),
    ("database_specific_results", "NA", "box2", "sources:database"),
    ("register_results", "NA", "box2", "registers"),
    ("register_specific_results", "NA", "box2", "sources:register"),
    ("NA", "node16", "othstud", "Identification of new studies via other methods"),
    ("website_results", "node17", "box11", "websites"),
    ("organisation_results", "NA", "box11", "organisations"),
    ("citations_results", "NA", "box11", "citation_searching"),
    ("duplicates", "node8", "box3", "duplicates_removed"),
    ("excluded_automatic", "NA", "box3", "removed_automation"),
    ("excluded_other", "NA", "box3", "removed_other"),
    ("records_screened", "node9", "box4", "screened"),
    ("records_excluded", "node10", "box5", "excluded_at_screening"),
    ("dbr_sought_reports", "node11", "box6", "sought"),
    ("dbr_notretrieved_reports", "node12", "box7", "not_retrieved"),
    ("other_sought_reports", "node18", "box12", "other_sought"),
    ("other_notretrieved_reports", "node19", "box13", "other_not_retrieved"),
    ("dbr_assessed", "node13", "box8", "assessed_full_text"),
    ("dbr_excluded", "node14", "box9", "reasons"),
    ("other_assessed", "node20", "box14", "other_assessed"),
    ("other_excluded", "node21", "box15", "other_reasons"),
    ("new_studies", "node15", "box10", "included"),
    ("new_reports", "NA", "box10", "included_reports"),
    ("total_studies", "node22", "box16", "total_studies"),
    ("total_reports", "NA", "box16", "total_reports"),
    ("total_studies_ma", "NA", "box17", "in_meta_analysis"),
    ("total_reports_ma", "NA", "box17", "reports_in_meta_analysis"),
    ("identification", "node1", "identification", "Identification"),
    ("screening", "node2", "screening", "Screening"),
    ("included", "node3", "included", "Included"),
)
_BOX: Final = {name: box for name, _, _, box in _ROWS if name != "NA"}
_LABELS: Final = frozenset({"identification", "screening", "included", "NA", ""})
_TOTAL: Final = {"reasons": "excluded_at_full_text", "other_reasons": "other_excluded"}
_NO_TEMPLATE: Final = re.compile(r"Reason\d+, xxx", re.IGNORECASE)


def read_prisma2020(text: str, name: str) -> tuple[PrismaCounts, list[str]]:
    """Read the boxes of a file of the R package PRISMA2020.

    Args:
        text: of the file.
        name: of the file, for messages.

    Returns:
        The counts, and remarks on rows that hold nothing.

    Raises:
        DataError: it has no columns `data` and `n`, or a row cannot be read; lists every problem.
    """
    rows = [cells for _, cells, _ in records(text.removeprefix("\ufeff"), name)]
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    missing = [c for c in ("data", "n") if c not in header]
    if missing:
        raise _refused([Problem(name, "a column is missing", line=1, column=missing[0],
                                allowed="the columns of the PRISMA2020 template")])  # fmt: skip
    at_name, at_n = header.index("data"), header.index("n")
    found: dict[str, Any] = {"sources": []}
    problems: list[Problem] = []
    notes: list[str] = []
    for line, row in enumerate(rows[1:], start=2):
        if len(row) <= max(at_name, at_n):
            if any(cell.strip() for cell in row):
                problems.append(
                    Problem(name, f"{len(row)} cells, {len(header)} expected", line=line)
                )
            continue
        key, cell = row[at_name].strip(), row[at_n].strip()
        if key in _LABELS:
            continue
        if key not in _BOX:
            notes.append(f"{name}:{line}: row {key!r} is no box of PRISMA 2020; not read")
            continue
        if cell in {"", "NA"}:
            continue
        problems += _take(found, _BOX[key], cell, Problem(name, "", line=line, column="n"))
    if problems:
        raise _refused(problems)
    found["sources"] = tuple(found["sources"])
    return PrismaCounts(**found), notes


def _take(found: dict[str, Any], box: str, cell: str, at: Problem) -> list[Problem]:
    """Put the number or list of a cell into a box; return what is wrong with it."""
    kind = box.partition(":")[2]
    listed = kind or box in _TOTAL
    if listed and not cell.isdigit():
        if _NO_TEMPLATE.search(cell):  # the template's own placeholder
            return []
        parts, wrong = _list(cell, at)
        if kind:
            found["sources"] += [{"name": n, "records": k, "kind": kind} for n, k in parts]
        else:
            found[box] = tuple({"reason": n, "reports": k} for n, k in parts)
            found[_TOTAL[box]] = sum(k for _, k in parts)
        return wrong
    if not (cell.isascii() and cell.isdigit()):
        return [_wrong(at, cell, "a whole number, or empty")]
    found[_TOTAL.get(box, box)] = int(cell)
    return []


def _list(cell: str, at: Problem) -> tuple[list[tuple[str, int]], list[Problem]]:
    parts, wrong = [], []
    for item in filter(None, (part.strip() for part in cell.split(";"))):
        words, comma, number = item.rpartition(",")
        if comma and words.strip() and number.strip().isascii() and number.strip().isdigit():
            parts.append((words.strip(), int(number)))
        else:
            wrong.append(_wrong(at, item, "Name, 12; Name, 3"))
    return parts, wrong


def _wrong(at: Problem, value: str, allowed: str) -> Problem:
    return Problem(at.file, "not a count", line=at.line, column=at.column, value=value,
                   allowed=allowed)  # fmt: skip


def _refused(problems: list[Problem]) -> DataError:
    return DataError("\n".join(map(str, problems)), problems)


def write_prisma2020(counts: PrismaCounts) -> tuple[str, list[str]]:
    """Write the boxes as a file that the R package PRISMA2020 reads.

    Returns:
        The text, and remarks: what the format cannot hold, and how it was written.

    Raises:
        InputError: no box is known.
    """
    if not counts.counts() and not counts.sources:
        raise InputError("the flow has no counts to write")
    notes: list[str] = []
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for name, node, place, box in _ROWS:
        label = BOXES.get(box.partition(":")[0], box)
        if box in _TOTAL:
            label = BOXES[_TOTAL[box]]
        if ":" in box:
            label = f"{box.partition(':')[2]} by name".capitalize()
        is_label = name in _LABELS
        cell = "0" if is_label else _cell(counts, box, notes)
        writer.writerow([name, node, place, label, label, label, "", cell])
    if counts.screening_reasons:
        notes.append("reasons at screening have no place in this format and are left out")
    if counts.identified is not None and counts.databases is None:
        notes.append("records identified are written as those of databases")
    return out.getvalue(), notes


def _cell(counts: PrismaCounts, box: str, notes: list[str]) -> str:
    base, _, kind = box.partition(":")
    if kind:
        listed = [(s.name, s.records) for s in counts.sources if s.kind == kind]
        known = [(n, k) for n, k in listed if k is not None]
        return _joined(known, notes) if len(known) == len(listed) else "NA"
    if base in _TOTAL:
        reasons = [(r.reason, r.reports) for r in getattr(counts, base)]
        total = getattr(counts, _TOTAL[base])
        if not reasons and total is not None:
            reasons = [("Reason not stated", total)]
        return _joined(reasons, notes)
    value = getattr(counts, base)
    if value is None and base == "databases" and counts.registers is None:
        value = counts.identified
    return "NA" if value is None else str(value)


def _joined(parts: Iterable[tuple[str, int]], notes: list[str]) -> str:
    written = []
    for name, number in parts:
        plain = re.sub(r"\s*[,;]\s*", " ", name).strip()
        if plain != name:
            notes.append(f"{name!r} is written {plain!r}: a name can hold no comma or semicolon")
        written.append(f"{plain}, {number}")
    return "; ".join(written) or "NA"
