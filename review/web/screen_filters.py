"""Which of the records that are left a person wants to see first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from review.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class ScreenFilter:
    """A choice of records; what is empty chooses all.

    Attributes:
        text: words that must all stand in title, abstract, keywords, authors or journal.
        first, last: years of publication.
        source: a part of the name of the source.

    Example:
        >>> chosen = ScreenFilter(text="mri", first="2019")
        >>> chosen.fits({"title": "MRI of knees", "year": "2020"}), chosen.fits({"title": "MRI"})
        (True, False)
    """

    text: str = ""
    first: str = ""
    last: str = ""
    source: str = ""

    @classmethod
    def of(cls, field: Callable[[str], str]) -> ScreenFilter:
        """Return the choice that a form says.

        Raises:
            InputError: a year is none.
        """
        made = cls(*(" ".join(field(name).split()) for name in ("text", "first", "last", "source")))
        for year in (made.first, made.last):
            if year and not (year.isascii() and year.isdigit() and len(year) == 4):
                raise InputError(f"{year!r} is no year such as 2020")
        return made

    def fits(self, record: Mapping[str, str]) -> bool:
        """Tell whether a record is among those chosen; one without a year is in no span of them."""
        if self.first or self.last:
            year = record.get("year", "").strip()[:4]
            if not year.isdigit() or not (self.first or "0000") <= year <= (self.last or "9999"):
                return False
        if self.source and self.source.casefold() not in record.get("source", "").casefold():
            return False
        if not self.text:
            return True
        names = ("title", "abstract", "keywords", "authors", "journal")
        there = "\n".join(record.get(name, "") for name in names).casefold()
        return all(word in there for word in self.text.casefold().split())

    def words(self) -> dict[str, str]:
        """Return what was chosen, by the names of the form."""
        return {name: value for name, value in asdict(self).items() if value}
