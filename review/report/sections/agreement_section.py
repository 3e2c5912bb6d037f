"""How far the coders agree, variable by variable, and where they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.report.blocks import Bullets, Group, Section, empty, text
from review.report.blocks import Estimate as Tracked
from review.report.results import Lacking
from review.report.table_cells import table_of
from review.words import count, estimate, listed, plural, sentence
from review.workflow.agreement.agreement_report import TITLES

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results
    from review.stats.agreement.category_agreement import Estimate
    from review.workflow.agreement.agreement_report import AgreementReport, VariableAgreement

TITLE: Final = "Coder agreement"
REFERENCES: Final = {
    "kappa": "cohen1960", "kappa_cells": "cohen1960", "kappa_linear": "cohen1968",
    "kappa_quadratic": "cohen1968", "ac1": "gwet2008", "ac2": "gwet2008",
    "alpha": "krippendorff2011", "fleiss": "fleiss1971", "icc": "mcgraw1996",
}  # fmt: skip
# headings of the table; the methods section has the full names
SHORT: Final = {
    "percent": "Agreement", "percent_cells": "Agreement of cells", "kappa": "Cohen's kappa",
    "kappa_cells": "Kappa of cells", "kappa_linear": "Kappa, linear weights",
    "kappa_quadratic": "Kappa, quadratic weights", "ac1": "Gwet's AC1", "ac2": "Gwet's AC2",
    "alpha": "Krippendorff's alpha", "fleiss": "Fleiss' kappa", "icc": "ICC(A,1)",
    "jaccard": "Overlap of sets", "kappa_missing": "Kappa, stated or not",
    "percent_missing": "Agreement, stated or not",
}  # fmt: skip
DIGITS: Final = 2


def build(results: Results) -> Section:
    """Return the section."""
    report = results.agreement
    if isinstance(report, Lacking):
        return empty("agreement", TITLE, "No two people coded the same studies.", report.reason)
    used = _used(report)
    blocks: list[Block] = [
        text(
            f"{len(report.coders)} coders ({listed(report.coders)}) coded "
            f"{plural(report.n_studies, 'study')} independently of each other. Each row is a "
            "variable of the coding form; brackets hold confidence intervals. Agreement is "
            "among studies where both state a value; 'of cells' counts an empty cell as a value "
            "too."
        ),
        table_of(
            [_row(v, used) for v in report.variables],
            caption="Agreement by variable", name="agreement",
        ),
    ]  # fmt: skip
    limits = [row for v in report.variables for row in _limits(v)]
    if limits:
        table = table_of(limits, caption="Limits of agreement of numbers", name="limits")
        blocks.append(Group("agreement-numbers", "Numbers (Bland and Altman)", (table,)))
    if report.disagreements:
        open_ = sum(not d.settled for d in report.disagreements)
        said = (
            f"{plural(len(report.disagreements), 'cell')} "
            f"{'differs' if len(report.disagreements) == 1 else 'differ'}; {count(open_)} of them "
            f"{'is' if open_ == 1 else 'are'} not settled yet."
        )
        table = table_of(
            report.disagreement_rows(), caption="Disagreements and how they were settled",
            name="disagreements", folded=True,
        )  # fmt: skip
        blocks.append(Group("disagreements", "Disagreements", (text(said), table)))
    blocks.append(Bullets(tuple((sentence(note),) for note in report.notes)))
    return Section(
        "agreement", TITLE, tuple(blocks),
        methods=_methods(report),
        references=tuple(dict.fromkeys(
            [REFERENCES[m] for m in used if m in REFERENCES] + ["bland1986"] * bool(limits)
        )),
        estimates=tuple(_tracked(report)),
    )  # fmt: skip


def _used(report: AgreementReport) -> list[str]:
    """The coefficients that any variable has, in the order of `TITLES`."""
    return [m for m in TITLES if any(m in v.measures for v in report.variables)]


def _row(variable: VariableAgreement, used: list[str]) -> dict[str, Any]:
    return {
        "variable": variable.label,
        "scale": variable.scale,
        "both state": variable.n_stated,
        "one states": variable.n_one,
        "none states": variable.n_empty,
        **{SHORT.get(m, TITLES[m]): _value(variable.measures.get(m)) for m in used},
    }


def _value(found: Estimate | None) -> str:
    if found is None:
        return ""
    if found.value is None:
        return "not defined"
    # the interval stays on one line
    return estimate(found.value, found.low, found.high, DIGITS).replace(", ", ",\u00a0")


def _limits(variable: VariableAgreement) -> list[dict[str, Any]]:
    return [
        {
            "variable": variable.label,
            "coders": pair,
            "pairs": found.n,
            "equal": found.n_equal,
            "mean difference": _with_interval(found.bias, found.bias_low, found.bias_high),
            "SD of differences": found.sd,
            "lower limit": _with_interval(found.low, *(found.low_ci or (None, None))),
            "upper limit": _with_interval(found.high, *(found.high_ci or (None, None))),
            "remark": found.note,
        }
        for pair, found in variable.bland_altman.items()
    ]


def _with_interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return ""
    return estimate(value, low, high)


def _methods(report: AgreementReport) -> tuple[str, ...]:
    said = dict.fromkeys(
        f"{TITLES[name]}: {found.method}"
        for variable in report.variables
        for name, found in variable.measures.items()
        if found.method
    )
    return (f"Agreement of the coders: {'; '.join(said)}.", *map(sentence, report.notes))


def _tracked(report: AgreementReport) -> list[Tracked]:
    main = ("kappa_cells", "icc", "percent_cells")
    found = []
    for variable in report.variables:
        name = next((m for m in main if m in variable.measures), None)
        if name:
            e = variable.measures[name]
            label = f"{TITLES[name]}: {variable.label}"
            found.append(
                Tracked(f"agreement.{variable.name}.{name}", label, e.value, e.low, e.high, e.n)
            )
    return found
