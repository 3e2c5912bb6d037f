"""Meta-analyses of the numbers that studies.csv holds: one study per row, a variable per number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from review.errors import InputError
from review.formats.read_options import ReadOptions
from review.formats.reading import table_from_bytes
from review.workflow.pooling.accuracy_csv import accuracy_of_plain
from review.workflow.pooling.accuracy_input import CELLS
from review.workflow.pooling.csv_input import from_plain
from review.workflow.pooling.plain_table import plain_of
from review.workflow.pooling.pooled_rows import declared_categories, judgements, study_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.project import Review
    from review.schema import Study
    from review.workflow.pooling.accuracy_input import AccuracyInput
    from review.workflow.pooling.plain_table import PlainTable
    from review.workflow.pooling.pooled_rows import MetaInput

FILE = "studies.csv"


def from_studies(
    review: Review, *, measure: str | None = None, columns: Mapping[str, str] | None = None
) -> MetaInput:
    """Return the studies of a review with the numbers that a measure needs.

    Args:
        review: its studies, those of the filter where it has one.
        measure: code of the measure.
        columns: argument (`ai`, `m1i`, `est`, `xi`, ...) -> variable; without them the variables
            that are called as the arguments are, or as estimates usually are.

    Raises:
        UnknownNameError: there is no such variable or argument.
        InputError: there are no studies, or the variables do not make an effect.
        DataError: studies.csv has problems.
    """
    table, studies = _table(review)
    made = from_plain(
        table, stem=FILE, source=f"studies of {review.name}", measure=measure, columns=columns,
        labels="study_id",
    )  # fmt: skip
    return replace(
        made,
        title=f"{review.settings.title}: {made.measure or 'effects'}",
        labels=[study.label for study in studies],
        data=study_columns(review, studies),
        links=[s.link for s in studies],
        risk_of_bias=judgements(review, [s.study_id for s in studies]),
        categories=declared_categories(review),
    )


def accuracy_of_studies(
    review: Review, *, columns: Mapping[str, str] | None = None, by: str | None = None
) -> AccuracyInput:
    """Return the 2 x 2 tables that the studies of a review state.

    Args:
        review: its studies, those of the filter where it has one.
        columns: argument (`tp`, `sens`, `n_pos`, ...) -> variable; without them the variables that
            are called so.
        by: the variable that names the test of each study, for a comparison.

    Raises:
        UnknownNameError: there is no such variable or argument.
        InputError: there are no studies, or no variable can be used.
        DataError: studies.csv has problems.
    """
    table, studies = _table(review)
    made = accuracy_of_plain(
        table, title=f"{review.settings.title}: diagnostic accuracy",
        source=f"studies of {review.name}", columns=columns, labels="study_id", by=by,
    )  # fmt: skip
    return replace(
        made,
        labels=[study.label for study in studies],
        data=study_columns(review, studies),
        links=[s.link for s in studies],
    )


def states_tables(review: Review) -> bool:
    """Tell whether studies.csv is where 2 x 2 tables stand: no results.csv, and all four cells."""
    return not review.has("results.csv") and set(CELLS) <= set(review.codebook.names)


def _table(review: Review) -> tuple[PlainTable, list[Study]]:
    """Return the rows of studies.csv as they are written, and the study of each."""
    studies = {s.study_id: s for s in review.studies}
    if not studies:
        raise InputError(f"{FILE} of {review.name} has no studies yet")
    options = ReadOptions(delimiter=",", decimal=".", encoding="utf-8")
    sheet = table_from_bytes(review.file(FILE), FILE, options, totals_are_wrong=False)
    ids = sheet.texts("study_id")
    chosen = [i for i, ident in enumerate(ids) if ident in studies]
    return plain_of(sheet.keep(chosen)), [studies[ids[i]] for i in chosen]
