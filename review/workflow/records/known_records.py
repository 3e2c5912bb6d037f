"""Which record of a review a record of another export is: by DOI, PubMed number, title and year.

An export of a screening tool holds records that the review has already; its decisions belong to
those. Records that repeat each other across searches are no matter of an import: that is
de-duplication.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.formats.bibliography.table_headings import folded
from review.schema.folder_files import RECORDS
from review.workflow.records.kept_record import kept_of
from review.workflow.records.stored_records import stored_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.formats.bibliography.bib_record import BibRecord
    from review.project import Review

_COLUMNS: Final = ("doi", "pmid", "title", "year")
_SHORTEST: Final = 12


class KnownRecords:
    """The records of a review by what identifies them."""

    def __init__(self, review: Review) -> None:
        self._found: dict[tuple[str, ...], str] = {}
        self._titles: dict[str, set[str]] = {}
        if not review.has(RECORDS):
            return
        # what is decided on a record that repeats another one is decided on that one
        kept = kept_of(review.duplicates)
        for row in stored_records(review):
            repeats = row.get("duplicate_of", "").strip()
            ident = kept.get(row["record_id"]) or kept.get(repeats) or repeats or row["record_id"]
            self._found["record_id", row["record_id"]] = ident
            if not repeats:
                self._add(ident, [row.get(name, "") for name in _COLUMNS])

    def add(self, record_id: str, record: BibRecord) -> None:
        """Know a record that an import adds: a log may have several rows of it."""
        self._add(record_id, [record.doi, record.pmid, record.title, record.year])
        if own := own_id(record):
            self._found.setdefault(("own", own), record_id)

    def _add(self, record_id: str, texts: Sequence[str]) -> None:
        for key in _keys(*texts):
            self._found.setdefault(key, record_id)
        if plain := _plain(texts[2]):
            self._titles.setdefault(plain, set()).add(record_id)

    def find(self, record: BibRecord) -> str | None:
        """Return the identifier of the same record, None when the review has it not.

        Without year, DOI and PMID the title decides, when one record alone has it.
        """
        own = own_id(record)
        keys: list[tuple[str, ...]] = [("record_id", own), ("own", own)]
        keys += _keys(record.doi, record.pmid, record.title, record.year)
        found = next((self._found[k] for k in keys if k in self._found), None)
        if found is None and not (record.year or record.doi or record.pmid):
            same = self._titles.get(_plain(record.title), set())
            found = next(iter(same)) if len(same) == 1 else None
        return found


def _keys(doi: str, pmid: str, title: str, year: str) -> list[tuple[str, ...]]:
    keys: list[tuple[str, ...]] = []
    if doi:
        keys.append(("doi", doi.casefold()))
    if pmid:
        keys.append(("pmid", pmid))
    if (plain := _plain(title)) and year:
        keys.append(("title", plain, year))
    return keys


def _plain(title: str) -> str:
    """A title to compare; "" where it is too short: "Editorial" of one year is many papers."""
    plain = "".join(c for c in title.casefold() if c.isalnum())
    return plain if len(plain) >= _SHORTEST else ""


def own_id(record: BibRecord) -> str:
    """The identifier in a column record_id of a table, ""."""
    return next((text for tag, text in record.extra if folded(tag) == "record id"), "")
