"""What every result of this package can do beyond a dictionary: a table of one row, and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.stats.records import Record as BaseRecord
from review.stats.records import conventions_lines

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
