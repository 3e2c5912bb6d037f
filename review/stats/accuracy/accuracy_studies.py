"""Each study of a test by itself: shares, likelihood ratios, odds ratio, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.accuracy.accuracy_data import CELLS, AccuracyData, accuracy_of
from review.stats.ground.inference import check_level, chi2_tail, critical_value
from review.stats.ground.result_kit import Record
from review.stats.pooling.meta_rows import choose
from review.words import level_name

if TYPE_CHECKING:
    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.least_squares import FloatArray

INTERVALS: Final = ("wilson", "clopper-pearson", "agresti-coull", "jeffreys", "wald")
CORRECT: Final = ("ratios", "all")


@dataclass(frozen=True, eq=False)
class AccuracyStudies(Record):
    """Studies of a test, k rows.

    Attributes:
        labels: names.
        tp, fn, fp, tn: counts as given, (k,).
        sens, spec, lr_pos, lr_neg, dor: estimates with confidence limits, (k, 3); NaN where a
            study lacks what they need.
        sens_chi2, spec_chi2: Pearson's test that all studies have the same share: statistic,
            degrees of freedom, p-value; None where all counts are 0.
        cor_sens_fpr: Pearson correlation of the shares, or None.
        interval: of the shares. level: of all intervals, per cent.
        left_out, notes: of the rows.
    """

    labels: tuple[str, ...]
    tp: FloatArray
    fn: FloatArray
    fp: FloatArray
    tn: FloatArray
    sens: FloatArray
    spec: FloatArray
    lr_pos: FloatArray
    lr_neg: FloatArray
    dor: FloatArray
    sens_chi2: tuple[float, int, float] | None
    spec_chi2: tuple[float, int, float] | None
    cor_sens_fpr: float | None
    interval: str
    level: float
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        out: dict[str, Any] = {c: getattr(self, c) for c in CELLS}
        for name in ("sens", "spec", "lr_pos", "lr_neg", "dor"):
            v = getattr(self, name)
            out |= {name: v[:, 0], f"{name}_ci_lb": v[:, 1], f"{name}_ci_ub": v[:, 2]}
        return out

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "study", self.labels

    @property
    def title(self) -> str:
        """First line of the summary."""
        kind = f"{self.interval} {level_name(self.level)} intervals"
        return f"Accuracy of {len(self.labels)} studies, {kind}"

    def footer(self) -> list[str]:
        """Lines below the table of the summary."""
        from review.words import p_value

        lines = [
            f"equal {name}: chi2({found[1]}) = {found[0]:.4f}, {p_value(found[2])}"
            for name, found in (
                ("sensitivities", self.sens_chi2),
                ("specificities", self.spec_chi2),
            )
            if found is not None
        ]
        if self.cor_sens_fpr is not None:
            lines.append(
                f"correlation of sensitivity and false-positive rate: {self.cor_sens_fpr:.4f}"
            )
        return [*lines, *self.notes]


def accuracy_descriptives(
    tp: Any = None, fn: Any = None, fp: Any = None, tn: Any = None, *, interval: str = "wilson",
    correct: str = "ratios", level: float = 95, **options: Any,
) -> AccuracyStudies:  # fmt: skip
    """Return what each study reports, with intervals.

    Args:
        tp: true positives per study, (k,); a model of `diagnostic_meta` or its data serves too.
        fn: false negatives, (k,).
        fp: false positives, (k,).
        tn: true negatives, (k,).
        interval: of shares: "wilson" (1927), "clopper-pearson" (1934, exact), "agresti-coull"
            (1998), "jeffreys" (Brown, Cai & DasGupta 2001) or "wald".
        correct: who gets the continuity correction: "ratios" (likelihood ratios and odds ratio) or
            "all" (shares too, as the R package mada does).
        level: of the intervals, per cent.
        options: of `diagnostic_meta`: data, slab, add (0.5), to ("if0all"), ...

    Intervals of ratios are of Wald's kind on the log scale (Deeks & Altman 2001).

    Raises:
        InputError, StatsError: see `diagnostic_meta`.

    Example:
        >>> found = accuracy_descriptives([20, 30], [5, 3], [4, 9], [30, 40])
        >>> found.sens[0].round(3).tolist()
        [0.8, 0.609, 0.911]
    """
    level = 100 * check_level(level)
    interval = choose("interval", interval, INTERVALS)
    correct = choose("correct", correct, CORRECT)
    rows = accuracy_of(tp, fn, fp, tn, options)
    return studies_of(rows, interval=interval, correct=correct, level=level)


def studies_of(
    rows: AccuracyData, *, interval: str = "wilson", correct: str = "ratios", level: float = 95
) -> AccuracyStudies:
    """Return the descriptives of rows that are read; see `accuracy_descriptives`."""
    raw = [getattr(rows, c) for c in CELLS]
    add = rows.add * rows.corrected
    tp, fn, fp, tn = (x + add[j // 2] for j, x in enumerate(raw))
    shares = (tp, fn, fp, tn) if correct == "all" else tuple(raw)
    sens = share_interval(shares[0], shares[0] + shares[1], interval, level)
    spec = share_interval(shares[3], shares[2] + shares[3], interval, level)
    z = float(critical_value(level, None))
    for j, table in enumerate((sens, spec)):
        _without_counts(table, rows, j, z)
    n1, n2 = tp + fn, fp + tn
    with np.errstate(divide="ignore", invalid="ignore"):
        lr_pos = _ratio((tp / n1) / (fp / n2), 1 / tp - 1 / n1 + 1 / fp - 1 / n2, z)
        lr_neg = _ratio((fn / n1) / (tn / n2), 1 / fn - 1 / n1 + 1 / tn - 1 / n2, z)
        dor = _ratio(np.exp(rows.y[0] - rows.y[1]), rows.v.sum(0), z)
    both = ~np.isnan(sens[:, 0]) & ~np.isnan(spec[:, 0])
    return AccuracyStudies(
        rows.slab, rows.tp, rows.fn, rows.fp, rows.tn, sens, spec, lr_pos, lr_neg, dor,
        equal_shares(shares[0], shares[1]), equal_shares(shares[3], shares[2]),
        _correlation(sens[both, 0], 1 - spec[both, 0]), interval, level, rows.left_out,
        rows.remarks,
    )  # fmt: skip


def _without_counts(table: FloatArray, rows: AccuracyData, j: int, z: float) -> None:
    """Fill in shares that are known from logits alone (given with an interval)."""
    from review.stats.accuracy.summary_point import expit

    only = rows.on[j] & np.isnan(table[:, 0])
    half = z * np.sqrt(rows.v[j, only])
    y = rows.y[j, only] * (-1 if j else 1)  # outcome 2 is the false-positive rate
    table[only] = expit(np.stack([y, y - half, y + half], -1))


def _ratio(estimate: FloatArray, variance: FloatArray, z: float) -> FloatArray:
    """A ratio with limits from the variance of its logarithm; none where a cell is 0."""
    usable = np.isfinite(variance) & (estimate > 0)
    half = np.exp(z * np.sqrt(np.where(usable, variance, np.nan)))
    return np.stack([np.where(usable, estimate, np.nan), estimate / half, estimate * half], -1)


def share_interval(x: FloatArray, n: FloatArray, interval: str, level: float) -> FloatArray:
    """A share x / n with confidence limits, (k, 3); x and n need not be whole numbers."""
    from scipy.special import betaincinv

    z, tail = float(critical_value(level, None)), 0.5 - check_level(level) / 2
    p = x / n
    if interval == "wilson":
        centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        # at 0 and n the limit is exact; rounding must not leave the range
        return np.stack([p, np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)], -1)
    if interval == "agresti-coull":
        n2 = n + z * z
        p2 = (x + z * z / 2) / n2
        half = z * np.sqrt(p2 * (1 - p2) / n2)
        return np.stack([p, np.maximum(p2 - half, 0.0), np.minimum(p2 + half, 1.0)], -1)
    if interval == "wald":
        half = z * np.sqrt(p * (1 - p) / n)
        return np.stack([p, np.maximum(p - half, 0.0), np.minimum(p + half, 1.0)], -1)
    a = 0.5 if interval == "jeffreys" else 0.0
    b = 0.5 if interval == "jeffreys" else 1.0
    with np.errstate(invalid="ignore"):
        low = np.where(x > 0, betaincinv(np.where(x > 0, x + a, 1.0), n - x + b, tail), 0.0)
        high = np.where(x < n, betaincinv(x + b, np.where(x < n, n - x + a, 1.0), 1 - tail), 1.0)
    return np.stack(
        [p, np.where(np.isnan(p), np.nan, low), np.where(np.isnan(p), np.nan, high)], -1
    )


def equal_shares(yes: FloatArray, no: FloatArray) -> tuple[float, int, float] | None:
    """Pearson's chi-squared test of a k x 2 table: statistic, degrees of freedom, p-value."""
    there = ~np.isnan(yes + no)
    table = np.stack([yes[there], no[there]])
    total = table.sum()
    if table.shape[1] < 2 or (table.sum(1) == 0).any():
        return None
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / total
    statistic = float(((table - expected) ** 2 / expected).sum())
    df = table.shape[1] - 1
    return statistic, df, float(chi2_tail(statistic, df))


def _correlation(a: FloatArray, b: FloatArray) -> float | None:
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])
