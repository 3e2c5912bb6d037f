"""What goes into a meta-analysis, from a CSV file."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from review.formats.read_options import DEFAULT, ReadOptions
from review.schema.reported_quantities import Kind
from review.workflow.pooling.arm_rows import ArmOptions, compare_arms
from review.workflow.pooling.meta_columns import choose_columns
from review.workflow.pooling.plain_table import filtered, one_outcome, read_plain
from review.workflow.pooling.pooled_rows import MetaInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from review.workflow.pooling.meta_columns import Arguments
    from review.workflow.pooling.plain_table import PlainTable

# arguments that count: in "1,234" the comma cannot be decimal
COUNT_ARGUMENTS: Final = frozenset(
    {"ai", "bi", "ci", "di", "n1i", "n2i", "x1i", "x2i", "xi", "ni", "tp", "fp", "fn", "tn"}
)
LABEL_COLUMNS: Final = (
    "slab", "label", "study", "study_id", "trial", "author", "authors", "first_author", "name",
)  # fmt: skip
_ADDRESS: Final = re.compile(r"https?://\S+\Z")


def from_csv(
    path: Path,
    *,
    measure: str | None = None,
    columns: Mapping[str, str] | None = None,
    labels: str | None = None,
    title: str | None = None,
    where: str | None = None,
    outcome_column: str | None = None,
    outcome: str | None = None,
    arm: str | None = None,
    reference: str | None = None,
    multi_arm: str | None = None,
    reading: ReadOptions = DEFAULT,
) -> MetaInput:
    """Return the rows of a CSV, Excel or OpenDocument file.

    Args:
        path: the file. Empty cells and words such as `NA` and `NR` are missing.
        measure: code of the measure: needed for raw columns; with `yi` it names what they are.
        columns: argument (`yi`, `vi`, `est`, `ci_lb`, `ai`, ...) -> column of the file; without
            them the columns that are called as the arguments are, or as estimates usually are.
        labels: the column with study names; found by its name when there is one.
        title: of figures and tables; by default the name of the file.
        where: a filter of the rows, such as `year >= 2010`.
        outcome_column: the column that says which outcome a row is about.
        outcome: the outcome wanted.
        arm: the column with the arm, when rows are arms; `columns` are then those of one arm.
        reference: the arm that the others are compared with.
        multi_arm: of studies with several arms: "combine", "split" or "each".
        reading: how the file is read.

    Raises:
        UnknownNameError: a column is not in the file; an argument is not one of the measure's.
        InputError: the columns named do not make an effect.
        DataError: the file is broken, or a cell of a used column is no number.
    """
    table = read_plain(path, reading)
    made = from_plain(
        table, stem=path.stem, source=path.name, measure=measure, columns=columns, labels=labels,
        title=title, where=where, outcome_column=outcome_column, outcome=outcome, arm=arm,
        reference=reference, multi_arm=multi_arm,
    )  # fmt: skip
    return replace(made, notes=[*table.remarks(), *made.notes])


def from_plain(
    table: PlainTable,
    *,
    stem: str,
    source: str,
    measure: str | None = None,
    columns: Mapping[str, str] | None = None,
    labels: str | None = None,
    title: str | None = None,
    where: str | None = None,
    outcome_column: str | None = None,
    outcome: str | None = None,
    arm: str | None = None,
    reference: str | None = None,
    multi_arm: str | None = None,
) -> MetaInput:
    """Return the rows of a table; see `from_csv`.

    Args:
        table: the rows.
        stem: the title, where there is none.
        source: where they come from.
        measure: see `from_csv`.
        columns: the same way.
        labels: the same way.
        title: the same way.
        where: the same way.
        outcome_column: the same way.
        outcome: the same way.
        arm: the same way.
        reference: the same way.
        multi_arm: the same way.
    """
    from review.errors import InputError
    from review.stats.effects.measure_registry import find_measure
    from review.stats.pooling.meta_analysis import repeated_labels

    found = find_measure(measure.strip().upper()) if measure else None
    if outcome is not None and outcome_column is None:
        if "outcome" not in table.header:
            raise InputError(
                "--outcome of a CSV file needs --outcome-column, the column that tells outcomes "
                f"apart; {table.name} has {', '.join(table.header)}"
            )
        outcome_column = "outcome"
    if outcome_column is not None:
        table = one_outcome(table, outcome_column, outcome)
    if where:
        table = filtered(table, where)
    if labels:
        table.has(labels)
    if (arm is None) != (reference is None):
        raise InputError("--arm names the column with the arms, --reference one of them: give both")
    if multi_arm is not None and arm is None:
        raise InputError(
            "--multi-arm is about files with one row per arm: name their column (--arm)"
        )
    try:
        chosen = choose_columns(table, dict(columns or {}), found, arms=arm is not None)
    except InputError:
        table.require()  # what is wrong with the file may be why its columns are not found
        raise
    base = MetaInput(
        title=title or (f"{stem}: {outcome}" if outcome else stem),
        source=source,
        measure=chosen.measure.code if chosen.measure else None,
        columns={},
        labels=[],
        data={},
        notes=[*table.notes, *chosen.notes],
        outcome=outcome or "",
        names=chosen.columns,
    )
    if arm is not None:
        options = ArmOptions(
            study_names(table, labels), table.texts(table.has(arm)), reference or "", multi_arm
        )
        return _of_arms(base, table, chosen, options)
    names = study_names(table, labels)
    repeated = repeated_labels(tuple(names))
    numbers, said = _numbers(table, chosen)
    return _filled(base, table, numbers, names, [*said, *repeated])


def _numbers(table: PlainTable, chosen: Arguments) -> tuple[dict[str, list[float]], list[str]]:
    """Return the columns of the arguments, and what is said of them.

    The problems of all of them are raised together.
    """
    found, said = {}, []
    for argument, column in chosen.columns.items():
        if argument == "pval":
            found[argument], notes = table.pvalues(column)
            said += notes
        else:
            kind = Kind.COUNT if argument in COUNT_ARGUMENTS else Kind.NUMBER
            found[argument] = table.numbers(column, kind)
    table.require()
    return found, said


def _filled(
    base: MetaInput,
    table: PlainTable,
    numbers: dict[str, list[float]],
    names: list[str],
    notes: list[str],
) -> MetaInput:
    data = {column: table.values(column) for column in table.header}
    return replace(
        base,
        columns=numbers,
        labels=unique_names(names, table.lines),
        data=data,
        links=source_links(table),
        notes=[*base.notes, *notes],
    )


def _of_arms(
    base: MetaInput, table: PlainTable, chosen: Arguments, options: ArmOptions
) -> MetaInput:
    from review.stats.pooling.meta_analysis import repeated_labels

    assert chosen.measure is not None
    numbers, said = _numbers(table, chosen)
    made = compare_arms(table, numbers, chosen.measure, options)
    notes = [*said, *made.notes, *repeated_labels(tuple(made.studies))]
    filled = _filled(base, made.table, made.columns, made.labels, notes)
    return replace(filled, left_out=made.left_out, names={})


def study_names(table: PlainTable, given: str | None) -> list[str]:
    """Return the study names; a row without one is called by its line."""
    texts = _labels(table, given)
    return [t or f"row {line}" for t, line in zip(texts, table.lines, strict=True)]


def _labels(table: PlainTable, given: str | None) -> list[str]:
    """Return the study names: of the column given, or of one that is called like names.

    Names of authors go with the year; mere numbers are names only when there is nothing else.
    """
    folded = {c.casefold(): c for c in table.header}
    known = [given] if given else [folded[c] for c in LABEL_COLUMNS if c in folded]
    columns = {c: table.texts(c) for c in known}
    words = (c for c, texts in columns.items() if not all(t.isdigit() for t in texts))
    chosen = next(words, next(iter(known), None))
    if chosen is None:
        return [""] * len(table)
    year = folded.get("year")
    if given or year is None or "author" not in chosen.casefold():
        return columns[chosen]
    return [f"{t} {y}".strip() for t, y in zip(columns[chosen], table.texts(year), strict=True)]


def unique_names(labels: list[str], lines: list[int]) -> list[str]:
    """Labels that occur twice get the line of the file, so that each names one row."""
    seen = Counter(labels)
    return [
        f"{label} (line {line})" if seen[label] > 1 else label
        for label, line in zip(labels, lines, strict=True)
    ]


def source_links(table: PlainTable) -> list[str | None]:
    """Addresses from a column called doi, url or link, when the file has one."""
    folded = {c.casefold(): c for c in table.header}
    column = next((folded[c] for c in ("doi", "url", "link") if c in folded), None)
    if column is None:
        return [None] * len(table)
    full = [f"https://doi.org/{t}" if t.startswith("10.") else t for t in table.texts(column)]
    return [t if _ADDRESS.match(t) else None for t in full]
