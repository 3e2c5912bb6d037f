"""Results in the browser: the pooled models with their figures, and what changes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from review.errors import InputError, ReviewError
from review.plots.artifact_json import figure_json
from review.plots.run_figures import run_figures
from review.schema.meta_settings import MetaSettings, settings_from
from review.schema.metrics import metric_label
from review.stats.pooling.tau2 import METHODS
from review.words import plural
from review.workflow.pooling.meta_run import MetaRun
from review.workflow.pooling.reported import reported_results
from review.workflow.pooling.settings_run import named_settings, run_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from review.analysis_api import Panel
    from review.project.watched_review import WatchedReview
    from review.web.web_visit import Visit
    from review.workflow.pooling.settings_run import AnyRun

# plotly sets styles from its script; scripts stay those of the program
PLOT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_FEWEST: Final = 2
_MOST_ROWS: Final = 1_000
_MOST_RUNS: Final = 64


@dataclass(frozen=True)
class Choice:
    """Something that can be pooled: `meta:NAME` of review.toml, or `outcome:METRIC`."""

    key: str
    title: str


def choices(review: WatchedReview) -> list[Choice]:
    """Return what can be pooled: the analyses that the review keeps, then its outcomes."""
    kept = [Choice(f"meta:{s.name}", s.title_text) for s in review.settings.meta]
    counts: dict[str, int] = {}
    for row in reported_results(review):
        if row.metric:
            counts[row.metric] = counts.get(row.metric, 0) + 1
    found = [
        Choice(f"outcome:{name}", f"{metric_label(name)} ({plural(n, 'result')})")
        for name, n in counts.items()
        if n >= _FEWEST
    ]
    return kept + found


def results(visit: Visit) -> Response:
    """Show a model with its figures, and what another estimator or fewer studies make of it."""
    review = visit.review
    known = choices(review)
    chosen = visit.query("of") or (known[0].key if known else "")
    method, by = visit.query("method"), visit.query("by")
    given = visit.request.query_params.getlist("without")
    without = list(dict.fromkeys(s for s in given if s))
    run, whole, why = None, None, ""
    if chosen:
        try:
            run = _run(visit, chosen, method, by, without)
            if without and isinstance(run, MetaRun):
                whole = _run(visit, chosen, method, by, [])
        except ReviewError as error:
            why = error.message
    labels = {s.study_id: s.label for s in review.studies}
    answer = visit.page(
        "results.html.j2",
        known=known,
        chosen=chosen,
        method=method,
        methods=METHODS,
        by=by,
        groups=[v for v in review.codebook.variable if v.type.value == "category"],
        without=[(s, labels.get(s, s), _link(chosen, method, by, [w for w in without if w != s]))
                 for s in without],
        run=run,
        why=why,
        said=run.text() if run is not None else "",
        headline=_headline(run),
        before=_headline(whole),
        panels=_panels(run),
        rows=_rows(run, chosen, method, by, without) if isinstance(run, MetaRun) else [],
        left_out=run.left_out[:_MOST_ROWS] if isinstance(run, MetaRun) else [],
    )  # fmt: skip
    answer.headers["content-security-policy"] = PLOT_POLICY
    return answer


def _run(visit: Visit, chosen: str, method: str, by: str, without: Sequence[str]) -> AnyRun:
    review = visit.review
    kind, _, name = chosen.partition(":")
    if kind not in {"meta", "outcome"}:
        raise InputError(f"{chosen!r} is nothing that can be pooled")
    options = settings_from({"method": method or None, "by": by or None})
    base: MetaSettings
    if kind == "meta":
        base = named_settings(review, name).with_options(options)
    else:
        base = settings_from({"outcome": name, **options.given()})
    key = (review.stamp(), chosen, method, by, tuple(without))
    with visit.state.lock:
        kept = visit.state.runs.get(key)
    if kept is None:
        kept = run_settings(review.where(_others(without)), base)
        with visit.state.lock:
            while len(visit.state.runs) >= _MOST_RUNS:
                del visit.state.runs[next(iter(visit.state.runs))]
            visit.state.runs[key] = kept
    run: AnyRun = kept
    return run


def _others(without: Sequence[str]) -> str | None:
    """The filter that leaves studies out."""
    if not without:
        return None
    names = ", ".join(repr(s) for s in without)
    return f"study_id not in [{names}]"


def _headline(run: AnyRun | None) -> str:
    if run is None:
        return ""
    figures = run_figures(run, "result")
    return figures[0].caption if figures else ""


def _panels(run: AnyRun | None) -> list[tuple[str, Panel, str]]:
    if run is None:
        return []
    return [
        (f"plot-{a}-{p}", panel, "" if panel.figure is None else figure_json(panel.figure))
        for a, artifact in enumerate(run_figures(run, "result"))
        for p, panel in enumerate(artifact.panels)
    ]


def _rows(
    run: MetaRun, chosen: str, method: str, by: str, without: Sequence[str]
) -> list[dict[str, Any]]:
    """The studies of a model, each with the address of the model without it."""
    ids = run.rows.data.get("study_id", [])
    study_of = dict(zip(run.rows.labels, ids, strict=False))
    found = []
    for row in run.table[:_MOST_ROWS]:
        study = study_of.get(str(row.get("label"))) if row.get("kind") == "study" else None
        link = _link(chosen, method, by, [*without, study]) if study else ""
        found.append({**row, "study": study, "link": link})
    return found


def _link(chosen: str, method: str, by: str, without: Sequence[str]) -> str:
    pairs = [("of", chosen), ("method", method), ("by", by), *(("without", s) for s in without)]
    return f"/results?{urlencode([(k, v) for k, v in pairs if v])}"
