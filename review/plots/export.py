"""Turns a figure or table into the bytes of files: HTML, CSV, JSON, SVG, PNG.

Every format is made from the same artifact, so their numbers agree. Nothing is written here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from review.errors import UnknownNameError
from review.formats.rows import columns_of, csv_cells, csv_lines, csv_text, json_text
from review.plots.artifact_json import statistics
from review.plots.page import page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from review.analysis_api import Artifact, Panel

Format = Literal["html", "csv", "json", "svg", "png"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
DEFAULT_FORMATS: Final[tuple[Format, ...]] = ("html", "csv", "json")


def parse_formats(values: Iterable[str]) -> tuple[Format, ...]:
    """Return formats given one by one or joined by commas, each once, in the order given.

    Raises:
        UnknownNameError: an unknown format, with the closest known one.

    Example:
        >>> parse_formats(["csv,HTML", "csv"])
        ('csv', 'html')
    """
    names = [part.strip().casefold() for value in values for part in value.split(",")]
    chosen: dict[Format, None] = {}
    for name in filter(None, names):
        if name not in FORMATS:
            raise UnknownNameError("format", name, FORMATS)
        chosen[name] = None
    return tuple(chosen) or DEFAULT_FORMATS


def csv_files(artifact: Artifact) -> dict[str, str]:
    """Return the plotted data as CSV text by file name.

    Panels with the same columns share one file, where the column `panel` tells them apart; others
    have a file each.
    """
    named = [(p, columns_of(p.rows)) for p in artifact.panels if p.rows]
    if not named:
        return {}
    if len(named) == 1:
        panel, columns = named[0]
        return {_csv_name(artifact, panel, alone=True): csv_text(panel.rows, columns)}
    if all(columns == named[0][1] for _, columns in named):
        return {f"{artifact.name}.csv": _joint_csv([p for p, _ in named], named[0][1])}
    return {_csv_name(artifact, p, alone=False): csv_text(p.rows, c) for p, c in named}


def _joint_csv(panels: Sequence[Panel], columns: Sequence[str]) -> str:
    """One table of several panels; a row that several panels share is written out once."""
    cells: dict[int, list[str]] = {}
    lines = [["panel", *columns]]
    for panel in panels:
        for row in panel.rows:
            if id(row) not in cells:
                cells[id(row)] = csv_cells(row, columns)
            lines.append([panel.letter, *cells[id(row)]])
    return csv_lines(lines)


def _csv_name(artifact: Artifact, panel: Panel, *, alone: bool) -> str:
    return f"{artifact.name}{'' if alone else panel.letter}.csv"


def render(
    artifact: Artifact, chosen: Format, context: Mapping[str, Any] | None = None
) -> dict[str, bytes]:
    """Return the files of one format: name -> bytes.

    Args:
        artifact: the figure or table.
        chosen: the format.
        context: where it comes from; goes into HTML and JSON.

    Raises:
        MissingExtraError: SVG or PNG of a plotly figure without a browser.
    """
    context = context or {}
    if chosen == "csv":
        return {name: text.encode() for name, text in csv_files(artifact).items()}
    if chosen == "json":
        text = json_text(statistics(artifact, context)) + "\n"
        return {f"{artifact.name}.json": text.encode()}
    if chosen == "html":
        return {f"{artifact.name}.html": page(artifact, context).encode()}
    from review.plots.image import images

    return images([artifact], [chosen])
