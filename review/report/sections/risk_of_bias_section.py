"""Risk of bias: traffic light and summary, with every judgement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.plots.traffic_light import summary, traffic_light
from review.report.blocks import Estimate, Group, Section, empty, text
from review.report.literature import Reference
from review.report.results import Lacking
from review.report.sections.panels_section import plot_block
from review.report.table_cells import table_of
from review.schema.metrics import metric_label
from review.words import percent

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results
    from review.workflow.coding.assessment_files import Assessments

TITLE: Final = "Risk of bias"


def build(results: Results) -> Section:
    """Return the section."""
    found = results.assessments
    if isinstance(found, Lacking):
        return empty("risk_of_bias", TITLE, "The risk of bias was not judged.", found.reason)
    weights = _weights(results)
    blocks: list[Block] = [
        Group(f"rob-{i}", name, _tool(found, name, f"rob-{i}", weights))
        for i, name in enumerate(found.tools, start=1)
    ]
    rows = table_of(
        found.rows(), caption="Every judgement with its reason", name="risk-of-bias", folded=True
    )
    blocks.append(Group("rob-judgements", "Judgements", (rows,)))
    return Section(
        "risk_of_bias",
        TITLE,
        tuple(blocks),
        methods=tuple(_method(found, name) for name in found.tools),
        references=tuple(Reference(t.cite, t.doi) for t in found.tools.values() if t.cite),
        estimates=tuple(_estimates(found)),
    )


def _tool(
    found: Assessments, name: str, ident: str, weights: dict[str, dict[str, float]]
) -> tuple[Block, ...]:
    table = found.table(name)
    studies = len({study_id for study_id, _ in table})
    counts = found.counts(name)
    said = text(
        f"{studies:,} studies were assessed with {name} ({len(table):,} assessments). Signs and "
        "words say what the colours show."
    )
    blocks: list[Block] = [
        said,
        plot_block(
            f"{ident}-traffic",
            f"{name}: every study",
            traffic_light(found, name),
            alt=f"Traffic-light plot of {studies} studies by the domains of {name}.",
            rows=_cells(found, name),
        ),
        plot_block(
            f"{ident}-summary",
            f"{name}: share of each judgement",
            summary(found, name),
            alt=f"Bars per domain of {name}: {_worst(counts)}.",
            rows=counts,
        ),
    ]
    for outcome, by_study in weights.items():
        weighted = found.counts(name, by_study)
        if any(row["share"] for row in weighted):
            blocks.append(
                plot_block(
                    f"{ident}-summary-{outcome}",
                    f"{name}: share of each judgement, weighted as in the meta-analysis of "
                    f"{metric_label(outcome)}",
                    summary(found, name, weights=by_study),
                    alt=f"Bars per domain of {name}, by weight: {_worst(weighted)}.",
                    rows=weighted,
                )
            )
    return tuple(blocks)


def _cells(found: Assessments, name: str) -> list[dict[str, Any]]:
    columns = found.tool(name).columns()
    return [
        {"study": found.labels.get(study_id, study_id), "unit": unit}
        | {
            title + (" (applicability)" if kind == "applicability" else ""): (
                row[domain, kind].word if (domain, kind) in row else ""
            )
            for domain, kind, title in columns
        }
        for (study_id, unit), row in found.table(name).items()
    ]


def _worst(counts: list[dict[str, Any]]) -> str:
    """Name the domain with the largest share of high judgements."""
    high = [row for row in counts if row["level"] in {"high", "critical"}]
    if not high:
        return "no domain has a judgement of high risk"
    worst = max(high, key=lambda row: row["share"])
    return f"most often high or worse in {worst['title']} ({percent(100 * worst['share'], 0)})"


def _weights(results: Results) -> dict[str, dict[str, float]]:
    """Return the weights of the studies in each meta-analysis."""
    found = {}
    for outcome, run in results.meta.items():
        if isinstance(run, Lacking) or "study_id" not in run.rows.data:
            continue
        ids = run.rows.data["study_id"]
        by_study: dict[str, float] = {}
        for row in run.forest:
            if row.kind == "study" and row.row is not None and row.weight is not None:
                study = str(ids[row.row])
                by_study[study] = by_study.get(study, 0.0) + row.weight
        found[outcome] = by_study
    return found


def _method(found: Assessments, name: str) -> str:
    tool = found.tool(name)
    version = f" (version {tool.version})" if tool.version else ""
    people = sorted({a.assessor for a in found.items if a.assessor and a.tool == name})
    by = f" by {', '.join(people)}" if people else ""
    return f"Risk of bias was assessed with {name}{version}{by}."


def _estimates(found: Assessments) -> list[Estimate]:
    return [
        Estimate(
            f"rob.{name}.{row['domain']}.{row['kind']}.{row['level']}",
            f"{name}, {row['title']} ({row['kind']}): judged {row['level']}",
            row["share"],
            n=row["n"],
        )
        for name in found.tools
        for row in found.counts(name)
    ]
