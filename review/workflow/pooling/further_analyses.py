"""Analyses beside the pooled effect: influence, refits, small-study effects, selection.

Each has a name for the command line; what it finds is kept with the run, as text, as numbers and,
where there is one, as a figure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from review.errors import InputError, StatsError, UnknownNameError
from review.stats.presentation.effect_display import ONE_GROUP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from review.stats.pooling.meta_result import MetaResult
    from review.workflow.pooling.pooled_rows import MetaInput

SEED: Final = 20220413
SUBSETS: Final = 20_000  # of GOSH when there are more than 14 studies
ALL: Final = "all"
RHO: Final = "rho"  # of results that share a study: other assumed correlations
# judgements of the tools that stand for a high risk of bias
HIGH: Final = frozenset({"high", "high risk", "high concern", "serious", "critical"})


@dataclass(frozen=True)
class Setting:
    """What an analysis may need beside the model.

    Attributes:
        order: what the cumulative analysis sorts by, one value per row of the input, or None.
        seed: of random numbers.
        flags: groups of rows that a reader might leave out: name -> one truth value per row of the
            input.
    """

    order: list[Any] | None = None
    seed: int = SEED
    flags: dict[str, list[bool]] = field(default_factory=dict)


@dataclass(frozen=True)
class Analysis:
    """One analysis.

    Attributes:
        about: one line for the help.
        compute: from the model to a record with `summary()` and `to_dict()`.
        most: studies from which on it would take too long.
        null: whether it is about the hypothesis that the effect is 0.
        points: whether it is coordinates, which a text need not list.
    """

    about: str
    compute: Callable[[MetaResult, Setting], Any]
    most: int = 10_000_000
    null: bool = False
    points: bool = False


def _leave_one_out(result: MetaResult, _: Setting) -> Any:
    from review.stats.influence import leave_one_out

    return leave_one_out(result)


def _cumulative(result: MetaResult, setting: Setting) -> Any:
    from review.stats.influence import cumulative

    return cumulative(result, setting.order)


def _influence(result: MetaResult, _: Setting) -> Any:
    from review.stats.influence import influence

    return influence(result)


def _baujat(result: MetaResult, _: Setting) -> Any:
    from review.stats.influence import baujat

    return baujat(result)


def _radial(result: MetaResult, _: Setting) -> Any:
    from review.stats.influence import radial

    return radial(result)


def _qq(result: MetaResult, setting: Setting) -> Any:
    from review.stats.influence import qq_points

    return qq_points(result, seed=setting.seed)


def _profile(result: MetaResult, _: Setting) -> Any:
    from review.stats.influence import profile_tau2

    return profile_tau2(result)


def _blup(result: MetaResult, _: Setting) -> Any:
    from review.stats.influence import blup

    return blup(result)


def _vif(result: MetaResult, _: Setting) -> Any:
    from review.stats.influence import vif

    return vif(result)


def _gosh(result: MetaResult, setting: Setting) -> Any:
    from review.stats.influence.gosh import gosh

    return gosh(result, None if result.k <= 14 else SUBSETS, seed=setting.seed)


def _multiverse(result: MetaResult, setting: Setting) -> Any:
    from review.stats.influence.multiverse import multiverse

    return multiverse(result, flags=setting.flags)


def _permutation(result: MetaResult, setting: Setting) -> Any:
    from review.stats.pooling.permutation import permutation_test

    return permutation_test(result, seed=setting.seed)


def _egger(result: MetaResult, _: Setting) -> Any:
    from review.stats.bias.regtest import regression_test

    return regression_test(result)


def _egger_lm(result: MetaResult, _: Setting) -> Any:
    from review.stats.bias.regtest import regression_test

    return regression_test(result, model="lm")


def _begg(result: MetaResult, _: Setting) -> Any:
    from review.stats.bias.ranktest import rank_test

    return rank_test(result)


def _trim_fill(result: MetaResult, _: Setting) -> Any:
    from review.stats.bias.trimfill import trim_and_fill

    return trim_and_fill(result)


def _fail_safe(kind: str) -> Callable[[MetaResult, Setting], Any]:
    def compute(result: MetaResult, _: Setting) -> Any:
        from review.stats.bias.fsn import fail_safe_n

        return fail_safe_n(result, type=kind)

    return compute


def _tes(result: MetaResult, _: Setting) -> Any:
    from review.stats.bias.tes import excess_significance

    return excess_significance(result)


def _pet_peese(result: MetaResult, _: Setting) -> Any:
    from review.stats.bias.pet_peese import pet_peese

    return pet_peese(result)


def _p_curve(result: MetaResult, _: Setting) -> Any:
    from review.stats.bias.p_curve import p_curve

    return p_curve(result)


def _limit(result: MetaResult, _: Setting) -> Any:
    from review.stats.bias.limit_meta import limit_meta

    return limit_meta(result)


def _selection(result: MetaResult, _: Setting) -> Any:
    from review.stats.bias.selection.selection_fit import selection_model

    # journals favour effects in the direction that most studies found
    side = "less" if (result.yi / result.vi).sum() < 0 else "greater"
    return selection_model(result, alternative=side)


def _medians(result: MetaResult, _: Setting) -> Any:
    from review.stats.pooling.pooled_medians import pool_medians

    if result.measure not in {"MED", "MEDD"}:
        raise StatsError("it pools medians as such, which are the measures MED and MEDD")
    return pool_medians(result.yi, result.ni)


ANALYSES: Final = {
    "leave-one-out": Analysis("the model without each study", _leave_one_out, most=2_000),
    "cumulative": Analysis("studies added one by one (--order)", _cumulative, most=2_000),
    "influence": Analysis("case-deletion statistics", _influence, most=2_000),
    "baujat": Analysis("heterogeneity against influence", _baujat, most=2_000),
    "radial": Analysis("Galbraith's radial plot", _radial, points=True),
    "qq": Analysis("normal quantiles of the residuals", _qq, most=2_000, points=True),
    "profile": Analysis("profile likelihood of tau2", _profile, points=True),
    "blup": Analysis("predicted true effects of the studies", _blup),
    "gosh": Analysis("all subsets of the studies", _gosh, most=500),
    "multiverse": Analysis(
        "all combinations of estimator, test and studies left out", _multiverse, null=True
    ),
    "permutation": Analysis("permutation test", _permutation, most=5_000, null=True),
    "vif": Analysis("variance inflation of moderators", _vif),
    "egger": Analysis("regression test of asymmetry, random-effects form", _egger),
    "egger-lm": Analysis("regression test of asymmetry, classical form", _egger_lm),
    "begg": Analysis("rank correlation test of asymmetry", _begg),
    "trim-fill": Analysis("trim and fill", _trim_fill, most=5_000),
    "fsn": Analysis("fail-safe N, Rosenthal", _fail_safe("Rosenthal"), null=True),
    "fsn-orwin": Analysis("fail-safe N, Orwin", _fail_safe("Orwin"), null=True),
    "fsn-rosenberg": Analysis("fail-safe N, Rosenberg", _fail_safe("Rosenberg"), null=True),
    "tes": Analysis("test of excess significance", _tes, null=True),
    "pet-peese": Analysis("PET, PEESE and both", _pet_peese),
    "p-curve": Analysis("p-curve", _p_curve, null=True),
    "limit": Analysis("limit meta-analysis", _limit),
    "medians": Analysis("weighted median of the studies' medians (MED, MEDD)", _medians),
    "selection": Analysis("three-parameter selection model", _selection, most=5_000, null=True),
}
# figures without numbers of their own
FIGURES: Final = ("drapery", "orchard", "labbe")


def also_text(name: str, found: Any) -> str:
    """Return what an analysis found as text; of mere coordinates the title."""
    return str(found.title if ANALYSES[name].points else found.summary())


def also_dict(found: Any) -> dict[str, Any]:
    """Return what an analysis found for JSON; of the subsets of GOSH their summary alone."""
    from review.stats.influence.gosh import GoshResult

    if not isinstance(found, GoshResult):
        return dict(found.to_dict())
    columns = found.to_frame().describe()
    return {
        "subsets": found.n, "exhaustive": found.exhaustive, "seed": found.seed,
        "summary": {str(name): columns[name].to_dict() for name in columns},
    }  # fmt: skip


def check_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names asked for, one by one or joined by commas, each once; `all` means all.

    Raises:
        UnknownNameError: there is no such analysis.

    Example:
        >>> check_names(["Egger,begg", "egger"])
        ('egger', 'begg')
    """
    every = (*ANALYSES, *FIGURES)
    known = (*every, RHO)
    asked = [part.strip().casefold().replace("_", "-") for n in names for part in n.split(",")]
    chosen: dict[str, None] = {}
    for name in filter(None, asked):
        if name != ALL and name not in known:
            raise UnknownNameError("analysis", name, [*known, ALL])
        chosen |= dict.fromkeys(every if name == ALL else (name,))
    return tuple(chosen)


