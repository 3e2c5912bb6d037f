"""Effect sizes and outcome measures with their sampling variances.

`effect_size` computes them, `EffectSizes` holds them, `MEASURES` lists them and
`back_transform` brings results back to the scale of the outcome. Names are imported on first use:
who asks for the spelling of a heading does not load every measure.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
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

_MODULES: Final = {
    "MEASURES": "measure_registry",
    "TRANSFORMS": "transforms",
    "EffectSizes": "effect_sizes",
    "LeftOut": "row_account",
    "back_transform": "transforms",
    "effect_size": "computed_effects",
    "transform_name": "transforms",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
