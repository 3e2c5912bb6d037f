"""Which record of a review a record of another export is: by DOI, PubMed number, title and year.

An export of a screening tool holds records that the review has already; its decisions belong to
those. Records that repeat each other across searches are no matter of an import: that is
de-duplication.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.schema.folder_files import RECORDS
from review.workflow.records.stored_records import stored_records

if TYPE_CHECKING:
    from review.formats.bibliography.bib_record import BibRecord
    from review.project import Review

_COLUMNS: Final = ("doi", "pmid", "title", "year")
_SHORTEST: Final = 12


class KnownRecords:
    """The records of a review by what identifies them."""

    def __init__(self, review: Review) -> None:
        self._found: dict[tuple[str, ...], str] = {}
        if not review.has(RECORDS):
            return
        for row in stored_records(review):
            doi, pmid, title, year = (row.get(name, "") for name in _COLUMNS)
            for key in _keys(doi, pmid, title, year):
                if not row.get("duplicate_of"):
                    self._found.setdefault(key, row["record_id"])

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
