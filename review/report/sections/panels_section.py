"""Figures and tables of analysis modules as blocks of the report."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, Final

from review.formats.rows import json_text
from review.plots.artifact_json import figure_json
from review.plots.figure_sizes import changed, differing
from review.plots.fitted import fitted
from review.plots.page import facts
from review.report.blocks import Bullets, Cell, Group, Notice, Plot, Table, text
from review.report.table_cells import table_of
from review.words import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.analysis_api import Artifact, Panel
    from review.project import Review
    from review.report.blocks import Block

HEIGHT: Final = 520
FOLDED: Final = 40  # a table with more rows is closed at first
TONES: Final = {"exact": "good", "rounds to": "good", "differs": "bad"}
LONGEST_FACT: Final = 300
MOST_FACTS: Final = 80
UNKNOWN: Final = "–"
TITLE_HEIGHT: Final = 32
LEAST_MARGIN: Final = 20
PLOTLY_TOP: Final = 100  # plotly's own top margin
TOP: Final = 0.97  # from here on things stand above the plot
ROWS: Final = 6  # of a figure's data as HTML; the script of the page adds the others


def artifact_group(review: Review, artifact: Artifact) -> Group:
    """Return a figure or table with its panels, caption and notes below one heading."""
    blocks: list[Block] = [text(artifact.caption)] if artifact.caption else []
    blocks += [panel_block(review, artifact, panel) for panel in artifact.panels]
    if artifact.notes:
        blocks.append(Bullets(tuple((note,) for note in artifact.notes)))
    return Group(artifact.name, artifact.heading, tuple(blocks))


def panel_block(review: Review, artifact: Artifact, panel: Panel) -> Plot | Table | Notice:
    """Return a panel: a drawing with its data below it, or a table alone."""
    name = artifact.name + (panel.letter or "-data")
    title = panel.title or artifact.title
    lettered = f"{artifact.key}{panel.letter}" if artifact.key.isdigit() else panel.letter
    if panel.figure is None and panel.svg is None:
        if not panel.rows:
            return Notice(f"{title}: no data", "empty")
        rows = [{k: _toned(k, v) for k, v in row.items()} for row in panel.rows]
        long = len(rows) > FOLDED
        return table_of(
            rows, caption=title, name=name, labels=column_labels(review), folded=long,
            most=ROWS if long else FOLDED,
        )  # fmt: skip
    return plot_block(
        name,
        f"{lettered}. {title}" if panel.letter else title,
        panel.figure,
        svg=panel.svg or "",
        smaller=panel.smaller,
        alt=panel.alt,
        caption=panel.caption,
        rows=panel.rows,
        statistics=panel.statistics,
        labels=column_labels(review),
    )


def _toned(column: str, value: Any) -> Any:
    """Return a verdict as a cell whose colour underlines the word."""
    if not column.endswith("verdict"):
        return value
    return Cell(str(value or ""), tone=TONES.get(str(value), ""))


def plot_block(
    ident: str,
    title: str,
    figure: Any,
    *,
    svg: str = "",
    smaller: Mapping[str, str] | None = None,
    alt: str = "",
    caption: str = "",
    rows: list[dict[str, Any]] | None = None,
    statistics: dict[str, Any] | None = None,
    labels: dict[str, str] | None = None,
) -> Plot:
    """Return a drawing with its data and statistics.

    Args:
        ident: anchor, and name of the file with the data.
        title: the heading.
        figure: a plotly figure, or None when `svg` is given.
        svg: a drawing.
        smaller: the drawings for phone and paper, where they are other ones.
        alt: what it shows, in words.
        caption: below it.
        rows: its data.
        statistics: computed on the data.
        labels: headings of the data's columns.
    """
    table = None
    if rows:
        table = table_of(
            rows, caption=f"Data: {title}", name=ident, labels=labels, most=ROWS, folded=True
        )
    drawn = None if figure is None else fitted(untitled(figure))
    return Plot(
        ident=ident,
        title=title,
        alt=sentence(alt or title),
        caption="" if caption == title else caption,
        json="" if drawn is None else figure_json(drawn),
        svg=svg,
        smaller=tuple((smaller or {}).items()),
        height=HEIGHT if drawn is None else int(drawn["layout"].get("height") or HEIGHT),
        table=table,
        facts=_told(statistics or {}, rows),
    )


def _told(statistics: Mapping[str, Any], rows: Any) -> tuple[tuple[str, str], ...]:
    """Return the numbers of a figure as lines; rows and long lists are in its data already."""
    held = {k: v for k, v in statistics.items() if v != rows}
    found = [
        (n.removeprefix("settings · "), v)
        for n, v in facts(held)
        if len(v) <= LONGEST_FACT and v != UNKNOWN
    ]
    more = len(found) - MOST_FACTS
    return (*found[:MOST_FACTS], *([("further numbers", f"{more} more")] if more > 0 else []))


def untitled(figure: Any) -> dict[str, Any]:
    """Return a plotly figure without its title, which the heading above it repeats."""
    drawn: dict[str, Any] = json.loads(
        figure.to_json() if hasattr(figure, "to_json") else json_text(figure)
    )
    wide = drawn["layout"]
    wide.pop("template", None)
    others = (wide.get("meta") or {}).get("media", {})
    found = {name: _bare(copy.deepcopy(changed(wide, held))) for name, held in others.items()}
    drawn["layout"] = _bare(wide)
    for name, layout in found.items():
        others[name] = differing(layout, drawn["layout"])
    return drawn


def _bare(layout: dict[str, Any]) -> dict[str, Any]:
    """Return the layout without title, and without the room that the title took."""
    titled = bool((layout.get("title") or {}).get("text"))
    layout["title"] = {"text": ""}
    margin = layout["margin"] = layout.get("margin") or {}
    top = margin.get("t", PLOTLY_TOP)
    if not _uses_top(layout):
        margin["t"] = min(top, LEAST_MARGIN)
    elif titled:
        margin["t"] = max(LEAST_MARGIN, top - TITLE_HEIGHT)
    if layout.get("height"):
        layout["height"] -= max(0, top - margin.get("t", top))
    return layout


def _uses_top(layout: dict[str, Any]) -> bool:
    """Whether something but the title stands above the plot: notes, an axis, a legend."""
    notes = any(
        a.get("yref") == "paper" and (a.get("y") or 0) >= TOP
        for a in layout.get("annotations") or ()
    )
    axes = any(
        isinstance(part, dict) and part.get("side") == "top"
        for name, part in layout.items()
        if name.startswith("xaxis")
    )
    return notes or axes or ((layout.get("legend") or {}).get("y") or 0) > TOP


def column_labels(review: Review) -> dict[str, str]:
    """Return the headings of codebook variables."""
    return {v.name: v.title for v in review.codebook.variable}
