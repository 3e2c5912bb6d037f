"""`review check`: every problem of a review folder at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from review.cli.common import JsonOption, ReviewOption, echo, load, print_json
from review.words import plural

if TYPE_CHECKING:
    from review.project.folder_check import CheckReport


def check(
    reviews: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REVIEW]...", help="Review folders or bundled reviews."),
    ] = None,
    *,
    review: ReviewOption = None,
    as_json: JsonOption = False,
    most: Annotated[int, typer.Option(min=1, help="How many problems to print per review.")] = 100,
) -> None:
    """Check a review: print every problem with file, row, column and what would be right.

    Every file of the folder is read; numbers that contradict each other (a sensitivity and its
    counts, events and their total) are notes, as is what may be right all the same.
    Exit status 0 when there is no error (warnings may remain), 1 otherwise.
    """
    wanted: list[str | None] = [*(reviews or []), *([review] if review else [])]
    opened = [load(one) for one in wanted or [None]]
    reports = [one.check() for one in opened]
    if as_json:
        dicts = [r.to_dict() for r in reports]
        print_json(dicts[0] if len(dicts) == 1 else dicts)
    else:
        for report in reports:
            _print(report, most)
    if not all(r.ok for r in reports):
        raise typer.Exit(1)


def _print(report: CheckReport, most: int) -> None:
    errors = [p for p in report.problems if p.level == "error"]
    warnings = [p for p in report.problems if p.level == "warning"]
    state = plural(len(errors), "problem") if errors else "no problem"
    echo(f"{report.review}: {state} found" + (f", {len(warnings)} to note" if warnings else ""))
    if report.title:
        echo(f"  {report.title}")
    for name, count in report.counts.items():
        echo(f"  {name:<26} {count:>7,} rows")
    for name, counts in filter(lambda kv: kv[1], report.breakdown.items()):
        echo(f"  by {name}: " + ", ".join(f"{word} {n}" for word, n in counts.items()))
    if report.marks:
        listed = ", ".join(f"{word} {n}" for word, n in report.marks.items())
        echo(f"  marked as missing: {listed}")
    for problem in [*errors, *warnings][:most]:
        echo(f"  {'error' if problem.level == 'error' else 'note'}: {problem}")
    if len(report.problems) > most:
        echo(f"  ... and {len(report.problems) - most} more (--most)")
