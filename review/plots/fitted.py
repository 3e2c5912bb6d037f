"""Fits a plotly figure to desktop, phone and paper: texts in lines, legends below, sizes.

Whatever a figure shows, its title, the lines below it and the titles of its axes are cut into lines
that fit the place, and legends stand below the plot, which so gets the whole width.
"""

from __future__ import annotations

import copy
import html
import re
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from review.plots.figure_sizes import DESKTOP, MEDIA, changed, differing
from review.plots.text_measure import lines_of, widest
from review.plots.theme import BELOW_TITLE, BUTTONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from review.plots.figure_sizes import Medium

_MARKUP: Final = re.compile(r"<[^<>]+>")
_LINE: Final = 1.3  # height of a line, in letters
_KEY: Final = 45  # pixels of a legend's entry before and after its text
_EDGE: Final = 8
_BELOW: Final = 76  # pixels that the labels and the title of an x axis take
_ROOM: Final = 420, 760  # heights of plots that shrink on small media


def fitted(figure: Any) -> dict[str, Any]:
    """Return a plotly figure as plain dictionaries, laid out for every medium.

    Figures that stand in columns of text (`meta.min_width`) keep their layout.

    Args:
        figure: as plotly or as dictionaries; what it holds in `meta.media` of its own stays.

    Example:
        >>> import plotly.graph_objects as go
        >>> from review.plots.theme import layout
        >>> made = fitted(go.Figure(layout=layout("A title that is too long for a telephone " * 2)))
        >>> made["layout"]["meta"]["media"]["phone"]["title"]["text"].count("<br>") > 0
        True
    """
    data = figure.to_plotly_json() if hasattr(figure, "to_plotly_json") else figure
    base = dict(data["layout"])
    meta = dict(base.get("meta") or {})
    if meta.get("min_width") or meta.get("fitted"):
        return {"data": data["data"], "layout": base}
    own = meta.pop("media", {})
    found = {}
    for medium in MEDIA:
        layout = copy.deepcopy(changed(base, own.get(medium.name, {})))
        if not own:
            _shrink(layout, medium)
        found[medium.name] = _fit(layout, data["data"], medium)
    wide = found.pop(DESKTOP.name)
    media = {name: differing(layout, wide) for name, layout in found.items()}
    wide["meta"] = {**meta, "media": media, "fitted": True}
    return {"data": data["data"], "layout": wide}


def _fit(
    layout: dict[str, Any], traces: Sequence[Mapping[str, Any]], medium: Medium
) -> dict[str, Any]:
    margin = {"l": 70, "r": 20, "t": 80, "b": 60, **(layout.get("margin") or {})}
    height = layout.get("height") or DESKTOP.height
    if medium is not DESKTOP:
        margin["l"], margin["r"] = min(margin["l"], 60), min(margin["r"], 14)
    left = max(margin["l"], _labels(layout, traces, medium.text))
    margin["l"] = left
    room = medium.least - left - margin["r"]
    layout["font"] = {**(layout.get("font") or {}), "size": medium.text}
    inner = height - margin["t"] - margin["b"]
    margin["t"] += _title(layout, medium) + _notes(layout, left, medium)
    margin["b"] += _axes(layout, room, inner, medium)
    legends = _legends(layout, traces, medium)
    # what was kept free for a legend is not needed twice
    margin["b"] = (min(margin["b"], _BELOW) if legends else margin["b"]) + legends
    layout["margin"] = margin
    layout["height"] = round(inner + margin["t"] + margin["b"])
    title = layout.get("title")
    if isinstance(title, dict) and title.get("text"):
        title["y"] = 1 - BUTTONS / layout["height"]
    _place_legends(layout)
    return layout


def _shrink(layout: dict[str, Any], medium: Medium) -> None:
    """Make a plot of usual height lower where there is less width; others have rows to show."""
    height = layout.get("height") or DESKTOP.height
    if medium is not DESKTOP and _ROOM[0] <= height <= _ROOM[1]:
        layout["height"] = round(height * (0.85 if medium.name == "phone" else 0.8))


def _plain(text: Any) -> str:
    return html.unescape(_MARKUP.sub("", str(text).replace("<br>", " ")))


def _lines(text: str, width: float, size: float) -> str:
    """A text in lines that fit, as plotly reads them; text with markup of its own stays."""
    if _MARKUP.search(text.replace("<br>", "")):
        return text
    lines = [
        line
        for part in text.split("<br>")
        for line in lines_of(html.unescape(part), max(width, 60), size)
    ]
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def _labels(layout: Mapping[str, Any], traces: Sequence[Mapping[str, Any]], size: float) -> float:
    """Pixels that the labels of a y axis with categories take."""
    axis = layout.get("yaxis") or {}
    texts = axis.get("ticktext")
    if texts is None and axis.get("type") == "category":
        held = [t.get("y") for t in traces if t.get("yaxis", "y") == "y"]
        texts = [y for ys in held if not isinstance(ys, dict | None) for y in ys]
    if texts is None or axis.get("showticklabels") is False or axis.get("automargin") is False:
        return 0.0
    wide = widest((line for t in texts for line in str(t).split("<br>")), size)
    return wide + 14 + (24 if (axis.get("title") or {}).get("text") else 0)


