"""What the tables of a folder say of each other and of themselves: references, repeats, slips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.errors import DataError, suggest
from review.project.duplicates import duplicate_keys
from review.project.problems import Problem
from review.project.table_columns import column_chunks
from review.schema.cell_types import CellError, cell_text
from review.schema.folder_files import ADJUDICATION, DECISIONS, EXCLUDED, STUDIES, registered
from review.schema.metrics import as_share, find_metric

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from review.project.review import Review


def _identifiers(review: Review, name: str, column: str) -> set[str]:
    """Return the identifiers of a table, those of rows with problems too."""
    model = registered(name).row_model(review.codebook)
    found: set[str] = set()
    try:
        for chunk in column_chunks(review.file(name), name, model):
            found.update(map(str.strip, chunk.columns().get(column, ())))
    except DataError:  # missing, or reported already
        return set()
    return found - {""}


def references(
    review: Review, name: str, rows: Sequence[Any], column: str, where: Sequence[str]
) -> Iterator[Problem]:
    """Yield a problem for each row whose identifier stands in none of the files `where`."""
    known = {ident for file in where for ident in _identifiers(review, file, column)}
    unknown = {getattr(r, column) for r in rows} - known - {None}
    if not unknown or not known:  # a review may hold results before it has studies
        return
    noun = "study" if column == "study_id" else "record"
    model = registered(name).row_model(review.codebook)
    for chunk in column_chunks(review.file(name), name, model):
        for line, text in zip(chunk.lines, chunk.columns()[column], strict=True):
            if text.strip() in unknown:
                yield Problem(
                    name,
                    f"no such {noun} in {' or '.join(where)}",
                    line=line,
                    column=column,
                    value=text,
                    suggestion=next(iter(suggest(text, known, most=1)), None),
                )


def shares_above_one(review: Review) -> list[Problem]:
    """Return a warning for each metric whose value is above 1 though it is no percentage."""
    book = review.codebook
    found = []
    scored: dict[str, bool] = {}
    for chunk in column_chunks(review.file("results.csv"), "results.csv"):
        columns = chunk.columns()
        blank = ("",) * len(chunk.rows)
        pairs = zip(columns.get("metric", blank), columns.get("value", blank), strict=True)
        for i, (metric, value) in enumerate((m.strip(), v.strip()) for m, v in pairs):
            if metric not in scored:
                percent = metric in book and book[metric].is_percent
                scored[metric] = not percent and find_metric(metric) is not None
            if not scored[metric] or (meant := as_share(value)) is None:
                continue
            found.append(
                Problem(
                    "results.csv", f"a value of {metric} above 1", line=chunk.lines[i],
                    column="value", value=value, allowed="a proportion between 0 and 1",
                    suggestion=meant, study_id=chunk.cells(i).get("study_id"), level="warning",
                )
            )  # fmt: skip
    return found


def two_minds(review: Review, rows: Sequence[Any]) -> list[Problem]:
    """Return a warning for each row in which a reviewer contradicts an earlier one."""
    seen: dict[tuple[str, ...], int] = {}
    found: list[tuple[int, int]] = []
    for i, row in enumerate(rows):
        name = " ".join((row.reviewer or "").split()).casefold()
        # without a name two rows may be those of two people
        first = seen.setdefault((row.record_id, row.stage, name, row.role or ""), i) if name else i
        if rows[first].decision != row.decision:
            found.append((first, i))
    lines = [r.line for r in review.table(DECISIONS).rows] if found else []
    told = len(lines) == len(rows)  # rows that cannot be read are left out, and told already
    return [
        Problem(
            DECISIONS,
            f"{rows[i].reviewer} decides {rows[i].decision} on {rows[i].record_id} "
            f"({rows[i].stage}), and {rows[first].decision}"
            + (f" on line {lines[first]}" if told else " before")
            + "; the last one counts",
            line=lines[i] if told else None,
            column="decision",
            level="warning",
            remedy="leave one of the two rows",
        )
        for first, i in found
    ]


def adjudications(review: Review) -> list[Problem]:
    """Return a problem for each settled value that the codebook does not take."""
    problems: list[Problem] = []
    for row in review.table(ADJUDICATION).rows:
        variable = row.cells.get("variable", "").strip()
        if variable and variable not in review.codebook:
            problems.append(
                Problem(
                    ADJUDICATION,
                    "the codebook has no such variable",
                    line=row.line,
                    column="variable",
                    value=variable,
                    suggestion=next(iter(suggest(variable, review.codebook.names, most=1)), None),
                )
            )
            continue
        try:
            if variable:
                review.codebook[variable].parse(row.cells.get("consensus"))
        except CellError as error:
            problems.append(
                Problem(
                    ADJUDICATION,
                    str(error),
                    line=row.line,
                    column="consensus",
                    value=row.cells.get("consensus"),
                    allowed=error.allowed,
                    suggestion=error.suggestion,
                )
            )
    return problems


def without_source(studies: Sequence[Any]) -> list[Problem]:
    """Return a warning on studies that readers cannot find, and on those of unknown evidence."""
    warnings = []
    for what, attribute in (
        ("no doi and no source_url: readers cannot find them", "link"),
        ("no evidence: what was read (abstract, full text) is not stated", "evidence"),
    ):
        lacking = [s.study_id for s in studies if not getattr(s, attribute)]
        if lacking:
            some = ", ".join(lacking[:3]) + (", ..." if len(lacking) > 3 else "")
            message = f"{len(lacking)} of {len(studies)} studies have {what} ({some})"
            warnings.append(Problem("studies.csv", message, level="warning"))
    return warnings


def coded_twice(studies: Sequence[Any], excluded: Sequence[Any]) -> list[Problem]:
    """Return a warning for each study that shares its key with one before."""
    # one dictionary for each kind of key: pairs as keys would take as much room again
    seen: dict[str, dict[str, str]] = {}
    warnings = []
    for file, study in [*((STUDIES, s) for s in studies), *((EXCLUDED, s) for s in excluded)]:
        cells = {
            "doi": study.doi or "", "pmid": study.pmid or "", "title": study.title or "",
            "year": cell_text(study.year),
        }  # fmt: skip
        keys = [("study_id", study.study_id.casefold()), *duplicate_keys(cells)]
        for kind, key in keys:
            # in one table the same study_id is an error, told already
            told = kind == "study_id" and file == STUDIES
            if not told and (first := seen.get(kind, {}).get(key)):
                message = f"the same {kind} as {first}: the same study twice?"
                warnings.append(Problem(file, message, study_id=study.study_id, level="warning"))
                break
        shown = study.study_id if file == STUDIES else f"{study.study_id} ({file})"
        for kind, key in keys:
            seen.setdefault(kind, {}).setdefault(key, shown)
    return warnings
