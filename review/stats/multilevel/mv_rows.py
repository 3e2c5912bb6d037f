"""What a multilevel model is given, read and checked row by row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError
from review.stats.effects.argument_columns import look_up, to_floats
from review.stats.effects.effect_sizes import EffectSizes
from review.stats.ground.column_kinds import is_missing
from review.stats.multilevel.random_terms import (
    build_terms,
    check_terms,
    columns_of,
    read_random,
)
from review.stats.multilevel.sampling_covariance import check_positive_definite, read_covariance
from review.stats.pooling.meta_rows import SHOWN, choose, labels, read_inputs

if TYPE_CHECKING:
    from review.stats.ground.block_diagonal import BlockDiagonal
    from review.stats.multilevel.random_terms import Term
    from review.stats.pooling.meta_rows import Inputs


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a model.

    Attributes:
        given: effects, variances, design, labels and the rows left out.
        V: their sampling covariance. terms: the random terms.
    """

    given: Inputs
    V: BlockDiagonal
    terms: tuple[Term, ...]


def read_rows(
    yi: Any,
    V: Any,
    mods: Any,
    *,
    random: Any,
    struct: Any,
    R: Any,
    rscale: str,
    data: Any,
    intercept: bool,
    slab: Any,
    measure: str | None,
    ni: Any,
) -> Rows:
    """Read effects, their covariance, moderators and random terms.

    Raises:
        InputError: something does not fit; a grouping variable has gaps.
        StatsError: V is no covariance; the random terms cannot be told apart.
    """
    written = read_random(random, struct)
    rscale = choose("rscale", rscale, ("cor", "none"))
    if V is None and isinstance(yi, EffectSizes):
        V = yi.vi
    if V is None and data is None and hasattr(yi, "columns"):  # a table with effects and variances
        data, yi, V = yi, "yi", "vi"
    if V is None:
        raise InputError("pass V: sampling variances, or the covariance matrix of the effects")
    n = len(yi.yi) if isinstance(yi, EffectSizes) else _length(yi, data)
    if n == 0:
        raise InputError("yi is empty")
    V = read_covariance(V, data, n)
    effects = yi
    if isinstance(yi, EffectSizes):
        effects, slab = replace(yi, vi=V.diagonal()), yi.slab if slab is None else slab
    columns = columns_of(written, data)
    for name, values in columns.items():
        if len(values) != n:
            raise InputError(
                f"the column {name!r} has {len(values)} rows, but there are {n} effects"
            )
    given = read_inputs(
        effects, V.diagonal() if effects is yi else None, mods=mods, data=data,
        intercept=intercept, slab=slab, measure=measure, ni=ni,
    )  # fmt: skip
    for name, values in columns.items():
        _check_gaps(name, values, given, labels(slab, data, n))
    V = V.rows(given.ids) if len(given.ids) < n else V
    check_positive_definite(V, given.ids, labels(slab, data, n))
    terms = build_terms(written, columns, given.ids, R, rscale)
    check_terms(terms)
    return Rows(given, V, tuple(terms))


def _length(yi: Any, data: Any) -> int:
    return len(np.atleast_1d(to_floats("yi", look_up("yi", yi, data))))


def _check_gaps(name: str, values: list[Any], given: Inputs, names: list[str] | None) -> None:
    """Demand a value of a grouping variable in every row that is used."""
    gaps = [i for i in given.ids.tolist() if is_missing(values[i])]
    if gaps:
        shown = ", ".join(f"{i + 1}" + (f" ({names[i]})" if names else "") for i in gaps[:SHOWN])
        more = f" and {len(gaps) - SHOWN} more" if len(gaps) > SHOWN else ""
        raise InputError(
            f"{name!r} has no value in row {shown}{more}: every row needs its group; fill it in, "
            "or leave the row out"
        )
