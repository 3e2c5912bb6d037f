"""How wide a text is when it is drawn, and how it is cut into lines that fit."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# advance widths of Helvetica, in thousandths of the font size (Adobe Font Metrics); Arial and
# Liberation Sans have the same
_WIDTHS: Final = {
    **dict.fromkeys("ijl", 222), **dict.fromkeys("'", 191), **dict.fromkeys("|", 260),
    **dict.fromkeys(" !,./:;I[\\]ft", 278), **dict.fromkeys("()-r`", 333),
    **dict.fromkeys("{}", 334),
    **dict.fromkeys('"', 355), **dict.fromkeys("*", 389), **dict.fromkeys("^", 469),
    **dict.fromkeys("ckszvxyJ", 500), **dict.fromkeys("#$0123456789?_abdeghnopquL", 556),
    **dict.fromkeys("+<=>~−", 584), **dict.fromkeys("FTZ", 611),
    **dict.fromkeys("&ABEKPSVXY", 667), **dict.fromkeys("CDHNRUw", 722),
    **dict.fromkeys("GOQ", 778),
    **dict.fromkeys("mM", 833), **dict.fromkeys("%", 889), **dict.fromkeys("W", 944),
    **dict.fromkeys("@", 1015), "²": 333, "τ": 500, "…": 1000, "–": 556,
}  # fmt: skip
_OTHER: Final = 640  # letters with accents, other alphabets
_ROOM: Final = 1.05  # other fonts of the list are a little wider
_BOLD: Final = 1.07


def text_width(text: str, size: float = 12, *, bold: bool = False) -> float:
    """Return about how many pixels a text takes, rather too many than too few.

    Example:
        >>> text_width("0.49 [0.34, 0.70]") < 120
        True
    """
    total = 0.0
    for letter in text:
        if letter in _WIDTHS:
            total += _WIDTHS[letter]
        elif unicodedata.east_asian_width(letter) in "WF" or letter in "←→\u2003":
            total += 1000
        elif not unicodedata.combining(letter):
            total += _OTHER
    return total / 1000 * size * _ROOM * (_BOLD if bold else 1)


def widest(texts: Iterable[str], size: float = 12, *, bold: bool = False) -> float:
    """Return the width of the widest of some texts; 0 of none."""
    return max((text_width(text, size, bold=bold) for text in texts), default=0.0)


def shorten(text: str, most: int) -> str:
    """Cut a text that has too many letters for its place.

    Example:
        >>> shorten("a long name of a study", 10)
        'a long na…'
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def fit(text: str, width: float, size: float = 12, *, bold: bool = False) -> str:
    """Cut a text that is too wide for its place, and say so by three dots."""
    if text_width(text, size, bold=bold) <= width:
        return text
    end = len(text)
    while end > 1 and text_width(text[:end].rstrip() + "…", size, bold=bold) > width:
        end -= 1
    return text[:end].rstrip() + "…"


def lines_of(text: str, width: float, size: float = 12, *, bold: bool = False) -> list[str]:
    """Return a text in lines no wider than `width` pixels; words stay whole where they can.

    Example:
        >>> lines_of("favours the new treatment", 80)
        ['favours the', 'new treatment']
    """
    lines: list[str] = []
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, size, bold=bold) <= width:
            lines[-1] = joined
            continue
        lines += _pieces(word, width, size, bold=bold)
    return lines or [""]


def _pieces(word: str, width: float, size: float, *, bold: bool) -> list[str]:
    """A word in pieces that fit: one, but for very long words and languages without blanks."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and text_width(pieces[-1] + letter, size, bold=bold) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces
