"""Leave-one-out, cumulative and influence: equal to refitting; edges; wrong input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review import (
    InputError,
    StatsError,
    UnknownNameError,
    cumulative,
    influence,
    leave_one_out,
    meta_analysis,
    rstudent,
)

METHODS = ["EE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM", "DLIT"]


def _data(seed, k, tau2=0.1):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.4, k)
    x = rng.normal(size=k)
    return rng.normal(0.3 * x, np.sqrt(v + tau2)), v, x


def _row(fit):
    values = [fit.beta[0], fit.se[0], fit.pval[0], fit.ci_lb[0], fit.ci_ub[0]]
    return [*values, fit.tau2, fit.I2, fit.H2, fit.QE, fit.QEp]


def _rows(found):
    names = ("estimate", "se", "pval", "ci_lb", "ci_ub", "tau2", "I2", "H2", "QE", "QEp")
    return np.column_stack([getattr(found, name) for name in names])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", ["z", "knha", "adhoc"])
def test_leave_one_out_equals_refitting(method, test):
    y, v, _ = _data(3, 8)
    found = _rows(leave_one_out(meta_analysis(y, v, method=method, test=test)))
    for i in range(8):
        rest = meta_analysis(np.delete(y, i), np.delete(v, i), method=method, test=test)
        assert found[i] == pytest.approx(_row(rest), rel=1e-9, abs=1e-12)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(-9, 3)), min_size=2, max_size=9, unique=True),
    st.sampled_from(["DL", "REML", "ML", "PM"]),
)
def test_leave_one_out_equals_refitting_on_any_data(studies, method):
    y = np.array([effect for effect, _ in studies])
    v = np.exp([log_v for _, log_v in studies])
    found = leave_one_out(meta_analysis(y, v, method=method, test="z"))
    for i in range(len(y)):
        rest = meta_analysis(np.delete(y, i), np.delete(v, i), method=method, test="z")
        assert found.tau2[i] == pytest.approx(rest.tau2, rel=1e-7, abs=1e-9 * v.min())
        assert found.estimate[i] == pytest.approx(rest.beta[0], rel=1e-7, abs=1e-9)
        assert found.se[i] == pytest.approx(rest.se[0], rel=1e-7)


@pytest.mark.parametrize("weights", [None, "given"])
@pytest.mark.parametrize("test", ["z", "knha"])
def test_leave_one_out_with_moderators_equals_refitting(weights, test):
    y, v, x = _data(4, 9)
    w = None if weights is None else 1 / (v + 0.3)
    found = leave_one_out(meta_analysis(y, v, x, test=test, weights=w))
    for i in range(9):
        rest = meta_analysis(
            np.delete(y, i), np.delete(v, i), np.delete(x, i), test=test,
            weights=None if w is None else np.delete(w, i),
        )  # fmt: skip
        assert found.estimate[i] == pytest.approx(rest.beta, rel=1e-8)
        assert found.se[i] == pytest.approx(rest.se, rel=1e-8)
        assert found.pval[i] == pytest.approx(rest.pval, rel=1e-7)
        assert found.tau2[i] == pytest.approx(rest.tau2, rel=1e-8)


def test_a_fixed_tau2_stays_fixed():
    y, v, _ = _data(5, 6)
    found = leave_one_out(meta_analysis(y, v, tau2=0.2))
    assert (found.tau2 == 0.2).all()
    rest = meta_analysis(y[1:], v[1:], tau2=0.2)
    assert found.ci_lb[0] == pytest.approx(rest.ci_lb[0], rel=1e-10)


def test_leave_one_out_finds_the_higher_of_two_maxima():
    # two precise studies far apart and several vague ones: the likelihood of tau2 has two maxima
    rng = np.random.default_rng(0)
    seen = 0
    for _ in range(60):
        v = np.exp(rng.uniform(-9, 1, 5))
        y = rng.normal(0, 1, 5) * np.exp(rng.uniform(-3, 1))
        found = leave_one_out(meta_analysis(y, v, test="z"))
        for i in range(5):
            rest = meta_analysis(np.delete(y, i), np.delete(v, i), test="z")
            seen += rest.convergence.maxima > 1
            assert found.tau2[i] == pytest.approx(rest.tau2, rel=1e-6, abs=1e-9 * v.min())
    assert seen > 0


def test_large_data_and_units_of_measurement():
    y, v, _ = _data(6, 300)
    small = leave_one_out(meta_analysis(y, v))
    large = leave_one_out(meta_analysis(1000 * y, 1e6 * v))
    assert large.estimate == pytest.approx(1000 * small.estimate, rel=1e-9)
    assert large.tau2 == pytest.approx(1e6 * small.tau2, rel=1e-8)
    assert large.pval == pytest.approx(small.pval, rel=1e-8)


def test_two_studies_leave_one_each():
    found = leave_one_out(meta_analysis([0.1, 0.9], [0.04, 0.09]))
    assert found.estimate.tolist() == [0.9, 0.1]
    assert found.tau2.tolist() == [0.0, 0.0]
    assert found.se == pytest.approx([0.3, 0.2])


def test_one_study_cannot_be_left_out():
    with pytest.raises(StatsError, match="at least 2 studies"):
        leave_one_out(meta_analysis([0.1], [0.04]))


def test_a_study_that_alone_makes_a_subgroup_is_named():
    y, v, _ = _data(7, 7)
    data = {"g": ["a", "a", "b", "a", "b", "b", "c"]}
    slab = [f"study {i}" for i in range(7)]
    fit = meta_analysis(y, v, "~ g", data=data, slab=slab)
    found = influence(fit)
    assert np.isnan(found.rstudent[6])
    assert np.isfinite(found.rstudent[:6]).all()
    assert "study 6" in found.notes[0]
    assert not found.influential[6] or found.rules["hat"][6]
    assert "study 6" in found.summary()
    assert found.to_dict()["rstudent"][6] is None


def test_influence_with_too_few_studies():
    with pytest.raises(StatsError, match="at least 4 studies"):
        influence(meta_analysis([0.1, 0.5, 0.2], [0.1, 0.2, 0.1], [1, 2, 4]))


def test_influence_flags_the_outlier():
    y = np.array([0.1, 0.2, 0.15, 0.12, 0.18, 3.0])
    found = influence(meta_analysis(y, np.full(6, 0.02), test="z", slab=list("abcdef")))
    assert found.influential.tolist() == [False] * 5 + [True]
    assert "influential: f" in found.title
    assert found.rules["dffits"][5]


def test_influence_matches_its_definitions():
    y, v, x = _data(8, 10)
    fit = meta_analysis(y, v, x, test="z")
    found = influence(fit)
    for i in (0, 4, 9):
        keep = np.arange(10) != i
        rest = meta_analysis(y[keep], v[keep], x[keep], test="z")
        row = fit.X[i]
        move = fit.beta - rest.beta
        assert found.cook_d[i] == pytest.approx(move @ np.linalg.solve(fit.vb, move), rel=1e-7)
        ratio = np.linalg.det(rest.vb) / np.linalg.det(fit.vb)
        assert found.cov_r[i] == pytest.approx(ratio, rel=1e-7)
        spread = v[i] + rest.tau2 + row @ rest.vb @ row
        z = (y[i] - row @ rest.beta) / np.sqrt(spread)
        assert found.rstudent[i] == pytest.approx(z, rel=1e-7)
        w = 1 / (v + rest.tau2)
        sd = np.sqrt(np.diag(np.linalg.inv((fit.X.T * w) @ fit.X)))
        assert found.dfbetas[i] == pytest.approx(move / sd, rel=1e-7)


# metafor 3.8-1 in R 4.2.2 on the BCG trials (log risk ratios, moderator ablat, REML)
KNHA = {
    "rstudent": [0.193600002906898, -0.419472788614700, -0.465407366210114],
    "dffits": [0.0548322222989989, -0.1851026816515650, -0.0861468705996671],
    "cook_d": [0.00369783551720777, 0.03764168961054101, 0.00800103184652379],
    "cov_r": [1.36555737127115, 1.53846053992793, 1.25051735230736],
}
WEIGHTED = {  # weights 1/(vi + 0.1), test z
    "rstudent": [0.229315412372377, -0.485137660135340, -0.542499035068297],
    "dffits": [0.0571388499036993, -0.2184315884028445, -0.1159171414034730],
    "cook_d": [0.00350990860583083, 0.05287939457639, 0.01393952219379775],
    "cov_r": [1.23676435439995, 1.47991102461665, 1.12511343126741],
    "hat": [0.0551906583694761, 0.1644000061386716, 0.0399571805186525],
    "weight": [3.21075430610456, 4.63861401016982, 2.65140289787578],
}


def test_influence_with_knapp_hartung_and_with_weights(reference):
    inputs = reference("reg.bcg.ablat.REML.z")["inputs"]
    v = np.array(inputs["vi"])
    X = np.array(inputs["X"])[:, 1]
    cases = [({"test": "knha"}, KNHA), ({"test": "z", "weights": 1 / (v + 0.1)}, WEIGHTED)]
    for options, expected in cases:
        found = influence(meta_analysis(inputs["yi"], v, X, **options))
        for name, values in expected.items():
            assert getattr(found, name)[:3] == pytest.approx(values, rel=1e-9)


def test_rstudent_and_rstandard_agree_when_tau2_is_zero():
    # with tau2 = 0 and known variances the deletion formula is exact (Cook & Weisberg 1982)
    from review import rstandard

    y, v, x = _data(9, 12)
    fit = meta_analysis(y, v, x, method="EE")
    assert rstudent(fit).z == pytest.approx(rstandard(fit).z, rel=1e-9)


ORDERS = [
    ("years", [2010, 2001, 2005, 2001], [1, 3, 2, 0]),
    ("numbers as text", ["900", "85", "1200", ""], [1, 0, 2, 3]),
    ("days", ["2019-02-03", "2021-01-11", "2018-05-07", None], [2, 0, 1, 3]),
    ("precision", "precision", [2, 0, 3, 1]),
    ("effect", "effect", [3, 0, 2, 1]),
    ("column", "year", [2, 0, 1, 3]),
    ("none", None, [0, 1, 2, 3]),
]


@pytest.mark.parametrize(("order", "expected"), [o[1:] for o in ORDERS], ids=[o[0] for o in ORDERS])
def test_cumulative_order(order, expected):
    data = pd.DataFrame(
        {"y": [0.2, 0.9, 0.4, -0.1], "v": [0.04, 0.09, 0.02, 0.08], "year": [3, 4, 1, 8]}
    )
    fit = meta_analysis("y", "v", data=data, test="z")
    found = cumulative(fit, order)
    assert found.order.tolist() == expected
    for n in range(1, 5):
        part = data.iloc[expected[:n]]
        refit = meta_analysis(part.y.to_numpy(), part.v.to_numpy(), test="z")
        assert found.estimate[n - 1] == pytest.approx(refit.beta[0], rel=1e-9)
        assert found.tau2[n - 1] == pytest.approx(refit.tau2, rel=1e-8, abs=1e-12)
    assert found.estimate[-1] == pytest.approx(fit.beta[0], rel=1e-12)
    assert found.k.tolist() == [1, 2, 3, 4]


def test_cumulative_order_skips_rows_left_out():
    fit = meta_analysis([0.2, np.nan, 0.4, -0.1], [0.04, 0.09, 0.02, 0.08])
    found = cumulative(fit, [4, 1, 3, 2])
    assert found.labels == ("4", "3", "1")
    assert found.notes == ()


def test_cumulative_says_how_ties_are_added():
    fit = meta_analysis([0.2, 0.9, 0.4, -0.1], [0.04, 0.09, 0.02, 0.08])
    found = cumulative(fit, [2001, 1999, 2001, 2005])
    assert found.labels == ("2", "1", "3", "4")
    note = "studies with the same value of order (2001) are added in the order of the data"
    assert found.notes == (note,)
    assert note in found.summary()


@pytest.mark.parametrize("key", ["precision", "effect"])
def test_cumulative_by_precision_or_effect_does_not_depend_on_the_order_of_rows(key):
    y, v = np.array([0.3, 0.1, 0.3, 0.7, 0.1 + 0.2]), np.array([0.04, 0.04, 0.02, 0.04, 0.05])
    plain = cumulative(meta_analysis(y, v), key)
    for order in ([4, 3, 2, 1, 0], [2, 0, 4, 1, 3]):
        found = cumulative(meta_analysis(y[order], v[order]), key)
        assert found.estimate == pytest.approx(plain.estimate, rel=1e-9)


def test_cumulative_refuses_what_it_cannot_order():
    fit = meta_analysis([0.2, 0.9, 0.4], [0.04, 0.09, 0.02])
    with pytest.raises(InputError, match="order has 2 values, but there are 3 rows"):
        cumulative(fit, [1, 2])
    with pytest.raises(InputError, match=r"'b' \(value 2\) is neither a number nor a date"):
        cumulative(fit, [1, "b", 3])
    with pytest.raises(InputError, match="mixes numbers and dates"):
        cumulative(fit, [2019, "2019-02-03", 2020])
    with pytest.raises(InputError, match="one value per study or the name of a column"):
        cumulative(fit, 3)
    with pytest.raises(InputError, match="not a table"):
        cumulative(fit, [[1, 2], [3, 4], [5, 6]])
    with pytest.raises(InputError, match="no data was given"):
        cumulative(fit, "year")
    with pytest.raises(UnknownNameError, match="yaer"):
        cumulative(meta_analysis("y", "v", data={"y": [1, 2], "v": [1, 1], "year": [1, 2]}), "yaer")
    with pytest.raises(StatsError, match="without moderators"):
        cumulative(meta_analysis([0.2, 0.9, 0.4], [0.04, 0.09, 0.02], [1, 2, 4]))
    with pytest.raises(InputError, match="result of meta_analysis"):
        leave_one_out([1, 2, 3])


def test_results_become_tables_and_text():
    fit = meta_analysis([0.2, 0.9, 0.4, 0.5], [0.04, 0.09, 0.02, 0.03], slab=list("abcd"))
    found = leave_one_out(fit)
    frame = found.to_frame()
    assert frame.index.tolist() == list("abcd")
    assert frame["estimate"].tolist() == found.to_dict()["estimate"]
    assert "Leave-one-out" in found.summary()
    frame = influence(meta_analysis([1, 2, 3, 5], [1, 1, 1, 1], [1, 2, 4, 7])).to_frame()
    assert {"dfbetas[intercept]", "dfbetas[mod]", "influential"} <= set(frame.columns)
