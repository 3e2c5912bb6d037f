"""The coding form as an Excel workbook: drop-downs, rules, help beside the cell, a page to read."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.formats.form_rules import MAX_FORMULA, missing_words, offered_words, rule_of
from review.formats.grid import letters
from review.schema.codebook import VariableType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from review.formats.form_rules import CellRule
    from review.schema.codebook import Variable

LISTS: Final = "lists"
READ_ME: Final = "read me"
# the last row that the rules hold for; text that stands below is read all the same
LAST_ROW: Final = 5000
# what Excel shows beside a cell
MAX_PROMPT: Final = 255
MAX_ERROR: Final = 225
MAX_PROMPT_TITLE: Final = 32
_TEXT: Final = "@"
_BLUE, _AMBER, _LIGHT = "FF1F4E79", "FFC55A11", "FFFFF2CC"
_NOT_IN_XML: Final = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


_RESULTS: Final = " --rows results"
_HOW_TO: Final = """\
Fill the sheet '{sheet}': one row per {row}. Leave the headings as they are.
Columns with an orange heading are required; what is missing in a row is coloured.
Write what the source says, with the digits that it prints (0.90, not 0.9). A decimal comma is fine.
Days are written 2020-12-31. Several words in one cell are separated by semicolons.
An empty cell says nothing. Write NR for what is not reported, NA for what does not apply.
Then 'review add{rows} --from FILE --dry-run' says what is wrong; without --dry-run, rows are added.
"""


@dataclass(frozen=True)
class FormColumn:
    """A column of the form.

    Attributes:
        heading: that `review add` takes for the variable.
        variable: what the column holds.
    """

    heading: str
    variable: Variable


def form_xlsx(sheet: str, title: str, columns: Sequence[FormColumn]) -> bytes:
    """Return the workbook of a form.

    Args:
        sheet: the name of the sheet that is filled, `studies` or `results`.
        title: of the review.
        columns: of the form.
    """
    from openpyxl import Workbook

    book = Workbook()
    form = book.active
    form.title = sheet
    guide = book.create_sheet(READ_ME)
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    _write(lists, 1, 1, "missing")
    marks = _list(lists, 1, missing_words())
    for index, column in enumerate(columns):
        words = offered_words(column.variable)
        place = ""
        if words:
            position = lists.max_column + 1
            _write(lists, 1, position, column.variable.name)
            place = _list(lists, position, words)
        _column(form, index, column, rule_of(column.variable, f"{letters(index)}2", place, marks))
    _required(form, columns)
    form.freeze_panes = "B2"
    _guide(guide, sheet, title, columns)
    return _bytes(book)


def _bytes(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _write(sheet: Worksheet, row: int, column: int, text: str) -> Any:
    """Put text into a cell as text, whatever it looks like."""
    cell = sheet.cell(row, column)
    cell.value = _NOT_IN_XML.sub("", text)
    if cell.value is not None:
        cell.data_type = "s"  # a help text may start with =
    cell.number_format = _TEXT
    return cell


def _list(sheet: Worksheet, column: int, words: Sequence[str]) -> str:
    """Write words below each other; return their range."""
    for row, word in enumerate(words, 2):
        _write(sheet, row, column, word)
    letter = letters(column - 1)
    return f"{sheet.title}!${letter}$2:${letter}${len(words) + 1}"


def _column(sheet: Worksheet, index: int, column: FormColumn, rule: CellRule) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    letter, variable = letters(index), column.variable
    head = _write(sheet, 1, index + 1, column.heading)
    head.font = Font(bold=True, color="FFFFFFFF")
    head.fill = PatternFill("solid", start_color=_AMBER if variable.required else _BLUE)
    head.alignment = Alignment(wrap_text=True, vertical="center")
    wide = variable.type is VariableType.TEXT and variable.name in {"title", "note", "venue"}
    sheet.column_dimensions[letter].width = 40 if wide else max(12, min(28, len(column.heading)))
    sheet.column_dimensions[letter].number_format = _TEXT
    if len(rule.formula) > MAX_FORMULA:
        raise AssertionError(f"the rule of {variable.name} is too long for a spreadsheet")
    checked = DataValidation(
        type=rule.kind,
        formula1=rule.formula,
        allow_blank=True,
        showErrorMessage=True,  # without it, programs take any value
        errorStyle="stop" if rule.strict else "warning",
        errorTitle=_short(variable.title, MAX_PROMPT_TITLE),
        error=_short(f"This column takes {variable.allowed()}, or {_marks()}.", MAX_ERROR),
        showInputMessage=True,
        promptTitle=_short(variable.title, MAX_PROMPT_TITLE),
        prompt=_short(_prompt(variable), MAX_PROMPT),
    )
    checked.add(f"{letter}2:{letter}{LAST_ROW}")
    sheet.add_data_validation(checked)


def _marks() -> str:
    return "NR for what is not reported"


def _prompt(variable: Variable) -> str:
    parts = ["Required." if variable.required else "", variable.help, _takes(variable)]
    return " ".join(p for p in parts if p)


def _takes(variable: Variable) -> str:
    """Say what a cell takes; a drop-down shows its words itself."""
    if variable.type is VariableType.TEXT:
        return ""
    if variable.type is VariableType.CATEGORY and variable.vocabulary:
        return "Choose a word, or write another." if variable.open else "Choose a word."
    said = variable.allowed()
    return f"{said[:1].upper()}{said[1:]}."


def _short(text: str, most: int) -> str:
    """Return text on one line, cut to what a program shows; it counts in units of UTF-16."""
    tidy = _NOT_IN_XML.sub("", " ".join(text.split()))
    if len(tidy.encode("utf-16-le")) <= 2 * most:
        return tidy
    cut = tidy.encode("utf-16-le")[: 2 * (most - 4)]
    return cut.decode("utf-16-le", errors="ignore") + " ..."


def _required(sheet: Worksheet, columns: Sequence[FormColumn]) -> None:
    """Colour what is required and still empty in a row that was begun."""
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill

    last = letters(len(columns) - 1)
    fill = PatternFill("solid", start_color=_LIGHT, end_color=_LIGHT)
    for index, column in enumerate(columns):
        if column.variable.required:
            letter = letters(index)
            formula = f'AND(COUNTA($A2:${last}2)>0,TRIM({letter}2)="")'
            rule = FormulaRule(formula=[formula], fill=fill)
            sheet.conditional_formatting.add(f"{letter}2:{letter}{LAST_ROW}", rule)


def _guide(sheet: Worksheet, form: str, title: str, columns: Sequence[FormColumn]) -> None:
    from openpyxl.styles import Alignment, Font

    of_studies = form == "studies"
    text = _HOW_TO.format(
        sheet=form, row="study" if of_studies else "result", rows="" if of_studies else _RESULTS
    )
    lines = [title, *text.splitlines()]
    for row, line in enumerate(lines, 1):
        cell = _write(sheet, row, 1, line)
        cell.font = Font(bold=row == 1, size=14 if row == 1 else 11)
    start = len(lines) + 2
    heads = ("column", "variable", "required", "holds", "unit", "takes", "help")
    for position, head in enumerate(heads, 1):
        _write(sheet, start, position, head).font = Font(bold=True)
    for row, column in enumerate(columns, start + 1):
        v = column.variable
        cells = (
            column.heading, v.name, "yes" if v.required else "", v.type.value, v.unit,
            v.allowed(), v.help,
        )  # fmt: skip
        for position, text in enumerate(cells, 1):
            cell = _write(sheet, row, position, text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCDEFG", (28, 22, 10, 10, 12, 50, 60), strict=True):
        sheet.column_dimensions[letter].width = width
