"""Many meta-analyses in one call give the numbers of single calls, whatever way computes those."""

from __future__ import annotations

import math

import numpy as np
import pytest

import review
from review.errors import InputError, StatsError, UnknownNameError
from review.stats.ground.inference import TESTS
from review.stats.pooling import meta_analysis as module
from review.stats.pooling.few_studies import FEW, fit_few
from review.stats.pooling.many_result import COLUMNS
from review.stats.pooling.meta_analysis import result_of
from review.stats.pooling.meta_rows import read_inputs
from review.stats.pooling.tau2 import METHODS

POOLED = [m for m in METHODS if m not in ("GENQ", "GENQM")]
SIZES = (1, 2, 3, 7, 12, 41)


def groups(seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Effects, variances and group of each row, the rows of groups mixed."""
    rng = np.random.default_rng(seed)
    names = np.repeat(np.arange(2 * len(SIZES)), SIZES * 2)
    v = np.exp(rng.normal(-2, 1.2, len(names)))
    spread = np.where(names % 2, 0.5, 0.02)
    y = 0.3 + rng.normal(0, 1, len(names)) * np.sqrt(v + spread)
    mixed = rng.permutation(len(names))
    return y[mixed], v[mixed], names[mixed]


def close(a: float | None, b: float) -> bool:
    """Equal to 1e-12, NaN standing for None."""
    if a is None or math.isnan(a):
        return math.isnan(b)
    return a == b or abs(a - b) <= 1e-12 * max(abs(a), 1e-3)


@pytest.mark.parametrize("method", POOLED)
@pytest.mark.parametrize("test", [None, *TESTS])
def test_each_group_has_the_numbers_of_a_single_call(method: str, test: str | None) -> None:
    y, v, group = groups()
    found = review.meta_analysis_many(y, v, group, method=method, test=test)
    assert list(found.names) == [str(g) for g in dict.fromkeys(group.tolist())]
    for i, name in enumerate(found.names):
        here = group == int(name)
        one = review.meta_analysis(y[here], v[here], method=method, test=test)
        expected = {
            **{c: getattr(one, c)[0] for c in ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")},
            **{c: getattr(one, c) for c in COLUMNS[6:17] if not c.startswith("pi")},
            "pi_lb": one.pi_lb, "pi_ub": one.pi_ub, "s2w": one.s2w,
            "ddf": math.inf if one.ddf is None else one.ddf,
            "loglik_ml": one.fit_ml.loglik, "loglik_reml": one.fit_reml.loglik,
        }  # fmt: skip
        assert set(expected) == set(COLUMNS)
        for column, value in expected.items():
            assert close(value, getattr(found, column)[i]), (name, column)
        assert found.k[i] == one.k


def test_a_group_is_a_whole_result_that_can_be_refitted() -> None:
    y, v, group = groups()
    data = {"y": y, "v": v, "outcome": [f"outcome {g}" for g in group]}
    found = review.meta_analysis_many("y", "v", "outcome", data, slab=[f"s{i}" for i in group])
    here = np.flatnonzero(group == 4)
    one = found["outcome 4"]
    assert one.ids.tolist() == here.tolist()
    assert one.slab == ("s4",) * len(here)
    alone = review.meta_analysis(y[here], v[here], slab=["s4"] * len(here))
    assert (one.tau2, one.beta[0], one.notes) == (alone.tau2, alone.beta[0], alone.notes)
    assert one.update(method="DL").tau2 == review.meta_analysis(y[here], v[here], method="DL").tau2
    assert found.update(method="DL")["outcome 4"].tau2 == one.update(method="DL").tau2
    assert len(list(found)) == len(found) == len(found.to_frame()) == 12
    assert found.to_frame().loc["outcome 4", "tau2"] == pytest.approx(one.tau2, rel=1e-12)
    assert "REML" in found.summary()
    assert found.to_dict()["names"][0] == found.names[0]
    with pytest.raises(UnknownNameError, match="outcome"):
        found["outcome 44"]


def test_rows_with_gaps_are_left_out_and_named() -> None:
    found = review.meta_analysis_many(
        [0.1, None, 0.3, 0.2, 0.4], [0.1, 0.2, 0.1, 0.1, None], list("aaabb"), method="DL"
    )
    assert [r.row for r in found.left_out] == [2, 5]
    assert found.k.tolist() == [2, 1]
    assert any("left out" in note for note in found.notes)
    assert any("not defined in 1 group" in note for note in found.notes)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [({"group": None}, InputError, "group is missing"),
     ({"group": ["a", "a"]}, InputError, "2 values, but there are 3"),
     ({"group": ["a", None, "a"]}, InputError, "gap in row 2"),
     ({"group": ["1", 1.0, 1.0]}, InputError, "same name"),
     ({"group": [["a"], ["b"], ["c"]]}, InputError, "words or numbers"),
     ({"yi": [0.1, None, 0.2], "group": list("aba")}, StatsError, "'b' has no row"),
     ({"method": "GENQ"}, InputError, "one by one"),
     ({"method": "EE", "tau2": 0.1}, InputError, "has no tau2"),
     ({"tau2": -1}, InputError, "tau2")],
    ids=str,
)  # fmt: skip
def test_wrong_groups_are_refused(
    arguments: dict[str, object], error: type[Exception], message: str
) -> None:
    given = {"yi": [0.1, 0.2, 0.3], "vi": [0.1, 0.1, 0.2], "group": list("aab")}
    with pytest.raises(error, match=message):
        review.meta_analysis_many(**(given | arguments))


@pytest.mark.parametrize("method", POOLED)
@pytest.mark.parametrize("k", [2, 5, FEW])
def test_few_studies_in_plain_numbers_are_those_of_arrays(
    method: str, k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(k)
    for spread, test in ((0.0, "z"), (0.3, "knha"), (3.0, "adhoc"), (0.1, "t")):
        v = np.exp(rng.normal(-2, 1, k))
        y = rng.normal(0.4, np.sqrt(v + spread))
        plain = review.meta_analysis(y, v, method=method, test=test)
        assert fit_few(y, v, method, test, tau2=None, level=95) is not None or k == 2
        monkeypatch.setattr(module, "fit_few", lambda *_, **__: None)
        arrays = review.meta_analysis(y, v, method=method, test=test)
        monkeypatch.undo()
        assert plain.notes == arrays.notes
        for name in ("beta", "se", "pval", "ci_lb", "tau2", "se_tau2", "I2", "H2", "QE", "QEp",
                     "QM", "QMp", "s2w", "vt", "weights"):  # fmt: skip
            a, b = (np.ravel(np.array(getattr(r, name), float)) for r in (plain, arrays))
            assert np.allclose(a, b, rtol=1e-12, atol=1e-15, equal_nan=True), name
        assert pytest.approx(arrays.fit.AIC, rel=1e-12) == plain.fit.AIC
        assert plain.convergence.how == arrays.convergence.how


@pytest.mark.parametrize(
    ("y", "v"),
    [([0.1], [0.2]), ([0.1, 0.1, 0.1], [0.1, 0.2, 0.3]), ([0.1, 0.5, 0.9], [1e-9, 0.2, 0.3]),
     ([0.0, 1.0, 0.03, 1.02], [1e-5, 1e-5, 0.9, 0.9]), ([1e200, 0.0, -1e200], [1.0, 2.0, 3.0]),
     ([0.1] * 41, [0.2] * 41)],
    ids=["one", "all alike", "one has all weight", "two groups", "extreme", "many"],
)  # fmt: skip
def test_unusual_studies_are_left_to_arrays_or_agree_with_them(
    y: list[float], v: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fitted() -> object:
        try:
            return review.meta_analysis(y, v).to_dict()
        except StatsError as error:
            return str(error)

    plain = fitted()
    monkeypatch.setattr(module, "fit_few", lambda *_, **__: None)
    arrays = fitted()
    if isinstance(plain, str) or isinstance(arrays, str):
        assert plain == arrays
    else:
        assert plain["notes"] == arrays["notes"]
        assert plain["tau2"] == pytest.approx(arrays["tau2"], rel=1e-12, abs=1e-18)


def test_the_factor_of_paule_and_mandel_is_one_but_for_rounding() -> None:
    y, v, group = groups()
    for g in np.unique(group).tolist():
        here = group == g
        fit = review.meta_analysis(y[here], v[here], method="PM")
        if fit.tau2 > 0:
            assert not any("below 1" in note for note in fit.notes)


def test_numbers_and_rows_make_a_result() -> None:
    rows = read_inputs([0.1, 0.9, 0.4], [0.04, 0.09, 0.05])
    n = fit_few(rows.yi, rows.vi, "DL", "knha", tau2=None, level=90)
    assert n is not None
    fit = result_of(
        rows, n, method="DL", test=None, level=90, tau2_fixed=False, R2=None, call={}
    )  # fmt: skip
    assert (
        fit.ci_lb[0]
        == review.meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], method="DL", level=90).ci_lb[0]
    )
