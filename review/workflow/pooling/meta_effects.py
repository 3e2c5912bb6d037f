"""From the rows of a meta-analysis to effects and variances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.errors import InputError

if TYPE_CHECKING:
    from review.stats.effects import EffectSizes
    from review.workflow.pooling.pooled_rows import MetaInput

WITHOUT: Final = ("all", "approximate")


def effects_of(
    rows: MetaInput, options: dict[str, Any], without: str | None
) -> tuple[EffectSizes | None, dict[str, Any]]:
    """Return the effect sizes, when they are computed, and the arguments that name the effects.

    Args:
        rows: the numbers.
        options: further arguments of `review.effect_size`.
        without: "all" leaves out rows that rest on a conversion, "approximate" those whose
            conversion depends on an assumption; None for none.

    Raises:
        InputError: an option has no meaning here, or nothing is left.
    """
    numbers = {name: np.asarray(column, dtype=float) for name, column in rows.columns.items()}
    given = numbers.keys() <= {"yi", "vi", "sei", "ni"}
    if given and rows.measure is None:
        if without is not None:
            raise InputError("no row is converted: effects and variances are given (yi)")
        if options:
            raise InputError(
                f"{', '.join(options)}: effects are given (yi), so there is nothing to compute; "
                "this option is about raw numbers"
            )
        spread = "vi" if "vi" in numbers else "sei"
        flat = numbers[spread] == 0  # such a study would have all the weight
        if flat.any() and not flat.all():
            numbers["yi"] = np.where(flat, np.nan, numbers["yi"])
        named = rows.names.get(spread, spread)  # the name of the column may tell what it holds
        source: dict[str, Any] = {
            "yi": numbers["yi"], spread: named, "data": {named: numbers[spread]},
            "measure": rows.measure, "ni": numbers.get("ni"), "slab": rows.labels,
        }  # fmt: skip
        return None, source
    from review.stats.effects import effect_size

    if given and options:
        raise InputError(
            f"{', '.join(options)}: effects are given (yi), so there is nothing to compute; "
            "this option is about raw numbers"
        )
    _check_options(rows, options)
    arguments: dict[str, Any] = {**numbers, **options, "slab": rows.labels}
    effects = _without(effect_size(rows.measure or "", **arguments), without)
    return effects, {"yi": effects}


def _check_options(rows: MetaInput, options: dict[str, Any]) -> None:
    """Refuse options about numbers that no row has.

    Raises:
        InputError: the option is named.
    """
    from review.stats.effects.median_routes import quantile_names
    from review.stats.effects.wald import ROUTES

    columns = rows.columns.keys()
    quantiles = {n for end in ("i", "1i", "2i") for n in quantile_names(end)[:-1]}
    wrong = [name for name in ("medians", "skewed") if name in options]
    if wrong and not quantiles & columns:
        names = " and ".join(f"--{name}" for name in wrong)
        raise InputError(
            f"{names}: about means that are made from medians, and there are no columns with "
            "medians (median1i, q1_1i, q3_1i, ...)"
        )
    estimates = any(set(route.needs) <= columns for route in ROUTES)
    if "prefer" in options and not estimates:
        raise InputError(
            "--prefer: about rows that have an estimate beside raw numbers, and there are no "
            "columns with estimates (est with se, ci_lb and ci_ub, or pval)"
        )


def _without(effects: EffectSizes, without: str | None) -> EffectSizes:
    """Leave out the rows that rest on a conversion, when that is asked for."""
    if without is None:
        return effects
    from review.stats.pooling.meta_rows import choose

    approximate = choose("choice", without, WITHOUT) == "approximate"
    kept = effects.without_converted(only_approximate=approximate)
    if kept.k == 0:
        rows = len({c.row for c in effects.conversions})
        hint = "" if approximate else (
            "; --without-approximate leaves out only those that depend on an assumption"
        )  # fmt: skip
        raise InputError(f"all {rows} usable rows were converted: nothing is left to pool{hint}")
    return kept
