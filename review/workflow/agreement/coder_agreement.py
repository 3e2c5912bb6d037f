"""Agreement of the coders of a review, variable by variable, and where they disagree."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, UnknownNameError
from review.project import Review, open_review
from review.schema.cell_types import cell_text
from review.schema.codebook import Variable, VariableType
from review.schema.missing_marks import missing_reason
from review.stats.agreement.category_agreement import SEED, Estimate
from review.workflow.agreement.agreement_report import (
    AgreementReport,
    Disagreement,
    VariableAgreement,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EMPTY: Final = "(not stated)"
_EMPTY_NOTE: Final = (
    "an empty cell means 'not stated': agreement on it is shown apart; the measures of cells "
    "count it as a category of its own"
)


def agreement(
    review: Review | str | Path | None,
    coders: Sequence[str] | None = None,
    variables: Sequence[str] | None = None,
    *,
    n_boot: int = 1000,
    seed: int = SEED,
) -> AgreementReport:
    """Compare the coders of a review on the studies that two or more of them coded.

    Args:
        review: the review, its folder or name; a filtered view compares its studies only.
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
        >>> found = agreement("kim2022", variables=["backbone"], n_boot=0)
        >>> round(found.variables[0].measures["kappa_cells"].value, 2)
        0.94
    """
    review = review if isinstance(review, Review) else open_review(review)
    chosen = choose_coders(review, coders)
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


def choose_coders(review: Review, coders: Sequence[str] | None) -> list[str]:
    """Return the named coders, or all of the review.

    Raises:
        UnknownNameError: there is no such coder.
        InputError: fewer than two are named, or one twice.
    """
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


def reading(variable: Variable, value: Any, text: str) -> Any:
    """Return what the reading of a coder is compared by: None where the question is open.

    Args:
        variable: of the cell.
        value: of the cell, as it was parsed.
        text: of the cell; marks such as NR and n.r. say the same, NR and NA do not.

    Example:
        >>> book = Variable(name="n", type="integer")
        >>> reading(book, None, "NR") == reading(book, None, "n.r."), reading(book, None, "")
        (True, None)
    """
    if value is None and text:
        return ("missing", missing_reason(text))
    return comparable(variable, value)


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
        from review.stats.agreement.number_agreement import bland_altman

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
    from review.stats.agreement.category_agreement import (
        fleiss_kappa,
        gwet_ac,
        light_kappa,
        percent_agreement,
    )
    from review.stats.agreement.krippendorff_alpha import krippendorff_alpha
    from review.stats.agreement.number_agreement import icc

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
    """Return every cell that two of the coders read differently, with its adjudication.

    A mark such as NR is a reading, an empty cell an open question: until all have answered there
    is nothing to settle, and nobody sees what the others answered.
    """
    cells, shared = _shared_cells(review, coders)
    written = {
        name: {
            r.cells["study_id"].strip(): r.cells for r in review.table(f"codings/{name}.csv").rows
        }
        for name in cells
        if review.codings_of_files
    }
    settled = {(a.study_id, a.variable): a for a in review.adjudications}
    found = []
    for study_id in sorted(shared):
        coded = {name: c[study_id] for name, c in cells.items() if study_id in c}
        for name in variables:
            variable = review.codebook[name]
            values = {coder: c.value(name) for coder, c in coded.items()}
            texts = {
                coder: cell_text(v)
                or written.get(coder, {}).get(study_id, {}).get(name, "").strip()
                for coder, v in values.items()
            }
            done = settled.get((study_id, name))
            read = {reading(variable, values[coder], text) for coder, text in texts.items()}
            if len(read) < 2 or (done is None and not all(texts.values())):
                continue
            different = {comparable(variable, v) for v in values.values()}
            found.append(
                Disagreement(
                    study_id,
                    name,
                    texts,
                    "missing" if len(different - {None}) < 2 else "value",
                    settled=done is not None,
                    consensus=(done.consensus or "") if done else "",
                    reason=(done.reason or "") if done else "",
                )
            )
    return found
