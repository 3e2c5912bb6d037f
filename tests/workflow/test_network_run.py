"""Networks from files and from the results of a review."""

from __future__ import annotations

import json

import numpy as np
import pytest

import review
from review.errors import DataError, InputError, StatsError, UnknownNameError
from review.plots.network_meta.network_files import network_artifacts, network_tables
from review.project import open_review
from review.workflow.pooling.network_input import from_network_csv
from review.workflow.pooling.network_results import network_of_results
from review.workflow.pooling.network_run import run_network

PAIRS = """study,treat1,treat2,te,se
s1,A,B,0.1,0.2
s2,A,C,0.3,0.2
s3,B,C,0.25,0.15
s4,A,C,0.1,0.3
"""
ARMS = """trial,treatment,events,n
1,A,9,140
1,C,23,140
1,D,10,138
2,B,11,78
2,C,12,85
2,D,29,170
3,A,75,731
3,C,363,714
4,A,0,106
4,C,9,205
"""


def written(tmp_path, text, name="t.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_comparisons_of_a_file(tmp_path):
    rows = from_network_csv(written(tmp_path, PAIRS))
    run = run_network(rows)
    fit = review.network_meta(
        [0.1, 0.3, 0.25, 0.1], [0.2, 0.2, 0.15, 0.3], list("AABA"), list("BCCC"),
        ["s1", "s2", "s3", "s4"], method="REML",
    )  # fmt: skip
    np.testing.assert_array_equal(run.result.beta, fit.beta)
    assert run.rows.notes[0] == "read t.csv: comma, UTF-8, 4 rows"
    json.dumps(run.to_dict(), allow_nan=False)


def test_variances_and_other_headings(tmp_path):
    text = PAIRS.replace("study,treat1,treat2,te,se", "Trial,T1,T2,yi,variance")
    rows = from_network_csv(written(tmp_path, text))
    assert rows.columns["se"] == pytest.approx(np.sqrt([0.2, 0.2, 0.15, 0.3]))
    assert "read as: study from Trial, treat1 from T1" in rows.notes[-1]
    mapped = from_network_csv(
        written(tmp_path, PAIRS.replace("te,se", "a,b")), columns={"yi": "a", "sei": "b"}
    )
    assert mapped.columns["te"] == [0.1, 0.3, 0.25, 0.1]


def test_arms_of_a_file(tmp_path):
    rows = from_network_csv(written(tmp_path, ARMS), measure="or")
    run = run_network(rows, method="DL", reference="A", smaller_is_better=True)
    made = review.arm_contrasts(
        "OR",
        list("ACDBCDACAC"),
        list("1112223344"),
        xi=[9, 23, 10, 11, 12, 29, 75, 363, 0, 9],
        ni=[140, 140, 138, 78, 85, 170, 731, 714, 106, 205],
    )
    fit = review.network_meta(made, reference="A")
    np.testing.assert_allclose(run.result.beta, fit.beta, rtol=1e-12)
    assert run.result.smaller_is_better
    assert any("0.5 was added" in note for note in run.notes)


@pytest.mark.parametrize(
    ("text", "options", "error", "message"),
    [
        (PAIRS.replace("te,se", "te,x"), {}, InputError, "no column for se"),
        (PAIRS.replace("treat2,", "x,"), {}, InputError, "no column for treat2"),
        ("study,a\ns1,2\n", {}, InputError, "needs the treatments of each row"),
        (ARMS, {}, InputError, "name the measure that compares them"),
        (
            "study,treat1,treat2,event1,n1,event2,n2\ns1,A,B,1,9,2,9\n",
            {"measure": "OR"},
            InputError,
            r"several arms \(event1, event2, n1, n2\): give each arm a row of its own",
        ),
        (ARMS, {"measure": "HR"}, UnknownNameError, "unknown measure 'HR'"),
        (ARMS, {"measure": "MD"}, InputError, "no column for mi and sdi"),
        (PAIRS.replace("s2,A,C,0.3", "s2,A,C,x"), {}, DataError, r"t.csv:3: column 'te'"),
        (PAIRS.replace("s2,A,C", "s2,,C"), {}, DataError, "no treat1 is named"),
        (PAIRS.replace("s2,A,C", "NR,A,C"), {}, DataError, "no study is named"),
        (PAIRS, {"columns": {"tee": "te"}}, UnknownNameError, "did you mean 'te'"),
        (PAIRS, {"columns": {"te": "x"}}, UnknownNameError, "unknown column 'x'"),
        (PAIRS, {"options": {"add": 1}}, InputError, "about arms with counts"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path, text, options, error, message):
    with pytest.raises(error, match=message):
        from_network_csv(written(tmp_path, text), **options)


def test_figures_tables_and_text_show_the_same_numbers(tmp_path):
    run = run_network(from_network_csv(written(tmp_path, ARMS), measure="OR"), reference="A")
    figures = {a.name: a for a in network_artifacts(run, "n")}
    assert set(figures) == {
        f"n-{name}"
        for name in ("graph", "forest", "league", "split", "heat", "contribution", "funnel",
                     "ranks")
    }  # fmt: skip
    for artifact in figures.values():
        assert artifact.panels[0].alt
        assert (artifact.panels[0].figure is None) == bool(artifact.panels[0].svg)
        assert run.headline == artifact.caption
    files = network_tables(run, "n")
    league = files["n-league.csv"].decode()
    text = files["n.txt"].decode()
    beta = float(np.exp(run.result.beta[0]))
    assert f"{beta:.4f}" in text
    assert f'"{beta!r}"' in figures["n-forest"].panels[0].svg
    stored = json.loads(files["n.json"])
    assert np.exp(stored["result"]["coefficients"][0]["beta"]) == beta
    cell = run.result.league().iloc[1, 0]
    assert cell in league
    assert cell in text
    first, second = run.result.ranked[:2]
    low, high = (float(np.exp(run.result.table(x).loc[first, second])) for x in ("ci_lb", "ci_ub"))
    assert f"[{low:.2f}, {high:.2f}]" in cell
    split = run.result.node_split()
    rows = {r["comparison"]: r for r in stored["result"]["comparisons"]}
    assert [r["direct"] for r in rows.values() if r["direct"] is not None] == [
        x for x in split.direct.tolist() if np.isfinite(x)
    ]


RESULTS = """study_id,role,metric,value,model,n_test
a,comparison,accuracy,0.90,VGG16,200
a,comparison,accuracy,0.94,ResNet50,200
b,comparison,accuracy,0.85,VGG16,150
b,comparison,accuracy,0.80,AlexNet,150
b,comparison,accuracy,0.88,ResNet50,150
c,comparison,accuracy,0.91,AlexNet,90
c,comparison,accuracy,0.95,VGG16,
d,comparison,accuracy,0.70,VGG16,100
d,comparison,accuracy,0.75,VGG16,100
"""


def review_of(tmp_path, results=RESULTS):
    """A copy of the bundled review with other results of its first studies."""
    import csv
    import io
    import shutil

    from review.resources import resource_dir

    made = tmp_path / "kim"
    shutil.copytree(resource_dir("data") / "kim2022", made)
    ids = [s.study_id for s in open_review(made).studies[:4]]
    head = (made / "results.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    out = io.StringIO()
    writer = csv.DictWriter(out, head, restval="", lineterminator="\n")
    writer.writeheader()
    for row in csv.DictReader(io.StringIO(results)):
        writer.writerow(row | {"study_id": ids["abcd".index(row["study_id"])]})
    (made / "results.csv").write_text(out.getvalue(), encoding="utf-8")
    return open_review(made), ids


def test_networks_compared_on_the_same_data(tmp_path):
    opened, ids = review_of(tmp_path)
    rows = network_of_results(opened, "accuracy", rho=0.4)
    run = run_network(rows, reference="VGG16")
    assert run.result.treatments == ("AlexNet", "ResNet50", "VGG16")
    assert run.result.studies == (ids[0], ids[1])
    # the difference of logits, and its error with the assumed correlation
    p, n = np.array([0.94, 0.90]), 200
    logits, v = np.log(p / (1 - p)), 1 / (n * p * (1 - p))
    made = rows.made
    assert made.te[0] == pytest.approx(logits[0] - logits[1])
    se = np.sqrt(v.sum() - 2 * 0.4 * np.sqrt(v.prod()))
    assert made.se[0] == pytest.approx(se)
    assert made.measure == "OR"
    reasons = dict(rows.left_out)
    assert any("no n_test" in why for why in reasons.values())
    assert any("nothing to compare it with" in why for why in reasons.values())
    assert any("reported 2 times" in why for why in reasons.values())
    # other assumptions: other errors, in text and numbers
    assert [row.rho for row in run.by_rho] == [0.0, 0.3, 0.5, 0.7, 0.9]
    text = run.text()
    assert "rho = 0.9" in text
    assert "which no study reports" in text
    stored = run.to_dict()
    assert stored["rho"] == 0.4
    assert stored["by_rho"][0]["estimates"].keys() == {"AlexNet", "ResNet50"}


def test_settings_of_a_review(tmp_path):
    from review.schema.meta_settings import NamedMeta, settings_from
    from review.workflow.pooling.settings_run import run_settings

    opened, _ = review_of(tmp_path)
    settings = settings_from({"model": "nma", "outcome": "accuracy", "method": "DL"})
    assert run_settings(opened, settings).result.method == "DL"
    kept = NamedMeta(name="nets", title="Which network", model="nma", outcome="accuracy",
                     reference="VGG16", notes=("a remark",))  # fmt: skip
    run = run_settings(opened, kept)
    assert run.rows.name == "nets"
    assert run.result.reference == "VGG16"
    assert "a remark" in run.notes
    with pytest.raises(InputError, match="which outcome"):
        run_settings(opened, settings_from({"model": "nma"}))
    with pytest.raises(InputError, match="--mods is about other models"):
        run_settings(opened, settings_from({"model": "nma", "outcome": "accuracy", "mods": "x"}))
    with pytest.raises(ValueError, match="smaller_is_better: about model = 'nma' alone"):
        NamedMeta(name="x", outcome="auc", smaller_is_better=True)
    with pytest.raises(ValueError, match="a network is made of results"):
        NamedMeta(name="x", model="nma", columns={"te": "a"})


def test_the_report_shows_the_networks_that_are_kept(tmp_path):
    from review.report.results import Results
    from review.report.sections import build_section

    opened, _ = review_of(tmp_path)
    path = opened.path / "review.toml"
    text = path.read_text(encoding="utf-8")
    table = '\n[[meta]]\nname = "nets"\nmodel = "nma"\noutcome = "accuracy"\n'
    path.write_text(text + table, encoding="utf-8")
    results = Results(open_review(opened.path))
    section = build_section("networks", results)
    run = results.networks["nets"]
    assert [e.value for e in section.estimates] == run.result.beta.tolist()
    assert section.methods[0].startswith("Nets: 3 treatments were compared")
    assert not results.meta
    assert not results.accuracy


def test_a_report_has_the_section_where_a_network_is_asked_for_fitted_or_not(tmp_path):
    from review.report.assemble import build_sections
    from review.report.results import Results

    opened, _ = review_of(tmp_path)

    def shown(wanted=()):
        return {s.name: s for s in build_sections(Results(open_review(opened.path)), wanted)}

    assert "networks" not in shown()
    assert not shown(["networks"])["networks"].has_data
    path = opened.path / "review.toml"
    table = '\n[[meta]]\nname = "nets"\nmodel = "nma"\noutcome = "auc"\n'
    path.write_text(path.read_text(encoding="utf-8") + table, encoding="utf-8")
    section = shown()["networks"]  # nothing of this review has an AUC
    assert not section.has_data
    assert "Nets" in str(section.blocks)


def test_the_bundled_review_says_why_it_has_no_network():
    rows = network_of_results(open_review("kim2022"), "accuracy")
    with pytest.raises(StatsError, match="not connected") as caught:
        run_network(rows)
    assert "CaffeNet, VGG" in str(caught.value)
    assert "no n_test" in str(caught.value)


def test_errors_about_rows_say_how_rows_are_counted(tmp_path):
    text = PAIRS.replace("s2,A,C", "s2,A,A")
    with pytest.raises(StatsError, match=r"t.csv: .*row 2 \(s2\): A \(row 1 is the first below"):
        run_network(from_network_csv(written(tmp_path, text)))
