"""Effect sizes and outcome measures with their sampling variances.

`effect_size` computes them, `EffectSizes` holds them, `MEASURES` lists them and
`back_transform` brings results back to the scale of the outcome.
"""

from review.stats.effect_sizes.audit import LeftOut
from review.stats.effect_sizes.compute import effect_size
from review.stats.effect_sizes.registry import MEASURES
from review.stats.effect_sizes.result import EffectSizes
from review.stats.effect_sizes.transforms import TRANSFORMS, back_transform, transform_name

__all__ = [
    "MEASURES",
    "TRANSFORMS",
    "EffectSizes",
    "LeftOut",
    "back_transform",
    "effect_size",
    "transform_name",
]
