"""Counts of studies per category and year: the published ones and the coded ones, kept apart."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError
from review.schema.cell_types import cell_text
from review.schema.codebook import VariableType
from review.workflow.roles import category, label, role
from review.workflow.selection import size_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review

PUBLISHED: Final = "published"
SAMPLE: Final = "sample"
MOST_BINS: Final = 10


@dataclass(frozen=True)
class CategoryCounts:
    """How many studies have each category of a variable.

    Attributes:
        categories: in the order figures show them, those that occur in either source.
        sample: coded studies per category; a study with several words of a list counts for each.
        by_year: coded studies per (category, year).
        not_stated: coded studies without the variable.
        studies: coded studies in all.
        published: published counts per category, or None when the paper gives none.
    """

    variable: str
    label: str
    categories: tuple[str, ...]
    sample: dict[str, int]
    by_year: dict[tuple[str, int], int]
    not_stated: int
    studies: int
    published: dict[str, int] | None

    @property
    def published_total(self) -> int:
        """The sum of the published counts."""
        return sum((self.published or {}).values())

    def rows(self, *, years: bool = False) -> list[dict[str, Any]]:
        """Return one row per source and category (and year), as plotted."""
        found = [
            self._row(PUBLISHED, name, self.published[name])
            for name in self.categories
            if self.published and name in self.published
        ]
        found += [
            self._row(SAMPLE, name, self.sample[name])
            for name in self.categories
            if name in self.sample
        ]
        found.append(self._row(SAMPLE, None, self.not_stated))
        if years:
            found += [
                self._row(SAMPLE, name, n, year) for (name, year), n in sorted(self.by_year.items())
            ]
        return found

    def _row(
        self, source: str, name: str | None, n: int, year: int | None = None
    ) -> dict[str, Any]:
        return {
            "source": source,
            "variable": self.variable,
            "category": name,
            "year": year,
            "studies": n,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as a dictionary for JSON."""
        return {
            "variable": self.variable,
            "sample": self.sample,
            "sample_not_stated": self.not_stated,
            "sample_studies": self.studies,
            "published": self.published,
            "published_total": self.published_total if self.published is not None else None,
        }


def count_categories(review: Review, variable: str, *, families: bool = False) -> CategoryCounts:
    """Count the coded studies per category of a variable, beside the published counts.

    Args:
        review: its studies are counted.
        variable: of the codebook.
        families: coded versions that the paper counts under the name of their family, as
            Inception3 under Inception, are counted under that name too.

    Example:
        >>> from review.project import open_review
        >>> counts = count_categories(open_review("wang2021"), "organ")
        >>> counts.sample["brain"], counts.published["brain"]
        (20, 20)
    """
    coded: Counter[str] = Counter()
    by_year: Counter[tuple[str, int]] = Counter()
    not_stated = 0
    facts = review.published
    published = facts.counts.get(variable) if facts else None
    known = tuple(published or ()) if families else ()
    for study in review.studies:
        value = study.value(variable)
        given = value if isinstance(value, tuple) else (value,)
        names = sorted({_family(cell_text(v), known) for v in given})
        if value is None:
            not_stated += 1
            continue
        coded.update(names)
        if study.year is not None:
            by_year.update((name, study.year) for name in names)
    return CategoryCounts(
        variable=variable,
        label=label(review, variable),
        categories=_order(coded, published),
        sample=dict(coded.most_common()),
        by_year=dict(by_year),
        not_stated=not_stated,
        studies=len(review.studies),
        published=dict(published) if published else None,
    )


def _family(name: str, known: Sequence[str]) -> str:
    """The published category whose version a name is: VGG16 and VGG-19 are VGG."""
    if name in known:
        return name
    found = (f for f in known if re.fullmatch(rf"{re.escape(f)}[ _-]?v?\d[\d.]*", name))
    return next(found, name)


def count_years(review: Review) -> dict[int, int]:
    """Return the coded studies per year, from the first to the last year without gaps.

    Raises:
        InputError: no study states its year.
    """
    years = Counter(s.year for s in review.studies if s.year is not None)
    if not years:
        raise InputError(f"no study of {review.name} states its year (column 'year')")
    first, last = min(years), max(years)
    return {year: years[year] for year in range(first, last + 1)}


def cross_counts(review: Review, a: str, b: str) -> tuple[list[str | None], list[str | None], int]:
    """Return the categories of two variables for the studies that have one of each.

    Returns:
        The categories of `a`, those of `b` (None when missing), and how many studies were left
        out because they have several.
    """
    several = review.settings.roles.several
    left, right, many = [], [], 0
    for study in review.studies:
        pair = category(study, a, several), category(study, b, several)
        if several in pair:
            many += 1
            continue
        left.append(pair[0])
        right.append(pair[1])
    return left, right, many


@dataclass(frozen=True)
class Bin:
    """A bin of a histogram: `low` <= value < `high`; the last one is open (`high` None)."""

    low: float
    high: float | None
    studies: int

    @property
    def name(self) -> str:
        """Such as `0 to 600`, `6,000 and more`."""
        if self.high is None:
            return f"{self.low:,.6g} and more"
        return f"{self.low:,.6g} to {self.high:,.6g}"


def bin_quantities(values: Sequence[float], width: float, most: int = MOST_BINS) -> list[Bin]:
    """Count values in bins of equal width; everything beyond the last one shares an open bin.

    Example:
        >>> [(b.name, b.studies) for b in bin_quantities([10, 599, 600, 99999], 600, most=2)]
        [('0 to 600', 2), ('600 to 1,200', 1), ('1,200 and more', 1)]
    """
    counts = Counter(min(int(v // width), most) for v in values)
    used = min(max(counts, default=0) + 1, most)
    bins = [Bin(i * width, (i + 1) * width, counts[i]) for i in range(used)]
    return [*bins, Bin(most * width, None, counts[most])] if counts[most] else bins


def nice_width(values: Sequence[float]) -> float:
    """Return a round bin width (1, 2 or 5 times a power of ten) that gives the median 5 bins."""
    middle = sorted(values)[len(values) // 2] / 5
    if middle <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(middle))
    return float(next(power * step for step in (1, 2, 5, 10) if power * step >= middle))


def quantities(review: Review) -> tuple[list[float], list[str]]:
    """Return the data quantities of the coded studies, and the units they count.

    Raises:
        InputError: the review names no size variable, or no study states one.
    """
    rule = size_rule(review)
    found = [pair for study in review.studies if (pair := rule(study)) is not None]
    if not found:
        raise InputError(f"no study of {review.name} states its data quantity")
    return [value for value, _ in found], sorted({unit for _, unit in found})


def scope_variables(review: Review, most: int = 4) -> list[str]:
    """Return the variables of an overview: those with a role, otherwise the first categories."""
    named = [
        variable
        for name in ("backbone", "tl_type", "modality", "subject")
        if (variable := role(review, name))
    ]
    worded = {VariableType.CATEGORY, VariableType.LIST, VariableType.BOOLEAN}
    others = [v.name for v in review.codebook.variable if v.type in worded]
    return list(dict.fromkeys(named or others))[:most]


def _order(coded: Counter[str], published: dict[str, int] | None) -> tuple[str, ...]:
    """Published categories first, as the paper orders them; beside each its finer ones."""
    by_count = sorted(coded, key=lambda name: (-coded[name], name))
    if not published:
        return tuple(by_count)
    order: list[str] = []
    for name in published:
        order.append(name)
        # "VGG16" and "VGG19" stand beside a published "VGG"
        order += [c for c in by_count if c != name and c.rstrip("0123456789") == name]
    return tuple(dict.fromkeys([*order, *by_count]))
