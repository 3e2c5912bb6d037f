"""One reported result: a performance value of one model on one test set."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

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
    dataset: Text = None
    note: Text = None
