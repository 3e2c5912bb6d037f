"""Runs a Bayesian meta-analysis on prepared rows and keeps everything that belongs to it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import ReviewWarning
from review.words import level_name
from review.workflow.pooling.dependent_rows import find_clusters
from review.workflow.pooling.meta_effects import effects_of
from review.workflow.pooling.meta_text import left_out_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.bayes.bayes_result import BayesResult
    from review.stats.bayes.prior_sensitivity import PriorSensitivity
    from review.stats.bayes.shrinkage_rows import ShrinkageRow
    from review.stats.effects import EffectSizes
    from review.workflow.pooling.dependent_rows import Clusters
    from review.workflow.pooling.pooled_rows import MetaInput

MOST_ROWS = 200


@dataclass(frozen=True)
class BayesRun:
    """A Bayesian meta-analysis with what belongs to it.

    Attributes:
        rows: what went in.
        result: the model over all rows, or over one effect per study.
        effects: how raw numbers became effects, or None when effects were given.
        priors: the model under other priors of tau.
        links: address of the source per row of the model's input, or none.
        left_out: (label, reason) of every row not used. notes: remarks for the reader.
    """

    rows: MetaInput
    result: BayesResult
    effects: EffectSizes | None
    priors: PriorSensitivity
    links: list[str | None] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @cached_property
    def forest(self) -> tuple[ShrinkageRow, ...]:
        """The rows of the forest plot, which the table and the files share."""
        from review.stats.bayes.shrinkage_rows import shrinkage_rows

        return shrinkage_rows(self.result)

    @property
    def table(self) -> list[dict[str, Any]]:
        """The rows of the forest plot as dictionaries."""
        return [row.to_dict() for row in self.forest]

    def text(self) -> str:
        """Return table, summary, other priors and report text, in the scale of the outcome."""
        from review.stats.bayes.shrinkage_rows import shrinkage_table
        from review.stats.presentation.effect_display import shown_transf

        result = self.result
        transf = shown_transf(result)
        scale = None if transf == "identity" else transf
        shown = self.forest if result.k <= MOST_ROWS else self.forest[result.k :]
        parts = [
            self.rows.title,
            shrinkage_table(shown, level_name(result.level)),
            result.summary(scale),
            self.priors.summary() + ("" if scale is None else "\n(on the scale of the analysis)"),
            result.report_text(scale),
        ]
        if self.effects is not None and self.effects.conversions:
            lines = [f"  {c}" for c in self.effects.conversions[:MOST_ROWS]]
            parts.append("Converted:\n" + "\n".join(lines))
        if self.left_out:
            lines = [f"  {line}" for line in left_out_lines(self.left_out)]
            parts.append("Left out:\n" + "\n".join(lines))
        if others := [note for note in self.notes if note not in result.notes]:
            parts.append("Notes:\n" + "\n".join(f"  {note}" for note in others))
        return "\n\n".join(part.strip("\n") for part in parts) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return every number for JSON."""
        return {
            "title": self.rows.title,
            "source": self.rows.source,
            "effects": None if self.effects is None else dict(self.effects.settings),
            "result": self.result.to_dict(),
            "forest": self.table,
            "priors": self.priors.to_dict(),
            "left_out": [{"study": n, "reason": why} for n, why in self.left_out],
            "notes": self.notes,
        }


def run_bayes(
    rows: MetaInput,
    *,
    tau_prior: str | None = None,
    mu_prior: str | None = None,
    priors: Sequence[str] = (),
    interval: str = "central",
    level: float = 95,
    options: dict[str, Any] | None = None,
    without_converted: str | None = None,
    cluster: str | None = None,
    rho: float | None = None,
) -> BayesRun:
    """Compute effects, fit the model, and add what a report needs.

    Where several rows belong to a study (see `review.workflow.pooling.dependent_rows`), its effects
    are put together into one first, with an assumed correlation of their sampling errors.

    Args:
        rows: from `review.workflow.pooling.pooled_rows` or `csv_input`.
        tau_prior: see `review.bayes_meta`.
        mu_prior: the same way.
        priors: further priors of tau to compare; by default those of `review.prior_sensitivity`.
        interval: "central" or "shortest".
        level: of all intervals, per cent.
        options: further arguments of `review.effect_size`.
        without_converted: see `review.workflow.pooling.meta_run.run_meta`.
        cluster: column that names the study of each row.
        rho: assumed correlation of the sampling errors of a study.

    Raises:
        InputError, StatsError: see `review.bayes_meta`.
    """
    from review.stats.bayes.bayes_fit import bayes_meta
    from review.stats.pooling.meta_analysis import INDEPENDENT

    clusters, said = find_clusters(rows, None, cluster, rho)
    settings: dict[str, Any] = {
        "tau_prior": tau_prior, "mu_prior": mu_prior, "interval": interval, "level": level,
    }  # fmt: skip
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ReviewWarning)
        effects, source = effects_of(rows, options or {}, without_converted)
        left_out = list(rows.left_out)
        links = list(rows.links)
        own = rows.notes
        if clusters is not None:
            source, dropped, said = _one_per_study(source, clusters, rows.labels)
            left_out += dropped
            links, own = [], [note for note in own if INDEPENDENT not in note]
        named = {"y" if n == "yi" else "se" if n == "sei" else n: x for n, x in source.items()}
        result = bayes_meta(**named, **settings)
    left_out += [(o.slab, o.reason) for o in result.left_out]
    compared = result.sensitivity([result.tau_prior, *priors] if priors else None)
    notes = [
        *own,
        *said,
        *(str(w.message) for w in caught if issubclass(w.category, ReviewWarning)),
        *result.notes,
        *(effects.notes if effects else ()),
    ]
    return BayesRun(
        rows, result, effects, compared, links, list(dict.fromkeys(left_out)),
        list(dict.fromkeys(notes)),
    )  # fmt: skip


def _one_per_study(
    source: dict[str, Any], clusters: Clusters, labels: list[str]
) -> tuple[dict[str, Any], list[tuple[str, str]], list[str]]:
    """Put the effects of each study together; the rows that cannot be used, and what was done."""
    from review.stats.effects.effect_sizes import EffectSizes
    from review.stats.multilevel.aggregate import aggregate_effects

    effects, data = source["yi"], source.get("data", {})
    if isinstance(effects, EffectSizes):
        y, v, measure = effects.yi, effects.vi, effects.measure
        dropped = [(row.slab, row.reason) for row in effects.left_out]
    else:
        y, measure, dropped = effects, source["measure"], []
        v = data[source["vi"]] if "vi" in source else np.square(data[source["sei"]])
    used = np.flatnonzero(np.isfinite(y) & np.isfinite(v) & (v > 0))
    known = {name for name, _ in dropped}
    dropped += [
        (labels[i], "no effect or variance")
        for i in sorted(set(range(len(y))) - set(used.tolist())) if labels[i] not in known
    ]  # fmt: skip
    studies = [str(clusters.values[i]) for i in used.tolist()]
    found = aggregate_effects(y[used], v[used], studies, rho=clusters.rho)
    said = (
        f"{len(used)} results come from {len(found.clusters)} studies: those of a study were put "
        f"together into one effect, with sampling errors assumed to be correlated by "
        f"{clusters.rho:g}"
    )
    return (
        {"yi": found.yi, "vi": found.vi, "slab": list(found.clusters), "measure": measure},
        dropped,
        [said],
    )
