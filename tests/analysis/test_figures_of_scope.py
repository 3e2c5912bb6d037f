from __future__ import annotations

import csv
import io
from collections import Counter

import pytest

from review.errors import InputError
from review.plots.export import render
from review.project import open_review
from review.workflow.counts import bin_quantities, count_categories, nice_width


def test_figure_3_says_that_the_published_flow_is_off_by_one(build):
    figure = build("3")
    published, own = figure.panels
    checks = {c["rule"]: c["holds"] for c in published.statistics["checks"]}
    assert list(checks.values()) == [True, True, False]
    assert any(
        "236 − 114 = 122, stated 121 (assessed − excluded = included): off by 1" in note
        for note in figure.notes
    )
    assert "DOES NOT ADD UP" in published.svg
    assert published.statistics["counts"] == {
        "identified": 467, "duplicates_removed": 42, "screened": 425,
        "excluded_at_screening": 189, "assessed_full_text": 236, "excluded_at_full_text": 114,
        "included": 121,
    }  # fmt: skip
    assert own.statistics["counts"]["included"] == 191
    assert all(c["holds"] for c in own.statistics["checks"])
    # without a browser: the drawing is its own file
    assert set(render(figure, "svg")) == {"figure-3a.svg", "figure-3b.svg"}


def test_figure_3_does_not_change_with_a_filter(build):
    whole, part = build("3"), build("3", where='modality == "CT"')
    assert [p.statistics for p in whole.panels] == [p.statistics for p in part.panels]


def test_figure_3_of_a_table_alone(build):
    figure = build("3", "wang2021")
    (panel,) = figure.panels
    assert panel.statistics["counts"] == {"included": 89}
    assert any("100 studies; the folder holds 89" in note for note in figure.notes)


def test_figure_4_keeps_published_and_coded_apart(build):
    figure = build("4")
    years, backbones, types = figure.panels
    assert sum(years.statistics["sample"].values()) == 191
    assert backbones.statistics["published_total"] == 121
    assert types.statistics["published_total"] == 121
    for panel in (backbones, types):
        published = [r for r in panel.rows if r["source"] == "published"]
        sample = [r for r in panel.rows if r["source"] == "sample" and r["year"] is None]
        assert sum(r["studies"] for r in published) == 121
        assert sum(r["studies"] for r in sample) == 191
        by_year = [r for r in panel.rows if r["year"] is not None]
        assert sum(r["studies"] for r in by_year) == 191 - panel.statistics["sample_not_stated"]
        names = [t.name for t in panel.figure.data if t.type == "bar"]
        assert names == ["published (n = 121)", "re-coded sample (n = 191)"]
        hatched = [bool(t.marker.pattern.shape) for t in panel.figure.data if t.type == "bar"]
        assert hatched == [True, False]
    text = render(figure, "csv")["figure-4.csv"].decode()
    assert {r["panel"] for r in csv.DictReader(io.StringIO(text))} == {"a", "b", "c"}


def test_figure_4_counts_the_rows_of_the_file(build):
    kim = open_review("kim2022")
    counted = Counter(s.value("tl_type") for s in kim.studies)
    statistics = build("4").panels[2].statistics
    assert statistics["sample_not_stated"] == counted.pop(None)
    assert statistics["sample"] == dict(counted)


def test_figure_4_tells_what_it_leaves_out(build):
    figure = build("4", "wang2021")
    assert [p.letter for p in figure.panels] == ["a", "c"]
    assert any(
        note.startswith("Left out: panel b needs the role backbone") for note in figure.notes
    )
    filtered = build("4", where="year >= 2019")
    assert any("filter applies to the coded studies" in note for note in filtered.notes)
    assert filtered.panels[1].statistics["published_total"] == 121


def test_figure_5_carries_cramers_v(build):
    from scipy.stats.contingency import association

    figure = build("5")
    heat, classes, sizes = figure.panels
    result = heat.statistics["cramers_v"]
    assert result["v"] == pytest.approx(association(result["counts"]))
    assert sum(r["studies"] for r in heat.rows) == result["n"]
    assert result["n"] + result["dropped"] + heat.statistics["left_out_several"] == 191
    assert f"V = {result['v']:.2f}" in heat.alt
    assert classes.statistics["modal"] == 2
    assert classes.statistics["published_modal"] == 2
    first = sizes.rows[0]
    assert (first["low"], first["below"]) == (0, 600)
    assert sum(r["studies"] for r in sizes.rows) == sizes.statistics["n"]
    assert set(render(figure, "csv")) == {"figure-5a.csv", "figure-5b.csv", "figure-5c.csv"}


