"""Cluster-robust tests and intervals for a fitted meta-analysis or meta-regression."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import StatsError
from review.stats.basis import BasisFit, quadratic
from review.stats.inference import critical_value, percent, two_sided
from review.stats.records import Record
from review.stats.refits import per_study, require
from review.stats.sandwich import TYPES, Sandwich, sandwich
from review.stats.validation import choose
from review.stats.wording import p_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.result import MetaResult

    Floats = NDArray[np.float64]

TESTS: Final = ("Satterthwaite", "t", "z")
_SINGULAR: Final = 1e-10  # eigenvalue of a correlation matrix that counts as 0


@dataclass(frozen=True, eq=False)
class RobustResult(Record):
    """Coefficients with cluster-robust standard errors, arrays of shape (p,).

    Attributes:
        beta, se, stat, pval, ci_lb, ci_ub: estimates, robust standard errors, tests, limits.
        df: degrees of freedom of each t test; inf for normal tests.
        vb: robust covariance, (p, p).
        coef_names: of the coefficients.
        QM: omnibus test of all coefficients but an intercept that is not alone: F (chi-squared for
            test "z"); QM_df: its degrees of freedom, the second None for chi-squared; QMp.
        type: correction of the covariance. test: "Satterthwaite", "t" or "z".
        n_clusters, k: numbers of clusters and of studies.
        cluster_sizes: smallest, median and largest number of studies in a cluster.
        tau2, method: of the model.
        level: in per cent.
        notes: remarks.
    """

    beta: Floats
    se: Floats
    stat: Floats
    df: Floats
    pval: Floats
    ci_lb: Floats
    ci_ub: Floats
    vb: Floats
    coef_names: tuple[str, ...]
    QM: float
    QM_df: tuple[float, float | None]
    QMp: float
    type: str
    test: str
    n_clusters: int
    k: int
    cluster_sizes: tuple[int, float, int]
    tau2: float
    method: str
    level: float
    notes: tuple[str, ...] = ()
    inside: BasisFit = field(repr=False, kw_only=True)
    meat: Sandwich = field(repr=False, kw_only=True)

    @property
    def title(self) -> str:
        """First line of the summary."""
        return (
            f"Cluster-robust inference ({self.type}, {self.test} tests; {self.k} studies in "
            f"{self.n_clusters} clusters)"
        )

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "coefficient", self.coef_names

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        names = ("beta", "se", "stat", "df", "pval", "ci_lb", "ci_ub")
        return {name: getattr(self, name) for name in names}

    def footer(self) -> list[str]:
        """Lines below the table of the summary."""
        df1, df2 = self.QM_df
        if np.isnan(self.QM):
            return list(self.notes)
        name = f"chi2({df1:g})" if df2 is None else f"F({df1:g}, {df2:.2f})"
        return [f"Omnibus test: {name} = {self.QM:.4f}, {p_value(self.QMp)}", *self.notes]


def robust(
    result: MetaResult,
    cluster: Any,
    type: str = "CR2",  # noqa: A002  name of the field
    *,
    test: str | None = None,
    level: float | None = None,
) -> RobustResult:
    """Cluster-robust covariance, tests and intervals of the coefficients.

    Args:
        result: a meta-analysis or meta-regression; its estimates stay as they are.
        cluster: cluster of each study: one value per row of the input, or a column name of the
            data the model was fitted to.
        type: "CR0", "CR1" (m/(m-1)), "CR1p" (m/(m-p)), "CR1S", "CR2" (bias-reduced; Pustejovsky &
            Tipton 2018) or "CR3", for m clusters and p coefficients.
        test: "Satterthwaite" degrees of freedom (the default for CR2 and CR3), "t" with m - p
            (the default for the others) or "z".
        level: in per cent; that of the model by default.

    Raises:
        InputError: `cluster` has the wrong length or gaps, or an option is unknown.
        StatsError: there are too few clusters, or the model fits exactly.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4, 0.3], [0.04, 0.09, 0.05, 0.05], method="DL")
        >>> robust(fit, ["a", "a", "b", "c"]).df.round(2)
        array([1.85])
    """
    require(result, "robust inference", least=2)
    kind = choose("type of robust covariance", type, TYPES)
    default = "Satterthwaite" if kind in {"CR2", "CR3"} else "t"
    test = default if test is None else choose("test", test, TESTS)
    level = percent(result.level if level is None else level)
    numbers = _numbers(per_study(result, "cluster", cluster))
    target = result.vi + result.tau2
    w = 1 / target if result.case_weights is None else result.case_weights
    base, fitted = result.inside.basis, result.inside.fitted
    found = sandwich(base.U, result.yi - fitted, numbers, w, target, kind)
    m, p = found.n_clusters, result.p
    if test == "t" and m <= p:
        raise StatsError(f"t tests need more clusters ({m}) than coefficients ({p})")
    se = np.sqrt(quadratic(base.to_x, found.vcov))
    if (se <= 1e-14 * result.se).any():
        raise StatsError("the effects fit the model exactly, so their robust variance is 0")
    df = np.full(p, float(m - p) if test == "t" else np.inf)
    if test == "Satterthwaite":
        df = np.array([found.satterthwaite(row) for row in base.to_x])
    stat = result.beta / se
    half = critical_value(level, df) * se
    # the basis keeps the order of the columns: see `coef_tests`
    tested = np.eye(p)[int(result.intercept and p > 1) :]
    inside = BasisFit(base, result.inside.coef, found.vcov)
    QM, QM_df, QMp, notes = robust_wald(found, test, tested, tested @ inside.coef)
    sizes = np.bincount(numbers)
    return RobustResult(
        beta=result.beta, se=se, stat=stat, df=df, pval=two_sided(stat, df),
        ci_lb=result.beta - half, ci_ub=result.beta + half, vb=inside.vb,
        coef_names=result.coef_names, QM=QM, QM_df=QM_df, QMp=QMp, type=kind, test=test,
        n_clusters=m, k=result.k,
        cluster_sizes=(int(sizes.min()), float(np.median(sizes)), int(sizes.max())),
        tau2=result.tau2, method=result.method, level=level, notes=notes, inside=inside,
        meat=found,
    )  # fmt: skip


def robust_wald(
    found: Sandwich, test: str, contrasts: Floats, difference: Floats
) -> tuple[float, tuple[float, float | None], float, tuple[str, ...]]:
    """Joint test of contrasts: HTZ for Satterthwaite, F or chi-squared otherwise.

    Args:
        found: the sandwich, in the basis of the design.
        test: one of `TESTS`.
        contrasts: of the coefficients in that basis, (q, p).
        difference: contrasts @ coefficients less their values under the hypothesis, (q,).

    Returns:
        Statistic, degrees of freedom, p-value and notes.
    """
    from scipy.special import chdtrc, fdtrc

    q = len(contrasts)
    V = contrasts @ found.vcov @ contrasts.T
    sd = np.sqrt(np.diag(V))
    lost = np.linalg.eigvalsh(V / np.outer(sd, sd))[0] < _SINGULAR
    none = (float("nan"), (float(q), None), float("nan"))
    note = f"too few clusters for a joint test of {q} coefficients"
    if lost:
        return (*none, (note,))
    if test == "Satterthwaite":
        F, df1, df2 = found.hotelling(contrasts, difference)
        return (*none, (note,)) if df2 <= 0 else (F, (df1, df2), float(fdtrc(df1, df2, F)), ())
    wald = float(difference @ np.linalg.solve(V, difference))
    if test == "z":
        return wald, (float(q), None), float(chdtrc(q, wald)), ()
    df2 = float(found.n_clusters - found.vcov.shape[0])
    return wald / q, (float(q), df2), float(fdtrc(q, df2, wald / q)), ()


def _numbers(values: NDArray[np.object_]) -> NDArray[np.int64]:
    """Number the clusters in order of appearance."""
    seen: dict[Any, int] = {}
    return np.array(
        [seen.setdefault(value, len(seen)) for value in values.tolist()], dtype=np.int64
    )
