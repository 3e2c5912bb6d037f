"""The missing-data map as an SVG drawing: variables in rows, studies in columns."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Final

from review.words import count, percent, plural

if TYPE_CHECKING:
    from review.workflow.missing_values import MissingPattern

ROW: Final = 18
LABEL_WIDTH: Final = 190
MAP_WIDTH: Final = 560
COUNT_WIDTH: Final = 130
BOTTOM: Final = 26
TICK_GAP: Final = 44  # pixels between year labels at least
LEVELS: Final = 5  # shades of partly known groups


def missing_svg(pattern: MissingPattern, *, ident: str = "missing-map") -> str:
    """Return the map as SVG: blue where a value is known, empty where it is missing.

    The colours are those of the page (`--map`, `currentColor`), so that it suits dark pages too.

    Args:
        pattern: from `review.workflow.missing_values`.
        ident: start of the identifiers in the drawing.
    """
    rows = len(pattern.known)
    height = rows * ROW + BOTTOM
    width = LABEL_WIDTH + MAP_WIDTH + COUNT_WIDTH
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" aria-labelledby="{ident}-title" '
            'font-family="inherit" font-size="12" fill="currentColor">'
        ),
        f'<title id="{ident}-title">{escape(describe(pattern))}</title>',
    ]
    for i, known in enumerate(pattern.known):
        top = i * ROW
        share = f"{count(known.known)} ({percent(100 * known.share, 0)})"
        parts += [
            (
                f'<text x="{LABEL_WIDTH - 8}" y="{top + 13}" text-anchor="end">'
                f"{escape(_short(known.label))}</text>"
            ),
            (
                f'<rect x="{LABEL_WIDTH}" y="{top + 2}" width="{MAP_WIDTH}" height="{ROW - 4}" '
                'fill="currentColor" fill-opacity=".07"/>'
            ),
            *_runs(pattern.shares[i], top),
            f'<text x="{LABEL_WIDTH + MAP_WIDTH + 8}" y="{top + 13}">{share}</text>',
        ]
    parts += [*_ticks(pattern, rows * ROW), "</svg>"]
    return "".join(parts)


def describe(pattern: MissingPattern) -> str:
    """Return what the map shows, with its main numbers."""
    if not pattern.cells:
        return "Missing-data map without studies."
    least = min(pattern.known, key=lambda k: k.known)
    return (
        f"Missing-data map of {plural(len(pattern.known), 'variable')} and "
        f"{plural(pattern.studies, 'study')}: {percent(100 * pattern.missing / pattern.cells, 0)} "
        "of the cells are empty; least often known is "
        f"{least.label} ({least.known:,} of {least.total:,})."
    )


def _short(label: str) -> str:
    return label if len(label) <= 28 else label[:27] + "…"


def _runs(shares: tuple[float, ...], top: int) -> list[str]:
    """Return a path per shade, of rectangles over runs of studies; none where all is missing."""
    step = MAP_WIDTH / max(1, len(shares))
    paths: dict[int, str] = {}
    start = 0
    for level, run in groupby(shares, key=_level):
        length = sum(1 for _ in run)
        if level:
            left, wide = _number(LABEL_WIDTH + start * step), _number(length * step)
            box = f"M{left} {top + 2}h{wide}v{ROW - 4}h-{wide}z"
            paths[level] = paths.get(level, "") + box
        start += length
    return [
        f'<path d="{path}" style="fill:var(--map,#0072B2)"'
        + ("" if level == LEVELS else f' fill-opacity="{0.15 + 0.85 * level / LEVELS:.2f}"')
        + "/>"
        for level, path in sorted(paths.items())
    ]


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _level(share: float) -> int:
    if share in {0.0, 1.0}:
        return LEVELS if share else 0
    return min(LEVELS - 1, max(1, round(share * LEVELS)))


def _ticks(pattern: MissingPattern, top: int) -> list[str]:
    """Return the years below the map, where the first study of each stands."""
    step = MAP_WIDTH / max(1, len(pattern.years))
    drawn: list[str] = []
    last, year = -float(TICK_GAP), None
    for i, span in enumerate(pattern.years):
        x = i * step
        if span is None or span[0] == year:
            continue
        year = span[0]
        if x - last < TICK_GAP or x > MAP_WIDTH - TICK_GAP / 2:
            continue
        last = x
        at = LABEL_WIDTH + x
        drawn.append(
            f'<path d="M{at:.2f} {top}v5" stroke="currentColor" fill="none"/>'
            f'<text x="{at:.2f}" y="{top + 18}">{year}</text>'
        )
    return drawn
