"""The visible text of an HTML file in lines, each with its line in the file."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

from review.formats.raised_figures import RaisedFigures

_HIDDEN: Final = frozenset({"script", "style", "noscript", "template", "svg", "title"})
# elements inside a line of text; all others begin a new one
_INLINE: Final = frozenset(
    (
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "font", "i", "ins",
        "kbd", "mark", "math", "mi", "mn", "mo", "mrow", "msub", "msubsup", "msup", "mtext",
        "mover", "munder", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "tt", "u",
        "var", "wbr",
    )
)  # fmt: skip


class _Lines(HTMLParser):
    """Collects text; a block element ends the line."""

    def __init__(self, figures: RaisedFigures) -> None:
        super().__init__(convert_charrefs=True)
        self._figures, self._raised = figures, 0
        self.lines: list[tuple[str, str]] = []
        self._parts: list[str] = []
        self._first = 1
        self._hidden = 0

    def end_line(self) -> None:
        text = " ".join("".join(self._parts).split())
        if text:
            self.lines.append((f"line {self._first}", text))
        self._parts = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._raised += tag == "sup"
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag in {"td", "th"}:
            self._parts.append(" ")
        elif tag not in _INLINE:
            self.end_line()

    def handle_endtag(self, tag: str) -> None:
        if tag == "sup":
            self._raised = max(0, self._raised - 1)
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag not in _INLINE | {"td", "th"}:
            self.end_line()

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if not "".join(self._parts).strip():
            self._first = self.getpos()[0]
        if self._raised:
            data = self._figures.joined("".join(self._parts[-2:]), data)
        self._parts.append(data)


def html_lines(text: str, figures: RaisedFigures | None = None) -> list[tuple[str, str]]:
    r"""Return the lines of an HTML text: place and text of each.

    Args:
        text: of the file.
        figures: counts the raised marks that are left out.

    Example:
        >>> html_lines("<p><i>t</i>(28) = 2.20,\n<i>p</i> = .036</p><p>&chi;<sup>2</sup></p>")
        [('line 1', 't(28) = 2.20, p = .036'), ('line 2', 'χ2')]
    """
    reader = _Lines(figures or RaisedFigures())
    reader.feed(text)
    reader.close()
    reader.end_line()
    return reader.lines
