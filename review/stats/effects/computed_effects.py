"""`effect_size`: from the numbers a study reports to an effect and its sampling variance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, StatsError, UnknownNameError
from review.stats.effects.argument_columns import number, read_labels
from review.stats.effects.effect_sizes import EffectSizes
from review.stats.effects.input_checks import check_groups, check_shares, printed_scale
from review.stats.effects.measure import POLICIES, Options
from review.stats.effects.measure_registry import find_measure
from review.stats.effects.resolve import apply_designs, resolve
from review.stats.effects.row_account import Audit
from review.stats.effects.suspicions import look
from review.stats.effects.wald import check_estimates
from review.stats.effects.ways import read_columns, ways_of
from review.stats.ground.conventions import choose_convention
from review.stats.ground.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.effects.measure import Columns, Estimate, Measure
    from review.stats.effects.resolve import Resolved
    from review.stats.effects.ways import Ways


@guarded
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
    prefer: str = "raw",
    medians: str = "luo",
    skewed: str = "out",
    **columns: Any,
) -> EffectSizes:
    """Compute effects and sampling variances from what the studies report, row by row.

    Columns are arrays, lists, series or single numbers (repeated); with `data` also column names.
    A measure's own numbers carry the field's names: `ai, bi, ci, di, n1i, n2i` (2x2 tables),
    `x1i, t1i, x2i, t2i` (events, person-times), `m1i, sd1i, n1i, ...` (means), `xi, ni`
    (proportions), `ri, ni` (correlations) and so on; a missing one is answered with what the
    measure needs. Fractional counts are accepted (effective counts) and noted. In PCOR, ZPCOR and
    SPCOR `mi` counts all predictors.

    Each row may give something else instead; of several ways the best is taken (see
    `review.stats.effects.resolve`), every conversion is recorded in `conversions`, and a row
    that leads to no effect is left out with the reason:

    - an estimate as printed `est` (a ratio on its natural scale), or `yi` on the scale of the
      analysis, with `se` or `sei` (of the analysis scale: of the log ratio), `vi`, `ci_lb` and
      `ci_ub` (of `level` per cent; t with `df`), a statistic `stat` or p-value `pval`;
    - groups: `se1i` or `ci_lb1i, ci_ub1i` of a mean; `median1i` with `q1_1i, q3_1i` and/or `min1i,
      max1i`; `m1i_pre, sd1i_pre, m1i_post, sd1i_post` with their correlation `corr`; `percent1i` or
      `prop1i` with `n1i`; `rate1i` per `per` with `t1i` (one group: `sei, mediani, q1i, percenti,
      propi, ratei`); a table's margins `n1i, n2i, events` with `ori`, `phi` or `rri`;
    - standardised differences: d `di`, g `gi`, t `ti`, F `fi`, r `ri`, a signed p-value `pi`,
      `pval` with `sign` or the means, or a mean difference `md` with `md_se` or `md_ci_lb,
      md_ci_ub` (a t test's, with one SD for both groups); correlations: `ti`, `pi`;
    - hazard ratios: `oei, voei` (O - E and V), or `est` or `pval, sign` with events `e1i, e2i`;
    - pairs (crossover): `m1i, sd1i, m2i, sd2i, corr, ni`, or `both, only1, only2, neither`;
    - clusters: `icc, cluster_size` (and `cluster_cv`) or `deff`; a control group that `shared`
      comparisons have in common.

    Measures: RR OR RD AS PETO PHI YUQ YUY RTET OR2DN OR2DL PBIT (2x2 tables); HR (hazard ratios);
    IRR IRD IRSD IR IRLN IRS IRFT (rates); MD ROM CVR VR MN MNLN CVLN SDLN (means, SDs); MED MEDD
    (medians); SMD SMDH SMD1 SMD1H RPB RBIS D2ORN D2ORL (standardised differences and what follows
    from them); COR UCOR ZCOR PCOR ZPCOR SPCOR (correlations); PR PLN PLO PAS PFT (proportions); MC
    SMCC SMCR SMCRH ROMC CVRC VRC MPRR MPOR MPRD MPORC MPPETO (change, pairs); ARAW AHW ABT
    (Cronbach's alpha); AUC LOGITAUC ACC SENS SPEC (prediction models).

    Args:
        measure: code of the measure.
        data: data frame or mapping that holds the columns. With no column named, those with the
            argument names are taken, but for design effects, `level`, `df` and the like.
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
            `review.stats.ground.conventions`), and biserial correlations beyond 1, which
            "3.8" keeps.
        scale: of ACC, SENS and SPEC: logit (default), raw, log, arcsine or FT.
        prefer: "raw" takes a row's raw numbers before its estimate, "estimate" the reverse (for
            adjusted estimates).
        medians: how medians become means and SDs: "luo" (Luo 2018, Wan 2014, Shi 2020), "wan",
            "bland", "qe" (quantile estimation) or "bc" (Box-Cox; McGrath 2020).
        skewed: what "luo", "wan" and "bland" do with rows that the test of Shi et al. (2023) calls
            skewed: "out" leaves them out, "qe" or "bc" converts them so, "use" ignores the test.
        **columns: the numbers.

    Returns:
        The effects, aligned with the rows given.

    Raises:
        UnknownNameError: a measure, option or column that does not exist.
        InputError: columns are missing, foreign, not numeric or differ in length.
        StatsError: impossible numbers (a negative count, more events than persons, a negative
            SD, a correlation above 1, infinity, limits around another estimate, a proportion given
            as a count); the message names the rows.

    Example:
        >>> import review
        >>> es = review.effect_size("OR", ai=[4, 6], bi=[119, 300], ci=[11, 29], di=[128, 274])
        >>> es.yi.round(4).tolist(), es.vi.round(4).tolist()
        ([-0.9387, -1.6662], [0.3571, 0.2081])
        >>> hr = review.effect_size("HR", est=[0.5, 0.8], ci_lb=[0.25, None], ci_ub=[1.0, None],
        ...                         se=[None, 0.2])
        >>> hr.yi.round(4).tolist(), hr.conversions[0].method
        ([-0.6931, -0.2231], 'standard error from the interval')
    """
    spec = find_measure(measure, scale)
    options = _options(spec, add, to, drop00=drop00, convention=convention)
    ways = ways_of(spec, medians, skewed)
    given, k = read_columns(spec, columns, data, ways)
    labels = read_labels(slab, data, k)
    audit = Audit(k, labels)
    vtypes = _vtypes(spec, vtype, k)
    check_groups(given, audit)
    check_shares(spec, given, audit)
    check_estimates(given, spec.transf, audit)
    state = resolve(ways, printed_scale(spec, given), audit, prefer)
    apply_designs(ways, state, audit)
    own = state.own(spec.family)
    with np.errstate(all="ignore"):
        ready, ni = spec.family.prepare(own, options, audit)
        yi, vi = _estimate(spec, ready, options, vtypes)
    if spec.largest is not None and options.convention != "3.8":
        beyond = np.abs(yi) > spec.largest
        audit.note(beyond, f"{spec.label} beyond {spec.largest:g}, which cannot be, and set to it")
        yi = np.where(beyond, np.copysign(spec.largest, yi), yi)
    yi, vi, ni = state.merge(yi, vi, ni)
    yi, vi = _finish(ways, given, state, (yi, vi))
    look(spec, given, state, options, (yi, ni))
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
    choices = {"prefer": prefer, "medians": medians, "skewed": skewed}
    usual = {"prefer": "raw", "medians": "luo", "skewed": "out"}
    settings |= {name: value for name, value in choices.items() if value != usual[name]}
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
        state.record.result(yi, vi),
    )


def _options(
    spec: Measure, add: float | None, to: str, *, drop00: bool, convention: str
) -> Options:
    if not isinstance(to, str) or to not in POLICIES:
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


def _finish(ways: Ways, given: Columns, state: Resolved, found: Estimate) -> Estimate:
    """Blank the rows without a finite effect and say why each of them has none."""
    yi, vi = found
    audit = state.record.audit
    bad = ~(np.isfinite(yi) & np.isfinite(vi) & (vi >= 0))
    named = ways.routes_by_name(set(given))
    for index in np.flatnonzero(bad).tolist():
        if index in audit.reasons:
            continue
        audit.reasons[index] = state.blocked.get(index) or _reason(
            ways.measure.code, named, given, index
        )
    yi[bad], vi[bad] = np.nan, np.nan
    audit.note(vi == 0, "sampling variance is 0")
    return yi, vi


def _reason(code: str, named: Sequence[tuple[str, ...]], given: Columns, index: int) -> str:
    """Say which values a row lacks for the way that it is closest to, or that none is defined."""
    known = {name for name, column in given.items() if not np.isnan(column[index])}
    if not known and len(named) > 1:
        return "no value in any of its columns"
    lacking = [[name for name in names if name not in known] for names in named]
    least = min(lacking, key=len, default=[])
    if least:
        return f"no value for {', '.join(least)}"
    values = ", ".join(f"{name}={column[index]:g}" for name, column in given.items())
    return f"{code} or its variance is not defined for {values}"
