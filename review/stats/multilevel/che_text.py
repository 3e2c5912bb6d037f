"""The account of a correlated and hierarchical effects model in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.presentation.measure_words import REFERENCES, effect_name, omnibus
from review.stats.presentation.model_lines import (
    closing_lines,
    closing_sentences,
    coefficient_lines,
    coefficients_sentence,
    pooled_lines,
    pooled_sentence,
)
from review.words import level_name, number, p_value, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.che import CHEResult

    Transf = str | Callable[[FloatArray], Any] | None

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
    lines += ["", *coefficient_lines(fit, "t", [f"{x:.2f}" for x in fit.robust.df])]
    if fit.intercept_only:
        lines += pooled_lines(fit, transf)
    return "\n".join([*lines, *closing_lines(fit)])


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
        out = [pooled_sentence(fit, f"t({fit.robust.df[0]:.1f})", transf)]
    else:
        out = [coefficients_sentence(fit), f"Test of moderators: {omnibus(fit)}."]
    said = heterogeneity_text(fit)
    out.append(f"Heterogeneity: {said}; Q({fit.df}) = {fit.QE:.2f}, {p_value(fit.QEp)}.")
    return [*out, *closing_sentences(fit)]
