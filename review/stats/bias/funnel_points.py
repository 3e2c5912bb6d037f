"""Coordinates of a contour-enhanced funnel plot.

Peters et al. 2008 (J Clin Epidemiol 61:991): shaded regions show where an effect is significant, so
that studies missing from the region of p > .05 point to publication bias, and others do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError
from review.stats.bias.bias_input import as_model
from review.stats.bias.record import Record
from review.stats.bias.trimfill import TrimAndFill, trim_and_fill
from review.stats.ground.arguments import real, values_of
from review.stats.ground.guard import guarded
from review.stats.ground.inference import check_level, critical_value, level_percent
from review.stats.multilevel.che import CHEResult
from review.stats.multilevel.mv_result import MVResult
from review.stats.pooling.meta_result import MetaResult
from review.stats.rare_events.common_effect import CommonEffect
from review.stats.rare_events.counts_result import CountsResult
from review.words import confidence, number, plural, significant

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

    from review.stats.ground.least_squares import FloatArray


@dataclass(frozen=True, eq=False)
class Region(Record):
    """One region of the funnel plot, as closed polygons.

    Attributes:
        label: such as "0.05 < p < 0.10".
        p_low, p_high: two-sided p-values inside the region.
        polygons: each (n, 2): effect and standard error of the corners, first corner repeated;
            one in the middle of the funnel, or one on either side.
    """

    label: str
    p_low: float
    p_high: float
    polygons: tuple[FloatArray, ...]

    @property
    def conventions(self) -> None:
        """None: coordinates of a figure."""
        return

    def words(self) -> str:
        """Return the label."""
        return self.label


@dataclass(frozen=True, eq=False)
class FunnelData(Record):
    """Points, lines and regions of a funnel plot.

    Attributes:
        yi, sei: effects and standard errors, (n,), filled-in studies last.
        fill: which points are filled in, (n,). slab: labels.
        estimate: pooled effect, where the centre line stands.
        adjusted: pooled effect with filled-in studies; None without them.
        funnel: corners of the region that holds `level` per cent of studies without heterogeneity
            and bias, (4, 2).
        regions: significance contours around `null`, from the inside out.
        null: effect under the null hypothesis.
        x_range, se_max: of the plot.
        level: of the funnel, per cent.
        measure: code of the effect measure, or "".
    """

    yi: FloatArray
    sei: FloatArray
    fill: npt.NDArray[np.bool_]
    slab: tuple[str, ...]
    estimate: float
    adjusted: float | None
    funnel: FloatArray
    regions: tuple[Region, ...]
    null: float
    x_range: tuple[float, float]
    se_max: float
    level: float
    measure: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row per point."""
        import pandas as pd

        return pd.DataFrame(
            {"slab": list(self.slab), "yi": self.yi, "sei": self.sei, "fill": self.fill}
        )

    @property
    def conventions(self) -> None:
        """None: coordinates of a figure."""
        return

    def words(self) -> str:
        """Return what the plot shows."""
        low, high = float(self.funnel[2, 0]), float(self.funnel[1, 0])
        labels = ", ".join(region.label for region in self.regions)
        return (
            f"Funnel plot of {plural(int((~self.fill).sum()), 'study')} and "
            f"{int(self.fill.sum())} filled in, around {number(self.estimate)} (at the base "
            f"{confidence(low, high, self.level)}); contours (Peters et al. 2008): {labels}"
        )


