from __future__ import annotations

import contextlib
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.errors import InputError, ReviewError, UnknownNameError
from review.project import open_review
from review.project.where import compile_where

COLUMNS = ["modality", "auc", "n", "backbones", "title"]
STUDY = SimpleNamespace(
    modality="MRI", auc=Decimal("0.90"), n=None, backbones=("VGG16", "ResNet50"), title="Breast MRI"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('modality == "MRI"', True),
        ('modality != "MRI"', False),
        ('"MRI" == modality', True),
        ("auc == 0.9", True),
        ("0.5 < auc <= 0.9", True),
        ("auc > -1", True),
        ('modality in ("CT", "MRI")', True),
        ('modality not in ("CT", "MRI")', False),
        ('"VGG16" in backbones', True),
        ('"VGG19" not in backbones', True),
        ("n > 0", False),
        ("not n > 0", True),
        ("missing(n) and known(auc)", True),
        ('contains(title, "breast")', True),
        ('contains(backbones, "resnet")', True),
        ('modality == "CT" or auc < 1', True),
    ],
)
def test_filters(text, expected):
    assert compile_where(text, COLUMNS)(STUDY) is expected


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


def test_names_and_words_are_checked():
    kim = open_review("kim2022")
    with pytest.raises(UnknownNameError, match="did you mean 'modality'"):
        kim.where('modalty == "MRI"')
    with pytest.raises(UnknownNameError, match="did you mean 'MRI'"):
        kim.where('modality in ("CT", "MRY")')
    with pytest.raises(InputError, match="no study fits"):
        kim.where('modality == "PET"')


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
