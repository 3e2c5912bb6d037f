"""Records that repeat each other are found, and only those; what is judged is told.

The pairs are modelled on kinds that public labelled sets and real exports hold.
"""

from __future__ import annotations

import itertools
import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import review
from review.errors import InputError
from review.workflow.records.found_duplicates import find_duplicates

ARTICLE = {
    "title": "Preconditioning of the ischaemic heart: mechanisms and possibilities for protection",
    "authors": "Laude K; Thuillez C; Richard V",
    "year": "2001",
    "journal": "Cardiovascular Research",
    "volume": "56",
    "issue": "5",
    "pages": "589-593",
    "doi": "10.1000/cr.2001.589",
}


def varied(**changes):
    return {**ARTICLE, **changes}


def verdict(one, two):
    """What is said of two records: the group, or the one link that is no group."""
    found = find_duplicates([one, two])
    if found.groups:
        return "same"
    return found.links[0].verdict if found.links else "different"


SAME = {
    "exactly": ARTICLE,
    "pages shortened": varied(pages="589-93", doi=""),
    "journal abbreviated": varied(journal="Cardiovasc Res", doi=""),
    "American spelling": varied(
        title="Preconditioning of the ischemic heart: mechanisms and possibilities for protection."
    ),
    "language of the original after the title": varied(title=ARTICLE["title"] + ". French", doi=""),
    "original title on a second line": varied(
        title=ARTICLE["title"] + ". French\nPreconditionnement du coeur ischemique", doi=""
    ),
    "translated title in brackets": varied(title=f"[{ARTICLE['title']}.]", doi=""),
    "DOI with resolver and percent signs": varied(doi="http://dx.doi.org/10.1000%2Fcr.2001.589"),
    "DOI in capitals": varied(doi="10.1000/CR.2001.589"),
    "no DOI": varied(doi=""),
    "another DOI, all else equal": varied(doi="10.1101/2001.05.05.1"),
    "no pages": varied(pages="", doi=""),
    "first page alone": varied(pages="589", doi=""),
    "no volume, issue and pages": varied(volume="", issue="", pages="", doi=""),
    "year of the printed issue": varied(year="2002"),
    "year mistyped, DOI there": varied(year="2004"),
    "volume is the year": varied(volume="2001", issue="", pages="", doi=""),
    "issue made a date by a spreadsheet": varied(issue="05-Jun", doi="", pages=""),
    "tags and entities": varied(title=ARTICLE["title"].replace("heart", "<i>heart</i>"), doi=""),
    "braces of BibTeX": varied(title=ARTICLE["title"].replace("P", "{P}"), doi=""),
    "authors glued": varied(authors="Laude K.Thuillez C.Richard V.", doi=""),
    "authors and initials glued": varied(authors="LaudeK.ThuillezC.RichardV.", doi=""),
    "given names first": varied(authors="Karine, Laude and Christian, Thuillez", doi=""),
    "authors in full": varied(authors="Laude, Karine and Thuillez, Christian and Richard, V."),
    "authors that are someone else, all else equal": varied(authors="Anonymous Collaborators G"),
    "no authors": varied(authors=""),
    "title in another language at the same pages": varied(
        title="Preconditionnement du coeur: mecanismes et possibilites de protection", doi=""
    ),
    "letter of a supplement's pages left out": varied(pages="S589-S593", doi=""),
    "subtitle left out": varied(title="Preconditioning of the ischaemic heart", doi=""),
    "retraction written before the title": varied(title="RETRACTED: " + ARTICLE["title"]),
    "whole source in the journal": varied(
        journal="Cardiovascular Research.56 (5) ()(pp 589-593) 2001.Date of Publication: May 2001.",
        volume="", issue="", pages="", doi="",
    ),
}  # fmt: skip

NOT_SAME = {
    "erratum": (varied(title="Erratum to: " + ARTICLE["title"], doi=""), "different"),
    "reply, at the same place": (varied(title="Reply to: " + ARTICLE["title"]), "different"),
    "comment": (varied(title="Comment on: " + ARTICLE["title"], pages="594"), "different"),
    "protocol": (varied(title=ARTICLE["title"] + ": study protocol", doi=""), "different"),
    "second part": (varied(title=ARTICLE["title"] + " 2", doi="", pages="601-9"), "different"),
    "preprint": (
        varied(journal="medRxiv", volume="", issue="", pages="", doi="10.1101/2001.05.05.21"),
        "report",
    ),
    "abstract of a meeting": (
        varied(journal="Circulation", volume="104", issue="Suppl 2", pages="S12", doi=""),
        "report",
    ),
    "abstract of a meeting with the DOI of the article": (
        varied(journal="American Journal of Cardiology", volume="45", issue="2", pages="480"),
        "report",
    ),
    "later version": (varied(doi="10.1000/cr.2001.589.pub2", year="2002"), "report"),
    "same DOI, another title": (
        varied(title="Nursing care after thoracic surgery", journal="Nurse", volume="3",
               pages="7-9"),
        "different",
    ),
    "same DOI and place, another title and other authors": (
        varied(title="Nursing care after thoracic surgery", authors="Wu B"), "doubt",
    ),
    "same authors and year, another title": (
        varied(title="Nursing care after thoracic surgery", pages="77-80", doi=""), "different",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", SAME)
def test_one_record_written_in_two_ways(how):
    assert verdict(ARTICLE, SAME[how]) == "same"
    assert verdict(SAME[how], ARTICLE) == "same"


@pytest.mark.parametrize("how", NOT_SAME)
def test_another_record_stays(how):
    other, said = NOT_SAME[how]
    assert verdict(ARTICLE, other) == said
    assert verdict(other, ARTICLE) == said


def plain(title, **more):
    return {"title": title, **more}


EDITOR = {"authors": "Lee, Allen S.", "year": "2000", "journal": "MIS Quarterly", "volume": "24"}
MEETING = {"year": "2013", "journal": "Diabetologia", "volume": "56", "issue": "Suppl. 1",
           "pages": "S69", "doi": "10.1000/s00125"}  # fmt: skip


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        # parts and years, at the same place
        (varied(title="Ischaemic preconditioning in practice. Part I", doi=""),
         varied(title="Ischaemic preconditioning in practice. Part II", doi=""), "different"),
        (varied(title="Annual report 2021 of the registry", doi=""),
         varied(title="Annual report 2022 of the registry", doi=""), "different"),
        (varied(title="International Multifoods - Case A", doi="", pages=""),
         varied(title="International Multifoods - Case B", doi="", pages=""), "different"),
        (varied(title="Ischaemic hearts in practice: the first cohort", doi="", pages=""),
         varied(title="Ischaemic hearts in practice: the third cohort", doi="", pages=""),
         "different"),
        # titles that many records have
        (plain("Special section: competitive strategy and systems", issue="2", pages="7-13",
               **EDITOR),
         plain("Special Section - Competitive Strategy and Systems", issue="3", pages="7-10",
               **EDITOR), "different"),
        (varied(doi="", pages=""), varied(title="Call for papers: " + ARTICLE["title"], doi=""),
         "different"),
        (plain("Editor's comments", pages="iii-xi", **EDITOR),
         plain("Editor's comments", pages="iii-xii", **EDITOR), "different"),
        (plain("Editor's comments", issue="1", **EDITOR),
         plain("Editor's comments", issue="2", **EDITOR), "different"),
        (plain("Remarks from MIS Quarterly Editor", issue="1", **EDITOR),
         plain("Remarks from MIS Quarterly Editor", issue="2", **EDITOR), "different"),
        (plain("Editor's comments", issue="1", pages="iii-x", **EDITOR),
         plain("Editors' Comments", issue="1", pages="iii-x", **EDITOR), "same"),
        (plain("Editorial"), plain("Editorial"), "different"),
        # each issue begins with page 1
        (varied(title="The state of the art", issue="1", pages="1-4", doi=""),
         varied(title="The state of the art", issue="2", pages="1-9", doi=""), "report"),
        # abstracts of one meeting share page and DOI
        (plain("Inhibition of DPP-4 after infarction", authors="Connelly K; Kabir G", **MEETING),
         plain("Linagliptin reduces damage after stroke", authors="Darsalia V", **MEETING),
         "different"),
        # two commentaries in one issue, no authors
        (varied(authors="", doi="", pages="453-456"), varied(authors="", doi="", pages="457-9"),
         "doubt"),
        # the number of the article in place of the issue, and the issue in the volume
        (varied(volume="18", issue="1", pages="215", doi=""),
         varied(volume="18 (1) (n", issue="215", pages="215", doi=""), "same"),
        (varied(volume="18", issue="791", pages="", doi=""),
         varied(volume="18", issue="3", pages="791", doi=""), "same"),
        # the number of the supplement in place of the volume
        (plain("Linagliptin reduces damage after stroke", authors="Darsalia V", **MEETING),
         plain("Linagliptin reduces damage after stroke", authors="Darsalia V",
               **{**MEETING, "volume": "1)", "issue": "", "doi": ""}), "same"),
        # spreadsheets: pages 6-10 as a date
        (varied(pages="06-Oct", doi=""), varied(pages="6-10", doi=""), "same"),
        # letters of other scripts
        (plain("深層学習", year="2020"), plain("画像分類", year="2020"), "different"),
        (plain("深層学習", doi="10.1000/jp"), plain("深層学習", doi="10.1000/JP"), "same"),
        (plain("Платформенная занятость", authors="Бобков, В. Н.", year="2020"),
         plain("Цифровая экономика", authors="Бобков, В. Н.", year="2020"), "different"),
        # no place, no authors: a person looks
        (plain(ARTICLE["title"]), plain(ARTICLE["title"]), "doubt"),
        (plain("Deep learning of images", doi="10.1000/a"),
         plain("Deep learning of scans", doi="10.1000/a"), "doubt"),
        # a Greek letter, written out or lost
        (varied(title="An essential role for NF-kappaB in the response to ischemia"),
         varied(title="An essential role for NF-κB in the response to ischaemia"), "same"),
        (varied(title="An essential role for NF-kappaB in the response to ischemia"),
         varied(title="An essential role for NF-B in the response to ischaemia"), "same"),
        # the same meeting under its acronym, a year apart
        (plain("Good signals, bad signals in online labor markets", year="2017",
               authors="Holthaus, C. and Stock, R.",
               journal="International Conference on Information Systems"),
         plain("Good Signals, Bad Signals in Online Labor Markets", year="2018",
               authors="Holthaus, C. and Stock, R.", journal="ICIS: Transforming Society"), "same"),
    ],
)  # fmt: skip
def test_what_must_stay_apart_or_come_together(one, two, said):
    assert verdict(one, two) == said
    assert verdict(two, one) == said


