"""Reading and checking what a meta-analysis is given, row by row."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, ReviewWarning, StatsError, UnknownNameError
from review.stats.effects.argument_columns import look_up, to_floats
from review.stats.effects.heading_names import names_standard_error, names_variance
from review.stats.effects.row_account import LeftOut
from review.stats.ground.arguments import LARGEST
from review.stats.ground.design_matrix import Design, intercept_design, read_moderators
from review.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from review.stats.effects.conversion import Conversion
    from review.stats.ground.least_squares import FloatArray

_SMALL = 64
SHOWN = 5  # rows named in one message
_BEYOND = (
    "are too large or too small to compute with in {}; check them, or express them in another unit"
)
NOT_POSITIVE = (
    "sampling variances must be above 0; they are not in {}. Leave these studies out, or correct "
    "them (zero cells need a continuity correction, see effect_size)"
)


@dataclass(frozen=True, eq=False)
class Inputs:
    """The rows that can be used, and those that cannot.

    Attributes:
        yi, vi: effects and sampling variances, (k,).
        weights: given weights, (k,), or None.
        ni: study sizes, (k,), or None.
        ids: positions of the rows used in the input, counted from 0, (k,).
        slab: labels of the rows used, or None.
        measure: code of the effect measure, or "".
        transf: name of the measure's back-transformation, or "identity".
        design: the design matrix.
        left_out: rows not used, with the reason.
        conversions: what was done to the numbers of the rows used before they became effects.
    """

    yi: FloatArray
    vi: FloatArray
    weights: FloatArray | None
    ni: FloatArray | None
    ids: npt.NDArray[np.intp]
    slab: tuple[str, ...] | None
    measure: str
    transf: str
    design: Design
    left_out: tuple[LeftOut, ...]
    conversions: tuple[Conversion, ...] = ()


def choose(kind: str, given: Any, known: Iterable[str]) -> str:
    """Return the code in `known` that `given` spells, in any case.

    Raises:
        UnknownNameError: there is none; the message suggests the closest.

    Example:
        >>> choose("method", "reml", ("DL", "REML"))
        'REML'
    """
    codes = list(known)
    if isinstance(given, str):
        if given in codes:
            return given
        for code in codes:
            if code.casefold() == given.strip().casefold():
                return code
    raise UnknownNameError(kind, given if isinstance(given, str) else repr(given), codes)


def read_inputs(
    yi: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    mods: Any = None,
    data: Any = None,
    weights: Any = None,
    intercept: bool = True,
    slab: Any = None,
    measure: str | None = None,
    ni: Any = None,
) -> Inputs:
    """Read effects, variances, weights and moderators; leave out incomplete rows.

    Raises:
        InputError: something is no number, lengths differ, or a column does not exist.
        StatsError: no row is left; a variance is not positive; a value is infinite.
    """
    from review.stats.effects.suspicions import looks_natural, natural_note

    given = _from_effect_sizes(yi, vi, slab=slab, measure=measure, ni=ni)
    yi, vi, slab, measure, ni = given.yi, given.vi, given.slab, given.measure, given.ni
    if vi is None and sei is None and data is None and _is_table(yi):
        data, yi, vi = yi, "yi", "vi"
    y = _column("yi", yi, data)
    v, v_name = _variances(vi, sei, data, len(y))
    n = len(y)
    w = _same_length("weights", weights, data, n)
    size = _same_length("ni", ni, data, n)
    names = labels(slab, data, n)
    moderators = read_moderators(mods, data, n, intercept=intercept)
    if w is None and mods is None and _ordinary(y, v):
        warn_if_standard_errors(v_name, y, v, given=sei is None)
        if given.reasons is None and measure and looks_natural(measure, y):
            warnings.warn(natural_note(y), ReviewWarning, stacklevel=3)
        return Inputs(
            yi=y, vi=v, weights=None, ni=size, ids=np.arange(n),
            slab=None if names is None else tuple(names), measure=measure or "",
            transf=given.transf, design=intercept_design(n), left_out=(),
            conversions=given.conversions,
        )  # fmt: skip
    gaps = [("effect", np.isnan(y)), ("variance", np.isnan(v))]
    if w is not None:
        gaps.append(("weight", np.isnan(w)))
    moderators.check_kinds(lambda i: f"row {i + 1}" + (f" ({names[i]})" if names else ""))
    gaps += [(f"moderator {name}", missing) for name, missing in moderators.missing(n)]
    left_out, keep = _leave_out(gaps, names, given.reasons)
    _check_values(y, v, w, keep, names)
    if not keep.any():
        raise StatsError(f"none of the {n} rows has an effect and a variance (and moderators)")
    if given.reasons is None and looks_natural(measure or "", y[keep]):
        warnings.warn(natural_note(y[keep]), ReviewWarning, stacklevel=3)
    design = moderators.build(keep)
    k_size = size[keep] if size is not None else None
    warn_if_standard_errors(v_name, y[keep], v[keep], given=sei is None)
    return Inputs(
        yi=y[keep], vi=v[keep], weights=None if w is None else w[keep], ni=k_size,
        ids=np.flatnonzero(keep), slab=_kept(names, keep), measure=measure or "",
        transf=given.transf, design=design, left_out=left_out,
        conversions=tuple(c for c in given.conversions if keep[c.row - 1]),
    )  # fmt: skip


def _ordinary(y: FloatArray, v: FloatArray) -> bool:
    """Whether all rows can be used as they are: no gaps, and sizes that can be computed with."""
    # NaN makes every comparison false
    if y.size <= _SMALL and v.size <= _SMALL:  # faster by numbers than by calls of numpy
        return all(-LARGEST <= x <= LARGEST for x in y.tolist()) and all(
            1 / LARGEST <= x <= LARGEST for x in v.tolist()
        )
    return bool(
        v.min() >= 1 / LARGEST and v.max() <= LARGEST and y.min() >= -LARGEST and y.max() <= LARGEST
    )


@dataclass
class _Given:
    yi: Any
    vi: Any
    slab: Any
    measure: str | None
    ni: Any
    transf: str = "identity"
    reasons: Mapping[int, str] | None = None
    conversions: tuple[Conversion, ...] = ()


def _from_effect_sizes(yi: Any, vi: Any, *, slab: Any, measure: str | None, ni: Any) -> _Given:
    """Take an EffectSizes object apart; pass anything else through."""
    from review.stats.effects.effect_sizes import EffectSizes

    if isinstance(yi, EffectSizes):
        if vi is not None:
            raise InputError(
                "vi is already part of the effect sizes; moderators are passed as mods="
            )
        reasons = {r.row - 1: r.reason for r in yi.left_out}
        flat = yi.vi == 0  # such a study would have all the weight
        reasons |= dict.fromkeys(np.flatnonzero(flat).tolist(), "the sampling variance is 0")
        return _Given(
            np.where(flat, np.nan, yi.yi), yi.vi, yi.slab if slab is None else slab,
            measure or yi.measure, _sizes(yi.ni) if ni is None else ni, yi.transf, reasons,
            yi.conversions,
        )  # fmt: skip
    given = _Given(yi, vi, slab, measure, ni)
    if measure is not None and not (isinstance(measure, str) and not measure):
        from review.stats.effects.measure_registry import MEASURES
        from review.stats.effects.transforms import transform_name

        if not isinstance(measure, str) or measure != "GEN":
            given.measure = choose("measure", measure, MEASURES)
            given.transf = transform_name(given.measure)
    return given


def _sizes(ni: FloatArray) -> FloatArray | None:
    """Study sizes, or None when no study has one."""
    return ni if np.isfinite(ni).any() else None


def _is_table(x: Any) -> bool:
    return isinstance(x, Mapping) or hasattr(x, "columns")


def _column(name: str, value: Any, data: Any) -> FloatArray:
    if value is None:
        raise InputError(f"{name} is missing: pass numbers, or a column name together with data=")
    column = np.atleast_1d(to_floats(name, look_up(name, value, data)))
    if column.size == 0:
        raise InputError(f"{name} is empty")
    return column


def check_not_negative(v: FloatArray, called: str) -> None:
    """Refuse negative standard errors or variances: their square or root would hide the sign.

    Args:
        v: as given; NaN is a gap.
        called: what they are.

    Raises:
        StatsError: the first such row is named.
    """
    if (v < 0).any():
        raise StatsError(f"{called} must be positive: row {int(np.argmax(v < 0)) + 1} is negative")


def _variances(vi: Any, sei: Any, data: Any, n: int) -> tuple[FloatArray, str]:
    """Variances, and the name of their column if they have one."""
    if vi is not None and sei is not None:
        raise InputError("pass either variances (vi) or standard errors (sei), not both")
    if vi is None and sei is None:
        raise InputError("pass the sampling variances (vi) or the standard errors (sei)")
    name, value = ("vi", vi) if sei is None else ("sei", sei)
    v = _column(name, value, data)
    if len(v) != n:
        raise InputError(f"{name} has {len(v)} values, but there are {n} effects")
    called = value if isinstance(value, str) else str(getattr(value, "name", None) or "")
    if sei is None:
        return v, called
    check_not_negative(v, "standard errors")
    if names_variance(called):
        warnings.warn(
            f"sei (column {called!r}) is called like variances rather than standard errors; if so, "
            "pass them as vi=",
            ReviewWarning,
            stacklevel=4,
        )
    return v * v, ""


def _same_length(name: str, value: Any, data: Any, n: int) -> FloatArray | None:
    if value is None:
        return None
    column = np.atleast_1d(to_floats(name, look_up(name, value, data)))
    if len(column) == 1:
        column = np.full(n, column[0])
    if len(column) != n:
        raise InputError(f"{name} has {len(column)} values, but there are {n} effects")
    return column


def labels(slab: Any, data: Any, n: int) -> list[str] | None:
    """Study labels as text, or None when none were given."""
    if slab is None:
        return None
    found = look_up("slab", slab, data)
    values = [str(x) for x in np.asarray(found, dtype=object).ravel().tolist()]
    if len(values) != n:
        raise InputError(f"slab has {len(values)} labels, but there are {n} effects")
    return values


def _kept(names: Sequence[str] | None, keep: npt.NDArray[np.bool_]) -> tuple[str, ...] | None:
    return None if names is None else tuple(names[i] for i in np.flatnonzero(keep).tolist())


def _leave_out(
    gaps: list[tuple[str, npt.NDArray[np.bool_]]],
    names: Sequence[str] | None,
    reasons: Mapping[int, str] | None,
) -> tuple[tuple[LeftOut, ...], npt.NDArray[np.bool_]]:
    out = np.any([missing for _, missing in gaps], axis=0)
    rows = []
    for i in np.flatnonzero(out).tolist():
        what = [name for name, missing in gaps if missing[i]]
        reason = (reasons or {}).get(i) or f"no {' and no '.join(what)}"
        rows.append(LeftOut(i + 1, names[i] if names else str(i + 1), reason))
    return tuple(rows), ~out


def _check_values(
    y: FloatArray, v: FloatArray, w: FloatArray | None, keep: npt.NDArray[np.bool_],
    names: Sequence[str] | None,
) -> None:  # fmt: skip
    """Refuse infinite values, variances that are not positive, and negative weights."""
    size = np.abs(y)
    problems = [
        (np.isinf(y), "effects must be finite; infinite in {}"),
        (np.isinf(v), "variances must be finite; infinite in {}"),
        (v <= 0, NOT_POSITIVE),
        (size > LARGEST, f"effects {_BEYOND}"),
        ((v > LARGEST) | (v < 1 / LARGEST), f"variances {_BEYOND}"),
    ]  # fmt: skip
    if w is not None:
        problems.append((np.isinf(w) | (w < 0), "weights must be finite and not negative; see {}"))
        problems.append(((w > LARGEST) | ((w > 0) & (w < 1 / LARGEST)), f"weights {_BEYOND}"))
        if keep.any() and not (w[keep] > 0).any():
            raise StatsError("all weights are 0")
    for bad, text in problems:
        rows = np.flatnonzero(bad & keep)
        if len(rows):
            shown = (f"row {i + 1}" + (f" ({names[i]})" if names else "") for i in rows.tolist())
            raise StatsError(text.format(listed(shown, most=SHOWN, last="")))


def warn_if_standard_errors(name: str, y: FloatArray, v: FloatArray, *, given: bool) -> None:
    """Warn when what was passed as variances is likely to be standard errors.

    Either the column says so, or three things hold together for at least 5 studies: the effects
    differ far less than such variances allow (lower tail of Q below 0.0005), squaring makes Q
    ordinary (lower tail above 0.05), and the squares are at least e^5 times as likely.

    Args:
        name: of the column, or "".
        y: effects, (k,).
        v: what was passed as variances, (k,).
        given: whether variances were passed (not standard errors).
    """
    if not given:
        return
    if (name and names_standard_error(name)) or (
        5 <= len(y) <= 10_000 and _like_standard_errors(y, v)
    ):
        warnings.warn(
            f"vi {f'(column {name!r}) ' if name else ''}looks like standard errors rather than "
            "variances; if so, pass them as sei=",
            ReviewWarning,
            stacklevel=4,
        )


def _like_standard_errors(y: FloatArray, v: FloatArray) -> bool:
    q1 = _q(y, v)
    if q1 >= len(y) - 1:  # the usual case: nothing to suspect
        return False
    from scipy.special import gammainc

    half_df = (len(y) - 1) / 2
    if gammainc(half_df, q1 / 2) > 0.0005:
        return False
    q2 = _q(y, v * v)
    gain = -0.5 * float(np.log(v).sum()) + 0.5 * (q1 - q2)
    return bool(gain > 5 and gammainc(half_df, q2 / 2) > 0.05)


def _q(y: FloatArray, v: FloatArray) -> float:
    w = 1 / v
    r = y - float(w @ y) / float(np.add.reduce(w))
    return float(w @ (r * r))
