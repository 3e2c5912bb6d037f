"""Coordinates of the contour-enhanced funnel plot."""

import itertools

import numpy as np
import pytest
from scipy.stats import norm

from review import InputError, UnknownNameError, funnel_data, meta_analysis, trim_and_fill

Y, V = [0.1, 0.3, 0.9, 0.8, 0.2], [0.01, 0.02, 0.1, 0.15, 0.05]


def inside(polygon, x, y):
    """Even-odd rule."""
    hit = False
    for (x0, y0), (x1, y1) in itertools.pairwise(polygon):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            hit = not hit
    return hit


@pytest.mark.parametrize("null", [0.0, -0.3])
def test_every_study_lies_in_the_region_of_its_p_value(data, null):
    y, v = data("egger")
    found = funnel_data(y, v, null=null)
    for effect, se in zip(found.yi, found.sei, strict=True):
        p = 2 * norm.sf(abs(effect - null) / se)
        home = [r for r in found.regions if any(inside(q, effect, se) for q in r.polygons)]
        assert len(home) == 1
        assert home[0].p_low <= p <= home[0].p_high


def test_regions_run_from_the_inside_out_and_close():
    found = funnel_data(Y, V)
    assert [r.label for r in found.regions] == [
        "p > 0.1", "0.05 < p < 0.1", "0.01 < p < 0.05", "p < 0.01",
    ]  # fmt: skip
    assert [len(r.polygons) for r in found.regions] == [1, 2, 2, 2]
    for region in found.regions:
        for polygon in region.polygons:
            assert polygon[0].tolist() == polygon[-1].tolist()
            assert polygon[:, 1].min() == 0
            assert polygon[:, 1].max() == found.se_max


def test_contours_may_come_in_any_order_or_not_at_all():
    one, other = funnel_data(Y, V, contours=(99, 90, 95)), funnel_data(Y, V)
    assert [r.label for r in one.regions] == [r.label for r in other.regions]
    assert funnel_data(Y, V, contours=()).regions == ()


def test_the_funnel_holds_the_level_of_the_model():
    model = meta_analysis(Y, V, level=90)
    found = funnel_data(model)
    assert found.estimate == model.beta[0]
    half = norm.isf(0.05) * found.se_max
    np.testing.assert_allclose(found.funnel[:3, 0], model.beta[0] + np.array([0, half, -half]))


def test_everything_is_inside_the_plot():
    found = funnel_data([5.0, *Y], [0.01, *V])
    low, high = found.x_range
    assert low < min(found.yi)
    assert max(found.yi) < high
    assert max(found.sei) < found.se_max


def test_filled_in_studies_come_last():
    filled = trim_and_fill(Y, V)
    by_flag, by_result = funnel_data(Y, V, trim_fill=True), funnel_data(filled)
    given = funnel_data(Y, V, trim_fill=filled)
    for found in (by_flag, by_result, given):
        assert found.fill.sum() == filled.k0 == 2
        assert found.adjusted == filled.beta[0]
        assert found.estimate == filled.observed.beta[0]
        assert found.slab[-1] == "Filled 2"
    assert funnel_data(Y, V).adjusted is None


def test_one_study():
    assert funnel_data([0.5], [0.1]).estimate == 0.5


def test_errors():
    with pytest.raises(InputError, match="without moderators"):
        funnel_data(meta_analysis(Y, V, mods=[1, 2, 3, 4, 6]))
    with pytest.raises(InputError, match="between 0 and 100"):
        funnel_data(Y, V, contours=(0, 95))
    with pytest.raises(InputError, match="at least the largest standard error"):
        funnel_data(Y, V, se_max=0.1)
    with pytest.raises(UnknownNameError):
        trim_and_fill(Y, V, side="both")


def test_the_result_shows_itself():
    found = funnel_data(Y, V)
    assert "Peters et al. 2008" in found.summary()
    assert found.to_frame()["yi"].tolist() == Y
    region = found.to_dict()["regions"][0]
    assert region["polygons"][0] == found.regions[0].polygons[0].tolist()
    assert str(found.regions[0]) == "p > 0.1"
