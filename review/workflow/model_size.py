"""Joins size and depth of a study's network to the study, and asks whether they matter.

A study gets a size only when it used one network and says which: a family such as ResNet has no
size, several networks have several, and nothing is guessed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from review.errors import InputError
from review.models.backbones import Backbone, Family, backbones, named_in, resolve
from review.stats.association.rank_correlation import SpearmanResult, spearman
from review.workflow.comparisons import Pair, pairs, sign_test
from review.workflow.roles import category, label, metrics, need, role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.schema import ReportedResult, Study

Measure = Literal["params", "depth"]
MEASURES: Final[dict[Measure, str]] = {
    "params": "parameters",
    "depth": "depth (convolutions and fully connected layers on the longest path)",
}
NAMES_COLUMN: Final = "backbones"  # the networks as printed, where a review codes them


@dataclass(frozen=True)
class NetworkOf:
    """The network of a study, or why it is not known.

    Attributes:
        status: `known`, `several`, `family`, `unlisted` or `not stated`.
        name: as coded.
    """

    status: str
    name: str | None
    backbone: Backbone | None


@dataclass(frozen=True)
class SizeMetric:
    """One metric against one measure of size.

    Attributes:
        rows: one dictionary per plotted study.
    """

    metric: str
    label: str
    measure: Measure
    rows: tuple[dict[str, Any], ...]
    correlation: SpearmanResult


@dataclass(frozen=True)
class LargerWins:
    """Within-study comparisons: how often the larger network does better, one vote per study."""

    measure: Measure
    larger: int
    smaller: int
    tied: int
    p_value: float | None


@dataclass(frozen=True)
class ModelSize:
    """Performance against the size of the network.

    Attributes:
        statuses: how many studies have a known network, several, a family, ...
        networks: of the studies with a known one, the most frequent first.
    """

    metrics: tuple[SizeMetric, ...]
    within: tuple[LargerWins, ...]
    statuses: dict[str, int]
    networks: tuple[str, ...]
    tl_types: tuple[str, ...]


def network_of(review: Review, study: Study) -> NetworkOf:
    """Return the network of a study, when it used one and says which.

    The networks as printed (`backbones`) come first; the coded category fills in.

    Example:
        >>> from review.project import open_review
        >>> kim = open_review("kim2022")
        >>> network_of(kim, kim.study("ahn2018glaucoma")).backbone.key
        'Inception3'
    """
    several = review.settings.roles.several
    for column in dict.fromkeys((NAMES_COLUMN, role(review, "backbone"))):
        value = study.value(column) if column in review.codebook else None
        names = value if isinstance(value, tuple) else (value,)
        known = [str(n) for n in names if n is not None]
        if not known:
            continue
        found = {id(hit) if (hit := resolve(name)) else name for name in known}
        if len(found) > 1 or known[0] == several:
            return NetworkOf("several", several, None)
        hit = resolve(known[0])
        if isinstance(hit, Backbone):
            return NetworkOf("known", hit.key, hit)
        return NetworkOf("family" if isinstance(hit, Family) else "unlisted", known[0], None)
    return NetworkOf("not stated", None, None)


def size_columns(review: Review, studies: Sequence[Study]) -> dict[str, list[float]]:
    """Return the columns `params` and `depth` of studies; NaN where they are not known.

    Example:
        >>> from review.project import open_review
        >>> kim = open_review("kim2022")
        >>> size_columns(kim, [kim.study("ahn2018glaucoma")])
        {'params': [23834568.0], 'depth': [48.0]}
    """
    return _columns([network_of(review, s).backbone for s in studies])


def result_columns(
    review: Review, studies: Sequence[Study], results: Sequence[ReportedResult]
) -> dict[str, list[float]]:
    """Return the columns `params` and `depth` of reported results; NaN where they are not known.

    The network that a result names comes first; that of its study fills in for headline values.
    There are no columns when no network is known.

    Args:
        review: the review.
        studies: the study of each result.
        results: as many as studies.
    """
    nets = []
    known: dict[tuple[Any, ...], Backbone | None] = {}  # many studies name the same networks
    columns = [c for c in (NAMES_COLUMN, role(review, "backbone")) if c in review.codebook]
    for study, result in zip(studies, results, strict=True):
        named = named_in(result.model or "")
        if named:
            nets.append(backbones().get(named[0]) if len(named) == 1 else None)
        elif result.role == "comparison" or result.model:
            nets.append(None)
        else:
            named_so = tuple(study.value(c) for c in columns)
            if named_so not in known:
                known[named_so] = network_of(review, study).backbone
            nets.append(known[named_so])
    return _columns(nets) if any(nets) else {}


def model_size(review: Review, *, seed: int) -> ModelSize:
    """Return the performance of the studies against the size of their network.

    Raises:
        InputError: the review names no metric or no backbone variable, or no study's network is
            known.
    """
    names = metrics(review)
    if not names:
        raise need(review, "the figure on model size", 'the role metrics = ["..."]', numeric=True)
    if not role(review, "backbone"):
        raise need(review, "the figure on model size", "the role backbone")
    found = [(s, network_of(review, s)) for s in review.studies]
    statuses: dict[str, int] = {}
    for _, net in found:
        statuses[net.status] = statuses.get(net.status, 0) + 1
    rows = [_row(review, s, n.backbone, names) for s, n in found if n.backbone is not None]
    if not rows:
        raise InputError(
            f"no study of {review.name} states one network whose size is known "
            f"({', '.join(f'{n} {k}' for k, n in statuses.items()) or 'there are no studies'})"
        )
    within = pairs(review, "backbone")
    return ModelSize(
        metrics=tuple(_metric(review, m, x, rows, seed) for x in MEASURES for m in names),
        within=tuple(larger_wins(within, measure) for measure in MEASURES),
        statuses=statuses,
        networks=_frequent([row["network"] for row in rows]),
        tl_types=_frequent([row["tl_type"] for row in rows]),
    )


def larger_wins(found: Sequence[Pair], measure: Measure) -> LargerWins:
    """Count in how many studies the larger (or deeper) of two networks does better."""
    votes: dict[str, int] = {}
    nets = backbones()
    for pair in found:
        if pair.first not in nets or pair.second not in nets:
            continue
        a, b = (_size(nets[name], measure) for name in (pair.first, pair.second))
        if a != b:
            direction = pair.sign if a > b else -pair.sign
            votes[pair.study_id] = votes.get(pair.study_id, 0) + direction
    larger = sum(v > 0 for v in votes.values())
    smaller = sum(v < 0 for v in votes.values())
    return LargerWins(
        measure, larger, smaller, len(votes) - larger - smaller, sign_test(larger, smaller)
    )


def _columns(nets: Sequence[Backbone | None]) -> dict[str, list[float]]:
    return {
        "params": [math.nan if n is None else float(n.parameters) for n in nets],
        "depth": [math.nan if n is None else float(n.depth) for n in nets],
    }


def _size(backbone: Backbone, measure: Measure) -> int:
    return backbone.parameters if measure == "params" else backbone.depth


def _row(review: Review, study: Study, net: Backbone, names: Sequence[str]) -> dict[str, Any]:
    tl = role(review, "tl_type")
    return {
        "study_id": study.study_id,
        "label": study.label,
        "year": study.year,
        "title": study.title,
        "link": study.link,
        "network": net.key,
        "tl_type": category(study, tl, review.settings.roles.several) if tl else None,
        "params": net.parameters,
        "depth": net.depth,
        **{name: study.value(name) for name in names},
    }


def _metric(
    review: Review, name: str, measure: Measure, rows: Sequence[dict[str, Any]], seed: int
) -> SizeMetric:
    others = set(metrics(review))
    kept = tuple(
        {k: v for k, v in row.items() if k not in others} | {"metric": name, "value": row[name]}
        for row in rows
        if row[name] is not None
    )
    correlation = spearman([r[measure] for r in kept], [float(r["value"]) for r in kept], seed=seed)
    return SizeMetric(name, label(review, name), measure, kept, correlation)


def _frequent(values: Sequence[str | None]) -> tuple[str, ...]:
    known = [v for v in values if v is not None]
    return tuple(sorted(set(known), key=lambda v: (-known.count(v), v)))


def usual_classes(review: Review) -> int:
    """Return the most frequent number of classes of a review's studies; 2 when none is coded."""
    column = role(review, "n_classes", numeric=True)
    stated = [s.value(column) for s in review.studies] if column else []
    known = [int(n) for n in stated if n is not None and n >= 2]
    return min(set(known), key=lambda n: (-known.count(n), n), default=2)
