"""One rule for confidence levels: 95 and 0.95 mean the same in every function that takes one."""

import importlib
import inspect
import json
import pkgutil

import numpy as np
import pytest
from typer.testing import CliRunner

import review
from review import InputError
from review.cli.main import app
from review.stats.agreement import category_agreement as agreement
from review.stats.agreement import number_agreement as agreement_numbers
from review.stats.bias.bias_input import as_model
from review.stats.consistency import rounding_ranges as consistency
from review.stats.ground.inference import (
    check_level,
    critical_value,
    level_percent,
    normal_quantile,
)
from review.stats.multilevel.mv_predict import predict_mv
from review.stats.multilevel.profile_intervals import component_intervals
from review.stats.multilevel.random_effects import random_effects
from review.stats.multilevel.robust_predict import predict_robust
from review.stats.pooling.batched_fit import fit_batch
from review.stats.recall.recall_estimate import recall_estimate
from review.words import level_name

Y = [0.1, 0.9, 0.4, 0.3, 0.7, 0.2, 0.55]
V = [0.04, 0.09, 0.05, 0.03, 0.08, 0.02, 0.06]
YEAR = [1, 5, 2, 2, 3, 4, 6]
SE = [v**0.5 for v in V]
BAYES = review.bayes_meta(Y, SE, "half-normal:0.5")
FIT = review.meta_analysis(Y, V, test="z")
MODERATED = review.meta_analysis(Y, V, YEAR)
CELLS = {"ai": [4, 6, 3], "bi": [119, 300, 228], "ci": [11, 29, 11], "di": [128, 274, 209]}
EFFECTS = review.effect_size("OR", **CELLS)
COUNTS = review.glmm("OR", **CELLS)
CODES = [list("aabbaabbca"), list("aabbabbbca")]
NUMBERS = [[1, 2, 3, 4, 6], [1, 2, 3, 5, 5]]
SIGNIFICANT = [0.6, 0.9, 0.8, 0.7]
STUDIES = {"study": list("aabbccd")}
LEVELS = review.meta_analysis_mv(Y, V, data=STUDIES, random="~ 1 | study")
CHE = review.che_model(Y, V, cluster=STUDIES["study"])


def resampled(weights):
    return weights @ np.arange(10.0) / 10


TABLES = ([20, 30, 15, 25, 18], [4, 6, 2, 8, 3], [5, 3, 6, 4, 7], [40, 50, 30, 60, 45])
ACCURACY = review.diagnostic_meta(*TABLES)

NETWORK = (Y, [v**0.5 for v in V], list("AAABBAC"), list("BBCCCCD"), list("1234567"))

