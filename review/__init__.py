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
    "review.stats.effect_sizes": ("EffectSizes", "MEASURES", "back_transform", "effect_size"),
    "review.stats.mantel_haenszel": ("MantelHaenszelResult", "mantel_haenszel"),
    "review.stats.peto": ("PetoResult", "peto"),
    "review.stats.meta": ("meta_analysis",),
    "review.stats.result": ("MetaResult",),
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
