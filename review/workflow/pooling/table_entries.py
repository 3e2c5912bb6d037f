"""Studies from a sheet of any shape: headings to variables, cells as the review's own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.formats.entries import Entry
from review.formats.heading_synonyms import AUTHOR_YEAR
from review.formats.headings import (
    Match,
    Target,
    fold,
    match_headings,
    unknown_headings,
)
from review.formats.saved_mappings import saved_mapping
from review.formats.variable_columns import AUTHOR_AND_YEAR, names_author_and_year, read_variables
from review.schema import Variable
from review.schema.study import IDENTITY_COLUMNS
from review.workflow.pooling.exported_studies import take_exported

if TYPE_CHECKING:
    from review.formats.headings import Matches
    from review.formats.sheet_table import SheetTable
    from review.project.review import Review

# identity columns that are numbers; the others are text
_NUMBERS: Final = {
    "year": Variable(name="year", type="integer", minimum=1500, maximum=2200),
    "coders": Variable(name="coders", type="integer", minimum=0),
}


def study_targets(review: Review) -> list[Target]:
    """Return what a heading can mean in the table of studies of a review."""
    return [
        *(Target(name) for name in IDENTITY_COLUMNS),
        *(Target(v.name, v.label, v.unit) for v in review.codebook.variable),
    ]


def entries_of(review: Review, table: SheetTable) -> tuple[list[Entry], Matches]:
    """Return the rows of a table as entries of studies, and what its headings were taken for.

    Args:
        review: its codebook says how cells are read; its saved mappings are used.
        table: gets notes of what was matched and converted.

    Raises:
        DataError: everything that is wrong with the file, its headings and its cells.
        UnknownNameError: the user's mapping names what is not there.
    """
    targets = study_targets(review)
    matches = match_headings(table, targets, saved_mapping(review.path, table.headings))
    exported = take_exported(table, matches)
    _author_and_year(table, matches)
    table.add(*matches.problems, *unknown_headings(table, matches, targets))
    for note in matches.notes():
        table.note(note)
    variables: dict[str, Any] = {v.name: v for v in review.codebook.variable}
    rows = read_variables(table, matches, variables | _NUMBERS)
    table.require()
    rows = [known | cells for known, cells in zip(exported or [{}] * len(rows), rows, strict=True)]
    return [Entry(table.source, table.line(i), cells) for i, cells in enumerate(rows)], matches


def _author_and_year(table: SheetTable, matches: Matches) -> None:
    """Read a column such as "Kim et al. 2020" as author and year when nothing else gives them."""
    taken = {name for m in matches.found for name in m.names}
    if taken & set(AUTHOR_AND_YEAR):
        return
    keys = {fold(h) for h in AUTHOR_YEAR}
    for heading in [*matches.unknown]:
        if fold(heading) in keys and names_author_and_year(table.texts(heading)):
            matches.unknown.remove(heading)
            matches.found.append(Match(heading, AUTHOR_AND_YEAR, "author and year in one column"))
            return


def mapping_of(matches: Matches, table: SheetTable) -> dict[str, str]:
    """Return what is saved of a mapping: all headings whose meaning was found or given."""
    found = {m.heading: "+".join(m.names) for m in matches.found}
    left_out = {h: "-" for h in table.headings if h not in found and h not in matches.unknown}
    return found | left_out
