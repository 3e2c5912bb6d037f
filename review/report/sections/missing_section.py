"""Which variable is known for which studies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.plots.missing_map import describe, missing_svg
from review.report.blocks import Section, empty, text
from review.report.sections.panels_section import plot_block
from review.words import count, percent, plural

if TYPE_CHECKING:
    from review.report.results import Results

TITLE: Final = "Missing data"


def build(results: Results) -> Section:
    """Return the section."""
    pattern = results.missing
    if not pattern.cells:
        return empty(
            "missing", TITLE, "The review has no studies yet.", "no studies in studies.csv"
        )
    rows = [
        {
            "variable": k.variable,
            "label": k.label,
            "known": k.known,
            "missing": k.total - k.known,
            "share known": percent(100 * k.share),
        }
        for k in pattern.known
    ]
    order = (
        "Each column is a study"
        if pattern.group == 1
        else f"Each column is {pattern.group} studies"
    )
    figure = plot_block(
        "missing-map",
        "Which variable is known for which studies",
        None,
        svg=missing_svg(pattern),
        alt=describe(pattern),
        caption=f"{order}, in the order of the publication year; a gap is a missing value"
        + (", a paler mark a group that is partly known." if pattern.group > 1 else "."),
        rows=rows,
    )
    intro = text(
        f"{count(pattern.missing)} of {plural(pattern.cells, 'cell')} "
        f"({percent(100 * pattern.missing / pattern.cells, 0)}) are empty because the "
        "text that was read does not state the value. Missing values are left missing: no number "
        "in this report is imputed."
    )
    return Section("missing", TITLE, (intro, figure))
