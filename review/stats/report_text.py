"""The account of a result in words: a printable summary and a methods-and-results paragraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.kernels import FloatArray
    from review.stats.result import MetaResult


def summary(fit: MetaResult, transf: str | Callable[[FloatArray], Any] | None = None) -> str:
    """Return the printable account of a result."""
    raise NotImplementedError


def report_text(fit: MetaResult, transf: str | Callable[[FloatArray], Any] | None = None) -> str:
    """Return a methods-and-results paragraph."""
    raise NotImplementedError
