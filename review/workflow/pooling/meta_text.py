"""The account of a meta-analysis in words: the table of the forest plot, summary and report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.stats.presentation.effect_display import digits_for, interval_text, shown_transf
from review.stats.presentation.measure_words import effect_name
from review.words import level_name, listed, percent, plural
from review.workflow.pooling.further_analyses import also_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.presentation.forest_rows import ForestRow
    from review.workflow.pooling.meta_run import MetaRun

MOST_ROWS: Final = 200  # of the table; the CSV file holds every study
MOST_NAMES: Final = 12  # of rows that are left out for the same reason


def run_text(run: MetaRun) -> str:
    """Return everything about a run as text, paragraph by paragraph."""
    result = run.result
    transf = shown_transf(result)
    scale = None if transf == "identity" else transf
    heading = f"{effect_name(result, back=scale is not None)} [{level_name(result.level)} CI]"
    parts = [run.rows.title, forest_table(run.forest, heading)]
    parts += [result.summary(scale), result.report_text(scale)]
    if run.subgroups is not None:
        text = run.subgroups.summary()
        if scale is not None:
            text += f"\n(estimates and limits here: {effect_name(result)})"
        parts.append(text)
    if run.rhos is not None:
        parts.append(run.rhos.summary())
    if run.egger is not None and "egger" not in run.also:
        parts.append(run.egger.words())
    parts += [also_text(name, found) for name, found in run.also.items()]
    if run.effects is not None and run.effects.conversions:
        lines = [f"  {c}" for c in run.effects.conversions[:MOST_ROWS]]
        if len(run.effects.conversions) > MOST_ROWS:
            lines.append(f"  ... and {len(run.effects.conversions) - MOST_ROWS:,} more")
        parts.append("Converted:\n" + "\n".join(lines))
    if run.left_out:
        parts.append(
            "Left out:\n" + "\n".join(f"  {line}" for line in left_out_lines(run.left_out))
        )
    # what the model itself says stands in its summary
    if others := [note for note in run.notes if note not in result.notes]:
        parts.append("Notes:\n" + "\n".join(f"  {note}" for note in others))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def forest_table(rows: Sequence[ForestRow], heading: str) -> str:
    """Return the rows of a forest plot as a table, with the digits of the figure."""
    digits = digits_for(rows)
    shown = list(rows)
    dropped = ""
    if len(shown) > MOST_ROWS:
        shown = [r for r in rows if r.kind != "study"] or list(rows)[:MOST_ROWS]
        studies = sum(r.kind == "study" for r in rows)
        dropped = f"\n({plural(studies, 'study')}; their rows are in the CSV and JSON files)"
    cells = [
        (
            f"{'  ' if r.group and r.kind in {'study', 'subtotal'} else ''}{r.label}",
            interval_text(r, digits),
            "" if r.weight is None else percent(r.weight),
        )
        for r in shown
    ]
    heads = ("study", heading, "weight")
    widths = [max(len(row[j]) for row in (heads, *cells)) for j in range(3)]
    lines = [
        f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}".rstrip()
        for a, b, c in (heads, *cells)
    ]
    return "\n".join(lines) + dropped


def left_out_lines(left_out: Sequence[tuple[str, str]]) -> list[str]:
    """Return one line per reason, with how many rows it concerns and their names.

    Example:
        >>> left_out_lines([("a", "no n"), ("b", "no effect"), ("c", "no n")])
        ['2 rows: no n: a, c', '1 row: no effect: b']
    """
    by_reason: dict[str, list[str]] = {}
    for name, reason in left_out:
        by_reason.setdefault(reason, []).append(name)
    lines = []
    for reason, names in by_reason.items():
        named = listed(names, most=MOST_NAMES, last="")
        lines.append(f"{plural(len(names), 'row')}: {reason}: {named}")
    return lines
