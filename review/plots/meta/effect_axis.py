"""The axis of an effect: its title, whether it is logarithmic, and where no effect lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review.plots.natural_ticks import log_ticks, tick_text
from review.plots.theme import axis
from review.stats.presentation.effect_display import ONE_GROUP, shown_transf
from review.words import number as plain_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.networks.network_result import NetworkResult
    from review.stats.presentation.effect_display import Transf
    from review.stats.presentation.forest_rows import Pooled
    from review.stats.presentation.measure_words import Measured

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
        shown = {"tickvals": ticks, "ticktext": list(map(tick_text, ticks))} if ticks else {}
        return axis(self.title, type="log", **shown, **more)


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
