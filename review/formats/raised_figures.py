"""Raised figures in papers: exponents and letters' figures stay, marks of references do not.

"An odds ratio of 2.5" with a raised 4 for the fourth reference reads 2.54 when the figures are
joined, which no later check can tell from a number.
"""

from __future__ import annotations

import re
from typing import Final

from review.words import plural

_NUMBER: Final = re.compile(r"\d[%.,;:]?$")
_TEN: Final = re.compile(r"(?<![\d.])10$")
_EXPONENT: Final = re.compile(r"[-−–+]?\d{1,3}")
_MARK: Final = re.compile(r"[\d,;\-−–\s]+|[a-z]|[*†‡§¶]+")


class RaisedFigures:
    """Joins raised figures to the text before them.

    Attributes:
        left_out: how many marks behind numbers were left out.

    Example:
        >>> figures = RaisedFigures()
        >>> [b + figures.joined(b, r) for b, r in [("I", "2"), ("2.5", "4"), ("5 × 10", "-3")]]
        ['I2', '2.5', '5 × 10^-3']
        >>> figures.notes()
        ('1 raised mark behind a number left out',)
    """

    def __init__(self) -> None:
        self.left_out = 0

    def joined(self, before: str, figures: str) -> str:
        """Return what raised figures add to a text.

        Args:
            before: the text in front of them, to the end.
            figures: what is raised.
        """
        mark = figures.strip()
        if not mark or not _NUMBER.search(before):
            return figures
        if _TEN.search(before) and _EXPONENT.fullmatch(mark):
            return f"^{mark}"
        if _MARK.fullmatch(mark):
            self.left_out += 1
            return " " if figures.endswith(" ") else ""
        return figures

    def notes(self) -> tuple[str, ...]:
        """Say what was left out."""
        if not self.left_out:
            return ()
        return (f"{plural(self.left_out, 'raised mark')} behind a number left out",)
