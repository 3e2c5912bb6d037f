"""Heat maps of counts with the numbers written into the cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.plots.theme import INK, SEQUENTIAL, TITLE_ROOM, axis, below_title, layout, plain

if TYPE_CHECKING:
    from collections.abc import Sequence


def heat_trace(
    rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """Return a plotly heat map; cells of 0 stay white and without a number."""
    return {
        "type": "heatmap",
        "x": [plain(c) for c in columns],
        "y": [plain(r) for r in rows],
        "z": [list(row) for row in counts],
        "text": [[str(n) if n else "" for n in row] for row in counts],
        "texttemplate": "%{text}",
        "hovertemplate": "%{y}, %{x}: %{z}<extra></extra>",
        "colorscale": [list(stop) for stop in SEQUENTIAL],
        "zmin": 0,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
    }


def heat_map(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    counts: Sequence[Sequence[int]],
    axes: tuple[str, str],
    *,
    lines: Sequence[str] = (),
) -> Any:
    """Return a heat map of counts, the first row on top.

    Args:
        title: of the figure.
        rows: names of the rows.
        columns: names of the columns.
        counts: one list per row.
        axes: titles of the x and y axis.
        lines: text below the title.
    """
    import plotly.graph_objects as go

    top = TITLE_ROOM + 17 * len(lines)
    trace = heat_trace(rows, columns, counts)
    trace |= {"showscale": True, "colorbar": {"title": {"text": "studies"}, "thickness": 12}}
    return go.Figure(
        data=[trace],
        layout=layout(
            title,
            height=max(420, top + 110 + 26 * len(rows)),
            margin={"l": 70, "r": 20, "t": top, "b": 90},
            xaxis=axis(axes[0], type="category", showgrid=False, tickangle=-40, linecolor=INK),
            yaxis=axis(axes[1], type="category", showgrid=False, autorange="reversed"),
            annotations=below_title(lines),
        ),
    )
