"""Keywords of the review where they stand in a text, so that a page or a terminal can mark them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Marked(NamedTuple):
    """A part of a text that is a keyword: from start up to, not including, end."""

    start: int
    end: int
    against: bool


def keyword_marks(text: str, keywords: Sequence[str], against: Sequence[str] = ()) -> list[Marked]:
    """Return where keywords stand in a text, in order and without overlap.

    Case makes no difference, a word is met as a whole, and a star stands for the rest of one; of
    two that overlap the one that begins first, then the longer one, is marked.

    Example:
        >>> keyword_marks("Randomised trial of mice", ["random*"], ["mice"])
        [Marked(start=0, end=10, against=False), Marked(start=20, end=24, against=True)]
    """
    found = [Marked(*m.span(), against=False) for m in _pattern(tuple(keywords)).finditer(text)]
    found += [Marked(*m.span(), against=True) for m in _pattern(tuple(against)).finditer(text)]
    kept: list[Marked] = []
    for mark in sorted(found, key=lambda m: (m.start, -m.end)):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


@lru_cache(maxsize=32)
def _pattern(keywords: tuple[str, ...]) -> re.Pattern[str]:
    words = sorted((k.strip() for k in keywords if k.strip(" *")), key=len, reverse=True)
    if not words:
        return re.compile(r"(?!)")
    parts = [r"\s+".join(map(_word, word.split())) for word in words]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


def _word(word: str) -> str:
    return re.escape(word).replace(r"\*", r"\w*")