def test_a_chain_never_joins_what_a_rule_has_shown_to_differ():
    title = "Deep learning for chest radiographs"
    place = {"authors": "Lee A", "year": "2020", "journal": "Radiology", "volume": "30"}
    records = [
        plain(f"{title}. Part 1", pages="10-19", **place),
        plain(title, **place),
        plain(f"{title}. Part 2", pages="20-29", **place),
    ]
    for order in itertools.permutations(records):
        rows = [{**row, "id": row["title"]} for row in order]
        for group in find_duplicates(rows).groups:
            assert not {f"{title}. Part 1", f"{title}. Part 2"} <= set(group)


def test_the_most_complete_record_is_kept():
    bare = varied(id="bare", doi="", pages="", issue="")
    found = find_duplicates([bare, varied(id="full"), varied(id="half", doi="")])
    assert found.groups == (("full", "bare", "half"),)
    assert found.duplicate_of == {"bare": "full", "half": "full"}
    assert {(link.record_id, link.other_id) for link in found.links} == {
        ("bare", "full"), ("half", "full"),
    }  # fmt: skip
    assert all(link.reason and link.decided_by == "rule" for link in found.links)


def collection():
    """Every record of the tables above, each with its own identifier."""
    rows = [ARTICLE, *SAME.values(), *(other for other, _ in NOT_SAME.values())]
    names = random.Random(3).sample(range(1000), len(rows))
    return [{**row, "id": f"r{name}"} for row, name in zip(rows, names, strict=True)]


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_records_makes_no_difference(rng):
    rows = collection()
    expected = find_duplicates(rows)
    rng.shuffle(rows)
    assert find_duplicates(rows) == expected


