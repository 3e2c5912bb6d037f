"""Networks of treatments: ranking, league table, consistency, with their figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from review.plots.network_meta.network_files import network_artifacts
from review.report.blocks import Bullets, Estimate, Group, Section, empty, text
from review.report.results import Lacking
from review.report.sections.panels_section import panel_block
from review.report.table_cells import table_of
from review.words import sentence

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results
    from review.workflow.pooling.network_run import NetworkRun

TITLE: Final = "Networks of treatments"


def build(results: Results) -> Section:
    """Return the section."""
    found = results.networks
    runs = {name: run for name, run in found.items() if not isinstance(run, Lacking)}
    lacking = [
        f"{results.meta_title(name)}: {run.reason}"
        for name, run in found.items()
        if isinstance(run, Lacking)
    ]
    if not runs:
        reason = "; ".join(lacking) or "no [[meta]] of review.toml has model = 'nma'"
        return empty("networks", TITLE, f"No network is fitted: {reason}.")
    blocks: list[Block] = [
        Group(f"network-{name}", results.meta_title(name), _run(name, run, results))
        for name, run in runs.items()
    ]
    if lacking:
        blocks += [text("Not fitted:"), Bullets(tuple((reason,) for reason in lacking))]
    accounts = {name: _account(run) for name, run in runs.items()}
    return Section(
        "networks", TITLE, tuple(blocks),
        methods=tuple(f"{results.meta_title(n)}: {said}" for n, (said, _, _) in accounts.items()),
        references=tuple(dict.fromkeys(r for _, _, refs in accounts.values() for r in refs)),
        estimates=tuple(e for name, run in runs.items() for e in _estimates(name, run)),
    )  # fmt: skip


def _run(name: str, run: NetworkRun, results: Results) -> tuple[Block, ...]:
    blocks: list[Block] = [text(_account(run)[1])]
    stem = f"network-{name}"
    for artifact in network_artifacts(run, stem):
        for panel in artifact.panels:
            title = f"{panel.title}: {results.meta_title(name)}"
            blocks.append(panel_block(results.review, artifact, replace(panel, title=title)))
    if run.by_rho:
        blocks.append(text(run.rho_text))
    if run.left_out:
        rows = [{"study": label, "reason": why} for label, why in run.left_out]
        caption = "Results that are not in the network, and why"
        blocks.append(table_of(rows, caption=caption, name=f"not-pooled-{stem}", folded=True))
    blocks.append(Bullets(tuple((sentence(note),) for note in run.notes)))
    return tuple(blocks)


def _account(run: NetworkRun) -> tuple[str, str, tuple[str, ...]]:
    """Methods, results and references of the model, as its own report text words them."""
    parts = run.result.report_text().split("\n\n")
    found = {part.partition(":")[0]: part.partition(":")[2].strip() for part in parts}
    references = tuple(line.removeprefix("- ") for line in found["References"].splitlines())
    return found["Methods"], found["Results"], references


def _estimates(name: str, run: NetworkRun) -> tuple[Estimate, ...]:
    fit = run.result
    rows = zip(
        fit.coef_names, fit.beta.tolist(), fit.ci_lb.tolist(), fit.ci_ub.tolist(), strict=True
    )
    return tuple(
        Estimate(f"networks.{name}.{i}", coef, value, low, high, fit.k)
        for i, (coef, value, low, high) in enumerate(rows)
    )
