"""Builds the panels of a figure that a review has the variables for, and names the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from review.analysis_api import Panel


def build_panels(
    figure: str, makers: Iterable[Callable[[], Panel]]
) -> tuple[tuple[Panel, ...], list[str]]:
    """Return the panels that can be made, and a note per panel that cannot.

    Args:
        figure: for the message, such as `figure 5`.
        makers: functions that return a panel or raise InputError.

    Raises:
        InputError: none can be made; the message says what each lacks.
    """
    panels, lacking = [], []
    for make in makers:
        try:
            panels.append(make())
        except InputError as error:
            lacking.append(str(error))
    if not panels:
        raise InputError("\n  ".join([f"{figure} cannot be drawn:", *lacking]))
    return tuple(panels), [f"Left out: {text}." for text in lacking]
