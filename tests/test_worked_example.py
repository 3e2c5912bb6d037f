"""docs/example.md, run command by command; every box of its flow recounted from the plain files.

The recount knows the rules of PRISMA 2020 and nothing of the program: it reads the CSV files with
the csv module alone.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import os
import re
import shlex
import shutil
import warnings
from collections import Counter
from pathlib import Path

import pytest

from review.project import open_review
from review.workflow.prisma import own_flow

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/example.md"
REFERENCE = json.loads((Path(__file__).parent / "data/metafor.json").read_text())["entries"]


def commands():
    """Return the commands of the page, in its order."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.strip()]


def run(words):
    """Run one command; return its exit status and what it printed."""
    program, *arguments = words
    if program == "mkdir":
        Path(arguments[0]).mkdir()
        return 0, ""
    if program == "cp":
        for name in arguments[:-1]:
            shutil.copy(name, arguments[-1])
        return 0, ""
    assert program == "review"
    from review.cli.main import main

    # the whole report takes seconds, and is tested where it is made: here what this flow feeds
    short = ["--section", "flow", "--section", "meta"] if arguments[0] == "report" else []
    out, code = io.StringIO(), 0
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
    ):
        warnings.simplefilter("default")  # notes, which the command prints
        try:
            main([*arguments, *short])
        except SystemExit as stopped:
            code = int(stopped.code or 0)
    return code, out.getvalue()


@pytest.fixture(name="done", scope="module")
def _done(tmp_path_factory):
    """The folder in which every command of the page has run, and what each printed."""
    folder = tmp_path_factory.mktemp("example")
    shutil.copytree(ROOT / "docs/example", folder / "docs/example")
    before = Path.cwd()
    os.chdir(folder)
    try:
        said = [(words, *run(words)) for words in commands()]
    finally:
        os.chdir(before)
    return folder, said


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def recount(folder):
    """Count every box of the flow from the files, by hand as it were."""
    records = {r["record_id"]: r for r in rows(folder / "records.csv")}
    gone = {r["record_id"] for r in rows(folder / "duplicates.csv") if r["verdict"] == "same"}
    votes, final, reason = {}, {}, {}
    for row in rows(folder / "decisions.csv"):
        key = "full" if "full" in row["stage"] else "first", row["record_id"]
        if row["role"] == "final":
            final[key] = row["decision"]
        else:
            votes.setdefault(key, set()).add(row["decision"])
        if row["reason"]:
            reason[key] = row["reason"]
    disputes = {key for key, words in votes.items() if len(words) > 1}
    assert disputes == set(final)  # each dispute is settled, and nothing else
    said = {key: final.get(key) or next(iter(words)) for key, words in votes.items()}
    other = {i for i, r in records.items() if r["kind"] == "citation"}
    main = set(records) - other
    first = {i: said["first", i] for i in main - gone}
    full = {i: said["full", i] for i in records if ("full", i) in said}
    lost = {i for i, word in full.items() if word == "not_retrieved"}
    out = {i for i, word in full.items() if word == "exclude"}
    kept = {i for i, word in full.items() if word == "include"}
    link = {r["record_id"]: r["study_id"] for r in rows(folder / "reports.csv")}
    kept_first = [i for i, word in first.items() if word == "include"]
    return {
        "identified": len(main),
        "duplicates_removed": len(gone & main),
        "screened": len(main - gone),
        "excluded_at_screening": len(first) - len(kept_first),
        "sought": len(kept_first),
        "not_retrieved": len(lost & main),
        "assessed_full_text": len((set(full) - lost) & main),
        "excluded_at_full_text": len(out & main),
        "other_identified": len(other),
        "citation_searching": len(other),
        "other_sought": len(other),
        "other_not_retrieved": len(lost & other),
        "other_assessed": len((set(full) - lost) & other),
        "other_excluded": len(out & other),
        "included_reports": len(kept),
        "included": len({link[i] for i in kept}),
    }, {
        "sources": Counter(r["source"] for r in records.values()),
        "reasons": Counter(reason["full", i] for i in out & main),
        "other_reasons": Counter(reason["full", i] for i in out & other),
    }


def test_every_command_of_the_page_works(done):
    _, said = done
    failed = [(words, text) for words, code, text in said if code != 0]
    assert not failed
    assert len(said) > 20


def test_every_box_of_the_flow_is_recounted_from_the_files(done):
    folder, _ = done
    boxes, lists = recount(folder / "bcg")
    flow = own_flow(open_review(folder / "bcg"))
    assert flow.counts() == boxes
    assert {s.name: s.records for s in flow.sources} == lists["sources"]
    assert {r.reason: r.reports for r in flow.reasons} == lists["reasons"]
    assert {r.reason: r.reports for r in flow.other_reasons} == lists["other_reasons"]
    assert boxes["included"] == 13  # trials of Colditz et al. 1994
    assert len(rows(folder / "bcg/studies.csv")) == 13


def test_the_report_shows_these_numbers(done):
    folder, _ = done
    boxes, _ = recount(folder / "bcg")
    page = (folder / "bcg.html").read_text(encoding="utf-8")
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for said in (
        f"Records screened (n = {boxes['screened']})",
        f"Reports sought for retrieval (n = {boxes['sought']})",
        f"Studies included in review (n = {boxes['included']})",
        f"Reports of included studies (n = {boxes['included_reports']})",
    ):
        assert said in words, said


def test_the_pooled_risk_ratio_is_that_of_the_reference(done):
    folder, _ = done
    found = json.loads((folder / "bcg-out/tuberculosis/meta-tuberculosis.json").read_text())
    want = next(e for e in REFERENCE if e["id"] == "predict.bcg_RR.pi.knha")["results"]
    (mean,) = found["result"]["coefficients"]
    got = [math.exp(mean[name]) for name in ("beta", "ci_lb", "ci_ub")]
    assert got == pytest.approx([want["pred"][0], want["ci.lb"][0], want["ci.ub"][0]], rel=1e-6)
    assert [round(x, 2) for x in got] == [0.49, 0.33, 0.73]  # as the page says
