"""`effect_size`: from the numbers a study reports to an effect and its sampling variance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, StatsError, UnknownNameError
from review.stats.conventions import choose_convention
from review.stats.effect_sizes.audit import Audit
from review.stats.effect_sizes.columns import number, read_columns, read_labels
from review.stats.effect_sizes.measure import POLICIES, Options
from review.stats.effect_sizes.registry import find_measure
from review.stats.effect_sizes.result import EffectSizes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.effect_sizes.measure import Columns, Estimate, FloatArray, Measure


def effect_size(
    measure: str,
    *,
    data: Any = None,
    slab: Any = None,
    add: float | None = None,
    to: str = "only0",
    drop00: bool = False,
    vtype: str | Sequence[str] | None = None,
    convention: str = "default",
    scale: str | None = None,
    **columns: Any,
) -> EffectSizes:
    """Compute effects and sampling variances from summary numbers.

    Columns are arrays, lists, series or single numbers (repeated); with `data` also column
    names. They carry the field's names: `ai, bi, ci, di, n1i, n2i` (2x2 tables), `x1i, t1i, x2i,
    t2i` (events, person-times), `m1i, sd1i, n1i, ...` (means), `xi, ni` (proportions), `ri, ni`
    (correlations) and so on; a missing one is answered with what the measure needs. Where a
    study reports something else, some measures take it instead, row by row: SMD, RPB, RBIS,
    D2ORN, D2ORL and SMCC take Cohen's d `di`, a t statistic `ti` or a signed two-sided p-value
    `pi`; COR, UCOR and ZCOR take `ti` or `pi`. Fractional counts are accepted (effective counts
    of cluster trials) and noted. In PCOR, ZPCOR and SPCOR `mi` counts all predictors.

    Measures: RR OR RD AS PETO PHI YUQ YUY RTET OR2DN OR2DL PBIT (2x2 tables); IRR IRD IRSD IR
    IRLN IRS IRFT (rates); MD ROM CVR VR MN MNLN CVLN SDLN (means, SDs); SMD SMDH SMD1 SMD1H RPB
    RBIS D2ORN D2ORL (standardised differences and what follows from them); COR UCOR ZCOR PCOR
    ZPCOR SPCOR (correlations); PR PLN PLO PAS PFT (proportions); MC SMCC SMCR SMCRH ROMC CVRC
    VRC MPRR MPOR MPRD MPORC MPPETO (change, pairs); ARAW AHW ABT (Cronbach's alpha); AUC
    LOGITAUC ACC SENS SPEC (prediction models).

    Args:
        measure: code of the measure.
        data: data frame or mapping that holds the columns. With no column named, those with the
            measure's own argument names are taken.
        slab: study labels, or the name of their column.
        add: constant for zero cells (default 0.5; 0 for AS, PHI, RTET, IRSD, PAS, PFT, IRS, IRFT).
        to: who gets it: "only0" tables with a zero cell, "all", "if0all" all when any has one,
            "none".
        drop00: leave out studies without events, or with events only, in both groups.
        vtype: sampling variance. SMD and SMD1: LS, UB, LS2, AV; MD: LS, HO; ROM: LS, HO, AV,
            AVHO; RD and PR: LS, UB, AV; COR: LS, AV; UCOR: LS, UB, AV; PHI: CS, ST; RPB: ST,
            CS; SMCC and SMCR: LS, LS2. One for all, or one per study. The first is the default.
        convention: "5.1" (the default) or "3.8": the formulas of the R package metafor of that
            version where they differ: ROM, ROMC, CVR, CVRC, PCOR, ZPCOR, SMDH, SMD1H, SMCRH (see
            `review.stats.conventions`), and biserial correlations beyond 1, which "3.8" keeps.
        scale: of ACC, SENS and SPEC: logit (default), raw, log, arcsine or FT.
        **columns: the numbers.

    Returns:
        The effects, aligned with the rows given.

    Raises:
        UnknownNameError: a measure, option or column that does not exist.
        InputError: columns are missing, foreign, not numeric or differ in length.
        StatsError: impossible numbers (a negative count, more events than persons, a negative
            SD, a correlation above 1, infinity); the message names the rows.

    Example:
        >>> import review
        >>> es = review.effect_size("OR", ai=[4, 6], bi=[119, 300], ci=[11, 29], di=[128, 274])
        >>> es.yi.round(4).tolist(), es.vi.round(4).tolist()
        ([-0.9387, -1.6662], [0.3571, 0.2081])
    """
    spec = find_measure(measure, scale)
    options = _options(spec, add, to, drop00=drop00, convention=convention)
    given, k = read_columns(spec, columns, data)
    labels = read_labels(slab, data, k)
    audit = Audit(k, labels)
    vtypes = _vtypes(spec, vtype, k)
    with np.errstate(all="ignore"):
        ready, ni = spec.family.prepare(given, options, audit)
        yi, vi = _estimate(spec, ready, options, vtypes)
    if spec.largest is not None and options.convention != "3.8":
        beyond = np.abs(yi) > spec.largest
        audit.note(beyond, f"{spec.label} beyond {spec.largest:g}, which cannot be, and set to it")
        yi = np.where(beyond, np.copysign(spec.largest, yi), yi)
    yi, vi = _finish(spec, given, audit, yi, vi)
    for array in (yi, vi, ni):
        array.setflags(write=False)
    settings: dict[str, Any] = {
        "add": options.add,
        "to": options.to,
        "drop00": options.drop00,
        "vtype": vtypes if isinstance(vtypes, str) else vtypes.tolist(),
        "convention": convention,
    }
    if scale is not None or measure in {"ACC", "SENS", "SPEC"}:
        settings["scale"] = scale or "logit"
    return EffectSizes(
        yi,
        vi,
        measure,
        ni,
        labels,
        audit.result(),
        tuple(audit.notes),
        settings,
        spec.label,
        spec.transf,
    )


def _options(
    spec: Measure, add: float | None, to: str, *, drop00: bool, convention: str
) -> Options:
    if to not in POLICIES:
        raise UnknownNameError("zero-cell policy", str(to), POLICIES, where="for to")
    constant = spec.add if add is None else number("add", add)
    if not 0 <= constant < np.inf:
        raise StatsError(f"add must be 0 or a positive number, not {constant:g}")
    return Options(constant, to, bool(drop00), convention=choose_convention(convention))


def _vtypes(
    spec: Measure, vtype: str | Sequence[str] | None, k: int
) -> str | np.ndarray[Any, np.dtype[np.str_]]:
    if vtype is None:
        return spec.vtypes[0]
    single = isinstance(vtype, str) or not hasattr(vtype, "__iter__")
    chosen = [str(v) for v in ([vtype] if single else vtype)]
    # "LS" names the usual variance of every measure, also of those that split it into types
    chosen = [spec.vtypes[0] if v == "LS" else v for v in chosen]
    for name in dict.fromkeys(chosen):
        if name not in spec.vtypes:
            raise UnknownNameError("vtype", name, spec.vtypes, where=f"for {spec.code}")
    if single:
        return chosen[0]
    if len(chosen) != k:
        raise InputError(f"vtype has {len(chosen)} values for {k} studies")
    return np.array(chosen)


def _estimate(
    spec: Measure,
    ready: Columns,
    options: Options,
    vtypes: str | np.ndarray[Any, np.dtype[np.str_]],
) -> Estimate:
    """Apply the formula, once for each kind of variance asked for."""
    if isinstance(vtypes, str):
        yi, vi = spec.formula(ready, _with_vtype(options, vtypes))
        return np.array(yi, dtype=float), np.array(vi, dtype=float)
    yi = np.full(len(vtypes), np.nan)
    vi = yi.copy()
    for name in np.unique(vtypes):
        y, v = spec.formula(ready, _with_vtype(options, str(name)))
        mine = vtypes == name
        yi[mine], vi[mine] = y[mine], v[mine]
    return yi, vi


def _with_vtype(options: Options, vtype: str) -> Options:
    return Options(options.add, options.to, options.drop00, vtype, options.convention)


def _finish(
    spec: Measure, given: Columns, audit: Audit, yi: FloatArray, vi: FloatArray
) -> Estimate:
    """Blank the rows without a finite effect and say why each of them has none."""
    bad = ~(np.isfinite(yi) & np.isfinite(vi) & (vi >= 0))
    for i in np.flatnonzero(bad):
        index = int(i)
        if index in audit.reasons:
            continue
        missing = [name for name, column in given.items() if np.isnan(column[index])]
        values = ", ".join(f"{name}={column[index]:g}" for name, column in given.items())
        audit.reasons[index] = (
            f"no value for {', '.join(missing)}"
            if missing
            else f"{spec.code} or its variance is not defined for {values}"
        )
    yi[bad], vi[bad] = np.nan, np.nan
    audit.note(vi == 0, "sampling variance is 0")
    return yi, vi
