"""Every result that a report shows, computed once, when a section first asks for it.

A result that the review has no data for is a `Lacking` with the reason, so that a section can say
so; an error of the program still stops the report.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from review.errors import InputError, StatsError
from review.words import plural, significant

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.analysis_api import Artifact, Kind, ModuleFile
    from review.project import Review
    from review.schema.certainty_file import Baseline, OutcomeCertainty
    from review.schema.meta_settings import NamedMeta
    from review.schema.prisma_flow import PrismaFlow
    from review.stats.pooling.meta_result import MetaResult
    from review.workflow.agreement.agreement_report import AgreementReport
    from review.workflow.audit import AuditReport
    from review.workflow.coding.assessment_files import Assessments
    from review.workflow.counts import CategoryCounts
    from review.workflow.missing_values import MissingPattern
    from review.workflow.performance_tests import Performance
    from review.workflow.pooling.accuracy_run import AccuracyRun
    from review.workflow.pooling.bayes_run import BayesRun
    from review.workflow.pooling.meta_run import MetaRun
    from review.workflow.pooling.network_run import NetworkRun
    from review.workflow.pooling.settings_run import AnyRun

T = TypeVar("T")
ADHOC: Final = "adhoc"
SLACK: Final = 1e-9  # of a factor that is 1 but for rounding, as with equal variances


@dataclass(frozen=True)
class Lacking:
    """What is shown in place of a result: why there is none."""

    reason: str


class Results:
    """The results of a review.

    Attributes:
        review: the review.
        command: the command that makes the report, without the name of its file.
        date: the day that the report carries, or "".
    """

    def __init__(self, review: Review, *, command: str = "", date: str = "") -> None:
        self.review, self.command, self.date = review, command, date
        self._built: dict[tuple[Kind, str], Artifact | Lacking] = {}

    @cached_property
    def figures(self) -> dict[str, Artifact | Lacking]:
        """The figures by key; those of the review's own folder included."""
        return {key: self.artifact("figure", key) for key in self._modules("figure")}

    @cached_property
    def tables(self) -> dict[str, Artifact | Lacking]:
        """The tables by key."""
        return {key: self.artifact("table", key) for key in self._modules("table")}

    def artifact(self, kind: Kind, key: str) -> Artifact | Lacking:
        """Return a figure or table, built when it is first asked for.

        Raises:
            DataError: a module of the review's own folder fails.
        """
        if (kind, key) not in self._built:
            file = self._modules(kind).get(key)
            self._built[kind, key] = (
                Lacking(f"there is no {kind} {key}")
                if file is None
                else self._try(lambda: self._build(file))
            )
        return self._built[kind, key]

    def _modules(self, kind: Kind) -> dict[str, ModuleFile]:
        from review.analysis_api import concerns, find_modules

        found = find_modules(self.review, kind)
        return {key: file for key, file in found.items() if concerns(file, self.review)}

    def _build(self, file: ModuleFile) -> Artifact:
        from review.analysis_api import Options, load_module

        return load_module(file).build(self.review, Options(recount=False))

    @cached_property
    def flows(self) -> list[PrismaFlow] | Lacking:
        """The PRISMA flows: the published one, and that of the review's own files."""
        from review.workflow.prisma import flows

        return self._try(lambda: flows(self.review))

    @cached_property
    def counts(self) -> list[CategoryCounts]:
        """Studies per category of the variables that the overview shows."""
        from review.workflow.counts import count_categories, scope_variables

        return [count_categories(self.review, v) for v in scope_variables(self.review)]

    @cached_property
    def performance(self) -> Performance | Lacking:
        """Performance against data quantity and by group, as Figure 6 shows it."""
        from review.analysis_api import Options
        from review.workflow.performance_tests import performance

        options = Options()
        return self._try(lambda: performance(self.review, options.selection, seed=options.seed))

    @cached_property
    def meta(self) -> dict[str, MetaRun | Lacking]:
        """The meta-analyses that the review keeps as `[[meta]]`, by name.

        Without any, that of each metric of the results, or why it is not pooled.
        """
        from review.schema.metrics import spellings
        from review.workflow.pooling.meta_run import default_runs
        from review.workflow.pooling.reported import reported_results

        if self.review.settings.meta:
            from review.workflow.pooling.meta_run import MetaRun

            return {n: r for n, r in self._kept.items() if isinstance(r, MetaRun | Lacking)
                    and self._kept_settings(n).of_effects}  # fmt: skip
        runs = {run.rows.outcome: honest(run) for run in default_runs(self.review)}
        reported = spellings(r.metric for r in reported_results(self.review) if r.metric)
        return runs | {o: self._not_pooled(o) for o in reported if o not in runs}

    def _not_pooled(self, outcome: str) -> Lacking:
        from review.workflow.pooling.meta_run import FEWEST_FOR_REPORT, run_meta
        from review.workflow.pooling.pooled_rows import from_review

        found = self._try(lambda: run_meta(from_review(self.review, outcome)).result.k)
        if isinstance(found, Lacking):
            return found
        return Lacking(
            f"{plural(found, 'result')} with what is needed, and fewer than {FEWEST_FOR_REPORT} "
            "are not pooled here"
        )

    def meta_title(self, key: str) -> str:
        """Return what a meta-analysis is called: by its `[[meta]]` table, or its outcome."""
        from review.report.report_words import outcome_name
        from review.words import capital

        titles = {m.name: m.title_text for m in self.review.settings.meta}
        return capital(titles[key]) if key in titles else outcome_name(key)

    def outcome_certainty(self, key: str) -> OutcomeCertainty | None:
        """Return what `certainty.toml` says of the outcome of a `[[meta]]` table, or None."""
        outcomes = self.review.certainty
        return next((o for o in outcomes if o.name.casefold() == key.casefold()), None)

    def stated_baseline(self, key: str) -> Baseline | None:
        """Return the first baseline that the review states for an outcome, or None."""
        outcome = self.outcome_certainty(key)
        return outcome.baseline[0] if outcome is not None and outcome.baseline else None

    @cached_property
    def accuracy(self) -> dict[str, AccuracyRun | Lacking]:
        """The meta-analyses of sensitivity and specificity together.

        Those that the review keeps as `[[meta]]`, by name; without any, one called "".
        """
        from review.workflow.pooling.accuracy_run import AccuracyRun, accuracy_of_review

        if self.review.settings.meta:
            return {n: r for n, r in self._kept.items() if isinstance(r, AccuracyRun | Lacking)
                    and self._kept_settings(n).is_accuracy}  # fmt: skip
        return {"": self._try(lambda: accuracy_of_review(self.review))}

    @cached_property
    def bayes(self) -> dict[str, BayesRun]:
        """The Bayesian meta-analyses that the review keeps as `[[meta]]`, by name."""
        from review.workflow.pooling.bayes_run import BayesRun

        if not self.review.settings.meta:
            return {}
        return {n: run for n, run in self._kept.items() if isinstance(run, BayesRun)}

    @cached_property
    def networks(self) -> dict[str, NetworkRun | Lacking]:
        """The networks of treatments that the review keeps as `[[meta]]`, by name."""
        from review.workflow.pooling.network_run import NetworkRun

        return {n: r for n, r in self._kept.items() if isinstance(r, NetworkRun | Lacking)
                and self._kept_settings(n).is_network}  # fmt: skip

    @cached_property
    def _kept(self) -> dict[str, AnyRun | Lacking]:
        """Every `[[meta]]` analysis by name."""
        found: dict[str, AnyRun | Lacking] = {}
        if not self.review.settings.meta:
            return found
        from review.workflow.pooling.settings_run import run_settings

        for kept in self.review.settings.meta:
            run = self._try(functools.partial(run_settings, self.review, kept))
            if "test" not in kept.given() and _narrowed(run):
                wide = kept.model_copy(update={"test": ADHOC})
                run = _told(run, self._try(functools.partial(run_settings, self.review, wide)))
            found[kept.name] = run
        return found

    @cached_property
    def runs(self) -> dict[str, AnyRun]:
        """Every model that could be fitted, in the order of the review, by name."""
        found: dict[str, AnyRun | Lacking] = dict(self._kept)
        if not self.review.settings.meta:
            found = {**self.meta, **self.accuracy}
        return {name: run for name, run in found.items() if not isinstance(run, Lacking)}

    def kept(self, name: str) -> AnyRun | Lacking | None:
        """Return a `[[meta]]` analysis by name, in any letter case; None where there is none."""
        return next((r for n, r in self._kept.items() if n.casefold() == name.casefold()), None)

    def _kept_settings(self, name: str) -> NamedMeta:
        return next(kept for kept in self.review.settings.meta if kept.name == name)

    @cached_property
    def missing(self) -> MissingPattern:
        """Which variable is known for which studies."""
        from review.workflow.missing_values import missing_pattern

        return missing_pattern(self.review)

    @cached_property
    def audit(self) -> AuditReport | Lacking:
        """The audit of the review's claims."""
        from review.workflow.audit import audit_review

        return self._try(lambda: audit_review(self.review))

    @cached_property
    def agreement(self) -> AgreementReport | Lacking:
        """The agreement of the coders."""
        from review.workflow.agreement.coder_agreement import agreement

        found = self._try(lambda: agreement(self.review))
        if isinstance(found, Lacking) or found:
            return found
        return Lacking("; ".join(found.notes))

    @cached_property
    def assessments(self) -> Assessments | Lacking:
        """The risk-of-bias assessments."""
        from review.workflow.coding.assessment_files import FILE, load_assessments

        return load_assessments(self.review) or Lacking(f"the review has no assessments ({FILE})")

    def _try(self, compute: Callable[[], T]) -> T | Lacking:
        """Return the result, or why the review has no data for it.

        Broken files of the review are errors: only an input or statistics error, by which a
        method says that it does not apply, is a reason. A reason names files of the folder, not
        where the folder lies, which differs between machines.
        """
        try:
            return compute()
        except (InputError, StatsError) as error:
            return Lacking(error.message.replace(f"{self.review.path}{os.sep}", "").rstrip("."))


