"""How many records a file marks, counted from its bytes alone.

It shares nothing with the readers: what they lose, this still counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from review.formats.bibliography.source_bytes import Source

_START: Final = rb"(?:\A|[\r\n]|\xef\xbb\xbf)"
MARKERS: Final = {
    "RIS": re.compile(_START + rb"[ \t]{0,3}TY[ \t]{1,3}-"),
    "MEDLINE": re.compile(_START + rb"PMID- "),
    "PubMed XML": re.compile(rb"<Pubmed(?:Book)?Article[ >]"),
    "EndNote XML": re.compile(rb"<record[ >]"),
    "EndNote tagged": re.compile(_START + rb"%0(?:\s|$)"),
    "Web of Science": re.compile(_START + rb"PT (?=[A-Z])"),
    "BibTeX": re.compile(
        rb"(?:" + _START + rb"|\})[ \t]*@\s*(?!comment|preamble|string)[A-Za-z]+\s*[{(]",
        re.IGNORECASE,
    ),
    "PubMed abstracts": re.compile(_START + rb"\d{1,6}\. [^\r\n]{1,400}(?:19|20)\d\d"),
}
_TAIL: Final = 600


def count_markers(source: Source, kind: str) -> int | None:
    """Return how many records a file marks; None where the format marks none.

    Args:
        source: the file.
        kind: of `MARKERS`, or a delimited table.
    """
    if kind in MARKERS:
        return _count(_bytes(source), MARKERS[kind])
    if kind == "CSV":
        return max(_filled_lines(_bytes(source), quoted=True) - 1, 0)
    if kind == "tab-delimited":
        return max(_filled_lines(_bytes(source), quoted=False) - 1, 0)
    return None


def _bytes(source: Source) -> Iterator[bytes]:
    if source.codec.startswith(("utf-16", "utf-32")):
        return (text.encode("utf-8", "replace") for text in source.texts())
    return source.chunks()


def _count(chunks: Iterable[bytes], marker: re.Pattern[bytes]) -> int:
    count, rest = 0, b"\n"
    for chunk in chunks:
        data = rest + chunk
        # a marker across the border is counted with the next piece
        border = max(data.rfind(b"\n", 0, -1), len(data) - _TAIL, 1)
        last = 0
        for found in marker.finditer(data):
            if found.start() >= border:
                break
            count, last = count + 1, found.end()
        rest = data[max(border, last) :]
        if last > border:  # what the match took is not read again, its line end is needed
            rest = b" " + rest
    return count + sum(1 for _ in marker.finditer(rest))


def _filled_lines(chunks: Iterable[bytes], *, quoted: bool) -> int:
    """Return how many lines hold something, where those inside quotation marks are none."""
    count, inside, filled = 0, False, False
    for chunk in chunks:
        text = chunk
        if quoted and b'"' in chunk:
            parts = chunk.split(b'"')
            # a sign in the place of what stands between the marks
            text = b"q".join(parts[inside::2])
            if inside:
                text = b"q" + text
            inside ^= len(parts) % 2 == 0
        elif inside:
            continue
        lines = re.split(rb"[\r\n]", text)
        for line in lines[:-1]:
            count += filled or bool(line.strip(b" ,;\t\xef\xbb\xbf"))
            filled = False
        filled = filled or bool(lines[-1].strip(b" ,;\t\xef\xbb\xbf"))
    return count + filled
