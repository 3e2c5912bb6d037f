"""The rows of a forest plot in which the effects of a study stand below its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.stats.multilevel.che import CHEResult
from review.stats.multilevel.row_values import clusters_of
from review.stats.presentation.forest_rows import ForestRow, study_rows, total_rows

if TYPE_CHECKING:
    from typing import Any

    from review.stats.multilevel.mv_result import MVResult
    from review.stats.presentation.effect_display import Transf


def clustered_rows(
    result: MVResult | CHEResult, transf: Transf = None, *, cluster: Any = None
) -> tuple[ForestRow, ...]:
    """Return the rows of a forest plot: each study with its effects, then the summary.

    Args:
        result: a multilevel model; with moderators there is no total.
        transf: brings effects back to the scale of the outcome; the measure's own by default.
        cluster: what stands together: a column name or one value per row; by default the studies
            of the model.

    Returns:
        For a study with several effects a heading and its effects; for others one row.

    Example:
        >>> from review.stats.multilevel.che import che_model
        >>> fit = che_model([0.1, 0.3, 0.8], [0.02, 0.03, 0.04], cluster=["a", "a", "b"])
        >>> [(row.kind, row.label) for row in clustered_rows(fit)][:4]
        [('heading', 'a'), ('study', '1'), ('study', '2'), ('study', '3')]
    """
    if isinstance(result, CHEResult) and cluster is None:
        names, number = result.clusters, result.number
    else:
        names, number = clusters_of(
            result.model if isinstance(result, CHEResult) else result, cluster
        )
    rows = study_rows(result, transf)
    by_cluster: dict[int, list[ForestRow]] = {}
    for row, j in zip(rows, number.tolist(), strict=True):
        by_cluster.setdefault(j, []).append(row)
    out: list[ForestRow] = []
    for j, mine in by_cluster.items():
        if len(mine) == 1:
            out += mine
            continue
        out.append(ForestRow("heading", names[j], group=names[j]))
        out += [ForestRow(**{**vars(row), "group": names[j]}) for row in mine]
    return (*out, *total_rows(result, transf))
