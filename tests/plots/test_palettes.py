"""Colours of figures differ for people with any kind of colour vision, on light and dark pages."""

from __future__ import annotations

import importlib.util
from itertools import combinations
from pathlib import Path

import pytest

from review.plots.dark_theme import DARK, DARK_PALETTE, DARK_PAPER, figure_style, with_constants
from review.plots.theme import INK, MUTED, NOT_STATED_COLOUR, OTHER_COLOUR, PALETTE, PAPER
from review.plots.traffic_light import SIGNS
from review.resources import resource_dir

_SPEC = importlib.util.spec_from_file_location(
    "colour_vision", Path(__file__).parent / "colour_vision.py"
)
vision = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(vision)
FIRST = 8
LEAST = 10.0  # CIEDE2000; 1 is about what can just be seen


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # Sharma, Wu & Dalal 2005, table 1, pairs 1, 4, 7, 17, 18, 20, 25
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (61, -5, 29), 22.8977),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_the_distance_is_that_of_the_published_pairs(one, other, expected):
    assert vision.ciede2000(one, other) == pytest.approx(expected, abs=5e-5)
    assert vision.ciede2000(other, one) == pytest.approx(expected, abs=5e-5)


def test_colour_blindness_leaves_grey_alone_and_brings_red_near_green():
    for kind in vision.KINDS:
        assert vision.distance("#808080", "#808080", kind) == 0
        assert vision.ciede2000(vision.lab("#808080", kind), vision.lab("#808080")) < 0.5
    red, green = "#C05030", "#7A7A30"
    for kind in ("protanopia", "deuteranopia"):
        assert vision.distance(red, green, kind) < vision.distance(red, green) / 2


@pytest.mark.parametrize("kind", list(vision.KINDS))
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_first_eight_colours_differ(theme, kind):
    palette = PALETTE if theme == "light" else DARK_PALETTE
    near = min((vision.distance(a, b, kind), a, b) for a, b in combinations(palette[:FIRST], 2))
    assert near[0] >= LEAST, near


def test_dark_colours_are_seen_on_the_dark_page():
    assert all(vision.contrast(c, DARK_PAPER) >= 3 for c in DARK_PALETTE)
    for ink in (INK, MUTED):
        assert vision.contrast(DARK[ink], DARK_PAPER) >= 7
    assert vision.contrast(NOT_STATED_COLOUR, DARK_PAPER) >= 3
    assert DARK[PAPER] == DARK_PAPER
    assert OTHER_COLOUR in DARK
    assert not set(DARK_PALETTE) & {NOT_STATED_COLOUR, DARK[OTHER_COLOUR]}


def test_signs_of_judgements_can_be_read_on_both_pages():
    for _, back, ink in SIGNS.values():
        assert vision.contrast(back, ink) >= 4.5
        assert vision.contrast(DARK.get(back, back), DARK.get(ink, ink)) >= 4.5, back


def test_pages_take_sizes_and_colours_from_the_one_table():
    for name in ("report.js", "figure.js"):
        script = (resource_dir("templates") / name).read_text("utf-8")
        filled = with_constants(script)
        assert '"narrow":560' in filled
        assert f'"{PALETTE[0].lower()}":"{DARK_PALETTE[0].lower()}"' in filled
    style = figure_style(dark=True)
    for light, dark in zip(PALETTE, DARK_PALETTE, strict=True):
        assert f'[fill="{light}"]' in style
        assert dark in style
    assert "theme" not in figure_style(dark=False)
