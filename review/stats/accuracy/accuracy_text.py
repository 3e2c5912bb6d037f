"""A result of diagnostic accuracy in words, and as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.errors import StatsError
from review.stats.pooling.result_tables import plain, records
from review.stats.presentation.model_lines import closing_lines, closing_sentences
from review.words import interval, level_name, number, p_value, percent, plural

if TYPE_CHECKING:
    from review.stats.accuracy.accuracy_result import AccuracyResult
    from review.stats.accuracy.sroc_curves import AreaUnderCurve

METHOD_WORDS: Final = {
    "REML": "restricted maximum likelihood",
    "ML": "maximum likelihood",
    "MM": "the method of moments",
    "exact": "maximum likelihood with binomial within-study distributions",
}
REFERENCES: Final = {
    "normal": "Reitsma JB, Glas AS, Rutjes AWS, et al. (2005). J Clin Epidemiol 58:982-990",
    "exact": "Chu H, Cole SR (2006). J Clin Epidemiol 59:1331-1332",
    "MM": "Jackson D, White IR, Riley RD (2013). Biom J 55:231-245",
    "hsroc": "Rutter CM, Gatsonis CA (2001). Stat Med 20:2865-2884",
    "equivalence": "Harbord RM, Deeks JJ, Egger M, et al. (2007). Biostatistics 8:239-251",
    "ratios": "Zwinderman AH, Bossuyt PM (2008). Stat Med 27:687-697",
    "I2": "Jackson D, White IR, Riley RD (2012). Stat Med 31:3805-3820",
    "fallback": "Takwoingi Y, Guo B, Riley RD, Deeks JJ (2017). Stat Methods Med Res 26:1896-1911",
}
NUMBERS: Final = (
    "rho", "singular", "I2", "I2_sens", "I2_fpr", "QE", "QEp", "QM", "QMp", "k", "n_rows",
    "n_outcomes", "p",
    "m", "loglik", "AIC", "BIC", "loglik_shares", "iterations", "maxima",
)  # fmt: skip
SETTINGS: Final = ("method", "structure", "nodes", "level")


def title(fit: AccuracyResult) -> str:
    """First line of the summary."""
    kind = "Bivariate meta-analysis" if fit.intercept_only else "Bivariate meta-regression"
    if fit.structure == "DIAG":
        kind = kind.replace("Bivariate", "Univariate")
    how = fit.method
    if how == "exact":
        how += ", Laplace" if fit.nodes == 1 else f", {fit.nodes} quadrature nodes"
    return (
        f"{kind} of diagnostic accuracy: {studies(fit.k)}; {METHOD_WORDS[fit.method]} ({how}); "
        f"level {level_name(fit.level)}"
    )


def studies(k: int) -> str:
    """`1 study` or `9 studies`."""
    return plural(k, "study")


def summary(fit: AccuracyResult) -> str:
    """Return the printable account of the result."""
    frame = fit.predict().to_frame()
    lines = [title(fit), "", *_coefficients(fit), ""]
    if fit.intercept_only:
        lines += [f"{name}: {value}" for name, value in _point_lines(fit)]
    else:
        points = frame[["sens", "sens_ci_lb", "sens_ci_ub", "spec", "spec_ci_lb", "spec_ci_ub"]]
        lines += [points.to_string(float_format=lambda x: f"{x:.4f}", max_rows=20)]
        lines.append(f"test of moderators: QM({fit.m}) = {fit.QM:.4f}, {p_value(fit.QMp)}")
    lines += ["", *_between(fit)]
    lines.append(
        f"heterogeneity: Q({fit.n_outcomes - fit.p}) = {fit.QE:.4f}, {p_value(fit.QEp)}; I2 = "
        f"{percent(fit.I2)} (sensitivity {percent(fit.I2_sens)}, specificity {percent(fit.I2_fpr)})"
    )
    lines.append(f"log-likelihood {fit.loglik:.4f}; AIC {fit.AIC:.2f}; BIC {fit.BIC:.2f}")
    lines += _curve_lines(fit)
    return "\n".join([*lines, *closing_lines(fit)])


def _coefficients(fit: AccuracyResult) -> list[str]:
    width = max(len("coefficient (logit)"), *(len(n) for n in fit.coef_names))
    ci = f"{level_name(fit.level)} CI"
    lines = [f"{'coefficient (logit)':<{width}} {'beta':>10} {'se':>10} {'z':>10} {'p':>10}  {ci}"]
    for j, name in enumerate(fit.coef_names):
        p = p_value(float(fit.pval[j])).removeprefix("p ").removeprefix("= ")
        lines.append(
            f"{name:<{width}} {number(float(fit.beta[j])):>10} {number(float(fit.se[j])):>10} "
            f"{float(fit.stat[j]):>10.4f} {p:>10}  "
            f"{interval(float(fit.ci_lb[j]), float(fit.ci_ub[j]))}"
        )
    return lines


def _point_lines(fit: AccuracyResult) -> list[tuple[str, str]]:
    point = fit.predict()
    out = []
    for name, words in (
        ("sens", "sensitivity"), ("spec", "specificity"), ("lr_pos", "positive likelihood ratio"),
        ("lr_neg", "negative likelihood ratio"), ("dor", "diagnostic odds ratio"),
    ):  # fmt: skip
        value = point.value(name)
        text = f"{number(value.estimate)}, {level_name(fit.level)} CI "
        text += interval(value.ci_lb, value.ci_ub)
        if name in ("sens", "spec"):
            low, high = getattr(point, f"{name}_pi")[0]
            text += f"; prediction interval {interval(float(low), float(high))}"
        out.append((words, text))
    return out


def _between(fit: AccuracyResult) -> list[str]:
    lines = []
    for j, name in enumerate(("sensitivity", "false-positive rate")):
        text = f"tau2 of logit {name} = {number(float(fit.tau2[j]))}"
        if fit.tau2_ci is not None:
            low, high = fit.tau2_ci[j]
            text += f" ({level_name(fit.level)} CI {interval(float(low), float(high))})"
        lines.append(text)
    if fit.structure == "DIAG":
        lines.append("correlation fixed at 0")
    elif fit.rho is not None:
        text = f"rho of the logits = {number(fit.rho)}"
        if fit.rho_ci is not None:
            text += f" ({level_name(fit.level)} CI {interval(*fit.rho_ci)})"
        lines.append(text)
    return lines


def areas(fit: AccuracyResult) -> tuple[AreaUnderCurve, AreaUnderCurve | None] | None:
    """Areas under the Rutter-Gatsonis curve: whole, and over the observed range.

    None with moderators and where the curve is not defined; no second area where all studies have
    one false-positive rate.
    """
    if not fit.intercept_only:
        return None
    low, high = fit.observed_fpr
    try:
        return fit.auc(), fit.auc(partial=True) if low < high else None
    except StatsError:
        return None


def _curve_lines(fit: AccuracyResult) -> list[str]:
    lines = []
    found = fit.hsroc
    if found is not None:
        values = ", ".join(f"{n} = {number(float(x))}" for n, x in _named(found.values))
        lines.append(f"HSROC: {values}")
    area = areas(fit)
    if area is not None:
        whole, part = area
        text = f"AUC (Rutter-Gatsonis) = {number(whole.auc)}"
        if whole.ci_lb is not None and whole.ci_ub is not None:
            text += f" ({level_name(fit.level)} CI {interval(whole.ci_lb, whole.ci_ub)})"
        if part is not None:
            text += (
                f"; over the observed false-positive rates ({number(part.lower)} to "
                f"{number(part.upper)}) {number(part.auc)}"
            )
        lines.append(text)
    return lines


def _named(values: Any) -> list[tuple[str, float]]:
    from review.stats.accuracy.hsroc import PARAMETERS

    return list(zip(PARAMETERS, values.tolist(), strict=True))


def report_text(fit: AccuracyResult) -> str:
    """Return a methods-and-results paragraph with numbers and references."""
    references = "\n".join(f"- {text}" for text in _references(fit))
    methods, results = " ".join(_methods(fit)), " ".join(_results(fit))
    return f"Methods: {methods}\n\nResults: {results}\n\nReferences:\n{references}"


def _methods(fit: AccuracyResult) -> list[str]:
    model = "two univariate random-effects models" if fit.structure == "DIAG" else (
        "a bivariate random-effects model"
    )  # fmt: skip
    out = [
        (
            f"Sensitivity and specificity of {studies(fit.k)} were pooled with {model} of their "
            f"logits, fitted by {METHOD_WORDS[fit.method]}."
        )
    ]
    if fit.method == "exact":
        way = (
            "Laplace's approximation" if fit.nodes == 1
            else f"adaptive Gauss-Hermite quadrature with {fit.nodes} nodes per dimension"
        )  # fmt: skip
        out.append(f"The random effects were integrated out by {way}.")
    if not fit.intercept_only:
        names = ", ".join(fit.moderators)
        out.append(f"Moderators of both: {names}.")
    out.append(
        "Likelihood ratios and the diagnostic odds ratio are those of the summary point, with "
        f"intervals by the delta method; all intervals are at a level of {level_name(fit.level)}."
    )
    if fit.intercept_only and fit.hsroc is not None:
        out.append(
            "The summary ROC curve is that of Rutter and Gatsonis, whose parameters follow from "
            "the bivariate model."
        )
    return out


def _results(fit: AccuracyResult) -> list[str]:
    out = []
    if fit.intercept_only:
        said = "; ".join(f"{name} {value}" for name, value in _report_points(fit))
        out.append(f"Pooled {said}.")
        out += [f"{line[0].upper()}{line[1:]}." for line in _curve_lines(fit)[-1:] if "AUC" in line]
    else:
        rows = "; ".join(
            f"{name} {number(float(b))} ({interval(float(lo), float(hi))}, {p_value(float(p))})"
            for name, b, lo, hi, p in zip(
                fit.coef_names, fit.beta, fit.ci_lb, fit.ci_ub, fit.pval, strict=True
            )
        )
        out.append(f"Coefficients on the logit scale: {rows}.")
        out.append(f"Test of moderators: QM({fit.m}) = {fit.QM:.2f}, {p_value(fit.QMp)}.")
    out.append(f"Between studies: {'; '.join(_between(fit))}.")
    return [*out, *closing_sentences(fit)]


def _report_points(fit: AccuracyResult) -> list[tuple[str, str]]:
    point = fit.predict()
    out = []
    for name, words in (
        ("sens", "sensitivity"), ("spec", "specificity"), ("lr_pos", "positive likelihood ratio"),
        ("lr_neg", "negative likelihood ratio"), ("dor", "diagnostic odds ratio"),
    ):  # fmt: skip
        value = point.value(name)
        text = f"{number(value.estimate)} ({level_name(fit.level)} CI "
        text += interval(value.ci_lb, value.ci_ub)
        if name in ("sens", "spec"):
            low, high = getattr(point, f"{name}_pi")[0]
            text += f"; prediction interval {interval(float(low), float(high))}"
        out.append((words, text + ")"))
    return out


def _references(fit: AccuracyResult) -> list[str]:
    keys = ["exact" if fit.method == "exact" else "normal"]
    if fit.method == "MM":
        keys.append("MM")
    if fit.intercept_only and fit.hsroc is not None:
        keys += ["hsroc", "equivalence"]
    keys += ["ratios", "I2"]
    if fit.fallback is not None:
        keys.append("fallback")
    return [REFERENCES[key] for key in keys]


def as_dict(fit: AccuracyResult) -> dict[str, Any]:
    """Return all numbers, settings and rows of a result as plain values."""
    columns = fit.columns()
    out: dict[str, Any] = {
        "coefficients": [
            {"name": name} | {c: plain(x[j]) for c, x in columns.items()}
            for j, name in enumerate(fit.coef_names)
        ],
        "vb": plain(fit.vb),
        "psi": plain(fit.psi),
        "tau2": plain(fit.tau2),
        "tau2_ci": plain(fit.tau2_ci),
        "rho_ci": plain(fit.rho_ci),
    }
    out |= {name: plain(getattr(fit, name)) for name in NUMBERS}
    out["fit"] = {
        kind: {n: plain(x) for n, x in vars(stats).items()}
        for kind, stats in (("ML", fit.fit_ml), ("REML", fit.fit_reml))
        if stats is not None
    }
    out["points"] = records(fit.predict().to_frame())
    if fit.intercept_only:
        found, area = fit.hsroc, areas(fit)
        out["hsroc"] = None if found is None else {n: plain(x) for n, x in _named(found.values)}
        for name, one in zip(("auc", "pauc"), area or (None, None), strict=True):
            out[name] = None if one is None else {n: plain(x) for n, x in vars(one).items()}
        out["revman"] = fit.revman()
        out["predictive_values"] = records(fit.predictive_values().to_frame())
    out["studies"] = records(fit.studies.to_frame())
    out["settings"] = {name: plain(getattr(fit, name)) for name in SETTINGS}
    out["settings"] |= {"add": fit.rows.add, "to": fit.rows.to, "moderators": list(fit.moderators)}
    out["fallback"] = None if fit.fallback is None else as_dict(fit.fallback)
    out["left_out"] = [{"row": r.row, "study": r.slab, "reason": r.reason} for r in fit.left_out]
    out["notes"] = list(fit.notes)
    return out
