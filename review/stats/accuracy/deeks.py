"""Deeks' test of funnel-plot asymmetry for studies of diagnostic accuracy.

Deeks, Macaskill & Irwig 2005 (J Clin Epidemiol 58:882): the log diagnostic odds ratio is regressed
on 1 / sqrt(ESS), weighted by ESS = 4 n_pos n_neg / (n_pos + n_neg), the effective sample size.
Tests that regress on the standard error reject too often here, because that depends on the odds
ratio. The authors read p < 0.10 as asymmetry; the test has little power when the odds ratios differ
much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import StatsError
from review.stats.accuracy.accuracy_data import accuracy_of
from review.stats.accuracy.moses_littenberg import line_fit
from review.stats.ground.inference import check_level, critical_value, two_sided
from review.stats.ground.result_kit import Record

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

FEW = 10


@dataclass(frozen=True, eq=False)
class DeeksTest(Record):
    """Regression of the log odds ratio on 1 / sqrt(ESS).

    Attributes:
        beta: intercept and slope, (2,); the slope is the asymmetry. se, stat, pval, ci_lb, ci_ub:
            the same way, by Student's t.
        ddf: degrees of freedom, k - 2. k: number of studies.
        ess: effective sample sizes, (k,). log_dor: log odds ratios, (k,). labels: names.
        level: of the intervals, per cent.
        notes: remarks.
    """

    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    ddf: int
    k: int
    ess: FloatArray
    log_dor: FloatArray
    labels: tuple[str, ...]
    level: float
    notes: tuple[str, ...] = ()

    @property
    def slope_pval(self) -> float:
        """The p-value of the test."""
        return float(self.pval[1])

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {n: getattr(self, n) for n in ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")}

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "coefficient", ("intercept", "1/sqrt(ESS)")

    @property
    def title(self) -> str:
        """First line of the summary."""
        from review.words import p_value

        return (
            f"Deeks' test of funnel plot asymmetry, {self.k} studies: t({self.ddf}) = "
            f"{self.stat[1]:.4f}, {p_value(self.slope_pval)}"
        )


def deeks_test(
    tp: Any = None, fn: Any = None, fp: Any = None, tn: Any = None, *, level: float = 95,
    **options: Any,
) -> DeeksTest:  # fmt: skip
    """Test whether small studies report other diagnostic odds ratios than large ones.

    Args:
        tp: true positives per study, (k,); a model of `diagnostic_meta` or its data serves too.
        fn: false negatives, (k,).
        fp: false positives, (k,).
        tn: true negatives, (k,).
        level: of the intervals, per cent.
        options: of `diagnostic_meta`: data, slab, add (0.5), to ("if0all"), ...

    Raises:
        StatsError: fewer than 3 studies with counts of both groups, or all of one size.

    Example:
        >>> tp, fn, fp, tn = [20, 30, 15, 40], [5, 3, 6, 2], [4, 9, 2, 12], [30, 40, 28, 50]
        >>> round(deeks_test(tp, fn, fp, tn).slope_pval, 3)
        0.101
    """
    level = 100 * check_level(level)
    rows = accuracy_of(tp, fn, fp, tn, options)
    both = (rows.counted & rows.on).all(0)
    k = int(both.sum())
    if k < 3:
        raise StatsError(f"Deeks' test needs 3 studies with counts of both groups, not {k}")
    n_pos, n_neg = (rows.tp + rows.fn)[both], (rows.fp + rows.tn)[both]
    ess = 4 * n_pos * n_neg / (n_pos + n_neg)
    log_dor = (rows.y[0] - rows.y[1])[both]
    beta, se = line_fit(1 / np.sqrt(ess), log_dor, ess)
    stat = beta / se
    half = critical_value(level, k - 2) * se
    notes = list(rows.remarks)
    if k < FEW:
        notes.append(f"{k} studies: tests of asymmetry say next to nothing below {FEW}")
    return DeeksTest(
        beta, se, stat, two_sided(stat, k - 2), beta - half, beta + half, k - 2, k, ess, log_dor,
        tuple(np.array(rows.slab, object)[both]), level, tuple(notes),
    )  # fmt: skip
