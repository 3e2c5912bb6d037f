"""Agreement of the coders of a review, variable by variable, and where they disagree."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, UnknownNameError
from review.schema.cells import cell_text
from review.schema.codebook import Variable, VariableType
from review.stats.agreement import SEED, Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.stats.agreement_numbers import BlandAltman

EMPTY: Final = "(not stated)"
_EMPTY_NOTE: Final = (
    "an empty cell means 'not stated': agreement on it is shown apart; the measures of cells "
    "count it as a category of its own"
)
_MEASURES: Final = (
    "percent", "percent_cells", "kappa", "kappa_cells", "kappa_linear", "kappa_quadratic",
    "ac1", "ac2", "alpha", "fleiss", "icc", "jaccard", "kappa_missing", "percent_missing",
)  # fmt: skip
TITLES: Final[dict[str, str]] = {
    "percent": "agreement where both state a value",
    "percent_cells": "agreement of cells, an empty cell counted as a value",
    "kappa": "Cohen's kappa where both state a value",
    "kappa_cells": "Cohen's kappa of cells, an empty cell counted as a category",
    "kappa_linear": "Cohen's kappa, linear weights",
    "kappa_quadratic": "Cohen's kappa, quadratic weights",
    "ac1": "Gwet's AC1",
    "ac2": "Gwet's AC2, quadratic weights",
    "alpha": "Krippendorff's alpha",
    "fleiss": "Fleiss' kappa",
    "icc": "intraclass correlation ICC(A,1)",
    "jaccard": "mean overlap of the sets (Jaccard)",
    "kappa_missing": "Cohen's kappa of stated against not stated",
    "percent_missing": "agreement on stated against not stated",
}


@dataclass(frozen=True)
class VariableAgreement:
    """The agreement on one variable.

    Attributes:
        name, label, type: of the codebook.
        scale: nominal, ordinal, interval, set or text: how values were compared.
        n_shared: studies that at least two of the coders coded.
        n_stated: of these, studies where at least two coders state a value.
        n_one: studies where one states a value and another leaves the cell empty.
        n_empty: studies where nobody states a value.
        measures: name of a coefficient -> estimate; `TITLES` has their names in words.
        bland_altman: pair of coders -> limits of agreement; numbers only.
    """

    name: str
    label: str
    type: str
    scale: str
    n_shared: int
    n_stated: int
    n_one: int
    n_empty: int
    measures: dict[str, Estimate]
    bland_altman: dict[str, BlandAltman]

    def row(self) -> dict[str, Any]:
        """Return one flat dictionary with the same keys for every variable."""
        flat: dict[str, Any] = {
            "variable": self.name,
            "label": self.label,
            "type": self.type,
            "scale": self.scale,
            "n_shared": self.n_shared,
            "n_stated": self.n_stated,
            "n_one": self.n_one,
            "n_empty": self.n_empty,
        }
        for name in _MEASURES:
            found = self.measures.get(name)
            flat[name] = found.value if found else None
            flat[f"{name}_low"] = found.low if found else None
            flat[f"{name}_high"] = found.high if found else None
        first = next(iter(self.bland_altman.values()), None)
        flat["bias"] = first.bias if first else None
        flat["limit_low"] = first.low if first else None
        flat["limit_high"] = first.high if first else None
        flat["explanations"] = "; ".join(self.explanations)
        return flat

    @property
    def explanations(self) -> list[str]:
        """Why a coefficient or interval is missing, in words."""
        return [f"{TITLES[k]}: {e.note}" for k, e in self.measures.items() if e.note]

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return {
            "variable": self.name,
            "label": self.label,
            "type": self.type,
            "scale": self.scale,
            "n_shared": self.n_shared,
            "n_stated": self.n_stated,
            "n_one": self.n_one,
            "n_empty": self.n_empty,
            "measures": {k: e.to_dict() for k, e in self.measures.items()},
            "bland_altman": {k: b.to_dict() for k, b in self.bland_altman.items()},
        }


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A cell that coders filled in differently.

    Attributes:
        values: coder -> text of the cell, "" when empty; coders without the study are left out.
        kind: `value` (two different values) or `missing` (stated against not stated).
        consensus: the settled value, when it was adjudicated.
        settled: whether it was adjudicated.
    """

    study_id: str
    variable: str
    values: dict[str, str]
    kind: str
    settled: bool = False
    consensus: str = ""
    reason: str = ""

    def row(self) -> dict[str, Any]:
        """Return one flat dictionary; one column per coder."""
        return {
            "study_id": self.study_id,
            "variable": self.variable,
            "kind": self.kind,
            **self.values,
            "settled": "yes" if self.settled else "no",
            "consensus": self.consensus,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class AgreementReport:
    """The agreement of the coders of a review.

    Attributes:
        review: name of the review.
        coders: the compared coders.
        n_studies: studies that at least two of them coded.
        variables: in the order of the codebook.
        disagreements: by study, then variable.
        notes: conventions, and what could not be computed.
    """

    review: str
    coders: tuple[str, ...]
    n_studies: int
    variables: tuple[VariableAgreement, ...]
    disagreements: tuple[Disagreement, ...]
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.variables)

    def rows(self) -> list[dict[str, Any]]:
        """Return one flat dictionary per variable, same keys in each."""
        return [v.row() for v in self.variables]

    def disagreement_rows(self) -> list[dict[str, Any]]:
        """Return one flat dictionary per disagreement, same keys in each."""
        filled = dict.fromkeys(self.coders, "")
        return [
            d.row() | {k: v for k, v in filled.items() if k not in d.values}
            for d in self.disagreements
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        return {
            "review": self.review,
            "coders": list(self.coders),
            "n_studies": self.n_studies,
            "variables": [v.to_dict() for v in self.variables],
            "disagreements": self.disagreement_rows(),
            "notes": list(self.notes),
        }


def agreement(
    review: Review,
    coders: Sequence[str] | None = None,
    variables: Sequence[str] | None = None,
    *,
    n_boot: int = 1000,
    seed: int = SEED,
) -> AgreementReport:
    """Compare the coders of a review on the studies that two or more of them coded.

    Args:
        review: the review; a filtered view compares its studies only.
        coders: names of coders; all of them without it.
        variables: names of variables; all of the codebook without it.
        n_boot: bootstrap replicates of the intervals.
        seed: of the bootstrap.

    Returns:
        The report; empty, with a note, when fewer than two coders coded the same study.

    Raises:
        UnknownNameError: there is no such coder or variable.
        InputError: fewer than two coders are named, or one twice.

    Example:
        >>> from review.project import open_review
        >>> found = agreement(open_review("kim2022"), variables=["backbone"], n_boot=0)
        >>> round(found.variables[0].measures["kappa_cells"].value, 2)
        0.94
    """
    chosen = _choose_coders(review, coders)
    book = [review.codebook[name] for name in variables or review.codebook.names]
    if len(chosen) < 2:
        have = f"only {chosen[0]!r}" if chosen else "no file"
        note = f"agreement compares two coders or more; codings/ holds {have}"
        return AgreementReport(review.name, tuple(chosen), 0, (), (), (note,))
    cells, shared = _shared_cells(review, chosen)
    if not shared:
        note = f"the coders {', '.join(chosen)} have no study in common"
        return AgreementReport(review.name, tuple(chosen), 0, (), (), (note,))
    notes = [
        f"{len(shared)} studies coded by two or more of {', '.join(chosen)}",
        _EMPTY_NOTE,
        f"bootstrap intervals: {n_boot} samples of studies, seed {seed}",
    ]
    found = [_compare(v, cells, shared, n_boot=n_boot, seed=seed) for v in book]
    return AgreementReport(
        review.name,
        tuple(chosen),
        len(shared),
        tuple(found),
        tuple(find_disagreements(review, chosen, [v.name for v in book])),
        tuple(notes),
    )


def _choose_coders(review: Review, coders: Sequence[str] | None) -> list[str]:
    if coders is None:
        return review.coders
    for name in coders:
        if name not in review.coders:
            raise UnknownNameError("coder", name, review.coders)
    if len(set(coders)) < len(coders):
        raise InputError("a coder is named twice")
    if len(coders) < 2:
        raise InputError(f"name two coders or more, such as {','.join(review.coders[:2]) or 'a,b'}")
    return list(coders)


Cells = dict[str, dict[str, Any]]


def _shared_cells(review: Review, coders: Sequence[str]) -> tuple[Cells, list[str]]:
    """Return coder -> study_id -> coding, and the studies that two or more coders coded."""
    kept = None if review.filter is None else {s.study_id for s in review.studies}
    cells: Cells = {
        name: {c.study_id: c for c in review.codings[name] if kept is None or c.study_id in kept}
        for name in coders
    }
    counted: dict[str, int] = {}
    for coded in cells.values():
        for study_id in coded:
            counted[study_id] = counted.get(study_id, 0) + 1
    return cells, [study_id for study_id, n in counted.items() if n >= 2]


def comparable(variable: Variable, value: Any) -> Any:
    """Return what two codings are compared by: text without case and spaces, lists as sets.

    Example:
        >>> comparable(Variable(name="note", type="text"), "Skin  Burns") == "skin burns"
        True
    """
    if value is None:
        return None
    if variable.type is VariableType.LIST:
        return frozenset(value)
    if variable.type is VariableType.TEXT:
        return " ".join(str(value).casefold().split())
    return value


def scale_of(variable: Variable) -> str:
    """Return how the values of a variable are compared."""
    if variable.is_numeric:
        return "interval"
    if variable.type is VariableType.LIST:
        return "set"
    if variable.type is VariableType.TEXT:
        return "text"
    return "ordinal" if variable.ordered and len(variable.vocabulary) > 2 else "nominal"


def _compare(
    variable: Variable, cells: Cells, shared: Sequence[str], *, n_boot: int, seed: int
) -> VariableAgreement:
    absent = object()
    table = [
        [
            comparable(variable, coded[s].value(variable.name)) if s in coded else absent
            for s in shared
        ]
        for coded in cells.values()
    ]
    stated: list[list[Any]] = [[None if v is absent else v for v in row] for row in table]
    filled: list[list[Any]] = [
        [None if v is absent else EMPTY if v is None else v for v in row] for row in table
    ]
    units = list(zip(*table, strict=True))
    n_stated = n_one = n_empty = 0
    for unit in units:
        known = sum(v is not None and v is not absent for v in unit)
        empty = sum(v is None for v in unit)
        n_stated += known >= 2
        n_one += known >= 1 and empty >= 1
        n_empty += known == 0
    measures = _measures(variable, stated, filled, n_boot=n_boot, seed=seed)
    limits: dict[str, Any] = {}
    if variable.is_numeric:
        from review.stats.agreement_numbers import bland_altman

        limits = {
            f"{a} - {b}": bland_altman(x, y)
            for (a, x), (b, y) in combinations(zip(cells, stated, strict=True), 2)
        }
    return VariableAgreement(
        variable.name, variable.title, variable.type.value, scale_of(variable), len(shared),
        n_stated, n_one, n_empty, measures, limits,
    )  # fmt: skip


def _measures(
    variable: Variable, stated: list[list[Any]], filled: list[list[Any]], *, n_boot: int, seed: int
) -> dict[str, Estimate]:
    from review.stats.agreement import fleiss_kappa, gwet_ac, light_kappa, percent_agreement
    from review.stats.agreement_numbers import icc
    from review.stats.krippendorff_alpha import krippendorff_alpha

    scale = scale_of(variable)
    words = list(variable.vocabulary) if scale == "ordinal" else None
    known = [
        [None if v is None else "not stated" if v == EMPTY else "stated" for v in row]
        for row in filled
    ]
    boot: dict[str, Any] = {"n_boot": n_boot, "seed": seed}
    found = {"percent": percent_agreement(stated)}
    if scale not in {"text", "interval"}:
        found["kappa"] = light_kappa(stated)
        found["ac1"] = gwet_ac(stated)
    if words is not None:
        found["kappa_linear"] = light_kappa(stated, weights="linear", categories=words)
        found["kappa_quadratic"] = light_kappa(stated, weights="quadratic", categories=words)
        found["ac2"] = gwet_ac(stated, weights="quadratic", categories=words)
    if scale == "interval":
        found["icc"] = icc(stated)
        found["alpha"] = krippendorff_alpha(stated, measured="interval", **boot)
    elif words is not None:
        found["alpha"] = krippendorff_alpha(stated, measured="ordinal", categories=words, **boot)
    elif scale != "text":
        found["alpha"] = krippendorff_alpha(stated, **boot)
    if len(stated) > 2 and scale not in {"text", "interval"}:
        found["fleiss"] = fleiss_kappa(stated, **boot)
    if scale == "set":
        found["jaccard"] = _jaccard(stated)
    found["percent_cells"] = percent_agreement(filled)
    if scale not in {"text", "interval"}:
        found["kappa_cells"] = light_kappa(filled)
    found["percent_missing"] = percent_agreement(known)
    found["kappa_missing"] = light_kappa(known)
    return found


def _jaccard(stated: list[list[Any]]) -> Estimate:
    method = "mean size of intersection / size of union over pairs"
    shares = [
        len(a & b) / len(a | b)
        for unit in zip(*stated, strict=True)
        for a, b in combinations([v for v in unit if v is not None], 2)
    ]
    if not shares:
        return Estimate(None, None, None, 0, method, "no unit has two values")
    return Estimate(sum(shares) / len(shares), None, None, len(shares), method)


def find_disagreements(
    review: Review, coders: Sequence[str], variables: Sequence[str]
) -> list[Disagreement]:
    """Return every cell that two of the coders filled in differently, with its adjudication."""
    cells, shared = _shared_cells(review, coders)
    settled = {(a.study_id, a.variable): a for a in review.adjudications}
    found = []
    for study_id in sorted(shared):
        coded = {name: c[study_id] for name, c in cells.items() if study_id in c}
        for name in variables:
            variable = review.codebook[name]
            values = {coder: c.value(name) for coder, c in coded.items()}
            different = {comparable(variable, v) for v in values.values()}
            if len(different) < 2:
                continue
            done = settled.get((study_id, name))
            found.append(
                Disagreement(
                    study_id,
                    name,
                    {coder: cell_text(v) for coder, v in values.items()},
                    "missing" if len(different - {None}) < 2 else "value",
                    settled=done is not None,
                    consensus=(done.consensus or "") if done else "",
                    reason=(done.reason or "") if done else "",
                )
            )
    return found
