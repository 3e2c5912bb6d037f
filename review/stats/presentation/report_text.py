"""The account of a result in words: a printable summary and a methods-and-results paragraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.stats.ground.result_kit import conventions_lines
from review.stats.presentation.effect_display import back_transformed
from review.stats.presentation.measure_words import (
    METHOD_NAMES,
    REFERENCES,
    TEST_NAMES,
    effect_name,
    omnibus,
    statistic,
)
from review.words import (
    capital,
    confidence,
    interval,
    level_name,
    listed,
    number,
    p_number,
    p_value,
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
    from review.stats.pooling.prediction import PredictResult

    Transf = str | Callable[[FloatArray], Any] | None

SHOWN = 20  # rows left out that a summary lists


def summary(fit: MetaResult, transf: Transf = None) -> str:
    """Return the printable account of a result.

    Args:
        fit: the result.
        transf: also show the pooled effect on another scale: a name, a function or "back".
    """
    lines = [_title(fit), *_heterogeneity_lines(fit), "", *_coefficient_lines(fit)]
    if fit.intercept_only:
        lines += _pooled_lines(fit, transf)
    lines += [f"reference level of {n}: {level}" for n, level in fit.design.references.items()]
    lines += [f"left out: {row}" for row in fit.left_out[:SHOWN]]
    if len(fit.left_out) > SHOWN:
        lines.append(f"... and {len(fit.left_out) - SHOWN} more rows left out")
    if fit.conversions:
        lines.append(conversions_sentence(fit.conversions))
    lines += [f"note: {note}" for note in fit.notes]
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


def _coefficient_lines(fit: MetaResult) -> list[str]:
    width = max(len("coefficient"), *(len(name) for name in fit.coef_names))
    ci = f"{level_name(fit.level)} CI"
    lines = [
        f"{'coefficient':<{width}} {'beta':>10} {'se':>10} {statistic(fit):>10} {'p':>10}  {ci}"
    ]
    for j, name in enumerate(fit.coef_names):
        p = p_number(float(fit.pval[j]))
        lines.append(
            f"{name:<{width}} {number(float(fit.beta[j])):>10} {number(float(fit.se[j])):>10} "
            f"{number(float(fit.stat[j])):>10} {p:>10}  "
            f"{interval(float(fit.ci_lb[j]), float(fit.ci_ub[j]))}"
        )
    return lines


def _pooled_lines(fit: MetaResult, transf: Transf) -> list[str]:
    lines = []
    for scale in (None, transf) if transf is not None else (None,):
        p = fit.predict(transf=scale)
        pi = f"no prediction interval ({p.missing})"
        if p.pi_lb is not None and p.pi_ub is not None:
            pi = f"{level_name(p.level)} PI {interval(p.pi_lb[0], p.pi_ub[0])}"
        if scale is None:
            lines.append(pi)
        else:
            lines.append(
                f"{_scale_name(fit, p.transf)}: {number(p.pred[0])}, "
                f"{confidence(p.ci_lb[0], p.ci_ub[0], p.level)}; {pi}"
            )
    return lines


def _scale_name(fit: MetaResult, transf: str) -> str:
    """The outcome in words, or the transformation when it is not the measure's own."""
    own = fit.measure and transf == fit.transf
    return effect_name(fit, back=True) if own else transf or "identity"


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
    out = [_pooled_sentence(fit, transf)] if fit.intercept_only else _regression_sentences(fit)
    tau2 = "" if fit.equal_effects else f"tau2 = {number(fit.tau2)}"
    if ci is not None:
        tau2 += f" ({confidence(*ci.tau2[1:], ci.level)})"
    out.append(
        f"Heterogeneity: {tau2 + ', ' if tau2 else ''}I2 = {percent(fit.I2)}, "
        f"{statistic_text(f'Q({fit.df})', fit.QE, fit.QEp)}."
    )
    if fit.left_out:
        out.append(f"Not analysed: {listed(fit.left_out, most=SHOWN, last='')}.")
    if fit.conversions:
        out.append(conversions_sentence(fit.conversions))
    out += [f"{capital(note)}." for note in fit.notes]
    return out


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


def _pooled_sentence(fit: MetaResult, transf: Transf) -> str:
    text = (
        f"The pooled {effect_name(fit)} was {_estimate(fit.predict())}, "
        f"{statistic_text(statistic(fit), float(fit.stat[0]), float(fit.pval[0]))}"
    )
    back = back_transformed(fit, transf)
    if back is not None:
        text += f"; on the scale of the {effect_name(fit, back=True)}, {_estimate(back)}"
    return text + "."


def _estimate(p: PredictResult) -> str:
    level = level_name(p.level)
    text = f"{number(p.pred[0])} ({confidence(p.ci_lb[0], p.ci_ub[0], p.level)}"
    if p.pi_lb is not None and p.pi_ub is not None:
        text += f"; {level} prediction interval {interval(p.pi_lb[0], p.pi_ub[0])}"
    return text + ")"


def _regression_sentences(fit: MetaResult) -> list[str]:
    rows = [
        f"{name} {number(float(fit.beta[j]))} "
        f"({confidence(float(fit.ci_lb[j]), float(fit.ci_ub[j]), fit.level)}, "
        f"{p_value(float(fit.pval[j]))})"
        for j, name in enumerate(fit.coef_names)
    ]
    out = [f"Coefficients: {'; '.join(rows)}.", f"Test of moderators: {omnibus(fit)}."]
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
