"""What a column of moderators or subgroups holds: numbers, words, or numbers with a stray word.

A column is never turned into categories because of one word in it: it is declared (a categorical
type, `factor()`), or it is all numbers, or all words.
"""

from __future__ import annotations

import math
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SHOWN: Final = 5  # rows or pairs named in one message


def is_missing(value: Any) -> bool:
    """Tell whether a value is a gap: None, NaN, NA or empty text."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, str) and not value.strip()


def category_name(value: Any) -> str:
    """Return the name of a category; 1.0, as a column of numbers has it, is written 1.

    Example:
        >>> category_name(11.0), category_name(1.5), category_name(" a ")
        ('11', '1.5', 'a')
    """
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value).strip()


def is_number(value: Any) -> bool:
    """Tell whether a value is a number, or text that is one.

    Example:
        >>> is_number(3), is_number("4.5"), is_number("NR"), is_number(True)
        (True, True, False, False)
    """
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        try:
            return math.isfinite(float(value))
        except ValueError:
            return False
    kind = getattr(getattr(value, "dtype", None), "kind", "f")  # numpy's dates have a float, too
    return hasattr(value, "__float__") and kind in "fiu"


def check_kind(name: str, values: Sequence[Any], place: Callable[[int], str]) -> None:
    """Refuse a column that mixes numbers and words, or holds numbers stored as text.

    Args:
        name: of the column.
        values: one per row; gaps do not count.
        place: names the row at a position.

    Raises:
        InputError: the message names the cells and what would be right.

    Example:
        >>> check_kind("age", ["NR", None, "x"], str)
    """
    known = [(i, v) for i, v in enumerate(values) if not is_missing(v)]
    words = [(i, v) for i, v in known if not is_number(v)]
    if len(words) == len(known):
        return
    if not words:
        if all(not isinstance(v, str) for _, v in known):
            return
        raise InputError(
            f"{name} holds numbers stored as text; turn them into numbers, or write factor({name}) "
            "if they are names of categories"
        )
    numbers = [(i, v) for i, v in known if is_number(v)]
    few = words if len(words) <= len(numbers) else numbers
    listed = "; ".join(f"{str(v)!r} in {place(i)}" for i, v in few[:SHOWN])
    more = f" and {len(few) - SHOWN} more" if len(few) > SHOWN else ""
    raise InputError(
        f"{name} mixes numbers and words ({len(numbers)} numbers, {len(words)} words: "
        f"{listed}{more}). Correct or empty these cells, or write factor({name}) if all "
        "its values are names of categories"
    )


def look_alikes(values: Iterable[Any]) -> list[tuple[str, ...]]:
    """Group words that differ only in case, blanks or punctuation.

    Example:
        >>> look_alikes(["Europe", "Asia", "europe ", "Europe"])
        [('Europe', 'europe ')]
    """
    groups: dict[str, dict[str, None]] = {}
    for value in values:
        if isinstance(value, str) and value.strip():
            plain = "".join(c for c in value.casefold() if c.isalnum())
            groups.setdefault(plain or value, {})[value] = None
    return [tuple(words) for words in groups.values() if len(words) > 1]


def look_alike_note(name: str, values: Iterable[Any]) -> list[str]:
    """Return one suspicion for a column whose words look alike, or nothing.

    Example:
        >>> look_alike_note("region", ["Europe", "europe"])
        ["region: 'Europe' and 'europe' count as different groups; are they the same?"]
    """
    found = look_alikes(values)
    if not found:
        return []
    pairs = "; ".join(" and ".join(repr(w) for w in words) for words in found[:SHOWN])
    return [f"{name + ': ' if name else ''}{pairs} count as different groups; are they the same?"]


def sort_keys(name: str, values: Sequence[Any]) -> list[tuple[int, float]]:
    """Keys that put rows in order by number or date, those without a value last.

    Args:
        name: for messages.
        values: numbers, dates, or text that is a number or a day written like 2019-03-02.

    Raises:
        InputError: text that is neither; numbers and dates together.

    Example:
        >>> keys = sort_keys("n", ["900", "85", "1200", None])
        >>> sorted(range(4), key=keys.__getitem__)
        [1, 0, 2, 3]
    """
    keys: list[tuple[int, float]] = []
    kinds = set()
    for i, value in enumerate(values):
        if is_missing(value):
            keys.append((1, 0.0))
            continue
        kind, key = _key(value)
        if kind is None:
            raise InputError(
                f"{name}: {str(value)!r} (value {i + 1}) is neither a number nor a date: rows are "
                "ordered by number or date (such as 2019-03-02), never by text"
            )
        kinds.add(kind)
        keys.append((0, key))
    if len(kinds) > 1:
        raise InputError(f"{name} mixes numbers and dates, which have no common order")
    return keys


def _key(value: Any) -> tuple[str | None, float]:
    if isinstance(value, date):
        clock = value.time() if isinstance(value, datetime) else None
        seconds = 0.0 if clock is None else 3600 * clock.hour + 60 * clock.minute + clock.second
        return "date", value.toordinal() + seconds / 86_400
    if is_number(value):
        return "number", float(value)
    if hasattr(value, "astype"):  # numpy's dates
        return "date", float(value.astype("datetime64[s]").astype(float))
    try:
        return "date", float(date.fromisoformat(str(value).strip()).toordinal())
    except ValueError:
        return None, 0.0
