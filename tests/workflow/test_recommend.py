from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.errors import InputError, UnknownNameError
from review.formats.rows import json_text
from review.models.transfer import transfer_count
from review.project import open_review
from review.workflow import recommend as module
from review.workflow.comparable import distance
from review.workflow.comparisons import Pair, contests
from review.workflow.recommend import distribution, recommend, to_dict
from review.workflow.recommend_text import contest_line, study_line, thinness, usage_line


@pytest.fixture(name="kim", scope="module")
def _kim():
    return open_review("kim2022")


def test_comparable_studies_share_modality_and_subject(kim):
    found = recommend(kim, modality="MRI", subject="nervous_system", n=500, classes=2)
    expected = {
        s.study_id for s in kim.studies
        if s.value("modality") == "MRI" and s.value("subject") == "nervous_system"
    }  # fmt: skip
    assert {s.study_id for s in found.studies} == expected
    assert found.both == len(expected) >= module.ENOUGH
    assert not found.widened
    assert all(s.link for s in found.studies)


def test_few_matches_widen_the_search_and_it_is_said(kim):
    found = recommend(kim, modality="SPECT", subject="cardiovascular_system")
    assert found.widened
    assert found.both < module.ENOUGH < len(found.studies)
    assert all(s.modality == "SPECT" or s.subject == "cardiovascular_system" for s in found.studies)
    assert any("one of the two are taken in" in line for line in thinness(found))
    # those with both come first
    assert [s.alike for s in found.studies] == sorted(
        (s.alike for s in found.studies), reverse=True
    )


def test_words_may_be_written_freely(kim):
    found = recommend(kim, modality="mri", subject="Nervous System")
    assert (found.query.modality, found.query.subject) == ("MRI", "nervous_system")


def test_size_and_classes_alone_are_enough(kim):
    found = recommend(kim, n=1000, classes=2)
    assert found.studies
    assert all(s.matches["size"] or s.matches["classes"] for s in found.studies)
    near = [s for s in found.studies if s.matches["size"]]
    assert all(distance(s.quantity, 1000) <= distance(3000, 1000) + 1e-12 for s in near)


def test_only_studies_with_one_network_lend_it_their_performance(kim):
    found = recommend(kim, modality="MRI", subject="nervous_system")
    usage = {u.name: u for u in found.networks}
    single = [s for s in found.studies if s.networks == ("VGG16",)]
    assert usage["VGG16"].alone == len(single)
    accuracy = next(d for d in usage["VGG16"].performance if d.metric == "accuracy")
    assert accuracy.values == tuple(sorted(s.values["accuracy"] for s in single))
    assert usage["VGG16"].studies == sum("VGG16" in s.networks for s in found.studies)


def test_networks_stand_in_order_of_frequency_not_of_performance(kim):
    for usages in (recommend(kim, modality="X-ray").networks, recommend(kim, classes=2).tl_types):
        named = [u for u in usages if u.name not in module.UNNAMED]
        assert named == sorted(named, key=lambda u: (-u.studies, u.name))


def test_nothing_is_ranked_that_the_data_cannot_rank(kim):
    found = recommend(kim, modality="MRI")
    assert found.ranked == ()
    assert any(line.startswith("No ranking") for line in thinness(found))
    assert "best" not in to_dict(found)


def test_what_enough_studies_agree_on_is_said(kim, monkeypatch):
    votes = [Pair(f"s{i}", "backbone", "auc", "ResNet50", "VGG16", 0.9, 0.8) for i in range(8)]
    monkeypatch.setattr(module, "pairs", lambda _r, what: votes if what == "backbone" else [])
    found = recommend(kim, modality="MRI")
    assert [c.first for c in found.ranked] == ["ResNet50"]
    assert not any(line.startswith("No ranking") for line in thinness(found))
    assert contest_line(found.ranked[0]).endswith("enough to rank them")


def test_trained_parameters_of_the_networks_used(kim):
    found = recommend(kim, modality="MRI", subject="nervous_system", n=500, classes=3)
    assert {c.n_classes for c in found.trained} == {3}
    vgg = [c for c in found.trained if c.backbone == "VGG16"]
    assert vgg[1] == transfer_count("VGG16", "feature_extractor", 3)
    assert found.per_case == tuple(c.trainable / 500 for c in found.trained)
    assert recommend(kim, modality="MRI").per_case == ()


def test_no_comparable_study_gives_advice_and_says_so():
    found = recommend(open_review("shtem2021"), classes=2)
    assert found.studies == ()
    assert next(iter(thinness(found))).startswith("None of the 3")
    assert {c.backbone for c in found.trained} == {"ResNet50", "Inception3"}


def test_within_study_comparisons_are_those_of_the_comparable_studies(kim):
    found = recommend(kim, modality="MRI", subject="nervous_system")
    ids = {s.study_id for s in found.studies}
    assert {c.study_id for c in found.compared} <= ids
    khan = next(c for c in found.compared if c.study_id == "khan2020brain")
    assert ("VGG16", None, 0.96) in khan.rows
    assert all(set(c.studies) <= ids for c in found.contests)
    assert len(found.all_contests) > len(found.contests)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"modality": "MIR"}, "did you mean 'MRI'"),
        ({"subject": "nervous_sistem"}, "did you mean 'nervous_system'"),
        ({"modality": ""}, "unknown modality"),
    ],
)
def test_unknown_words(kim, arguments, message):
    with pytest.raises(UnknownNameError, match=message):
        recommend(kim, **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "say something about your data"),
        ({"n": 0}, "at least 1 image or patient"),
        ({"n": -5}, "at least 1 image or patient"),
        ({"classes": 1}, "at least 2 classes"),
    ],
)
def test_bad_questions(kim, arguments, message):
    with pytest.raises(InputError, match=message):
        recommend(kim, **arguments)


def test_a_review_without_modality_says_what_is_missing():
    with pytest.raises(InputError, match="--modality needs the role modality"):
        recommend(open_review("wang2021"), modality="MRI")
    assert len(recommend(open_review("wang2021"), subject="brain").studies) == 20


@settings(max_examples=30)
@given(data=st.data())
def test_any_question_has_an_answer_that_json_can_hold(kim, data):
    book = kim.codebook
    found = recommend(
        kim,
        modality=data.draw(st.none() | st.sampled_from(book["modality"].vocabulary)),
        subject=data.draw(st.none() | st.sampled_from(book["subject"].vocabulary)),
        n=data.draw(st.none() | st.integers(1, 10**9)),
        classes=data.draw(st.integers(2, 100)),
    )
    again = json.loads(json_text(to_dict(found)))
    assert again["total"] == 191
    assert len(again["studies"]) == len(found.studies)
    assert list(thinness(found))
    assert all(study_line(s) for s in found.studies)


def test_distributions():
    four = distribution("auc", [0.9, 0.7, 0.8, 1.0])
    assert (four.n, four.median) == (4, pytest.approx(0.85))
    assert four.quartiles == pytest.approx((0.775, 0.925))
    assert distribution("auc", [0.9, 0.7, 0.8]).quartiles is None
    assert "0.7, 0.8, 0.9" in usage_line(
        module.Usage("X", 3, 3, (distribution("auc", [0.9, 0.7, 0.8]),))
    )


def test_contests_in_words():
    (found,) = contests([Pair("s", "backbone", "auc", "A", "B", 0.9, 0.8)])
    assert contest_line(found) == (
        "A against B: better in 1, worse in 0 of 1 study, sign test p = 1.0000 (Holm); "
        "not enough to rank them"
    )
