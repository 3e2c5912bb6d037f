"""The day that a report carries: given, or the newest one in the data, never today's."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Final

from review.errors import DataError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.project import Review

# tables with a column `date` that tell when somebody worked on the review
DATED: Final = ("searches.csv", "decisions.csv", "risk_of_bias.csv", "codings/adjudication.csv")
EPOCH: Final = "SOURCE_DATE_EPOCH"


def report_date(review: Review, given: str | None = None) -> str:
    """Return the day as `YYYY-MM-DD`, or "" when the data hold none.

    The order is: `given`, the environment variable SOURCE_DATE_EPOCH, the newest day among the
    searches and the `date` columns of the tables. The clock is not asked, so that the same data
    always give the same report.

    Raises:
        InputError: `given` or SOURCE_DATE_EPOCH is no date.

    Example:
        >>> from review.project import open_review
        >>> report_date(open_review("kim2022"), "2026-01-31")
        '2026-01-31'
    """
    if given:
        try:
            return dt.date.fromisoformat(given.strip()).isoformat()
        except ValueError:
            raise InputError(
                f"--date {given!r} is no date; write it like 2026-01-31 (year-month-day)"
            ) from None
    epoch = os.environ.get(EPOCH)
    if epoch:
        try:
            return dt.datetime.fromtimestamp(int(epoch), dt.UTC).date().isoformat()
        except (ValueError, OverflowError, OSError):
            raise InputError(f"{EPOCH}={epoch!r} is no number of seconds since 1970") from None
    days = sorted(_days(review))
    return days[-1].isoformat() if days else ""


def _days(review: Review) -> Iterator[dt.date]:
    for search in review.settings.search:
        if search.date:
            yield search.date
    for name in DATED:
        if not (review.path / name).exists():
            continue
        try:
            rows = review.table(name).rows
        except DataError:  # the section that shows the table says what is wrong
            continue
        for row in rows:
            try:
                yield dt.date.fromisoformat((row.cells.get("date") or "").strip())
            except ValueError:
                continue
