"""What one reported result gives to its measure: counts, an area, an estimate with precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.errors import InputError
from review.schema.metrics import as_share, find_metric
from review.workflow.pooling.metric_names import named_measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.schema import ReportedResult

_AREAS: Final = ("AUC", "LOGITAUC")
# measures on which the values of another can be pooled as well
_ALSO: Final = {
    "ZCOR": ("ZCOR", "COR", "UCOR"), "PLO": ("PLO", "PR", "PLN", "PAS", "PFT"),
    "IRLN": ("IRLN", "IR", "IRS"), "MN": ("MN", "MNLN"),
}  # fmt: skip
# argument of a measure of two groups -> column of results.csv
_GROUPS: Final = (
    {"ai": "events1", "n1i": "n1", "ci": "events2", "n2i": "n2"},
    {"m1i": "mean1", "sd1i": "sd1", "n1i": "n1", "m2i": "mean2", "sd2i": "sd2", "n2i": "n2"},
)
OWN: Final = ("ACC", "SENS", "SPEC")
SHARES: Final = ("PR", "PLN", "PLO", "PAS", "PFT")


def measure_of(outcome: str, given: str | None) -> str | None:
    """Return the code of a measure that fits the outcome; None for values with standard errors.

    A metric called hazard_ratio, odds_ratio, mean_difference, ... is pooled on the scale of its
    measure.
    """
    from review.stats.effects.measure_registry import find_measure

    metric, said = find_metric(outcome), named_measure(outcome)
    own = metric.measure if metric else ""
    if given is None:
        return own or (said[0] if said else None)
    code = find_measure(given.strip().upper()).code
    if said is not None and not own:
        possible = _ALSO.get(said[0], (said[0],))
        if code not in possible:
            raise InputError(
                f"{code} is no measure of {outcome}; possible are {', '.join(possible)}"
            )
        return code
    if not own:
        return code
    possible = _AREAS if own in _AREAS else (*([own] if own in OWN else []), *SHARES)
    if code not in possible:
        raise InputError(f"{code} is no measure of {outcome}; possible are {', '.join(possible)}")
    return code


def cells_of(result: ReportedResult, outcome: str, code: str | None) -> dict[str, float] | str:
    """Return the arguments of a measure that a result states, or why it cannot be used.

    Raises:
        InputError: the value of a performance metric is no proportion.
    """
    metric = find_metric(outcome)
    if metric and result.value is not None and not 0 <= result.value <= 1:
        meant = as_share(str(result.value))
        hint = f"; a percentage? write {meant}" if meant else ""
        raise InputError(
            f"{result.study_id}: the {outcome} {result.value} is not between 0 and 1{hint}"
        )
    if code is None:
        return _with_error(result)
    if code in _AREAS:
        return _area(result)
    if code not in SHARES and code not in OWN:
        groups = _groups(result, code)
        estimate = _estimate(result, outcome, code)
        if isinstance(estimate, str):
            return groups or estimate
        return estimate | groups
    right, wrong = (metric.right, metric.wrong) if metric else ((), ())
    column = metric.cases if metric and metric.right else "n_test"
    counts = [getattr(result, name) for name in (*right, *wrong)]
    if counts and None not in counts and sum(counts) > 0:
        total, value = sum(counts), sum(counts[: len(right)]) / sum(counts)
    else:
        if result.value is None:
            return "no value"
        total, value = getattr(result, column) if column else None, float(result.value)
        if not total:
            if code in SHARES and code != "PFT" and _has_precision(result):
                return _estimate(result, outcome, code)
            what = column or " and ".join((*right, *wrong))
            return f"no {what}: the number of cases that the {outcome} is a share of"
    if code in OWN:
        return {"value": value, "ni": float(total)}
    return {"xi": float(round(value * total)), "ni": float(total)}


def _has_precision(result: ReportedResult) -> bool:
    limits = result.ci_low is not None and result.ci_high is not None
    return limits or result.se is not None or result.pval is not None or result.stat is not None


def _groups(result: ReportedResult, code: str) -> dict[str, float]:
    """Return the numbers of two groups that the measure is computed from; empty without all."""
    from review.stats.effects.measure_registry import find_measure

    allowed = find_measure(code).family.allowed
    stated = next((names for names in _GROUPS if names.keys() <= set(allowed)), {})
    cells = {argument: getattr(result, name) for argument, name in stated.items()}
    if None in cells.values():
        return {}
    return {argument: float(x) for argument, x in cells.items()}


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
    if result.n_test is not None and code not in SHARES:
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
    from review.stats.ground.inference import critical_value

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
    from review.stats.ground.inference import level_percent

    return 95.0 if result.ci_level is None else level_percent(float(result.ci_level))


def contradictions(outcome: str, results: Sequence[ReportedResult]) -> list[str]:
    """Name the results whose value is not what their own confusion table gives."""
    from review.stats.consistency.rounding_ranges import printed

    metric = find_metric(outcome)
    right, wrong = (metric.right, metric.wrong) if metric else ((), ())
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
