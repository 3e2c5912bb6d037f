"""What joins the boxes of a PRISMA flow: every sum in one place, for drawing, audit and report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from review.schema.prisma_flow import PrismaCounts

Verdict = Literal["confirmed", "consistent", "inconsistent", "impossible"]
OTHER_SOURCES: Final = {
    "websites": "website", "organisations": "organisation", "citation_searching": "citation",
}  # fmt: skip
# the boxes from search to report, each with what is taken away on the way to it
_PATH: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("identified", ()),
    ("screened", ("duplicates_removed", "removed_automation", "removed_other")),
    ("sought", ("excluded_at_screening",)),
    ("assessed_full_text", ("not_retrieved",)),
    ("included", ("excluded_at_full_text",)),
)
# boxes that a flow may leave out without a gap: what is missing from it counts as none
_OPTIONAL: Final = frozenset({"removed_automation", "removed_other", "not_retrieved"})
# what waits for the decision that a box counts
_OPEN: Final = {
    "screened": "still to be screened",
    "assessed_full_text": "still to be assessed",
    "other_assessed": "still to be assessed",
}
_WORDS: Final = {
    "duplicates_removed": "duplicates",
    "removed_automation": "removed by automation tools",
    "removed_other": "removed for other reasons",
    "excluded_at_screening": "excluded",
    "excluded_at_full_text": "excluded",
    "not_retrieved": "not retrieved",
    "sought": "sought for retrieval",
    "assessed_full_text": "assessed",
    "included_reports": "reports included",
    "other_identified": "identified from other methods",
    "other_sought": "sought for retrieval (other methods)",
    "other_not_retrieved": "not retrieved",
    "other_assessed": "assessed (other methods)",
    "other_excluded": "excluded (other methods)",
    "citation_searching": "citation searching",
}


@dataclass(frozen=True)
class PrismaCheck:
    """One sum of the flow, or one bound, and whether it holds.

    Attributes:
        rule: the sum in words.
        computed: what the other boxes give, or at most allow.
        stated: what the box says.
        text: the computation in numbers, such as `236 − 114 = 122, stated 121`.
        bound: the box may be smaller than `computed`, since not every step is stated.
        note: what would explain a difference.

    Example:
        >>> PrismaCheck("a", 122, 121, "236 − 114 = 122, stated 121").holds
        False
    """

    rule: str
    computed: int
    stated: int
    text: str
    bound: bool = False
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the sum adds up, or the bound is kept."""
        return self.stated <= self.computed if self.bound else self.stated == self.computed

    @property
    def verdict(self) -> Verdict:
        """The word of the audit for it."""
        if self.bound:
            return "consistent" if self.holds else "impossible"
        return "confirmed" if self.holds else "inconsistent"

    def to_dict(self) -> dict[str, Any]:
        """Return all parts, with `holds` and `verdict`."""
        return {**vars(self), "holds": self.holds, "verdict": self.verdict}


def prisma_checks(counts: PrismaCounts) -> tuple[PrismaCheck, ...]:
    """Return every sum of which the parts are known, and bounds where steps are not stated.

    A step whose removals are stated in part is a sum, since flows leave out boxes that are zero.
    Over a step of which no removal is stated, and over skipped boxes, the later box is bounded:
    nothing can come in on the way.

    Example:
        >>> from review.schema.prisma_flow import PrismaCounts
        >>> kim = PrismaCounts(assessed_full_text=236, excluded_at_full_text=114, included=121)
        >>> [(c.text, c.verdict) for c in prisma_checks(kim)]
        [('236 − 114 = 122, stated 121', 'inconsistent')]
    """
    return tuple(
        check
        for part in (_sources, _path, _reasons, _other_methods, _totals)
        for check in part(counts)
        if check is not None
    )


def _sources(c: PrismaCounts) -> Iterator[PrismaCheck | None]:
    """What each source gave, together."""
    given = {
        kind: [s.records for s in c.sources if s.kind == kind] for kind in ("database", "register")
    }
    for box, kind in (("databases", "database"), ("registers", "register")):
        yield _sum(f"records of the {box} = {box}", given[kind], getattr(c, box))
    if c.databases is None and c.registers is None:
        yield _sum(
            "records of the sources = identified", [n for k in given.values() for n in k],
            c.identified,
        )  # fmt: skip
    elif c.databases is not None and c.registers is not None:
        yield _sum("databases + registers = identified", [c.databases, c.registers], c.identified)
    else:
        one = "databases" if c.registers is None else "registers"
        yield _at_most(one, getattr(c, one), "identified", c.identified)
    for box, kind in OTHER_SOURCES.items():
        parts = [s.records for s in c.sources if s.kind == kind]
        yield _sum(f"records of the sources = {_word(box)}", parts, getattr(c, box))


