"""What the Mantel-Haenszel and the Peto method have in common: fit, heterogeneity, result."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, StatsError
from review.stats.effects.computed_effects import effect_size
from review.stats.effects.measure_registry import find_measure
from review.stats.effects.row_account import Audit, LeftOut
from review.stats.effects.transforms import back_transform
from review.stats.effects.ways import read_columns
from review.stats.ground.conventions import LATEST, named
from review.stats.ground.inference import level_percent, normal_quantile
from review.words import confidence, listed, number, percent, statistic_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from review.stats.effects.effect_sizes import EffectSizes
    from review.stats.effects.measure import BoolArray, Columns, FloatArray, Options


@dataclass(frozen=True, eq=False, kw_only=True)
class PooledTables:
    """A common effect pooled directly from tables, without a between-study variance.

    Attributes:
        measure: code of the measure; method: "MH" or "PETO"; test: "z".
        beta: pooled effect on the scale of the analysis, shape (1,); so `se`, `stat`, `pval`,
            `ci_lb` and `ci_ub`.
        QE: Cochran's Q of the tables around the pooled effect, with `QE_df` degrees of freedom
            and p-value `QEp`.
        I2: per cent of the variation beyond chance; H2: Q over its degrees of freedom.
        k: tables pooled; k_yi: tables with an effect of their own (they make up Q and the
            likelihood).
        loglik: log-likelihood of the tables' own effects at the pooled one; AIC, AICc, BIC.
        weights: per cent, one per row of the input (0 for a row left out).
        yi: the tables' own effects, one per row (NaN without one); vi: their variances.
        left_out: rows not pooled, with the reason.
        settings: how the tables were treated.
    """

    measure: str
    label: str
    method: str
    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    QE: float
    QEp: float
    QE_df: int
    I2: float
    H2: float
    k: int
    k_yi: int
    loglik: float
    AIC: float
    AICc: float
    BIC: float
    level: float
    weights: FloatArray
    yi: FloatArray
    vi: FloatArray
    slab: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    transf: str = "identity"
    test: str = "z"
    tau2: float = 0.0
    p: int = 1

    def back(self, transf: str | Callable[[FloatArray], Any] | None = None) -> dict[str, float]:
        """Return estimate, ci_lb and ci_ub on the scale of the outcome.

        Args:
            transf: another transformation than the measure's own.
        """
        how = transf or self.transf
        ends = {"estimate": self.beta, "ci_lb": self.ci_lb, "ci_ub": self.ci_ub}
        return {name: float(back_transform(x, transf=how)[0]) for name, x in ends.items()}

    def to_frame(self) -> pd.DataFrame:
        """Return the pooled effect as one row: beta, se, stat, pval, ci_lb, ci_ub."""
        import pandas as pd

        names = ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")
        return pd.DataFrame({name: getattr(self, name) for name in names}, index=["overall"])

    def studies(self) -> pd.DataFrame:
        """Return one row per table: slab, yi, vi, weight, left_out."""
        import pandas as pd

        reason = {row.row - 1: row.reason for row in self.left_out}
        return pd.DataFrame(
            {
                "slab": list(self.slab),
                "yi": self.yi,
                "vi": self.vi,
                "weight": self.weights,
                "left_out": [reason.get(i, "") for i in range(len(self.slab))],
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain numbers and lists (None for a missing number)."""
        out = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        return out | {"conventions": named(LATEST)}

    def summary(self, transf: str | Callable[[FloatArray], Any] | None = None) -> str:
        """Return a printable account of the fit.

        Args:
            transf: transformation for the second line; default the measure's own.
        """
        lines = [
            f"{self.label} ({self.measure}), method {self.method}, k = {self.k}",
            (
                f"estimate {number(self.beta[0])}, se {number(self.se[0])}, "
                f"{statistic_text('z', self.stat[0], self.pval[0])}, "
                f"{confidence(self.ci_lb[0], self.ci_ub[0], self.level)}"
            ),
        ]
        how = transf or self.transf
        if how != "identity":
            b = self.back(how)
            name = how if isinstance(how, str) else "transformed"
            limits = confidence(b["ci_lb"], b["ci_ub"], self.level)
            lines.append(f"{name}: {number(b['estimate'])}, {limits}")
        lines.append(
            f"heterogeneity: {statistic_text(f'Q({self.QE_df})', self.QE, self.QEp)}, "
            f"I2 = {percent(self.I2)}, H2 = {number(self.H2)}"
        )
        lines += self._tests()
        lines += [f"left out: {row}" for row in self.left_out]
        lines += [f"note: {text}" for text in self.notes]
        return "\n".join([*lines, f"Conventions: {named(LATEST)}"])

    def _tests(self) -> list[str]:
        """Further lines of the summary."""
        return []


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [_plain(v) for v in value.tolist()]
    if isinstance(value, LeftOut):
        return {"row": value.row, "slab": value.slab, "reason": value.reason}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


