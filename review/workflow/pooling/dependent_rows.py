"""Rows of which several belong to one study: found, said, and pooled as what they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, UnknownNameError
from review.stats.multilevel.che import RHO
from review.stats.pooling.meta_analysis import INDEPENDENT

if TYPE_CHECKING:
    from review.stats.multilevel.che import CHEResult
    from review.workflow.pooling.pooled_rows import MetaInput

MODELS: Final = ("uni", "mv")
STUDY: Final = "study_id"  # column of a review's results
COLUMNS: Final = ("study_id", "study", "studyid", "trial", "paper", "article")


@dataclass(frozen=True)
class Clusters:
    """Which rows belong to one study.

    Attributes:
        column: that says so. values: one per row. rho: assumed correlation of sampling errors.
        asked: whether the caller named the column or the model.
    """

    column: str
    values: list[Any]
    rho: float
    asked: bool


def find_clusters(
    rows: MetaInput, model: str | None, cluster: str | None, rho: float | None
) -> tuple[Clusters | None, list[str]]:
    """Decide whether rows are pooled by study, and say so.

    Args:
        rows: the rows.
        model: "mv" for yes, "uni" for no; by default yes where a column is named, and where several
            results of a review belong to one study.
        cluster: column that names the study of each row.
        rho: assumed correlation of the sampling errors of a study.

    Returns:
        The clusters, or None for one effect per study; and notes for the reader.

    Raises:
        UnknownNameError: no such model or column. InputError: the options contradict each other,
            or no column repeats a value.
    """
    if model is not None and model not in MODELS:
        raise UnknownNameError("model", model, MODELS)
    if model == "uni":
        if cluster is not None or rho is not None:
            raise InputError("--cluster and --rho are about --model mv, not about --model uni")
        return None, []
    from_review = rows.outcome != "" and STUDY in rows.data
    if cluster is not None:
        if cluster not in rows.data:
            raise UnknownNameError("column", cluster, list(rows.data), where="with the studies")
        column: str | None = cluster
    elif from_review:
        column = STUDY if _repeated(rows.data[STUDY]) else None
    else:
        column = next((c for c in _likely(rows) if _repeated(rows.data[c])), None)
        if column is not None and model is None:
            told = any(INDEPENDENT in note for note in rows.notes)  # the labels say it already
            return None, [] if told else [_proposal(rows, column)]
    if column is None:
        if model == "mv":
            raise InputError(
                "--model mv is about rows that share a study, and no column says which do; name it "
                f"with --cluster (columns: {', '.join(rows.data)})"
            )
        if rho is not None:
            raise InputError("--rho is about rows that share a study: name their column, --cluster")
        return None, []
    chosen = RHO if rho is None else rho
    if not 0 <= chosen < 1:
        raise InputError(f"--rho must be from 0 to below 1, not {chosen:g}")
    found = Clusters(column, rows.data[column], chosen, model is not None or cluster is not None)
    return found, [] if found.asked else [_used(found)]


def _likely(rows: MetaInput) -> list[str]:
    folded = {c.casefold(): c for c in rows.data}
    return [folded[c] for c in COLUMNS if c in folded]


def _repeated(values: list[Any]) -> bool:
    stated = [v for v in values if v is not None and v == v]  # noqa: PLR0124  NaN
    return 1 < len(set(stated)) < len(stated)


def _proposal(rows: MetaInput, column: str) -> str:
    values = rows.data[column]
    return (
        f"{len(values)} rows have {len(set(values))} different values of {column!r}: if these are "
        f"studies, their results depend on each other, and --cluster {column} takes that into "
        "account"
    )


def _used(found: Clusters) -> str:
    values = found.values
    return (
        f"{len(values)} results come from {len(set(values))} studies: they are pooled by study "
        f"(correlated and hierarchical effects, rho = {found.rho:g} assumed, cluster-robust); "
        "--model uni treats them as independent"
    )


def fit_clusters(
    source: dict[str, Any], found: Clusters, mods: str | None, data: dict[str, Any], level: float
) -> CHEResult:
    """Fit the correlated and hierarchical effects model.

    Args:
        source: effects and variances as for `meta_analysis`.
        found: the clusters.
        mods: a formula, or None.
        data: columns of the rows, for moderators.
        level: of all intervals, per cent.
    """
    from review.stats.multilevel.che import che_model

    arguments = {n: source[n] for n in ("yi", "vi", "sei", "slab", "measure", "ni") if n in source}
    columns = {**data, **source.get("data", {}), found.column: found.values}
    return che_model(
        **arguments, mods=mods, data=columns, cluster=found.column, rho=found.rho, level=level
    )