def test_copies_of_one_record_are_one_group_however_many():
    found = find_duplicates([ARTICLE] * 300)
    assert [len(group) for group in found.groups] == [300]


def test_every_public_form_of_a_table_is_read():
    rows = [ARTICLE, SAME["authors glued"]]
    columns = {name: [row[name] for row in rows] for name in ARTICLE}
    frame = pd.DataFrame(columns).assign(volume=[56.0, 56.0], year=[2001, None])
    assert find_duplicates(columns).groups == (("1", "2"),)
    assert find_duplicates(frame).groups == (("1", "2"),)
    assert find_duplicates(iter(rows)).groups == (("1", "2"),)
    ris = {"TI": "title", "AU": "authors", "PY": "year", "T2": "journal", "VL": "volume",
           "IS": "issue", "DO": "doi"}  # fmt: skip
    tagged = {tag: ARTICLE[name] for tag, name in ris.items()}
    tagged |= {"SP": "589", "EP": "93", "ID": 7}
    assert find_duplicates([tagged, {**ARTICLE, "ID": 8}]).groups == (("7", "8"),)
    listed = varied(authors=["Laude, K.", "Thuillez, C."])
    assert find_duplicates([ARTICLE, listed]).duplicates == 1


def test_a_person_decides_and_the_groups_follow():
    other = varied(id="c", title="Something else entirely", doi="", volume="9", pages="1-2")
    rows = [varied(id="a"), varied(id="b", doi=""), other]
    assert find_duplicates(rows, decided=[("b", "a", "different", "Ann")]).groups == ()
    joined = find_duplicates(rows, decided=[("c", "a", "same", "Ann", "translated")])
    assert joined.groups == (("a", "b", "c"),)
    by = {link.record_id: link.decided_by for link in joined.links}
    assert by == {"b": "rule", "c": "Ann"}
    apart = find_duplicates(rows, decided=[("b", "a", "report", "Ann", "a reprint")])
    assert [(link.record_id, link.verdict, link.decided_by) for link in apart.links][:1] == [
        ("a", "report", "Ann")
    ]


@pytest.mark.parametrize(
    ("records", "options", "message"),
    [
        ([{"id": "a", "title": "A"}, {"id": "a", "title": "B"}], {}, "identifier 'a'"),
        ([{"name": "A"}], {}, "the columns are name; name them title"),
        ([["A"]], {}, "number 1 is a list"),
        ("records.csv", {}, "a str; a data frame"),
        ({"title": ["A"], "year": []}, {}, "differ in length: title 1, year 0"),
        ({"title": "A"}, {}, "column 'title' is a single value"),
        ([ARTICLE], {"decided": [("1", "2", "same")]}, "no record '2'"),
        ([ARTICLE], {"decided": [("1", "1", "same")]}, "is one record"),
        ([ARTICLE] * 2, {"decided": [("1", "2", "equal")]}, "'equal' is no decision"),
    ],
)
def test_wrong_input_is_refused_in_words(records, options, message):
    with pytest.raises(InputError, match=message):
        find_duplicates(records, **options)


def test_nothing_is_found_in_nothing():
    found = review.find_duplicates([])
    assert (found.n, found.groups, found.links) == (0, (), ())
    assert str(found) == (
        "0 records: 0 duplicates, 0 pairs of reports of one study, 0 doubtful pairs"
    )


def test_records_without_title_and_doi_are_named():
    rows = [ARTICLE, {"title": "", "authors": "Lee A"}, {"title": "", "authors": "Lee A"}]
    found = find_duplicates(rows)
    assert found.groups == ()
    assert found.notes == ("2 records without title and DOI: compared by place alone",)
    assert found.to_dict()["records"] == 3


def test_ten_records_that_may_be_one_are_nine_questions():
    rows = [plain(ARTICLE["title"], id=f"r{i}") for i in range(10)]
    found = find_duplicates(rows)
    assert len(found.doubtful) == 9
    assert {i for link in found.doubtful for i in link[:2]} == {row["id"] for row in rows}
    first = found.doubtful[0]
    again = find_duplicates(rows, decided=[(*first[:2], "different", "Ann")])
    assert len(again.doubtful) == 9
    assert first[:2] not in {link[:2] for link in again.doubtful}
