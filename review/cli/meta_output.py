"""What `review meta` does with its settings: rows are read, pooled, printed and written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from review.cli.common import DEFAULT_OUT, echo, print_json
from review.errors import InputError, ReviewError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from review.formats.read_options import ReadOptions
    from review.plots.export import Format
    from review.project import Review
    from review.schema.meta_settings import MetaSettings, NamedMeta
    from review.workflow.pooling.network_input import NetworkInput
    from review.workflow.pooling.settings_run import AnyRun


@dataclass(frozen=True)
class Delivery:
    """Where the results of a run go.

    Attributes:
        out: folder for files, or None.
        formats: of the figures. asked: whether the user named them, which writes files too.
        as_json: print JSON instead of text.
    """

    out: Path | None
    formats: tuple[Format, ...]
    asked: bool
    as_json: bool

    @property
    def folder(self) -> Path | None:
        """The folder for files; None when none are wanted."""
        return (self.out or DEFAULT_OUT) if self.out is not None or self.asked else None


def deliver_file(
    path: Path,
    settings: MetaSettings,
    layout: Mapping[str, str | None],
    reading: ReadOptions,
    delivery: Delivery,
) -> None:
    """Pool the rows of a CSV, Excel or OpenDocument file.

    Args:
        path: the file.
        settings: of the analysis.
        layout: of the file: labels, study, outcome-column, arm, multi-arm.
        reading: how it is read.
        delivery: where the results go.
    """
    from review.workflow.pooling.accuracy_csv import from_accuracy_csv
    from review.workflow.pooling.csv_input import from_csv
    from review.workflow.pooling.settings_run import pool, pool_accuracy, pool_network

    run: AnyRun
    if settings.is_network:
        run = pool_network(_network_of(path, settings, layout, reading), settings)
    elif settings.is_accuracy:
        accuracy = from_accuracy_csv(
            path, columns=settings.columns, labels=layout["labels"], study=layout["study"],
            by=settings.by, where=settings.where, reading=reading,
        )  # fmt: skip
        run = pool_accuracy(accuracy, settings)
    else:
        rows = from_csv(
            path, columns=settings.columns, measure=settings.measure_code, labels=layout["labels"],
            where=settings.where, outcome=settings.outcome,
            outcome_column=layout["outcome-column"], arm=layout["arm"],
            reference=settings.reference, multi_arm=layout["multi-arm"], reading=reading,
        )  # fmt: skip
        run = pool(rows, settings)
    others = [other.stem for other in path.parent.glob("*.csv")]
    written, failed = _write(run, delivery, {"review_title": path.name}, path, others)
    _say(run, written, as_json=delivery.as_json)
    if failed is not None:
        raise failed


def _network_of(
    path: Path, settings: MetaSettings, layout: Mapping[str, str | None], reading: ReadOptions
) -> NetworkInput:
    from review.workflow.pooling.network_input import from_network_csv

    if settings.outcome or settings.by or settings.rho is not None:
        raise InputError("--outcome, --by and --rho are about the results of a review, not --csv")
    given = settings.given()
    return from_network_csv(
        path, columns=settings.columns, measure=settings.measure,
        study=layout["study"] or layout["labels"], arm=layout["arm"], where=settings.where,
        options={name: given[name] for name in ("add", "drop00") if name in given},
        reading=reading,
    )  # fmt: skip


def deliver(review: Review, settings: MetaSettings, delivery: Delivery) -> None:
    """Run one analysis of a review."""
    from review.workflow.pooling.settings_run import run_settings

    run = run_settings(review, settings)
    written, failed = _write_of(review, run, settings, delivery)
    _say(run, written, as_json=delivery.as_json)
    if failed is not None:
        raise failed


def deliver_all(review: Review, kept: Sequence[NamedMeta], delivery: Delivery) -> None:
    """Run all analyses that a review keeps; those that cannot be run do not hold up the others.

    Raises:
        InputError: some could not be run; each with its reason.
    """
    from review.workflow.pooling.settings_run import run_named

    reasons: list[str] = []
    found: list[dict[str, Any]] = []
    failed = None
    for settings in kept:
        run = run_named(review, settings)
        if isinstance(run, ReviewError):
            reasons.append(f"{settings.name}: {run.message}")
            found.append({"name": settings.name, "reason": run.message})
            continue
        written, problem = _write_of(review, run, settings, delivery)
        failed = failed or problem
        files = [str(path) for path in written]
        if delivery.as_json:
            found.append({"name": settings.name, **run.to_dict(), "files": files})
            continue
        echo(f"== {settings.name} ==\n")
        _say(run, written, as_json=False)
        echo()
    if delivery.as_json:
        print_json({"review": review.name, "analyses": found})
    if reasons:
        what = f"{len(reasons)} of the analyses ({len(kept)}) could not be run"
        raise InputError("\n".join([what, *(f"  {reason}" for reason in reasons)]))
    if failed is not None:
        raise failed


def review_context(review: Review) -> dict[str, Any]:
    """Return what files of a review say about where they come from."""
    from review import __version__

    return {
        "review": review.name,
        "review_title": review.settings.title,
        "cite": review.settings.cite,
        "sample": review.settings.sample,
        "filter": review.filter.text if review.filter else None,
        "version": __version__,
    }


def _write_of(
    review: Review, run: AnyRun, settings: MetaSettings, delivery: Delivery
) -> tuple[list[Path], Any]:
    """Write the files of a run of a review; those of a kept analysis into a folder of its name."""
    if delivery.folder is None:
        return [], None
    context = review_context(review.where(settings.where))
    others = [r.metric for r in review.results if r.metric]
    return _write(run, delivery, context, review.path, others)


def _write(
    run: AnyRun,
    delivery: Delivery,
    context: Mapping[str, Any],
    read: Path,
    others: Iterable[str],
) -> tuple[list[Path], Any]:
    from review.cli.artifacts import file_stem, write, write_files
    from review.plots.accuracy.accuracy_files import accuracy_tables
    from review.plots.bayes.bayes_files import bayes_tables
    from review.plots.meta.meta_files import meta_tables
    from review.plots.network_meta.network_files import network_tables
    from review.plots.run_figures import run_figures
    from review.workflow.pooling.bayes_run import BayesRun
    from review.workflow.pooling.meta_run import MetaRun
    from review.workflow.pooling.network_run import NetworkRun

    folder, name = delivery.folder, run.rows.name
    if folder is None:
        return [], None
    if name:
        folder /= name
    if isinstance(run, MetaRun | BayesRun):
        what = file_stem(name or run.rows.outcome or run.rows.title, () if name else others)
    if isinstance(run, MetaRun):
        stem = f"meta-{what}"
        tables = meta_tables(run, stem)
    elif isinstance(run, BayesRun):
        stem = f"bayes-{what}"
        tables = bayes_tables(run, stem)
    elif isinstance(run, NetworkRun):
        stem = f"network-{_words(name or run.rows.title)}"
        tables = network_tables(run, stem)
    else:
        stem = f"accuracy-{_words(name or run.rows.title)}"
        tables = accuracy_tables(run, stem)
    artifacts = run_figures(run, stem)
    written, failed = write(artifacts, folder, delivery.formats, context, read=[read])
    return [*written, *write_files(folder, tables, read=[read])], failed


def _words(title: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", title).strip("-").lower()[:60] or "run"


def _say(run: AnyRun, written: Sequence[Path], *, as_json: bool) -> None:
    if as_json:
        print_json({**run.to_dict(), "files": [str(path) for path in written]})
        return
    echo(run.text().rstrip("\n"))
    for path in written:
        echo(f"written: {path}")
