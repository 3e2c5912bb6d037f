"""The marks of a forest plot: squares, intervals, diamonds, arrows, guides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.plots.meta.effect_axis import number
from review.plots.theme import INK, MUTED, PALETTE, plain
from review.words import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.plots.meta.axis_range import Window
    from review.stats.presentation.forest_rows import ForestRow

_TOTAL: Final = PALETTE[5]
_SUBTOTAL: Final = PALETTE[1]


def marks(
    rows: Sequence[ForestRow], window: Window, links: Sequence[str | None] | None, *, small: bool
) -> list[Any]:
    """Return the traces of a forest plot.

    Args:
        rows: drawn from top to bottom.
        window: the part of the axis that is drawn.
        links: address per row of the input.
        small: whether there are many rows.
    """
    return [
        _intervals(rows, window),
        _squares(rows, links, small=small),
        *_summaries(rows, window),
        *_arrows(rows, window),
    ]


def _intervals(rows: Sequence[ForestRow], window: Window) -> Any:
    """One line per study, as pieces of one trace."""
    import plotly.graph_objects as go

    xs: list[float | None] = []
    ys: list[int | None] = []
    for y, row in enumerate(rows):
        if row.kind == "study" and row.ci_lb is not None and row.ci_ub is not None:
            xs += [window.clip(row.ci_lb), window.clip(row.ci_ub), None]
            ys += [y, y, None]
    return go.Scatter(
        x=xs, y=ys, mode="lines", line={"color": INK, "width": 1.3}, hoverinfo="skip",
        name="intervals",
    )  # fmt: skip


def _squares(rows: Sequence[ForestRow], links: Sequence[str | None] | None, *, small: bool) -> Any:
    import plotly.graph_objects as go

    drawn = [(y, r) for y, r in enumerate(rows) if r.kind == "study" and r.estimate is not None]
    top = max((r.weight for _, r in drawn if r.weight is not None), default=0) or 1
    least, most = (3, 9) if small else (4, 14)
    # the area says the weight: the side grows with its square root
    sizes = [
        9 if r.weight is None else max(most * max(r.weight / top, 0.0) ** 0.5, least)
        for _, r in drawn
    ]
    return go.Scatter(
        x=[r.estimate for _, r in drawn], y=[y for y, _ in drawn], mode="markers", name="studies",
        marker={"symbol": "square", "color": PALETTE[0], "size": sizes, "opacity": 1,
                "line": {"width": 0}},
        text=[hover(r, _link(r, links)) for _, r in drawn],
        customdata=[_link(r, links) for _, r in drawn] if links else None,
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _link(row: ForestRow, links: Sequence[str | None] | None) -> str | None:
    return links[row.row] if links and row.row is not None and row.row < len(links) else None


def hover(row: ForestRow, link: str | None = None) -> str:
    """Return what is shown when the pointer is on a row."""
    text = f"<b>{plain(row.label)}</b><br>"
    if row.kind != "prediction":
        text += f"{number(row.estimate, 4)} "
    text += f"[{number(row.ci_lb, 4)}, {number(row.ci_ub, 4)}]"
    if row.weight is not None:
        text += f"<br>weight {percent(row.weight)}"
    return text + (f"<br>{plain(link)} (click opens it)" if link else "")


def _summaries(rows: Sequence[ForestRow], window: Window) -> list[Any]:
    """Diamonds of totals and subtotals, and the bar of the prediction interval."""
    import plotly.graph_objects as go

    traces = []
    for y, row in enumerate(rows):
        if row.estimate is None or row.ci_lb is None or row.ci_ub is None:
            continue
        low, middle, high = (window.clip(x) for x in (row.ci_lb, row.estimate, row.ci_ub))
        common = {"text": hover(row), "hoverinfo": "text", "name": plain(row.label)}
        if row.kind in {"total", "subtotal"}:
            colour = _TOTAL if row.kind == "total" else _SUBTOTAL
            traces.append(
                go.Scatter(
                    x=[low, middle, high, middle, low], y=[y, y - 0.32, y, y + 0.32, y],
                    mode="lines", fill="toself", fillcolor=colour,
                    line={"color": INK, "width": 0.8}, **common,
                )
            )  # fmt: skip
        elif row.kind == "prediction":
            traces.append(
                go.Scatter(
                    x=[low, high], y=[y, y], mode="lines", line={"color": _TOTAL, "width": 5},
                    **common,
                )
            )  # fmt: skip
    return traces


def _arrows(rows: Sequence[ForestRow], window: Window) -> list[Any]:
    """Arrow heads where an interval goes on beyond the window."""
    import plotly.graph_objects as go

    traces = []
    for symbol, edge, cut in (
        ("triangle-left", window.low, [window.cut_low(r.ci_lb) for r in rows]),
        ("triangle-right", window.high, [window.cut_high(r.ci_ub) for r in rows]),
    ):
        at = [y for y, is_cut in enumerate(cut) if is_cut]
        if at:
            colours = [INK if rows[y].kind == "study" else _TOTAL for y in at]
            traces.append(
                go.Scatter(
                    x=[edge] * len(at), y=at, mode="markers", cliponaxis=False,
                    marker={"symbol": symbol, "size": 9, "color": colours},
                    text=[hover(rows[y]) for y in at], hovertemplate="%{text}<extra></extra>",
                    name="goes on",
                )
            )  # fmt: skip
    return traces


def guides(rows: Sequence[ForestRow], null: float | None, window: Window) -> list[dict[str, Any]]:
    """Lines at no effect and at the total."""
    lines = []
    total = next((r.estimate for r in rows if r.kind == "total"), None)
    for x, style in ((null, {"color": INK, "width": 1}),
                     (total, {"color": MUTED, "width": 1, "dash": "dot"})):  # fmt: skip
        if x is not None and window.low <= x <= window.high:
            lines.append(
                {"type": "line", "x0": x, "x1": x, "y0": -0.6, "y1": len(rows) - 0.4,
                 "line": style, "layer": "below"}
            )  # fmt: skip
    return lines
