"""Heat maps of counts with the numbers written into the cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.plots.figure_sizes import with_media
from review.plots.theme import INK, SEQUENTIAL, TITLE_ROOM, axis, below_title, layout, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.plots.figure_sizes import Medium


def heat_trace(
    rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """Return a plotly heat map; cells of 0 stay white and without a number.

    The names of rows and columns are as plotly reads them.
    """
    return {
        "type": "heatmap",
        "x": list(columns),
        "y": list(rows),
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
    trace = heat_trace([plain(r) for r in rows], [plain(c) for c in columns], counts)

    def layout_of(medium: Medium) -> dict[str, Any]:
        upright = medium.name == "phone" and len(columns) > 4
        return layout(
            title, height=max(420, top + 110 + 26 * len(rows)),
            margin={"l": 70, "r": 20, "t": top, "b": 90},
            xaxis=axis(
                axes[0], type="category", showgrid=False, dtick=1, linecolor=INK,
                tickangle=-90 if upright else -40,
            ),
            yaxis=axis(axes[1], type="category", showgrid=False, dtick=1, autorange="reversed"),
            annotations=below_title(lines),
        )  # fmt: skip

    return with_media(go.Figure(data=[trace]), layout_of)
