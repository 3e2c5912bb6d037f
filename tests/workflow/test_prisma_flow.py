from __future__ import annotations

import pytest

from review.errors import DataError, InputError
from review.project import open_review
from review.schema.prisma_sums import prisma_checks
from review.workflow.prisma import flows, own_flow


@pytest.fixture(name="folder")
def _folder(tmp_path):
    """A review with searches, records and decisions of two reviewers."""
    (tmp_path / "review.toml").write_text('title = "Mine"\n', encoding="utf-8")

    def write(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")

    searches = ["PubMed,2024-01-01,x,6", "Scopus,2024-01-02,y,5", "PubMed,2024-02-01,x,1"]
    write("searches.csv", "\n".join(["source,date,query,records", *searches]) + "\n")
    write("records.csv", "record_id,title\n" + "".join(f"r{i},T{i}\n" for i in range(1, 10)))
    decisions = ["record_id,stage,reviewer,decision,reason"]
    decisions += [
        f"r{i},title_abstract,ann,{'exclude' if i < 4 else 'include'}," for i in range(1, 9)
    ]
    decisions += ["r1,title_abstract,bob,include,", "r1,title_abstract,consensus,exclude,off topic"]
    decisions += ["r4,title_abstract,bob,exclude,"]
    decisions += ["r5,full text,ann,not_retrieved,"]
    decisions += ["r6,full_text,ann,exclude,no control", "r6,full_text,bob,exclude,other"]
    decisions += ["r7,full_text,ann,include,"]
    write("decisions.csv", "\n".join(decisions) + "\n")
    return tmp_path


def test_a_flow_is_counted_from_records_and_decisions(folder):
    (flow,) = flows(open_review(folder))
    assert {s.name: s.records for s in flow.sources} == {"PubMed": 7, "Scopus": 5}
    assert flow.counts() == {
        "identified": 12,
        "screened": 8,
        "excluded_at_screening": 3,  # r1 by consensus, r2, r3; r4 is in dispute
        "sought": 5,
        "not_retrieved": 1,
        "assessed_full_text": 2,
        "excluded_at_full_text": 1,
        "included_reports": 1,
    }
    assert [(r.reason, r.reports) for r in flow.reasons] == [("no control", 1)]
    notes = " ".join(flow.notes)
    assert "found 12 records, and records.csv holds 9; without a column duplicate_of" in notes
    assert "still to be screened: 1 record" in notes
    assert "still to be assessed in full text: 2 reports" in notes
    assert "1 disagreement between" in notes
    # what is still open is a part of the sums, not a contradiction
    rules = {c.rule: c.holds for c in prisma_checks(flow)}
    assert all(rules.values())
    texts = [c.text for c in prisma_checks(flow)]
    assert "5 − 1 − 2 = 2" in texts  # sought, not retrieved, still to be assessed
    assert rules["records of the sources = identified"]
    assert rules["assessed − excluded = reports included"]


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("decisions.csv", "full text", "fultext", r"decisions.csv:\d+.*'stage'.*unknown word"),
        ("decisions.csv", "not_retrieved", "lost", r"'decision'.*unknown word.*'lost'"),
        ("decisions.csv", "stage,", "phase,", "column 'stage'"),
        ("searches.csv", ",6\n", ",six\n", r"searches.csv:2.*not a whole number"),
        ("searches.csv", "source", "place", "'source'"),
        ("records.csv", "record_id", "nr", "'record_id'"),
        ("records.csv", "r3,T3", "r3,T3,T4", "3 cells"),
    ],
)
def test_broken_tables_are_named_with_file_and_line(folder, name, old, new, says):
    path = folder / name
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(DataError, match=says):
        flows(open_review(folder))


def test_more_records_than_found_is_a_note_not_a_negative_box(folder):
    path = folder / "searches.csv"
    path.write_text("source,records\nPubMed,2\n")
    flow = own_flow(open_review(folder))
    assert flow.duplicates_removed is None
    assert "found 2 records, and records.csv holds 9" in flow.notes[0]


def test_searches_in_the_settings_count_too(tmp_path):
    (tmp_path / "review.toml").write_text(
        'title = "M"\n[[search]]\ndatabase = "PubMed"\nrecords = 10\n'
    )
    flow = own_flow(open_review(tmp_path))
    assert flow.identified == 10
    (tmp_path / "review.toml").write_text('title = "M"\n[[search]]\ndatabase = "PubMed"\n')
    with pytest.raises(InputError, match="holds no counts of a flow"):
        flows(open_review(tmp_path))


def test_excluded_studies_with_reasons():
    kim = open_review("kim2022")
    flow = own_flow(kim)
    assert flow.assessed_full_text == len(kim.studies) + len(kim.excluded)
    assert sum(r.reports for r in flow.reasons) == len(kim.excluded)
    assert all(c.holds for c in prisma_checks(flow))


def test_many_reasons_are_joined_without_losing_one(kim_copy):
    header = (kim_copy / "excluded.csv").read_text().splitlines()[0]
    columns = header.split(",")
    rows = [
        ",".join({"study_id": f"x{i}", "reason": f"reason {i % 9}"}.get(c, "") for c in columns)
        for i in range(30)
    ]
    (kim_copy / "excluded.csv").write_text("\n".join([header, *rows]) + "\n")
    flow = own_flow(open_review(kim_copy))
    assert len(flow.reasons) == 6
    assert flow.reasons[-1].reason == "other reasons"
    assert sum(r.reports for r in flow.reasons) == 30


