"""The network graph: treatments on a circle, comparisons as lines."""

from __future__ import annotations

import math
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.plots.text_measure import shorten, text_width
from review.plots.theme import BUTTONS, INK, MUTED, PALETTE, layout, plain
from review.words import count, plural

if TYPE_CHECKING:
    from review.stats.networks.network_result import NetworkResult

_LETTERS: Final = 16  # of a line of a name
_SIZE: Final = 12.5
_SMALL, _LARGE = 10.0, 34.0  # pixels of the smallest and largest node
_THIN, _THICK = 1.2, 12.0
_EDGE: Final = "#7A9CB8"
_GAP: Final = 12  # pixels between a node and its name
_UPRIGHT: Final = 12  # treatments up to which names stand upright
MOST_NUMBERS: Final = 25  # lines up to which their numbers of studies are written beside them


def graph(result: NetworkResult, *, order: Any = None, title: str = "") -> Any:
    """Return the network graph.

    The area of a node is in proportion to the persons that had the treatment (where arms were
    given), else to its studies; the width of a line to the studies that compare the two directly.

    Args:
        result: the network.
        order: of the treatments around the circle, clockwise from the top; alphabetical by default.
        title: above the figure.

    Raises:
        InputError: the order does not hold every treatment once.

    Example:
        >>> from review import network_meta
        >>> fit = network_meta([-0.4, -0.3, 0.2], [0.1, 0.2, 0.15], ["A", "B", "A"],
        ...                    ["C", "C", "B"], ["s1", "s2", "s3"])
        >>> [trace.name for trace in graph(fit).data]
        ['comparisons', 'treatments']
    """
    import plotly.graph_objects as go

    at = result.in_order(result.treatments if order is None else order)
    place = np.empty((result.n, 2))
    for step, t in enumerate(at):
        angle = 2 * math.pi * step / result.n
        place[t] = math.sin(angle), math.cos(angle)
    figure = go.Figure()
    _edges(figure, result, place)
    _nodes(figure, result, place)
    notes, sides = _names(result, place)
    top = BUTTONS + (28 if title else 0) + sides["t"]
    body, least = (320, 190) if result.n <= _UPRIGHT else (440, 400)
    figure.update_layout(
        **layout(
            title,
            height=round(body + top + sides["b"]),
            margin={"l": sides["l"], "r": sides["r"], "t": top, "b": sides["b"]},
            showlegend=False,
            # one unit is as long on both axes, so that the circle is one
            xaxis={"visible": False, "range": [-1.12, 1.12], "constrain": "domain"},
            yaxis={"visible": False, "range": [-1.12, 1.12], "scaleanchor": "x",
                   "constrain": "domain"},
            annotations=[*figure.layout.annotations, *notes],
            meta={"min_width": round(sides["l"] + sides["r"] + least)},
        )
    )  # fmt: skip
    return figure


def _edges(figure: Any, result: NetworkResult, place: Any) -> None:
    """Lines by number of studies; one trace per width would be as many traces: shapes instead."""
    import plotly.graph_objects as go

    k = result.study_counts
    pairs = [(i, j) for i in range(result.n) for j in range(i + 1, result.n) if k[i, j]]
    top = max(int(k[i, j]) for i, j in pairs)
    middles, texts, counts = [], [], []
    for i, j in pairs:
        (x0, y0), (x1, y1) = place[i], place[j]
        figure.add_shape(
            type="line", x0=x0, y0=y0, x1=x1, y1=y1, layer="below",
            line={"color": _EDGE, "width": max(_THICK * k[i, j] / top, _THIN)},
        )  # fmt: skip
        # off the middle, where lines of a circle cross
        middles.append((x0 + 0.4 * (x1 - x0), y0 + 0.4 * (y1 - y0)))
        names = f"{plain(result.treatments[i])} vs {plain(result.treatments[j])}"
        texts.append(f"<b>{names}</b><br>{plural(int(k[i, j]), 'study')}")
        counts.append(count(int(k[i, j])))
    figure.add_trace(
        go.Scatter(
            x=[m[0] for m in middles], y=[m[1] for m in middles], name="comparisons", text=texts,
            mode="markers", marker={"size": 12, "color": "rgba(0,0,0,0)"},
            hovertemplate="%{text}<extra></extra>",
        )
    )  # fmt: skip
    if len(pairs) <= MOST_NUMBERS:
        for (x, y), text in zip(middles, counts, strict=True):
            figure.add_annotation(
                x=x, y=y, text=text, showarrow=False, bgcolor="rgba(255,255,255,0.85)",
                borderpad=1, font={"size": 11, "color": MUTED},
            )  # fmt: skip


def _nodes(figure: Any, result: NetworkResult, place: Any) -> None:
    import plotly.graph_objects as go

    persons = [result.persons.get(t, 0.0) for t in result.treatments]
    weights = persons if all(persons) else [float(k) for k in result.studies_per_treatment]
    top = max(weights)
    texts = []
    for t, name in enumerate(result.treatments):
        text = f"<b>{plain(name)}</b><br>{plural(result.studies_per_treatment[t], 'study')}"
        if all(persons):
            text += f"<br>{count(round(persons[t]))} persons"
        texts.append(text)
    figure.add_trace(
        go.Scatter(
            x=place[:, 0], y=place[:, 1], mode="markers", name="treatments", text=texts,
            cliponaxis=False, hovertemplate="%{text}<extra></extra>",
            marker={"color": PALETTE[0], "opacity": 1, "line": {"color": "white", "width": 1.5},
                    "size": [max(_LARGE * math.sqrt(w / top), _SMALL) for w in weights]},
        )
    )  # fmt: skip


def _names(result: NetworkResult, place: Any) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Names outside the circle, and the margins in pixels that they need.

    Of many treatments the names stand along the rays, where they cannot meet.
    """
    notes = []
    sides = {"l": 14.0, "r": 14.0, "t": 14.0, "b": 14.0}
    rays = result.n > _UPRIGHT
    gap = _LARGE / 2 + _GAP - 6
    for t, name in enumerate(result.treatments):
        x, y = (float(v) for v in place[t])
        lines = [shorten(name, 2 * _LETTERS)] if rays else wrap(name, _LETTERS) or [name]
        wide = max(text_width(line, _SIZE) for line in lines)
        high = 16.0 * len(lines)
        turn = 0.0
        if rays:
            # along the ray, and never upside down
            turn = -math.degrees(math.atan2(y, x))
            turn += -180 if turn > 90 else 180 if turn < -90 else 0
            wide, high = abs(x) * wide + abs(y) * high, abs(y) * wide + abs(x) * high
        near = 0.12 if rays else 0.25
        across = "center" if abs(x) < near else "left" if x > 0 else "right"
        up = "middle" if abs(y) < (near if rays else 0.5) else "bottom" if y > 0 else "top"
        for side, here, size in (
            ("r", x > near, wide), ("l", x < -near, wide), ("t", y > 0.5, high),
            ("b", y < -0.5, high),
        ):  # fmt: skip
            if here:
                sides[side] = max(sides[side], size + gap)
        notes.append(
            {
                "text": "<br>".join(plain(line) for line in lines), "x": x, "y": y,
                "xanchor": across, "yanchor": up, "showarrow": False, "align": across,
                "xshift": gap * x, "yshift": gap * y, "textangle": turn,
                "font": {"size": _SIZE, "color": INK}, "hovertext": plain(name),
            }
        )  # fmt: skip
    return notes, sides
