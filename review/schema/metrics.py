"""The performance metrics of diagnostic and prediction studies: one table for all readers.

How often a metric is spelled in another way is what makes rows of a table disappear; every part of
the package asks here which metric a word means.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Metric:
    """One metric; its values are proportions between 0 and 1.

    Attributes:
        name: how tables of this package call it.
        label: how people write it within a sentence.
        synonyms: other names, without regard to case, spaces and punctuation.
        measure: code of the effect-size measure that pools it, or "".
        right, wrong: cells of the confusion table that it is the share of: right/(right + wrong).
        cases: column with the number of cases that it is a share of, or "".
    """

    name: str
    label: str
    synonyms: tuple[str, ...]
    measure: str = ""
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    cases: str = ""


METRICS: Final = (
    Metric(
        "accuracy", "accuracy",
        ("acc", "overall accuracy", "correct classification rate", "classification accuracy",
         "diagnostic accuracy", "top-1 accuracy", "top 1"),
        "ACC", ("tp", "tn"), ("fp", "fn"), "n_test",
    ),
    Metric(
        "sensitivity", "sensitivity",
        ("sens", "sen", "recall", "tpr", "true positive rate", "hit rate", "detection rate"),
        "SENS", ("tp",), ("fn",), "n_pos",
    ),
    Metric(
        "specificity", "specificity",
        ("spec", "spe", "tnr", "true negative rate", "selectivity"),
        "SPEC", ("tn",), ("fp",), "n_neg",
    ),
    Metric(
        "precision", "precision (PPV)", ("precision", "ppv", "positive predictive value", "prec"),
        "PLO", ("tp",), ("fp",),
    ),
    Metric("npv", "NPV", ("negative predictive value",), "PLO", ("tn",), ("fn",)),
    Metric("f1", "F1 score", ("f1 score", "f score", "f measure", "f1 measure")),
    Metric(
        "balanced_accuracy", "balanced accuracy", ("balanced acc", "bacc", "bal acc", "bac", "bca"),
    ),
    Metric(
        "auc", "AUC",
        ("auroc", "roc auc", "auc roc", "rocauc", "au roc", "area under the curve",
         "area under the roc curve", "area under the receiver operating characteristic curve",
         "c statistic", "c index", "concordance", "az"),
        "LOGITAUC",
    ),
    # of segmentations: averages over images, never pooled with the F1 score of a classification
    Metric("dice", "Dice coefficient", ("dsc", "dice score", "dice similarity coefficient",
                                        "dice similarity", "dice index", "sorensen dice")),
    Metric("iou", "IoU", ("jaccard", "jaccard index", "jaccard coefficient",
                          "intersection over union", "miou")),
)  # fmt: skip
# in the order in which a report pools them
POOLED: Final = tuple(
    m for m in sorted(METRICS, key=lambda m: m.measure != "LOGITAUC") if m.measure
)


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if c.isalnum())


_BY_NAME: Final = {_fold(word): m for m in METRICS for word in (m.name, m.label, *m.synonyms)}


@lru_cache(maxsize=4096)
def find_metric(text: str) -> Metric | None:
    """Return the metric that a word means, or None.

    Example:
        >>> [find_metric(w).name for w in ("Acc.", "ROC-AUC", "DSC", "true positive rate")]
        ['accuracy', 'auc', 'dice', 'sensitivity']
        >>> find_metric("MAE") is None
        True
    """
    return _BY_NAME.get(_fold(text))


def metric_key(text: str) -> str:
    """Return what two spellings of one metric share: the metric's name, or the folded word."""
    found = find_metric(text)
    return found.name if found else _fold(text) or text


def spellings(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the metrics that words mean: the name to show -> its spellings.

    A metric is called by its own name where that occurs, otherwise as it is spelled most often.

    Example:
        >>> spellings(["AUROC", "auc", "MAE", "AUROC"])
        {'auc': ('AUROC', 'auc'), 'MAE': ('MAE',)}
    """
    found: dict[str, dict[str, int]] = {}
    for word in words:
        counts = found.setdefault(metric_key(word), {})
        counts[word] = counts.get(word, 0) + 1
    return {
        key if key in counts else max(counts, key=lambda w: counts[w]): tuple(counts)
        for key, counts in found.items()
    }


def metric_label(text: str) -> str:
    """Return a metric as people write it within a sentence.

    Example:
        >>> metric_label("auroc"), metric_label("balanced_accuracy"), metric_label("mean_error")
        ('AUC', 'balanced accuracy', 'mean error')
    """
    found = find_metric(text)
    if found is not None:
        return found.label
    return text if len(text) <= 4 and text.isupper() else text.replace("_", " ")


def as_share(text: str) -> str | None:
    """Return the proportion that a value above 1 means when it is a percentage, as text.

    Example:
        >>> as_share("91"), as_share("91.50"), as_share("0.91"), as_share("912")
        ('0.91', '0.9150', None, None)
    """
    from decimal import Decimal, InvalidOperation

    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return f"{number.scaleb(-2):f}" if number.is_finite() and 1 < number <= 100 else None
