"""Which files of a review refer to a row of another one, as the registry says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.project.row_models import rename_columns
from review.schema.folder_files import FILES, FolderFile, registered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from review.project.csv_tables import RawTable
    from review.project.review import Review


def files_that_refer(
    review: Review, name: str, ident: str, *, opened: Mapping[str, RawTable] | None = None
) -> list[str]:
    """Return the files that have rows of a study or record which stands in no other file then.

    Args:
        review: the review.
        name: of the file that holds the row.
        ident: the row's key; letter case does not matter.
        opened: tables as they are being changed, which count instead of those on the disk.

    Raises:
        DataError: one of the files cannot be read.

    Example:
        >>> from review.project import open_review
        >>> files_that_refer(open_review("kim2022"), "studies.csv", "abubakar2020burns")[0]
        'results.csv'
    """
    wanted, found = ident.strip().casefold(), []
    for file in FILES:
        for column, where in file.references:
            if name not in where:
                continue
            others = [other for other in where if other != name]
            if any(_holds(review, other, column, wanted, opened) for other in others):
                continue
            found += [n for n in _names(review, file) if _holds(review, n, column, wanted, opened)]
    return found


def keys_in_use(
    review: Review, name: str, *, opened: Mapping[str, RawTable] | None = None
) -> dict[str, set[str]]:
    """Return the keys of a file's rows that other files refer to: file -> keys in small letters.

    Args:
        review: the review.
        name: of the file that holds the rows.
        opened: tables as they are being changed, which count instead of those on the disk.

    Raises:
        DataError: one of the files cannot be read.
    """
    found: dict[str, set[str]] = {}
    for file in FILES:
        for column, where in file.references:
            if name in where:
                for other in _names(review, file):
                    texts = _texts(review, other, column, opened)
                    found.setdefault(other, set()).update(t.casefold() for t in texts)
    return found


def _names(review: Review, file: FolderFile) -> Sequence[str]:
    return [f"codings/{c}.csv" for c in review.coders] if "*" in file.name else [file.name]


def _holds(
    review: Review, name: str, column: str, wanted: str, opened: Mapping[str, RawTable] | None
) -> bool:
    return any(t.casefold() == wanted for t in _texts(review, name, column, opened))


def _texts(
    review: Review, name: str, column: str, opened: Mapping[str, RawTable] | None
) -> Iterator[str]:
    table = (opened or {}).get(name)
    if table is None:
        if not review.has(name):
            return
        table = review.table(name)
        if (file := registered(name)).model:
            rename_columns(table, file.row_model(review.codebook))
    for row in table.rows:
        yield row.cells.get(column, "").strip()
