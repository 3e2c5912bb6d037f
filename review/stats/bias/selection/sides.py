"""P-values of studies on the z scale: which side is tested, and where the cut-points lie.

All selection models act on p_i = p(z_i) with z_i = y_i / sqrt(v_i). `less` is `greater` applied
to the mirrored effects, so that only two shapes are needed below: one-sided and two-sided.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def log_p(z: FloatArray, *, two_sided: bool) -> tuple[FloatArray, FloatArray]:
    """Return log p and log(1 - p) of z statistics, accurate in both tails.

    Args:
        z: test statistics, any shape; large positive values are significant.
        two_sided: p = 2 Phi(-|z|) instead of p = Phi(-z).

    Example:
        >>> lower, upper = log_p(np.array([0.0]), two_sided=False)
        >>> float(np.exp(lower)[0]), float(np.exp(upper)[0])
        (0.5, 0.5)
    """
    from scipy.special import erf, log_ndtr

    if not two_sided:
        return np.asarray(log_ndtr(-z)), np.asarray(log_ndtr(z))
    size = np.abs(z)
    with np.errstate(divide="ignore"):
        return np.log(2.0) + log_ndtr(-size), np.log(erf(size / np.sqrt(2.0)))


def z_of_p(p: FloatArray, *, two_sided: bool) -> FloatArray:
    """Return z (two-sided: |z|) at which the p-value equals `p`; falls as p rises.

    Example:
        >>> bool(np.isclose(z_of_p(np.array([0.025]), two_sided=False)[0], 1.959963984540054))
        True
    """
    from scipy.special import ndtri

    return np.asarray(-ndtri(p / 2.0 if two_sided else p))
