"""The Summary of Findings table as a block: rows that share cells, circles, and notes by letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from review.report.blocks import Block

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class FindingsRow:
    """One outcome.

    Attributes:
        outcome: its title.
        before: cells that all lines share, before those of the lines.
        lines: cells of each baseline, one line or more.
        sign: circles of the certainty, or "". certainty: in words.
        means: a sentence.
        marks: numbers of the notes, from 0.
    """

    outcome: str
    before: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    sign: str
    certainty: str
    means: str
    marks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Findings:
    """A Summary of Findings table.

    Attributes:
        ident: beginning of the anchors of its notes, unique in the report.
        columns: headings, one per cell of a row.
        notes: behind the table, each with its letter.
        plain: the same as blocks of other kinds, for what is no page.
    """

    kind: ClassVar[str] = "findings"
    ident: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[FindingsRow, ...]
    notes: tuple[str, ...] = ()
    plain: tuple[Block, ...] = ()

    def letter(self, number: int) -> str:
        """Return the letter of a note: a to z, then aa, ab, ...

        Example:
            >>> [Findings("f", "", (), ()).letter(n) for n in (0, 25, 26)]
            ['a', 'z', 'aa']
        """
        rest, last = divmod(number, len(LETTERS))
        return (self.letter(rest - 1) if rest else "") + LETTERS[last]
