"""Moderators: formulas, columns, matrices, and new values for predictions."""

import numpy as np
import pandas as pd
import pytest

from review import meta_analysis
from review.errors import InputError, StatsError, UnknownNameError
from review.stats.ground.model_formula import FUNCTIONS, translate

K = 12
RNG = np.random.default_rng(5)
DATA = {
    "x": np.arange(K) * 1.5 + 1,
    "n images": np.arange(10, 10 + K),
    "year": 1990 + np.arange(K) % 5,
    "arm": ["c", "a", "b"] * (K // 3),
    "code": [1, 2, 3, 4] * (K // 4),
    "gap": ["u", None, "w"] * (K // 3),
    "flag": [True, False] * (K // 2),
}
YI, VI = RNG.normal(size=K), RNG.uniform(0.1, 0.5, K)


def fit(mods, **options):
    return meta_analysis(YI, VI, mods, data=DATA, **options)


def dummies(values, levels):
    return [np.array([v == level for v in values], dtype=float) for level in levels]


X, YEAR, ONE = DATA["x"], DATA["year"], np.ones(K)
A, B, C = dummies(DATA["arm"], "abc")


@pytest.mark.parametrize(
    ("formula", "names", "columns"),
    [
        ("~ x", ["intercept", "x"], [ONE, X]),
        ("x", ["intercept", "x"], [ONE, X]),
        ("~ x - 1", ["x"], [X]),
        ("~ 0 + x", ["x"], [X]),
        ("~ 1", ["intercept"], [ONE]),
        ("~ log(x)", ["intercept", "log(x)"], [ONE, np.log(X)]),
        ("~ log(`n images`)", None, [ONE, np.log(DATA["n images"])]),
        ("~ I(year - 1948)", ["intercept", "I(year - 1948)"], [ONE, YEAR - 1948]),
        ("~ I(x^2)", ["intercept", "I(x^2)"], [ONE, X**2]),
        ("~ sqrt(x) + pmin(x, 4)", None, [ONE, np.sqrt(X), np.minimum(X, 4)]),
        ("~ arm", ["intercept", "arm[b]", "arm[c]"], [ONE, B, C]),
        ("~ factor(arm)", ["intercept", "arm[b]", "arm[c]"], [ONE, B, C]),
        ("~ arm - 1", ["arm[a]", "arm[b]", "arm[c]"], [A, B, C]),
        (
            "~ factor(code)",
            ["intercept", "code[2]", "code[3]", "code[4]"],
            [ONE, *dummies(DATA["code"], [2, 3, 4])],
        ),
        ("~ flag", ["intercept", "flag"], [ONE, np.array(DATA["flag"], dtype=float)]),
        ("~ x * year", ["intercept", "x", "year", "x:year"], [ONE, X, YEAR, X * YEAR]),
        ("~ x:year", ["intercept", "x:year"], [ONE, X * YEAR]),
        ("~ (x + year)^2", ["intercept", "x", "year", "x:year"], [ONE, X, YEAR, X * YEAR]),
    ],
)
def test_formulas_make_the_design_of_r(formula, names, columns):
    ours = fit(formula)
    if names is not None:
        assert list(ours.coef_names) == names
    np.testing.assert_allclose(ours.X, np.column_stack(columns))
    assert ours.intercept == (ours.coef_names[0] == "intercept")


def test_columns_frames_and_matrices_give_the_same_fit():
    wanted = fit("~ x + year")
    frame = pd.DataFrame(DATA)
    for mods in (["x", "year"], frame[["x", "year"]], {"x": X, "year": YEAR}):
        ours = fit(mods)
        assert ours.coef_names == wanted.coef_names
        np.testing.assert_allclose(ours.beta, wanted.beta, rtol=1e-9)
    ours = meta_analysis(YI, VI, np.column_stack([X, YEAR]))
    assert ours.coef_names == ("intercept", "mod1", "mod2")
    np.testing.assert_allclose(ours.beta, wanted.beta, rtol=1e-9)
    ours = meta_analysis(YI, VI, np.column_stack([X, YEAR, ONE]))
    assert ours.coef_names == ("intercept", "mod1", "mod2")  # its own column of ones comes first
    np.testing.assert_allclose(ours.beta, wanted.beta, rtol=1e-9)


def test_a_series_keeps_its_name_and_text_becomes_a_factor():
    assert meta_analysis(YI, VI, pd.Series(X, name="dose")).coef_names == ("intercept", "dose")
    arm = pd.Series(DATA["arm"], name="arm")
    assert meta_analysis(YI, VI, arm).coef_names == ("intercept", "arm[b]", "arm[c]")
    assert meta_analysis(YI, VI, DATA["arm"]).coef_names == ("intercept", "mod[b]", "mod[c]")
    mixed = pd.DataFrame({"dose": X, "arm": DATA["arm"]})
    assert meta_analysis(YI, VI, mixed).coef_names == ("intercept", "dose", "arm[b]", "arm[c]")


def test_rows_without_a_moderator_are_left_out_and_their_levels_dropped():
    ours = fit("~ gap")
    assert ours.k == 8
    assert {row.reason for row in ours.left_out} == {"no moderator gap"}
    groups = pd.Categorical(DATA["arm"], categories=["z", "a", "b", "c"])
    yi = np.where(np.array(DATA["arm"]) == "a", np.nan, YI)
    ours = meta_analysis(yi, VI, "~ g", data={"g": groups})
    assert ours.coef_names == ("intercept", "g[c]")  # neither z nor a has studies left


@pytest.mark.parametrize(
    ("formula", "error", "words"),
    [
        ("~ yeer", UnknownNameError, "did you mean 'year'"),
        ("~ lag(x)", UnknownNameError, "unknown function 'lag'"),
        ("~ __import__('os').system('true')", UnknownNameError, "unknown function"),
        ("~ x.values", UnknownNameError, "unknown column 'x.values'"),
        ("~ x.__class__", UnknownNameError, "unknown column"),
        ("~ (lambda: 1)()", UnknownNameError, "lambda"),
        ("~ x @ year", InputError, "'@'"),
        ("~ .", InputError, r"'\.'"),
        ("~ x +", InputError, "cannot be used"),
        ("y ~ x", InputError, "nothing to the left"),
        ("~", InputError, "is empty"),
        ("~ 0", InputError, "no coefficient"),
        ("~ log(x - 1)", StatsError, "no finite value in row 1"),
        ("~ x + I(2 * x)", StatsError, r"I\(2 \* x\) can be computed from intercept, x"),
        (["x", "yeer"], UnknownNameError, "yeer"),
    ],
)
def test_wrong_formulas_are_refused(formula, error, words):
    with pytest.raises(error, match=words):
        fit(formula)


def test_a_formula_needs_data():
    with pytest.raises(InputError, match="no data was given"):
        meta_analysis(YI, VI, "~ x")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_listed_function_is_there(name):
    arguments = {"poly": "x, 2", "bs": "x, df=4", "cr": "x, df=3", "cs": "x, df=3", "cc": "x, df=3"}
    argument = arguments.get(name, "x, 3" if name in ("pmin", "pmax") else "x")
    if name in ("C", "factor"):
        argument = "arm"
    design = (
        fit(f"~ {name}({argument})", method="EE")
        if name not in ("cr", "cs", "cc")
        else fit(f"~ 0 + {name}({argument})", method="EE")
    )
    assert np.isfinite(design.X).all()


def test_r_spelling_is_translated():
    assert translate("factor(a) + `b c`^2", ["a", "b c"]) == ("C(a) + `b c`**2", ["a", "b c"])


def test_new_values_of_a_formula():
    ours = fit("~ log(x) + factor(arm)")
    wanted = [[1, np.log(2), 0, 0], [1, np.log(3), 0, 1]]
    for new in ({"x": [2, 3], "arm": ["a", "c"]}, pd.DataFrame({"x": [2, 3], "arm": ["a", "c"]})):
        p = ours.predict(new, addx=True)
        np.testing.assert_allclose(p.X, wanted)
        np.testing.assert_allclose(p.pred, np.array(wanted) @ ours.beta)
    np.testing.assert_allclose(ours.predict(np.array(wanted)[:, 1:], addx=True).X, wanted)
    np.testing.assert_allclose(ours.predict({"x": [2, 3], "arm": "a"}, addx=True).X[:, 3], 0)


def test_splines_and_scaling_keep_what_they_learnt_from_the_data():
    for formula in ("~ scale(x)", "~ poly(x, 2)", "~ bs(x, df=4)"):
        ours = fit(formula)
        np.testing.assert_allclose(ours.predict({"x": X}).pred, ours.predict().pred, rtol=1e-9)


@pytest.mark.parametrize(
    ("new", "error", "words"),
    [
        ({"x": [1]}, UnknownNameError, "unknown column 'arm'"),
        ({"x": [1], "arm": ["never"]}, UnknownNameError, "unknown level of arm 'never'"),
        ([1, 2], InputError, r"3 columns \(x, arm\[b\], arm\[c\]\), not 2"),
        ("text", InputError, "must hold numbers"),
        ([[np.nan, 0, 1]], InputError, "without gaps"),
        ({"x": [1, 2], "arm": ["a", "b", "c"]}, InputError, "same length"),
    ],
)
def test_wrong_new_values_are_refused(new, error, words):
    with pytest.raises(error, match=words):
        fit("~ x + arm").predict(new)


def test_a_model_without_moderators_takes_no_new_values():
    with pytest.raises(InputError, match="no moderators"):
        meta_analysis(YI, VI).predict([1])
