"""The checklists that go with PRISMA 2020 where a review calls for them, in few own words.

Sources of numbers and topics: PRISMA-DTA McInnes et al. 2018, JAMA 319:388, table 1; PRISMA-NMA
Hutton et al. 2015, Ann Intern Med 162:777, table 1; PRISMA-S Rethlefsen et al. 2021, Syst Rev
10:39, table 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.report.checklist_items import ITEMS, Item
from review.report.literature import Reference
from review.schema.folder_files import DUPLICATES
from review.workflow.searches import searches

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.project import Review

_OF_2020: Final = {item.number: item for item in ITEMS}


def _like(number: str, own: str, part: str = "", label: str = "", *more: str) -> Item:
    """Return an item that is met as one of PRISMA 2020 is; `more` are further sections."""
    found = _OF_2020[own]
    return Item(
        number, part or found.part, label or found.label, (*more, *found.places), found.needs,
        found.partly, found.missing, found.whole,
    )  # fmt: skip


def _kinds(*wanted: str) -> Callable[[Review], bool]:
    return lambda review: any(s.kind in wanted for s in searches(review))


def _deduplicated(review: Review) -> bool:
    return review.has(DUPLICATES)


DTA: Final = (
    Item("1", "Title", "Named as a review of diagnostic accuracy", ("protocol",)),
    _like("2", "2"),
    _like("3", "3"),
    Item("D1", "Introduction", "Part of the index test in care, and what is acceptable",
         ("protocol",), lambda r: bool(r.settings.background), missing="background in review.toml",
         partly="the background of the review; whether it says so is for its authors"),
    _like("4", "4", "", "Questions: participants, index test, target condition"),
    _like("5", "24a", "Methods", "Protocol and registration"),
    _like("6", "5"),
    _like("7", "6"),
    _like("8", "7"),
    _like("9", "8"),
    _like("10", "9"),
    _like("11", "10b", "", "Definitions: target condition, index tests, reference standards"),
    _like("12", "11", "", "Tool for risk of bias and applicability"),
    Item("13", "Methods", "Measures of accuracy and unit of assessment", ("accuracy",)),
    Item("14", "Methods", "How data were handled: tables, thresholds, several tests",
         ("accuracy", "methods")),
    Item("D2", "Methods", "Statistical model of the meta-analysis", ("accuracy",)),
    Item("16", "Methods", "Further analyses", ("accuracy",),
         partly="threshold effect and Deeks' test, where there are enough studies"),
    _like("17", "16a"),
    _like("18", "17"),
    _like("19", "18", "", "Risk of bias and applicability of each study"),
    Item("20", "Results", "Table of counts and accuracy of each study", ("accuracy",)),
    Item("21", "Results", "Pooled accuracy with its uncertainty", ("accuracy", "certainty")),
    Item("23", "Results", "Results of further analyses", ("accuracy",),
         partly="threshold effect and Deeks' test, where there are enough studies"),
    _like("24", "23a", "", "Main findings and strength of the evidence", "certainty"),
    _like("25", "23b"),
    _like("26", "23d"),
    _like("27", "25"),
)  # fmt: skip

NMA: Final = (
    Item("1", "Title", "Named as a review with a network meta-analysis", ("protocol",)),
    _like("2", "2"),
    _like("3", "3"),
    _like("4", "4"),
    _like("5", "24a", "Methods", "Protocol and registration"),
    _like("6", "5", "", "Eligibility criteria, and which treatments form the network"),
    _like("7", "6"),
    _like("8", "7"),
    _like("9", "8"),
    _like("10", "9"),
    _like("11", "10b"),
    Item("S1", "Methods", "How the shape of the network was explored", ("networks",)),
    _like("12", "11"),
    Item("13", "Methods", "Effect measures, and how treatments are ranked", ("networks",)),
    Item("14", "Methods", "How results were combined: arms, model, heterogeneity", ("networks",)),
    Item("S2", "Methods", "How direct and indirect evidence were compared", ("networks",)),
    _like("15", "14", "", "", "networks"),
    _like("16", "13f", "", "Further analyses", "networks"),
    _like("17", "16a"),
    Item("S3", "Results", "Picture of the network", ("networks",)),
    Item("S4", "Results", "The shape of the network in words", ("networks",)),
    _like("18", "17"),
    _like("19", "18"),
    Item("20", "Results", "Results of each study", ("networks", "studies")),
    Item("21", "Results", "Results of each comparison, with uncertainty", ("networks",)),
    Item("S5", "Results", "Results on inconsistency", ("networks",)),
    _like("22", "21", "", "", "networks"),
    _like("23", "20d", "", "Results of further analyses", "networks"),
    _like("24", "23a"),
    _like("25", "23b"),
    _like("26", "23d"),
    _like("27", "25"),
)

SEARCHING: Final = (
    Item("1", "Sources", "Each database, with its platform", ("search",), _kinds("database"),
         missing="rows of the kind database in searches.csv"),
    Item("2", "Sources", "Databases searched together on one platform"),
    Item("3", "Sources", "Study registers", ("search",), _kinds("register"),
         missing="rows of the kind register in searches.csv"),
    Item("4", "Sources", "Websites and other sources that were browsed", ("search",),
         _kinds("website", "organisation"), missing="rows of the kind website in searches.csv"),
    Item("5", "Sources", "References and citing papers looked through", ("search",),
         _kinds("citation"), missing="rows of the kind citation in searches.csv"),
    Item("6", "Sources", "Authors, experts and makers asked"),
    Item("7", "Sources", "Any other way of searching", ("search",), _kinds("other"),
         missing="rows of the kind other in searches.csv"),
    Item("8", "Strategies", "Every search as it was run", ("search",),
         lambda r: bool(searches(r)) and all(s.query for s in searches(r)),
         missing="the query of each search in searches.csv"),
    Item("9", "Strategies", "Limits, and why"),
    Item("10", "Strategies", "Published filters that were used"),
    Item("11", "Strategies", "Searches of other reviews that were used again"),
    Item("12", "Strategies", "How searches were brought up to date"),
    Item("13", "Strategies", "Date of the last search of each source", ("search",),
         lambda r: bool(searches(r)) and all(s.date for s in searches(r)),
         missing="the date of each search in searches.csv"),
    Item("14", "Peer review", "Who else looked at the searches"),
    Item("15", "Managing records", "Records found by each source", ("search", "flow"),
         lambda r: bool(searches(r)) and all(s.records is not None for s in searches(r)),
         missing="the records of each search in searches.csv"),
    Item("16", "Managing records", "How repeated records were taken out", ("flow",),
         _deduplicated, missing="duplicates.csv (review dedupe)"),
)  # fmt: skip


def _has_model(name: str) -> Callable[[Review], bool]:
    return lambda review: any(m.model == name for m in review.settings.meta)


@dataclass(frozen=True)
class Checklist:
    """A checklist.

    Attributes:
        key: as `--kind` takes it. title: as it is called.
        items: in its order.
        applies: whether a review calls for it.
        reference: where it comes from: a key of `review.report.literature`, or the publication.
    """

    key: str
    title: str
    items: tuple[Item, ...]
    applies: Callable[[Review], bool]
    reference: str | Reference


CHECKLISTS: Final = (
    Checklist("2020", "PRISMA 2020", ITEMS, lambda _: True, "page2021"),
    Checklist(
        "dta", "PRISMA-DTA", DTA, _has_model("dta"),
        Reference(
            "McInnes MDF, Moher D, Thombs BD, et al. Preferred reporting items for a systematic "
            "review and meta-analysis of diagnostic test accuracy studies: the PRISMA-DTA "
            "statement. JAMA 2018;319:388-396.", "10.1001/jama.2017.19163",
        ),
    ),
    Checklist(
        "nma", "PRISMA-NMA", NMA, _has_model("nma"),
        Reference(
            "Hutton B, Salanti G, Caldwell DM, et al. The PRISMA extension statement for reporting "
            "of systematic reviews incorporating network meta-analyses of health care "
            "interventions. Annals of Internal Medicine 2015;162:777-784.", "10.7326/M14-2385",
        ),
    ),
    Checklist(
        "s", "PRISMA-S", SEARCHING, lambda review: bool(searches(review)),
        Reference(
            "Rethlefsen ML, Kirtley S, Waffenschmidt S, et al. PRISMA-S: an extension to the "
            "PRISMA statement for reporting literature searches in systematic reviews. Systematic "
            "Reviews 2021;10:39.", "10.1186/s13643-020-01542-z",
        ),
    ),
)  # fmt: skip


def chosen_checklists(review: Review, kind: str | None = None) -> tuple[Checklist, ...]:
    """Return the checklists that a review calls for, or the one that is named.

    Raises:
        UnknownNameError: there is no such checklist.

    Example:
        >>> from review.project import open_review
        >>> [c.title for c in chosen_checklists(open_review("kim2022"))]
        ['PRISMA 2020', 'PRISMA-S']
    """
    from review.errors import UnknownNameError

    if kind is None:
        return tuple(c for c in CHECKLISTS if c.applies(review))
    word = kind.casefold().removeprefix("prisma").strip(" -_")
    found = tuple(c for c in CHECKLISTS if c.key == word)
    if not found:
        raise UnknownNameError("checklist", kind, [c.key for c in CHECKLISTS])
    return found
