"""What every result of this package can do: turn itself into a dictionary and a table."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from review.stats.tables import plain

if TYPE_CHECKING:
    import pandas as pd


def p_text(p: float) -> str:
    """Return `p = 0.0312` or `p < 0.0001`.

    Example:
        >>> p_text(0.03124), p_text(1e-9)
        ('p = 0.0312', 'p < 0.0001')
    """
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.4f}"


def interval_text(low: float, high: float, level: float) -> str:
    """Return `95% CI [0.1, 0.4]`.

    Example:
        >>> interval_text(0.1, 0.4, 95)
        '95% CI [0.1000, 0.4000]'
    """
    return f"{level:g}% CI [{low:.4f}, {high:.4f}]"


class Record:
    """Base of the frozen dataclasses that hold results."""

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers and settings as plain values for JSON (None, never NaN)."""
        out = {}
        for f in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, f.name)
            out[f.name] = _plain(value)
        return out

    def to_frame(self) -> pd.DataFrame:
        """Return the single numbers and settings as a table with one row."""
        import pandas as pd

        row = {k: v for k, v in self.to_dict().items() if not isinstance(v, list | dict)}
        return pd.DataFrame([row])

    def __str__(self) -> str:
        return self.summary()

    def summary(self) -> str:
        """Return the result in words, with the method and its source."""
        raise NotImplementedError


def _plain(value: Any) -> Any:
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return plain(value)
