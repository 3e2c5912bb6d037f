"""Wrong networks: a clear error that names the rows."""

import json
import math

import numpy as np
import pytest

from review import arm_contrasts, component_network, network_meta
from review.errors import InputError, StatsError, UnknownNameError
from review.stats.networks.network_fit import METHODS

TE = [0.1, 0.2, 0.1, 0.3]
SE = [0.1, 0.2, 0.15, 0.2]
FIRST = ["A", "A", "B", "A"]
SECOND = ["B", "C", "C", "B"]
STUDY = ["s1", "s2", "s3", "s4"]


def refused(error, match, **changes):
    given = {"te": TE, "se": SE, "treat1": FIRST, "treat2": SECOND, "studlab": STUDY} | changes
    with pytest.raises(error, match=match) as caught:
        network_meta(**given)
    return str(caught.value)


def test_a_treatment_compared_with_itself():
    refused(StatsError, r"compared with itself in row 2 \(s2\): C", treat1=["A", "C", "B", "A"])


def test_standard_errors_that_are_not_positive():
    text = refused(StatsError, "must be above 0", se=[0.1, 0, -0.2, 0.2])
    assert "row 2 (s2), row 3 (s3)" in text


def test_infinite_numbers():
    refused(StatsError, r"infinite in row 1 \(s1\)", te=[math.inf, 0.2, 0.1, 0.3])
    refused(StatsError, r"infinite in row 4 \(s4\)", se=[0.1, 0.2, 0.15, math.inf])


def test_blank_names():
    refused(InputError, "treat2 names no treatment in row 1, row 3", treat2=["", "C", None, "B"])
    refused(InputError, "studlab names no study in row 4", studlab=["s1", "s2", "s3", " "])


def test_columns_of_different_length():
    refused(InputError, "se has 3 values, but there are 4", se=SE[:3])
    refused(InputError, "treat1 has 2 values", treat1=["A", "B"])
    refused(InputError, "te is empty", te=[])
    refused(InputError, "treat1 is missing", treat1=None)
    refused(InputError, "pass either standard errors", se=None)


def test_a_study_that_lacks_a_comparison():
    text = refused(StatsError, "lacks B against C", studlab=["s1", "s1", "s3", "s4"])
    assert "study s1 compares 3 treatments (A, B and C)" in text
    assert "row 1 (s1, A against B), row 2 (s1, A against C)" in text


def test_a_comparison_lost_through_a_gap_is_traced_to_its_row():
    text = refused(
        StatsError, "lacks A against C", te=[0.1, None, 0.1, 0.3], studlab=["s1", "s1", "s1", "s4"]
    )
    assert "row 2 (s1): no effect (A against C)" in text


def test_the_same_comparison_twice_in_a_study():
    text = refused(StatsError, "stands twice in one study", studlab=["s1", "s2", "s3", "s1"])
    assert "row 1 (s1, A against B) and row 4 (s1, A against B)" in text


def test_effects_that_contradict_each_other():
    loop = {"te": [0.1, 0.2, 0.3], "se": [0.2, 0.2, 0.2], "treat1": ["A", "A", "B"],
            "treat2": ["B", "C", "C"], "studlab": ["s1"] * 3}  # fmt: skip
    text = refused(StatsError, "effects of study s1 contradict each other", **loop)
    assert "A against B 0.1, B against C 0.3 and A against C 0.2" in text
    assert "the last should be 0.4" in text
    assert "row 2 (s1, A against C)" in text
    rounded = network_meta(**(loop | {"te": [0.1, 0.41, 0.3]}))
    assert any("do not add up exactly" in note for note in rounded.notes)
    refused(StatsError, "contradict", **(loop | {"te": [0.1, 0.41, 0.3]}), tolerance=0.01)


def test_standard_errors_that_do_not_belong_together():
    text = refused(
        StatsError, "standard errors of study s1 do not belong together", te=[0.1, 0.2, 0.1],
        se=[0.1, 0.1, 0.5], treat1=["A", "A", "B"], treat2=["B", "C", "C"], studlab=["s1"] * 3,
    )  # fmt: skip
    assert "row 3 (s1, B against C)" in text


def test_a_network_in_parts_lists_them():
    text = refused(
        StatsError, "not connected", treat1=["A", "A", "X", "Y"], treat2=["B", "C", "Y", "Z"]
    )
    assert "(1) A, B, C; (2) X, Y, Z" in text


def test_two_spellings_are_one_suspicion():
    fit = network_meta(TE, SE, ["Drug A", "drug a", "B", "Drug A"], ["B", "B", "C", "B"], STUDY)
    said = [n for n in fit.notes if "spelling" in n]
    assert said == [
        "treatments 'Drug A' and 'drug a' differ in spelling only; they are analysed as two"
    ]


def test_blanks_around_names_do_not_make_two_treatments():
    fit = network_meta(TE, SE, [" A", "A ", "B", "A"], SECOND, STUDY)
    assert fit.treatments == ("A", "B", "C")


def test_numbers_as_names():
    fit = network_meta(TE, SE, [1, 1, 2, 1], [2.0, 10.0, 10.0, 2.0], [7, 8, 9, 10])
    assert fit.treatments == ("1", "2", "10")
    assert fit.studies == ("7", "8", "9", "10")


