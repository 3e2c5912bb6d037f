"""The one table of sizes: how large figures and their letters are on desktop, phone and paper.

A plotly figure carries the layouts of the smaller media beside that for the desktop; the script of
the page takes the one that fits. A drawing is made once per medium; the style of a page shows one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MediumName = Literal["desktop", "phone", "paper"]


@dataclass(frozen=True)
class Medium:
    """What a figure is looked at on.

    Attributes:
        width: of a figure, in CSS pixels.
        least: the narrowest place that gets the medium's figure.
        height: of a plot without a height of its own.
        text: size of usual letters, in pixels.
        small: size of the smallest letters.
        title: size of the title's letters.
        row: height of a row of a table, in pixels.
    """

    name: MediumName
    width: int
    least: int
    height: int
    text: float
    small: float
    title: float
    row: float


DESKTOP: Final = Medium("desktop", 900, 560, 520, 13, 12, 16, 24)
# a screen of 390 pixels without the margins of the page
PHONE: Final = Medium("phone", 342, 342, 420, 12, 11, 14, 20)
# A4 without its margins
PAPER: Final = Medium("paper", 670, 660, 400, 11, 9.5, 13, 18)
MEDIA: Final = (DESKTOP, PHONE, PAPER)
# a place narrower than this gets the phone's figure
NARROW: Final = DESKTOP.least


def with_media(figure: Any, layout_of: Callable[[Medium], dict[str, Any]]) -> Any:
    """Lay a plotly figure out for every medium.

    Args:
        figure: with its traces.
        layout_of: returns the whole layout for a medium.

    Returns:
        The same figure, laid out for the desktop; `layout.meta["media"]` holds what differs.

    Example:
        >>> import plotly.graph_objects as go
        >>> made = with_media(go.Figure(), lambda medium: {"height": medium.height})
        >>> made.layout.height, made.layout.meta["media"]["phone"]
        (520, {'height': 420})
    """
    wide = layout_of(DESKTOP)
    held = {m.name: differing(layout_of(m), wide) for m in (PHONE, PAPER)}
    meta = {**(wide.get("meta") or {}), "media": held}
    figure.update_layout(**{**wide, "meta": meta})
    return figure


def differing(layout: Mapping[str, Any], wide: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has to be changed in the wide layout to get another one.

    Dictionaries are compared entry by entry; what the other one lacks is None.

    Example:
        >>> differing({"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 1, "d": 3}, "e": 0})
        {'b': {'c': 2}, 'e': None}
    """
    found: dict[str, Any] = {}
    for name, value in layout.items():
        before = wide.get(name)
        if name == "meta" or (value == before and name in wide):
            continue
        both = isinstance(value, dict) and isinstance(before, dict)
        found[name] = differing(value, before) if both and before else value
    gone = {name: None for name in wide if name not in layout and name != "meta"}
    return found | gone


def changed(wide: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a layout with changes that `differing` found.

    Example:
        >>> changed({"a": 1, "b": {"c": 1, "d": 3}, "e": 0}, {"b": {"c": 2}, "e": None})
        {'a': 1, 'b': {'c': 2, 'd': 3}}
    """
    made = dict(wide)
    for name, value in changes.items():
        if value is None:
            made.pop(name, None)
        elif isinstance(value, dict) and isinstance(made.get(name), dict):
            made[name] = changed(made[name], value)
        else:
            made[name] = value
    return made


def layout_on(figure: Any, medium: Medium) -> dict[str, Any]:
    """Return the layout of a figure on a medium, in plain dictionaries."""
    data = figure.to_plotly_json() if hasattr(figure, "to_plotly_json") else figure
    layout: dict[str, Any] = dict(data["layout"])
    return changed(layout, (layout.get("meta") or {}).get("media", {}).get(medium.name, {}))


def style_rules() -> str:
    """Return the rules by which a page shows the drawing of the medium that fits."""
    return f"""
.drawings {{ container-type: inline-size; }}
.for-phone, .for-paper {{ display: none; }}
@container (max-width: {NARROW - 0.02:g}px) {{
  .has-phone > .for-desktop {{ display: none; }}
  .has-phone > .for-phone {{ display: block; }}
}}
@media print {{
  .has-paper > .for-desktop, .has-paper > .for-phone {{ display: none !important; }}
  .has-paper > .for-paper {{ display: block !important; }}
}}
"""
