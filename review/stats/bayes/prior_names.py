"""Priors of tau by their names."""

from __future__ import annotations

import re
from typing import Any, Final

from review.errors import InputError, UnknownNameError
from review.stats.bayes.empirical_priors import named_prior
from review.stats.bayes.tau_priors import FAMILIES, TauPrior
from review.stats.ground.arguments import real

NOT_A_SCALE: Final = ("location", "meanlog")  # parameters that may be negative
EMPIRICAL: Final = ("turner", "rhodes")


def tau_prior(prior: str | TauPrior, *values: float, **named: float) -> TauPrior:
    """Return a prior of tau.

    Args:
        prior: name of a family of `FAMILIES`, alone or with its parameters after a colon:
            "half-normal:0.5", "half-t:0.5,4", "half-t:scale=0.5,df=4". Capitals, hyphens and
            spaces do not matter. "uniform" alone is the improper uniform prior, "uniform:2" that
            from 0 to 2. "turner:outcome/comparison" and "rhodes:outcome/comparison/area" are
            those of `empirical_prior`.
        values: the parameters in their order, instead.
        named: or by name.

    Raises:
        UnknownNameError: there is no such family or parameter.
        InputError: a parameter is missing or out of range.

    Example:
        >>> tau_prior("half-normal:0.5") == tau_prior("HalfNormal", scale=0.5)
        True
        >>> tau_prior("half-t", 0.5, 4).label
        'half-t:0.5,4'
    """
    if isinstance(prior, TauPrior):
        return prior
    if not isinstance(prior, str):
        raise InputError(
            f"a prior of tau is a name such as 'half-normal:0.5', not {type(prior).__name__}"
        )
    name, colon, rest = prior.partition(":")
    if name.strip().casefold() in EMPIRICAL:
        return named_prior(name.strip().casefold(), rest)
    given: list[Any] = list(values)
    for part in (p.strip() for p in rest.split(",")) if colon else ():
        key, equals, text = part.rpartition("=")
        if equals:
            named = named | {key.strip(): _number(text, prior)}
        else:
            given.append(_number(part, prior))
    family = _family_name(name, bool(given or named))
    names = FAMILIES[family].parameters
    if len(given) > len(names):
        has = f"{len(names)} ({', '.join(names)})" if names else "none"
        raise InputError(f"the prior {family} has {len(given)} parameters here; it takes {has}")
    found = dict(zip(names, given, strict=False))
    for key, value in named.items():
        if key not in names:
            raise UnknownNameError(f"parameter of the prior {family}", key, list(names))
        found[key] = value
    missing = [n for n in names if n not in found]
    if missing:
        example = {"scale": "0.5", "df": "4", "upper": "2", "meanlog": "-2", "sdlog": "0.7"}
        written = ",".join(example.get(n, "0.5") for n in names)
        raise InputError(
            f"the prior {family} needs {' and '.join(missing)}: write it as '{family}:{written}'"
        )
    return TauPrior(family, {n: _parameter(family, n, found[n]) for n in names})


def _family_name(name: str, parameters: bool) -> str:
    def bare(text: str) -> str:
        return re.sub(r"[^a-z0-9]", "", text.casefold())

    asked = bare(name)
    if asked == "uniform":
        return "uniform" if parameters else "flat"
    for known in FAMILIES:
        if bare(known) == asked:
            return known
    raise UnknownNameError("prior of tau", name.strip(), [*FAMILIES, "uniform", *EMPIRICAL])


def _number(text: str, prior: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(
            f"{text.strip()!r} in the prior {prior!r} is no number; write it as 'half-normal:0.5'"
        ) from None


def _parameter(family: str, name: str, value: Any) -> float:
    what = f"{name} of the prior {family}"
    if name in NOT_A_SCALE:
        return real(what, value, least=-50, most=50)
    return real(what, value, least=0, most=1e75, open_ends=True, example="0.5")


# --- the densities ------------------------------------------------------------------------------
