"""Designs that change what a row is worth: clusters, shared controls, several arms, pairs.

Sources: Cochrane Handbook, version 6.5 (2024): 23.1.4 and 23.1.5 (cluster trials), 23.2 (crossover
trials), 23.3.4 (several groups), 6.5.2.10 (combining groups); Eldridge, Ashby and Kerry (2006),
Int J Epidemiol 35, 1292 (unequal clusters); Borenstein et al. (2009), ch. 4 (matched groups).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.effects.argument_columns import to_floats
from review.stats.effects.conversion import HANDBOOK
from review.stats.effects.measure import Step
from review.stats.effects.standardized_differences import hedges_factor
from review.stats.ground.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.stats.effects.measure import Columns, Estimate, FloatArray
    from review.stats.effects.row_account import Audit

MODIFIERS: Final = ("deff", "icc", "cluster_size", "cluster_cv", "shared")
CLUSTERS: Final = Step("sizes divided by the design effect", f"{HANDBOOK}, 23.1.4", True)
CLUSTER_SE: Final = Step("variance times the design effect", f"{HANDBOOK}, 23.1.5", True)
SHARED: Final = Step(
    "control group shared among the comparisons of a trial", f"{HANDBOOK}, 23.3.4", True
)
SECOND_GROUP: Final = ("ci", "di", "n2i", "x2i", "t2i")


def design_effect(x: Columns, k: int, audit: Audit) -> FloatArray:
    """Design effect of each row, (k,): `deff`, or 1 + (M - 1) ICC; 1 for a row without clusters.

    With the coefficient of variation of cluster sizes `cluster_cv`, M is replaced by
    M (1 + cv^2) (Eldridge 2006).

    Raises:
        InputError: an ICC without cluster sizes, or the reverse.
        StatsError: values that are impossible.
    """
    if ("icc" in x) != ("cluster_size" in x):
        raise InputError(
            "a cluster trial needs the intracluster correlation (icc) and the mean cluster size "
            "(cluster_size) together, or the design effect (deff)"
        )
    deff = x.get("deff", np.full(k, np.nan))
    audit.forbid(deff < 1, "deff", deff, "must be 1 or more (a design effect)")
    audit.finite("deff", deff)
    if "icc" in x:
        audit.within("icc", x["icc"], 0, 1, "an intracluster correlation")
        audit.forbid(x["cluster_size"] < 1, "cluster_size", x["cluster_size"], "must be 1 or more")
        alone = np.isnan(x["icc"]) != np.isnan(x["cluster_size"])
        audit.leave_out(alone & np.isnan(deff), "icc and cluster_size belong together")
        cv = x.get("cluster_cv", np.zeros(k))
        size = x["cluster_size"] * (1 + np.where(np.isnan(cv), 0.0, cv) ** 2)
        deff = np.where(np.isnan(deff), 1 + (size - 1) * x["icc"], deff)
    return np.where(np.isnan(deff), 1.0, deff)


def shared_control(x: Columns, k: int, audit: Audit) -> FloatArray:
    """How many comparisons share the second group of a row, (k,); 1 where it is not stated."""
    share = x.get("shared", np.full(k, np.nan))
    audit.finite("shared", share)
    audit.forbid(share < 1, "shared", share, "must be 1 or more (comparisons with this control)")
    return np.where(np.isnan(share), 1.0, share)


@guarded
def combine_groups(n: Any, mean: Any, sd: Any) -> tuple[float, float, float]:
    """Merge groups of one study into one: size, mean and SD.

    Exact: the variance within the groups and between their means (Cochrane Handbook 6.5.2.10).

    Args:
        n: sizes of the groups, (g,).
        mean: their means, (g,).
        sd: their SDs, (g,).

    Returns:
        Size, mean and SD of all persons together.

    Raises:
        InputError: something is no column of numbers.
        StatsError: sizes are not above 0 or SDs are negative.

    Example:
        >>> n, mean, sd = combine_groups([20, 30], [10.0, 12.0], [2.0, 3.0])
        >>> n, mean, round(sd, 4)
        (50.0, 11.2, 2.8031)
    """
    sizes, means, sds = (
        np.atleast_1d(to_floats(name, x)) for name, x in (("n", n), ("mean", mean), ("sd", sd))
    )
    if not len(sizes) == len(means) == len(sds) > 0:
        raise InputError("n, mean and sd must hold one value per group, for the same groups")
    if not all(np.isfinite(x).all() for x in (sizes, means, sds)):
        raise StatsError("groups to combine need finite sizes, means and SDs")
    if sizes.sum() <= 1:
        raise StatsError("one person alone has no SD")
    if not (np.all(sizes > 0) and np.all(sds >= 0)):
        raise StatsError("groups to combine need sizes above 0 and SDs that are not negative")
    total = float(sizes.sum())
    middle = float((sizes * means).sum() / total)
    squares = ((sizes - 1) * sds**2 + sizes * (means - middle) ** 2).sum()
    return total, middle, float(np.sqrt(squares / (total - 1)))


def _paired_difference(x: Columns) -> Estimate:
    """Mean difference of a crossover or matched trial (Cochrane Handbook 23.2.7.1)."""
    s1, s2 = x["sd1i"], x["sd2i"]
    variance = s1**2 + s2**2 - 2 * x["corr"] * s1 * s2
    return x["m1i"] - x["m2i"], variance / x["ni"]


def _paired_standardised(x: Columns) -> Estimate:
    """Hedges' g of matched groups in units of the SD within groups (Borenstein 2009, eq. 4.27)."""
    n = x["ni"]
    d = (x["m1i"] - x["m2i"]) / np.sqrt((x["sd1i"] ** 2 + x["sd2i"] ** 2) / 2)
    factor = hedges_factor(n - 1)
    return factor * d, factor**2 * (1 / n + d**2 / (2 * n)) * 2 * (1 - x["corr"])