CASES = {
    "pooling.many_analyses.meta_analysis_many": lambda level: review.meta_analysis_many(
        Y, V, list("aaaabbb"), level=level
    ),
    "accuracy.accuracy_comparison.compare_tests": lambda level: review.compare_tests(
        *(2 * column for column in TABLES), test=list("aaaaabbbbb"), level=level
    ),
    "accuracy.accuracy_result.AccuracyResult.predict": lambda level: ACCURACY.predict(level=level),
    "accuracy.accuracy_result.AccuracyResult.region": lambda level: ACCURACY.region(level=level),
    "accuracy.accuracy_studies.accuracy_descriptives": lambda level: review.accuracy_descriptives(
        *TABLES, level=level
    ),
    "accuracy.deeks.deeks_test": lambda level: review.deeks_test(*TABLES, level=level),
    "accuracy.diagnostic_meta.diagnostic_meta": lambda level: review.diagnostic_meta(
        *TABLES, level=level
    ),
    "accuracy.moses_littenberg.moses_littenberg": lambda level: review.moses_littenberg(
        *TABLES, level=level
    ),
    "agreement.category_agreement.bootstrap_interval": lambda level: agreement.bootstrap_interval(
        resampled, 10, n_boot=200, seed=1, level=level
    ),
    "agreement.category_agreement.cohen_kappa": lambda level: agreement.cohen_kappa(
        CODES, level=level
    ),
    "agreement.category_agreement.gwet_ac": lambda level: agreement.gwet_ac(CODES, level=level),
    "agreement.category_agreement.percent_agreement": lambda level: agreement.percent_agreement(
        CODES, level=level
    ),
    "ground.levels.wilson": lambda level: agreement.wilson(8, 10, level),
    "agreement.number_agreement.bland_altman": lambda level: agreement_numbers.bland_altman(
        *NUMBERS, level=level
    ),
    "agreement.number_agreement.icc": lambda level: [
        agreement_numbers.icc(NUMBERS, form=form, level=level)
        for form in ("agreement", "consistency", "oneway")
    ],
    "pooling.batched_fit.fit_batch": lambda level: fit_batch(Y, V, level=level).ci_lb,
    "bias.funnel_points.funnel_data": lambda level: review.funnel_data(
        Y, V, contours=[level], level=level
    ),
    "bias.limit_meta.limit_meta": lambda level: review.limit_meta(Y, V, level=level),
    "bias.p_curve.p_curve": lambda level: review.p_curve(SIGNIFICANT, [0.04] * 4, level=level),
    "bias.pet_peese.pet_peese": lambda level: review.pet_peese(Y, V, level=level),
    "bias.regtest.regression_test": lambda level: [
        review.regression_test(source, model=model, level=level, vi=variances)
        for model in ("rma", "lm")
        for source, variances in ((Y, V), (FIT, None))
    ],
    "bias.selection.selection_fit.selection_model": lambda level: [
        review.selection_model(FIT, type="negexp", level=level),
        review.selection_model(Y, V, type="negexp", level=level),
    ],
    "bias.bias_input.as_model": lambda level: as_model(FIT, level=level),
    "bias.trimfill.trim_and_fill": lambda level: review.trim_and_fill(FIT, level=level),
    "pooling.heterogeneity_intervals.confint": lambda level: FIT.confint(level=level),
    "consistency.rounding_ranges.proportion_intervals": lambda level: (
        consistency.proportion_intervals(8, 10, level)
    ),
    "association.rank_correlation.spearman": lambda level: review.spearman(Y, YEAR, level=level),
    "influence.diagnostic_points.qq_points": lambda level: review.qq_points(
        FIT, draws=50, level=level
    ),
    "influence.diagnostic_points.radial": lambda level: review.radial(FIT, level=level),
    "influence.profile_likelihood.profile_tau2": lambda level: review.profile_tau2(
        FIT, points=3, level=level
    ),
    "influence.residuals.blup": lambda level: review.blup(FIT, level=level),
    "influence.residuals.ranef": lambda level: review.ranef(FIT, level=level),
    "effects.effect_sizes.EffectSizes.confidence_intervals": EFFECTS.confidence_intervals,
    "effects.effect_sizes.EffectSizes.summary": EFFECTS.summary,
    "effects.effect_sizes.EffectSizes.to_frame": lambda level: EFFECTS.to_frame(level).to_csv(),
    "pooling.henmi_copas.henmi_copas": lambda level: review.henmi_copas(FIT, level=level),
    "ground.levels.check_level": check_level,
    "ground.inference.critical_value": lambda level: critical_value(level, 5.0),
    "ground.levels.normal_quantile": normal_quantile,
    "ground.levels.level_percent": level_percent,
    "pooling.location_scale.location_scale": lambda level: review.location_scale(
        [3 * y for y in Y], V, level=level
    ),
    "pooling.pooled_medians.pool_medians": lambda level: review.pool_medians(Y, level=level),
    "rare_events.glmm.glmm": lambda level: review.glmm("OR", level=level, **CELLS),
    "rare_events.beta_binomial.beta_binomial": lambda level: review.beta_binomial(
        "OR", level=level, **CELLS
    ),
    "rare_events.counts_result.CountsResult.predict": lambda level: COUNTS.predict(level=level),
    "rare_events.mantel_haenszel.mantel_haenszel": lambda level: review.mantel_haenszel(
        "OR", level=level, **CELLS
    ),
    "pooling.meta_analysis.meta_analysis": lambda level: review.meta_analysis(Y, V, level=level),
    "multilevel.che.CHEResult.predict": lambda level: CHE.predict(level=level),
    "multilevel.che.che_model": lambda level: review.che_model(
        Y, V, cluster=STUDIES["study"], level=level
    ),
    "multilevel.meta_mv.meta_analysis_mv": lambda level: review.meta_analysis_mv(
        Y, V, data=STUDIES, random="~ 1 | study", level=level
    ),
    "multilevel.mv_predict.predict_mv": lambda level: predict_mv(LEVELS, level=level),
    "multilevel.mv_result.MVResult.confint": lambda level: LEVELS.confint(level=level),
    "multilevel.mv_result.MVResult.predict": lambda level: LEVELS.predict(level=level),
    "multilevel.mv_result.MVResult.ranef": lambda level: LEVELS.ranef(level=level),
    "multilevel.profile_intervals.component_intervals": lambda level: component_intervals(
        LEVELS, level=level
    ),
    "multilevel.random_effects.random_effects": lambda level: random_effects(LEVELS, level=level),
    "multilevel.robust_predict.predict_robust": lambda level: predict_robust(
        CHE.robust, level=level
    ),
    "multilevel.robust_variance.robust_variance": lambda level: review.robust_variance(
        Y, V, cluster=STUDIES["study"], level=level
    ),
    "rare_events.peto.peto": lambda level: review.peto(level=level, **CELLS),
    "pooling.prediction.predict": lambda level: MODERATED.predict([2], level=level),
    "pooling.meta_result.MetaResult.confint": lambda level: MODERATED.confint(level=level),
    "pooling.meta_result.MetaResult.predict": lambda level: FIT.predict(level=level),
    "bayes.bayes_fit.bayes_meta": lambda level: review.bayes_meta(
        Y, SE, "half-normal:0.5", level=level
    ),
    "bayes.bayes_result.BayesResult.predict": lambda level: BAYES.predict(level=level),
    "bayes.posterior_summary.Distribution.interval": lambda level: BAYES.distribution(
        "mu"
    ).interval(level),
    "recall.recall_estimate.recall_estimate": lambda level: recall_estimate(
        [True] * 9 + [False] * 30, 100, level=level
    ),
    "pooling.robust.cluster_robust": lambda level: review.cluster_robust(LEVELS, level=level),
    "pooling.robust.robust": lambda level: review.robust(
        MODERATED, [1, 1, 2, 3, 4, 5, 6], level=level
    ),
    "networks.component_model.component_network": lambda level: review.component_network(
        *NETWORK, level=level
    ),
    "networks.network_meta.network_meta": lambda level: review.network_meta(*NETWORK, level=level),
    "networks.network_result.NetworkResult.tau2_confint": lambda level: review.network_meta(
        *NETWORK
    ).tau2_confint(level=level),
}
# take the level in per cent from a result that has checked it, or another kind of level
INSIDE = {
    "bayes.shrinkage_rows.shrinkage_table", "workflow.pooling.bayes_run.run_bayes",
    "workflow.screening.screening_recall.screening_recall",
    "consistency.interval_pvalues.implied_z", "consistency.interval_pvalues.t_degrees",
    "pooling.small_sample.fit_notes", "pooling.small_sample.knapp_hartung",
    "accuracy.accuracy_data.read_accuracy", "accuracy.accuracy_studies.share_interval",
    "accuracy.accuracy_studies.studies_of", "accuracy.diagnostic_meta.fit_rows",
    "accuracy.hsroc.hsroc_of", "accuracy.threshold_effect.threshold_effect",
    "accuracy.summary_point.ellipse",
    "accuracy.summary_point.summary_points", "workflow.pooling.accuracy_run.run_accuracy",
    "workflow.pooling.network_run.run_network",
    "pooling.batched_fit.fit_sample", "rare_events.pooled_tables.Tables.fields",
    "rare_events.pooled_tables.wald", "ground.inference.basis_tests",
    "ground.inference.coef_tests", "pooling.meta_analysis.fit", "pooling.meta_analysis.result_of",
    "pooling.few_studies.fit_few", "bias.bias_input.fit_effects",
    "workflow.certainty.plain_statements.statement", "workflow.certainty.plain_statements.verb",
    "plots.meta.forest_plot.draw_rows", "plots.meta.forest_columns.effect_column",
    "pooling.refitting.Fits.tests",
    "multilevel.mv_predict.limits_of", "pooling.robust.robust_tests",
    "workflow.pooling.dependent_rows.fit_clusters",
    "networks.component_model.fit_components", "networks.network_fit.tables",
    "networks.node_splitting.back_calculation", "networks.node_splitting.node_splitting",
    "words.quantities.confidence", "words.quantities.level_name",
    "bias.findings.limit_estimate",  # the p-value that a limit is to have
    "workflow.pooling.counts_run.run_counts",
    "cli.meta.meta", "workflow.pooling.meta_run.run_meta",  # tested below
}  # fmt: skip


