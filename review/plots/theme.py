"""Colours, marker shapes and layout that all figures share.

Colours are those of Okabe and Ito (2008) followed by Tol (2021), which people with any kind of
colour vision can tell apart; a second sign (marker shape, text, position) always goes with them.
"""

from __future__ import annotations

import html
from itertools import count, product
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PALETTE: Final = (
    "#0072B2",  # blue
    "#E69F00",  # orange
    "#009E73",  # bluish green
    "#CC79A7",  # reddish purple
    "#56B4E9",  # sky blue
    "#D55E00",  # vermillion
    "#F0E442",  # yellow
    "#332288",  # indigo
    "#882255",  # wine
    "#44AA99",  # teal
    "#000000",  # black
)
SYMBOLS: Final = ("x", "square", "diamond", "triangle-up", "cross", "star", "hexagon", "bowtie")
NOT_STATED: Final = "not stated"
OTHER: Final = "other"
NOT_STATED_COLOUR: Final = "#9A9A9A"
NOT_STATED_SYMBOL: Final = "circle"
OTHER_COLOUR: Final = "#DDDDDD"

INK: Final = "#1F2328"
MUTED: Final = "#59636E"
GRID: Final = "#E4E7EB"
LINK: Final = "#0550AE"
PAPER: Final = "#FFFFFF"
# two samples that must never be mixed up
PUBLISHED_COLOUR: Final = "#D55E00"
SAMPLE_COLOUR: Final = "#0072B2"
FONT: Final = "Inter, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
# pixels above a plot: the buttons that plotly shows there, then the title
BUTTONS: Final = 30
TITLE_ROOM: Final = BUTTONS + 32
BELOW_TITLE: Final = "below title"  # name of the lines between title and plot
# white to dark blue, readable in grey too (Tol 2021, iridescent ends simplified)
SEQUENTIAL: Final = (
    (0.0, "#FFFFFF"),
    (0.02, "#E7F1F8"),
    (0.35, "#8FC1E0"),
    (0.7, "#2F7EBB"),
    (1.0, "#08306B"),
)


def plain(value: Any) -> str:
    """Return text for plotly, which reads some HTML: tags are shown, not obeyed.

    Example:
        >>> plain("a <b> & c")
        'a &lt;b&gt; &amp; c'
    """
    return html.escape(str(value), quote=False)


def words(name: Any) -> str:
    """Return a vocabulary word as people write it.

    Example:
        >>> words("fine_tuning_from_scratch"), words(None)
        ('fine tuning from scratch', 'not stated')
    """
    return NOT_STATED if name is None else str(name).replace("_", " ")


def panel_letters() -> Iterator[str]:
    """Yield a, b, ... z, aa, ab, ... for the panels of a figure.

    Example:
        >>> letters = panel_letters()
        >>> next(letters), next(letters)
        ('a', 'b')
    """
    for length in count(1):
        yield from map("".join, product(ascii_lowercase, repeat=length))


def colours(categories: Sequence[str]) -> dict[str, str]:
    """Return a colour per category; beyond the palette, and for `not stated`, a grey.

    Example:
        >>> colours(["CT", "MRI"])["CT"]
        '#0072B2'
    """
    chosen = {
        name: PALETTE[i] if i < len(PALETTE) else OTHER_COLOUR for i, name in enumerate(categories)
    }
    return chosen | {NOT_STATED: NOT_STATED_COLOUR, OTHER: OTHER_COLOUR}


def symbols(categories: Sequence[str]) -> dict[str, str]:
    """Return a marker shape per category; the last shape serves all that are beyond the list."""
    last = len(SYMBOLS) - 1
    chosen = {name: SYMBOLS[min(i, last)] for i, name in enumerate(categories)}
    return chosen | {NOT_STATED: NOT_STATED_SYMBOL, OTHER: SYMBOLS[last]}


def layout(title: str = "", *, height: int = 520, **more: Any) -> dict[str, Any]:
    """Return the plotly layout that all figures start from.

    Args:
        title: shown above the plot; plain text.
        height: of the figure, in pixels.
        more: entries that replace or add to the common ones.
    """
    common: dict[str, Any] = {
        "template": "none",
        "title": {
            "text": plain(title),
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 1 - BUTTONS / height,
            "yanchor": "top",
            "font": {"size": 16, "color": INK},
        },
        "font": {"family": FONT, "size": 13, "color": INK},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "height": height,
        "margin": {"l": 70, "r": 20, "t": TITLE_ROOM, "b": 60},
        "hoverlabel": {"align": "left", "bgcolor": PAPER, "font": {"family": FONT, "color": INK}},
        "legend": {"font": {"size": 12}, "bgcolor": "rgba(255,255,255,0.8)"},
    }
    return common | more


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """Return a plotly axis in the common style; `title` should name the unit."""
    common: dict[str, Any] = {
        "title": {"text": plain(title), "standoff": 10, "font": {"size": 13}},
        "gridcolor": GRID,
        "zeroline": False,
        "linecolor": MUTED,
        "ticks": "outside",
        "tickcolor": MUTED,
        "ticklen": 4,
        "automargin": True,
    }
    return common | more


def below_title(lines: Sequence[str]) -> list[dict[str, Any]]:
    """Return the annotation that holds lines of plain text between title and plot."""
    if not lines:
        return []
    return [
        {
            "text": "<br>".join(plain(line) for line in lines),
            "name": BELOW_TITLE,
            "xref": "paper",
            "yref": "paper",
            "x": 0,
            "y": 1,
            "xanchor": "left",
            "yanchor": "bottom",
            "yshift": 8,
            "align": "left",
            "showarrow": False,
            "font": {"size": 12, "color": MUTED},
        }
    ]
