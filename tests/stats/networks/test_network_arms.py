"""Arms made into comparisons."""

import numpy as np
import pytest

from review import arm_contrasts, effect_size, network_meta


def compare(made, wanted):
    """The comparisons of the reference, in either direction."""
    te, se, first, second, study = wanted
    known = {(str(s), a, b): (x, e) for x, e, a, b, s in zip(te, se, first, second, study,
                                                             strict=True)}  # fmt: skip
    assert len(made.te) == len(te)
    for s, a, b, x, e in zip(
        made.studlab, made.treat1, made.treat2, made.te, made.se, strict=True
    ):  # fmt: skip
        value, error = known.get((s, a, b)) or (-known[s, b, a][0], known[s, b, a][1])
        assert (x, e) == pytest.approx((value, error), rel=1e-10, abs=1e-12)


def test_counts_of_several_arms_with_zero_cells(arms, columns):
    data = arms("dong2013")
    made = arm_contrasts("OR", "treatment", "id", xi="death", ni="randomized", data=data)
    compare(made, columns("Dong2013"))
    assert any("0.5 was added to all cells" in note for note in made.notes)
    assert any("without events" in note for note in made.notes)
    dropped = arm_contrasts(
        "OR", "treatment", "id", xi="death", ni="randomized", data=data, drop00=True
    )
    assert {o.slab for o in dropped.left_out} == {"5", "25", "37"}
    assert made.persons["TIO-SMI"] > 0


def test_counts_without_zero_cells(arms, columns):
    data = arms("woods2010")
    compare(
        arm_contrasts("OR", "treatment", "author", xi="r", ni="N", data=data),
        columns("Woods2010"),
    )


def test_means(arms, columns):
    data = arms("franchini2012")
    made = arm_contrasts("MD", "treatment", "study", mi="mean", sdi="sd", ni="n", data=data)
    compare(made, columns("Franchini2012"))


@pytest.mark.parametrize("measure", ["SMD", "MD", "ROM"])
def test_two_arms_are_the_packages_effect_sizes(measure):
    m, sd, n = [5.0, 4.0], [2.0, 3.0], [20, 25]
    made = arm_contrasts(measure, ["A", "B"], ["s", "s"], mi=m, sdi=sd, ni=n)
    pair = effect_size(measure, m1i=m[:1], sd1i=sd[:1], n1i=n[:1], m2i=m[1:], sd2i=sd[1:],
                       n2i=n[1:])  # fmt: skip
    assert made.te == pytest.approx(pair.yi, rel=1e-12)
    assert made.se**2 == pytest.approx(pair.vi, rel=1e-12)


@pytest.mark.parametrize("measure", ["OR", "RR", "RD", "AS"])
@pytest.mark.parametrize("events", [(3, 5, 9), (0, 5, 9)])
def test_counts_of_three_arms_form_one_study(measure, events):
    made = arm_contrasts(measure, list("ABC"), ["s"] * 3, xi=events, ni=[30, 40, 50])
    fit = network_meta(made)  # consistent: no loop is refused, and none brought in line
    assert not any("add up" in note for note in fit.notes)
    if events[0]:
        pair = effect_size(measure, ai=[3], n1i=[30], ci=[9], n2i=[50])
        assert made.te[1] == pytest.approx(pair.yi[0], rel=1e-12)


@pytest.mark.parametrize("measure", ["IRR", "IRD", "IRSD"])
def test_rates_of_three_arms(measure):
    made = arm_contrasts(measure, list("ABC"), ["s"] * 3, xi=[3, 5, 9], ti=[100, 120, 90])
    pair = effect_size(measure, x1i=[3], t1i=[100], x2i=[9], t2i=[90])
    assert made.te[1] == pytest.approx(pair.yi[0], rel=1e-12)
    assert made.se[1] ** 2 == pytest.approx(pair.vi[0], rel=1e-12)
    assert network_meta(made).m == 3


def test_standardised_differences_of_three_arms_add_up():
    made = arm_contrasts(
        "SMD", list("ABC"), ["s"] * 3, mi=[5.0, 4.0, 7.0], sdi=[2.0, 3.0, 2.5], ni=[20, 25, 30]
    )
    ab, ac, bc = made.te
    assert ab + bc == pytest.approx(ac, rel=1e-12)
    pooled = np.sqrt((19 * 4 + 24 * 9 + 29 * 6.25) / 72)
    assert ab == pytest.approx((1 - 3 / (4 * 72 - 1)) * 1.0 / pooled, rel=1e-4)
    assert made.se[0] ** 2 == pytest.approx(1 / 20 + 1 / 25 + ab**2 / 150, rel=1e-12)
    assert network_meta(made).space.stacks[0].s.min() > 0
