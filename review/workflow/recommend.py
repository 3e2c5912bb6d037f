"""What the coded studies say about a data set like the user's own, and how little that is.

Nothing is ranked by headline values: studies differ in their data and report their best result.
Only within-study comparisons can rank, and only when there are enough of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

from review.models.backbones import backbones, resolve
from review.models.transfer import KINDS, TransferCount, transfer_counts
from review.workflow.comparable import Comparable, Query, comparable, distance, make_query
from review.workflow.comparisons import Contest, contests, pairs
from review.workflow.model_size import usual_classes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from review.project import Review

ENOUGH: Final = 5  # comparable studies below which the search is widened
START: Final = ("ResNet50", "Inception3")  # Kim et al. (2022), "Conclusion"
MOST_NETWORKS: Final = 8
UNNAMED: Final = ("not stated", "several, not named")


@dataclass(frozen=True)
class Distribution:
    """Reported values of one metric; quartiles from four values on."""

    metric: str
    n: int
    values: tuple[float, ...]
    median: float
    quartiles: tuple[float, float] | None


@dataclass(frozen=True)
class Usage:
    """How often something was used by the comparable studies, and with what performance.

    Attributes:
        studies: that used it, alone or among others.
        alone: that used it alone: the performance is theirs.
    """

    name: str
    studies: int
    alone: int
    performance: tuple[Distribution, ...]


@dataclass(frozen=True)
class Compared:
    """Values that one study reports for several models on the same data."""

    study_id: str
    label: str
    link: str | None
    metric: str
    rows: tuple[tuple[str, str | None, float], ...]


@dataclass(frozen=True)
class Recommendation:
    """The evidence for a data set.

    Attributes:
        widened: whether studies that share only modality or only subject had to be taken in.
        both: studies with the modality and the subject asked about.
        networks, tl_types: what the comparable studies used, most frequent first.
        compared: within-study comparisons of the comparable studies.
        contests: who is better in how many comparable studies.
        all_contests: the same over all studies of the review.
        trained: parameters of each transfer-learning type.
        per_case: trained parameters per image or patient, in the order of `trained`.
    """

    query: Query
    review: str
    total: int
    both: int
    widened: bool
    studies: tuple[Comparable, ...]
    networks: tuple[Usage, ...]
    tl_types: tuple[Usage, ...]
    compared: tuple[Compared, ...]
    contests: tuple[Contest, ...]
    all_contests: tuple[Contest, ...]
    trained: tuple[TransferCount, ...]
    per_case: tuple[float, ...]

    @property
    def ranked(self) -> tuple[Contest, ...]:
        """The contests with enough votes to say who is better."""
        return tuple(c for c in self.all_contests if c.ranked)


def recommend(
    review: Review,
    *,
    modality: str | None = None,
    subject: str | None = None,
    n: int | None = None,
    classes: int | None = None,
) -> Recommendation:
    """Return the evidence of a review for a data set.

    Args:
        review: its studies and results are searched.
        modality: a word of the review's vocabulary; case does not matter.
        subject: the same.
        n: images or patients.
        classes: at least 2.

    Raises:
        UnknownNameError: a word that the vocabulary has not; says which are close.
        InputError: nothing is asked, a number is out of range, or the review codes no such thing.

    Example:
        >>> from review.project import open_review
        >>> found = recommend(open_review("kim2022"), modality="mri", subject="nervous_system")
        >>> found.query.modality, found.ranked
        ('MRI', ())
    """
    query = make_query(review, modality, subject, n, classes)
    several = review.settings.roles.several
    found = [comparable(review, s, query) for s in review.studies]
    asked = [p for p in ("modality", "subject") if getattr(query, p) is not None]
    both = [c for c in found if asked and all(c.matches[p] for p in asked)]
    chosen = both
    widened = len(both) < ENOUGH and len(asked) > 1
    if widened:
        chosen = [c for c in found if any(c.matches[p] for p in asked)]
    elif not asked:
        chosen = [c for c in found if c.alike]
    chosen.sort(key=lambda c: (-c.alike, distance(c.quantity, query.n), c.study_id))
    ids = {c.study_id for c in chosen}
    fights = [*pairs(review, "backbone"), *pairs(review, "tl_type")]
    counts = _trained(chosen, query.classes or usual_classes(review))
    return Recommendation(
        query=query,
        review=review.name,
        total=len(found),
        both=len(both),
        widened=widened,
        studies=tuple(chosen),
        networks=_usage(chosen, lambda c: _keys(c.networks, several)),
        tl_types=_usage(chosen, lambda c: (c.tl_type or "not stated",)),
        compared=_compared(review, ids),
        contests=contests(p for p in fights if p.study_id in ids),
        all_contests=contests(fights),
        trained=counts,
        per_case=tuple(c.trainable / query.n for c in counts) if query.n else (),
    )


def _keys(networks: Sequence[str], several: str) -> tuple[str, ...]:
    """Return the networks under one spelling."""
    if networks == (several,):
        return ("several, not named",)
    keys = [hit.key if (hit := resolve(name)) else name for name in networks]
    return tuple(dict.fromkeys(keys)) or ("not stated",)


def _usage(
    studies: Iterable[Comparable], names: Callable[[Comparable], tuple[str, ...]]
) -> tuple[Usage, ...]:
    used: Counter[str] = Counter()
    alone: dict[str, list[Comparable]] = {}
    for study in studies:
        found = names(study)
        used.update(found)
        if len(found) == 1:
            alone.setdefault(found[0], []).append(study)
    order = sorted(used, key=lambda name: (name in UNNAMED, -used[name], name))
    return tuple(
        Usage(name, used[name], len(alone.get(name, ())), _distributions(alone.get(name, ())))
        for name in order
    )


def _distributions(studies: Iterable[Comparable]) -> tuple[Distribution, ...]:
    by_metric: dict[str, list[float]] = {}
    for study in studies:
        for metric, value in study.values.items():
            by_metric.setdefault(metric, []).append(value)
    return tuple(distribution(metric, values) for metric, values in sorted(by_metric.items()))


def distribution(metric: str, values: Sequence[float]) -> Distribution:
    """Return the distribution of reported values; quartiles are those of Hyndman and Fan, type 7.

    Example:
        >>> distribution("auc", [0.75, 0.5, 0.875, 0.625, 1.0]).quartiles
        (0.625, 0.875)
    """
    ordered = tuple(sorted(values))
    quartiles = None
    if len(ordered) >= 4:
        low, _, high = quantiles(ordered, n=4, method="inclusive")
        quartiles = (low, high)
    return Distribution(metric, len(ordered), ordered, median(ordered), quartiles)


def _compared(review: Review, ids: set[str]) -> tuple[Compared, ...]:
    groups: dict[tuple[str, str], list[tuple[str, str | None, float]]] = {}
    for r in review.results:
        if r.study_id in ids and r.role == "comparison" and r.value is not None:
            row = (r.model or "not named", r.tl_type, float(r.value))
            groups.setdefault((r.study_id, r.metric or ""), []).append(row)
    return tuple(
        Compared(study_id, review.study(study_id).label, review.study(study_id).link, metric,
                 tuple(rows))
        for (study_id, metric), rows in groups.items()
        if len(rows) > 1
    )  # fmt: skip


def _trained(studies: Iterable[Comparable], classes: int) -> tuple[TransferCount, ...]:
    """Count the networks used most, or those that the paper starts with when none is known."""
    used = Counter(key for s in studies for key in _keys(s.networks, "") if key in backbones())
    names = sorted(used, key=lambda k: (-used[k], k))[:MOST_NETWORKS] or list(START)
    return transfer_counts(names, n_classes=classes)


def to_dict(found: Recommendation) -> dict[str, Any]:
    """Return a recommendation as JSON types."""
    return {
        **asdict(found),
        "ranked": [c.to_dict() for c in found.ranked],
        "contests": [c.to_dict() for c in found.contests],
        "all_contests": [c.to_dict() for c in found.all_contests],
        "trained": [c.to_dict() for c in found.trained],
        "types_in_order": list(KINDS),
    }
