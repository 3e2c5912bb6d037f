"""Comparison-adjusted funnel plot: its points and a test of asymmetry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, StatsError
from review.stats.ground.arguments import values_of
from review.stats.ground.guard import guarded
from review.stats.ground.inference import two_sided
from review.stats.ground.result_kit import Record
from review.stats.networks.network_fit import names_of
from review.stats.networks.node_splitting import direct_tables
from review.words import listed, p_value

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.networks.arm_space import ArmSpace


@dataclass(frozen=True, eq=False)
class NetworkFunnel(Record):
    """Points of a comparison-adjusted funnel plot, one per comparison of a study, (m,).

    Attributes:
        labels: studies. comparisons: "A vs B", the treatment that is earlier in `order` first.
        adjusted: effect less the average of its comparison. se: standard errors.
        order: the treatments in the order by which comparisons point one way, such as from new to
            old: asymmetry can only be seen when small studies favour the same side.
        slope, slope_se, stat, pval: Egger's regression of adjusted effects on their standard
            errors with weights 1/se^2 and m - 2 degrees of freedom; NaN where no line can be drawn.
        notes: what limits the test.
    """

    labels: tuple[str, ...]
    comparisons: tuple[str, ...]
    adjusted: FloatArray
    se: FloatArray
    order: tuple[str, ...]
    slope: float
    slope_se: float
    stat: float
    pval: float
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """First line of the summary."""
        said = "" if np.isnan(self.pval) else f": Egger's test {p_value(self.pval)}"
        return f"Comparison-adjusted funnel plot of {len(self.labels)} comparisons{said}"

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {"comparison": self.comparisons, "adjusted": self.adjusted, "se": self.se}

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Studies."""
        return "study", self.labels

    @property
    def conventions(self) -> None:
        """None: no version of the reference differs."""
        return


@guarded
def network_funnel(space: ArmSpace, tau2: float, order: Any = None) -> NetworkFunnel:
    """Return the points (Chaimani & Salanti 2012, Res Synth Methods 3:161).

    Args:
        space: the studies.
        tau2: of the averages of the comparisons.
        order: all treatments once; alphabetical by default, which has no meaning.

    Raises:
        InputError: the order does not hold every treatment once.
    """
    names = space.treatments
    given = names if order is None else tuple(str(t) for t in values_of("order", order))
    if sorted(given) != sorted(names):
        raise InputError(
            f"order must hold every treatment once ({listed(names)}), not {listed(given)}"
        )
    rank = np.array([given.index(t) for t in names])
    te, _, _ = direct_tables(space, tau2)
    p = space.pairs
    turn = np.where(rank[p.a] < rank[p.b], 1.0, -1.0)
    adjusted = turn * (p.te - te[p.a, p.b])
    se = np.sqrt(p.v)
    comparisons = tuple(
        names_of(names, *((a, b) if t > 0 else (b, a)))
        for a, b, t in zip(p.a.tolist(), p.b.tolist(), turn.tolist(), strict=True)
    )
    labels = tuple(space.studies[s] for s in p.study.tolist())
    slope = _egger(adjusted, se)
    notes = ["comparisons that one study makes alone lie on the line of no effect by construction"]
    if (p.arms > 2).any():
        notes.append(
            "the comparisons of a study with several arms are correlated, which the test ignores"
        )
    if order is None:
        notes.append(
            "treatments are in alphabetical order: asymmetry has a meaning only in an order such "
            "as from new to old"
        )
    return NetworkFunnel(labels, comparisons, adjusted, se, given, *slope, tuple(notes))


def _egger(y: FloatArray, se: FloatArray) -> tuple[float, float, float, float]:
    """Weighted regression with a multiplicative error (Egger et al. 1997, BMJ 315:629)."""
    nothing = (float("nan"),) * 4
    if len(y) < 3 or np.ptp(se) <= 1e-12 * se.max():
        return nothing
    X = np.column_stack([1 / se, np.ones(len(y))])  # divided by se: the slope is the constant
    try:
        A = np.linalg.inv(X.T @ X)
    except np.linalg.LinAlgError:
        raise StatsError("the standard errors are too unequal to draw a line") from None
    beta = A @ (X.T @ (y / se))
    rss = float((((y / se) - X @ beta) ** 2).sum())
    df = len(y) - 2
    err = float(np.sqrt(A[1, 1] * rss / df))
    if err <= 1e-12:
        return nothing
    stat = float(beta[1]) / err
    return float(beta[1]), err, stat, float(two_sided(np.asarray(stat), float(df)))
