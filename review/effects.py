"""From what studies report to effects and their sampling variances."""

from review.stats.effects import MEASURES, EffectSizes, back_transform, effect_size
from review.stats.effects.conversion import Conversion
from review.stats.effects.trial_designs import combine_groups
from review.stats.pooling.pooled_medians import PooledMedians, pool_medians

__all__ = [
    "MEASURES",
    "Conversion",
    "EffectSizes",
    "PooledMedians",
    "back_transform",
    "combine_groups",
    "effect_size",
    "pool_medians",
]
