"""One rule each for the single numbers that functions take: real, whole, a seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError
from review.words import listed

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

# effects, weights and moderators: products of two weights and two effects stay within the range of
# floating-point numbers
LARGEST: Final = 1e75
LARGEST_WHOLE: Final = 10**15  # every whole number up to here is exact as a float too


def real(
    name: str,
    value: Any,
    *,
    least: float = -math.inf,
    most: float = math.inf,
    open_ends: bool = False,
    example: str = "",
) -> float:
    """Return one finite number as a float.

    Args:
        name: of the argument.
        value: what was given: a number, or an array that holds one.
        least: smallest value allowed.
        most: largest value allowed.
        open_ends: `least` and `most` themselves are not allowed.
        example: a value that would be right, for the message.

    Raises:
        InputError: it is no number, not finite, or out of range.

    Example:
        >>> real("alpha", 0.05, least=0, most=1, open_ends=True)
        0.05
    """
    number = _scalar(value)
    inside = number is not None and (
        least < number < most if open_ends else least <= number <= most
    )
    if number is None or not math.isfinite(number) or not inside:
        raise InputError(
            f"{name} must be {_range(least, most, open_ends=open_ends)}"
            f"{f', such as {example}' if example else ''}, not {_shown(value)}"
        )
    return number


def whole(name: str, value: Any, *, least: int, most: int = LARGEST_WHOLE) -> int:
    """Return one whole number as an int.

    Args:
        name: of the argument.
        value: what was given.
        least: smallest value allowed.
        most: largest value allowed.

    Raises:
        InputError: it is no whole number, or out of range.

    Example:
        >>> whole("iterations", 1e3, least=1)
        1000
    """
    number = _scalar(value)
    if number is None or not math.isfinite(number) or number != int(number):
        number = math.nan
    if not least <= number <= most:
        limit = f" and at most {most:,}" if most < LARGEST_WHOLE or number > most else ""
        raise InputError(
            f"{name} must be a whole number of at least {least}{limit}, not {_shown(value)}"
        )
    return int(number)


def ordered_pair(name: str, value: Any) -> tuple[float, float]:
    """Return a lower and a higher number; infinite ones are allowed.

    Raises:
        InputError: it is anything else.

    Example:
        >>> ordered_pair("limits", (-1, 1))
        (-1.0, 1.0)
    """
    try:
        low, high = (_scalar(x) for x in value)
    except (TypeError, ValueError, OverflowError):
        low = high = None
    if low is None or high is None or not low < high:
        raise InputError(f"{name} must be a lower and a higher value, not {_shown(value)}")
    return low, high


def generator(seed: Any) -> tuple[np.random.Generator, int]:
    """Return a random generator and its seed; None draws a seed.

    Raises:
        InputError: the seed is no whole number from 0 up.
    """
    if seed is None:
        seed = int(np.random.SeedSequence().generate_state(1)[0])
    seed = whole("seed", seed, least=0)
    return np.random.default_rng(seed), seed


def _scalar(value: Any) -> float | None:
    """The number that a value is; None when it is none (a truth value, a text, several)."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    if isinstance(value, bool | np.bool_ | str | bytes | complex):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _range(least: float, most: float, *, open_ends: bool) -> str:
    if math.isinf(least) and math.isinf(most):
        return "a finite number"
    if math.isinf(most):
        bound = "above" if open_ends else "of at least"
        what = "above 0" if open_ends else "that is not negative"
        return f"a finite number {bound} {least:g}" if least else f"a finite number {what}"
    if math.isinf(least):
        return f"a finite number {'below' if open_ends else 'of at most'} {most:g}"
    words = ("between", "and") if open_ends else ("from", "to")
    return f"a number {words[0]} {least:g} {words[1]} {most:g}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def finite(name: str, column: FloatArray) -> FloatArray:
    """Return a column in which NaN stands for a missing value and nothing is infinite.

    Raises:
        InputError: a value is infinite; the message names its row.

    Example:
        >>> finite("x", np.array([1.0, np.nan])).tolist()
        [1.0, nan]
    """
    rows = np.flatnonzero(np.isinf(column))
    if len(rows):
        where = listed((i + 1 for i in rows.tolist()), most=5, last="")
        raise InputError(f"{name} must be finite (leave a missing value empty); see row {where}")
    return column


def values_of(name: str, given: Any) -> list[Any]:
    """Return a column as a list: one value per row.

    Raises:
        InputError: it is a single value, a text, or has rows and columns.

    Example:
        >>> values_of("x", (1, None, 3))
        [1, None, 3]
    """
    shape = getattr(given, "shape", None)
    if shape is not None and len(shape) > 1:
        raise InputError(f"{name} must hold one value per row, not {len(shape)} dimensions")
    single = isinstance(given, str | bytes | Mapping | set | frozenset) or shape == ()
    if single or not hasattr(given, "__iter__"):
        raise InputError(f"{name} must hold one value per row, not {_shown(given)}")
    return list(given.tolist() if hasattr(given, "tolist") else given)
