"""Back-transformations: from the scale of the analysis to the scale a reader knows.

One registry serves predictions, forest plots and text. Values outside the range that a
transformation can reach (a confidence limit of an arcsine below 0, say) map to the bound.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from review.errors import InputError, StatsError, UnknownNameError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

FloatArray = NDArray[np.float64]
Plain = Callable[[FloatArray], FloatArray]
Sized = Callable[[FloatArray, FloatArray], FloatArray]


def _expit(x: FloatArray) -> FloatArray:
    from scipy.special import expit

    return np.asarray(expit(x), dtype=float)


def _logit(p: FloatArray) -> FloatArray:
    from scipy.special import logit

    return np.asarray(logit(p), dtype=float)


def _pnorm(x: FloatArray) -> FloatArray:
    from scipy.special import ndtr

    return np.asarray(ndtr(x), dtype=float)


def _iarcsin(x: FloatArray) -> FloatArray:
    return np.sin(np.clip(x, 0.0, np.pi / 2)) ** 2


def _square(x: FloatArray) -> FloatArray:
    return np.where(x < 0, 0.0, x) ** 2


def _iahw(x: FloatArray) -> FloatArray:
    return 1 - (1 - np.minimum(x, 1.0)) ** 3


def _ahw(alpha: FloatArray) -> FloatArray:
    return 1 - np.cbrt(1 - alpha)


def _iabt(x: FloatArray) -> FloatArray:
    return -np.expm1(-x)


def _abt(alpha: FloatArray) -> FloatArray:
    return -np.log1p(-alpha)


def _identity(x: FloatArray) -> FloatArray:
    return x


def double_arcsine_of(p: FloatArray, n: FloatArray) -> FloatArray:
    """Half the Freeman-Tukey double arcsine of the proportion `p` of `n`."""
    low, high = np.sqrt(p * n / (n + 1)), np.sqrt((p * n + 1) / (n + 1))
    return 0.5 * (np.arcsin(low) + np.arcsin(high))


def _ipft(x: FloatArray, n: FloatArray) -> FloatArray:
    """Inverse of the halved double arcsine (Miller 1978, Am Stat 32, 138).

    Below the value of 0 of n the proportion is 0, above that of n of n it is 1.
    """
    sine = np.sin(2 * x)
    inner = 1 - (sine + (sine - 1 / sine) / n) ** 2
    p = 0.5 * (1 - np.sign(np.cos(2 * x)) * np.sqrt(np.maximum(inner, 0.0)))
    zero, one = double_arcsine_of(np.zeros(()), n), double_arcsine_of(np.ones(()), n)
    p = np.where(x <= zero, 0.0, np.where(x >= one, 1.0, p))
    return np.where(np.isnan(x) | np.isnan(n), np.nan, p)


def _iirft(x: FloatArray, t: FloatArray) -> FloatArray:
    """Inverse of the Freeman-Tukey rate (sqrt(r) + sqrt(r + 1/t)) / 2 at person-time t."""
    rate = (1 / t - 4 * x**2) ** 2 / (16 * x**2)
    rate = np.where(x <= 0.5 * np.sqrt(1 / t), 0.0, rate)
    return np.where(np.isnan(x) | np.isnan(t), np.nan, rate)


def _harmonic(sizes: FloatArray) -> FloatArray:
    known = sizes[np.isfinite(sizes)]
    return np.asarray(len(known) / np.sum(1 / known), dtype=float)


def _ipft_hm(x: FloatArray, n: FloatArray) -> FloatArray:
    return _ipft(x, _harmonic(n))


def _iirft_hm(x: FloatArray, t: FloatArray) -> FloatArray:
    return _iirft(x, _harmonic(t))


PLAIN: Final[dict[str, Plain]] = {
    "identity": _identity,
    "exp": np.exp,
    "log": np.log,
    "expit": _expit,
    "ilogit": _expit,
    "logit": _logit,
    "tanh": np.tanh,
    "ztor": np.tanh,
    "rtoz": np.arctanh,
    "pnorm": _pnorm,
    "arcsin": lambda p: np.arcsin(np.sqrt(p)),
    "iarcsin": _iarcsin,
    "sqrt": np.sqrt,
    "square": _square,
    "isqrt": _square,
    "abt": _abt,
    "iabt": _iabt,
    "ahw": _ahw,
    "iahw": _iahw,
}
SIZED: Final[dict[str, tuple[Sized, str]]] = {
    "ipft": (_ipft, "ni"),
    "ipft_hm": (_ipft_hm, "ni"),
    "iirft": (_iirft, "ti"),
    "iirft_hm": (_iirft_hm, "ti"),
}
TRANSFORMS: Final = (*PLAIN, *SIZED)


def transform_name(measure: str, scale: str | None = None) -> str:
    """Name of the back-transformation of a pooled value of `measure`.

    Args:
        measure: a code of `MEASURES`.
        scale: the scale of ACC, SENS and SPEC (default "logit").

    Raises:
        UnknownNameError: `measure` or `scale` does not exist.

    Example:
        >>> transform_name("OR"), transform_name("PFT"), transform_name("ACC", "raw")
        ('exp', 'ipft_hm', 'identity')
    """
    from review.stats.effects.measure_registry import find_measure

    return find_measure(measure, scale).transf


def back_transform(
    values: ArrayLike,
    measure: str | None = None,
    *,
    transf: str | Callable[[FloatArray], Any] | None = None,
    ni: ArrayLike | None = None,
    ti: ArrayLike | None = None,
    scale: str | None = None,
) -> Any:
    """Bring estimates or confidence limits back to the scale of the outcome.

    Args:
        values: estimates on the scale of the analysis, any shape.
        measure: code of the measure; its usual back-transformation is used. Measures that are
            analysed as they are (RD, SMD, COR, ...) come back unchanged.
        transf: instead of `measure` the name of a transformation (see `TRANSFORMS`) or a
            function.
        ni: sample sizes, for "ipft" (one per value: study estimates) and "ipft_hm" (any number:
            their harmonic mean, for a pooled value; Miller 1978).
        ti: person-times, for "iirft" (one per value) and "iirft_hm" (their harmonic mean).
        scale: scale of ACC, SENS, SPEC.

    Returns:
        Array of the same shape; a float for a single number.

    Raises:
        InputError: neither or both of `measure` and `transf`; sizes are missing.
        UnknownNameError: unknown measure or transformation.
        StatsError: sizes are not positive.

    Example:
        >>> round(back_transform(0.0, "PLO"), 3)
        0.5
        >>> round(back_transform(0.8, transf="ipft", ni=20), 4)
        0.5153
    """
    if (measure is None) == (transf is None):
        raise InputError("give either a measure or transf, such as back_transform(0.3, 'OR')")
    check_transf(transf)
    x = _floats("values", values)
    name = transform_name(measure, scale) if measure is not None else transf
    with np.errstate(all="ignore"):
        if callable(name):
            out = np.asarray(name(x), dtype=float)
        elif name in PLAIN:
            out = PLAIN[name](x)
        elif name in SIZED:
            function, needed = SIZED[name]
            out = function(x, _sizes(name, needed, {"ni": ni, "ti": ti}[needed], x))
        else:
            raise UnknownNameError("transformation", str(name), TRANSFORMS)
    return float(out) if out.ndim == 0 else out


def check_transf(transf: Any) -> None:
    """Refuse what is neither the name of a transformation nor a function.

    Raises:
        UnknownNameError: it is something else.
    """
    if not (transf is None or isinstance(transf, str) or callable(transf)):
        raise UnknownNameError("transformation", str(transf), TRANSFORMS)


def _floats(name: str, given: ArrayLike) -> FloatArray:
    try:
        return np.asarray(given, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} must be numbers, not {given!r}") from None


def _sizes(name: str, needed: str, given: ArrayLike | None, x: FloatArray) -> FloatArray:
    what = "sample sizes" if needed == "ni" else "person-times"
    if given is None:
        raise InputError(f"the transformation {name!r} needs the {what}: pass {needed}=...")
    sizes = _floats(needed, given)
    if not np.any(np.isfinite(sizes)) or np.any(sizes <= 0):
        raise StatsError(f"{needed} must hold {what} above 0 for the transformation {name!r}")
    if not name.endswith("_hm") and sizes.ndim and sizes.shape != x.shape:
        raise InputError(
            f"{name!r} needs one value of {needed} per estimate: there are {x.size} estimates "
            f"and {sizes.size} sizes (for a pooled value use '{name}_hm')"
        )
    return sizes
