"""Which record of a review a record of another export is: by DOI, PubMed number, title and year.

An export of a screening tool holds records that the review has already; its decisions belong to
those. Records that repeat each other across searches are no matter of an import: that is
de-duplication.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.project.appended_rows import table_rows
from review.schema.folder_files import RECORDS

if TYPE_CHECKING:
    from pathlib import Path

    from review.formats.bibliography.bib_record import BibRecord

_COLUMNS: Final = ("record_id", "doi", "pmid", "title", "year", "duplicate_of")
_SHORTEST: Final = 12


class KnownRecords:
    """The records of a review by what identifies them."""

    def __init__(self, folder: Path) -> None:
        self._found: dict[tuple[str, ...], str] = {}
        path = folder / RECORDS
        if not path.exists():
            return
        for ident, doi, pmid, title, year, duplicate in table_rows(path, RECORDS, _COLUMNS):
            for key in _keys(doi, pmid, title, year):
                if not duplicate:
                    self._found.setdefault(key, ident)

    def find(self, record: BibRecord) -> str | None:
        """Return the identifier of the same record, None when the review has it not."""
        keys = _keys(record.doi, record.pmid, record.title, record.year)
        return next((self._found[k] for k in keys if k in self._found), None)


def _keys(doi: str, pmid: str, title: str, year: str) -> list[tuple[str, ...]]:
    keys: list[tuple[str, ...]] = []
    if doi:
        keys.append(("doi", doi.casefold()))
    if pmid:
        keys.append(("pmid", pmid))
    plain = "".join(c for c in title.casefold() if c.isalnum())
    # "Editorial" of one year is many papers
    if len(plain) >= _SHORTEST and year:
        keys.append(("title", plain, year))
    return keys
