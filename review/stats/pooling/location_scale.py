"""Location-scale models: moderators of the size of effects and of their heterogeneity."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from review.errors import StatsError
from review.stats.effects.row_account import LeftOut
from review.stats.ground.design_matrix import Design, read_moderators
from review.stats.ground.guard import guarded
from review.stats.ground.inference import (
    TESTS,
    CoefTests,
    basis_tests,
    fit_stats,
    level_percent,
)
from review.stats.pooling.location_scale_result import LocationScaleResult
from review.stats.pooling.meta_analysis import meta_analysis
from review.stats.pooling.meta_rows import choose
from review.stats.pooling.scale_fit import ScaleFit, solve

if TYPE_CHECKING:
    from review.stats.pooling.meta_result import MetaResult
    from review.stats.pooling.scale_likelihood import Link

_EDGE_NOTE: Final = "tau2 is 0 for some studies: the scale coefficients have no standard errors"


@guarded
def location_scale(
    yi: Any,
    vi: Any = None,
    mods: Any = None,
    scale: Any = None,
    *,
    sei: Any = None,
    data: Any = None,
    method: str = "REML",
    test: str = "z",
    link: str = "log",
    level: float = 95,
    slab: Any = None,
) -> LocationScaleResult:
    """Fit y_i ~ N(x_i'beta, v_i + tau2_i) with log tau2_i (or tau2_i itself) = z_i'alpha.

    Viechtbauer & Lopez-Lopez (2022, Res Synth Methods 13:697). Standard errors of alpha come from
    the observed information; its derivatives are exact.

    Args:
        yi: effects, as in `meta_analysis`.
        vi: sampling variances, as in `meta_analysis`.
        mods: moderators of the effects, as in `meta_analysis`.
        scale: moderators of the heterogeneity, in the same forms as `mods`; None: one tau2.
        sei: standard errors, instead of `vi`.
        data: data frame or mapping in which names are looked up.
        method: "REML" or "ML".
        test: "z", "t", "knha" or "adhoc"; t tests of alpha have k - q degrees of freedom.
        link: "log" or "identity" (tau2 linear in the scale moderators, and not negative).
        level: in per cent.
        slab: study labels.

    Raises:
        InputError: an argument is wrong.
        StatsError: too few studies, or moderators that depend on each other.
        ConvergenceError: the likelihood has no maximum at finite coefficients, for instance
            because tau2 is 0 (log link).

    Example:
        >>> y = [0.1, 0.9, 0.4, -0.3, 0.8, 0.2]
        >>> fit = location_scale(y, [0.04, 0.02, 0.03, 0.05, 0.04, 0.02])
        >>> round(float(np.exp(fit.alpha[0])), 4), fit.k
        (0.1623, 6)
    """
    method = choose("method", method, ("REML", "ML"))
    test, link = choose("test", test, TESTS), choose("link", link, ("log", "identity"))
    level = level_percent(level)
    if data is None and hasattr(yi, "columns"):
        data = yi
    settings = {
        "mods": mods, "sei": sei, "data": data, "method": method, "test": "z", "level": level,
        "slab": slab,
    }  # fmt: skip
    base, scale_design, left_out = _read(yi, vi, scale, settings)
    k, p, q = base.k, base.p, scale_design.X.shape[1]
    if k <= max(p, q):
        raise StatsError(
            f"{p} location and {q} scale coefficients need more than {max(p, q)} studies, and "
            f"there are {k}"
        )
    found = solve(base, scale_design, restricted=method == "REML", link=cast("Link", link))
    return _result(base, scale_design, found, (method, test, link, level), left_out)


def _read(
    yi: Any, vi: Any, scale: Any, settings: dict[str, Any]
) -> tuple[MetaResult, Design, tuple[LeftOut, ...]]:
    """Fit with one tau2 to the rows complete in all moderators; Z; and the rows left out."""
    base = meta_analysis(yi, vi, **settings)
    n = base.k + len(base.left_out)
    moderators = read_moderators(scale, settings["data"], n, intercept=True)
    gaps = {name: missing[base.ids] for name, missing in moderators.missing(n)}
    out = np.any([*gaps.values(), np.zeros(base.k, dtype=bool)], axis=0)
    if out.all():
        raise StatsError("no row has an effect, a variance and all scale moderators")
    left_out = base.left_out
    if out.any():
        why = [
            "no moderator " + ", ".join(n for n, m in gaps.items() if m[i]) for i in range(base.k)
        ]
        names = base.slab
        left_out += tuple(
            LeftOut(int(base.ids[i]) + 1, names[i], why[i]) for i in np.flatnonzero(out)
        )
        y, v = np.full(n, np.nan), np.full(n, np.nan)
        y[base.ids[~out]], v[base.ids[~out]] = base.yi[~out], base.vi[~out]
        base = meta_analysis(y, v, **(settings | {"sei": None}))
    keep = np.zeros(n, dtype=bool)
    keep[base.ids] = True
    return base, moderators.build(keep), left_out


def _result(
    base: MetaResult,
    scale: Design,
    found: ScaleFit,
    settings: tuple[str, str, str, float],
    left_out: tuple[LeftOut, ...],
) -> LocationScaleResult:
    method, test, link, level = settings
    k, p, q = base.k, base.p, len(found.scale.coef)
    e = base.yi - found.location.fitted
    scatter = float((e**2 / (base.vi + found.tau2)).sum()) / (k - p)
    s2w = {"knha": scatter, "adhoc": max(1.0, scatter)}.get(test, 1.0)
    ddf, ddf_alpha = (None, None) if test == "z" else (k - p, k - q)
    location = replace(found.location, cov=found.location.cov * s2w)
    b = basis_tests(location, ddf, level, intercept=base.intercept)
    a = _scale_tests(found, ddf_alpha, level, scale)
    tested = q > int(scale.intercept) and not found.edge
    return LocationScaleResult(
        beta=location.beta, se=b.se, stat=b.stat, pval=b.pval, ci_lb=b.ci_lb, ci_ub=b.ci_ub,
        vb=location.vb, alpha=found.scale.beta, se_alpha=a.se, stat_alpha=a.stat, pval_alpha=a.pval,
        ci_lb_alpha=a.ci_lb, ci_ub_alpha=a.ci_ub, va=found.scale.vb, coef_names=base.coef_names,
        scale_names=scale.names, tau2=found.tau2, QE=base.QE, QEp=base.QEp, QM=float(b.QM),
        QMp=float(b.QMp), QS=float(a.QM) if tested else None,
        QSp=float(a.QMp) if tested else None, k=k, p=p, q=q, ddf=ddf, ddf_alpha=ddf_alpha,
        s2w=s2w, fit_ml=fit_stats(found.loglik_ml, p + q, k),
        fit_reml=fit_stats(found.loglik_reml, p + q, k - p), at_edge=found.edge, yi=base.yi,
        vi=base.vi, X=base.X, Z=scale.X, labels=base.slab, method=method, test=test, link=link,
        level=level, left_out=left_out, notes=(_EDGE_NOTE,) if found.edge else (),
        design=base.design, scale_design=scale, inside=location, inside_scale=found.scale,
    )  # fmt: skip


def _scale_tests(found: ScaleFit, ddf: int | None, level: float, scale: Design) -> CoefTests:
    if not found.edge:
        return basis_tests(found.scale, ddf, level, intercept=scale.intercept)
    none = np.full(len(found.scale.coef), np.nan)
    return CoefTests(none, none, none, none, none, none[0], none[0])