def honest(run: MetaRun) -> MetaRun:
    """Return a meta-analysis whose Knapp-Hartung factor is not below 1, and that says so.

    A factor below 1 narrows the interval on the strength of a chance agreement of few studies;
    Jackson et al. (2017, Stat Med 36:3923) advise against relying on it.
    """
    from review.workflow.pooling.meta_run import run_meta

    if not _narrowed(run):
        return run
    by = None if run.subgroups is None else run.subgroups.by
    wide: MetaRun = _told(run, run_meta(run.rows, by=by, test=ADHOC))
    return wide


def _narrowed(run: Any) -> bool:
    """Whether the Knapp-Hartung factor of a model, or of a subgroup of it, is below 1."""
    return any(fit.test == "knha" and fit.s2w < 1 - SLACK for fit in _fits(run))


def _fits(run: Any) -> list[MetaResult]:
    from review.stats.pooling.meta_result import MetaResult
    from review.workflow.pooling.meta_run import MetaRun

    if not isinstance(run, MetaRun):
        return []
    groups = () if run.subgroups is None else run.subgroups.fits.values()
    return [fit for fit in (run.result, *groups) if isinstance(fit, MetaResult)]


def _told(before: Any, run: Any) -> Any:
    """Add to a model why its factor was kept at 1."""
    if isinstance(run, Lacking):
        return run
    least = min(fit.s2w for fit in _fits(before))
    note = (
        "the studies agree more closely than chance alone would have it (Knapp-Hartung factor "
        f"{significant(least, 3)}): the factor was kept at 1, so that no interval is too narrow"
    )
    return replace(run, notes=[note, *run.notes])
