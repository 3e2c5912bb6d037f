"""Checks a review folder with everything that a team should know before it goes on.

Beside the rows of each file, which `project.folder_check` reads, that is risk of bias with its
tools, and the arithmetic of the audit: what contradicts itself is a warning, since the paper may
say so itself.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, InputError
from review.project.folder_check import CheckReport, check_rows
from review.project.problems import Problem
from review.schema.cell_types import cell_text
from review.schema.folder_files import CERTAINTY, REPORTS, STUDIES
from review.stats.absolute.baseline_risks import kind_of
from review.workflow.audit.coded_claims import check_tables
from review.workflow.audit.facts import canonical
from review.workflow.coding.assessment_files import check_assessments
from review.workflow.coding.linked_studies import link_notes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from review.project import Review
    from review.workflow.audit.claim import Claim

_COMPARED: Final = (STUDIES, "results.csv")  # the tables whose numbers are compared
_SOURCE: Final = re.compile(r"(results\.csv|studies\.csv):([0-9]+)")
# arguments of a measure: those that count a part, and the whole that they are a part of
_PARTS: Final = (("ai", "n1i"), ("ci", "n2i"), ("xi", "ni"))
_PART: Final = r"(?:events|cases|deaths|responders|n_events|n_cases|n_deaths)"
_WHOLES: Final = ("n", "total", "n_total", "n_participants", "n_sample", "sample_size")


def check_folder(review: Review, *, this_year: int | None = None) -> CheckReport:
    """Return every problem of a review folder; what the arithmetic doubts is a warning.

    Args:
        review: the review.
        this_year: later years of publication than the next cannot be right; None for today's.

    Example:
        >>> from review.project import open_review
        >>> check_folder(open_review("wang2021")).ok
        True
    """
    report, rows = check_rows(review, this_year=this_year)
    told = {p.file for p in report.problems if p.level == "error"}
    if review.filter is None:  # a view that holds some studies reads them itself
        review = review.holding({n: rows[n] for n in _COMPARED if n in rows and n not in told})
    with contextlib.suppress(DataError):  # told already
        report.problems += _baselines(review)
    count, problems = check_assessments(review)
    report.problems += problems
    report.counts |= {"risk_of_bias.csv": count} if count else {}
    with contextlib.suppress(DataError, InputError):  # told already
        report.problems += [Problem(REPORTS, note, level="warning") for note in link_notes(review)]
    with contextlib.suppress(DataError):  # told already: numbers are compared once all can be read
        claims, _ = check_tables(review)
        report.problems += [_doubt(claim) for claim in claims if claim.failed] + _pairs(review)
    return report


def _baselines(review: Review) -> list[Problem]:
    """Return a problem for each baseline risk or prevalence that is none."""
    kept = {m.name.casefold(): m for m in review.settings.meta}
    found = []
    for outcome in review.certainty:
        meta = kept.get(outcome.name.casefold())
        if meta is None or not (meta.is_accuracy or kind_of(meta.measure_code or "") == "risk"):
            continue
        found += [
            Problem(
                CERTAINTY, "no risk between 0 and 1", column=f"outcome[{outcome.name}].baseline",
                value=f"{base.value:g}", allowed="a share of people, such as 0.05",
            )
            for base in outcome.baseline
            if not 0 < base.value < 1
        ]  # fmt: skip
    return found


def _doubt(claim: Claim) -> Problem:
    found = _SOURCE.search(claim.source)
    file, line = (found.group(1), int(found.group(2))) if found else (claim.source, None)
    message = f"doubtful ({claim.verdict}): {claim.claim}: {claim.computation}"
    message += f"; {claim.note}" if claim.note else ""
    return Problem(file, message, line=line, study_id=claim.study_id, level="warning")


def _pairs(review: Review) -> list[Problem]:
    """Return a warning for each count above its total, and limits that are not around a value."""
    names = [v.name for v in review.codebook.variable if v.is_numeric]
    parts, limits = _parts(review, names), _limits(review, names)
    if not parts and not limits:
        return []
    found = []
    studies = review.whole.studies
    for line, study in zip(review.lines(STUDIES, len(studies)), studies, strict=True):
        for low, high in [*parts, *limits]:
            a, b = study.value(low), study.value(high)
            if a is not None and b is not None and a > b:
                found.append(
                    Problem(
                        STUDIES, f"impossible: {low} is above {high}, {cell_text(b)}", line=line,
                        column=low, value=cell_text(a), study_id=study.study_id, level="warning",
                    )
                )  # fmt: skip
    return found


def _arguments(review: Review) -> Iterator[dict[str, str]]:
    """Yield the columns of each named meta-analysis: argument of the measure -> variable."""
    for meta in review.settings.meta:
        yield dict(meta.columns or {})


def _parts(review: Review, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the variables that count a part, each with the one that counts the whole."""
    found: dict[tuple[str, str], None] = {}
    for columns in _arguments(review):
        for part, whole in _PARTS:
            if {part, whole} <= columns.keys():
                found[columns[part], columns[whole]] = None
    for name in names:
        if stem := re.fullmatch(rf"{_PART}(|_.+)", name):
            wholes = [w + stem.group(1) for w in _WHOLES if w + stem.group(1) in names]
            found |= {(name, total): None for total in wholes[:1]}
    return [pair for pair in found if set(pair) <= set(names)]


def _limits(review: Review, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return pairs of variables of which the first is at most the second: lower limits first."""
    triples: list[tuple[Any, ...]] = [
        tuple(c.get(k) for k in ("ci_lb", "est", "ci_ub")) for c in _arguments(review)
    ]
    for name in names:
        stem = name.removesuffix("_ci_low")
        if stem != name and canonical(name) is None:  # those of metrics are audited already
            triples.append((name, stem, f"{stem}_ci_high"))
    found: dict[tuple[str, str], None] = {}
    for triple in triples:
        there = [n for n in triple if n in names]
        found |= dict.fromkeys(itertools.pairwise(there))
    return list(found)
