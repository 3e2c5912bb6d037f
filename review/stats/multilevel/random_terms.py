"""Random effects as they are written: "~ 1 | study/esid", "~ outcome | study", known correlations.

- "~ 1 | study": a variance for the levels of one column;
- "~ 1 | district/school": nested: one for districts, one for schools within districts;
- "~ 1 | a:b": the combinations of two columns;
- several terms in a list are crossed;
- "~ outcome | study": the effects of one study have a covariance over the outcomes (`struct`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, StatsError, UnknownNameError
from review.stats.effects.argument_columns import column_names
from review.stats.ground.arguments import values_of
from review.stats.ground.patterns import Link
from review.stats.multilevel.structures import STRUCTURES, Identity, Structure
from review.stats.pooling.meta_rows import choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.ground.least_squares import FloatArray
    from review.stats.ground.partition import IntArray

SHOWN = 5
_NAME = re.compile(r"`([^`]*)`|([^`:/|]+)")


@dataclass(frozen=True, eq=False)
class Term:
    """One random term of a model of k rows.

    Attributes:
        name: "study", "district/school" or "outcome | study".
        code: "simple" for a random intercept, else the code of the structure.
        structure: T as a function of its coordinates.
        link: which rows share an effect.
        levels: names of the inner levels, (c,); empty for a random intercept.
        units: names of the groups, (G,).
        known: name of the column whose groups have a known correlation, or "".
    """

    name: str
    code: str
    structure: Structure
    link: Link
    levels: tuple[str, ...]
    units: tuple[str, ...]
    known: str = ""

    @property
    def simple(self) -> bool:
        """Whether it is a random intercept."""
        return self.code == "simple"


@dataclass(frozen=True)
class Written:
    """One term as it was written: columns of the inner and the outer variable."""

    text: str
    inner: str
    outer: tuple[str, ...]
    struct: str

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns it uses."""
        return (*self.outer, self.inner) if self.inner else self.outer


def read_random(random: Any, struct: Any) -> list[Written]:
    """Understand `random` and `struct`; nested terms become one term for each level.

    Raises:
        InputError: a formula is not understood. UnknownNameError: no such structure.

    Example:
        >>> [w.outer for w in read_random("~ 1 | district/school", "CS")]
        [('district',), ('district', 'school')]
    """
    if random is None:
        return []
    formulas = [random] if isinstance(random, str) else values_of("random", random)
    parsed = [_parse(text) for text in formulas]
    with_inner = [p for p in parsed if p[1]]
    codes = [struct] if isinstance(struct, str) else values_of("struct", struct)
    codes = [choose("struct", code, STRUCTURES) for code in codes]
    if len(codes) == 1:
        codes *= max(len(with_inner), 1)
    if with_inner and len(codes) != len(with_inner):
        raise InputError(
            f"struct names {len(codes)} structures, but {len(with_inner)} terms of random have an "
            "inner variable ('~ inner | outer')"
        )
    kinds = iter(codes)
    out = []
    for text, inner, groups in parsed:
        if inner:
            if len(groups) > 1:
                raise InputError(f"{text!r}: one outer variable is needed beside {inner!r}")
            out.append(Written(text, inner, groups[0], next(kinds)))
        else:
            out += [Written(text, "", g, "") for g in groups]
    named = [(w.inner, w.outer) for w in out]
    for w in out:
        if named.count((w.inner, w.outer)) > 1:
            raise InputError(f"random has the term {w.text!r} twice")
    return out


def _parse(text: Any) -> tuple[str, str, list[tuple[str, ...]]]:
    if not isinstance(text, str) or text.count("|") != 1:
        raise InputError(
            f"random={text!r} is not understood; write '~ 1 | study', '~ 1 | study/effect' or "
            "'~ outcome | study', several in a list"
        )
    left, right = text.split("|")
    inner = left.strip().removeprefix("~").strip().strip("`")
    if not inner or not right.strip():
        raise InputError(f"random={text!r} needs something on both sides of '|'")
    inner = "" if inner == "1" else inner
    parts = [_columns(part, text) for part in _split(right, "/")]
    nested = [sum(parts[: j + 1], ()) for j in range(len(parts))]
    return text, inner, nested if len(parts) > 1 else [parts[0]]


def _split(text: str, sign: str) -> list[str]:
    """Split outside of backticks."""
    pieces = re.split(rf"{sign}(?=(?:[^`]*`[^`]*`)*[^`]*$)", text)
    return [p.strip() for p in pieces]


def _columns(part: str, text: str) -> tuple[str, ...]:
    names = tuple(_unquoted(p) for p in _split(part, ":"))
    if not all(names):
        raise InputError(f"random={text!r} has an empty name")
    return names


def _unquoted(name: str) -> str:
    match = _NAME.fullmatch(name.strip())
    return (match.group(1) or match.group(2) or "").strip() if match else ""


