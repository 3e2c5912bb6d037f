"""Conversions against the reference package, digit for digit (tests/data/conversions.json)."""

import json
from pathlib import Path

import numpy as np
import pytest

import review
from review.stats.effects.fivenumber import Quantiles, mean_sd, skewness
from review.stats.effects.rebuilt import table_from_margins

DATA = Path(__file__).resolve().parents[2] / "data"
ENTRIES = {
    e["id"]: e
    for e in json.loads((DATA / "conversions.json").read_text(encoding="utf-8"))["entries"]
}
CLOSE = {"rtol": 1e-10, "atol": 1e-12}


def numbers(values):
    return np.array([np.nan if v is None else v for v in values], dtype=float)


def entry(name):
    found = ENTRIES[name]
    return (
        {n: numbers(v) for n, v in found["inputs"].items()},
        {n: numbers(v) for n, v in found["results"].items()},
    )


@pytest.mark.parametrize(
    ("name", "measure", "renamed", "more"),
    [
        ("wald.ratio.ci", "HR", {"lo": "ci_lb", "hi": "ci_ub"}, {}),
        ("wald.ratio.ci90", "OR", {"lo": "ci_lb", "hi": "ci_ub"}, {"level": 90}),
        ("wald.ratio.ci90", "ROM", {"lo": "ci_lb", "hi": "ci_ub"}, {"level": 0.9}),
        ("wald.ratio.p", "RR", {}, {}),
        ("wald.diff.z", "RD", {"zval": "stat"}, {}),
        ("wald.diff.ci", "MD", {"lo": "ci_lb", "hi": "ci_ub"}, {}),
        ("smd.t", "SMD", {}, {}),
        ("smd.p", "SMD", {}, {}),
        ("smd.d", "SMD", {}, {}),
    ],
)
def test_estimates_and_statistics(name, measure, renamed, more):
    inputs, want = entry(name)
    columns = {renamed.get(n, n): v for n, v in inputs.items()}
    got = review.effect_size(measure, **columns, **more)
    np.testing.assert_allclose(got.yi, want["yi"], **CLOSE)
    np.testing.assert_allclose(got.vi, want["vi"], **CLOSE)
    assert [c.row for c in got.conversions] == list(range(1, len(got) + 1))


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("fivenum.default.norm", "luo"),
        ("fivenum.luo/wan/shi", "luo"),
        ("fivenum.wan2014", "wan"),
        ("fivenum.bland2015", "bland"),
    ],
)
def test_means_and_sds_from_medians(name, method):
    inputs, want = entry(name)
    q = Quantiles(*(inputs[n] for n in ("min", "q1", "median", "q3", "max", "n")))
    mean, sd = mean_sd(q, method)
    statistic, limit = skewness(q)
    skewed = statistic > limit
    np.testing.assert_allclose(np.where(skewed, np.nan, mean), want["mean"], **CLOSE)
    np.testing.assert_allclose(np.where(skewed, np.nan, sd), want["sd"], **CLOSE)


@pytest.mark.parametrize(("medians", "name"), [("luo", "default.norm"), ("wan", "wan2014")])
def test_the_same_through_the_front_door(medians, name):
    """Means of one group: the mean is the effect, the squared SD over n its variance."""
    inputs, want = entry(f"fivenum.{name}")
    columns = {"min": "mini", "q1": "q1i", "median": "mediani", "q3": "q3i", "max": "maxi"}
    given = {columns.get(n, "ni"): v for n, v in inputs.items()}
    got = review.effect_size("MN", **given, medians=medians)
    np.testing.assert_allclose(got.yi, want["mean"], **CLOSE)
    np.testing.assert_allclose(got.vi, want["sd"] ** 2 / inputs["n"], **CLOSE)
    assert [row.row for row in got.left_out] == [2, 6]
    assert all("Shi et al. 2023" in row.reason for row in got.left_out)


@pytest.mark.parametrize(
    ("name", "kind", "column"), [("2x2.phi", "PHI", "ri"), ("2x2.or", "OR", "ori")]
)
def test_tables_from_their_margins(name, kind, column):
    inputs, want = entry(name)
    n1, events = inputs["n1i"], inputs["n2i"]  # the reference calls the column margin n2i
    n2 = inputs["ni"] - n1
    a = table_from_margins(kind, inputs[column], n1, n2, events)
    np.testing.assert_array_equal(a, want["ai"])
    np.testing.assert_array_equal(n1 - a, want["bi"])
    np.testing.assert_array_equal(events - a, want["ci"])
    np.testing.assert_array_equal(n2 - (events - a), want["di"])
    argument = {"PHI": "phi", "OR": "ori"}[kind]
    got = review.effect_size("OR", **{argument: inputs[column]}, n1i=n1, n2i=n2, events=events)
    direct = review.effect_size("OR", **{c: want[c] for c in ("ai", "bi", "ci", "di")})
    np.testing.assert_allclose(got.yi, direct.yi, **CLOSE)
    assert all(c.approximate for c in got.conversions)


def test_every_entry_of_the_reference_is_compared():
    hozo = {"fivenum.hozo2005"}  # mean and SD of 2005, superseded; all its cells are empty
    compared = {
        "wald.ratio.ci", "wald.ratio.ci90", "wald.ratio.p", "wald.diff.z", "wald.diff.ci",
        "smd.t", "smd.p", "smd.d", "fivenum.default.norm", "fivenum.luo/wan/shi",
        "fivenum.wan2014", "fivenum.bland2015", "2x2.phi", "2x2.or",
    }  # fmt: skip
    assert compared | hozo == set(ENTRIES)
