"""Figures of the diagnostics: radial, Baujat, normal quantiles, profile likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.plots.figure_sizes import with_media
from review.plots.meta.effect_axis import number
from review.plots.text_measure import text_width
from review.plots.theme import INK, MUTED, PALETTE, axis, layout, plain
from review.words import level_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.plots.figure_sizes import Medium
    from review.stats.influence import BaujatResult, ProfileResult, QQResult, RadialResult
    from review.stats.pooling.meta_result import MetaResult

_NAMED: Final = 40  # points that are considered for a name beside them


def radial(
    result: MetaResult, *, points: RadialResult | None = None, title: str = "", **options: Any
) -> Any:
    """Return a radial (Galbraith 1988) plot: standardised effect against precision.

    Args:
        result: a model without moderators.
        points: what `review.radial` found; computed when it is not given.
        title: above the figure.
        options: of `review.radial`.

    Raises:
        StatsError: the model has moderators.

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], method="EE")
        >>> radial(fit).layout.xaxis.title.text
        'Precision (1 / standard error)'
    """
    import plotly.graph_objects as go

    from review.stats.influence import radial as coordinates

    points = points or coordinates(result, **options)
    end = 1.05 * float(points.x.max())
    figure = go.Figure()
    _line(figure, [0, end], [0, points.slope * end], PALETTE[5], "estimate")
    for limit in (points.ci_lb, points.ci_ub):
        _line(figure, [0, end], [0, limit * end], PALETTE[5], "interval", dash="dot")
    for sign in (-1, 1):
        ys = [sign * points.band, points.slope * end + sign * points.band]
        _line(figure, [0, end], ys, MUTED, f"± {number(points.band)}", dash="dash")
    _dots(figure, points.x, points.y, points.labels)
    plain_model = result.equal_effects or result.tau2 == 0
    precision = f"Precision (1 / {'standard error' if plain_model else '√(variance + tau²)'})"
    figure.update_layout(
        **layout(
            title or f"Radial plot: slope {number(points.slope, 3)}",
            xaxis=axis(precision, rangemode="tozero"),
            yaxis=axis("Standardised effect", zeroline=True, zerolinecolor=MUTED),
            showlegend=False,
            height=480,
        )
    )
    return figure


def baujat(result: MetaResult, *, points: BaujatResult | None = None, title: str = "") -> Any:
    """Return a Baujat plot: contribution to heterogeneity against influence (Baujat 2002).

    Args:
        result: the model.
        points: what `review.baujat` found; computed when it is not given.
        title: above the figure.

    Raises:
        StatsError: there are too few studies.

    Example:
        >>> from review import meta_analysis
        >>> figure = baujat(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> len(figure.data[0].x)
        3
    """
    import plotly.graph_objects as go

    from review.stats.influence import baujat as coordinates

    points = points or coordinates(result)
    figure = go.Figure()
    _dots(figure, points.x, points.y, points.labels)
    xs, ys = [float(v) for v in points.x], [float(v) for v in points.y]

    def layout_of(medium: Medium) -> dict[str, Any]:
        return layout(
            title or "Contribution to heterogeneity and influence on the result",
            xaxis=axis("Squared Pearson residual", rangemode="tozero"),
            yaxis=axis("Influence on the fitted value", rangemode="tozero"),
            annotations=_names(xs, ys, points.labels, medium),
            showlegend=False, height=medium.height,
        )  # fmt: skip

    return with_media(figure, layout_of)


def qq(
    result: MetaResult, *, points: QQResult | None = None, title: str = "", **options: Any
) -> Any:
    """Return a plot of residuals against normal quantiles with a pseudo-envelope.

    Args:
        result: the model.
        points: what `review.qq_points` found; computed when it is not given.
        title: above the figure.
        options: of `review.qq_points`.

    Example:
        >>> from review import meta_analysis
        >>> figure = qq(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]), seed=1)
        >>> figure.layout.yaxis.title.text
        'Standardised residual'
    """
    import plotly.graph_objects as go

    from review.stats.influence import qq_points

    points = points or qq_points(result, **options)
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
                f"{level_name(points.level)} envelope",
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


def profile(
    result: MetaResult, *, curve: ProfileResult | None = None, title: str = "", **options: Any
) -> Any:
    """Return the profile log-likelihood of tau2 with the cut of its interval.

    Args:
        result: a model fitted by ML or REML.
        curve: what `review.profile_tau2` found; computed when it is not given.
        title: above the figure.
        options: of `review.profile_tau2`.

    Raises:
        StatsError: the model has no likelihood estimate of tau2.

    Example:
        >>> from review import meta_analysis
        >>> figure = profile(meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05]))
        >>> figure.layout.xaxis.title.text
        'tau²'
    """
    import plotly.graph_objects as go

    from review.stats.influence import profile_tau2

    curve = curve or profile_tau2(result, **options)
    figure = go.Figure()
    _line(figure, curve.tau2, curve.loglik, PALETTE[0], "log-likelihood")
    ends = [float(curve.tau2[0]), float(curve.tau2[-1])]
    _line(figure, ends, [curve.cut] * 2, MUTED, f"{level_name(curve.level)} interval", dash="dash")
    # what lies far below the interval would flatten the part that matters
    low = max(float(curve.loglik.min()), curve.maximum - 4 * (curve.maximum - curve.cut))
    _line(figure, [curve.estimate] * 2, [low, curve.maximum], PALETTE[5], "estimate", dash="dot")
    figure.update_layout(
        **layout(
            title or f"Profile {curve.method} likelihood, maximum at {number(curve.estimate)}",
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


def _dots(figure: Any, x: Any, y: Any, labels: Sequence[str]) -> None:
    import plotly.graph_objects as go

    figure.add_trace(
        go.Scatter(
            x=[float(v) for v in x], y=[float(v) for v in y], mode="markers",
            hovertext=[plain(label) for label in labels], cliponaxis=False, name="studies",
            marker={"color": PALETTE[0], "size": 8, "opacity": 0.85},
            hovertemplate="<b>%{hovertext}</b><br>%{x:.4g}, %{y:.4g}<extra></extra>",
        )
    )  # fmt: skip


def _names(
    x: list[float], y: list[float], labels: Sequence[str], medium: Medium
) -> list[dict[str, Any]]:
    """Return notes with the names of points that fit beside them without overlap.

    The points furthest from the origin come first; places are reckoned in pixels of the medium.
    """
    across, down = medium.least - 110, medium.height - 160
    wide, high = 0.93 * across / (max(x, default=0) or 1), 0.93 * down / (max(y, default=0) or 1)
    order = sorted(range(len(x)), key=lambda i: -((x[i] * wide) ** 2) - (y[i] * high * 1.7) ** 2)
    taken: list[tuple[float, float, float]] = [
        (a * wide, a * wide, b * high) for a, b in zip(x, y, strict=True)
    ]
    notes = []
    for i in order[:_NAMED]:
        at, level = x[i] * wide, y[i] * high
        length = text_width(labels[i], medium.small) + 10
        for anchor, start, end in (("left", at + 6, at + length), ("right", at - length, at - 6)):
            free = all(
                end < a or start > b or abs(level - c) > 1.3 * medium.small for a, b, c in taken
            )
            if free and start >= 0 and end <= across:
                taken.append((start, end, level))
                notes.append(
                    {
                        "text": plain(labels[i]), "x": x[i], "y": y[i], "showarrow": False,
                        "xanchor": anchor, "xshift": 6 if anchor == "left" else -6,
                        "font": {"size": medium.small},
                    }
                )  # fmt: skip
                break
    return notes
