"""Measures for Cronbach's alpha: `ai` from `mi` items and `ni` persons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from review.stats.effects.measure import (
    Columns,
    Estimate,
    Family,
    FloatArray,
    Measure,
    Options,
    table,
)

if TYPE_CHECKING:
    from review.stats.effects.row_account import Audit


def _prepare(x: Columns, _: Options, audit: Audit) -> tuple[Columns, FloatArray]:
    audit.finite("ai", x["ai"])
    audit.forbid(x["ai"] > 1, "ai", x["ai"], "must not exceed 1 (Cronbach's alpha)")
    for name, what in (("mi", "a number of items"), ("ni", "a sample size")):
        audit.positive(name, x[name], what)
    audit.forbid(x["mi"] < 2, "mi", x["mi"], "must be 2 or more (items of the scale)")
    return x, x["ni"]


def _alpha(x: Columns, _: Options) -> Estimate:
    """Raw alpha (Bonett 2010, Psychol Methods 15, 368)."""
    m, n, y = x["mi"], x["ni"], x["ai"]
    return y, 2 * m * (1 - y) ** 2 / ((m - 1) * np.where(n > 2, n - 2, np.nan))


def _cube_root(x: Columns, _: Options) -> Estimate:
    """1 - (1 - alpha)**(1/3), rising with alpha (Hakstian and Whalen 1976, Psychometrika 41)."""
    m, n, y = x["mi"], x["ni"], x["ai"]
    v = 18 * m * (n - 1) * (1 - y) ** (2 / 3) / ((m - 1) * (9 * n - 11) ** 2)
    return 1 - np.cbrt(1 - y), np.where(n > 1, v, np.nan)


def _log(x: Columns, _: Options) -> Estimate:
    """-log(1 - alpha), rising with alpha (Bonett 2002, J Educ Behav Stat 27, 335)."""
    m, n = x["mi"], x["ni"]
    return -np.log(1 - x["ai"]), 2 * m / ((m - 1) * np.where(n > 2, n - 2, np.nan))


ALPHA = Family("ai (alpha), mi (items), ni (persons)", (("ai", "mi", "ni"),), _prepare)

MEASURES = table(
    Measure("ARAW", "Cronbach's alpha", ALPHA, _alpha),
    Measure("AHW", "Cronbach's alpha (Hakstian-Whalen)", ALPHA, _cube_root, transf="iahw"),
    Measure("ABT", "Cronbach's alpha (Bonett)", ALPHA, _log, transf="iabt"),
)
