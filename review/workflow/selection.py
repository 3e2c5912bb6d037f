"""Which studies a performance figure shows, step by step, and the data quantity it plots.

The rule of Kim et al. 2022 ("Performance visualization"): the quantity counts patients for the
modalities listed in `roles.patients_for` when they are stated, otherwise images, otherwise
patients; it is divided by the number of classes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from review.workflow.roles import category, need, number, role

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from review.project import Review
    from review.schema import Study

SelectionMode = Literal["all", "strict"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """The size of a study's data set.

    Attributes:
        value: patients or images.
        unit: what is counted.
        classes: how many the network tells apart; None in a review without that variable.
        normalised: value / classes.
    """

    value: float
    unit: str
    classes: float | None
    normalised: float


@dataclass(frozen=True)
class Step:
    """One step of a selection.

    Attributes:
        label: what the studies that are left have, or what those taken out had.
        left: how many are left.
        left_out: how many the step took out.
    """

    label: str
    left: int
    left_out: int

    def to_dict(self) -> dict[str, Any]:
        """Return the step as a dictionary for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Selection:
    """The studies a figure shows, and how many each step left."""

    studies: tuple[Study, ...]
    steps: tuple[Step, ...]

    def keep(self, text: str, test: Callable[[Study], bool]) -> Selection:
        """Return the selection after one more step."""
        left = tuple(s for s in self.studies if test(s))
        return Selection(left, (*self.steps, Step(text, len(left), len(self.studies) - len(left))))


def quantity(review: Review) -> Callable[[Study], Quantity | None]:
    """Return the function that gives a study's quantity, raw and per class.

    It returns None when the quantity or the number of classes is not stated, or is zero (which a
    logarithmic axis cannot show).

    Raises:
        InputError: `review.toml` names no size variable.
    """
    raw = size_rule(review)
    classes = role(review, "n_classes", numeric=True)

    def of(study: Study) -> Quantity | None:
        found = raw(study)
        if found is None:
            return None
        value, unit = found
        if not classes:
            return Quantity(value, unit, None, value)
        n = number(study.value(classes))
        return None if n is None or n <= 0 else Quantity(value, unit, n, value / n)

    return of


def size_rule(review: Review) -> Callable[[Study], tuple[float, str] | None]:
    """Return the function that gives the size of a study's data set and its unit.

    Raises:
        InputError: `review.toml` names no size variable.

    Example:
        >>> from review.project import open_review
        >>> kim = open_review("kim2022")
        >>> size_rule(kim)(kim.study("aboutalib2018recalled"))
        (14860.0, 'images')
    """
    patients = role(review, "size_patients", numeric=True)
    images = role(review, "size_images", numeric=True)
    modality = role(review, "modality")
    for_patients, several = set(review.settings.roles.patients_for), review.settings.roles.several
    if not patients and not images:
        raise need(
            review, "the data quantity", "the role size_images or size_patients", numeric=True
        )

    usual = [(v, review.codebook[v].unit or v) for v in (images, patients) if v]
    patients_first = usual[::-1]

    def rule(study: Study) -> tuple[float, str] | None:
        first = for_patients and modality and category(study, modality, several) in for_patients
        for variable, unit in patients_first if first else usual:
            value = number(study.value(variable))
            if value is not None and value > 0:
                return value, unit
        return None

    return rule


def select(review: Review, mode: SelectionMode, variables: Sequence[str]) -> Selection:
    """Return the studies of a performance figure.

    Args:
        review: the review.
        mode: `all` takes every study with the values needed; `strict` first leaves out studies of
            several models, of minor models, of several transfer-learning types and of several
            modalities, as Kim et al. did.
        variables: the metrics, of which a study needs at least one.
    """
    chosen = Selection(tuple(review.studies), (Step("coded", len(review.studies), 0),))
    if mode == "strict":
        chosen = _strict(review, chosen)
    raw, full = size_rule(review), quantity(review)
    chosen = chosen.keep("with a data quantity", lambda s: raw(s) is not None)
    if role(review, "n_classes"):
        chosen = chosen.keep("with a number of classes", lambda s: full(s) is not None)
    listed = " or ".join(variables)
    return chosen.keep(f"with {listed}", lambda s: any(s.value(v) is not None for v in variables))


def _strict(review: Review, chosen: Selection) -> Selection:
    several = review.settings.roles.several
    backbone, tl_type, modality = (
        role(review, "backbone"), role(review, "tl_type"), role(review, "modality")
    )  # fmt: skip
    for variable, text in (
        (backbone, "without several models"),
        (tl_type, "without several transfer-learning types"),
    ):
        if variable:
            chosen = chosen.keep(text, _is_not(variable, {several}, several))
    minor = set(review.settings.roles.minor)
    if backbone and minor:
        chosen = chosen.keep("without minor models", _is_not(backbone, minor, several))
    if modality:
        chosen = chosen.keep("without several modalities", _is_not(modality, {several}, several))
    return chosen


def _is_not(variable: str, words: set[str], several: str) -> Callable[[Study], bool]:
    return lambda study: category(study, variable, several) not in words
