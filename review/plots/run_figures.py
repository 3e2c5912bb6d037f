"""The figures of a run, whichever model it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from review.plots.accuracy.accuracy_files import accuracy_artifacts
from review.plots.bayes.bayes_files import bayes_artifacts
from review.plots.meta.meta_files import meta_artifacts
from review.plots.network_meta.network_files import network_artifacts

if TYPE_CHECKING:
    from review.analysis_api import Artifact
    from review.workflow.pooling.settings_run import AnyRun


def run_figures(run: AnyRun, stem: str) -> tuple[Artifact, ...]:
    """Return the figures of a run.

    Args:
        run: of any model.
        stem: start of the file names.
    """
    from review.workflow.pooling.bayes_run import BayesRun
    from review.workflow.pooling.meta_run import MetaRun
    from review.workflow.pooling.network_run import NetworkRun

    if isinstance(run, MetaRun):
        return tuple(meta_artifacts(run, stem))
    if isinstance(run, BayesRun):
        return tuple(bayes_artifacts(run, stem))
    if isinstance(run, NetworkRun):
        return tuple(network_artifacts(run, stem))
    return tuple(accuracy_artifacts(run, stem))
