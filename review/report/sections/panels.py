"""Figures and tables of analysis modules as blocks of the report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from review.plots.export import figure_json, json_text
from review.plots.page import facts
from review.report.blocks import Bullets, Group, Notice, Plot, Table, table_of, text

if TYPE_CHECKING:
    from review.analysis_api import Artifact, Panel
    from review.project import Review
    from review.report.blocks import Block

HEIGHT: Final = 520
TITLE_HEIGHT: Final = 32
LEAST_MARGIN: Final = 16
ROWS: Final = 100  # of a figure's data, as HTML; the download holds all


def artifact_group(review: Review, artifact: Artifact) -> Group:
    """Return a figure or table with its panels, caption and notes below one heading."""
    blocks: list[Block] = [text(artifact.caption)] if artifact.caption else []
    blocks += [panel_block(review, artifact, panel) for panel in artifact.panels]
    if artifact.notes:
        blocks.append(Bullets(tuple((note,) for note in artifact.notes)))
    return Group(artifact.name, artifact.heading, tuple(blocks))


def panel_block(review: Review, artifact: Artifact, panel: Panel) -> Plot | Table | Notice:
    """Return a panel: a drawing with its data below it, or a table alone."""
    name = artifact.name + panel.letter
    title = panel.title or artifact.title
    lettered = f"{artifact.key}{panel.letter}" if artifact.key.isdigit() else panel.letter
    if panel.figure is None and panel.svg is None:
        if not panel.rows:
            return Notice(f"{title}: no data", "empty")
        return table_of(panel.rows, caption=title, name=name, labels=column_labels(review))
    return plot_block(
        name,
        f"{lettered}. {title}" if panel.letter else title,
        panel.figure,
        svg=panel.svg or "",
        alt=panel.alt,
        caption=panel.caption,
        rows=panel.rows,
        statistics=panel.statistics,
        labels=column_labels(review),
    )


def plot_block(
    ident: str,
    title: str,
    figure: Any,
    *,
    svg: str = "",
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
    drawn = None if figure is None else untitled(figure)
    return Plot(
        ident=ident,
        title=title,
        alt=alt or title,
        caption=caption,
        json="" if drawn is None else figure_json(drawn),
        svg=svg,
        height=HEIGHT if drawn is None else int(drawn["layout"].get("height") or HEIGHT),
        table=table,
        facts=tuple(facts(statistics or {})),
    )


def untitled(figure: Any) -> dict[str, Any]:
    """Return a plotly figure without its title, which the heading above it repeats."""
    drawn: dict[str, Any] = json.loads(
        figure.to_json() if hasattr(figure, "to_json") else json_text(figure)
    )
    layout = drawn["layout"]
    layout.pop("template", None)
    if (layout.get("title") or {}).get("text"):
        layout["title"] = {"text": ""}
        margin = layout.setdefault("margin", {})
        freed = min(TITLE_HEIGHT, max(0, margin.get("t", 0) - LEAST_MARGIN))
        margin["t"] = margin.get("t", 0) - freed
        if layout.get("height"):
            layout["height"] -= freed
    return drawn


def column_labels(review: Review) -> dict[str, str]:
    """Return the headings of codebook variables."""
    return {v.name: v.title for v in review.codebook.variable}
