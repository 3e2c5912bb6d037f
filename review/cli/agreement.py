"""`review agreement` and `review adjudicate`: the coders of a review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from review.cli.common import (
    JsonOption,
    ReviewOption,
    WhereOption,
    echo,
    load,
    print_json,
    print_table,
    warn,
)
from review.cli.table_options import given_options, tell, with_table_options
from review.words import interval, number, plural

if TYPE_CHECKING:
    from review.formats.read_options import ReadOptions
    from review.formats.sheet_table import SheetTable
    from review.project import Review
    from review.workflow.agreement.agreement_report import AgreementReport

CodersOption = Annotated[
    str | None,
    typer.Option("--coders", metavar="A,B", help="Names of coders; all of codings/ without it."),
]
VariableOption = Annotated[
    list[str] | None,
    typer.Option("--variable", "-v", metavar="NAME", help="Only this one; may be repeated."),
]
_SHOWN: Final = (
    "percent", "kappa", "kappa_quadratic", "ac1", "alpha", "fleiss", "icc", "jaccard",
    "percent_cells", "kappa_cells", "kappa_missing",
)  # fmt: skip
_HEADS: Final = (
    "agree", "kappa", "kappa w", "AC1", "alpha", "Fleiss", "ICC", "Jaccard", "cells agree",
    "cells kappa", "missing kappa",
)  # fmt: skip


@with_table_options
def agreement(
    *,
    review: ReviewOption = None,
    coders: CodersOption = None,
    variable: VariableOption = None,
    where: WhereOption = None,
    sources: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            metavar="NAME=FILE",
            help="The sheet of a coder (CSV, Excel, OpenDocument) instead of codings/; give two or "
            "more.",
        ),
    ] = None,
    disagreements: Annotated[
        bool, typer.Option("--disagreements", help="List the cells that differ instead.")
    ] = False,
    bootstrap: Annotated[
        int, typer.Option("--bootstrap", metavar="N", min=0, help="Samples for intervals.")
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Of the samples.")] = (
        20220413
    ),
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR",
                     help="Write agreement.csv, disagreements.csv and agreement.json."),
    ] = None,
    as_json: JsonOption = False,
    reading: ReadOptions,
) -> None:  # fmt: skip
    """Compare the coders of a review: percent, kappa, AC1, alpha, ICC, Bland-Altman.

    An empty cell means that the coder found nothing stated: agreement on that is shown apart, and
    'cells' counts it as a value.
    """
    from review.errors import InputError
    from review.workflow.agreement.coder_agreement import agreement as compare

    opened: Review = load(review, where)
    if sources:
        opened = _from_sheets(opened, sources, reading)
    elif given := given_options(reading):
        raise InputError(f"{', '.join(given)}: only with --from NAME=FILE")
    found = compare(opened, _names(coders), variable or None, n_boot=bootstrap, seed=seed)
    if not found:
        raise InputError(f"no agreement to compute: {'; '.join(found.notes)}")
    if as_json:
        print_json(found.to_dict())
    elif disagreements:
        _print_disagreements(found)
    else:
        _print(found)
    if out is not None:
        _write(found, out, opened.path, quiet=as_json)


def _from_sheets(review: Review, sources: list[str], reading: ReadOptions) -> Review:
    """Return the review with the codings of sheets that the user names."""
    from review.errors import InputError
    from review.formats.reading import read_sheet
    from review.workflow.coding.coder_sheets import with_coder_sheets

    tables: dict[str, SheetTable] = {}
    for item in sources:
        name, sign, path = (part.strip() for part in item.partition("="))
        if not sign or not name or not path:
            raise InputError(f"--from {item!r}: write it as NAME=FILE, such as lee=lee.xlsx")
        if name in tables:
            raise InputError(f"--from names the coder {name!r} twice")
        tables[name] = read_sheet(Path(path), reading, totals_are_wrong=False)
    try:
        return with_coder_sheets(review, tables)
    finally:
        for table in tables.values():
            tell(table)


def _names(coders: str | None) -> list[str] | None:
    return None if coders is None else [c.strip() for c in coders.split(",") if c.strip()]


def _number(value: Any) -> str:
    return number(value, 2, missing="")


def _print(found: AgreementReport) -> None:
    rows = found.rows()
    shown = [i for i, name in enumerate(_SHOWN) if any(r[name] is not None for r in rows)]
    heads = ["variable", "both state", "one", "none", *(_HEADS[i] for i in shown)]
    print_table(
        heads,
        [
            [r["variable"], r["n_stated"], r["n_one"], r["n_empty"]]
            + [_number(r[_SHOWN[i]]) for i in shown]
            for r in rows
        ],
    )
    for one in found.variables:
        for pair, limits in one.bland_altman.items():
            if limits.low is not None and limits.n_equal < limits.n:
                echo(f"  {one.name}: {pair} = {number(limits.bias)} on average, limits of "
                     f"agreement {interval(limits.low, limits.high)} "
                     f"({plural(limits.n, 'pair')})")  # fmt: skip
    intervals = [
        f"  {one.name}: alpha {_number(e.value)} ({interval(e.low, e.high, 2)})"
        for one in found.variables
        if (e := one.measures.get("alpha")) is not None and e.low is not None
    ]
    if intervals:
        echo("Krippendorff's alpha with bootstrap interval:")
        echo("\n".join(intervals))
    notes = {e.split(": ", 1)[1] for one in found.variables for e in one.explanations}
    for note in [*found.notes, *sorted(notes)]:
        echo(f"note: {note}")
    open_ones = sum(not d.settled for d in found.disagreements)
    echo(f"{plural(len(found.disagreements), 'cell')} differ, {open_ones} of them not settled "
         "('review agreement --disagreements' lists them)")  # fmt: skip


def _print_disagreements(found: AgreementReport) -> None:
    rows = found.disagreement_rows()
    heads = ["study_id", "variable", "kind", *found.coders, "settled", "consensus", "reason"]
    print_table(heads, [[row[h] for h in heads] for row in rows])


def _write(found: AgreementReport, out: Path, read: Path, *, quiet: bool) -> None:
    from review.cli.artifacts import write_files
    from review.formats.rows import csv_text, json_text
    from review.project.write import output_folder

    output_folder(out)
    files = {
        "agreement.csv": csv_text(found.rows()),
        "disagreements.csv": csv_text(
            found.disagreement_rows(),
            ["study_id", "variable", "kind", *found.coders, "settled", "consensus", "reason"],
        ),
        "agreement.json": json_text(found.to_dict()) + "\n",
    }
    data = {name: text.encode() for name, text in files.items()}
    for path in write_files(out, data, read=[read]):
        if not quiet:
            warn(f"written: {path}")
