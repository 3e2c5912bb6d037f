"""Meta-analyses that a review keeps as [[meta]], and the templates that come with one."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

import review
from review.schema.meta_settings import MetaSettings, NamedMeta

# the first trials of the BCG vaccine against tuberculosis (Colditz et al. 1994, JAMA 271:698)
BCG = """study_id,first_author,year,title,intervention,events_treated,n_treated,events_control,n_control,comparator
aronson1948,Aronson,1948,BCG,BCG,4,123,11,139,no treatment
ferguson1949,Ferguson,1949,BCG,BCG,6,306,29,303,no treatment
rosenthal1960,Rosenthal,1960,BCG,BCG,3,231,11,220,no treatment
hart1977,Hart,1977,BCG,BCG,62,13598,248,12867,placebo
frimodt1973,Frimodt-Moller,1973,BCG,BCG,33,5069,47,5808,placebo
"""  # noqa: E501
# numbers to compute with; nothing in them is from a study
ROWS = {
    "rct": BCG,
    "prognosis": """\
study_id,first_author,year,title,factor,hazard_ratio,hazard_ratio_ci_low,hazard_ratio_ci_high,adjusted
a,A,2001,T,f,0.50,0.25,1.00,yes
b,B,2002,T,f,2.00,1.00,4.00,yes
c,C,2003,T,f,0.50,0.25,1.00,yes
d,D,2004,T,f,2.00,1.00,4.00,no
""",
    "prevalence": """study_id,first_author,year,title,case_definition,n_cases,n_sample,setting
a,A,2001,T,c,12,120,hospital
b,B,2002,T,c,30,400,school
c,C,2003,T,c,NR,90,school
d,D,2004,T,c,25,180,hospital
""",
    "dta": """study_id,first_author,year,title,index_test,tp,fp,fn,tn
a,A,2001,T,x,45,5,5,45
b,B,2002,T,x,80,12,15,150
c,C,2003,T,x,30,3,9,60
d,D,2004,T,x,66,20,11,101
e,E,2005,T,x,51,7,6,77
""",
    "ml": """study_id,first_author,year,title,target,task,auc,auc_ci_low,auc_ci_high,n_pos,n_neg
