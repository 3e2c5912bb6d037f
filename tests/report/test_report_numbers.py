"""The numbers of the report are those of the result objects."""

from __future__ import annotations

import json
import re

import pytest

from review.project import open_review
from review.report.assemble import build_sections
from review.report.render import walk
from review.report.results import Lacking, Results


@pytest.fixture(scope="module", name="results")
def _results(full_folder):
    return Results(open_review(full_folder))


@pytest.fixture(scope="module", name="sections")
def _sections(results):
    wanted = [
        "summary",
        "figures",
        "correlations",
        "meta",
        "agreement",
        "audit",
        "missing",
        "flow",
        "methods",
    ]
    return {s.name: s for s in build_sections(results, wanted)}


def words_of(section):
    """All text of a section."""
    found = []
    for block in walk(section.blocks):
        match block.kind:
            case "paragraph":
                found.append("".join(p if isinstance(p, str) else p.text for p in block.parts))
            case "bullets":
                found += ["".join(str(p) for p in item) for item in block.items]
            case "lead":
                found += [block.label, *block.answer, *block.sure, *map(" ".join, block.others)]
            case "table":
                found += [" ".join(c.text for c in row) for row in block.rows]
            case "notice":
                found.append(block.text)
    return "\n".join(found)


def test_summary_and_meta_analysis_agree(results, sections):
    run = results.meta["accuracy"]
    total = next(r for r in run.forest if r.kind == "total")
    said = words_of(sections["summary"])
    assert f"Accuracy About {100 * total.estimate:.0f} of 100 cases are sorted right." in said
    estimates = {e.key: e for e in sections["meta"].estimates}
    pooled = estimates["meta.accuracy.pooled"]
    assert (pooled.value, pooled.low, pooled.high) == (total.estimate, total.ci_lb, total.ci_ub)
    assert pooled.n == run.result.k
    assert estimates["meta.accuracy.tau2"].value == run.result.tau2


def test_leaving_one_out_gives_the_refits(results, sections):
    from review import meta_analysis
    from review.stats.effects import back_transform

    run = results.meta["accuracy"]
    result = run.result
    keep = [i for i in range(result.k) if i != 0]
    refit = meta_analysis(result.yi[keep], result.vi[keep], method=result.method, test=result.test)
    expected = float(back_transform(refit.beta[0], transf=result.transf))
    table = next(
        b
        for b in walk(sections["meta"].blocks)
        if b.kind == "table" and b.name == "leave-one-out-accuracy"
    )
    row = next(r for r in table.rows if r[0].text == result.slab[0])
    assert float(row[1].text) == pytest.approx(expected, rel=1e-5)


def test_correlations_are_those_of_figure_6(results, sections):
    from review.analysis_api import Options, find_modules, load_module

    figure = load_module(find_modules(results.review, "figure")["6"]).build(
        results.review, Options()
    )
    stated = {p.statistics["metric"]: p.statistics["spearman"] for p in figure.panels}
    for estimate in sections["correlations"].estimates:
        metric = estimate.key.removeprefix("correlation.")
        drawn = stated[metric]
        assert estimate.value == drawn["rho"]
        assert (estimate.low, estimate.high) == (drawn["ci_low"], drawn["ci_high"])


def test_audit_and_agreement_counts_are_told(results, sections):
    audit, agreement = results.audit, results.agreement
    assert f"{len(audit.claims):,} statements were checked" in words_of(sections["audit"])
    said = words_of(sections["agreement"])
    assert f"{len(agreement.coders)} coders" in said
    assert f"{len(agreement.disagreements):,} cells differ" in said


def test_methods_name_every_estimator(results, sections):
    said = words_of(sections["methods"])
    for word in (
        "Spearman", "Bonett and Wright", "Kruskal-Wallis", "epsilon squared", "Dunn", "Holm",
        "restricted maximum likelihood", "Knapp-Hartung", "Q-profile", "I2", "Cohen's kappa",
        "Krippendorff's alpha", "Fleiss' kappa", "Gwet's AC1", "ICC", "bootstrap", "PRISMA 2020",
        "fitted again without each study", "Cramér's V",
    ):  # fmt: skip
        assert word in said, word


def test_references_belong_to_the_methods_used(full_report, kim_report):
    html = full_report.html.decode()
    for word in ("Page MJ", "Spearman C", "Cohen J", "Gwet KL", "Fleiss JL", "Whiting PF"):
        assert word in html, word
    assert "Whiting PF" not in kim_report.html.decode()


def test_missing_cells_are_counted(results, sections):
    review = results.review
    columns = [k.variable for k in results.missing.known]
    empty = sum(s.value(c) is None for s in review.studies for c in columns)
    assert results.missing.missing == empty
    assert words_of(sections["missing"]).startswith(f"{empty:,} of {len(columns) * 24:,} cells")


def test_published_flow_and_its_broken_sum_are_shown(kim_report):
    flow = next(s for s in kim_report.sections if s.name == "flow")
    said = words_of(flow)
    assert "236 − 114 = 122, stated 121" in said
    assert "7 studies were excluded." in said


def test_kim_shows_its_tables_and_its_false_claims(kim_report):
    by_name = {s.name: words_of(s) for s in kim_report.sections}
    assert "62378344" in by_name["tables"]
    assert "differs" in by_name["tables"]
    assert "1,779" in by_name["correlations"]
    assert "111" in by_name["correlations"]
    assert "impossible" in by_name["audit"]
    assert "0.94 [" in by_name["agreement"]


def test_what_cannot_be_pooled_says_why(samples, tmp_path):
    folder = samples.make_review(tmp_path / "r", samples.studies(5))
    rows = [
        {"study_id": f"study{i:05d}", "role": "headline", "metric": "auc", "value": "0.9"}
        for i in range(5)
    ]
    samples.write_csv(folder / "results.csv", rows)
    found = Results(open_review(folder)).meta
    assert isinstance(found["auc"], Lacking)
    assert "confidence interval" in found["auc"].reason


def test_the_data_block_holds_every_study_as_printed(kim_report):
    block = re.search(r'id="report-data">(.*?)</script>', kim_report.html.decode(), re.DOTALL)
    data = json.loads(block.group(1))
    kim = open_review("kim2022")
    assert data["studies"]["columns"] == kim.columns
    assert len(data["studies"]["rows"]) == len(kim.studies)
    at = data["studies"]["columns"].index("auc")
    printed = {row.cells["study_id"]: row.cells["auc"] for row in kim.table("studies.csv").rows}
    for row in data["studies"]["rows"]:
        assert (row[at] or "") == printed[row[0]]
