"""Every result says which version of the reference it agrees with; which functions know others."""

import json

import pytest

import review
from review import UnknownNameError
from review.stats.ground.conventions import CONVENTIONS, choose_convention, named

Y = [0.1, 0.9, 0.4, 0.3, 0.7, 0.2, 0.55]
V = [0.04, 0.09, 0.05, 0.03, 0.08, 0.02, 0.06]
YEAR = [1, 5, 2, 2, 3, 4, 6]
CELLS = {"ai": [4, 6, 3], "bi": [119, 300, 228], "ci": [11, 29, 11], "di": [128, 274, 209]}
FIT = review.meta_analysis(Y, V, test="z")
MODERATED = review.meta_analysis(Y, V, YEAR, method="ML")
TWO = {"year": YEAR, "size": [3, 1, 4, 1, 5, 9, 2]}
RESULTS = {
    "effect_size": lambda: review.effect_size("OR", **CELLS),
    "effect_size ACC": lambda: review.effect_size("ACC", xi=[3, 4], ni=[9, 12]),
    "meta_analysis": lambda: FIT,
    "confint": FIT.confint,
    "predict": FIT.predict,
    "mantel_haenszel": lambda: review.mantel_haenszel("OR", **CELLS),
    "glmm": lambda: review.glmm("OR", **CELLS),
    "peto": lambda: review.peto(**CELLS),
    "robust": lambda: review.robust(MODERATED, [1, 1, 2, 3, 4, 5, 6]),
    "linear_hypothesis": lambda: review.linear_hypothesis(MODERATED, [0, 1]),
    "likelihood_ratio_test": lambda: review.likelihood_ratio_test(
        MODERATED, FIT.update(method="ML")
    ),
    "leave_one_out": lambda: review.leave_one_out(FIT),
    "cumulative": lambda: review.cumulative(FIT),
    "influence": lambda: review.influence(FIT),
    "baujat": lambda: review.baujat(FIT),
    "radial": lambda: review.radial(FIT),
    "qq_points": lambda: review.qq_points(FIT, draws=50),
    "rstandard": lambda: review.rstandard(FIT),
    "blup": lambda: review.blup(FIT),
    "profile_tau2": lambda: review.profile_tau2(FIT, points=3),
    "vif": lambda: review.vif(review.meta_analysis(Y, V, "~ year + size", data=TWO)),
    "henmi_copas": lambda: review.henmi_copas(FIT),
    "gosh": lambda: review.gosh(FIT),
    "permutation_test": lambda: review.permutation_test(FIT),
    "location_scale": lambda: review.location_scale([3 * y for y in Y], V),
    "subgroup_analysis": lambda: review.subgroup_analysis(Y, V, by=list("aabbbab")),
    "regression_test": lambda: review.regression_test(FIT),
    "rank_test": lambda: review.rank_test(FIT),
    "trim_and_fill": lambda: review.trim_and_fill(FIT),
    "fail_safe_n": lambda: review.fail_safe_n(FIT),
    "excess_significance": lambda: review.excess_significance(FIT),
    "pet_peese": lambda: review.pet_peese(FIT),
    "selection_model": lambda: review.selection_model(FIT, type="negexp"),
}


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_says_which_version_it_agrees_with(name):
    found = RESULTS[name]()
    said = json.loads(json.dumps(found.to_dict()))
    assert said["conventions"] == "metafor 5.1"
    if hasattr(found, "summary"):
        assert found.summary().splitlines()[-1] == "Conventions: metafor 5.1"


def test_analyses_that_the_reference_has_not_say_nothing():
    for found in (
        review.p_curve([0.6, 0.9, 0.8, 0.7], [0.04] * 4), review.limit_meta(Y, V),
        review.funnel_data(FIT),
        review.effect_size("AUC", auc=[0.8], se=[0.02]),
    ):  # fmt: skip
        assert found.conventions is None
        assert found.to_dict().get("conventions") is None
        assert "Conventions" not in found.summary()


def test_older_conventions_are_named_and_unknown_ones_refused():
    means = {"m1i": [10], "sd1i": [2], "n1i": [20], "m2i": [8], "sd2i": [2], "n2i": [20]}
    old = review.effect_size("ROM", convention="3.8", **means)
    assert old.summary().splitlines()[-1] == "Conventions: metafor 3.8"
    fsn = review.fail_safe_n(Y, V, type="Orwin", convention="3.8")
    assert fsn.to_dict()["conventions"] == "metafor 3.8"
    for given in ("default", "5.1", 5.1):
        assert choose_convention(given) == CONVENTIONS[0] == "5.1"
        assert named(given) == "metafor 5.1"
    for call in (
        lambda: review.effect_size("ROM", convention="4.2", **means),
        lambda: review.fail_safe_n(Y, V, convention=None),
    ):
        with pytest.raises(UnknownNameError, match=r"known: default, 5.1, 3.8"):
            call()
