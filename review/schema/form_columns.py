"""The columns of the coding form: those that every review has, described, and the codebook's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.schema.codebook import Variable, variables_of
from review.schema.metrics import METRICS
from review.schema.reported_result import ReportedResult
from review.schema.study import Study

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.schema.codebook import Codebook

# column -> what a codebook would say of it
_IDENTITY: Final[dict[str, dict[str, Any]]] = {
    "study_id": {
        "label": "Study ID",
        "help": "One word that names the study; when empty, it is made from author, year, title.",
    },
    "first_author": {
        "label": "First author", "help": "Family name of the first author.", "required": True,
    },
    "year": {
        "help": "Year of publication.", "minimum": 1800, "maximum": 2200, "required": True,
    },
    "title": {"help": "Title of the report.", "required": True},
    "venue": {"label": "Journal", "help": "Journal, conference or server."},
    "doi": {"label": "DOI", "help": "Such as 10.1186/s12880-022-00793-7, or its address."},
    "pmid": {"label": "PMID", "help": "Number of the record in PubMed."},
    "source_url": {
        "label": "Web address", "help": "Where it can be read, when there is no DOI; http(s)://",
    },
    "evidence": {"help": "What was read: full text, abstract, registry entry."},
}  # fmt: skip
_RESULT: Final[dict[str, dict[str, Any]]] = {
    "study_id": {"label": "Study ID", "required": True},
    "role": {
        "type": "category", "vocabulary": ("headline", "comparison"),
        "help": "headline: the study's main value of a metric; comparison: one of several models "
        "or groups on the same data.",
    },
    "model": {"help": "Model, test or group that the result is about."},
    "tl_type": {"label": "Transfer-learning type", "help": "Only of transfer learning."},
    "metric": {
        "type": "category", "open": True, "required": True,
        "help": "auc, sensitivity, hazard_ratio, odds_ratio, mean_difference, prevalence, ...",
    },
    "value": {"help": "As printed, on the metric's own scale."},
    "ci_low": {"label": "Lower limit", "help": "Of the interval, as printed."},
    "ci_high": {"label": "Upper limit", "help": "Of the interval, as printed."},
    "ci_level": {
        "label": "Level of the interval", "help": "95 when it is not stated.", "unit": "%",
        "minimum": 0, "maximum": 100,
    },
    "se": {
        "label": "Standard error", "help": "Of a ratio: that of its logarithm.", "minimum": 0,
    },
    "stat": {"label": "Test statistic", "help": "z or t, where there is no more."},
    "pval": {
        "label": "p-value", "help": "Two-sided, where there is no more.", "minimum": 0,
        "maximum": 1,
    },
    "n_test": {"label": "Size of the test set", "minimum": 0},
    "test_unit": {"label": "Unit of the test set", "help": "What is counted: patients, images."},
    "n_pos": {"label": "With the condition", "minimum": 0, "help": "Cases in the test set."},
    "n_neg": {"label": "Without the condition", "minimum": 0, "help": "Others in the test set."},
    "tp": {"label": "True positives", "minimum": 0},
    "fp": {"label": "False positives", "minimum": 0},
    "fn": {"label": "False negatives", "minimum": 0},
    "tn": {"label": "True negatives", "minimum": 0},
    "averaged_over": {
        "label": "Averaged over",
        "help": "Where the value is a mean: folds, 5 folds, runs, readers. Empty: one test set.",
    },
    "events1": {"label": "Events, intervention", "minimum": 0, "help": "Of a comparison."},
    "n1": {"label": "Participants, intervention", "minimum": 0, "help": "Analysed."},
    "mean1": {"label": "Mean, intervention"},
    "sd1": {"label": "SD, intervention", "minimum": 0},
    "events2": {"label": "Events, comparator", "minimum": 0, "help": "Of a comparison."},
    "n2": {"label": "Participants, comparator", "minimum": 0, "help": "Analysed."},
    "mean2": {"label": "Mean, comparator"},
    "sd2": {"label": "SD, comparator", "minimum": 0},
    "dataset": {"label": "Data set", "help": "That the result was obtained on."},
    "note": {"help": "Page or table that the numbers stand in, and anything odd."},
}  # fmt: skip


def identity_variables() -> tuple[Variable, ...]:
    """Return the columns that a coder fills for every study, with what they hold.

    Example:
        >>> [v.name for v in identity_variables() if v.required]
        ['first_author', 'year', 'title']
    """
    return tuple(_described(v, _IDENTITY) for v in variables_of(Study) if v.name in _IDENTITY)


def study_variables(codebook: Codebook) -> tuple[Variable, ...]:
    """Return the columns of the form of studies: identity, then the codebook's variables."""
    return (*identity_variables(), *codebook.variable)


def result_variables(study_ids: Sequence[str] = ()) -> tuple[Variable, ...]:
    """Return the columns of the form of results.

    Args:
        study_ids: the studies that there are; a result is of one of them.

    Example:
        >>> [v.name for v in result_variables(["lee2020"]) if v.required]
        ['study_id', 'metric']
    """
    words: dict[str, dict[str, Any]] = {"metric": {"vocabulary": tuple(m.name for m in METRICS)}}
    if study_ids:
        words["study_id"] = {"type": "category", "vocabulary": tuple(study_ids)}
    return tuple(
        _described(v, {v.name: _RESULT[v.name] | words.get(v.name, {})})
        for v in variables_of(ReportedResult)
    )


def _described(variable: Variable, known: dict[str, dict[str, Any]]) -> Variable:
    said = {"name": variable.name, "type": variable.type} | known[variable.name]
    return Variable.model_validate(said)
