"""A model of counts in words and as plain values: summary, paragraph, dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.stats.ground.result_kit import conventions_lines
from review.stats.pooling.result_tables import COEFFICIENT_COLUMNS, plain
from review.stats.presentation.measure_words import effect_name, omnibus
from review.words import (
    capital,
    confidence,
    interval,
    level_name,
    listed,
    number,
    p_number,
    p_value,
    plural,
    statistic_text,
)

if TYPE_CHECKING:
    from review.stats.pooling.prediction import PredictResult
    from review.stats.rare_events.counts_result import CountsResult, Transf

SHOWN: Final = 20  # rows left out that a summary lists
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
    lines += ["", *_coefficients(fit)]
    if fit.intercept_only:
        lines += _pooled(fit, transf)
    lines += [f"reference level of {n}: {level}" for n, level in fit.design.references.items()]
    lines += [f"left out: {row}" for row in fit.left_out[:SHOWN]]
    if len(fit.left_out) > SHOWN:
        lines.append(f"... and {len(fit.left_out) - SHOWN} more rows left out")
    lines += [f"note: {note}" for note in fit.notes]
    return "\n".join([*lines, *conventions_lines(fit.conventions)])


def _statistic(fit: CountsResult) -> str:
    return "z" if fit.ddf is None else f"t({fit.ddf})"


def _coefficients(fit: CountsResult) -> list[str]:
    width = max(len("coefficient"), *(len(name) for name in fit.coef_names))
    ci = f"{level_name(fit.level)} CI"
    name = _statistic(fit)
    lines = [f"{'coefficient':<{width}} {'beta':>10} {'se':>10} {name:>10} {'p':>10}  {ci}"]
    for j, name in enumerate(fit.coef_names):
        lines.append(
            f"{name:<{width}} {number(float(fit.beta[j])):>10} {number(float(fit.se[j])):>10} "
            f"{number(float(fit.stat[j])):>10} {p_number(float(fit.pval[j])):>10}  "
            f"{interval(float(fit.ci_lb[j]), float(fit.ci_ub[j]))}"
        )
    return lines


def _pooled(fit: CountsResult, transf: Transf) -> list[str]:
    lines = []
    for scale in (None, transf) if transf is not None else (None,):
        p = fit.predict(transf=scale)
        pi = f"no prediction interval ({p.missing})"
        if p.pi_lb is not None and p.pi_ub is not None:
            pi = f"{level_name(p.level)} PI {interval(p.pi_lb[0], p.pi_ub[0])}"
        if scale is None:
            lines.append(pi)
        else:
            own = p.transf == fit.transf
            name = effect_name(fit, back=True) if own else p.transf or "identity"
            limits = confidence(p.ci_lb[0], p.ci_ub[0], p.level)
            lines.append(f"{name}: {number(p.pred[0])}, {limits}; {pi}")
    return lines


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
    out = []
    if fit.intercept_only:
        text = (
            f"The pooled {effect_name(fit)} was {_estimate(fit.predict())}, "
            f"{statistic_text(_statistic(fit), float(fit.stat[0]), float(fit.pval[0]))}"
        )
        chosen = transf if transf is not None else fit.transf
        if chosen not in ("identity", "") and not (chosen == "back" and fit.transf == "identity"):
            back = _estimate(fit.predict(transf=chosen))
            text += f"; on the scale of the {effect_name(fit, back=True)}, {back}"
        out.append(f"{text}.")
    else:
        rows = [
            f"{name} {number(float(fit.beta[j]))} "
            f"({confidence(float(fit.ci_lb[j]), float(fit.ci_ub[j]), fit.level)}, "
            f"{p_value(float(fit.pval[j]))})"
            for j, name in enumerate(fit.coef_names)
        ]
        out.append(f"Coefficients: {'; '.join(rows)}.")
        out.append(f"Test of moderators: {omnibus(fit)}.")
    out.append(f"{capital('; '.join(fit.heterogeneity()))}.")
    if fit.left_out:
        out.append(f"Not analysed: {listed(fit.left_out, most=SHOWN, last='')}.")
    return [*out, *(f"{capital(note)}." for note in fit.notes)]


def _estimate(p: PredictResult) -> str:
    text = f"{number(p.pred[0])} ({confidence(p.ci_lb[0], p.ci_ub[0], p.level)}"
    if p.pi_lb is not None and p.pi_ub is not None:
        level = level_name(p.level)
        text += f"; {level} prediction interval {interval(p.pi_lb[0], p.pi_ub[0])}"
    return text + ")"


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
