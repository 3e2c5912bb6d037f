"""The files of a network meta-analysis: figures, tables, numbers and text.

All are made from the same `NetworkRun`, so their numbers agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.analysis_api import Artifact, Panel
from review.errors import InputError
from review.plots.interval_table.table_drawing import drawn_as
from review.plots.network_meta.comparison_funnel import funnel
from review.plots.network_meta.league_heat import MOST as MOST_TREATMENTS
from review.plots.network_meta.league_heat import contribution, league, net_heat
from review.plots.network_meta.network_forests import forest, split_forest
from review.plots.network_meta.network_graph import graph
from review.plots.network_meta.rankogram import rankogram
from review.stats.networks.network_text import frame
from review.stats.pooling.result_tables import records
from review.words import level_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from review.workflow.pooling.network_run import NetworkRun


def network_artifacts(run: NetworkRun, stem: str) -> tuple[Artifact, ...]:
    """Return the figures of a network meta-analysis.

    Args:
        run: what was computed.
        stem: start of the file names.
    """
    notes = tuple(run.notes)
    if run.left_out:
        from review.workflow.pooling.meta_text import left_out_lines

        notes += tuple(f"left out: {line}" for line in left_out_lines(run.left_out))
    return tuple(
        Artifact(
            "figure", "", f"{panel.title}: {run.rows.title}", run.headline, (panel,), notes,
            stem=f"{stem}-{name}",
        )
        for name, panel in network_panels(run).items()
    )  # fmt: skip


def network_panels(run: NetworkRun) -> dict[str, Panel]:
    """Return the figures by name, in the order in which a reader meets them.

    What nobody could read (a league table of 40 treatments) is left to the tables.
    """
    result, said = run.result, run.headline
    panels = {
        "graph": Panel(
            "", "Network of comparisons", records(frame(result, "studies")), {},
            figure=graph(result), alt=f"Network graph. {said}",
            caption="Nodes are treatments, lines direct comparisons with their numbers of studies.",
        ),
        "forest": Panel(
            "", f"All treatments against {result.reference}", run.table, {},
            alt=f"Forest plot. {said}", **drawn_as(forest(result)),
            caption=f"Lines are {level_name(result.level)} confidence intervals, bands prediction "
            "intervals.",
        ),
    }  # fmt: skip
    if result.n <= MOST_TREATMENTS:
        panels["league"] = Panel(
            "", "League table", run.table, {}, figure=league(result), alt=f"League table. {said}",
            caption="Below the diagonal network estimates, above it direct ones; the treatment "
            "that ranks higher against the lower. Colours show the z statistic.",
        )  # fmt: skip
    split = result.node_split()
    if split.both:
        _add(panels, "split", lambda: Panel(
            "", "Direct and indirect evidence", records(split.to_frame()), {},
            alt=f"{split.title}. {said}", **drawn_as(split_forest(result, split=split)),
            caption="Where the two differ, the network is inconsistent.",
        ))  # fmt: skip
    heat = result.net_heat()
    if heat.designs:
        _add(panels, "heat", lambda: Panel(
            "", "Net heat plot", records(heat.to_frame()), {}, figure=net_heat(result),
            alt=f"{heat.title}. {said}", caption="Which designs disagree with which.",
        ))  # fmt: skip
    _add(panels, "contribution", lambda: Panel(
        "", "Contribution of direct comparisons", records(run.contribution.to_frame()), {},
        figure=contribution(result, found=run.contribution), alt=f"Contribution matrix. {said}",
        caption="Per cent of each network estimate that comes from each direct comparison.",
    ))  # fmt: skip
    points = result.funnel()
    panels["funnel"] = Panel(
        "", "Comparison-adjusted funnel plot", records(points.to_frame()), {},
        figure=funnel(result), alt=points.title, caption=" ".join(
            f"{note[0].upper()}{note[1:]}." for note in points.notes
        ),
    )  # fmt: skip
    panels["ranks"] = Panel(
        "", "Probability of each rank", records(run.ranking.to_frame()), {},
        figure=rankogram(result, ranking=run.ranking), alt=f"{run.ranking.title}. {said}",
        caption=" ".join(f"{note[0].upper()}{note[1:]}." for note in run.ranking.notes),
    )  # fmt: skip
    return panels


def _add(panels: dict[str, Panel], name: str, make: Callable[[], Panel]) -> None:
    """Add a figure unless it is too large to be read; its table is among the files anyway."""
    try:
        panels[name] = make()
    except InputError:
        return


def network_tables(run: NetworkRun, stem: str) -> dict[str, bytes]:
    """Return tables, numbers and text of a run: file name -> bytes."""
    from review.formats.rows import csv_text, json_text

    result = run.result

    def rows(table: Any) -> bytes:
        return csv_text(records(table)).encode()

    return {
        f"{stem}-comparisons.csv": csv_text(run.table).encode(),
        f"{stem}-league.csv": rows(result.league()),
        f"{stem}-ranks.csv": rows(run.ranking.to_frame()),
        f"{stem}-contribution.csv": rows(run.contribution.to_frame()),
        f"{stem}-heat.csv": rows(result.net_heat().to_frame()),
        f"{stem}-studies.csv": rows(frame(result, "studies")),
        f"{stem}.json": (json_text(run.to_dict()) + "\n").encode(),
        f"{stem}.txt": run.text().encode(),
    }
