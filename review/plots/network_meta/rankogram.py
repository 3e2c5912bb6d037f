"""Rankogram: the probability of each rank of each treatment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.plots.meta.effect_axis import number
from review.plots.text_measure import shorten, text_width
from review.plots.theme import INK, TITLE_ROOM, axis, below_title, layout, plain
from review.words import percent

if TYPE_CHECKING:
    from review.stats.networks.network_result import NetworkResult
    from review.stats.networks.ranking import Ranking

_ROW: Final = 30
_WRITTEN: Final = 0.09  # share from which the rank is written into its bar
_BEST, _WORST = (8, 48, 107), (231, 241, 248)  # dark blue to nearly white


def rankogram(result: NetworkResult, *, ranking: Ranking | None = None, title: str = "") -> Any:
    """Return a bar per treatment, cut by the probability of its ranks.

    Args:
        result: the network.
        ranking: from `result.ranking()`, which is computed when it is not given.
        title: above the figure.

    Example:
        >>> from review import network_meta
        >>> fit = network_meta([-0.4, -0.3, 0.2], [0.1, 0.2, 0.15], ["A", "B", "A"],
        ...                    ["C", "C", "B"], ["s1", "s2", "s3"])
        >>> [bar.name for bar in rankogram(fit).data]
        ['rank 1', 'rank 2', 'rank 3']
    """
    import plotly.graph_objects as go

    found = ranking or result.ranking()
    order = list(found.order)
    n = len(order)
    names = [found.treatments[t] for t in order]
    labels = [
        f"{plain(shorten(name, 24))}  {number(float(found.p_score[t]))}"
        for name, t in zip(names, order, strict=True)
    ]
    figure = go.Figure()
    for rank in range(n):
        share = found.probabilities[order, rank]
        dark = rank < 0.45 * n
        figure.add_trace(
            go.Bar(
                x=share, y=list(range(n)), orientation="h", name=f"rank {rank + 1}",
                text=[str(rank + 1) if s >= _WRITTEN else "" for s in share],
                textposition="inside", insidetextanchor="middle", textangle=0,
                textfont={"color": "#FFFFFF" if dark else INK, "size": 12},
                marker={"color": _colour(rank, n), "line": {"color": "#FFFFFF", "width": 1}},
                customdata=[
                    f"<b>{plain(name)}</b><br>rank {rank + 1}: {percent(100 * float(s))}"
                    for name, s in zip(names, share, strict=True)
                ],
                hovertemplate="%{customdata}<extra></extra>",
            )
        )  # fmt: skip
    way = "smaller" if found.smaller_is_better else "larger"
    lines = [f"Numbers in the bars are ranks; {way} effects are better.",
             "Beside the names: P-score (= SUCRA)."]  # fmt: skip
    top = TITLE_ROOM + 17 * len(lines) + 4
    left = max(text_width(label, 12.5) for label in labels) + 22
    figure.update_layout(
        **layout(
            title or "Probability of each rank",
            height=round(top + _ROW * n + 66),
            barmode="stack",
            bargap=0.2,
            margin={"l": left, "r": 20, "t": top, "b": 58},
            showlegend=False,
            xaxis=axis("Probability", range=[0, 1], tickformat=".0%", tickangle=0,
                       automargin=False, nticks=5),
            yaxis=axis(range=[n - 0.5, -0.5], tickvals=list(range(n)), ticktext=labels, ticks="",
                       automargin=False, showgrid=False),
            annotations=[note | {"xshift": 8 - left} for note in below_title(lines)],
            meta={"min_width": round(left + 180)},
        )
    )  # fmt: skip
    figure.update_layout(title={"xref": "container", "x": 0, "pad": {"l": 8}})
    return figure


def _colour(rank: int, n: int) -> str:
    share = rank / max(n - 1, 1)
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(_BEST, _WORST, strict=True))
    return f"rgb({red},{green},{blue})"