a,A,2001,T,t,diagnosis,0.90,0.85,0.95,,
b,B,2002,T,t,diagnosis,0.81,,,60,140
c,C,2003,T,t,prognosis,0.86,0.80,0.92,,
d,D,2004,T,t,prognosis,0.78,,,50,90
""",
}


@pytest.fixture(name="made")
def _made(run, tmp_path):
    """Make a review from a template, with rows."""

    def made(template: str, extra: str = "", rows: bool = True):
        folder = tmp_path / template
        assert run("init", folder, "--template", template, "--title", "Mine").code == 0
        if rows:
            (tmp_path / "rows.csv").write_text(ROWS[template], encoding="utf-8")
            done = run("add", "--review", folder, "--from", tmp_path / "rows.csv",
                       "--allow-duplicate")  # fmt: skip
            assert done.code == 0, done.err
        if extra:
            path = folder / "review.toml"
            path.write_text(path.read_text(encoding="utf-8") + extra, encoding="utf-8")
        return folder

    return made


def told(run, *arguments):
    done = run("meta", *arguments, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


@pytest.mark.parametrize("template", ["imaging", *ROWS])
def test_a_new_review_is_right_from_the_start(run, made, tmp_path, template):
    folder = made(template, rows=False)
    assert run("check", folder).code == 0
    assert run("form", "--review", folder, "--excel", tmp_path / "form.xlsx").code == 0
    assert run("analyze", "--review", folder, "--all", "--format", "json",
               "--out", tmp_path / "out").code == 0  # fmt: skip
    assert run("report", "--review", folder, "--out", tmp_path / "r.html").code == 0
    if template != "imaging":
        done = run("meta", "--review", folder)
        assert done.code == 2
        assert "could not be run" in done.err
    text = "".join(
        (folder / n).read_text(encoding="utf-8") for n in ("codebook.toml", "review.toml")
    )
    if template not in {"imaging", "ml"}:
        assert not re.search(r"image|modality|backbone", text, flags=re.IGNORECASE)
    assert "first_author,year" in (folder / "studies.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("template", ROWS)
def test_each_template_pools_its_rows(run, made, tmp_path, template):
    folder = made(template)
    assert run("check", folder).code == 0
    kept = NamedMeta.model_validate(review.open_review(folder).settings.meta[0])
    found = told(run, "--review", folder, "--name", kept.name)
    assert found["title"] == f"Mine: {kept.title}"
    assert told(run, "--review", folder)["analyses"][0]["result"] == found["result"]
    report = tmp_path / "r.html"
    assert run("report", "--review", folder, "--out", report).code == 0
    assert kept.title in report.read_text(encoding="utf-8")


def test_trials_give_what_the_function_gives(run, made):
    found = told(run, "--review", made("rct"), "--name", "events")
    lines = [line.split(",") for line in BCG.splitlines()[1:]]
    ai, n1i, ci, n2i = ([int(row[i]) for row in lines] for i in (5, 6, 7, 8))
    expected = review.meta_analysis(review.effect_size("RR", ai=ai, n1i=n1i, ci=ci, n2i=n2i))
    assert found["result"]["k"] == 5
    assert found["result"]["coefficients"][0]["beta"] == float(expected.beta[0])
    assert found["result"]["tau2"] == expected.tau2
    assert [row["label"] for row in found["forest"][:2]] == ["Aronson 1948", "Ferguson 1949"]


def test_hazard_ratios_are_pooled_on_the_log_scale(run, made):
    found = told(run, "--review", made("prognosis"), "--name", "hazard-ratio")
    total = next(row for row in found["forest"] if row["kind"] == "total")
    shown = [round(total[key], 2) for key in ("estimate", "ci_lb", "ci_ub")]
    assert shown == [1.00, 0.28, 3.57]  # REML, Knapp-Hartung


def test_accuracy_gives_what_the_function_gives(run, made):
    found = told(run, "--review", made("dta"), "--name", "accuracy", "--prevalence", "5%")
    rows = [[int(x) for x in line.split(",")[5:]] for line in ROWS["dta"].splitlines()[1:]]
    tp, fp, fn, tn = zip(*rows, strict=True)
    expected = review.diagnostic_meta(tp=tp, fn=fn, fp=fp, tn=tn)
    for key in ("coefficients", "points", "psi", "k"):
        assert found["result"][key] == expected.to_dict()[key]
    assert expected.k == 5


def test_a_missing_cell_leaves_out_its_row_alone(run, made):
    found = told(run, "--review", made("prevalence"), "--name", "prevalence")
    assert found["result"]["k"] == 3
    assert [row["study"] for row in found["left_out"]] == ["C 2003"]


def test_options_override_what_is_kept(run, made):
    folder = made("rct")
    kept = told(run, "--review", folder, "--name", "events")
    other = told(run, "--review", folder, "--name", "EVENTS", "--method", "DL", "--level", "90",
                 "--where", "year < 1970")  # fmt: skip
    assert "(REML, k = 5)" in kept["forest"][5]["label"]
    assert "(DL, k = 3)" in other["forest"][3]["label"]
    plain = told(run, "--review", folder, "--measure", "RR", "--column", "ai=events_treated",
                 "--column", "n1i=n_treated", "--column", "ci=events_control",
                 "--column", "n2i=n_control")  # fmt: skip
    assert plain["result"] == kept["result"]
    every = told(run, "--review", folder, "--method", "DL")
    assert "(DL, k = 5)" in every["analyses"][0]["forest"][5]["label"]


SECOND = """
[[meta]]
name = "by-comparator"
title = "Trials by comparator"
measure = "OR"
columns = { ai = "events_treated", n1i = "n_treated", ci = "events_control", n2i = "n_control" }
by = "comparator"
sort = "-year"
notes = ["Decided before the data were seen."]

[[meta]]
name = "means"
measure = "MD"
columns = { m1i = "mean_treated", sd1i = "sd_treated", n1i = "n_treated", m2i = "mean_control", sd2i = "sd_control", n2i = "n_control" }