def columns_of(written: Sequence[Written], data: Any) -> dict[str, list[Any]]:
    """Look up the columns of the terms: name -> one value per row.

    Raises:
        InputError: there is no data. UnknownNameError: there is no such column.
    """
    names = list(dict.fromkeys(name for w in written for name in w.columns))
    if names and data is None:
        raise InputError(f"random names the columns {', '.join(names)}: pass them as data=")
    known = column_names(data) if names else []
    for name in names:
        if name not in known:
            raise UnknownNameError("column", name, known, where="for random")
    return {name: _ordered(data[name]) for name in names}


def _ordered(column: Any) -> Any:
    """Keep an ordered list of categories with the values, where the column has one."""
    categories = getattr(getattr(column, "cat", None), "categories", None)
    values = column.tolist() if hasattr(column, "tolist") else list(column)
    return _Values(values, None if categories is None else list(categories))


class _Values(list[Any]):
    """Values of a column, and the order of its levels where the column has one."""

    def __init__(self, values: list[Any], levels: list[Any] | None) -> None:
        super().__init__(values)
        self.levels = levels


def build_terms(
    written: Sequence[Written], columns: dict[str, list[Any]], ids: IntArray, R: Any, rscale: str
) -> list[Term]:
    """Make the terms of the rows used.

    Args:
        written: the terms.
        columns: name -> one value per row of the input.
        ids: rows used, (k,).
        R: name of an outer variable -> known correlation of its levels.
        rscale: "cor" makes a correlation matrix of each R, "none" takes it as it is.

    Raises:
        InputError, UnknownNameError: R does not fit. StatsError: see `_check_terms`.
    """
    known = dict(R) if R else {}
    outer = [w.outer[0] for w in written if not w.inner and len(w.outer) == 1]
    for name in known:
        if name not in outer:
            raise UnknownNameError("random intercept", str(name), outer, where="for R")
    terms = []
    for w in written:
        names, group = _levels([columns[name] for name in w.outer], ids)
        label = "/".join(w.outer)
        if not w.inner:
            matrix = known.get(w.outer[0]) if len(w.outer) == 1 else None
            R_here = None if matrix is None else _known(matrix, names, w.outer[0], rscale)
            link = Link(group, np.zeros(len(ids), dtype=np.intp), 1, R_here)
            units = tuple("/".join(str(x) for x in name) for name in names)
            terms.append(
                Term(
                    label,
                    "simple",
                    Identity(1),
                    link,
                    (),
                    units,
                    label if matrix is not None else "",
                )
            )
            continue
        inner_names, inner = _levels([columns[w.inner]], ids)
        levels = tuple(str(name[0]) for name in inner_names)
        times = _times(w, [name[0] for name in inner_names]) if w.struct == "CAR" else None
        if len(levels) < 2:
            raise StatsError(
                f"{w.text!r}: {w.inner} has one level ({levels[0]}) in the rows used, so there is "
                f"nothing to correlate; write '~ 1 | {label}'"
            )
        link = Link(group, inner, len(levels))
        structure = STRUCTURES[w.struct](len(levels), times)
        units = tuple("/".join(str(x) for x in name) for name in names)
        terms.append(Term(f"{w.inner} | {label}", w.struct, structure, link, levels, units))
    return terms


