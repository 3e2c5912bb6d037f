"""What one coder answers to the questions of the coding form, study by study: `codings/NAME.csv`.

Each answer is written at once, so that nothing is lost wherever a coder stops. An empty cell is an
open question; a cell that says why it holds nothing (NR) is an answer. Nothing here shows what
another coder has answered.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, UnknownNameError
from review.project.problems import raise_problems
from review.project.row_models import build_row
from review.project.set_cells import still_holds
from review.project.transaction import changes
from review.schema import coding_model
from review.schema.cell_types import CellError, cell_text, clean_text
from review.schema.codebook import VariableType
from review.schema.folder_files import ADJUDICATION
from review.schema.screening_rows import BY_RULE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.project import Review
    from review.schema import Variable

_FILE_NAME: Final = re.compile(r"[^\W_](?:[\w .'\u2019\-]{0,58}[\w\-])?")
_RESERVED: Final = frozenset({ADJUDICATION.rpartition("/")[2].removesuffix(".csv"), BY_RULE, "con",
                              "nul", "aux", "prn"})  # fmt: skip


def coder_named(review: Review, name: str) -> str:
    """Return the name of a coder as the file in `codings/` has it; a new one as it is given.

    Raises:
        InputError: no name is given, or it cannot be the name of a file.
    """
    try:
        given = " ".join((clean_text(name) or "").split())
    except CellError as error:
        raise InputError(f"--by: {error} (allowed: {error.allowed})") from None
    if not given:
        raise InputError("say who codes: --by NAME")
    there = next((c for c in review.coders if c.casefold() == given.casefold()), None)
    if there is not None:
        return there
    if given.casefold() in _RESERVED or not _FILE_NAME.fullmatch(given):
        raise InputError(
            f"--by {given!r} cannot be the name of a file in codings/: use letters, digits, "
            "blanks, '-', '_', '.' and apostrophes, at most 60, and no word that has a meaning of "
            "its own"
        )
    return given


def answers_of(review: Review, coder: str, study_id: str) -> dict[str, str]:
    """Return variable -> text of a coder's answers on a study; "" where the question is open.

    Raises:
        DataError: the coder's file cannot be read.
    """
    name = f"codings/{coder}.csv"
    found = dict.fromkeys(review.codebook.names, "")
    if not review.has(name):
        return found
    wanted = study_id.casefold()
    for row in review.table(name).rows:
        if row.cells.get("study_id", "").strip().casefold() == wanted:
            found |= {v: text.strip() for v, text in row.cells.items() if v in found}
    return found


def studies_left(review: Review, coder: str) -> list[str]:
    """Return the studies on which a coder has open questions, in the order of `studies.csv`.

    Raises:
        DataError: a table cannot be read.
    """
    name = f"codings/{coder}.csv"
    done = set()
    if review.has(name):
        for row in review.table(name).rows:
            cells = row.cells
            if all(cells.get(v, "").strip() for v in review.codebook.names):
                done.add(cells.get("study_id", "").strip().casefold())
    return [s.study_id for s in review.studies if s.study_id.casefold() not in done]


def coding_progress(review: Review) -> list[dict[str, Any]]:
    """Return a row for each study: study_id, title, and how many questions each coder answered.

    Raises:
        DataError: a table cannot be read.
    """
    total = len(review.codebook.names)
    coded = {c: {x.casefold(): n for x, n in _answered(review, c)} for c in review.coders}
    return [
        {
            "study_id": s.study_id, "title": s.title or "", "questions": total,
            "answered": {c: found.get(s.study_id.casefold(), 0) for c, found in coded.items()},
        }
        for s in review.studies
    ]  # fmt: skip


def _answered(review: Review, coder: str) -> list[tuple[str, int]]:
    return [
        (
            row.cells.get("study_id", "").strip(),
            sum(bool(row.cells.get(v, "").strip()) for v in review.codebook.names),
        )
        for row in review.table(f"codings/{coder}.csv").rows
    ]


def write_answers(
    review: Review,
    study_id: str,
    answers: Mapping[str, str],
    *,
    by: str,
    dry_run: bool = False,
    held: Mapping[str, str] | None = None,
) -> dict[str, tuple[str, str]]:
    """Write answers of a coder on one study: all of them, or none.

    Args:
        review: a review that can be written to.
        study_id: of a study of `studies.csv`; letter case does not matter.
        answers: variable -> text; "" opens the question again.
        by: the coder, whose file `codings/NAME.csv` it is.
        dry_run: check only.
        held: variable -> text that stood there when it was looked at; None where nobody looked.

    Returns:
        variable -> (text before, text now) of the answers that changed.

    Raises:
        UnknownNameError: there is no such study or variable.
        DataError: an answer does not fit the codebook; every problem is listed.
        InputError: the review is read-only, the name of the coder is none, or an answer is not
            what it was any more.
    """
    coder = coder_named(review, by)
    name = f"codings/{coder}.csv"
    with changes(review, command="code", who=coder, dry_run=dry_run) as tx:
        study = tx.review.study(study_id).study_id
        book = tx.review.codebook
        for variable in answers:
            if variable not in book:
                raise UnknownNameError("variable", variable, book.names)
        model = coding_model(book)
        meant = {v: taken_for(book[v], text) for v, text in answers.items()}
        if held is not None:
            still_holds(name, answers_of(tx.review, coder, study), held, meant)
        made, problems = build_row(model, {"study_id": study, **meant}, name=name, line=None)
        raise_problems(problems, what="nothing was written")
        # a cell that says why it holds nothing (NR) keeps its mark
        meant = {v: cell_text(getattr(made, v)) or text for v, text in meant.items()}
        if not any(meant.values()) and not tx.review.has(name):
            return {}
        table = tx.table(name, model, columns=["study_id", *book.names])
        table.add_columns([v for v, text in meant.items() if text])
        wanted = study.casefold()
        row = next(
            (r for r in table.rows if r.cells["study_id"].strip().casefold() == wanted), None
        )
        if row is None:
            if not any(meant.values()):
                return {}
            row = table.append({"study_id": study, **meant})
            return {v: ("", text) for v, text in meant.items() if text}
        changed = {}
        for variable, text in meant.items():
            before = row.cells.get(variable, "")
            if before != text:
                table.set(row, variable, text)
                changed[variable] = before, text
    return changed


def taken_for(variable: Variable, answer: str) -> str:
    """Return the text that an answer stands for.

    A number stands for the word at that place where the vocabulary is closed and has no numbers; a
    word in other letter case for that of the vocabulary.

    Example:
        >>> from review.schema import Variable
        >>> design = Variable(name="design", type="list", vocabulary=["cohort", "RCT"])
        >>> taken_for(design, "2; cohort"), taken_for(design, "rct"), taken_for(design, "3")
        ('RCT;cohort', 'RCT', '3')
    """
    text = answer.strip()
    words = variable.vocabulary
    if not words or variable.says_missing(text):
        return text
    if variable.type is VariableType.LIST:
        return ";".join(_word(variable, part.strip()) for part in text.split(";"))
    return _word(variable, text)


def _word(variable: Variable, text: str) -> str:
    words = variable.vocabulary
    if text in words:
        return text
    same = next((w for w in words if w.casefold() == text.casefold()), None)
    if same is not None:
        return same
    if numbered(variable) and text.isascii() and text.isdigit() and 0 < int(text) <= len(words):
        return words[int(text) - 1]
    return text


def numbered(variable: Variable) -> bool:
    """Tell whether the words of a variable may be answered by their number."""
    words = variable.vocabulary
    return bool(words) and not variable.open and not any(w[:1].isdigit() for w in words)
