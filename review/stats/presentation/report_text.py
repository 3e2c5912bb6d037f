"""The account of a result in words: a printable summary and a methods-and-results paragraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.stats.ground.result_kit import conventions_lines
from review.stats.presentation.measure_words import (
    METHOD_NAMES,
    REFERENCES,
    TEST_NAMES,
    effect_name,
    omnibus,
    statistic,
)
from review.stats.presentation.model_lines import (
    closing_lines,
    closing_sentences,
    coefficient_lines,
    coefficients_sentence,
    pooled_lines,
    pooled_sentence,
)
from review.words import (
    confidence,
    interval,
    level_name,
    number,
    percent,
    plural,
    statistic_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from review.stats.effects.conversion import Conversion
    from review.stats.ground.least_squares import FloatArray
    from review.stats.pooling.heterogeneity_intervals import ConfidenceIntervals
    from review.stats.pooling.meta_result import MetaResult

    Transf = str | Callable[[FloatArray], Any] | None


def summary(fit: MetaResult, transf: Transf = None) -> str:
    """Return the printable account of a result.

    Args:
        fit: the result.
        transf: also show the pooled effect on another scale: a name, a function or "back".
    """
    lines = [_title(fit), *_heterogeneity_lines(fit), "", *coefficient_lines(fit, statistic(fit))]
    if fit.intercept_only:
        lines += pooled_lines(fit, transf)
    lines += [f"reference level of {n}: {level}" for n, level in fit.design.references.items()]
    lines += closing_lines(fit)
    if fit.conversions:
        lines.append(conversions_sentence(fit.conversions))
    return "\n".join([*lines, *conventions_lines(fit.conventions)])


def report_text(fit: MetaResult, transf: Transf = None) -> str:
    """Return a methods-and-results paragraph with numbers and references.

    Args:
        fit: the result.
        transf: scale on which the pooled effect is also given; that of the measure by default.

    Example:
        >>> from review import meta_analysis
        >>> text = report_text(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> text.splitlines()[0].split(":")[0]
        'Methods'
    """
    ci = _tau2_interval(fit)
    methods = "Methods: " + " ".join(_methods(fit, ci))
    results = "Results: " + " ".join(_results(fit, ci, transf))
    references = "\n".join(f"- {text}" for text in _references(fit, ci))
    return f"{methods}\n\n{results}\n\nReferences:\n{references}"


def _title(fit: MetaResult) -> str:
    kind = "Meta-analysis" if fit.intercept_only else "Meta-regression"
    measure = f"{effect_name(fit)}; " if fit.measure else ""
    return (
        f"{kind}: {measure}{plural(fit.k, 'study')}; {METHOD_NAMES[fit.method]} ({fit.method}); "
        f"{TEST_NAMES[fit.test]} ({fit.test}); level {level_name(fit.level)}"
    )


def _tau2_interval(fit: MetaResult) -> ConfidenceIntervals | None:
    return None if fit.equal_effects or fit.df < 1 or fit.tau2_fixed else fit.confint()


def _heterogeneity_lines(fit: MetaResult) -> list[str]:
    lines = []
    ci = _tau2_interval(fit)
    if not fit.equal_effects:
        se = "" if fit.se_tau2 is None else f" (SE {number(fit.se_tau2)})"
        fixed = " (fixed)" if fit.tau2_fixed else ""
        lines.append(f"tau2 = {number(fit.tau2)}{fixed}{se}; tau = {number(fit.tau)}")
    lines.append(f"I2 = {percent(fit.I2)}; H2 = {number(fit.H2)}")
    if fit.R2 is not None:
        lines[-1] += f"; R2 = {percent(fit.R2)}"
    if ci is not None:
        lines.append(
            f"{level_name(ci.level)} CI ({ci.type}): tau2 {interval(*ci.tau2[1:])}; "
            f"I2 {percent(ci.I2.ci_lb)} to {percent(ci.I2.ci_ub)}"
            + (" (empty set: the effects agree too closely)" if ci.null_set else "")
        )
    word = "heterogeneity" if fit.intercept_only else "residual heterogeneity"
    lines.append(f"test of {word}: {statistic_text(f'Q({fit.df})', fit.QE, fit.QEp)}")
    if not fit.intercept_only:
        lines.append(f"test of moderators: {omnibus(fit)}")
    return lines


def _methods(fit: MetaResult, ci: ConfidenceIntervals | None) -> list[str]:
    what = f"effect sizes ({effect_name(fit)})" if fit.measure else "effect sizes"
    if fit.equal_effects:
        model = METHOD_NAMES[fit.method] + " with inverse-variance weights"
    else:
        model = (
            "a random-effects model" if fit.intercept_only else "a mixed-effects meta-regression"
        )
    out = [f"The {what} of {plural(fit.k, 'study')} were analysed with {model}."]
    if fit.tau2_fixed:
        out.append(f"The between-study variance tau2 was fixed at {number(fit.tau2)}.")
    elif not fit.equal_effects:
        out.append(f"The between-study variance tau2 was estimated by {METHOD_NAMES[fit.method]}.")
    if fit.case_weights is not None:
        out.append("The estimates were computed with weights chosen by the authors.")
    if not fit.intercept_only:
        formula = fit.design.formula or ", ".join(fit.coef_names[int(fit.intercept) :])
        out.append(f"Moderators: {formula}.")
        levels = [f"{level} of {name}" for name, level in fit.design.references.items()]
        if levels:
            out.append(f"Reference levels: {', '.join(levels)}.")
    df = "" if fit.ddf is None else f" on {fit.ddf} degrees of freedom"
    out.append(f"{TEST_NAMES[fit.test]}{df} were used, at a level of {level_name(fit.level)}.")
    if ci is not None:
        way = "the Q-profile method" if ci.type == "QP" else "the distribution of generalised Q"
        out.append(
            f"Heterogeneity was described by Cochran's Q, tau2 (interval from {way}) and I2."
        )
    return out


def _results(fit: MetaResult, ci: ConfidenceIntervals | None, transf: Transf) -> list[str]:
    out = (
        [pooled_sentence(fit, statistic(fit), transf)]
        if fit.intercept_only
        else _regression_sentences(fit)
    )
    tau2 = "" if fit.equal_effects else f"tau2 = {number(fit.tau2)}"
    if ci is not None:
        tau2 += f" ({confidence(*ci.tau2[1:], ci.level)})"
    out.append(
        f"Heterogeneity: {tau2 + ', ' if tau2 else ''}I2 = {percent(fit.I2)}, "
        f"{statistic_text(f'Q({fit.df})', fit.QE, fit.QEp)}."
    )
    if fit.conversions:
        out.append(conversions_sentence(fit.conversions))
    return [*out, *closing_sentences(fit)]


def conversions_sentence(conversions: Sequence[Conversion]) -> str:
    """Say which conversions were made, of how many rows each, with their sources.

    Example:
        >>> from review import effect_size
        >>> es = effect_size("HR", est=[0.5, 0.8], se=[0.2, 0.3])
        >>> conversions_sentence(es.conversions).split(" (")[0]
        'Converted before the analysis: estimate with its standard error'
    """
    rows: dict[tuple[str, str], set[int]] = {}
    for c in conversions:
        rows.setdefault((c.method, c.source), set()).add(c.row)
    parts = [
        f"{method} ({len(found)} {'row' if len(found) == 1 else 'rows'}; {source})"
        for (method, source), found in rows.items()
    ]
    return f"Converted before the analysis: {'; '.join(parts)}."


def _regression_sentences(fit: MetaResult) -> list[str]:
    out = [coefficients_sentence(fit), f"Test of moderators: {omnibus(fit)}."]
    if fit.R2 is not None:
        out.append(f"The moderators explained {percent(fit.R2)} of the heterogeneity (R2).")
    return out


def _references(fit: MetaResult, ci: ConfidenceIntervals | None) -> list[str]:
    keys = [] if fit.tau2_fixed else [fit.method]
    keys += [fit.test] if fit.test in REFERENCES else []
    keys.append("I2")
    if ci is not None:
        keys.append("QP" if ci.type == "QP" else "GENQ-CI")
    if fit.intercept_only and not fit.equal_effects:
        keys.append("PI")
    return list(dict.fromkeys(text for key in keys for text in REFERENCES[key]))
