"""The rows of `records.csv` one by one: no command holds abstracts of 100,000 records together."""

from __future__ import annotations

import csv
import stat
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError
from review.project.bounded import require_inside
from review.project.csv_records import broken_csv
from review.project.problems import Problem
from review.schema.folder_files import RECORDS
from review.schema.screening_rows import RecordRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.project import Review

# a cell of an export may hold a whole list of references
_MAX_CELL: Final = 100_000_000


def stored_records(review: Review) -> Iterator[dict[str, str]]:
    """Yield each row of `records.csv` as column -> text, blank lines left out.

    Raises:
        DataError: the file is missing, no plain file or not UTF-8, has no column record_id, or a
            row has more or fewer cells than the header.
    """
    if review.stays_open:  # then reading them again and again takes more than holding them
        yield from review.derived("stored records", (RECORDS,), lambda: list(_read(review)))
    else:
        yield from _read(review)


def _read(review: Review) -> Iterator[dict[str, str]]:
    path = review.path / RECORDS
    require_inside(path, RECORDS, review.root)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise DataError(f"{RECORDS}: not a plain file")
    except OSError as error:
        raise DataError(f"{RECORDS}: cannot be read ({error.strerror})") from None
    before = csv.field_size_limit(_MAX_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows(csv.reader(file, strict=True))
    except UnicodeDecodeError:
        review.table(RECORDS)  # says where
        raise
    finally:
        csv.field_size_limit(before)


def _rows(reader: Any) -> Iterator[dict[str, str]]:
    try:
        given = [name.strip() for name in next(reader, [])]
        header = [RecordRow.OTHER_NAMES.get(name, name) for name in given]
        header = [g if h != g and h in given else h for g, h in zip(given, header, strict=True)]
        if "record_id" not in header:
            raise DataError(
                f"{RECORDS}: the column 'record_id' is missing",
                [Problem(RECORDS, "the column is missing", line=1, column="record_id")],
            )
        for cells in reader:
            if len(cells) != len(header):
                if not any(c.strip() for c in cells):
                    continue
                problem = Problem(
                    RECORDS,
                    f"the row has {len(cells)} cells, the header {len(header)}",
                    line=reader.line_num,
                )
                raise DataError(str(problem), [problem])
            if any(cells):
                yield dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise broken_csv(RECORDS, reader.line_num, str(error)) from None
