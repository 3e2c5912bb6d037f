"""`review meta`, run as a user runs it: files that agree digit for digit, and clear refusals."""

from __future__ import annotations

import base64
import csv
import html
import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from review.words import number

BCG = """trial,author,year,tpos,tneg,cpos,cneg,ablat,alloc,rob
1,Aronson,1948,4,119,11,128,44,random,low
2,Ferguson & Simes,1949,6,300,29,274,55,random,high
3,Rosenthal et al,1960,3,228,11,209,42,random,some concerns
4,Hart & Sutherland,1977,62,13536,248,12619,52,random,low
5,Frimodt-Moller et al,1973,33,5036,47,5761,13,alternate,low
6,Stein & Aronson,1953,180,1361,372,1079,44,alternate,high
7,Vandiviere et al,1973,8,2537,10,619,19,random,
8,TPT Madras,1980,505,87886,499,87892,13,random,low
9,Coetzee & Berjak,1968,29,7470,45,7232,27,random,low
10,Rosenthal et al,1961,17,1699,65,1600,42,systematic,low
11,Comstock et al,1974,186,50448,141,27197,18,systematic,low
12,Comstock & Webster,1969,5,2493,3,2338,33,systematic,low
13,Comstock et al,1976,27,16886,29,17854,33,systematic,low
"""
COLUMNS = {"ai": "tpos", "bi": "tneg", "ci": "cpos", "di": "cneg"}
RAW = [f"--column={argument}={column}" for argument, column in COLUMNS.items()]


@pytest.fixture(name="bcg")
def _bcg(tmp_path):
    path = tmp_path / "bcg.csv"
    path.write_text(BCG, encoding="utf-8")
    return path


@dataclass
class Written:
    """The files of a run, parsed."""

    table: list[dict[str, str]]
    numbers: dict[str, Any]
    text: str
    figures: dict[str, dict[str, Any]]
    blocks: dict[str, dict[str, Any]]
    pages: dict[str, str]


