"""The report as Markdown, for repositories; pictures lie beside it as files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.report.blocks import (
    Bullets,
    Cell,
    Explorer,
    Facts,
    Group,
    Lead,
    Notice,
    Paragraph,
    Plot,
    Table,
)
from review.report.findings_block import Findings
from review.report.paper_tables import on_paper, rows_left

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from review.report.blocks import Block, Inline, Section

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>#|~$])")
_START: Final = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")


def markdown_file(
    title: str, subtitle: str, sections: Sequence[Section], folder: str, pictures: Collection[str]
) -> bytes:
    """Return the report as Markdown.

    Args:
        title: of the review.
        subtitle: below it.
        sections: those of the report.
        folder: of the pictures, as the links name it.
        pictures: names of the files in it.
    """
    by_stem = {name.rpartition(".")[0]: name for name in pictures}
    lines = [f"# {escape(title)}", "", escape(subtitle), ""]
    for section in sections:
        lines += [f"## {escape(section.title)}", ""]
        lines += _blocks(section.blocks, 3, folder, by_stem)
    return ("\n".join(lines).rstrip() + "\n").encode()


def escape(text: str) -> str:
    r"""Return text that Markdown shows as it is.

    Example:
        >>> escape("a*b <i> 1.")
        'a\\*b \\<i\\> 1.'
        >>> escape("1. one")
        '1\\. one'
    """
    one_line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _START.sub(lambda m: f"{m[1]}{m[2][:-1]}\\{m[2][-1]}", one_line)


def _blocks(
    blocks: Iterable[Block], level: int, folder: str, pictures: dict[str, str]
) -> Iterator[str]:
    for block in blocks:
        match block:
            case Paragraph():
                yield from (_inline(block.parts), "")
            case Notice():
                yield from (f"> {escape(block.text)}", "")
            case Bullets():
                yield from _list([_inline(item) for item in block.items], numbered=block.numbered)
            case Lead():
                yield from _lead(block, level)
            case Facts():
                rows = [[escape(name), _inline(parts)] for name, parts in block.rows]
                yield from _grid(["", ""], rows)
            case Group():
                yield from (f"{'#' * min(level, 6)} {escape(block.title)}", "")
                yield from _blocks(block.blocks, level + 1, folder, pictures)
            case Findings():
                yield from _blocks(block.plain, level, folder, pictures)
            case Table():
                if on_paper(block):
                    yield from (f"*{escape(block.caption)}*", "")
                    yield from _grid([escape(c) for c in block.columns], map(_cells, block.rows))
                    yield from _left(block)
            case Explorer():
                shown = [escape(c.label) for c in block.columns if c.shown]
                yield from _grid(shown, map(_cells, block.rows))
                yield from _left(block)
            case Plot():
                yield from _plot(block, level, folder, pictures)


def _lead(block: Lead, level: int) -> Iterator[str]:
    if block.question:
        yield from (f"> {escape(block.question)}", "")
    label = f"{escape(block.label)}: " if block.label else ""
    yield from (f"**{label}{escape(' '.join(block.answer))}**", "")
    if block.sure:
        yield from (f"{'#' * level} How sure is this?", "")
        yield from _list([escape(said) for said in block.sure])
    if block.others:
        yield from (f"{'#' * level} Further results", "")
        yield from _list([f"**{escape(name)}** {escape(said)}" for name, said in block.others])


def _plot(block: Plot, level: int, folder: str, pictures: dict[str, str]) -> Iterator[str]:
    yield from (f"{'#' * min(level, 6)} {escape(block.title)}", "")
    if block.ident in pictures:
        yield from (f"![{escape(block.alt)}]({folder}/{pictures[block.ident]})", "")
    else:
        yield from (escape(block.alt), "")
    if block.caption:
        yield from (f"*{escape(block.caption)}*", "")


def _inline(parts: Iterable[Inline]) -> str:
    return "".join(
        _padded(part) if isinstance(part, str) else _link(part.text, part.href, inside=part.inside)
        for part in parts
    )


def _padded(text: str) -> str:
    """Escaped text that keeps the blanks at its ends, which part it from a link."""
    if text.isspace():
        return " "
    start, end = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' * start}{escape(text)}{' ' * end}"


def _link(text: str, href: str | None, *, inside: bool) -> str:
    # a part of the page has no fixed address in Markdown
    return escape(text) if not href or inside else f"[{escape(text)}](<{href}>)"


def _cells(row: Iterable[Cell]) -> list[str]:
    return [_link(cell.text, cell.href, inside=cell.inside) for cell in row]


def _list(items: Iterable[str], *, numbered: bool = False) -> Iterator[str]:
    for i, item in enumerate(items, start=1):
        yield f"{i}. {item}" if numbered else f"- {item}"
    yield ""


def _grid(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _left(block: Table | Explorer) -> Iterator[str]:
    if said := rows_left(block):
        yield from (escape(said), "")
