"""Figures as SVG and PNG files: plotly's through a headless browser, drawings directly."""

from __future__ import annotations

import base64
import logging
import re
from itertools import product
from typing import TYPE_CHECKING, Any, Final, Literal

from review.errors import MissingExtraError
from review.plots.figure_sizes import DESKTOP
from review.plots.fitted import fitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from review.analysis_api import Artifact, Panel

Picture = Literal["svg", "png"]
_XML: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
SCALE: Final = 2  # pixels per unit: sharp in print
HOW_TO_GET_A_BROWSER: Final = (
    "install one (Debian: 'apt install chromium'; anywhere: 'kaleido_get_chrome'), or name it in "
    "BROWSER_PATH"
)


def images(artifacts: Sequence[Artifact], formats: Iterable[Picture]) -> dict[str, bytes]:
    """Return a picture of each panel that has one: file name -> bytes.

    All that need a browser are drawn in one go, since starting it takes longest.

    Raises:
        MissingExtraError: a browser is needed and none is found; `.partial` holds the drawings
            that need none.
    """
    found: dict[str, bytes] = {}
    waiting: dict[str, tuple[dict[str, Any], Picture]] = {}
    for artifact, chosen in product(artifacts, formats):
        several = len(artifact.panels) > 1
        for panel in artifact.panels:
            name = f"{artifact.name}{panel.letter if several else ''}.{chosen}"
            if panel.svg is not None and chosen == "svg":
                found[name] = _XML + panel.svg.encode() + b"\n"
            elif panel.svg is not None or panel.figure is not None:
                waiting[name] = (_figure(panel), chosen)
    if waiting:
        try:
            made = _draw(list(waiting.values()))
        except NoBrowserError as error:
            error.partial = found
            raise
        found.update(zip(waiting, made, strict=True))
    return found


def to_picture(figure: Any, chosen: Picture = "svg") -> bytes:
    """Return a figure of a result, such as `result.plot.forest()`, as SVG or PNG.

    Raises:
        MissingExtraError: no browser is found.
    """
    from review.analysis_api import Panel
    from review.plots.interval_table.table_drawing import drawn_as

    panel = Panel("", "", [], **drawn_as(figure))
    if panel.svg is not None and chosen == "svg":
        return _XML + panel.svg.encode() + b"\n"
    return _draw([(_figure(panel), chosen)])[0]


class NoBrowserError(MissingExtraError):
    """No browser draws the picture.

    Attributes:
        partial: the files that could be made without one.
    """

    partial: dict[str, bytes]


def _figure(panel: Panel) -> dict[str, Any]:
    """The panel as a plotly figure in plain dictionaries, with a size."""
    if panel.svg is not None:
        return _wrapped(panel.svg)
    data = fitted(panel.figure)
    least = (data["layout"].get("meta") or {}).get("min_width", 0)
    layout = {"width": max(DESKTOP.width, least), "height": DESKTOP.height} | data["layout"]
    return {"data": data["data"], "layout": layout}


def _wrapped(svg: str) -> dict[str, Any]:
    """A drawing as the only picture of an empty plotly figure, which the browser then paints."""
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    width, height = (
        (float(size.group(1)), float(size.group(2))) if size else (DESKTOP.width, DESKTOP.height)
    )
    address = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    picture = {
        "source": address, "xref": "paper", "yref": "paper", "x": 0, "y": 1,
        "sizex": 1, "sizey": 1, "sizing": "contain",
    }  # fmt: skip
    hidden = {"visible": False}
    layout = {
        "width": width, "height": height, "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "images": [picture], "xaxis": hidden, "yaxis": hidden, "paper_bgcolor": "#FFFFFF",
        "plot_bgcolor": "#FFFFFF",
    }  # fmt: skip
    return {"data": [], "layout": layout}


def _draw(jobs: list[tuple[dict[str, Any], Picture]]) -> list[bytes]:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from choreographer.browsers.chromium import ChromeNotFoundError
    from kaleido import Kaleido

    logging.getLogger("kaleido").setLevel(logging.CRITICAL)
    logging.getLogger("choreographer").setLevel(logging.CRITICAL)

    async def draw() -> list[bytes]:
        # no MathJax: it would be fetched from the network
        async with Kaleido(mathjax=False, timeout=120) as browser:
            return [
                await browser.calc_fig(
                    figure,
                    opts={
                        "format": chosen,
                        "width": figure["layout"]["width"],
                        "height": figure["layout"]["height"],
                        "scale": SCALE if chosen == "png" else 1,
                    },
                )
                for figure, chosen in jobs
            ]

    wanted = " and ".join(sorted({chosen.upper() for _, chosen in jobs}))
    try:
        # a thread of its own: the caller's may run an event loop already, as notebooks do
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(draw())).result()
    except ChromeNotFoundError:
        raise NoBrowserError(
            f"{wanted} of plotly figures need Chromium or Chrome, and none was found: "
            f"{HOW_TO_GET_A_BROWSER}; HTML, CSV and JSON need none"
        ) from None
    except Exception as error:
        # whatever goes wrong between here and the browser's process, the remedy is the same
        raise NoBrowserError(
            f"the browser that makes {wanted} failed ({type(error).__name__}: {error}); "
            f"{HOW_TO_GET_A_BROWSER}"
        ) from error
