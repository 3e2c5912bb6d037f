"""Which coded studies are like a data set: the question, the answer study by study."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.errors import InputError, UnknownNameError
from review.workflow.model_size import NAMES_COLUMN
from review.workflow.roles import category, metrics, need, role
from review.workflow.selection import size_rule

if TYPE_CHECKING:
    from review.project import Review
    from review.schema import Study
    from review.workflow.roles import Role

SIMILAR: Final = 3.0  # sizes within this factor count as similar


@dataclass(frozen=True)
class Query:
    """A data set: what is known of it.

    Attributes:
        n: images or patients; the studies' own count depends on the modality.
        classes: how many the network is to tell apart.
    """

    modality: str | None
    subject: str | None
    n: int | None
    classes: int | None


@dataclass(frozen=True)
class Comparable:
    """A coded study that is like the data set asked about.

    Attributes:
        matches: per property asked about: whether the study is alike, or None when it does not say.
        networks: as printed.
        values: reported performance by metric.
    """

    study_id: str
    label: str
    title: str | None
    link: str | None
    evidence: str | None
    modality: str | None
    subject: str | None
    quantity: float | None
    unit: str | None
    classes: int | None
    networks: tuple[str, ...]
    tl_type: str | None
    values: dict[str, float]
    matches: dict[str, bool | None]

    @property
    def alike(self) -> int:
        """How many of the properties asked about are alike."""
        return sum(m is True for m in self.matches.values())


def make_query(
    review: Review, modality: str | None, subject: str | None, n: int | None, classes: int | None
) -> Query:
    """Check what is asked.

    Raises:
        UnknownNameError: a word that the vocabulary has not; says which are close.
        InputError: nothing is asked, a number is out of range, or the review codes no such thing.
    """
    if modality is None and subject is None and n is None and classes is None:
        raise InputError(
            "say something about your data: --modality, --subject, --n (images or patients) or "
            "--classes"
        )
    if n is not None and n < 1:
        raise InputError(f"n = {n}: at least 1 image or patient is needed")
    if classes is not None and classes < 2:
        raise InputError(f"classes = {classes}: a classification needs at least 2 classes")
    return Query(_word(review, "modality", modality), _word(review, "subject", subject), n, classes)


def _word(review: Review, name: Role, word: str | None) -> str | None:
    if word is None:
        return None
    variable = role(review, name)
    if not variable:
        raise need(review, f"--{name}", f"the role {name}")
    several = review.settings.roles.several
    coded = {w for s in review.studies if (w := category(s, variable, several)) is not None}
    known = list(dict.fromkeys([*review.codebook[variable].vocabulary, *sorted(coded)]))
    found = next((k for k in known if _fold(k) == _fold(word)), None)
    if found is None:
        raise UnknownNameError(name, word, known)
    return found


def words(name: str | None) -> str:
    """Return a vocabulary word as people write it.

    Example:
        >>> words("nervous_system"), words(None)
        ('nervous system', 'not stated')
    """
    return "not stated" if name is None else name.replace("_", " ")


def _fold(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")


def comparable(review: Review, study: Study, query: Query) -> Comparable:
    """Return a study with what it shares with the data set asked about."""
    several = review.settings.roles.several
    columns = {r: role(review, r) for r in ("modality", "subject", "tl_type", "n_classes")}
    words = {
        r: category(study, columns[r], several) if columns[r] else None
        for r in ("modality", "subject", "tl_type")
    }
    classes = study.value(columns["n_classes"]) if columns["n_classes"] else None
    roles = review.settings.roles
    size = size_rule(review)(study) if roles.size_images or roles.size_patients else None
    quantity, unit = size if size is not None else (None, None)
    named = {name: study.value(name) for name in metrics(review)}
    matches: dict[str, bool | None] = {}
    for name, asked in (("modality", query.modality), ("subject", query.subject)):
        if asked is not None:
            matches[name] = None if words[name] is None else words[name] == asked
    if query.n is not None:
        near = None if quantity is None else distance(quantity, query.n) <= math.log(SIMILAR)
        matches["size"] = near
    if query.classes is not None:
        matches["classes"] = None if classes is None else int(classes) == query.classes
    return Comparable(
        study_id=study.study_id,
        label=study.label,
        title=study.title,
        link=study.link,
        evidence=study.evidence,
        modality=words["modality"],
        subject=words["subject"],
        quantity=quantity,
        unit=unit,
        classes=None if classes is None else int(classes),
        networks=_networks(review, study),
        tl_type=words["tl_type"],
        values={k: float(v) for k, v in named.items() if v is not None},
        matches=matches,
    )


def _networks(review: Review, study: Study) -> tuple[str, ...]:
    """Return the networks as printed, or the coded category when none is printed."""
    for column in dict.fromkeys((NAMES_COLUMN, role(review, "backbone"))):
        value = study.value(column) if column in review.codebook else None
        if value:
            return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)
    return ()


def distance(quantity: float | None, n: int | None) -> float:
    """Return how far two sizes are apart, as the logarithm of their ratio; infinite when unknown.

    Example:
        >>> distance(100, 100), distance(None, 100)
        (0.0, inf)
    """
    if quantity is None or n is None or quantity <= 0:
        return math.inf
    return abs(math.log(quantity / n))