def named(module):
    return module.removeprefix("review.").removeprefix("stats.")


def takes_level(code, name):
    plain_function = inspect.isfunction(code) and not name.startswith("_")
    return plain_function and "level" in inspect.signature(code).parameters


def takers():
    """Every function and method of the package with a parameter `level`."""
    for found in pkgutil.walk_packages(review.__path__, "review."):
        if found.name.startswith(("review.models", "review._resources")):
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if takes_level(value, name):
                yield f"{named(module.__name__)}.{name}"
            elif inspect.isclass(value) and not name.startswith("_"):
                for method, code in vars(value).items():
                    if takes_level(code, method):
                        yield f"{named(module.__name__)}.{name}.{method}"


def test_every_function_that_takes_a_level_is_here():
    assert set(takers()) == set(CASES) | INSIDE


def plain(found):
    if isinstance(found, list | tuple):
        return [plain(x) for x in found]
    if hasattr(found, "to_dict"):
        return json.dumps(found.to_dict())
    if hasattr(found, "tolist"):
        return found.tolist()
    return repr(found)


@pytest.mark.parametrize("name", CASES)
def test_a_percentage_and_a_fraction_mean_the_same(name):
    for high, low in ((90, 0.9), (99.5, 0.995)):
        assert plain(CASES[name](high)) == plain(CASES[name](low))
    assert plain(CASES[name](90)) != plain(CASES[name](80))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("level", [0, 1, 100, -5, float("nan"), "95", True, [95]])
