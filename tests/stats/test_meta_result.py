"""One result object: table, dictionary, summary and text hold the same numbers."""

import dataclasses
import json

import numpy as np
import pytest

from review import effect_size, meta_analysis
from review.errors import UnknownNameError
from review.words import interval, number, p_value, percent

ES = effect_size(
    "RR",
    ai=[4, 6, 3, 62, 33, 180],
    bi=[119, 300, 228, 13536, 5036, 1361],
    ci=[11, 29, 11, 248, 47, 372],
    di=[128, 274, 209, 12619, 5761, 1079],
    slab=["Aronson", "Ferguson", "Rosenthal", "Hart", "Frimodt", "Stein"],
)
ABLAT = {"ablat": [44, 55, 42, 52, 13, None]}


def test_the_result_is_frozen():
    fit = meta_analysis(ES)
    with pytest.raises(dataclasses.FrozenInstanceError):
        fit.tau2 = 1


def test_the_dictionary_is_json_and_complete():
    fit = meta_analysis(ES, mods="~ ablat", data=ABLAT)
    plain = json.loads(json.dumps(fit.to_dict(), allow_nan=False))
    for j, row in enumerate(plain["coefficients"]):
        for name in ("beta", "se", "stat", "pval", "ci_lb", "ci_ub"):
            assert row[name] == getattr(fit, name)[j]
    for name in ("tau2", "se_tau2", "I2", "H2", "R2", "QE", "QEp", "QM", "QMp", "k", "p", "df"):
        assert plain[name] == getattr(fit, name)
    for name in ("loglik", "AIC", "AICc", "BIC"):
        assert plain[name] == getattr(fit, name) == plain["fit"]["REML"][name]
    assert plain["left_out"] == [{"row": 6, "study": "Stein", "reason": "no moderator ablat"}]
    assert plain["studies"][3]["study"] == "Hart"
    assert plain["settings"]["method"] == "REML"
    assert json.dumps(meta_analysis(0.1, 0.2).to_dict(), allow_nan=False)


def test_tables():
    fit = meta_analysis(ES, mods="~ ablat", data=ABLAT)
    table = fit.to_frame()
    assert list(table.columns) == ["beta", "se", "stat", "pval", "ci_lb", "ci_ub"]
    assert list(table.index) == ["intercept", "ablat"]
    np.testing.assert_array_equal(table["beta"], fit.beta)
    studies = fit.to_frame("studies")
    assert studies["weight"].sum() == pytest.approx(100)
    assert list(studies.index) == list(fit.slab)
    assert studies.loc["Hart", "ablat"] == 52
    with pytest.raises(UnknownNameError, match="coefficients, studies"):
        fit.to_frame("rows")


def test_summary_and_text_hold_the_numbers_of_the_result():
    fit = meta_analysis(ES)
    back = fit.predict(transf="exp")
    ci = fit.confint()
    for text in (fit.summary("exp"), fit.report_text()):
        for shown in (
            number(fit.beta[0]),
            interval(fit.ci_lb[0], fit.ci_ub[0]),
            interval(fit.pi_lb, fit.pi_ub),
            number(back.pred[0]),
            interval(back.ci_lb[0], back.ci_ub[0]),
            interval(back.pi_lb[0], back.pi_ub[0]),
            number(fit.tau2),
            interval(*ci.tau2[1:]),
            percent(fit.I2),
            p_value(fit.QEp),
            "6 studies",
            "Knapp-Hartung",
            "restricted maximum likelihood",
            "log risk ratio",
        ):
            assert shown in text
    assert "REML" in fit.summary()
    assert "knha" in fit.summary()


def test_text_of_a_meta_regression():
    fit = meta_analysis(ES, mods="~ ablat", data=ABLAT, test="z")
    text = fit.report_text()
    for shown in ("~ ablat", number(fit.beta[1]), percent(fit.R2), "row 6 (Stein)", "QM(1)"):
        assert shown in text
    assert "row 6 (Stein): no moderator ablat" in fit.summary()


@pytest.mark.parametrize("method", ["EE", "DL", "GENQ", "REML"])
@pytest.mark.parametrize("options", [{}, {"tau2": 0.1}, {"weights": 1}, {"test": "z"}])
def test_every_kind_of_result_can_be_told(method, options):
    if method == "GENQ":
        options = options | {"weights": 1}
    if method == "EE":
        options = {n: x for n, x in options.items() if n != "tau2"}
    fit = meta_analysis(ES, method=method, **options)
    assert fit.summary("back")
    text = fit.report_text()
    assert text.startswith("Methods: ")
    assert "References:\n- " in text
    assert "nan" not in text


def test_notes_are_told():
    fit = meta_analysis([0.1] * 3, [0.04] * 3)
    assert fit.notes[0] in fit.summary()
    assert "agree exactly" in fit.report_text()


def test_likelihood_criteria_follow_the_method():
    reml, ml = meta_analysis(ES), meta_analysis(ES, method="ML")
    assert reml.loglik == reml.fit_reml.loglik
    assert ml.AIC == ml.fit_ml.AIC
    assert ml.AIC + 2 * ml.loglik == pytest.approx(4)
    assert ml.fit_ml.BIC + 2 * ml.loglik == pytest.approx(2 * np.log(6))


def test_figures_are_found_by_name():
    fit = meta_analysis(ES)
    with pytest.raises(UnknownNameError, match="unknown figure 'forrest'"):
        fit.plot.forrest()


def test_repr_is_short():
    assert repr(meta_analysis(ES)).startswith("MetaResult(REML, test=knha, k=6, p=1, beta=[")
