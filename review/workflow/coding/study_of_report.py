"""The row of a study that the reports of it give: who, when, what, where, and its identifiers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.project.row_models import build_row
from review.schema import Study
from review.schema.screening_rows import LIST_MARK
from review.workflow.records.author_surnames import first_surname
from review.workflow.records.publication_place import is_meeting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SERVER: Final = re.compile(
    r"\b(?:(?:bio|med|chem|ar|psy|soc|eng)r?xiv|ssrn|research square|preprints?(?:\.org)?|"
    r"osf preprints|unpb)\b", re.IGNORECASE,
)  # fmt: skip
_MEETING: Final = re.compile(
    r"\b(?:conf|cpaper|conference|proceedings|inproceedings|meeting|abstract)\b", re.IGNORECASE
)
_REGISTER: Final = ("register", "website")
# how the reports of a study are ranked, and what each is called
PLACES: Final = ("article", "abstract of a meeting", "preprint", "entry of a register or website")
READ: Final = "full text"


def place_of(record: Mapping[str, str]) -> str:
    """Return what kind of report a record is: one of `PLACES`.

    Example:
        >>> place_of({"journal": "medRxiv"}), place_of({"journal": "Lancet", "type": "JOUR"})
        ('preprint', 'article')
    """
    kind = record.get("type", "")
    journal = record.get("journal", "") or record.get("publisher", "")
    if _SERVER.search(f"{kind} {journal}"):
        return PLACES[2]
    if record.get("kind", "").strip().casefold() in _REGISTER:
        return PLACES[3]
    where = (record.get(name, "") for name in ("issue", "volume"))
    if _MEETING.search(kind) or any(is_meeting(text) for text in where):
        return PLACES[1]
    return PLACES[0]


def main_first(records: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return the reports of a study, the main one first.

    An article comes before an abstract, a preprint, and an entry of a register; of several the
    first published, then the one that has most fields.

    Example:
        >>> [r["record_id"] for r in main_first([
        ...     {"record_id": "a", "journal": "medRxiv", "year": "2019"},
        ...     {"record_id": "b", "journal": "Lancet", "year": "2021"},
        ... ])]
        ['b', 'a']
    """

    def rank(record: Mapping[str, str]) -> tuple[int, str, int]:
        filled = sum(bool(text.strip()) for text in record.values())
        return PLACES.index(place_of(record)), record.get("year", "") or "9999", -filled

    return sorted(records, key=rank)


def study_cells(record: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the identity columns that a report gives its study, and what they cannot hold.

    Args:
        record: of the main report, with the best field of the records that repeat it.

    Returns:
        Cells by column, and the columns whose text no cell of a study takes, with the reason.

    Example:
        >>> study_cells({"record_id": "a", "authors": "Lee, A; Wu, B", "year": "2020",
        ...              "title": "MRI", "journal": "Eur Radiol", "doi": "10.1000/x"})[0]
        {'first_author': 'Lee', 'year': '2020', 'title': 'MRI', 'venue': 'Eur Radiol', \
'doi': '10.1000/x', 'evidence': 'full text'}
    """
    url = record.get("url", "").split(LIST_MARK)[0].strip()
    cells = {
        "first_author": first_surname(record.get("authors", "")),
        "year": record.get("year", "").strip(),
        "title": record.get("title", "").strip(),
        "venue": record.get("journal", "").strip(),
        "doi": record.get("doi", "").strip(),
        "pmid": record.get("pmid", "").strip(),
        "source_url": "" if record.get("doi", "").strip() else url,
        "evidence": READ,
    }
    cells = {name: text for name, text in cells.items() if text}
    _, problems = build_row(Study, {"study_id": "x", **cells}, name="records.csv", line=None)
    wrong = {p.column: p.message for p in problems if p.column in cells}
    return (
        {name: text for name, text in cells.items() if name not in wrong},
        [f"{name} {cells[name or ''][:60]!r}: {message}" for name, message in wrong.items()],
    )
