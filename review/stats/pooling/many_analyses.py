"""Many small meta-analyses in one call: groups of the same size are fitted together, as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.effects.argument_columns import look_up
from review.stats.ground.arguments import real, values_of
from review.stats.ground.column_kinds import category_name, is_missing
from review.stats.ground.guard import guarded
from review.stats.ground.inference import TESTS, critical_value, level_percent
from review.stats.pooling.batched_fit import fit_sample
from review.stats.pooling.many_result import COLUMNS, ManyResults
from review.stats.pooling.marginal_likelihood import log_likelihoods
from review.stats.pooling.meta_rows import choose, read_inputs
from review.stats.pooling.prepared_effects import make_sample
from review.stats.pooling.small_sample import no_prediction
from review.stats.pooling.tau2 import EQUAL_EFFECTS, METHODS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.ground.least_squares import FloatArray
    from review.stats.pooling.meta_rows import Inputs

AT_ONCE: Final = 40_000  # studies of the groups that are fitted together: they stay in the cache
_NOT_MANY: Final = ("GENQ", "GENQM")  # need weights of the studies


@guarded
def meta_analysis_many(
    yi: Any,
    vi: Any = None,
    group: Any = None,
    data: Any = None,
    *,
    method: str = "REML",
    test: str | None = None,
    level: float = 95,
    sei: Any = None,
    tau2: float | None = None,
    slab: Any = None,
    measure: str | None = None,
) -> ManyResults:
    """Pool the effects of each of many groups: outcomes, subgroups, simulated data sets.

    Every number is that of `meta_analysis` of the rows of the group (to 1e-12), in a small part of
    the time of as many calls.

    Args:
        yi: effects of all groups, one below the other: numbers (n,), a column name of `data`, or
            the result of `effect_size`.
        vi: sampling variances, the same way.
        group: which group each row belongs to: words or numbers (n,), or a column name; the rows
            of a group need not stand together.
        data: data frame or mapping in which names are looked up.
        method: estimator of tau2, as in `meta_analysis`, but for GENQ and GENQM.
        test: as in `meta_analysis`.
        level: of all intervals, per cent.
        sei: standard errors, instead of `vi`.
        tau2: a fixed value for all groups instead of estimates.
        slab: study labels, (n,).
        measure: code of the effect measure.

    Returns:
        Columns with one number for each group, in order of appearance; `result["name"]` is the
        whole `MetaResult` of a group. Rows without effect or variance are listed in `left_out`.

    Raises:
        InputError: `group` is missing, has gaps or another length; as in `meta_analysis`.
        StatsError: a group has no row that can be used; as in `meta_analysis`.

    Example:
        >>> found = meta_analysis_many([0.1, 0.9, 0.4, 0.2, 0.3], [0.04, 0.09, 0.05, 0.1, 0.1],
        ...                            ["pain", "pain", "pain", "sleep", "sleep"], method="DL")
        >>> found.names, found.k.tolist(), found.tau2.round(4).tolist()
        (('pain', 'sleep'), [3, 2], [0.0831, 0.0])
        >>> found["pain"].method
        'DL'
    """
    call = dict(locals())
    method = choose("method", method, METHODS)
    if method in _NOT_MANY:
        raise InputError(f"method={method!r} needs weights of the studies; fit groups one by one")
    level = level_percent(level)
    asked = None if test is None else choose("test", test, TESTS)
    fixed = None if tau2 is None else real("tau2", tau2, least=0)
    if fixed is not None and method in EQUAL_EFFECTS:
        raise InputError(f"method={method!r} has no tau2; use another method with tau2=")
    if group is None:
        raise InputError("group is missing: the group of each row, or the name of a column")
    rows = read_inputs(yi, vi, sei=sei, data=data, slab=slab, measure=measure)
    n = len(rows.ids) + len(rows.left_out)
    names, code = _groups(look_up("group", group, data), n, rows)
    order = np.argsort(code, kind="stable")
    sizes = np.bincount(code, minlength=len(names))
    if (empty := np.flatnonzero(sizes == 0)).size:
        raise StatsError(f"group {names[empty[0]]!r} has no row with an effect and a variance")
    starts = np.concatenate([[0], np.cumsum(sizes)])
    kind = asked or ("z" if method in EQUAL_EFFECTS else "knha")
    found = {name: np.empty(len(names)) for name in COLUMNS}
    changed = np.zeros(len(names), dtype=bool)
    for k in np.unique(sizes).tolist():
        same = np.flatnonzero(sizes == k)
        some = max(1, AT_ONCE // k)
        for part in range(0, len(same), some):
            at = same[part : part + some]
            at_rows = order[starts[at][:, None] + np.arange(k)]
            y, v = rows.yi[at_rows], rows.vi[at_rows]
            changed[at] = _fit(found, at, y, v, (method, kind, level, fixed))
    lost = ~np.all([np.isfinite(found[c]) for c in ("beta", "se", "tau2", "QE", "vt", "H2")], 0)
    if (lost | (found["vt"] < 0) | (found["H2"] < 0)).any():
        raise StatsError(
            f"group {names[int(lost.argmax())]!r}: the effects or variances are too large, too "
            "small or too unequal to compute with; check them, or express them in another unit"
        )
    return ManyResults(
        **found, names=tuple(names), k=sizes, method=method, test=kind, level=level,
        tau2_fixed=fixed is not None, changed=changed, left_out=rows.left_out, rows=rows,
        order=order, starts=starts, asked=asked, fixed=fixed, call=call,
    )  # fmt: skip


def _groups(given: Any, n: int, rows: Inputs) -> tuple[list[str], NDArray[np.intp]]:
    """Names of the groups in order of appearance, and the number of that of each row used."""
    values = values_of("group", given)
    if len(values) != n:
        raise InputError(f"group has {len(values)} values, but there are {n} effects")
    try:
        numbers = {v: i for i, v in enumerate(dict.fromkeys(values))}
        code = np.fromiter(map(numbers.__getitem__, values), np.intp, len(values))
    except TypeError:
        raise InputError("group must hold words or numbers, one per row") from None
    if gaps := [v for v in numbers if is_missing(v)]:
        raise InputError(f"group has a gap in row {values.index(gaps[0]) + 1}")
    names = [category_name(v) for v in numbers]
    if len(set(names)) < len(names):
        raise InputError("two groups have the same name, one as a number and one as a word")
    return names, code[rows.ids]


def _fit(
    found: dict[str, FloatArray], at: NDArray[np.intp], y: FloatArray, v: FloatArray,
    how: tuple[str, str, float, float | None],
) -> NDArray[np.bool_]:  # fmt: skip
    """Fit groups of one size, y and v (B, k), into the columns; return where the test changed."""
    method, test, level, fixed = how
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        s = make_sample(y, v)
        b = fit_sample(s, method, test, tau2=fixed, level=level)
        ml, reml = log_likelihoods(s, b.tau2, b.projector, b.rss)
    for name in ("beta", "se", "stat", "pval", "ci_lb", "ci_ub"):
        found[name][at] = getattr(b, name)[..., 0]
    for name in ("tau2", "se_tau2", "vt", "I2", "H2", "QE", "QEp", "QM", "QMp", "ddf", "s2w"):
        found[name][at] = getattr(b, name)
    found["loglik_ml"][at], found["loglik_reml"][at] = ml, reml
    none = no_prediction(
        equal_effects=method in EQUAL_EFFECTS, df=y.shape[-1] - 1, tau2_fixed=fixed is not None
    )
    half = critical_value(level, b.ddf) * np.sqrt(b.vb[..., 0, 0] + b.tau2)
    found["pi_lb"][at] = np.nan if none else b.beta[..., 0] - half
    found["pi_ub"][at] = np.nan if none else b.beta[..., 0] + half
    return b.test_changed
