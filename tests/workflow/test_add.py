from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.errors import DataError, DuplicateError, InputError, UnknownNameError
from review.formats.entries import Entry
from review.project import open_review
from review.schema.cell_types import cell_text
from review.schema.missing_marks import missing_reason
from review.workflow.coding.add import add_studies, make_study_id, remove_study


def entry(**cells):
    return Entry("test", None, cells)


def add(folder, **cells):
    return add_studies(open_review(folder), [entry(**cells)])


def test_an_added_study_is_appended_and_nothing_else_changes(kim_copy):
    before = (kim_copy / "studies.csv").read_bytes()
    added = add(kim_copy, first_author="Lee", year="2020", title="A, new study", auc="0.90")
    after = (kim_copy / "studies.csv").read_bytes()
    assert after.startswith(before)
    assert after[len(before) :].startswith(b'lee2020study,Lee,2020,"A, new study"')
    assert added[0].line == before.count(b"\n") + 1
    assert str(open_review(kim_copy).study("lee2020study").auc) == "0.90"


@pytest.mark.parametrize(
    "again",
    [
        {"doi": "10.1158/1078-0432.ccr-18-1115"},
        {"doi": "https://doi.org/10.1158/1078-0432.CCR-18-1115"},
        {
            "title": "deep learning to distinguish recalled but benign mammography images in "
            "breast cancer screening!",
            "year": "2018",
        },
    ],
)
def test_a_study_that_is_there_is_refused(kim_copy, again):
    before = (kim_copy / "studies.csv").read_bytes()
    with pytest.raises(DuplicateError, match="aboutalib2018recalled"):
        add(kim_copy, **again)
    assert (kim_copy / "studies.csv").read_bytes() == before
    add_studies(open_review(kim_copy), [entry(**again)], allow_duplicate=True)
    assert len(open_review(kim_copy).studies) == 192


def test_one_wrong_entry_of_many_adds_none(new_review):
    before = (new_review / "studies.csv").read_bytes()
    good, bad = entry(study_id="a", auc="0.9"), entry(study_id="b", auc="9.0", modality="MIR")
    with pytest.raises(DataError) as caught:
        add_studies(open_review(new_review), [good, bad])
    assert {p.column for p in caught.value.problems} == {"auc", "modality"}
    assert (new_review / "studies.csv").read_bytes() == before


def test_duplicates_within_one_batch_are_refused(new_review):
    twice = [entry(study_id="a", doi="10.1000/x"), entry(study_id="b", doi="10.1000/X")]
    with pytest.raises(DuplicateError):
        add_studies(open_review(new_review), twice)
    with pytest.raises(DataError, match="study_id is already there"):
        add_studies(open_review(new_review), [entry(study_id="a"), entry(study_id="A")])


def test_an_unknown_column_is_named(new_review):
    with pytest.raises(UnknownNameError, match="did you mean 'modality'"):
        add(new_review, modalty="MRI")


def test_a_bundled_review_is_read_only():
    with pytest.raises(InputError, match="read-only"):
        add_studies(open_review("kim2022"), [entry(study_id="x")])


def test_a_variable_that_the_file_lacks_becomes_a_column(new_review):
    (new_review / "studies.csv").write_bytes(b"study_id,title\r\na,one\r\n")
    add(new_review, study_id="b", auc="0.9")
    assert (
        new_review / "studies.csv"
    ).read_bytes() == b"study_id,title,auc\r\na,one,\r\nb,,0.9\r\n"


def test_removing_undoes_adding(kim_copy):
    before = (kim_copy / "studies.csv").read_bytes()
    add(kim_copy, study_id="x1", title="New")
    remove_study(open_review(kim_copy), "X1")
    assert (kim_copy / "studies.csv").read_bytes() == before
    with pytest.raises(InputError, match=r"codings/coder1\.csv"):
        remove_study(open_review(kim_copy), "abubakar2020burns")
    with pytest.raises(UnknownNameError):
        remove_study(open_review(kim_copy), "x1")


def test_identifiers_are_made_and_kept_apart():
    cells = {"first_author": "Toğaçar", "year": "2020", "title": "On the COVID-19 X-rays"}
    assert make_study_id(cells, set()) == "togacar2020covid19"
    assert make_study_id(cells, {"togacar2020covid19"}) == "togacar2020covid19_2"
    assert make_study_id({}, set()) == "study"


