"""The characteristics of all studies, to be sorted, filtered, searched and downloaded."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from review.plots.theme import words
from review.report.blocks import WIDE, Cell, Explorer, ExplorerColumn, Section, empty, text
from review.report.snapshot import study_link
from review.report.table_cells import cell

if TYPE_CHECKING:
    from review.project import Review
    from review.report.results import Results
    from review.schema import Study

TITLE: Final = "Characteristics of the studies"
STUDY: Final = "_study"  # the column with name and link; no variable has such a name
STATIC_ROWS: Final = 500  # written as pages; the data of the web page hold all
MOST_CHOICES: Final = 40  # a variable with more words is searched, not chosen from a list


def build(results: Results) -> Section:
    """Return the section."""
    review = results.review
    if not review.studies:
        return empty(
            "studies", TITLE, "The review has no studies yet.", "no studies in studies.csv"
        )
    columns = explorer_columns(review)
    shown = [c for c in columns if c.shown]
    rows = tuple(tuple(_cell(s, c) for c in shown) for s in review.studies[:STATIC_ROWS])
    how = text(
        "Each row is a study; its name leads to the source. An empty cell (–) means that what was "
        "read does not state it."
    )
    table = Explorer(columns, rows, len(review.studies), f"{review.name}-studies")
    return Section("studies", TITLE, (how, table))


def explorer_columns(review: Review) -> tuple[ExplorerColumn, ...]:
    """Return the columns of the table of studies; those with a role are shown at first."""
    from review.workflow.coding.listing import default_columns

    first = {*default_columns(review), "title", "year"} - {"study_id", "first_author"}
    columns = [ExplorerColumn(STUDY, "Study", "text", shown=True)]
    labels = {"doi": "DOI", "pmid": "PMID", "study_id": "Identifier", "coders": "Coders"}
    kinds: dict[str, Any] = {"year": "number", "coders": "number"}
    for name in ("year", "title", "venue", "study_id", "first_author", "doi", "pmid", "evidence",
                 "coders"):  # fmt: skip
        values = [s.value(name) for s in review.studies]
        if any(v is not None for v in values):
            label = labels.get(name) or words(name).capitalize()
            choices = _choices(values) if name == "evidence" else ()
            kind: Any = "category" if choices else kinds.get(name, "text")
            columns.append(
                ExplorerColumn(name, label, kind, name in first, choices, wide=_wide(values))
            )
    for variable in review.codebook.variable:
        name = variable.name
        values = [s.value(name) for s in review.studies]
        kind = _kind(variable.type.value)
        choices = _choices(values) if kind in {"category", "list"} else ()
        label = variable.title
        if variable.unit and variable.unit.casefold() != label.casefold():
            label += f" ({variable.unit})"
        columns.append(
            ExplorerColumn(name, label, kind, name in first, choices, variable.help, _wide(values))
        )
    return tuple(columns)


def _kind(variable_type: str) -> Any:
    return {
        "integer": "number", "number": "number", "category": "category", "boolean": "category",
        "list": "list",
    }.get(variable_type, "text")  # fmt: skip


def _wide(values: list[Any]) -> bool:
    return any(len(cell(v).text) > WIDE for v in values if v is not None)


def _choices(values: list[Any]) -> tuple[str, ...]:
    found: Counter[str] = Counter()
    for value in values:
        if value is not None:
            found.update(value if isinstance(value, tuple) else [cell(value).text])
    return tuple(sorted(found, key=str.casefold)) if len(found) <= MOST_CHOICES else ()


def _cell(study: Study, column: ExplorerColumn) -> Cell:
    if column.key == STUDY:
        return Cell(study.label, href=study_link(study))
    value = study.value(column.key)
    if value is None:
        return Cell("–", number=column.kind == "number")
    found = cell(value)
    if column.kind in {"category", "list"}:
        return Cell(words(found.text).replace(";", "; "))
    return Cell(found.text, column.kind == "number")
