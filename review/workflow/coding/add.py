"""Adds coded studies to a review: validated, never twice, whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.errors import DuplicateError, InputError, UnknownNameError
from review.project.duplicates import duplicate_index, duplicate_keys
from review.project.problems import Problem, raise_problems
from review.project.referring import files_that_refer
from review.project.row_models import build_row
from review.project.transaction import changes
from review.schema.cell_types import cell_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.formats.entries import Entry
    from review.project.review import Review
    from review.schema import Study

FILE = "studies.csv"
# scripts without blanks between words make one word of a whole title
_LONGEST_WORD: Final = 24


@dataclass(frozen=True)
class Added:
    """A study that was added, and the line of `studies.csv` that holds it."""

    study: Study
    line: int


def add_studies(
    review: Review,
    entries: Sequence[Entry],
    *,
    allow_duplicate: bool = False,
    dry_run: bool = False,
) -> list[Added]:
    """Append entries to `studies.csv`: all of them, or none.

    Args:
        review: a review that can be written to.
        entries: cells by column name, with the place they come from.
        allow_duplicate: accept a study with a known DOI, PMID, or title and year.
        dry_run: validate only.

    Raises:
        DataError: an entry does not fit the codebook; lists every problem.
        DuplicateError: a study is already there.
        InputError: the review is read-only.
    """
    review.require_writable()
    if not entries:
        raise InputError("there is nothing to add")
    with changes(review, command="add", dry_run=dry_run) as tx:
        model, known = tx.review.study_model, tx.review.columns
        table = tx.table(FILE, model, columns=[c for c in known if c != "coders"])
        problems: list[Problem] = []
        ids = {row.cells.get("study_id", "").strip().casefold() for row in table.rows}
        added: list[Added] = []
        index = duplicate_index(r.cells for r in table.rows) if not allow_duplicate else {}
        for entry in entries:
            known_columns(known, entry)
            cells = {k: v for k, v in entry.cells.items() if v.strip()}
            cells.setdefault("study_id", make_study_id(cells, ids))
            study, wrong = build_row(model, cells, name=entry.file, line=entry.line)
            problems += wrong
            if study is None:
                continue
            values = {c: cell_text(study.value(c)) for c in known}
            # a cell that says why it holds nothing (NR) keeps its mark
            values |= {c: t.strip() for c, t in cells.items() if c in values and not values[c]}
            problems += _clashes(values, entry, ids, index)
            ids.add(study.study_id.casefold())
            if not allow_duplicate:
                for key in duplicate_keys(values):
                    index.setdefault(key, study.study_id)
            table.add_columns([c for c, v in values.items() if v])
            added.append(Added(study, table.append(values).line))
        _refuse(problems)
    return added


def remove_study(review: Review, study_id: str) -> str:
    """Take a study out of `studies.csv`; return its row as text.

    Raises:
        UnknownNameError: there is no such study.
        InputError: other files still refer to it, or the review is read-only.
    """
    with changes(review, command="remove") as tx:
        table = tx.table(FILE, tx.review.study_model)
        wanted = study_id.strip().casefold()
        found = [r for r in table.rows if _ident(r.cells).casefold() == wanted]
        if not found:
            raise UnknownNameError("study", study_id, [_ident(r.cells) for r in table.rows])
        users = files_that_refer(tx.review, FILE, wanted)
        if users:
            raise InputError(
                f"{study_id} still has rows in {', '.join(users)}; take those out first"
            )
        row = found[-1]
        table.remove(row)
    return row.raw.rstrip("\r\n")


def _ident(cells: dict[str, str]) -> str:
    return cells.get("study_id", "").strip()


def make_study_id(cells: dict[str, str], taken: set[str]) -> str:
    """Return an identifier such as `lee2019breast`, not yet in `taken` (case folded).

    Example:
        >>> make_study_id({"first_author": "Lee", "year": "2019", "title": "Breast MRI"}, set())
        'lee2019breast'
        >>> make_study_id({"first_author": "Бобков", "year": "2020", "title": "深層学習"}, set())
        'bobkov2020shencengxuexi'
    """
    words = [_letters(w) for w in cells.get("title", "").split()]
    word = next((w for w in words if len(w) > 3), "")[:_LONGEST_WORD]
    stem = _letters(cells.get("first_author", "")) + cells.get("year", "").strip() + word
    stem = _letters(stem)[:80] or "study"
    ident, number = stem, 2
    while ident in taken:
        ident, number = f"{stem}_{number}", number + 1
    return ident


def _letters(text: str) -> str:
    """Return the Latin letters and digits of a text of any script."""
    from anyascii import anyascii

    return "".join(c for c in anyascii(text).casefold() if c.isalnum())


def known_columns(known: Sequence[str], entry: Entry) -> None:
    """Refuse an entry with columns that the table has not.

    Raises:
        UnknownNameError: it has one.
    """
    for column in entry.cells:
        if column not in known:
            place = f"in {entry.file}" if entry.file else ""
            raise UnknownNameError("column", column, known, where=place)


def _clashes(
    cells: dict[str, str], entry: Entry, ids: set[str], index: dict[tuple[str, str], str]
) -> list[Problem]:
    ident = cells["study_id"]
    if ident.casefold() in ids:
        return [
            Problem(
                entry.file,
                "the study_id is already there",
                line=entry.line,
                column="study_id",
                value=ident,
                allowed="another study_id, or none: it is made from author, year and title",
            )
        ]
    return [
        Problem(
            entry.file,
            f"duplicate: the same {key[0]} as {index[key]}",
            line=entry.line,
            study_id=ident,
            allowed="each study once (--allow-duplicate adds it all the same)",
        )
        for key in duplicate_keys(cells)
        if key in index
    ][:1]


def _refuse(problems: list[Problem]) -> None:
    duplicates = [p for p in problems if p.message.startswith("duplicate")]
    if duplicates and len(duplicates) == len(problems):
        text = "\n".join(map(str, duplicates))
        raise DuplicateError(f"nothing was added: {text}", duplicates)
    raise_problems(problems, what="nothing was added")
