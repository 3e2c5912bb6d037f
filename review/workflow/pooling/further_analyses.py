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
    from collections.abc import Callable, Iterable, Mapping

    from review.stats.pooling.meta_result import MetaResult
    from review.workflow.pooling.pooled_rows import MetaInput

SEED: Final = 20220413
SUBSETS: Final = 20_000  # of GOSH when there are more than 14 studies
ALL: Final = "all"
CUMULATIVE: Final = "cumulative"
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
    """One analysis: a row of the table that command line, help, text, JSON and figures read.

    Attributes:
        about: one line for the help.
        target: name of the public function, called with the model; or a function.
        given: its further arguments, from the model and the settings.
        most: studies from which on it would take too long.
        null: whether it is about the hypothesis that the effect is 0.
        points: whether it is coordinates, which a text need not list.
    """

    about: str
    target: str | Callable[..., Any]
    given: Callable[[MetaResult, Setting], Mapping[str, Any]] = lambda _result, _setting: {}
    most: int = 10_000_000
    null: bool = False
    points: bool = False

    def compute(self, result: MetaResult, setting: Setting) -> Any:
        """Return the record that the function gives, with `summary()` and `to_dict()`."""
        import review

        target = getattr(review, self.target) if isinstance(self.target, str) else self.target
        return target(result, **self.given(result, setting))


def _seeded(_: MetaResult, setting: Setting) -> dict[str, Any]:
    return {"seed": setting.seed}


def _subsets(result: MetaResult, setting: Setting) -> dict[str, Any]:
    return {"subsets": None if result.k <= 14 else SUBSETS, "seed": setting.seed}


def _favoured_side(result: MetaResult, _: Setting) -> dict[str, Any]:
    """Journals favour effects in the direction that most studies found."""
    return {"alternative": "less" if (result.yi / result.vi).sum() < 0 else "greater"}


def _always(**given: Any) -> Callable[[MetaResult, Setting], dict[str, Any]]:
    return lambda _result, _setting: given


def _medians(result: MetaResult) -> Any:
    from review.stats.pooling.pooled_medians import pool_medians

    if result.measure not in {"MED", "MEDD"}:
        raise StatsError("it pools medians as such, which are the measures MED and MEDD")
    return pool_medians(result.yi, result.ni)


ANALYSES: Final = {
    "leave-one-out": Analysis("the model without each study", "leave_one_out", most=2_000),
    CUMULATIVE: Analysis(
        "studies added one by one (--order)", "cumulative", lambda _, s: {"order": s.order},
        most=2_000,
    ),
    "influence": Analysis("case-deletion statistics", "influence", most=2_000),
    "baujat": Analysis("heterogeneity against influence", "baujat", most=2_000),
    "radial": Analysis("Galbraith's radial plot", "radial", points=True),
    "qq": Analysis(
        "normal quantiles of the residuals", "qq_points", _seeded, most=2_000, points=True
    ),
    "profile": Analysis("profile likelihood of tau2", "profile_tau2", points=True),
    "blup": Analysis("predicted true effects of the studies", "blup"),
    "gosh": Analysis("all subsets of the studies", "gosh", _subsets, most=500),
    "multiverse": Analysis(
        "all combinations of estimator, test and studies left out", "multiverse",
        lambda _, s: {"flags": s.flags}, null=True,
    ),
    "permutation": Analysis(
        "permutation test", "permutation_test", _seeded, most=5_000, null=True
    ),
    "vif": Analysis("variance inflation of moderators", "vif"),
    "egger": Analysis("regression test of asymmetry, random-effects form", "regression_test"),
    "egger-lm": Analysis(
        "regression test of asymmetry, classical form", "regression_test", _always(model="lm")
    ),
    "begg": Analysis("rank correlation test of asymmetry", "rank_test"),
    "trim-fill": Analysis("trim and fill", "trim_and_fill", most=5_000),
    "fsn": Analysis(
        "fail-safe N, Rosenthal", "fail_safe_n", _always(type="Rosenthal"), null=True
    ),
    "fsn-orwin": Analysis("fail-safe N, Orwin", "fail_safe_n", _always(type="Orwin"), null=True),
    "fsn-rosenberg": Analysis(
        "fail-safe N, Rosenberg", "fail_safe_n", _always(type="Rosenberg"), null=True
    ),
    "tes": Analysis("test of excess significance", "excess_significance", null=True),
    "pet-peese": Analysis("PET, PEESE and both", "pet_peese"),
    "p-curve": Analysis("p-curve", "p_curve", null=True),
    "limit": Analysis("limit meta-analysis", "limit_meta"),
    "medians": Analysis("weighted median of the studies' medians (MED, MEDD)", _medians),
    "selection": Analysis(
        "three-parameter selection model", "selection_model", _favoured_side, most=5_000, null=True
    ),
}  # fmt: skip
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