@dataclass(frozen=True)
class Tables:
    """Tables ready for pooling.

    Attributes:
        own: the tables' own effects.
        cells: counts of the complete tables.
        used: which rows these are.
        left_out: the other rows, with the reason.
    """

    own: EffectSizes
    cells: Columns
    used: BoolArray
    left_out: tuple[LeftOut, ...]

    def fields(
        self, beta: float, variance: float, share: FloatArray, level: float, q: float | None
    ) -> dict[str, Any]:
        """Fields of the result that follow from the pooled effect and the tables' shares."""
        weights = np.zeros(len(self.used))
        weights[self.used] = 100 * share / share.sum()
        yi, vi = self.own.yi, self.own.vi
        return {
            **wald(beta, float(np.sqrt(variance)), level),
            **fit_measures(beta, yi, vi, q),
            "measure": self.own.measure,
            "label": self.own.label,
            "k": int(self.used.sum()),
            "level": level_percent(level),
            "weights": weights,
            "yi": yi,
            "vi": vi,
            "slab": self.own.labels,
            "left_out": self.left_out,
            "notes": (*self.own.notes, *self._without_effect()),
            "transf": self.own.transf,
        }

    def _without_effect(self) -> list[str]:
        """Name the tables that are pooled though they have no effect of their own."""
        rows = np.flatnonzero(self.used & ~np.isfinite(self.own.yi))
        if not len(rows):
            return []
        names = listed((self.own.labels[i] for i in rows), most=5)
        return [f"{names}: no effect of their own, so that Q and the likelihood leave them out"]


def read_tables(
    measure: str,
    given: Mapping[str, Any],
    data: Any,
    slab: Any,
    *,
    single: Mapping[str, Any],
    pooling: Options,
) -> Tables:
    """Read the tables once for their own effects and once for pooling.

    Args:
        measure: code of the measure.
        given: the columns of the call.
        data: where column names are looked up.
        slab: labels.
        single: zero-cell options of the own effects.
        pooling: zero-cell options of the pooling.

    Raises:
        InputError: columns are missing or differ in length.
        StatsError: impossible counts, or no complete table.
    """
    own = effect_size(measure, data=data, slab=slab, **single, **given)
    spec = find_measure(measure)
    columns, k = read_columns(spec, given, data)
    audit = Audit(k, own.slab)
    with np.errstate(all="ignore"):
        x, _ = spec.family.prepare(columns, pooling, audit)
    used = np.all([np.isfinite(cell) for cell in x.values()], axis=0)
    audit.leave_out(~used, "the table is incomplete")
    if not np.any(used):
        raise StatsError("no complete table is left to pool")
    cells = {name: cell[used] for name, cell in x.items()}
    return Tables(own, cells, used, audit.result())


def chi_square_p(statistic: float, df: int) -> float:
    """Upper tail of the chi-square distribution; 1 for df = 0."""
    from scipy.special import chdtrc

    return float(chdtrc(df, statistic)) if df > 0 else 1.0


def wald(beta: float, se: float, level: float) -> dict[str, Any]:
    """Z test and interval of one coefficient, as arrays of shape (1,)."""
    from scipy.special import ndtr

    half = normal_quantile(level) * se
    z = beta / se
    values = {
        "beta": beta,
        "se": se,
        "stat": z,
        "pval": 2 * float(ndtr(-abs(z))),
        "ci_lb": beta - half,
        "ci_ub": beta + half,
    }
    return {name: np.array([value], dtype=float) for name, value in values.items()}


def fit_measures(beta: float, yi: FloatArray, vi: FloatArray, q: float | None) -> dict[str, Any]:
    """Heterogeneity and likelihood of the tables' own effects around `beta`.

    Args:
        beta: pooled effect.
        yi: effects, NaN where a table has none.
        vi: variances.
        q: Cochran's Q when the method has its own.
    """
    used = np.isfinite(yi) & (vi > 0)
    y, v = yi[used], vi[used]
    k = len(y)
    rss = float(np.sum((y - beta) ** 2 / v)) if k > 1 or q is not None else 0.0
    q = rss if q is None else q
    q = q if k > 1 else 0.0  # what is left of a single effect is rounding
    df = max(k - 1, 0)
    h2 = q / df if df else 1.0
    loglik = float(-0.5 * (k * np.log(2 * np.pi) + np.sum(np.log(v)) + rss)) if k else np.nan
    n = max(k, 3)
    return {
        "QE": q,
        "QEp": chi_square_p(q, df),
        "QE_df": df,
        "I2": 100 * max(0.0, (q - df) / q) if q > 0 else 0.0,
        "H2": h2,
        "k_yi": k,
        "loglik": loglik,
        "AIC": -2 * loglik + 2,
        "AICc": -2 * loglik + 2 * n / (n - 2),
        "BIC": -2 * loglik + np.log(k) if k else np.nan,
    }


def two_values(name: str, given: Any, second: Any) -> tuple[Any, Any]:
    """Split an option into (single effects, pooling); a single value is for the effects only.

    Raises:
        InputError: more than two values.
    """
    if isinstance(given, str | bool | int | float):
        return given, second
    values = tuple(given) if hasattr(given, "__iter__") else ()
    if len(values) != 2:
        raise InputError(
            f"{name} takes one value (single effects) or two (single effects, pooling)"
        )
    return values[0], values[1]