def _levels(columns: list[Any], ids: IntArray) -> tuple[list[tuple[Any, ...]], IntArray]:
    """Different combinations of values in order, and the number of each row's, (k,)."""
    at = ids.tolist()
    names: list[tuple[Any, ...]] = [()]
    number = np.zeros(len(at), dtype=np.intp)
    for column in columns:
        values = [column[i] for i in at]
        order = _ordered_levels(column, set(values))
        place = {x: i for i, x in enumerate(order)}
        code = number * len(order) + np.array([place[x] for x in values], dtype=np.intp)
        found, number = np.unique(code, return_inverse=True)
        names = [(*names[c // len(order)], order[c % len(order)]) for c in found.tolist()]
    return names, number.reshape(-1).astype(np.intp)


def _ordered_levels(column: Any, different: set[Any]) -> list[Any]:
    """Values in the order of the column's categories, else by size or by letters."""
    if getattr(column, "levels", None) is not None:
        return [x for x in column.levels if x in different]
    if all(isinstance(x, int | float | np.number) for x in different):
        return sorted(different)
    return sorted(different, key=str)


def _times(w: Written, values: list[Any]) -> FloatArray:
    try:
        return np.array([float(x) for x in values])
    except (TypeError, ValueError):
        bad = next(x for x in values if not isinstance(x, int | float))
        raise InputError(
            f"struct 'CAR' needs times as numbers, and {w.inner} has {bad!r}"
        ) from None


def _known(matrix: Any, names: list[tuple[Any, ...]], column: str, rscale: str) -> FloatArray:
    """The known correlation of the levels used, in their order."""
    wanted = [name[0] for name in names]
    labels, values = _labelled(matrix, wanted, column)
    place = {str(x): i for i, x in enumerate(labels)}
    absent = [str(x) for x in wanted if str(x) not in place]
    if absent:
        more = f" and {len(absent) - SHOWN} more" if len(absent) > SHOWN else ""
        raise InputError(
            f"R for {column!r} lacks the levels {', '.join(absent[:SHOWN])}{more} of the data"
        )
    at = [place[str(x)] for x in wanted]
    out = values[np.ix_(at, at)]
    if not np.isfinite(out).all():
        raise InputError(f"R for {column!r} has values that are missing or infinite")
    if np.abs(out - out.T).max(initial=0.0) > 1e-8 * np.abs(out).max(initial=1.0):
        raise InputError(f"R for {column!r} is not symmetric")
    out = (out + out.T) / 2
    if (np.diag(out) <= 0).any():
        raise InputError(f"R for {column!r} has values on its diagonal that are not above 0")
    if rscale == "cor":
        sd = np.sqrt(np.diag(out))
        out = out / np.outer(sd, sd)
    smallest = float(np.linalg.eigvalsh(out)[0])
    if smallest < -1e-8 * float(np.diag(out).max()):
        raise StatsError(
            f"R for {column!r} is no correlation matrix: its smallest eigenvalue is {smallest:.3g}"
        )
    return out


def _labelled(matrix: Any, wanted: list[Any], column: str) -> tuple[list[Any], FloatArray]:
    if hasattr(matrix, "columns") and hasattr(matrix, "index"):
        values = np.asarray(matrix, dtype=np.float64)
        labels = list(matrix.index)
        if values.shape[0] != values.shape[1] or [str(c) for c in matrix.columns] != [
            str(x) for x in labels
        ]:
            raise InputError(f"R for {column!r} must have the same levels in rows and columns")
        return labels, values
    if isinstance(matrix, Mapping):
        labels = list(matrix)
        try:
            return labels, np.array([[matrix[a][b] for b in labels] for a in labels], dtype=float)
        except (KeyError, TypeError, ValueError):
            raise InputError(
                f"R for {column!r} must give a number for every pair of levels"
            ) from None
    values = np.asarray(matrix, dtype=np.float64)
    if values.shape != (len(wanted), len(wanted)):
        raise InputError(
            f"R for {column!r} must be a data frame with the levels as names, or a matrix of "
            f"{len(wanted)} x {len(wanted)} in the order of the {len(wanted)} levels"
        )
    return wanted, values


def check_terms(terms: Sequence[Term]) -> None:
    """Refuse terms whose parameters the rows cannot tell apart.

    Raises:
        StatsError: a factor with one level, two terms that group the rows alike, a correlation of
            levels that never meet, a variance that rests on one group.
    """
    for j, term in enumerate(terms):
        if len(term.units) == 1 and term.link.c == 1:
            raise StatsError(
                f"the random effect of {term.name!r} has one level only ({term.units[0]}), which "
                "cannot be told from the intercept; leave it out"
            )
        for other in terms[:j]:
            if (
                term.simple
                and other.simple
                and not term.known
                and not other.known
                and _alike(term.link.group, other.link.group)
            ):
                raise StatsError(
                    f"the random effects of {other.name!r} and {term.name!r} group the "
                    f"{len(term.link.group)} rows in the same way, so that their variances "
                    "cannot be told apart; leave one of them out"
                )
        if not term.simple:
            _check_structure(term)


def _alike(a: IntArray, b: IntArray) -> bool:
    pairs = {*zip(a.tolist(), b.tolist(), strict=True)}
    return len(pairs) == int(a.max()) + 1 == int(b.max()) + 1


def _check_structure(term: Term) -> None:
    """Refuse an inner structure whose parameters have no rows to rest on."""
    link = term.link
    present = np.zeros((link.groups, link.c), dtype=bool)
    present[link.group, link.inner] = True
    inner, outer = term.name.split(" | ")
    if term.structure.variances > 1:
        for level, count in zip(term.levels, present.sum(0).tolist(), strict=True):
            if count < 2:
                raise StatsError(
                    f"{term.name!r}, struct {term.code!r}: level {level!r} of {inner} occurs in "
                    f"one {outer} only, so its variance cannot be estimated; use a structure with "
                    "one variance (ID, CS, AR), or leave the level out"
                )
    if term.structure.correlations == 0:
        return
    together = present.T.astype(int) @ present.astype(int)
    i, j = np.triu_indices(link.c, 1)
    meet = together[i, j] > 0
    if not meet.any():
        raise StatsError(
            f"{term.name!r}, struct {term.code!r}: no {outer} has rows of two levels of {inner}, "
            "so a correlation cannot be estimated; use struct 'DIAG' or 'ID'"
        )
    if term.code == "UN" and not meet.all():
        pairs = ", ".join(
            f"{term.levels[a]} with {term.levels[b]}"
            for a, b in zip(i[~meet], j[~meet], strict=True)
        )
        raise StatsError(
            f"{term.name!r}, struct 'UN': these levels of {inner} never occur in the same {outer}, "
            f"so their correlations cannot be estimated: {pairs}; use struct 'HCS' or 'DIAG'"
        )
