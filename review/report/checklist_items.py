"""The items of PRISMA 2020 in few own words, and what in a report meets each.

Source: Page et al. 2021, BMJ 372:n71, table 1 (numbers and topics of the items).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.workflow.searches import searches

if TYPE_CHECKING:
    from review.project import Review
    from review.report.blocks import Section

Sections = Mapping[str, "Section"]
Test = Callable[["Review"], bool]


@dataclass(frozen=True)
class Item:
    """An item of the checklist.

    Attributes:
        number: such as `13a`.
        label: what has to be reported.
        places: sections that meet it when they have data.
        needs: further condition on the review.
        partly: what the places leave open, in words; the item then counts as partly met.
        whole: when this holds, they leave nothing open.
        missing: what would meet it, when nothing does.
    """

    number: str
    part: str
    label: str
    places: tuple[str, ...] = ()
    needs: Test | None = None
    partly: str = ""
    missing: str = ""
    whole: Test | None = None


def _stated(name: str) -> Test:
    return lambda review: bool(getattr(review.settings, name))


def _discussed(name: str) -> Test:
    return lambda review: bool(getattr(review.settings.discussion, name))


def _screened(review: Review) -> bool:
    return (review.path / "decisions.csv").exists()


ITEMS: Final = (
    Item("1", "Title", "Named as a systematic review", ("protocol",)),
    Item("2", "Abstract", "Structured abstract", ("summary", "protocol"), whole=_stated("abstract"),
         partly="the first page; no structured abstract", missing="abstract in review.toml"),
    Item("3", "Introduction", "Why the review was made", ("protocol",),
         lambda r: bool(r.settings.background or r.settings.summary), whole=_stated("background"),
         partly="the summary of the review; no account of what was known before",
         missing="background in review.toml"),
    Item("4", "Introduction", "Questions or aims", ("protocol",), _stated("question"),
         missing="question in review.toml"),
    Item("5", "Methods", "Eligibility criteria and groups for syntheses", ("protocol",),
         lambda r: bool(r.settings.protocol.eligibility),
         missing="protocol.eligibility in review.toml"),
    Item("6", "Methods", "Sources searched, with dates", ("search",),
         lambda r: any(s.date for s in searches(r)),
         missing="dates in searches.csv or in the [[search]] blocks of review.toml"),
    Item("7", "Methods", "Full search strategies", ("search",),
         lambda r: all(s.query for s in searches(r)),
         missing="queries in searches.csv or in the [[search]] blocks of review.toml"),
    Item("8", "Methods", "How studies were selected, and by whom", ("flow",), _screened,
         missing="decisions.csv"),
    Item("9", "Methods", "How data were collected, and by whom", ("agreement", "methods"),
         lambda r: bool(r.coders) or bool(r.codebook.names),
         missing="codings/NAME.csv and codebook.toml"),
    Item("10a", "Methods", "Outcomes sought", ("methods",),
         lambda r: bool(r.settings.roles.metrics or r.settings.meta),
         missing="roles.metrics or [[meta]] in review.toml"),
    Item("10b", "Methods", "Other variables sought", ("methods",),
         lambda r: bool(r.codebook.names), missing="codebook.toml"),
    Item("11", "Methods", "Tool for risk of bias", ("risk_of_bias",),
         missing="risk_of_bias.csv"),
    Item("12", "Methods", "Effect measures", ("meta", "correlations")),
    Item("13a", "Methods", "Which studies entered which synthesis", ("meta", "figures")),
    Item("13b", "Methods", "How data were prepared", ("methods", "missing")),
    Item("13c", "Methods", "How results are tabulated and drawn", ("figures", "studies")),
    Item("13d", "Methods", "How results were combined", ("meta",)),
    Item("13e", "Methods", "How heterogeneity was explored", ("meta", "correlations")),
    Item("13f", "Methods", "Sensitivity analyses", ("meta",)),
    Item("14", "Methods", "How bias from missing results was judged", ("meta",),
         partly="funnel plot and regression test, where there are enough studies"),
    Item("15", "Methods", "How certainty was judged", ("certainty",),
         missing="certainty.toml"),
    Item("16a", "Results", "Selection of studies, as a flow diagram", ("flow",)),
    Item("16b", "Results", "Excluded studies, with reasons", ("flow",),
         lambda r: bool(r.excluded), missing="excluded.csv"),
    Item("17", "Results", "Characteristics and source of each study", ("studies",)),
    Item("18", "Results", "Risk of bias of each study", ("risk_of_bias",),
         missing="risk_of_bias.csv"),
    Item("19", "Results", "Results of each study", ("meta", "studies")),
    Item("20a", "Results", "Studies behind each synthesis and their bias", ("meta",),
         partly="the studies; their risk of bias where it was assessed"),
    Item("20b", "Results", "Results of each synthesis", ("meta", "correlations")),
    Item("20c", "Results", "Causes of heterogeneity", ("meta", "correlations")),
    Item("20d", "Results", "Results of sensitivity analyses", ("meta",)),
    Item("21", "Results", "Bias from missing results", ("meta",),
         partly="funnel plot and regression test, where there are enough studies"),
    Item("22", "Results", "Certainty of the evidence", ("certainty",),
         missing="certainty.toml"),
    Item("23a", "Discussion", "Meaning beside other evidence", ("discussion",),
         _discussed("interpretation"), missing="discussion.interpretation in review.toml"),
    Item("23b", "Discussion", "Limits of the evidence", ("discussion", "missing", "audit"),
         whole=_discussed("limits_of_evidence"),
         partly="missing data and the audit; no discussion",
         missing="discussion.limits_of_evidence in review.toml"),
    Item("23c", "Discussion", "Limits of the review process", ("discussion", "agreement"),
         whole=_discussed("limits_of_process"), partly="agreement of the coders; no discussion",
         missing="discussion.limits_of_process in review.toml"),
    Item("23d", "Discussion", "Meaning for practice, policy and research", ("discussion",),
         _discussed("implications"), missing="discussion.implications in review.toml"),
    Item("24a", "Other", "Registration", ("protocol",),
         lambda r: bool(r.settings.protocol.registration),
         missing="protocol.registration in review.toml"),
    Item("24b", "Other", "Where the protocol can be read", ("protocol",),
         lambda r: bool(r.settings.protocol.link), missing="protocol.link in review.toml"),
    Item("24c", "Other", "Changes to the protocol", ("protocol",),
         lambda r: bool(r.settings.protocol.amendments),
         missing="protocol.amendments in review.toml (or one that says there were none)"),
    Item("25", "Other", "Funding and the role of funders", ("declarations",), _stated("funding"),
         missing="funding in review.toml"),
    Item("26", "Other", "Competing interests", ("declarations",), _stated("interests"),
         missing="interests in review.toml"),
    Item("27", "Other", "Data, code and forms", ("declarations", "provenance", "studies")),
)  # fmt: skip