def _path(c: PrismaCounts) -> Iterator[PrismaCheck | None]:
    """From box to box, as far as they are stated."""
    start, taken = "", list[str]()
    for box, removed in _PATH:
        taken += removed
        end = _last_box(c) if box == "included" else box
        if _value(c, end) is None:
            continue
        if start:
            yield _step(c, start, taken, end)
        start, taken = end, []


def _step(c: PrismaCounts, start: str, taken: Sequence[str], end: str) -> PrismaCheck | None:
    whole, stated = _value(c, start), _value(c, end)
    assert whole is not None
    assert stated is not None
    known = [(name, n) for name in taken if (n := _removed(c, name)) is not None]
    more = 0 if end not in {"included", "included_reports"} else _from_others(c)
    if more is None:
        return None  # other methods brought reports in, and how many is not stated
    away = [(_word(name), n) for name, n in known]
    if known and (waiting := c.still_open(end)):  # of a review under way
        away.append((_OPEN[end], waiting))
    rest = whole - sum(n for _, n in away) + more
    parts = [f"{whole:,}", *(f"{n:,}" for _, n in away)]
    text = " − ".join(parts) + (f" + {more:,}" if more else "")
    names = [_word(start), *(name for name, _ in away)]
    left = " − ".join(names) + (" + those of other methods" if more else "")
    missing = [n for n in taken if _removed(c, n) is None and n not in _OPTIONAL]
    if known and (not missing or end == "screened"):
        gap = rest - stated
        return _made(f"{left} = {_word(end)}", text, rest, stated, note=_why(c, end, gap, taken))
    words = ", ".join(_word(n) for n in missing)
    note = f"{words}: not stated" if words else ""
    bound = rest if known or more else whole
    shown = f"{text} = {bound:,}" if known or more else text
    fits = stated <= bound
    return PrismaCheck(
        f"{_word(end)}: no more than {left}", bound, stated,
        f"{stated:,} {'≤' if fits else '>'} {shown}", bound=True, note=note,
    )  # fmt: skip


def _why(c: PrismaCounts, end: str, gap: int, taken: Sequence[str]) -> str:
    """Say by how much a sum is off, and which box that is not stated would explain it."""
    if gap == 0:
        return ""
    said = f"off by {abs(gap):,}"
    open_boxes = [n for n in taken if n in _OPTIONAL and _removed(c, n) is None]
    if gap > 0 and open_boxes:
        return f"{said}; {_word(open_boxes[-1])}, which is not stated, would explain it"
    if end == "included" and c.included_reports is None:
        return f"{said}; it may be that reports and studies are counted (included_reports)"
    return said


def _reasons(c: PrismaCounts) -> Iterator[PrismaCheck | None]:
    for name, box, words in (
        ("screening_reasons", "excluded_at_screening", "excluded at screening"),
        ("reasons", "excluded_at_full_text", "excluded at full text"),
        ("other_reasons", "other_excluded", "excluded (other methods)"),
    ):
        numbers = [r.reports for r in getattr(c, name)]
        check = _sum(f"reasons = {words}", numbers, getattr(c, box))
        if check is not None and check.computed > check.stated:
            more = f"off by {check.computed - check.stated:,}; more than one reason for some would"
            check = replace(check, note=f"{more} explain it")
        yield check


def _other_methods(c: PrismaCounts) -> Iterator[PrismaCheck | None]:
    parts = [getattr(c, box) for box in OTHER_SOURCES]
    rest = [s.records for s in c.sources if s.kind == "other"]
    stated = [n for n in parts if n is not None]
    found = c.other_identified
    if found is None and stated and None not in rest:
        found = sum(stated) + sum(n or 0 for n in rest)
    elif stated and None not in rest:
        yield _sum("websites + organisations + citations = other methods", [*stated, *rest], found)
    yield _at_most("other_sought", c.other_sought, "other_identified", found)
    yield from (
        _between(c, "other_sought", "other_not_retrieved", "other_assessed"),
        _at_most("other_excluded", _removed(c, "other_excluded"), "other_assessed",
                 c.other_assessed),
    )  # fmt: skip


