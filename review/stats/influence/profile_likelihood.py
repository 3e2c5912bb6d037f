"""Profile log-likelihood of tau2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.ground.arguments import whole
from review.stats.ground.guard import guarded
from review.stats.ground.inference import chi2_quantile, level_percent
from review.stats.ground.result_kit import Record
from review.stats.pooling.marginal_likelihood import log_likelihood
from review.stats.pooling.prepared_effects import make_sample
from review.stats.pooling.refitting import require
from review.words import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from review.stats.pooling.meta_result import MetaResult

    Floats = NDArray[np.float64]

MOST_POINTS: Final = 100_000


@dataclass(frozen=True, eq=False)
class ProfileResult(Record):
    """Log-likelihood over tau2, the coefficients being estimated anew at every value.

    Attributes:
        tau2: values, (n,). loglik: log-likelihood there, (n,).
        estimate, maximum: tau2 of the model and the log-likelihood there.
        cut: log-likelihood at the limits of the profile-likelihood interval.
        method: "ML" or "REML". level: in per cent.
    """

    tau2: Floats
    loglik: Floats
    estimate: float
    maximum: float
    cut: float
    method: str
    level: float

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Profile {self.method} log-likelihood of tau2, maximum at {number(self.estimate)}"

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "point", tuple(str(i + 1) for i in range(len(self.tau2)))

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {"tau2": self.tau2, "loglik": self.loglik}


@guarded
def profile_tau2(
    result: MetaResult,
    *,
    limits: Sequence[float] | None = None,
    points: int = 101,
    level: float | None = None,
) -> ProfileResult:
    """Profile likelihood curve of tau2 (Hardy & Thompson 1996, Stat Med 15:619).

    Args:
        result: a model fitted by ML or REML.
        limits: smallest and largest tau2; by default from 0 to where the curve has fallen well
            below the interval's cut.
        points: number of values.
        level: of the interval whose cut is given; that of the model by default.

    Raises:
        InputError: limits or points make no sense.
        StatsError: the model has no likelihood estimate of tau2.

    Example:
        >>> from review import meta_analysis
        >>> curve = profile_tau2(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]), points=5)
        >>> bool(curve.loglik.max() <= curve.maximum)
        True
    """
    require(result, "the profile likelihood", beyond=1)
    if result.method not in {"ML", "REML"} or result.tau2_fixed or result.case_weights is not None:
        raise StatsError(
            "the profile likelihood of tau2 needs a model fitted by ML or REML, without weights "
            "and without a fixed tau2"
        )
    points = whole("points", points, least=2, most=MOST_POINTS)
    level = level_percent(result.level if level is None else level)
    s = make_sample(result.yi, result.vi, None if result.intercept_only else result.design.basis)
    restricted = result.method == "REML"

    def loglik(tau2: Any) -> Floats:
        each = [log_likelihood(s, np.asarray(t), restricted=restricted) for t in np.ravel(tau2)]
        return np.array([float(value) for value in each])

    top = float(loglik(result.tau2)[0])
    cut = top - float(chi2_quantile(level / 100, 1)) / 2
    low, high = _limits(limits, result, lambda t: float(loglik(t)[0]) < cut - 1)
    grid = np.linspace(low, high, points)
    return ProfileResult(grid, loglik(grid), result.tau2, top, cut, result.method, level)


def _limits(limits: Sequence[float] | None, result: MetaResult, below: Any) -> tuple[float, float]:
    if limits is None:
        high = max(2 * result.tau2, float(np.median(result.vi)))
        for _ in range(60):
            if below(high):
                break
            high *= 1.5
        return 0.0, high
    try:
        values = [float(x) for x in limits]
    except (TypeError, ValueError, OverflowError):
        values = []
    if len(values) != 2 or not 0 <= values[0] < values[1] < np.inf:
        raise InputError(f"limits must be two increasing numbers from 0 up, not {limits!r}")
    return values[0], values[1]
