"""The variances and correlations of a model, each with its name and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, UnknownNameError
from review.stats.multilevel.mv_search import Parameter, parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from review.stats.ground.least_squares import FloatArray
    from review.stats.multilevel.mv_likelihood import Problem
    from review.stats.multilevel.random_terms import Term

FAMILIES: Final = ("tau2", "rho", "gamma2", "phi")
EDGE: Final = 1e-7  # distance from an edge, relative to the size of the heterogeneity


@dataclass(frozen=True)
class Component:
    """One variance or correlation.

    Attributes:
        name: "sigma2[study]", "tau2[PD]", "rho[AL, PD]", "rho".
        family: "sigma2", "tau2", "rho", "gamma2" or "phi".
        term: name of its random term. level: the inner level or levels it is about, or "".
        value: the estimate, or the value given.
        groups: number of groups that it rests on.
        fixed: whether it was given.
        at_bound: whether the estimate lies at the edge of its range.
    """

    name: str
    family: str
    term: str
    level: str
    value: float
    groups: int
    fixed: bool
    at_bound: bool


def named(terms: Sequence[Term]) -> list[tuple[str, str, str]]:
    """Name, family and level of every parameter, in the order of `parameters`."""
    structured = [t for t, term in enumerate(terms) if not term.simple]
    out = []
    for q in parameters(terms):
        term = terms[q.term]
        if term.simple:
            out.append((f"sigma2[{term.name}]", "sigma2", ""))
            continue
        turn = structured.index(q.term)
        family = FAMILIES[2 * min(turn, 1) + (q.kind == "rho")]
        level = _level(term, q)
        shown = f"{family}[{level}]" if level else family
        out.append((shown if turn < 2 else f"{shown} of {term.name}", family, level))
    return out


def _level(term: Term, q: Parameter) -> str:
    s = term.structure
    if q.kind == "tau2":
        return term.levels[q.index] if s.variances > 1 else ""
    if s.correlations == 1 and s.c > 2:
        return ""
    a, b = s.pairs()[q.index]
    return f"{term.levels[a]}, {term.levels[b]}"


def components(
    problem: Problem, x: FloatArray, fixed: Sequence[Parameter]
) -> tuple[Component, ...]:
    """List the parameters of a model at coordinates x."""
    terms = problem.terms
    natural = [t.structure.natural(x[w]) for t, w in zip(terms, problem.where, strict=True)]
    size = sum((float(n[0].max(initial=0.0)) for n in natural), 0.0)
    size += float(np.median(problem.V.diagonal()))
    out = []
    for q, (name, family, level) in zip(parameters(terms), named(terms), strict=True):
        tau2, rho = natural[q.term]
        value = float((tau2 if q.kind == "tau2" else rho)[q.index])
        low, high = terms[q.term].structure.correlation_range()
        edge = value <= EDGE * size if q.kind == "tau2" else min(value - low, high - value) <= EDGE
        out.append(
            Component(
                name, family, terms[q.term].name, level, value, _groups(terms[q.term], q),
                q in fixed, edge and q not in fixed,
            )
        )  # fmt: skip
    return tuple(out)


def _groups(term: Term, q: Parameter) -> int:
    link = term.link
    if term.simple or (q.kind == "tau2" and term.structure.variances == 1):
        return link.groups
    present = np.zeros((link.groups, link.c), dtype=bool)
    present[link.group, link.inner] = True
    if q.kind == "tau2":
        return int(present[:, q.index].sum())
    if term.structure.correlations == 1:
        return int((present.sum(1) > 1).sum())
    a, b = term.structure.pairs()[q.index]
    return int((present[:, a] & present[:, b]).sum())


def given_values(terms: Sequence[Term], asked: Mapping[str, Any]) -> dict[Parameter, float]:
    """Match values that the caller fixes with the parameters; None and NaN leave one free.

    Args:
        terms: of the model.
        asked: by family ("sigma2", "tau2", ...) the values, or None.

    Raises:
        InputError: there are more or fewer values than parameters.
    """
    all_named = list(zip(parameters(terms), named(terms), strict=True))
    out: dict[Parameter, float] = {}
    for family, values in asked.items():
        if values is None:
            continue
        mine = [(q, name) for q, (name, kind, _) in all_named if kind == family]
        listed = np.atleast_1d(np.asarray(values, dtype=object)).tolist()
        if len(listed) == 1 and len(mine) > 1 and np.ndim(values) == 0:
            listed *= len(mine)
        if len(listed) != len(mine):
            names = ", ".join(name for _, name in mine) or "none"
            raise InputError(
                f"{family} gives {len(listed)} values; the model has {len(mine)}: {names}"
            )
        for (q, name), value in zip(mine, listed, strict=True):
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float | np.number):
                raise InputError(f"{name} must be a number or None, not {value!r}")
            if not np.isnan(float(value)):
                out[q] = float(value)
    return out


def find_component(parts: Sequence[Component], wanted: str | int) -> int:
    """Number of a component, by name or number.

    Raises:
        InputError: there is no such number. UnknownNameError: there is no such name.
    """
    if isinstance(wanted, str):
        names = [c.name for c in parts]
        if wanted not in names:
            raise UnknownNameError("component", wanted, names)
        return names.index(wanted)
    if isinstance(wanted, bool) or not 0 <= wanted < len(parts):
        raise InputError(f"component must be a name or from 0 to {len(parts) - 1}, not {wanted!r}")
    return int(wanted)
