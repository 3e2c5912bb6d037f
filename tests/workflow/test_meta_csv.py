"""What enters a meta-analysis from a CSV file, and what is refused with file and line."""

from __future__ import annotations

import math

import pytest

from review.errors import DataError, InputError, ReviewError, UnknownNameError
from review.formats.read_options import ReadOptions
from review.workflow.pooling.csv_input import from_csv

EFFECTS = {"yi": "yi", "vi": "vi"}


@pytest.fixture(name="file")
def _file(tmp_path):
    def write(text, name="data.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def test_effects_labels_types_and_links(file):
    rows = from_csv(
        file(
            "study,yi,vi,year,arm,doi\n"
            "A,0.1,0.04,2001,x,10.1234/a\n"
            "A,NA,0.05,,y,\n"
            "\n"
            "C,-3e-1,.06,2003,,https://x.org/c\n"
        ),
        columns=EFFECTS,
    )
    assert rows.columns["yi"][0] == 0.1
    assert math.isnan(rows.columns["yi"][1])
    assert rows.columns["vi"] == [0.04, 0.05, 0.06]
    assert rows.labels == ["A (line 2)", "A (line 3)", "C"]
    assert rows.data["year"][0] == 2001.0
    assert math.isnan(rows.data["year"][1])
    assert rows.data["arm"] == ["x", "y", None]
    assert rows.links == ["https://doi.org/10.1234/a", None, "https://x.org/c"]
    assert (rows.title, rows.source, rows.measure) == ("data", "data.csv", None)


@pytest.mark.parametrize(
    ("header", "row", "label"),
    [
        ("trial,author,year,yi,vi", "7,Lee,1999,1,1", "Lee 1999"),
        ("trial,yi,vi", "7,1,1", "7"),
        ("STUDY,yi,vi", "Alpha,1,1", "Alpha"),
        ("x,yi,vi", "7,1,1", "row 2"),
        ("study,yi,vi", ",1,1", "row 2"),
    ],
)
def test_names_of_studies_are_found(file, header, row, label):
    assert from_csv(file(f"{header}\n{row}\n"), columns=EFFECTS).labels == [label]


def test_the_column_of_names_can_be_given(file):
    path = file("study,code,yi,vi\nA,x1,1,1\n")
    assert from_csv(path, columns=EFFECTS, labels="code").labels == ["x1"]


def test_columns_called_as_the_arguments_need_no_mapping(file):
    path = file("study,ai,n1i,ci,n2i\nA,4,20,8,20\nB,6,30,9,30\n")
    assert list(from_csv(path, measure="rr").columns) == ["ai", "ci", "n2i", "n1i"]
    assert list(from_csv(file("yi,vi\n1,1\n")).columns) == ["yi", "vi"]
    assert list(from_csv(file("yi,sei\n1,1\n"), measure="OR").columns) == ["yi", "sei"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("study,yi,vi\nA,abc,1\n", "data.csv:2: column 'yi': not a number: 'abc'"),
        ('study,yi,vi\nA,"0,4",1\nB,0.5,1\nC,0.6,1\n', "did you mean '0.4'"),
        ("study,yi,vi\nA,1,inf\n", "data.csv:2: column 'vi': not a number"),
        ("study,yi,vi\nA,5%,1\nB,0.5,1\n", "did you mean '0.05'"),
        ("study,yi,vi\nA,1\n", "data.csv:2"),
        ('study,yi,vi\nA,"1,1\n', "never closed"),
        ("study,yi,yi\nA,1,1\n", "column 'yi': 2 columns have this heading"),
        ("study,yi,vi\nA,1,1\nTotal,1,1\n", "data.csv:3: a row that sums up others"),
        ("", "empty"),
        (b"\xff\xfe\x00", "not UTF-16"),
    ],
)
def test_broken_files_are_named_with_the_line(file, text, said):
    with pytest.raises(DataError) as error:
        from_csv(file(text), columns=EFFECTS)
    assert said in str(error.value)


def test_files_of_other_programs_are_read(file):
    rows = from_csv(file("Studie;yi;vi\nMüller;0,5;1\n".encode("cp1252")), columns=EFFECTS)
    assert rows.columns == {"yi": [0.5], "vi": [1.0]}
    assert rows.notes[0] == "read data.csv: semicolon, decimal comma, Windows-1252, 1 row"


