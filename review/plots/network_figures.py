"""Figures about the reference networks: what each transfer-learning type trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.plots.theme import INK, PALETTE, axis, layout, plain, words
from review.words import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.models.transfer import TransferCount

ROW: Final = 20  # pixels per network
FRAME: Final = 150
GAP: Final = 0.02


def transfer_bars(counts: Sequence[TransferCount], title: str) -> Any:
    """Return bars of the trained share, one column of bars per type, one row per network.

    Args:
        counts: of several networks under each type.
        title: of the figure.
    """
    import plotly.graph_objects as go

    kinds = list(dict.fromkeys(c.kind for c in counts))
    names = list(dict.fromkeys(c.backbone for c in counts))
    height = FRAME + ROW * len(names)
    width = (1 - GAP * (len(kinds) - 1)) / len(kinds)
    axes: dict[str, Any] = {}
    notes = []
    for i, kind in enumerate(kinds):
        start = i * (width + GAP)
        axes[f"xaxis{i + 1 if i else ''}"] = axis(
            "% trained" if i == 0 else "",
            domain=[start, start + width],
            range=[0, 138],
            tickvals=[0, 50, 100],
        )
        notes.append(
            {
                "text": f"<b>{plain(words(kind))}</b>",
                "xref": "paper", "yref": "paper", "x": start, "y": 1, "xanchor": "left",
                "yanchor": "bottom", "showarrow": False, "font": {"size": 12, "color": INK},
            }
        )  # fmt: skip
    figure = go.Figure(
        layout=layout(
            title,
            height=height,
            showlegend=False,
            bargap=0.3,
            margin={"l": 130, "r": 20, "t": 84, "b": 60},
            yaxis=axis("", autorange="reversed", type="category", ticks="", dtick=1),
            annotations=notes,
            **axes,
        )
    )
    for i, kind in enumerate(kinds):
        inside = [c for c in counts if c.kind == kind]
        figure.add_trace(_bars(inside, i, PALETTE[i]))
    return figure


def _bars(inside: Sequence[TransferCount], column: int, colour: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "y": [plain(c.backbone) for c in inside],
        "x": [100 * c.share for c in inside],
        "xaxis": f"x{column + 1 if column else ''}",
        "text": [percent(100 * c.share) for c in inside],
        "textposition": "outside",
        "cliponaxis": False,
        "textfont": {"size": 10, "color": INK},
        "hovertext": [
            f"{plain(c.backbone)}, {plain(words(c.kind))}<br>{c.trainable:,} of {c.total:,} "
            f"parameters trained<br>{c.unfrozen} of {c.blocks} blocks unfrozen"
            for c in inside
        ],
        "hoverinfo": "text",
        "marker": {"color": colour},
    }
