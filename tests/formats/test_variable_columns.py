"""Columns of any sheet as the cells of the review's own tables."""

from __future__ import annotations

import pytest

from review.errors import DataError, InputError, UnknownNameError
from review.formats.compound_columns import compound_kind
from review.formats.headings import (
    Target,
    fold,
    match_headings,
    unit_of,
    unknown_headings,
    without_unit,
)
from review.formats.read_options import ReadOptions
from review.formats.reading import table_from_bytes
from review.formats.saved_mappings import save_mapping, saved_mapping
from review.formats.variable_columns import read_variables
from review.schema import Codebook, Variable

BOOK = Codebook(
    variable=[
        Variable(name="auc", type="number", minimum=0, maximum=1),
        Variable(name="female", type="number", unit="%", label="Women"),
        Variable(name="age", type="number", unit="years", label="Mean age"),
        Variable(name="age_sd", type="number"),
        Variable(name="n_patients", type="integer", minimum=1, label="Patients"),
        Variable(name="events", type="integer"),
        Variable(name="modality", type="category", vocabulary=["MRI", "CT", "X-ray"]),
        Variable(name="tools", type="list", vocabulary=["MRI", "CT", "PET"]),
        Variable(name="blinded", type="boolean"),
        Variable(name="published", type="date"),
        Variable(name="note", type="text"),
    ]
)
VARIABLES = {v.name: v for v in BOOK.variable} | {
    "year": Variable(name="year", type="integer", minimum=1500, maximum=2200)
}
TARGETS = [
    Target("study_id"), Target("first_author"), Target("year"), Target("title"),
    *[Target(v.name, v.label, v.unit) for v in BOOK.variable],
]  # fmt: skip


def rows(text, *, name="a.csv", **options):
    table = table_from_bytes(text.encode(), name, ReadOptions(**options))
    matches = match_headings(table, TARGETS)
    table.add(*matches.problems, *unknown_headings(table, matches, TARGETS))
    return table, read_variables(table, matches, VARIABLES)


def cells(variable, *texts, **options):
    """Read the cells of one column; return what they become, and the table."""
    body = "".join(f's{i};"{t}"\n' for i, t in enumerate(texts))
    table, found = rows(f"study_id;{variable}\n{body}", **options)
    return [row.get(variable, "") for row in found], table


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("auc", "93%", "0.93"),
        ("auc", "0,93", "0.93"),
        ("auc", "0.90", "0.90"),
        ("auc", "1e-3", "0.001"),
        ("female", "45%", "45"),
        ("female", "45.5", "45.5"),
        ("age", "54 years", "54"),
        ("n_patients", "1,234", "1234"),
        ("n_patients", "1\u202f234", "1234"),
        ("modality", "mri", "MRI"),
        ("modality", "X ray", "X-ray"),
        ("tools", "ct; MRI", "CT;MRI"),
        ("blinded", "Y", "yes"),
        ("blinded", "✗", "no"),
        ("published", "3 Feb 2019", "2019-02-03"),
        ("published", "25/12/2019", "2019-12-25"),
        ("note", "as is, NR", "as is, NR"),
        ("auc", "NR", "NR"),
        ("modality", "not reported", "not reported"),
    ],
)
def test_a_cell_becomes_what_the_own_table_holds(variable, text, expected):
    read, table = cells(variable, text)
    table.require()
    assert read == [expected]


@pytest.mark.parametrize(
    ("variable", "text", "message", "suggestion"),
    [
        ("auc", "93", "above the maximum", "0.93"),
        ("auc", "0.85-0.90", "a range (0.85 to 0.90), not one number", None),
        ("n_patients", "0", "below the minimum", None),
        ("n_patients", "~120", "an approximate number", "120"),
        ("modality", "MIR", "not a word of the vocabulary", "MRI"),
        ("tools", "CT, MRI", "not a word of the vocabulary", "CT;MRI"),
        ("blinded", "maybe", "neither yes nor no", None),
        ("published", "03/02/2019", "can be 2019-02-03 or 2019-03-02", None),
        ("published", "2019", "a year without its day", None),
    ],
)
def test_a_cell_that_the_codebook_does_not_allow_is_named(variable, text, message, suggestion):
    read, table = cells(variable, text)
    problem = table.problems[0]
    assert (problem.message, problem.suggestion) == (message, suggestion)
    assert (problem.file, problem.line, problem.column, problem.value) == (
        "a.csv", 2, variable, text
    )  # fmt: skip
    with pytest.raises(DataError):
        table.require()
    assert len(read) == 1


def test_every_suggestion_is_taken_on_request():
    text = "study_id;auc;n_patients;modality;tools\na;93;~120;MIR;CT, MRI\n"
    table, read = rows(text, fix=True)
    table.require()
    assert read == [
        {"study_id": "a", "auc": "0.93", "n_patients": "120", "modality": "MRI", "tools": "CT;MRI"}
    ]
    assert [line.split(" (")[0] for line in table.fixes] == [
        "changed line 2 'auc': '93' to '0.93'",
        "changed line 2 'n_patients': '~120' to '120'",
        "changed line 2 'modality': 'MIR' to 'MRI'",
        "changed line 2 'tools': 'CT, MRI' to 'CT;MRI'",
    ]


