"""Takes out of the words of a section what is about the program: that is for its authors.

Remarks of results name options and files ("--model mv pools them by study"), which help whoever
works on the review and mean nothing to whoever reads it. Each such part of a sentence is taken out
here, in one place for all sections, and told by the command instead.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from review.report.blocks import Bullets, Cell, Group, Link, Notice, Paragraph, Plot, Table
from review.words import capital

if TYPE_CHECKING:
    from collections.abc import Iterable

    from review.report.blocks import Block, Inline, Section

# words that belong to the program, its files, its settings and its installation
PROGRAM: Final = re.compile(
    r"(?<![\w-])--[a-z][a-z0-9-]*\b|\b[\w*-]+\.(?:csv|toml)\b|\[\[?[a-z_]+\]\]?|\bpip install\b"
    r"|\breview-analytics\b|\breview (?:meta|report|add|check|form|init|figure|table|rob|prisma)\b"
    r"|\bthe roles?\b|\broles\.\w+|'adhoc'|\bconvention=|\bthe extra\b|\bnot trusted\b"
    r"|\btorch\b|\bplotly\b|\bkaleido\b|\bcodebook\b",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"(?<=[;.])\s+|(?<=,)\s+(?=because --)")
_ASIDE: Final = re.compile(r"\s*\([^()]*\)")


def split_text(text: str) -> tuple[str, list[str]]:
    """Return what a reader is told, and the parts that are for the authors.

    Example:
        >>> split_text("9 results come from 4 studies; --model mv pools them by study.")
        ('9 results come from 4 studies.', ['--model mv pools them by study.'])
        >>> split_text("The last block is trained ('--table tl' has all).")
        ('The last block is trained.', ["('--table tl' has all)"])
    """
    if not PROGRAM.search(text):
        return text, []
    taken: list[str] = []

    def aside(match: re.Match[str]) -> str:
        if not PROGRAM.search(match.group()):
            return match.group()
        taken.append(match.group().strip())
        return ""

    parts = _CLAUSE.split(_ASIDE.sub(aside, text))
    kept = []
    for part in parts:
        if PROGRAM.search(part):
            taken.append(part.strip())
        elif part:
            kept.append(part)
    said = " ".join(kept).rstrip()
    if said.endswith((";", ",")):
        said = said[:-1] + "."
    return (capital(said) if text[:1].isupper() else said), taken


def for_readers(section: Section) -> Section:
    """Return a section without words about the program; these become its remarks."""
    taken: list[str] = []
    blocks = tuple(_blocks(section.blocks, taken))
    methods = []
    for method in section.methods:
        said, more = split_text(method)
        taken += more
        methods += [said] if said else []
    if not taken:
        return section
    remarks = (*section.remarks, *dict.fromkeys(taken))
    return replace(section, blocks=blocks, methods=tuple(methods), remarks=remarks)


def _blocks(blocks: Iterable[Block], taken: list[str]) -> Iterable[Block]:
    for block in blocks:
        if (left := _block(block, taken)) is not None:
            yield left


def _block(block: Block, taken: list[str]) -> Block | None:
    """Return a block for readers; None when nothing of it is left."""
    match block:
        case Group():
            inside = tuple(_blocks(block.blocks, taken))
            return replace(block, blocks=inside) if inside else None
        case Paragraph():
            parts = _parts(block.parts, taken)
            return replace(block, parts=parts) if parts else None
        case Bullets():
            items = tuple(left for item in block.items if (left := _parts(item, taken)))
            return replace(block, items=items) if items else None
        case Notice():
            said = _kept(block.text, taken)
            return replace(block, text=said) if said else None
        case Plot():
            table = None if block.table is None else _table(block.table, taken)
            caption, alt = _kept(block.caption, taken), _kept(block.alt, taken)
            return replace(block, caption=caption, alt=alt or block.title, table=table)
        case Table():
            return _table(block, taken)
        case _:
            return block


def _kept(text: str, taken: list[str]) -> str:
    said, more = split_text(text)
    taken += more
    return said


def _parts(parts: tuple[Inline, ...], taken: list[str]) -> tuple[Inline, ...]:
    kept = [p if isinstance(p, Link) else _kept(p, taken) for p in parts]
    return tuple(p for p in kept if isinstance(p, Link) or p)


def _table(table: Table, taken: list[str]) -> Table:
    """Reasons why results are left out are the program's words; other cells are the review's."""
    if not table.reasons:
        return table
    rows = []
    for row in table.rows:
        cells: list[Cell] = []
        for cell in row:
            said, _ = split_text(cell.text)
            if said != cell.text:
                taken.append(f"{row[0].text}: {cell.text}")
            cells.append(replace(cell, text=said or "not usable"))
        rows.append(tuple(cells))
    return replace(table, rows=tuple(rows))
