"""GOSH plot: estimate against heterogeneity in all subsets of the studies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.plots.meta.effect_axis import analysis_label
from review.plots.theme import PALETTE, axis, layout

if TYPE_CHECKING:
    from review.stats.influence.gosh import GoshResult
    from review.stats.pooling.meta_result import MetaResult

MOST: Final = 20_000  # points that a browser draws without delay
_MEASURES: Final = ("I2", "tau2", "QE", "H2")


def gosh(
    result: MetaResult | GoshResult,
    *,
    subsets: GoshResult | None = None,
    against: str = "I2",
    study: int | str | None = None,
    title: str = "",
    **options: Any,
) -> Any:
    """Return a GOSH plot (Olkin, Dahabreh & Trikalinos 2012).

    Args:
        result: a model without moderators, or the result of `review.gosh`.
        subsets: what `review.gosh` found for the model; computed when it is not given.
        against: the measure of heterogeneity on the y axis: I2, tau2, QE or H2.
        study: a study whose subsets are drawn in another colour: label or position from 0.
        title: above the figure.
        options: of `review.gosh` when a model is given.

    Raises:
        UnknownNameError: `against` is no such measure; no study is called so.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], method="EE")
        >>> gosh(fit, study="2").data[0].name
        'with 2'
    """
    import numpy as np
    import plotly.graph_objects as go

    from review.errors import InputError, UnknownNameError
    from review.stats.influence.gosh import GoshResult
    from review.stats.influence.gosh import gosh as fit_subsets

    if not isinstance(against, str) or against not in _MEASURES:
        raise UnknownNameError("measure of heterogeneity", str(against), _MEASURES)
    if isinstance(result, GoshResult):
        subsets = result
    elif subsets is None:
        subsets = fit_subsets(result, **options)
    elif not isinstance(subsets, GoshResult):
        raise InputError(f"subsets is what review.gosh found for the model, not {subsets!r}")
    shown = np.arange(subsets.n)
    note = ""
    if subsets.n > MOST:
        shown = np.sort(np.random.default_rng(1).choice(subsets.n, MOST, replace=False))
        note = f" ({MOST:,} of {subsets.n:,} drawn)"
    groups = [("all subsets", np.ones(subsets.n, dtype=bool), PALETTE[0])]
    if study is not None:
        inside = subsets.contains(study)
        name = subsets.labels[study] if isinstance(study, int) else study
        groups = [(f"with {name}", inside, PALETTE[5]), (f"without {name}", ~inside, PALETTE[0])]
    figure = go.Figure()
    y = getattr(subsets, against)
    for name, mask, colour in groups:
        at = shown[mask[shown]]
        figure.add_trace(
            go.Scatter(
                x=subsets.estimate[at], y=y[at], mode="markers", name=name, hoverinfo="skip",
                marker={"color": colour, "size": 3, "opacity": 0.3},
            )
        )  # fmt: skip
    label = "Effect" if isinstance(result, GoshResult) else analysis_label(result)
    figure.update_layout(
        **layout(
            title or f"{subsets.title}{note}",
            xaxis=axis(label),
            yaxis=axis({"I2": "I² (%)", "tau2": "tau²", "QE": "Q", "H2": "H²"}[against]),
            height=520,
            showlegend=study is not None,
            legend={"itemsizing": "constant"},
        )
    )
    return figure