def test_all_columns_are_read_before_their_problems_are_raised(file):
    with pytest.raises(DataError) as error:
        from_csv(file("study,yi,vi\nA,abc,1\nB,1,def\n"), columns=EFFECTS)
    assert [(p.line, p.column) for p in error.value.problems] == [(2, "yi"), (3, "vi")]


def test_a_column_with_estimate_and_interval_is_shared_out(file):
    reading = ReadOptions(mapping={"OR (95% CI)": "est+ci_lb+ci_ub"})
    text = "study;OR (95% CI)\nA;1,18 (0,90-1,54)\nB;NR\n"
    rows = from_csv(file(text), measure="OR", reading=reading)
    assert {k: v[0] for k, v in rows.columns.items()} == {"est": 1.18, "ci_lb": 0.9, "ci_ub": 1.54}
    assert all(v[1] != v[1] for v in rows.columns.values())


def test_counts_may_group_their_thousands(file):
    text = 'study,ai,n1i,ci,n2i\nA,"1,234","10,000",900,"10,000"\n'
    rows = from_csv(file(text), measure="RR")
    assert rows.columns["ai"] == [1234.0]
    with pytest.raises(DataError, match=r"can be 1234 or 1\.234"):
        from_csv(file('study,yi,vi\nA,"1,234",1\n'), columns=EFFECTS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"columns": {"yi": "yi", "vi": "v"}}, "unknown column 'v' in data.csv; did you mean 'vi'"),
        ({"columns": EFFECTS, "labels": "studi"}, "did you mean 'study'"),
        ({"columns": {"yi": "yi"}}, "either --vi"),
        ({"columns": {"yi": "yi", "vi": "vi", "sei": "vi"}}, "not both"),
        ({"columns": {"vi": "vi"}}, "name their column with --yi"),
        ({"columns": {"ai": "yi"}}, "need --measure"),
        ({"columns": {"xi": "yi"}, "measure": "RR"}, "unknown argument 'xi' of RR"),
        ({"columns": EFFECTS | {"ai": "yi"}}, "unknown argument 'ai' beside effects"),
        ({"measure": "RRR"}, "unknown measure 'RRR'; did you mean 'RR'"),
        ({"measure": "SMD", "columns": {}}, None),
    ],
)
def test_columns_that_make_no_effect_are_refused(file, arguments, said):
    path = file("study,yi,vi\nA,1,1\n")
    if said is None:  # the file holds effects: the measure says what they are
        assert from_csv(path, **arguments).measure == "SMD"
        return
    with pytest.raises(InputError) as error:
        from_csv(path, **arguments)
    assert said in str(error.value)


def test_missing_files_headers_alone_and_foreign_columns(file, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        from_csv(tmp_path / "no.csv")
    with pytest.raises(InputError, match="is a folder"):
        from_csv(tmp_path)
    with pytest.raises(DataError, match="headings but no rows"):
        from_csv(file("yi,vi\n"))
    with pytest.raises(InputError, match="which columns hold the effects"):
        from_csv(file("a,b\n1,1\n"))
    with pytest.raises(InputError, match="no column that is called as RR needs it"):
        from_csv(file("a,b\n1,1\n"), measure="RR")
    assert issubclass(UnknownNameError, ReviewError)


@pytest.mark.parametrize(
    ("said", "options"),
    [
        ("--medians: about means", {"medians": "wan"}),
        ("--medians and --skewed: about means", {"medians": "wan", "skewed": "qe"}),
        ("--prefer: about rows that have an estimate", {"prefer": "estimate"}),
        ("--order is about the cumulative analysis", {"order": "year"}),
    ],
)
def test_options_about_what_no_row_has_are_refused(file, said, options):
    from review.schema.meta_settings import MetaSettings
    from review.workflow.pooling.settings_run import pool

    rows = from_csv(
        file("study,year,ai,n1i,ci,n2i\nA,2001,1,10,2,10\nB,2003,3,20,2,20\n"), measure="OR"
    )
    with pytest.raises(InputError, match=said):
        pool(rows, MetaSettings(**options))
