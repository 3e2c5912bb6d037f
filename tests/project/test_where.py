from __future__ import annotations

import contextlib
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import InputError, ReviewError, UnknownNameError
from review.project import open_review
from review.project.where import compile_where
from review.schema import Dataset, Variable, variables_of

LEVELS = ("low", "medium", "high")
COLUMNS = [
    Variable(name="modality", type="category", vocabulary=["CT", "MRI"]),
    Variable(name="auc", type="number"),
    Variable(name="n", type="integer"),
    Variable(name="backbones", type="list", open=True),
    Variable(name="title", type="text"),
    Variable(name="risk", type="category", vocabulary=LEVELS, ordered=True),
    Variable(name="blinded", type="boolean"),
    Variable(name="seen", type="date"),
    Variable(name="grade", type="category", vocabulary=["1", "2", "10"], ordered=True, open=True),
]
STUDY = SimpleNamespace(
    modality="MRI", auc=Decimal("0.90"), n=None, backbones=("VGG16", "ResNet50"),
    title="Breast MRI", risk="medium", blinded=True, seen=date(2020, 5, 1), grade="10",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('modality == "MRI"', True),
        ('modality != "MRI"', False),
        ('"MRI" == modality', True),
        ("auc == 0.9", True),
        ('auc == "0.90"', True),
        ('auc != "0.9"', False),
        ("0.5 < auc <= 0.9", True),
        ("auc > -1", True),
        ("auc > +0.5", True),
        ('modality in ("CT", "MRI")', True),
        ('modality not in ("CT", "MRI")', False),
        ("auc in (0.9, 0.8)", True),
        ('"VGG16" in backbones', True),
        ('"VGG19" not in backbones', True),
        ("n > 0", False),
        ("not n > 0", True),
        ("missing(n) and known(auc)", True),
        ('contains(title, "breast")', True),
        ('contains(backbones, "resnet")', True),
        ('modality == "CT" or auc < 1', True),
        ('risk > "low"', True),
        ('risk < "high"', True),
        ('"high" > risk', True),
        ('risk >= "medium"', True),
        ('"low" < risk < "high"', True),
        ("grade > 2", True),
        ("grade <= 10", True),
        ('blinded == "yes"', True),
        ('blinded != "yes"', False),
        ("blinded == yes", True),
        ('blinded == "no"', False),
        ("blinded == True", True),
        ("blinded", True),
        ('seen >= "2020-05-01"', True),
        ('seen < "2020-05-01"', False),
        ("modality in backbones", False),
        ("auc < n", False),
    ],
)
def test_filters(text, expected):
    assert compile_where(text, COLUMNS)(STUDY) is expected


def test_a_number_between_quotes_is_compared_as_a_number():
    keep = compile_where('n != "5"', COLUMNS)
    assert not keep(SimpleNamespace(n=5))
    assert keep(SimpleNamespace(n=6))


def test_a_word_outside_an_ordered_vocabulary_has_no_rank():
    other = SimpleNamespace(grade="unclear")
    for sign in ("<", "<=", ">", ">="):
        assert not compile_where(f"grade {sign} 2", COLUMNS)(other)
    assert compile_where('grade == "unclear"', COLUMNS)(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "auc",
        "auc = 1",
        "auc is None",
        "__import__('os').system('x')",
        "auc.real > 1",
        "1",
        "1 < 2",
        "auc > 'a'",
        "lambda: 1",
        "auc > 1 if n else 2",
        "contains(title, 3)",
        "missing()",
        "(" * 99,
        "modality in auc",
        "auc in title",
        "auc > auc + 1",
        "x" * 3000,
        "[a for a in n]",
        "missing(1)",
    ],
)
def test_what_is_no_filter_is_refused_without_running_anything(text):
    with pytest.raises(InputError):
        compile_where(text, COLUMNS)(STUDY)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("n < 1e9999999999999999999", "too large or too small"),
        ("auc < 1e-9999999999999999999", "too large or too small"),
        ("auc < 1e999", "too large or too small"),
        ("n == True", "n is a number, and True is none"),
        ('n == "many"', "n is a number, and 'many' is none"),
        ('n == "nan"', "is a number"),
        ("title == 5", 'title is text, which goes between quotes: "5"'),
        ("title > 5", "between quotes"),
        ('modality < "MRI"', "no order; use == or in, or set ordered = true"),
        ("modality == 5", "unknown modality '5'"),
        ('risk > "medum"', "did you mean 'medium'"),
        ("grade > 5", "unknown grade '5'"),
        ("blinded > no", "yes or no and has no order"),
        ('blinded == "perhaps"', "neither yes nor no"),
        ("seen > 2020", "a day written like 2020-12-31"),
        ('seen > "2020"', "a day written like 2020-12-31"),
        ('backbones == "VGG16"', '"word" in backbones'),
        ('backbones in ("VGG16", "CNN")', '"word" in backbones'),
        ('"CT" in modality', 'compare it with ==, or use contains(modality, "…")'),
        ("5 in backbones", "between quotes"),
        ("title == auc", "hold different things"),
        ("risk < grade", "no common order"),
        ("backbones == backbones", "several words"),
        ("auc in title", "cannot be in"),
        ("contains(auc, '9')", "looks in text"),
        ("title == yes", "unknown column 'yes'"),
    ],
)
def test_types_that_do_not_match_are_refused(text, why):
    with pytest.raises(InputError) as refused:
        compile_where(text, COLUMNS)
    assert why in str(refused.value)


