"""Tables and plain values of the result of a multilevel model."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.pooling.meta_rows import choose
from review.stats.pooling.result_tables import COEFFICIENT_COLUMNS, plain

if TYPE_CHECKING:
    import pandas as pd

    from review.stats.multilevel.mv_result import MVResult

TABLES: Final = ("coefficients", "components", "effects")
NUMBERS: Final = (
    "sigma2", "tau2", "rho", "gamma2", "phi", "QE", "QEp", "df", "QM", "QMp", "QM_df", "k", "p",
    "m", "ddf", "loglik", "AIC", "AICc", "BIC", "pi_lb", "pi_ub",
)  # fmt: skip
SETTINGS: Final = ("method", "test", "dfs", "level", "measure", "transf", "intercept")


def frame(fit: MVResult, what: str = "coefficients") -> pd.DataFrame:
    """Return the coefficients, the components or the effects of a result as a data frame."""
    import pandas as pd

    chosen = choose("table", what, TABLES)
    if chosen == "coefficients":
        columns = {name: getattr(fit, name) for name in COEFFICIENT_COLUMNS}
        return pd.DataFrame(columns, index=pd.Index(fit.coef_names, name="coefficient"))
    if chosen == "components":
        table = pd.DataFrame([asdict(c) for c in fit.components])
        return table if table.empty else table.set_index("name")
    table = pd.DataFrame(
        {"yi": fit.yi, "vi": fit.vi, "weight": fit.weights}, index=pd.Index(fit.slab, name="effect")
    )
    for term in fit.problem.terms:
        inner, _, outer = term.name.rpartition(" | ")
        table[outer or term.name] = [term.units[g] for g in term.link.group.tolist()]
        if inner:
            table[inner] = [term.levels[i] for i in term.link.inner.tolist()]
    for name, column in zip(fit.coef_names, fit.X.T, strict=True):
        if not fit.intercept_only and name not in table:
            table[name] = column
    return table


def as_dict(fit: MVResult) -> dict[str, Any]:
    """Return all numbers, settings and rows of a result as plain values."""
    out: dict[str, Any] = {
        "coefficients": [
            {"name": name} | {c: plain(getattr(fit, c)[j]) for c in COEFFICIENT_COLUMNS}
            for j, name in enumerate(fit.coef_names)
        ],
        "vb": plain(fit.vb),
        "components": [{n: plain(x) for n, x in asdict(c).items()} for c in fit.components],
        "levels": fit.levels,
    }
    out |= {name: plain(getattr(fit, name)) for name in NUMBERS}
    shares = fit.I2
    out["I2"] = [
        {"effects": e, "source": s, "variance": plain(float(v)), "share": plain(float(x))}
        for e, s, v, x in zip(
            shares.effects, shares.source, shares.variance, shares.share, strict=True
        )
    ]
    out["fit"] = {
        kind: {n: plain(x) for n, x in vars(stats).items()}
        for kind, stats in (("ML", fit.fit_ml), ("REML", fit.fit_reml))
    }
    out["settings"] = {name: plain(getattr(fit, name)) for name in SETTINGS}
    out["settings"]["formula"] = fit.design.formula
    out["settings"]["random"] = [t.name for t in fit.problem.terms]
    out["settings"]["struct"] = [t.code for t in fit.problem.terms if not t.simple]
    out["optimum"] = {n: plain(x) for n, x in vars(fit.optimum).items()}
    out["effects"] = [
        {"label": s, "row": i + 1, "yi": y, "vi": v, "weight": w}
        for s, i, y, v, w in zip(
            fit.slab, fit.ids.tolist(), fit.yi.tolist(), fit.vi.tolist(), fit.weights.tolist(),
            strict=True,
        )
    ]  # fmt: skip
    out["left_out"] = [{"row": r.row, "label": r.slab, "reason": r.reason} for r in fit.left_out]
    out["notes"] = list(fit.notes)
    return out


def pairs_in_blocks(fit: MVResult) -> int:
    """Number of pairs of effects whose sampling errors are correlated."""
    total = 0
    for values in fit.V.stacks:
        n = values.shape[-1]
        total += int((values[:, *np.triu_indices(n, 1)] != 0).sum())
    return total
