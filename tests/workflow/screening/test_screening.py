"""Screening: queue, decisions, disputes, duplicates, progress, and the flow counted from them."""

from __future__ import annotations

import csv
import subprocess
import sys

import pytest

from review.errors import DataError, InputError
from review.project import open_review
from review.project.take_back import take_back
from review.workflow.prisma import own_flow
from review.workflow.screening.screening_conflicts import conflicts
from review.workflow.screening.screening_decisions import clear, decide, put_back, settle
from review.workflow.screening.screening_duplicates import mark_duplicate, unmark_duplicate
from review.workflow.screening.screening_keywords import keyword_marks
from review.workflow.screening.screening_progress import progress, progress_lines
from review.workflow.screening.screening_queue import left_for, next_record


def ids(folder, by, **options):
    return [r["record_id"] for r in left_for(open_review(folder), by, **options)]


def rows(folder, name="decisions.csv"):
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def vote(folder, by, stage="title_abstract", **said):
    review = open_review(folder)
    for record, word in said.items():
        decision, _, reason = word.partition(":")
        decide(review, record, decision, by=by, stage=stage, reason=reason)


def both(folder, **said):
    vote(folder, "Ann", **said)
    vote(folder, "Bo", **said)


def test_the_queue_is_one_s_own_and_blind(folder):
    assert ids(folder, "Ann") == ["a1", "a2", "a3", "a4", "a5"]  # websites come at full text
    vote(folder, "Ann", a1="include", a2="exclude")
    assert ids(folder, "ann ") == ["a3", "a4", "a5"]
    assert ids(folder, "Bo") == ["a1", "a2", "a3", "a4", "a5"]
    shown = next_record(open_review(folder), "Bo")
    assert shown["record_id"] == "a1"
    assert "include" not in str(shown)
    assert not conflicts(open_review(folder))
    vote(folder, "Bo", a1="include")
    assert "a1" not in ids(folder, "Cho")  # two have decided, as review.toml wants
    assert next_record(open_review(folder), "Bo", skip=["a2"])["record_id"] == "a3"


def test_orders_leave_nothing_out(folder):
    assert ids(folder, "Ann", order="date") == ["a2", "a4", "a1", "a5", "a3"]
    with pytest.raises(InputError, match="unknown order"):
        ids(folder, "Ann", order="best")


def test_full_texts_are_what_stayed_in(folder):
    assert ids(folder, "Ann", stage="full-text") == ["w1"]
    both(folder, a1="include", a2="exclude", a3="maybe", a4="include")
    vote(folder, "Ann", a5="include")
    assert ids(folder, "Ann", stage="full-text") == ["a1", "a3", "a4", "w1"]
    vote(folder, "Ann", "full_text", a1="not_retrieved")
    assert ids(folder, "Bo", stage="full-text") == ["a3", "a4", "w1"]


def test_a_decision_is_changed_cleared_and_put_back(folder):
    review = open_review(folder)
    first = decide(review, "a1", "include", by="Ann", note="see Table 2")
    second = decide(review, "a1", "exclude", by="ANN", reason="2")
    assert second.before["decision"] == "include"
    (row,) = rows(folder)
    assert (row["decision"], row["reason"], row["note"]) == ("exclude", "no control group", "")
    put_back(review, second)
    assert rows(folder)[0]["note"] == "see Table 2"
    with pytest.raises(InputError, match="changed since"):
        put_back(review, second)
    gone = clear(review, "a1", by="Ann")
    assert rows(folder) == []
    put_back(review, gone)
    assert rows(folder)[0]["decision"] == "include"
    put_back(review, first)
    assert rows(folder) == []
    log = open_review(folder).log()
    assert [c.command for c in log][:2] == ["screen", "screen"]
    assert {c.who for c in log} == {"Ann", "ANN"}


def test_review_undo_takes_a_decision_back_after_others_decided(folder):
    vote(folder, "Ann", a1="include")
    number = open_review(folder).log()[-1].number
    vote(folder, "Bo", a1="exclude")
    vote(folder, "Ann", a2="include")
    take_back(open_review(folder), number)
    assert [(r["reviewer"], r["record_id"]) for r in rows(folder)] == [("Bo", "a1"), ("Ann", "a2")]