def test_names_and_words_are_checked():
    kim = open_review("kim2022")
    with pytest.raises(UnknownNameError, match="did you mean 'modality'"):
        kim.where('modalty == "MRI"')
    with pytest.raises(UnknownNameError, match="did you mean 'MRI'"):
        kim.where('modality in ("CT", "MRY")')
    with pytest.raises(InputError, match="no study fits"):
        kim.where('modality == "PET"')


def test_columns_that_every_table_has_are_typed():
    kinds = {v.name: v.type.value for v in open_review("kim2022").variables}
    assert (kinds["year"], kinds["pmid"], kinds["auc"]) == ("integer", "text", "number")
    kinds = {v.name: v.type.value for v in variables_of(Dataset)}
    assert (kinds["n_images"], kinds["year"], kinds["link"]) == ("integer", "integer", "text")


def test_a_view_holds_the_results_of_its_studies_only():
    kim = open_review("kim2022")
    view = kim.where('modality == "OCT"')
    assert {s.modality for s in view.studies} == {"OCT"}
    assert len(view.studies) == sum(s.modality == "OCT" for s in kim.studies)
    ids = {s.study_id for s in view.studies}
    assert view.results == [r for r in kim.results if r.study_id in ids]
    assert len(kim.studies) == 191


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_an_error(text):
    with contextlib.suppress(ReviewError):
        compile_where(text, COLUMNS)(STUDY)


def test_the_longest_filter():
    longest = "auc > 0".ljust(1994) + "or n>0"
    assert len(longest) == 2000
    assert compile_where(longest, COLUMNS)(STUDY)
    with pytest.raises(InputError, match=r"the filter has 2,001 characters \(at most 2,000\)"):
        compile_where(f"{longest}0", COLUMNS)


def test_a_filter_can_be_a_truth_value_and_does_not_change():
    assert [compile_where(text, COLUMNS)(STUDY) for text in ("True", "False")] == [True, False]
    with pytest.raises(AttributeError):
        compile_where("True", COLUMNS).text = "False"


def test_messages_name_the_part_and_teach_only_who_wrote_no_filter():
    with pytest.raises(InputError) as error:
        compile_where("auc > 0 and modality", COLUMNS)
    said = "in the filter 'auc > 0 and modality': a column alone is no condition; compare it: "
    assert str(error.value).startswith(f"{said}'modality'; it takes comparisons")
    with pytest.raises(InputError) as error:
        compile_where("auc > 0 and blinded == -5", COLUMNS)
    said = "in the filter 'auc > 0 and blinded == -5': -5 is "
    assert str(error.value).startswith(said)
    assert "it takes comparisons" not in str(error.value)
    with pytest.raises(InputError, match=r"': 5 is "):
        compile_where("blinded == +5", COLUMNS)


def test_a_missing_text_contains_nothing():
    nothing = SimpleNamespace(**{**vars(STUDY), "title": None})
    assert not compile_where('contains(title, "none")', COLUMNS)(nothing)
    assert not compile_where('contains(title, "")', COLUMNS)(nothing)
