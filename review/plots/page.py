"""One self-contained HTML page per figure or table: no network access, all text escaped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.formats.rows import columns_of, json_text
from review.plots.artifact_json import figure_json, script_json, statistics
from review.plots.dark_theme import figure_style, with_constants
from review.plots.figure_sizes import DESKTOP
from review.plots.fitted import fitted
from review.plots.policy import with_policy
from review.resources import resource_dir
from review.schema.cell_types import cell_text
from review.words import significant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from review.analysis_api import Artifact, Panel

MOST_ENTRIES: Final = 50  # of a list among the statistics
TABLE_ROWS: Final = 500  # more rows make a page slow; the CSV file holds them all
_LINK: Final = re.compile(r"https?://[^\s<>\"']+\Z")


@dataclass(frozen=True)
class _Cell:
    text: str
    number: bool
    link: bool


@dataclass(frozen=True)
class _View:
    """What the template needs of a panel."""

    letter: str
    title: str
    alt: str
    caption: str
    svg: str | None
    smaller: list[tuple[str, str]]
    json: str
    height: int
    columns: list[str]
    table: list[list[_Cell]]
    count: int
    facts: list[tuple[str, str]]


def page(artifact: Artifact, context: Mapping[str, Any]) -> str:
    """Return the page of a figure or table.

    Args:
        artifact: the figure or table.
        context: where it comes from: `review`, `cite`, `sample`, `version`, ...
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = resource_dir("templates")
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    views = [_view(panel) for panel in artifact.panels]
    drawn = any(view.json for view in views)
    style = (templates / "figure.css").read_text("utf-8") + figure_style(dark=False)
    script = with_constants((templates / "figure.js").read_text("utf-8")) if drawn else ""
    plotly = plotly_source() if drawn else ""
    text = environment.get_template("figure.html.j2").render(
        artifact=artifact,
        heading=artifact.heading,
        source=_source(context),
        panels=views,
        wide=len(views) % 2 == 0 and all(v.json for v in views),
        style=style,
        script=script,
        plotly=plotly,
        statistics=script_json(json_text(statistics(artifact, context))),
        footer=_footer(context),
    )
    return with_policy(text, [plotly, script] if drawn else [], library=plotly)


def plotly_source() -> str:
    """Return the vendored plotly.js, which draws everything but 3-D and maps."""
    path = resource_dir("templates") / "vendor" / "plotly-cartesian.min.js"
    return path.read_text("utf-8")


def _view(panel: Panel) -> _View:
    columns = columns_of(panel.rows)
    figure = None if panel.figure is None else fitted(panel.figure)
    height = DESKTOP.height
    if figure is not None:
        height = int(figure["layout"].get("height") or DESKTOP.height)
    return _View(
        letter=panel.letter,
        title=panel.title,
        alt=panel.alt,
        caption=panel.caption,
        svg=panel.svg,
        smaller=list(panel.smaller.items()),
        json="" if figure is None else figure_json(figure),
        height=height,
        columns=columns,
        table=[[_cell(row.get(name)) for name in columns] for row in panel.rows[:TABLE_ROWS]],
        count=len(panel.rows),
        facts=list(facts(panel.statistics)),
    )


def _cell(value: Any) -> _Cell:
    text = significant(value) if isinstance(value, float) else cell_text(value)
    number = not isinstance(value, str | bool | tuple | list | None)
    return _Cell(text, number, link=isinstance(value, str) and bool(_LINK.match(value)))


def facts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield nested statistics as lines: the path of names and the value as text.

    Example:
        >>> list(facts({"test": {"p": 0.25, "n": 4, "ci": None}}))
        [('test · p', '0.25'), ('test · n', '4'), ('test · ci', '–')]
    """
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from facts(inner, f"{name} · {key}" if name else str(key))
    elif isinstance(value, list | tuple) and any(isinstance(v, dict) for v in value):
        if len(value) > MOST_ENTRIES:  # the rows of a table, which stand in the data
            yield name, f"{len(value):,} entries"
            return
        for i, inner in enumerate(value, start=1):
            yield from facts(inner, f"{name} · {i}")
    elif isinstance(value, list | tuple):
        yield name, ", ".join(_number(v) for v in value)
    else:
        yield name, _number(value)


def _number(value: Any) -> str:
    if isinstance(value, float):
        return significant(value)
    return "–" if value is None else cell_text(value)


def _source(context: Mapping[str, Any]) -> str:
    parts = [str(context[k]) for k in ("review_title", "cite") if context.get(k)]
    if context.get("filter"):
        parts.append(f"Filter: {context['filter']}")
    return " — ".join(parts)


def _footer(context: Mapping[str, Any]) -> str:
    version = context.get("version")
    return f"Made by review {version} from the review folder {context.get('review')}." * bool(
        version
    )
