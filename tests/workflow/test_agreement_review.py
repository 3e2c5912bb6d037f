"""The coders of a review: kim2022 as documented, and coders that a test writes."""

from __future__ import annotations

import json

import pytest

from review.errors import InputError, UnknownNameError
from review.project import open_review
from review.workflow.agreement.coder_agreement import agreement

CODEBOOK = """
[[variable]]
name = "modality"
type = "category"
vocabulary = ["CT", "MRI", "PET"]
[[variable]]
name = "grade"
type = "category"
vocabulary = ["low", "middle", "high"]
ordered = true
[[variable]]
name = "nets"
type = "list"
open = true
[[variable]]
name = "n"
type = "integer"
[[variable]]
name = "note"
type = "text"
"""
HEADER = "study_id,modality,grade,nets,n,note\n"


@pytest.fixture(name="coded")
def _coded(tmp_path):
    """Return a function that writes coders and opens the review."""

    def coded(**coders):
        (tmp_path / "review.toml").write_text('title = "Generated"\n', encoding="utf-8")
        (tmp_path / "codebook.toml").write_text(CODEBOOK, encoding="utf-8")
        (tmp_path / "codings").mkdir(exist_ok=True)
        for name, rows in coders.items():
            text = HEADER + "".join(row + "\n" for row in rows)
            (tmp_path / "codings" / f"{name}.csv").write_text(text, encoding="utf-8")
        return open_review(tmp_path)

    return coded


@pytest.fixture(scope="module", name="kim")
def _kim():
    return agreement(open_review("kim2022"), n_boot=200)


@pytest.mark.parametrize(
    ("variable", "kappa"),
    [("backbone", 0.94), ("tl_type", 0.88), ("modality", 0.95), ("subject", 1.0)],
)
def test_the_documented_kappas_of_kim(kim, variable, kappa):
    """The data's description states them for the 105 shared studies; empty cells are a category."""
    found = next(v for v in kim.variables if v.name == variable)
    assert found.n_shared == 105
    assert round(found.measures["kappa_cells"].value, 2) == kappa
    assert found.measures["kappa_cells"].n == 105


def test_the_documented_agreement_on_numbers_of_kim(kim):
    """93 to 100 % equal, empty cells counted as equal values."""
    shares = [v.measures["percent_cells"].value for v in kim.variables if v.scale == "interval"]
    assert round(min(shares), 2) == 0.93
    assert max(shares) == 1


def test_missing_is_kept_apart(coded):
    review = coded(
        a=["s1,CT,,,,", "s2,MRI,,,,", "s3,,,,,", "s4,CT,,,,", "s5,PET,,,,"],
        b=["s1,CT,,,,", "s2,CT,,,,", "s3,,,,,", "s4,,,,,", "s6,CT,,,,"],
    )
    found = agreement(review, variables=["modality"], n_boot=50).variables[0]
    assert (found.n_shared, found.n_stated, found.n_one, found.n_empty) == (4, 2, 1, 1)
    assert found.measures["percent"].value == 0.5
    assert found.measures["percent_cells"].value == 0.5
    assert found.measures["percent_missing"].value == 0.75
    kinds = {d.study_id: d.kind for d in agreement(review, n_boot=0).disagreements}
    assert kinds == {"s2": "value"}  # an open question of s4 waits for its coder
    rows = ["s1,NR,,,n.r.,", "s2,NR,,,NR,"]
    again = agreement(coded(a=rows, b=["s1,CT,,,NR,", "s2,NR,,,NA,"]), n_boot=0).disagreements
    assert [(d.study_id, d.variable, d.kind) for d in again] == [
        ("s1", "modality", "missing"), ("s2", "n", "missing"),
    ]  # fmt: skip


