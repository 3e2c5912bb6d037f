"""The figures of a report as picture files, for the formats that cannot hold drawings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from review.analysis_api import Artifact, Panel
from review.report.render import walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.plots.image import Picture
    from review.report.blocks import Plot, Section

PAPER = "paper"


def block_pictures(
    sections: Sequence[Section], chosen: Picture = "png"
) -> tuple[dict[str, bytes], str]:
    """Return the pictures of all figures by their identifier, and why some are missing.

    Args:
        sections: those of the report.
        chosen: `png`, which needs a browser; of `svg` only interactive figures need one.
    """
    from review.plots.image import NoBrowserError, images

    plots: list[Plot] = [b for s in sections for b in walk(s.blocks) if b.kind == "plot"]
    artifacts = [_artifact(plot) for plot in plots if plot.svg or plot.json]
    why = ""
    try:
        found = images(artifacts, [chosen]) if artifacts else {}
    except NoBrowserError as error:
        found, why = error.partial, error.message
    return {name.rpartition(".")[0]: data for name, data in found.items()}, why


def _artifact(plot: Plot) -> Artifact:
    svg = dict(plot.smaller).get(PAPER) or plot.svg
    figure = json.loads(plot.json) if plot.json else None
    panel = Panel("", plot.title, [], figure=figure, svg=svg or None, alt=plot.alt)
    return Artifact("figure", "", plot.title, "", (panel,), stem=plot.ident)
