"""The PRISMA flow and the types of transfer learning where there is little width.

The boxes of the flow stand below each other, those of excluded records indented; each type of
transfer learning has its blocks in one line and its bars below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.plots.prisma_drawing import RIGHT_FILL, checks_of, describe, rows_of
from review.plots.svg import arrow, box, document, text_line
from review.plots.text_measure import lines_of
from review.plots.theme import INK, MUTED, PALETTE, PAPER
from review.plots.tl_types import CLASSIFIER, FILLS, HATCHING, MEANING, TYPES
from review.plots.tl_types import describe as describe_types
from review.words import percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.plots.figure_sizes import Medium
    from review.plots.prisma_drawing import Lines
    from review.plots.tl_types import TransferType
    from review.schema.prisma_flow import PrismaFlow

_LEFT: Final = 4.0
_INDENT: Final = 36.0
_STEM: Final = 18.0  # where the line of the flow runs, from the left
_STEP: Final = 22.0


def narrow_prisma(flow: PrismaFlow, title: str, medium: Medium) -> str:
    """Return the flow with its boxes below each other; see `prisma_svg`."""
    width = float(medium.width)
    parts = [text_line(_LEFT, 22, title, bold=True, size=medium.title)]
    y = 26.0
    for line in lines_of(flow.origin, width - 8, medium.small):
        y += 1.3 * medium.small
        parts.append(text_line(_LEFT, round(y, 1), line, fill=MUTED, size=medium.small))
    y += 8
    rows = rows_of(flow)
    included = [row for row in rows if row.phase == "Included"]
    others = [(row.phase, row.other, row.other_side) for row in rows if row.other]
    chains = [[(row.phase, row.main, row.side) for row in rows if row not in included]]
    chains += [[("Other methods", lines, side) for _, lines, side in others]] if others else []
    chains.append([(row.phase, row.main, row.side) for row in included])
    previous = next((row.previous for row in rows if row.previous), [])
    if previous:
        chains.insert(0, [("Previous version", previous, [])])
    phase, last = "", None
    for chain in chains:
        for name, main, side in chain:
            if name != phase:
                phase, last = name, None
                y += 1.5 * medium.text
                parts.append(text_line(_LEFT, round(y, 1), name, bold=True, fill=MUTED,
                                       size=medium.text))  # fmt: skip
                y += 8
            drawn, y = _boxes(main, side, y, width, last)
            parts += drawn
            last = y
            y += _STEP
    checks, y = checks_of(flow, y, width, left=_LEFT)
    return document(width, round(y + 8), title, describe(flow), [*parts, *checks])


def _boxes(
    main: Lines, side: Lines, y: float, width: float, last: float | None
) -> tuple[list[str], float]:
    """A box, the arrow that leads to it, and the one beside it below and indented."""
    x = _LEFT + _STEM
    parts = [] if last is None else [arrow(x, last, x, y)]
    drawn, high = box(_LEFT, y, width - 2 * _LEFT, main)
    parts.append(drawn)
    y += high
    if side:
        drawn, tall = box(
            _LEFT + _INDENT, y + 8, width - 2 * _LEFT - _INDENT, side, fill=RIGHT_FILL
        )
        middle = y + 8 + tall / 2
        parts += [drawn, arrow(x, middle, _LEFT + _INDENT, middle)]
        end = y + 8 + tall
        parts.append(f'<path d="M{x:g} {y:g}V{end:g}" stroke="{INK}" stroke-width="1.2"/>')
        y = end
    return parts, y


def narrow_types(
    title: str,
    facts: Mapping[str, Sequence[str]],
    shares: Mapping[str, Sequence[tuple[str, float]]],
    medium: Medium,
) -> str:
    """Return the types of transfer learning below each other; see `tl_types_svg`."""
    width = float(medium.width)
    parts, y = [HATCHING], 4.0
    for line in lines_of(title, width - 8, medium.title, bold=True):
        y += 1.3 * medium.title
        parts.append(text_line(_LEFT, round(y, 1), line, bold=True, size=medium.title))
    y += 8
    for letter, kind in zip("abcd", TYPES, strict=True):
        y += 1.6 * medium.text
        parts.append(text_line(_LEFT, round(y, 1), f"{letter}  {kind.name}", bold=True,
                               size=medium.text))  # fmt: skip
        for fact in facts.get(kind.word, ()):
            for line in lines_of(fact, width - 8, medium.small):
                y += 1.3 * medium.small
                parts.append(text_line(_LEFT, round(y, 1), line, fill=MUTED, size=medium.small))
        drawn, y = _blocks(kind, y + 8, width, medium)
        parts += drawn
        drawn, y = _bars(shares.get(kind.word, ()), y + 6, width, medium)
        parts += drawn
        y += 8
    for state, text in MEANING.items():
        fill = "url(#HATCH)" if state == "frozen" else FILLS[state]
        lines = lines_of(text, width - 36, medium.small)
        parts.append(
            f'<rect x="{_LEFT:g}" y="{y:g}" width="20" height="14" fill="{fill}" stroke="{INK}"/>'
        )
        for line in lines:
            parts.append(text_line(_LEFT + 28, round(y + 11, 1), line, size=medium.small))
            y += 1.3 * medium.small
        y += 6
    return document(width, round(y + 4), title, describe_types(facts, shares), parts)


def _blocks(kind: TransferType, y: float, width: float, medium: Medium) -> tuple[list[str], float]:
    gap, size = 3.0, 9.8
    wide = (width - 2 * _LEFT - gap * (len(kind.states) - 1)) / len(kind.states)
    tall = 3.6 * medium.small
    parts, x = [], _LEFT
    for block, state in kind.states.items():
        fill = "url(#HATCH)" if state == "frozen" else FILLS[state]
        dash = ' stroke-dasharray="5 3"' if state == "replaced" else ""
        parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{tall:g}" rx="3" fill="{fill}" '
            f'stroke="{INK}"{dash}/>'
        )
        if state == "frozen":
            # a plain ground keeps the words readable on the hatching
            parts.append(
                f'<rect x="{x + 2:g}" y="{y + 5:g}" width="{wide - 4:g}" height="{tall - 10:g}" '
                f'rx="2" fill="{PAPER}" fill-opacity="0.85"/>'
            )
        for i, text in enumerate((block, state)):
            parts.append(
                text_line(round(x + wide / 2, 1), round(y + tall / 2 - 3 + i * 13, 1), text,
                          bold=i == 0 and block != CLASSIFIER, anchor="middle", size=size)
            )  # fmt: skip
        x += wide + gap
    return parts, y + tall


def _bars(
    shares: Sequence[tuple[str, float]], y: float, width: float, medium: Medium
) -> tuple[list[str], float]:
    """The share of the parameters that each network trains."""
    if not shares:
        return [], y
    size, parts = medium.small, []
    y += 1.2 * size
    parts.append(text_line(_LEFT, round(y, 1), "share of the parameters trained", size=size,
                           fill=MUTED))  # fmt: skip
    full = width - 80 - 60
    for name, share in shares:
        y += 5
        tall = 1.15 * size
        parts.append(text_line(76, round(y + size, 1), name, anchor="end", size=size))
        parts.append(
            f'<rect x="82" y="{y:g}" width="{full:g}" height="{tall:g}" fill="{PAPER}" '
            f'stroke="{MUTED}" stroke-width="0.8"/>'
            f'<rect x="82" y="{y:g}" width="{full * share:g}" height="{tall:g}" '
            f'fill="{PALETTE[0]}"/>'
        )
        parts.append(text_line(round(88 + full, 1), round(y + size, 1), percent(100 * share),
                               size=size))  # fmt: skip
        y += tall
    return parts, y
