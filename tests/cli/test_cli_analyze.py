from __future__ import annotations

import csv
import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_figure_6_is_written_from_an_empty_folder(run, tmp_path):
    done = run("analyze", "--figure", "6")
    assert done.code == 0
    out = tmp_path / "review-out"
    assert sorted(p.name for p in out.iterdir()) == [
        "figure-6.csv",
        "figure-6.html",
        "figure-6.json",
    ]
    assert done.out.count("written:") == 3
    assert "191 studies → 82 with a data quantity" in done.out
    assert "Spearman rho = " in done.out
    assert "impossible with at most 41 points" in done.out
    assert "Kruskal-Wallis" in done.out
    assert json.loads((out / "figure-6.json").read_text())["selection"] == "all"
    assert "plotly.js (cartesian" in (out / "figure-6.html").read_text(encoding="utf-8")


def test_one_panel_one_format_one_filter(run, tmp_path):
    done = run(
        "analyze", "--figure", "6a", "--format", "CSV", "--where", 'modality == "MRI"',
        "--out", "deep/er", "--selection", "strict",
    )  # fmt: skip
    assert done.code == 0
    (path,) = (tmp_path / "deep" / "er").iterdir()
    assert path.name == "figure-6a.csv"
    with path.open(newline="", encoding="utf-8") as file:
        assert {r["modality"] for r in csv.DictReader(file)} == {"MRI"}


@pytest.mark.parametrize("given_as", [("--figure", "3", "--figure", "5"), ("-f", "3,5"),
                                      ("-f", "03", "-f", "figure 5")])  # fmt: skip
def test_several_figures(run, tmp_path, given_as):
    done = run("analyze", *given_as, "--format", "json")
    assert done.code == 0
    names = {p.name for p in (tmp_path / "review-out").iterdir()}
    assert names == {"figure-3.json", "figure-5.json"}
    assert "[2/2]" in done.err


def test_json_goes_to_standard_output_and_writes_nothing(run, tmp_path):
    done = run("analyze", "--figure", "6", "--json")
    found = json.loads(done.out)
    assert found["kind"] == "figure"
    assert [p["letter"] for p in found["panels"]] == ["a", "b", "c", "d"]
    assert found["panels"][0]["statistics"]["spearman"]["n"] == found["panels"][0]["rows"]
    assert not (tmp_path / "review-out").exists()
    both = run("analyze", "--figure", "1,3", "--json", "--out", "o")
    assert [f["key"] for f in json.loads(both.out)] == ["1", "3"]
    assert (tmp_path / "o" / "figure-3.html").exists()


@pytest.mark.parametrize("review", ["wang2021", "shtem2021"])
def test_all_passes_over_what_has_no_data(run, tmp_path, review):
    done = run("analyze", "--all", "--review", review, "--format", "json")
    assert done.code == 0
    assert "passed over:" in done.err
    assert "[1/" in done.err
    names = {p.name for p in (tmp_path / "review-out").iterdir()}
    assert {"figure-1.json", "figure-3.json", "figure-4.json"} <= names
    assert "figure-6.json" not in names


def test_list_names_figures_and_tables(run):
    done = run("analyze", "--list")
    assert "--figure" in done.out
    assert "Performance against normalised data quantity" in done.out
    listed = json.loads(run("analyze", "--list", "--json").out)
    assert {"kind": "figure", "key": "3"}.items() <= next(
        r for r in listed if r["key"] == "3"
    ).items()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "nothing to analyse was named; there is --figure 1, 2, 3, 4, 5, 6"),
        (["--figure", "7"], "unknown figure '7' (known: 1, 2, 3, 4, 5, 6"),
        (["--figure", "siz"], "did you mean 'size'"),
        (["--figure", "6z"], "unknown panel '6z'"),
        (["--figure", "1a"], "unknown panel '1a'"),
        (["--figure", "3aa"], "unknown figure '3aa'"),
        (["--figure", "../6"], "unknown figure"),
        (["--table", "9"], "unknown table '9'"),
        (["--figure", "6", "--format", "pgn"], "did you mean 'png'"),
        (["--figure", "6", "--selection", "strickt"], "did you mean 'strict'"),
        (["--figure", "6", "--seed", "-1"], "negative"),
        (["--figure", "6", "--seed", "x"], "--seed"),
        (["--figure", "6", "--review", "kim2023"], "did you mean 'kim2022'"),
        (["--figure", "6", "--where", "modalty == 'CT'"], "did you mean 'modality'"),
        (["--figure", "6", "--where", "modality == 'CTT'"], "did you mean 'CT'"),
        (["--figure", "6", "--where", "year > 2050"], "no study fits"),
        (["--figure", "6", "--review", "wang2021"], "roles"),
        (["--figur", "6"], "No such option"),
    ],
)
def test_wrong_input_is_explained(run, tmp_path, arguments, says):
    done = run("analyze", *arguments)
    assert done.code == 2
    assert says in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "review-out").exists()


