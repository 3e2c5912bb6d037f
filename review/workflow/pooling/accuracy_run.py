"""Runs a meta-analysis of diagnostic accuracy and keeps everything that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.stats.accuracy.accuracy_comparison import AccuracyComparison
    from review.stats.accuracy.accuracy_result import AccuracyResult
    from review.stats.accuracy.deeks import DeeksTest
    from review.stats.accuracy.predictive_values import PredictiveValues
    from review.stats.accuracy.threshold_effect import ThresholdEffect
    from review.workflow.pooling.accuracy_input import AccuracyInput

FEWEST_FOR_DEEKS: Final = 10
FEWEST_FOR_REPORT: Final = 4


@dataclass(frozen=True)
class AccuracyRun:
    """An accuracy meta-analysis with what belongs to it.

    Attributes:
        rows: what went in.
        result: the bivariate model over all rows.
        comparison: of tests, or None.
        deeks: test of funnel asymmetry; None below ten studies.
        threshold: correlation of sensitivity and false-positive rate, or None.
        values: predictive values at the prevalences asked for, or at usual ones; None with
            moderators.
        prevalences: those asked for.
        left_out: (label, reason) of every row not used. notes: remarks for the reader.
    """

    rows: AccuracyInput
    result: AccuracyResult
    comparison: AccuracyComparison | None = None
    deeks: DeeksTest | None = None
    threshold: ThresholdEffect | None = None
    values: PredictiveValues | None = None
    prevalences: tuple[float, ...] = ()
    left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the account of the run: table of studies, model, further analyses, notes."""
        from review.workflow.pooling.meta_text import left_out_lines

        parts = [self.rows.title, self._studies(), self.result.summary()]
        if self.values is not None:
            frame = self.values.to_frame()
            columns = [c for c in map(str, frame.columns) if c.startswith(("ppv", "npv"))]
            table = frame[columns].to_string(float_format=lambda x: f"{x:.4f}")
            parts.append(f"{self.values.title}\n{table}")
        if self.comparison is not None:
            parts.append(self.comparison.summary())
        parts += [x.title for x in (self.threshold, self.deeks) if x is not None]
        parts.append(self.result.report_text())
        if self.left_out:
            lines = left_out_lines(self.left_out)
            parts.append("Left out:\n" + "\n".join(f"  {line}" for line in lines))
        if self.notes:
            parts.append("Notes:\n" + "\n".join(f"  {note}" for note in self.notes))
        return "\n\n".join(part.strip("\n") for part in parts) + "\n"

    def _studies(self) -> str:
        frame = self.result.studies.to_frame()
        cells = ("tp", "fn", "fp", "tn")
        columns = [c for c in map(str, frame.columns) if c.startswith(("sens", "spec", *cells))]
        shown = frame[columns].astype(object)
        for c in columns:
            digits = "g" if c in cells else ".4f"
            shown[c] = ["" if np.isnan(x) else format(x, digits) for x in frame[c]]
        return str(shown.to_string(max_rows=200))

    @property
    def table(self) -> list[dict[str, Any]]:
        """The studies as dictionaries."""
        from review.stats.pooling.result_tables import records

        return records(self.result.studies.to_frame())

    def to_dict(self) -> dict[str, Any]:
        """Return every number for JSON."""
        return {
            "title": self.rows.title,
            "source": self.rows.source,
            "result": self.result.to_dict(),
            "comparison": None if self.comparison is None else self.comparison.to_dict(),
            "deeks": None if self.deeks is None else self.deeks.to_dict(),
            "threshold": None if self.threshold is None else self.threshold.to_dict(),
            "predictive_values": None if self.values is None else self.values.to_dict(),
            "left_out": [{"study": n, "reason": why} for n, why in self.left_out],
            "notes": self.notes,
        }


