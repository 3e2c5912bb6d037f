"""The PRISMA 2020 flow as an accessible SVG drawing, its sums written below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.plots.svg import LINE, arrow, box, document, text_line, wrap
from review.plots.theme import INK, MUTED

if TYPE_CHECKING:
    from review.schema.prisma import PrismaFlow

WIDTH: Final = 820
LEFT: Final = 60  # room for the names of the phases
COLUMN: Final = 350
GAP: Final = 40
STEP: Final = 34
WRONG: Final = "#B3261E"
RIGHT_FILL: Final = "#F6F8FA"
PHASE_FILL: Final = "#D9E8F5"

Lines = list[tuple[str, bool]]


def prisma_svg(flow: PrismaFlow, title: str) -> str:
    """Return the drawing of a flow; boxes whose number is not known are left out.

    Args:
        flow: the boxes.
        title: announced by screen readers and shown on top.
    """
    parts = [text_line(LEFT, 26, title, bold=True, size=15)]
    parts.append(text_line(LEFT, 46, flow.origin, fill=MUTED))
    y, previous = 64.0, None
    phases: list[tuple[str, float, float]] = []
    for phase, left, right in _rows(flow):
        drawn, height = box(LEFT, y, COLUMN, left)
        parts.append(drawn)
        if previous is not None:
            parts.append(arrow(LEFT + COLUMN / 2, previous, LEFT + COLUMN / 2, y))
        side = 0.0
        if right:
            drawn, side = box(LEFT + COLUMN + GAP, y, COLUMN, right, fill=RIGHT_FILL)
            middle = y + min(height, side) / 2
            parts += [drawn, arrow(LEFT + COLUMN, middle, LEFT + COLUMN + GAP, middle)]
        phases.append((phase, y, y + max(height, side)))
        previous = y + height
        y += max(height, side) + STEP
    parts += _phases(phases)
    drawn_checks, y = _checks(flow, y - 8)
    return document(WIDTH, y + 8, title, describe(flow), [*parts, *drawn_checks])


def describe(flow: PrismaFlow) -> str:
    """Return the flow in words: every box, then the sums that do not add up."""
    boxes = [
        " ".join(text for text, _ in lines) for _, *pair in _rows(flow) for lines in pair if lines
    ]
    wrong = [f"{c.rule}: {c.text}" for c in flow.checks() if not c.holds]
    said = ". ".join(boxes)
    return f"{flow.origin}. {said}." + (f" Does not add up: {'; '.join(wrong)}." if wrong else "")


def _rows(flow: PrismaFlow) -> list[tuple[str, Lines, Lines]]:
    """The rows of the drawing: phase, lines of the left box, lines of the right box."""
    rows = [
        ("Identification", _identified(flow), _removed(flow)),
        ("Screening", _line("Records screened", flow.screened),
         _line("Records excluded", flow.excluded_at_screening)),
        ("Screening", _line("Reports sought for retrieval", flow.sought),
         _line("Reports not retrieved", flow.not_retrieved)),
        ("Screening", _line("Reports assessed for eligibility", flow.assessed), _excluded(flow)),
        ("Included", [*_line("Studies included in review", flow.included),
                      *_line("Reports of included studies", flow.included_reports)], []),
    ]  # fmt: skip
    return [(phase, left or [("(number not stated)", False)], right)
            for phase, left, right in rows if left or right]  # fmt: skip


def _line(text: str, number: int | None) -> Lines:
    return [] if number is None else [(f"{text} (n = {number:,})", True)]


def _identified(flow: PrismaFlow) -> Lines:
    listed: Lines = [
        (s.name if s.records is None else f"{s.name} (n = {s.records:,})", False)
        for s in flow.sources
    ]
    if flow.identified is not None:
        return [(f"Records identified (n = {flow.identified:,})", True), *listed]
    if any(s.records is not None for s in flow.sources):
        return [("Records identified from:", True), *listed]
    return []


def _removed(flow: PrismaFlow) -> Lines:
    lines: Lines = [("Records removed before screening:", True)]
    if flow.duplicates_removed is not None:
        lines.append((f"Duplicate records (n = {flow.duplicates_removed:,})", False))
    if flow.removed_otherwise is not None:
        lines.append((f"Removed for other reasons (n = {flow.removed_otherwise:,})", False))
    return lines if len(lines) > 1 else []


def _excluded(flow: PrismaFlow) -> Lines:
    listed: Lines = [(f"{r.reason} (n = {r.reports:,})", False) for r in flow.reasons]
    return [*_line("Reports excluded", flow.excluded_at_full_text), *listed]


def _phases(spans: list[tuple[str, float, float]]) -> list[str]:
    """Vertical names of the phases, each beside the rows it covers."""
    merged: list[tuple[str, float, float]] = []
    for name, top, bottom in spans:
        if merged and merged[-1][0] == name:
            merged[-1] = (name, merged[-1][1], bottom)
        else:
            merged.append((name, top, bottom))
    parts = []
    for name, top, bottom in merged:
        middle = (top + bottom) / 2
        # a short phase is lengthened so that its name fits
        half = max((bottom - top) / 2, len(name) * 4.2)
        parts.append(
            f'<rect x="14" y="{middle - half:g}" width="28" height="{2 * half:g}" rx="4" '
            f'fill="{PHASE_FILL}"/>'
            f'<text x="32" y="{middle:g}" font-size="13" font-weight="600" text-anchor="middle" '
            f'fill="{INK}" transform="rotate(-90 32 {middle:g})">{name}</text>'
        )
    return parts


def _checks(flow: PrismaFlow, y: float) -> tuple[list[str], float]:
    """The sums below the drawing, wrong ones first seen by word and colour."""
    parts = []
    for check in flow.checks():
        verdict = "adds up" if check.holds else "DOES NOT ADD UP"
        for line in wrap(f"{verdict}: {check.text} ({check.rule})", WIDTH - LEFT - 20):
            fill = MUTED if check.holds else WRONG
            parts.append(text_line(LEFT, y, line, fill=fill, bold=not check.holds))
            y += LINE
    for note in flow.notes:
        for line in wrap(f"Note: {note}", WIDTH - LEFT - 20):
            parts.append(text_line(LEFT, y, line, fill=MUTED))
            y += LINE
    return parts, y