def test_output_that_cannot_be_written(run, tmp_path):
    (tmp_path / "taken").write_text("mine")
    done = run("analyze", "--figure", "3", "--out", "taken")
    assert (done.code, "is a file; name a folder" in done.err) == (2, True)
    done = run("analyze", "--figure", "3", "--out", "taken/below")
    assert (done.code, "cannot be made" in done.err) == (2, True)
    (tmp_path / "review-out" / "figure-3.csv").mkdir(parents=True)
    done = run("analyze", "--figure", "3")
    assert (done.code, "figure-3.csv" in done.err) == (2, True)
    assert (tmp_path / "taken").read_text() == "mine"


def test_without_a_browser_everything_else_is_written(run, tmp_path, monkeypatch):
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path))
    from choreographer.browsers.chromium import Chromium

    monkeypatch.setattr(Chromium, "find_browser", classmethod(lambda *_a, **_k: None))
    done = run("analyze", "--figure", "3,6", "--format", "svg,html,json")
    assert done.code == 2
    assert "apt install chromium" in done.err
    names = {p.name for p in (tmp_path / "review-out").iterdir()}
    assert names == {
        "figure-3.html", "figure-3.json", "figure-3a.svg", "figure-3b.svg",
        "figure-6.html", "figure-6.json",
    }  # fmt: skip
    assert "written: review-out/figure-3a.svg" in done.out


def test_a_broken_table_is_one_error(run, kim_copy, tmp_path):
    path = kim_copy / "studies.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",MRI,", ",MIR,", 1), encoding="utf-8")
    done = run("analyze", "--all", "--review", kim_copy)
    assert done.code == 2
    assert done.err.count("MIR") == 1
    assert "did you mean 'MRI'" in done.err
    assert not (tmp_path / "review-out").exists()


def test_a_module_of_the_review_folder_replaces_the_bundled_one(run, kim_copy):
    (kim_copy / "analysis").mkdir()
    (kim_copy / "analysis" / "figure_06_mine.py").write_text(
        "from review.analysis_api import Artifact, Panel\n"
        "TITLE = 'Mine'\n"
        "def build(review, options):\n"
        "    rows = [{'text': '=1+1', 'link': 'https://example.org'}]\n"
        "    return Artifact('figure', '6', TITLE, '', (Panel('', 'Mine', rows),))\n"
    )
    (kim_copy / "analysis" / "figure_07_broken.py").write_text("import nothing_at_all\n")
    done = run(
        "analyze", "-f", "6", "--review", kim_copy, "--out", "o", "--format", "csv", "--trust"
    )
    assert done.code == 0
    with open("o/figure-6.csv", encoding="utf-8") as file:  # noqa: PTH123
        assert file.read() == "text,link\n'=1+1,https://example.org\n"
    done = run("analyze", "-f", "7", "--review", kim_copy)
    assert (done.code, "cannot be run: ModuleNotFoundError" in done.err) == (2, True)


def test_open_shows_the_page(run, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    assert run("analyze", "-f", "3", "--open").code == 0
    assert opened == [(tmp_path / "review-out" / "figure-3.html").as_uri()]
    monkeypatch.setattr("webbrowser.open", lambda _url: False)
    assert "open review-out/figure-3.html yourself" in run("analyze", "-f", "3", "--open").err


@settings(max_examples=40)
@given(st.text(max_size=30), st.sampled_from(["--figure", "--table", "--format", "--where",
                                              "--selection", "--review"]))  # fmt: skip
def test_no_text_makes_a_traceback(run, text, option):
    arguments = ["--figure", "3"] if option not in {"--figure", "--table"} else []
    done = run("analyze", *arguments, "--json", f"{option}={text}")
    assert done.code in {0, 2}


@pytest.mark.browser
def test_pictures_are_drawn_in_one_go(run, tmp_path):
    from choreographer.browsers.chromium import Chromium

    if not (os.environ.get("BROWSER_PATH") or Chromium.find_browser(skip_local=False)):
        pytest.skip("no Chromium browser is installed")
    done = run("analyze", "-f", "2,6b", "--format", "png,svg")
    assert done.code == 0, done.err
    files = {p.name: p.read_bytes() for p in (tmp_path / "review-out").iterdir()}
    assert set(files) == {"figure-2.png", "figure-2.svg", "figure-6b.png", "figure-6b.svg"}
    for name, data in files.items():
        assert data.startswith(b"\x89PNG" if name.endswith("png") else (b"<?xml", b"<svg"))
        assert len(data) > 5_000
