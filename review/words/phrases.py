"""Plurals, lists, sums and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.words.quantities import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def plural(n: int, noun: str, many: str = "") -> str:
    """Write a count with its noun.

    Args:
        n: the count.
        noun: for one.
        many: for several; by the rules of English without it.

    Example:
        >>> plural(1, "study"), plural(1200, "study"), plural(0, "row")
        ('1 study', '1,200 studies', '0 rows')
        >>> plural(2, "analysis", "analyses")
        '2 analyses'
    """
    if n != 1:
        ends_in_y = noun.endswith("y") and noun[-2:-1] not in set("aeiou")
        noun = many or (f"{noun[:-1]}ies" if ends_in_y else f"{noun}s")
    return f"{count(n)} {noun}"


def listed(items: Iterable[object], *, last: str = "and", most: int | None = None) -> str:
    """Write a list.

    Args:
        items: in their order.
        last: the word before the last one; "" for commas alone.
        most: how many are named; the others are counted.

    Example:
        >>> listed("abc"), listed("ab", last="or"), listed("abcde", most=3), listed("abc", last="")
        ('a, b and c', 'a or b', 'a, b, c and 2 more', 'a, b, c')
    """
    names = [str(item) for item in items]
    if most is not None and len(names) > most:
        names = [*names[:most], f"{count(len(names) - most)} more"]
        last = "and"
    if not last or len(names) < 2:
        return ", ".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def capital(text: str) -> str:
    """Return text with a capital first letter and all others kept.

    Example:
        >>> capital("the ROC curve")
        'The ROC curve'
    """
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Return text as a sentence: a capital first letter, a full stop, no line breaks.

    Example:
        >>> sentence("the model was fitted again")
        'The model was fitted again.'
    """
    joined = "; ".join(line.strip() for line in text.splitlines() if line.strip())
    return capital(joined) + ("" if joined.endswith((".", "!", "?")) else ".")


def sum_text(parts: Sequence[int], stated: int | None = None) -> str:
    """Write a sum, and the total that was stated where it is another.

    Example:
        >>> sum_text([1200, 34]), sum_text([3, 4], 7), sum_text([3, 4], 8)
        ('1,200 + 34 = 1,234', '3 + 4 = 7', '3 + 4 = 7, stated 8')
    """
    joined = " + ".join(count(n) for n in parts)
    total = sum(parts)
    return (joined if len(parts) == 1 else f"{joined} = {count(total)}") + _unlike(total, stated)


def difference_text(whole: int, taken: Sequence[int], stated: int | None = None) -> str:
    """Write a subtraction, and the rest that was stated where it is another.

    Example:
        >>> difference_text(236, [114], 121)
        '236 − 114 = 122, stated 121'
    """
    rest = whole - sum(taken)
    joined = " − ".join(count(n) for n in (whole, *taken))
    return f"{joined} = {count(rest)}" + _unlike(rest, stated)


def _unlike(computed: int, stated: int | None) -> str:
    return "" if stated is None or stated == computed else f", stated {count(stated)}"
