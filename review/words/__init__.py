"""Numbers, p-values, intervals, sums, plurals and lists: one style for every reader."""

from __future__ import annotations

from review.words.phrases import (
    capital,
    difference_text,
    listed,
    plural,
    sentence,
    sum_text,
)
from review.words.quantities import (
    bracketed,
    confidence,
    count,
    estimate,
    interval,
    level_name,
    number,
    p_number,
    p_value,
    percent,
    significant,
    statistic_text,
)

__all__ = [
    "bracketed",
    "capital",
    "confidence",
    "count",
    "difference_text",
    "estimate",
    "interval",
    "level_name",
    "listed",
    "number",
    "p_number",
    "p_value",
    "percent",
    "plural",
    "sentence",
    "significant",
    "statistic_text",
    "sum_text",
]