def test_a_third_person_settles_what_two_dispute(folder):
    vote(folder, "Ann", a1="include", a2="exclude", a3="maybe", a4="maybe")
    vote(folder, "Bo", a1="exclude", a2="exclude", a3="include", a4="exclude:no control group")
    found = conflicts(open_review(folder))
    assert [c.ballot.record_id for c in found] == ["a1", "a4"]
    assert found[1].to_dict()["votes"][1]["reason"] == "no control group"
    review = open_review(folder)
    with pytest.raises(InputError, match="one of those who disagree"):
        settle(review, "a1", "include", by="bo")
    with pytest.raises(InputError, match="nothing is in dispute"):
        settle(review, "a2", "include", by="Cho")
    settle(review, "a1", "exclude", by="Cho", reason="wrong population")
    settle(review, "a4", "include", by="consensus")
    assert not conflicts(open_review(folder))
    assert ids(folder, "Ann", stage="full-text") == ["a3", "a4", "w1"]
    settle(review, "a1", "include", by="Dee")  # changed
    assert [r["reviewer"] for r in rows(folder) if r["role"]] == ["Dee", "consensus"]
    clear(review, "a1", by="Dee", final=True)
    assert [c.ballot.record_id for c in conflicts(open_review(folder), "title-abstract")] == ["a1"]


def test_two_reasons_for_one_excluded_report_are_in_dispute(folder):
    both(folder, a1="include")
    vote(folder, "Ann", "full_text", a1="exclude:1")
    vote(folder, "Bo", "full_text", a1="exclude:2")
    (one,) = conflicts(open_review(folder))
    assert (one.kind, one.ballot.state) == ("reason", "exclude")
    settle(open_review(folder), "a1", "exclude", by="Cho", stage="full_text", reason="2")
    flow = own_flow(open_review(folder))
    assert [(r.reason, r.reports) for r in flow.reasons] == [("no control group", 1)]


def test_the_flow_reconciles_with_the_decisions(folder):
    both(folder, a1="include", a2="exclude:1", a3="include")
    vote(folder, "Ann", a4="include")
    mark_duplicate(open_review(folder), "a5", "a3", by="Ann")
    both(folder, a4="exclude:1")
    for name in ("Ann", "Bo"):
        vote(folder, name, "full_text", a1="include", a3="exclude:2", w1="include")
    flow = own_flow(open_review(folder))
    assert flow.counts() == {
        "identified": 5, "duplicates_removed": 1, "screened": 4, "excluded_at_screening": 2,
        "sought": 2, "not_retrieved": 0, "assessed_full_text": 2, "excluded_at_full_text": 1,
        "included_reports": 2, "other_identified": 1, "other_sought": 1, "other_assessed": 1,
        "other_excluded": 0, "other_not_retrieved": 0, "websites": 1,
    }  # fmt: skip
    assert [(r.reason, r.reports) for r in flow.screening_reasons] == [("wrong population", 2)]
    assert not flow.notes


def test_a_record_half_decided_is_not_screened_yet(folder):
    vote(folder, "Ann", a1="include", a2="exclude")
    flow = own_flow(open_review(folder))
    assert flow.screened == 0
    assert any("another reviewer has to decide: 2 decisions" in n for n in flow.notes)
    (folder / "review.toml").write_text('title = "Mine"\n', encoding="utf-8")
    assert own_flow(open_review(folder)).screened == 2


def test_duplicates_are_marked_and_unmarked(folder):
    review = open_review(folder)
    vote(folder, "Ann", a5="include")
    marked = mark_duplicate(review, "a5", "a3", by="Ann")
    assert ids(folder, "Bo") == ["a1", "a2", "a3", "a4"]
    with pytest.raises(InputError, match="repeats a3: decide on that one"):
        decide(review, "a5", "include", by="Bo")
    for pair in (("a3", "a5"), ("a1", "a5"), ("a5", "a1")):  # nothing may vanish twice
        with pytest.raises(InputError, match="a5 repeats a3 already"):
            mark_duplicate(review, *pair, by="Ann")
    mark_duplicate(review, "a3", "a1", by="Ann")  # along a chain one is kept
    assert ids(folder, "Bo") == ["a1", "a2", "a4"]
    assert unmark_duplicate(review, "a5", by="Ann", before=marked.before) == "a3"
    assert rows(folder)[0]["record_id"] == "a5"  # its decision counts again
    assert ids(folder, "Bo") == ["a1", "a2", "a4", "a5"]
    with pytest.raises(InputError, match="not marked"):
        unmark_duplicate(review, "a5", by="Ann")


