"""The discrepancies of the three bundled reviews, each with its computation."""

from __future__ import annotations

import pytest

from review.project import open_review
from review.workflow.audit import Verdict, audit_review


@pytest.fixture(scope="module", name="kim")
def _kim():
    return audit_review(open_review("kim2022"))


@pytest.fixture(scope="module", name="wang")
def _wang():
    return audit_review(open_review("wang2021"))


def claim(report, **parts):
    """The one claim whose attributes contain the given texts."""
    found = [
        c
        for c in report.claims
        if all(text in str(getattr(c, name)) for name, text in parts.items())
    ]
    assert len(found) == 1, [str(c) for c in found]
    return found[0]


@pytest.mark.parametrize(
    ("computation", "verdict"),
    [
        ("467 − 42 = 425", "confirmed"),
        ("425 − 189 = 236", "confirmed"),
        ("236 − 114 = 122, stated 121", "inconsistent"),
        ("57 + 26 + 14 + 10 + 5 + 2 + 7 = 121", "confirmed"),
        ("46 + 38 + 27 + 7 + 3 = 121", "confirmed"),
        ("57 + 33 + 24 = 114, stated 121", "inconsistent"),
        ("121 − 57 − 14 − 9 = 41", "confirmed"),
        ("11 <= 41", "consistent"),
        ("134.2 M / 25.6 M = 5.242", "confirmed"),
        ("62.3 M / 25.6 M = 2.434", "confirmed"),
    ],
)
def test_arithmetic_of_kim(kim, computation, verdict):
    assert claim(kim, computation=computation).verdict == verdict


def test_the_seven_minor_models_are_in_neither_class(kim):
    found = claim(kim, computation="57 + 33 + 24")
    assert "7 short" in found.note
    assert "'minor' in backbone" in found.note
    assert "in no category of backbone_depth" in found.note
    assert "tl_type" not in found.note


@pytest.mark.parametrize(
    ("rho", "p", "needed"), [("0.05", "0.03", "1,779"), ("0.13", "0.17", "111")]
)
def test_correlations_of_kim_are_impossible(kim, rho, p, needed):
    found = claim(kim, claim=f"rho = {rho} has p = {p} with at most 41 points")
    assert found.verdict is Verdict.IMPOSSIBLE
    assert f"about {needed} points" in found.computation
    assert "one-sided test would not give it either" in found.note


def test_top5_errors_are_compared_with_what_wang_prints(kim):
    alex = claim(kim, check="implied value", claim="AlexNet has")
    assert (alex.verdict, alex.computation) == (Verdict.CONSISTENT, "6.7 + 9.7 = 16.4")
    vgg = claim(kim, check="implied value", claim="VGG16 has")
    assert (vgg.verdict, vgg.reported) == (Verdict.UNCHECKED, "9.3")
    assert "19 layers" in vgg.note


def test_cells_of_table1(kim):
    cells = {c.claim.split(": ", 1)[1]: c for c in kim.claims if c.check == "table1"}
    assert len(cells) == 25
    assert cells["parameters of LeNet5 60,000"].verdict == "confirmed"
    assert cells["parameters of AlexNet 62.3 M"].verdict == "rounding"
    assert "digits cut off" in cells["parameters of AlexNet 62.3 M"].note
    assert cells["parameters of VGG16 134.2 M"].verdict == "inconsistent"
    assert cells["parameters of VGG16 134.2 M"].recomputed == "138,357,544"
    assert cells["fe layers of ResNet50 50"].verdict == "inconsistent"


def test_another_list_of_studies_is_not_compared(kim):
    found = claim(kim, claim="121 studies included are listed")
    assert found.verdict is Verdict.UNCHECKED
    assert "re-coded sample" in found.note
    assert claim(kim, claim="78 public data sets").verdict is Verdict.UNCHECKED


def test_reported_results_of_kim(kim):
    # checked by hand: 106/110 is 0.9636, cut off 0.963; 124/133 is 0.9323; no k/70 is 0.899
    covid = claim(kim, study_id="anon2020biascovid", claim="accuracy 0.963")
    assert covid.verdict is Verdict.ROUNDING
    assert claim(kim, source="results.csv:86", claim="accuracy 0.9323").verdict == "consistent"
    liver = claim(kim, study_id="constantinescu2020liver", claim="sensitivity 0.899")
    assert liver.verdict is Verdict.IMPOSSIBLE
    assert "as a single k/n" in liver.note
    assert "mean over folds" in liver.note
    assert "62/70" in liver.computation
    knee = claim(kim, study_id="ureten2020osteoarthritis", claim="are possible together")
    assert "TP = 45, TN = 40" in knee.computation


def test_a_hundred_papers_are_eighty_nine(wang):
    found = claim(wang, claim="100 studies claimed")
    assert found.verdict is Verdict.INCONSISTENT
    assert "studies.csv lists 89, not 100" in found.computation
    assert "20 + 16 + 19 + 21 + 13 = 89" in found.computation
    counts = claim(wang, claim="published counts of organ")
    assert counts.verdict is Verdict.CONFIRMED
    assert counts.recomputed == "brain 20, heart 16, breast 19, lung 21, kidney 13"


@pytest.mark.parametrize(
    "computation", ["5 + 3 = 8", "16 + 3 = 19", "21 + 1 = 22", "151 + 1 = 152"]
)
def test_layers_of_wangs_table6(wang, computation):
    assert claim(wang, computation=computation).verdict == "confirmed"


def test_worked_examples_of_wang(wang):
    found = [c for c in wang.claims if "convolution of 7 by 3" in c.claim]
    assert [c.recomputed for c in found] == ["5", "7", "3", "3"]
    assert all(c.verdict is Verdict.CONFIRMED for c in found)


def test_splits_and_layers_of_shtem():
    report = audit_review(open_review("shtem2021"))
    assert claim(report, computation="65 + 10 = 75").verdict == "confirmed"
    assert claim(report, computation="221 + 30 = 251").verdict == "confirmed"
    assert claim(report, computation="16 + 3 = 19").verdict == "confirmed"
    unchecked = [c for c in report.claims if "test set is not stated" in c.note]
    assert len(unchecked) == 3


def test_every_claim_says_what_where_and_how(kim, wang):
    for report in (kim, wang):
        for c in report.claims:
            assert c.claim
            assert c.source
            assert c.computation or c.verdict is Verdict.UNCHECKED or c.note
            assert set(c.to_dict()) == set(report.rows()[0])
        assert sum(report.counts.values()) == len(report.claims)
        assert len(report.failed) == report.counts["inconsistent"] + report.counts["impossible"]
    assert kim.select(["confirmed"]).counts["confirmed"] == kim.counts["confirmed"]


def test_a_filter_checks_its_studies_only():
    found = audit_review(open_review("kim2022").where('study_id == "ureten2020osteoarthritis"'))
    coded = {c.study_id for c in found.claims if c.study_id}
    assert coded == {"ureten2020osteoarthritis"}
    assert claim(found, source="results.csv:284, 285, 286")


def test_a_mean_over_folds_is_not_accused_as_one_table(kim):
    """The abstract of Ausawalaithong 2018 says 'mean accuracy', ...; results.csv says so too."""
    found = [c for c in kim.claims if c.study_id == "ausawalaithong2018lung"]
    assert [c.verdict for c in found] == [Verdict.CONSISTENT]
    assert "means over the same folds" in found[0].claim
