"""Networks of treatments: ranking, league table, consistency, with their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from review.plots.network_meta.network_files import network_artifacts
from review.report.blocks import Estimate, Group, Section, empty, text
from review.report.results import Lacking
from review.report.run_blocks import (
    account,
    left_out_table,
    not_pooled,
    nothing_pooled,
    panels_of,
    remarks,
)

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results
    from review.workflow.pooling.network_run import NetworkRun

TITLE: Final = "Networks of treatments"


def concerns(results: Results) -> bool:
    """Return whether the review asks for a network, fitted or not."""
    return bool(results.networks)


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
        why = lacking or ["no [[meta]] of review.toml has model = 'nma'"]
        none = empty("networks", TITLE, "No network is fitted.", *why)
        return nothing_pooled(none, lacking, results, "Not fitted:")
    blocks: list[Block] = [
        Group(f"network-{name}", results.meta_title(name), _run(name, run, results))
        for name, run in runs.items()
    ]
    blocks += not_pooled(lacking, "Not fitted:")
    accounts = {name: account(run.result) for name, run in runs.items()}
    return Section(
        "networks", TITLE, tuple(blocks),
        methods=tuple(f"{results.meta_title(n)}: {said}" for n, (said, _, _) in accounts.items()),
        references=tuple(dict.fromkeys(r for _, _, refs in accounts.values() for r in refs)),
        estimates=tuple(e for name, run in runs.items() for e in _estimates(name, run)),
    )  # fmt: skip


def _run(name: str, run: NetworkRun, results: Results) -> tuple[Block, ...]:
    blocks: list[Block] = [text(account(run.result)[1])]
    stem = f"network-{name}"
    blocks += panels_of(results.review, network_artifacts(run, stem), results.meta_title(name))
    if run.by_rho:
        blocks.append(text(run.rho_text))
    blocks += left_out_table(run.left_out, "Results that are not in the network, and why", stem)
    return (*blocks, remarks(run.notes))


def _estimates(name: str, run: NetworkRun) -> tuple[Estimate, ...]:
    fit = run.result
    rows = zip(
        fit.coef_names, fit.beta.tolist(), fit.ci_lb.tolist(), fit.ci_ub.tolist(), strict=True
    )
    return tuple(
        Estimate(f"networks.{name}.{i}", coef, value, low, high, fit.k)
        for i, (coef, value, low, high) in enumerate(rows)
    )
