"""Effect sizes and outcome measures with their sampling variances.

`effect_size` computes them, `EffectSizes` holds them, `MEASURES` lists them and
`back_transform` brings results back to the scale of the outcome.
"""

from review.stats.effects.computed_effects import effect_size
from review.stats.effects.effect_sizes import EffectSizes
from review.stats.effects.measure_registry import MEASURES
from review.stats.effects.row_account import LeftOut
from review.stats.effects.transforms import TRANSFORMS, back_transform, transform_name

__all__ = [
    "MEASURES",
    "TRANSFORMS",
    "EffectSizes",
    "LeftOut",
    "back_transform",
    "effect_size",
    "transform_name",
]
