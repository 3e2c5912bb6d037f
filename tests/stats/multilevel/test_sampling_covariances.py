"""vcalc and aggregate_effects against metafor 3.8-1, properties, wrong input."""

import numpy as np
import pandas as pd
import pytest

from review import InputError, StatsError, aggregate_effects, effect_size, meta_analysis, vcalc


def test_one_correlation_within_studies(reference, assink):
    results = reference("vcalc.assink.rho06")["results"]
    V = vcalc("vi", "study", obs="esid", data=assink, rho=0.6).to_dense()
    assert V[:6, :6] == pytest.approx(np.array(results["V1"]), rel=1e-10)
    assert np.trace(V) == pytest.approx(results["trace"], rel=1e-10)
    assert V.sum() == pytest.approx(results["sum"], rel=1e-10)
    # without types and numbers every row is an outcome of its own
    assert vcalc("vi", "study", data=assink, rho=0.6).to_dense() == pytest.approx(V)


OF_D = {
    "obs": {"obs": "ob", "rho": 0.6},
    "type": {"type": "ty", "rho": 0.5},
    "type_obs": {"type": "ty", "obs": "ob", "rho": [0.6, 0.3]},
    "time": {"time1": "t", "phi": 0.9},
    "time_obs": {"obs": "ob", "time1": "t", "rho": 0.6, "phi": 0.9},
    "time_type": {"type": "ty", "time1": "t", "rho": 0.6, "phi": 0.9},
    "time_type_obs": {"type": "ty", "obs": "ob", "time1": "t", "rho": (0.7, 0.4), "phi": 0.9},
    "matrix": {
        "type": "ty", "obs": "ob",
        "rho": (0.6, pd.DataFrame([[1, 0.2], [0.2, 1]], list("ab"), list("ab"))),
    },
}  # fmt: skip
SIZES = {"grp1": "g1", "grp2": "g2", "w1": "w1", "w2": "w2"}
OF_G = {
    "grp": {"grp1": "g1", "grp2": "g2"},
    "grp_w": SIZES,
    "grp_w_obs": {**SIZES, "obs": "ob", "rho": 0.6},
    "grp1": {"grp1": "g1"},
    "grp1_obs": {"grp1": "g1", "obs": "ob", "rho": 0.5},
    "grp_time": {**SIZES, "time1": "t1", "phi": 0.9},
    "grp_times": {**SIZES, "time1": "t1", "time2": "t2", "phi": 0.9},
    "grp_times_type": {**SIZES, "time1": "t1", "time2": "t2", "phi": 0.9, "type": "ty", "rho": 0.6},
}


@pytest.mark.parametrize("name", [*OF_D, *OF_G])
def test_what_is_known_of_effects_combines_as_in_the_reference(multilevel, name):
    results = multilevel("vcalc.combinations")["results"]
    data = dict(results["d" if name in OF_D else "g"])
    data["cl"] = [1] * 4
    V = vcalc("vi", "cl", data=data, check=False, **{**OF_D, **OF_G}[name])
    assert V.to_dense() == pytest.approx(np.array(results[name]), rel=1e-10)


def test_covariances_that_stand_in_columns(multilevel):
    results = multilevel("vcalc.rvars")["results"]
    V = vcalc(1, "author", data=results, rvars=["v1i", "v2i"])
    assert V.to_dense() == pytest.approx(np.array(results["V"]), rel=1e-12)
    with pytest.raises(InputError, match="rvars has 1 columns, but a cluster has 2 rows"):
        vcalc(1, "author", data=results, rvars=["v1i"])


def test_shared_controls_are_the_covariances_of_differences():
    """Three arms of sizes 20, 30, 50 and unit variance: both contrasts share the third."""
    w1, w2 = np.array([20.0, 30.0]), np.array([50.0, 50.0])
    V = vcalc(1 / w1 + 1 / w2, [1, 1], grp1=["a", "b"], grp2=["c", "c"], w1=w1, w2=w2).to_dense()
    wanted = np.array([[1 / 20 + 1 / 50, 1 / 50], [1 / 50, 1 / 30 + 1 / 50]])
    assert wanted == pytest.approx(V)


def test_parts_of_a_cluster_are_independent():
    V = vcalc([0.1] * 4, [1, 1, 1, 1], subgroup=["m", "f", "m", "f"], rho=0.5).to_dense()
    assert V[0, 2] == pytest.approx(0.05)
    assert V[0, 1] == 0