def _title(layout: dict[str, Any], medium: Medium) -> float:
    """Cut the title into lines; return the pixels that they take beyond one line."""
    title = layout.get("title")
    if not isinstance(title, dict) or not title.get("text"):
        return 0.0
    text = _lines(title["text"], medium.least - 2 * _EDGE, medium.title)
    font = {**(title.get("font") or {}), "size": medium.title}
    place = {"xref": "container", "x": 0, "xanchor": "left", "pad": {"l": _EDGE}}
    layout["title"] = {**title, "text": text, "font": font, **place}
    return text.count("<br>") * _LINE * medium.title


def _notes(layout: dict[str, Any], left: float, medium: Medium) -> float:
    """Cut the lines below the title; return the pixels that they take beyond one line each."""
    more = 0.0
    for note in layout.get("annotations") or ():
        if note.get("name") != BELOW_TITLE:
            continue
        before = note["text"].count("<br>")
        note["text"] = _lines(note["text"], medium.least - 2 * _EDGE, medium.small)
        note["xshift"] = _EDGE - left  # below the title, whatever the labels of the axis take
        note["font"] = {**(note.get("font") or {}), "size": medium.small}
        more += (note["text"].count("<br>") - before) * _LINE * medium.small
    return more


def _axes(layout: dict[str, Any], room: float, inner: float, medium: Medium) -> float:
    """Cut the titles of axes into lines; return the pixels that the lowest ones need."""
    below = 0.0
    for name, axis in _named_axes(layout):
        title = axis.get("title")
        if not isinstance(title, dict) or not title.get("text"):
            continue
        start, end = axis.get("domain") or (0, 1)
        across = name.startswith("xaxis")
        # a title may stand out a little on both sides of its axis
        width = (end - start) * (room if across else inner) + (30 if across else 0)
        text = _lines(title["text"], width, medium.text)
        axis["title"] = {**title, "text": text, "font": {"size": medium.text}}
        if across and axis.get("side") != "top":
            below = max(below, text.count("<br>") * _LINE * medium.text)
    return below


def _named_axes(layout: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, part in layout.items():
        if re.fullmatch(r"[xy]axis\d*", name) and isinstance(part, dict):
            yield name, part


def _legends(layout: dict[str, Any], traces: Sequence[Mapping[str, Any]], medium: Medium) -> float:
    """Lay out each legend in columns; return the pixels that they take below the plot."""
    held: dict[str, list[str]] = {}
    for trace in traces:
        if trace.get("showlegend") is not False and trace.get("name"):
            held.setdefault(trace.get("legend", "legend"), []).append(_plain(trace["name"]))
    shown = layout.get("showlegend")
    if shown is False or (shown is None and sum(map(len, held.values())) < 2):
        return 0.0
    high = 0.0
    size = medium.small
    for name, entries in held.items():
        legend = dict(layout.get(name) or {})
        title = dict(legend.get("title") or {})
        width = min(widest(entries, size) + 4, medium.least - _KEY - 10)
        columns = max(1, int((medium.least - 10) // (width + _KEY)))
        rows = ceil(len(entries) / columns)
        tall = rows * max(1.45 * size, 18) + (1.6 * size if title.get("text") else 0) + 10
        if title.get("text"):
            title |= {"side": "top", "font": {"size": size + 1}}
        layout[name] = {
            **{k: v for k, v in legend.items() if k in {"itemsizing", "traceorder", "bgcolor"}},
            "orientation": "h", "xref": "container", "x": 0, "xanchor": "left",
            "yref": "container", "yanchor": "bottom", "tracegroupgap": 0, "maxheight": 1,
            "entrywidth": round(width), "entrywidthmode": "pixels", "font": {"size": size},
            "title": title, "y": tall,  # the height, until the figure's own is known
        }  # fmt: skip
        high += tall
    return high


def _place_legends(layout: dict[str, Any]) -> None:
    """Turn heights of legends into places, the last one at the bottom."""
    names = sorted(
        (n for n, part in layout.items()
         if re.fullmatch(r"legend\d*", n) and (part or {}).get("entrywidth")),
        key=lambda n: int(n.removeprefix("legend") or 1), reverse=True,
    )  # fmt: skip
    at = 4.0
    for name in names:
        tall = layout[name]["y"]
        layout[name]["y"] = at / layout["height"]
        at += tall
