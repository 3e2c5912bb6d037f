"""When two records are one, two reports of one study, a doubtful pair, or different."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from review.workflow.records.pair_evidence import Evidence


class Verdict(StrEnum):
    """What a rule says of a pair.

    SAME: one record, twice. REPORT: two reports of one study, at two places. DOUBT: a person
    decides. DIFFERENT: not shown to be the same. CONTRADICTED: shown not to be the same.
    """

    SAME = "same"
    REPORT = "report"
    DOUBT = "doubt"
    DIFFERENT = "different"
    CONTRADICTED = "contradicted"


def judged(e: Evidence) -> tuple[Verdict, str]:
    """Return the verdict on a pair, and the reason in words.

    The place of publication (pages, volume, journal, year) decides; a DOI alone never does, since
    supplements share one and exports mistake it.
    """
    if e.markers:
        return Verdict.CONTRADICTED, "a reply, correction or the like is another record"
    if e.versions and e.title >= 75:
        return Verdict.REPORT, "two versions of one publication"
    near = e.years is None or e.years <= 1
    known = e.authors is None or e.authors >= 0.6
    place = _one_place(e, near=near)
    whole = place and e.span and e.last is True and e.volume is True and not e.years
    identified = e.doi is True or e.pmid is True
    if e.numbers == "letters" and not (whole and e.title >= 97):
        return Verdict.CONTRADICTED, "words with numbers in the titles differ"
    if e.numbers == "conflict":
        if identified and place and e.title >= 90:
            return Verdict.DOUBT, "one place, but the numbers in the titles differ"
        return Verdict.CONTRADICTED, "the numbers in the titles differ"
    if e.numbers == "added" and not (place or identified):
        if e.volume is True and e.first is not False and e.title >= 95:
            return Verdict.DOUBT, "one volume, but one title holds a number more"
        return Verdict.DIFFERENT, "one title holds a number that the other has not"
    if e.generic:
        return _generic(e, near=near, known=known, whole=whole)
    if place:
        return _at_one_place(e, known=known, whole=whole)
    if e.title < 90 and not (e.contained and e.title >= 60):
        if identified and e.title >= 70 and known and e.first is not False and not e.meeting:
            return Verdict.DOUBT, "one DOI, but the titles differ"
        if e.contained and e.volume and e.issue and e.journal and e.authors and known \
                and e.first is not False and e.doi is not False and not e.meeting:  # fmt: skip
            return Verdict.DOUBT, "one issue and authors; one title begins the other"
        return Verdict.DIFFERENT, "the titles differ"
    if not known:
        if identified and e.title >= 95 and e.first is not False and e.volume is not False:
            return Verdict.SAME, "one DOI and title"
        if identified:
            return Verdict.DOUBT, "one DOI and title, but other authors"
        return Verdict.DIFFERENT, "the authors differ"
    return _one_title(e, near=near, identified=identified)


def _one_place(e: Evidence, *, near: bool) -> bool:
    """Whether pages, volume and journal say that both stand at one place."""
    if e.first is not True or not near or e.volume is False:
        return False
    if e.issue is False and e.doi is not True and not _one_range(e):
        return False  # every issue may begin with page 1; versions may keep an article number
    if e.volume is True or e.doi is True:
        return True
    if e.restart:  # papers of a conference may each begin at page 1
        return False
    return e.journal is True or (e.journal is None and e.span and e.last is True and e.years == 0)


def _one_range(e: Evidence) -> bool:
    return e.span and e.last is True and e.doi is not False


def _generic(e: Evidence, *, near: bool, known: bool, whole: bool) -> tuple[Verdict, str]:
    if known and near and e.journal is not False and e.issue is not False and e.doi is not False:
        one_page = e.first is True and e.last is not False and e.volume is not False
        if whole or (e.title >= 90 and one_page):
            return Verdict.SAME, "one place"
        if e.title >= 90 and e.doi is True and e.first is not False:
            return Verdict.SAME, "one DOI and title"
    return Verdict.DIFFERENT, "a title that many records have, at no common place"


def _at_one_place(e: Evidence, *, known: bool, whole: bool) -> tuple[Verdict, str]:
    if e.doi is False and e.pmid is not True:
        if e.title >= 95 and known and (e.journal is True or e.last is not False):
            return Verdict.SAME, "one title and place"
        if e.title >= 85 and known and whole and e.journal is not False:
            return Verdict.SAME, "one place, titles much alike"
        return Verdict.DIFFERENT, "the DOIs differ"
    if e.title >= (90 if e.meeting else 75) or e.contained:
        if known:
            return Verdict.SAME, "one title and place"
        if e.title >= 90 and (e.doi is True or (e.span and e.last is True)):
            return Verdict.SAME, "one title and place; the authors are written in another way"
        return Verdict.DOUBT, "one title and place, but other authors"
    if whole and e.authors is not None and e.authors >= 0.9 and e.issue is not False \
            and e.journal is not False:  # fmt: skip
        return Verdict.SAME, "the same pages and authors: a title in two languages"
    if e.doi is True and not e.meeting:
        return Verdict.DOUBT, "one DOI and place, but the titles differ"
    return Verdict.DIFFERENT, "the titles differ"


def _one_title(e: Evidence, *, near: bool, identified: bool) -> tuple[Verdict, str]:
    """Titles and authors agree; what do the identifiers and the place say?"""
    other_place = Verdict.REPORT, "one title and authors at two places"
    if identified:
        if (e.first is False and (e.volume is False or e.journal is False)) or (
            e.first is None and e.volume is False and e.journal is False
        ):
            return Verdict.REPORT, "one DOI, but two places"
        if near or e.first is True or (e.years is not None and e.years <= 3):
            return Verdict.SAME, "one DOI and title"
        return Verdict.DOUBT, "one DOI and title, years apart"
    if e.doi is False or e.pmid is False:
        if e.first is True and near and e.issue is not False and e.volume is not False \
                and e.journal is not False:  # fmt: skip
            return Verdict.SAME, "one title and first page"
        return other_place
    if e.first is False:
        one_issue = e.volume is True and e.journal is not False and e.issue is not False
        if one_issue and (e.journal or e.issue) and e.authors is not None and e.title >= 95 \
                and e.years == 0 and not e.meeting:  # fmt: skip
            return Verdict.SAME, "one title in one issue; the pages differ"
        if e.volume is not False and e.journal is True and e.years == 0 and e.title >= 97 \
                and e.issue is not False:  # fmt: skip
            return Verdict.DOUBT, "one title in one journal, but other pages"
        return other_place
    if e.first is True:
        return _one_first_page(e, near=near) or other_place
    return _no_pages(e, near=near) or other_place


def _one_first_page(e: Evidence, *, near: bool) -> tuple[Verdict, str] | None:
    same = Verdict.SAME, "one title and first page"
    if not near:
        return None
    if e.issue is False and not _one_range(e):
        return None if e.volume is None else (
            Verdict.DOUBT, "one title and first page, but another issue"
        )  # fmt: skip
    if e.volume is not False and e.journal is not False:
        return same
    if e.title < 95 or e.years != 0:
        return None
    if e.journal is True and (e.last is True or not e.restart):
        return same  # one of the volumes is that of the supplement, or mistyped
    return same if e.span and e.last is True and e.volume is not False else None


def _no_pages(e: Evidence, *, near: bool) -> tuple[Verdict, str] | None:
    same = Verdict.SAME, "one title in one volume or journal"
    if not near:
        return None
    if e.volume is True:
        if e.issue is False:
            return Verdict.DOUBT, "one title in one volume, but another issue"
        return same if e.journal is not False or (e.issue and e.years == 0) else None
    if e.volume is False:
        alike = e.journal is True and e.years == 0 and e.title >= 97 and not e.meeting
        return same if alike else None
    if e.journal is True and e.issue is not False:
        # a meeting's abstract and an article; an article would have pages
        return same if e.meeting != 1 or (e.years == 0 and not e.placed) else None
    if e.journal is None and e.title >= 97 and e.authors is not None:
        alone = Verdict.DOUBT, "one title a year apart, and no journal to compare"
        return alone if e.years else same
    return (Verdict.DOUBT, "one title, and no place to compare") if e.journal is None else None
