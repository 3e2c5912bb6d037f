"""Interventions from results.csv: two groups per row, several outcomes, with estimates mixed in."""

from __future__ import annotations

import numpy as np
import pytest

import review
from review.errors import ReviewError
from review.schema.meta_settings import NamedMeta
from review.workflow.coding.init import init_review
from review.workflow.pooling.settings_run import run_settings

# events and participants: trials of the BCG vaccine (Colditz et al. 1994, JAMA 271:698); the means
# are numbers to compute with
RESULTS = """study_id,role,metric,value,ci_low,ci_high,events1,n1,mean1,sd1,events2,n2,mean2,sd2
a,headline,tuberculosis,,,,4,123,,,11,139,,
b,headline,tuberculosis,,,,6,306,,,29,303,,
c,headline,tuberculosis,,,,3,231,,,11,220,,
d,headline,tuberculosis,0.50,0.25,1.00,,,,,,,,
a,headline,pain,,,,,30,10.2,3.1,,28,8.1,2.9
b,headline,pain,,,,,12,9.0,2.0,,15,8.8,2.2
c,headline,pain,0.4,0.1,0.7,,,,,,,,
"""


@pytest.fixture(name="mine")
def _mine(tmp_path):
    init_review(tmp_path / "mine", title="Mine", template="rct")
    rows = "".join(f"{s},{s.upper()},2000,T\n" for s in "abcd")
    (tmp_path / "mine" / "studies.csv").write_text(f"study_id,first_author,year,title\n{rows}")
    (tmp_path / "mine" / "results.csv").write_text(RESULTS)
    return tmp_path / "mine"


def test_events_and_a_printed_ratio_are_pooled_together(mine):
    kept = NamedMeta(name="tb", outcome="tuberculosis", measure="RR")
    run = run_settings(review.open_review(mine), kept)
    nan = np.nan
    expected = review.meta_analysis(
        review.effect_size(
            "RR", ai=[4, 6, 3, nan], n1i=[123, 306, 231, nan], ci=[11, 29, 11, nan],
            n2i=[139, 303, 220, nan], est=[nan, nan, nan, 0.5], ci_lb=[nan, nan, nan, 0.25],
            ci_ub=[nan, nan, nan, 1.0],
        )
    )  # fmt: skip
    np.testing.assert_array_equal(run.result.yi, expected.yi)
    np.testing.assert_array_equal(run.result.beta, expected.beta)
    assert run.result.k == 4
    assert [c.slab for c in run.effects.conversions] == ["D 2000"]


def test_means_of_another_outcome(mine):
    kept = NamedMeta(name="pain", outcome="pain", measure="SMD")
    run = run_settings(review.open_review(mine), kept)
    direct = review.effect_size(
        "SMD", m1i=[10.2, 9.0], sd1i=[3.1, 2.0], n1i=[30, 12], m2i=[8.1, 8.8], sd2i=[2.9, 2.2],
        n2i=[28, 15],
    )  # fmt: skip
    np.testing.assert_array_equal(run.result.yi[:2], direct.yi)
    assert run.result.k == 3


def test_estimates_can_be_preferred(mine):
    path = mine / "results.csv"
    text = path.read_text().replace(
        "a,headline,tuberculosis,,,,", "a,headline,tuberculosis,0.4,0.2,0.8,"
    )
    path.write_text(text)
    kept = NamedMeta(name="tb", outcome="tuberculosis", measure="RR", prefer="estimate")
    run = run_settings(review.open_review(mine), kept)
    assert run.result.yi[0] == pytest.approx(np.log(0.4), rel=1e-12)


def test_a_measure_that_has_no_use_for_groups_says_what_lacks(mine):
    kept = NamedMeta(name="tb", outcome="tuberculosis", measure="HR")
    run = run_settings(review.open_review(mine), kept)
    assert run.result.k == 1
    assert run.left_out[0] == ("a", "no value")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,headline,tuberculosis,,,,130,123,,,11,139,,", "130 events among 123 participants"),
        ("a,headline,tuberculosis,,,,4.5,123,,,11,139,,", "4.5"),
        ("a,headline,tuberculosis,,,,-4,123,,,11,139,,", "-4"),
        ("a,headline,tuberculosis,,,,4,many,,,11,139,,", "many"),
    ],
)
def test_impossible_groups_are_named(mine, row, said):
    path = mine / "results.csv"
    path.write_text(path.read_text() + row + "\n")
    with pytest.raises(ReviewError, match=said):
        review.open_review(mine).results  # noqa: B018
