"""Runs a meta-analysis on prepared rows and keeps everything that was computed together."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from review.errors import InputError, ReviewWarning, StatsError
from review.schema.metrics import POOLED, find_metric, spellings
from review.words import significant
from review.workflow.pooling.counts_offer import offer_counts
from review.workflow.pooling.dependent_rows import find_clusters, fit_clusters
from review.workflow.pooling.meta_effects import effects_of
from review.workflow.pooling.metric_names import named_measure
from review.workflow.pooling.pooled_rows import column_of, from_review
from review.workflow.pooling.reported import reported_results
from review.workflow.pooling.row_order import order_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.stats.bias.regtest import RegressionTest
    from review.stats.effects import EffectSizes
    from review.stats.multilevel.che import CHEResult, RhoSensitivity
    from review.stats.pooling.meta_result import MetaResult
    from review.stats.pooling.subgroups import SubgroupResult
    from review.stats.presentation.forest_rows import ForestRow
    from review.stats.rare_events.common_effect import CommonEffect
    from review.stats.rare_events.counts_result import CountsResult
    from review.workflow.pooling.dependent_rows import Clusters
    from review.workflow.pooling.pooled_rows import MetaInput

    Result: TypeAlias = MetaResult | CHEResult | CountsResult | CommonEffect

NOT_STATED: Final = "not stated"
FEWEST_FOR_EGGER: Final = 10  # Sterne et al. 2011, BMJ 343:d4002: fewer studies say next to nothing
FEWEST_FOR_REPORT: Final = 3
MOST_GROUPS: Final = 20


@dataclass(frozen=True)
class MetaRun:
    """A meta-analysis with what belongs to it.

    Attributes:
        rows: what went in.
        result: the model over all rows; with moderators the meta-regression; of rows that share
            studies the correlated and hierarchical effects model; or a model of counts.
        effects: how raw numbers became effects, or None when effects were given.
        subgroups: the analysis by subgroup, or None.
        egger: the regression test for funnel asymmetry; None for fewer than ten studies or with
            moderators.
        also: further analyses that were asked for, by name (see
            `review.workflow.pooling.further_analyses`).
        asked: their names, and those of figures without numbers of their own.
        left_out: (label, reason) of every row not used.
        notes: remarks for the reader.
        rhos: of rows that share studies, the model under other assumed correlations.
    """

    rows: MetaInput
    result: Result
    effects: EffectSizes | None = None
    subgroups: SubgroupResult | None = None
    egger: RegressionTest | None = None
    also: dict[str, Any] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rhos: RhoSensitivity | None = None

    @property
    def single(self) -> MetaResult:
        """The model of one effect per study.

        Raises:
            InputError: several rows share a study, or the model is one of counts.
        """
        from review.stats.pooling.meta_result import MetaResult

        if not isinstance(self.result, MetaResult):
            several = getattr(self.result, "clusters", None) is not None
            why = "several rows share a study" if several else "the counts themselves are modelled"
            raise InputError(f"{why}: this is about models of one effect per study")
        return self.result

    @cached_property
    def forest(self) -> tuple[ForestRow, ...]:
        """The rows of the forest plot, which the table and the files share."""
        from review.stats.multilevel.che import CHEResult
        from review.stats.presentation.forest_rows import forest_rows, subgroup_rows

        if isinstance(self.result, CHEResult):
            from review.stats.multilevel.mv_forest import clustered_rows

            return clustered_rows(self.result)
        if self.subgroups is None:
            return forest_rows(self.result)
        return subgroup_rows(list(self.subgroups.fits.items()), self.single)

    @cached_property
    def table(self) -> list[dict[str, Any]]:
        """The rows of the forest plot as dictionaries."""
        return [row.to_dict() for row in self.forest]

    def text(self) -> str:
        """Return table, summary and report text, in the scale of the outcome."""
        from review.workflow.pooling.meta_text import run_text

        return run_text(self)

    def to_dict(self) -> dict[str, Any]:
        """Return every number for JSON."""
        from review.workflow.pooling.further_analyses import also_dict

        return {
            "title": self.rows.title,
            "source": self.rows.source,
            "effects": None if self.effects is None else dict(self.effects.settings),
            "result": self.result.to_dict(),
            "forest": self.table,
            "subgroups": None if self.subgroups is None else self.subgroups.to_dict(),
            "egger": None if self.egger is None else self.egger.to_dict(),
            "rho": None if self.rhos is None else self.rhos.to_dict(),
            "also": {name: also_dict(found) for name, found in self.also.items()},
            "conversions": [
                c.to_dict() for c in (self.effects.conversions if self.effects else ())
            ],
            "left_out": [{"study": n, "reason": why} for n, why in self.left_out],
            "notes": self.notes,
        }


def run_meta(
    rows: MetaInput,
    *,
    by: str | None = None,
    mods: str | None = None,
    method: str = "REML",
    test: str | None = None,
    level: float = 95,
    tau2: str = "separate",
    also: Sequence[str] = (),
    order: str | None = None,
    weights: str | None = None,
    options: dict[str, Any] | None = None,
    without_converted: str | None = None,
    model: str | None = None,
    cluster: str | None = None,
    rho: float | None = None,
) -> MetaRun:
    """Compute effects, fit the model, and add what a report needs.

    Args:
        rows: from `review.workflow.pooling.pooled_rows` or `review.workflow.pooling.csv_input`.
        by: a column whose words form subgroups.
        mods: a formula of moderators, with or without `~`.
        method: estimator of tau2, see `review.meta_analysis`.
        test: of the coefficients, the same way.
        level: of all intervals, per cent.
        tau2: of subgroups: "separate" for each, or "pooled".
        also: names of further analyses, see `review.workflow.pooling.further_analyses`; one that
            the data do not allow is left out with a note.
        order: column by which the cumulative analysis adds studies.
        weights: column with weights for the estimates instead of the usual ones.
        options: further arguments of `review.effect_size` (add, to, drop00, vtype, scale, prefer,
            medians, skewed).
        without_converted: leave out rows whose effect rests on a conversion: "all" of them, or
            those that are "approximate".
        model: "uni" for one effect per study, "mv" for several; by default as the rows are, see
            `review.workflow.pooling.dependent_rows`.
        cluster: column that names the study of each row.
        rho: assumed correlation of the sampling errors of a study.

    Raises:
        InputError, StatsError: see `review.meta_analysis`.
    """
    from review.stats.multilevel.che import CHEResult
    from review.stats.pooling.meta_analysis import INDEPENDENT
    from review.stats.pooling.meta_rows import choose
    from review.stats.pooling.subgroups import TAU2
    from review.workflow.pooling.further_analyses import CUMULATIVE, RHO, check_names, compute

    if by and mods:
        raise InputError("subgroups (--by) and moderators (--mods) are two models: choose one")
    if not by and choose("tau2", tau2, TAU2) != "separate":
        raise InputError("a pooled tau2 is about subgroups: name their column (--by)")
    wanted = check_names(also)
    column = None
    if order is not None:
        column = order_values(order, column_of(rows, order, "to order studies by"))
        if CUMULATIVE not in wanted:
            raise InputError("--order is about the cumulative analysis: --also cumulative")
    clusters, said = find_clusters(rows, model, cluster, rho)
    if clusters is not None:
        others = tuple(name for name in wanted if name != RHO)  # shown with the model itself
        unsuited = {"by": by, "weights": weights, "also": others, "test": test}
        clusters, said = _settle(clusters, said, unsuited, method)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ReviewWarning)
        effects, source = effects_of(rows, options or {}, without_converted)
        settings: dict[str, Any] = {"method": method, "test": test, "level": level}
        if weights is not None:
            settings["weights"] = column_of(rows, weights, "with weights")
        result: MetaResult | CHEResult
        if clusters is None:
            result = _fit(rows, source, mods, settings)
        else:
            result = fit_clusters(source, clusters, mods_formula(mods), data_columns(rows), level)
        subgroups = None
        if by:
            groups = _groups(column_of(rows, by, "for subgroups"), by)
            subgroups = _subgroups(source, groups, by, tau2, settings)
        egger = None
        found: dict[str, Any] = {}
        undone: list[str] = []
        if not isinstance(result, CHEResult):
            egger = _egger(result)
            found, undone = compute(wanted, result, rows, order=column)
    rhos = result.sensitivity() if isinstance(result, CHEResult) else None
    left_out = [*rows.left_out, *((o.slab, o.reason) for o in result.left_out)]
    own = rows.notes  # those that hold for one effect per study
    if isinstance(result, CHEResult):
        own = [note for note in own if INDEPENDENT not in note]
    notes = [
        *own,
        *said,
        *(str(w.message) for w in caught if issubclass(w.category, ReviewWarning)),
        *result.notes,
    ]
    notes += offer_counts(rows) if effects is not None else []
    notes += [*(effects.notes if effects else ()), *(subgroups.notes if subgroups else ()), *undone]
    return MetaRun(
        rows, result, effects, subgroups, egger, found, wanted,
        list(dict.fromkeys(left_out)), list(dict.fromkeys(notes)), rhos,
    )  # fmt: skip


def _settle(
    clusters: Clusters, said: list[str], unsuited: dict[str, Any], method: str
) -> tuple[Clusters | None, list[str]]:
    """Refuse options that a model of several effects per study has no use for.

    Where that model was not asked for, they decide for one effect per study instead.
    """
    named = [f"--{name}" for name, value in unsuited.items() if value]
    named += ["--method"] if method != "REML" else []
    if not named:
        return clusters, said
    verb = "is" if len(named) == 1 else "are"
    if clusters.asked:
        raise InputError(
            f"{' and '.join(named)} {verb} about one effect per study, not about --model mv; "
            "subgroups can be compared with --mods 'factor(column)'"
        )
    studies = len(set(clusters.values))
    note = (
        f"{len(clusters.values)} results come from {studies} studies and are treated as "
        f"independent, because {' and '.join(named)} {verb} about one effect per study; "
        "--model mv pools them by study"
    )
    return None, [note]


def default_runs(review: Review) -> list[MetaRun]:
    """Return the meta-analyses that a report shows when nothing was asked for.

    One per metric of the results that has a measure and at least three usable results, by the
    review's modality or category where that makes subgroups of some size.

    Args:
        review: its `results.csv` is used; without one, what `studies.csv` states.
    """
    from review.stats.pooling.meta_result import MetaResult

    names = spellings(r.metric for r in reported_results(review) if r.metric)
    reported = {metric.name: name for name in names if (metric := find_metric(name))}
    group = review.settings.roles.modality or review.settings.roles.category
    runs = []
    named = sorted(n for n in names if find_metric(n) is None and named_measure(n))
    pooled = [reported[m.name] for m in POOLED if m.name in reported]
    for outcome in (*pooled, *named):
        try:
            rows = from_review(review, outcome)
            run = run_meta(rows)
            single = isinstance(run.result, MetaResult)  # subgroups are about these
            if group and single and _groups_of_some_size(run, group):
                run = run_meta(rows, by=group)
        except (InputError, StatsError):
            continue  # nothing usable: `review meta --outcome` says why
        if run.result.k >= FEWEST_FOR_REPORT:
            runs.append(run)
    return runs


def _groups_of_some_size(run: MetaRun, by: str) -> bool:
    """Tell whether a column makes two groups of three studies or more, and few single ones."""
    values = run.rows.data.get(by)
    if values is None:
        return False
    words = [word(values[i]) for i in run.result.ids.tolist()]
    sizes = Counter(words).values()
    return sum(n >= 3 for n in sizes) >= 2 and len(sizes) <= run.result.k // 2


def _fit(
    rows: MetaInput, source: dict[str, Any], mods: str | None, settings: dict[str, Any]
) -> MetaResult:
    from review.stats.pooling.meta_analysis import meta_analysis

    if mods is None:
        return meta_analysis(**source, **settings)
    data = data_columns(rows) | source.get("data", {})
    return meta_analysis(**source | {"data": data}, mods=mods_formula(mods), **settings)


def mods_formula(mods: str | None) -> str | None:
    """Return a formula of moderators with its `~`."""
    return mods if mods is None or mods.lstrip().startswith("~") else f"~ {mods}"


def data_columns(rows: MetaInput) -> dict[str, Any]:
    """Return the further columns of rows as a model takes them."""
    return {
        name: _array(values, declared=name in rows.categories) for name, values in rows.data.items()
    }


def _array(values: list[Any], *, declared: bool) -> Any:
    """Return a column for the model; one that is declared as categories stays categories."""
    if declared:
        import pandas as pd

        return pd.Categorical(values)
    numeric = all(isinstance(v, float | int) for v in values)
    return np.asarray(values, dtype=float if numeric else object)


def _groups(values: list[Any], by: str) -> list[str]:
    words = [word(v) for v in values]
    distinct, half = len(set(words)), len(words) // 2
    numbers = all(isinstance(v, float) for v in values)
    if distinct > (half if numbers else max(MOST_GROUPS, half)):
        raise InputError(
            f"{by!r} has {distinct} different values in {len(words)} rows; subgroups need words "
            "that studies share (a number is a moderator: --mods)"
        )
    return words


def _subgroups(
    source: dict[str, Any], groups: list[str], by: str, tau2: str, settings: dict[str, Any]
) -> SubgroupResult:
    from review.stats.pooling.subgroups import subgroup_analysis

    return replace(subgroup_analysis(**source, by=groups, tau2=tau2, **settings), by=by)


def word(value: Any) -> str:
    """Return a value as the name of a subgroup."""
    if value is None or (isinstance(value, float) and np.isnan(value)) or value == "":
        return NOT_STATED
    return significant(value) if isinstance(value, float) else str(value)


def _egger(result: MetaResult) -> RegressionTest | None:
    from review.stats.bias.regtest import regression_test

    if result.k < FEWEST_FOR_EGGER or not result.intercept_only:
        return None
    try:
        return regression_test(result)
    except StatsError:  # all standard errors are equal: there is no slope to test
        return None
