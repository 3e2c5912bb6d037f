"""The variance of an area under a ROC curve; for single numbers and arrays alike."""

from __future__ import annotations

from typing import TypeVar

X = TypeVar("X")


def hanley_mcneil_variance(auc: X, n_pos: X, n_neg: X) -> X:
    """Return the variance of an area (Hanley and McNeil 1982, Radiology 143:29, eq. 1-2).

    Example:
        >>> round(hanley_mcneil_variance(0.893, 51.0, 58.0) ** 0.5, 4)
        0.0325
    """
    a, p, n = auc, n_pos, n_neg
    q1, q2 = a / (2 - a), 2 * a**2 / (1 + a)  # type: ignore[operator]
    pairs = (p - 1) * (q1 - a**2) + (n - 1) * (q2 - a**2)  # type: ignore[operator]
    made: X = (a * (1 - a) + pairs) / (p * n)  # type: ignore[operator]
    return made
