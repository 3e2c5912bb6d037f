"""XML as a stream of the elements that are records, with their lines; no more than one is held.

Entities that the file defines are refused: a few lines of them can stand for gigabytes. Control
characters, which EndNote writes and XML forbids, are taken out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from xml.parsers import expat

from review.errors import DataError
from review.formats.bibliography.bib_record import Rejected
from review.project.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from review.formats.bibliography.source_bytes import Source
    from review.formats.bibliography.tagged_lines import Tally

MAX_DEPTH: Final = 200
MAX_TEXT: Final = 8_000_000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# marks inside a text
INLINE: Final = frozenset(
    {"style", "b", "i", "u", "em", "strong", "sup", "sub", "bold", "italic", "underline", "sc"}
)


@dataclass(slots=True)
class Node:
    """An element: its name, attributes, and what stands in it, in order."""

    name: str
    attributes: dict[str, str]
    parts: list[Node | str] = field(default_factory=list)

    @property
    def children(self) -> list[Node]:
        """The elements in it that are more than marks in its text."""
        return [p for p in self.parts if isinstance(p, Node) and p.name not in INLINE]

    def text(self) -> str:
        """All text in it, blanks made single."""
        return " ".join("".join(self.texts()).split())

    def texts(self) -> Iterator[str]:
        """Yield the pieces of text in it, as they stand there."""
        for part in self.parts:
            if isinstance(part, str):
                yield part
            else:
                yield from part.texts()

    def all(self, path: str) -> list[Node]:
        """The elements at a path such as `Abstract/AbstractText`."""
        found = [self]
        for name in path.split("/"):
            found = [c for node in found for c in node.children if c.name == name]
        return found

    def first(self, path: str) -> str:
        """The text of the first element at a path that holds some, "" without one."""
        return next((t for node in self.all(path) if (t := node.text())), "")

    def leaves(self, path: str = "") -> Iterator[tuple[str, Node]]:
        """Yield the elements that hold text, with their paths."""
        inner = self.children
        if not inner:
            yield path, self
        for child in inner:
            yield from child.leaves(f"{path}/{child.name}" if path else child.name)


def elements(
    source: Source, wanted: Iterable[str], tally: Tally
) -> Iterator[tuple[int, Node] | Rejected]:
    """Yield the elements of an XML file that have one of the names wanted, with their lines.

    Raises:
        DataError: the file defines entities.
    """
    build = _Build(frozenset(wanted), source.name)
    for text in source.texts():
        clean, count = _CONTROL.subn("", text) if not text.isprintable() else (text, 0)
        tally.cleaned += count
        try:
            build.parser.Parse(clean.encode("utf-8"))
        except expat.ExpatError as error:
            yield from build.taken()
            yield build.broken(error)
            return
        yield from build.taken()
    try:
        build.parser.Parse(b"", True)
    except expat.ExpatError as error:
        yield build.broken(error)


class _Build:
    """Puts elements together from what the parser says."""

    def __init__(self, wanted: frozenset[str], file: str) -> None:
        self.wanted, self.file = wanted, file
        self.done: list[tuple[int, Node] | Rejected] = []
        self.path: list[Node] = []
        self.line = self.depth = self.size = 0
        parser = expat.ParserCreate(encoding="UTF-8")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._entity
        self.parser = parser

    def taken(self) -> list[tuple[int, Node] | Rejected]:
        done, self.done = self.done, []
        return done

    def broken(self, error: expat.ExpatError) -> Rejected:
        said = expat.errors.messages.get(error.code, str(error))
        text = self.path[0].text()[:2_000] if self.path else ""
        line = self.line if self.path else error.lineno
        return Rejected(line, f"the XML breaks off in line {error.lineno} ({said})", text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            problem = Problem(
                self.file, f"elements more than {MAX_DEPTH} deep",
                line=self.parser.CurrentLineNumber,
            )  # fmt: skip
            raise DataError(str(problem), [problem])
        if self.path:
            node = Node(name, attributes)
            if self.size <= MAX_TEXT:
                self.path[-1].parts.append(node)
            self.path.append(node)
            self.size += len(name)
        elif name in self.wanted:
            self.line, self.size = self.parser.CurrentLineNumber, 0
            self.path = [Node(name, attributes)]

    def _end(self, name: str) -> None:
        del name
        self.depth -= 1
        if not self.path:
            return
        node = self.path.pop()
        if self.path:
            return
        if self.size > MAX_TEXT:
            why = f"the record has {self.size / 1e6:,.1f} MB of text"
            self.done.append(Rejected(self.line, why, node.text()[:2_000]))
        else:
            self.done.append((self.line, node))

    def _text(self, text: str) -> None:
        if self.path:
            self.size += len(text)
            if self.size <= MAX_TEXT:
                self.path[-1].parts.append(text)

    def _entity(self, name: str, *_: Any) -> None:
        problem = Problem(
            self.file, f"the XML defines an entity ({name[:40]})",
            line=self.parser.CurrentLineNumber,
            remedy="no database or reference manager writes that; export the records again",
        )  # fmt: skip
        raise DataError(str(problem), [problem])
