"""What goes into a meta-analysis of diagnostic accuracy: a 2 x 2 table per row.

From a CSV file, or from the results of a review, where the rows of one study and model are put
together: `tp`, `fp`, `fn`, `tn` where a row states them, else sensitivity and specificity with the
sizes of the groups.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, StatsError
from review.stats.accuracy.printed_accuracy import MEASURES, SHARES, SIZES, rebuild, share
from review.workflow.pooling.reported import reported_results

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.schema import ReportedResult
    from review.stats.consistency.rounding_ranges import Printed

CELLS: Final = ("tp", "fn", "fp", "tn")
# metric of a review's results -> argument
METRICS: Final = {
    "sensitivity": "sens", "recall": "sens", "specificity": "spec", "ppv": "ppv",
    "precision": "ppv", "npv": "npv", "accuracy": "accuracy",
}  # fmt: skip


@dataclass(frozen=True)
class AccuracyInput:
    """The rows of an accuracy meta-analysis.

    Attributes:
        title: of figures and tables. source: file or review.
        columns: argument of `review.diagnostic_meta` -> one value per row, as printed or None.
        labels: one name per row.
        data: every other column, for moderators: name -> one value per row.
        study: the study of each row, or None when each row is a study of its own.
        test: the test of each row, or None.
        left_out: (label, reason) of rows that cannot be used.
        links: address of the source per row, or None.
        notes: remarks about the rows.
        name: of the `[[meta]]` table that it was made from, or "".
        heading: of its part of the report, or "".
    """

    title: str
    source: str
    columns: dict[str, list[Any]]
    labels: list[str]
    data: dict[str, list[Any]]
    study: list[str] | None = None
    test: list[str] | None = None
    left_out: list[tuple[str, str]] = field(default_factory=list)
    links: list[str | None] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    name: str = ""
    heading: str = ""


def from_review_results(
    review: Review, *, role: str | None = "headline", by: str | None = None
) -> AccuracyInput:
    """Return the 2 x 2 tables of a review's results.

    Args:
        review: its `results.csv` is used; without one, what `studies.csv` states.
        role: only results with this role; None for all.
        by: the column that names the test of each row, for a comparison: `model`, or one of the
            studies' columns.

    Raises:
        InputError: no study states a table; the message says what is missing.
    """
    groups: dict[tuple[str, str], list[ReportedResult]] = {}
    for result in reported_results(review):
        if role in {None, result.role} and _tells(result):
            groups.setdefault((result.study_id, result.model or ""), []).append(result)
    if not groups:
        raise InputError(
            f"the results of {review.name} state no tp, fp, fn and tn, and no sensitivity or "
            "specificity with n_pos and n_neg"
        )
    studies = {s.study_id: s for s in review.studies}
    rows, left_out, doubts = [], [], []
    for (study_id, model), results in groups.items():
        label = _label(studies[study_id].label, model, study_id, groups)
        cells, why = _table(results)
        if why:
            left_out.append((label, why))
            continue
        doubts += [f"{label}: {d}" for d in [cells.pop("doubt", "")] if d]
        rows.append((label, study_id, model, cells))
    if not rows:
        raise InputError(
            f"none of the {len(groups)} results on accuracy of {review.name} makes a 2 x 2 table: "
            f"{left_out[0][0]}: {left_out[0][1]}"
        )
    ids = [study_id for _, study_id, _, _ in rows]
    names = dict.fromkeys(n for *_, cells in rows for n in cells)
    kept = [studies[i] for i in ids]
    data: dict[str, list[Any]] = {
        name: [_plain(s.value(name)) for s in kept] for name in review.columns
    }
    data["model"] = [model or None for _, _, model, _ in rows]
    return AccuracyInput(
        title=f"{review.settings.title}: diagnostic accuracy",
        source=f"results of {review.name}",
        columns={n: [cells.get(n) for *_, cells in rows] for n in names},
        labels=[label for label, *_ in rows],
        data=data,
        study=ids if len(set(ids)) < len(ids) else None,
        test=None if by is None else _tests(data, by),
        left_out=left_out,
        links=[s.link for s in kept],
        notes=_notes(rows, doubts),
    )


def _tells(result: ReportedResult) -> bool:
    counts = all(getattr(result, c) is not None for c in CELLS)
    return counts or METRICS.get(result.metric or "") in {"sens", "spec"}


def _label(name: str, model: str, study_id: str, groups: Any) -> str:
    several = sum(i == study_id for i, _ in groups) > 1
    return f"{name} {model}".strip() if several else name


def _plain(value: Any) -> Any:
    from decimal import Decimal

    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return float(value)
    return ";".join(map(str, value)) if isinstance(value, tuple) else value


def _tests(data: dict[str, list[Any]], by: str) -> list[str]:
    from review.errors import UnknownNameError

    if by not in data:
        raise UnknownNameError("column", by, list(data), where="with the tests")
    return ["not stated" if v is None else str(v) for v in data[by]]


def _table(results: Sequence[ReportedResult]) -> tuple[dict[str, Any], str]:
    """Return the counts (or shares with limits) of one study and model, or why there are none."""
    for result in results:
        cells = [getattr(result, c) for c in CELLS]
        if None not in cells:
            return dict(zip(CELLS, map(float, cells), strict=True)), ""
    stated: dict[str, Printed] = {}
    for result in results:
        name = METRICS.get(result.metric or "")
        if name is None or result.value is None:
            continue
        try:
            stated.setdefault(name, share(str(result.value)))
        except StatsError as error:
            return {}, f"{result.metric}: {error}"
    sizes = _sizes(results)
    found = rebuild(stated, sizes)
    if found.table is not None:
        cells = [None if c < 0 else float(c) for c in found.table]
        return dict(zip(CELLS, cells, strict=True)) | {"doubt": found.doubt}, ""
    limits = _limits(results)
    if limits and not sizes:
        return limits, ""
    return {}, found.reason


def _sizes(results: Sequence[ReportedResult]) -> dict[str, int]:
    """The sizes that any row states: n_pos, n_neg, n."""
    names = {"n_pos": "n_pos", "n_neg": "n_neg", "n_test": "n"}
    out: dict[str, int] = {}
    for result in results:
        for name, size in names.items():
            value = getattr(result, name)
            if value is not None:
                out.setdefault(size, int(value))
    return out


def _limits(results: Sequence[ReportedResult]) -> dict[str, Any]:
    """Shares with 95 % limits, for studies that state no sizes."""
    out: dict[str, Any] = {}
    for result in results:
        name = METRICS.get(result.metric or "")
        full = None not in {result.value, result.ci_low, result.ci_high}
        usual = result.ci_level is None or float(result.ci_level) == 95
        if name in {"sens", "spec"} and full and usual:
            out |= {name: str(result.value), f"{name}_ci_lb": str(result.ci_low),
                    f"{name}_ci_ub": str(result.ci_high)}  # fmt: skip
    return out


def _notes(rows: Sequence[tuple[str, str, str, dict[str, Any]]], doubts: list[str]) -> list[str]:
    notes = [
        (
            "counts are those that a study states, or whole numbers that print like its "
            "sensitivity and specificity"
        )
    ]
    if doubts:
        more = f"; and {len(doubts) - 5} more" if len(doubts) > 5 else ""
        notes.append(f"rebuilt counts: {'; '.join(doubts[:5])}{more}")
    ids = [study_id for _, study_id, _, _ in rows]
    if len(set(ids)) < len(ids):
        notes.append(f"{len(ids)} results of {len(set(ids))} studies")
    return notes


# headings of CSV files -> argument; the argument itself is always one
HEADINGS: Final = {
    "true_positives": "tp", "false_negatives": "fn", "false_positives": "fp",
    "true_negatives": "tn",
    "sensitivity": "sens", "specificity": "spec", "n_test": "n", "total": "n",
    "n_diseased": "n_pos", "n_healthy": "n_neg",
    "sens_low": "sens_ci_lb", "sens_high": "sens_ci_ub", "spec_low": "spec_ci_lb",
    "spec_high": "spec_ci_ub",
}  # fmt: skip
ARGUMENTS: Final = (
    *CELLS, *MEASURES, *SIZES, "sens_ci_lb", "sens_ci_ub", "spec_ci_lb", "spec_ci_ub"
)  # fmt: skip
TEXT: Final = frozenset({*MEASURES, *(f"{s}_ci_{e}" for s in SHARES[:2] for e in ("lb", "ub"))})