def _pairs(x: Columns) -> tuple[FloatArray, ...]:
    """Cells of a table of pairs, with 0.5 added where a margin would give no effect."""
    cells = [x[name] for name in PAIRS]
    a, b, c, d = cells
    empty = (a + b == 0) | (a + c == 0) | (c + d == 0) | (b + d == 0) | (b + c == 0)
    return tuple(cell + 0.5 * empty for cell in cells)


def _paired_odds(x: Columns) -> Estimate:
    from review.stats.effects.change_measures import marginal_odds_ratio

    return marginal_odds_ratio(*_pairs(x))


def _paired_risks(x: Columns) -> Estimate:
    from review.stats.effects.change_measures import marginal_risk_ratio

    return marginal_risk_ratio(*_pairs(x))


def _paired_risk_difference(x: Columns) -> Estimate:
    from review.stats.effects.change_measures import marginal_risk_difference

    return marginal_risk_difference(*(x[name] for name in PAIRS))


PAIRS: Final = ("both", "only1", "only2", "neither")
_MEANS: Final = ("m1i", "sd1i", "m2i", "sd2i", "corr", "ni")
_CROSSOVER: Final = Step("crossover or matched pairs", f"{HANDBOOK}, 23.2.7", True)
_BINARY: Final = Step(
    "crossover or matched pairs, marginal effect",
    "Elbourne et al. (2002), Int J Epidemiol 31, 140; Zou (2007), Stat Methods Med Res 16, 77",
)
# measure -> columns of a paired design, its step, and the way to effect and variance
PAIRED: Final[dict[str, tuple[tuple[str, ...], Step, Callable[[Columns], Estimate]]]] = {
    "MD": (_MEANS, _CROSSOVER, _paired_difference),
    "SMD": (_MEANS, _CROSSOVER, _paired_standardised),
    "OR": (PAIRS, _BINARY, _paired_odds),
    "RR": (PAIRS, _BINARY, _paired_risks),
    "RD": (PAIRS, _BINARY, _paired_risk_difference),
}
