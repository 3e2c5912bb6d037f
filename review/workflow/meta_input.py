"""What goes into a meta-analysis: one effect per row, from a review or from a CSV file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, UnknownNameError
from review.project.problems import Problem, raise_problems
from review.project.tables import read_table
from review.schema.cells import CellError, parse_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from review.project import Review
    from review.project.tables import RawTable
    from review.schema import ReportedResult

# metric -> measure; proportions are pooled as logits, areas as logits of the area
DEFAULT_MEASURE: Final = {
    "auc": "LOGITAUC",
    "accuracy": "ACC",
    "sensitivity": "SENS",
    "specificity": "SPEC",
}
# metric -> the number of cases that its value is a share of
_DENOMINATOR: Final = {"accuracy": "n_test", "sensitivity": "n_pos", "specificity": "n_neg"}
_AREAS: Final = ("AUC", "LOGITAUC")
_SHARES: Final = ("ACC", "SENS", "SPEC", "PR", "PLN", "PLO", "PAS", "PFT")
LABEL_COLUMNS: Final = ("slab", "study", "study_id", "author", "first_author", "trial", "name")


@dataclass(frozen=True)
class MetaInput:
    """The rows of a meta-analysis before effects are computed.

    Attributes:
        measure: the code of the measure, or None when effects and variances are given.
        columns: the measure's arguments (or yi and vi): name -> one number per row, NaN missing.
        labels: one name per row.
        data: every other column, for moderators and subgroups: name -> one value per row.
        left_out: (label, reason) of rows that cannot be used.
        links: address of the source per row, or None.
        notes: remarks about the rows.
    """

    title: str
    source: str
    measure: str | None
    columns: dict[str, list[float]]
    labels: list[str]
    data: dict[str, list[Any]]
    left_out: list[tuple[str, str]] = field(default_factory=list)
    links: list[str | None] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def from_review(
    review: Review, outcome: str, *, measure: str | None = None, role: str | None = "headline"
) -> MetaInput:
    """Return the results of a review that report `outcome`, with what their measure needs.

    Args:
        review: its `results.csv` is used.
        outcome: a metric of the results, such as `auc`.
        measure: `LOGITAUC` or `AUC`; `ACC`, `SENS`, `SPEC` or a proportion measure.
        role: only results with this role; None for all.

    Raises:
        UnknownNameError: no result reports the outcome.
        InputError: no result has what the measure needs.
    """
    wanted = _of_outcome(review, outcome, role)
    code = (measure or DEFAULT_MEASURE.get(outcome) or "").upper()
    if not code:
        raise InputError(
            f"which measure pools {outcome!r}? name one with --measure, such as PLO for shares"
        )
    rows, left_out = [], []
    for result in wanted:
        cells = _cells(result, outcome, code)
        if isinstance(cells, str):
            left_out.append((result.study_id, cells))
        else:
            rows.append((result, cells))
    if not rows:
        raise InputError(
            f"none of the {len(wanted)} results on {outcome} has what {code} needs: "
            f"{left_out[0][1]}"
        )
    studies = {s.study_id: s for s in review.studies}
    kept = [studies[result.study_id] for result, _ in rows]
    names = dict.fromkeys(name for _, cells in rows for name in cells)
    columns = {n: [cells.get(n, float("nan")) for _, cells in rows] for n in names}
    return MetaInput(
        title=f"{review.settings.title}: {outcome}",
        source=f"results of {review.name}",
        measure=code,
        columns=columns,
        labels=_distinct([s.label for s in kept], [r for r, _ in rows]),
        data=_study_data(review, kept, [r for r, _ in rows]),
        left_out=left_out,
        links=[s.link for s in kept],
        notes=_dependence([r.study_id for r, _ in rows]),
    )


def _of_outcome(review: Review, outcome: str, role: str | None) -> list[ReportedResult]:
    metrics = sorted({r.metric for r in review.results if r.metric})
    if outcome not in metrics:
        raise UnknownNameError(
            "outcome", outcome, metrics, where=f"in the results of {review.name}"
        )
    found = [r for r in review.results if r.metric == outcome and role in {None, r.role}]
    if not found:
        roles = sorted({r.role for r in review.results if r.role})
        raise UnknownNameError("role", str(role), roles, where=f"among the results on {outcome}")
    return found


def _cells(result: ReportedResult, outcome: str, code: str) -> dict[str, float] | str:
    """Return the arguments of a measure that a result states, or why it cannot be used."""
    if result.value is None:
        return "no value"
    if code in _AREAS:
        return _area(result)
    if code not in _SHARES:
        return (
            f"{code} cannot be computed from a {outcome} (possible: {', '.join(_AREAS + _SHARES)})"
        )
    count = _DENOMINATOR.get(outcome, "n_test")
    total = getattr(result, count)
    if not total:
        return f"no {count}: the number of cases that the {outcome} is a share of"
    value = float(result.value)
    if code in {"ACC", "SENS", "SPEC"}:
        return {"value": value, "ni": float(total)}
    return {"xi": float(round(value * total)), "ni": float(total)}


def _area(result: ReportedResult) -> dict[str, float] | str:
    cells = {"auc": float(result.value or 0)}
    if result.se is not None:
        return cells | {"se": float(result.se)}
    if result.ci_low is not None and result.ci_high is not None:
        level = float(result.ci_level) if result.ci_level is not None else 95.0
        return cells | {
            "ci_low": float(result.ci_low),
            "ci_high": float(result.ci_high),
            "level": level,
        }
    if result.n_pos and result.n_neg:
        return cells | {"n_pos": float(result.n_pos), "n_neg": float(result.n_neg)}
    return "no standard error, no confidence interval, and not both n_pos and n_neg"


def _study_data(
    review: Review, studies: Sequence[Any], results: Sequence[ReportedResult]
) -> dict[str, list[Any]]:
    data: dict[str, list[Any]] = {}
    for name in review.columns:
        coded = name in review.codebook
        numeric = review.codebook[name].is_numeric if coded else name == "year"
        values = [s.value(name) for s in studies]
        data[name] = [_datum(v, numeric=numeric) for v in values]
    for name in ("model", "n_test", "test_unit", "n_pos", "n_neg"):
        numeric = name.startswith("n_")
        data.setdefault(name, [_datum(getattr(r, name), numeric=numeric) for r in results])
    return data


def _datum(value: Any, *, numeric: bool) -> Any:
    if numeric:
        return float("nan") if value is None else float(value)
    return ";".join(value) if isinstance(value, tuple) else value


def _distinct(labels: list[str], results: Sequence[ReportedResult]) -> list[str]:
    """Labels that occur twice get the study_id, and the model when that is the same too."""
    ids = [r.study_id for r in results]
    out = []
    for label, result in zip(labels, results, strict=True):
        text = label
        if labels.count(label) > 1:
            text += f" [{result.study_id}]" if label != result.study_id else ""
        if ids.count(result.study_id) > 1 and result.model:
            text += f" {result.model}"
        out.append(text)
    return out


def _dependence(ids: list[str]) -> list[str]:
    several = len({i for i in ids if ids.count(i) > 1})
    if not several:
        return []
    verb = "studies give" if several > 1 else "study gives"
    return [f"{several} {verb} more than one result; the model treats them as independent"]


def from_csv(
    path: Path,
    *,
    measure: str | None,
    columns: Mapping[str, str],
    labels: str | None = None,
    title: str | None = None,
) -> MetaInput:
    """Return the rows of a CSV file.

    Args:
        path: UTF-8, commas, a header line.
        measure: code of the measure when raw columns are given.
        columns: argument (`yi`, `vi`, `sei`, `ai`, ...) -> column of the file.
        labels: the column with study names; found by its name when there is one.
        title: of figures and tables; by default the name of the file.

    Raises:
        UnknownNameError: a column is not in the file.
        DataError: the file is broken, or a cell of a used column is no number.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    table = read_table(path)
    raise_problems(table.problems, what=path.name)
    rows = [r for r in table.rows if r.cells]
    if not rows:
        raise InputError(f"{path.name}: the file has a header but no rows")
    for column in [*columns.values(), *([labels] if labels else [])]:
        if column not in table.header:
            raise UnknownNameError("column", column, table.header, where=f"in {path.name}")
    numbers = _numbers(table, columns)
    named = labels or next((c for c in LABEL_COLUMNS if c in table.header), None)
    texts = [r.cells[named].strip() if named else "" for r in rows]
    return MetaInput(
        title=title or path.stem,
        source=path.name,
        measure=measure.upper() if measure else None,
        columns=numbers,
        labels=[t or f"row {r.line}" for t, r in zip(texts, rows, strict=True)],
        data=_guess_types(table),
        links=[None] * len(rows),
    )


