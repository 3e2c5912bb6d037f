"""Meta-analyses of the outcomes that can be pooled: text, forest and funnel plot, numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from review.errors import StatsError
from review.plots.meta.meta_files import meta_artifacts
from review.plots.theme import words
from review.report.blocks import Estimate, Group, Section, empty, text
from review.report.everyday_scale import of_effects
from review.report.results import Lacking
from review.report.run_blocks import (
    account,
    in_words,
    left_out_table,
    not_pooled,
    nothing_pooled,
    panels_of,
    remarks,
)
from review.report.sections.bayes_groups import bayes_estimates, bayes_group
from review.report.table_cells import table_of
from review.stats.effects.conversion import named as numbers_text
from review.stats.presentation.effect_display import ONE_GROUP, digits_for, interval_text
from review.stats.presentation.measure_words import effect_name
from review.words import number, sentence

if TYPE_CHECKING:
    from review.report.blocks import Block
    from review.report.results import Results
    from review.workflow.pooling.meta_run import MetaRun

TITLE: Final = "Meta-analyses"
RATIO_SCALES: Final = ("exp", "expit")  # differences on these are ratios


def build(results: Results) -> Section:
    """Return the section."""
    runs = {o: r for o, r in results.meta.items() if not isinstance(r, Lacking)}
    lacking = [
        f"{results.meta_title(o)}: {r.reason}"
        for o, r in results.meta.items()
        if isinstance(r, Lacking)
    ]
    bayes = results.bayes
    if not runs and not bayes:
        why = lacking or ["no results with a known metric (results.csv)"]
        none = empty("meta", TITLE, "Nothing is pooled.", *why)
        return nothing_pooled(none, lacking, results)
    blocks: list[Block] = [
        Group(f"meta-{o}", results.meta_title(o), _run(o, run, results)) for o, run in runs.items()
    ]
    blocks += [bayes_group(o, run, results) for o, run in bayes.items()]
    blocks += not_pooled(lacking)
    accounts = {o: account(run.result) for o, run in runs.items()}
    accounts |= {o: account(run.result) for o, run in bayes.items()}
    methods = [m for o, run in runs.items() for m in _methods(results.meta_title(o), run)]
    methods += [f"{results.meta_title(o)}: {accounts[o][0]}" for o in bayes]
    estimates = [e for o, run in runs.items() for e in _estimates(o, results.meta_title(o), run)]
    estimates += [e for o, run in bayes.items() for e in bayes_estimates(o, run, results)]
    return Section(
        "meta",
        TITLE,
        tuple(blocks),
        methods=tuple(methods),
        references=tuple(dict.fromkeys(r for _, _, refs in accounts.values() for r in refs)),
        estimates=tuple(estimates),
    )


def _run(outcome: str, run: MetaRun, results: Results) -> tuple[Block, ...]:
    title = results.meta_title(outcome)
    said = of_effects(run, results.stated_baseline(outcome))
    blocks: list[Block] = [in_words(said)] if said is not None else []
    blocks.append(text(account(run.result)[1]))
    blocks += _ratios(outcome, run)
    blocks += panels_of(results.review, meta_artifacts(run, f"meta-{outcome}"), title)
    if run.subgroups is not None:
        blocks.append(_subgroups(outcome, title, run))
    blocks += _sensitivity(outcome, title, run)
    if run.effects is not None and run.effects.conversions:
        rows = [
            {"study": c.slab, "method": c.method, "from": numbers_text(c.inputs),
             "gives": numbers_text(c.gives),
             "source": c.source, "approximate": "yes" if c.approximate else "no"}
            for c in run.effects.conversions
        ]  # fmt: skip
        caption = f"Results on {title} that were converted before the analysis"
        blocks.append(table_of(rows, caption=caption, name=f"converted-{outcome}", folded=True))
    caption = f"Results on {title} that are not pooled, and why"
    blocks += left_out_table(run.left_out, caption, outcome)
    # what the model itself says stands in its results above
    if others := [note for note in run.notes if note not in run.result.notes]:
        blocks.append(remarks(others))
    return tuple(blocks)


def _ratios(outcome: str, run: MetaRun) -> list[Block]:
    """Coefficients of a meta-regression on the scale of readers, where the model's is another."""
    from review.stats.pooling.meta_result import MetaResult

    result = run.result
    if not isinstance(result, MetaResult) or result.intercept_only:
        return []
    if result.transf not in RATIO_SCALES:
        return []
    rows = [
        {"coefficient": name, "ratio": math.exp(b), "low": math.exp(low), "high": math.exp(high)}
        for name, b, low, high in zip(
            result.coef_names, result.beta.tolist(), result.ci_lb.tolist(), result.ci_ub.tolist(),
            strict=True,
        )
    ][int(result.intercept) :]  # fmt: skip
    of = "odds" if result.transf == "expit" else effect_name(result, back=True)
    said = text(
        f"The coefficients above are on the scale of the model ({effect_name(result)}). As ratios "
        f"they say by what the {of} is multiplied where the moderator is one unit larger; 1 means "
        "no difference."
    )
    caption = "Coefficients as ratios"
    return [said, table_of(rows, caption=caption, name=f"ratios-{outcome}")]


