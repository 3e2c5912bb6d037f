"""Selection models against the reference, one test per entry.

`sel.*` of metafor.json: the step functions agree to 2e-6 (the reference stops where its gradient is
still 7e-6). The smooth types were made with the reference's default quadrature, which is good to
about 1e-4: at its own parameters our exact likelihood differs by up to 3e-7, ours is higher at ours
(halfnorm by 3.5e-7), and its standard errors are off by up to 6 per cent. They are compared at what
that leaves, and again at 1e-6 with the same reference at a tight quadrature (selection_models.json,
made for this test), which confirms the values found here.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from review import meta_analysis, selection_model

DATA = Path(__file__).resolve().parents[3] / "data"
TIGHT = json.loads((DATA / "selection_models.json").read_text("utf-8"))
ENTRIES = {entry["id"]: entry for entry in TIGHT["entries"]}

ARGUMENTS = {
    "sel.hackshaw.3psm": {"type": "stepfun", "steps": 0.025},
    "sel.hackshaw.step2": {"type": "stepfun", "steps": (0.05, 0.5)},
    "sel.hackshaw.halfnorm": {"type": "halfnorm"},
    "sel.hackshaw.logistic": {"type": "logistic"},
    "sel.hackshaw.power": {"type": "power"},
}
NAMES = {"ll": "loglik"}
# relative differences that the reference's own quadrature leaves: estimates, standard errors
LOOSE = {
    "sel.hackshaw.halfnorm": (2e-3, 7e-2),
    "sel.hackshaw.logistic": (1e-4, 3e-3),
    "sel.hackshaw.power": (2e-6, 1e-5),
}


def compare(found, results, estimates, errors, likelihood):
    rel = dict.fromkeys(("se", "se_tau2", "se_delta", "pval_delta", "QM", "QMp"), errors)
    # a ratio is a small difference of log-likelihoods
    ratios = max(1e-5, 100 * likelihood)
    rel |= dict.fromkeys(("LRT", "LRTp", "LRT_tau2", "LRTp_tau2"), ratios)
    rel |= {"ll": likelihood, "LRTdf": 0}
    for name, expected in results.items():
        if name == "opt_used" or expected is None:
            continue
        wanted = np.array([np.nan if x is None else x for x in np.atleast_1d(expected)], float)
        got = np.atleast_1d(getattr(found, NAMES.get(name, name))).astype(float)
        np.testing.assert_allclose(
            got, wanted, rtol=rel.get(name, estimates), atol=1e-9, err_msg=name
        )


@pytest.mark.parametrize("entry_id", list(ARGUMENTS))
def test_reference(entry_id, reference):
    entry = reference(entry_id)
    y, v = entry["inputs"]["yi"], entry["inputs"]["vi"]
    found = selection_model(y, v, **ARGUMENTS[entry_id])
    estimates, errors = LOOSE.get(entry_id, (2e-6, 2e-6))
    likelihood = 1e-8 if entry_id not in LOOSE else 5e-8
    compare(found, entry["results"], estimates, errors, likelihood)
    if entry_id in LOOSE:  # the true likelihood at the reference's parameters is lower than ours
        there = selection_model(
            meta_analysis(y, v, tau2=entry["results"]["tau2"]),
            **ARGUMENTS[entry_id], delta=entry["results"]["delta"],
        )  # fmt: skip
        assert there.loglik <= found.loglik


@pytest.mark.parametrize("entry_id", list(ENTRIES))
def test_tight_reference(entry_id):
    entry = ENTRIES[entry_id]
    inputs, results = TIGHT["inputs"][entry["dataset"]], dict(entry["results"])
    model = meta_analysis(
        inputs["yi"], inputs["vi"], mods=inputs.get("X"), ni=inputs.get("ni"),
        method=entry["method"], test="z",
    )  # fmt: skip
    found = selection_model(model, **entry["args"])
    estimates, errors, likelihood = entry.get("rel", (1e-5, 5e-5, 1e-8))
    # ours is the higher likelihood, but for the error of the reference's quadrature
    assert found.loglik >= results["ll"] - likelihood * abs(results["ll"])
    if found.tau2 == 0 and not model.equal_effects:
        # the reference stops just above 0, where the standard errors mean nothing
        assert results["tau2"] < 1e-6
        results = {name: results[name] for name in ("beta", "ll", "LRT", "LRTp", "delta")}
        estimates, likelihood = max(estimates, 2e-5), max(likelihood, 2e-6)
        errors = estimates
    compare(found, results, estimates, errors, likelihood)


def test_a_higher_maximum_than_the_reference_finds(data):
    # metafor 3.8-1 stops at beta = -1.562595, tau2 = 0.6268953 with log-likelihood -15.297789
    y, v = data("egger")
    found = selection_model(y, v, type="beta", alternative="less")
    assert found.loglik > -15.26
    assert found.tau2 == 0
    assert found.agreeing < found.starts
    assert any("starting points reached the highest maximum" in note for note in found.notes)
    theirs = selection_model(
        meta_analysis(y, v, tau2=0.62689532), type="beta", alternative="less",
        delta=[1.430588, 2.9066925],
    )  # fmt: skip
    assert theirs.loglik == pytest.approx(-15.297789, abs=1e-4)  # its quadrature
