"""The small picture of the first page: names, arrows and sides that do not lie."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree as ET

import pytest

from review.plots.text_measure import text_width
from review.project import open_review
from review.report.glance_drawing import SIZE, WIDTH, forest_glance, study_name
from review.report.results import Results
from review.report.visual_abstract import visual_abstract
from review.stats.presentation.forest_rows import ForestRow
from review.workflow.coding.init import init_review

SVG = "{http://www.w3.org/2000/svg}"


def row(kind, label, *values):
    return ForestRow(kind, label, *values)


def drawing(*rows, **kept):
    kept = {"measure": "Risk ratio", "digits": 2, "log": True, "null": 1.0} | kept
    return ET.fromstring(forest_glance(rows, "t", **kept))


AVERAGE = row("total", "Total", 0.5, 0.4, 0.7, None)


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Comstock 1974", "Comstock 1974"),
        ("Comstock and Webster 1974", "Comstock and… 1974"),
        ("Rosenthal, Loewinsohn et al. (2020a)", "Rosenthal,… (2020a)"),
        ("Frimodt-Moller 1973b, high dose", "Frimo… 1973b, high…"),
        ("Study of 2019 cases by Papageorgiou 2021", "Study of 2019… 2021"),
        ("Papageorgiou-Christodoulou", "Papageorgiou-Chris…"),
        ("1974 trial of the health service", "1974 trial of the…"),
    ],
)
def test_a_name_is_cut_before_its_year(label, said):
    assert study_name(label, 19) == said
    assert len(said) <= 19


def test_an_interval_beyond_the_axis_ends_in_an_arrow():
    inside = row("study", "A 2001", 0.5, 0.45, 0.6, 10.0)
    above, below = (row("study", "B 2002", 0.6, 0.5, 90.0, 10.0),
                    row("study", "C 2003", 0.4, 0.001, 0.6, 10.0))  # fmt: skip

    def heads(*rows):
        paths = [e.attrib["d"] for e in drawing(*rows, AVERAGE).findall(f"{SVG}path")]
        return [float(m[1]) for d in paths if (m := re.fullmatch(r"M([\d.]+) [\d.]+l-?7 .*z", d))]

    assert heads(inside) == []
    assert heads(inside, above) == [WIDTH - 8]
    (low,) = heads(inside, below)
    assert low < WIDTH / 2
    assert len(heads(row("study", "D 2004", 0.5, 0.001, 90.0, 10.0))) == 2
    # more studies than names find room have small heads
    assert len(heads(*[above] * 40)) == 40


@pytest.mark.parametrize("estimates", [(0.2, 0.3), (0.3, 3.0), (4.0, 9.0)])
@pytest.mark.parametrize(
    "favours",
    [("drug", "placebo"), ("the new vaccine given at birth", "no vaccine before the tenth year")],
)
def test_what_each_side_favours_lies_on_nothing(estimates, favours):
    low, high = estimates
    studies = [row("study", "A", x, x * 0.9, x * 1.1, 1.0) for x in estimates]
    root = drawing(*studies, row("total", "Total", low, low * 0.8, high, None), favours=favours)
    sides = [e for e in root.findall(f"{SVG}text") if "favours" in e.text]
    assert len(sides) == 2
    spans = []
    for e in sides:
        wide = text_width(e.text, SIZE)
        start = float(e.attrib["x"]) - (wide if e.attrib["text-anchor"] == "end" else 0)
        assert start >= -1
        assert start + wide <= WIDTH + 1
        spans.append((float(e.attrib["y"]), start, start + wide))
    for (ya, _, end), (yb, start, _) in itertools.pairwise(spans):
        assert ya != yb or end < start
    assert max(y for y, _, _ in spans) < float(root.attrib["height"])
    if favours[0] == "drug":
        assert [e.text for e in sides] == ["← favours drug", "favours placebo →"]


def test_an_abstract_without_authors_does_not_name_them(tmp_path):
    init_review(tmp_path / "r", title="T", template="rct")
    review = open_review(tmp_path / "r")
    assert not review.settings.authors
    assert b"Authors" not in visual_abstract(Results(review))