@guarded
def funnel_data(
    source: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    data: Any = None,
    contours: Sequence[float] = (90, 95, 99),
    null: float = 0.0,
    trim_fill: bool | TrimAndFill = False,
    level: float | None = None,
    se_max: float | None = None,
) -> FunnelData:
    """Return the coordinates of a contour-enhanced funnel plot.

    Args:
        source: a `MetaResult`, multilevel model or model of counts without moderators, a
            `TrimAndFill`, the result of `effect_size`, or effects (k,).
        vi: sampling variances, (k,), when `source` holds effects alone.
        sei: standard errors, instead of `vi`.
        data: where column names are looked up.
        contours: confidence levels of the contours, per cent; () for none.
        null: effect under the null hypothesis, the centre of the contours.
        trim_fill: add the studies that trim and fill (L0) fills in, or those of a result of it.
        level: of the funnel, per cent; that of the model, or 95.
        se_max: largest standard error shown; by default the largest one, plus 5 per cent.

    Raises:
        InputError: the model has moderators; contours outside (0, 100); se_max too small.

    Example:
        >>> found = funnel_data([0.1, 0.3, 0.9], [0.01, 0.02, 0.1], contours=(95,))
        >>> [region.label for region in found.regions]
        ['p > 0.05', 'p < 0.05']
    """
    filled = source if isinstance(source, TrimAndFill) else None
    model = _shown(source, vi, sei, data) if filled is None else filled.observed
    if not model.intercept_only:
        raise InputError("a funnel plot needs a model without moderators; plot the residuals")
    if filled is None and trim_fill is not False:
        if not isinstance(model, MetaResult):
            raise InputError("trim and fill is about one effect per study")
        filled = trim_fill if isinstance(trim_fill, TrimAndFill) else trim_and_fill(model)
    yi, v = (filled.yi, filled.vi) if filled else (model.yi, model.vi)
    se, slab = np.sqrt(v), filled.slab if filled else model.slab
    top = 1.05 * float(se.max()) if se_max is None else real("se_max", se_max)
    if top < float(se.max()):
        shown = number(float(se.max()))
        raise InputError(f"se_max must be at least the largest standard error, {shown}")
    null = real("null", null)
    levels = sorted({check_level(c) for c in values_of("contours", contours)})
    wide = level_percent(model.level if level is None else level)
    centre = float(model.beta[0])
    half = float(critical_value(wide, None)) * top
    furthest = max([half, *(float(critical_value(c, None)) * top for c in levels)])
    x_low = min(float(yi.min()), centre - half, null - furthest if levels else centre)
    x_high = max(float(yi.max()), centre + half, null + furthest if levels else centre)
    margin = 0.04 * (x_high - x_low)
    x_range = (float(x_low - margin), float(x_high + margin))
    return FunnelData(
        yi=yi, sei=se, fill=filled.fill if filled else np.zeros(len(yi), dtype=bool), slab=slab,
        estimate=centre, adjusted=float(filled.fit.beta[0]) if filled else None,
        funnel=_triangle(centre, half, top), regions=_regions(levels, null, top, x_range),
        null=null, x_range=x_range, se_max=top, level=wide, measure=model.measure,
    )  # fmt: skip


def _shown(
    source: Any, vi: Any, sei: Any, data: Any
) -> MetaResult | MVResult | CHEResult | CountsResult | CommonEffect:
    """The model whose effects are drawn; one of several effects per study as it is."""
    if isinstance(source, MVResult | CHEResult | CountsResult | CommonEffect):
        return source
    return as_model(source, vi, sei=sei, data=data)


def _triangle(centre: float, half: float, top: float) -> FloatArray:
    return np.array([[centre, 0.0], [centre + half, top], [centre - half, top], [centre, 0.0]])


def _regions(
    levels: list[float], null: float, top: float, x_range: tuple[float, float]
) -> tuple[Region, ...]:
    """The region within the innermost contour, the bands between contours, and the outside."""
    if not levels:
        return ()
    reach = [float(critical_value(level, None)) * top for level in levels]
    p = [1.0 - level for level in levels]
    inner = Region(f"p > {significant(p[0], 2)}", p[0], 1.0, (_triangle(null, reach[0], top),))
    bands = [
        Region(
            f"{significant(p[i + 1], 2)} < p < {significant(p[i], 2)}", p[i + 1], p[i],
            tuple(_band(null, s * reach[i], s * reach[i + 1], top) for s in (-1.0, 1.0)),
        )
        for i in range(len(levels) - 1)
    ]  # fmt: skip
    sides = ((-1.0, x_range[0]), (1.0, x_range[1]))
    outside = tuple(_outside(null, s * reach[-1], edge, top) for s, edge in sides)
    return (inner, *bands, Region(f"p < {significant(p[-1], 2)}", 0.0, p[-1], outside))


def _band(null: float, near: float, far: float, top: float) -> FloatArray:
    return np.array([[null, 0.0], [null + near, top], [null + far, top], [null, 0.0]])


def _outside(null: float, near: float, edge: float, top: float) -> FloatArray:
    return np.array([[null, 0.0], [null + near, top], [edge, top], [edge, 0.0], [null, 0.0]])
