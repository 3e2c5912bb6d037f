"""The coding form of a review, made from its codebook: for spreadsheets, CSV and JSON Schema."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from review.errors import UnknownNameError
from review.formats.form_schema import form_schema
from review.formats.form_workbook import FormColumn, form_xlsx
from review.formats.headings import Target, match_headings, without_unit
from review.formats.read_options import ReadOptions
from review.formats.reading import table_from_bytes
from review.schema.form_columns import result_variables, study_variables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project.review import Review
    from review.schema import Variable

FormRows = Literal["studies", "results"]
ROWS: Final = ("studies", "results")


@dataclass(frozen=True)
class CodingForm:
    """The form of a review.

    Attributes:
        rows: what a row is: `studies` or `results`.
        title: of the review.
        columns: with their headings.
    """

    rows: FormRows
    title: str
    columns: tuple[FormColumn, ...]

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What the columns hold."""
        return tuple(c.variable for c in self.columns)

    def xlsx(self) -> bytes:
        """Return the form as an Excel workbook with drop-downs and rules."""
        return form_xlsx(self.rows, self.title, self.columns)

    def csv(self) -> bytes:
        """Return the headings as CSV, with the mark by which Excel knows UTF-8."""
        return b"\xef\xbb\xbf" + _csv([c.heading for c in self.columns])

    def json_schema(self) -> bytes:
        """Return the form as JSON Schema (draft 2020-12)."""
        schema = form_schema(f"{self.title}: {self.rows}", self.variables)
        return (json.dumps(schema, indent=2, ensure_ascii=False) + "\n").encode()


def coding_form(review: Review, rows: str = "studies") -> CodingForm:
    """Return the form in which coders write down studies, or the results of studies.

    Args:
        review: its codebook says what a column holds.
        rows: what a row is.

    Raises:
        UnknownNameError: no such rows.
        DataError: the codebook or the settings have problems.

    Example:
        >>> from review.project import open_review
        >>> form = coding_form(open_review("kim2022"))
        >>> [c.heading for c in form.columns][:3]
        ['Study ID', 'First author', 'Year']
    """
    title = review.settings.title
    if rows == "studies":
        return CodingForm("studies", title, _columns(study_variables(review.codebook)))
    if rows == "results":
        ids = [s.study_id for s in review.studies]
        return CodingForm("results", title, _columns(result_variables(ids)))
    raise UnknownNameError("rows", rows, ROWS)


def _columns(variables: Sequence[Variable]) -> tuple[FormColumn, ...]:
    """Give each variable the plainest heading that `review add` takes for it, and for no other."""
    choices = [_headings(v) for v in variables]
    while True:
        headings = [c[0] for c in choices]
        meant = _meanings(headings, variables)
        wrong = [
            i
            for i, (c, v) in enumerate(zip(choices, variables, strict=True))
            if len(c) > 1 and meant.get(c[0]) != v.name
        ]
        if not wrong:
            return tuple(map(FormColumn, headings, variables))
        for i in wrong:
            choices[i].pop(0)


def _headings(variable: Variable) -> list[str]:
    """Return what a column can be called, the plainest first; its name is always understood."""
    title = " ".join(variable.title.split())
    title = title[:1].upper() + title[1:]
    with_unit = f"{title} ({variable.unit})"
    units = [with_unit] if variable.unit and without_unit(with_unit) == title else []
    return [*units, title, variable.name]


def _meanings(headings: Sequence[str], variables: Sequence[Variable]) -> dict[str, str]:
    """Return what a file with these headings would be read as: heading -> variable."""
    once = [h for h in headings if headings.count(h) == 1]
    words = ["word"] * len(once)
    table = table_from_bytes(_csv(once) + _csv(words), "form.csv", ReadOptions(delimiter=","))
    targets = [Target(v.name, v.label, v.unit) for v in variables]
    matches = match_headings(table, targets)
    return {m.heading: m.names[0] for m in matches.found if len(m.names) == 1}


def _csv(cells: Sequence[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue().encode()
