"""Lines and sentences that the accounts of all models share: coefficients, averages, rows left out.

A fit is any result with the usual fields (`beta`, `se`, `stat`, `pval`, `ci_lb`, `ci_ub`, `level`,
`coef_names`, `measure`, `transf`, `left_out`, `notes`, `predict`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.stats.presentation.effect_display import back_transformed
from review.stats.presentation.measure_words import effect_name
from review.words import (
    capital,
    confidence,
    interval,
    level_name,
    listed,
    number,
    p_number,
    p_value,
    statistic_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.ground.least_squares import FloatArray

    Transf = str | Callable[[FloatArray], Any] | None

SHOWN: Final = 20  # rows left out that a text lists


def coefficient_lines(fit: Any, statistic: str, df: list[str] | None = None) -> list[str]:
    """Return the table of coefficients.

    Args:
        fit: the result.
        statistic: heading of the test statistics.
        df: degrees of freedom of each coefficient, where they differ.
    """
    width = max(len("coefficient"), *(len(name) for name in fit.coef_names))
    dfs = ["", *[""] * len(fit.coef_names)]
    if df is not None:
        wide = max(6, *(len(x) for x in df))
        dfs = [f" {x:>{wide}}" for x in ("df", *df)]
    heading = f"{'coefficient':<{width}} {'beta':>10} {'se':>10} {statistic:>10}{dfs[0]} {'p':>10}"
    lines = [f"{heading}  {level_name(fit.level)} CI"]
    for j, name in enumerate(fit.coef_names):
        beta, se, stat, p, low, high = (
            float(getattr(fit, n)[j]) for n in ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")
        )
        lines.append(
            f"{name:<{width}} {number(beta):>10} {number(se):>10} {number(stat):>10}{dfs[j + 1]} "
            f"{p_number(p):>10}  {interval(low, high)}"
        )
    return lines


def pooled_lines(fit: Any, transf: Transf) -> list[str]:
    """Return the prediction interval, and with `transf` the average on another scale."""
    lines = []
    for scale in (None, transf) if transf is not None else (None,):
        p = fit.predict(transf=scale)
        inner = getattr(p, "levels", None)
        for i in range(len(p)):
            pi = f"no prediction interval ({p.missing})"
            if p.pi_lb is not None and p.pi_ub is not None:
                where = f" ({inner[i]})" if inner else ""
                pi = f"{level_name(p.level)} PI{where} {interval(p.pi_lb[i], p.pi_ub[i])}"
            if scale is None:
                lines.append(pi)
            else:
                average = f"{number(p.pred[i])}, {confidence(p.ci_lb[i], p.ci_ub[i], p.level)}"
                lines.append(f"{scale_name(fit, p.transf)}: {average}; {pi}")
    return lines


def scale_name(fit: Any, transf: str) -> str:
    """The outcome in words, or the transformation when it is not the measure's own."""
    own = fit.measure and transf == fit.transf
    return effect_name(fit, back=True) if own else transf or "identity"


def closing_lines(fit: Any) -> list[str]:
    """Return the rows left out and the notes, as the end of a summary."""
    lines = [f"left out: {row}" for row in fit.left_out[:SHOWN]]
    if len(fit.left_out) > SHOWN:
        lines.append(f"... and {len(fit.left_out) - SHOWN} more rows left out")
    return [*lines, *(f"note: {note}" for note in fit.notes)]


def pooled_sentence(fit: Any, statistic: str, transf: Transf) -> str:
    """Return the average with its intervals and test, on the scales of analysis and of outcome."""
    text = (
        f"The pooled {effect_name(fit)} was {estimate_text(fit.predict())}, "
        f"{statistic_text(statistic, float(fit.stat[0]), float(fit.pval[0]))}"
    )
    back = back_transformed(fit, transf)
    if back is not None:
        text += f"; on the scale of the {effect_name(fit, back=True)}, {estimate_text(back)}"
    return text + "."


def estimate_text(p: Any) -> str:
    """Return a prediction with its intervals; the prediction interval where there is one for all.

    Args:
        p: a `PredictResult` or `MVPrediction`.
    """
    text = f"{number(p.pred[0])} ({confidence(p.ci_lb[0], p.ci_ub[0], p.level)}"
    if p.pi_lb is not None and p.pi_ub is not None and len(p) == 1:
        limits = interval(p.pi_lb[0], p.pi_ub[0])
        text += f"; {level_name(p.level)} prediction interval {limits}"
    return text + ")"


def coefficients_sentence(fit: Any) -> str:
    """Return all coefficients with their intervals and p-values."""
    rows = [
        f"{name} {number(float(fit.beta[j]))} "
        f"({confidence(float(fit.ci_lb[j]), float(fit.ci_ub[j]), fit.level)}, "
        f"{p_value(float(fit.pval[j]))})"
        for j, name in enumerate(fit.coef_names)
    ]
    return f"Coefficients: {'; '.join(rows)}."


def closing_sentences(fit: Any) -> list[str]:
    """Return the rows not analysed and the notes, as the end of a paragraph of results."""
    lost = f"Not analysed: {listed(fit.left_out, most=SHOWN, last='')}."
    return [*([lost] if fit.left_out else []), *(f"{capital(note)}." for note in fit.notes)]
