"""Additive component model: treatments that are combinations of components.

The effect of "A+B" is that of A plus that of B (Welton et al. 2009, Am J Epidemiol 169:1158;
Rücker, Petropoulou & Schwarzer 2020, Biom J 62:808). It has fewer coefficients than a network with
one per treatment, and can join parts that share components but no treatment. What it gives up is
tested: Q of the additive model less that of the standard one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from review.errors import InputError, StatsError, UnknownNameError
from review.stats.ground.guard import TOO_EXTREME, guarded
from review.stats.ground.inference import chi2_tail, critical_value, level_percent, two_sided
from review.stats.ground.least_squares import inverse
from review.stats.ground.result_kit import Record
from review.stats.networks.arm_contrasts import contrasts_given
from review.stats.networks.arm_space import TOLERANCE, arm_space
from review.stats.networks.network_fit import METHODS
from review.stats.networks.network_rows import name_order, read_network_rows
from review.stats.networks.subnetworks import subnetworks
from review.stats.pooling.meta_rows import choose
from review.stats.pooling.prepared_effects import make_sample
from review.stats.pooling.tau2 import estimate_tau2
from review.words import level_name, listed, p_value

if TYPE_CHECKING:
    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.least_squares import FloatArray
    from review.stats.networks.arm_space import ArmSpace

SMALL: Final = 1e-9  # length, relative to 1, of the part of a contrast that the data do not reach


@dataclass(frozen=True, eq=False)
class ComponentResult(Record):
    """Additive model of c components.

    Attributes:
        components: names. inactive: the treatment without effect, or None.
        beta, se, stat, pval, ci_lb, ci_ub: effect of adding each component, (c,); NaN where the
            data cannot tell it from others (see notes).
        treatments: names. te, treatment_se: treatments against each other, (T, T); NaN where the
            data do not tell.
        tau2: heterogeneity of the additive model. Q, df, Qp: its fit at tau2 = 0.
        Q_standard, df_standard: of the model with one effect per treatment (within each part of a
            network that is not connected).
        Q_diff, df_diff, pval_diff: what additivity costs.
        parts: connected parts of the network.
        k: studies. m: comparisons. method, level: as asked for.
        left_out: rows not used. notes: what a reader must know.
    """

    GAPS: ClassVar = dict.fromkeys(
        ("beta", "se", "stat", "pval", "ci_lb", "ci_ub", "te", "treatment_se"),
        "the data do not tell it",
    )

    components: tuple[str, ...]
    inactive: str | None
    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    treatments: tuple[str, ...]
    te: FloatArray
    treatment_se: FloatArray
    tau2: float
    Q: float
    df: int
    Qp: float
    Q_standard: float
    df_standard: int
    Q_diff: float
    df_diff: int
    pval_diff: float
    parts: tuple[tuple[str, ...], ...]
    k: int
    m: int
    method: str
    level: float
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        """First line of the summary."""
        return (
            f"Additive component model: {self.k} studies, {len(self.treatments)} treatments, "
            f"{len(self.components)} components ({self.method}, tau2 = {self.tau2:.4g}; level "
            f"{level_name(self.level)}); additivity: Q({self.df_diff}) = {self.Q_diff:.4g}, "
            f"{p_value(self.pval_diff)}"
        )

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {n: getattr(self, n) for n in ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")}

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Components."""
        return "component", self.components

    @property
    def conventions(self) -> None:
        """None: no version of the reference differs."""
        return


@guarded
def component_network(  # noqa: PLR0917  the order in which the field gives these arguments
    te: Any,
    se: Any = None,
    treat1: Any = None,
    treat2: Any = None,
    studlab: Any = None,
    data: Any = None,
    *,
    V: Any = None,
    sep: str = "+",
    inactive: str | None = None,
    method: str = "DL",
    level: float = 95,
    tolerance: float = TOLERANCE,
) -> ComponentResult:
    """Estimate the effects of the components of combined treatments.

    Args:
        te: effects of treat1 against treat2, or the result of `arm_contrasts`.
        se: standard errors.
        treat1: treatments, components joined by `sep`.
        treat2: those they are compared with.
        studlab: studies.
        data: data frame or mapping in which names are looked up.
        V: covariance instead of se; see `network_meta`.
        sep: between components.
        inactive: a treatment without effect, such as placebo; None for one effect each.
        method: estimator of tau2, or "EE".
        level: of the intervals, per cent.
        tolerance: see `network_meta`.

    Raises:
        InputError: an argument is wrong. UnknownNameError: no treatment is called `inactive`.
        StatsError: see `network_meta`; the parts of a network need not be connected here.

    Example:
        >>> fit = component_network([1.0, 2.1, 2.9], [0.2, 0.2, 0.2], ["A", "B", "A+B"],
        ...                         ["P", "P", "P"], ["s1", "s2", "s3"], inactive="P")
        >>> fit.components, fit.beta.round(3).tolist(), fit.df_diff
        (('A', 'B'), [0.933, 2.033], 1)
    """
    method, level = choose("method", method, METHODS), level_percent(level)
    given = contrasts_given(te, se, treat1, treat2, studlab)
    rows = read_network_rows(
        given.te, given.se, given.treat1, given.treat2, given.studlab, V=V, data=data,
        connected=False,
    )  # fmt: skip
    space = arm_space(rows, tolerance)
    left_out = (*given.left_out, *rows.left_out)
    notes = (*given.notes, *rows.notes, *space.notes)
    return fit_components(space, sep, inactive, method, level, left_out, notes)


