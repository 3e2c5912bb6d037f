"""The results that a review pools: `results.csv`, or what the table of studies states itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.schema import ReportedResult
from review.schema.metrics import METRICS, POOLED, find_metric, metric_key

if TYPE_CHECKING:
    from review.project import Review
    from review.schema import Study

# field of a result -> variables of the codebook that state it; {} is the metric
_STATED_BY: Final = {
    "ci_low": ("{}_ci_low",),
    "ci_high": ("{}_ci_high",),
    "se": ("{}_se",),
    "n_test": ("n_test", "test_n"),
    "test_unit": ("test_unit",),
    "n_pos": ("n_pos",),
    "n_neg": ("n_neg",),
}


def reported_results(review: Review) -> list[ReportedResult]:
    """Return the results of a review.

    Args:
        review: with a `results.csv` its rows; without one, one headline result per study and
            performance variable of the codebook, with the interval (`auc_ci_low`,
            `auc_ci_high`, `auc_se`) and test set (`n_test`, `n_pos`, `n_neg`) coded beside it.

    Example:
        >>> from review.project import open_review
        >>> len(reported_results(open_review("kim2022")))
        331
    """
    if (review.path / "results.csv").exists():
        return review.results
    book, roles = review.codebook, review.settings.roles
    order = [m.name for m in (*POOLED, *METRICS)]
    known = sorted(
        (n for n in book.names if find_metric(n)), key=lambda n: order.index(metric_key(n))
    )
    metrics = [
        name
        for name in dict.fromkeys([*roles.metrics, *known])
        if name in book and book[name].is_numeric
    ]
    return [
        _result(review, study, metric)
        for metric in metrics
        for study in review.studies
        if study.value(metric) is not None
    ]


def holds_percent(review: Review, metric: str) -> bool:
    """Whether the codebook says that a metric is coded in per cent."""
    return metric in review.codebook and review.codebook[metric].is_percent


def _result(review: Review, study: Study, metric: str) -> ReportedResult:
    fields: dict[str, Any] = {}
    for name, columns in _STATED_BY.items():
        coded = [c.format(metric) for c in columns if c.format(metric) in review.codebook]
        fields[name] = next((v for c in coded if (v := study.value(c)) is not None), None)
    roles = review.settings.roles
    for name, column in (("model", roles.backbone), ("tl_type", roles.tl_type)):
        fields[name] = study.value(column) if column in review.codebook else None
    return ReportedResult(
        study_id=study.study_id, role="headline", metric=metric, value=study.value(metric), **fields
    )
