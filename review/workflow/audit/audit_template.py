"""A table to fill in for `review audit --csv`: every column, with one line that explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.schema.metrics import METRICS

if TYPE_CHECKING:
    from review.formats.sheet_table import SheetTable

MARK: Final = "(what the column means)"  # the id of the row that explains, which is not audited
_SCORES: Final = {m.name: f"{m.label}, as printed (0.93 or 93%)" for m in METRICS}
EXPLAINED: Final[dict[str, str]] = {
    "id": MARK,
    "label": "a name of the row, shown with its claims",
    "model": "the model that the scores are of",
    "dataset": "the data that they are on",
    "note": "how the numbers came about: mean over 5 folds, adjusted, REML, ...",
    "n": "cases, persons or points in all",
    "k": "number of cases of n",
    "percent": "k of n in per cent",
    "proportion": "k of n as a share",
    "parts": "numbers that add up to n, with ; between them",
    "statistic": "t, F, chi2, z, r or rho",
    "value": "the value of the statistic (or of the metric)",
    "z": "a z statistic in a column of its own, instead of statistic and value",
    "t": "a t statistic in a column of its own, instead of statistic and value",
    "df1": "degrees of freedom; of F those of the numerator; of Q",
    "df2": "of F those of the denominator",
    "p": "p-value as printed: 0.03, <0.001, >0.05, ns",
    "tail": "two (where empty) or one",
    "n_max": "the most points of r or rho that there can be, when n is not stated",
    "measure": "what the estimate is: OR, RR, HR, IRR, RD, MD, SMD or its name",
    "estimate": "the effect, a ratio as itself (not its logarithm)",
    "se": "standard error of the estimate",
    "ci_low": "lower limit of its interval",
    "ci_high": "upper limit of its interval",
    "ci_level": "level of the interval in per cent; 95 where empty",
    "events1": "events in group 1",
    "n1": "persons in group 1",
    "mean1": "mean in group 1",
    "sd1": "SD in group 1",
    "events2": "events in group 2",
    "n2": "persons in group 2",
    "mean2": "mean in group 2",
    "sd2": "SD in group 2",
    "mean": "mean of n whole numbers (see data_type)",
    "sd": "their SD, with n - 1 in the denominator",
    "items": "over how many items each person's number is an average",
    "data_type": "of mean and sd: whole (also where empty), binary or continuous",
    "min": "the least number, or the lower end of the scale",
    "q1": "lower quartile",
    "median": "median",
    "q3": "upper quartile",
    "max": "the greatest number, or the upper end of the scale",
    "q": "Cochran's Q of a meta-analysis",
    "studies": "number of studies, for df = studies - 1",
    "i2": "I2 in per cent",
    "h2": "H2 = Q / df",
    "tau2": "tau2, not negative",
    "p_q": "p-value of Q",
    "agreement": "observed agreement of two raters, share or per cent",
    "expected_agreement": "agreement by chance, share or per cent",
    "kappa": "Cohen's kappa",
    "percents": "percentages of one n, with ; between them",
    "cells": "counts of a table: 20; 10 | 15; 25",
    "r2": "R2 of a regression",
    "adj_r2": "adjusted R2",
    "forest": "name of the forest plot that the row stands in",
    "weight": "weight of the study in it, in per cent",
    "baseline": "name of the table of baseline means that the row stands in",
    "n_test": "cases of the test set",
    "n_pos": "diseased cases of the test set",
    "n_neg": "cases of the test set without the disease",
    "tp": "true positives",
    "fp": "false positives",
    "fn": "false negatives",
    "tn": "true negatives",
    "metric": "name of the metric that stands in value",
    **_SCORES,
    "mcc": "Matthews correlation coefficient",
    "lr_pos": "positive likelihood ratio",
    "lr_neg": "negative likelihood ratio",
    "folds": "over how many folds the scores are averages",
    "averaged_over": "what they are averages over: folds, 5 folds, runs, readers",
    "n_classes": "classes; with more than two, sensitivity is no single k/n",
    "train": "size of the training set",
    "validation": "size of the validation set",
    "test": "size of the test set",
    "images": "images in all",
    "patients": "patients in all",
}


def template_rows() -> list[dict[str, str]]:
    """Return the only row of the template: column -> what it means.

    Example:
        >>> template_rows()[0]["i2"]
        'I2 in per cent'
    """
    return [dict(EXPLAINED)]


def without_explanations(table: SheetTable) -> SheetTable:
    """Return a table without the row that explains its columns."""
    if not table.headings:
        return table
    first = table.texts(table.headings[0])
    kept = [i for i, text in enumerate(first) if text.strip() != MARK]
    return table if len(kept) == len(first) else table.keep(kept)
