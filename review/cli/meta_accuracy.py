"""`review meta --model dta`: sensitivity and specificity pooled together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.cli.common import DEFAULT_OUT, echo, load
from review.cli.table_options import given_options
from review.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from review.formats.read_options import ReadOptions
    from review.workflow.pooling.accuracy_input import AccuracyInput
    from review.workflow.pooling.accuracy_run import AccuracyRun


def meta_accuracy(
    *,
    review: str | None,
    where: str | None,
    role: str | None,
    csv: Path | None,
    reading: ReadOptions,
    columns: Sequence[str],
    labels: str | None,
    study: str | None,
    by: str | None,
    reference: str | None,
    settings: dict[str, Any],
    prevalence: Sequence[str],
    out: Path | None,
    formats: Sequence[str],
    as_json: bool,
) -> None:
    """Run and print it; see `review meta --help`.

    Args:
        review: name or path of a review.
        where: filter of its studies.
        role: of its results.
        csv: a CSV, Excel or OpenDocument file instead.
        reading: how it is read.
        columns: argument=column, one by one.
        labels: column with the study names.
        study: column that says which rows are of one study.
        by: column with the names of tests to compare.
        reference: the test that the others are compared with.
        settings: of `review.workflow.pooling.accuracy_run.run_accuracy`.
        prevalence: numbers, one by one or joined by commas.
        out: folder for files.
        formats: of the figures.
        as_json: print JSON instead of text.
    """
    from review.plots.export import parse_formats
    from review.workflow.pooling.accuracy_run import run_accuracy

    chosen = parse_formats(formats or ["html"])
    if csv is not None:
        rows: AccuracyInput = _from_csv(
            csv, columns, reading, labels=labels, study=study, by=by, where=where
        )
        context: dict[str, Any] = {"review_title": csv.name}
        read = csv
    else:
        if given := given_options(reading):
            raise InputError(f"{', '.join(given)}: only with --csv FILE")
        if columns or labels or study:
            raise InputError("--column, --labels and --study are about a CSV file (--csv)")
        from review.cli.meta import review_context
        from review.workflow.pooling.accuracy_input import from_review_results

        opened = load(review, where)
        rows = from_review_results(
            opened, role=None if role == "all" else role or "headline", by=by
        )
        context = review_context(opened)
        read = opened.path
    run = run_accuracy(rows, prevalences=_numbers(prevalence), reference=reference, **settings)
    written: list[Path] = []
    failed = None
    if out is not None or formats:
        written, failed = _write(run, out or DEFAULT_OUT, chosen, context, read)
    _print(run, written, as_json=as_json)
    if failed is not None:
        raise failed


def _from_csv(
    path: Path, columns: Sequence[str], reading: ReadOptions, **names: str | None
) -> AccuracyInput:
    from review.workflow.pooling.accuracy_csv import from_accuracy_csv

    chosen = {}
    for item in columns:
        argument, sign, column = item.partition("=")
        if not sign or not argument.strip() or not column.strip():
            raise InputError(f"--column {item!r}: write it as argument=column, such as tp=TruePos")
        chosen[argument.strip()] = column.strip()
    return from_accuracy_csv(path, columns=chosen, reading=reading, **names)


def _numbers(given: Sequence[str]) -> tuple[float, ...]:
    out = []
    for part in (p.strip() for text in given for p in text.split(",")):
        if not part:
            continue
        try:
            out.append(float(part.removesuffix("%")) / (100 if part.endswith("%") else 1))
        except ValueError:
            raise InputError(f"--prevalence {part!r} is no number such as 0.05 or 5%") from None
    return tuple(out)


def _write(
    run: AccuracyRun, out: Path, formats: Any, context: dict[str, Any], read: Path
) -> tuple[list[Path], Any]:
    import re

    from review.cli.artifacts import write, write_files
    from review.plots.accuracy.accuracy_files import accuracy_artifacts, accuracy_tables

    name = re.sub(r"[^A-Za-z0-9]+", "-", run.rows.title).strip("-").lower()[:60] or "run"
    stem = f"accuracy-{name}"
    written, failed = write(accuracy_artifacts(run, stem), out, formats, context, read=[read])
    return [*written, *write_files(out, accuracy_tables(run, stem), read=[read])], failed


def _print(run: AccuracyRun, written: list[Path], *, as_json: bool) -> None:
    from review.plots.export import json_text

    if as_json:
        echo(json_text({**run.to_dict(), "files": [str(path) for path in written]}))
        return
    echo(run.text().rstrip("\n"))
    for path in written:
        echo(f"written: {path}")