def fit_components(  # noqa: PLR0917
    space: ArmSpace,
    sep: str,
    inactive: str | None,
    method: str,
    level: float,
    left_out: tuple[LeftOut, ...] = (),
    notes: tuple[str, ...] = (),
) -> ComponentResult:
    """Fit the model to checked studies; see `component_network`."""
    names, C = component_table(space.treatments, sep, inactive)
    X = space.X @ C
    reach = _row_space(X)
    if not len(reach):
        raise StatsError("no comparison tells components apart: all treatments have the same ones")
    B = X @ reach.T  # the design in an orthonormal basis of what the data reach
    z0 = space.z()
    tau2 = 0.0
    if method != "EE" and len(space.v) > len(reach):
        tau2 = float(estimate_tau2(make_sample(z0, space.v, B), method).value)
    gamma, G = _fit(B, space.z(tau2), 1 / (space.v + tau2))
    beta, V = reach.T @ gamma, reach.T @ G @ reach
    known = _reached(np.eye(len(names)), reach)
    se = np.where(known, np.sqrt(np.diag(V)), np.nan)
    beta_known = np.where(known, beta, np.nan)
    half = critical_value(level, None) * se
    stat = beta_known / se
    T = len(space.treatments)
    lines = (C[:, None, :] - C[None, :, :]).reshape(T * T, -1)
    told = _reached(lines, reach)
    te = np.where(told, lines @ beta, np.nan).reshape(T, T)
    err = np.sqrt(np.maximum(np.einsum("lc,cd,ld->l", lines, V, lines), 0.0))
    Q = _rss(B, z0, 1 / space.v) + space.unexplained()
    full = space.X @ _row_space(space.X).T
    Q_standard = _rss(full, z0, 1 / space.v) + space.unexplained()
    df, df_standard = len(z0) - B.shape[1], len(z0) - full.shape[1]
    Q_diff = max(Q - Q_standard, 0.0) if df > df_standard else 0.0
    parts = subnetworks(space.treatments, space.pairs.a, space.pairs.b)
    remarks = [*notes]
    unknown = [n for n, ok in zip(names, known.tolist(), strict=True) if not ok]
    if unknown:
        remarks.append(
            f"the data do not tell the effect of {listed(unknown)} apart from that of other "
            "components: no comparison changes it alone or in enough combinations"
        )
    if len(parts) > 1:
        remarks.append(
            f"the network has {len(parts)} parts that only shared components join: "
            + "; ".join(", ".join(part) for part in parts)
        )
    return ComponentResult(
        names, inactive, beta_known, se, stat, two_sided(stat, None), beta_known - half,
        beta_known + half, space.treatments, te, np.where(told, err, np.nan).reshape(T, T), tau2,
        Q, df, float(chi2_tail(Q, df)), Q_standard, df_standard, Q_diff, df - df_standard,
        float(chi2_tail(Q_diff, df - df_standard)), parts, len(space.studies),
        len(space.pairs.te), method, level, left_out, tuple(remarks),
    )  # fmt: skip


def component_table(
    treatments: tuple[str, ...], sep: str, inactive: str | None
) -> tuple[tuple[str, ...], FloatArray]:
    """Return the components and which treatment has them, (T, c).

    Raises:
        InputError: a treatment has an empty or a repeated component.
        UnknownNameError: no treatment is called `inactive`.

    Example:
        >>> component_table(("A", "A+B", "P"), "+", "P")[1].tolist()
        [[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]
    """
    if not isinstance(sep, str) or not sep.strip():
        raise InputError(f"sep must be the sign between components, such as '+', not {sep!r}")
    if inactive is not None and inactive not in treatments:
        raise UnknownNameError("treatment", str(inactive), treatments, where="for inactive")
    parts = {t: [p.strip() for p in t.split(sep)] for t in treatments if t != inactive}
    for t, components in parts.items():
        if not all(components) or len(set(components)) < len(components):
            raise InputError(
                f"treatment {t!r} has an empty or repeated component around {sep!r}; choose "
                "another sep= if the sign is part of a name"
            )
    names = sorted({c for components in parts.values() for c in components} - {inactive},
                   key=name_order)  # fmt: skip
    C = np.array([[float(c in parts.get(t, ())) for c in names] for t in treatments])
    return tuple(names), C.reshape(len(treatments), len(names))


def _row_space(X: FloatArray) -> FloatArray:
    """Orthonormal basis of the rows of X, (r, c)."""
    if not X.shape[1]:
        return np.zeros((0, 0))
    _, s, Vt = np.linalg.svd(X, full_matrices=False)
    return np.asarray(Vt[s > SMALL * max(float(s.max(initial=0.0)), 1e-300)])


def _reached(lines: FloatArray, reach: FloatArray) -> Any:
    """Tell which contrasts of the coefficients lie in the row space."""
    rest = lines - (lines @ reach.T) @ reach
    return np.sqrt((rest * rest).sum(-1)) <= 1e-7


def _fit(B: FloatArray, z: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    G, singular = inverse((B * w[:, None]).T @ B)
    if singular:
        raise StatsError(TOO_EXTREME)
    return G @ (B.T @ (w * z)), G


def _rss(B: FloatArray, z: FloatArray, w: FloatArray) -> float:
    r = z - B @ _fit(B, z, w)[0]
    return float((w * r * r).sum())
