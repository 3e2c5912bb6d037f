"""audit, agreement, adjudicate and rob, run as a user runs them."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.project import open_review


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# audit --------------------------------------------------------------------------------------


def test_audit_of_kim_names_its_discrepancies(run):
    done = run("audit", "--all")
    assert done.code == 1
    for text in (
        "236 − 114 = 122, stated 121",
        "57 + 33 + 24 = 114, stated 121",
        "57 + 26 + 14 + 10 + 5 + 2 + 7 = 121",
        "about 1,779 points",
        "about 111 points",
        "121 − 57 − 14 − 9 = 41",
    ):
        assert text in done.out
    short = run("audit", "--failed")
    assert "236 − 114 = 122" in short.out
    assert "57 + 26" not in short.out
    assert short.code == 1


def test_audit_as_json_and_files(run, tmp_path):
    done = run("audit", "--review", "wang2021", "--json", "--out", tmp_path / "out")
    report = json.loads(done.out)
    assert report["subject"] == "wang2021"
    assert report["failed"] == report["counts"]["inconsistent"] + report["counts"]["impossible"]
    assert any("89, not 100" in c["computation"] for c in report["claims"])
    assert json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8")) == report
    assert len(rows_of(tmp_path / "out" / "audit.csv")) == len(report["claims"])
    only = json.loads(run("audit", "-r", "wang2021", "--json", "--verdict", "confirmed").out)
    assert {c["verdict"] for c in only["claims"]} == {"confirmed"}
    assert only["counts"] == report["counts"]


def test_audit_of_a_csv_file_and_exit_codes(run, tmp_path):
    path = tmp_path / "n.csv"
    path.write_text("statistic,value,df1,p\nt,2.05,28,0.05\n", encoding="utf-8")
    assert run("audit", "--csv", path).code == 0
    assert run("audit", "--csv", path, "--strict").code == 0
    path.write_text("statistic,value,df1,p\nt,2.2,28,0.033\nt,2,28,\n", encoding="utf-8")
    assert run("audit", "--csv", path).code == 0
    assert run("audit", "--csv", path, "--strict").code == 1
    path.write_text("statistic,value,df1,p\nt,2.05,28,0.5\n", encoding="utf-8")
    assert run("audit", "--csv", path).code == 1
    path.write_text("statistic,value,df1,p\nt,2.05,28,half\n", encoding="utf-8")
    bad = run("audit", "--csv", path)
    assert bad.code == 0
    assert "n.csv:2: column 'p': not a p-value: 'half'" in bad.out
    assert run("audit", "--csv", path, "--strict").code == 1


def test_the_audit_says_the_sum_first_and_folds_what_is_sound(run, tmp_path):
    path = tmp_path / "n.csv"
    path.write_text("q,df,i2\n24.53,11,55.2\n24.53,11,78.9\n", encoding="utf-8")
    short, whole = run("audit", "--csv", path), run("audit", "--csv", path, "--all")
    for done in (short, whole):
        assert done.code == 1
        assert done.out.startswith("n.csv: 2 claims: 1 confirmed, 1 inconsistent")
        assert "I2 78.9" in done.out
    assert "I2 55.2" in whole.out
    assert "I2 55.2" not in short.out
    assert "1 of them are sound and not printed: --all" in short.out
    assert "I2 55.2" in run("audit", "--csv", path, "--verdict", "confirmed").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--csv", "none.csv"], "no such file"),
        (["--csv", "none.csv", "--review", "kim2022"], "cannot be combined"),
        (["--verdict", "confirm"], "did you mean 'confirmed'"),
        (["--review", "kim"], "unknown review"),
        (["--where", "nothing > 1"], "unknown"),
        (["--csv", "."], "is a folder"),
    ],
)
def test_audit_refuses_wrong_input(run, arguments, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("audit", *arguments)
    assert done.code == 2
    assert said in done.err


def test_audit_lists_its_columns(run):
    assert "n_max" in run("audit", "--columns").out
    assert any("tp" in c["columns"] for c in json.loads(run("audit", "--columns", "--json").out))


@settings(max_examples=25)
@given(st.text(max_size=60))
def test_no_csv_text_makes_a_traceback(run, tmp_path, text):
    path = tmp_path / "any.csv"
    path.write_text("n,accuracy\n" + text, encoding="utf-8", errors="replace")
    assert run("audit", "--csv", path).code in {0, 1, 2}


# agreement ----------------------------------------------------------------------------------


def test_agreement_of_kim(run, tmp_path):
    done = run("agreement", "--bootstrap", "50")
    assert done.code == 0
    assert "0.94" in done.out
    assert "cells differ" in done.out
    report = json.loads(run("agreement", "--json", "--bootstrap", "50", "-v", "tl_type").out)
    found = report["variables"][0]["measures"]["kappa_cells"]
    assert round(found["value"], 2) == 0.88
    run("agreement", "--out", tmp_path / "o", "--bootstrap", "20")
    assert len(rows_of(tmp_path / "o" / "agreement.csv")) == 23
    cells = rows_of(tmp_path / "o" / "disagreements.csv")
    assert {"study_id", "variable", "coder1", "coder2", "consensus"} <= set(cells[0])
    assert "ahn2018glaucoma" in run("agreement", "--disagreements", "--bootstrap", "0").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-r", "wang2021"], "codings/ holds no file"),
        (["--coders", "coder1"], "two coders or more"),
        (["--coders", "coder1,me"], "unknown coder 'me'"),
        (["-v", "modalities"], "did you mean 'modality'"),
        (["--bootstrap", "-1"], "--bootstrap"),
    ],
)
def test_agreement_refuses_wrong_input(run, arguments, said):
    done = run("agreement", *arguments)
    assert done.code == 2
    assert said in done.err


# adjudicate ---------------------------------------------------------------------------------


def test_adjudicate_asks_in_turn_and_can_be_resumed(run, kim_copy):
    answers = ["Ann", "s", "a", "as printed", "9", "why", "0.9", "read again", "u", "q"]
    done = run("adjudicate", "-r", kim_copy, stdin="\n".join(answers) + "\n")
    assert done.code == 0
    assert "5 disagreements" in done.err
    assert "above the maximum" in done.err  # 9 is no AUC limit: asked again
    assert "opened again lee2018caries:auc_ci_high" in done.err
    assert "1 settled, 4 left" in done.out
    last = open_review(kim_copy).adjudications[-1]
    assert (last.variable, last.consensus, last.adjudicator, last.reason) == (
        "auc_ci_low", "0.79", "Ann", "as printed",
    )  # fmt: skip
    again = run("adjudicate", "-r", kim_copy, "--by", "Ann", stdin="q\n")
    assert "4 disagreements" in again.err


def test_adjudicate_that_ends_early_keeps_what_is_settled(run, kim_copy):
    done = run("adjudicate", "-r", kim_copy, "--by", "Ann", stdin="a\nwhy\n")
    assert done.code == 0
    assert "1 settled, 4 left" in done.out
    assert open_review(kim_copy).adjudications[-1].consensus == "many"


def test_adjudicate_by_options_file_and_undo(run, kim_copy, tmp_path):
    listed = json.loads(run("adjudicate", "-r", kim_copy, "--list", "--json").out)
    assert len(listed) == 5
    done = run("adjudicate", "-r", kim_copy, "--set", "lee2018caries:auc_ci_low=0.80",
               "--by", "Ann", "--reason", "read again", "--json")  # fmt: skip
    settled = json.loads(done.out)["settled"][0]
    assert (settled["before"], settled["after"]) == ("0.79", "0.80")
    undone = run("adjudicate", "-r", kim_copy, "--undo", "last")
    assert "opened again lee2018caries:auc_ci_low: 0.80 -> 0.79" in undone.out
    path = tmp_path / "d.csv"
    path.write_text(
        "study_id,variable,consensus,reason\nlee2018caries,auc_ci_low,0.79,first\n",
        encoding="utf-8",
    )
    dry = run("adjudicate", "-r", kim_copy, "--from", path, "--by", "Ben", "--dry-run")
    assert "would change lee2018caries:auc_ci_low" in dry.out
    assert run("adjudicate", "-r", kim_copy, "--from", path, "--by", "Ben").code == 0
    assert len(json.loads(run("adjudicate", "-r", kim_copy, "--list", "--json").out)) == 4
    assert run("check", "--review", kim_copy).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--by", "Ann"], "read-only"),
        (["--set", "a:b=c", "--list"], "cannot be combined"),
    ],
)
def test_adjudicate_refuses_bundled_reviews_and_mixed_options(run, arguments, said):
    done = run("adjudicate", *arguments)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "nonsense", "--by", "A"], "STUDY:VARIABLE=VALUE"),
        (
            ["--set", "lee2018caries:auc_ci_low=2", "--by", "A", "--reason", "x"],
            "above the maximum",
        ),
        (["--set", "lee2018caries:auc_ci_low=0.8", "--reason", "x"], "no adjudicator"),
        (["--set", "lee2018caries:auc_ci_low=0.8", "--by", "A"], "no reason"),
        (["--undo", "nonsense"], "STUDY:VARIABLE, or last"),
        (["--undo", "last"], "does not say what the cell held"),
        (["--from", "none.csv"], "no such file"),
        (["--json"], "need --from"),
    ],
)
def test_adjudicate_refuses_wrong_input(run, kim_copy, arguments, said):
    done = run("adjudicate", "-r", kim_copy, *arguments)
    assert done.code == 2
    assert said in done.err


# rob ----------------------------------------------------------------------------------------


@pytest.fixture(name="assessed")
def _assessed(run, kim_copy):
    """A copy with generated judgements: a template of QUADAS-2 filled with `low`."""
    template = run("rob", "-r", kim_copy, "--tool", "QUADAS-2", "--template").out
    rows = list(csv.DictReader(io.StringIO(template)))[:21]
    with (kim_copy / "risk_of_bias.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"judgement": "low", "assessor": "generated"} for row in rows)
    return kim_copy


def test_rob_lists_tools_and_says_that_nothing_was_assessed(run):
    done = run("rob")
    assert done.code == 0
    assert "no risk_of_bias.csv" in done.out
    assert json.loads(run("rob", "--json").out)["assessments"] == []
    tools = run("rob", "--tools").out
    for name in ("QUADAS-2", "QUADAS-3", "PROBAST+AI", "RoB 2", "ROBINS-I"):
        assert name in tools
    one = json.loads(run("rob", "--tools", "--tool", "rob 2", "--json").out)
    assert [t["name"] for t in one] == ["RoB 2"]


def test_rob_checks_counts_and_draws(run, assessed, tmp_path):
    assert run("rob", "-r", assessed, "--check").code == 0
    done = run("rob", "-r", assessed, "--out", tmp_path / "o", "--format", "html,csv,json")
    assert done.code == 0
    assert "QUADAS-2: 3 assessed (per study)" in done.out
    assert "100%" in done.out
    page = (tmp_path / "o" / "figure-risk-of-bias-quadas-2.html").read_text(encoding="utf-8")
    assert "Risk of bias: QUADAS-2" in page
    data = json.loads(run("rob", "-r", assessed, "--json").out)
    assert len(data["assessments"]) == 21
    assert all(r["share"] == 1 for r in data["counts"]["QUADAS-2"])
    assert run("check", "--review", assessed).code == 0


OWN_TOOL = """name = "quadas 2"
[[judgement]]
word = "low"
level = "low"
[[domain]]
key = "patient_selection"
title = "Mine"
"""


def test_tools_whose_names_differ_in_signs_do_not_share_a_file(run, assessed, tmp_path):
    (assessed / "tools").mkdir()
    (assessed / "tools/mine.toml").write_text(OWN_TOOL, encoding="utf-8")
    path = assessed / "risk_of_bias.csv"
    rows = path.read_text(encoding="utf-8")
    study = next(csv.DictReader(io.StringIO(rows)))["study_id"]
    path.write_text(rows + f"{study},quadas 2,,,patient_selection,bias,low,,me\n", encoding="utf-8")
    at_once = tmp_path / "a"
    assert run("rob", "-r", assessed, "--out", at_once, "--format", "html,csv").code == 0
    pages = sorted(at_once.glob("*.html"))
    assert len(pages) == 2
    for name in ("QUADAS-2", "quadas 2"):
        texts = [p for p in pages if f"Risk of bias: {name}" in p.read_text(encoding="utf-8")]
        assert len(texts) == 1
        # one tool alone is written to the same file
        run("rob", "-r", assessed, "--tool", name, "--out", tmp_path / name, "--format", "html")
        assert [p.name for p in (tmp_path / name).iterdir()] == [texts[0].name]


def test_two_files_with_one_tool_are_refused(run, assessed):
    (assessed / "tools").mkdir()
    for name in ("a", "b"):
        (assessed / f"tools/{name}.toml").write_text(OWN_TOOL, encoding="utf-8")
    done = run("rob", "-r", assessed)
    assert done.code == 2
    assert "tools/b.toml: column 'name': the tool has the name of that in tools/a.toml" in done.err


def test_rob_with_weights(run, assessed, tmp_path):
    path = tmp_path / "w.csv"
    path.write_text("study_id,weight\naboutalib2018recalled,2.5\n", encoding="utf-8")
    assert "weighted share" in run("rob", "-r", assessed, "--weights", path).out
    for text, said in (("a,b\n1,2\n", "needs the columns"), ("study_id,weight\nx,-1\n", "negative"),
                       ("study_id,weight\nx,much\n", "not a number"),
                       ("study_id,weight\nx,0\n", "no weight above 0")):  # fmt: skip
        path.write_text(text, encoding="utf-8")
        done = run("rob", "-r", assessed, "--weights", path)
        assert done.code == 2
        assert said in done.err


def test_rob_problems_are_listed_with_exit_code_1(run, assessed):
    path = assessed / "risk_of_bias.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",low,", ",lo,", 1), encoding="utf-8")
    done = run("rob", "-r", assessed, "--check")
    assert done.code == 1
    assert "did you mean 'low'" in done.out
    assert not json.loads(run("rob", "-r", assessed, "--check", "--json").out)["ok"]
    assert run("rob", "-r", assessed).code == 2
    whole = run("check", "--review", assessed)
    assert whole.code == 1
    assert "risk_of_bias.csv:2" in whole.out
    (assessed / "tools").mkdir()
    (assessed / "tools" / "t.toml").write_text("name = 1\n", encoding="utf-8")
    assert "tools/t.toml" in run("rob", "-r", assessed, "--check").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--template"], "--template needs --tool"),
        (["--tools", "--tool", "QUADAS"], "did you mean"),
        (["--tool", "RoB 2"], "in the assessments"),
    ],
)
def test_rob_refuses_wrong_input(run, assessed, arguments, said):
    done = run("rob", "-r", assessed, *arguments)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize("command", ["audit", "agreement", "adjudicate", "rob"])
def test_every_command_has_help(run, command):
    done = run(command, "--help")
    assert done.code == 0
    assert "--review" in done.out
    assert "--json" in done.out


def test_prisma_prints_boxes_and_sums_and_goes_to_r_and_back(run, tmp_path):
    done = run("prisma")
    assert done.code == 1  # Kim's published flow is off by one
    assert "inconsistent: 236 − 114 = 122, stated 121" in done.out
    file = tmp_path / "flow.csv"
    done = run("prisma", "--review", "wang2021", "--export", str(file))
    assert done.code == 0
    again = run("prisma", "--from", str(file), "--json")
    assert json.loads(again.out)[0]["boxes"] == {"included": 89}
    broken = run("prisma", "--from", str(tmp_path / "none.csv"))
    assert broken.code == 2
    assert "none.csv: no such file" in broken.err
