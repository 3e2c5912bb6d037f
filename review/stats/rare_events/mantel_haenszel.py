"""Mantel-Haenszel method for 2x2 tables and person-time data.

Sources: Mantel and Haenszel (1959), J Natl Cancer Inst 22, 719 (estimate and test); Robins,
Breslow and Greenland (1986), Biometrics 42, 311 (variance of the log odds ratio); Greenland and
Robins (1985), Biometrics 41, 55 (risk ratio, rates); Sato, Greenland and Robins (1989),
Biometrics 45, 1323 (risk difference); Breslow and Day (1980), Statistical Methods in Cancer
Research I, 4.4, and Tarone (1985), Biometrika 72, 91 (homogeneity of odds ratios); Rothman,
Greenland and Lash (2008), Modern Epidemiology, ch. 15 (person-time).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import StatsError, UnknownNameError
from review.stats.effects.argument_columns import number
from review.stats.effects.measure import POLICIES, Columns, Options
from review.stats.effects.two_by_two import peto_parts
from review.stats.ground.guard import guarded
from review.stats.rare_events.pooled_tables import (
    PooledTables,
    chi_square_p,
    read_tables,
    two_values,
)
from review.words import statistic_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.effects.measure import FloatArray

MEASURES: Final = ("OR", "RR", "RD", "IRR", "IRD")


@dataclass(frozen=True, eq=False, kw_only=True)
class MantelHaenszelResult(PooledTables):
    """Result of `mantel_haenszel`; further attributes than `PooledTables`.

    Attributes:
        MH: chi-square of the (Cochran-)Mantel-Haenszel test, 1 df, p-value `MHp`; for OR and IRR.
        BD: chi-square of the Breslow-Day test of homogeneity, p-value `BDp`; for OR.
        TA: the same with Tarone's correction, p-value `TAp`.
        k_pos: tables in these two tests (both outcomes occur), with k_pos - 1 df.
    """

    MH: float | None = None
    MHp: float | None = None
    BD: float | None = None
    BDp: float | None = None
    TA: float | None = None
    TAp: float | None = None
    k_pos: int | None = None

    def _tests(self) -> list[str]:
        lines = []
        if self.MH is not None and self.MHp is not None:
            name = "Cochran-Mantel-Haenszel" if self.measure == "OR" else "Mantel-Haenszel"
            lines.append(f"{name} test: {statistic_text('chi2(1)', self.MH, self.MHp)}")
        if self.TA is not None and self.TAp is not None and self.k_pos is not None:
            shown = statistic_text(f"chi2({self.k_pos - 1})", self.TA, self.TAp)
            lines.append(f"Tarone's homogeneity test: {shown}")
        return lines


@guarded
def mantel_haenszel(
    measure: str,
    *,
    data: Any = None,
    slab: Any = None,
    add: float | Sequence[float] = (0.5, 0.0),
    to: str | Sequence[str] = ("only0", "none"),
    drop00: bool | Sequence[bool] = (True, False),
    correct: bool = True,
    level: float = 95,
    **columns: Any,
) -> MantelHaenszelResult:
    """Pool 2x2 tables or rates by the Mantel-Haenszel method.

    Args:
        measure: OR, RR, RD (columns ai, bi, ci, di or ai, n1i, ci, n2i), IRR or IRD (x1i, t1i,
            x2i, t2i).
        data: data frame or mapping that holds the columns.
        slab: study labels, or the name of their column.
        add: constant for zero cells: for the tables' own effects, and for the pooling. One value
            is for the own effects. The own effects enter Q and the likelihood only.
        to: which tables get it (only0, all, if0all, none), likewise.
        drop00: leave out tables without events, or with events only, likewise.
        correct: continuity correction of the Mantel-Haenszel test.
        level: of the interval, per cent.
        **columns: the counts.

    Returns:
        The pooled effect with its tests. A k of 1 gives that table's own estimate, with Q = 0.

    Raises:
        UnknownNameError: unknown measure or policy.
        InputError: columns are missing or differ in length.
        StatsError: impossible counts, or no estimate exists (for OR, RR and IRR: no events in a
            whole group, or nothing but events); the message says what to do instead.

    Example:
        >>> import review
        >>> fit = review.mantel_haenszel("OR", ai=[4, 6], bi=[119, 300], ci=[11, 29], di=[128, 274])
        >>> round(float(fit.beta[0]), 4), round(float(fit.se[0]), 4)
        (-1.4215, 0.3595)
    """
    if not isinstance(measure, str) or measure not in MEASURES:
        raise UnknownNameError("measure", str(measure), MEASURES, where="for Mantel-Haenszel")
    adds, tos = two_values("add", add, 0.0), two_values("to", to, "none")
    drops = two_values("drop00", drop00, second=False)
    for policy in tos:
        if not isinstance(policy, str) or policy not in POLICIES:
            raise UnknownNameError("zero-cell policy", str(policy), POLICIES, where="for to")
    tables = read_tables(
        measure,
        columns,
        data,
        slab,
        single={"add": adds[0], "to": tos[0], "drop00": drops[0]},
        pooling=Options(number("add", adds[1]), tos[1], bool(drops[1])),
    )
    beta, variance, share = _ESTIMATORS[measure](tables.cells)
    if not (np.isfinite(beta) and variance > 0):
        raise StatsError(_undefined(measure))
    return MantelHaenszelResult(
        method="MH",
        settings={"add": adds, "to": tos, "drop00": drops, "correct": bool(correct)},
        **tables.fields(beta, variance, share, level, None),
        **_tests(measure, tables.cells, beta, correct=correct),
    )


def _undefined(measure: str) -> str:
    if measure in {"RD", "IRD"}:
        return f"the Mantel-Haenszel {measure} has no variance: no table has both events and others"
    other = "IRD" if measure == "IRR" else "RD"
    return (
        f"the Mantel-Haenszel {measure} is not defined: one group has no events in any table (or "
        f"nothing but events); use measure='{other}', or add=(0.5, 0.5), to=('only0', 'only0')"
    )


Estimated = tuple[float, float, "FloatArray"]


def _odds_ratio(x: Columns) -> Estimated:
    """Log odds ratio, its variance (Robins, Breslow and Greenland 1986) and the weights."""
    a, b, c, d, n = x["a"], x["b"], x["c"], x["d"], x["n1"] + x["n2"]
    r, s = a * d / n, b * c / n
    p, q = (a + d) / n, (b + c) / n
    big_r, big_s = r.sum(), s.sum()
    if big_r == 0 or big_s == 0:
        return np.nan, np.nan, s
    v = (p @ r) / big_r**2 + (p @ s + q @ r) / (big_r * big_s) + (q @ s) / big_s**2
    return float(np.log(big_r / big_s)), float(v / 2), s


def _risk_ratio(x: Columns) -> Estimated:
    """Log risk ratio, its variance (Greenland and Robins 1985) and the weights."""
    a, c, n1, n2 = x["a"], x["c"], x["n1"], x["n2"]
    n = n1 + n2
    r, s = a * n2 / n, c * n1 / n
    if r.sum() == 0 or s.sum() == 0:
        return np.nan, np.nan, s
    v = np.sum((n1 / n) * (n2 / n) * (a + c) - a * c / n) / (r.sum() * s.sum())
    return float(np.log(r.sum() / s.sum())), float(v), s


def _risk_difference(x: Columns) -> Estimated:
    """Risk difference, its variance (Sato, Greenland and Robins 1989) and the weights."""
    a, c, n1, n2 = x["a"], x["c"], x["n1"], x["n2"]
    n = n1 + n2
    w = n1 * (n2 / n)
    beta = np.sum(a * (n2 / n) - c * (n1 / n)) / w.sum()
    p = (n1 / n) ** 2 * c - (n2 / n) ** 2 * a + (n1 / n) * (n2 / n) * (n2 - n1) / 2
    q = (a * (n2 - c) + c * (n1 - a)) / (2 * n)
    return float(beta), float((beta * p.sum() + q.sum()) / w.sum() ** 2), w


def _rate_ratio(x: Columns) -> Estimated:
    """Log rate ratio, its variance (Greenland and Robins 1985) and the weights."""
    x1, x2, t1, t2 = x["x1"], x["x2"], x["t1"], x["t2"]
    t = t1 + t2
    r, s = x1 * (t2 / t), x2 * (t1 / t)
    if r.sum() == 0 or s.sum() == 0:
        return np.nan, np.nan, s
    v = np.sum((t1 / t) * (t2 / t) * (x1 + x2)) / (r.sum() * s.sum())
    return float(np.log(r.sum() / s.sum())), float(v), s


def _rate_difference(x: Columns) -> Estimated:
    """Rate difference, its variance (Greenland and Robins 1985) and the weights."""
    x1, x2, t1, t2 = x["x1"], x["x2"], x["t1"], x["t2"]
    t = t1 + t2
    w = t1 * (t2 / t)
    beta = np.sum(x1 * (t2 / t) - x2 * (t1 / t)) / w.sum()
    v = np.sum(x1 * (t2 / t) ** 2 + x2 * (t1 / t) ** 2) / w.sum() ** 2
    return float(beta), float(v), w


_ESTIMATORS: Final = {
    "OR": _odds_ratio,
    "RR": _risk_ratio,
    "RD": _risk_difference,
    "IRR": _rate_ratio,
    "IRD": _rate_difference,
}


def _tests(measure: str, x: Columns, beta: float, *, correct: bool) -> dict[str, Any]:
    """Test of no association (OR, IRR) and of homogeneity (OR)."""
    if measure == "OR":
        mh, p = _association(*peto_parts(x), correct=correct)
        return {"MH": mh, "MHp": p, **_homogeneity(x, float(np.exp(beta)))}
    if measure == "IRR":
        t, events = x["t1"] + x["t2"], x["x1"] + x["x2"]
        share = x["t1"] / t
        difference, variance = x["x1"] - events * share, events * share * (1 - share)
        mh, p = _association(difference, variance, correct=correct)
        return {"MH": mh, "MHp": p}
    return {}


def _association(
    difference: FloatArray, variance: FloatArray, *, correct: bool
) -> tuple[float, float]:
    """(|sum(O - E)| - 1/2)**2 / sum(V), without the half when `correct` is False."""
    informative = variance > 0
    total = abs(float(difference[informative].sum())) - (0.5 if correct else 0.0)
    chi2 = total**2 / float(variance[informative].sum())
    return chi2, chi_square_p(chi2, 1)


def _homogeneity(x: Columns, odds_ratio: float) -> dict[str, Any]:
    """Breslow-Day statistic and Tarone's correction at the common odds ratio."""
    n1, n2, events = x["n1"], x["n2"], x["a"] + x["c"]
    used = (events > 0) & (x["b"] + x["d"] > 0)
    a, n1, n2, events = x["a"][used], n1[used], n2[used], events[used]
    fitted = _fitted_events(n1, n2, events, odds_ratio)
    cells = (fitted, events - fitted, n1 - fitted, n2 - events + fitted)
    variance = 1 / np.sum([1 / cell for cell in cells], axis=0)
    bd = float(np.sum((a - fitted) ** 2 / variance))
    ta = bd - float(np.sum(a - fitted)) ** 2 / float(variance.sum())
    df = int(used.sum()) - 1
    return {
        "BD": bd,
        "BDp": chi_square_p(bd, df) if df > 0 else None,
        "TA": max(ta, 0.0),
        "TAp": chi_square_p(max(ta, 0.0), df) if df > 0 else None,
        "k_pos": df + 1,
    }


def _fitted_events(
    n1: FloatArray, n2: FloatArray, events: FloatArray, odds_ratio: float
) -> FloatArray:
    """Events of group 1 that give each table the odds ratio, its margins kept.

    The root of (1 - w) A^2 + (n2 - m + w (n1 + m)) A - w n1 m = 0 that lies inside the table,
    in the form without cancellation.
    """
    linear = n2 - events + odds_ratio * (n1 + events)
    root = np.sqrt(linear**2 + 4 * (1 - odds_ratio) * odds_ratio * n1 * events)
    if odds_ratio == 1:
        return n1 * events / (n1 + n2)
    return np.where(
        linear >= 0,
        2 * odds_ratio * n1 * events / (linear + root),
        (root - linear) / (2 * (1 - odds_ratio)),
    )
