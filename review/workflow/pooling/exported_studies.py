"""Studies from a table that a database or a reference manager wrote, with coded columns or not.

Its columns are those of records, dozens of them: what a study is called by is taken through the
reader of records (the first of the authors, the year out of a date, the journal), and what the
review has no place for is left out, which is said. Columns that somebody added stay columns of
the coding form.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.formats.bibliography.bib_record import BibRecord
from review.formats.bibliography.record_tables import records_of_sheet
from review.formats.bibliography.table_headings import is_export_heading, table_dialect
from review.schema.study import IDENTITY_COLUMNS
from review.words import listed

if TYPE_CHECKING:
    from review.formats.headings import Matches
    from review.formats.sheet_table import SheetTable

_INITIALS: Final = re.compile(r"(?:[^\W\d_a-z]\.?-?){1,3}")


def take_exported(table: SheetTable, matches: Matches) -> list[dict[str, str]]:
    """Return what studies are called by, row by row, where a table is an export of records.

    Args:
        table: gets a note of what was taken and what was left out.
        matches: loses the headings that are those of records; the user's and the codebook's stay.

    Returns:
        Cells of identity columns for each row; an empty list when no program is known to write
        such a table.
    """
    dialect = table_dialect(table.headings)
    if not dialect or "study_id" in matches.headings:
        return []
    kept = {
        m.heading for m in matches.found
        if m.how == "--map" or not set(m.names) <= {*IDENTITY_COLUMNS}
    }  # fmt: skip
    exported = [h for h in table.headings if h not in kept and is_export_heading(h)]
    matches.found = [m for m in matches.found if m.heading not in exported]
    matches.unknown = [h for h in matches.unknown if h not in exported]
    matches.problems = [p for p in matches.problems if p.column not in exported]
    said_by_user = {name for m in matches.found for name in m.names}
    rows = []
    for made in records_of_sheet(table):
        cells = _identity(made) if isinstance(made, BibRecord) else {}
        rows.append({k: v for k, v in cells.items() if v and k not in said_by_user})
    for heading in exported:
        table.use(heading)
    names = [n for n in IDENTITY_COLUMNS if any(n in cells for cells in rows)]
    table.note(
        f"the columns of records that {dialect} writes: {listed(names)} taken from them, the rest "
        f"left out ({listed(exported, most=40)})"
    )
    return rows


def _identity(record: BibRecord) -> dict[str, str]:
    return {
        "first_author": family_name(record.authors[0]) if record.authors else "",
        "year": record.year,
        "title": record.title,
        "venue": record.journal,
        "doi": record.doi,
        "pmid": record.pmid,
        "source_url": record.url[0] if record.url else "",
    }


def family_name(name: str) -> str:
    """Return the family name of one author, in whichever order the names stand.

    Example:
        >>> [family_name(n) for n in ("Kim, Hee E.", "H. E. Kim", "van Heck B.", "Ann van Heck")]
        ['Kim', 'Kim', 'van Heck', 'van Heck']
    """
    if "," in name:
        return name.partition(",")[0].strip()
    words = name.split()
    while len(words) > 1 and _INITIALS.fullmatch(words[-1]):
        words.pop()
    if len(words) < len(name.split()):
        return " ".join(words)
    given = len(words) - 1
    while given > 1 and words[given - 1].islower():
        given -= 1
    return " ".join(words[given:])
