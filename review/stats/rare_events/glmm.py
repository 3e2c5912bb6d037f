"""Generalised linear mixed models for rare events: the entry point `glmm`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.ground.arguments import real
from review.stats.ground.basis import BasisFit
from review.stats.ground.guard import guarded
from review.stats.ground.inference import basis_tests, chi2_tail, fit_stats, level_percent
from review.stats.ground.least_squares import Projector
from review.stats.pooling.meta_analysis import repeated_labels
from review.stats.pooling.meta_rows import choose
from review.stats.pooling.small_sample import fit_notes
from review.stats.pooling.tau2 import EQUAL_EFFECTS
from review.stats.rare_events.glmm_fit import MODELS, ONE_GROUP, fit_counts, make_setup
from review.stats.rare_events.glmm_heterogeneity import fit_saturated
from review.stats.rare_events.glmm_result import GLMMResult
from review.stats.rare_events.glmm_tables import TWO_GROUPS, read_counts, refuse_edges
from review.words import listed, plural

if TYPE_CHECKING:
    from review.stats.rare_events.glmm_fit import GLMMEstimate
    from review.stats.rare_events.glmm_heterogeneity import Saturated
    from review.stats.rare_events.glmm_tables import CountTables

MEASURES: Final = (*TWO_GROUPS, *ONE_GROUP)
METHODS: Final = ("ML", *EQUAL_EFFECTS)
MOST_NODES: Final = 101
FEW_STUDIES: Final = 5
NODES: Final = {"UM.RS": 1, "CM.EL": 41}  # and 7 for the others


@guarded
def glmm(
    measure: str,
    *,
    model: str | None = None,
    mods: Any = None,
    data: Any = None,
    method: str = "ML",
    test: str = "z",
    level: float = 95,
    nAGQ: int | None = None,
    coding: float = 0.5,
    slab: Any = None,
    add: float = 0.5,
    to: str = "only0",
    drop00: bool = True,
    **columns: Any,
) -> GLMMResult:
    """Pool counts by a generalised linear mixed model, without a continuity correction.

    The counts of each study are binomial (OR, PLO) or Poisson (IRR, IRLN), and the true effects are
    normal with variance tau2 around x_i' beta (Stijnen, Hamza & Ozdemir 2010, Stat Med 29:3046;
    Jackson et al. 2018, Stat Med 37:1059). A study's own rate of events is

    - "UM.FS": a parameter of its own (both groups' counts are modelled);
    - "UM.RS": normal, with variance sigma2 (the same);
    - "CM.EL": conditioned away: for OR the non-central hypergeometric distribution of the events of
      group 1 given the margins, for IRR the binomial one given all events;
    - "CM.AL": for OR that distribution approximated by a binomial one, good where events are rare.

    tau2 is estimated by maximum likelihood, the random effects integrated out by adaptive
    Gauss-Hermite quadrature. Studies without any event, or with nothing else, say nothing about the
    effect and are left out, with a word in the result. Time and memory are linear in the number
    of studies.

    Args:
        measure: "OR" (ai, bi, ci, di or ai, n1i, ci, n2i), "IRR" (x1i, t1i, x2i, t2i), "PLO" (xi
            and ni or mi) or "IRLN" (xi, ti).
        model: see above; "UM.FS" by default. Measures of one group have one model.
        mods: moderators as in `meta_analysis`.
        data: data frame or mapping in which names are looked up.
        method: "ML"; "EE" or "FE" for effects that do not differ between studies.
        test: "z", or "t" with k - p degrees of freedom.
        level: of all intervals, per cent (95), or a fraction (0.95).
        nAGQ: nodes of the quadrature; by default 7, with "UM.RS" 1 (Laplace's approximation, as in
            the R package lme4; of two dimensions otherwise), with "CM.EL" for OR 41 (exact to all
            digits).
        coding: how the random effect is shared between the groups of UM.FS and UM.RS: 1/2 (plus and
            minus one half of it), 1 (group 1 has it) or 0 (group 2 has it).
        slab: study labels, or the name of their column.
        add: continuity correction of the studies' own effects, which figures show and from which
            the typical variance in I2 comes; the model does not use it.
        to: which of them get it: only0, all, if0all.
        drop00: leave out studies without any event (or with nothing else). Only UM.RS can keep
            them: they inform the average rate there; other models cannot.
        **columns: the counts.

    Returns:
        The result; `summary()` prints it.

    Raises:
        UnknownNameError: a measure, model, method, test or column that does not exist.
        InputError: columns are missing or differ in length; an argument has no meaning.
        StatsError: impossible counts, named with their rows; no events in a whole group.
        ConvergenceError: no maximum of the likelihood was found.

    Example:
        >>> import review
        >>> fit = review.glmm("OR", ai=[0, 2, 5], n1i=[50, 80, 99], ci=[3, 6, 9], n2i=[48, 85, 97],
        ...                   model="CM.EL")
        >>> round(float(fit.beta[0]), 3), round(float(fit.se[0]), 3)
        (-0.991, 0.456)
    """
    call = dict(locals())
    method = choose("method", method, METHODS)
    test = choose("test", test, ("z", "t"))
    level = level_percent(level)
    chosen = _model(measure, model)
    coding = _coding(coding)
    t = read_counts(
        measure, MEASURES, columns, data=data, mods=mods, slab=slab, add=add, to=to,
        keep_double_zero=not drop00 and chosen == "UM.RS",
    )  # fmt: skip
    refuse_edges(t, fixed_studies=chosen != "UM.RS")
    k, p = t.design.X.shape
    random = method == "ML" and k > 1
    if random and k <= p:
        raise StatsError(
            f"{k} studies and {p} coefficients leave nothing to estimate tau2 from; use fewer "
            "moderators, or method='EE'"
        )
    nodes = _nodes(nAGQ, measure, chosen)
    s = make_setup(t, chosen, coding)
    _whole_numbers(t, chosen)
    equal = fit_counts(s, random=False, nodes=nodes)
    found = fit_counts(s, random=True, nodes=nodes) if random else equal
    saturated = fit_saturated(s, nodes)
    return _result(
        t, found, equal, saturated, model=chosen, method=method, test=test, level=level,
        nodes=nodes, coding=coding, call=call, notes=_choices(t, drop00=drop00, model=chosen),
    )  # fmt: skip


def _model(measure: str, model: str | None) -> str:
    if measure in ONE_GROUP:
        if model is not None:
            raise InputError(f"{measure} is about one group and has one model: leave out model=")
        return ""
    return "UM.FS" if model is None else choose("model", model, MODELS)


def _coding(given: Any) -> float:
    value = real("coding", given)
    if value not in {0.0, 0.5, 1.0}:
        raise InputError(f"coding must be 0.5, 1 or 0, not {value:g}")
    return value


def _nodes(given: Any, measure: str, model: str) -> int:
    if given is None:
        return 7 if (measure, model) == ("IRR", "CM.EL") else NODES.get(model, 7)
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= MOST_NODES:
        raise InputError(f"nAGQ must be a whole number from 1 to {MOST_NODES}, not {given!r}")
    return given


def _whole_numbers(t: CountTables, model: str) -> None:
    """Refuse fractional counts where the likelihood counts tables.

    Raises:
        StatsError: with the rows.
    """
    if (t.measure, model) != ("OR", "CM.EL"):
        return
    broken = np.any([cell != np.round(cell) for cell in t.cells.values()], axis=0)
    if broken.any():
        rows = listed((t.names[i] for i in np.flatnonzero(broken).tolist()), most=5, last="")
        raise StatsError(
            f"model='CM.EL' counts possible tables and needs whole numbers; not so in {rows}. Use "
            "model='UM.FS', which takes effective counts"
        )


def _choices(t: CountTables, *, drop00: bool, model: str) -> list[str]:
    """Say what was done with studies without events, and where own effects were corrected."""
    notes = []
    if t.double_zero and drop00:
        notes.append(
            f"{plural(t.double_zero, 'double-zero study')} (no events, or events only, in both "
            f"groups) left out: it says nothing about the {t.label} in these models"
            if t.double_zero == 1
            else f"{t.double_zero} double-zero studies (no events, or events only, in both groups) "
            f"left out: they say nothing about the {t.label} in these models"
        )
    elif t.double_zero and model != "UM.RS":
        notes.append(
            f"{plural(t.double_zero, 'double-zero study')} left out although drop00=False: the "
            f"likelihood of {model} does not depend on them; that of UM.RS does"
        )
    elif t.double_zero:
        notes.append(
            f"{plural(t.double_zero, 'double-zero study')} kept: they inform the average rate of "
            "events"
        )
    if t.corrected:
        notes.append(
            f"the model uses the counts as they are; only the own effects of "
            f"{plural(t.corrected, 'study')} with a cell of 0, shown in figures, have "
            f"{t.settings['add']:g} added to each cell"
        )
    return notes


def _result(
    t: CountTables,
    found: GLMMEstimate,
    equal: GLMMEstimate,
    saturated: Saturated,
    *,
    model: str,
    method: str,
    test: str,
    level: float,
    nodes: int,
    coding: float,
    call: dict[str, Any],
    notes: list[str],
) -> GLMMResult:
    k, p = t.design.X.shape
    notes = [*t.notes, *notes, *repeated_labels(t.slab), *t.design.notes]
    if test == "t" and k == p:
        test = "z"
        notes.append("test 't' needs more studies than coefficients; 'z' is used")
    ddf = k - p if test == "t" else None
    unit = 1.0 if t.design.intercept_only else np.sqrt(k)
    inside = BasisFit(t.design.basis, found.coef * unit, found.cov * unit**2)
    tests = basis_tests(inside, ddf, level, intercept=t.design.intercept)
    random = method == "ML"
    vt = _typical_variance(t)
    lrt = max(2 * (saturated.loglik - equal.loglik), 0.0) if k > p else 0.0
    wald = saturated.wald if k > p else 0.0
    notes += _weak(t, found, saturated, random=random)
    notes += fit_notes(
        test=test,
        s2w=1.0,
        ddf=ddf,
        level=level,
        tau2=found.tau2,
        df=k - p,
        equal_effects=not random,
        intercept_only=t.design.intercept_only,
        tau2_fixed=False,
    )
    return GLMMResult(
        measure=t.measure, label=t.label, model=model, method=method, test=test, level=level,
        beta=inside.beta, se=tests.se, stat=tests.stat, pval=tests.pval, ci_lb=tests.ci_lb,
        ci_ub=tests.ci_ub, vb=inside.vb, coef_names=t.design.names, QM=float(tests.QM),
        QMp=float(tests.QMp), k=k, p=p, m=max(p - int(t.design.intercept), 1), ddf=ddf,
        fit_ml=fit_stats(found.loglik, found.parameters, k), weights=_shares(found.shares),
        yi=t.own, vi=t.vi, counts=t.cells, X=t.design.X, ids=t.ids, labels=t.slab, ni=t.ni,
        transf=t.transf, intercept=t.design.intercept, double_zero=t.double_zero,
        corrected=t.corrected, iterations=found.iterations, maxima=found.maxima,
        left_out=t.left_out, notes=tuple(dict.fromkeys(notes)), settings=dict(t.settings),
        design=t.design, inside=inside, call=_call(call), tau2=found.tau2, se_tau2=found.se_tau2,
        sigma2=found.sigma2, alpha=found.alpha,
        I2=100 * found.tau2 / (found.tau2 + vt) if vt > 0 else 0.0,
        H2=1 + found.tau2 / vt if vt > 0 else 1.0, vt=vt,
        QE_LRT=lrt, QEp_LRT=float(chi2_tail(lrt, k - p)), QE_Wld=wald,
        QEp_Wld=None if wald is None else float(chi2_tail(wald, k - p)), QE_df=k - p,
        loglik_saturated=saturated.loglik, loglik_ee=equal.loglik, modes=found.modes, nAGQ=nodes,
        coding=coding,
    )  # fmt: skip


def _call(call: dict[str, Any]) -> dict[str, Any]:
    return call


def _shares(information: Any) -> Any:
    total = information.sum()
    if not total > 0:
        return np.full(len(information), 100 / len(information))
    return 100 * information / total


def _typical_variance(t: CountTables) -> float:
    """(k - p) / tr(P) of the studies' own effects, with weights 1 / variance."""
    usable = np.isfinite(t.own) & (t.vi > 0)
    w = np.where(usable, 1 / np.where(usable, t.vi, 1.0), 0.0)
    free = int(usable.sum()) - t.design.X.shape[1]
    if free < 1:
        return 0.0
    P = Projector(w, None if t.design.intercept_only else t.design.basis.U)
    return 0.0 if P.singular else float(free / P.trace())


def _weak(t: CountTables, found: GLMMEstimate, saturated: Saturated, *, random: bool) -> list[str]:
    """Say what weakens the result."""
    notes = []
    df = t.k - t.design.X.shape[1]
    n = int(saturated.infinite.sum())
    if n and df:
        notes.append(
            f"{plural(n, 'study')} with a cell of 0 {'has' if n == 1 else 'have'} no finite effect "
            "and no weight in the Wald-type test of heterogeneity, though its degrees of freedom "
            "count all; the likelihood-ratio test uses every study"
        )
    if random and t.k == 1:
        notes.append("tau2 cannot be estimated from one study and is set to 0")
    elif random and found.maxima > 1:
        notes.append(f"the likelihood has {found.maxima} maxima; the highest is reported")
    if random and t.k > 1 and t.k < FEW_STUDIES:
        notes.append(
            f"tau2 rests on {plural(t.k, 'study')}: maximum likelihood tends to make it too small, "
            "and the interval too narrow"
        )
    return notes
