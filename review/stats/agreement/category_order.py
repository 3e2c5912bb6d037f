"""The order of categories: numbers as numbers, words as text, and when an order must be stated."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from review.errors import InputError
from review.words import listed

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

Place = tuple[int, float, str, str]


def place_of(value: Hashable) -> Place:
    """Where a category stands among the others: numbers by size, then words as text.

    A number written as text counts as a number. The text of a set has its words in an order that
    changes with each start of Python, and with it the order of every sum over categories: the last
    digits of kappa would not be the same. Hence a set counts by its sorted words.

    Example:
        >>> sorted(["10", "2", "1", "none"], key=place_of)
        ['1', '2', '10', 'none']
    """
    text = "; ".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)
    number = number_of(value)
    kind = type(value).__name__
    return (1, 0.0, text, kind) if number is None else (0, number, text, kind)


def number_of(value: Any) -> float | None:
    """Return the number that a category is or is written as; None for words."""
    if isinstance(value, bool | frozenset):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def need_order(
    ratings: Sequence[Sequence[Any]], categories: Sequence[Hashable] | None, what: str
) -> None:
    """Refuse words of unknown order where their order counts; numbers have one, and two words too.

    Args:
        ratings: coders x units, None where there is no value.
        categories: in ascending order, if stated.
        what: that needs the order, in words.

    Raises:
        InputError: three words or more without `categories`.

    Example:
        >>> need_order([[1, 2], [10, None]], None, "weights")
    """
    if categories is not None:
        return
    seen = sorted({v for row in ratings for v in row if v is not None}, key=place_of)
    if len(seen) > 2 and any(number_of(v) is None for v in seen):
        raise InputError(
            f"{what} need the order of the categories: {listed([str(v) for v in seen], most=6)} "
            "are words, which have none of their own; state it in `categories`, lowest first"
        )