def test_what_the_rules_said_is_contradicted_not_forgotten(folder):
    text = "record_id,other_id,verdict,reason,decided_by,date\na5,a3,same,equal titles,rule,\n"
    (folder / "duplicates.csv").write_text(text, encoding="utf-8")
    unmark_duplicate(open_review(folder), "a5", by="Ann")
    (row,) = rows(folder, "duplicates.csv")
    assert (row["verdict"], row["decided_by"]) == ("different", "Ann")
    marked = mark_duplicate(open_review(folder), "a3", "a5", by="Bo")
    assert ids(folder, "Ann") == ["a1", "a2", "a4", "a5"]
    unmark_duplicate(open_review(folder), "a3", by="Bo", before=marked.before)
    assert rows(folder, "duplicates.csv")[0]["verdict"] == "different"


def test_progress(folder):
    vote(folder, "Ann", a1="include", a2="exclude", a3="include", a4="exclude")
    vote(folder, "Bo", a1="include", a2="exclude", a3="exclude")
    stamped = [r | {"date": f"2026-01-01T10:0{i}:00Z"} for i, r in enumerate(rows(folder))]
    with (folder / "decisions.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(stamped[0]))
        out.writeheader()
        out.writerows(stamped)
    found = progress(open_review(folder))
    first = found.stages[0]
    assert (first.records, first.untouched, first.waiting, first.conflicts) == (5, 1, 1, 1)
    assert (first.included, first.excluded) == (1, 1)
    ann, bo = first.reviewers
    assert (ann.reviewer, ann.decided, ann.left, ann.per_hour) == ("Ann", 4, 1, 60)
    assert (bo.decided, bo.left, bo.per_hour) == (3, 2, None)  # two gaps only
    assert first.agreement["percent"].value == pytest.approx(2 / 3)
    # in/in, out/out, in/out: po 2/3, pe (2/3 * 1/3 + 1/3 * 2/3)
    assert first.agreement["kappa"].value == pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))
    assert any("Ann: 4 decided, 1 left, 60 an hour" in line for line in progress_lines(found))


def test_without_a_number_of_reviewers_it_is_said_what_counts(folder):
    (folder / "review.toml").write_text('title = "Mine"\n', encoding="utf-8")
    vote(folder, "Ann", a1="include")
    assert ids(folder, "Bo")[0] == "a1"
    found = progress(open_review(folder))
    assert found.stages[0].included == 1
    assert "counts from its first decision" in found.notes[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"record": "a9"}, "unknown record 'a9' in records.csv .known: a1"),
        ({"by": " "}, "say who screens"),
        ({"by": "consensus"}, "stands for the decision that settles"),
        ({"by": "=1+1"}, "formula"),
        ({"decision": "incluude"}, "unknown decision 'incluude'; did you mean 'include'"),
        ({"decision": "not_retrieved"}, "no decision on title and abstract"),
        ({"stage": "abstrct"}, "unknown stage"),
        ({"decision": "exclude", "reason": "no controls group"}, "did you mean 'no control group'"),
        ({"decision": "exclude", "reason": "9"}, "not among the reasons"),
        ({"reason": "wrong population"}, "a reason belongs to an exclusion"),
        ({"stage": "full_text", "decision": "maybe"}, "included or excluded"),
        ({"record": "w1", "stage": "full_text", "decision": "exclude"}, "with a reason"),
        ({"record": "a2", "stage": "full_text"}, "a2 was excluded by title and abstract"),
        ({"record": "a3", "stage": "full_text"}, "a3 waits for another reviewer"),
        ({"note": "a\x07b"}, "control character"),
    ],
)
def test_wrong_decisions(folder, arguments, said):
    both(folder, a2="exclude")
    vote(folder, "Ann", a3="include")
    before = (folder / "decisions.csv").read_bytes()
    given = {"record": "a1", "decision": "include", "by": "Ann"} | arguments
    with pytest.raises(InputError, match=said):
        decide(open_review(folder), given.pop("record"), given.pop("decision"), **given)
    assert (folder / "decisions.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reviewers = 0", "greater than or equal to 1"),
        ("reviewer = 2", "did you mean 'reviewers'"),
        ('reasons = ["A", "a "]', "stands there twice"),
        ('keys = { exclude = "i" }', "include and exclude have the same key"),
        ('keys = { exclud = "x" }', "'exclud' is no action"),
        ('keys = { exclude = "1" }', "one letter or sign is needed"),
    ],
)  # fmt: skip
def test_wrong_settings(folder, text, said):
    (folder / "review.toml").write_text(f'title = "Mine"\n[screening]\n{text}\n', encoding="utf-8")
    with pytest.raises(DataError, match=said):
        ids(folder, "Ann")


