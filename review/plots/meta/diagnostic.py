"""Figures of the diagnostics: radial, Baujat, normal quantiles, profile likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.plots.meta.scales import number
from review.plots.theme import INK, MUTED, PALETTE, axis, layout, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.stats.result import MetaResult


def radial(result: MetaResult, *, title: str = "", **options: Any) -> Any:
    """Return a radial (Galbraith 1988) plot: standardised effect against precision.

    Args:
        result: a model without moderators.
        title: above the figure.
        options: of `review.stats.diagnostics.radial`.
    """
    import plotly.graph_objects as go

    from review.stats.diagnostics import radial as coordinates

    points = coordinates(result, **options)
    end = 1.05 * float(points.x.max())
    figure = go.Figure()
    _line(figure, [0, end], [0, points.slope * end], PALETTE[5], "estimate")
    for limit in (points.ci_lb, points.ci_ub):
        _line(figure, [0, end], [0, limit * end], PALETTE[5], "interval", dash="dot")
    for sign in (-1, 1):
        ys = [sign * points.band, points.slope * end + sign * points.band]
        _line(figure, [0, end], ys, MUTED, f"± {points.band:.2f}", dash="dash")
    _dots(figure, points.x, points.y, points.labels)
    figure.update_layout(
        **layout(
            title or f"Radial plot: slope {number(points.slope, 3)}",
            xaxis=axis("Precision (1 / standard error)", rangemode="tozero"),
            yaxis=axis("Standardised effect", zeroline=True, zerolinecolor=MUTED),
            showlegend=False,
            height=480,
        )
    )
    return figure


def baujat(result: MetaResult, *, title: str = "") -> Any:
    """Return a Baujat plot: contribution to heterogeneity against influence (Baujat 2002)."""
    import plotly.graph_objects as go

    from review.stats.diagnostics import baujat as coordinates

    points = coordinates(result)
    figure = go.Figure()
    _dots(figure, points.x, points.y, points.labels, shown=True)
    figure.update_layout(
        **layout(
            title or "Contribution to heterogeneity and influence on the result",
            xaxis=axis("Squared Pearson residual", rangemode="tozero"),
            yaxis=axis("Influence on the fitted value", rangemode="tozero"),
            showlegend=False,
            height=480,
        )
    )
    return figure


def qq(result: MetaResult, *, title: str = "", **options: Any) -> Any:
    """Return a plot of residuals against normal quantiles with a pseudo-envelope.

    Args:
        result: the model.
        title: above the figure.
        options: of `review.stats.diagnostics.qq_points`.
    """
    import plotly.graph_objects as go

    from review.stats.diagnostics import qq_points

    points = qq_points(result, **options)
    figure = go.Figure()
    ends = [float(points.x.min()), float(points.x.max())]
    _line(figure, ends, ends, INK, "equal")
    if points.env_lb is not None and points.env_ub is not None:
        order = points.x.argsort()
        for limit in (points.env_lb, points.env_ub):
            _line(
                figure,
                points.x[order],
                limit[order],
                MUTED,
                f"{points.level:g} % envelope",
                dash="dash",
            )
    _dots(figure, points.x, points.y, points.labels)
    figure.update_layout(
        **layout(
            title or f"Normal quantiles of the residuals ({points.kind})",
            xaxis=axis("Normal quantile"),
            yaxis=axis("Standardised residual"),
            showlegend=False,
            height=480,
        )
    )
    return figure


def profile(result: MetaResult, *, title: str = "", **options: Any) -> Any:
    """Return the profile log-likelihood of tau2 with the cut of its interval.

    Args:
        result: a model fitted by ML or REML.
        title: above the figure.
        options: of `review.stats.diagnostics.profile_tau2`.
    """
    import plotly.graph_objects as go

    from review.stats.diagnostics import profile_tau2

    curve = profile_tau2(result, **options)
    figure = go.Figure()
    _line(figure, curve.tau2, curve.loglik, PALETTE[0], "log-likelihood")
    ends = [float(curve.tau2[0]), float(curve.tau2[-1])]
    _line(figure, ends, [curve.cut] * 2, MUTED, f"{curve.level:g} % interval", dash="dash")
    # what lies far below the interval would flatten the part that matters
    low = max(float(curve.loglik.min()), curve.maximum - 4 * (curve.maximum - curve.cut))
    _line(figure, [curve.estimate] * 2, [low, curve.maximum], PALETTE[5], "estimate", dash="dot")
    figure.update_layout(
        **layout(
            title or f"Profile {curve.method} likelihood, maximum at {curve.estimate:.4g}",
            xaxis=axis("tau²"),
            yaxis=axis("Log-likelihood", range=[low, curve.maximum + 0.05 * (curve.maximum - low)]),
            height=440,
        )
    )
    return figure


def _line(
    figure: Any, x: Sequence[float] | Any, y: Any, colour: str, name: str, *, dash: str = "solid"
) -> None:
    import plotly.graph_objects as go

    figure.add_trace(
        go.Scatter(
            x=list(x), y=list(y), mode="lines", name=name, hoverinfo="skip",
            line={"color": colour, "width": 1.5, "dash": dash},
        )
    )  # fmt: skip


def _dots(figure: Any, x: Any, y: Any, labels: Sequence[str], *, shown: bool = False) -> None:
    import plotly.graph_objects as go

    texts = [plain(label) for label in labels]
    # names beside the points are readable for the extreme ones only
    far = sorted(range(len(texts)), key=lambda i: -(abs(float(x[i])) + abs(float(y[i]))))[:12]
    beside = [text if shown and i in far else "" for i, text in enumerate(texts)]
    figure.add_trace(
        go.Scatter(
            x=[float(v) for v in x], y=[float(v) for v in y], customdata=texts, text=beside,
            mode="markers+text" if shown else "markers", textposition="top center",
            textfont={"size": 11}, cliponaxis=False, name="studies",
            marker={"color": PALETTE[0], "size": 8, "opacity": 0.85},
            hovertemplate="<b>%{customdata}</b><br>%{x:.4g}, %{y:.4g}<extra></extra>",
        )
    )  # fmt: skip
