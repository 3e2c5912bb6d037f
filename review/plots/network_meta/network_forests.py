"""Forest plots of a network: treatments against the reference; direct against indirect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError, UnknownNameError
from review.plots.meta.effect_axis import number, scale_of
from review.plots.meta.forest_plot import draw_rows
from review.stats.ground.inference import critical_value
from review.stats.presentation.effect_display import back_pooled
from review.stats.presentation.forest_rows import ForestRow
from review.words import p_number, percent, plural

if TYPE_CHECKING:
    from review.plots.interval_table.table_drawing import Drawing
    from review.stats.networks.network_result import NetworkResult
    from review.stats.networks.node_splitting import DirectIndirect
    from review.stats.presentation.effect_display import Transf

MOST: Final = 130  # comparisons that a forest plot of direct and indirect evidence shows


def forest(
    result: NetworkResult,
    *,
    reference: str | None = None,
    order: Any = None,
    transf: Transf = None,
    prediction: bool = True,
    title: str = "",
) -> Drawing:
    """Return a forest plot of all treatments against one.

    Dark lines are confidence intervals, wide pale ones prediction intervals.

    Args:
        result: the network.
        reference: the treatment that others are compared with; that of the result by default.
        order: of the treatments from top to bottom; from best to worst by default.
        transf: scale; that of the measure by default.
        prediction: whether prediction intervals are drawn.
        title: above the figure.

    Raises:
        UnknownNameError: there is no such treatment.

    Example:
        >>> from review import network_meta
        >>> fit = network_meta([-0.4, -0.3, 0.2], [0.1, 0.2, 0.15], ["A", "B", "A"],
        ...                    ["C", "C", "B"], ["s1", "s2", "s3"], reference="C")
        >>> [row.label for row in forest(fit).table.rows]
        ['A', 'B']
    """
    reference = result.reference if reference is None else reference
    if reference not in result.treatments:
        raise UnknownNameError("treatment", str(reference), result.treatments)
    ref = result.treatments.index(reference)
    at = [t for t in result.in_order(order) if t != ref]
    main = result.main
    rows: list[ForestRow] = []
    wide: list[tuple[float, float]] = []
    for row, t in enumerate(at):
        rows.append(
            _row(result, result.treatments[t], (main.te[t, ref], main.ci_lb[t, ref],
                                                main.ci_ub[t, ref]), transf, row)
        )  # fmt: skip
        if prediction and main.pi_lb is not None and main.pi_ub is not None:
            wide.append(_limits(result, main.pi_lb[t, ref], main.pi_ub[t, ref], transf))
    columns = {
        "Direct studies": [str(result.study_counts[t, ref]) for t in at],
        "P-score": [number(result.p_scores[result.treatments[t]]) for t in at],
    }
    if wide:
        columns["Prediction interval"] = [f"{number(a)} to {number(b)}" for a, b in wide]
    scale = scale_of(result, transf)
    way = "smaller" if result.smaller_is_better else "larger"
    return draw_rows(
        rows, scale, level=result.level, columns=columns, bands=wide,
        title=title or f"All treatments against {reference}",
        footer=[f"From best to worst; {way} effects are better."] if order is None else [],
    )  # fmt: skip


def split_forest(
    result: NetworkResult,
    *,
    split: DirectIndirect | None = None,
    transf: Transf = None,
    title: str = "",
) -> Drawing:
    """Return a forest plot of direct, indirect and network estimates of each comparison.

    Only comparisons with both kinds of evidence are drawn.

    Args:
        result: the network.
        split: from `result.node_split()`, which is computed when it is not given.
        transf: scale; that of the measure by default.
        title: above the figure.

    Raises:
        StatsError: no comparison has both kinds of evidence.
        InputError: more than 130 comparisons, which nobody can read.
    """
    split = split or result.node_split()
    both = split.both
    if not both:
        raise StatsError("no comparison of this network has direct and indirect evidence")
    if len(both) > MOST:
        raise InputError(f"{len(both)} comparisons are too many for a forest plot (at most {MOST})")
    z = float(critical_value(result.level, None))
    rows: list[ForestRow] = []
    shares: list[str] = []
    tests: list[str] = []

    def put(label: str, values: tuple[float, float], share: str, *, kind: Any = "study") -> None:
        x, se = values
        row = _row(result, label, (x, x - z * se, x + z * se), transf, len(rows), kind=kind)
        rows.append(row)
        shares.append(share)
        tests.append("")

    for i in both:
        rows.append(ForestRow("heading", split.comparisons[i], row=len(rows), group="x"))
        shares.append("")
        tests.append(p_number(float(split.pval[i])))
        direct = f"direct ({plural(int(split.k[i]), 'study')})"
        share = 100 * float(split.prop[i])
        put(direct, (split.direct[i], split.direct_se[i]), percent(share, 0))
        put("indirect", (split.indirect[i], split.indirect_se[i]), percent(100 - share, 0))
        put("network", (split.network[i], split.network_se[i]), "", kind="subtotal")
    return draw_rows(
        rows, scale_of(result, transf), level=result.level,
        columns={"Share": shares, "p of the difference": tests},
        title=title or "Direct and indirect evidence",
        footer=[f"Diamonds are network estimates; by {split.method}."],
    )  # fmt: skip


def _row(
    result: NetworkResult,
    label: str,
    values: tuple[float, float, float],
    transf: Transf,
    row: int,
    *,
    kind: Any = "study",
) -> ForestRow:
    e = float(back_pooled(result, np.array(values[0]), transf))
    low, high = _limits(result, values[1], values[2], transf)
    group = "" if label in result.treatments else "x"
    return ForestRow(kind, label, e, low, high, row=row, group=group)


def _limits(result: NetworkResult, low: float, high: float, transf: Transf) -> tuple[float, float]:
    ends = sorted(back_pooled(result, np.array([low, high]), transf).tolist())
    return ends[0], ends[1]
