"""Fields of records, as real exports write them, become comparable."""

from __future__ import annotations

import pytest

from review.workflow.records.author_surnames import surnames
from review.workflow.records.duplicate_keys import doi_of, titles
from review.workflow.records.folded_text import folded, folded_spelling
from review.workflow.records.pair_evidence import same_journal
from review.workflow.records.publication_place import (
    is_meeting,
    issue_numbers,
    journal_source,
    journal_words,
    pages,
    volume_of,
)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("123-8", "123", "128"), ("123-128", "123", "128"), ("160--178", "160", "178"),
        ("376 -- 383", "376", "383"), ("1092-100", "1092", "1100"), ("pp. 12-19", "12", "19"),
        ("S69", "s69", "s69"), ("S31-S32", "s31", "s32"), ("S31-2", "s31", "s32"),
        ("72S-73S", "s72", "s73"), ("E126-E136", "e126", "e136"), ("e0192", "e192", "e192"),
        ("06-Oct", "6", "10"), ("Oct-06", "6", "10"), ("2016-06-10 00:00:00", "6", "10"),
        ("Nov-15", "11", "15"), ("iii-x", "iii", "x"), ("UNKNOWN", "", ""), ("n/a", "", ""),
        ("-", "", ""), ("", "", ""), ("299\u2013302", "299", "302"), ("35+", "35", "35"),
        ("CD001869", "cd1869", "cd1869"),
    ],
)  # fmt: skip
def test_pages(text, first, last):
    assert pages(text) == (first, last)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Boyle E. M. Jr.Yun W.", ("boyle", "yun")),
        ("Boyle Jr E. M.Yun W.", ("boyle", "yun")),
        ("LiS.WangC.KoikeK.", ("li", "wang", "koike")),
        ("SchipkeC.G.HeuserI.", ("schipke", "heuser")),
        ("O'Rourke B.Marban E.", ("orourke", "marban")),
        ("Lee, Allen S.", ("lee",)),
        ("Lee A, Wu B", ("lee", "wu")),
        ("Müller, J.; Góes, P.", ("muller", "gos")),
        ("Mueller J; Goes P", ("muller", "gos")),
        ("KÃ¶nig R.", ("konig",)),
        ("Ann Lee and Bo Wu", ("lee", "wu")),
        ("van Heck, Eric and Puig-Domingo, M.", ("vanheck", "puigdomingo")),
        ("Anonymous", ()),
        ("", ()),
    ],
)
def test_surnames(text, expected):
    assert surnames(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://doi.org/10.1000/ABC", "10.1000/abc"), ("doi:10.1000/abc.", "10.1000/abc"),
        ("10.1016/S0003-4975(99)00646-3", "10.1016/s0003-4975(99)00646-3"),
        ("(10.1000/abc)", "10.1000/abc"), ("nr. 10", ""), ("", ""),
    ],
)  # fmt: skip
def test_dois(text, expected):
    assert doi_of(text) == expected


def test_volumes_and_issues():
    assert [volume_of(t) for t in ("38 (Suppl", "1)", "2016-Octo", "", "Vol. 007")] == [
        "38", "", "2016", "", "7",
    ]  # fmt: skip
    assert issue_numbers("03-May") & issue_numbers("5") == {"5"}
    assert issue_numbers("DEC") == {"12"}
    assert issue_numbers("1 MeetingAbstracts") == issue_numbers("e0192222") == frozenset()
    assert [is_meeting(t) for t in ("SUPPL. 1", "14)", "12", "Nature Conference Series")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_journals():
    assert same_journal(journal_words("Clin Sci (Lond)"), journal_words("Clinical Science"))
    assert same_journal(journal_words("JAMA"), ("journal", "american", "medical", "association"))
    assert not same_journal(journal_words("Glia"), journal_words("Biological Psychiatry"))
    assert same_journal((), ("glia",)) is None
    assert journal_source("Diabetes. Conference: 70th Scientific Sessions") == ("Diabetes", "")


def test_titles():
    assert folded("O<sup>6</sup>&nbsp;of Î±-synuclein") == "o6 of alpha synuclein"
    assert folded_spelling(folded("Modelling tumour localization")) == folded_spelling(
        folded("modeling tumor localisation")
    )
    assert titles("[A study of hearts]. [German]") == ("a study of hearts", "")
    assert titles("WITHDRAWN: A study of hearts") == ("a study of hearts", "")
    assert titles("") == ("", "")
