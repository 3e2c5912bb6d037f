"""Which values of Cohen's kappa an observed agreement allows.

kappa = (po - pe) / (1 - pe) (Cohen 1960). pe is 0 at the least, hence kappa <= po; at the most all
agreements are in one category and the rest is shared evenly between the two raters, which makes
pe = (1 + po^2) / 2 and kappa = -(1 - po) / (1 + po).
"""

from __future__ import annotations


def kappa_limits(low: float, high: float) -> tuple[float, float]:
    """Return the least and greatest kappa of an observed agreement from low to high (shares).

    Example:
        >>> tuple(round(x, 4) for x in kappa_limits(0.9, 0.9))
        (-0.0526, 0.9)
    """
    low, high = max(low, 0.0), min(high, 1.0)
    return -(1 - low) / (1 + low), high


def kappa_given(
    observed: tuple[float, float], expected: tuple[float, float]
) -> tuple[float, float]:
    """Return the least and greatest kappa of ranges of observed and expected agreement.

    Example:
        >>> tuple(round(x, 4) for x in kappa_given((0.9, 0.9), (0.5, 0.5)))
        (0.8, 0.8)
    """
    found = [(min(po, 1.0) - pe) / (1 - pe) for po in observed for pe in expected if pe < 1]
    return (min(found), max(found)) if found else (-1.0, 1.0)
