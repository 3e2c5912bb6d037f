"""Cluster-robust tests and intervals for a fitted meta-analysis or meta-regression."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from review.errors import StatsError
from review.stats.ground.basis import BasisFit, quadratic
from review.stats.ground.guard import guarded
from review.stats.ground.inference import critical_value, level_percent, two_sided
from review.stats.ground.partition import Partition
from review.stats.ground.result_kit import Record
from review.stats.pooling.meta_result import MetaResult
from review.stats.pooling.meta_rows import choose
from review.stats.pooling.refitting import require
from review.stats.pooling.sandwich import TYPES, Sandwich, sandwich
from review.words import statistic_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.multilevel.mv_result import MVResult

    Floats = NDArray[np.float64]

TESTS: Final = ("Satterthwaite", "t", "z")
FEW_DF: Final = 4
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
        n_clusters, k: numbers of clusters and of effects.
        cluster_sizes: smallest, median and largest number of effects in a cluster.
        tau2, method: of the model; tau2 is None where it has several variances.
        level: in per cent.
        notes: remarks.
        intercept: whether the first coefficient is an intercept.
    """

    GAPS: ClassVar = {"df": "infinite: normal tests"}

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
    tau2: float | None
    method: str
    level: float
    notes: tuple[str, ...] = ()
    inside: BasisFit = field(repr=False, kw_only=True)
    meat: Sandwich = field(repr=False, kw_only=True)
    residuals: Floats = field(repr=False, kw_only=True)
    intercept: bool = field(kw_only=True)
    model: Any = field(default=None, repr=False, kw_only=True)

    @property
    def title(self) -> str:
        """First line of the summary."""
        return (
            f"Cluster-robust inference ({self.type}, {self.test} tests; {self.k} effects in "
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
        return [f"Omnibus test: {statistic_text(name, self.QM, self.QMp)}", *self.notes]


@dataclass(frozen=True, eq=False)
class Working:
    """What the robust covariance of a model is made from.

    Attributes:
        inside: coefficients and their model covariance in the basis of the design.
        residuals: (k,). weights, target: weights of the fit and working covariance of the effects,
            (k,) or blocks of the clusters.
        coef_names, intercept, tau2, method: of the model.
    """

    inside: BasisFit
    residuals: Floats
    weights: Any
    target: Any
    coef_names: tuple[str, ...]
    intercept: bool
    tau2: float | None
    method: str


@guarded
def cluster_robust(
    result: MetaResult | MVResult,
    cluster: Any = None,
    kind: str = "CR2",
    *,
    test: str | None = None,
    level: float | None = None,
) -> RobustResult:
    """Cluster-robust covariance, tests and intervals of the coefficients.

    The model is a working model: its estimates stay as they are, while their covariance holds
    whatever the true correlations within clusters are (Hedges, Tipton & Johnson 2010, Res Synth
    Methods 1:39; Pustejovsky & Tipton 2018, J Bus Econ Stat 36:672; 2022, Prev Sci 23:425).

    Args:
        result: of `meta_analysis` or `meta_analysis_mv`.
        cluster: cluster of each effect: one value per row of the input, or a column name of the
            data the model was fitted to. Of a multilevel model by default the groups of the random
            term with the fewest groups.
        kind: "CR0", "CR1" (m/(m-1)), "CR1p" (m/(m-p)), "CR1S", "CR2" (bias-reduced) or "CR3", for
            m clusters and p coefficients.
        test: "Satterthwaite" degrees of freedom (the default for CR2 and CR3), "t" with m - p
            (the default for the others) or "z".
        level: in per cent; that of the model by default.

    Raises:
        InputError: `cluster` has the wrong length or gaps, or an option is unknown.
        StatsError: there are too few clusters; the model fits exactly, or lets effects of
            different clusters be correlated.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4, 0.3], [0.04, 0.09, 0.05, 0.05], method="DL")
        >>> cluster_robust(fit, ["a", "a", "b", "c"]).df.round(2)
        array([1.85])
    """
    names, numbers = _clusters(result, cluster)
    work = _working(result, names, numbers)
    level = level_percent(result.level if level is None else level)
    kind = choose("type of robust covariance", kind, TYPES)
    return robust_tests(work, numbers, kind=kind, test=test, level=level, model=result)


def robust(
    result: MetaResult | MVResult,
    cluster: Any = None,
    type: str = "CR2",  # noqa: A002  name of the field
    *,
    test: str | None = None,
    level: float | None = None,
) -> RobustResult:
    """Another name of `cluster_robust`, with `type` for its `kind`."""
    return cluster_robust(result, cluster, type, test=test, level=level)


def _clusters(
    result: MetaResult | MVResult, cluster: Any
) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    from review.stats.multilevel.mv_result import MVResult
    from review.stats.multilevel.row_values import clusters_of

    if not isinstance(result, MVResult):
        require(result, "robust inference", least=2)
    return clusters_of(result, cluster)


def _working(
    result: MetaResult | MVResult, names: tuple[str, ...], numbers: NDArray[np.intp]
) -> Working:
    """Weights and working covariance of a model, by cluster."""
    residuals = result.yi - result.inside.fitted
    about = (result.coef_names, result.intercept)
    if isinstance(result, MetaResult):
        target = result.vi + result.tau2
        w = 1 / target if result.case_weights is None else result.case_weights
        return Working(result.inside, residuals, w, target, *about, result.tau2, result.method)
    parts = Partition(numbers)
    covariance = result.problem.covariance
    if not covariance.whole.nested_in(parts):
        crossing = covariance.whole.label
        first = next(
            g for g in range(covariance.whole.m) if len(set(numbers[crossing == g].tolist())) > 1
        )
        inside = [names[j] for j in dict.fromkeys(numbers[crossing == first].tolist())]
        raise StatsError(
            f"the model lets effects of different clusters be correlated ({inside[0]} with "
            f"{inside[1]}): the clusters must hold all effects that share a random effect or a "
            "sampling covariance; name a coarser grouping"
        )
    M = covariance.within(parts, result.problem.matrices(result.point.x))
    return Working(result.inside, residuals, M.inverse()[0], M, *about, None, result.method)


def robust_tests(
    work: Working,
    numbers: NDArray[np.intp],
    *,
    kind: str,
    test: str | None,
    level: float,
    model: Any = None,
) -> RobustResult:
    """Robust covariance and tests of a working model; see `cluster_robust`."""
    default = "Satterthwaite" if kind in {"CR2", "CR3"} else "t"
    test = default if test is None else choose("test", test, TESTS)
    base, coef = work.inside.basis, work.inside.coef
    found = sandwich(base.U, work.residuals, numbers, work.weights, work.target, kind)
    m, p = found.n_clusters, len(coef)
    if test == "t" and m <= p:
        raise StatsError(f"t tests need more clusters ({m}) than coefficients ({p})")
    se = np.sqrt(quadratic(base.to_x, found.vcov))
    if (se <= 1e-14 * np.sqrt(quadratic(base.to_x, work.inside.cov))).any():
        raise StatsError("the effects fit the model exactly, so their robust variance is 0")
    df = np.full(p, float(m - p) if test == "t" else np.inf)
    if test == "Satterthwaite":
        df = np.array([found.satterthwaite(row) for row in base.to_x])
    beta = work.inside.beta
    stat = beta / se
    half = critical_value(level, df) * se
    # the basis keeps the order of the columns: see `coef_tests`
    tested = np.eye(p)[int(work.intercept and p > 1) :]
    inside = BasisFit(base, coef, found.vcov)
    QM, QM_df, QMp, notes = robust_wald(found, test, tested, tested @ coef)
    sizes = np.bincount(numbers)
    return RobustResult(
        beta=beta, se=se, stat=stat, df=df, pval=two_sided(stat, df), ci_lb=beta - half,
        ci_ub=beta + half, vb=inside.vb, coef_names=work.coef_names, QM=QM, QM_df=QM_df, QMp=QMp,
        type=kind, test=test, n_clusters=m, k=len(numbers),
        cluster_sizes=(int(sizes.min()), float(np.median(sizes)), int(sizes.max())),
        tau2=work.tau2, method=work.method, level=level, notes=(*notes, *_few(df, test)),
        inside=inside, meat=found, residuals=work.residuals, intercept=work.intercept,
        model=model,
    )  # fmt: skip


def _few(df: Floats, test: str) -> tuple[str, ...]:
    """Say when the Satterthwaite approximation cannot be relied on (Tipton 2015)."""
    if test != "Satterthwaite" or df.min() >= FEW_DF:
        return ()
    text = (
        f"fewer than {FEW_DF} degrees of freedom: the p-value and interval are not reliable "
        "(Tipton 2015, Psychol Methods 20:375); see wild_bootstrap()"
    )
    return (text,)


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
