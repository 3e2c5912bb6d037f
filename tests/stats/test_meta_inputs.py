"""What a meta-analysis accepts, leaves out, warns of and refuses."""

import warnings

import numpy as np
import pandas as pd
import pytest

from review import effect_size, meta_analysis
from review.errors import InputError, ReviewWarning, StatsError, UnknownNameError

YI, VI = [0.1, 0.9, 0.4, 0.3, 0.2], [0.04, 0.09, 0.05, 0.02, 0.01]


def test_columns_frames_series_and_standard_errors_give_the_same_fit():
    wanted = meta_analysis(YI, VI)
    frame = pd.DataFrame({"yi": YI, "vi": VI, "study": list("abcde")})
    same = [
        meta_analysis("yi", "vi", data=frame),
        meta_analysis("yi", "vi", data={"yi": YI, "vi": VI}),
        meta_analysis(frame),
        meta_analysis(frame.yi, frame.vi),
        meta_analysis(tuple(YI), np.array(VI)),
        meta_analysis(YI, sei=np.sqrt(VI)),
        meta_analysis([str(y) for y in YI], [str(v) for v in VI]),
    ]
    for fit in same:
        np.testing.assert_allclose(fit.beta, wanted.beta, rtol=1e-14)
        np.testing.assert_allclose(fit.tau2, wanted.tau2, rtol=1e-12)
    assert meta_analysis("yi", "vi", data=frame, slab="study").slab == tuple("abcde")


def test_effect_sizes_bring_their_measure_labels_and_sizes():
    es = effect_size(
        "RR", ai=[4, 6, 3], bi=[119, 300, 228], ci=[11, 29, 11], di=[128, 274, 209],
        slab=["A", "B", "C"],
    )  # fmt: skip
    fit = meta_analysis(es)
    assert (fit.measure, fit.transf, fit.slab) == ("RR", "exp", ("A", "B", "C"))
    np.testing.assert_array_equal(fit.ni, es.ni)
    with pytest.raises(InputError, match=r"already part.*mods="):
        meta_analysis(es, [1, 1, 1])


def test_incomplete_rows_are_left_out_and_listed():
    fit = meta_analysis(
        [0.1, None, 0.4, 0.3, 0.2], [0.04, 0.09, np.nan, 0.02, 0.01],
        mods="~ x", data={"x": [1, 2, 3, np.nan, 5]}, slab=list("abcde"), method="EE",
    )  # fmt: skip
    assert fit.k == 2
    assert fit.ids.tolist() == [0, 4]
    assert fit.slab == ("a", "e")
    assert [str(row) for row in fit.left_out] == [
        "row 2 (b): no effect",
        "row 3 (c): no variance",
        "row 4 (d): no moderator x",
    ]


def test_effect_sizes_say_why_a_row_has_no_effect():
    es = effect_size("RR", ai=[0, 3, 5], bi=[10, 7, 5], ci=[0, 4, 4], di=[10, 6, 6], drop00=True)
    fit = meta_analysis(es)
    assert fit.k == 2
    assert fit.left_out[0].reason == es.left_out[0].reason


@pytest.mark.parametrize(
    ("args", "options", "error", "words"),
    [
        (([0.1, np.inf], [1, 1]), {}, StatsError, "infinite in row 2"),
        (([0.1, 0.2], [1, np.inf]), {}, StatsError, "variances must be finite"),
        (([0.1, 0.2], [1, 0]), {"slab": ["a", "b"]}, StatsError, r"above 0.*row 2 \(b\)"),
        (([0.1, 0.2], [-1, 1]), {}, StatsError, "above 0.*row 1"),
        (([0.1, 0.2], [1]), {}, InputError, "vi has 1 values, but there are 2"),
        (([], []), {}, InputError, "empty"),
        ((["x", 0.2], [1, 1]), {}, InputError, "row 1 must be a number, not 'x'"),
        (([[1, 2]], [[1, 2]]), {}, InputError, "one column"),
        (([np.nan], [1]), {}, StatsError, "none of the 1 rows"),
        ((YI,), {}, InputError, "pass the sampling variances"),
        ((YI, VI), {"sei": VI}, InputError, "not both"),
        ((YI,), {"sei": [-1, 1, 1, 1, 1]}, StatsError, "row 1 is negative"),
        (("yi", "vi"), {}, InputError, "no data was given"),
        (
            ("yi", "vj"),
            {"data": {"yi": YI, "vi": VI}},
            UnknownNameError,
            "unknown column 'vj' for vi",
        ),
        ((YI, VI), {"method": "RMEL"}, UnknownNameError, "did you mean 'REML'"),
        ((YI, VI), {"test": "hksj"}, UnknownNameError, "known: z, t, knha, adhoc"),
        ((YI, VI), {"measure": "ORR"}, UnknownNameError, "'OR'"),
        ((YI, VI), {"level": 100}, InputError, "percentage"),
        ((YI, VI), {"level": "95"}, InputError, "percentage"),
        ((YI, VI), {"method": "GENQ"}, InputError, "needs weights"),
        ((YI, VI), {"weights": [-1, 1, 1, 1, 1]}, StatsError, "not negative; see row 1"),
        ((YI, VI), {"weights": 0}, StatsError, "all weights are 0"),
        ((YI, VI), {"weights": [1, 2]}, InputError, "weights has 2"),
        ((YI, VI), {"tau2": -1}, InputError, "not negative"),
        ((YI, VI), {"slab": ["a"]}, InputError, "slab has 1 labels"),
        ((YI, VI), {"intercept": False}, InputError, "needs moderators"),
        ((YI, VI), {"mods": [1, 2]}, InputError, "one row per effect"),
        ((YI, VI), {"mods": [3] * 5}, StatsError, "linearly dependent: mod"),
    ],
)
def test_wrong_inputs_are_refused_with_what_and_where(args, options, error, words):
    with pytest.raises(error, match=words):
        meta_analysis(*args, **options)


def test_codes_are_read_in_any_case():
    fit = meta_analysis(YI, VI, method="reml", test="KnHa")
    assert (fit.method, fit.test) == ("REML", "knha")


def test_update_refits_with_the_same_data():
    fit = meta_analysis(YI, VI, slab=list("abcde"))
    other = fit.update(method="DL", test="z")
    assert (other.method, other.test, other.slab) == ("DL", "z", fit.slab)
    assert fit.method == "REML"
    with pytest.raises(UnknownNameError, match="did you mean 'method'"):
        fit.update(metod="DL")


def test_standard_errors_passed_as_variances_are_noticed():
    sei = np.linspace(0.05, 0.3, 20)
    yi = np.random.default_rng(0).normal(0.5, sei)
    with pytest.warns(ReviewWarning, match="standard errors"):
        meta_analysis(yi, sei)
    with pytest.warns(ReviewWarning, match="column 'SE'"):
        meta_analysis("y", "SE", data={"y": YI, "SE": VI})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        meta_analysis(yi, sei**2)
        meta_analysis(yi, sei=sei)


def test_honest_variances_raise_no_alarm():
    alarms = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        vi = rng.uniform(0.01, 0.3, 12)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            meta_analysis(rng.normal(0, np.sqrt(vi)), vi, method="EE")
        alarms += len(caught)
    assert alarms == 0


def test_weights_may_be_one_number():
    fit = meta_analysis(YI, VI, weights=1)
    np.testing.assert_allclose(fit.beta, np.mean(YI), rtol=1e-14)
    np.testing.assert_allclose(fit.weights, 20)
