from __future__ import annotations

import csv
import io
import json
import math
import re

import pytest

from review.errors import InputError
from review.plots.export import render

MODALITIES_BY_PATIENTS = {"CT", "MRI", "microscopy"}


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(name="figure", scope="module")
def _figure(build):
    return build("6")


def test_points_follow_the_rule_of_the_paper(figure):
    """Counted again from the raw file, without the package's own reader."""
    from review.resources import resource_dir

    expected = {"auc": {}, "accuracy": {}}
    for row in rows_of(resource_dir("data") / "kim2022" / "studies.csv"):
        images, patients = (float(row[k]) if row[k] else None for k in ("n_images", "n_patients"))
        size = patients if row["modality"] in MODALITIES_BY_PATIENTS and patients else images
        size = size or patients
        for metric, found in expected.items():
            if size and row["n_classes"] and row[metric]:
                found[row["study_id"]] = (
                    size / float(row["n_classes"]), float(row[metric])
                )  # fmt: skip
    for panel in figure.panels:
        metric = panel.statistics["metric"]
        plotted = {r["study_id"]: (r["normalised_quantity"], float(r["value"])) for r in panel.rows}
        assert plotted == expected[metric]
        assert panel.statistics["n"] == len(expected[metric]) == len(panel.rows)
    assert [p.letter for p in figure.panels] == ["a", "b", "c", "d"]
    assert [p.statistics["metric"] for p in figure.panels] == ["auc", "accuracy"] * 2
    assert [p.statistics["colour"] for p in figure.panels] == [
        "modality", "modality", "backbone", "backbone",
    ]  # fmt: skip


def test_html_csv_and_json_agree(figure):
    from scipy.stats import kruskal, spearmanr

    files = {}
    for chosen in ("html", "csv", "json"):
        files |= {n: b.decode() for n, b in render(figure, chosen, {"review": "kim2022"}).items()}
    page, table, stats = (files[f"figure-6.{k}"] for k in ("html", "csv", "json"))
    rows = list(csv.DictReader(io.StringIO(table)))
    found = json.loads(stats)
    embedded = re.search(r'id="statistics">(.*?)</script>', page, flags=re.DOTALL).group(1)
    assert json.loads(embedded) == found
    drawn = re.findall(r'class="figure-data"[^>]*>(.*?)</script>', page, flags=re.DOTALL)
    for panel, text in zip(found["panels"], drawn, strict=True):
        mine = [r for r in rows if r["panel"] == panel["letter"]]
        x = [float(r["normalised_quantity"]) for r in mine]
        y = [float(r["value"]) for r in mine]
        traces = [t for t in json.loads(text)["data"] if not t["showlegend"]]
        points = sorted((a, b) for t in traces for a, b in zip(t["x"], t["y"], strict=True))
        assert points == sorted(zip(x, y, strict=True))
        links = {c for t in traces for c in t["customdata"]}
        assert links == {r["link"] for r in mine}
        rank = panel["statistics"]["spearman"]
        assert rank["rho"] == pytest.approx(spearmanr(x, y).statistic)
        assert rank["p_value"] == pytest.approx(spearmanr(x, y).pvalue, abs=0.01)
        assert rank["n"] == len(mine) == panel["rows"] == panel["statistics"]["n"]
        said = json.loads(text)["layout"]["annotations"][0]["text"]
        assert f"rho = {rank['rho']:.2f} [{rank['ci_low']:.2f}, {rank['ci_high']:.2f}]" in said
        assert f"n = {rank['n']}" in said
        assert "impossible with n ≤ 41" in said
        groups = {}
        for r in mine:
            if r["modality"] not in {"", "many"}:
                groups.setdefault(r["modality"], []).append(float(r["value"]))
        test = panel["statistics"]["kruskal_wallis"]["modality"]
        kept = [v for v in groups.values() if len(v) > 1]
        assert test["h"] == pytest.approx(kruskal(*kept).statistic)
        assert test["epsilon2"] == pytest.approx(test["h"] / (test["n"] - 1))


def test_published_values_stand_beside_with_a_verdict(figure):
    for panel in figure.panels:
        published = panel.statistics["published"]
        printed = {"auc": (0.05, 0.03), "accuracy": (0.13, 0.17)}[panel.statistics["metric"]]
        assert (published["rho"], published["p"]) == printed
        assert published["check"]["possible"] is False
    notes = "\n".join(figure.notes)
    assert "121 studies → 64" in notes
    assert "→ 41 without minor models (−9), as the 41 it plots" in notes
    assert "1,779" in notes
    assert "111 points" in notes


