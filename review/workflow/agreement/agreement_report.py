"""What a comparison of coders found, as rows for tables, files and the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from review.stats.agreement.category_agreement import Estimate
    from review.stats.agreement.number_agreement import BlandAltman

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
