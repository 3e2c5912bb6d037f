"""Figures of the bench: curves of accuracy and loss, and how steady they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from review.plots.theme import (
    INK,
    MUTED,
    PALETTE,
    SYMBOLS,
    axis,
    colours,
    layout,
    plain,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from review.models.bench_result import BenchResult, Run

What = Literal["accuracy", "loss"]
ROW: Final = 220  # pixels per network and type
FRAME: Final = 180
TOP: Final = 120
BETWEEN: Final = 66
GAP: Final = 0.06


def curves(result: BenchResult, what: What, title: str) -> Any:
    """Return the curves over the epochs: one row per network and type, one column per setting.

    Training is a dotted line, validation a full one; each seed has its own line. Hybrids have no
    epochs and are left out.
    """
    import plotly.graph_objects as go

    runs = [run for run in result.runs if run.learning_rate is not None]
    rows = list(dict.fromkeys(r.subject for r in runs))
    columns = list(dict.fromkeys(r.setting for r in runs))
    height = FRAME + ROW * max(len(rows), 1)
    figure = go.Figure(
        layout=layout(
            title,
            height=height,
            margin={"l": 80, "r": 20, "t": TOP, "b": 60},
            legend={"orientation": "h", "yref": "container", "y": 1 - 44 / height,
                    "yanchor": "top", "x": 1, "xanchor": "right"},
            hovermode="closest",
        )
    )  # fmt: skip
    _grid(figure, rows, columns, what, height)
    named: set[str] = set()
    for run in runs:
        i = rows.index(run.subject) * len(columns) + columns.index(run.setting)
        for side, dash in (("train", "dot"), ("val", "solid")):
            name = "training" if side == "train" else "validation"
            figure.add_trace(_line(run, f"{side}_{what}", name, dash, i, shown=name not in named))
            named.add(name)
    return figure


def stability(result: BenchResult, title: str) -> Any:
    """Return how much validation accuracy and loss change from epoch to epoch, per setting.

    One mark per run: further left is steadier.
    """
    import plotly.graph_objects as go

    runs = [run for run in result.runs if run.fluctuation("val_accuracy") is not None]
    rows = list(dict.fromkeys(r.subject for r in runs))
    settings = list(dict.fromkeys(r.setting for r in runs))
    colour_of = colours(settings)
    height = FRAME + 34 * max(len(rows), 1)
    figure = go.Figure(
        layout=layout(
            title,
            height=height,
            margin={"l": 200, "r": 20, "t": 100, "b": 60},
            xaxis=axis("change of accuracy per epoch", domain=[0, 0.47], rangemode="tozero"),
            xaxis2=axis("change of loss per epoch", domain=[0.53, 1], rangemode="tozero"),
            yaxis=axis("", type="category", autorange="reversed", ticks="",
                       categoryorder="array", categoryarray=[words(r) for r in rows]),
            legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        )
    )  # fmt: skip
    for i, setting in enumerate(settings):
        inside = [run for run in runs if run.setting == setting]
        marker = {
            "color": colour_of[setting], "symbol": SYMBOLS[i % len(SYMBOLS)], "size": 11,
            "line": {"color": INK, "width": 0.8},
        }  # fmt: skip
        for column, what in (("x", "val_accuracy"), ("x2", "val_loss")):
            figure.add_trace(
                {
                    "type": "scatter", "mode": "markers", "name": plain(setting),
                    "cliponaxis": False, "legendgroup": setting, "xaxis": column,
                    "showlegend": column == "x",
                    "x": [run.fluctuation(what) for run in inside],
                    "y": [plain(words(run.subject)) for run in inside],
                    "hovertext": [f"{_hover(r)}<br>{r.fluctuation(what):.4g}" for r in inside],
                    "hoverinfo": "text", "marker": marker,
                }
            )  # fmt: skip
    return figure


def _grid(figure: Any, rows: Sequence[str], columns: Sequence[str], what: str, height: int) -> None:
    width = (1 - GAP * (len(columns) - 1)) / max(len(columns), 1)
    between = BETWEEN / (height - TOP - 60)
    tall = (1 - between * (len(rows) - 1)) / max(len(rows), 1)
    axes: dict[str, Any] = {}
    notes = []
    for i, row in enumerate(rows):
        top = 1 - i * (tall + between)
        notes.append(_note(f"<b>{plain(words(row))}</b>", 0, top, shift=18))
        for j, column in enumerate(columns):
            n = i * len(columns) + j
            suffix = "" if n == 0 else str(n + 1)
            left = j * (width + GAP)
            axes["xaxis" + suffix] = axis(
                "epoch" if i == len(rows) - 1 else "", domain=[left, left + width],
                anchor="y" + suffix,
            )  # fmt: skip
            axes["yaxis" + suffix] = axis(
                what if j == 0 else "", domain=[max(top - tall, 0), top], anchor="x" + suffix,
                **({"range": [-0.02, 1.02]} if what == "accuracy" else {"rangemode": "tozero"}),
            )  # fmt: skip
            notes.append(_note(plain(column), left, top))
    figure.update_layout(annotations=notes, **axes)


def _note(text: str, x: float, y: float, *, shift: int = 1) -> dict[str, Any]:
    return {
        "text": text, "xref": "paper", "yref": "paper", "x": x, "y": y, "xanchor": "left",
        "yanchor": "bottom", "yshift": shift, "showarrow": False,
        "font": {"size": 12, "color": MUTED if shift == 1 else INK},
    }  # fmt: skip


def _line(run: Run, column: str, name: str, dash: str, n: int, *, shown: bool) -> dict[str, Any]:
    suffix = "" if n == 0 else str(n + 1)
    points = [(e.epoch, value) for e in run.curve if (value := getattr(e, column)) is not None]
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(points) < 3 else "lines",
        "name": name,
        "legendgroup": name,
        "showlegend": shown,
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "xaxis": "x" + suffix,
        "yaxis": "y" + suffix,
        "line": {"dash": dash, "width": 2, "color": PALETTE[0 if name == "validation" else 1]},
        "hovertext": [f"{_hover(run)}<br>{name}, epoch {x}: {y:.4g}" for x, y in points],
        "hoverinfo": "text",
    }


def _hover(run: Run) -> str:
    return f"{plain(words(run.subject))}<br>{plain(run.setting)}, seed {run.seed}"
