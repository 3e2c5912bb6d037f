"""The template of `review audit --csv`, and overall judgements of risk of bias."""

import csv
import re
from pathlib import Path

import pytest

from review.project import open_review
from review.schema.prisma_flow import PrismaCounts
from review.schema.published_facts import (
    Figure6,
    PublishedCorrelation,
    PublishedFacts,
    Source,
    Table1Row,
)
from review.workflow.audit import audit_csv, audit_review
from review.workflow.audit.audit_template import EXPLAINED
from review.workflow.audit.claim import Verdict
from review.workflow.audit.facts import LABELS, METRICS, NUMBERS, WORDS, canonical
from review.workflow.audit.overall_judgements import check_overall
from review.workflow.coding.assessment_files import bundled_tools

ROOT = Path(__file__).parents[2]
HEADER = "study_id,tool,version,unit,domain,kind,judgement,rationale,assessor\n"
STUDY = "aboutalib2018recalled"


def test_every_column_is_explained():
    assert {*NUMBERS, *METRICS, *WORDS} <= set(EXPLAINED)
    assert all(text and canonical(name) == name for name, text in EXPLAINED.items())


def test_the_template_is_written_once_filled_in_and_read(run, tmp_path):
    path = tmp_path / "mine.csv"
    done = run("audit", "--template", path)
    assert done.code == 0, done.err
    with path.open(encoding="utf-8", newline="") as file:
        (explained,) = csv.DictReader(file)
    assert explained == EXPLAINED
    assert run("audit", "--template", path).code != 0  # never over a file that is there
    with path.open("a", encoding="utf-8", newline="") as file:
        row = {"id": "a", "q": "24.53", "df1": "11", "i2": "78.9"}
        csv.DictWriter(file, list(EXPLAINED)).writerow(row)
    (claim,) = audit_csv(path).claims
    assert claim.verdict is Verdict.INCONSISTENT
    assert "(a)" in claim.claim
    assert claim.source.endswith(":3")


@pytest.mark.parametrize(
    ("tool", "worst", "overall", "verdict"),
    [
        ("RoB 2", "high", "low", "inconsistent"),
        ("RoB 2", "some concerns", "low", "inconsistent"),
        ("RoB 2", "some concerns", "high", "consistent"),
        ("RoB 2", "low", "low", "consistent"),
        ("ROBINS-I", "critical", "serious", "inconsistent"),
        ("ROBINS-I", "serious", "no information", "inconsistent"),
        ("ROBINS-I", "moderate", "no information", "cannot be checked"),
        ("ROBINS-I", "no information", "low", "consistent"),
    ],
)
def test_the_overall_judgement_is_no_better_than_the_worst_domain(
    kim_copy, tool, worst, overall, verdict
):
    """Every judgement here is generated for the test: no real study is assessed."""
    columns = [(d, k) for d, k, _ in bundled_tools()[tool].columns()]
    words = {d: "low" for d, _ in columns} | {columns[1][0]: worst, "overall": overall}
    rows = "".join(f"{STUDY},{tool},,,{d},{k},{words[d]},generated,A\n" for d, k in columns)
    (kim_copy / "risk_of_bias.csv").write_text(HEADER + rows, encoding="utf-8")
    (claim,) = check_overall(open_review(kim_copy))
    assert claim.verdict == verdict
    assert claim.study_id == STUDY
    found = [c for c in audit_review(open_review(kim_copy)).claims if c.check == "risk of bias"]
    assert found == [claim]
    if verdict == "inconsistent":
        assert columns[1][0] in claim.computation


def test_a_broken_file_of_assessments_is_said(kim_copy):
    (kim_copy / "risk_of_bias.csv").write_text(HEADER + f"{STUDY},Mine,,,x,bias,low,,A\n")
    notes = audit_review(open_review(kim_copy)).notes
    assert any("risk_of_bias.csv" in note and "not checked" in note for note in notes)


def documented(section):
    """The names in backticks in the first column of the tables of a section of docs/audit.md."""
    text = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    part = text.split(f"\n{section}")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_every_column_is_documented():
    known = {*NUMBERS, *WORDS, *LABELS, *METRICS}
    assert documented("## Tables") == known


def test_every_key_of_published_facts_is_documented():
    keys = documented("## Published facts")
    boxes = set(PrismaCounts.model_fields)
    assert boxes <= keys
    tables = {re.sub(r"[\[\]]|\.VARIABLE", "", key) for key in keys - boxes}
    assert set(PublishedFacts.model_fields) <= tables
    text = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    for model in (Source, Figure6, PublishedCorrelation, Table1Row):
        missing = [name for name in model.model_fields if f"`{name}`" not in text]
        assert not missing, model.__name__
