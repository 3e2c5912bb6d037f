"""Names that several sections share."""

from __future__ import annotations

from review.schema.metrics import metric_label
from review.words import capital


def outcome_name(outcome: str) -> str:
    """Return a metric as people write it at the start of a sentence.

    Example:
        >>> outcome_name("auc"), outcome_name("balanced_accuracy")
        ('AUC', 'Balanced accuracy')
    """
    return capital(metric_label(outcome))
