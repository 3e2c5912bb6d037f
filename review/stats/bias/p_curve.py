"""p-curve: does the distribution of significant p-values show evidential value?

Simonsohn, Nelson & Simmons 2014 (J Exp Psychol Gen 143:534), with Stouffer's method and the half
p-curve of Simonsohn, Simmons & Nelson 2015 (J Exp Psychol Gen 144:1146). Only two-sided p < .05
enter. A pp-value is the probability of a result at least as extreme among significant ones

    pp = P(|Z| >= |z|) / P(|Z| >= c),     Z ~ N(ncp, 1)

with c = 1.96 (full) or 2.24 (half, p < .025); ncp = 0 tests for right skew, ncp for a power of 33%
tests whether the curve is flatter than that, and the ncp at which the pp-values average out gives
the power estimate. They are worked with on the log scale, so that no p-value is too small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import StatsError
from review.stats.bias.bias_input import read_studies
from review.stats.bias.record import Record
from review.stats.ground.guard import guarded
from review.stats.ground.inference import check_level, level_percent
from review.words import level_name, p_value, percent, statistic_text

if TYPE_CHECKING:
    import pandas as pd

    from review.stats.ground.least_squares import FloatArray

ALPHA: Final = 0.05
HALF: Final = 0.025
_LOW: Final = 1 / 3  # the power against which flatness is tested
_RANGE: Final = (0.05, 0.99)  # of the power estimate, as in the papers' application


@dataclass(frozen=True)
class SkewTest:
    """One test on a p-curve.

    Attributes:
        z: Stouffer's z; negative values are extreme.
        pval: its one-sided p-value.
    """

    z: float
    pval: float


@dataclass(frozen=True, eq=False)
class PCurve(Record):
    """Result of a p-curve analysis.

    Attributes:
        k: studies; k_sig: those with p < .05; k_half: those with p < .025.
        pvals: their two-sided p-values, (k,).
        full, half: tests of right skew; `half` is None without p < .025.
        binomial: p-value of more p below .025 than above among the significant ones.
        flat_full, flat_half, flat_binomial: the same tests against a power of 33%.
        evidential_value: half p < .05, or full and half both p < .1 (2015).
        inadequate: flatter than 33% power: full p < .05, or half and binomial both p < .1.
        power, power_lb, power_ub: average power after selection, and its interval.
        level: of that interval, per cent.
    """

    k: int
    k_sig: int
    k_half: int
    pvals: FloatArray
    slab: tuple[str, ...]
    full: SkewTest
    half: SkewTest | None
    binomial: float
    flat_full: SkewTest
    flat_half: SkewTest | None
    flat_binomial: float
    evidential_value: bool
    inadequate: bool
    power: float
    power_lb: float
    power_ub: float
    level: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row per test: right skew and flatness; full, half and binomial."""
        import pandas as pd

        rows = []
        for name, full, half, binomial in (
            ("right skew", self.full, self.half, self.binomial),
            ("flatter than 33% power", self.flat_full, self.flat_half, self.flat_binomial),
        ):
            rows += [
                {"test": name, "curve": "full", "z": full.z, "pval": full.pval},
                {
                    "test": name, "curve": "half",
                    "z": None if half is None else half.z,
                    "pval": None if half is None else half.pval,
                },
                {"test": name, "curve": "binomial", "z": None, "pval": binomial},
            ]  # fmt: skip
        return pd.DataFrame(rows)

    @property
    def conventions(self) -> None:
        """None: the reference has no such analysis."""
        return

    def words(self) -> str:
        """Return the analysis in words, with the method and its source."""
        verdict = "shows" if self.evidential_value else "does not show"
        flat = "is" if self.inadequate else "is not"

        def half(test: SkewTest | None) -> str:
            return "no p < 0.025" if test is None else statistic_text("z", test.z, test.pval)

        return "\n".join(
            [
                "p-curve (Simonsohn, Nelson & Simmons 2014; Simonsohn, Simmons & Nelson 2015)",
                f"{self.k_sig} of {self.k} results have p < 0.05, {self.k_half} have p < 0.025",
                (
                    f"Right skew: full {half(self.full)}; half "
                    f"{half(self.half)}; binomial {p_value(self.binomial)}"
                ),
                (
                    f"Flatter than 33% power: full {half(self.flat_full)}; half "
                    f"{half(self.flat_half)}; binomial "
                    f"{p_value(self.flat_binomial)}"
                ),
                f"The curve {verdict} evidential value and {flat} flatter than 33% power",
                (
                    f"Power after selection: {percent(100 * self.power)}, {level_name(self.level)} "
                    f"CI {percent(100 * self.power_lb)} to {percent(100 * self.power_ub)}"
                ),
            ]
        )


