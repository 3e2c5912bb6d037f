"""Additive component models."""

import json
from pathlib import Path

import numpy as np
import pytest

from review import component_network, meta_analysis, network_meta

DATA = Path(__file__).resolve().parents[2] / "data" / "networks.json"


@pytest.fixture(scope="module")
def linde():
    data = json.loads(DATA.read_text(encoding="utf-8"))["contrasts"]["linde2016"]
    return [data[c] for c in ("lnOR", "selnOR", "treat1", "treat2", "id")]


def test_components_that_are_treatments_are_the_network(columns):
    given = columns("smokingcessation")
    fit = network_meta(*given, reference="A")
    parts = component_network(*given, inactive="A")
    assert parts.components == ("B", "C", "D")
    assert parts.tau2 == pytest.approx(fit.tau2, rel=1e-9)
    assert parts.beta == pytest.approx(fit.beta, rel=1e-9)
    assert parts.se == pytest.approx(fit.se, rel=1e-9)
    assert (parts.df_diff, parts.pval_diff) == (0, 1.0)
    assert parts.te == pytest.approx(fit.random.te, rel=1e-9, abs=1e-12)


def test_combinations_by_meta_regression(linde):
    """Two-arm studies alone are a meta-regression on the difference of components."""
    te, se, first, second, study = linde
    keep = [i for i, s in enumerate(study) if study.count(s) == 1]
    cut = [[c[i] for i in keep] for c in (te, se, first, second, study)]
    parts = component_network(*cut, sep=" + ", inactive="Placebo")
    X = np.array(
        [
            [(n in a.split(" + ")) - (n in b.split(" + ")) for n in parts.components]
            for a, b in zip(cut[2], cut[3], strict=True)
        ],
        dtype=float,
    )
    model = meta_analysis(
        cut[0], np.square(cut[1]), mods=X, intercept=False, method="DL", test="z"
    )  # fmt: skip
    assert parts.beta == pytest.approx(model.beta, rel=1e-7)
    assert parts.se == pytest.approx(model.se, rel=1e-7)
    assert pytest.approx(model.QE, rel=1e-8) == parts.Q
    assert parts.tau2 == pytest.approx(model.tau2, rel=1e-7)


def test_additivity_is_tested_against_the_network(linde):
    parts = component_network(*linde, sep=" + ", inactive="Placebo")
    fit = network_meta(*linde)
    assert parts.Q_standard == pytest.approx(fit.Q, rel=1e-9)
    assert parts.df_standard == fit.df
    assert parts.Q_diff == pytest.approx(parts.Q - fit.Q, rel=1e-9)
    assert len(parts.treatments) - 1 - len(parts.components) == parts.df_diff == 3
    same = fit.component_model(" + ", "Placebo")
    assert same.beta == pytest.approx(parts.beta)


def test_shared_components_join_a_network_in_parts():
    te = [1.0, 2.0, 3.05]
    given = (te, [0.2, 0.2, 0.2], ["A", "B", "A + B"], ["P", "P", "C"], ["1", "2", "3"])
    parts = component_network(*given, inactive="P", method="EE")
    assert len(parts.parts) == 2
    assert any("2 parts" in note for note in parts.notes)
    at = {n: float(b) for n, b in zip(parts.components, parts.beta, strict=True)}
    assert at == pytest.approx({"A": 1.0, "B": 2.0, "C": -0.05})
    assert parts.df_standard == 0
    json.dumps(parts.to_dict(), allow_nan=False)


def test_what_the_data_do_not_tell_is_said():
    given = ([1.0, 1.2], [0.2, 0.2], ["A + B", "A + B"], ["P", "P"], ["1", "2"])
    parts = component_network(*given, inactive="P")
    assert np.isnan(parts.beta).all()
    assert any("do not tell the effect of A and B" in note for note in parts.notes)
    assert parts.te[0, 1] == pytest.approx(1.1)
    no_inactive = component_network([1.0], [0.2], ["A"], ["B"], ["1"])
    assert np.isnan(no_inactive.beta).all()
    assert no_inactive.te[0, 1] == pytest.approx(1.0)
