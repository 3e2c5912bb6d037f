"""Tables and plain values of a result."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.pooling.meta_rows import choose

if TYPE_CHECKING:
    import pandas as pd

    from review.stats.pooling.meta_result import MetaResult

COEFFICIENT_COLUMNS: Final = ("beta", "se", "stat", "pval", "ci_lb", "ci_ub")
NUMBERS: Final = (
    "tau2", "se_tau2", "tau", "I2", "H2", "R2", "vt", "QE", "QEp", "df", "QM", "QMp", "QM_df",
    "k", "p", "m", "ddf", "s2w", "loglik", "AIC", "AICc", "BIC", "pi_lb", "pi_ub",
)  # fmt: skip
SETTINGS: Final = ("method", "test", "level", "measure", "transf", "intercept", "tau2_fixed")


def plain(value: Any) -> Any:
    """Turn arrays, tuples and numpy numbers into lists and numbers that JSON knows.

    Example:
        >>> plain(np.array([1.0, np.nan]))
        [1.0, None]
    """
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(x) for x in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def frame(fit: MetaResult, what: str = "coefficients") -> pd.DataFrame:
    """Return the coefficients or the studies of a result as a data frame."""
    import pandas as pd

    if choose("table", what, ("coefficients", "studies")) == "coefficients":
        columns = {name: getattr(fit, name) for name in COEFFICIENT_COLUMNS}
        return pd.DataFrame(columns, index=pd.Index(fit.coef_names, name="coefficient"))
    columns = {"yi": fit.yi, "vi": fit.vi, "weight": fit.weights}
    if fit.ni is not None:
        columns["ni"] = fit.ni
    table = pd.DataFrame(columns, index=pd.Index(fit.slab, name="study"))
    for name, column in zip(fit.coef_names, fit.X.T, strict=True):
        if not fit.intercept_only:
            table[name] = column
    return table


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, its index among the columns, as plain values."""
    return [
        {str(name): plain(value) for name, value in row.items()}
        for row in table.reset_index().to_dict("records")
    ]


def as_dict(fit: MetaResult) -> dict[str, Any]:
    """Return all numbers, settings and rows of a result as plain values."""
    out: dict[str, Any] = {
        "coefficients": [
            {"name": name} | {c: plain(getattr(fit, c)[j]) for c in COEFFICIENT_COLUMNS}
            for j, name in enumerate(fit.coef_names)
        ],
        "vb": plain(fit.vb),
    }
    out |= {name: plain(getattr(fit, name)) for name in NUMBERS}
    out["fit"] = {
        kind: {n: plain(x) for n, x in vars(stats).items()}
        for kind, stats in (("ML", fit.fit_ml), ("REML", fit.fit_reml))
    }
    out["settings"] = {name: plain(getattr(fit, name)) for name in SETTINGS}
    out["settings"]["formula"] = fit.design.formula
    out["reference_levels"] = dict(fit.design.references)
    out["convergence"] = vars(fit.convergence).copy()
    out["studies"] = [
        {"study": s, "row": i + 1, "yi": y, "vi": v, "weight": w}
        for s, i, y, v, w in zip(
            fit.slab, fit.ids.tolist(), fit.yi.tolist(), fit.vi.tolist(), fit.weights.tolist(),
            strict=True,
        )
    ]  # fmt: skip
    out["left_out"] = [{"row": r.row, "study": r.slab, "reason": r.reason} for r in fit.left_out]
    out["conversions"] = [c.to_dict() for c in fit.conversions]
    out["notes"] = list(fit.notes)
    return out | {"conventions": fit.conventions}