def test_figure_5_of_one_modality_has_a_map_and_no_test(build):
    heat = build("5", where='modality == "CT"').panels[0]
    assert {r["modality"] for r in heat.rows} == {"CT"}
    assert heat.statistics["cramers_v"]["v"] is None
    assert "does not vary" in heat.alt


def test_figure_5_histogram_counts_again():
    values = [0.5, 599, 600, 601, 1199.9, 1200, 5999, 6000, 10**6]
    bins = bin_quantities(values, 600)
    assert [(b.low, b.high, b.studies) for b in bins[:2]] == [(0, 600, 2), (600, 1200, 3)]
    assert (bins[-1].low, bins[-1].high, bins[-1].studies) == (6000, None, 2)
    assert sum(b.studies for b in bins) == len(values)
    assert bin_quantities([], 600) == bin_quantities([], 600)
    for values in ([1], [0.001, 0.002], [5, 50, 500, 5000]):
        width = nice_width(values)
        assert sorted(values)[len(values) // 2] / width <= 5


def test_figure_5_with_one_category_shows_that_one(build):
    figure = build("5", "wang2021")
    (panel,) = figure.panels
    assert {r["category"]: r["studies"] for r in panel.rows if r["source"] == "sample"} == {
        "brain": 20, "heart": 16, "breast": 19, "lung": 21, "kidney": 13, None: 0,
    }  # fmt: skip


def test_figure_1_shows_key_numbers_and_categories(build):
    (panel,) = build("1").panels
    numbers = panel.statistics["numbers"]
    assert numbers["records identified (published)"] == 467
    assert numbers["studies (re-coded sample)"] == 191
    assert set(panel.statistics["variables"]) == {"backbone", "tl_type", "modality", "subject"}
    for name, counts in panel.statistics["variables"].items():
        assert sum(counts["sample"].values()) + counts["sample_not_stated"] == 191, name


def test_figure_1_of_another_field_uses_its_own_categories(build, other):
    (panel,) = build("1", other).panels
    assert set(panel.statistics["variables"]) == {"drug", "organ"}
    organ = panel.statistics["variables"]["organ"]
    assert organ["sample"] == {"heart": 11, "lung": 2}
    assert organ["sample_not_stated"] == 2


def test_figure_2_needs_transfer_learning(build, other):
    (panel,) = build("2").panels
    assert "published: 38 of 121" in panel.svg
    assert len(panel.rows) == 24
    shares = {(c["kind"], c["backbone"]): c["share"] for c in panel.statistics["parameters"]}
    assert shares["fine_tuning_from_scratch", "VGG16"] == 1
    assert shares["feature_extractor_hybrid", "VGG16"] == 0
    with pytest.raises(InputError, match="role tl_type"):
        build("2", other)


def test_list_variables_count_each_word(other):
    counts = count_categories(open_review(other), "organ")
    assert counts.by_year["lung", 2005] == 1
    assert counts.published is None


def test_a_drawing_of_very_many_categories_shows_the_most_frequent(other):
    from dataclasses import replace

    from review.plots.side_by_side import MOST, counts_and_years, most_frequent

    counts = count_categories(open_review(other), "organ")
    many = {f"c{i:03d}": 1 + (i == 77) for i in range(200)}
    counts = replace(counts, categories=tuple(many), sample=many)
    assert "c077" in most_frequent(counts).categories
    figure = counts_and_years("Organ", counts, "sample")
    assert "30 most frequent of 200" in figure.layout.title.text
    assert len(figure.data[0].y) == MOST + 1  # and "not stated"


LACKING = {("6", "wang2021"), ("2", "shtem2021"), ("5", "shtem2021"), ("6", "shtem2021")}


@pytest.mark.parametrize("key", ["1", "2", "3", "4", "5", "6"])
@pytest.mark.parametrize("review", ["kim2022", "wang2021", "shtem2021"])
def test_every_figure_is_drawn_or_says_why_not(build, key, review):
    if (key, review) in LACKING:
        with pytest.raises(InputError, match="role"):
            build(key, review)
        return
    figure = build(key, review)
    for panel in figure.panels:
        assert panel.alt
        assert panel.title
        assert panel.rows
        assert (panel.svg is None) != (panel.figure is None)
        if panel.figure is not None:
            assert panel.figure.layout.title.text
    for chosen in ("html", "csv", "json"):
        assert render(figure, chosen)
