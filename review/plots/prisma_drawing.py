"""The PRISMA 2020 flow as an accessible SVG drawing, its sums written below it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from review.plots.svg import LINE, arrow, box, document, elbow, text_line, wrap
from review.plots.theme import INK, MUTED, PAPER
from review.schema.prisma_sums import prisma_checks

if TYPE_CHECKING:
    from review.schema.prisma_flow import PrismaFlow, ReasonCount

LEFT: Final = 60  # room for the names of the phases
GAP: Final = 34
STEP: Final = 34
# width of a column: two columns, three (with previous studies), four or five (other methods)
COLUMNS: Final = {2: 350, 3: 300, 4: 260, 5: 240}
WRONG: Final = "#B3261E"
RIGHT_FILL: Final = "#F6F8FA"
PHASE_FILL: Final = "#D9E8F5"

Lines = list[tuple[str, bool]]


@dataclass(frozen=True)
class FlowRow:
    """One row of the drawing: the boxes of each arm, left to right; empty ones are not drawn."""

    phase: str
    main: Lines
    side: Lines = field(default_factory=list)
    previous: Lines = field(default_factory=list)
    other: Lines = field(default_factory=list)
    other_side: Lines = field(default_factory=list)

    def filled(self) -> list[Lines]:
        """The boxes that hold something, in reading order."""
        boxes = (self.previous, self.main, self.side, self.other, self.other_side)
        return [lines for lines in boxes if lines]


def prisma_svg(flow: PrismaFlow, title: str) -> str:
    """Return the drawing of a flow; boxes whose number is not known are left out.

    The template follows from the counts: previous studies make it the flow of an updated review,
    records of websites, organisations or citations add the arm of other methods.

    Args:
        flow: the boxes.
        title: announced by screen readers and shown on top.
    """
    return _Drawing(flow, title).svg()


class _Drawing:
    """The state of one drawing: columns, parts, and how far down it has come."""

    def __init__(self, flow: PrismaFlow, title: str) -> None:
        self.flow, self.title = flow, title
        self.rows = rows_of(flow)
        previous = any(r.previous for r in self.rows)
        others = any(r.other for r in self.rows)
        self.column = COLUMNS[2 + previous + 2 * others]
        step = self.column + GAP
        first = LEFT + (step if previous else 0)
        self.x = {"previous": LEFT, "main": first, "side": first + step,
                  "other": first + 2 * step, "other_side": first + 3 * step}  # fmt: skip
        self.width = self.x["other_side" if others else "side"] + self.column + 20
        self.parts = [
            text_line(LEFT, 26, title, bold=True, size=15),
            text_line(LEFT, 46, flow.origin, fill=MUTED),
        ]

    def svg(self) -> str:
        y, bottom = 64.0, dict[str, float]()
        phases: list[tuple[str, float, float]] = []
        for row in self.rows:
            heights = self._row(row, y, bottom)
            phases.append((row.phase, y, y + max(heights)))
            y += max(heights) + STEP
        self.parts += _phases(phases)
        checks, y = checks_of(self.flow, y - 8, self.width)
        said = describe(self.flow)
        return document(self.width, y + 8, self.title, said, [*self.parts, *checks])

    def _row(self, row: FlowRow, y: float, bottom: dict[str, float]) -> list[float]:
        """Draw one row; `bottom` holds where the last box of each column ended."""
        heights: dict[str, float] = {}
        for name in ("previous", "main", "side", "other", "other_side"):
            lines: Lines = getattr(row, name)
            if lines:
                fill = RIGHT_FILL if name.endswith("side") else PAPER
                drawn, heights[name] = box(self.x[name], y, self.column, lines, fill=fill)
                self.parts.append(drawn)
        for name in ("main", "other"):
            if name in heights and name in bottom:
                middle = self.x[name] + self.column / 2
                self.parts.append(arrow(middle, bottom[name], middle, y))
            side = "side" if name == "main" else "other_side"
            if name in heights and side in heights:
                at = y + min(heights[name], heights[side]) / 2
                self.parts.append(arrow(self.x[name] + self.column, at, self.x[side], at))
        if row.phase == "Included":
            self._joins(y + heights["main"] / 2, bottom, last=row is self.rows[-1])
        bottom |= {name: y + height for name, height in heights.items()}
        return list(heights.values())

    def _joins(self, at: float, bottom: dict[str, float], *, last: bool) -> None:
        """Other methods end in the box of included studies, previous studies in the total."""
        if "other" in bottom:
            x = self.x["other"] + self.column / 2
            to = self.x["main"] + self.column
            self.parts.append(elbow(x, bottom.pop("other"), at, to))
        if "previous" in bottom and last:
            x = self.x["previous"] + self.column / 2
            self.parts.append(elbow(x, bottom.pop("previous"), at, self.x["main"]))


def describe(flow: PrismaFlow) -> str:
    """Return the flow in words: every box, then the sums that do not add up."""
    boxes = [" ".join(text for text, _ in lines) for row in rows_of(flow) for lines in row.filled()]
    wrong = [f"{c.rule}: {c.text}" for c in prisma_checks(flow) if not c.holds]
    said = ". ".join(boxes)
    return f"{flow.origin}. {said}." + (f" Does not add up: {'; '.join(wrong)}." if wrong else "")


def rows_of(flow: PrismaFlow) -> list[FlowRow]:
    """Return the rows of the drawing from top to bottom."""
    new = "New studies" if flow.updates else "Studies"
    rows = [
        FlowRow("Identification", _identified(flow), _removed(flow), _previous(flow),
                _others(flow)),
        FlowRow("Screening", _line("Records screened", flow.screened),
             _excluded("Records excluded", flow.excluded_at_screening, flow.screening_reasons)),
        FlowRow("Screening", _line("Reports sought for retrieval", flow.sought),
             _line("Reports not retrieved", flow.not_retrieved), [],
             _line("Reports sought for retrieval", flow.other_sought),
             _line("Reports not retrieved", flow.other_not_retrieved)),
        FlowRow("Screening", _line("Reports assessed for eligibility", flow.assessed_full_text),
             _excluded("Reports excluded", flow.excluded_at_full_text, flow.reasons), [],
             _line("Reports assessed for eligibility", flow.other_assessed),
             _excluded("Reports excluded", flow.other_excluded, flow.other_reasons)),
        FlowRow("Included", [*_line(f"{new} included in review", flow.included),
                          *_line("Reports of included studies", flow.included_reports),
                          *([] if flow.updates else _pooled(flow))]),
        FlowRow("Included", [*_line("Total studies included in review", flow.total_studies),
                          *_line("Reports of total included studies", flow.total_reports),
                          *(_pooled(flow) if flow.updates else [])]),
    ]  # fmt: skip
    return [
        row if row.main else replace(row, main=[("(number not stated)", False)])
        for row in rows
        if row.filled()
    ]


def _line(text: str, number: int | None) -> Lines:
    return [] if number is None else [(f"{text} (n = {number:,})", True)]


def _pooled(flow: PrismaFlow) -> Lines:
    return [
        *_line("Studies in meta-analysis", flow.in_meta_analysis),
        *_line("Reports in meta-analysis", flow.reports_in_meta_analysis),
    ]


def _previous(flow: PrismaFlow) -> Lines:
    lines = [
        *_line("Studies in the previous version", flow.previous_studies),
        *_line("Reports of these studies", flow.previous_reports),
    ]
    return [("Previous studies", True), *((t, False) for t, _ in lines)] if lines else []


def _identified(flow: PrismaFlow) -> Lines:
    listed = _sources(flow, "database") + _sources(flow, "register")
    totals: Lines = [
        (f"{words} (n = {n:,})", False)
        for words, n in (("Databases", flow.databases), ("Registers", flow.registers))
        if n is not None
    ]
    if flow.identified is not None:
        return [(f"Records identified (n = {flow.identified:,})", True), *totals, *listed]
    if totals or any(s.records is not None for s in flow.sources):
        return [("Records identified from:", True), *totals, *listed]
    return []


def _sources(flow: PrismaFlow, *kinds: str) -> Lines:
    return [
        (s.name if s.records is None else f"{s.name} (n = {s.records:,})", False)
        for s in flow.sources
        if s.kind in kinds
    ]


def _others(flow: PrismaFlow) -> Lines:
    """The box of other methods, with every kind of source in it."""
    lines: Lines = [
        (f"{words} (n = {n:,})", False)
        for words, n in (
            ("Websites", flow.websites),
            ("Organisations", flow.organisations),
            ("Citation searching", flow.citation_searching),
        )
        if n is not None
    ]
    lines += _sources(flow, "website", "organisation", "citation", "other")
    if flow.other_identified is not None:
        total = f"Records identified from other methods (n = {flow.other_identified:,})"
        return [(total, True), *lines]
    return [("Records identified from other methods:", True), *lines] if lines else []


def _removed(flow: PrismaFlow) -> Lines:
    lines: Lines = [
        (f"{words} (n = {n:,})", False)
        for words, n in (
            ("Duplicate records", flow.duplicates_removed),
            ("Marked as ineligible by automation tools", flow.removed_automation),
            ("Removed for other reasons", flow.removed_other),
        )
        if n is not None
    ]
    return [("Records removed before screening:", True), *lines] if lines else []


def _excluded(text: str, number: int | None, reasons: tuple[ReasonCount, ...]) -> Lines:
    listed: Lines = [(f"{r.reason} (n = {r.reports:,})", False) for r in reasons]
    return [*(_line(text, number) or ([(f"{text}:", True)] if listed else [])), *listed]


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


def checks_of(
    flow: PrismaFlow, y: float, width: float, *, left: float = LEFT
) -> tuple[list[str], float]:
    """Return the sums below the drawing and where they end; wrong ones stand out."""
    parts = []
    for check in prisma_checks(flow):
        right = "within bounds" if check.bound else "adds up"
        verdict = right if check.holds else "DOES NOT ADD UP"
        for line in wrap(f"{verdict}: {check.text} ({check.rule})", width - left - 12):
            fill = MUTED if check.holds else WRONG
            parts.append(text_line(left, y, line, fill=fill, bold=not check.holds))
            y += LINE
    for note in flow.notes:
        for line in wrap(f"Note: {note}", width - left - 12):
            parts.append(text_line(left, y, line, fill=MUTED))
            y += LINE
    return parts, y
