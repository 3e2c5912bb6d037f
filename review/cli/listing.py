"""`review list`, `review show` and `review datasets`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from review.cli.common import (
    DEFAULT_OUT,
    JsonOption,
    ReviewOption,
    WhereOption,
    echo,
    load,
    print_json,
    print_table,
)
from review.words import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.schema import Variable

MOST = 1_000  # rows of a table in the terminal

FormatOption = Annotated[
    list[str] | None,
    typer.Option("--format", metavar="csv|json|xlsx|html", help="Write files; several allowed."),
]
OutOption = Annotated[
    Path, typer.Option("--out", "-o", metavar="DIR", help="The folder for files (--format).")
]


def list_studies(
    *,
    review: ReviewOption = None,
    where: WhereOption = None,
    columns: Annotated[
        str | None, typer.Option(help="Columns, separated by commas; 'all' for every one.")
    ] = None,
    sort: Annotated[str | None, typer.Option(help="Sort by this column; -name descends.")] = None,
    as_map: Annotated[
        bool, typer.Option("--map", help="Which variable is known for how many studies.")
    ] = False,
    formats: FormatOption = None,
    out: OutOption = DEFAULT_OUT,
    as_json: JsonOption = False,
) -> None:
    """List the coded studies, or with --map what is known of them."""
    from review.workflow.coding.listing import default_columns, missing_map, study_rows

    opened = load(review, where)
    if as_map:
        rows: list[dict[str, Any]] = [
            {**k.to_dict(), "share": round(k.share, 4)} for k in missing_map(opened)
        ]
        if not (as_json or formats):
            _print_map(rows)
            return
        _deliver(
            rows,
            f"{opened.name} missing-data map",
            "missing-map",
            formats=formats,
            out=out,
            as_json=as_json,
            read=[opened.path],
        )
        return
    if columns == "all":
        names = opened.columns
    else:
        names = [c.strip() for c in columns.split(",")] if columns else default_columns(opened)
    rows = study_rows(opened, [*names, *([sort.lstrip("-")] if sort else [])])
    if sort:
        rows = _sorted(rows, sort, {v.name: v for v in opened.variables}[sort.lstrip("-")])
    rows = [{n: r[n] for n in names} for r in rows]
    _deliver(
        rows,
        f"{opened.name} studies",
        "studies",
        formats=formats,
        out=out,
        as_json=as_json,
        columns=names,
        read=[opened.path],
    )


def _sorted(rows: list[dict[str, Any]], sort: str, column: Variable) -> list[dict[str, Any]]:
    """Sort by a column, ordered words by rank; what has no place stays last in either direction."""
    from review.project.operands import rank

    place = rank(column)
    known = [r for r in rows if place(r[column.name]) is not None]
    known.sort(key=lambda r: place(r[column.name]), reverse=sort.startswith("-"))
    return known + [r for r in rows if place(r[column.name]) is None]


def _print_map(rows: list[dict[str, Any]]) -> None:
    total = rows[0]["total"] if rows else 0
    echo(f"known for how many of {total} studies:")
    for row in rows:
        bar = "█" * round(30 * row["share"])
        share = percent(100 * row["share"])
        echo(f"  {row['variable']:<22} {row['known']:>6}  {share:>6}  {bar}")


def _deliver(
    rows: list[dict[str, Any]],
    title: str,
    stem: str,
    *,
    formats: list[str] | None,
    out: Path,
    as_json: bool,
    read: Sequence[Path],
    columns: Sequence[str] | None = None,
) -> None:
    """Print rows, or write them to files."""
    if formats:
        written = _write(
            rows,
            list(columns or (rows[0] if rows else [])),
            title,
            stem=stem,
            out=out,
            formats=formats,
            read=read,
        )
        if as_json:
            print_json({"files": written, "rows": len(rows)})
        else:
            echo("\n".join(f"wrote {name}" for name in written))
    elif as_json:
        print_json(rows)
    else:
        shown = rows[:MOST]
        print_table(list(columns or (rows[0] if rows else [])), [list(r.values()) for r in shown])
        rest = f"; the first {MOST} are shown, --json and --format hold all" if rows[MOST:] else ""
        echo(f"{len(rows):,} rows{rest}")


def _write(
    rows: list[dict[str, Any]],
    columns: list[str],
    title: str,
    *,
    stem: str,
    out: Path,
    formats: list[str],
    read: Sequence[Path],
) -> list[str]:
    from review.cli.artifacts import write_files
    from review.errors import UnknownNameError
    from review.formats import rows as writers
    from review.project.write import output_folder

    wanted = [f.strip().lower() for one in formats for f in one.split(",")]
    for name in wanted:
        if name not in writers.FORMATS:
            raise UnknownNameError("format", name, writers.FORMATS)
    output_folder(out)
    files = {f"{stem}.{n}": writers.rows_to_bytes(n, rows, columns, title) for n in wanted}
    return [str(path) for path in write_files(out, files, read=read)]


def datasets(
    *,
    review: ReviewOption = None,
    where: WhereOption = None,
    formats: FormatOption = None,
    out: OutOption = DEFAULT_OUT,
    as_json: JsonOption = False,
) -> None:
    """List the public data sets of a review and the studies that use each."""
    from review.workflow.coding.listing import dataset_rows

    opened = load(review)
    rows = dataset_rows(opened, where)
    if not rows and not as_json:
        echo(f"{opened.name}: no data set" + (f" fits {where!r}" if where else " (datasets.csv)"))
        return
    if as_json or formats:
        _deliver(
            rows,
            f"{opened.name} data sets",
            "datasets",
            formats=formats,
            out=out,
            as_json=as_json,
            read=[opened.path],
        )
        return
    shown = ("name", "modality", "region", "task", "year", "n_images", "n_classes", "access")
    print_table(
        [*shown, "studies"],
        [[*(r[c] for c in shown), len(r["studies"]) or None] for r in rows],
    )
    echo(f"{len(rows):,} data sets (links, patients and sources: --json or --format csv)")


def show(
    study: Annotated[str, typer.Argument(metavar="STUDY", help="Its study_id.")],
    *,
    review: ReviewOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show all that is known of one study: coding, results, coders, data sets, source."""
    from review.project.review import model_values
    from review.schema.cell_types import cell_text
    from review.workflow.coding.linked_studies import reports_of
    from review.workflow.coding.listing import dataset_links
    from review.workflow.coding.study_of_report import place_of

    opened = load(review)
    found = opened.study(study)
    reports = [
        {"record_id": r["record_id"], "kind": place_of(r), "title": r.get("title", ""),
         "year": r.get("year", ""), "doi": r.get("doi", "")}
        for r in reports_of(opened, found.study_id)
    ]  # fmt: skip
    results = [model_values(r) for r in opened.results if r.study_id == found.study_id]
    codings = {
        coder: [model_values(c) for c in rows if c.study_id == found.study_id]
        for coder, rows in opened.codings.items()
    }
    links = [
        {"name": name, "entry": None if entry is None else model_values(entry)}
        for name, entry in dataset_links(opened, found)
    ]
    if as_json:
        print_json(
            {
                **model_values(found),
                "link": found.link,
                "reports": reports,
                "results": results,
                "codings": {k: v[0] for k, v in codings.items() if v},
                "datasets": links,
            }
        )
        return
    echo(f"{found.study_id}: {found.title or 'title not stated'}")
    echo(f"  source: {found.link or 'not stated'}")
    for name, value in model_values(found).items():
        label = opened.codebook[name].title if name in opened.codebook else name
        echo(f"  {label:<26} {cell_text(value) or 'not stated'}")
    for report in reports:
        facts = "; ".join(report[c] for c in ("kind", "title", "year", "doi") if report[c])
        echo(f"report {report['record_id']}: {facts}")
    if results:
        names = [
            n for n in results[0] if n != "study_id" and any(r[n] is not None for r in results)
        ]
        echo("\nresults:")
        print_table(names, [[r[n] for n in names] for r in results])
    for link in links:
        echo(f"data set {link['name']}: {_address(link['entry'])}")
    for coder, rows in codings.items():
        _print_coding(coder, rows, model_values(found))


def _address(entry: Any) -> str:
    if entry is None:
        return "not in datasets.csv"
    return str(entry["link"] or entry["source_url"] or "no address")


def _print_coding(coder: str, rows: list[dict[str, Any]], consensus: dict[str, Any]) -> None:
    from review.schema.cell_types import cell_text

    for row in rows:
        other = {k: v for k, v in row.items() if k in consensus and v != consensus[k]}
        differs = ", ".join(f"{k} {cell_text(v) or 'not stated'}" for k, v in other.items())
        echo(f"{coder}: " + (f"differs in {differs}" if other else "agrees with the consensus"))
