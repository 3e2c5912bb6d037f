"""What goes into a meta-analysis: one effect per row. Here from the results of a review."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from review.errors import InputError, UnknownNameError
from review.schema.metrics import find_metric, metric_key, metric_label, spellings
from review.words import listed
from review.workflow.model_size import result_columns
from review.workflow.pooling.reported import holds_percent, reported_results
from review.workflow.pooling.result_cells import SHARES, cells_of, contradictions, measure_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from review.project import Review
    from review.schema import ReportedResult


@dataclass(frozen=True)
class MetaInput:
    """The rows of a meta-analysis before effects are computed.

    Attributes:
        measure: the code of the measure, or None when effects and variances are given.
        columns: the measure's arguments (or yi and vi): name -> one number per row, NaN missing.
        labels: one name per row.
        data: every other column, for moderators and subgroups: name -> one value per row.
        left_out: (label, reason) of rows that cannot be used.
        links: address of the source per row, or None.
        notes: remarks about the rows.
        outcome: the metric of a review's results, or "".
        names: argument -> column of the file that it was read from.
        shown: extra columns of the forest plot: title -> one value per row.
        risk_of_bias: columns of judgements in the forest plot: title -> one word per row.
        name: of the `[[meta]]` table that it was made from, or "".
        heading: of its section in the report, where that is not the outcome.
        favours: what stands left and right of no effect in the forest plot.
        categories: columns of `data` that are declared as names of categories, whatever they look
            like.
    """

    title: str
    source: str
    measure: str | None
    columns: dict[str, list[float]]
    labels: list[str]
    data: dict[str, list[Any]]
    left_out: list[tuple[str, str]] = field(default_factory=list)
    links: list[str | None] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    outcome: str = ""
    names: dict[str, str] = field(default_factory=dict)
    shown: dict[str, list[Any]] = field(default_factory=dict)
    risk_of_bias: dict[str, list[str | None]] = field(default_factory=dict)
    categories: frozenset[str] = frozenset()
    name: str = ""
    heading: str = ""
    favours: tuple[str, ...] = ()


def column_of(rows: MetaInput, name: str, purpose: str) -> list[Any]:
    """Return a column by name.

    Args:
        rows: the rows.
        name: of the column.
        purpose: for the message, such as "for subgroups".

    Raises:
        UnknownNameError: there is no such column.
    """
    if name not in rows.data:
        raise UnknownNameError("column", name, list(rows.data), where=purpose)
    return rows.data[name]


def beside_forest(
    rows: MetaInput, shown: Sequence[str] = (), risk_of_bias: Sequence[str] = ()
) -> MetaInput:
    """Return the rows with columns that the forest plot shows beside each study.

    Args:
        rows: the rows.
        shown: columns of text or numbers, one by one or joined by commas.
        risk_of_bias: columns with judgements, the same way.

    Raises:
        UnknownNameError: there is no such column.
    """
    texts = _split(shown)
    words = _split(risk_of_bias)
    return replace(
        rows,
        shown=rows.shown | {n: column_of(rows, n, "to show") for n in texts},
        risk_of_bias=rows.risk_of_bias
        | {n: column_of(rows, n, "with the risk of bias") for n in words},
    )


def _split(names: Sequence[str]) -> list[str]:
    return [part.strip() for name in names for part in name.split(",") if part.strip()]


def from_review(
    review: Review, outcome: str, *, measure: str | None = None, role: str | None = "headline"
) -> MetaInput:
    """Return the results of a review that report `outcome`, with what their measure needs.

    Args:
        review: its `results.csv` is used; without one, what `studies.csv` states.
        outcome: a metric of the results, such as `auc`; any of its spellings means all of them.
        measure: `LOGITAUC` or `AUC` for areas; `ACC`, `SENS` or `SPEC` for the metric of that
            name; a proportion measure (`PLO`, `PFT`, ...) for shares of cases. By default the one
            of the table of metrics (`review.schema.metrics`) or of the metric's name (hazard_ratio,
            odds_ratio, mean_difference, ...: on the measure's scale), and for other metrics the
            values with their standard errors or intervals.
        role: only results with this role; None for all.

    Raises:
        UnknownNameError: no result reports the outcome; no such measure.
        InputError: the measure is not about this outcome, or no result has what it needs.
    """
    outcome, wanted = _of_outcome(review, outcome, role)
    code = measure_of(outcome, measure)
    rows, left_out = [], []
    percent = {
        name
        for name in dict.fromkeys(r.metric or "" for r in wanted)
        if find_metric(name) is not None and holds_percent(review, name)
    }
    for stated in wanted:
        result = _as_share(stated) if (stated.metric or "") in percent else stated
        cells = cells_of(result, outcome, code)
        if isinstance(cells, str):
            left_out.append((result.study_id, cells))
        else:
            rows.append((result, cells))
    if not rows:
        raise InputError(
            f"none of the {len(wanted)} results on {outcome} of {review.name} has what "
            f"{code or 'pooling'} needs: {left_out[0][1]}"
        )
    studies = {s.study_id: s for s in review.studies}
    kept = [studies[result.study_id] for result, _ in rows]
    names = dict.fromkeys(name for _, cells in rows for name in cells)
    columns = {n: [cells.get(n, float("nan")) for _, cells in rows] for n in names}
    return MetaInput(
        title=f"{review.settings.title}: {outcome}",
        source=f"results of {review.name}",
        measure=code,
        columns=columns,
        labels=_distinct([s.label for s in kept], [r for r, _ in rows]),
        data=_study_data(review, kept, [r for r, _ in rows]),
        left_out=left_out,
        links=[s.link for s in kept],
        notes=[
            *_names_notes(review, [r for r, _ in rows]),
            *_notes(code, rows),
            *contradictions(outcome, [r for r, _ in rows]),
        ],
        outcome=outcome,
        risk_of_bias=judgements(review, [s.study_id for s in kept]),
        categories=declared_categories(review),
    )


def declared_categories(review: Review) -> frozenset[str]:
    """Return the variables that are no numbers by the codebook, whatever they look like."""
    return frozenset(v.name for v in review.codebook.variable if not v.is_numeric)


def _of_outcome(review: Review, outcome: str, role: str | None) -> tuple[str, list[ReportedResult]]:
    """Return the outcome as the results call it, and those that report it in any spelling."""
    results = reported_results(review)
    metrics = spellings(r.metric for r in results if r.metric)
    key = metric_key(outcome)
    name = next((shown for shown in metrics if metric_key(shown) == key), None)
    if name is None:
        raise UnknownNameError(
            "outcome", outcome, sorted(metrics), where=f"in the results of {review.name}"
        )
    here = [r for r in results if r.metric in metrics[name]]
    found = [r for r in here if role in {None, r.role}]
    if not found:
        roles = sorted({r.role for r in here if r.role})
        raise UnknownNameError("role", str(role), roles, where=f"among the results on {outcome}")
    return name, found


def _as_share(result: ReportedResult) -> ReportedResult:
    """Return a result that the codebook says is coded in per cent as proportions."""
    names = ("value", "ci_low", "ci_high", "se")
    stated = {n: v for n in names if (v := getattr(result, n)) is not None}
    return result.model_copy(update={n: v.scaleb(-2) for n, v in stated.items()})


def judgements(review: Review, ids: list[str]) -> dict[str, list[str | None]]:
    """Return the judgements of the studies that were assessed, for the forest plot."""
    from review.workflow.coding.assessment_files import load_assessments

    assessments = load_assessments(review)
    return assessments.forest_columns(ids) if assessments else {}


def _study_data(
    review: Review, studies: Sequence[Any], results: Sequence[ReportedResult]
) -> dict[str, list[Any]]:
    data = study_columns(review, studies)
    for name in ("model", "n_test", "test_unit", "n_pos", "n_neg"):
        numeric = name.startswith("n_")
        data.setdefault(name, _data(map(attrgetter(name), results), numeric=numeric))
    # size and depth of the network, where a result or its study names one
    return result_columns(review, studies, results) | data


def study_columns(review: Review, studies: Sequence[Any]) -> dict[str, list[Any]]:
    """Return the coded variables of studies: numbers as float, NaN where missing; else text."""
    data: dict[str, list[Any]] = {}
    for name in review.columns:
        coded = name in review.codebook
        numeric = review.codebook[name].is_numeric if coded else name == "year"
        data[name] = _data(map(attrgetter(name), studies), numeric=numeric)
    return data


def _data(values: Iterable[Any], *, numeric: bool) -> list[Any]:
    if numeric:
        return [math.nan if v is None else float(v) for v in values]
    return [";".join(v) if isinstance(v, tuple) else v for v in values]


def _distinct(labels: list[str], results: Sequence[ReportedResult]) -> list[str]:
    """Return the names of studies, with the model where a study has several results."""
    of_study = Counter(r.study_id for r in results)
    return [
        f"{label} {result.model}" if of_study[result.study_id] > 1 and result.model else label
        for label, result in zip(labels, results, strict=True)
    ]


def _names_notes(review: Review, results: Sequence[ReportedResult]) -> list[str]:
    """Say which spellings went together, and which were coded in per cent."""
    names = list(dict.fromkeys(r.metric for r in results if r.metric))
    notes = []
    if len(names) > 1:
        label = metric_label(names[0])
        notes.append(f"{listed(names)} all mean {label} and are analysed together")
    scaled = [n for n in names if find_metric(n) and holds_percent(review, n)]
    if scaled:
        notes.append(f"{listed(scaled)}: coded in per cent, divided by 100")
    return notes


def _notes(code: str | None, rows: Sequence[tuple[ReportedResult, dict[str, float]]]) -> list[str]:
    notes = []
    if code in SHARES and any("xi" in cells for _, cells in rows):
        notes.append("counts are the values reported times the numbers of cases, rounded")
    if code is None:
        notes.append(
            "values are pooled as they are; standard errors that are not stated come from the "
            "width of the interval"
        )
    from review.stats.pooling.meta_analysis import repeated_labels

    return notes + repeated_labels(tuple(result.study_id for result, _ in rows))
