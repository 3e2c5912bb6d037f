"""A network meta-analysis in words and tables."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.networks.network_fit import names_of
from review.stats.networks.node_splitting import direct_tables
from review.stats.pooling.meta_rows import choose
from review.stats.pooling.result_tables import plain, records
from review.stats.presentation.effect_display import back_pooled, shown_transf
from review.stats.presentation.model_lines import closing_lines, closing_sentences
from review.words import (
    estimate,
    interval,
    level_name,
    listed,
    number,
    p_value,
    percent,
    plural,
)

if TYPE_CHECKING:
    import pandas as pd

    from review.stats.networks.network_result import NetworkResult

METHOD_WORDS: Final = {
    "DL": "the generalised method of moments", "REML": "restricted maximum likelihood",
    "ML": "maximum likelihood", "PM": "Paule and Mandel's method", "EB": "empirical Bayes",
    "HE": "unweighted moments", "EE": "a common effect model",
}  # fmt: skip
REFERENCES: Final = {
    "model": "Rücker G (2012). Res Synth Methods 3:312-324",
    "arms": "Rücker G, Schwarzer G (2014). Stat Med 33:4353-4369",
    "tau2": "Jackson D, White IR, Riley RD (2012). Stat Med 31:3805-3820",
    "rank": "Rücker G, Schwarzer G (2015). BMC Med Res Methodol 15:58",
    "design": "Higgins JPT, Jackson D, Barrett JK, et al. (2012). Res Synth Methods 3:98-110",
    "Q": "Krahn U, Binder H, König J (2013). BMC Med Res Methodol 13:35",
    "split": "König J, Krahn U, Binder H (2013). Stat Med 32:5414-5429",
}
NUMBERS: Final = (
    "tau2", "tau", "I2", "H2", "Q", "df", "Qp", "QM", "QMp", "k", "m", "n", "d", "loglik",
    "iterations",
)  # fmt: skip
SETTINGS: Final = ("method", "level", "reference", "smaller_is_better", "measure", "transf")
_COEFFICIENTS: Final = ("beta", "se", "stat", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub")


def title(fit: NetworkResult) -> str:
    """First line of the summary."""
    return (
        f"Network meta-analysis: {plural(fit.n, 'treatment')}, {plural(fit.k, 'study')}, "
        f"{plural(fit.m, 'comparison')}, {plural(fit.d, 'design')}; {fit.method}; level "
        f"{level_name(fit.level)}"
    )


def scale_word(fit: NetworkResult, transf: Any = None) -> str:
    """Return the name of the effects as they are shown, such as `OR` or `log OR`."""
    from review.stats.effects.measure_registry import MEASURES

    if not fit.measure:
        return "effect"
    if shown_transf(fit, transf) != "identity":
        return fit.measure
    ratio = fit.transf == "exp"
    return f"log {fit.measure}" if ratio else MEASURES[fit.measure].code


def summary(fit: NetworkResult, transf: Any = None) -> str:
    """Return the printable account of the result."""
    lines = [title(fit), "", *_coefficient_lines(fit, transf), ""]
    lines += heterogeneity_lines(fit)
    lines += ["", *ranking_lines(fit)]
    return "\n".join([*lines, *closing_lines(fit)])


def _coefficient_lines(fit: NetworkResult, transf: Any) -> list[str]:
    name = f"{scale_word(fit, transf)} against {fit.reference}"
    names = [t for t in fit.treatments if t != fit.reference]
    width = max(len(name), *(len(t) for t in names))
    ci = f"{level_name(fit.level)} CI"
    values = {n: back_pooled(fit, getattr(fit, n), transf) for n in ("beta", "ci_lb", "ci_ub")}
    # a falling back-transformation swaps the limits
    low, high = (f(values["ci_lb"], values["ci_ub"]) for f in (np.minimum, np.maximum))
    head = f"{name:<{width}} {'estimate':>10}  {ci:<22} {'z':>9} {'p':>8}"
    wide = None
    if fit.pi_lb is not None and fit.pi_ub is not None:
        ends = [back_pooled(fit, x, transf) for x in (fit.pi_lb, fit.pi_ub)]
        wide = np.minimum(*ends), np.maximum(*ends)
        head += f"  {level_name(fit.level)} prediction interval"
    lines = [head.rstrip()]
    for j, t in enumerate(names):
        p = p_value(float(fit.pval[j])).removeprefix("p ").removeprefix("= ")
        line = (
            f"{t:<{width}} {number(float(values['beta'][j])):>10}  "
            f"{interval(float(low[j]), float(high[j])):<22} {float(fit.stat[j]):>9.4f} {p:>8}"
        )
        if wide is not None:
            line += f"  {interval(float(wide[0][j]), float(wide[1][j]))}"
        lines.append(line)
    return lines


def heterogeneity_lines(fit: NetworkResult) -> list[str]:
    """What is said about heterogeneity and inconsistency."""
    if fit.df == 0:
        return ["no degrees of freedom for heterogeneity or inconsistency"]
    q = fit.decomposition
    lines = []
    if fit.method != "EE":
        low, high = fit.tau2_confint()
        lines.append(
            f"tau2 = {number(fit.tau2)} ({level_name(fit.level)} CI {interval(low, high)}), tau = "
            f"{number(fit.tau)}; I2 = {percent(fit.I2)}"
        )
    else:
        lines.append(f"I2 = {percent(fit.I2)}")
    lines.append(
        f"Q({fit.df}) = {number(fit.Q)}, {p_value(fit.Qp)}: within designs Q({q.df_het}) = "
        f"{number(q.Q_het)}, {p_value(q.pval_het)}; between designs Q({q.df_inc}) = "
        f"{number(q.Q_inc)}, {p_value(q.pval_inc)}"
    )
    if q.df_inc:
        lines.append(
            f"inconsistency, design-by-treatment interaction with random effects: Q({q.df_inc}) = "
            f"{number(q.Q_inc_random)}, {p_value(q.pval_inc_random)} (tau2 within designs = "
            f"{number(q.tau2_within)})"
        )
    else:
        lines.append("no closed loop of different designs: inconsistency cannot be seen")
    return lines


def ranking_lines(fit: NetworkResult) -> list[str]:
    """P-scores from best to worst."""
    way = "smaller" if fit.smaller_is_better else "larger"
    said = listed((f"{t} {number(fit.p_scores[t], 3)}" for t in fit.ranked), last="")
    return [f"P-scores (= SUCRA; {way} effects are better): {said}"]


def report_text(fit: NetworkResult, transf: Any = None) -> str:
    """Return a methods-and-results paragraph with numbers and references."""
    methods, results = " ".join(_methods(fit)), " ".join(_results(fit, transf))
    keys = ["model"]
    if any(len(a) > 2 for a in fit.space.arms):
        keys.append("arms")
    if fit.method == "DL":
        keys.append("tau2")
    keys += ["rank", "design", "Q", "split"]
    references = "\n".join(f"- {REFERENCES[key]}" for key in keys)
    return f"Methods: {methods}\n\nResults: {results}\n\nReferences:\n{references}"


def _methods(fit: NetworkResult) -> list[str]:
    model = (
        "a common effect network meta-analysis"
        if fit.method == "EE"
        else "a random effects network meta-analysis with one heterogeneity variance for all "
        f"comparisons, estimated by {METHOD_WORDS[fit.method]}"
    )
    way = "smaller" if fit.smaller_is_better else "larger"
    return [
        (
            f"{plural(fit.n, 'treatment')} were compared in {plural(fit.k, 'study')} by {model} "
            "(weighted least squares on the network, frequentist)."
        ),
        f"Treatments were ranked by P-scores; {way} effects count as better.",
        (
            "Inconsistency was examined by splitting Q within and between designs, by the "
            "design-by-treatment interaction model, and by setting direct and indirect evidence "
            "of each comparison apart."
        ),
        f"Intervals are at a level of {level_name(fit.level)}.",
    ]


def _results(fit: NetworkResult, transf: Any) -> list[str]:
    values = {n: back_pooled(fit, getattr(fit, n), transf) for n in ("beta", "ci_lb", "ci_ub")}
    names = [t for t in fit.treatments if t != fit.reference]
    rows = []
    for j, t in enumerate(names):
        low, high = sorted((float(values["ci_lb"][j]), float(values["ci_ub"][j])))
        rows.append(
            f"{t} {number(float(values['beta'][j]))} ({interval(low, high)}, "
            f"{p_value(float(fit.pval[j]))})"
        )
    out = [f"{scale_word(fit, transf)} against {fit.reference}: {'; '.join(rows)}."]
    out += [f"{line[0].upper()}{line[1:]}." for line in heterogeneity_lines(fit)]
    out += [f"{line}." for line in ranking_lines(fit)]
    split = fit.node_split()
    both = split.both
    if both:
        differ = [i for i in both if split.pval[i] < 0.05]
        named = listed(f"{split.comparisons[i]} ({p_value(float(split.pval[i]))})" for i in differ)
        out.append(
            f"Direct and indirect evidence can be set apart for {plural(len(both), 'comparison')}; "
            + (f"they differ at p < 0.05 for {named}." if differ else "none differs at p < 0.05.")
        )
    return [*out, *closing_sentences(fit)]


def league(
    fit: NetworkResult, order: Any = None, *, transf: Any = None, digits: int = 2
) -> pd.DataFrame:
    """Return the league table; see `NetworkResult.league`."""
    import pandas as pd

    cells = league_cells(fit, order, transf=transf)
    at = fit.in_order(order)
    names = [fit.treatments[i] for i in at]
    text = [["" if c is None else estimate(c[0], c[1], c[2], digits) for c in row] for row in cells]
    for j, name in enumerate(names):
        text[j][j] = name
    return pd.DataFrame(text, index=pd.Index(names, name="treatment"), columns=names)


def league_cells(
    fit: NetworkResult, order: Any = None, *, transf: Any = None
) -> list[list[tuple[float, float, float] | None]]:
    """Estimate and limits of each cell of the league table; None where there is nothing.

    Below the diagonal network estimates of column against row, above it direct ones of row against
    column: both compare the treatment that comes first in the order with the later one.
    """
    from review.stats.ground.inference import critical_value

    at = fit.in_order(order)
    te, se, _ = direct_tables(fit.space, fit.main.tau2)
    z = float(critical_value(fit.level, None))
    out: list[list[tuple[float, float, float] | None]] = [[None] * fit.n for _ in at]
    for r, c in combinations(range(fit.n), 2):
        i, j = at[r], at[c]
        main = fit.main
        out[c][r] = _shown(fit, (main.te[i, j], main.ci_lb[i, j], main.ci_ub[i, j]), transf)
        if np.isfinite(te[i, j]):
            half = z * se[i, j]
            out[r][c] = _shown(fit, (te[i, j], te[i, j] - half, te[i, j] + half), transf)
    return out


def _shown(fit: NetworkResult, values: Any, transf: Any) -> tuple[float, float, float]:
    e, low, high = (float(x) for x in back_pooled(fit, np.array(values), transf))
    return e, min(low, high), max(low, high)


def frame(fit: NetworkResult, what: str = "coefficients") -> pd.DataFrame:
    """Return a table of a result; see `NetworkResult.to_frame`."""
    import pandas as pd

    what = choose("table", what, ("coefficients", "comparisons", "studies"))
    if what == "coefficients":
        columns = {n: getattr(fit, n) for n in _COEFFICIENTS if getattr(fit, n) is not None}
        return pd.DataFrame(columns, index=pd.Index(fit.coef_names, name="coefficient"))
    if what == "studies":
        p = fit.space.pairs
        columns = {
            "treat1": [fit.treatments[i] for i in p.a.tolist()],
            "treat2": [fit.treatments[i] for i in p.b.tolist()],
            "te": p.te, "se": np.sqrt(p.v), "arms": p.arms,
        }  # fmt: skip
        labels = [fit.studies[s] for s in p.study.tolist()]
        return pd.DataFrame(columns, index=pd.Index(labels, name="study"))
    return comparisons_frame(fit)


def comparisons_frame(fit: NetworkResult) -> pd.DataFrame:
    """Return one row per pair of treatments: network, direct and indirect estimates."""
    import pandas as pd

    i, j = np.triu_indices(fit.n, 1)
    main, split = fit.main, fit.node_split()
    columns: dict[str, Any] = {
        "k": split.k, "te": main.te[i, j], "se": main.se[i, j], "ci_lb": main.ci_lb[i, j],
        "ci_ub": main.ci_ub[i, j], "pval": main.pval[i, j],
    }  # fmt: skip
    if main.pi_lb is not None and main.pi_ub is not None:
        columns |= {"pi_lb": main.pi_lb[i, j], "pi_ub": main.pi_ub[i, j]}
    columns |= {
        n: getattr(split, n)
        for n in ("prop", "direct", "direct_se", "indirect", "indirect_se", "diff", "diff_se")
    }
    columns["diff_pval"] = split.pval
    names = [names_of(fit.treatments, a, b) for a, b in zip(i.tolist(), j.tolist(), strict=True)]
    return pd.DataFrame(columns, index=pd.Index(names, name="comparison"))


def as_dict(fit: NetworkResult) -> dict[str, Any]:
    """Return all numbers, settings and rows of a result as plain values."""
    out: dict[str, Any] = {
        "coefficients": [
            {"name": name}
            | {c: None if getattr(fit, c) is None else plain(getattr(fit, c)[j])
               for c in _COEFFICIENTS}
            for j, name in enumerate(fit.coef_names)
        ],
        "vb": plain(fit.vb),
        "treatments": list(fit.treatments),
    }  # fmt: skip
    out |= {name: plain(getattr(fit, name)) for name in NUMBERS}
    for model in (fit.common, fit.random):
        if model is not None:
            names = ("te", "se", "stat", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
            out[model.model] = {n: plain(getattr(model, n)) for n in names}
    out["fit"] = {
        kind: {n: plain(x) for n, x in vars(stats).items()}
        for kind, stats in (("ML", fit.fit_ml), ("REML", fit.fit_reml))
        if stats is not None
    }
    out["p_scores"] = dict(fit.p_scores)
    out["decomposition"] = fit.decomposition.to_dict()
    out["comparisons"] = records(comparisons_frame(fit))
    out["studies"] = records(frame(fit, "studies"))
    out["settings"] = {name: plain(getattr(fit, name)) for name in SETTINGS}
    out["persons"] = dict(fit.persons)
    out["left_out"] = [{"row": r.row, "study": r.slab, "reason": r.reason} for r in fit.left_out]
    return out | {"notes": list(fit.notes)}
