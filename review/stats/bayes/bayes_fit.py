"""Bayesian random-effects meta-analysis: the entry point `bayes_meta`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError
from review.stats.bayes.bayes_factors import bayes_factors
from review.stats.bayes.bayes_result import BayesResult, PosteriorSummary
from review.stats.bayes.given_tau import CELLS, MuPrior, given_tau
from review.stats.bayes.normal_mixture import NormalMixture
from review.stats.bayes.posterior_summary import INTERVALS, Distribution
from review.stats.bayes.prior_names import tau_prior as read_tau_prior
from review.stats.bayes.tau_posterior import TauPosterior, tau_posterior
from review.stats.ground.arguments import real
from review.stats.ground.guard import guarded
from review.stats.ground.inference import level_percent
from review.stats.pooling.meta_analysis import repeated_labels
from review.stats.pooling.meta_rows import choose, read_inputs
from review.words import plural

if TYPE_CHECKING:
    from review.stats.bayes.tau_priors import TauPrior
    from review.stats.ground.least_squares import FloatArray

# measures whose unit is a log ratio or a standard deviation, of which scales of priors are known
KNOWN_SCALE: Final = frozenset(
    {"RR", "OR", "PETO", "YUQ", "YUY", "IRR", "ROM", "HR", "SMD", "SMDH", "D2ORL", "D2ORN"}
    | {"LOGITAUC", "PLO"}
)
FEW: Final = 5
POOR: Final = 1e-9


@guarded
def bayes_meta(  # noqa: PLR0917  effects and errors come first, as everywhere
    y: Any,
    se: Any = None,
    tau_prior: str | TauPrior | None = None,
    mu_prior: Any = None,
    data: Any = None,
    level: float = 95,
    *,
    vi: Any = None,
    interval: str = "central",
    slab: Any = None,
    measure: str | None = None,
    ni: Any = None,
) -> BayesResult:
    """Pool effect sizes with prior distributions of the average and of the heterogeneity.

    The model is y_i ~ N(mu, se_i^2 + tau^2). Given tau everything is normal; tau is integrated out
    by quadrature (Röver 2020, J Stat Softw 93(6)), so that there is no sampler, no seed and no
    error of simulation. Time and memory are linear in the number of studies.

    Args:
        y: effects: numbers (k,), a column name of `data`, or the result of `effect_size`.
        se: standard errors, the same way; not with the result of `effect_size`.
        tau_prior: of tau, the standard deviation between studies on the scale of the analysis:
            "half-normal:0.5", "half-cauchy:0.5", "half-t:0.5,4", "log-normal:-2,0.7",
            "uniform:2", "uniform" (improper), "jeffreys", ... (see `tau_prior`), or from
            `empirical_prior`. By default "half-normal:0.5" for log ratios and standardised mean
            differences (Röver et al. 2021, Res Synth Methods 12:448); for other measures it must
            be given, because its scale depends on the unit.
        mu_prior: (mean, sd) of a normal distribution, "normal:0,4", or "flat" (the default).
        data: data frame or mapping in which names are looked up.
        level: of all intervals, per cent (95), or a fraction (0.95).
        vi: sampling variances instead of `se`.
        interval: "central" (equal tails) or "shortest".
        slab: study labels.
        measure: code of the effect measure.
        ni: study sizes.

    Returns:
        The result; `summary()` prints it.

    Raises:
        InputError: an argument is wrong; UnknownNameError with suggestions for names.
        StatsError: the numbers cannot be analysed, or an improper prior leaves no posterior.
        ConvergenceError: the posterior of tau cannot be resolved.

    Example:
        >>> fit = bayes_meta([0.1, 0.9, 0.4], [0.2, 0.3, 0.2], tau_prior="half-normal:0.5")
        >>> round(fit.mu.median, 3), round(fit.tau.median, 3)
        (0.408, 0.304)
    """
    call = dict(locals())
    level = level_percent(level)
    kind = choose("interval", interval, INTERVALS)
    mu = _mu_prior(mu_prior)
    given = None if tau_prior is None else read_tau_prior(tau_prior)
    rows = read_inputs(y, vi, sei=se, data=data, slab=slab, measure=measure, ni=ni)
    chosen = _default(rows.measure) if given is None else given
    post = tau_posterior(rows.yi, rows.vi, chosen, mu)
    averages = NormalMixture(post.weights, post.given.mean, post.given.sd, moments=_moments(post))
    new = NormalMixture(
        post.weights, post.given.mean, np.hypot(post.given.sd, post.tau), moments=_moments(post)
    )
    tau = _summary(post, level, kind)
    vt = _typical(rows.vi)
    I2, *I2_ci = (100 * t * t / (t * t + vt) for t in (tau.median, tau.ci_lb, tau.ci_ub))
    proper = chosen.proper and mu.proper
    return BayesResult(
        mu=_summary(averages, level, kind), tau=tau, prediction=_summary(new, level, kind),
        I2=I2, I2_ci=(I2_ci[0], I2_ci[1]), vt=vt,
        joint_mode=_joint(post, with_priors=True), ml=_joint(post, with_priors=False),
        log_marginal=post.log_marginal if proper else None, bayes_factors=bayes_factors(post),
        weights=_weights(post), tau_prior=chosen, mu_prior=mu, level=level, interval=kind,
        precision=post.panels.error, yi=rows.yi, vi=rows.vi, ids=rows.ids, labels=rows.slab,
        ni=rows.ni, measure=rows.measure, transf=rows.transf, left_out=rows.left_out,
        conversions=rows.conversions,
        notes=(*_notes(post, rows.measure, default=given is None), *repeated_labels(rows.slab)),
        tau_posterior=post, mu_posterior=averages, prediction_posterior=new, call=call,
    )  # fmt: skip


def _mu_prior(given: Any) -> MuPrior:
    """Read the prior of mu."""
    if given is None or (
        isinstance(given, str) and given.strip().casefold() in {"flat", "uniform"}
    ):
        return MuPrior()
    if isinstance(given, MuPrior):
        return given
    values = given
    if isinstance(given, str):
        name, _, rest = given.partition(":")
        if name.strip().casefold() != "normal":
            raise InputError(
                f"the prior of mu is 'flat' or a normal distribution such as 'normal:0,4', not "
                f"{given!r}"
            )
        values = rest.split(",")
    try:
        mean, sd = (float(x) for x in values)
    except (TypeError, ValueError):
        raise InputError(
            "the prior of mu is 'flat', or mean and standard deviation of a normal distribution, "
            f"such as (0, 4) or 'normal:0,4', not {given!r}"
        ) from None
    return MuPrior(
        real("the mean of the prior of mu", mean, least=-1e75, most=1e75),
        real("the standard deviation of the prior of mu", sd, least=1e-75, most=1e75, example="4"),
    )


def _default(measure: str) -> TauPrior:
    if measure in KNOWN_SCALE:
        return read_tau_prior("half-normal:0.5")
    what = f"the unit of {measure}" if measure else "the unit of the effects"
    raise InputError(
        f"tau_prior is missing: its scale depends on {what}. Half-normal priors are named with "
        "their scale ('half-normal:0.5' suits log odds ratios and standardised mean differences); "
        "'jeffreys' and 'shrinkage' take theirs from the standard errors"
    )


def _moments(post: TauPosterior) -> int:
    return sum(post.has_moment(order) for order in (1, 2))


def _summary(found: Distribution, level: float, kind: str) -> PosteriorSummary:
    low, high = found.interval(level, kind)
    return PosteriorSummary(found.mode, found.median, found.mean, found.sd, low, high)


def _typical(v: FloatArray) -> float:
    """Typical sampling variance (Higgins & Thompson 2002, eq. 9)."""
    w = 1 / (v / v.min())
    if len(v) == 1:
        return float(v[0])
    return float(v.min() * (len(v) - 1) * w.sum() / (w.sum() ** 2 - np.square(w).sum()))


def _weights(post: TauPosterior) -> FloatArray:
    """Posterior means of the weights of the studies in the average, per cent."""
    out = np.zeros(len(post.y))
    step = max(1, CELLS // len(post.y))
    for i in range(0, len(post.tau), step):
        w = 1 / (post.v + np.square(post.tau[i : i + step])[:, None])
        out += post.weights[i : i + step] @ (w / w.sum(1)[:, None])
    return 100 * out


def _joint(post: TauPosterior, *, with_priors: bool) -> tuple[float, float]:
    """Tau and mu of the highest joint density, or of the highest likelihood."""
    from scipy.optimize import minimize_scalar

    mu_prior = post.mu_prior if with_priors else MuPrior()

    def height(tau: FloatArray) -> FloatArray:
        found = given_tau(post.y, post.v, tau, mu_prior)
        out = found.log_peak
        if with_priors:
            out = out + post.prior.log_density(tau, post.v)
            if mu_prior.proper:
                out = out - 0.5 * np.square((found.mean - mu_prior.mean) / mu_prior.sd)
        return out

    if with_priors and post.prior.origin < 0:
        best = 0.0
    else:
        spread = float(np.ptp(post.y)) + math.sqrt(float(post.v.max()))
        top = min(
            max(10 * spread, float(post.tau.max(initial=0, where=post.weights > 1e-6))),
            post.prior.upper if with_priors else math.inf,
        )
        # the smallest tau that matters beside the standard errors, or where the prior has its mass
        low = min(1e-3 * math.sqrt(float(post.v.min())), float(post.quantile(1e-6)) + 1e-300)
        grid = np.concatenate([[0.0], np.geomspace(low, top, 150)])
        value = height(grid)
        i = int(np.argmax(value))
        best = float(grid[i])
        if i > 0:
            ends = (grid[i - 1], grid[min(i + 1, len(grid) - 1)])
            found = minimize_scalar(
                lambda t: -float(height(np.array([t]))[0]), bounds=ends, method="bounded",
                options={"xatol": 1e-11 * ends[1]},
            )  # fmt: skip
            best = float(found.x) if -found.fun > value[i] else best
    return best, float(given_tau(post.y, post.v, np.array([best]), mu_prior).mean[0])


def _notes(post: TauPosterior, measure: str, *, default: bool) -> list[str]:
    notes = []
    k = len(post.y)
    if default:
        notes.append(
            f"no prior of tau was named: {post.prior.label} is used, a usual choice for this "
            "measure (Röver et al. 2021)"
        )
    if post.prior.measure and measure and post.prior.measure != measure:
        notes.append(
            f"the prior of tau comes from meta-analyses of {post.prior.measure}, not of {measure}"
        )
    if not post.prior.proper:
        notes.append(f"the prior {post.prior.label} of tau is improper")
    if k < FEW:
        notes.append(
            f"with {plural(k, 'study')} the result depends on the prior of tau; compare others "
            "(sensitivity)"
        )
    lost = [name for order, name in ((1, "mean"), (2, "standard deviation"))
            if not post.has_moment(order)]  # fmt: skip
    if lost:
        notes.append(
            f"the posterior distributions have no {' and no '.join(lost)}: their tails are too "
            "heavy; medians and intervals are not concerned"
        )
    if post.panels.error > POOR:
        notes.append(f"the quadrature has a relative error of about {post.panels.error:.1g}")
    return notes
