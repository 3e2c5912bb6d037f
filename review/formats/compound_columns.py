"""One column with several numbers in each cell, shared out to several variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.errors import InputError
from review.schema.reported_quantities import (
    Counts,
    Interval,
    Kind,
    MeanSd,
    PValue,
    Quantity,
    Single,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

_LOW: Final = re.compile(r"(?:.*_)?(?:ci_?)?(?:lb|low|lower|ll|lci)\Z")
_HIGH: Final = re.compile(r"(?:.*_)?(?:ci_?)?(?:ub|high|upper|ul|uci)\Z")
_SPREAD: Final = re.compile(r"(?:.*_)?(?:sd|se|sem|std)(?:\d?i?|_.*)\Z|sd\di|sdi|sei")
_TOTAL: Final = re.compile(r"(?:.*_)?(?:n|total|size)(?:\d?i?|_.*)?\Z|n\di|ni|n_.*")
_PERCENT: Final = re.compile(r"(?:.*_)?(?:percent|percentage|pct|share|proportion)(?:_.*)?\Z")


def compound_kind(names: Sequence[str]) -> Kind:
    """Return what the cells of a column hold that gives several variables, from their names.

    Args:
        names: value and SD or SE; events and total; count and percentage; lower and upper limit;
            or value, lower and upper limit.

    Raises:
        InputError: the names say nothing of this.

    Example:
        >>> compound_kind(["age", "age_sd"]).value, compound_kind(["hr", "ci_low", "ci_high"]).value
        ('mean and SD', 'estimate and interval')
    """
    if len(names) == 3 and _LOW.match(names[1]) and _HIGH.match(names[2]):
        return Kind.ESTIMATE
    if len(names) == 2:
        if _LOW.match(names[0]) and _HIGH.match(names[1]):
            return Kind.INTERVAL
        for pattern, kind in (
            (_SPREAD, Kind.MEAN_SD), (_PERCENT, Kind.COUNT_PERCENT), (_TOTAL, Kind.COUNTS)
        ):  # fmt: skip
            if pattern.match(names[1]):
                return kind
    raise InputError(
        f"{'+'.join(names)}: the names do not tell how a cell is shared out; possible are value "
        "and SD (age+age_sd), events and total (ai+n1i), count and percentage (events+percent), "
        "lower and upper limit (ci_low+ci_high), value and both limits (hr+ci_low+ci_high)"
    )


def numbers_of(quantity: Quantity) -> list[Decimal | None]:
    """Return the numbers of a cell, in the order in which its variables are named.

    Example:
        >>> from review.schema.reported_quantities import read_quantity
        >>> [str(n) for n in numbers_of(read_quantity("10.2 (3.1)", Kind.MEAN_SD))]
        ['10.2', '3.1']
    """
    match quantity:
        case Single(value):
            return [value]
        case MeanSd(value, sd):
            return [value, sd]
        case Interval(None, low, high):
            return [low, high]
        case Interval(value, low, high):
            return [value, low, high]
        case Counts(events, None, percent):
            return [events, percent]
        case Counts(events, n):
            return [events, n]
        case PValue(pval):
            return [pval]