[[meta]]
name = "trend"
measure = "RR"
columns = { ai = "events_treated", n1i = "n_treated", ci = "events_control", n2i = "n_control" }
mods = "year"
"""  # noqa: E501


def test_all_are_run_and_written_by_name_and_reasons_hold_up_none(run, made, tmp_path):
    folder = made("rct", SECOND)
    done = run("meta", "--review", folder, "--out", tmp_path / "out", "--format", "json")
    assert done.code == 2
    assert "1 of the analyses (4) could not be run" in done.err
    assert "means: " in done.err
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "by-comparator", "events", "trend",
    ]  # fmt: skip
    assert (tmp_path / "out" / "events" / "meta-events.txt").is_file()
    assert "Decided before the data were seen." in done.out
    assert "== trend ==" in done.out


def test_rows_are_sorted(run, made):
    folder = made("rct", SECOND)
    found = told(run, "--review", folder, "--name", "by-comparator")
    years = [int(r["label"].split()[-1]) for r in found["forest"] if r["kind"] == "study"]
    assert years == [1977, 1973, 1960, 1949, 1948]
    found = told(run, "--review", folder, "--name", "events", "--sort", "label")
    labels = [r["label"] for r in found["forest"] if r["kind"] == "study"]
    assert labels == sorted(labels)
    plain = told(run, "--review", folder, "--name", "events")
    assert found["result"]["coefficients"][0]["beta"] == pytest.approx(
        plain["result"]["coefficients"][0]["beta"], rel=1e-12
    )


def test_the_sides_are_named_in_the_forest_plot(run, made, tmp_path):
    folder = made("rct")
    done = run("meta", "--review", folder, "--name", "events", "--out", tmp_path / "out")
    assert done.code == 0
    page = (tmp_path / "out" / "events" / "meta-events-forest.html").read_text(encoding="utf-8")
    assert "favours intervention" in page
    assert "favours control" in page


class _Text(HTMLParser):
    """The words of a page without its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.skip = 0

    def handle_starttag(self, tag, attrs):
        self.skip += tag in {"script", "style"}

    def handle_endtag(self, tag):
        self.skip -= tag in {"script", "style"}

    def handle_data(self, data):
        if not self.skip:
            self.words.append(data)


def test_the_report_shows_each_with_the_digits_of_the_command(run, made, tmp_path):
    folder = made("rct", SECOND)
    report = tmp_path / "r.html"
    assert run("report", "--review", folder, "--out", report).code == 0
    page = _Text()
    page.feed(report.read_text(encoding="utf-8"))
    shown = re.sub(r"\s+", " ", " ".join(page.words))
    for title in ("Participants with the outcome", "Trials by comparator", "Trend"):
        assert title in shown
    assert "Decided before the data were seen." in shown
    assert "Means: " in shown  # why it is not pooled
    out = tmp_path / "out"
    run("meta", "--review", folder, "--out", out, "--format", "json")
    for name in ("events", "by-comparator", "trend"):
        text = (out / name / f"meta-{name}.txt").read_text(encoding="utf-8")
        if "Knapp-Hartung factor" in text:  # below 1: a report keeps it at 1, and says so
            wide = tmp_path / f"wide-{name}"
            run("meta", "--review", folder, "--name", name, "--test", "adhoc", "--out", wide)
            (path,) = wide.rglob(f"meta-{name}.txt")
            text = path.read_text(encoding="utf-8")
            assert "the factor was kept at 1" in shown
        results = re.search(r"\nResults: (.*?)\n\n", text, flags=re.DOTALL).group(1)
        assert re.sub(r"\s+", " ", results).strip() in shown
    run_of = json.loads((out / "events" / "meta-events.json").read_text(encoding="utf-8"))
    assert run_of["result"]["k"] == 5


