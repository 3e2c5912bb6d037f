"""The account of a correlated and hierarchical effects model in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.multilevel.mv_text import estimate_text
from review.stats.presentation.effect_display import back_transformed
from review.stats.presentation.measure_words import REFERENCES, effect_name
from review.words import interval, level_name, number, p_value, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.che import CHEResult

    Transf = str | Callable[[FloatArray], Any] | None

SHOWN: Final = 20  # rows left out that a summary lists
SOURCES: Final = (
    "Hedges LV, Tipton E, Johnson MC (2010). Res Synth Methods 1:39-65",
    "Pustejovsky JE, Tipton E (2018). J Bus Econ Stat 36:672-683",
    "Pustejovsky JE, Tipton E (2022). Prev Sci 23:425-438",
)


def summary(fit: CHEResult, transf: Transf = None) -> str:
    """Return the printable account of a result.

    Args:
        fit: the result.
        transf: also show the pooled effect on another scale: a name, a function or "back".
    """
    measure = f"{effect_name(fit.model)}; " if fit.model.measure else ""
    title = (
        f"Correlated and hierarchical effects model: {measure}{counts(fit)}; {_assumed(fit)}; "
        f"cluster-robust {fit.robust.type} intervals; level {level_name(fit.level)}"
    )
    lines = [
        title,
        heterogeneity_text(fit),
        f"test of {_residual(fit)}heterogeneity: Q({fit.df}) = {fit.QE:.4f}, {p_value(fit.QEp)}",
    ]
    if not fit.intercept_only:
        lines.append(f"test of moderators: {omnibus(fit)}")
    lines += ["", *_coefficient_lines(fit)]
    if fit.intercept_only:
        lines += _pooled_lines(fit, transf)
    lines += [f"left out: {row}" for row in fit.left_out[:SHOWN]]
    if len(fit.left_out) > SHOWN:
        lines.append(f"... and {len(fit.left_out) - SHOWN} more rows left out")
    return "\n".join([*lines, *(f"note: {note}" for note in fit.notes)])


def counts(fit: CHEResult) -> str:
    """How many effects of how many studies, and how many a study has."""
    sizes = fit.sizes
    middle = float(np.median(sizes))
    return f"{fit.counted} ({sizes.min()} to {sizes.max()} each, median {middle:g})"


def _assumed(fit: CHEResult) -> str:
    return f"sampling errors of a study assumed to be correlated by rho = {fit.rho:g}"


def _residual(fit: CHEResult) -> str:
    return "" if fit.intercept_only else "residual "


def heterogeneity_text(fit: CHEResult) -> str:
    """Both variances with their shares of the variability."""
    between, within = (float(x) for x in fit.sigma2)
    first, second, *_ = (float(x) for x in fit.model.I2.share)
    return (
        f"variance between studies {number(between)} ({percent(first)} of the variability); "
        f"within studies {number(within)} ({percent(second)}); I2 = {percent(fit.I2)}"
    )


def omnibus(fit: CHEResult) -> str:
    """The joint test of the moderators."""
    df1, df2 = fit.QM_df
    if np.isnan(fit.QM):
        return "too few studies for a joint test"
    if df2 is None:
        return f"chi2({df1:g}) = {fit.QM:.4f}, {p_value(fit.QMp)}"
    return f"F({df1:g}, {df2:.2f}) = {fit.QM:.4f}, {p_value(fit.QMp)}"


def _coefficient_lines(fit: CHEResult) -> list[str]:
    width = max(len("coefficient"), *(len(name) for name in fit.coef_names))
    ci = f"{level_name(fit.level)} CI"
    lines = [
        f"{'coefficient':<{width}} {'beta':>10} {'se':>10} {'t':>10} {'df':>7} {'p':>10}  {ci}"
    ]
    for j, name in enumerate(fit.coef_names):
        p = p_value(float(fit.pval[j])).removeprefix("p ").removeprefix("= ")
        lines.append(
            f"{name:<{width}} {number(float(fit.beta[j])):>10} {number(float(fit.se[j])):>10} "
            f"{float(fit.stat[j]):>10.4f} {float(fit.robust.df[j]):>7.2f} {p:>10}  "
            f"{interval(float(fit.ci_lb[j]), float(fit.ci_ub[j]))}"
        )
    return lines


def _pooled_lines(fit: CHEResult, transf: Transf) -> list[str]:
    lines = []
    for scale in (None, transf) if transf is not None else (None,):
        p = fit.predict(transf=scale)
        assert p.pi_lb is not None
        assert p.pi_ub is not None
        pi = f"{level_name(p.level)} PI {interval(p.pi_lb[0], p.pi_ub[0])}"
        if scale is None:
            lines.append(pi)
            continue
        own = fit.measure and p.transf == fit.transf
        name = effect_name(fit.model, back=True) if own else p.transf or "identity"
        lines.append(
            f"{name}: {number(p.pred[0])}, {level_name(p.level)} CI "
            f"{interval(p.ci_lb[0], p.ci_ub[0])}; {pi}"
        )
    return lines


def report_text(fit: CHEResult, transf: Transf = None) -> str:
    """Return a methods-and-results paragraph with numbers and references.

    Args:
        fit: the result.
        transf: scale on which the pooled effect is also given; that of the measure by default.

    Example:
        >>> from review.stats.multilevel.che import che_model
        >>> fit = che_model([0.1, 0.3, 0.8, 0.6, 0.2], [0.02, 0.03, 0.04, 0.03, 0.02],
        ...                 cluster=["a", "a", "b", "b", "c"])
        >>> report_text(fit).split(" were")[0]
        'Methods: The 5 effects of 3 studies (1 to 2 each, median 2)'
    """
    methods = "Methods: " + " ".join(_methods(fit))
    results = "Results: " + " ".join(_results(fit, transf))
    sources = [*SOURCES, *REFERENCES["I2"]]
    if fit.intercept_only:
        sources += REFERENCES["PI"]
    references = "\n".join(f"- {text}" for text in sources)
    return f"{methods}\n\n{results}\n\nReferences:\n{references}"


def _methods(fit: CHEResult) -> list[str]:
    model = (
        f"The {counts(fit)} were analysed with a correlated and hierarchical effects model: a "
        "variance between studies, one between the effects of a study, and sampling errors of a "
        f"study that were assumed to be correlated by {fit.rho:g}."
    )
    out = [model, "Both variances were estimated by restricted maximum likelihood."]
    if fit.measure:
        out.insert(1, f"Effects were expressed as {effect_name(fit.model)}.")
    if not fit.intercept_only:
        formula = fit.design.formula or ", ".join(fit.coef_names[int(fit.intercept) :])
        out.append(f"Moderators: {formula}.")
    tests = "Satterthwaite degrees of freedom" if fit.robust.test == "Satterthwaite" else "t tests"
    out.append(
        f"Standard errors were cluster-robust ({fit.robust.type}), with {tests}, at a level of "
        f"{level_name(fit.level)}; they do not rely on the assumed correlation."
    )
    return out


def _results(fit: CHEResult, transf: Transf) -> list[str]:
    if fit.intercept_only:
        text = (
            f"The pooled {effect_name(fit.model)} was {estimate_text(fit.predict())}, "
            f"t({fit.robust.df[0]:.1f}) = {float(fit.stat[0]):.2f}, {p_value(float(fit.pval[0]))}"
        )
        back = back_transformed(fit, transf)
        if back is not None:
            name = effect_name(fit.model, back=True)
            text += f"; on the scale of the {name}, {estimate_text(back)}"
        out = [text + "."]
    else:
        rows = [
            f"{name} {number(float(fit.beta[j]))} ({level_name(fit.level)} CI "
            f"{interval(float(fit.ci_lb[j]), float(fit.ci_ub[j]))}, {p_value(float(fit.pval[j]))})"
            for j, name in enumerate(fit.coef_names)
        ]
        out = [f"Coefficients: {'; '.join(rows)}.", f"Test of moderators: {omnibus(fit)}."]
    said = heterogeneity_text(fit)
    out.append(f"Heterogeneity: {said}; Q({fit.df}) = {fit.QE:.2f}, {p_value(fit.QEp)}.")
    if fit.left_out:
        rows_out = "; ".join(str(row) for row in fit.left_out[:SHOWN])
        more = f"; and {len(fit.left_out) - SHOWN} more" if len(fit.left_out) > SHOWN else ""
        out.append(f"Not analysed: {rows_out}{more}.")
    return out + [f"{note[0].upper()}{note[1:]}." for note in fit.notes]