TEXT = (
    st.text(
        st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc")), min_size=1, max_size=40
    )
    .map(str.strip)
    .filter(lambda t: t and t[0] not in "=+-@" and missing_reason(t) is None)
)
SHARE = st.decimals(min_value=0, max_value=1, places=3, allow_nan=False)
CELLS = st.fixed_dictionaries(
    {"title": TEXT},
    optional={
        "first_author": TEXT,
        "venue": TEXT,
        "year": st.integers(1900, 2100).map(str),
        "modality": st.sampled_from(["CT", "MRI", "many"]),
        "subject": TEXT,
        "n_images": st.integers(1, 10**9).map(str),
        "auc": SHARE.map(str),
    },
)


@settings(max_examples=40)
@given(st.lists(CELLS, min_size=1, max_size=4))
def test_any_valid_study_is_read_as_it_was_written(new_review, studies):
    (new_review / "studies.csv").unlink(missing_ok=True)
    entries = [entry(study_id=f"s{i}", **cells) for i, cells in enumerate(studies)]
    add_studies(open_review(new_review), entries, allow_duplicate=True)
    read = open_review(new_review).studies
    assert len(read) == len(studies)
    for one, given_entry in zip(read, entries, strict=True):
        assert {k: cell_text(one.value(k)) for k in given_entry.cells} == given_entry.cells


def test_entries_come_from_every_format(new_review, tmp_path):
    from openpyxl import Workbook

    from review.formats.entries import FORMATS, read_entries
    from review.formats.reading import read_sheet
    from review.workflow.pooling.table_entries import entries_of

    (tmp_path / "e.csv").write_text("study_id,auc\nc1,0.90\n", encoding="utf-8")
    (tmp_path / "e.json").write_text(
        json.dumps([{"study_id": "j1", "n_images": 120, "title": None}]).replace(
            "]", ', {"study_id": "j2", "auc": 0.90}]'
        ),
        encoding="utf-8",
    )
    (tmp_path / "e.toml").write_text('[[study]]\nstudy_id = "t1"\nauc = 0.90\n', encoding="utf-8")
    book = Workbook()
    book.active.append(["study_id", "auc", "n_images"])
    book.active.append(["x1", 0.9, 120.0])
    book.save(tmp_path / "e.xlsx")
    for kind in (".csv", ".json", ".toml", ".xlsx"):
        mine, path = open_review(new_review), tmp_path / f"e{kind}"
        table = kind not in FORMATS
        found = entries_of(mine, read_sheet(path))[0] if table else read_entries(path)
        add_studies(mine, found)
    got = {s.study_id: (s.auc, s.n_images) for s in open_review(new_review).studies}
    assert [str(got[i][0]) for i in ("c1", "j2", "t1", "x1")] == ["0.90", "0.90", "0.90", "0.9"]
    assert (got["j1"][1], got["x1"][1]) == (120, 120)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("e.json", b'{"a": ', "broken JSON.*line|broken JSON"),
        ("e.json", b'{"auc": NaN}', "NaN is no number"),
        ("e.json", b"[1, 2]", "neither one study"),
        ("e.json", b'{"auc": {"x": 1}}', "nested value"),
        ("e.json", b"[" * 100_000, "broken JSON"),
        ("e.json", b"", "empty"),
        ("e.toml", b"a = ", "broken TOML"),
        ("e.toml", b"", "no entries"),
    ],
)
def test_broken_entries_are_refused(tmp_path, name, data, said):
    from review.errors import ReviewError
    from review.formats.entries import read_entries

    (tmp_path / name).write_bytes(data)
    with pytest.raises(ReviewError, match=said):
        read_entries(tmp_path / name)


def test_a_formula_in_a_workbook_is_refused(new_review, tmp_path):
    from openpyxl import Workbook

    from review.formats.reading import read_sheet
    from review.workflow.pooling.table_entries import entries_of

    book = Workbook()
    book.active.append(["study_id", "title"])
    book.active.append(["x1", "=1+1"])
    book.save(tmp_path / "e.xlsx")
    with pytest.raises(
        DataError, match=r"e\.xlsx \[Sheet\] B2: .*a formula without a stored value"
    ):
        entries_of(open_review(new_review), read_sheet(tmp_path / "e.xlsx"))


@pytest.mark.parametrize(
    ("author", "title", "ident"),
    [
        ("李伟", "深層学習による肺炎の検出", "liwei2020shencengxuexiniyorufeiya"),
        ("Бобков", "Платформенная занятость", "bobkov2020platformennaya"),
        ("김희은", "전이 학습", "gimhuieun2020jeoni"),
        ("Łukasz", "Ärzte", "lukasz2020arzte"),
        ("…", "?", "2020"),
    ],
)
def test_identifiers_of_every_script(author, title, ident):
    """Names and titles without Latin letters are spelled in them, so that identifiers differ."""
    cells = {"first_author": author, "year": "2020", "title": title}
    assert make_study_id(cells, set()) == ident
    assert make_study_id(cells, {ident}) != ident
