from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from review.errors import UnknownNameError
from review.schema import Codebook, ReportedResult, Variable, study_model
from review.schema.cell_types import CellError


def variable(**kw):
    return Variable(**{"name": "x", "type": "text"} | kw)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"type": "category"}, "needs a vocabulary"),
        ({"vocabulary": ["a"]}, "a vocabulary needs type"),
        ({"minimum": 1}, "need type"),
        ({"type": "number", "minimum": 2, "maximum": 1}, "above maximum"),
        ({"name": "Big Name"}, "pattern"),
        ({"type": "categry"}, "Input should be"),
        ({"type": "category", "vocabulary": ["CT", "ct"]}, "case only"),
        ({"type": "category", "vocabulary": ["a;b"]}, "vocabulary word"),
        ({"kind": "x"}, "Extra inputs"),
    ],
)
def test_a_wrong_variable_is_refused(wrong, said):
    with pytest.raises(ValidationError, match=said):
        variable(**wrong)


def test_a_word_outside_the_vocabulary_gets_the_closest_word():
    modality = variable(type="category", vocabulary=["CT", "MRI", "X-ray"])
    assert modality.parse("MRI") == "MRI"
    with pytest.raises(CellError) as caught:
        modality.parse("xray")
    assert caught.value.suggestion == "X-ray"
    assert "CT, MRI, X-ray" in caught.value.allowed


def test_an_open_vocabulary_takes_other_words():
    assert variable(type="category", vocabulary=["a"], open=True).parse("b") == "b"


def test_a_list_splits_at_semicolons():
    words = variable(type="list", open=True)
    assert words.parse("VGG16; ResNet50") == ("VGG16", "ResNet50")
    assert words.parse("") is None
    with pytest.raises(CellError, match="empty word"):
        words.parse("VGG16;;ResNet50")


def test_bounds_written_as_decimals_are_exact():
    share = variable(type="number", minimum=0.1, maximum=1)
    assert share.parse("0.1") == Decimal("0.1")
    with pytest.raises(CellError) as caught:
        share.parse("93.5")
    assert caught.value.suggestion == "0.935"


def test_names_are_unique_and_not_those_of_the_identity():
    with pytest.raises(ValidationError, match="twice"):
        Codebook(variable=[variable(), variable()])
    with pytest.raises(ValueError, match="identity column"):
        study_model(Codebook(variable=[variable(name="title")]))


def test_a_study_holds_the_codebook_variables_only():
    model = study_model(Codebook(variable=[variable(name="auc", type="number")]))
    study = model(study_id="a", auc="0.900")
    assert str(study.auc) == "0.900"
    assert study.year is None
    with pytest.raises(ValidationError):
        model(study_id="a", acu="0.9")


def test_an_unknown_variable_is_named_with_suggestions():
    with pytest.raises(UnknownNameError, match="did you mean 'accuracy'"):
        Codebook(variable=[variable(name="accuracy")])["acuracy"]


def test_a_result_keeps_its_digits():
    result = ReportedResult(study_id="a", metric="auc", value="0.90", ci_low="0.850")
    assert (str(result.value), str(result.ci_low)) == ("0.90", "0.850")
    with pytest.raises(ValidationError):
        ReportedResult(study_id="a", n_test="-1")


def test_missing_may_be_said_with_none():
    result = ReportedResult(study_id="a", n_test=None, value=None)
    assert (result.n_test, result.value) == (None, None)
    assert study_model(Codebook())(study_id="a", year=None, coders=None).year is None


def test_words_for_missing_are_values_only_where_the_vocabulary_has_them():
    closed = Variable(name="a", type="category", vocabulary=["CT", "MRI"])
    named = Variable(name="a", type="category", vocabulary=["CT", "NR"])
    open_one = Variable(name="a", type="list", open=True)
    assert closed.parse("NR") is None
    assert named.parse("NR") == "NR"
    assert open_one.parse("NR") is None
    assert open_one.parse("unclear") == ("unclear",)
    assert closed.says_missing("-")
    assert not closed.says_missing("")
    assert not Variable(name="a", type="text").says_missing("NR")
