"""Posterior densities: the average with the effect of a new study, and tau with its prior."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.plots.meta.effect_axis import number, scale_of
from review.plots.theme import MUTED, PALETTE, axis, layout, plain
from review.stats.presentation.effect_display import back_pooled
from review.words import level_name

if TYPE_CHECKING:
    from review.stats.bayes.bayes_result import BayesResult
    from review.stats.ground.least_squares import BoolArray, FloatArray
    from review.stats.presentation.effect_display import Transf

POINTS: Final = 401
LOWER: Final = {"xaxis": "x2", "yaxis": "y2"}
SHARE: Final = 0.004  # probability beyond either end of the drawn part


def posteriors(result: BayesResult, *, transf: Transf = None, title: str = "") -> Any:
    """Return the posterior densities of the average, of a new study's effect, and of tau.

    Shaded is the credible interval, the line in it is the median; densities are those on the scale
    of the analysis, drawn over the scale that readers know.

    Args:
        result: a Bayesian meta-analysis.
        transf: back-transformation; the measure's own by default.
        title: above the figure.

    Example:
        >>> from review import bayes_meta
        >>> fit = bayes_meta([0.1, 0.9, 0.4], [0.2, 0.3, 0.2], tau_prior="half-normal:0.5")
        >>> [trace.name for trace in posteriors(fit).data if trace.name]
        ['average', 'new study', 'tau', 'prior of tau']
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    scale = scale_of(result, transf)
    ends = result.prediction_posterior.quantile(np.array([3 * SHARE, 1 - 3 * SHARE]))
    x = np.linspace(float(ends[0]), float(ends[1]), POINTS)
    mu, new = result.mu_posterior, result.prediction_posterior
    shown = back_pooled(result, x, transf)
    for name, density, six, colour, dash in (
        ("average", mu.pdf(x), result.mu, PALETTE[0], "solid"),
        ("new study", new.pdf(x), result.prediction, PALETTE[5], "dash"),
    ):
        values = back_pooled(result, [six.median, six.ci_lb, six.ci_ub], transf)
        inside = (x >= six.ci_lb) & (x <= six.ci_ub) if name == "average" else None
        look = {
            "name": name,
            "line": {"color": colour, "width": 2.2, "simplify": False, "dash": dash},
        }
        _curve(figure, shown, density, look, said=_said(values, result.level), inside=inside)
    middle = float(back_pooled(result, result.mu.median, transf))
    _median(figure, middle, float(mu.pdf(result.mu.median)), PALETTE[0])
    _tau(figure, result)
    ticks = {"showticklabels": False, "ticks": "", "rangemode": "tozero", "showgrid": False}
    figure.update_layout(
        **layout(
            title,
            height=620,
            xaxis=scale.axis([float(shown.min()), float(shown.max())]),
            yaxis=axis("Density", domain=[0.58, 1.0], **ticks),
            xaxis2=axis("tau, standard deviation between studies", anchor="y2",
                        rangemode="tozero"),
            yaxis2=axis("Density", domain=[0.0, 0.40], anchor="x2", **ticks),
        )
    )  # fmt: skip
    figure.update_layout(
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.01, "yanchor": "bottom"},
        margin={"l": 50, "t": 96 if title else 70},
    )
    if scale.null is not None and shown.min() <= scale.null <= shown.max():
        figure.add_shape(
            type="line", x0=scale.null, x1=scale.null, y0=0.58, y1=1, yref="paper",
            line={"color": MUTED, "dash": "dot", "width": 1},
        )  # fmt: skip
    return figure


def _tau(figure: Any, result: BayesResult) -> None:
    post = result.tau_posterior
    top = float(post.quantile(1 - SHARE))
    x = np.linspace(top / (10 * POINTS), top, POINTS)
    density = post.pdf(x)
    six = result.tau
    inside = (x >= six.ci_lb) & (x <= six.ci_ub)
    said = _said(np.array([six.median, six.ci_lb, six.ci_ub]), result.level)
    look: dict[str, Any] = {
        "name": "tau",
        "line": {"color": PALETTE[2], "width": 2.2, "simplify": False},
    } | LOWER
    _curve(figure, x, density, look, said=said, inside=inside)
    _median(figure, six.median, float(post.pdf(six.median)), PALETTE[2], **LOWER)
    if result.tau_prior.normed:
        prior = np.exp(result.tau_prior.log_density(x, result.vi))
        prior = np.minimum(prior, 2.5 * density.max())  # one without bound at 0 is cut
        look = {
            "name": "prior of tau",
            "line": {"color": MUTED, "width": 2.2, "simplify": False, "dash": "dot"},
        }
        _curve(figure, x, prior, look | LOWER, said=result.tau_prior.label)


def _said(limits: FloatArray, level: float) -> str:
    median, low, high = (number(float(v), 3) for v in limits)
    return f"median {median}, {level_name(level)} CrI {low} to {high}"


def _curve(
    figure: Any,
    x: FloatArray,
    y: FloatArray,
    look: dict[str, Any],
    *,
    said: str,
    inside: BoolArray | None = None,
) -> None:
    """Draw a density, and shade the part of it that lies inside an interval."""
    import plotly.graph_objects as go

    if inside is not None and inside.any():
        colour = look["line"]["color"]
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        at = x[inside]
        place = {name: look[name] for name in ("xaxis", "yaxis") if name in look}
        figure.add_trace(
            go.Scatter(
                x=np.concatenate([at[:1], at, at[-1:]]),
                y=np.concatenate([[0.0], y[inside], [0.0]]),
                mode="lines", line={"width": 0}, fill="toself", hoverinfo="skip",
                showlegend=False, fillcolor=f"rgba({red},{green},{blue},0.18)", **place,
            )
        )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=x, y=y, mode="lines",
            hovertemplate=f"{look['name']} %{{x:.4g}}<br>{plain(said)}<extra></extra>", **look,
        )
    )  # fmt: skip


def _median(figure: Any, x: float, height: float, colour: str, **place: str) -> None:
    import plotly.graph_objects as go

    figure.add_trace(
        go.Scatter(
            x=[x, x], y=[0, height], mode="lines", line={"color": colour, "width": 1.5},
            hoverinfo="skip", showlegend=False, **place,
        )
    )  # fmt: skip