def _subgroups(outcome: str, title: str, run: MetaRun) -> Group:
    assert run.subgroups is not None
    digits = digits_for(run.forest)
    rows = [
        {
            "subgroup": words(row.group),
            "pooled": interval_text(row, digits),
            "studies": sum(r.kind == "study" and r.group == row.group for r in run.forest),
        }
        for row in run.forest
        if row.kind == "subtotal"
    ]
    table = table_of(rows, caption=f"{title} by subgroup", name=f"subgroups-{outcome}")
    said = text(sentence(run.subgroups.test_text()))
    return Group(f"meta-{outcome}-subgroups", "Subgroups", (said, table))


def _sensitivity(outcome: str, title: str, run: MetaRun) -> list[Block]:
    """Return how far the estimate moves when one study is left out."""
    from review.stats.effects import back_transform
    from review.stats.influence import leave_one_out
    from review.stats.pooling.meta_result import MetaResult

    result = run.result
    if not isinstance(result, MetaResult) or result.k < 3 or not result.intercept_only:
        return []
    try:
        refits = leave_one_out(result)
    except StatsError:
        return []
    shown = [
        back_transform(x, transf=result.transf or "identity", ni=result.ni, ti=result.ni)
        for x in (refits.estimate, refits.ci_lb, refits.ci_ub)
    ]
    rows: list[dict[str, Any]] = [
        {"without": label, "pooled": float(e), "low": float(lo), "high": float(hi),
         "tau2": float(t), "I2 (%)": float(i)}
        for label, e, lo, hi, t, i in zip(
            refits.labels, *shown, refits.tau2, refits.I2, strict=True
        )
    ]  # fmt: skip
    rows.sort(key=lambda row: (row["pooled"], row["without"]))
    low, high = rows[0], rows[-1]
    digits = digits_for(run.forest)
    said = text(
        f"Without one study at a time the pooled {title} lies between "
        f"{number(low['pooled'], digits)} (without {low['without']}) and "
        f"{number(high['pooled'], digits)} (without {high['without']})."
    )
    caption = f"Pooled {title} without each study"
    table = table_of(rows, caption=caption, name=f"leave-one-out-{outcome}", folded=True)
    return [Group(f"meta-{outcome}-sensitivity", "How much one study matters", (said, table))]


def _methods(title: str, run: MetaRun) -> list[str]:
    from review.stats.pooling.meta_result import MetaResult

    said = [f"{title}: {account(run.result)[0]}"]
    if run.effects is not None:
        how = "; ".join(f"{name} {value}" for name, value in run.effects.settings.items() if value)
        said[0] += f" Effects ({run.effects.measure}) were computed from the printed numbers"
        said[0] += f" ({how})." if how else "."
    if run.subgroups is not None:
        said.append(
            f"{title} by subgroup: one model per subgroup. {sentence(run.subgroups.test_text())}"
        )
    if run.egger is not None:
        said.append(f"{title}: {sentence(run.egger.words())}")
    single = isinstance(run.result, MetaResult)
    if single and run.result.k > 2 and run.result.intercept_only:
        said.append(f"{title}: the model was fitted again without each study.")
    return said


def no_effect(result: Any) -> float | None:
    """Return the value of the shown scale that means no effect; None where none is known."""
    if not result.measure or result.measure in ONE_GROUP:
        return None
    return 1.0 if result.transf == "exp" else 0.0


def _estimates(outcome: str, title: str, run: MetaRun) -> list[Estimate]:
    from review.stats.multilevel.che import CHEResult
    from review.stats.pooling.meta_result import MetaResult
    from review.stats.rare_events.glmm_result import GLMMResult

    result = run.result
    total = next((row for row in run.forest if row.kind == "total"), None)
    found = []
    if isinstance(result, MetaResult | CHEResult | GLMMResult):  # others have no such variance
        found += [
            Estimate(f"meta.{outcome}.tau2", f"tau² of {title}", result.tau2, n=result.k),
            Estimate(f"meta.{outcome}.I2", f"I² of {title} (%)", result.I2, n=result.k),
        ]
    if total is not None:
        pooled = Estimate(
            f"meta.{outcome}.pooled", f"Pooled {title}",
            total.estimate, total.ci_lb, total.ci_ub, result.k, no_effect(result),
        )  # fmt: skip
        found.insert(0, pooled)
    return found
