"""Peto's one-step method for pooling odds ratios of rare events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from review.errors import StatsError
from review.stats.effects.measure import Options
from review.stats.effects.two_by_two import peto_parts
from review.stats.ground.guard import guarded
from review.stats.rare_events.pooled_tables import PooledTables, read_tables


@dataclass(frozen=True, eq=False, kw_only=True)
class PetoResult(PooledTables):
    """Result of `peto`; `k_pos` is the number of tables in which both outcomes occur."""

    k_pos: int = 0


@guarded
def peto(
    *,
    data: Any = None,
    slab: Any = None,
    add: float = 0.5,
    to: str = "only0",
    drop00: bool = True,
    level: float = 95,
    **columns: Any,
) -> PetoResult:
    """Pool odds ratios by Peto's method: sum(O - E) / sum(V), variance 1 / sum(V).

    Tables without events, or with events only, carry no information (V = 0). The pooled effect
    and Q need no constant for zero cells; `add`, `to` and `drop00` shape the tables' own
    effects, on which the likelihood and the degrees of freedom of Q rest.

    Args:
        data: data frame or mapping that holds the columns.
        slab: study labels, or the name of their column.
        add: constant for zero cells of the tables' own effects.
        to: which tables get it: only0, all, if0all, none.
        drop00: no own effect for tables without events, or with events only.
        level: of the interval, per cent.
        **columns: ai, bi, ci, di or ai, n1i, ci, n2i.

    Returns:
        The pooled log odds ratio with its tests.

    Raises:
        InputError: columns are missing or differ in length.
        StatsError: impossible counts, or one of the two outcomes occurs in no table.

    Source: Yusuf, Peto, Lewis, Collins and Sleight (1985), Prog Cardiovasc Dis 27, 335.

    Example:
        >>> import review
        >>> fit = review.peto(ai=[4, 6], n1i=[123, 306], ci=[11, 29], n2i=[139, 303])
        >>> round(float(fit.beta[0]), 4), round(float(fit.se[0]), 4)
        (-1.2401, 0.2912)
    """
    tables = read_tables(
        "PETO",
        columns,
        data,
        slab,
        single={"add": add, "to": to, "drop00": drop00},
        pooling=Options(add=0.0, to="none"),
    )
    with np.errstate(all="ignore"):
        difference, variance = peto_parts(tables.cells)
    informative = variance > 0  # False also for a table of one person, where V is 0 / 0
    if not np.any(informative):
        raise StatsError(
            "Peto's method cannot be used: in no table do both outcomes occur; "
            "use mantel_haenszel('RD', ...)"
        )
    difference = np.where(informative, difference, 0.0)
    variance = np.where(informative, variance, 0.0)
    total = float(variance.sum())
    beta = float(difference.sum()) / total
    residual = (difference - beta * variance)[informative]
    q = float(np.sum(residual**2 / variance[informative]))
    return PetoResult(
        method="PETO",
        settings={"add": float(add), "to": to, "drop00": bool(drop00)},
        k_pos=int(informative.sum()),
        **tables.fields(beta, 1 / total, variance, level, q),
    )
