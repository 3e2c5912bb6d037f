"""`review checklist`: which items of the PRISMA checklists the report meets, and where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from review.cli.common import JsonOption, ReviewOption, echo, load, print_json, print_table, warn

if TYPE_CHECKING:
    from review.report.checklist_extensions import Checklist


def checklist(
    *,
    review: ReviewOption = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind", metavar="KIND", help="Only this one: 2020, dta, nma or s; without it those "
            "that the review calls for.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write them as a CSV file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """PRISMA 2020, PRISMA-DTA, PRISMA-NMA, PRISMA-S: where the report meets each item.

    It is computed from what the report of the review holds; what is missing says what would meet
    it. A model of accuracy or a network among the [[meta]] analyses adds its checklist.
    """
    from review.report.assemble import build_sections
    from review.report.checklist_extensions import chosen_checklists
    from review.report.results import Results

    opened = load(review)
    chosen = chosen_checklists(opened, kind)
    sections = {s.name: s for s in build_sections(Results(opened))}
    rows = [row for one in chosen for row in _rows(one, opened, sections)]
    if out is not None:
        from review.formats.rows import csv_text
        from review.project.write import output_folder, write_output

        output_folder(out.parent)
        write_output(out, csv_text(rows).encode(), read=[opened.path])
        warn(f"written: {out}")
    if as_json:
        print_json(rows)
        return
    for one in chosen:
        mine = [row for row in rows if row["checklist"] == one.title]
        met = sum(row["status"] == "reported" for row in mine)
        echo(f"{one.title}: {met} of {len(mine)} items and sub-items reported")
        print_table(
            ["item", "what is asked for", "status", "where", "remark"],
            [[row[n] for n in ("item", "what is asked for", "status", "where", "remark")]
             for row in mine],
        )  # fmt: skip


def _rows(one: Checklist, review: Any, sections: Any) -> list[dict[str, str]]:
    """Return the items as plain texts, with what would meet those that are not reported."""
    from review.report.sections.checklist_section import checklist_rows

    found = []
    for item, row in zip(one.items, checklist_rows(one, review, sections), strict=True):
        plain = {name: getattr(cell, "text", cell) for name, cell in row.items()}
        if plain["status"] != "reported" and item.missing:
            plain["remark"] = "; ".join(
                x for x in (plain["remark"], f"would come from {item.missing}") if x
            )
        plain["where"] = "" if plain["where"] == plain["status"] else plain["where"]
        found.append({"checklist": one.title, **plain})
    return found
