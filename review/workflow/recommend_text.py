"""The evidence for a data set in words; every number comes from the recommendation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.words import count, listed, p_value, plural, significant
from review.workflow.comparable import SIMILAR, words
from review.workflow.recommend import ENOUGH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.workflow.comparable import Comparable
    from review.workflow.comparisons import Contest
    from review.workflow.recommend import Compared, Distribution, Recommendation, Usage

# Kim et al. (2022), "Discussion" and "Conclusion", in own words
_START: Final = (
    "Start with a deep pretrained network (the paper prefers ResNet or Inception) as a feature "
    "extractor: train only its last fully connected layers."
)
_UNFREEZE: Final = (
    "If that is not good enough, unfreeze the convolutional blocks one after the other from the "
    "output towards the input, with a low learning rate, and keep what helps on validation data."
)
_SCRATCH: Final = (
    "Train all layers only when the frozen features do not suit the images: it costs most, and "
    "the paper saw no gain from it."
)
_THIN: Final = (
    "With AlexNet or VGG, whose fully connected layers hold most parameters, a hybrid (features "
    "to a classical classifier) or a thin last layer saves most."
)
ADVICE: Final = (_START, _UNFREEZE, _SCRATCH, _THIN)
ADVICE_SOURCE: Final = "Kim et al. 2022, doi 10.1186/s12880-022-00793-7, Discussion and Conclusion"


def thinness(found: Recommendation) -> Iterator[str]:
    """Yield how much, or how little, the evidence can bear."""
    n = len(found.studies)
    if not n:
        yield (
            f"None of the {found.total} coded studies is like this data set: what follows is the "
            "paper's general advice, not evidence for it."
        )
        return
    yield f"{n} of {found.total} coded studies are comparable{_how(found)}."
    if found.query.n is not None:
        near = sum(s.matches.get("size") is True for s in found.studies)
        yield (
            f"{near} of them have a similar size (within a factor of {SIMILAR:g}; patients for "
            "some modalities, otherwise images)."
        )
    for name, stated in (
        ("the transfer-learning type", sum(s.tl_type is not None for s in found.studies)),
        ("a network", sum(bool(s.networks) for s in found.studies)),
        ("a performance", sum(bool(s.values) for s in found.studies)),
    ):
        yield f"{stated} of {n} state {name}."
    abstracts = sum(s.evidence == "abstract" for s in found.studies)
    if abstracts:
        yield f"{abstracts} of {n} were read as abstracts only, which report best results."
    if not found.ranked:
        most = max((len(c.studies) for c in found.all_contests), default=0)
        within = "any study"
        if most:
            within = f"enough studies (the most is {plural(most, 'study')} for one pair)"
        yield (
            "No ranking: values of different studies come from different data, and no two networks "
            f"or types were compared within {within}."
        )


def _how(found: Recommendation) -> str:
    q = found.query
    asked = [words(w) for w in (q.modality, q.subject) if w]
    if not asked:
        return " in size or number of classes"
    if found.widened:
        few = "none has" if not found.both else f"only {found.both} (fewer than {ENOUGH}) have"
        return f": {few} both {listed(asked)}, so those with one of the two are taken in"
    return f": they have {listed(asked)} in common"


def study_line(study: Comparable) -> str:
    """Return a study in one line: what it is about, what it used, what it reports."""
    size = "size not stated"
    if study.quantity is not None:
        size = f"{count(round(study.quantity))} {study.unit}"
    classes = (
        "classes not stated" if study.classes is None else plural(study.classes, "class", "classes")
    )
    values = ", ".join(f"{k} {v:g}" for k, v in study.values.items())
    parts = (
        f"{study.label}: {words(study.modality)}, {words(study.subject)}",
        f"{size}, {classes}",
        ", ".join(study.networks) or "network not stated",
        "type not stated" if study.tl_type is None else words(study.tl_type),
        values or "performance not stated",
    )
    return "; ".join(parts)


def usage_line(usage: Usage) -> str:
    """Return how often something was used, and the performance of the studies that used it alone.

    Example:
        >>> from review.workflow.recommend import Usage, distribution
        >>> usage_line(Usage("VGG16", 3, 2, (distribution("auc", [0.8, 0.9]),)))
        'VGG16: 3 studies, 2 of them with it alone; auc 0.8, 0.9 (n = 2)'
    """
    text = f"{words(usage.name)}: {plural(usage.studies, 'study')}"
    if usage.alone != usage.studies:
        text += f", {usage.alone} of them with it alone"
    return "; ".join([text, *map(distribution_text, usage.performance)])


def distribution_text(found: Distribution) -> str:
    """Return a distribution: all values up to three, then median, quartiles and range."""
    if found.quartiles is None:
        return f"{found.metric} {', '.join(f'{v:g}' for v in found.values)} (n = {found.n})"
    low, high = found.quartiles
    return (
        f"{found.metric} median {significant(found.median, 3)}, quartiles {significant(low, 3)} to "
        f"{significant(high, 3)}, range "
        f"{found.values[0]:g} to {found.values[-1]:g} (n = {found.n})"
    )


def compared_line(compared: Compared) -> str:
    """Return what one study reports for several models on the same data, in its order."""
    rows = [
        f"{model}{f' ({words(tl)})' if tl else ''} {value:g}" for model, tl, value in compared.rows
    ]
    return f"{compared.label}, {compared.metric}: " + "; ".join(rows)


def contest_line(contest: Contest) -> str:
    """Return who was better in how many studies, and whether that ranks them."""
    n = len(contest.studies)
    p = "" if contest.p_holm is None else f", sign test {p_value(contest.p_holm)} (Holm)"
    ties = f", {contest.tied} tied" if contest.tied else ""
    verdict = "enough to rank them" if contest.ranked else "not enough to rank them"
    return (
        f"{words(contest.first)} against {words(contest.second)}: better in "
        f"{contest.first_better}, worse in {contest.second_better} of "
        f"{plural(n, 'study')}{ties}{p}; {verdict}"
    )
