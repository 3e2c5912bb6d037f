"""Blank lines, and old line ends, of any table make no difference to anything that reads it."""

from __future__ import annotations

import json
import re

import pytest

from review.project import open_review
from review.project.folder_check import check_review
from review.report import build_report
from review.workflow.agreement.coder_agreement import agreement
from review.workflow.audit import audit_review
from review.workflow.coding.assessment_files import check_assessments, load_assessments
from review.workflow.prisma import flows
from review.workflow.searches import searches

SECTIONS = ["summary", "flow", "search", "studies", "risk_of_bias", "agreement"]


@pytest.fixture(name="folder")
def _folder(new_review):
    """A review in which every table has rows."""
    tables = {
        "studies": "study_id,title,year,modality,auc\na,One,2020,CT,0.90\nb,Two,2021,MRI,0.80\n",
        "excluded": "study_id,reason\nc,no control\n",
        "results": "study_id,metric,value\na,auc,0.90\nb,auc,0.80\n",
        "datasets": "name,year\nCOVIDx,2020\n",
        "searches": "source,date,query,records\nPubMed,2024-01-01,x,6\n",
        "records": "record_id,title\nr1,T1\nr2,T2\n",
        "decisions": "record_id,stage,reviewer,decision,reason\n"
        "r1,title_abstract,ann,include,\nr2,title_abstract,ann,exclude,\n",
        "risk_of_bias": "study_id,tool,domain,kind,judgement,rationale,assessor\n"
        "a,QUADAS-2,patient_selection,bias,low,consecutive,Lee\n",
        "codings/ann": "study_id,modality\na,CT\nb,MRI\n",
        "codings/bob": "study_id,modality\na,CT\nb,CT\n",
        "codings/adjudication": "study_id,variable,coder1,coder2,consensus,reason,adjudicator\n"
        "b,modality,MRI,CT,MRI,as stated,Lee\n",
    }
    (new_review / "codings").mkdir()
    for name, text in tables.items():
        (new_review / f"{name}.csv").write_text(text, encoding="utf-8")
    return new_review


def everything(folder):
    """Return what the readers of the tables make of them."""
    review = open_review(folder)
    report = check_review(review)
    assert report.ok, report.problems
    page = build_report(review, sections=SECTIONS).html
    return {
        "counts": report.counts,
        "flows": [f.model_dump() for f in flows(review)],
        "searches": searches(review),
        "assessments": (load_assessments(review).to_dict(), check_assessments(review)[0]),
        "agreement": agreement(review, n_boot=0).to_dict(),
        # a claim names its line, which blank lines before it do change
        "audit": re.sub(
            r"(\.csv):\d+|\"line\": \d+", r"\1", json.dumps(audit_review(review).to_dict())
        ),
        "studies": review.studies,
        "results": review.results,
        "report": page,
    }


def rewrite(folder, change):
    for path in folder.rglob("*.csv"):
        path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b"\n",
        lambda data: data + b"\n \n\n",
        lambda data: data.replace(b"\n", b"\n,,\n"),
        lambda data: data.replace(b"\n", b"\r\n") + b"\r\n",
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: data.replace(b"\n", b"\r\r"),
        lambda data: b"\xef\xbb\xbf" + data.rstrip(),
    ],
    ids=["last", "several", "commas", "windows", "old mac", "old mac, blank", "mark"],
)
def test_blank_lines_and_line_ends_make_no_difference(folder, run, change):
    before = everything(folder)
    figure = json.loads(run("analyze", "--figure", "3", "--review", folder, "--json").out)
    rewrite(folder, change)
    after = everything(folder)
    assert {k for k in before if before[k] != after[k]} == set()
    assert json.loads(run("analyze", "--figure", "3", "--review", folder, "--json").out) == figure
    # and the commands write to what they read
    assert run("add", "--review", folder, "--set", "study_id=new", "--set", "auc=0.7").code == 0
    assert run("remove", "--review", folder, "new").code == 0
    assert open_review(folder).studies == before["studies"]
