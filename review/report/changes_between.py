"""What changed between two states of a review: studies, values and estimates."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from review.report.blocks import Estimate
from review.report.sections import OPTIONAL
from review.words import plural, significant

if TYPE_CHECKING:
    from collections.abc import Container, Mapping


DIGITS: Final = 4  # of an estimate as it is shown; what changes beyond them has not moved
MOST_VERSIONS: Final = 50  # that a report remembers
# the sections of every report that have estimates, and those that a report may have
TRACKED: Final = (
    "flow", "correlations", "meta", "accuracy", "risk_of_bias", "agreement", "audit",
)  # fmt: skip
# what a living review is followed by
POOLED: Final = (".pooled", ".sens", ".spec")
COMPARED: Final = (*TRACKED, *OPTIONAL)


@dataclass(frozen=True)
class StudyChange:
    """A study whose values changed.

    Attributes:
        cells: (column, value before, value now); "" is an empty cell.
    """

    study_id: str
    label: str
    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Moved:
    """An estimate that is not what it was."""

    before: Estimate
    now: Estimate

    @property
    def flipped(self) -> str:
        """What the estimate says now and did not say before, in words; "" when it says the same."""
        old, new = conclusion(self.before), conclusion(self.now)
        return f"{self.now.label}: {old} before, {new} now" if old and new and old != new else ""

    @property
    def difference(self) -> float | None:
        """Now minus before; None when one of the two is not defined."""
        if self.before.value is None or self.now.value is None:
            return None
        return self.now.value - self.before.value


@dataclass(frozen=True)
class Changes:
    """Everything that changed.

    Attributes:
        since: what the review is compared with: date and version of the older state.
        new, removed: (study_id, label) of studies.
        changed: studies with other values.
        columns_new, columns_removed: variables of the coding form.
        moved: estimates with another value, interval or number of studies.
        estimates_new, estimates_removed: estimates that only one of the two states has.
        title: (before, now) when the title changed.
        history: what this and earlier comparisons saw, the oldest first; see `seen`.
    """

    since: str
    new: tuple[tuple[str, str], ...]
    removed: tuple[tuple[str, str], ...]
    changed: tuple[StudyChange, ...]
    columns_new: tuple[str, ...]
    columns_removed: tuple[str, ...]
    moved: tuple[Moved, ...]
    estimates_new: tuple[Estimate, ...]
    estimates_removed: tuple[Estimate, ...]
    title: tuple[str, str] | None = None
    history: tuple[dict[str, Any], ...] = ()

    @property
    def flips(self) -> tuple[str, ...]:
        """The conclusions that are other ones now."""
        return tuple(said for m in self.moved if (said := m.flipped))

    def __bool__(self) -> bool:
        return any(
            (self.new, self.removed, self.changed, self.columns_new, self.columns_removed,
             self.moved, self.estimates_new, self.estimates_removed, self.title)
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Return the changes for JSON."""
        return asdict(self)

    def lines(self, most: int = 12) -> list[str]:
        """Return the changes as lines of text, at most `most` of each kind."""
        if not self:
            return [f"nothing changed since {self.since}"]
        out = [f"changes since {self.since}:"]
        parts: tuple[tuple[str, list[str]], ...] = (
            ("conclusions that changed", list(self.flips)),
            ("title", [f"{a!r} -> {b!r}" for a, b in [self.title] if self.title]
             if self.title else []),
            ("new studies", [f"{i} ({label})" for i, label in self.new]),
            ("removed studies", [f"{i} ({label})" for i, label in self.removed]),
            ("changed studies", [_cells(c) for c in self.changed]),
            ("new variables", list(self.columns_new)),
            ("removed variables", list(self.columns_removed)),
            ("moved estimates", [_moved(m) for m in self.moved]),
            ("new estimates", [f"{e.label}: {shown(e)}" for e in self.estimates_new]),
            ("estimates gone", [e.label for e in self.estimates_removed]),
        )  # fmt: skip
        for what, items in parts:
            if items:
                out.append(f"  {what} ({len(items)}):")
                out += [f"    {item}" for item in items[:most]]
                if len(items) > most:
                    out.append(f"    ... and {len(items) - most} more")
        return out


def shown(estimate: Estimate) -> str:
    """Return an estimate with its interval and number of studies.

    Example:
        >>> shown(Estimate("a", "A", 0.93412, 0.9, 0.96, 41))
        '0.9341 [0.9, 0.96], n = 41'
    """
    if estimate.value is None:
        return "not defined"
    text = significant(estimate.value, DIGITS)
    if estimate.low is not None and estimate.high is not None:
        text += f" [{significant(estimate.low, DIGITS)}, {significant(estimate.high, DIGITS)}]"
    if estimate.n is not None and estimate.n != estimate.value:
        text += f", n = {estimate.n:,}"
    return text


