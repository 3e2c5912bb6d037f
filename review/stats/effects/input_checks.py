"""What groups report, checked before it is used: impossible numbers, shares given as counts, units.

What cannot be right is refused with the column that would be right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from review.errors import StatsError
from review.stats.effects.median_routes import quantile_names
from review.stats.effects.medians import check_quantiles

if TYPE_CHECKING:
    from review.stats.effects.measure import Columns, Measure
    from review.stats.effects.row_account import Audit

# count -> the size it is part of, the proportion and the percentage that may be given instead
_COUNTS: Final = (
    ("ai", ("n1i", "bi"), "prop1i"), ("ci", ("n2i", "di"), "prop2i"), ("xi", ("ni", "mi"), "propi"),
)  # fmt: skip
_SHARES: Final = (("propi", "percenti"), ("prop1i", "percent1i"), ("prop2i", "percent2i"))


def check_groups(x: Columns, audit: Audit) -> None:
    """Refuse impossible standard errors, SDs, correlations, F values and quantiles of groups.

    Raises:
        StatsError: the message names the rows.
    """
    for name in x:
        if name in {"se1i", "se2i"} or (name.endswith(("_pre", "_post")) and name.startswith("sd")):
            audit.not_negative(name, x[name], "a standard deviation or standard error")
    if "corr" in x:
        audit.within("corr", x["corr"], -1, 1, "the correlation of the two measurements")
    if "fi" in x:
        audit.not_negative("fi", x["fi"], "an F statistic")
    for end in ("1i", "2i", "i"):
        if f"median{end}" in x:
            check_quantiles(x, quantile_names(end), audit)
        low, high = f"ci_lb{end}", f"ci_ub{end}"
        if low in x and high in x:
            audit.forbid(x[low] > x[high], low, x[low], f"must not exceed {high}")


def check_shares(measure: Measure, x: Columns, audit: Audit) -> None:
    """Refuse proportions given as counts, and proportions or percentages out of their range.

    Raises:
        StatsError: the message names the rows and the column that would be right.
    """
    counts = measure.family.counts
    for count, sizes, share in _COUNTS:
        if count not in counts or count not in x:
            continue
        value = x[count]
        # 0.5 may be a continuity correction added by hand
        wrong = (value > 0) & (value < 1) & (value != 0.5)
        for size in sizes:
            if size in x:
                wrong &= ~((x[size] > 0) & (x[size] < 1))
        if wrong.any():
            percent = share.replace("prop", "percent")
            if "value" in measure.family.allowed:
                share = "value"  # noqa: PLW2901  ACC, SENS and SPEC call it so
            i = int(np.flatnonzero(wrong)[0])
            raise StatsError(
                f"{count} is a number of events, but {value[i]:g} is a proportion: "
                f"{audit.rows(wrong)}. Give proportions as {share} and percentages as {percent}, "
                "with the size; effective counts of cluster trials follow from whole counts with "
                "icc and cluster_size"
            )
    for proportion, percent in _SHARES:
        if proportion in x:
            hint = f"a proportion; percentages are given as {percent}"
            audit.within(proportion, x[proportion], 0, 1, hint)
        if percent in x:
            audit.within(percent, x[percent], 0, 100, "a percentage")
            known = x[percent][~np.isnan(x[percent])]
            if len(known) > 2 and np.all(known <= 1) and np.any((known > 0) & (known < 1)):
                audit.notes.append(
                    f"all values of {percent} are 1 or less: if they are proportions rather than "
                    f"percentages, give them as {proportion}"
                )


def printed_scale(measure: Measure, x: Columns) -> Columns:
    """Percentages and rates per 1,000 with their intervals, as estimates on the measure's scale.

    Where `est` is not given, it is the percentage (or rate), and the limits beside it are in the
    same unit.
    """
    out = dict(x)
    for name, unit in (("percenti", 100.0), ("propi", 1.0), ("ratei", None)):
        if name not in x:
            continue
        column, nan = x[name], np.full(len(x[name]), np.nan)
        if unit is None:
            per = x.get("per", nan)
            factor = np.where(np.isnan(per), 1.0, per)
        else:
            factor = np.full(len(column), unit)
        use = np.isnan(out.get("est", nan)) & ~np.isnan(column)
        out["est"] = np.where(use, column / factor, out.get("est", nan))
        for other in ("ci_lb", "ci_ub", *(["se"] if measure.transf == "identity" else [])):
            if other in x:
                out[other] = np.where(use, x[other] / factor, out[other])
    return out
