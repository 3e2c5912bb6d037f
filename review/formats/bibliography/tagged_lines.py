"""Formats of lines that begin with a tag: which lines make one record, and what each tag says.

RIS, MEDLINE, Web of Science and EndNote's tagged format differ in how a tag looks and in what
begins and ends a record; what goes wrong in them is the same, and is met here once: a missing end,
a missing begin, wrapped lines, text between the records, tags that stand after the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from review.formats.bibliography.bib_record import BibRecord, Rejected

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from review.formats.bibliography.source_bytes import Line

SHOWN: Final = 2_000
MAX_RECORD: Final = 8_000_000
Kind = Literal["one", "many", "date", "doi", "note", "drop"]


@dataclass(frozen=True)
class TagStyle:
    """How the lines of a format look.

    Attributes:
        pattern: of a line with a tag; its groups are the tag and the text.
        starts: tags that begin a record.
        ends: tags that end one.
        opening: tags that begin a record whose beginning is missing, after the end of another.
        ignored: tags of the file, not of a record.
        between: what a line between two records is, when it tells nothing of either.
    """

    pattern: re.Pattern[str]
    starts: frozenset[str]
    ends: frozenset[str] = frozenset()
    opening: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    between: re.Pattern[str] | None = None


@dataclass(slots=True)
class Block:
    """The lines of one record.

    Attributes:
        line: where it starts.
        tags: each tag with its lines.
        after: text that stands behind its end and before the next record.
        ended, begun: whether the tags that end and begin a record are there.
        cut: how many bytes of lines were left out.
        size: of its text.
    """

    line: int
    begun: bool = True
    tags: list[tuple[str, list[str]]] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    ended: bool = False
    cut: int = 0
    size: int = 0

    def rejected(self, *, start_counts: bool = False) -> Rejected | None:
        """Return why the block is no record that can be read, None when it is one.

        Args:
            start_counts: the tag that begins a record says more than its type.
        """
        text = "\n".join(f"{tag}  - {' '.join(lines)}" for tag, lines in self.tags)[:SHOWN]
        if self.cut or self.size > MAX_RECORD:
            size = (self.size + self.cut) / 1e6
            return Rejected(self.line, f"the record has {size:,.1f} MB of text", text)
        if not any(text.strip() for _, lines in self.tags[not start_counts :] for text in lines):
            return Rejected(self.line, "the record holds nothing", text)
        return None


@dataclass
class Tally:
    """What deserves a remark about a file, counted while it is read."""

    unended: int = 0
    unbegun: int = 0
    last_unended: bool = False
    cleaned: int = 0
    header: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def remarks(self) -> list[str]:
        """Return the remarks."""
        from review.words import plural

        said = list(self.notes)
        if self.unended:
            said.append(
                f"{plural(self.unended, 'record')} without the line that ends one; each was read "
                "up to the next"
            )
        if self.last_unended:
            said.append("the last record has no end: the file may have been cut off")
        if self.unbegun:
            said.append(f"{plural(self.unbegun, 'record')} without the line that begins one")
        if self.cleaned:
            said.append(f"{plural(self.cleaned, 'control character')} were taken out of the texts")
        return said


def blocks(lines: Iterable[Line], style: TagStyle, tally: Tally) -> Iterator[Block]:
    """Yield the records of a file as blocks of lines."""
    block: Block | None = None
    for number, text, cut in lines:
        found = style.pattern.match(text)
        if found is None:
            block = _plain_line(block, text, cut, style, tally)
            continue
        tag, rest = found[1], found[2].strip()
        if tag in style.ignored:
            continue
        if tag in style.starts:
            if block is not None:
                tally.unended += bool(style.ends) and not block.ended
                yield block
            block = Block(number)
        elif block is None or (block.ended and tag in style.opening):
            if tag in style.ends:
                continue
            if block is not None:
                yield block
            block = Block(number, begun=False, tags=[("", [])])
            tally.unbegun += 1
        if tag in style.ends:
            block.ended = True
            continue
        block.cut += cut
        block.size += len(rest)
        block.tags.append((tag, [rest] if block.size <= MAX_RECORD else [""]))
    if block is not None:
        tally.last_unended = bool(style.ends) and not block.ended
        yield block


def _plain_line(
    block: Block | None, text: str, cut: int, style: TagStyle, tally: Tally
) -> Block | None:
    """Add a line without a tag to what it belongs to."""
    rest = text.strip()
    if not rest:
        return block
    if block is None:
        if len(tally.header) < 20:
            tally.header.append(rest[:SHOWN])
    elif block.ended:
        if style.between is None or not style.between.match(rest):
            block.after.append(rest)
    else:
        block.cut += cut
        block.size += len(rest)
        if block.size <= MAX_RECORD:
            block.tags[-1][1].append(rest)
    return block


def fill(
    record: BibRecord,
    tags: Iterable[tuple[str, list[str]]],
    meaning: Mapping[str, tuple[Kind, str]],
    special: Mapping[str, Callable[[BibRecord, str, list[str]], None]],
) -> None:
    """Fill a record from tags: by a table, by functions where a tag needs thought, or as extra."""
    for tag, lines in tags:
        act = special.get(tag)
        if act is not None:
            act(record, tag, lines)
            continue
        text = " ".join(lines)
        if not text:
            continue
        kind, name = meaning.get(tag, ("", ""))
        if kind == "one":
            record.one(name, text, tag)
        elif kind == "many":
            record.many(name, (text,))
        elif kind == "date":
            record.date(text, tag)
        elif kind == "doi":
            record.identifier(text, tag)
        elif kind == "note":
            record.note(text)
        elif not kind:
            record.keep(tag, text)