@guarded
def p_curve(
    source: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    data: Any = None,
    level: float = 90,
) -> PCurve:
    """Analyse the distribution of the significant two-sided p-values of z = y / sqrt(v).

    Args:
        source: a `MetaResult`, the result of `effect_size`, or effects (k,).
        vi: sampling variances, (k,), when `source` holds effects alone.
        sei: standard errors, instead of `vi`.
        data: where column names are looked up.
        level: of the interval of the power, per cent.

    Raises:
        StatsError: no result has p < .05.

    Example:
        >>> found = p_curve([0.8, 0.9, 0.7, 0.1], [0.04, 0.05, 0.06, 0.04])
        >>> found.k_sig, found.evidential_value
        (3, True)
    """
    from scipy.special import ndtr

    rows = read_studies(source, vi, sei=sei, data=data)
    size = np.abs(rows.yi) / np.sqrt(rows.vi)
    p = 2.0 * ndtr(-size)
    used, inner = size[p < ALPHA], size[p < HALF]
    if not used.size:
        raise StatsError(f"none of the {len(size)} results has p < 0.05: there is no p-curve")
    low = ncp_of_power(_LOW)
    full, flat_full = _skew(used, 0.0, ALPHA), _flat(used, low, ALPHA)
    half = _skew(inner, 0.0, HALF) if inner.size else None
    flat_half = _flat(inner, low, HALF) if inner.size else None
    share = float(np.exp(_log_tail(low, HALF) - _log_tail(low, ALPHA)))
    binomial = _binomial_above(inner.size, used.size, 0.5)
    flat_binomial = _binomial_below(inner.size, used.size, share)
    confidence = check_level(level)
    lower, power, upper = _power(used, confidence)
    p_half = 1.0 if half is None else half.pval
    p_flat = 1.0 if flat_half is None else flat_half.pval
    return PCurve(
        k=len(size), k_sig=int(used.size), k_half=int(inner.size), pvals=p,
        slab=rows.slab or tuple(str(i + 1) for i in rows.ids.tolist()), full=full, half=half,
        binomial=binomial, flat_full=flat_full, flat_half=flat_half, flat_binomial=flat_binomial,
        evidential_value=p_half < 0.05 or (p_half < 0.1 and full.pval < 0.1),
        inadequate=flat_full.pval < 0.05 or (p_flat < 0.1 and flat_binomial < 0.1),
        power=power, power_lb=lower, power_ub=upper, level=level_percent(level),
    )  # fmt: skip


def _critical(alpha: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(1 - alpha / 2))


def _log_tail(ncp: float, alpha: float) -> float:
    """Log of the power of a two-sided z test."""
    return float(_log_beyond(np.array(_critical(alpha)), ncp))


def _log_beyond(size: FloatArray, ncp: float) -> FloatArray:
    """Log P(|Z| >= size) for Z ~ N(ncp, 1)."""
    from scipy.special import log_ndtr

    return np.asarray(np.logaddexp(log_ndtr(ncp - size), log_ndtr(-ncp - size)))


def ncp_of_power(power: float) -> float:
    """Return the mean of Z at which a two-sided z test at .05 has this power.

    Example:
        >>> round(ncp_of_power(1 / 3), 4)
        1.5286
    """
    from scipy.optimize import brentq

    if power <= ALPHA:
        return 0.0
    target = np.log(power)
    return float(brentq(lambda d: _log_tail(d, ALPHA) - target, 0.0, 20.0, xtol=1e-14, rtol=1e-14))


def _stouffer(log_pp: FloatArray) -> float:
    """Stouffer's z of probabilities given by their logs."""
    from scipy.special import ndtri_exp

    return float(np.sum(ndtri_exp(log_pp)) / np.sqrt(log_pp.size))


def _log_pp(size: FloatArray, ncp: float, alpha: float) -> FloatArray:
    return np.minimum(_log_beyond(size, ncp) - _log_tail(ncp, alpha), -1e-300)


def _skew(size: FloatArray, ncp: float, alpha: float) -> SkewTest:
    from scipy.special import ndtr

    z = _stouffer(_log_pp(size, ncp, alpha))
    return SkewTest(z, float(ndtr(z)))


def _flat(size: FloatArray, ncp: float, alpha: float) -> SkewTest:
    """The same from the other end: large p-values (small |z|) are extreme."""
    from scipy.special import ndtr

    z = -_stouffer(_log_pp(size, ncp, alpha))
    return SkewTest(z, float(ndtr(z)))


def _binomial_above(count: int, k: int, share: float) -> float:
    from scipy.special import bdtrc

    return 1.0 if count == 0 else float(bdtrc(count - 1, k, share))


def _binomial_below(count: int, k: int, share: float) -> float:
    from scipy.special import bdtr

    return float(bdtr(count, k, share))


def _power(size: FloatArray, confidence: float) -> tuple[float, float, float]:
    """Power at which Stouffer's z of the pp-values is at the upper limit, 0, and the lower limit.

    z rises with the power; where no power in the range gives the value, the end of the range is
    the answer.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    def z(power: float) -> float:
        return _stouffer(_log_pp(size, ncp_of_power(power), ALPHA))

    at_ends = z(_RANGE[0]), z(_RANGE[1])
    reach = float(ndtri(0.5 + confidence / 2))
    out = []
    for target in (-reach, 0.0, reach):
        if at_ends[0] >= target:
            out.append(_RANGE[0])
        elif at_ends[1] <= target:
            out.append(_RANGE[1])
        else:
            out.append(float(brentq(lambda power, t=target: z(power) - t, *_RANGE, xtol=1e-12)))
    return out[0], out[1], out[2]
