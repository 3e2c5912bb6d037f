"""A figure or table as JSON text: its numbers, and the drawing inside a page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from review.analysis_api import Artifact


def script_json(text: str) -> str:
    r"""Return JSON text that cannot end the HTML script element it stands in.

    Example:
        >>> script_json('"</script>"')
        '"\\u003c/script\\u003e"'
    """
    for sign, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(sign, code)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def figure_json(figure: Any) -> str:
    """Return a plotly figure as JSON text that is safe inside an HTML script element."""
    from plotly.utils import PlotlyJSONEncoder

    held = figure.to_plotly_json() if hasattr(figure, "to_plotly_json") else figure
    return script_json(json.dumps(held, cls=PlotlyJSONEncoder, ensure_ascii=False))


def statistics(artifact: Artifact, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return everything computed for an artifact, as the JSON file and `--json` hold it.

    Args:
        artifact: the figure or table.
        context: where it comes from: review, filter, selection, seed, version.
    """
    return {
        "kind": artifact.kind,
        "key": artifact.key,
        "title": artifact.title,
        "caption": artifact.caption,
        **context,
        "notes": list(artifact.notes),
        "panels": [
            {
                "letter": panel.letter,
                "title": panel.title,
                "description": panel.alt,
                "rows": len(panel.rows),
                "statistics": panel.statistics,
            }
            for panel in artifact.panels
        ],
    }
