"""Values that belong to the rows of a fitted model, such as their clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError
from review.stats.ground.column_kinds import category_name
from review.stats.pooling.refitting import per_study

if TYPE_CHECKING:
    from review.stats.ground.partition import IntArray
    from review.stats.pooling.refitting import Fitted


def clusters_of(result: Fitted, cluster: Any = None) -> tuple[tuple[str, ...], IntArray]:
    """Names of the clusters in order of appearance, and the number of each row's cluster, (k,).

    Args:
        result: a fitted model.
        cluster: a column name of the data the model was fitted to, or one value per row; by
            default the groups of the random term with the fewest groups.

    Raises:
        InputError: there is no such column, the length is wrong, or a row has no value.
    """
    if cluster is None:
        terms = getattr(getattr(result, "problem", None), "terms", ())
        if not terms:
            raise InputError("name the clusters: a column of the data, or one value per row")
        term = min(terms, key=lambda t: t.link.groups)
        values = [term.units[g] for g in term.link.group.tolist()]
    else:
        values = per_study(result, "cluster", cluster).tolist()
    seen: dict[Any, int] = {}
    number = np.array([seen.setdefault(v, len(seen)) for v in values], dtype=np.intp)
    return tuple(category_name(v) for v in seen), number
