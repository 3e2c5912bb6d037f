"""Prior distributions of tau, the standard deviation between studies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray

Parameters = Mapping[str, float]
LOG_2PI: Final = math.log(2 * math.pi)


@dataclass(frozen=True)
class Family:
    """A family of priors.

    Attributes:
        parameters: their names, in the order in which they are written.
        log_density: of tau (n,), with the parameters and the sampling variances (k,), (n,).
        about: what it is, with its source; {name} stands for a parameter.
        proper: whether the density has an integral.
        tail: exponent a of a density that falls like tau^-a; infinite for faster than any power.
        origin: exponent b of a density that is like tau^b near 0; infinite for faster.
        normed: whether `log_density` is normed (a proper density only).
        scales: values of tau around which the density changes.
    """

    parameters: tuple[str, ...]
    log_density: Callable[[FloatArray, Parameters, FloatArray], FloatArray]
    about: str
    proper: bool = True
    tail: Callable[[Parameters], float] = lambda _: math.inf
    origin: float = 0.0
    normed: bool = True
    scales: Callable[[Parameters], tuple[float, ...]] = lambda p: (p["scale"],)


@dataclass(frozen=True)
class TauPrior:
    """A prior of tau; made by `tau_prior` or `empirical_prior`.

    Attributes:
        family: name of its family, see `FAMILIES`.
        values: its parameters by name.
        source: where the parameters come from, or "".
        measure: the effect measure that the parameters are about, or "" for any.
    """

    family: str
    values: dict[str, float] = field(default_factory=dict)
    source: str = ""
    measure: str = ""

    @property
    def proper(self) -> bool:
        """Whether its density has an integral."""
        return self._family.proper

    @property
    def label(self) -> str:
        """How it is written, as `tau_prior` reads it."""
        numbers = ",".join(f"{x:.10g}" for x in self.values.values())
        return f"{self.family}:{numbers}" if numbers else self.family

    @property
    def about(self) -> str:
        """What it is, in words, with the source."""
        said = self._family.about.format(**self.values)
        return said + (f"; parameters of {self.source}" if self.source else "")

    @property
    def tail(self) -> float:
        """Exponent a of a density that falls like tau^-a."""
        return self._family.tail(self.values)

    @property
    def origin(self) -> float:
        """Exponent b of a density that is like tau^b near 0."""
        return self._family.origin

    @property
    def normed(self) -> bool:
        """Whether the density is normed."""
        return self._family.normed and self.proper

    @property
    def scales(self) -> tuple[float, ...]:
        """Values of tau around which the density changes."""
        return self._family.scales(self.values)

    @property
    def upper(self) -> float:
        """Largest possible tau."""
        return self.values.get("upper", math.inf)

    def log_density(self, tau: FloatArray, vi: FloatArray) -> FloatArray:
        """Return the logarithm of the density, up to a constant where it is not normed.

        Args:
            tau: not negative, (n,).
            vi: sampling variances of the studies, on which some priors depend, (k,).
        """
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            return self._family.log_density(np.asarray(tau, dtype=np.float64), self.values, vi)

    @property
    def _family(self) -> Family:
        return FAMILIES[self.family]


def _half_normal(t: FloatArray, p: Parameters, _: FloatArray) -> FloatArray:
    x = t / p["scale"]
    return math.log(2) - 0.5 * LOG_2PI - math.log(p["scale"]) - 0.5 * x * x


def _half_t(t: FloatArray, p: Parameters, _: FloatArray) -> FloatArray:
    return math.log(2) + _log_t(t, 0.0, p["scale"], p["df"])


def _half_cauchy(t: FloatArray, p: Parameters, v: FloatArray) -> FloatArray:
    return _half_t(t, {**p, "df": 1.0}, v)


def _log_t(x: FloatArray, location: float, scale: float, df: float) -> FloatArray:
    z = (x - location) / scale
    const = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)
    return const - math.log(scale) - (df + 1) / 2 * np.log1p(z * z / df)


def _half_logistic(t: FloatArray, p: Parameters, _: FloatArray) -> FloatArray:
    x = t / p["scale"]
    return np.asarray(math.log(2 / p["scale"]) - x - 2 * np.log1p(np.exp(-x)))


def _exponential(t: FloatArray, p: Parameters, _: FloatArray) -> FloatArray:
    return -t / p["scale"] - math.log(p["scale"])


def _log_normal(t: FloatArray, p: Parameters, _: FloatArray) -> FloatArray:
    log = np.log(t)
    z = (log - p["meanlog"]) / p["sdlog"]
    return np.where(t > 0, -0.5 * LOG_2PI - math.log(p["sdlog"]) - log - 0.5 * z * z, -np.inf)


def _log_student(t: FloatArray, p: Parameters, _: FloatArray) -> FloatArray:
    log = np.log(t)
    # without a bound at 0, but with an integral
    return np.where(t > 0, _log_t(log, p["location"], p["scale"], p["df"]) - log, np.inf)


def _uniform(t: FloatArray, p: Parameters, _: FloatArray) -> FloatArray:
    return np.where(t <= p["upper"], -math.log(p["upper"]), -np.inf)


def _flat(t: FloatArray, _: Parameters, __: FloatArray) -> FloatArray:
    return np.zeros_like(t)


def _sqrt(t: FloatArray, _: Parameters, __: FloatArray) -> FloatArray:
    return -0.5 * np.log(t)


def _jeffreys(t: FloatArray, _: Parameters, v: FloatArray) -> FloatArray:
    w2 = np.array([np.square(1 / (v + x)).sum() for x in np.square(t).ravel()]).reshape(t.shape)
    return np.asarray(np.log(t) + 0.5 * np.log(w2))


def _overall_jeffreys(t: FloatArray, p: Parameters, v: FloatArray) -> FloatArray:
    w = np.array([(1 / (v + x)).sum() for x in np.square(t).ravel()]).reshape(t.shape)
    return np.asarray(_jeffreys(t, p, v) + 0.5 * np.log(w))


def _mean_log(t: FloatArray, v: FloatArray) -> FloatArray:
    """Average of log(v + tau2) over the studies."""
    return np.array([np.log(v + x).mean() for x in np.square(t).ravel()]).reshape(t.shape)


def _berger_deely(t: FloatArray, _: Parameters, v: FloatArray) -> FloatArray:
    return np.log(t) - _mean_log(t, v)


def _conventional(t: FloatArray, _: Parameters, v: FloatArray) -> FloatArray:
    return np.log(t) - 1.5 * _mean_log(t, v)


def _dumouchel(t: FloatArray, _: Parameters, v: FloatArray) -> FloatArray:
    s = math.sqrt(1 / (1 / v).mean())
    return math.log(s) - 2 * np.log(s + t)


def _shrinkage(t: FloatArray, _: Parameters, v: FloatArray) -> FloatArray:
    return _uniform_share(t, 1 / float((1 / v).mean()))


def _i2(t: FloatArray, _: Parameters, v: FloatArray) -> FloatArray:
    w = 1 / v
    if len(v) == 1:
        return _uniform_share(t, float(v[0]))
    return _uniform_share(t, float((len(v) - 1) * w.sum() / (w.sum() ** 2 - np.square(w).sum())))


def _uniform_share(t: FloatArray, s2: float) -> FloatArray:
    """Log-density of tau whose share tau2 / (tau2 + s2) is uniform."""
    return np.asarray(math.log(2 * s2) + np.log(t) - 2 * np.log(s2 + t * t))


def _spread(centre: str, width: str) -> Callable[[Parameters], tuple[float, ...]]:
    def scales(p: Parameters) -> tuple[float, ...]:
        return tuple(math.exp(p[centre] + z * p[width]) for z in (-2, 0, 2))

    return scales


def _none(_: Parameters) -> tuple[float, ...]:
    return ()


def _power(a: float) -> Callable[[Parameters], float]:
    return lambda _: a


FAMILIES: Final = {
    "half-normal": Family(("scale",), _half_normal, "half-normal with scale {scale:g}"),
    "half-t": Family(
        ("scale", "df"), _half_t, "half-Student-t with scale {scale:g} and {df:g} df (Gelman 2006)",
        tail=lambda p: p["df"] + 1,
    ),
    "half-cauchy": Family(
        ("scale",), _half_cauchy, "half-Cauchy with scale {scale:g} (Gelman 2006)", tail=_power(2)
    ),
    "half-logistic": Family(("scale",), _half_logistic, "half-logistic with scale {scale:g}"),
    "exponential": Family(("scale",), _exponential, "exponential with mean {scale:g}"),
    "log-normal": Family(
        ("meanlog", "sdlog"), _log_normal,
        "log-normal: log tau has mean {meanlog:g} and sd {sdlog:g}",
        origin=math.inf, scales=_spread("meanlog", "sdlog"),
    ),
    "log-t": Family(
        ("location", "scale", "df"), _log_student,
        "log-Student-t: log tau has location {location:g}, scale {scale:g} and {df:g} df",
        tail=_power(1), origin=-1,
        scales=_spread("location", "scale"),
    ),
    "uniform": Family(
        ("upper",), _uniform, "uniform from 0 to {upper:g}", scales=lambda p: (p["upper"],)
    ),
    "flat": Family(
        (), _flat, "improper uniform on tau", proper=False, tail=_power(0), scales=_none
    ),
    "sqrt": Family(
        (), _sqrt, "improper uniform on the square root of tau", proper=False, tail=_power(0.5),
        origin=-0.5, scales=_none,
    ),
    "jeffreys": Family(
        (), _jeffreys, "Jeffreys' prior of tau at a given mean (Tibshirani 1989), improper",
        proper=False, tail=_power(1), origin=1, scales=_none,
    ),
    "overall-jeffreys": Family(
        (), _overall_jeffreys, "Jeffreys' joint prior of mean and tau (Bodnar et al. 2016)",
        proper=False, tail=_power(2), origin=1, scales=_none,
    ),
    "berger-deely": Family(
        (), _berger_deely, "Berger & Deely 1988, improper", proper=False, tail=_power(1),
        origin=1, scales=_none,
    ),
    "conventional": Family(
        (), _conventional, "the proper variant of Berger & Deely 1988", tail=_power(2), origin=1,
        normed=False, scales=_none,
    ),
    "dumouchel": Family(
        (), _dumouchel, "DuMouchel's prior (Spiegelhalter et al. 2004, section 5.7.3)",
        tail=_power(2), scales=_none,
    ),
    "shrinkage": Family(
        (), _shrinkage, "uniform shrinkage (Spiegelhalter et al. 2004, section 5.7.3)",
        tail=_power(3), origin=1, scales=_none,
    ),
    "i2": Family((), _i2, "uniform on I2", tail=_power(3), origin=1, scales=_none),
}  # fmt: skip
