"""Two groups side by side are told by their headings, and bounds of p-values are said."""

from __future__ import annotations

import numpy as np
import pytest

from review.errors import InputError
from review.workflow.pooling.csv_input import from_csv

ROWS = [(4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220)]


def written(tmp_path, header, rows):
    lines = [",".join(["study", *header]), *(f"s{i}," + ",".join(map(str, r))
                                            for i, r in enumerate(rows))]  # fmt: skip
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "header",
    [
        ("events_treated", "n_treated", "events_control", "n_control"),
        ("event.e", "n.e", "event.c", "n.c"),
        ("Events (intervention)", "Total (intervention)", "Events (placebo)", "Total (placebo)"),
        ("treatment events", "treatment n", "control events", "control n"),
        ("events1", "n1", "events2", "n2"),
        ("deaths_vaccinated", "total_vaccinated", "deaths_unvaccinated", "total_unvaccinated"),
    ],
)
def test_counts_of_two_groups(tmp_path, header):
    path = written(tmp_path, header, ROWS)
    named = dict(zip(("ai", "n1i", "ci", "n2i"), header, strict=True))
    told, expected = from_csv(path, measure="RR"), from_csv(path, measure="RR", columns=named)
    assert told.columns == expected.columns
    assert any(note.startswith("two groups told by the headings: ai from") for note in told.notes)


@pytest.mark.parametrize(
    "header",
    [
        ("mean_e", "sd_e", "n_e", "mean_c", "sd_c", "n_c"),
        ("mean1", "sd1", "n1", "mean2", "sd2", "n2"),
        ("Mean treated", "SD treated", "N treated", "Mean controls", "SD controls", "N controls"),
    ],
)
def test_means_of_two_groups(tmp_path, header):
    path = written(tmp_path, header, [(1, 2, 30, 2, 2.5, 31), (3, 1, 12, 2, 1.5, 14)])
    told = from_csv(path, measure="SMD")
    assert told.columns["m1i"] == [1, 3]
    assert told.columns["sd2i"] == [2.5, 1.5]
    assert told.columns["n2i"] == [31, 14]


@pytest.mark.parametrize(
    "header",
    [
        ("events_treated", "n_treated", "events_control", "n_other"),
        ("events_treated", "n_treated", "cases_treated", "events_control"),
        ("events_x", "n_x", "events_y", "n_y"),
    ],
)
def test_what_does_not_stand_once_for_both_groups_is_not_guessed(tmp_path, header):
    with pytest.raises(InputError, match="map yours with --column"):
        from_csv(written(tmp_path, header, ROWS), measure="RR")


def test_names_of_the_measure_come_first(tmp_path):
    header = ("ai", "n1i", "ci", "n2i", "events_treated", "n_treated", "events_control",
              "n_control")  # fmt: skip
    path = written(tmp_path, header, [(*r, 1, 50, 2, 60) for r in ROWS])
    assert from_csv(path, measure="RR").columns["ai"] == [4, 6, 3]


def test_bounds_of_p_values_are_taken_and_said(tmp_path):
    path = written(tmp_path, ("hr", "p"), [(0.5, "<0.001"), (0.8, 0.04), (0.9, "= .3"),
                                           (1.2, "ns"), (1.1, ">0.05"), (0.7, "NR")])  # fmt: skip
    rows = from_csv(path, measure="HR", columns={"est": "hr", "pval": "p"})
    np.testing.assert_array_equal(rows.columns["pval"], [0.001, 0.04, 0.3, *[np.nan] * 3])
    said = " ".join(rows.notes)
    assert "standard errors may be too large: '<0.001' (line 2)" in said
    assert "none is used for, 'ns' (line 5) and '>0.05' (line 6)" in said


@pytest.mark.parametrize("cell", ["1.2", "-0.1", "about 0.03", "0.03-0.05", "p", "0"])
def test_what_is_no_p_value_is_refused(tmp_path, cell):
    from review.errors import ReviewError
    from review.schema.meta_settings import MetaSettings
    from review.workflow.pooling.settings_run import pool

    path = written(tmp_path, ("hr", "p"), [(0.5, "<0.001"), (0.8, cell), (0.9, 0.2)])
    with pytest.raises(ReviewError, match=r"column 'p'|pval"):
        pool(from_csv(path, measure="HR", columns={"est": "hr", "pval": "p"}), MetaSettings())


@pytest.mark.parametrize(
    "header",
    [
        ("tpos", "tneg", "cpos", "cneg"),
        ("event.e", "nonevents.e", "event.c", "nonevents.c"),
        ("events1", "no_events1", "events2", "no_events2"),
    ],
)
def test_all_four_cells_of_two_groups(tmp_path, header):
    path = written(tmp_path, header, ROWS)
    told = from_csv(path, measure="RR")
    assert [told.columns[n] for n in ("ai", "bi", "ci", "di")] == [
        list(column) for column in zip(*ROWS, strict=True)
    ]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (("tpos", "tneg", "cpos", "cneg"), "OR, RR or RD .ai from tpos, bi from tneg"),
        (("ai", "n1i", "ci", "n2i"), "OR, RR or RD .ai, "),
        (("mean.e", "sd.e", "n.e", "mean.c", "sd.c", "n.c"), "MD, SMD or ROM .m1i from mean.e"),
    ],
)
def test_without_a_measure_it_is_said_which_the_numbers_are_of(tmp_path, header, said):
    path = written(tmp_path, header, [(1, 50, 30, 2, 40, 31)[: len(header)]])
    with pytest.raises(InputError, match=said):
        from_csv(path)


def test_effects_called_te_are_read_and_several_pairs_of_treatments_are_a_network(tmp_path):
    one = written(tmp_path, ("TE", "seTE", "treat1", "treat2"),
                  [(0.1, 0.2, "a", "b"), (0.3, 0.1, "a", "b")])  # fmt: skip
    rows = from_csv(one)
    assert rows.columns == {"yi": [0.1, 0.3], "sei": [0.2, 0.1]}
    assert "effects told by the headings: yi from TE, sei from seTE" in rows.notes
    several = written(tmp_path, ("TE", "seTE", "treat1", "treat2"),
                      [(0.1, 0.2, "a", "b"), (0.3, 0.1, "c", "b")])  # fmt: skip
    with pytest.raises(InputError, match="--model nma"):
        from_csv(several)


@pytest.mark.parametrize("beside", ["selogHR", "SE log HR", "logHR_se", "SE"])
def test_the_standard_error_of_a_logarithm_is_told_by_its_name(tmp_path, beside):
    header = ("log HR" if "log HR" in beside else "logHR", beside)
    rows = from_csv(written(tmp_path, header, [(-0.2, 0.1), (0.1, 0.2)]))
    assert (rows.measure, rows.columns) == ("HR", {"yi": [-0.2, 0.1], "sei": [0.1, 0.2]})


def test_the_effects_of_a_revman_export_are_read_where_it_has_some(tmp_path):
    header = ("Experimental cases", "Experimental N", "Control cases", "Control N", "GIV Mean",
              "GIV SE")  # fmt: skip
    given = written(tmp_path, header, [("", "", "", "", 0.2, 0.1), ("", "", "", "", 0.3, 0.2)])
    assert from_csv(given).columns == {"yi": [0.2, 0.3], "sei": [0.1, 0.2]}
    counts = written(tmp_path, header, [(*row, "", "") for row in ROWS])
    assert from_csv(counts, measure="RR").columns["ci"] == [11, 29, 11]
    with pytest.raises(InputError, match="These are the numbers of OR, RR or RD"):
        from_csv(counts)
