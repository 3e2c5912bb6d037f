"""Coordinates of the diagnostic plots: Baujat, radial (Galbraith) and normal quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import StatsError
from review.stats.ground.arguments import generator, whole
from review.stats.ground.basis import quadratic
from review.stats.ground.guard import guarded
from review.stats.ground.inference import check_level, critical_value, level_percent
from review.stats.ground.least_squares import Projector
from review.stats.ground.result_kit import Record
from review.stats.influence.omitted_studies import without_each
from review.stats.influence.residuals import rstandard, rstudent
from review.stats.pooling.meta_rows import choose
from review.stats.pooling.refitting import require
from review.words import estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from review.stats.pooling.meta_result import MetaResult

    Floats = NDArray[np.float64]


class _Points(Record):
    """Studies at x and y."""

    labels: tuple[str, ...]
    x: Floats
    y: Floats

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "study", self.labels

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {"x": self.x, "y": self.y}


MOST_DRAWN: Final = 20_000_000  # numbers of all simulated data sets together, 160 MB


@dataclass(frozen=True, eq=False)
class BaujatResult(_Points):
    """Contribution to heterogeneity against influence on the result.

    Attributes:
        labels: of the studies.
        x: squared Pearson residual, the study's contribution to heterogeneity, (k,).
        y: squared change of its fitted value when it is left out, in standard errors, (k,).
        notes: studies that cannot be left out.
    """

    labels: tuple[str, ...]
    x: Floats
    y: Floats
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        return "Baujat plot: contribution to heterogeneity (x), influence on the result (y)"


@dataclass(frozen=True, eq=False)
class RadialResult(_Points):
    """Standardised effects against precision.

    Attributes:
        labels: of the studies.
        x: 1 / sqrt(v + tau2), (k,). y: effect / sqrt(v + tau2), (k,).
        slope, ci_lb, ci_ub: the estimate, a line through the origin, and its limits.
        band: half width of the band around the line that holds `level` per cent of the points.
        level: in per cent.
        centre: value taken off the effects before they were divided.
    """

    labels: tuple[str, ...]
    x: Floats
    y: Floats
    slope: float
    ci_lb: float
    ci_ub: float
    band: float
    level: float
    centre: float = 0.0

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Radial plot: slope {estimate(self.slope, self.ci_lb, self.ci_ub)}"


@dataclass(frozen=True, eq=False)
class QQResult(_Points):
    """Standardised residuals against normal quantiles, in the order of the residuals.

    Attributes:
        labels: of the studies.
        x: normal quantiles, (k,). y: standardised residuals, (k,).
        env_lb, env_ub: pseudo-envelope at `level` per cent, (k,), or None.
        kind: "rstandard" or "rstudent".
        level: in per cent. draws: simulated sets behind the envelope. seed: of the simulation.
    """

    labels: tuple[str, ...]
    x: Floats
    y: Floats
    env_lb: Floats | None
    env_ub: Floats | None
    kind: str
    level: float
    draws: int
    seed: int

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Normal quantiles (x) and residuals (y, {self.kind})"

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        out: dict[str, Any] = {"x": self.x, "y": self.y}
        return out if self.env_lb is None else out | {"env_lb": self.env_lb, "env_ub": self.env_ub}


@guarded
def baujat(result: MetaResult) -> BaujatResult:
    """Coordinates of the plot of Baujat et al. (2002, Stat Med 21:2641).

    For random-effects models the contribution is the squared Pearson residual with tau2 in its
    denominator, so that it refers to the same model as the influence.

    Raises:
        StatsError: there are too few studies to leave one out.

    Example:
        >>> from review import meta_analysis
        >>> points = baujat(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], method="EE"))
        >>> points.x.round(3), points.y.round(3)
        (array([1.76 , 3.176, 0.024]), array([1.414, 0.784, 0.013]))
    """
    fits, notes = without_each(result, "the Baujat plot")
    U = result.inside.basis.U
    x = (result.yi - result.inside.fitted) ** 2 / (result.vi + result.tau2)
    shift = np.einsum("ip,ip->i", U, result.inside.coef - fits.coef)
    y = shift**2 / quadratic(U, fits.cov)
    return BaujatResult(result.slab, x, y, notes)


@guarded
def radial(result: MetaResult, *, centre: bool = False, level: float | None = None) -> RadialResult:
    """Coordinates of the radial plot of Galbraith (1988, Technometrics 30:271).

    Args:
        result: a meta-analysis without moderators.
        centre: take the estimate off the effects, so that the line is horizontal.
        level: of the band and the interval; that of the model by default.

    Example:
        >>> from review import meta_analysis
        >>> radial(meta_analysis([0.1, 0.9], [0.04, 0.25], method="EE")).x
        array([5., 2.])
    """
    require(result, "the radial plot", intercept_only=True)
    level = level_percent(result.level if level is None else level)
    estimate = float(result.beta[0])
    off = estimate if centre else 0.0
    half = float(critical_value(level, result.ddf)) * float(result.se[0])
    x = 1 / np.sqrt(result.vi + result.tau2)
    return RadialResult(
        result.slab, x, (result.yi - off) * x, estimate - off, estimate - off - half,
        estimate - off + half, float(critical_value(level, None)), level, off,
    )  # fmt: skip


@guarded
def qq_points(
    result: MetaResult,
    kind: str = "rstandard",
    *,
    envelope: bool = True,
    draws: int = 1000,
    level: float = 95,
    bonferroni: bool = False,
    seed: int | None = 1234,
) -> QQResult:
    """Coordinates of a normal quantile plot with a simulated pseudo-envelope.

    The envelope holds the quantiles of the ordered residuals of data simulated from the fitted
    model (Cook & Weisberg 1982, section 2.3.4).

    Args:
        result: a meta-analysis or meta-regression.
        kind: "rstandard" or "rstudent".
        envelope: whether to simulate one.
        draws: number of simulated data sets.
        level: of the envelope, per cent.
        bonferroni: widen it so that the level holds for all k points together.
        seed: of the simulation.

    Raises:
        StatsError: there are too few studies, or a study is fitted exactly.

    Example:
        >>> from review import meta_analysis
        >>> qq_points(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05])).x.round(3)
        array([-0.869,  0.869,  0.   ])
    """
    from scipy.special import ndtri

    kind = choose("kind of residual", kind, ("rstandard", "rstudent"))
    require(result, "the normal quantile plot", beyond=1)
    draws = whole("draws", draws, least=20, most=max(20, MOST_DRAWN // result.k))
    level = level_percent(level)
    rng, used_seed = generator(seed)
    z = (rstandard if kind == "rstandard" else rstudent)(result).z
    if np.isnan(z).any():
        raise StatsError("a study is fitted exactly and has no standardised residual")
    k = result.k
    edge = 3 / 8 if k <= 10 else 1 / 2
    rank = np.argsort(np.argsort(z, kind="stable"), kind="stable")
    x = ndtri((rank + 1 - edge) / (k + 1 - 2 * edge))
    low = high = None
    if envelope:
        tail = (1 - check_level(level)) / 2 / (k if bonferroni else 1)
        low, high = (q[rank] for q in _envelope(result, draws, tail, rng))
    return QQResult(result.slab, x, z, low, high, kind, level, draws, used_seed)


def _envelope(
    result: MetaResult, draws: int, tail: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Quantiles of the ordered standardised residuals of simulated data, (k,) each."""
    e = rng.standard_normal((draws, result.k)) * np.sqrt(result.vi + result.tau2)
    left = Projector(result.weights, result.inside.basis.U).residuals(e)
    ordered = np.sort(left / rstandard(result).se, axis=1)
    return np.quantile(ordered, tail, axis=0), np.quantile(ordered, 1 - tail, axis=0)
