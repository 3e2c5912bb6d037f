"""The pattern of missing values: which variable is known for which studies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review.workflow.coding.listing import missing_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.workflow.coding.listing import Known

MOST_BINS = 240


@dataclass(frozen=True)
class MissingPattern:
    """What is known, variable by variable, along the studies.

    Attributes:
        known: one entry per variable, in column order: for how many studies it is known.
        shares: for each variable the share known in each group of studies, between 0 and 1.
        group: how many studies a group holds (the last one may hold fewer); 1 up to 240 studies.
        years: first and last publication year of each group, None when no study states it.
        studies: studies in all, in the order of their year.
    """

    known: tuple[Known, ...]
    shares: tuple[tuple[float, ...], ...]
    group: int
    years: tuple[tuple[int, int] | None, ...]
    studies: int

    @property
    def cells(self) -> int:
        """Cells in all."""
        return self.studies * len(self.known)

    @property
    def missing(self) -> int:
        """Empty cells."""
        return self.cells - sum(k.known for k in self.known)


def missing_pattern(review: Review, *, most: int = MOST_BINS) -> MissingPattern:
    """Return which variable is known for which studies, ordered by year.

    Args:
        review: its studies; columns that no review fills (`coders`) are left out when empty.
        most: groups of studies at most.

    Example:
        >>> from review.project import open_review
        >>> found = missing_pattern(open_review("wang2021"))
        >>> found.studies, found.group
        (89, 1)
    """
    studies = sorted(review.studies, key=lambda s: (s.year is None, s.year or 0))
    known = tuple(k for k in missing_map(review) if k.known or k.variable in review.codebook)
    size = max(1, -(-len(studies) // most))
    groups = [studies[i : i + size] for i in range(0, len(studies), size)]
    return MissingPattern(
        known=known,
        shares=tuple(tuple(_share(g, k.variable) for g in groups) for k in known),
        group=size,
        years=tuple(_years(g) for g in groups),
        studies=len(studies),
    )


def _share(studies: Sequence[Any], variable: str) -> float:
    return sum(s.value(variable) is not None for s in studies) / len(studies)


def _years(studies: Sequence[Any]) -> tuple[int, int] | None:
    years = [s.year for s in studies if s.year is not None]
    return (min(years), max(years)) if years else None
