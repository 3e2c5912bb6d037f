"""Words that say "no value here", each with the reason that it gives.

Missing is missing, with its reason: `NR` says that the source does not report it, an empty cell
says nothing. Words that can mean a value (`none` can be zero, `ns` is a p-value) are not here.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

EMPTY: Final = "empty"
_WORDS: Final = {
    "not reported": "NR|N.R.|not reported|unreported|not given|not stated|not mentioned|k.A.",
    "not available": "NA|N/A|N.A.|not available|unavailable|NaN|NULL|<NA>|no data|N.D.|missing",
    "not applicable": "not applicable",
    "unclear": "?|??|unclear|unknown|not clear",
    "not stated": "-|--|---|–|—|−|.|..|…|...",
}
MARKS: Final = {
    word.casefold(): reason for reason, words in _WORDS.items() for word in words.split("|")
}
# as they are written most often, for messages and help
SHOWN: Final = "NA, N/A, n.a., NR, not reported, -, ., ? or an empty cell"
_BLANKS: Final = re.compile(r"[\s\u00a0\u2007\u2009\u200b\u202f\u2060\ufeff]+")
_LONGEST: Final = max(map(len, MARKS))


def missing_reason(text: str, also: Iterable[str] = ()) -> str | None:
    """Return why a cell is missing, or None when it holds something else.

    Args:
        text: of the cell.
        also: further words or numbers that mean missing, such as `999`; numbers by their value.

    Example:
        >>> missing_reason("n.r."), missing_reason(" "), missing_reason("0"), missing_reason("none")
        ('not reported', 'empty', None, None)
        >>> missing_reason("999.0", ["999"])
        'given as missing (999)'
    """
    # printable text has single blanks or runs of them, and no other white space
    plain = text.isprintable() and "  " not in text
    word = (text if plain else _BLANKS.sub(" ", text)).strip()
    if not word:
        return EMPTY
    if len(word) <= _LONGEST and (reason := MARKS.get(word.casefold())):
        return reason
    for given in also:
        if word.casefold() == given.casefold() or _same_number(word, given):
            return f"given as missing ({given})"
    return None


def _same_number(text: str, given: str) -> bool:
    try:
        return Decimal(text) == Decimal(given)
    except InvalidOperation:
        return False
