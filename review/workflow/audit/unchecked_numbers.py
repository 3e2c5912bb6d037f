"""The numbers of a review's own tables that no check used, each with the reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import suggest
from review.schema.metrics import METRICS as METRIC_TABLE
from review.words import plural
from review.workflow.audit.facts import METRICS, SCORES, canonical
from review.workflow.audit.unused_numbers import need_of, unused_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from review.workflow.audit.claim import Claim
    from review.workflow.audit.facts import Facts

_NO_SET: Final = "no test set, counts, interval or further score is stated beside it"
_OWN_TEST: Final = "no check of the test of a score"


@dataclass(frozen=True, slots=True)
class UncheckedNumber:
    """A number that no check used.

    Attributes:
        file, line: where it stands.
        column: its column; of results.csv with the metric, such as `value (auc)`.
        value: as printed.
        reason: why no check used it, or what a check would need.
        study_id: the study.
    """

    file: str
    line: int
    column: str
    value: str
    reason: str
    study_id: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the number as a dictionary."""
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"not checked: {self.column} {self.value} [{self.study_id}] "
            f"({self.file}:{self.line}): {self.reason}"
        )


def of_facts(facts: Facts, claims: Sequence[Claim]) -> list[UncheckedNumber]:
    """Return the numbers of one set of facts that none of its claims speaks of."""
    found = []
    for name in unused_numbers(facts, claims):
        source = facts.sources.get(name, facts.source)
        file, _, lines = source.partition(":")
        if file == "results.csv" and name == "n_classes":
            continue  # stands in studies.csv
        score = next((m for m in (*METRICS, *SCORES) if name == m or name.startswith(f"{m}_")), "")
        column = name
        if file == "results.csv" and score:
            column = f"{name.removeprefix(score).lstrip('_') or 'value'} ({score})"
        reason = _NO_SET if name == score else need_of(name)
        line = int(lines.split(",")[0]) if lines.split(",")[0].strip().isdigit() else 0
        found.append(UncheckedNumber(file, line, column, str(facts.numbers[name]), reason,
                                     facts.study_id or ""))  # fmt: skip
    return found


def of_result(row: Any, line: int, *, effect: bool) -> list[UncheckedNumber]:
    """Return the numbers of a row of results.csv that no facts are made of."""
    names = [] if effect else [("stat", _OWN_TEST), ("pval", _OWN_TEST)]
    metric = row.metric or ""
    if not effect and canonical(metric) not in (*METRICS, *SCORES):
        known = {m.name: m for m in METRIC_TABLE}
        close = next(iter(suggest(metric, known, most=1)), None)
        why = f"no check knows the metric {metric!r}" if metric else "no metric is named"
        why += f"; did you mean {close!r}?" if close else ""
        names += [(name, why) for name in ("value", "ci_low", "ci_high", "se")]
    if effect:
        names += [("stat", "no check of it with what else is stated there")]
    return [
        UncheckedNumber("results.csv", line, f"{name} ({metric or 'no metric'})",
                        str(getattr(row, name)), why, row.study_id)
        for name, why in names
        if getattr(row, name) is not None
    ]  # fmt: skip


def of_studies(rows: Iterable[tuple[int, Any]], names: Sequence[str]) -> list[UncheckedNumber]:
    """Return the numbers of columns of studies.csv that no check knows."""
    return [
        UncheckedNumber("studies.csv", line, name, str(study.value(name)),
                        "no check knows the column", study.study_id)
        for line, study in rows
        for name in names
        if study.value(name) is not None
    ]  # fmt: skip


def summary(numbers: Iterable[UncheckedNumber]) -> list[str]:
    """Return one line per file, column and reason.

    Example:
        >>> one = UncheckedNumber("results.csv", 2, "value (auc)", "0.9", "no test set")
        >>> summary([one, one])
        ['results.csv, value (auc): 2 numbers not checked: no test set']
    """
    counted = Counter((n.file, n.column, n.reason) for n in numbers)
    return [
        f"{file}, {column}: {plural(n, 'number')} not checked: {reason}"
        for (file, column, reason), n in counted.items()
    ]
