"""The account of a Bayesian meta-analysis in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.stats.presentation.effect_display import back_pooled
from review.stats.presentation.measure_words import effect_name
from review.stats.presentation.model_lines import closing_lines, closing_sentences
from review.words import capital, interval, level_name, number, percent, plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.bayes.bayes_result import BayesResult, PosteriorSummary
    from review.stats.ground.least_squares import FloatArray

    Transf = str | Callable[[FloatArray], Any] | None

NAMES: Final = {
    "tau": "tau (between studies)", "mu": "mu (average)", "prediction": "effect of a new study",
}  # fmt: skip
SOURCES: Final = (
    "Röver C (2020). J Stat Softw 93(6):1-51",
    "Röver C, Bender R, Dias S, et al. (2021). Res Synth Methods 12:448-474",
)


def title(fit: BayesResult) -> str:
    """First line of the summary."""
    measure = f"{effect_name(fit)}; " if fit.measure else ""
    return (
        f"Bayesian meta-analysis: {measure}{plural(fit.k, 'study')}; prior of tau "
        f"{fit.tau_prior.label}, of mu {fit.mu_prior.label}; {fit.interval} intervals; level "
        f"{level_name(fit.level)}"
    )


def summary(fit: BayesResult, transf: Transf = None) -> str:
    """Return the printable account of a result.

    Args:
        fit: the result.
        transf: also show the average on another scale: a name, a function or "back".
    """
    ci = f"{level_name(fit.level)} CrI"
    lines = [
        title(fit), f"prior of tau: {fit.tau_prior.about}", "",
        f"{'':<22} {'mode':>10} {'median':>10} {'mean':>10} {'sd':>10}  {ci}",
    ]  # fmt: skip
    for name, said in NAMES.items():
        x: PosteriorSummary = getattr(fit, name)
        cells = [number(v, missing="-") for v in (x.mode, x.median, x.mean, x.sd)]
        row = " ".join(f"{c:>10}" for c in cells)
        lines.append(f"{said:<22} {row}  {interval(x.ci_lb, x.ci_ub)}")
    if transf is not None:
        lines.append(f"{_scale(fit, transf)}: {_shown(fit, transf)}")
    lines += ["", f"I2 = {_i2(fit)}", _probabilities(fit)]
    tau, mu = (number(x) for x in fit.joint_mode)
    lines.append(f"highest joint density: tau = {tau}, mu = {mu}")
    lines += _factors(fit)
    if fit.log_marginal is not None:
        lines.append(f"log marginal likelihood: {number(fit.log_marginal)}")
    return "\n".join([*lines, *closing_lines(fit)])


def _i2(fit: BayesResult) -> str:
    return f"{percent(fit.I2)} ({percent(fit.I2_ci[0])} to {percent(fit.I2_ci[1])})"


def _probabilities(fit: BayesResult) -> str:
    mu, new = (_probability(fit.probability(of=of)) for of in ("mu", "prediction"))
    return (
        f"probability that the average is above 0: {mu}; that the effect of a new study is: {new}"
    )


def _probability(p: float) -> str:
    """A probability; near 0 or 1 a bound."""
    if p < 1e-4:
        return "< 0.0001"
    return "> 0.9999" if p > 1 - 1e-4 else f"{p:.4f}"


def _factors(fit: BayesResult) -> list[str]:
    bf = fit.bayes_factors
    out = []
    for name, value, least in (("mu", bf.mu0, bf.mu0_min), ("tau", bf.tau0, bf.tau0_min)):
        said = []
        if value is not None:
            said.append(number(value))
        if least is not None:
            said.append(f"{'' if said else 'not defined, '}at least {number(least)}")
        if said:
            out.append(f"Bayes factor of {name} = 0: {', '.join(said)}")
    return out + ([bf.missing] if bf.missing else [])


def _scale(fit: BayesResult, transf: Transf) -> str:
    own = fit.measure and transf in {"back", fit.transf}
    return effect_name(fit, back=True) if own else str(transf)


def _shown(fit: BayesResult, transf: Transf) -> str:
    p = fit.predict(transf=transf)
    assert p.pi_lb is not None
    assert p.pi_ub is not None
    return (
        f"{number(p.pred[0])}, {level_name(p.level)} CrI {interval(p.ci_lb[0], p.ci_ub[0])}; "
        f"new study {interval(p.pi_lb[0], p.pi_ub[0])}"
    )


def report_text(fit: BayesResult, transf: Transf = None) -> str:
    """Return a methods-and-results paragraph with numbers and references.

    Args:
        fit: the result.
        transf: scale on which the average is also given; that of the measure by default.

    Example:
        >>> from review import bayes_meta
        >>> fit = bayes_meta([0.1, 0.9, 0.4], [0.2, 0.3, 0.2], tau_prior="half-normal:0.5")
        >>> report_text(fit).split(" were")[0]
        'Methods: The effect sizes of 3 studies'
    """
    measure = f" ({effect_name(fit)})" if fit.measure else ""
    shape = "an improper uniform" if not fit.mu_prior.proper else (
        f"a normal (mean {number(fit.mu_prior.mean)}, sd {number(fit.mu_prior.sd)})"
    )  # fmt: skip
    methods = (
        f"The effect sizes{measure} of {plural(fit.k, 'study')} were analysed with a Bayesian "
        "random-effects model. The prior of the standard deviation tau between studies was "
        f"{fit.tau_prior.about}; the average mu had {shape} prior. "
        "Posterior distributions were computed by quadrature; medians are given with "
        f"{fit.interval} credible intervals (CrI) of {level_name(fit.level)}."
    )
    ci = f"{level_name(fit.level)} CrI"
    text = (
        f"The average effect was {number(fit.mu.median)} ({ci} "
        f"{interval(fit.mu.ci_lb, fit.mu.ci_ub)})"
    )
    used = fit.transf if transf is None else transf
    if used not in {"", "identity", None} and (transf is not None or _back_known(fit)):
        text += f"; on the scale of the {_scale(fit, used)}, {_shown(fit, used)}"
    results = [
        text,
        (
            f"The effect of a new study is expected between {number(fit.prediction.ci_lb)} and "
            f"{number(fit.prediction.ci_ub)}"
        ),
        f"tau was {number(fit.tau.median)} ({ci} {interval(fit.tau.ci_lb, fit.tau.ci_ub)}); I2 was "
        + _i2(fit),
        capital(_probabilities(fit)),
        *(capital(line) for line in _factors(fit)),
    ]
    sources = [*SOURCES]
    if fit.tau_prior.source:
        sources.append(fit.tau_prior.source)
    references = "\n".join(f"- {s}" for s in sources)
    said = " ".join([*(f"{r}." for r in results), *closing_sentences(fit)])
    return f"Methods: {methods}\n\nResults: {said}\n\nReferences:\n{references}"


def _back_known(fit: BayesResult) -> bool:
    """Whether the average can be brought to the scale of the measure."""
    from review.stats.presentation.effect_display import shown_transf

    return shown_transf(fit) != "identity" and bool(back_pooled(fit, fit.beta).size)
