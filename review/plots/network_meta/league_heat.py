"""Square tables as heat maps: league table, net heat matrix, contributions."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.plots.meta.effect_axis import number, scale_of
from review.plots.text_measure import text_width
from review.plots.theme import INK, SEQUENTIAL, TITLE_ROOM, axis, below_title, layout, plain
from review.stats.networks.network_text import league_cells
from review.stats.networks.node_splitting import direct_tables
from review.stats.presentation.effect_display import digits_for
from review.stats.presentation.forest_rows import ForestRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.networks.contribution import Contribution
    from review.stats.networks.network_result import NetworkResult
    from review.stats.presentation.effect_display import Transf

MOST: Final = 30  # treatments of a league table that can be read
MOST_LINES: Final = 60  # rows or columns of the other two
# blue to vermillion, white where there is no difference; both ends are dark enough to tell apart
DIVERGING: Final = ((0.0, "#2F7EBB"), (0.5, "#FFFFFF"), (1.0, "#E07B39"))


def league(
    result: NetworkResult, *, order: Any = None, transf: Transf = None, title: str = ""
) -> Any:
    """Return the league table as a heat map.

    Below the diagonal stand network estimates of the column against the row, above it direct
    estimates of the row against the column: both compare the treatment that comes first in the
    order with the later one. The colour is the z statistic, so that certain differences stand out.

    Args:
        result: the network.
        order: of the treatments; from best to worst by default.
        transf: scale; that of the measure by default.
        title: above the figure.

    Raises:
        InputError: more than 30 treatments, which nobody can read.

    Example:
        >>> from review import network_meta
        >>> fit = network_meta([-0.4, -0.3, 0.2], [0.1, 0.2, 0.15], ["A", "B", "A"],
        ...                    ["C", "C", "B"], ["s1", "s2", "s3"])
        >>> league(fit).data[0].text[0][0]
        '<b>C</b>'
    """
    import plotly.graph_objects as go

    if result.n > MOST:
        raise InputError(f"{result.n} treatments are too many for a league table (at most {MOST})")
    at = result.in_order(order)
    names = [result.treatments[t] for t in at]
    cells = league_cells(result, order, transf=transf)
    known = [ForestRow("study", "", *c) for row in cells for c in row if c is not None]
    digits = digits_for(known)
    stat = result.main.stat
    te, se, _ = direct_tables(result.space, result.main.tau2)
    direct = te / se  # read where a study compares the two
    z: list[list[float | None]] = [[None] * result.n for _ in at]
    text = [["" for _ in at] for _ in at]
    hover = [["" for _ in at] for _ in at]
    for r in range(result.n):
        text[r][r] = f"<b>{'<br>'.join(plain(p) for p in wrap(names[r], 14) or [names[r]])}</b>"
        for c in range(result.n):
            cell = cells[r][c]
            if cell is None:
                continue
            first, second = (at[c], at[r]) if r > c else (at[r], at[c])
            kind = "network" if r > c else "direct"
            e, low, high = (number(x, digits) for x in cell)
            text[r][c] = f"{e}<br>[{low}, {high}]"
            z[r][c] = float((stat if r > c else direct)[first, second])
            pair = f"{plain(result.treatments[first])} vs {plain(result.treatments[second])}"
            hover[r][c] = f"<b>{pair}</b><br>{kind}: {e} [{low}, {high}]"
    size = 11
    cell_width = max(
        *(text_width(line, size) for row in text for t in row for line in t.split("<br>")), 60.0
    )
    figure = go.Figure(
        go.Heatmap(
            z=z, text=text, texttemplate="%{text}", customdata=hover, zmin=-4, zmax=4,
            hovertemplate="%{customdata}<extra></extra>", hoverongaps=False, xgap=2, ygap=2,
            colorscale=[list(stop) for stop in DIVERGING], showscale=False,
            textfont={"size": size, "color": INK},
        )
    )  # fmt: skip
    heading = title or f"League table: {scale_of(result, transf).title}"
    lines = [
        "Below the diagonal: network estimate, column against row.",
        "Above it: direct estimate, row against column.",
    ]
    top = TITLE_ROOM + 17 * len(lines) + 4
    figure.update_layout(
        **layout(
            heading,
            height=round(top + 44 * result.n + 24),
            margin={"l": 10, "r": 10, "t": top, "b": 14},
            xaxis={"visible": False, "range": [-0.5, result.n - 0.5]},
            yaxis={"visible": False, "range": [result.n - 0.5, -0.5]},
            annotations=below_title(lines),
            meta={"min_width": round((cell_width + 10) * result.n + 20)},
        )
    )
    return figure


def net_heat(result: NetworkResult, *, model: str | None = None, title: str = "") -> Any:
    """Return the net heat plot: which designs disagree.

    A warm cell says that the inconsistency of the design in the row falls when the design in the
    column has effects of its own; a cold one that it grows.

    Args:
        result: the network.
        model: "common" or "random"; the main one by default.
        title: above the figure.

    Raises:
        StatsError: no design can be contradicted by others.
        InputError: more than 60 designs.
    """
    found = result.net_heat(model)
    if not found.designs:
        raise StatsError("no two designs of this network speak about the same difference")
    top = max(float(np.abs(found.change).max()), 1e-12)
    return _heat(
        found.designs, found.designs, found.change.tolist(), (-top, top), DIVERGING,
        title=title or "Net heat plot",
        lines=[
            "Fall of a row's part in Q between designs",
            "when the column's design is set apart.",
        ],
        axes=("design set apart", "design"), digits=2,
    )  # fmt: skip


def contribution(
    result: NetworkResult,
    *,
    method: str = "shortest path",
    found: Contribution | None = None,
    title: str = "",
) -> Any:
    """Return how much each direct comparison contributes to each network estimate, in per cent.

    Args:
        result: the network.
        method: "shortest path" or "random walk".
        found: from `result.contribution()`, which is computed when it is not given.
        title: above the figure.

    Raises:
        InputError: more than 60 comparisons.
    """
    found = found or result.contribution(method)
    return _heat(
        found.rows, found.direct, (100 * found.matrix).tolist(), (0.0, 100.0), SEQUENTIAL,
        title=title or "Contribution of direct comparisons",
        lines=[f"Per cent, by {found.method}"],
        axes=("direct comparison", "network estimate"), digits=0,
    )  # fmt: skip


def _heat(
    rows: Sequence[str],
    columns: Sequence[str],
    z: list[list[float]],
    span: tuple[float, float],
    colours: Any,
    *,
    title: str,
    lines: Sequence[str],
    axes: tuple[str, str],
    digits: int,
) -> Any:
    import plotly.graph_objects as go

    if max(len(rows), len(columns)) > MOST_LINES:
        raise InputError(
            f"{len(rows)} rows and {len(columns)} columns are too many to be drawn (at most "
            f"{MOST_LINES}); the table holds them"
        )
    dark = span[0] + 0.75 * (span[1] - span[0])
    text = [
        [_ink(number(x, digits), light=colours is SEQUENTIAL and x > dark) if abs(x) * 10**digits
         >= 0.5 else "" for x in row] for row in z
    ]  # fmt: skip
    names = [plain(r) for r in rows]
    left = max(text_width(n, 11.5) for n in names) + 44
    below = max(text_width(c, 11.5) for c in columns) * 0.75 + 56
    top = TITLE_ROOM + 17 * len(lines) + 4
    cell = 40 if digits else 32
    figure = go.Figure(
        go.Heatmap(
            z=z, x=[plain(c) for c in columns], y=names, text=text, texttemplate="%{text}",
            zmin=span[0], zmax=span[1], colorscale=[list(stop) for stop in colours],
            showscale=False, xgap=1, ygap=1, textfont={"size": 10.5},
            hovertemplate="%{y}<br>%{x}: %{z:.3g}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(
        **layout(
            title,
            height=round(top + 26 * len(rows) + below),
            margin={"l": left, "r": 16, "t": top, "b": below},
            xaxis=axis(axes[0], type="category", showgrid=False, tickangle=-50, automargin=False,
                       tickfont={"size": 11.5}),
            yaxis=axis(axes[1], type="category", showgrid=False, autorange="reversed",
                       automargin=False, tickfont={"size": 11.5}),
            annotations=[note | {"xshift": 8 - left} for note in below_title(lines)],
            meta={"min_width": round(left + cell * len(columns) + 16)},
        )
    )  # fmt: skip
    figure.update_layout(title={"xref": "container", "x": 0, "pad": {"l": 8}})
    return figure


def _ink(text: str, *, light: bool) -> str:
    """White letters on dark cells."""
    return f'<span style="color:#FFFFFF">{text}</span>' if light else text
