"""Risk of bias: the traffic-light plot and the weighted summary, readable without colours."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from review.plots.theme import GRID, INK, MUTED, axis, layout, plain
from review.schema.assessment import KINDS, LEVELS, Level, Tool
from review.words import percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.workflow.coding.assessments import Assessments

ON_SIGN: Final = "#111111"  # on light and dark pages alike
# level -> sign, colour of the marker, colour of the sign (contrast at least 4.5 : 1)
SIGNS: Final[dict[Level, tuple[str, str, str]]] = {
    "low": ("+", "#009E73", ON_SIGN),
    "some": ("−", "#E69F00", ON_SIGN),
    "high": ("×", "#D55E00", ON_SIGN),
    "critical": ("!", "#882255", "#FFFFFF"),
    "unclear": ("?", "#B5B5B5", ON_SIGN),
}
ROW: Final = 30  # pixels per study
FEW: Final = 9  # columns whose titles have room side by side
MOST: Final = 200  # studies that one traffic-light plot shows


def traffic_light(
    assessments: Assessments, tool: str | None = None, *, title: str = "", most: int = MOST
) -> Any:
    """Return the judgement of every domain of every study as a coloured sign.

    Args:
        assessments: of a review; not empty.
        tool: name of the tool; the only or first one without it.
        title: above the figure; the tool's name without it.
        most: studies shown; of more, the first ones, and the title says so.

    Returns:
        A plotly figure.

    Raises:
        UnknownNameError: no assessment was made with the tool.
    """
    import plotly.graph_objects as go

    used = assessments.tool(tool)
    table = list(assessments.table(used.name).items())
    shown = table[:most]
    heading = title or used.name
    if len(table) > most:
        heading += f" (the first {most} of {len(table)})"
    columns, headings = _places(used)
    names = _row_names([key for key, _ in shown], assessments.labels)
    figure = go.Figure()
    for level in LEVELS:
        cells = [
            (x, y, row[domain, kind], title)
            for y, (_, row) in enumerate(shown)
            for x, (domain, kind, title) in columns
            if (domain, kind) in row and row[domain, kind].level == level
        ]
        if cells:
            figure.add_trace(_marks(used, level, cells, names))
    many = len(columns) > FEW
    room = 230 if many else 130  # above the plot: upright titles of many columns are longer
    height = room + 60 + ROW * max(len(shown), 1)
    figure.update_layout(
        **layout(
            heading,
            height=height,
            margin={"l": 20, "r": 20, "t": room, "b": 60},
            xaxis=axis(
                tickvals=[x for x, _ in columns],
                ticktext=[_lines(t, 24 if many else 16) for _, (_, _, t) in columns],
                side="top",
                tickangle=-90 if many else 0,
                range=[-0.6, columns[-1][0] + 0.6],
                ticks="",
                tickfont={"size": 11},
            ),
            yaxis=axis(
                tickvals=list(range(len(names))),
                ticktext=[plain(n) for n in names],
                range=[len(names) - 0.4, -0.6],
                ticks="",
                gridcolor=GRID,
            ),
            annotations=[_heading(x, text, room - 66) for x, text in headings],
            legend={"orientation": "h", "y": -20 / height, "yanchor": "top", "x": 0},
        )
    )
    return figure


def _places(tool: Tool) -> tuple[list[tuple[float, tuple[str, str, str]]], list[tuple[float, str]]]:
    """Return (x, column) of each column, with a gap between kinds, and (x, text) of headings."""
    columns: list[tuple[float, tuple[str, str, str]]] = []
    headings = []
    x = 0.0
    for kind in KINDS:
        mine = [c for c in tool.columns() if c[1] == kind]
        if not mine:
            continue
        text = tool.bias_title if kind == "bias" else "Applicability concerns"
        headings.append((x + (len(mine) - 1) / 2, text))
        for column in mine:
            columns.append((x, column))
            x += 1
        x += 0.5
    return columns, headings


def _row_names(keys: Sequence[tuple[str, str]], labels: Mapping[str, str]) -> list[str]:
    """Return a name per row: that of the study, and the unit that was assessed."""
    return [
        labels.get(study_id, study_id) + (f": {unit}" if unit else "") for study_id, unit in keys
    ]


def _marks(tool: Tool, level: Level, cells: Sequence[Any], names: Sequence[str]) -> dict[str, Any]:
    sign, colour, ink = SIGNS[level]
    words = [j.word for j in tool.judgement if j.level == level]
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": plain(f"{sign} {' / '.join(words) or 'not agreed'}"),
        "x": [x for x, _, _, _ in cells],
        "y": [y for _, y, _, _ in cells],
        "text": [f"<b>{sign}</b>"] * len(cells),
        "textfont": {"color": ink, "size": 15},
        "hovertext": [
            plain(f"{names[y]}, {title}: {judgement.word}")
            + (f"<br>{_lines(judgement.rationale, 70)}" if judgement.rationale else "")
            for _, y, judgement, title in cells
        ],
        "hoverinfo": "text",
        "marker": {"color": colour, "size": 22, "line": {"color": INK, "width": 1}},
    }  # fmt: skip


def _lines(text: str, width: int) -> str:
    """Return plain text in lines, as plotly reads them."""
    return "<br>".join(plain(line) for line in wrap(text, width))


def _heading(x: float, text: str, shift: int) -> dict[str, Any]:
    return {
        "x": x,
        "y": 1,
        "yshift": shift,
        "xref": "x",
        "yref": "paper",
        "text": f"<b>{plain(text)}</b>",
        "showarrow": False,
        "font": {"color": MUTED, "size": 12},
    }


def summary(
    assessments: Assessments,
    tool: str | None = None,
    *,
    weights: Mapping[str, float] | None = None,
    title: str = "",
) -> Any:
    """Return how large a share of the studies has each judgement, per domain.

    Args:
        assessments: of a review; not empty.
        tool: name of the tool; the only or first one without it.
        weights: study_id -> weight, such as those of a meta-analysis; equal without it.
        title: above the figure; the tool's name without it.

    Returns:
        A plotly figure of stacked bars.
    """
    import plotly.graph_objects as go

    used = assessments.tool(tool)
    counts = assessments.counts(used.name, None if weights is None else dict(weights))
    names = list(dict.fromkeys(_bar_name(row) for row in counts))
    figure = go.Figure()
    for level in LEVELS:
        mine = {_bar_name(row): row for row in counts if row["level"] == level}
        if not mine:
            continue
        sign, colour, ink = SIGNS[level]
        words = [j.word for j in used.judgement if j.level == level]
        shares = [100 * mine[n]["share"] if n in mine else 0 for n in names]
        figure.add_bar(
            orientation="h",
            name=plain(f"{sign} {' / '.join(words) or 'not agreed'}"),
            y=[plain(n) for n in names],
            x=shares,
            text=[f"<b>{sign}</b> {percent(s, 0)}" if s >= 6 else "" for s in shares],
            textfont={"color": ink, "size": 12},
            textposition="inside",
            insidetextanchor="middle",
            hovertext=[
                f"{plain(n)}: {' / '.join(words)}, {mine[n]['n'] if n in mine else 0} judgements"
                for n in names
            ],
            hoverinfo="text",
            marker={"color": colour, "line": {"color": INK, "width": 1}},
        )
    height = 150 + ROW * max(len(names), 1)
    kind = "weighted share" if weights is not None else "share"
    figure.update_layout(
        **layout(
            title or used.name,
            height=height,
            barmode="stack",
            bargap=0.25,
            xaxis=axis(f"{kind} of assessments (%)", range=[0, 100]),
            yaxis=axis(autorange="reversed", type="category", ticks=""),
            legend={
                "orientation": "h",
                "traceorder": "normal",
                "y": -70 / height,
                "yanchor": "top",
                "x": 0,
            },
        )
    )
    return figure


def _bar_name(row: Mapping[str, Any]) -> str:
    return f"{row['title']}{' (applicability)' if row['kind'] == 'applicability' else ''}"