def test_duplicates_are_counted_never_made_up_from_a_difference(folder):
    (folder / "searches.csv").write_text("source,records\nPubMed,412\nEmbase,288\n")
    (folder / "records.csv").write_text("record_id,title\nr1,A\nr2,B\n")
    (folder / "decisions.csv").unlink()
    flow = own_flow(open_review(folder))
    assert flow.identified == 700
    assert flow.duplicates_removed is None
    assert "found 700 records, and records.csv holds 2" in " ".join(flow.notes)


def test_a_flow_of_databases_registers_and_other_methods_recounts(folder):
    (folder / "searches.csv").unlink()
    rows = ["record_id,title,source,kind,duplicate_of,removed"]
    rows += ["d1,A,PubMed,,,", "d2,A,Embase,,d1,", "d3,B,PubMed,,,", "d4,C,CENTRAL,register,,"]
    rows += ["d5,D,PubMed,,,automation", "w1,E,WHO,website,,", "c1,F,,citation,,"]
    (folder / "records.csv").write_text("\n".join(rows) + "\n")
    decided = ["record_id,stage,reviewer,decision,reason"]
    decided += ["d1,screening,ann,include,", "d3,screening,ann,exclude,animals"]
    decided += ["d4,screening,ann,include,", "d2,screening,ann,exclude,seen before the merge"]
    decided += ["d1,full_text,ann,include,", "d4,full_text,ann,exclude,no control"]
    decided += ["w1,retrieval,ann,not_retrieved,", "c1,full_text,ann,include,"]
    (folder / "decisions.csv").write_text("\n".join(decided) + "\n")
    flow = own_flow(open_review(folder))
    assert flow.counts() == {
        "identified": 5, "databases": 4, "registers": 1, "duplicates_removed": 1,
        "removed_automation": 1, "screened": 3, "excluded_at_screening": 1, "sought": 2,
        "not_retrieved": 0, "assessed_full_text": 2, "excluded_at_full_text": 1,
        "other_identified": 2, "websites": 1, "citation_searching": 1, "other_sought": 2,
        "other_not_retrieved": 1, "other_assessed": 1, "other_excluded": 0, "included_reports": 2,
    }  # fmt: skip
    assert [(r.reason, r.reports) for r in flow.screening_reasons] == [("animals", 1)]
    assert all(c.holds for c in prisma_checks(flow))
    assert len(prisma_checks(flow)) >= 8


def test_typed_counts_fill_what_no_file_holds_and_never_replace_it(folder):
    (folder / "review.toml").write_text(
        'title = "M"\n[prisma]\nprevious_studies = 5\nscreened = 99\nduplicates_removed = 3\n'
    )
    flow = own_flow(open_review(folder))
    assert (flow.previous_studies, flow.duplicates_removed, flow.screened) == (5, 3, 8)
    notes = " ".join(flow.notes)
    assert "says 99, the files of the folder give 8" in notes
    assert "not counted: studies in the previous version" in notes
    (folder / "review.toml").write_text('title = "M"\n[prisma]\nscrened = 9\n')
    with pytest.raises(DataError, match=r"prisma.screned.*unknown entry.*screened"):
        own_flow(open_review(folder))


def test_figure_and_audit_say_the_same_of_published_counts(kim_copy):
    from review.workflow.audit import audit_review

    text = (kim_copy / "published.toml").read_text()
    start, end = text.index("[prisma]"), text.index("[counts.backbone]")
    boxes = (
        "identified = 1000\nduplicates_removed = 100\nremoved_other = 50\nscreened = 850\n"
        "excluded_at_screening = 700\nsought = 150\nnot_retrieved = 10\n"
        "assessed_full_text = 140\nexcluded_at_full_text = 100\nincluded = 40\n"
    )
    (kim_copy / "published.toml").write_text(text[:start] + "[prisma]\n" + boxes + text[end:])
    review = open_review(kim_copy)
    drawn = prisma_checks(flows(review)[0])
    audited = [c for c in audit_review(review).claims if c.source.endswith("[prisma]")]
    assert [(c.rule, c.text, c.verdict) for c in drawn] == [
        (c.claim, c.computation, c.verdict.value) for c in audited if c.check == "prisma"
    ]
    assert [c.verdict for c in drawn] == ["confirmed"] * 4


def test_records_that_wait_are_a_part_of_the_sums(folder):
    pair = "record_id,other_id,verdict,reason,decided_by,date\nr8,r9,same,x,rule,2024-01-01\n"
    (folder / "duplicates.csv").write_text(pair, encoding="utf-8")
    lines = (folder / "decisions.csv").read_text("utf-8").splitlines()
    few = [line for line in lines if not line.startswith(("r2,", "r3,", "r8,"))]
    (folder / "decisions.csv").write_text("\n".join(few) + "\n", encoding="utf-8")
    (flow,) = flows(open_review(folder))
    assert flow.waiting == {"screened": 3, "assessed_full_text": 1}
    checks = {c.text: c.rule for c in prisma_checks(flow)}
    assert all(c.holds for c in prisma_checks(flow))
    assert checks["9 − 1 − 3 = 5"] == ("identified − duplicates − still to be screened = screened")
