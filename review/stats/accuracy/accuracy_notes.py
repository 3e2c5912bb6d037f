"""What a reader must know about an accuracy meta-analysis beside its numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from review.stats.accuracy.accuracy_data import AccuracyData
    from review.stats.accuracy.accuracy_result import AccuracyResult
    from review.stats.accuracy.bivariate_normal import CovarianceFit
    from review.stats.accuracy.study_blocks import StudyBlocks

FEW: Final = 5  # studies below which five parameters say little


def notes_of(
    rows: AccuracyData, found: CovarianceFit, blocks: StudyBlocks, method: str, nodes: int
) -> tuple[str, ...]:
    """Return the notes of a fit."""
    exact = method == "exact"
    notes = [*rows.notes]
    if rows.correction and not exact:
        notes.append(rows.correction)
    if exact and nodes == 1:
        notes.append(
            "the likelihood is Laplace's approximation; nodes=15 integrates more precisely"
        )
    if not blocks.single:
        notes.append(
            f"{rows.k} rows come from {blocks.C} studies; rows of a study share its random effects"
        )
    if found.maxima > 1:
        notes.append(f"the likelihood has {found.maxima} maxima; the highest is reported")
    both = int(rows.on.all(0).sum())
    if both < FEW:
        notes.append(
            f"{both} {'row has' if both == 1 else 'rows have'} both shares: the five parameters of "
            "the model are hardly known, and intervals are too narrow"
        )
    return (*notes, *_singular(found))


def _singular(found: CovarianceFit) -> list[str]:
    if not found.singular:
        return []
    if found.psi[0] > 0 and found.psi[2] > 0:
        return [
            (
                "the correlation of the logits of sensitivity and false-positive rate is "
                f"estimated as {found.rho:g}, the edge of its range: the data do not tell it"
            )
        ]
    shares = zip(("sensitivities", "specificities"), found.psi[[0, 2]], strict=True)
    zero = [name for name, x in shares if x == 0]
    return [
        (
            f"the variance between studies of {' and of '.join(zero)} is estimated as 0: they "
            "differ no more than by chance, and there is no correlation to estimate"
        )
    ]


def with_fallback(result: AccuracyResult, simple: AccuracyResult) -> AccuracyResult:
    """Add the two univariate models, which do not need the correlation (Takwoingi et al. 2017)."""
    notes = result.notes
    if result.intercept_only:
        sens, spec = (
            f"{name} {x[0]:.4f} ({x[1]:.4f} to {x[2]:.4f})"
            for name, x in (("sensitivity", simple.sens), ("specificity", simple.spec))
        )
        notes = (*notes, f"two univariate models (correlation 0) give {sens}, {spec}")
    return replace(result, fallback=simple, notes=notes)
