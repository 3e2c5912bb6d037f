"""The colours of figures on a dark page: one for each colour that figures are made with.

Figures are made in the light colours; the script of a page turns those of plots into these, its
style those of drawings.
"""

from __future__ import annotations

import json
from typing import Final

from review.plots.figure_sizes import NARROW, PAPER, style_rules
from review.plots.theme import (
    GRID,
    INK,
    LINK,
    MUTED,
    OTHER_COLOUR,
    PALETTE,
)
from review.plots.theme import PAPER as WHITE

DARK_PAPER: Final = "#0F141A"
# found by a search for the largest least distance (CIEDE2000) of the first eight under usual
# vision, protanopia, deuteranopia and tritanopia, each near the hue of its light counterpart
DARK_PALETTE: Final = (
    "#1B6BF7",  # blue
    "#E89D05",  # orange
    "#16A870",  # bluish green
    "#DB4A96",  # reddish purple
    "#A9D6F3",  # sky blue
    "#EE4012",  # vermillion
    "#FCEE78",  # yellow
    "#B09AFC",  # violet
    "#CC6088",  # wine
    "#5ACAB9",  # teal
    "#EEF1F5",  # white
)
DARK: Final = {
    **dict(zip(PALETTE, DARK_PALETTE, strict=True)),
    WHITE: DARK_PAPER,
    INK: "#E6EDF3",
    MUTED: "#A3ADB8",
    GRID: "#2A323C",
    LINK: "#7CB7FF",
    OTHER_COLOUR: "#5B6570",
    "#444444": "#A3ADB8",
    "#444": "#A3ADB8",
    "#fff": DARK_PAPER,
    "white": DARK_PAPER,
}
_MARK: Final = "{}; // filled in by review.plots.dark_theme"


def with_constants(script: str) -> str:
    """Return the script of a page with the sizes and dark colours that it needs.

    Example:
        >>> with_constants("const FIGURES = {}; // filled in by review.plots.dark_theme")[:30]
        'const FIGURES = {"narrow":560,'
    """
    known = {
        "narrow": NARROW,
        "paper": PAPER.width,
        "dark": {light.lower(): dark.lower() for light, dark in DARK.items()},
    }
    return script.replace(_MARK, json.dumps(known, separators=(",", ":")) + ";")


def figure_style(*, dark: bool) -> str:
    """Return the rules for figures that go into the style of a page.

    Args:
        dark: whether the page can be dark.
    """
    if not dark:
        return style_rules()
    named = [(light, seen) for light, seen in DARK.items() if len(light) == 7]
    seen = " ".join(f"--f{i}: {dark};" for i, (_, dark) in enumerate(named))
    usual = " ".join(f"--f{i}: {light};" for i, (light, _) in enumerate(named))
    rules = "\n".join(
        f'.drawing [fill="{light}"] {{ fill: var(--f{i}); }} '
        f'.drawing [stroke="{light}"] {{ stroke: var(--f{i}); }}'
        for i, (light, _) in enumerate(named)
    )
    return f"""{style_rules()}
:root {{ {usual} }}
@media screen and (prefers-color-scheme: dark) {{ :root[data-theme="auto"] {{ {seen} }} }}
@media screen {{ :root[data-theme="dark"] {{ {seen} }} }}
{rules}
"""
