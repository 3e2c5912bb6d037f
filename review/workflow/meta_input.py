"""What goes into a meta-analysis: one effect per row. Here from the results of a review."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, UnknownNameError
from review.workflow.metric_names import named_measure
from review.workflow.model_size import result_columns
from review.workflow.reported import reported_results

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.schema import ReportedResult

# metric -> measure; proportions are pooled as logits, areas as logits of the area
DEFAULT_MEASURE: Final = {
    "auc": "LOGITAUC",
    "accuracy": "ACC",
    "sensitivity": "SENS",
    "specificity": "SPEC",
    "ppv": "PLO",
    "npv": "PLO",
}
# metric -> cells of the confusion table that it counts, those it does not, and their sum's column
_SHARE_OF: Final = {
    "accuracy": (("tp", "tn"), ("fp", "fn"), "n_test"),
    "sensitivity": (("tp",), ("fn",), "n_pos"),
    "specificity": (("tn",), ("fp",), "n_neg"),
    "ppv": (("tp",), ("fp",), ""),
    "npv": (("tn",), ("fn",), ""),
}
_AREAS: Final = ("AUC", "LOGITAUC")
# measures on which the values of another can be pooled as well
_ALSO: Final = {
    "ZCOR": ("ZCOR", "COR", "UCOR"), "PLO": ("PLO", "PR", "PLN", "PAS", "PFT"),
    "IRLN": ("IRLN", "IR", "IRS"), "MN": ("MN", "MNLN"),
}  # fmt: skip
_OWN: Final = {"ACC": "accuracy", "SENS": "sensitivity", "SPEC": "specificity"}
_SHARES: Final = ("PR", "PLN", "PLO", "PAS", "PFT")


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
        outcome: a metric of the results, such as `auc`.
        measure: `LOGITAUC` or `AUC` for areas; `ACC`, `SENS` or `SPEC` for the metric of that
            name; a proportion measure (`PLO`, `PFT`, ...) for shares of cases. By default the one
            of `DEFAULT_MEASURE` or of the metric's name (hazard_ratio, odds_ratio,
            mean_difference, ...: on the measure's scale), and for other metrics the values with
            their standard errors or intervals.
        role: only results with this role; None for all.

    Raises:
        UnknownNameError: no result reports the outcome; no such measure.
        InputError: the measure is not about this outcome, or no result has what it needs.
    """
    wanted = _of_outcome(review, outcome, role)
    code = _measure(outcome, measure)
    rows, left_out = [], []
    for result in wanted:
        cells = _cells(result, outcome, code)
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
        notes=[*_notes(code, rows), *_contradictions(outcome, [r for r, _ in rows])],
        outcome=outcome,
        risk_of_bias=_risk_of_bias(review, [s.study_id for s in kept]),
        categories=frozenset(v.name for v in review.codebook.variable if not v.is_numeric),
    )


def _of_outcome(review: Review, outcome: str, role: str | None) -> list[ReportedResult]:
    results = reported_results(review)
    metrics = sorted({r.metric for r in results if r.metric})
    if outcome not in metrics:
        raise UnknownNameError(
            "outcome", outcome, metrics, where=f"in the results of {review.name}"
        )
    found = [r for r in results if r.metric == outcome and role in {None, r.role}]
    if not found:
        roles = sorted({r.role for r in results if r.metric == outcome and r.role})
        raise UnknownNameError("role", str(role), roles, where=f"among the results on {outcome}")
    return found


def _measure(outcome: str, given: str | None) -> str | None:
    """Return the code of a measure that fits the outcome; None for values with standard errors.

    A metric called hazard_ratio, odds_ratio, mean_difference, ... is pooled on the scale of its
    measure.
    """
    from review.stats.effect_sizes.registry import find_measure

    said = named_measure(outcome)
    if given is None:
        return DEFAULT_MEASURE.get(outcome) or (said[0] if said else None)
    code = find_measure(given.strip().upper()).code
    if said is not None and outcome not in DEFAULT_MEASURE:
        possible = _ALSO.get(said[0], (said[0],))
        if code not in possible:
            raise InputError(
                f"{code} is no measure of {outcome}; possible are {', '.join(possible)}"
            )
        return code
    if outcome in _SHARE_OF:
        own = next((c for c, metric in _OWN.items() if metric == outcome), None)
        possible = (*([own] if own else []), *_SHARES)
    elif outcome == "auc":
        possible = _AREAS
    else:
        return code
    if code not in possible:
        raise InputError(f"{code} is no measure of {outcome}; possible are {', '.join(possible)}")
    return code


def _cells(result: ReportedResult, outcome: str, code: str | None) -> dict[str, float] | str:
    """Return the arguments of a measure that a result states, or why it cannot be used."""
    if code is None:
        return _with_error(result)
    if code in _AREAS:
        return _area(result)
    if code not in _SHARES and code not in _OWN:
        return _estimate(result, outcome, code)
    right, wrong, column = _SHARE_OF.get(outcome, ((), (), "n_test"))
    counts = [getattr(result, name) for name in (*right, *wrong)]
    if counts and None not in counts and sum(counts) > 0:
        total, value = sum(counts), sum(counts[: len(right)]) / sum(counts)
    else:
        if result.value is None:
            return "no value"
        total, value = getattr(result, column) if column else None, float(result.value)
        if not total:
            if code in _SHARES and code != "PFT" and _has_precision(result):
                return _estimate(result, outcome, code)
            what = column or " and ".join((*right, *wrong))
            return f"no {what}: the number of cases that the {outcome} is a share of"
    if code in _OWN:
        return {"value": value, "ni": float(total)}
    return {"xi": float(round(value * total)), "ni": float(total)}