def test_gaps_of_variances_stay_gaps():
    V = vcalc([0.1, None, 0.1], ["a", "a", "b"], rho=0.5)
    assert np.isnan(V.diagonal()).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "rho is missing"),
        ({"rho": 1.2}, "rho must be a number from -1 to 1"),
        ({"rho": (0.2, 0.3)}, "rho needs one value"),
        ({"rho": 0.2, "obs": [1, 2, 1], "type": [1, 1, 2]}, "needs two values"),
        ({"time1": [1, 2, 3]}, "times need phi"),
        ({"phi": 0.5, "rho": 0.5}, "phi is about times"),
        ({"time1": [1, 2, 3], "time2": [1, 2, 3], "phi": 0.5}, "time2 is the time"),
        ({"grp2": [1, 2, 3]}, "grp2 needs grp1"),
        ({"w1": [1, 2, 3]}, "give both"),
        ({"w1": [1, 2, 3], "w2": [1, 2, 3], "rho": 0.5}, "give the groups"),
        ({"grp1": [1, 2, 3], "grp2": [4, 4, 4], "w1": [0, 1, 1], "w2": [1, 1, 1]}, "row 1"),
        ({"rho": 0.5, "obs": [1, None, 2]}, "obs has no value in row 2"),
        ({"rho": 0.5, "obs": [1, 2]}, "obs has 2 values, but cluster has 3"),
        ({"grp1": [1, 2, 3], "rho": 0.5}, "rho is about outcomes"),
        ({"rho": {1: {1: 1}}, "type": [1, 2, 2]}, "every pair"),
    ],
)
def test_wrong_assumptions_are_named(options, said):
    with pytest.raises(InputError, match=said):
        vcalc([0.1, 0.2, 0.3], ["a", "a", "b"], **options)
    with pytest.raises(InputError, match="cluster has no value in row 2"):
        vcalc([0.1, 0.2, 0.3], ["a", None, "b"], rho=0.5)


def test_correlations_that_contradict_each_other_name_the_rows():
    with pytest.raises(StatsError, match="rows 1, 2"):
        vcalc([0.1, 0.2, 0.3], ["a", "a", "b"], obs=[1, 1, 1], rho=0.5)
    with pytest.raises(StatsError, match="rows 1, 2, 3"):
        vcalc([0.1, 0.2, 0.3], ["a", "a", "a"], rho=-0.9)


def test_aggregates_agree_with_the_reference(reference, multilevel, assink):
    results = reference("aggregate.assink")["results"]
    found = aggregate_effects("yi", "vi", "study", rho=0.6, data=assink, keep=["year", "deltype"])
    assert found.yi == pytest.approx(results["yi"], rel=1e-8)
    assert found.vi == pytest.approx(results["vi"], rel=1e-8)
    assert found.moderators["year"][0] == pytest.approx(4.5)
    assert found.moderators["deltype"][10] is None  # several kinds within a study
    assert found.sizes.sum() == 100
    options = multilevel("aggregate.options")["results"]
    plain = aggregate_effects("yi", "vi", "study", rho=0.6, weighted=False, data=assink)
    alone = aggregate_effects("yi", "vi", "study", rho=0, data=assink)
    timed = aggregate_effects("yi", "vi", "study", time="esid", phi=0.8, data=assink)
    for one, name in ((plain, "unweighted"), (alone, "ID"), (timed, "CAR")):
        assert one.yi == pytest.approx(options[name]["yi"], rel=1e-8), name
        assert one.vi == pytest.approx(options[name]["vi"], rel=1e-8), name
    table = found.to_frame()
    assert meta_analysis("yi", "vi", data=table).k == 17
    assert "100 effects put together into 17" in found.summary()


def test_an_aggregate_is_the_equal_effects_model_of_each_cluster(assink):
    V = vcalc("vi", "study", data=assink, rho=0.4)
    found = aggregate_effects("yi", cluster="study", V=V, data=assink)
    block = V.block(1)
    w = np.linalg.inv(block).sum(0)
    y = np.array(assink["yi"])[6:9]
    assert found.yi[1] == pytest.approx(w @ y / w.sum())
    assert found.vi[1] == pytest.approx(1 / w.sum())


def test_aggregates_leave_out_gaps_and_name_wrong_input():
    y, v, c = [0.1, None, 0.3, 0.4], [0.1, 0.1, None, 0.2], ["a", "a", "b", "b"]
    found = aggregate_effects(y, v, c, rho=0.5)
    assert found.yi.tolist() == [0.1, 0.4]
    assert [str(row) for row in found.left_out] == [
        "row 2 (a): no effect", "row 3 (b): no variance",
    ]  # fmt: skip
    with pytest.raises(InputError, match="give rho="):
        aggregate_effects(y, v, c)
    with pytest.raises(InputError, match="cluster is missing"):
        aggregate_effects(y, v, rho=0.5)
    with pytest.raises(InputError, match="no value in row 1"):
        aggregate_effects(y, v, [None, "a", "b", "b"], rho=0.5)
    with pytest.raises(InputError, match="rho and phi have no meaning"):
        aggregate_effects(y, v, c, V=np.eye(4), rho=0.5)
    with pytest.raises(InputError, match="sampling variances"):
        aggregate_effects(y, cluster=c, rho=0.5)
    with pytest.raises(StatsError, match="row 4"):
        aggregate_effects([0.1, 0.2, 0.3, 0.4], [0.1, 0.1, 0.1, 0.0], c, rho=0)
    V = np.eye(4)
    V[0, 3] = V[3, 0] = 0.2
    with pytest.raises(StatsError, match="rows 1 and 4, which belong to different clusters"):
        aggregate_effects([0.1] * 4, cluster=c, V=V)
    effects = effect_size("RR", ai=[4, 6], n1i=[123, 306], ci=[11, 29], n2i=[139, 303])
    assert aggregate_effects(effects, cluster=["a", "a"], rho=0.5).yi.shape == (1,)
