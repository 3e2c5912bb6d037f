"""Words and sentences that several sections share."""

from __future__ import annotations

from review.plots.theme import words


def outcome_name(outcome: str) -> str:
    """Return a metric as people write it.

    Example:
        >>> outcome_name("auc"), outcome_name("balanced_accuracy")
        ('AUC', 'Balanced accuracy')
    """
    return outcome.upper() if len(outcome) <= 3 else words(outcome).capitalize()


def inner_name(outcome: str) -> str:
    """Return a metric as people write it within a sentence."""
    name = outcome_name(outcome)
    return name if name.isupper() else name.lower()