def _totals(c: PrismaCounts) -> Iterator[PrismaCheck | None]:
    for unit, new in (("studies", c.included), ("reports", c.included_reports)):
        before, total = getattr(c, f"previous_{unit}"), getattr(c, f"total_{unit}")
        if before is not None and new is not None:
            yield _sum(f"previous {unit} + new {unit} = total {unit}", [before, new], total)
        elif total is not None:
            yield _at_most(f"previous_{unit}", before, f"total_{unit}", total)
            yield _at_most("included", new, f"total_{unit}", total)
    for pooled, one, several in (
        ("in_meta_analysis", "included", "total_studies"),
        ("reports_in_meta_analysis", "included_reports", "total_reports"),
    ):
        whole = several if c.updates or getattr(c, several) is not None else one
        yield _at_most(pooled, getattr(c, pooled), whole, getattr(c, whole))


def _last_box(c: PrismaCounts) -> str:
    """Reports come out of eligibility; where only studies are counted, these are taken for them."""
    return "included_reports" if c.included_reports is not None else "included"


def _value(c: PrismaCounts, box: str) -> int | None:
    if box == "identified" and c.identified is None and c.databases is not None:
        registers = any(s.kind == "register" for s in c.sources)
        if c.registers is not None or not registers:
            return c.databases + (c.registers or 0)
    value: int | None = getattr(c, box)
    return value


def _removed(c: PrismaCounts, box: str) -> int | None:
    """What a box takes away; reasons that are counted stand for a total that is not."""
    value: int | None = getattr(c, box)
    listed = {"excluded_at_screening": c.screening_reasons, "excluded_at_full_text": c.reasons,
              "other_excluded": c.other_reasons}.get(box)  # fmt: skip
    return sum(r.reports for r in listed) if value is None and listed else value


def _from_others(c: PrismaCounts) -> int | None:
    """Reports that other methods add at the end; None when they add some and it is not known."""
    if c.other_assessed is not None:
        return c.other_assessed - (_removed(c, "other_excluded") or 0)
    return None if c.other_methods else 0


def _between(c: PrismaCounts, start: str, taken: str, end: str) -> PrismaCheck | None:
    whole, out, stated = getattr(c, start), getattr(c, taken), getattr(c, end)
    if out is None:
        return _at_most(end, stated, start, whole)
    if whole is None or stated is None:
        return None
    waiting = c.still_open(end)
    names, text = f"{_word(start)} − {_word(taken)}", f"{whole:,} − {out:,}"
    if waiting:
        names, text = f"{names} − {_OPEN[end]}", f"{text} − {waiting:,}"
    rest = whole - out - waiting
    note = "" if rest == stated else f"off by {abs(rest - stated):,}"
    return _made(f"{names} = {_word(end)}", text, rest, stated, note=note)


def _sum(rule: str, parts: Sequence[int | None], stated: int | None) -> PrismaCheck | None:
    known = [n for n in parts if n is not None]
    if stated is None or not known or len(known) < len(parts):
        return None
    gap = sum(known) - stated
    note = f"off by {abs(gap):,}" if gap else ""
    return _made(rule, " + ".join(f"{n:,}" for n in known), sum(known), stated, note=note)


def _made(rule: str, text: str, computed: int, stated: int, *, note: str = "") -> PrismaCheck:
    full = text if text == f"{computed:,}" else f"{text} = {computed:,}"
    return PrismaCheck(
        rule, computed, stated, full if computed == stated else f"{full}, stated {stated:,}",
        note=note,
    )  # fmt: skip


def _at_most(part: str, n: int | None, whole: str, total: int | None) -> PrismaCheck | None:
    if n is None or total is None:
        return None
    rule = f"{_word(part)}: no more than {_word(whole)}"
    return PrismaCheck(rule, total, n, f"{n:,} {'≤' if n <= total else '>'} {total:,}", bound=True)


def _word(box: str) -> str:
    return _WORDS.get(box, box.replace("_", " "))