def _numbers(table: RawTable, columns: Mapping[str, str]) -> dict[str, list[float]]:
    problems: list[Problem] = []
    numbers: dict[str, list[float]] = {}
    for argument, column in columns.items():
        numbers[argument] = []
        for row in (r for r in table.rows if r.cells):
            text = row.cells[column]
            try:
                missing = text.strip().upper() in {"", "NA"}
                value = None if missing else parse_number(text)
            except CellError as error:
                problems.append(
                    Problem(
                        table.name,
                        str(error),
                        line=row.line,
                        column=column,
                        value=text,
                        allowed=error.allowed,
                        suggestion=error.suggestion,
                    )
                )
                value = None
            numbers[argument].append(float("nan") if value is None else float(value))
    raise_problems(problems, what=table.name)
    return numbers


def _guess_types(table: RawTable) -> dict[str, list[Any]]:
    """Columns whose every stated cell is a number become numbers, the others stay text."""
    data: dict[str, list[Any]] = {}
    for column in table.header:
        texts = [r.cells[column].strip() for r in table.rows if r.cells]
        try:
            values = [None if t.upper() in {"", "NA"} else parse_number(t) for t in texts]
            data[column] = [float("nan") if v is None else float(v) for v in values]
        except CellError:
            data[column] = [None if t.upper() in {"", "NA"} else t for t in texts]
    return data
