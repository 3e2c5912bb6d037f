"""One vocabulary for the side of a test: "two-sided", "greater" and "less", however spelled."""

import importlib
import inspect
import pkgutil

import pytest

import review
from review import UnknownNameError
from review.stats.association.rank_correlation import p_from_rho
from review.stats.bias.findings import few_terms, power, significant
from review.stats.ground.alternatives import ALTERNATIVES, choose_alternative, hyphenated

Y = [0.1, 0.9, 0.4, 0.3, 0.7, 0.2, 0.55]
V = [0.04, 0.09, 0.05, 0.03, 0.08, 0.02, 0.06]
FIT = review.meta_analysis(Y, V, test="z")
CASES = {
    "bias.findings.few_terms": lambda a: few_terms(3, 30, a),
    "bias.findings.power": lambda a: power(0.3, FIT.sei, alternative=a).tolist(),
    "bias.findings.significant": lambda a: significant(FIT.yi / FIT.sei, a, 0.05).tolist(),
    "bias.tes.excess_significance": lambda a: review.excess_significance(
        Y, V, alternative=a, tes_alternative=a
    ).to_dict(),
    "bias.selection.selection_fit.selection_model": lambda a: review.selection_model(
        Y, V, type="negexp", alternative=a
    ).to_dict(),
    "association.rank_correlation.p_from_rho": lambda a: p_from_rho(0.3, 20, a),
    "association.rank_correlation.spearman": lambda a: review.spearman(
        Y, V, alternative=a
    ).to_dict(),
    "pooling.permutation.permutation_test": lambda a: review.permutation_test(
        FIT, exact=True, alternative=a
    ).to_dict(),
}
INSIDE = {
    "association.rank_distribution.exact_tail",
    "association.rank_distribution.extreme",
}  # called with what was chosen


def takers():
    for found in pkgutil.walk_packages(review.__path__, "review."):
        if found.name.startswith("review.stats."):
            module = importlib.import_module(found.name)
            for name, code in vars(module).items():
                own = getattr(code, "__module__", None) == module.__name__
                if own and inspect.isfunction(code) and not name.startswith("_"):
                    names = set(inspect.signature(code).parameters)
                    if names & {"alternative", "tes_alternative"}:
                        yield f"{module.__name__.removeprefix('review.stats.')}.{name}"


def test_every_function_with_an_alternative_is_here():
    sides = {"bias.findings.few_terms"}  # calls it `side`
    assert set(takers()) == set(CASES) - sides | INSIDE


@pytest.mark.parametrize("name", CASES)
def test_all_spellings_are_understood(name):
    for plain, others in (
        ("two-sided", ("two.sided", "two_sided", "Two sided", "TWO-SIDED")),
        ("greater", ("Greater", " greater ")),
        ("less", ("LESS",)),
    ):
        wanted = repr(CASES[name](plain))
        assert all(repr(CASES[name](other)) == wanted for other in others)
        assert "two.sided" not in wanted


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("wrong", ["both", "", None, 2, "one-sided"])
def test_what_is_no_side_is_refused_and_the_three_are_named(name, wrong):
    with pytest.raises(UnknownNameError, match="known: two-sided, greater, less"):
        CASES[name](wrong)


def test_results_and_rules_use_the_same_words():
    assert review.selection_model(Y, V, alternative="two.sided").alternative == "two-sided"
    found = review.excess_significance(Y, V, tes_alternative="two.sided")
    assert (found.alternative, found.tes_alternative) == ("two-sided", "two-sided")
    for rule in ("one.sided", "one-sided", "One sided"):
        assert review.pet_peese(Y, V, rule=rule).rule == "one-sided"
    assert review.pet_peese(Y, V, rule="two.sided").rule == "two-sided"
    assert [choose_alternative(a) for a in ALTERNATIVES] == list(ALTERNATIVES)
    assert hyphenated(" Two.Sided") == "two-sided"
