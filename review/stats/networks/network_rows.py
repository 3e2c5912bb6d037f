"""Reading and checking the comparisons of a network, row by row.

A row is one comparison of two treatments in one study. A study with n arms gives all its n (n-1)/2
comparisons, or n - 1 of them together with their covariance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, StatsError
from review.stats.effects.argument_columns import look_up, to_floats
from review.stats.effects.row_account import LeftOut
from review.stats.ground.arguments import LARGEST, values_of
from review.stats.ground.column_kinds import is_missing
from review.stats.networks.subnetworks import check_connected
from review.words import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from review.stats.ground.block_diagonal import BlockDiagonal
    from review.stats.ground.least_squares import FloatArray

    IntArray = npt.NDArray[np.intp]

SHOWN: Final = 5  # rows named in one message


@dataclass(frozen=True, eq=False)
class NetworkRows:
    """Comparisons that can be used, and those that cannot.

    Attributes:
        te: effects of `first` against `second`, (m,).
        v: their sampling variances, (m,).
        V: their covariance within studies, or None.
        first, second: numbers of the treatments compared, (m,).
        study: number of the study of each row, (m,).
        treatments: names in alphabetical order. studies: names in the order of the rows.
        ids: positions of the rows in the input, counted from 0, (m,).
        left_out: rows not used and why. notes: what a reader must know about the input.
    """

    te: FloatArray
    v: FloatArray
    V: BlockDiagonal | None
    first: IntArray
    second: IntArray
    study: IntArray
    treatments: tuple[str, ...]
    studies: tuple[str, ...]
    ids: IntArray
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    def place(self, row: int) -> str:
        """Return `row 3 (Smith 2001, A against B)` for a row of the arrays."""
        pair = f"{self.treatments[self.first[row]]} against {self.treatments[self.second[row]]}"
        return f"row {self.ids[row] + 1} ({self.studies[self.study[row]]}, {pair})"

    def places(self, rows: Sequence[int]) -> str:
        """Name several rows, and say how many more there are."""
        return listed((self.place(i) for i in rows), most=SHOWN, last="")


def read_network_rows(
    te: Any,
    se: Any,
    treat1: Any,
    treat2: Any,
    studlab: Any,
    *,
    V: Any = None,
    data: Any = None,
    connected: bool = True,
) -> NetworkRows:
    """Read and check the rows of a network; rows without an effect are left out and listed.

    Args:
        te: effects of treat1 against treat2, (m,), or a column name of `data`.
        se: standard errors; None with V.
        treat1: treatments, (m,).
        treat2: those they are compared with, (m,).
        studlab: studies, (m,).
        V: covariance of the effects instead of se (see `review.vcalc`).
        data: data frame or mapping in which names are looked up.
        connected: whether the treatments must form one network.

    Raises:
        InputError: a column is missing, of another length, or no number; a treatment has no name.
        StatsError: a standard error is not positive; a treatment is compared with itself; a study
            lacks a comparison; the network falls apart. All messages name rows.
    """
    effects = _numbers("te", te, data)
    n = len(effects)
    names = {
        "treat1": read_names("treat1", treat1, data, n),
        "treat2": read_names("treat2", treat2, data, n),
        "studlab": read_names("studlab", studlab, data, n),
    }
    covariance, variances = _variances(se, V, data, effects)
    places = [_place(i, names["studlab"][i]) for i in range(n)]
    _check_numbers(effects, variances, places)
    missing = np.isnan(effects) | np.isnan(variances)
    left_out = tuple(
        LeftOut(
            i + 1, names["studlab"][i],
            f"no {'effect' if np.isnan(effects[i]) else 'standard error'} "
            f"({names['treat1'][i]} against {names['treat2'][i]})",
        )
        for i in np.flatnonzero(missing).tolist()
    )  # fmt: skip
    keep = np.flatnonzero(~missing)
    if not len(keep):
        raise StatsError(f"none of the {n} rows has an effect and a standard error")
    first_names = [names["treat1"][i] for i in keep]
    second_names = [names["treat2"][i] for i in keep]
    same = [int(i) for i, a, b in zip(keep, first_names, second_names, strict=True) if a == b]
    if same:
        named = listed(
            (f"{places[i]}: {names['treat1'][i]}" for i in same), most=SHOWN, last=""
        )  # fmt: skip
        raise StatsError(f"a treatment is compared with itself in {named}")
    treatments = sorted({*first_names, *second_names}, key=name_order)
    studies = list(dict.fromkeys(names["studlab"][i] for i in keep))
    at = {name: i for i, name in enumerate(treatments)}
    at_study = {name: i for i, name in enumerate(studies)}
    rows = NetworkRows(
        te=effects[keep], v=variances[keep],
        V=None if covariance is None else covariance.rows(keep),
        first=np.array([at[a] for a in first_names], dtype=np.intp),
        second=np.array([at[b] for b in second_names], dtype=np.intp),
        study=np.array([at_study[names["studlab"][i]] for i in keep], dtype=np.intp),
        treatments=tuple(treatments), studies=tuple(studies), ids=keep, left_out=left_out,
        notes=(*spelling_notes("treatment", treatments), *spelling_notes("study", studies)),
    )  # fmt: skip
    _check_studies(rows)
    if connected:
        check_connected(rows.treatments, rows.first, rows.second)
    return rows


def name_order(name: str) -> tuple[Any, ...]:
    """Sort key: alphabetical whatever the case, numbers by value.

    Example:
        >>> sorted(["b10", "B2", "a"], key=name_order)
        ['a', 'B2', 'b10']
    """
    parts = re.split(r"(\d+)", name.casefold())
    # int() reads all digits that \d finds; a text part never meets a number at the same place
    return tuple(int(p) if i % 2 else p for i, p in enumerate(parts)), name


def spelling_notes(what: str, names: Sequence[str]) -> list[str]:
    """Say which names differ in case, blanks or hyphens only: one thing or two?

    Example:
        >>> spelling_notes("treatment", ["Drug A", "drug-a", "B"])
        ["treatments 'Drug A' and 'drug-a' differ in spelling only; they are analysed as two"]
    """
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(re.sub(r"[\s_\-]+", "", name).casefold(), []).append(name)
    many = {"treatment": "treatments", "study": "studies"}[what]
    count = {2: "two", 3: "three"}
    return [
        f"{many} {listed(map(repr, group))} differ in spelling only; they are analysed as "
        f"{count.get(len(group), str(len(group)))}"
        for group in alike.values()
        if len(group) > 1
    ]


def _place(row: int, study: str) -> str:
    return f"row {row + 1} ({study})"


def _some(places: Sequence[str], rows: Sequence[int]) -> str:
    return listed((places[i] for i in rows), most=SHOWN, last="")


def _numbers(name: str, value: Any, data: Any) -> FloatArray:
    if value is None:
        raise InputError(f"{name} is missing: pass numbers, or a column name together with data=")
    column = np.atleast_1d(to_floats(name, look_up(name, value, data)))
    if not len(column):
        raise InputError(f"{name} is empty")
    return column


def read_names(name: str, value: Any, data: Any, n: int) -> list[str]:
    """Return names as text without blanks around them.

    Raises:
        InputError: there are not n, or a row has none (it is named).
    """
    if value is None:
        raise InputError(f"{name} is missing: pass names, or a column name together with data=")
    values = values_of(name, look_up(name, value, data))
    if len(values) != n:
        raise InputError(f"{name} has {len(values)} values, but there are {n} rows")
    found = [_text(v) for v in values]
    blank = [f"row {i + 1}" for i, text in enumerate(found) if not text]
    if blank:
        what = "study" if name == "studlab" else "treatment"
        raise InputError(f"{name} names no {what} in {listed(blank, most=SHOWN, last='')}")
    return found


def _text(value: Any) -> str:
    if is_missing(value):
        return ""
    if isinstance(value, float) and value == int(value):  # a column of numbers with gaps
        return str(int(value))
    return " ".join(str(value).split())


def _variances(
    se: Any, V: Any, data: Any, effects: FloatArray
) -> tuple[BlockDiagonal | None, FloatArray]:
    if (se is None) == (V is None):
        raise InputError("pass either standard errors (se) or the covariance of the effects (V)")
    n = len(effects)
    if V is not None:
        from review.stats.multilevel.sampling_covariance import read_covariance

        covariance = read_covariance(V, data, n)
        return covariance, np.asarray(covariance.diagonal(), dtype=np.float64)
    column = np.atleast_1d(to_floats("se", look_up("se", se, data)))
    if len(column) != n:
        raise InputError(f"se has {len(column)} values, but there are {n} effects")
    # the sign would be lost in the square
    return None, np.where(column > 0, column * column, column)


def _check_numbers(te: FloatArray, v: FloatArray, places: Sequence[str]) -> None:
    problems = (
        (np.isinf(te), "effects must be finite; infinite in {}"),
        (v <= 0, "standard errors must be above 0; they are not in {}"),
        (np.isinf(v), "standard errors must be finite; infinite in {}"),
        (np.abs(te) > LARGEST, "effects are too large to compute with in {}"),
        ((v > LARGEST) | (v < 1 / LARGEST),
         "standard errors are too large or too small to compute with in {}"),
    )  # fmt: skip
    for bad, text in problems:
        if bad.any():
            raise StatsError(text.format(_some(places, np.flatnonzero(bad).tolist())))


def _check_studies(rows: NetworkRows) -> None:
    """Demand the comparisons of every study once each, and all of them (or a tree with V)."""
    for s, members in enumerate(members_of(rows.study, len(rows.studies))):
        pairs: dict[tuple[int, int], int] = {}
        for i in members.tolist():
            a, b = int(rows.first[i]), int(rows.second[i])
            pair = (min(a, b), max(a, b))
            if pair in pairs:
                raise StatsError(
                    f"the same comparison stands twice in one study: {rows.place(pairs[pair])} and "
                    f"{rows.place(i)}; combine the arms, or give the second study another name"
                )
            pairs[pair] = i
        arms = sorted({t for pair in pairs for t in pair})
        if rows.V is None:
            lacking = [p for p in combinations(arms, 2) if p not in pairs]
            if lacking:
                _lacking(rows, s, members, arms, lacking)
        elif len(pairs) != len(arms) - 1 or not _is_tree(arms, list(pairs)):
            raise StatsError(
                f"with V a study gives {len(arms) - 1} comparisons that link its {len(arms)} "
                f"treatments; {rows.studies[s]} has {rows.places(members.tolist())}"
            )


def _lacking(
    rows: NetworkRows, s: int, members: IntArray, arms: list[int], lacking: list[tuple[int, int]]
) -> None:
    named = listed(
        (f"{rows.treatments[a]} against {rows.treatments[b]}" for a, b in lacking), most=SHOWN
    )
    left = [o for o in rows.left_out if o.slab == rows.studies[s]]
    why = f" (left out: {listed(map(str, left), most=SHOWN, last='')})" if left else ""
    raise StatsError(
        f"study {rows.studies[s]} compares {len(arms)} treatments "
        f"({listed(rows.treatments[a] for a in arms)}) and lacks {named}{why}; it has "
        f"{rows.places(members.tolist())}. A study with several arms gives all its comparisons, "
        "or arms instead of comparisons (arm_contrasts), or a covariance (V)"
    )


def _is_tree(arms: list[int], pairs: list[tuple[int, int]]) -> bool:
    from review.stats.networks.subnetworks import components_of

    at = {a: i for i, a in enumerate(arms)}
    first, second = (np.array([at[p[j]] for p in pairs], dtype=np.intp) for j in (0, 1))
    return len(set(components_of(len(arms), first, second).tolist())) == 1


def members_of(study: IntArray, n: int) -> list[IntArray]:
    """Return the rows of each study."""
    order = np.argsort(study, kind="stable")
    return np.split(order, np.searchsorted(study[order], np.arange(1, n)))
