"""Any codebook makes a form that is read back as it was filled, whatever its labels are."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.formats.headings import Target, match_headings
from review.formats.reading import table_from_bytes
from review.formats.variable_columns import read_variables
from review.schema import Codebook, Variable
from review.schema.cell_types import CellError, clean_text
from review.schema.form_columns import study_variables
from review.workflow.coding.coding_form import CodingForm, _columns

# labels that repeat each other, identity columns, units and signs of files
PIECES = st.sampled_from([
    "Age", "age", "Year", "Title", "Study", "DOI", "n", "N patients", "(years)", "(%)", "[95% CI]",
    "AUC", "=1+1", "a, b", "a; b", "'", '"', "*", "2020", "-", "é", "Größe", "🧪", "\t", "x" * 90,
])  # fmt: skip
LABELS = st.lists(PIECES, min_size=1, max_size=3).map(" ".join)


def _is_word(word: str) -> bool:
    try:
        return clean_text(word) == word and ";" not in word
    except CellError:
        return False


WORDS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1,
            max_size=12).filter(_is_word),
    min_size=1, max_size=5, unique_by=str.casefold,
)  # fmt: skip
VALUES = {
    "text": ["plain", "0012", "1-2", "a, b"], "number": ["0.90", "-3.5", "12"],
    "integer": ["7", "1200"], "boolean": ["yes", "no"], "date": ["2020-12-31"],
}  # fmt: skip


@st.composite
def codebooks(draw):
    variables, row = [], {}
    for i in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from([*VALUES, "category", "list"]))
        words = draw(WORDS) if kind in {"category", "list"} else []
        variables.append(
            Variable(
                name=f"v{i}",
                type=kind,
                label=draw(LABELS),
                help=draw(LABELS),
                vocabulary=words,
                unit=draw(st.sampled_from(["", "years", "%", "mg"])),
                required=draw(st.booleans()),
            )
        )
        chosen = words[: draw(st.integers(1, 2))] if kind == "list" else words[:1]
        row[f"v{i}"] = ";".join(chosen) if words else draw(st.sampled_from(VALUES[kind]))
    return Codebook(variable=variables), row


@settings(max_examples=60)
@given(codebooks())
def test_any_form_is_read_as_it_was_filled(made):
    codebook, row = made
    variables = study_variables(codebook)
    form = CodingForm("studies", "Any", _columns(variables))
    book = openpyxl.load_workbook(io.BytesIO(form.xlsx()))
    row = row | {"first_author": "Lee", "year": "2020", "title": "A title"}
    for position, column in enumerate(form.columns, 1):
        if column.variable.name in row:
            cell = book["studies"].cell(2, position)
            cell.value, cell.data_type = row[column.variable.name], "s"
    buffer = io.BytesIO()
    book.save(buffer)
    table = table_from_bytes(buffer.getvalue(), "form.xlsx", prefer="studies")
    matches = match_headings(table, [Target(v.name, v.label, v.unit) for v in variables])
    assert (matches.unknown, matches.problems) == ([], [])
    read = read_variables(table, matches, {v.name: v for v in codebook.variable})
    table.require()
    assert read == [row]


@pytest.mark.parametrize("count", [300])
def test_a_long_form_is_made(count):
    book = Codebook(variable=[
        Variable(name=f"v{i}", type="category", label=f"Label {i % 7}",
                 vocabulary=[f"word {j}" for j in range(40)]) for i in range(count)
    ])  # fmt: skip
    form = CodingForm("studies", "Long", _columns(study_variables(book)))
    assert len({c.heading for c in form.columns}) == count + 9
    assert openpyxl.load_workbook(io.BytesIO(form.xlsx()))["lists"].max_column == count + 1
