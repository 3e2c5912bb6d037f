"""`--also multiverse` and `--also rho`."""

from __future__ import annotations

import json

import pytest

import review
from review.errors import InputError
from review.formats.read_options import DEFAULT
from review.plots.meta.meta_files import meta_artifacts
from review.workflow.pooling.csv_input import from_csv
from review.workflow.pooling.meta_run import run_meta
from review.workflow.pooling.pooled_rows import beside_forest

ROWS = """study,yi,vi,trial,blinding
a,0.05,0.02,t1,low
b,0.31,0.03,t1,high
c,0.42,0.05,t2,low
d,0.10,0.01,t3,serious
e,0.25,0.04,t4,low
f,0.55,0.02,t5,some concerns
"""


@pytest.fixture(name="rows")
def _rows(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(ROWS, encoding="utf-8")
    columns = {"yi": "yi", "vi": "vi"}
    return from_csv(path, columns=columns, measure="SMD", labels="study", reading=DEFAULT)


def test_the_multiverse_of_a_run_has_its_figure_table_and_text(rows):
    rows = beside_forest(rows, (), ["blinding"])
    run = run_meta(rows, also=["multiverse"], test="z")
    found = run.also["multiverse"]
    expected = review.multiverse(run.single, flags={
        "high risk of bias (blinding)": [False, True, False, True, False, False],
    })  # fmt: skip
    assert found.to_dict() == expected.to_dict()
    assert "high risk of bias (blinding)" in found.kind
    assert found.title in run.text()
    artifact = next(a for a in meta_artifacts(run, "x") if a.stem == "x-multiverse")
    (panel,) = artifact.panels
    assert len(panel.rows) == found.n
    assert found.title in panel.alt
    json.dumps(run.to_dict(), allow_nan=False)


def test_rho_is_shown_with_results_that_share_a_study(rows):
    run = run_meta(rows, cluster="trial", also=["rho"])
    assert run.rhos is not None
    assert any(a.stem == "x-rho" for a in meta_artifacts(run, "x"))
    single = run_meta(rows, also=["rho"])
    assert single.rhos is None
    assert any("rho: not computed" in note for note in single.notes)
    with pytest.raises(InputError, match="--also is about one effect per study"):
        run_meta(rows, cluster="trial", also=["rho", "egger"])


def test_the_model_with_other_correlations_is_public():
    fit = review.che_model([0.1, 0.3, 0.8, 0.6, 0.2], [0.02, 0.03, 0.04, 0.03, 0.02],
                           cluster=["a", "a", "b", "b", "c"])  # fmt: skip
    found = review.rho_sensitivity(fit, [0, 0.6])
    assert isinstance(found, review.RhoSensitivity)
    assert found.beta[1] == pytest.approx(float(fit.beta[0]), rel=1e-7)
