"""The effects that a test of small-study effects works on, from whatever it is given.

Every public function of this package takes a `MetaResult`, the result of `effect_size`, or effects
with their variances. A `MetaResult` keeps its model: estimator, test, level, moderators, weights.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, StatsError
from review.stats.ground.basis import basis
from review.stats.ground.design_matrix import Design
from review.stats.ground.inference import TESTS, level_percent
from review.stats.pooling.meta_analysis import fit as fit_rows
from review.stats.pooling.meta_analysis import meta_analysis
from review.stats.pooling.meta_result import MetaResult
from review.stats.pooling.meta_rows import Inputs, choose, read_inputs
from review.stats.pooling.tau2 import METHODS

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray


def read_studies(
    source: Any, vi: Any = None, *, sei: Any = None, data: Any = None, ni: Any = None
) -> Inputs:
    """Return the usable rows of `source`; those of a `MetaResult` with its design.

    Raises:
        InputError, StatsError: as `meta_analysis` does.

    Example:
        >>> read_studies([0.3, 0.5], sei=[0.1, 0.2]).vi.tolist()
        [0.010000000000000002, 0.04000000000000001]
    """
    if not isinstance(source, MetaResult):
        return read_inputs(source, vi, sei=sei, data=data, ni=ni)
    if vi is not None or sei is not None:
        raise InputError("vi and sei are already part of the result; pass it alone")
    return Inputs(
        yi=source.yi, vi=source.vi, weights=source.case_weights, ni=_sizes(source, ni, data),
        ids=source.ids, slab=source.labels, measure=source.measure, transf=source.transf,
        design=source.design, left_out=source.left_out,
    )  # fmt: skip


def _sizes(source: MetaResult, ni: Any, data: Any) -> FloatArray | None:
    """Study sizes of a result, or those given: one per study used or one per row of its input."""
    if ni is None:
        return source.ni
    from review.stats.effects.argument_columns import look_up, to_floats

    sizes = np.atleast_1d(to_floats("ni", look_up("ni", ni, data)))
    rows = source.k + len(source.left_out)
    if len(sizes) == source.k:
        return sizes
    if len(sizes) == rows:
        return np.asarray(sizes[source.ids])
    raise InputError(f"ni has {len(sizes)} values, but there are {rows} effects")


def as_model(
    source: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    data: Any = None,
    ni: Any = None,
    method: str | None = None,
    test: str | None = None,
    level: float | None = None,
    default_test: str | None = None,
) -> MetaResult:
    """Return `source` as a fitted model, refitted when a setting is given that differs.

    Args:
        source: as in `read_studies`.
        vi: sampling variances.
        sei: standard errors.
        data: where column names are looked up.
        ni: study sizes.
        method: replaces the estimator of the model; for effects the default is REML.
        test: replaces the test of the model.
        level: replaces the level of the model; for effects the default is 95.
        default_test: test for effects that are not yet a model (None: that of `meta_analysis`).

    Raises:
        InputError, UnknownNameError, StatsError: as `meta_analysis` does.
    """
    if not isinstance(source, MetaResult):
        return meta_analysis(
            source, vi, sei=sei, data=data, ni=ni, method="REML" if method is None else method,
            test=default_test if test is None else test, level=95 if level is None else level,
        )  # fmt: skip
    rows = read_studies(source, vi, sei=sei, data=data, ni=ni)
    chosen = source.method if method is None else choose("method", method, METHODS)
    tested = source.test if test is None else choose("test", test, TESTS)
    wide = level_percent(source.level if level is None else level)
    if (chosen, tested, wide) == (source.method, source.test, source.level):
        return source if rows.ni is source.ni else replace(source, ni=rows.ni)
    tau2 = source.tau2 if source.tau2_fixed else None
    return fit_rows(rows, method=chosen, test=tested, level=wide, fixed=tau2, call=source.call)


def refit(model: MetaResult, rows: Inputs) -> MetaResult:
    """Fit the model of `model` (estimator, test, level, fixed tau2) to other rows."""
    tau2 = model.tau2 if model.tau2_fixed else None
    call = model.call | {
        "yi": rows.yi, "vi": rows.vi, "sei": None, "data": None, "slab": rows.slab,
        "ni": rows.ni, "weights": rows.weights, "mods": None,
    }  # fmt: skip
    return fit_rows(
        rows, method=model.method, test=model.test, level=model.level, fixed=tau2, call=call
    )


def fit_effects(rows: Inputs, *, method: str, test: str | None, level: float) -> MetaResult:
    """Fit effects that come from no model, as `meta_analysis` would with these rows.

    Raises:
        InputError, UnknownNameError, StatsError: as `meta_analysis` does.
    """
    method = choose("method", method, METHODS)
    test = None if test is None else choose("test", test, TESTS)
    level = level_percent(level)
    call = {
        "yi": rows.yi, "vi": rows.vi, "mods": None, "data": None, "method": method, "test": test,
        "weights": rows.weights, "level": level, "sei": None, "tau2": None, "intercept": True,
        "slab": rows.slab, "measure": rows.measure or None, "ni": rows.ni,
    }  # fmt: skip
    return fit_rows(rows, method=method, test=test, level=level, fixed=None, call=call)


def with_predictor(rows: Inputs, values: FloatArray, name: str) -> Inputs:
    """Return `rows` with one more column in the design.

    Raises:
        StatsError: the column does not vary, or is a combination of the others.
    """
    X = rows.design.X
    size = float(np.sqrt(values @ values))
    if rows.design.intercept_only:
        rest = values - values.mean()
    else:
        U = basis(X).U
        rest = values - U @ (U.T @ values)
    if not size > 0 or float(np.sqrt(rest @ rest)) <= 1e-10 * size:
        why = "is the same in all studies" if X.shape[1] == 1 else "follows from the moderators"
        raise StatsError(f"the predictor {name} {why}, so that it cannot be tested")
    design = Design(np.column_stack([X, values]), (*rows.design.names, name), rows.design.intercept)
    return replace(rows, design=design)