def _at_risk(rows: MetaInput) -> dict[str, list[bool]]:
    """Groups of rows with a high risk of bias, by domain."""
    return {
        f"high risk of bias ({domain})": [
            str(getattr(x, "word", x) or "").strip().casefold() in HIGH for x in judgements
        ]
        for domain, judgements in rows.risk_of_bias.items()
    }


def compute(
    names: Iterable[str], result: MetaResult, rows: MetaInput, *, order: list[Any] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Run analyses on a model.

    Args:
        names: from `check_names`; figures without numbers are passed over.
        result: the model.
        rows: what it was fitted to.
        order: what the cumulative analysis sorts by, one value per row.

    Returns:
        What was found, by name, and a note on each analysis that the data do not allow.
    """
    found: dict[str, Any] = {}
    notes: list[str] = []
    setting = Setting(order, flags=_at_risk(rows))
    for name in names:
        if name == RHO:
            notes.append("rho: not computed: it is about results that share a study (--cluster)")
        analysis = ANALYSES.get(name)
        if analysis is None:
            continue
        if result.k > analysis.most:
            notes.append(f"{name}: not computed for more than {analysis.most:,} studies")
            continue
        try:
            found[name] = analysis.compute(result, setting)
        except (StatsError, InputError) as error:
            notes.append(f"{name}: not computed: {error.message}")
    null = [name for name in found if ANALYSES[name].null]
    if null and rows.measure in ONE_GROUP:
        notes.append(
            f"{', '.join(null)}: about the hypothesis of an effect of 0 on the scale of the "
            f"analysis, which says little of a {rows.measure} of single groups"
        )
    return found, notes