def test_each_type_gets_its_measures(coded):
    rows = ["s1,CT,low,A;B,10,Brain  tumour", "s2,MRI,high,C,20,x", "s3,CT,middle,A,30,y"]
    other = ["s1,CT,low,B;A,11,brain tumour", "s2,MRI,middle,C,20,z", "s3,CT,middle,B,30,y"]
    found = {v.name: v for v in agreement(coded(a=rows, b=other), n_boot=50).variables}
    assert {n: v.scale for n, v in found.items()} == {
        "modality": "nominal", "grade": "ordinal", "nets": "set", "n": "interval", "note": "text",
    }  # fmt: skip
    assert "kappa_linear" in found["grade"].measures
    assert "ac2" in found["grade"].measures
    # order within a list and case and spaces of text make no difference
    assert found["nets"].measures["percent"].value == pytest.approx(2 / 3)
    assert found["nets"].measures["jaccard"].value == pytest.approx(2 / 3)
    assert found["note"].measures["percent"].value == pytest.approx(2 / 3)
    assert "kappa" not in found["note"].measures
    assert set(found["n"].measures) >= {"icc", "alpha"}
    assert found["n"].bland_altman["a - b"].bias == pytest.approx(-1 / 3)
    assert "icc" not in found["modality"].measures


def test_three_coders(coded):
    rows = ["s1,CT,,,1,", "s2,MRI,,,2,", "s3,PET,,,3,", "s4,CT,,,4,"]
    review = coded(a=rows, b=rows, c=[*rows[:3], "s4,MRI,,,9,"])
    report = agreement(review, n_boot=50)
    modality = report.variables[0]
    assert report.coders == ("a", "b", "c")
    assert modality.measures["fleiss"].n == 4
    assert modality.measures["kappa"].method.startswith("mean of Cohen's kappa")
    assert set(report.variables[3].bland_altman) == {"a - b", "a - c", "b - c"}
    assert report.disagreement_rows()[0]["c"] in {"MRI", "9"}
    two = agreement(review, coders=["a", "b"], n_boot=50)
    assert two.disagreements == ()
    assert "fleiss" not in two.variables[0].measures


def test_reports_are_plain_data(kim):
    rows = kim.rows()
    assert len(rows) == 23
    assert all(set(r) == set(rows[0]) for r in rows)
    json.dumps(kim.to_dict(), allow_nan=False)
    cells = kim.disagreement_rows()
    assert all(set(r) == set(cells[0]) for r in cells)
    settled = [r for r in cells if r["settled"] == "yes"]
    assert {"study_id": "lee2017boneage", "variable": "accuracy"}.items() <= next(
        r for r in settled if r["study_id"] == "lee2017boneage"
    ).items()


def test_degenerate_reviews_are_explained(coded, new_review):
    none = agreement(open_review(new_review))
    assert not none
    assert "codings/ holds no file" in none.notes[0]
    assert none.rows() == []
    assert none.to_dict()["variables"] == []
    alone = agreement(coded(a=["s1,CT,,,,"]))
    assert "only 'a'" in alone.notes[0]
    apart = agreement(coded(a=["s1,CT,,,,"], b=["s2,CT,,,,"]))
    assert "no study in common" in apart.notes[0]
    same = agreement(coded(a=["s1,CT,,,,"], b=["s1,CT,,,,"]), n_boot=10)
    modality = same.variables[0]
    assert modality.measures["kappa"].value is None
    assert "0/0" in modality.row()["explanations"]
    assert modality.measures["percent"].value == 1
    assert same.variables[3].measures["icc"].value is None


def test_wrong_names(coded):
    review = coded(a=["s1,CT,,,,"], b=["s1,CT,,,,"])
    with pytest.raises(UnknownNameError, match="unknown coder 'x'"):
        agreement(review, coders=["a", "x"])
    with pytest.raises(InputError, match="two coders or more"):
        agreement(review, coders=["a"])
    with pytest.raises(InputError, match="named twice"):
        agreement(review, coders=["a", "a"])
    with pytest.raises(UnknownNameError, match="did you mean 'modality'"):
        agreement(review, variables=["modalty"])


def test_a_filter_compares_its_studies():
    view = open_review("kim2022").where('modality == "OCT"')
    report = agreement(view, variables=["backbone"], n_boot=0)
    assert report.n_studies < 105
    kept = {s.study_id for s in view.studies}
    assert {d.study_id for d in report.disagreements} <= kept


def test_the_same_seed_gives_the_same_report(kim):
    assert agreement(open_review("kim2022"), n_boot=200).to_dict() == kim.to_dict()