def conclusion(estimate: Estimate) -> str:
    """Return what an interval says about no effect; "" where no value means that.

    Example:
        >>> conclusion(Estimate("a", "A", 0.5, 0.3, 0.8, null=1.0))
        'below no effect'
        >>> conclusion(Estimate("a", "A", 0.5, 0.3, 1.8, null=1.0)), conclusion(Estimate("", "", 1))
        ('compatible with no effect', '')
    """
    if estimate.null is None or estimate.low is None or estimate.high is None:
        return ""
    if estimate.low <= estimate.null <= estimate.high:
        return "compatible with no effect"
    return "below no effect" if estimate.high < estimate.null else "above no effect"


def seen(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a later report remembers of a data block: its day and its pooled estimates."""
    return {
        "date": data.get("date") or "",
        "studies": len(data["studies"]["rows"]),
        "estimates": [
            {"key": e["key"], "label": e["label"], "value": e["value"], "low": e["low"],
             "high": e["high"]}
            for estimates in data["estimates"].values()
            for e in estimates
            if e["key"].endswith(POOLED) and None not in {e["value"], e["low"], e["high"]}
        ],
    }  # fmt: skip


def _cells(change: StudyChange) -> str:
    said = "; ".join(f"{c}: {a or '(empty)'} -> {b or '(empty)'}" for c, a, b in change.cells)
    return f"{change.study_id}: {said}"


def _moved(moved: Moved) -> str:
    return f"{moved.now.label}: {shown(moved.before)} -> {shown(moved.now)}"


def compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> Changes:
    """Return what changed between two data blocks."""
    old, new = _studies(before), _studies(now)
    columns_old, columns_new = before["studies"]["columns"], now["studies"]["columns"]
    shared = [c for c in columns_new if c in columns_old]
    # a section that one of the two does not show says nothing about its estimates
    both_show = set(before["sections"]) & set(now["sections"])
    estimates_old, estimates_new = _estimates(before, both_show), _estimates(now, both_show)
    both = [key for key in estimates_new if key in estimates_old]
    titles = (before["title"], now["title"])
    return Changes(
        since=_since(before),
        new=tuple((i, label) for i, (label, _) in new.items() if i not in old),
        removed=tuple((i, label) for i, (label, _) in old.items() if i not in new),
        changed=tuple(
            StudyChange(i, label, cells)
            for i, (label, values) in new.items()
            if i in old and (cells := _different(old[i][1], values, shared))
        ),
        columns_new=tuple(c for c in columns_new if c not in columns_old),
        columns_removed=tuple(c for c in columns_old if c not in columns_new),
        moved=tuple(
            Moved(estimates_old[key], estimates_new[key])
            for key in both
            if not _same(estimates_old[key], estimates_new[key])
        ),
        estimates_new=tuple(e for k, e in estimates_new.items() if k not in estimates_old),
        estimates_removed=tuple(e for k, e in estimates_old.items() if k not in estimates_new),
        title=titles if titles[0] != titles[1] else None,
        history=(*before.get("history", ()), seen(before))[-MOST_VERSIONS:],
    )


def _since(data: Mapping[str, Any]) -> str:
    day = f" of {data['date']}" if data.get("date") else ""
    source = data.get("source") or f"the report{day}"
    n = len(data["studies"]["rows"])
    return f"{source} ({plural(n, 'study')})"


def _studies(data: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, str]]]:
    columns = data["studies"]["columns"]
    at = columns.index("study_id")
    labels = data["studies"].get("labels") or [row[at] for row in data["studies"]["rows"]]
    return {
        str(row[at]): (label, {c: _text(v) for c, v in zip(columns, row, strict=True)})
        for row, label in zip(data["studies"]["rows"], labels, strict=True)
    }


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _different(
    old: Mapping[str, str], new: Mapping[str, str], columns: list[str]
) -> tuple[tuple[str, str, str], ...]:
    return tuple((c, old[c], new[c]) for c in columns if old[c] != new[c])


def _estimates(data: Mapping[str, Any], sections: Container[str]) -> dict[str, Estimate]:
    return {
        e["key"]: Estimate(**e)
        for section, estimates in data["estimates"].items()
        if section in sections
        for e in estimates
    }


def _same(a: Estimate, b: Estimate) -> bool:
    pairs = ((a.value, b.value), (a.low, b.low), (a.high, b.high))
    return a.n == b.n and all(_close(x, y) for x, y in pairs)


def _close(x: float | None, y: float | None) -> bool:
    """Whether two numbers differ by less than half a unit of the last digit that is shown."""
    if x is None or y is None:
        return x is y
    if x == y:  # infinite limits too
        return True
    largest = max(abs(x), abs(y))
    if not math.isfinite(largest):
        return False
    unit = 10.0 ** (math.floor(math.log10(largest)) - DIGITS + 1)
    return abs(x - y) < unit / 2
