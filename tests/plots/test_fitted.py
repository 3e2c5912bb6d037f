"""Plotly figures are laid out for every medium: texts in lines that fit, legends below."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from review.plots.figure_sizes import DESKTOP, MEDIA, PHONE, layout_on, with_media
from review.plots.fitted import fitted
from review.plots.text_measure import text_width
from review.plots.theme import axis, below_title, layout

LONG = "normalised data quantity (images or patients / class, log scale)"
WORDS = ["a first group", "a second group with a long name", "<b> & third", "fourth"]


@pytest.fixture(name="figure")
def _figure():
    traces = [{"type": "scatter", "x": [1, 2], "y": [1, 2], "name": name} for name in WORDS]
    parts = {"xaxis": axis(LONG), "annotations": below_title([LONG + " & " + LONG])}
    return go.Figure(data=traces, layout=layout(f"{LONG} and {LONG} again", **parts))


@pytest.mark.parametrize("medium", MEDIA, ids=lambda m: m.name)
def test_every_line_fits_its_medium(figure, medium):
    made = fitted(figure)
    shown = layout_on(made, medium)
    notes = [n["text"] for n in shown["annotations"]]
    for text, size in (
        (shown["title"]["text"], medium.title),
        (shown["xaxis"]["title"]["text"], medium.text),
        (notes[0], medium.small),
    ):
        assert all(text_width(line, size) <= medium.least for line in text.split("<br>"))
    assert " ".join(shown["title"]["text"].split("<br>")) == f"{LONG} and {LONG} again"
    assert "&amp;" in notes[0]
    assert shown["font"]["size"] == medium.text


@pytest.mark.parametrize("medium", MEDIA, ids=lambda m: m.name)
def test_legends_stand_below_the_plot_in_room_of_their_own(figure, medium):
    shown = layout_on(fitted(figure), medium)
    legend = shown["legend"]
    assert (legend["orientation"], legend["yref"], legend["yanchor"]) == (
        "h", "container", "bottom",
    )  # fmt: skip
    columns = (medium.least - 10) // (legend["entrywidth"] + 45)
    rows = -(-len(WORDS) // max(columns, 1))
    assert legend["y"] * shown["height"] + rows * 1.3 * medium.small < shown["margin"]["b"]


def test_what_a_figure_says_itself_about_a_medium_is_kept():
    figure = go.Figure(data=[{"type": "bar", "x": [1], "y": [1]}])
    made = fitted(with_media(figure, lambda m: layout("T", height=700 if m is PHONE else 300)))
    assert layout_on(made, PHONE)["height"] == 700
    assert layout_on(made, DESKTOP)["height"] == 300
    assert fitted(made) == made


def test_figures_that_stand_in_columns_of_text_keep_their_layout():
    made = fitted(go.Figure(layout=layout("T", meta={"min_width": 500})))
    assert "media" not in made["layout"]["meta"]