def test_a_team_refuses_other_names(folder):
    text = 'title = "Mine"\n[screening]\nteam = ["Ann Lee", "Bo"]\n'
    (folder / "review.toml").write_text(text, encoding="utf-8")
    vote(folder, "ann lee", a1="include")
    assert rows(folder)[0]["reviewer"] == "Ann Lee"
    with pytest.raises(InputError, match=r"not in the team .*; did you mean 'Ann Lee'"):
        decide(open_review(folder), "a1", "include", by="Ann Le")


def test_files_of_other_programs_keep_their_form(folder):
    text = 'id,stage,reviewer,decision,mine\r\n"a1",Title and abstract,ann,Yes,x\r\n'
    (folder / "decisions.csv").write_bytes(text.encode())
    vote(folder, "Bo", a2="maybe")
    vote(folder, "Ann", a1="exclude")
    first, second = (folder / "decisions.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert first.startswith('"a1",title_abstract,Ann,exclude,x,')
    assert second.startswith('"a2",title_abstract,Bo,maybe,,')
    no_records = folder / "records.csv"
    no_records.unlink()
    with pytest.raises(InputError, match="no records"):
        ids(folder, "Ann")


def test_two_processes_lose_nothing(folder):
    lines = "".join(f"b{i},X,database,T{i},,2000\n" for i in range(40))
    with (folder / "records.csv").open("a", encoding="utf-8") as file:
        file.write(lines)
    code = (
        "import sys; from review.project import open_review\n"
        "from review.workflow.screening.screening_decisions import decide\n"
        "r = open_review(sys.argv[1])\n"
        "for i in range(40): decide(r, f'b{i}', 'include' if i % 2 else 'exclude', by=sys.argv[2])"
    )
    people = [
        subprocess.Popen([sys.executable, "-c", code, str(folder), name]) for name in ("Ann", "Bo")
    ]
    assert [p.wait(timeout=240) for p in people] == [0, 0]
    assert len({(r["record_id"], r["reviewer"]) for r in rows(folder)}) == len(rows(folder)) == 80
    assert len(open_review(folder).log()) == 80
    assert progress(open_review(folder)).stages[0].excluded == 20


def test_a_killed_session_keeps_every_decision(folder):
    code = "import sys; from review.cli.main import main; main(sys.argv[1:])"
    person = subprocess.Popen(
        [sys.executable, "-c", code, "screen", str(folder), "--by", "Ann"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    person.stdin.write("i\ne\n")
    person.stdin.flush()
    for line in person.stderr:
        if line.strip() == "exclude":
            break
    person.kill()
    person.communicate()
    assert [r["decision"] for r in rows(folder)] == ["include", "exclude"]
    assert ids(folder, "Ann") == ["a3", "a4", "a5"]


def test_keywords_are_met_as_words():
    text = "Randomised (deep\nlearning) of deeper mice"
    marks = keyword_marks(text, ["random*", "deep learning", "deep", " * "], ["mice", "(deep"])
    assert [text[m.start : m.end] for m in marks] == ["Randomised", "(deep", "mice"]
    assert [m.against for m in marks] == [False, True, True]
    assert keyword_marks("anything", []) == []