def test_every_step_of_the_selection_is_counted(build):
    from review.project import open_review
    from review.workflow.selection import select

    kim = open_review("kim2022")
    for mode in ("all", "strict"):
        chosen = select(kim, mode, ["auc", "accuracy"])
        left = len(kim.studies)
        for step in chosen.steps:
            assert step.left == left - step.left_out
            left = step.left
        assert left == len(chosen.studies)
    strict = build("6", selection="strict")
    for panel in strict.panels:
        assert 3 <= len(panel.rows) < 30
        for row in panel.rows:
            assert row["backbone"] not in {"many", "LeNet", "DenseNet", "else"}
            assert row["tl_type"] != "many"
            assert row["modality"] != "many"
    assert "do not state their" in " ".join(strict.notes)


def test_not_stated_is_a_marker(figure):
    for panel in figure.panels:
        names = [t.name for t in panel.figure.data if t.showlegend and t.legend == "legend2"]
        missing = sum(r["tl_type"] is None for r in panel.rows)
        assert f"not stated ({missing})" in names


def test_a_filter_reaches_the_figure(build):
    figure = build("6", where='modality == "X-ray"')
    assert {r["modality"] for p in figure.panels for r in p.rows} == {"X-ray"}
    test = figure.panels[0].statistics["kruskal_wallis"]["modality"]
    assert test["h"] is None
    assert "2 are needed" in test["reason"]


def test_one_study_is_enough_for_a_figure(build):
    one = build("6").panels[0].rows[0]["study_id"]
    figure = build("6", where=f'study_id == "{one}"')
    rank = figure.panels[0].statistics["spearman"]
    assert (rank["rho"], rank["n"]) == (None, 1)
    assert "at least 3" in figure.panels[0].alt
    for chosen in ("csv", "json"):
        for data in render(figure, chosen).values():
            assert b"NaN" not in data
            assert b"nan" not in data


def test_the_seed_decides_the_sampled_p_value(build):
    def p(seed):
        return build("6", seed=seed).panels[0].statistics["spearman"]["p_value"]

    assert p(1) == p(1)
    assert abs(p(1) - p(2)) < 0.01


def test_a_review_of_another_field(build, other):
    figure = build("6", other)
    (panel,) = figure.panels
    assert panel.statistics["colour"] == "drug"
    assert panel.statistics["shape"] is None
    assert [r["normalised_quantity"] for r in panel.rows] == [10 * i for i in range(1, 12)]
    assert panel.statistics["spearman"]["rho"] == 1.0
    assert panel.statistics["spearman"]["p_value"] == pytest.approx(2 / math.factorial(11))
    assert panel.statistics["published"] is None
    assert panel.rows[0]["quantity_unit"] == "people"
    page = render(figure, "html")["figure-6.html"].decode()
    assert "</script> trial" not in page
    assert "13 studies → 11 with a data quantity → 11 with effect" in figure.notes[0]


def test_missing_roles_are_named(build, other, tmp_path):
    import shutil

    with pytest.raises(InputError, match=r"metrics.*\[roles\].*variables that could: table"):
        build("6", "wang2021")
    copy = shutil.copytree(other, tmp_path / "copy")
    text = (copy / "review.toml").read_text()
    (copy / "review.toml").write_text(text.replace('size_patients = "n"\n', ""))
    with pytest.raises(InputError, match=r"size_images or size_patients"):
        build("6", copy)
    (copy / "review.toml").write_text(text.replace('"n"', '"nn"'))
    with pytest.raises(InputError, match=r"unknown variable 'nn' in review.toml"):
        build("6", copy)
    (copy / "review.toml").write_text(text.replace('["effect"]', '["drug"]'))
    with pytest.raises(InputError, match=r"type 'category'; a number"):
        build("6", copy)


def test_a_review_without_such_studies_says_at_which_step_they_went(build, new_review):
    with pytest.raises(InputError, match="0 coded"):
        build("6", new_review)
    with pytest.raises(InputError, match=r"→ 0 with auc or accuracy"):
        build("6", where="missing(auc) and missing(accuracy)")


def test_a_measure_without_points_has_no_panel(build):
    figure = build("6", where="missing(accuracy)")
    assert [p.statistics["metric"] for p in figure.panels] == ["auc", "auc"]
    assert [p.letter for p in figure.panels] == ["a", "b"]
    assert "0 with Accuracy" in " ".join(figure.notes)