def _read(folder, stem) -> Written:
    with (folder / f"{stem}-table.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    pages = {p.stem.removeprefix(f"{stem}-"): p.read_text("utf-8") for p in folder.glob("*.html")}
    script = '<script type="application/json"{}>(.*?)</script>'
    figure = re.compile(script.format(' class="figure-data"[^>]*'), re.DOTALL)
    block = re.compile(script.format(' id="statistics"'), re.DOTALL)
    return Written(
        table,
        json.loads((folder / f"{stem}.json").read_text("utf-8")),
        (folder / f"{stem}.txt").read_text("utf-8"),
        {n: json.loads(found[1]) for n, page in pages.items() if (found := figure.search(page))},
        {name: json.loads(block.search(page).group(1)) for name, page in pages.items()},
        pages,
    )


def _values(x) -> list[Any]:
    """The numbers of a plotly array, which may be packed."""
    if isinstance(x, dict):
        return np.frombuffer(base64.b64decode(x["bdata"]), dtype=x["dtype"]).tolist()
    return list(x)


def _trace(figure, name) -> dict[str, Any]:
    return next(t for t in figure["data"] if t.get("name", "").strip().startswith(name))


def _check_agreement(files: Written) -> None:
    """Compare every number of figure, table, JSON and text."""
    forest = re.search(r'for-desktop">(<svg.*?</svg>)', files.pages["forest"], re.DOTALL)[1]
    rows = files.numbers["forest"]
    assert len(files.table) == len(rows)
    for line, row in zip(files.table, rows, strict=True):
        for name, value in row.items():
            shown = line[name].removeprefix("'")
            assert shown == ("" if value is None else str(value)), name
    studies = [r for r in rows if r["kind"] == "study"]
    drawn = re.findall(
        r'data-mark="study" data-estimate="([^"]+)" data-low="([^"]+)" data-high="([^"]+)"', forest
    )
    expected = [(r["estimate"], r["ci_lb"], r["ci_ub"]) for r in studies]
    assert [tuple(map(float, values)) for values in drawn] == expected
    notes = [html.unescape(t) for t in re.findall("<text[^>]*>(.*?)</text>", forest)]
    lines = files.text.split("\n\n")[1].splitlines()[1:]
    assert len(lines) == len(rows)
    for row, line in zip(rows, lines, strict=True):
        if row["estimate"] is None:
            assert line.strip() == row["label"]
            continue
        shown = re.search(r"(\S+ )?\[\S+ \S+\]", line).group().strip()
        assert shown.replace("-", "−") in notes  # the figure has the same digits
        printed = [float(x) for x in re.findall(r"-?[\d.]+(?:e[+-]\d+)?", shown)]
        exact = [row["ci_lb"], row["ci_ub"]]
        exact = exact if row["kind"] == "prediction" else [row["estimate"], *exact]
        decimals = max(len(x.partition(".")[2]) for x in re.findall(r"\d+\.\d+", shown))
        assert printed == pytest.approx(exact, abs=0.5000001 * 10**-decimals)
        if row["kind"] == "study":
            assert f"{row['weight']:.1f}%" in line
            assert f"{row['weight']:.1f}%" in notes
    model = files.numbers["result"]
    block = files.blocks["forest"]["panels"][0]["statistics"]
    assert block["coefficients"] == model["coefficients"]
    assert {k: block[k] for k in ("tau2", "I2", "QE", "QEp", "k")} == {
        k: model[k] for k in ("tau2", "I2", "QE", "QEp", "k")
    }
    footer = next(n for n in notes if "eterogeneity: Q" in n)
    assert f"Q({model['df']}) = {number(model['QE'])}" in footer
    assert f"I² = {model['I2']:.1f}%" in footer
    assert f"test of heterogeneity: Q({model['df']}) = {model['QE']:.4f}" in files.text
    assert f"I2 = {model['I2']:.1f}%" in files.text


@pytest.mark.parametrize("outcome", ["auc", "accuracy", "sensitivity", "specificity"])
@pytest.mark.parametrize("more", [(), ("--by", "modality"), ("--method", "EE", "--level", "90")])
def test_files_of_kim2022_agree_digit_for_digit(run, tmp_path, outcome, more):
    done = run("meta", "--review", "kim2022", "--outcome", outcome, *more, "--out", tmp_path)
    assert (done.code, done.err) == (0, "")
    files = _read(tmp_path, f"meta-{outcome}")
    _check_agreement(files)
    assert files.text.strip() in done.out
    total = next(r for r in files.numbers["forest"] if r["kind"] == "total")
    assert f"{total['estimate']:.4f}" in files.text  # the paragraph gives the same to 4 decimals
    assert f"{total['ci_lb']:.4f} to {total['ci_ub']:.4f}" in files.text
    funnel = _trace(files.figures["funnel"], "studies")
    studies = files.numbers["result"]["studies"]
    assert _values(funnel["x"]) == [s["yi"] for s in studies]
    np.testing.assert_allclose(np.square(_values(funnel["y"])), [s["vi"] for s in studies])


def test_raw_columns_of_a_csv_file_agree_too(run, bcg, tmp_path):
    done = run(
        "meta", "--csv", bcg, "--measure", "RR", *RAW, "--by", "alloc", "--test", "z", "--out",
        tmp_path / "out", "--show", "year", "--risk-of-bias", "rob", "--also",
        "labbe,trim-fill,leave-one-out",
    )  # fmt: skip
    assert done.code == 0
    files = _read(tmp_path / "out", "meta-bcg")
    _check_agreement(files)
    # Viechtbauer 2010 (J Stat Softw 36(3)), section 3.2
    assert "Total (REML, k = 13)" in files.text
    assert "0.49 [0.34, 0.70]" in files.text
    assert set(files.pages) == {"forest", "funnel", "labbe", "leave-one-out"}
    texts = re.findall("<text[^>]*>(.*?)</text>", files.pages["forest"])
    assert {"1948", "year", "rob"} <= set(texts)
    assert '<desc id="' in files.pages["forest"]
    assert ">Total (REML, k = 13): 0.49 [0.34, 0.70]" in files.pages["forest"]


def test_meta_regression_draws_a_bubble_plot_and_writes_coefficients(run, bcg, tmp_path):
    done = run("meta", "--csv", bcg, "--measure", "RR", *RAW, "--mods", "ablat", "--test", "z",
               "--out", tmp_path / "out")  # fmt: skip
    assert done.code == 0
    # Viechtbauer 2010, section 3.4 (one moderator): slope of absolute latitude -0.0291
    files = _read(tmp_path / "out", "meta-bcg")
    slope = files.numbers["result"]["coefficients"][1]
    assert (slope["name"], round(slope["beta"], 4)) == ("ablat", -0.0291)
    assert set(files.pages) == {"forest", "bubble"}
    with (tmp_path / "out" / "meta-bcg-coefficients.csv").open(encoding="utf-8") as file:
        line = list(csv.DictReader(file))[1]
    assert float(line["beta"]) == slope["beta"]
    assert "-0.0291" in files.text


def test_moderators_and_filters_of_a_review(run):
    done = run("meta", "--outcome", "auc", "--mods", "log(n_images)", "--json")
    result = json.loads(done.out)["result"]
    assert [c["name"] for c in result["coefficients"]] == ["intercept", "log(n_images)"]
    assert {row["reason"] for row in result["left_out"]} == {"no moderator n_images"}
    ray = json.loads(
        run("meta", "--outcome", "auc", "--where", 'modality == "X-ray"', "--json").out
    )
    assert ray["result"]["k"] == 5


@pytest.mark.parametrize(
    "measure", ["AUC", "LOGITAUC", "ACC", "PR", "PLN", "PLO", "PAS", "PFT", "SENS", "SPEC"]
)
def test_every_measure_of_performance(run, measure):
    outcome = {"AUC": "auc", "LOGITAUC": "auc", "SENS": "sensitivity", "SPEC": "specificity"}
    done = run(
        "meta", "--outcome", outcome.get(measure, "accuracy"), "--measure", measure, "--json"
    )
    found = json.loads(done.out)
    assert found["result"]["settings"]["measure"] == measure
    total = next(r for r in found["forest"] if r["kind"] == "total")
    assert 0.5 < total["ci_lb"] <= total["estimate"] <= total["ci_ub"] <= 1


METHODS = [
    "EE",
    "FE",
    "DL",
    "HE",
    "HS",
    "HSk",
    "SJ",
    "ML",
    "REML",
    "EB",
    "PM",
    "PMM",
    "DLIT",
    "SJIT",
]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_names_itself(run, method):
    done = run("meta", "--outcome", "auc", "--method", method.lower())
    assert done.code == 0
    assert f"({method})" in done.out
    assert f"Total ({method}, k = 13)" in done.out


@pytest.mark.parametrize("test", ["z", "t", "knha", "adhoc"])
def test_every_test_names_itself(run, test):
    done = run("meta", "--outcome", "auc", "--test", test, "--level", "99")
    assert f"({test}); level 99%" in done.out
    assert "[99% CI]" in done.out


def test_json_is_everything_and_valid(run, tmp_path):
    done = run("meta", "--outcome", "auc", "--by", "modality", "--also", "all", "--json",
               "--out", tmp_path)  # fmt: skip
    found = json.loads(done.out, parse_constant=pytest.fail)
    assert {"result", "forest", "subgroups", "egger", "also", "left_out", "notes"} <= set(found)
    assert all((tmp_path / name.rsplit("/", 1)[-1]).is_file() for name in found["files"])
    assert found["also"]["gosh"]["subsets"] == 2**13 - 1


def test_svg_and_png(run, tmp_path):
    pytest.importorskip("kaleido")
    done = run("meta", "--outcome", "specificity", "--format", "svg,png", "--out", tmp_path)
    if "Chromium" in done.err:
        pytest.skip("no browser")
    assert (tmp_path / "meta-specificity-forest.png").read_bytes()[:4] == b"\x89PNG"
    svg = (tmp_path / "meta-specificity-forest.svg").read_text("utf-8")
    assert "Total (REML, k = 3)" in svg
    assert not list(tmp_path.glob("*.html"))


EFFECTS = {
    "ok": "study,yi,vi\na,0.1,0.04\nb,0.9,0.09\nc,0.4,0.05\n",
    "one": "study,yi,vi\na,0.1,0.04\n",
    "two": "study,yi,vi\na,0.1,0.04\nb,0.9,0.09\n",
    "same": "study,yi,vi\na,0.5,0.04\nb,0.5,0.04\nc,0.5,0.04\n",
    "negative": "study,yi,vi\na,0.1,0.04\nb,0.9,-0.09\n",
    "text": "study,yi,vi\na,0.1,0.04\nb,abc,0.09\n",
    "missing": "study,yi,vi\na,NA,0.04\nb,,0.09\n",
    "empty": "",
    "header": "study,yi,vi\n",
    "broken": 'study,yi,vi\na,"0.1,0.04\n',
}


@pytest.fixture(name="effects")
def _effects(tmp_path):
    def write(name):
        path = tmp_path / f"{name}.csv"
        path.write_text(EFFECTS[name], encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("name", ["one", "two", "same"])
def test_the_smallest_data_have_defined_results(run, effects, tmp_path, name):
    out = tmp_path / "out"
    done = run("meta", "--csv", effects(name), "--out", out, "--also", "all")
    assert done.code == 0
    assert "Total" in done.out
    if name == "one":
        assert "tau2 cannot be estimated from one study" in done.out
        assert "Prediction interval" not in (out / "meta-one-table.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("negative", "must be above 0; they are not in row 2 (b)"),
        ("text", "text.csv:3: column 'yi': not a number: 'abc'"),
        ("missing", "none of the 2 rows has an effect"),
        ("empty", "the file is empty"),
        ("header", "headings but no rows"),
        ("broken", "broken.csv:2: broken CSV"),
    ],
)
def test_broken_numbers_are_refused_with_their_place(run, effects, name, said):
    done = run("meta", "--csv", effects(name))
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "which outcome? name it with --outcome (kim2022 has accuracy, auc"),
        (("--outcome", "aucc"), "did you mean 'auc'"),
        (("--outcome", "auc", "--measure", "LOGITAUK"), "did you mean 'LOGITAUC'"),
        (("--outcome", "auc", "--method", "REMLL"), "did you mean 'REML'"),
        (("--outcome", "auc", "--test", "knhaa"), "did you mean 'knha'"),
        (("--outcome", "auc", "--by", "modalty"), "did you mean 'modality'"),
        (("--outcome", "auc", "--mods", "log(n_image)"), "did you mean 'n_images'"),
        (("--outcome", "auc", "--mods", "__import__('os')"), "unknown function"),
        (("--outcome", "auc", "--level", "100"), "between 0 and 100"),
        (("--outcome", "auc", "--role", "headlin"), "did you mean 'headline'"),
        (("--outcome", "auc", "--also", "eggr"), "did you mean 'egger'"),
        (("--outcome", "auc", "--format", "jpg"), "unknown format 'jpg'"),
        (("--outcome", "auc", "--yi", "x"), "--outcome and --role are about results"),
        (("--outcome", "auc", "--scale", "raw"), "scale is an option of ACC, SENS, SPEC"),
        (("--outcome", "auc", "--by", "n_images"), "a number is a moderator"),
        (("--csv", "no-such-file.csv"), "no such file"),
        (("--csv", "x.csv", "--role", "all"), "--role is about a review"),
        (("--outcome", "auc", "--arm", "a"), "--arm is about a CSV file"),
        (("--csv", "x.csv", "--column", "ai"), "write it as argument=column"),
        (("--nope",), "No such option"),
    ],
)
def test_wrong_arguments_are_refused_in_words(run, arguments, said):
    done = run("meta", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said.casefold() in done.err.casefold()


PRINTED = (
    "trial,outcome,hazard_ratio,ci_low,ci_high,p,year\nA,death,0.50,0.25,1.00,,2011\n"
    "B,death,0.50,0.25,1.00,,2012\nC,death,2.00,1.00,4.00,,2013\nD,death,2.00,1.00,4.00,,2014\n"
    "E,death,0.80,,,0.04,2015\nA,relapse,0.90,0.60,1.35,,2011\n"
)


def test_estimates_of_one_outcome_and_without_what_was_converted(run, tmp_path):
    path = tmp_path / "printed.csv"
    path.write_text(PRINTED, encoding="utf-8")
    chosen = ("meta", "--csv", path, "--outcome-column", "outcome", "--outcome", "death")
    done = run(*chosen, "--json")
    found = json.loads(done.out)
    assert found["result"]["k"] == 5
    assert [c["approximate"] for c in found["conversions"]] == [False] * 4 + [True]
    exact = json.loads(run(*chosen, "--without-approximate", "--json").out)
    (coefficient,) = exact["result"]["coefficients"]
    assert coefficient["beta"] == pytest.approx(0, abs=1e-9)
    limits = np.exp([coefficient["ci_lb"], coefficient["ci_ub"]]).round(2).tolist()
    assert limits == [0.28, 3.57]
    assert exact["left_out"] == [
        {"study": "E", "reason": "converted: standard error from the p-value"}
    ]
    recent = run(*chosen, "--where", "year >= 2013")
    assert "3 of 5 rows of printed.csv fit the filter" in recent.out
    assert run(*chosen, "--without-converted").err.startswith("error: all 5 usable rows")
    which = run("meta", "--csv", path, "--outcome-column", "outcome")
    assert "--outcome: death (5 rows); relapse" in which.err


def test_arms_as_rows(run, tmp_path):
    path = tmp_path / "arms.csv"
    path.write_text(
        "study,arm,events,n\nK,placebo,10,50\nK,drug,6,52\nL,placebo,12,60\nL,low,9,61\n"
        "L,high,5,59\n", encoding="utf-8",
    )  # fmt: skip
    base = ("meta", "--csv", path, "--measure", "OR", "--arm", "arm", "--reference", "placebo",
            "--column", "xi=events", "--column", "ni=n")  # fmt: skip
    assert "choose --multi-arm combine" in run(*base).err
    assert "L: high" in run(*base, "--multi-arm", "split").out
    assert "are combined into one group" in run(*base, "--multi-arm", "combine").out


def test_an_output_folder_that_is_a_file(run, effects):
    path = effects("ok")
    done = run("meta", "--csv", path, "--out", path)
    assert done.code == 2
    assert "is a file; name a folder" in done.err


def test_links_of_the_studies_are_reachable(run, tmp_path):
    run("meta", "--outcome", "auc", "--out", tmp_path)
    files = _read(tmp_path, "meta-auc")
    in_forest = re.findall(r'<a href="([^"]+)" target="_blank"', files.pages["forest"])
    for links in (in_forest, _trace(files.figures["funnel"], "studies")["customdata"]):
        assert all(link is None or link.startswith("http") for link in links)
        assert any(links)


def test_many_studies(run, tmp_path):
    rng = np.random.default_rng(0)
    y, v = rng.normal(0.3, 0.5, 20_000), rng.uniform(0.01, 0.2, 20_000)
    lines = [f"s{i},{a:.4f},{b:.5f}" for i, (a, b) in enumerate(zip(y, v, strict=True))]
    path = tmp_path / "huge.csv"
    path.write_text("study,yi,vi\n" + "\n".join(lines), encoding="utf-8")
    done = run("meta", "--csv", path, "--out", tmp_path / "out")
    assert done.code == 0
    assert len(done.out) < 5000
    pages = list((tmp_path / "out").glob("*.html"))
    assert max(p.stat().st_size for p in pages) < 3_000_000
    with (tmp_path / "out" / "meta-huge-table.csv").open(encoding="utf-8") as file:
        assert sum(1 for _ in file) == 20_003


DEPENDENT = """study,yi,vi,x
a,0.1,0.02,1
a,0.3,0.03,2
b,0.8,0.04,1
b,0.6,0.03,3
c,0.2,0.02,2
d,0.5,0.05,4
e,0.1,0.03,1
"""


def test_rows_that_share_a_study_are_pooled_by_study(run, tmp_path):
    path = tmp_path / "dependent.csv"
    path.write_text(DEPENDENT, encoding="utf-8")
    plain = run("meta", "--csv", path)
    assert "on the command line --cluster) does not" in " ".join(plain.out.split())
    out = tmp_path / "out"
    done = run("meta", "--csv", path, "--cluster", "study", "--rho", "0.5", "--out", out)
    assert done.code == 0, done.err
    assert "7 effects of 5 studies" in done.out
    names = {p.name for p in out.iterdir()}
    assert {"meta-dependent-forest.html", "meta-dependent-rho.html"} <= names
    saved = json.loads((out / "meta-dependent.json").read_text(encoding="utf-8"))
    with (out / "meta-dependent-table.csv").open(encoding="utf-8") as file:
        total = next(row for row in csv.DictReader(file) if row["kind"] == "total")
    number = saved["result"]["coefficients"][0]["beta"]
    assert float(total["estimate"]) == number
    assert f"{number:.4f}" in (out / "meta-dependent.txt").read_text(encoding="utf-8")
    refused = run("meta", "--csv", path, "--cluster", "stdy")
    assert refused.code != 0
    assert "did you mean 'study'" in refused.err


def test_outcomes_whose_names_differ_in_signs_do_not_share_files(run, tmp_path):
    for name in ("a b", "a-b", "c"):
        (tmp_path / f"{name}.csv").write_text("yi,vi\n0.1,0.02\n0.2,0.03\n0.3,0.01\n")
        assert run("meta", "--csv", tmp_path / f"{name}.csv", "--out", tmp_path / "o").code == 0
    stems = {p.name.removesuffix(".json") for p in (tmp_path / "o").glob("*.json")}
    assert len({s for s in stems if not s.endswith(("forest", "funnel"))}) == 3
    assert "meta-c" in stems
