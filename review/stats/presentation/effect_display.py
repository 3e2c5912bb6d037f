"""How effects are shown to readers: on which scale, with how many digits."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import numpy as np

from review.errors import InputError
from review.words import bracketed, estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from review.stats.ground.least_squares import FloatArray
    from review.stats.presentation.forest_rows import ForestRow

    Transf = str | Callable[[FloatArray], Any] | None

# measures of single groups: no value of theirs means that there is no effect
ONE_GROUP: Final = frozenset(
    {"PR", "PLN", "PLO", "PAS", "PFT", "IR", "IRLN", "IRS", "IRFT", "MN", "MNLN", "CVLN", "SDLN"}
    | {"ARAW", "AHW", "ABT", "AUC", "LOGITAUC", "ACC", "SENS", "SPEC"}
)
_NEED_SIZES: Final = ("ipft", "ipft_hm", "iirft", "iirft_hm")
DIGITS: Final = 2
MOST_DIGITS: Final = 8


Predicted_co = TypeVar("Predicted_co", covariant=True)


class Predicting(Protocol[Predicted_co]):
    """Any result that predicts on another scale."""

    @property
    def transf(self) -> str:
        """Name of the back-transformation of its measure."""

    def predict(self, *, transf: Transf = None) -> Predicted_co:
        """Return the pooled effect."""


def back_transformed(fit: Predicting[Predicted_co], transf: Transf) -> Predicted_co | None:
    """Return the pooled effect on the scale of the reader; None where that scale is the same.

    Raises:
        InputError: the scale that was asked for needs study sizes that were not given.
    """
    chosen = transf if transf is not None else fit.transf
    if chosen in ("identity", "") or (chosen == "back" and fit.transf == "identity"):
        return None
    try:
        return fit.predict(transf=chosen)
    except InputError:
        if transf is not None:
            raise
        return None  # the measure's own scale needs study sizes that were not given


class Scaled(Protocol):
    """Any result that says on which scale its effects are."""

    @property
    def transf(self) -> str:
        """Name of the back-transformation of its measure."""

    @property
    def ni(self) -> FloatArray | None:
        """Study sizes, where they are known."""


def shown_transf(result: Scaled, transf: Transf = None) -> str | Callable[[FloatArray], Any]:
    """Return the transformation that brings effects to the scale readers know.

    Args:
        result: names the measure and its transformation.
        transf: another one, by name or as a function; "identity" for the scale of the analysis.

    Returns:
        The measure's own by default; "identity" when it needs study sizes that are not there.
    """
    from review.stats.effects.transforms import check_transf

    check_transf(transf)
    if transf is not None and transf != "back":
        return transf
    own = result.transf or "identity"
    return "identity" if own in _NEED_SIZES and result.ni is None else own


def back(result: Scaled, values: Any, transf: Transf = None) -> FloatArray:
    """Bring values of single studies, shape (k,), to the scale that is shown.

    Transformations that depend on study sizes use each study's own.
    """
    name = shown_transf(result, transf)
    x = np.asarray(values, dtype=float)
    if name == "identity":
        return x
    from review.stats.effects import back_transform

    own = name.removesuffix("_hm") if isinstance(name, str) else name
    return np.asarray(back_transform(x, transf=own, ni=result.ni, ti=result.ni))


def back_pooled(result: Scaled, values: Any, transf: Transf = None) -> FloatArray:
    """Bring pooled values of any shape to the scale that is shown."""
    name = shown_transf(result, transf)
    x = np.asarray(values, dtype=float)
    if name == "identity":
        return x
    from review.stats.effects import back_transform

    pooled = f"{name}_hm" if name in {"ipft", "iirft"} else name
    return np.asarray(back_transform(x, transf=pooled, ni=result.ni, ti=result.ni))


def digits_for(rows: Iterable[ForestRow]) -> int:
    """Return the decimals that show half an interval with two digits or more.

    Example:
        >>> from review import meta_analysis
        >>> from review.stats.presentation.forest_rows import forest_rows
        >>> fit = meta_analysis([0.91, 0.93, 0.92], [0.0001, 0.0002, 0.0001])
        >>> digits_for(forest_rows(fit))
        3
    """
    halves: dict[bool, list[float]] = {True: [], False: []}
    for r in rows:
        if r.kind in {"study", "total", "subtotal"} and r.ci_ub is not None and r.ci_lb is not None:
            width = r.ci_ub - r.ci_lb
            if 0 < width < math.inf:
                halves[r.kind == "study"].append(width / 2)
    # medians: one wide or narrow interval decides nothing
    half = min((median(group) for group in halves.values() if group), default=0.0)
    if half == 0:
        return DIGITS
    if half >= 10:
        return 0 if half >= 100 else 1
    return min(max(1 - math.floor(math.log10(half)), DIGITS), MOST_DIGITS)


def interval_text(row: ForestRow, digits: int = DIGITS) -> str:
    """Return `0.49 [0.34, 0.70]`; of a prediction interval the limits alone; of a heading nothing.

    Example:
        >>> from review.stats.presentation.forest_rows import ForestRow
        >>> interval_text(ForestRow("total", "Total", 0.4894, 0.3441, 0.6962))
        '0.49 [0.34, 0.70]'
    """
    if row.estimate is None:
        return ""
    if row.kind == "prediction":
        return bracketed(row.ci_lb, row.ci_ub, digits)
    return estimate(row.estimate, row.ci_lb, row.ci_ub, digits)
