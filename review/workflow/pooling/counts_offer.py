"""Which models pool counts, and when a meta-analysis of effects says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from review.words import listed, plural

if TYPE_CHECKING:
    from review.workflow.pooling.pooled_rows import MetaInput

MEASURES: Final = {
    "glmm": ("OR", "IRR", "PLO", "IRLN"),
    "betabin": ("OR", "RR", "RD", "PLO"),
    "mh": ("OR", "RR", "RD", "IRR", "IRD"),
    "peto": ("OR", "PETO"),
}
NAMES: Final = {
    "glmm": "a generalised linear mixed model of the counts",
    "betabin": "the beta-binomial model",
    "mh": "the Mantel-Haenszel method",
    "peto": "Peto's method",
}
MANY_ZEROS: Final = 0.2  # share of studies with a cell of 0 from which the text offers these models
FEWEST_ZEROS: Final = 2


def offer_counts(rows: MetaInput) -> list[str]:
    """Say when many studies have a cell of 0, and which models need no correction for it.

    Args:
        rows: of a meta-analysis of effects.
    """
    zeros, empty, k = zero_cells(rows)
    if zeros < FEWEST_ZEROS or zeros < MANY_ZEROS * k:
        return []
    able = [model for model in MEASURES if rows.measure in MEASURES[model]]
    if not able:
        return []
    none = f", {empty} of them without any event" if empty else ""
    models = listed((f"--model {m} ({NAMES[m]})" for m in able), last="or")
    note = (
        f"{zeros} of {plural(k, 'study')} have a cell of 0{none}: their effects rest on the "
        f"continuity correction. {models} needs none"
    )
    return [note]


def zero_cells(rows: MetaInput) -> tuple[int, int, int]:
    """Return how many studies have a cell of 0, how many have no event at all, and how many count.

    Args:
        rows: with counts of two groups (ai, n1i or bi, ci, n2i or di; x1i, x2i) or one (xi).
    """
    given = {name: np.asarray(column, dtype=float) for name, column in rows.columns.items()}
    cells = []
    for events, size, others in (
        ("ai", "n1i", "bi"), ("ci", "n2i", "di"), ("xi", "ni", "mi"), ("x1i", "", ""),
        ("x2i", "", ""),
    ):  # fmt: skip
        if events not in given:
            continue
        cells.append(given[events])
        if others in given:
            cells.append(given[others])
        elif size in given:
            cells.append(given[size] - given[events])
    if not cells:
        return 0, 0, 0
    table = np.stack(cells)
    complete = np.isfinite(table).all(0)
    zero = (table == 0).any(0) & complete
    groups = [given[n] for n in ("ai", "ci", "x1i", "x2i", "xi") if n in given]
    none = (np.stack(groups) == 0).all(0) & complete
    return int(zero.sum()), int(none.sum()), int(complete.sum())
