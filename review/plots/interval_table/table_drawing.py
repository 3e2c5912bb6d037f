"""A table with intervals as a drawing that notebooks show and files hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from html import escape, unescape
from typing import TYPE_CHECKING, Any, Final

from review.plots.figure_sizes import DESKTOP, PAPER, PHONE, style_rules
from review.plots.interval_table.stacked_table import stacked_svg
from review.plots.interval_table.wide_table import LEAST, plot_room, wide_svg

if TYPE_CHECKING:
    from pathlib import Path

    from review.plots.interval_table.table_parts import IntervalTable, Mark

_TEXT: Final = re.compile(r"<text[^>]*>(.*?)</text>")


@dataclass(frozen=True)
class Drawing:
    """A forest plot: an SVG drawing for each medium, made from one table.

    Attributes:
        table: rows, columns and marks with their numbers.

    Example:
        >>> from review import meta_analysis
        >>> drawing = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]).plot.forest()
        >>> drawing.svg.startswith("<svg"), [row.label for row in drawing.table.rows][:2]
        (True, ['1', '2'])
    """

    table: IntervalTable

    @cached_property
    def svg(self) -> str:
        """The drawing for a wide window."""
        return wide_svg(self.table, DESKTOP)

    @cached_property
    def smaller(self) -> dict[str, str]:
        """The drawings for phone and paper; on paper a crowded table is stacked as well."""
        crowded = plot_room(self.table, PAPER) < LEAST
        paper = (stacked_svg if crowded else wide_svg)(self.table, PAPER)
        return {"phone": stacked_svg(self.table, PHONE), "paper": paper}

    @property
    def texts(self) -> list[str]:
        """All texts of the wide drawing, in their order."""
        return [unescape(text) for text in _TEXT.findall(self.svg)]

    def marks(self, *kinds: str, plot: int = 0) -> list[Mark]:
        """Return the marks of some kinds from top to bottom, such as those of the studies.

        Args:
            kinds: `study`, `total`, `subtotal`, `prediction`, ...; all without any.
            plot: which of the plots of the table.
        """
        found = [mark for row in self.table.plots[plot].marks for mark in row]
        return [mark for mark in found if not kinds or mark.kind in kinds]

    def to_html(self) -> str:
        """Return a page with the drawing, which fits the window and the paper."""
        title = escape(self.table.title or "Forest plot")
        return (
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"</head><body>{self._repr_html_()}</body></html>\n"
        )

    def write_html(self, path: str | Path) -> None:
        """Write the page of `to_html` to a file.

        Raises:
            InputError: the file belongs to a review, or cannot be written.
        """
        _write(path, self.to_html())

    def write_svg(self, path: str | Path) -> None:
        """Write the drawing for a wide window to a file.

        Raises:
            InputError: the file belongs to a review, or cannot be written.
        """
        _write(path, f"{self.svg}\n")

    def _repr_html_(self) -> str:
        """What notebooks show."""
        inside = f'<div class="drawing for-desktop">{self.svg}</div>' + "".join(
            f'<div class="drawing for-{medium}">{svg}</div>' for medium, svg in self.smaller.items()
        )
        style = f"<style>{style_rules()}.drawing svg {{ max-width: 100%; height: auto; }}</style>"
        return f'{style}<div class="drawings has-phone has-paper">{inside}</div>'


def _write(path: str | Path, text: str) -> None:
    from pathlib import Path

    from review.project.write import write_output

    write_output(Path(path), text.encode(), read=())


def drawn_as(figure: Any) -> dict[str, Any]:
    """Return what a panel takes of a figure: a drawing in its forms, or a plotly figure."""
    if isinstance(figure, Drawing):
        return {"svg": figure.svg, "smaller": figure.smaller}
    return {"figure": figure}
