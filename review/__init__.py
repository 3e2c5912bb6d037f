"""Systematic reviews as plain text files: code, check, analyse, pool, publish.

Names are imported on first use, so that `import review` stays light.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

__version__ = "0.1.0"

# public name -> module that defines it (one line per module, alphabetical)
_EXPORTS: Final[dict[str, tuple[str, ...]]] = {
    "review.errors": (
        "BusyError",
        "ConvergenceError",
        "DataError",
        "DuplicateError",
        "InputError",
        "MissingExtraError",
        "ReviewError",
        "ReviewWarning",
        "StatsError",
        "UnknownNameError",
    ),
    "review.models.arithmetic": ("conv_parameters", "output_size"),
    "review.models.backbones": ("Backbone", "backbones", "find_backbone"),
    "review.models.layers": ("LayerTable", "layer_table"),
    "review.models.table1": ("Table1", "check_table1"),
    "review.models.transfer": (
        "TransferCount",
        "apply_transfer",
        "build_backbone",
        "transfer_count",
        "transfer_counts",
    ),
    "review.project": ("Review", "open_review"),
    "review.report": ("Report", "build_report"),
    "review.stats.association": ("KruskalResult", "kruskal_wallis"),
    "review.stats.correlation": ("SpearmanResult", "spearman"),
    "review.stats.crosstab": ("CramerResult", "cramers_v"),
    "review.stats.reported_correlation": ("ReportedCorrelation", "check_reported_correlation"),
    "review.stats.bias.fsn": ("FailSafeN", "fail_safe_n"),
    "review.stats.bias.funnel": ("FunnelData", "funnel_data"),
    "review.stats.bias.limit_meta": ("LimitMeta", "limit_meta"),
    "review.stats.bias.p_curve": ("PCurve", "p_curve"),
    "review.stats.bias.pet_peese": ("PetPeese", "pet_peese"),
    "review.stats.bias.ranktest": ("RankTest", "rank_test"),
    "review.stats.bias.regtest": ("RegressionTest", "regression_test"),
    "review.stats.bias.selection.fit": ("selection_model",),
    "review.stats.bias.selection.result": ("SelectionResult",),
    "review.stats.bias.tes": ("ExcessSignificance", "excess_significance"),
    "review.stats.bias.trimfill": ("TrimAndFill", "trim_and_fill"),
    "review.stats.confint": ("ConfidenceIntervals",),
    "review.stats.effect_sizes": ("EffectSizes", "MEASURES", "back_transform", "effect_size"),
    "review.stats.mantel_haenszel": ("MantelHaenszelResult", "mantel_haenszel"),
    "review.stats.comparison": ("LikelihoodRatioResult", "likelihood_ratio_test"),
    "review.stats.diagnostics": (
        "BaujatResult",
        "EffectsResult",
        "InfluenceResult",
        "ProfileResult",
        "QQResult",
        "RadialResult",
        "RefitResult",
        "ResidualsResult",
        "VIFResult",
        "baujat",
        "blup",
        "cumulative",
        "influence",
        "leave_one_out",
        "profile_tau2",
        "qq_points",
        "radial",
        "ranef",
        "rstandard",
        "rstudent",
        "vif",
    ),
    "review.stats.gosh": ("GoshResult", "gosh"),
    "review.stats.henmi_copas": ("HenmiCopasResult", "henmi_copas"),
    "review.stats.linear_hypothesis": ("LinearHypothesisResult", "linear_hypothesis"),
    "review.stats.location_scale": ("location_scale",),
    "review.stats.location_scale_result": ("LocationScalePrediction", "LocationScaleResult"),
    "review.stats.permutation": ("PermutationResult", "permutation_test"),
    "review.stats.robust": ("RobustResult", "robust"),
    "review.stats.subgroups": ("SubgroupResult", "subgroup_analysis"),
    "review.stats.peto": ("PetoResult", "peto"),
    "review.stats.meta": ("meta_analysis",),
    "review.stats.predict": ("PredictResult",),
    "review.stats.result": ("MetaResult",),
    "review.workflow.agreement": ("agreement",),
    "review.workflow.agreement_report": ("AgreementReport",),
    "review.workflow.audit": ("AuditReport", "Claim", "audit", "audit_csv", "audit_rows"),
    "review.workflow.recommend": ("Recommendation", "recommend"),
    "review.workflow.risk_of_bias": ("Assessments", "load_assessments"),
}
_MODULE_OF: Final = {name: module for module, names in _EXPORTS.items() for name in names}

__all__ = sorted([*_MODULE_OF, "__version__"])  # noqa: PLE0605  names come from the table above


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'review' has no attribute {name!r}")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