def test_rows_without_effect_are_listed():
    fit = network_meta([*TE, None], [*SE, 0.1], [*FIRST, "A"], [*SECOND, "B"], [*STUDY, "s5"])
    assert [str(row) for row in fit.left_out] == ["row 5 (s5): no effect (A against B)"]
    assert "left out: row 5 (s5)" in fit.summary()


def test_options():
    refused(UnknownNameError, "did you mean 'REML'", method="REM")
    refused(UnknownNameError, "unknown treatment 'Z'", reference="Z")
    refused(InputError, "smaller_is_better must be True or False", smaller_is_better="yes")
    refused(InputError, "level must be", level=120)
    refused(UnknownNameError, "measure", measure="ORR")
    fit = network_meta(TE, SE, FIRST, SECOND, STUDY, method="EE")
    with pytest.raises(StatsError, match="no random effects model"):
        fit.table("te", "random")
    with pytest.raises(StatsError, match="no prediction intervals"):
        fit.table("pi_lb")
    with pytest.raises(UnknownNameError):
        fit.update(refrence="A")
    with pytest.raises(InputError, match="order must hold every treatment once"):
        fit.league(["A", "B"])
    with pytest.raises(InputError, match="order must hold every treatment once"):
        fit.funnel(["A", "B", "B"])


def test_covariances_need_a_tree_of_comparisons():
    V = np.diag(np.square(SE))
    with pytest.raises(StatsError, match="with V a study gives 2 comparisons"):
        network_meta(
            [0.1, 0.2, 0.1], treat1=["A", "A", "B"], treat2=["B", "C", "C"], studlab=["s"] * 3,
            V=V[:3, :3],
        )  # fmt: skip
    refused(InputError, "either standard errors", V=V)


def test_arms():
    good = {"treat": ["A", "B"], "studlab": ["s", "s"], "xi": [1, 2], "ni": [10, 10]}
    with pytest.raises(InputError, match="lacks ni"):
        arm_contrasts("OR", ["A", "B"], ["s", "s"], xi=[1, 2])
    with pytest.raises(InputError, match="takes no mi"):
        arm_contrasts("OR", **good, mi=[1, 2])
    with pytest.raises(StatsError, match=r"xi cannot exceed ni: row 1 \(s, A\) has 11"):
        arm_contrasts("OR", **(good | {"xi": [11, 2]}))
    with pytest.raises(InputError, match="rows 1 and 2 are both arm 'A' of study s"):
        arm_contrasts("OR", **(good | {"treat": ["A", "A"]}))
    with pytest.raises(StatsError, match="no study has two arms"):
        arm_contrasts("OR", **(good | {"studlab": ["s", "r"]}))
    with pytest.raises(UnknownNameError):
        arm_contrasts("HR", **good)
    with pytest.raises(InputError, match="pass it alone"):
        network_meta(arm_contrasts("OR", **good), [0.1])
    made = arm_contrasts(
        "OR", treat=["A", "B", "C"], studlab=["s"] * 3, xi=[1, 2, None], ni=[10, 10, 10]
    )
    assert [str(o) for o in made.left_out] == ["row 3 (s): arm C: no xi"]


def test_components():
    with pytest.raises(UnknownNameError, match="for inactive"):
        component_network(TE, SE, FIRST, SECOND, STUDY, inactive="P")
    with pytest.raises(InputError, match="empty or repeated component"):
        component_network(TE, SE, ["A+", "A+", "B", "A+"], SECOND, STUDY)
    with pytest.raises(InputError, match="sep must be"):
        component_network(TE, SE, FIRST, SECOND, STUDY, sep="")


def test_a_single_study_says_what_it_cannot_tell():
    fit = network_meta([0.1], [0.2], ["A"], ["B"], ["s"])
    assert (fit.df, fit.tau2, fit.pi_lb) == (0, 0.0, None)
    assert any("no degrees of freedom" in note for note in fit.notes)
    assert "no degrees of freedom" in fit.summary()
    json.dumps(fit.to_dict(), allow_nan=False)


@pytest.mark.parametrize("seed", range(3))
def test_numbers_at_the_ends_of_the_range(seed):
    """Very unequal standard errors give a result, or a clear error, and no warning."""
    rng = np.random.default_rng(seed)
    fitted = 0
    for _ in range(20):
        m, unit = int(rng.integers(1, 8)), 10.0 ** rng.integers(-60, 60)
        te = rng.normal(size=m) * unit
        se = np.exp(rng.normal(size=m) * rng.choice([1, 5, 20])) * unit
        first = rng.integers(0, 4, m)
        second = (first + rng.integers(1, 4, m)) % 4
        try:
            fit = network_meta(te, se, first, second, range(m), method=str(rng.choice(METHODS)))
            parts = (fit, fit.decomposition, fit.contribution("random walk"), fit.net_heat(),
                     fit.node_split("node-splitting"), fit.component_model())  # fmt: skip
        except StatsError:
            continue
        fitted += 1
        for part in parts:
            json.dumps(part.to_dict(), allow_nan=False)
        assert np.isfinite(fit.main.te).all()
    assert fitted


@pytest.mark.parametrize("te", [[0.1], [0.1, 0.7], [0.3, -1e6]])
def test_without_degrees_of_freedom_rounding_is_no_heterogeneity(te):
    fit = network_meta(te, [0.2] * len(te), list("ab")[: len(te)], list("bc")[: len(te)],
                       list("12")[: len(te)])  # fmt: skip
    assert (fit.df, fit.I2, fit.H2) == (0, 0.0, 1.0)
