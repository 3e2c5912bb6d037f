"""Runs the meta-analysis that settings describe: those of the command line and of `[[meta]]`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from review.errors import InputError, ReviewError
from review.schema.meta_settings import COUNT_MODELS, KINDS, NamedMeta
from review.words import listed
from review.workflow.pooling.accuracy_input import AccuracyInput
from review.workflow.pooling.accuracy_run import run_accuracy
from review.workflow.pooling.bayes_run import run_bayes
from review.workflow.pooling.counts_run import run_counts
from review.workflow.pooling.meta_run import run_meta
from review.workflow.pooling.network_input import NetworkInput
from review.workflow.pooling.pooled_rows import MetaInput, beside_forest, column_of, from_review
from review.workflow.pooling.row_order import order_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.project import Review
    from review.schema.meta_settings import MetaSettings
    from review.workflow.pooling.accuracy_run import AccuracyRun
    from review.workflow.pooling.bayes_run import BayesRun
    from review.workflow.pooling.meta_run import MetaRun
    from review.workflow.pooling.network_run import NetworkRun

    AnyRun = MetaRun | BayesRun | AccuracyRun | NetworkRun

Rows = TypeVar("Rows", MetaInput, AccuracyInput)
Titled = TypeVar("Titled", MetaInput, AccuracyInput, NetworkInput)
LABEL: Final = "label"
# attributes with one value per row, of either kind of input
_PER_ROW: Final = (
    "columns", "labels", "data", "links", "shown", "risk_of_bias", "study", "test",
)  # fmt: skip


def run_settings(review: Review, settings: MetaSettings) -> AnyRun:
    """Run a meta-analysis of a review.

    Args:
        review: its results or studies are pooled, those of its own filter and of the settings'.
        settings: what is pooled, and how.

    Raises:
        InputError, StatsError: the settings do not fit the data; see `review.meta_analysis`,
            `review.diagnostic_meta` and `review.network_meta`.
    """
    view = review.where(settings.where)
    if settings.is_network:
        return pool_network(_named(_network_rows(view, settings), settings, review), settings)
    if settings.is_accuracy:
        return pool_accuracy(_named(_accuracy_rows(view, settings), settings, review), settings)
    return pool(_named(_effect_rows(view, settings), settings, review), settings)


def named_settings(review: Review, name: str) -> NamedMeta:
    """Return a `[[meta]]` table of a review.

    Raises:
        UnknownNameError: there is none of that name.
    """
    from review.errors import UnknownNameError

    for settings in review.settings.meta:
        if settings.name.casefold() == name.casefold():
            return settings
    known = [s.name for s in review.settings.meta]
    raise UnknownNameError("analysis", name, known, where=f"in review.toml of {review.name}")


def run_named(review: Review, settings: NamedMeta) -> AnyRun | ReviewError:
    """Run a `[[meta]]` table; what its data do not allow is returned as the reason."""
    from review.errors import StatsError

    try:
        return run_settings(review, settings)
    except (InputError, StatsError) as error:
        return error


def _effect_rows(review: Review, settings: MetaSettings) -> MetaInput:
    from review.workflow.pooling.reported import reported_results
    from review.workflow.pooling.study_rows import from_studies

    if settings.of_studies:
        if settings.outcome or settings.role:
            raise InputError(
                "--outcome and --role are about results; of studies.csv columns are named "
                "(--column, --yi, ...)"
            )
        return from_studies(review, measure=settings.measure_code, columns=settings.columns)
    if settings.columns:
        raise InputError("--column names variables of studies.csv (--rows studies)")
    if settings.outcome is None:
        metrics = sorted({r.metric for r in reported_results(review) if r.metric})
        known = f"{review.name} has {', '.join(metrics)}" if metrics else "it has no results.csv"
        raise InputError(
            f"which outcome? name it with --outcome ({known}), name columns of studies.csv with "
            "--column, keep analyses as [[meta]] in review.toml, or give --csv FILE"
        )
    role = settings.role or "headline"
    return from_review(
        review,
        settings.outcome,
        measure=settings.measure_code,
        role=None if role == "all" else role,
    )


def _accuracy_rows(review: Review, settings: MetaSettings) -> AccuracyInput:
    from review.workflow.pooling.accuracy_input import from_review_results
    from review.workflow.pooling.study_rows import accuracy_of_studies, states_tables

    if settings.of_studies or (settings.rows is None and states_tables(review)):
        if settings.role:
            raise InputError("--role is about results, not about the columns of studies.csv")
        return accuracy_of_studies(review, columns=settings.columns, by=settings.by)
    role = settings.role or "headline"
    return from_review_results(review, role=None if role == "all" else role, by=settings.by)


def _network_rows(review: Review, settings: MetaSettings) -> NetworkInput:
    from review.workflow.pooling.network_results import network_of_results
    from review.workflow.pooling.reported import reported_results

    if settings.of_studies:
        raise InputError(
            "a network of a review is made of its results: name their --outcome; comparisons and "
            "arms are read from a file (--csv FILE)"
        )
    if settings.outcome is None:
        metrics = sorted({r.metric for r in reported_results(review) if r.metric})
        known = f"{review.name} has {', '.join(metrics)}" if metrics else "it has no results"
        raise InputError(f"which outcome? name it with --outcome ({known}), or give --csv FILE")
    given = settings.given()
    role = settings.role or "comparison"
    return network_of_results(
        review, settings.outcome, role=None if role == "all" else role, measure=settings.measure,
        by=settings.by, rho=settings.rho,
        options={name: given[name] for name in ("add", "drop00") if name in given},
    )  # fmt: skip


def _named(rows: Titled, settings: MetaSettings, review: Review) -> Titled:
    """Give rows the title and the remarks of a `[[meta]]` table."""
    if isinstance(settings, NamedMeta):
        said: tuple[str, ...] = settings.notes
        return replace(
            rows,
            title=f"{review.settings.title}: {settings.title_text}",
            notes=[*rows.notes, *said],
            name=settings.name,
            heading=settings.title_text,
        )
    return rows


def pool(rows: MetaInput, settings: MetaSettings) -> MetaRun | BayesRun:
    """Pool rows of one effect each as settings say.

    Args:
        rows: from a review or a file.
        settings: how.

    Raises:
        InputError, StatsError: see `review.meta_analysis`.
    """
    refuse_misplaced(settings)
    without = "approximate" if settings.without_approximate else None
    without = "all" if settings.without_converted else without
    names = ("add", "to", "drop00", "scale", "prefer", "medians", "skewed")
    given = settings.given()
    rows = _sorted(rows, settings.sort)
    options = {name: given[name] for name in names if name in given}
    if settings.is_bayes:
        return run_bayes(
            rows, tau_prior=settings.tau_prior, mu_prior=settings.mu_prior,
            priors=settings.compare_priors or (), interval=settings.interval or "central",
            level=95 if settings.level is None else settings.level, options=options,
            without_converted=without, cluster=settings.cluster, rho=settings.rho,
        )  # fmt: skip
    rows = beside_forest(rows, settings.show or (), settings.risk_of_bias or ())
    rows = replace(rows, favours=settings.favours or ())
    if settings.model in COUNT_MODELS:
        taken = [name for name in COUNT_MODELS[settings.model] if name != "mods"]
        return run_counts(
            rows, settings.model, level=95 if settings.level is None else settings.level,
            mods=settings.mods, options={name: given[name] for name in taken if name in given},
        )  # fmt: skip
    return run_meta(
        rows,
        by=settings.by, mods=settings.mods, method=settings.method or "REML", test=settings.test,
        level=95 if settings.level is None else settings.level, tau2=settings.tau2 or "separate",
        also=settings.also or (), order=settings.order, weights=settings.weights,
        options=options, without_converted=without, model=settings.model, cluster=settings.cluster,
        rho=settings.rho,
    )  # fmt: skip


def pool_accuracy(rows: AccuracyInput, settings: MetaSettings) -> AccuracyRun:
    """Pool sensitivity and specificity of rows together as settings say.

    Args:
        rows: from a review or a file.
        settings: how.

    Raises:
        InputError, StatsError: see `review.diagnostic_meta`.
    """
    refuse_misplaced(settings)
    given = settings.given()
    return run_accuracy(
        _sorted(rows, settings.sort),
        method=settings.method or "REML", mods=settings.mods,
        structure=settings.structure or "UN",
        nodes=1 if settings.nodes is None else settings.nodes,
        level=95 if settings.level is None else settings.level,
        prevalences=settings.prevalence or (), reference=settings.reference,
        options={name: given[name] for name in ("add", "to", "percent") if name in given},
    )  # fmt: skip


def pool_network(rows: NetworkInput, settings: MetaSettings) -> NetworkRun:
    """Compare treatments in a network as settings say.

    Args:
        rows: from a review or a file.
        settings: how.

    Raises:
        InputError, StatsError: see `review.network_meta`.
    """
    from review.workflow.pooling.network_run import run_network

    refuse_misplaced(settings)
    return run_network(
        rows, method=settings.method or "REML",
        level=95 if settings.level is None else settings.level, reference=settings.reference,
        smaller_is_better=bool(settings.smaller_is_better),
    )  # fmt: skip


def refuse_misplaced(settings: MetaSettings, also: Sequence[str] = ()) -> None:
    """Refuse settings that the model has no use for.

    Args:
        settings: of the analysis.
        also: options of the command that it has no use for either.

    Raises:
        InputError: there are some.
    """
    found = settings.out_of_place()
    first = "nma" if settings.is_network else "dta"
    found = {first: (*also, *found.pop(first, ()))} | found
    for kind, out in found.items():
        names = [f"--{name.replace('_', '-')}" for name in out]
        _, own, _, others = KINDS[kind]
        about = f"{others}, not about" if kind == settings.model else f"{own}:"
        if names:
            verb = "are" if len(names) > 1 else "is"
            raise InputError(f"{listed(names)} {verb} about {about} --model {kind}")


def _sorted(rows: Rows, by: str | None) -> Rows:
    """Return the rows in the order of a column; those without a value last."""
    if by is None:
        return rows
    falling = by.startswith("-")
    name = by.removeprefix("-").strip()
    keys: list[Any] = [label.casefold() for label in rows.labels]
    if name != LABEL:
        keys = list(order_values(name, _column(rows, name)))
    known = [i for i, k in enumerate(keys) if k is not None]
    order = sorted(known, key=lambda i: keys[i], reverse=falling)
    order += [i for i, k in enumerate(keys) if k is None]
    changed = {
        attribute: _in_order(value, order)
        for attribute in _PER_ROW
        if (value := getattr(rows, attribute, None))
    }
    return replace(rows, **changed)


def _column(rows: Rows, name: str) -> list[Any]:
    if isinstance(rows, MetaInput):
        return column_of(rows, name, "to sort studies by")
    from review.errors import UnknownNameError

    if name not in rows.data:
        raise UnknownNameError("column", name, list(rows.data), where="to sort studies by")
    return rows.data[name]


def _in_order(value: Any, order: list[int]) -> Any:
    """Put a list, or each list of a dictionary, into an order."""
    if isinstance(value, dict):
        return {name: [column[i] for i in order] for name, column in value.items()}
    return [value[i] for i in order]
