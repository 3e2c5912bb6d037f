"""The account of a multilevel model in words: a printable summary and a paragraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.multilevel.mv_tables import pairs_in_blocks
from review.stats.presentation.effect_display import back_transformed
from review.stats.presentation.measure_words import REFERENCES, effect_name
from review.words import interval, level_name, number, p_value, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.mv_predict import MVPrediction
    from review.stats.multilevel.mv_result import MVResult

    Transf = str | Callable[[FloatArray], Any] | None

SHOWN: Final = 20  # rows left out that a summary lists
METHODS: Final = {
    "REML": "restricted maximum likelihood",
    "ML": "maximum likelihood",
    "MM": "the method of moments",
}
STRUCTURES: Final = {
    "CS": "compound symmetry", "HCS": "heteroscedastic compound symmetry", "UN": "unstructured",
    "ID": "identity", "DIAG": "diagonal", "AR": "autoregressive",
    "HAR": "heteroscedastic autoregressive", "CAR": "continuous-time autoregressive",
}  # fmt: skip
OWN_REFERENCES: Final = {
    "nested": ("Konstantopoulos S (2011). Res Synth Methods 2:61-76",),
    "inner": ("van Houwelingen HC, Arends LR, Stijnen T (2002). Stat Med 21:589-624",),
    "known": ("Nakagawa S, Santos ESA (2012). Evol Ecol 26:1253-1274",),
    "I2": ("Nakagawa S, Santos ESA (2012). Evol Ecol 26:1253-1274",),
}


def summary(fit: MVResult, transf: Transf = None) -> str:
    """Return the printable account of a result.

    Args:
        fit: the result.
        transf: also show the pooled effect on another scale: a name, a function or "back".
    """
    lines = [title(fit), *_component_lines(fit), *_heterogeneity_lines(fit), ""]
    lines += _coefficient_lines(fit)
    if fit.intercept_only:
        lines += _pooled_lines(fit, transf)
    lines += [f"left out: {row}" for row in fit.left_out[:SHOWN]]
    if len(fit.left_out) > SHOWN:
        lines.append(f"... and {len(fit.left_out) - SHOWN} more rows left out")
    return "\n".join([*lines, *(f"note: {note}" for note in fit.notes)])


def title(fit: MVResult) -> str:
    """First line: what was analysed."""
    simple = all(t.simple for t in fit.problem.terms)
    kind = "Multilevel" if simple else "Multivariate"
    what = "meta-analysis" if fit.intercept_only else "meta-regression"
    measure = f"{effect_name(fit)}; " if fit.measure else ""
    groups = "; ".join(f"{name}: {n}" for name, n in fit.levels.items())
    return (
        f"{kind} {what}: {measure}{fit.k} effects ({groups or 'no random effects'}); "
        f"{METHODS[fit.method]} ({fit.method}); {_test(fit)}; level {level_name(fit.level)}"
    )


def _test(fit: MVResult) -> str:
    if fit.test == "z":
        return "Wald-type z tests and intervals"
    how = "k - p" if fit.dfs == "residual" else "containment"
    return f"t tests and intervals ({how} degrees of freedom)"


def _component_lines(fit: MVResult) -> list[str]:
    if not fit.components:
        return ["no random effects: equal true effects given the moderators"]
    width = max(len(c.name) for c in fit.components)
    lines = []
    for c in fit.components:
        root = "" if c.family in {"rho", "phi"} else f"  (sqrt {number(float(np.sqrt(c.value)))})"
        marks = "  fixed" if c.fixed else "  at the edge of its range" if c.at_bound else ""
        lines.append(f"{c.name:<{width}} {number(c.value):>10}{root}  {c.groups} groups{marks}")
    return lines


def _heterogeneity_lines(fit: MVResult) -> list[str]:
    shares = fit.I2
    named = [
        f"{source}{'' if effects == 'all' else f' ({effects})'} {percent(float(share))}"
        for effects, source, share in zip(
            shares.effects, shares.source, shares.share.tolist(), strict=True
        )
    ]
    lines = [f"I2: {'; '.join(named)}"] if fit.components else []
    word = "heterogeneity" if fit.intercept_only else "residual heterogeneity"
    lines.append(f"test of {word}: Q({fit.df}) = {fit.QE:.4f}, {p_value(fit.QEp)}")
    if not fit.intercept_only:
        lines.append(f"test of moderators: {omnibus(fit)}")
    stats = fit.fit
    lines.append(
        f"log-likelihood {stats.loglik:.4f}; AIC {stats.AIC:.2f}; BIC {stats.BIC:.2f}; "
        f"AICc {stats.AICc:.2f}; {_search(fit)}"
    )
    return lines


def _search(fit: MVResult) -> str:
    o = fit.optimum
    if not fit.components:
        return "closed form"
    if fit.method == "MM":
        return "moments"
    state = "converged" if o.converged else "NOT converged"
    ends = "one maximum" if o.maxima == 1 else f"{o.maxima} different ends"
    return f"{state}, {len(o.starts)} starts, {ends}"


def omnibus(fit: MVResult) -> str:
    """The omnibus test."""
    df1, df2 = fit.QM_df
    if df2 is None:
        return f"QM({df1}) = {fit.QM:.4f}, {p_value(fit.QMp)}"
    return f"F({df1}, {df2:g}) = {fit.QM:.4f}, {p_value(fit.QMp)}"


def _coefficient_lines(fit: MVResult) -> list[str]:
    width = max(len("coefficient"), *(len(name) for name in fit.coef_names))
    ci = f"{level_name(fit.level)} CI"
    df = f" {'df':>6}" if fit.ddf is not None else ""
    name = "z" if fit.ddf is None else "t"
    lines = [f"{'coefficient':<{width}} {'beta':>10} {'se':>10} {name:>10}{df} {'p':>10}  {ci}"]
    for j, coefficient in enumerate(fit.coef_names):
        p = p_value(float(fit.pval[j])).removeprefix("p ").removeprefix("= ")
        ddf = f" {fit.ddf[j]:>6g}" if fit.ddf is not None else ""
        lines.append(
            f"{coefficient:<{width}} {number(float(fit.beta[j])):>10} "
            f"{number(float(fit.se[j])):>10} {float(fit.stat[j]):>10.4f}{ddf} {p:>10}  "
            f"{interval(float(fit.ci_lb[j]), float(fit.ci_ub[j]))}"
        )
    return lines


def _pooled_lines(fit: MVResult, transf: Transf) -> list[str]:
    lines = []
    for scale in (None, transf) if transf is not None else (None,):
        p = fit.predict(transf=scale)
        for i in range(len(p)):
            where = f" ({p.levels[i]})" if p.levels else ""
            pi = "no prediction interval (equal effects)" if fit.equal_effects else p.note
            if p.pi_lb is not None and p.pi_ub is not None:
                pi = f"{level_name(p.level)} PI{where} {interval(p.pi_lb[i], p.pi_ub[i])}"
            if scale is None:
                lines.append(pi)
            else:
                lines.append(
                    f"{_scale_name(fit, p)}: {number(p.pred[i])}, {level_name(p.level)} CI "
                    f"{interval(p.ci_lb[i], p.ci_ub[i])}; {pi}"
                )
    return lines


def _scale_name(fit: MVResult, p: MVPrediction) -> str:
    own = fit.measure and p.transf == fit.transf
    return effect_name(fit, back=True) if own else p.transf or "identity"


def report_text(fit: MVResult, transf: Transf = None) -> str:
    """Return a methods-and-results paragraph with numbers and references.

    Args:
        fit: the result.
        transf: scale on which the pooled effect is also given; that of the measure by default.

    Example:
        >>> from review import meta_analysis_mv
        >>> data = {"y": [0.1, 0.3, 0.8, 0.6, 0.2, 0.4], "v": [0.02] * 6,
        ...         "study": ["a", "a", "b", "b", "c", "c"]}
        >>> text = report_text(meta_analysis_mv("y", "v", data=data, random="~ 1 | study"))
        >>> text.splitlines()[0].split(".")[0]
        'Methods: The 6 effects of 3 groups (study) were analysed with a multilevel model'
    """
    methods = "Methods: " + " ".join(_methods(fit))
    results = "Results: " + " ".join(_results(fit, transf))
    references = "\n".join(f"- {text}" for text in _references(fit))
    return f"{methods}\n\n{results}\n\nReferences:\n{references}"


def _methods(fit: MVResult) -> list[str]:
    terms = fit.problem.terms
    what = f"effects ({effect_name(fit)})" if fit.measure else "effects"
    groups = ", ".join(f"{n} groups ({name})" for name, n in fit.levels.items())
    kind = "multilevel" if all(t.simple for t in terms) else "multivariate"
    of = f" of {groups}" if groups else ""
    out = [f"The {fit.k} {what}{of} were analysed with a {kind} model."]
    for t in terms:
        if not t.simple:
            out.append(f"Random effects {t.name}: {STRUCTURES[t.code]} structure ({t.code}).")
        elif t.known:
            out.append(f"The effects of {t.name} had a known correlation.")
    pairs = pairs_in_blocks(fit)
    out.append(
        f"Sampling errors of {pairs} pairs of effects were correlated."
        if pairs
        else "Sampling errors were taken to be independent."
    )
    out.append(f"Variances were estimated by {METHODS[fit.method]}.")
    given = [f"{c.name} = {number(c.value)}" for c in fit.components if c.fixed]
    if given:
        out.append(f"Held fixed: {', '.join(given)}.")
    if not fit.intercept_only:
        formula = fit.design.formula or ", ".join(fit.coef_names[int(fit.intercept) :])
        out.append(f"Moderators: {formula}.")
    out.append(f"{_test(fit)} were used, at a level of {level_name(fit.level)}.")
    return out


def _results(fit: MVResult, transf: Transf) -> list[str]:
    out = [_pooled_sentence(fit, transf)] if fit.intercept_only else _regression_sentences(fit)
    parts = [f"{c.name} = {number(c.value)}" for c in fit.components]
    if parts:
        shares = fit.I2
        total = f"; I2 = {percent(shares.total)}" if np.isfinite(shares.total) else ""
        out.append(f"Heterogeneity: {', '.join(parts)}{total}.")
    out.append(f"Q({fit.df}) = {fit.QE:.2f}, {p_value(fit.QEp)}.")
    if fit.left_out:
        rows = "; ".join(str(row) for row in fit.left_out[:SHOWN])
        more = f"; and {len(fit.left_out) - SHOWN} more" if len(fit.left_out) > SHOWN else ""
        out.append(f"Not analysed: {rows}{more}.")
    out += [f"{note[0].upper()}{note[1:]}." for note in fit.notes]
    return out


def _pooled_sentence(fit: MVResult, transf: Transf) -> str:
    text = (
        f"The pooled {effect_name(fit)} was {estimate_text(fit.predict())}, "
        f"{'z' if fit.ddf is None else f't({fit.ddf[0]:g})'} = {float(fit.stat[0]):.2f}, "
        f"{p_value(float(fit.pval[0]))}"
    )
    back = back_transformed(fit, transf)
    if back is not None:
        text += f"; on the scale of the {effect_name(fit, back=True)}, {estimate_text(back)}"
    return text + "."


def estimate_text(p: MVPrediction) -> str:
    """Return a prediction with its intervals."""
    level = level_name(p.level)
    text = f"{number(p.pred[0])} ({level} CI {interval(p.ci_lb[0], p.ci_ub[0])}"
    if p.pi_lb is not None and p.pi_ub is not None and len(p) == 1:
        text += f"; {level} prediction interval {interval(p.pi_lb[0], p.pi_ub[0])}"
    return text + ")"


def _regression_sentences(fit: MVResult) -> list[str]:
    level = level_name(fit.level)
    rows = [
        f"{name} {number(float(fit.beta[j]))} ({level} CI "
        f"{interval(float(fit.ci_lb[j]), float(fit.ci_ub[j]))}, {p_value(float(fit.pval[j]))})"
        for j, name in enumerate(fit.coef_names)
    ]
    return [f"Coefficients: {'; '.join(rows)}.", f"Test of moderators: {omnibus(fit)}."]


def _references(fit: MVResult) -> list[str]:
    terms = fit.problem.terms
    texts: list[str] = []
    if any(t.simple and not t.known for t in terms):
        texts += OWN_REFERENCES["nested"]
    if any(not t.simple for t in terms):
        texts += OWN_REFERENCES["inner"]
    if any(t.known for t in terms):
        texts += OWN_REFERENCES["known"]
    if terms:
        texts += [*OWN_REFERENCES["I2"], *REFERENCES["I2"]]
        if fit.intercept_only:
            texts += REFERENCES["PI"]
    return list(dict.fromkeys(texts))
