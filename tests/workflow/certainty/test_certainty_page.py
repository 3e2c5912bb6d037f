"""What docs/certainty.md shows works, and the report tells judgements only where people judged."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from review.report.assemble import build_report
from review.report.markdown_file import markdown_file
from review.schema.certainty_file import DESIGNS, DOMAINS, LOWERING, OutcomeCertainty
from review.workflow.certainty.certainty_writing import judge, write_proposals
from review.workflow.certainty.outcome_states import outcome_states

PAGE = Path(__file__).parents[3] / "docs" / "certainty.md"


@pytest.mark.skipif(not PAGE.exists(), reason="needs a checkout")
def test_every_command_of_the_page_runs(run, folder, monkeypatch):
    monkeypatch.chdir(folder)
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    lines = [shlex.split(line, comments=True)[1:] for line in block.splitlines()]
    assert len(lines) == 11
    for words in lines:
        done = run(*words)
        assert done.code == 0, (words, done.err)
    text = (folder / "findings.html").read_text(encoding="utf-8")
    assert "BCG vaccine probably reduces tuberculosis." in text
    assert "With BCG vaccine" in text
    # circles are for the eye, the word for everybody
    assert 'aria-hidden="true">⊕⊕⊕⊝</span> Moderate' in text


@pytest.mark.skipif(not PAGE.exists(), reason="needs a checkout")
def test_the_page_names_every_entry_domain_and_design():
    text = re.sub(r"```.*?```", "", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    entries = set(OutcomeCertainty.model_fields) - set(DOMAINS)
    named = {word for cell in re.findall(r"`([^`]+)`", text) for word in re.findall(r"\w+", cell)}
    assert entries | set(DOMAINS) | set(DESIGNS) <= named


def section(bcg):
    report = build_report(bcg(), sections=["certainty"])
    return report.html.decode(), report.sections[0]


def test_proposals_never_read_as_judgements(bcg):
    review = bcg()
    states = outcome_states(review, ["tb"])
    write_proposals(review, states)
    text, found = section(bcg)
    assert not found.has_data
    assert "Not judged yet" in text
    assert "⊕" not in text
    body = text.partition('<section id="certainty"')[2].partition("</section>")[0]
    assert "serious" not in body
    for proposal in states[0].proposals.values():
        assert proposal.why not in body
    judge(bcg(), "tb", {"imprecision": "none"}, why="ample", who="Lee")
    text, found = section(bcg)
    assert found.has_data
    assert "Not judged yet" in text
    assert found.methods[0].startswith("Certainty of the evidence was judged with GRADE by Lee")


def test_a_table_stays_one_for_screen_readers(bcg, folder):
    judge(bcg(), "tb", {"baseline": "0.02 <i>high</i>"}, why="A & B")
    judge(bcg(), "tb", {"baseline": "0.001 low"}, why="B")
    text, found = section(bcg)
    assert "&lt;i&gt;high&lt;/i&gt;: 20 per 1,000" in text
    assert text.count('role="row"') == 3
    assert text.count('role="columnheader"') == 8
    notes = set(re.findall(r'href="#(findings-comparison-\w+)"', text))
    assert notes
    assert notes <= set(re.findall(r'id="([^"]+)"', text))
    assert len(re.findall(r'rowspan="2"', text)) == 5
    (plain, marks) = next(b for b in found.blocks if b.kind == "findings").plain
    assert [row[3].text for row in plain.rows] == [
        "<i>high</i>: 20 per 1,000", "low: 1 per 1,000"
    ]  # fmt: skip
    written = markdown_file("BCG", "", [found], "pictures", ()).decode()
    assert "20 per 1,000" in written
    assert "a: Baseline risk" in written
    assert marks.items[0] == ("a: Baseline risk (<i>high</i>): A & B.",)


def test_the_first_page_says_how_sure_the_authors_are(bcg):
    from review.report.in_short import in_short
    from review.report.results import Results

    judge(bcg(), "tb", {"mid": "5"})
    assert not any("GRADE" in said for said in in_short(Results(bcg())).lead.sure)
    values = dict.fromkeys(LOWERING, "none")
    judge(bcg(), "tb", {"design": "randomised", **values, "imprecision": "serious"}, why="w")
    said = in_short(Results(bcg())).lead.sure
    assert "The authors of the review are fairly sure of this (moderate certainty, GRADE)." in said


def test_the_first_page_starts_from_the_stated_risk_as_the_findings_do(bcg):
    from review.report.in_short import in_short
    from review.report.results import Results
    from review.report.sections import build_section
    from review.workflow.certainty.summary_of_findings import findings

    for baseline in ("0.02 low risk", "0.2 high risk"):
        judge(bcg(), "tb", {"baseline": baseline}, why="a register")
    results = Results(bcg())
    answer = in_short(results).lead.answer
    assert answer[0] == (
        "Of 1,000 people in the comparison group (low risk), about 20 would have the outcome."
    )
    total = next(row for row in results.meta["tb"].forest if row.kind == "total")
    few = f"{20 * total.estimate:.0f}"
    assert f" about {few}, so {20 - 20 * total.estimate:.0f} fewer." in answer[1]
    line = findings(results.review.certainty, results.runs.__getitem__, results.meta_title)[
        0
    ].lines[0]
    assert (line.cells["without"], line.cells["with"].split()[0]) == ("20 per 1,000", few)
    (group,) = build_section("meta", results).blocks
    assert group.blocks[0].parts[0].startswith(" ".join(answer))


def test_a_stated_risk_without_a_name_is_called_by_its_source(bcg):
    from review.report.in_short import in_short
    from review.report.results import Results

    judge(bcg(), "tb", {"baseline": "0.25"}, why="A register")
    answer = in_short(Results(bcg())).lead.answer
    assert answer[0].startswith("Of 100 people in the comparison group (A register), about 25 ")


@pytest.mark.parametrize(
    ("word", "said"), [("none", "no serious"), ("very serious", "a very serious")]
)
def test_the_first_page_knows_a_risk_of_bias_that_is_judged_for_all_studies(
    bcg, folder, word, said
):
    from review.report.in_short import in_short
    from review.report.results import Results

    (folder / "risk_of_bias.csv").unlink()
    nobody = "No one has judged yet how far each study can be trusted."
    assert nobody in in_short(Results(bcg())).lead.sure
    judge(bcg(), "tb", {"design": "randomised", "risk_of_bias": word}, why="w")
    sure = in_short(Results(bcg())).lead.sure
    assert nobody not in sure
    assert f"The authors of the review see {said} risk of bias in these studies (GRADE)." in sure


def test_a_review_without_the_file_has_no_such_section(bcg):
    from review.report.results import Results
    from review.report.sections import belongs

    assert not belongs("certainty", Results(bcg()))
    judge(bcg(), "tb", {"mid": "5"})
    assert belongs("certainty", Results(bcg()))
