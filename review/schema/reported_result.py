"""One reported result: a performance value of one model on one test set."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from review.schema.cell_types import Count, Identifier, Number, Text

Role = Literal["headline", "comparison"]


class ReportedResult(BaseModel):
    """A row of `results.csv`.

    Attributes:
        role: `headline` (the study's main value of a metric) or `comparison` (several models or
            transfer-learning types on the same data).
        value, ci_low, ci_high, se: as printed, on the metric's own scale; the standard error of
            a ratio is that of its logarithm.
        ci_level: confidence level in percent; 95 when not stated.
        stat, pval: test statistic and two-sided p-value of the value, where there is no more.
        n_test, test_unit: size of the test set and what it counts.
        n_pos, n_neg: diseased and not diseased in the test set.
        tp, fp, fn, tn: the confusion matrix.
        averaged_over: what the value is a mean over, if it is one: `folds`, `5 folds`, `readers`.
        events1, n1, mean1, sd1, events2, n2, mean2, sd2: what the result compares, of a trial the
            intervention (1) and the comparator (2): participants with the outcome, of how many; or
            means and standard deviations.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    study_id: Identifier
    role: Text = None
    model: Text = None
    tl_type: Text = None
    metric: Text = None
    value: Number = None
    ci_low: Number = None
    ci_high: Number = None
    ci_level: Number = None
    se: Number = None
    stat: Number = None
    pval: Number = None
    n_test: Count = None
    test_unit: Text = None
    n_pos: Count = None
    n_neg: Count = None
    tp: Count = None
    fp: Count = None
    fn: Count = None
    tn: Count = None
    averaged_over: Text = None
    events1: Count = None
    n1: Count = None
    mean1: Number = None
    sd1: Number = None
    events2: Count = None
    n2: Count = None
    mean2: Number = None
    sd2: Number = None
    dataset: Text = None
    note: Text = None

    @model_validator(mode="after")
    def _no_more_events_than_participants(self) -> ReportedResult:
        for events, n in ((self.events1, self.n1), (self.events2, self.n2)):
            if events is not None and n is not None and events > n:
                raise ValueError(f"{events} events among {n} participants")
        return self
