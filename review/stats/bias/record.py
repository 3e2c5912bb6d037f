"""What every result of this package can do beyond a dictionary: a table of one row, and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.stats.ground.result_kit import Record as BaseRecord
from review.stats.ground.result_kit import conventions_lines
from review.stats.pooling.small_sample import bias_notes

if TYPE_CHECKING:
    import pandas as pd


class Record(BaseRecord):
    """Base of the frozen dataclasses that hold results in words and single numbers."""

    def to_frame(self) -> pd.DataFrame:
        """Return the single numbers and settings as a table with one row."""
        import pandas as pd

        row = {k: v for k, v in self.to_dict().items() if not isinstance(v, list | dict)}
        row.pop("conventions", None)
        return pd.DataFrame([row])

    def __str__(self) -> str:
        return self.summary()

    def words(self) -> str:
        """Return the result in words, with the method and its source."""
        raise NotImplementedError

    def summary(self) -> str:
        """Return the result in words, and the version of the reference it agrees with."""
        return "\n".join([self.words(), *conventions_lines(self.conventions)])


class SmallStudyResult(Record):
    """Base of tests of, and corrections for, small-study effects.

    Attributes:
        k: number of studies.
        notes: remarks; what the number of studies weakens is among them, however it was made.
    """

    k: int
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Let the result itself say what weakens it."""
        said = dict.fromkeys((*self.notes, *self.weakness()))
        object.__setattr__(self, "notes", tuple(said))

    def weakness(self) -> list[str]:
        """Return the remarks on what the result rests on."""
        return bias_notes(self.k)

    def with_notes(self, *lines: str) -> str:
        """Return lines of a summary with the remarks below."""
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])