def test_other_spellings_of_the_vocabulary_are_said():
    _, table = cells("modality", "mri", "mri", "CT")
    assert table.notes == ["column 'modality': spelled as in the codebook: 'mri' -> 'MRI' (2)"]


def test_a_column_with_several_numbers_is_shared_out():
    table, read = rows(
        "study_id;Age, mean (SD);Events\na;54.2 (9.1);45/120\nb;NR;32 (26.7%)\n",
        mapping={"Age, mean (SD)": "age+age_sd", "Events": "events+n_patients"},
    )
    table.require()
    assert read == [
        {"study_id": "a", "age": "54.2", "age_sd": "9.1", "events": "45", "n_patients": "120"},
        {"study_id": "b", "events": "32"},
    ]


def test_author_and_year_in_one_column():
    table, read = rows(
        "study;auc\nKim et al., 2020;0.9\nvan der Berg (2019a);0.8\nLee & Park 2021;0.7\n",
        mapping={"study": "first_author+year"},
    )
    table.require()
    assert [(r["first_author"], r["year"]) for r in read] == [
        ("Kim", "2020"), ("van der Berg", "2019"), ("Lee & Park", "2021")
    ]  # fmt: skip
    table, _ = rows("study;auc\nKim;0.9\n", mapping={"study": "first_author+year"})
    assert table.problems[0].message == "no author and year"


def test_all_unknown_headings_are_one_problem_with_suggestions():
    table, _ = rows("study_id;modalty;Foo;Bar\na;CT;1;2\n")
    assert len(table.problems) == 1
    text = str(table.problems[0])
    assert "'modalty' (did you mean modality?), 'Foo', 'Bar'" in text
    assert "--map" in text


def test_a_column_can_be_left_out():
    table, read = rows("study_id;Foo\na;1\n", mapping={"foo": "-"})
    table.require()
    assert read == [{"study_id": "a"}]


def test_what_was_matched_how_is_said():
    table = table_from_bytes(
        b"Authors,YEAR,No. of patients,Mean age (y),AUC\nKim,2020,1,2,.9\n", "a"
    )
    matches = match_headings(table, TARGETS)
    assert [str(m) for m in matches.found] == [
        "'Authors' -> first_author (known synonym)",
        "'YEAR' -> year (name)",
        "'No. of patients' -> n_patients (name)",
        "'Mean age (y)' -> age (label, without '(y)')",
        "'AUC' -> auc (name)",
    ]
    assert matches.notes() == [f"headings: {matches.found[0]}, {matches.found[3]}"]


def test_the_number_of_a_row_is_no_sample_size():
    table = table_from_bytes(b"No.,auc\n1,.9\n", "a.csv")
    assert match_headings(table, [Target("n"), Target("auc")]).unknown == ["No."]


@pytest.mark.parametrize(
    ("one", "other"),
    [("N patients", "n_patients"), ("number of patients", "# Patients"), ("AUC", "a.u.c."),
     ("First  Author", "first_author"), ("Größe", "grosse"), ("F1-Score", "f1 score")],
)  # fmt: skip
def test_spellings_of_a_heading(one, other):
    assert fold(one) == fold(other)


def test_brackets_that_are_no_unit_stay():
    assert without_unit("AUC (external)") == "AUC (external)"
    assert without_unit("AUC (95% CI)") == "AUC"
    assert unit_of("Age [years]") == "years"


def test_mapping_names_that_do_not_exist():
    with pytest.raises(UnknownNameError, match="heading 'Foo'"):
        rows("study_id;auc\na;1\n", mapping={"Foo": "auc"})
    with pytest.raises(UnknownNameError, match=r"variable 'acu'.*did you mean 'auc'"):
        rows("study_id;AUC\na;1\n", mapping={"AUC": "acu"})
    with pytest.raises(InputError, match="do not tell how a cell is shared out"):
        compound_kind(["auc", "note"])


def test_a_mapping_is_kept_for_files_of_the_same_shape(tmp_path):
    headings = ["Who", "Größe (n)", 'A "quoted" one']
    mapping = {"Who": "first_author", "Größe (n)": "n_patients", 'A "quoted" one': "-"}
    assert saved_mapping(tmp_path, headings) == {}
    save_mapping(tmp_path, headings, mapping, note="extraction of 2024")
    assert saved_mapping(tmp_path, ["WHO", 'a "quoted" one', "Größe (N)"]) == {
        "WHO": "first_author", 'a "quoted" one': "-", "Größe (N)": "n_patients"
    }  # fmt: skip
    assert saved_mapping(tmp_path, [*headings, "More"]) == {}
    save_mapping(tmp_path, headings, {"Who": "title"})
    save_mapping(tmp_path, ["Other"], {"Other": "title"})
    assert saved_mapping(tmp_path, headings) == {"Who": "title"}
    assert (tmp_path / "mappings.toml").read_text().count("[[mapping]]") == 2


def test_a_saved_mapping_is_used_and_said():
    table = table_from_bytes(b"Who,Alter\nKim,54\n", "a.csv")
    matches = match_headings(table, TARGETS, {"Who": "first_author", "Alter": "age"})
    assert matches.headings == {"first_author": "Who", "age": "Alter"}
    assert matches.notes() == ["headings: 2 as saved in mappings.toml"]