def run_accuracy(
    rows: AccuracyInput,
    *,
    method: str = "REML",
    mods: str | None = None,
    structure: str = "UN",
    nodes: int = 1,
    level: float = 95,
    prevalences: Sequence[float] = (),
    reference: str | None = None,
    options: dict[str, Any] | None = None,
) -> AccuracyRun:
    """Fit the bivariate model and add what a report needs.

    Args:
        rows: from `review.workflow.pooling.accuracy_input` or `accuracy_csv`; with a test per
            row the tests are compared too.
        method: see `review.diagnostic_meta`.
        mods: a formula of moderators, with or without `~`.
        structure: the same way.
        nodes: the same way.
        level: of all intervals, per cent.
        prevalences: for predictive values.
        reference: the test that the others are compared with.
        options: further arguments of `review.diagnostic_meta` (add, to, percent).

    Raises:
        InputError, StatsError: see `review.diagnostic_meta`.
    """
    from review.stats.accuracy.accuracy_comparison import METHODS, compare_tests
    from review.stats.accuracy.diagnostic_meta import diagnostic_meta

    if mods and rows.test is not None:
        raise InputError(
            "tests to compare (--by) and moderators (--mods) are two models: choose one"
        )
    if reference is not None and rows.test is None:
        raise InputError("--reference names one of the tests to compare: name their column (--by)")
    for p in prevalences:
        if not 0 < p < 1:
            raise InputError(f"a prevalence lies between 0 and 1, such as 0.05, not {p:g}")
    more: dict[str, Any] = options or {}
    columns: dict[str, Any] = dict(rows.columns)
    data: dict[str, Any] = {name: np.asarray(v, dtype=_kind(v)) for name, v in rows.data.items()}
    formula = None if mods is None else mods if mods.lstrip().startswith("~") else f"~ {mods}"
    result = diagnostic_meta(
        **columns, method=method, mods=formula, data=data if formula else None, level=level,
        structure=structure, nodes=nodes, slab=rows.labels, study=rows.study, **more,
    )  # fmt: skip
    comparison = None
    if rows.test is not None:
        if result.method not in METHODS:
            raise InputError(f"tests are compared by {', '.join(METHODS)}, not {result.method}")
        comparison = compare_tests(
            **columns, test=rows.test, study=rows.study, method=method, level=level,
            slab=rows.labels, reference=reference, **more,
        )  # fmt: skip
    found = _further(result, prevalences)
    left_out = [*rows.left_out, *((o.slab, o.reason) for o in result.left_out)]
    notes = [*rows.notes, *result.notes, *(comparison.notes if comparison else ())]
    return AccuracyRun(
        rows, result, comparison, *found, tuple(prevalences), list(dict.fromkeys(left_out)),
        list(dict.fromkeys(notes)),
    )  # fmt: skip


def _kind(values: list[Any]) -> type:
    return float if all(isinstance(v, float | int) for v in values) else object


def _further(
    result: AccuracyResult, prevalences: Sequence[float]
) -> tuple[DeeksTest | None, ThresholdEffect | None, PredictiveValues | None]:
    """Deeks' test, threshold effect and predictive values, where the data allow them."""
    deeks, threshold, values = None, None, None
    if result.k >= FEWEST_FOR_DEEKS:
        try:
            deeks = result.deeks_test()
        except StatsError:  # all studies are of one size: there is no slope to test
            deeks = None
    if int(result.rows.on.all(0).sum()) >= 3:
        threshold = result.threshold_effect()
    if result.intercept_only:
        values = (
            result.predictive_values(prevalences) if prevalences else result.predictive_values()
        )
    return deeks, threshold, values


def accuracy_of_review(review: Review) -> AccuracyRun:
    """Return the accuracy meta-analysis that a report shows.

    Args:
        review: its results with `tp`, `fp`, `fn`, `tn`, or with sensitivity and specificity;
            without a results.csv, the four cells that studies.csv states.

    Raises:
        InputError: fewer than 4 results make a 2 x 2 table.
        StatsError: they cannot be pooled.
    """
    from review.workflow.pooling.accuracy_input import from_review_results
    from review.workflow.pooling.study_rows import accuracy_of_studies, states_tables

    rows = (accuracy_of_studies if states_tables(review) else from_review_results)(review)
    if len(rows.labels) < FEWEST_FOR_REPORT:
        left = f" ({len(rows.left_out)} do not)" if rows.left_out else ""
        raise InputError(
            f"{len(rows.labels)} results make a 2 x 2 table{left}, and fewer than "
            f"{FEWEST_FOR_REPORT} are not pooled here"
        )
    return run_accuracy(rows)
