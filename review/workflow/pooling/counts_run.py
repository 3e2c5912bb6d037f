"""Meta-analyses of the counts themselves: GLMM, beta-binomial, Mantel-Haenszel, Peto."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError, ReviewWarning, UnknownNameError
from review.words import listed, plural
from review.workflow.pooling.counts_offer import MEASURES, NAMES, zero_cells

if TYPE_CHECKING:
    from review.stats.rare_events.common_effect import CommonEffect
    from review.stats.rare_events.counts_result import CountsResult
    from review.workflow.pooling.meta_run import MetaRun
    from review.workflow.pooling.pooled_rows import MetaInput

# shares of the positive, of the negative and of all cases: events of so many
SHARES: Final = ("ACC", "SENS", "SPEC")


def run_counts(
    rows: MetaInput,
    model: str,
    *,
    level: float = 95,
    mods: str | None = None,
    options: dict[str, Any] | None = None,
) -> MetaRun:
    """Pool counts by one of the models of counts, and keep what belongs to it.

    Args:
        rows: with the counts of the studies.
        model: which.
        level: of all intervals, per cent.
        mods: a formula of moderators, with or without `~`.
        options: further arguments of the model, those of
            `review.schema.meta_settings.COUNT_MODELS`.

    Raises:
        InputError: the rows hold no counts, or the model has no use for the measure.
        StatsError: see `review.glmm`, `review.beta_binomial`, `review.mantel_haenszel`,
            `review.peto`.
    """
    from review.workflow.pooling.meta_run import MetaRun, data_columns, mods_formula

    measure, counts, said = _counts(rows, model)
    said += _double_zeros(rows, model, measure)
    more = dict(options or {})
    if mods is not None:
        more |= {"mods": mods_formula(mods), "data": data_columns(rows)}
    arguments: dict[str, Any] = {**counts, "slab": rows.labels, "level": level, **more}
    result: CountsResult | CommonEffect
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ReviewWarning)
        result = _fit(model, measure, arguments)
    left_out = [*rows.left_out, *((o.slab, o.reason) for o in result.left_out)]
    notes = [*rows.notes, *said]
    notes += [str(w.message) for w in caught if issubclass(w.category, ReviewWarning)]
    notes += result.notes
    return MetaRun(
        rows if measure == rows.measure else replace(rows, measure=measure), result,
        left_out=list(dict.fromkeys(left_out)), notes=list(dict.fromkeys(notes)),
    )  # fmt: skip


def _fit(model: str, measure: str, arguments: dict[str, Any]) -> CountsResult | CommonEffect:
    from review.stats.rare_events.beta_binomial import beta_binomial
    from review.stats.rare_events.common_effect import CommonEffect
    from review.stats.rare_events.glmm import glmm
    from review.stats.rare_events.mantel_haenszel import mantel_haenszel
    from review.stats.rare_events.peto import peto

    if model == "glmm":
        names = {"variant": "model", "nodes": "nAGQ"}
        return glmm(measure, **{names.get(name, name): x for name, x in arguments.items()})
    if model == "betabin":
        return beta_binomial(measure, **arguments)
    if model == "mh":
        return CommonEffect(mantel_haenszel(measure, **arguments))
    return CommonEffect(peto(**arguments))


def _double_zeros(rows: MetaInput, model: str, measure: str) -> list[str]:
    """Say what studies without events do in a common-effect method; the other models say it."""
    _, empty, _ = zero_cells(rows)
    if model not in {"mh", "peto"} or not empty:
        return []
    does = "a difference of 0" if measure in {"RD", "IRD"} else "no weight"
    many = empty > 1
    note = (
        f"{plural(empty, 'double-zero study')} (no events in both groups): "
        f"{'they have' if many else 'it has'} {does} in {NAMES[model]}"
    )
    return [note]


def _counts(rows: MetaInput, model: str) -> tuple[str, dict[str, Any], list[str]]:
    """The measure, the columns with counts, and what is said about them."""
    from review.stats.effects.measure_registry import find_measure

    said = []
    measure = rows.measure
    if measure is None:
        raise InputError(
            f"--model {model} is about counts, and these rows hold effects; name the measure "
            f"(--measure {' or '.join(MEASURES[model])}) and the columns with the counts"
        )
    if measure in SHARES and "PLO" in MEASURES[model] and "xi" in rows.columns:
        said.append(f"{NAMES[model]} pools the counts behind {measure} as logit proportions (PLO)")
        measure = "PLO"
    if measure not in MEASURES[model]:
        raise UnknownNameError("measure", measure, MEASURES[model], where=f"of --model {model}")
    family = find_measure(measure).family
    known = [name for name in family.allowed if name in rows.columns]
    if not any(set(names) <= set(known) for names in family.alternatives):
        raise InputError(
            f"--model {model} needs counts: {family.needs}; these rows have "
            f"{', '.join(rows.columns)}"
        )
    other = [name for name in rows.columns if name not in known]
    if other:
        said.append(f"{listed(other)}: not used, {NAMES[model]} pools the counts alone")
    counts = {name: np.asarray(rows.columns[name], dtype=float) for name in known}
    return measure, counts, said
