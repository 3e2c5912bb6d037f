"""Every reference effect size, each under its own id."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import review

DATA = Path(__file__).resolve().parents[2] / "data"
MAIN = [
    e["id"]
    for e in json.loads((DATA / "metafor.json").read_text(encoding="utf-8"))["entries"]
    if e["id"].startswith("escalc.")
]
MORE = json.loads((DATA / "effect_sizes.json").read_text(encoding="utf-8"))
LATEST = [
    e
    for e in json.loads((DATA / "metafor_5_1.json").read_text(encoding="utf-8"))["entries"]
    if e["id"].startswith("escalc.")
]

# The default follows metafor 5.1; convention="3.8" gives what these files hold.
NEWER = {
    "PCOR": "variance divided by n - mi (metafor 5.1)",
    "ROM": "second-order bias correction (metafor 5.0)",
    "ROMC": "the same",
    "CVR": "the same",
    "CVRC": "the same",
    "SMDH": "variance of Bonett (2008) without a second factor J**2 (metafor 4.6)",
    "SMD1H": "variance of Bonett (2008) with degrees of freedom n - 1 (metafor 4.6)",
    "SMCRH": "variance of Bonett (2008) without a second factor J**2 (metafor 4.6)",
    "ZPCOR": "variance 1 / (n - mi - 2) of Fisher (1924) (metafor 4.0)",
}
ARGUMENTS = {
    "tpos": "ai", "tneg": "bi", "cpos": "ci", "cneg": "di",
    "tval": "ti", "n": "ni", "preds": "mi", "R2": "r2i",
}  # fmt: skip
IN_THE_CALL = {
    "escalc.IRR.zero": {
        "x1i": [0, 3, 5, 0], "x2i": [2, 0, 6, 0], "t1i": [10, 20, 30, 15], "t2i": [12, 18, 33, 14],
    },
}  # fmt: skip


def numbers(values):
    """A column of the file as floats; missing values are null."""
    listed = values if isinstance(values, list) else [values]
    return np.array([np.nan if v is None else v for v in listed], dtype=float)


def columns_of(entry):
    measure = entry["id"].split(".")[1]
    given = IN_THE_CALL.get(entry["id"], entry["inputs"])
    given = {ARGUMENTS.get(name, name): values for name, values in given.items()}
    if measure in {"IR", "IRLN"}:
        given = {"xi": given["x1i"], "ti": given["t1i"]}
    allowed = review.MEASURES[measure].family.allowed
    return measure, {name: numbers(v) for name, v in given.items() if name in allowed}


def options_of(call):
    options = dict(re.findall(r'\b(to|vtype)="(\w+)"', call))
    if "drop00=" in call:
        options["drop00"] = "drop00=TRUE" in call
    if "add=1/2" in call:
        options["add"] = 0.5
    return options


def assert_agrees(got, yi, vi, rtol=1e-11):
    yi, vi = numbers(yi), numbers(vi)
    gone = np.isnan(yi) | np.isnan(vi)
    np.testing.assert_allclose(got.yi, np.where(gone, np.nan, yi), rtol=rtol, atol=1e-14)
    np.testing.assert_allclose(got.vi, np.where(gone, np.nan, vi), rtol=rtol, atol=1e-16)


@pytest.mark.parametrize("entry_id", [i for i in MAIN if i != "escalc.RTET.bcg"])
def test_reference(reference, entry_id):
    entry = reference(entry_id)
    measure, columns = columns_of(entry)
    convention = "3.8" if measure in NEWER else "default"
    got = review.effect_size(measure, convention=convention, **columns, **options_of(entry["call"]))
    assert_agrees(got, entry["results"]["yi"], entry["results"]["vi"])


def test_tetrachoric_reference_is_less_exact_than_the_result(reference):
    """The reference stops its optimiser early: its correlations miss the tables by up to 1e-6."""
    from scipy.special import ndtr, ndtri

    from review.stats.effects.tetrachoric import bivariate_normal_cdf

    entry = reference("escalc.RTET.bcg")
    _, x = columns_of(entry)
    got = review.effect_size("RTET", **x)
    n = x["ai"] + x["bi"] + x["ci"] + x["di"]
    h, k = ndtri((x["ai"] + x["bi"]) / n), ndtri((x["ai"] + x["ci"]) / n)
    assert ndtr(h[0]) == pytest.approx((x["ai"] + x["bi"])[0] / n[0])
    ours = bivariate_normal_cdf(h, k, got.yi) - x["ai"] / n
    theirs = bivariate_normal_cdf(h, k, numbers(entry["results"]["yi"])) - x["ai"] / n
    assert np.abs(ours).max() < 1e-15
    assert np.abs(theirs).max() > 1e-7
    np.testing.assert_allclose(got.yi, entry["results"]["yi"], atol=3e-5)
    np.testing.assert_allclose(got.vi, entry["results"]["vi"], rtol=1e-4)


@pytest.mark.parametrize("entry", LATEST, ids=lambda e: e["id"])
def test_the_default_agrees_with_the_latest_version(entry):
    measure = entry["call"]
    allowed = review.MEASURES[measure].family.allowed
    columns = {n: numbers(v) for n, v in entry["inputs"].items() if n in allowed}
    got = review.effect_size(measure, **columns, **entry["options"])
    yi = entry["yi"]
    if measure == "RBIS":  # the reference keeps impossible correlations, with the variance of 1
        yi = np.clip(numbers(yi), -1, 1).tolist()
    assert_agrees(got, yi, entry["vi"], rtol=1e-10)
    assert got.to_dict()["conventions"] == "metafor 5.1"
    if measure in NEWER:
        old = review.effect_size(measure, convention="3.8", **columns, **entry["options"])
        assert old.to_dict()["conventions"] == "metafor 3.8"
        known = np.isfinite(got.yi) & (got.yi != 0)
        assert (old.yi[known] != got.yi[known]).any() or (old.vi[known] != got.vi[known]).any()


@pytest.mark.parametrize("measure", ["SMDH", "SMD1H", "SMCRH", "ZPCOR"])
def test_the_newer_convention_changes_the_variance_only(reference, measure):
    entry_id = next(i for i in MAIN if i.split(".")[1] == measure)
    _, columns = columns_of(reference(entry_id))
    new = review.effect_size(measure, **columns)
    old = review.effect_size(measure, convention="3.8", **columns)
    np.testing.assert_array_equal(new.yi, old.yi)
    assert np.all(new.vi > old.vi)
    assert np.all(new.vi / old.vi < 1.3)


@pytest.mark.parametrize("entry", MORE["entries"], ids=lambda e: e["id"])
def test_options_and_edge_cases(entry):
    measure = entry["measure"]
    allowed = review.MEASURES[measure].family.allowed
    columns = {n: numbers(v) for n, v in entry["inputs"].items() if n in allowed}
    convention = "3.8" if measure in NEWER else "default"
    got = review.effect_size(measure, convention=convention, **columns, **(entry["options"] or {}))
    assert_agrees(got, entry["yi"], entry["vi"], rtol=1e-10)
    assert len(got.left_out) == np.isnan(got.yi).sum()


@pytest.mark.parametrize("name", MORE["transforms"])
def test_back_transformations(name):
    case = MORE["transforms"][name]
    x, want = np.array(case["x"]), np.array(case["y"])
    if name in {"iahw", "iabt"}:  # a negative alpha is possible; the reference cuts it at 0
        keep = x >= 0
        x, want = x[keep], want[keep]
    got = review.back_transform(x, transf=name, ni=case.get("n"), ti=case.get("t"))
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
