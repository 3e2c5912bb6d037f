"""From what studies report to effects and their sampling variances."""

from review.stats.effect_sizes import MEASURES, EffectSizes, back_transform, effect_size

__all__ = ["MEASURES", "EffectSizes", "back_transform", "effect_size"]
