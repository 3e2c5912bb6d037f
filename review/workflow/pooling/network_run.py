"""Runs a network meta-analysis and keeps everything that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from review.errors import StatsError
from review.stats.pooling.result_tables import records
from review.words import interval, number, p_value

if TYPE_CHECKING:
    from review.stats.networks.contribution import Contribution
    from review.stats.networks.network_result import NetworkResult
    from review.stats.networks.ranking import Ranking
    from review.workflow.pooling.network_input import NetworkInput


@dataclass(frozen=True)
class RhoRow:
    """The network under another assumed correlation of the arms of a study.

    Attributes:
        rho: the correlation. tau2: between-study variance.
        ranked: treatments from best to worst. estimates: each other treatment against the
            reference with its limits, on the scale of the analysis.
    """

    rho: float
    tau2: float
    ranked: tuple[str, ...]
    estimates: dict[str, tuple[float, float, float]]


@dataclass(frozen=True)
class NetworkRun:
    """A network meta-analysis with what belongs to it.

    Attributes:
        rows: what went in.
        result: the network.
        by_rho: the same under other assumed correlations; empty where none is assumed.
        left_out: (label, reason) of every row not used. notes: remarks for the reader.
    """

    rows: NetworkInput
    result: NetworkResult
    by_rho: tuple[RhoRow, ...] = ()
    left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @cached_property
    def ranking(self) -> Ranking:
        """Ranks of the treatments, computed once for text, table and figure."""
        return self.result.ranking()

    @cached_property
    def contribution(self) -> Contribution:
        """What each direct comparison contributes, computed once: it takes the longest."""
        return self.result.contribution()

    @cached_property
    def table(self) -> list[dict[str, Any]]:
        """All pairs of treatments: network, direct and indirect estimates."""
        return records(self.result.to_frame("comparisons"))

    @property
    def headline(self) -> str:
        """The main numbers in one sentence."""
        r = self.result
        best = r.ranked[0]
        return (
            f"{r.n} treatments, {r.k} studies ({r.method}): {best} ranks first (P-score "
            f"{number(r.p_scores[best], 2)}); tau2 {number(r.tau2)}; inconsistency "
            f"{p_value(r.decomposition.pval_inc_random) if r.decomposition.df_inc else 'unseen'}."
        )

    def text(self) -> str:
        """Return the account of the run."""
        from review.workflow.pooling.meta_text import left_out_lines

        result = self.result
        parts = [self.rows.title, result.summary(), self._league(), self.ranking.summary()]
        if result.df:
            parts.append(result.decomposition.summary())
        parts += [result.node_split().summary(), self.contribution.summary()]
        if self.by_rho:
            parts.append(self.rho_text)
        parts.append(result.report_text())
        if self.left_out:
            lines = left_out_lines(self.left_out)
            parts.append("Left out:\n" + "\n".join(f"  {line}" for line in lines))
        if self.notes:
            parts.append("Notes:\n" + "\n".join(f"  {note}" for note in self.notes))
        return "\n\n".join(part.strip("\n") for part in parts) + "\n"

    def _league(self) -> str:
        table = self.result.league()
        return (
            "League table: below the diagonal network estimates of column against row, above it "
            f"direct ones of row against column\n{table.to_string()}"
        )

    @property
    def rho_text(self) -> str:
        """The network under other assumed correlations, in words."""
        lines = [
            (
                "The arms of a study were measured on the same data. Their errors are assumed to "
                f"be correlated by {self.rows.rho:g}; under other assumptions:"
            )
        ]
        for row in self.by_rho:
            estimates = "; ".join(
                f"{name} {number(e)} ({interval(low, high)})"
                for name, (e, low, high) in row.estimates.items()
            )
            lines.append(
                f"  rho = {row.rho:g}: tau2 = {number(row.tau2)}; best to worst "
                f"{', '.join(row.ranked)}; {estimates}"
            )
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return every number for JSON."""
        result = self.result
        return {
            "title": self.rows.title,
            "source": self.rows.source,
            "result": result.to_dict(),
            "ranking": self.ranking.to_dict(),
            "node_split": result.node_split().to_dict(),
            "net_heat": result.net_heat().to_dict(),
            "contribution": self.contribution.to_dict(),
            "funnel": result.funnel().to_dict(),
            "rho": self.rows.rho,
            "by_rho": [
                {"rho": r.rho, "tau2": r.tau2, "ranked": list(r.ranked),
                 "estimates": {n: list(x) for n, x in r.estimates.items()}}
                for r in self.by_rho
            ],
            "left_out": [{"study": n, "reason": why} for n, why in self.left_out],
            "notes": self.notes,
        }  # fmt: skip


def run_network(
    rows: NetworkInput,
    *,
    method: str = "REML",
    level: float = 95,
    reference: str | None = None,
    smaller_is_better: bool = False,
) -> NetworkRun:
    """Fit the network.

    Args:
        rows: from `review.workflow.pooling.network_input` or `network_results`.
        method: estimator of tau2; see `review.network_meta`.
        level: of all intervals, per cent.
        reference: the treatment that others are compared with.
        smaller_is_better: whether low effects are desirable.

    Raises:
        InputError, StatsError: see `review.network_meta`.
    """
    from review.stats.networks.network_meta import network_meta

    options: dict[str, Any] = {
        "method": method, "level": level, "reference": reference,
        "smaller_is_better": smaller_is_better,
    }  # fmt: skip
    if rows.made is not None:
        result = _fit(network_meta, rows, rows.made, options)
    else:
        columns: dict[str, Any] = dict(rows.columns)
        try:
            result = network_meta(**columns, measure=rows.measure, **options)
        except StatsError as error:
            # the engine knows rows, a reader of a file its lines
            where = " (row 1 is the first below the headings)" if "row " in error.message else ""
            raise StatsError(f"{rows.source}: {error.message}{where}") from None
    by_rho = tuple(
        _rho_row(rho, network_meta(made, **(options | {"reference": result.reference})))
        for rho, made in rows.other_rho.items()
    )
    left_out = [*rows.left_out, *((o.slab, o.reason) for o in result.left_out)]
    notes = [*rows.notes, *result.notes]
    return NetworkRun(
        rows, result, by_rho, list(dict.fromkeys(left_out)), list(dict.fromkeys(notes))
    )


def _fit(fit: Any, rows: NetworkInput, made: Any, options: dict[str, Any]) -> NetworkResult:
    try:
        result: NetworkResult = fit(made, **options)
    except StatsError as error:
        if not rows.left_out:
            raise
        from review.workflow.pooling.meta_text import left_out_lines

        said = "; ".join(left_out_lines(rows.left_out))
        raise StatsError(f"{error.message}. Left out before: {said}") from None
    return result


def _rho_row(rho: float, fit: NetworkResult) -> RhoRow:
    names = [t for t in fit.treatments if t != fit.reference]
    values = zip(fit.beta.tolist(), fit.ci_lb.tolist(), fit.ci_ub.tolist(), strict=True)
    return RhoRow(rho, fit.tau2, fit.ranked, dict(zip(names, values, strict=True)))
