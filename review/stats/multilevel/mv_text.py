"""The account of a multilevel model in words: a printable summary and a paragraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.multilevel.mv_tables import pairs_in_blocks
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
    from review.stats.multilevel.mv_result import MVResult

    Transf = str | Callable[[FloatArray], Any] | None

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
    lines += coefficient_lines(
        fit, *(("z", None) if fit.ddf is None else ("t", [f"{x:g}" for x in fit.ddf]))
    )
    if fit.intercept_only:
        lines += pooled_lines(fit, transf)
    return "\n".join([*lines, *closing_lines(fit)])


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
    if fit.intercept_only:
        out = [pooled_sentence(fit, "z" if fit.ddf is None else f"t({fit.ddf[0]:g})", transf)]
    else:
        out = [coefficients_sentence(fit), f"Test of moderators: {omnibus(fit)}."]
    parts = [f"{c.name} = {number(c.value)}" for c in fit.components]
    if parts:
        shares = fit.I2
        total = f"; I2 = {percent(shares.total)}" if np.isfinite(shares.total) else ""
        out.append(f"Heterogeneity: {', '.join(parts)}{total}.")
    out.append(f"Q({fit.df}) = {fit.QE:.2f}, {p_value(fit.QEp)}.")
    return [*out, *closing_sentences(fit)]


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
