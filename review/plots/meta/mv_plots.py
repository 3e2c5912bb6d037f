"""Figures of multilevel models: forest plot by study, caterpillar plot, profile likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError
from review.plots.meta.forest_plot import forest as draw_forest
from review.plots.meta.funnel_plot import funnel
from review.plots.theme import INK, MUTED, PALETTE, axis, layout, plain
from review.words import level_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.plots.interval_table.table_drawing import Drawing
    from review.stats.multilevel.che import CHEResult, RhoSensitivity
    from review.stats.multilevel.mv_result import MVResult
    from review.stats.multilevel.profile_intervals import ComponentProfile
    from review.stats.presentation.effect_display import Transf

__all__ = ["caterpillar", "forest", "funnel", "profile", "sensitivity"]

MOST = 400  # groups that a caterpillar plot shows


def model_of(result: MVResult | CHEResult) -> MVResult:
    """Return the multilevel model itself."""
    from review.stats.multilevel.che import CHEResult

    return result.model if isinstance(result, CHEResult) else result


def forest(
    result: MVResult | CHEResult,
    *,
    transf: Transf = None,
    cluster: Any = None,
    title: str = "",
    **options: Any,
) -> Drawing:
    """Return a forest plot in which the effects of a study stand below its name.

    Args:
        result: a multilevel model; with moderators no total is drawn.
        transf: back-transformation; the measure's own by default.
        cluster: what stands together; by default the studies of the model.
        title: above the figure.
        options: further ones of `review.plots.meta.forest_plot.forest`.

    Example:
        >>> from review import meta_analysis_mv
        >>> data = {"y": [0.1, 0.3, 0.8], "v": [0.02] * 3, "study": ["a", "a", "b"]}
        >>> figure = forest(meta_analysis_mv("y", "v", data=data, random="~ 1 | study"))
        >>> [row.label for row in figure.table.rows][:2]
        ['a', '1']
    """
    from review.stats.multilevel.mv_forest import clustered_rows

    rows = clustered_rows(result, transf, cluster=cluster)
    return draw_forest(result, rows=rows, transf=transf, title=title, **options)


def caterpillar(result: MVResult | CHEResult, term: str | None = None, *, title: str = "") -> Any:
    """Return a caterpillar plot: predicted random effects in order, with their limits.

    Args:
        result: a multilevel model.
        term: the random term; the one with the fewest groups by default.
        title: above the figure.

    Raises:
        InputError: the model has no random effects. UnknownNameError: there is no such term.
    """
    import plotly.graph_objects as go

    model = model_of(result)
    if not model.components:
        raise InputError("the model has no random effects to draw")
    chosen = term or min(model.levels, key=lambda name: model.levels[name])
    found = model.ranef().of(chosen)
    order = np.argsort(found.pred, kind="stable")
    shown = order if len(order) <= MOST else order[np.linspace(0, len(order) - 1, MOST).astype(int)]
    names = [
        found.unit[i] + (f", {found.inner[i]}" if found.inner[i] else "") for i in shown.tolist()
    ]
    y = np.arange(len(shown))
    figure = go.Figure(
        go.Scatter(
            x=found.pred[shown], y=y, mode="markers", text=[plain(n) for n in names],
            marker={"color": PALETTE[0], "size": 7},
            error_x={"type": "data", "symmetric": False, "color": MUTED, "thickness": 1,
                     "array": (found.pi_ub - found.pred)[shown],
                     "arrayminus": (found.pred - found.pi_lb)[shown], "width": 0},
            hovertemplate="<b>%{text}</b><br>%{x:.4g}<extra></extra>",
        )
    )  # fmt: skip
    few = len(shown) <= 60
    figure.update_layout(
        **layout(
            title,
            height=max(320, 120 + (18 if few else 6) * len(shown)),
            showlegend=False,
            xaxis=axis(f"Deviation from the average, with {level_name(found.level)} limits"),
            yaxis=axis(
                "" if few else f"{chosen} ({len(shown):,} of {len(order):,})",
                showgrid=False, tickvals=y if few else [],
                ticktext=[plain(n) for n in names] if few else [],
            ),
        )
    )  # fmt: skip
    figure.add_vline(x=0.0, line={"color": MUTED, "dash": "dash", "width": 1})
    return figure


def profile(
    result: MVResult | CHEResult,
    component: str | int = 0,
    *,
    curve: ComponentProfile | None = None,
    title: str = "",
) -> Any:
    """Return the profile likelihood of a variance or correlation.

    Args:
        result: a multilevel model.
        component: its name or number.
        curve: the profile, where it is known already.
        title: above the figure.
    """
    import plotly.graph_objects as go

    model = model_of(result)
    found = model.profile(component) if curve is None else curve
    figure = go.Figure(
        go.Scatter(
            x=found.values, y=found.loglik, mode="lines+markers",
            line={"color": PALETTE[0]}, hovertemplate="%{x:.4g}: %{y:.3f}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(
        **layout(
            title, height=420, showlegend=False, xaxis=axis(plain(found.component)),
            yaxis=axis("Log-likelihood"),
        )
    )  # fmt: skip
    figure.add_vline(x=found.estimate, line={"color": INK, "width": 1})
    figure.add_hline(y=found.maximum - 1.92, line={"color": MUTED, "dash": "dash", "width": 1})
    return figure


def sensitivity(
    result: CHEResult,
    rhos: Sequence[float] | None = None,
    *,
    found: RhoSensitivity | None = None,
    title: str = "",
) -> Any:
    """Return estimate and interval by the assumed correlation of sampling errors.

    Args:
        result: a correlated and hierarchical effects model.
        rhos: the correlations.
        found: what was computed already.
        title: above the figure.
    """
    import plotly.graph_objects as go

    if found is None:
        found = result.sensitivity() if rhos is None else result.sensitivity(rhos)
    figure = go.Figure(
        go.Scatter(
            x=found.rho, y=found.beta, mode="lines+markers", line={"color": PALETTE[0]},
            error_y={"type": "data", "symmetric": False, "array": found.ci_ub - found.beta,
                     "arrayminus": found.beta - found.ci_lb, "color": MUTED},
            hovertemplate="rho %{x:g}: %{y:.4g}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(
        **layout(
            title, height=420, showlegend=False,
            xaxis=axis("Assumed correlation of the sampling errors of a study"),
            yaxis=axis(f"{plain(found.coefficient)}, with {level_name(result.level)} interval"),
        )
    )  # fmt: skip
    figure.add_vline(x=found.chosen, line={"color": MUTED, "dash": "dash", "width": 1})
    return figure
