"""Figures about the reference networks: what each transfer-learning type trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.plots.figure_sizes import DESKTOP, with_media
from review.plots.text_measure import lines_of
from review.plots.theme import INK, PALETTE, axis, layout, plain, words
from review.words import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.models.transfer import TransferCount
    from review.plots.figure_sizes import Medium

ROW: Final = 20  # pixels per network
FRAME: Final = 170
GAP: Final = 0.02
BETWEEN: Final = 90  # pixels between two lines of bars on a phone
NAMES: Final = 128  # of the networks


def transfer_bars(counts: Sequence[TransferCount], title: str) -> Any:
    """Return bars of the trained share, one column of bars per type, one row per network.

    Args:
        counts: of several networks under each type.
        title: of the figure.
    """
    import plotly.graph_objects as go

    kinds = list(dict.fromkeys(c.kind for c in counts))
    names = list(dict.fromkeys(c.backbone for c in counts))
    figure = go.Figure()
    for i, kind in enumerate(kinds):
        figure.add_trace(_bars([c for c in counts if c.kind == kind], i, PALETTE[i]))

    def layout_of(medium: Medium) -> dict[str, Any]:
        columns = 2 if medium.name == "phone" else len(kinds)
        lines = -(-len(kinds) // columns)
        tall = len(names) * ROW * medium.row / DESKTOP.row
        inner = lines * tall + (lines - 1) * BETWEEN
        width = (1 - GAP * (columns - 1)) / columns
        axes: dict[str, Any] = {}
        notes = []
        for i, kind in enumerate(kinds):
            line, column = divmod(i, columns)
            start, mark = column * (width + GAP), "" if i == 0 else str(i + 1)
            high = 1 - line * (tall + BETWEEN) / inner
            axes[f"xaxis{mark}"] = axis(
                "% trained" if column == 0 else "", domain=[start, start + width],
                anchor=f"y{mark}", range=[0, 160], tickangle=0,
                tickvals=[0, 50, 100],
            )  # fmt: skip
            axes[f"yaxis{mark}"] = axis(
                "", autorange="reversed", type="category", ticks="", dtick=1, anchor=f"x{mark}",
                domain=[max(high - tall / inner, 0), high], showticklabels=column == 0,
            )  # fmt: skip
            room = (medium.least - NAMES) * width
            heading = lines_of(words(kind), room, medium.small, bold=True)
            notes.append(
                {
                    "text": "<br>".join(f"<b>{plain(line)}</b>" for line in heading),
                    "xref": "paper", "yref": "paper", "x": start, "y": high, "xanchor": "left",
                    "yanchor": "bottom", "align": "left", "showarrow": False,
                    "font": {"size": medium.small, "color": INK},
                }
            )  # fmt: skip
        return layout(
            title, height=int(FRAME + inner), showlegend=False, bargap=0.3,
            margin={"l": NAMES, "r": 14, "t": 110, "b": 60}, annotations=notes, **axes,
        )  # fmt: skip

    return with_media(figure, layout_of)


def _bars(inside: Sequence[TransferCount], column: int, colour: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "y": [plain(c.backbone) for c in inside],
        "x": [100 * c.share for c in inside],
        "xaxis": f"x{column + 1 if column else ''}",
        "yaxis": f"y{column + 1 if column else ''}",
        "text": [percent(100 * c.share) for c in inside],
        "textposition": "outside",
        "constraintext": "none",
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
