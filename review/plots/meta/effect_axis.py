"""The axis of an effect: its title, whether it is logarithmic, and where no effect lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review.plots.theme import axis
from review.stats.presentation.effect_display import ONE_GROUP, shown_transf
from review.words import number as plain_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.networks.network_result import NetworkResult
    from review.stats.presentation.effect_display import Transf
    from review.stats.presentation.forest_rows import Pooled
    from review.stats.presentation.measure_words import Measured

MOST_TICKS = 8
# values of "no difference" on the scale of the outcome
_NULL_OF_TRANSF = {"exp": 1.0, "identity": 0.0, "tanh": 0.0, "": 0.0}


@dataclass(frozen=True)
class Scale:
    """How effects of a measure are drawn.

    Attributes:
        title: of the axis.
        log: whether the axis is logarithmic.
        null: the value of no effect, or None when the measure has none.
        transf: name of the back-transformation that was applied.
    """

    title: str
    log: bool
    null: float | None
    transf: str

    def axis(self, values: Sequence[float] = (), **more: Any) -> dict[str, Any]:
        """Return the plotly axis; a logarithmic one with round ticks over `values`."""
        if not self.log:
            return axis(self.title, **more)
        ticks = log_ticks([v for v in values if v > 0])
        shown = {"tickvals": ticks, "ticktext": [f"{t:g}" for t in ticks]} if ticks else {}
        return axis(self.title, type="log", **shown, **more)


def log_ticks(values: Sequence[float]) -> list[float]:
    """Return round numbers for a logarithmic axis, the fewer per decade the longer it is.

    Example:
        >>> log_ticks([0.15, 1.8])
        [0.1, 0.2, 0.5, 1.0, 2.0]
        >>> log_ticks([0.02, 20])
        [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]
    """
    if not values:
        return []
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    decades = range(low, high + 1)
    step = max(1, len(decades) // 8)
    short = max(values) / min(values) < 6
    for steps in ((1, 2, 3, 4, 5, 6, 8), (1, 2, 5), (1, 3), (1,))[0 if short else 1 :]:
        ticks = [float(f"{s}e{d}") for d in decades[::step] for s in steps]
        near = [t for t in ticks if min(values) / 2 <= t <= max(values) * 2]
        if len(near) <= MOST_TICKS:
            break
    return near


def scale_of(result: Pooled | NetworkResult, transf: Transf = None) -> Scale:
    """Return the scale on which the effects of a result are drawn.

    Args:
        result: names the measure.
        transf: the back-transformation; the measure's own by default.
    """
    used = shown_transf(result, transf)
    name = used if isinstance(used, str) else getattr(used, "__name__", "function")
    label = measure_label(result.measure)
    null = None if result.measure in ONE_GROUP else _NULL_OF_TRANSF.get(name)
    log = name == "exp" and result.measure not in {"PLN", "IRLN", "MNLN"}
    return Scale(label, log, null, name)


def measure_label(measure: str) -> str:
    """Return a measure in words, on the scale of the outcome, starting with a capital."""
    from review.stats.presentation.measure_words import outcome_name

    label = outcome_name(measure)
    return label[:1].upper() + label[1:]


def analysis_label(result: Measured) -> str:
    """Return the name of the scale on which effects are analysed, such as `Log risk ratio`."""
    from review.stats.presentation.measure_words import effect_name

    label = effect_name(result)
    return label[:1].upper() + label[1:]


def number(value: float | None, digits: int | None = 2) -> str:
    """Return a number for a figure, with a true minus sign.

    Example:
        >>> number(-0.714), number(None)
        ('−0.71', '')
    """
    return plain_number(value, digits, missing="").replace("-", "−")
