"""A model of counts in words and as plain values: summary, paragraph, dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.stats.ground.result_kit import conventions_lines
from review.stats.pooling.result_tables import COEFFICIENT_COLUMNS, plain
from review.stats.presentation.measure_words import effect_name, omnibus, statistic
from review.stats.presentation.model_lines import (
    closing_lines,
    closing_sentences,
    coefficient_lines,
    coefficients_sentence,
    pooled_lines,
    pooled_sentence,
)
from review.words import (
    capital,
    level_name,
    number,
    plural,
)

if TYPE_CHECKING:
    from review.stats.rare_events.counts_result import CountsResult, Transf

NUMBERS: Final = (
    "QM", "QMp", "QM_df", "k", "p", "m", "df", "ddf", "loglik", "AIC", "AICc", "BIC", "pi_lb",
    "pi_ub", "double_zero", "corrected", "iterations", "maxima",
)  # fmt: skip
SETTINGS: Final = ("measure", "model", "method", "test", "level", "transf", "intercept")


def title(fit: CountsResult) -> str:
    """First line of a summary: what was analysed and how."""
    what = "Meta-analysis" if fit.intercept_only else "Meta-regression"
    how = {"z": "Wald-type z tests and intervals", "t": f"t tests and intervals ({fit.df} df)"}
    return (
        f"{what} of counts: {effect_name(fit)}; {plural(fit.k, 'study')}; {fit.model_words()}; "
        f"{how[fit.test]}; level {level_name(fit.level)}"
    )


def summary(fit: CountsResult, transf: Transf = None) -> str:
    """Return the printable account of a result.

    Args:
        fit: the result.
        transf: also show the pooled effect on another scale: a name, a function or "back".
    """
    lines = [title(fit), *fit.heterogeneity()]
    if not fit.intercept_only:
        lines.append(f"test of moderators: {omnibus(fit)}")
    lines.append(
        f"log-likelihood {number(fit.loglik)}; AIC {number(fit.AIC, 2)}; BIC {number(fit.BIC, 2)}"
    )
    lines += ["", *coefficient_lines(fit, statistic(fit))]
    if fit.intercept_only:
        lines += pooled_lines(fit, transf)
    lines += [f"reference level of {n}: {level}" for n, level in fit.design.references.items()]
    lines += closing_lines(fit)
    return "\n".join([*lines, *conventions_lines(fit.conventions)])


def report_text(fit: CountsResult, transf: Transf = None) -> str:
    """Return a methods-and-results paragraph with numbers and references.

    Args:
        fit: the result.
        transf: scale on which the pooled effect is also given; that of the measure by default.
    """
    references = "\n".join(f"- {text}" for text in fit.references())
    methods, results = " ".join(_methods(fit)), " ".join(_results(fit, transf))
    return f"Methods: {methods}\n\nResults: {results}\n\nReferences:\n{references}"


def _methods(fit: CountsResult) -> list[str]:
    out = [f"The counts of {plural(fit.k, 'study')} were analysed with the {fit.model_words()}."]
    if not fit.intercept_only:
        formula = fit.design.formula or ", ".join(fit.coef_names[int(fit.intercept) :])
        out.append(f"Moderators: {formula}.")
        levels = [f"{level} of {name}" for name, level in fit.design.references.items()]
        if levels:
            out.append(f"Reference levels: {', '.join(levels)}.")
    out.append("The estimates use no continuity correction.")
    test = "z tests" if fit.ddf is None else f"t tests on {fit.ddf} degrees of freedom"
    out.append(f"Wald-type {test} were used, at a level of {level_name(fit.level)}.")
    return out


def _results(fit: CountsResult, transf: Transf) -> list[str]:
    if fit.intercept_only:
        out = [pooled_sentence(fit, statistic(fit), transf)]
    else:
        out = [coefficients_sentence(fit), f"Test of moderators: {omnibus(fit)}."]
    out.append(f"{capital('; '.join(fit.heterogeneity()))}.")
    return [*out, *closing_sentences(fit)]


def as_dict(fit: CountsResult) -> dict[str, Any]:
    """Return all numbers, settings and rows of a result as plain values."""
    out: dict[str, Any] = {
        "coefficients": [
            {"name": name} | {c: plain(getattr(fit, c)[j]) for c in COEFFICIENT_COLUMNS}
            for j, name in enumerate(fit.coef_names)
        ],
        "vb": plain(fit.vb),
    }
    out |= fit.numbers()
    out |= {name: plain(getattr(fit, name)) for name in NUMBERS}
    out["settings"] = {name: plain(getattr(fit, name)) for name in SETTINGS}
    out["settings"] |= {name: plain(value) for name, value in fit.settings.items()}
    out["settings"]["formula"] = fit.design.formula
    out["reference_levels"] = dict(fit.design.references)
    cells = {name: cell.tolist() for name, cell in fit.counts.items()}
    out["studies"] = [
        {
            "study": name, "row": int(fit.ids[i]) + 1, "yi": plain(float(fit.yi[i])),
            "vi": plain(float(fit.vi[i])), "weight": float(fit.weights[i]),
            **{c: values[i] for c, values in cells.items()},
        }
        for i, name in enumerate(fit.slab)
    ]  # fmt: skip
    out["left_out"] = [{"row": r.row, "study": r.slab, "reason": r.reason} for r in fit.left_out]
    out["notes"] = list(fit.notes)
    return out | {"conventions": fit.conventions}
