from __future__ import annotations

import pytest

from review.errors import DataError, InputError
from review.project import open_review
from review.schema.prisma import PrismaFlow
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
        "duplicates_removed": 3,
        "screened": 8,
        "excluded_at_screening": 3,  # r1 by consensus, r2, r3; r4 is in dispute
        "sought": 5,
        "not_retrieved": 1,
        "assessed": 2,
        "excluded_at_full_text": 1,
        "included_reports": 1,
    }
    assert [(r.reason, r.reports) for r in flow.reasons] == [("no control", 1)]
    notes = " ".join(flow.notes)
    assert "still to be screened: 1 record" in notes
    assert "still to be assessed in full text: 2 reports" in notes
    assert "1 disagreement between" in notes
    # what is still open shows as sums that do not close, not as silence
    rules = {c.rule: c.holds for c in flow.checks()}
    assert rules["records of the sources = identified"]
    assert rules["assessed − excluded = included"]


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
    assert "more than the 2" in flow.notes[0]


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
    assert flow.assessed == len(kim.studies) + len(kim.excluded)
    assert sum(r.reports for r in flow.reasons) == len(kim.excluded)
    assert all(c.holds for c in flow.checks())


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


def test_only_known_parts_are_checked():
    assert PrismaFlow(origin="x").checks() == ()
    assert PrismaFlow(origin="x", identified=5, screened=5).checks() == ()
    flow = PrismaFlow(origin="x", screened=10, excluded_at_screening=4, not_retrieved=1, assessed=5)
    (check,) = flow.checks()
    assert check.holds
    assert check.text == "10 − 4 − 1 = 5"
