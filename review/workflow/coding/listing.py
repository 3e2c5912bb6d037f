"""Lists of studies and data sets, the missing-data map, and the links between the two."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from review.errors import UnknownNameError
from review.project.duplicates import normalise_title
from review.project.review import model_values
from review.schema import Dataset, variables_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.schema import Study


def study_rows(review: Review, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Return the studies as rows with the given columns.

    Raises:
        UnknownNameError: there is no such column.
    """
    for column in columns:
        if column not in review.columns:
            raise UnknownNameError("column", column, review.columns)
    return [{c: s.value(c) for c in columns} for s in review.studies]


def default_columns(review: Review) -> list[str]:
    """Return the columns that identify a study and those that play a role in figures."""
    roles = review.settings.roles
    coded = [roles.subject, roles.modality, roles.backbone, roles.tl_type, roles.size_images]
    coded += [roles.size_patients, roles.n_classes, *roles.metrics]
    coded = [c for c in dict.fromkeys(coded) if c and c in review.codebook]
    return ["study_id", "first_author", "year", *(coded or review.codebook.names[:8])]


@dataclass(frozen=True)
class Known:
    """For how many studies a variable is known.

    Attributes:
        share: `known / total`, between 0 and 1.
    """

    variable: str
    label: str
    known: int
    total: int
    share: float

    def to_dict(self) -> dict[str, Any]:
        """Return the row as a dictionary."""
        return asdict(self)


def missing_map(review: Review) -> list[Known]:
    """Return for each column for how many of the studies it is known, in column order."""
    labels = {v.name: v.title for v in review.codebook.variable}
    total = len(review.studies)
    rows = []
    for column in review.columns:
        known = sum(s.value(column) is not None for s in review.studies)
        share = known / total if total else 0.0
        label = labels.get(column, column.replace("_", " "))
        rows.append(Known(column, label, known, total, share))
    return rows


def split_names(text: str | None) -> list[str]:
    """Return the data set names of a cell: separated by semicolons.

    Example:
        >>> split_names("PH2; ISIC 2018")
        ['PH2', 'ISIC 2018']
    """
    return [part.strip() for part in (text or "").split(";") if part.strip()]


class DatasetIndex:
    """Finds the entry of a data set by its name.

    Names match without regard to case, spaces and punctuation; a name in parentheses, as in
    `Osteoarthritis Initiative (OAI)`, matches on its own too.
    """

    def __init__(self, datasets: Sequence[Dataset]) -> None:
        self._entries: dict[str, Dataset] = {}
        for dataset in datasets:
            for key in _keys(dataset.name or ""):
                self._entries.setdefault(key, dataset)

    def find(self, name: str) -> Dataset | None:
        """Return the data set called `name`, or None."""
        for key in _keys(name):
            if key in self._entries:
                return self._entries[key]
        return None


def _keys(name: str) -> list[str]:
    """Return the normalised name, then its parts outside and inside of parentheses."""
    parts = [name, re.sub(r"\(.*?\)", "", name), *re.findall(r"\((.*?)\)", name)]
    keys = [normalise_title(part) for part in parts]
    return [key for i, key in enumerate(keys) if key and (i == 0 or len(key) > 2)]


def dataset_links(review: Review, study: Study) -> list[tuple[str, Dataset | None]]:
    """Return the data sets that a study names, each with its entry in `datasets.csv` or None."""
    column = review.settings.roles.dataset
    if not column or column not in review.codebook:
        return []
    value = study.value(column)
    names = list(value) if isinstance(value, tuple) else split_names(value)
    index = DatasetIndex(review.datasets)
    return [(name, index.find(name)) for name in names]


def dataset_rows(review: Review, where: str | None = None) -> list[dict[str, Any]]:
    """Return the data sets of a review that fit a filter, and which studies use each.

    Raises:
        InputError: not a filter expression.
        UnknownNameError: the filter names an unknown column.
    """
    from review.project.where import compile_where

    test = compile_where(where, variables_of(Dataset)) if where else None
    users: dict[str, list[str]] = {}
    for study in review.studies:
        for _, entry in dataset_links(review, study):
            if entry is not None:
                users.setdefault(str(entry.name), []).append(study.study_id)
    return [
        {**model_values(d), "studies": tuple(dict.fromkeys(users.get(str(d.name), [])))}
        for d in review.datasets
        if test is None or test(d)
    ]
