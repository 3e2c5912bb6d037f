"""The beta-binomial model of rare events: the entry point `beta_binomial`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import ConvergenceError, StatsError
from review.stats.ground.ascent import ascend, exact_hessian, with_hessian
from review.stats.ground.basis import BasisFit
from review.stats.ground.binomial_kernel import log_choose
from review.stats.ground.guard import guarded
from review.stats.ground.inference import basis_tests, fit_stats, level_percent
from review.stats.pooling.meta_analysis import repeated_labels
from review.stats.pooling.meta_rows import choose
from review.stats.rare_events.beta_binomial_result import BetaBinomialResult
from review.stats.rare_events.glmm_tables import read_counts, refuse_edges
from review.words import plural

if TYPE_CHECKING:
    from review.stats.ground.least_squares import BoolArray, FloatArray
    from review.stats.rare_events.glmm_tables import CountTables

MEASURES: Final = ("OR", "RR", "RD", "PLO")
LINKS: Final = {"OR": "logit", "PLO": "logit", "RR": "log", "RD": "identity"}
LEAST: Final = 1e-12  # of gamma = rho / (1 - rho), below which it counts as 0
_STARTS: Final = (-6.0, -3.5, -1.5)  # log gamma


@guarded
def beta_binomial(
    measure: str,
    *,
    mods: Any = None,
    data: Any = None,
    test: str = "z",
    level: float = 95,
    slab: Any = None,
    add: float = 0.5,
    to: str = "only0",
    **columns: Any,
) -> BetaBinomialResult:
    """Pool 2x2 tables (or proportions) by a beta-binomial model.

    The events of each group of each study are binomial with a risk from a beta distribution, whose
    mean is mu_1 in group 1 and mu_2 in group 2 and whose variance is rho mu (1 - mu), so that the
    events of a group correlate by rho (Kuss 2015, Stat Med 34:1097). The effect is that of the
    average risks: log(odds) for OR and PLO, log for RR, the risk itself for RD. Studies without any
    event are used as they are: they say that risks are low. The model does not keep the groups of
    a study together; it has no prediction interval for effects.

    Args:
        measure: "OR", "RR", "RD" (ai, bi, ci, di or ai, n1i, ci, n2i), or "PLO" (xi and ni or mi).
        mods: moderators of the effect, as in `meta_analysis`.
        data: data frame or mapping in which names are looked up.
        test: "z", or "t" with k - p degrees of freedom.
        level: of all intervals, per cent (95), or a fraction (0.95).
        slab: study labels, or the name of their column.
        add: continuity correction of the studies' own effects, which figures show; the model does
            not use it.
        to: which of them get it: only0, all, if0all.
        **columns: the counts.

    Returns:
        The result; `summary()` prints it. Where the events vary no more than binomial ones, rho is
        0, with a note.

    Raises:
        UnknownNameError: a measure, test or column that does not exist.
        InputError: columns are missing or differ in length.
        StatsError: impossible counts, named with their rows; no events in a whole group.
        ConvergenceError: no maximum of the likelihood was found.

    Example:
        >>> import review
        >>> fit = review.beta_binomial("OR", ai=[0, 2, 5], n1i=[50, 80, 99], ci=[3, 6, 19],
        ...                            n2i=[48, 85, 97])
        >>> round(float(fit.beta[0]), 3), round(fit.rho, 4)
        (-1.414, 0.0153)
    """
    call = dict(locals())
    test = choose("test", test, ("z", "t"))
    level = level_percent(level)
    t = read_counts(
        measure, MEASURES, columns, data=data, mods=mods, slab=slab, add=add, to=to,
        keep_double_zero=True,
    )  # fmt: skip
    refuse_edges(t, fixed_studies=False)
    s = _sample(t)
    found = _fit(s)
    return _result(t, s, found, test=test, level=level, call=call)


@dataclass(frozen=True, eq=False)
class _Sample:
    """Groups of studies, one row each: events, sizes, design and link."""

    x: FloatArray
    n: FloatArray
    X: FloatArray
    link: str
    unit: float

    @property
    def p(self) -> int:
        return int(self.X.shape[1])

    @property
    def constant(self) -> float:
        """Sum of the logarithms of the binomial coefficients."""
        return log_choose(self.n, self.x)

    def risk(self, eta: FloatArray) -> tuple[FloatArray, FloatArray, BoolArray]:
        """Risks, their derivatives by eta, and which parameter vectors keep them within 0 and 1."""
        if self.link == "logit":
            mu = 1 / (1 + np.exp(-np.clip(eta, -500, 500)))
            slope = mu * (1 - mu)
        else:
            mu = np.exp(np.minimum(eta, 1.0)) if self.link == "log" else eta
            slope = mu if self.link == "log" else np.ones_like(eta)
        inside = np.asarray(((mu > 0) & (mu < 1)).all(-1))
        return np.where(inside[..., None], mu, 0.5), slope, inside

    def binomial(
        self, theta: FloatArray, _: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log-likelihood without variation between studies, its gradient, and a state (none)."""
        mu, slope, inside = self.risk(theta @ self.X.T)
        value = (self.x * np.log(mu) + (self.n - self.x) * np.log1p(-mu)).sum(-1)
        by_mu = self.x / mu - (self.n - self.x) / (1 - mu)
        grad = (by_mu * slope) @ self.X
        return np.where(inside, value, -np.inf), grad, np.zeros((len(theta), 1))

    def score(
        self, theta: FloatArray, _: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Log-likelihood, its gradient, and a state (none), at (beta, log gamma), (B, q)."""
        from scipy.special import gammaln, psi

        mu, slope, inside = self.risk(theta[:, : self.p] @ self.X.T)
        log_gamma = np.clip(theta[:, self.p :], np.log(LEAST), 30.0)
        s = np.exp(-log_gamma)  # the two parameters of the beta distribution add up to 1 / gamma
        a, b = mu * s, (1 - mu) * s
        x, rest = self.x, self.n - self.x
        value = gammaln(x + a) - gammaln(a) + gammaln(rest + b) - gammaln(b)
        value -= gammaln(self.n + s) - gammaln(s)
        up, down = psi(x + a) - psi(a), psi(rest + b) - psi(b)
        by_s = mu * up + (1 - mu) * down - (psi(self.n + s) - psi(s))
        grad = np.concatenate(
            [(s * (up - down) * slope) @ self.X, -(by_s * s).sum(-1, keepdims=True)], axis=1
        )
        return np.where(inside, value.sum(-1), -np.inf), grad, np.zeros((len(theta), 1))

    def excess(self, beta: FloatArray) -> float:
        """Derivative of the log-likelihood by gamma at gamma = 0: more variation than binomial?"""
        mu, _, _ = self.risk(beta[None] @ self.X.T)
        mu, x, rest, n = mu[0], self.x, self.n - self.x, self.n
        return float(
            (x * (x - 1) / (2 * mu) + rest * (rest - 1) / (2 * (1 - mu)) - n * (n - 1) / 2).sum()
        )


def _sample(t: CountTables) -> _Sample:
    events, rest = t.events(), t.rest()
    unit = 1.0 if t.design.intercept_only else float(np.sqrt(t.k))
    U = t.design.basis.U * unit
    x = np.concatenate(events)
    n = x + np.concatenate(rest)
    if len(events) == 1:
        X = U
    else:
        ones = np.ones((t.k, 1))
        X = np.concatenate([np.hstack([ones, U]), np.hstack([ones, np.zeros_like(U)])])
    return _Sample(x, n, X, LINKS[t.measure], unit)


@dataclass(frozen=True, eq=False)
class _Found:
    """Estimates: theta (q,) with covariance (q, q), gamma, log-likelihoods, and the search."""

    theta: FloatArray
    cov: FloatArray
    gamma: float
    loglik: float
    loglik_binomial: float
    iterations: int


def _begin(s: _Sample) -> FloatArray:
    """Coefficients without effect, at the overall risk."""
    overall = float(s.x.sum() / s.n.sum())
    level = {
        "logit": np.log(overall / (1 - overall)), "log": np.log(overall), "identity": overall,
    }[s.link]  # fmt: skip
    out = np.zeros(s.p)
    out[0] = level / float(s.X[0, 0])
    return out


def _fit(s: _Sample) -> _Found:
    plain = ascend(lambda theta: with_hessian(s.binomial, theta), _begin(s)[None])
    beta = plain.theta[0]
    if not plain.converged[0]:
        raise ConvergenceError(_stuck(s))
    least = float(plain.value[0]) + s.constant
    found = None
    if s.excess(beta) > 0:
        starts = np.array([[*beta, start] for start in _STARTS])
        found = ascend(lambda theta: with_hessian(s.score, theta), starts)
        if not found.converged.any():
            raise ConvergenceError(_stuck(s))
    if found is None:
        information = -exact_hessian(s.binomial, beta)
        _check(information, s)
        return _Found(beta, _inverse(information), 0.0, least, least, plain.iterations)
    theta = found.theta[found.best]
    information = -exact_hessian(s.score, theta)
    _check(information[: s.p, : s.p], s)
    value = float(found.value[found.best]) + s.constant
    gamma = float(np.exp(theta[-1]))
    return _Found(theta, _inverse(information), gamma, value, least, found.iterations)


def _check(information: FloatArray, s: _Sample) -> None:
    if not np.linalg.eigvalsh(information)[0] > 1e-6:
        raise StatsError(_stuck(s))


def _inverse(A: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.inv(A), dtype=np.float64)


def _stuck(s: _Sample) -> str:
    if s.link == "logit":
        return (
            "the likelihood has no finite maximum: the moderators tell groups without events "
            "apart; use fewer moderators"
        )
    return (
        f"no maximum of the likelihood was found with the {s.link} link, which must keep every "
        "risk between 0 and 1; use measure='OR'"
    )


def _result(
    t: CountTables, s: _Sample, found: _Found, *, test: str, level: float, call: dict[str, Any]
) -> BetaBinomialResult:
    k, p = t.design.X.shape
    two = len(t.events()) == 2
    at = slice(1, 1 + p) if two else slice(0, p)
    inside = BasisFit(t.design.basis, found.theta[at] * s.unit, found.cov[at, at] * s.unit**2)
    notes = [*t.notes, *repeated_labels(t.slab), *t.design.notes]
    if test == "t" and k == p:
        test = "z"
        notes.append("test 't' needs more studies than coefficients; 'z' is used")
    ddf = k - p if test == "t" else None
    tests = basis_tests(inside, ddf, level, intercept=t.design.intercept)
    rho = found.gamma / (1 + found.gamma)
    if found.gamma == 0:
        notes.append(
            "the events vary no more between studies than binomial ones: rho is 0, and the model "
            "pools all groups as if they were of one study"
        )
    if two and t.double_zero:
        notes.append(
            f"{plural(t.double_zero, 'double-zero study')} (no events, or events only, in both "
            f"groups), used as {'it is' if t.double_zero == 1 else 'they are'}, without a "
            "continuity correction"
        )
    if t.corrected:
        notes.append(
            f"the model uses the counts as they are; only the own effects of "
            f"{plural(t.corrected, 'study')} with a cell of 0, shown in figures, have "
            f"{t.settings['add']:g} added to each cell"
        )
    lrt = max(2 * (found.loglik - found.loglik_binomial), 0.0)
    se_rho = None
    if found.gamma > 0:
        se_rho = float(np.sqrt(found.cov[-1, -1])) * rho * (1 - rho)
    return BetaBinomialResult(
        measure=t.measure, label=t.label, model="beta-binomial", method="ML", test=test,
        level=level, beta=inside.beta, se=tests.se, stat=tests.stat, pval=tests.pval,
        ci_lb=tests.ci_lb, ci_ub=tests.ci_ub, vb=inside.vb, coef_names=t.design.names,
        QM=float(tests.QM), QMp=float(tests.QMp), k=k, p=p,
        m=max(p - int(t.design.intercept), 1), ddf=ddf,
        fit_ml=fit_stats(found.loglik, len(found.theta) + (found.gamma == 0), k),
        weights=_shares(t, s, found), yi=t.own, vi=t.vi, counts=t.cells, X=t.design.X, ids=t.ids,
        labels=t.slab, ni=t.ni, transf=t.transf, intercept=t.design.intercept,
        double_zero=t.double_zero, corrected=t.corrected, iterations=found.iterations, maxima=1,
        left_out=t.left_out, notes=tuple(dict.fromkeys(notes)), settings=dict(t.settings),
        design=t.design, inside=inside, call=call, rho=rho, se_rho=se_rho,
        alpha=float(found.theta[0]) if two else None,
        se_alpha=float(np.sqrt(found.cov[0, 0])) if two else None, LRT_rho=lrt,
        LRTp_rho=_mixture_tail(lrt), loglik_binomial=found.loglik_binomial,
    )  # fmt: skip


def _mixture_tail(statistic: float) -> float:
    """P(an equal mixture of 0 and chi-squared with 1 df exceeds the statistic)."""
    from scipy.special import chdtrc

    return 0.5 * float(chdtrc(1, statistic)) if statistic > 0 else 1.0


def _shares(t: CountTables, s: _Sample, found: _Found) -> FloatArray:
    """Per cent of the persons of each study, those of a group counted by its effective size."""
    mu, slope, _ = s.risk(found.theta[None, : s.p] @ s.X.T)
    rho = found.gamma / (1 + found.gamma)
    information = slope[0] ** 2 * s.n / (mu[0] * (1 - mu[0]) * (1 + (s.n - 1) * rho))
    parts = information.reshape(-1, t.k)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = parts[0] if len(parts) == 1 else 1 / (1 / parts[0] + 1 / parts[1])
    each = np.nan_to_num(each)
    return np.asarray(100 * each / each.sum())