def _has_precision(result: ReportedResult) -> bool:
    limits = result.ci_low is not None and result.ci_high is not None
    return limits or result.se is not None or result.pval is not None or result.stat is not None


def _estimate(result: ReportedResult, outcome: str, code: str) -> dict[str, float] | str:
    """Return an estimate with what tells its precision, for the measure's own scale."""
    if result.value is None:
        return "no value"
    if not _has_precision(result):
        return "no standard error, no confidence interval, no statistic and no p-value"
    said = named_measure(outcome)
    scale = said[1] if said else "est"
    stated = {
        "se" if scale == "est" else "sei": result.se, "ci_lb": result.ci_low,
        "ci_ub": result.ci_high, "stat": result.stat, "pval": result.pval,
    }  # fmt: skip
    cells = {scale: float(result.value)}
    cells |= {name: float(x) for name, x in stated.items() if x is not None}
    if result.ci_level is not None:
        cells["level"] = float(result.ci_level)
    if result.n_test is not None and code not in _SHARES:
        cells["ni"] = float(result.n_test)
    return cells


def _area(result: ReportedResult) -> dict[str, float] | str:
    if result.value is None:
        return "no value"
    cells = {"auc": float(result.value)}
    if result.se is not None:
        return cells | {"se": float(result.se)}
    if result.ci_low is not None and result.ci_high is not None:
        low, high = float(result.ci_low), float(result.ci_high)
        return cells | {"ci_low": low, "ci_high": high, "level": _level(result)}
    if result.n_pos and result.n_neg:
        return cells | {"n_pos": float(result.n_pos), "n_neg": float(result.n_neg)}
    return "no standard error, no confidence interval, and not both n_pos and n_neg"


def _with_error(result: ReportedResult) -> dict[str, float] | str:
    """Return value and standard error; from the interval when there is one."""
    from review.stats.inference import critical_value

    if result.value is None:
        return "no value"
    if result.se is not None:
        return {"yi": float(result.value), "sei": float(result.se)}
    if result.ci_low is None or result.ci_high is None:
        return "no standard error and no confidence interval"
    half = float(result.ci_high - result.ci_low) / 2
    if half <= 0:
        return "a confidence interval without width"
    return {"yi": float(result.value), "sei": half / float(critical_value(_level(result), None))}


def _level(result: ReportedResult) -> float:
    from review.stats.inference import percent

    return 95.0 if result.ci_level is None else percent(float(result.ci_level))


def _risk_of_bias(review: Review, ids: list[str]) -> dict[str, list[str | None]]:
    """Return the judgements of the studies that were assessed, for the forest plot."""
    from review.workflow.risk_of_bias import load_assessments

    assessments = load_assessments(review)
    return assessments.forest_columns(ids) if assessments else {}


def _study_data(
    review: Review, studies: Sequence[Any], results: Sequence[ReportedResult]
) -> dict[str, list[Any]]:
    data: dict[str, list[Any]] = {}
    for name in review.columns:
        coded = name in review.codebook
        numeric = review.codebook[name].is_numeric if coded else name == "year"
        values = [s.value(name) for s in studies]
        data[name] = [_datum(v, numeric=numeric) for v in values]
    for name in ("model", "n_test", "test_unit", "n_pos", "n_neg"):
        numeric = name.startswith("n_")
        data.setdefault(name, [_datum(getattr(r, name), numeric=numeric) for r in results])
    # size and depth of the network, where a result or its study names one
    return result_columns(review, studies, results) | data


def _datum(value: Any, *, numeric: bool) -> Any:
    if numeric:
        return float("nan") if value is None else float(value)
    return ";".join(value) if isinstance(value, tuple) else value


def _distinct(labels: list[str], results: Sequence[ReportedResult]) -> list[str]:
    """Labels that occur twice get the study_id, and the model when that is the same too."""
    ids = [r.study_id for r in results]
    out = []
    for label, result in zip(labels, results, strict=True):
        text = label
        if labels.count(label) > 1:
            text += f" [{result.study_id}]" if label != result.study_id else ""
        if ids.count(result.study_id) > 1 and result.model:
            text += f" {result.model}"
        out.append(text)
    return out


def _notes(code: str | None, rows: Sequence[tuple[ReportedResult, dict[str, float]]]) -> list[str]:
    notes = []
    if code in _SHARES and any("xi" in cells for _, cells in rows):
        notes.append("counts are the values reported times the numbers of cases, rounded")
    if code is None:
        notes.append(
            "values are pooled as they are; standard errors that are not stated come from the "
            "width of the interval"
        )
    from review.stats.meta import repeated_labels

    return notes + repeated_labels(tuple(result.study_id for result, _ in rows))


def _contradictions(outcome: str, results: Sequence[ReportedResult]) -> list[str]:
    """Name the results whose value is not what their own confusion table gives."""
    from review.stats.consistency import printed

    right, wrong, _ = _SHARE_OF.get(outcome, ((), (), ""))
    notes = []
    for result in results:
        counts = [getattr(result, name) for name in (*right, *wrong)]
        if not counts or None in counts or not sum(counts) or result.value is None:
            continue
        share = sum(counts[: len(right)]) / sum(counts)
        if printed(result.value).fit(share) == "no":
            cells = ", ".join(
                f"{name.upper()} {n}" for name, n in zip((*right, *wrong), counts, strict=True)
            )
            notes.append(
                f"{result.study_id}: {outcome} is {result.value}, but {cells} give {share:.3f}; "
                "the counts are used"
            )
    return notes
