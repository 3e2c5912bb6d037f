"""Subgroup analysis: parts equal their own fits, tests for differences, edges."""

import numpy as np
import pandas as pd
import pytest

from review import InputError, StatsError, UnknownNameError, meta_analysis, subgroup_analysis


@pytest.fixture(scope="module")
def bcg(reference):
    inputs = reference("reg.bcg.alloc.REML")["inputs"]
    X = np.array(inputs["X"])
    names = np.where(X[:, 1] == 1, "random", np.where(X[:, 2] == 1, "systematic", "alternate"))
    return np.array(inputs["yi"]), np.array(inputs["vi"]), names


@pytest.mark.parametrize("test", ["z", "knha"])
def test_separate_tau2_fits_each_subgroup_alone(bcg, test):
    y, v, by = bcg
    found = subgroup_analysis(y, v, by, test=test)
    assert found.names == ("random", "alternate", "systematic")
    for name, part in found.fits.items():
        alone = meta_analysis(y[by == name], v[by == name], test=test)
        assert part.to_dict()["coefficients"] == alone.to_dict()["coefficients"]
        assert part.tau2 == alone.tau2
    w = np.array([r.se[0] ** -2 for r in found.results])
    means = np.array([r.beta[0] for r in found.results])
    expected = (w * means**2).sum() - (w * means).sum() ** 2 / w.sum()
    assert pytest.approx(expected, rel=1e-10) == found.QM
    assert found.QM_df == (2, None)


def test_pooled_tau2_is_a_meta_regression(bcg, reference):
    y, v, by = bcg
    results = reference("reg.bcg.alloc.REML")["results"]
    found = subgroup_analysis(y, v, by, tau2="pooled", test="z")
    assert found.tau2 == pytest.approx(results["tau2"], rel=1e-6)
    assert pytest.approx(results["QM"], rel=1e-6) == found.QM
    assert found.QMp == pytest.approx(results["QMp"], rel=1e-6)
    assert found["alternate"].beta[0] == pytest.approx(results["beta"][0], rel=1e-6)
    assert found["alternate"].se[0] == pytest.approx(results["se"][0], rel=1e-6)
    assert found.Q_within == pytest.approx(results["QE"], rel=1e-9)
    assert pytest.approx(results["R2"], abs=1e-9) == found.R2


def test_pooled_tau2_with_knapp_hartung_uses_f(bcg):
    y, v, by = bcg
    found = subgroup_analysis(y, v, by, tau2="pooled")
    joint = meta_analysis(y, v, "~ by", data={"by": by})
    assert found.QM_df == (2, 10)
    assert found.QMp == pytest.approx(joint.QMp, rel=1e-9)
    assert "F(2, 10)" in found.test_text()


def test_equal_effects_split_q_exactly(bcg):
    y, v, by = bcg
    for mode in ("separate", "pooled"):
        found = subgroup_analysis(y, v, by, method="EE", tau2=mode)
        assert found.QM + found.Q_within == pytest.approx(found.overall.QE, rel=1e-10)
        assert found.tau2 is None


def test_a_subgroup_of_one_study_is_reported(bcg):
    y, v, by = bcg
    by = by.copy()
    by[0] = "solo"
    found = subgroup_analysis(y, v, by)
    solo = found["solo"]
    assert (solo.k, solo.tau2, solo.beta[0]) == (1, 0.0, y[0])
    assert any("one study in solo" in note for note in found.notes)
    assert np.isnan(found.to_frame().loc["solo", "pi_lb"])
    pooled = subgroup_analysis(y, v, by, tau2="pooled")
    assert pooled["solo"].se[0] == pytest.approx(np.sqrt(v[0] + pooled.tau2))
    assert not any("one study" in note for note in pooled.notes)


def test_one_subgroup_has_nothing_to_compare(bcg):
    y, v, _ = bcg
    for mode in ("separate", "pooled"):
        found = subgroup_analysis(y, v, ["all"] * len(y), tau2=mode)
        assert found.QM is None
        assert "one subgroup" in found.notes[0]
        assert "not possible" in found.summary()


def test_rows_left_out_and_labels_keep_their_place():
    data = pd.DataFrame(
        {
            "y": [0.1, np.nan, 0.3, 0.5, 0.2],
            "v": [0.1, 0.1, 0.2, 0.1, 0.3],
            "g": pd.Categorical(["b", None, "a", "b", "a"], categories=["c", "a", "b"]),
            "name": list("vwxyz"),
        }
    )
    found = subgroup_analysis("y", "v", "g", data=data, slab="name")
    assert found.names == ("a", "b")
    assert found.by == "g"
    assert found["a"].slab == ("x", "z")
    assert found["a"].ids.tolist() == [2, 4]
    assert found["b"].update(method="EE").k == 2


def test_numbers_are_named_as_they_are_read():
    found = subgroup_analysis([0.1, 0.2, 0.3, 0.4], [1, 1, 1, 1.0], [1.0, 2.0, 1.0, 2.5])
    assert found.names == ("1", "2", "2.5")


def test_relabelling_changes_nothing(bcg):
    y, v, by = bcg
    order = np.random.default_rng(1).permutation(len(y))
    one = subgroup_analysis(y, v, by)
    two = subgroup_analysis(y[order], v[order], np.char.upper(by[order]))
    assert pytest.approx(one.QM, rel=1e-9) == two.QM
    assert two["RANDOM"].tau2 == pytest.approx(one["random"].tau2, rel=1e-9)


def test_wrong_input_is_named(bcg):
    y, v, by = bcg
    with pytest.raises(InputError, match="by is missing"):
        subgroup_analysis(y, v)
    with pytest.raises(InputError, match="by has 2 values, but there are 13 rows"):
        subgroup_analysis(y, v, ["a", "b"])
    gaps = by.astype(object)
    gaps[[2, 5]] = None, ""
    with pytest.raises(InputError, match="no value in row 3, 6"):
        subgroup_analysis(y, v, gaps)
    with pytest.raises(UnknownNameError, match="separate"):
        subgroup_analysis(y, v, by, tau2="common")
    with pytest.raises(InputError, match="mods"):
        subgroup_analysis(y, v, by, mods=y)
    with pytest.raises(StatsError, match="pooled tau2 needs more studies"):
        subgroup_analysis([0.1, 0.2], [1, 1.0], ["a", "b"], tau2="pooled")
    with pytest.raises(UnknownNameError, match="randon"):
        _ = subgroup_analysis(y, v, by)["randon"]


def test_to_dict_is_json(bcg):
    import json

    y, v, by = bcg
    found = subgroup_analysis(y, v, by)
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert '"names": ["random", "alternate", "systematic"]' in text
