"""Performance against data quantity: the points of a figure and every test made on them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError
from review.schema.metrics import metric_key
from review.stats.association.kruskal_wallis import KruskalResult, kruskal_wallis
from review.stats.association.rank_correlation import SpearmanResult, spearman
from review.stats.consistency.reported_correlation import (
    ReportedCorrelation,
    check_reported_correlation,
)
from review.workflow.roles import category, label, metrics, need, role
from review.workflow.selection import Selection, SelectionMode, quantity, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from review.project import Review
    from review.schema import Study
    from review.schema.published_facts import PublishedCorrelation

GROUPINGS: Final = ("modality", "backbone", "tl_type")


@dataclass(frozen=True)
class Published:
    """What the paper prints for a metric, and whether it can be so.

    Attributes:
        check: None when the paper does not say how many points it plots.
    """

    rho: float
    p: float
    check: ReportedCorrelation | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as a dictionary for JSON."""
        checked = self.check.to_dict() if self.check else None
        return {"rho": self.rho, "p": self.p, "check": checked}


@dataclass(frozen=True)
class MetricResult:
    """One metric: its points, its correlation with the data quantity, its tests by group.

    Attributes:
        variable: the metric's name in the codebook.
        rows: one dictionary per study that is plotted.
        by_group: Kruskal-Wallis tests by modality, backbone, transfer-learning type (variable
            name -> test); studies that do not state the group or have several are left out.
    """

    variable: str
    label: str
    rows: tuple[dict[str, Any], ...]
    correlation: SpearmanResult
    by_group: dict[str, KruskalResult]
    published: Published | None

    def to_dict(self) -> dict[str, Any]:
        """Return the statistics as a dictionary for JSON."""
        return {
            "metric": self.variable,
            "n": len(self.rows),
            "spearman": self.correlation.to_dict(),
            "published": self.published.to_dict() if self.published else None,
            "kruskal_wallis": {name: test.to_dict() for name, test in self.by_group.items()},
        }


@dataclass(frozen=True)
class Performance:
    """Everything that a performance figure shows.

    Attributes:
        groups: role -> variable of the groupings that the review has.
        categories: of each grouping, those plotted, the most frequent first.
        per_class: whether quantities are divided by the number of classes.
        both: studies plotted for more than one metric.
    """

    metrics: tuple[MetricResult, ...]
    selection: Selection
    groups: dict[str, str]
    categories: dict[str, tuple[str, ...]]
    per_class: bool
    both: int
    units: tuple[str, ...]


def performance(review: Review, mode: SelectionMode = "all", *, seed: int) -> Performance:
    """Return the points and tests of a performance figure.

    Raises:
        InputError: the review names no metric or no size variable, or no study has the values.
    """
    names = metrics(review)
    if not names:
        raise need(review, "a performance figure", 'the role metrics = ["..."]', numeric=True)
    chosen = select(review, mode, names)
    if not chosen.studies:
        steps = " → ".join(f"{step.left} {step.label}" for step in chosen.steps)
        raise InputError(f"no study of {review.name} can be plotted by its performance: {steps}")
    groups = {r: v for r in GROUPINGS if (v := role(review, r))}
    rows = _rows(review, chosen.studies, groups)
    found = tuple(_metric(review, name, rows, groups, seed) for name in names)
    counted = sum(sum(row[name] is not None for name in names) > 1 for row in rows)
    return Performance(
        metrics=found,
        selection=chosen,
        groups=groups,
        categories={v: _by_frequency(row[v] for row in rows) for v in groups.values()},
        per_class=bool(role(review, "n_classes")),
        both=counted,
        units=tuple(sorted({row["quantity_unit"] for row in rows})),
    )


def _rows(review: Review, studies: Sequence[Study], groups: dict[str, str]) -> list[dict[str, Any]]:
    of, names = quantity(review), metrics(review)
    several = review.settings.roles.several
    rows = []
    for study in studies:
        size = of(study)
        assert size is not None
        rows.append(
            {
                "study_id": study.study_id,
                "label": study.label,
                "year": study.year,
                "title": study.title,
                "link": study.link,
                **{v: category(study, v, several) for v in groups.values()},
                "quantity": _whole(size.value),
                "quantity_unit": size.unit,
                "n_classes": _whole(size.classes),
                "normalised_quantity": size.normalised,
                **{name: study.value(name) for name in names},
            }
        )
    return rows


def _by_frequency(values: Iterable[str | None]) -> tuple[str, ...]:
    counts = Counter(v for v in values if v is not None)
    return tuple(sorted(counts, key=lambda word: (-counts[word], word)))


def _whole(value: float | None) -> float | int | None:
    return int(value) if value is not None and value.is_integer() else value


def _metric(
    review: Review, name: str, rows: list[dict[str, Any]], groups: dict[str, str], seed: int
) -> MetricResult:
    others = set(metrics(review))
    kept = tuple(
        {k: v for k, v in row.items() if k not in others} | {"metric": name, "value": row[name]}
        for row in rows
        if row[name] is not None
    )
    values = [float(row["value"]) for row in kept]
    several = review.settings.roles.several
    tests = {}
    for variable in groups.values():
        single = [None if row[variable] == several else row[variable] for row in kept]
        tests[variable] = kruskal_wallis(values, single, seed=seed)
    return MetricResult(
        variable=name,
        label=label(review, name),
        rows=kept,
        correlation=spearman([row["normalised_quantity"] for row in kept], values, seed=seed),
        by_group=tests,
        published=_published(review, name),
    )


def _published(review: Review, metric: str) -> Published | None:
    facts = review.published
    if facts is None or facts.figure6 is None:
        return None
    for stated in facts.figure6.spearman:
        if metric_key(stated.y) in {metric_key(metric), metric_key(label(review, metric))}:
            return _compare(stated, facts.figure6.selection.get("plotted"))
    return None


def _compare(stated: PublishedCorrelation, plotted: int | None) -> Published:
    check = None
    if plotted is not None and plotted >= 3:
        check = check_reported_correlation(stated.rho, stated.p, plotted)
    return Published(stated.rho, stated.p, check)
