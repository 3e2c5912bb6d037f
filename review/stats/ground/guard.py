"""Results are numbers, or say why not: the check that every public computation ends with."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import numpy as np

from review.errors import StatsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")
R = TypeVar("R")

TOO_EXTREME: Final = (
    "the effects or variances are too large, too small or too unequal to compute with; check "
    "them, or express them in another unit"
)
# fields in which a result says what is missing and why
SAYS: Final = ("notes", "note", "reason", "left_out", "missing", "ci_reason")
# what went in, and what was done to it first, is no result
_INPUTS: Final = frozenset({"call", "design", "X", "inside", "conversions"})

_SMALL: Final = 64
_WHOLE: Final = frozenset({str, int, bool, type(None)})


def guarded(function: Callable[P, R]) -> Callable[P, R]:
    """Refuse a result with NaN or infinity that says nothing about it.

    Numbers near the ends of the range of floating point overflow somewhere on the way; numpy's
    warnings about that are of no use to a reader, and a NaN in a result is a silent error.

    Raises:
        StatsError: by the function that is made.

    Example:
        >>> guarded(lambda x: x)(1.5)
        1.5
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
            try:
                result = function(*args, **kwargs)
            except np.linalg.LinAlgError:  # a matrix that is singular to the computer
                raise StatsError(TOO_EXTREME) from None
        if holds_gap(result):
            raise StatsError(TOO_EXTREME)
        return result

    return call


def holds_gap(value: Any) -> bool:
    """Tell whether `gaps` finds anything, many times faster.

    Example:
        >>> holds_gap({"a": float("nan")}), holds_gap((1.0, "b"))
        (True, False)
    """
    kind: Any = type(value)
    if kind in _WHOLE:
        return False
    if kind is float or kind is np.float64:
        return not math.isfinite(value)
    if kind is np.ndarray:
        if value.dtype.kind != "f":
            return False
        if value.size <= _SMALL:  # faster by numbers than by calls of numpy
            return not all(map(math.isfinite, value.ravel().tolist()))
        return not np.isfinite(value).all()
    if kind is dict:
        return any(map(holds_gap, value.values()))
    if kind is tuple or kind is list:
        return not (value and type(value[0]) is str) and any(map(holds_gap, value))
    names = _numbers_of(kind)
    if names is None:  # a subclass of one of these, or nothing that holds numbers
        return next(gaps(value), None) is not None
    if any(getattr(value, name, None) for name in SAYS):
        return False
    return any(holds_gap(getattr(value, name)) for name in names)


@lru_cache(maxsize=1_000)
def _numbers_of(kind: Any) -> tuple[str, ...] | None:
    """Fields of a result in which NaN has no meaning; None for what is no dataclass."""
    if not is_dataclass(kind):
        return None
    explained = getattr(kind, "GAPS", {})
    return tuple(f.name for f in fields(kind) if f.name not in {*_INPUTS, *explained})


def gaps(result: Any, path: str = "") -> Iterator[str]:
    """Yield the fields of a result that hold NaN or infinity without a word about it.

    A class says in `GAPS` in which fields NaN or infinity has a meaning, and which.

    Example:
        >>> list(gaps({"a": float("nan"), "b": 1.0}))
        ['a']
    """
    if isinstance(result, float | np.floating):
        if not math.isfinite(result):
            yield path
    elif isinstance(result, np.ndarray):
        if result.dtype.kind == "f" and not np.isfinite(result).all():
            yield path
    elif isinstance(result, dict):
        for name, value in result.items():
            yield from gaps(value, f"{path}.{name}".lstrip("."))
    elif isinstance(result, list | tuple):
        for value in () if result and isinstance(result[0], str) else result:
            yield from gaps(value, path)
    elif is_dataclass(result) and not isinstance(result, type):
        if any(getattr(result, name, None) for name in SAYS):
            return
        explained = getattr(result, "GAPS", {})
        for f in fields(result):
            if f.name not in _INPUTS and f.name not in explained:
                yield from gaps(getattr(result, f.name), f"{path}.{f.name}".lstrip("."))