def with_meta(folder, text):
    path = folder / "review.toml"
    start = path.read_text(encoding="utf-8").partition("[[meta]]")[0]
    path.write_text(f"{start}[[meta]]\n{text}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "a"\noutcom = "auc"', "did you mean 'outcome'"),
        ('name = "a"', "say what is pooled"),
        ('outcome = "auc"', "name"),
        ('name = "a b"\noutcome = "auc"', "[a b]"),
        ('name = "../a"\noutcome = "auc"', "name"),
        ('name = "a"\nmodel = "dtaa"', "did you mean 'dta'"),
        ('name = "a"\nrows = "study"\nmeasure = "RR"', "did you mean 'studies'"),
        ('name = "a"\noutcome = "auc"\ncolumns = {ai = "x"}', "are about results"),
        ('name = "a"\noutcome = "auc"\nprevalence = [0.1]', "about model = 'dta' alone"),
        ('name = "a"\nmodel = "dta"\ntest = "knha"', "not about model = 'dta'"),
        ('name = "a"\nmodel = "dta"\nprevalence = ["five"]', "no number such as 0.05 or 5%"),
        ('name = "a"\noutcome = "auc"\nfavours = ["x"]', "two sides"),
        ('name = "a"\noutcome = "auc"\nreference = "x"', "about model = 'dta' or 'nma' alone"),
        ('name = "a"\noutcome = "auc"\nlevel = "high"', "level"),
        ('name = "a"\noutcome = "auc"\n[[meta]]\nname = "A"\noutcome = "acc"', "are called 'a'"),
    ],
)
def test_wrong_tables_are_refused_with_their_name(run, made, text, said):
    folder = made("rct")
    with_meta(folder, text)
    for command in (["check", folder], ["meta", "--review", folder]):
        done = run(*command)
        assert done.code in {1, 2}
        assert said in done.out + done.err
        assert "review.toml" in done.out + done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--name", "event"], "did you mean 'events'"),
        (["--name", "events", "--outcome", "auc"], "are about results"),
        (["--name", "events", "--method", "REMLL"], "did you mean 'REML'"),
        (["--name", "events", "--by", "comparer"], "did you mean 'comparator'"),
        (["--name", "events", "--sort", "yera"], "did you mean 'year'"),
        (["--name", "events", "--sort", "comparator"], "neither a number nor a date"),
        (["--name", "events", "--where", "year > 2100"], "no study fits"),
        (["--name", "events", "--favours", "one"], "two sides"),
        (["--name", "events", "--prevalence", "5%"], "about model = 'dta' alone"),
        (["--name", "events", "--column", "ai=event_treated"], "did you mean 'events_treated'"),
        (["--name", "events", "--csv", "x.csv"], "--name are about a review"),
        (["--rows", "results", "--column", "ai=n_treated"], "--rows studies"),
        (["--rows", "study"], "did you mean 'studies'"),
        (["--model", "dtaa"], "did you mean 'dta'"),
        (["--labels", "x"], "about a CSV file"),
        (["--favours", "one", "--outcome", "auc"], "--favours: favours names two sides"),
    ],
)
def test_wrong_calls_are_one_message(run, made, options, said):
    done = run("meta", "--review", made("rct"), *options)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["new", "--template", "rcts"], "did you mean 'rct'"),
        (["new", "--template", ""], "unknown template"),
        (["new", "--template", "RCT"], "did you mean 'rct'"),
        (["new", "--template", "../rct"], "unknown template"),
        (["new", "--template", "rct", "--from", "kim2022"], "choose one"),
        (["new", "--template", "rct", "--from", "sheet.csv"], "choose one"),
        (["new", "--template", "rct", "--studies"], "--from"),
        (["new", "--template", "rct", "--sheet", "x"], "only with --from FILE"),
        (["new", "--template"], "requires an argument"),
        (["--template", "rct"], "Missing argument"),
        (["sheet.csv", "--template", "rct"], "is a file"),
        (["there", "--template", "rct"], "already has codebook.toml"),
    ],
)
def test_wrong_templates_make_nothing(run, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sheet.csv").write_text("study,auc\na,0.9\n", encoding="utf-8")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "codebook.toml").write_text("", encoding="utf-8")
    before = sorted(p.name for p in tmp_path.rglob("*"))
    done = run("init", *options)
    assert done.code == 2
    assert said in done.err
    assert sorted(p.name for p in tmp_path.rglob("*") if p.name != ".review.lock") == before


def test_tables_of_studies_are_pooled_without_being_named(run, made, tmp_path):
    folder = made("dta")
    kept = told(run, "--review", folder, "--name", "accuracy")
    assert told(run, "--review", folder, "--model", "dta")["result"] == kept["result"]
    path = folder / "review.toml"
    path.write_text(path.read_text(encoding="utf-8").partition("[[meta]]")[0], encoding="utf-8")
    report = tmp_path / "r.html"
    assert run("report", "--review", folder, "--section", "accuracy", "--out", report).code == 0
    assert "Summary ROC plot" in report.read_text(encoding="utf-8")


def test_options_and_keys_are_the_same(run):
    """Every key of [[meta]] is an option of the command, under the same name."""
    shown = run("meta", "--help").out
    others = {"columns": "--column"}
    for key in [*MetaSettings.model_fields, "name"]:
        option = others.get(key, f"--{key.replace('_', '-')}")
        assert option in shown, key
