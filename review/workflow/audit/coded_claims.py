"""The coded data of a review: every checkable number of `results.csv` and `studies.csv`."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

from review.stats.consistency.rounding_ranges import Printed
from review.words import listed
from review.workflow.audit.checks import check_facts
from review.workflow.audit.claim import Claim, Verdict
from review.workflow.audit.effect_claims import DIFFERENCES, RATIOS
from review.workflow.audit.facts import METRICS, SCORES, Facts, canonical, facts_from
from review.workflow.audit.unchecked_numbers import of_facts, of_result, of_studies
from review.workflow.pooling.metric_names import named_measure
from review.workflow.pooling.reported import holds_percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.project import Review
    from review.schema import ReportedResult
    from review.workflow.audit.unchecked_numbers import UncheckedNumber

_SET: Final = (
    *("n_test", "test_unit", "n_pos", "n_neg", "tp", "fp", "fn", "tn", "ci_level"),
    "averaged_over",
)
_VALUES: Final = ("ci_low", "ci_high", "se")


def check_tables(review: Review) -> tuple[list[Claim], list[UncheckedNumber]]:
    """Return the claims on the results and studies of a review, and the numbers without any.

    A value that stands in both tables is checked once, in `results.csv`.
    """
    claims: list[Claim] = []
    left: list[UncheckedNumber] = []
    seen: set[tuple[str, str, str]] = set()
    without_n = 0
    values = 0
    for facts in _results(review):
        found = check_facts(facts)
        claims += found
        stated = [m for m in METRICS if m in facts.numbers]
        values += len(stated)
        without_n += len(stated) if not found else 0
        left += of_facts(facts, found)
        seen |= {(facts.study_id or "", m, str(facts.numbers[m])) for m in stated}
    for facts in _studies(review):
        for metric in METRICS:
            stated_here = facts.numbers.get(metric)
            if stated_here is None:
                continue
            if (facts.study_id or "", metric, str(stated_here)) in seen:
                for name in (metric, *(f"{metric}_{v}" for v in _VALUES)):
                    facts.numbers.pop(name, None)
                continue
            values += 1
        found = check_facts(facts)
        claims += found
        left += of_facts(facts, found)
        if not found:
            without_n += sum(m in facts.numbers for m in METRICS)
    left += _elsewhere(review)
    return _once(claims) + _summary(values, without_n, claims), left


def _elsewhere(review: Review) -> list[UncheckedNumber]:
    """Return the numbers that no facts are made of: other metrics, other columns."""
    found = []
    for line, row in _with_lines(review, "results.csv", review.results) if review.results else ():
        found += of_result(row, line, effect=_is_effect(row.metric))
    names = [n for n in _numeric(review) if canonical(n) is None]
    if names and review.studies:
        found += of_studies(_with_lines(review, "studies.csv", review.studies), names)
    return found


def _numeric(review: Review) -> list[str]:
    """Return the columns of numbers of studies.csv beside those with a role."""
    roles = review.settings.roles
    sizes = {roles.size_patients, roles.size_images, roles.n_classes}
    return [v.name for v in review.codebook.variable if v.is_numeric and v.name not in sizes]


def repeated_columns(review: Review) -> list[str]:
    """Say which columns of numbers of studies.csv mean the same."""
    by_meaning: dict[str, list[str]] = {}
    for name in _numeric(review):
        by_meaning.setdefault(canonical(name) or name, []).append(name)
    return [
        f"studies.csv: {listed(names)} both mean {meaning}; {names[0]} is checked where it is known"
        for meaning, names in by_meaning.items()
        if len(names) > 1
    ]


def _once(claims: list[Claim]) -> list[Claim]:
    """Leave out sums of a test set that another row or table of the same study repeats."""
    kept, seen = [], set()
    for claim in claims:
        key = (claim.study_id, claim.claim.split(" (")[0], claim.computation)
        if claim.check == "confusion" and key in seen:
            continue
        seen.add(key)
        kept.append(claim)
    return kept


def _summary(values: int, without_n: int, claims: list[Claim]) -> list[Claim]:
    """Return what is said once for all values: their range, and those without a test set."""
    if not values:
        return []
    source = "results.csv, studies.csv"
    outside = sum(c.check == "range" for c in claims)
    found = []
    if not outside:
        found.append(
            Claim("range", "proportions and AUC lie between 0 and 1", Verdict.CONSISTENT,
                  str(values), "", f"{values} values, none outside", source)
        )  # fmt: skip
    if without_n:
        found.append(
            Claim("proportion", "performance values of a test set of stated size",
                  Verdict.UNCHECKED, str(without_n), "", f"{without_n} of {values} values",
                  source, "no test set, counts or interval is stated for them")
        )  # fmt: skip
    return found


def _results(review: Review) -> Iterator[Facts]:
    """Yield one set of facts per model and test set: its metrics belong together."""
    if not review.results:
        return
    classes = _classes(review)
    groups: dict[tuple[Any, ...], list[tuple[int, ReportedResult]]] = defaultdict(list)
    for line, row in _with_lines(review, "results.csv", review.results):
        if _is_effect(row.metric):
            yield _effect_facts(row, line)
            continue
        key = (row.study_id, row.role, row.model, row.tl_type, row.dataset, row.note)
        groups[key + tuple(getattr(row, name) for name in _SET)].append((line, row))
    for rows in groups.values():
        # a metric reported twice for the same model and data is two separate claims
        sets: list[dict[str, tuple[int, ReportedResult]]] = []
        taken_by: Counter[str] = Counter()
        for line, row in rows:
            name = canonical(row.metric or "") or row.metric or ""
            if taken_by[name] == len(sets):
                sets.append({})
            sets[taken_by[name]][name] = (line, row)
            taken_by[name] += 1
        for taken in sets:
            yield _result_facts(review, taken, classes)


def _is_effect(metric: str | None) -> bool:
    """Whether a metric is an effect (hazard ratio, mean difference), not a score of a model."""
    if not metric or canonical(metric) in (*METRICS, *SCORES):
        return False
    found = named_measure(metric)
    return found is not None and found[1] == "est" and found[0] in RATIOS | DIFFERENCES


def _effect_facts(row: ReportedResult, line: int) -> Facts:
    names = (
        *("metric", "value", "ci_low", "ci_high", "ci_level", "se", "model", "dataset", "note"),
        "averaged_over",
        *("events1", "n1", "mean1", "sd1", "events2", "n2", "mean2", "sd2"),
    )
    record = {name: getattr(row, name) for name in names} | {"p": row.pval}
    return facts_from(record, f"results.csv:{line}", study_id=row.study_id)


def _result_facts(
    review: Review, taken: dict[str, tuple[int, ReportedResult]], classes: dict[str, int]
) -> Facts:
    first = next(iter(taken.values()))[1]
    lines = ", ".join(str(line) for line, _ in taken.values())
    shared = {name: getattr(first, name) for name in ("model", "dataset", "note", *_SET)}
    facts = facts_from(shared, f"results.csv:{lines}", study_id=first.study_id)
    if first.study_id in classes:
        facts.numbers |= facts_from({"n_classes": classes[first.study_id]}, "").numbers
    for metric, (line, row) in taken.items():
        if metric not in (*METRICS, *SCORES) or row.value is None:
            continue
        facts.sources[metric] = f"results.csv:{line}"
        scale = holds_percent(review, row.metric or metric)
        record = {metric: row.value} | {f"{metric}_{v}": getattr(row, v) for v in _VALUES}
        numbers = facts_from(record, "").numbers
        facts.numbers |= {k: _share(v) if scale else v for k, v in numbers.items()}
    return facts


def _studies(review: Review) -> Iterator[Facts]:
    names = [
        *(n for n in review.codebook.names if canonical(n) is not None),
        review.settings.roles.size_patients,
        review.settings.roles.size_images,
        review.settings.roles.n_classes,
    ]
    roles = {
        review.settings.roles.size_patients: "patients",
        review.settings.roles.size_images: "images",
        review.settings.roles.n_classes: "n_classes",
    }
    names = [n for n in dict.fromkeys(names) if n and n in review.codebook]
    if not names:
        return
    known = {n: canonical(roles.get(n, n)) or "" for n in names}
    shares = [
        called for n, called in known.items()
        if any(called.startswith(m) for m in METRICS) and holds_percent(review, n)
    ]  # fmt: skip
    for line, study in _with_lines(review, "studies.csv", review.studies):
        # of two columns that mean the same, the first one that is stated counts
        record = {
            roles.get(n, n): value for n in reversed(names) if (value := study.value(n)) is not None
        }
        facts = facts_from(record, f"studies.csv:{line}", study_id=study.study_id)
        facts.words.clear()  # the study is named by its study_id
        for name in shares:
            if name in facts.numbers:
                facts.numbers[name] = _share(facts.numbers[name])
        yield facts


def _classes(review: Review) -> dict[str, int]:
    name = review.settings.roles.n_classes
    if not name or name not in review.codebook:
        return {}
    found = {s.study_id: s.value(name) for s in review.studies}
    return {k: int(v) for k, v in found.items() if v is not None}


def _share(number: Printed) -> Printed:
    return Printed(number.value.scaleb(-2), number.unit.scaleb(-2))


def _with_lines(review: Review, name: str, kept: list[Any]) -> Iterator[tuple[int, Any]]:
    """Yield the rows of a table, or of a filtered view of it, with their lines in the file."""
    whole = kept
    if review.filter is not None:
        whole = review.whole.results if name == "results.csv" else review.whole.studies
    allowed = None if whole is kept else {row.study_id for row in kept}
    for line, row in zip(review.lines(name, len(whole)), whole, strict=True):
        if allowed is None or row.study_id in allowed:
            yield line, row