def test_what_is_no_level_is_refused_with_the_same_words(name, level):
    with pytest.raises(InputError, match="level must be a percentage between 0 and 100, such as"):
        CASES[name](level)


def test_summaries_and_tables_say_the_level_in_per_cent():
    for found in (
        review.meta_analysis(Y, V, level=0.9), review.mantel_haenszel("OR", level=0.9, **CELLS),
        review.peto(level=0.9, **CELLS), review.blup(FIT, level=0.9), FIT.confint(level=0.9),
        review.trim_and_fill(FIT, level=0.9).fit, review.spearman(Y, YEAR, level=0.9),
    ):  # fmt: skip
        assert found.level == 90.0
    assert "90% CI" in EFFECTS.summary(0.9)
    assert "90% CI" in review.mantel_haenszel("OR", level=0.9, **CELLS).summary()
    assert level_name(level_percent(0.999)) == "99.9%"


def test_levels_of_single_studies_follow_the_same_rule():
    auc = {"auc": [0.8, 0.8], "ci_low": [0.7, 0.7], "ci_high": [0.9, 0.9]}
    found = review.effect_size("AUC", level=[90, 0.9], **auc)
    assert found.vi[0] == found.vi[1]
    with pytest.raises(review.StatsError, match="level must be a per cent"):
        review.effect_size("AUC", level=[1, 90], **auc)


def test_contours_of_the_funnel_plot():
    figures = [FIT.plot.funnel(contours=c).to_json() for c in ([90, 95], [0.9, 0.95], [80, 95])]
    assert figures[0] == figures[1] != figures[2]


def test_the_command_line(tmp_path):
    path = tmp_path / "effects.csv"
    path.write_text("yi,vi\n" + "\n".join(f"{y},{v}" for y, v in zip(Y, V, strict=True)) + "\n")
    said = []
    for level in ("90", "0.9", "80"):
        done = CliRunner().invoke(
            app, ["meta", "--csv", str(path), "--level", level, "--out", str(tmp_path)]
        )
        assert done.exit_code == 0, done.output
        said.append(done.output)
    assert said[0] == said[1] != said[2]
    assert "level 90%" in said[1]
