from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.analysis_api import Artifact, Panel
from review.errors import UnknownNameError
from review.formats.rows import csv_text, json_text
from review.plots.artifact_json import figure_json, script_json
from review.plots.export import csv_files, parse_formats, render


def artifact(*panels: Panel) -> Artifact:
    return Artifact("figure", "9", "Title", "Caption", panels, notes=("a note",))


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_panels_with_the_same_columns_share_one_file():
    made = artifact(
        Panel("a", "A", [{"x": 1, "name": "one"}]), Panel("b", "B", [{"x": 2, "name": "two"}])
    )
    files = csv_files(made)
    assert list(files) == ["figure-9.csv"]
    assert read(files["figure-9.csv"]) == [
        {"panel": "a", "x": "1", "name": "one"},
        {"panel": "b", "x": "2", "name": "two"},
    ]


def test_panels_with_other_columns_have_files_of_their_own():
    made = artifact(Panel("a", "A", [{"x": 1}]), Panel("b", "B", [{"y": 2}]))
    assert set(csv_files(made)) == {"figure-9a.csv", "figure-9b.csv"}
    assert set(csv_files(made.only("b"))) == {"figure-9b.csv"}
    assert csv_files(artifact(Panel("", "A", []))) == {}


def test_cells_keep_their_digits_and_missing_stays_empty():
    rows = [
        {"a": Decimal("0.90"), "b": None, "c": 0.1, "d": float("nan"), "e": True, "f": ("x", "y")},
        {"a": Decimal("1E-7"), "b": "", "c": -1.5, "d": float("inf"), "e": 3, "f": ()},
    ]
    assert csv_text(rows).splitlines()[1:] == ["0.90,,0.1,,yes,x;y", "1E-7,,-1.5,,3,"]


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\t=1", " =1", "=", "＝"])
def test_formula_like_text_is_neutralised(text):
    (row,) = read(csv_text([{"title": text}]))
    assert not row["title"].lstrip().startswith(("=", "+", "-", "@"))
    assert row["title"].removeprefix("'") == text


TEXT = st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]))
NAME = st.from_regex(r"[a-z]{1,5}", fullmatch=True)


@given(st.lists(st.dictionaries(NAME, TEXT, min_size=1), max_size=4))
def test_any_text_comes_back_from_csv(rows):
    text = csv_text(rows)
    cells = list(csv.reader(io.StringIO(text, newline="")))
    names = cells[0] if cells else []
    for row, line in zip(rows, cells[1:], strict=False):
        for name, cell in zip(names, line, strict=True):
            value = row.get(name, "")
            assert cell in {value, f"'{value}"}


def test_line_ends_inside_cells_stay_inside():
    (row,) = read(csv_text([{"a": "x\ry\r\nz", "b": "1"}]))
    assert row == {"a": "x\ny\nz", "b": "1"}


def test_json_has_no_nan_and_plain_types():
    value = {
        "nan": float("nan"), "inf": -np.inf, "d": Decimal("0.90"), "n": np.int64(3),
        "a": np.array([1.5, np.nan]), "t": (1, 2), 3: {"x"},
    }  # fmt: skip
    again = json.loads(json_text(value))
    assert again == {
        "nan": None, "inf": None, "d": 0.9, "n": 3, "a": [1.5, None], "t": [1, 2], "3": ["x"],
    }  # fmt: skip


@given(st.text())
def test_json_in_a_script_cannot_end_it(text):
    safe = script_json(json.dumps({"t": text + "</script><!--"}, ensure_ascii=False))
    assert "<" not in safe
    assert json.loads(safe)["t"] == text + "</script><!--"


def test_figures_become_readable_json():
    import plotly.graph_objects as go

    figure = go.Figure(go.Scatter(x=[1.0, float("nan")], y=[2, 3], text=["</script>", "b"]))
    text = figure_json(figure)
    assert "<" not in text
    assert json.loads(text)["data"][0]["x"] == [1.0, None]
    assert json.loads(figure_json({"data": [], "layout": {}})) == {"data": [], "layout": {}}


def test_formats():
    assert parse_formats([]) == ("html", "csv", "json")
    assert parse_formats(["svg, PNG", "svg"]) == ("svg", "png")
    with pytest.raises(UnknownNameError, match="did you mean 'html'"):
        parse_formats(["htm"])


def test_json_file_says_where_it_comes_from():
    made = artifact(Panel("a", "A", [{"x": 1}], statistics={"n": 1}))
    (text,) = render(made, "json", {"review": "mine", "seed": 7}).values()
    found = json.loads(text)
    assert (found["review"], found["seed"], found["title"]) == ("mine", 7, "Title")
    assert found["panels"][0]["statistics"] == {"n": 1}
    assert found["notes"] == ["a note"]


def test_pictures_are_drawn_where_an_event_loop_runs_already():
    import asyncio
    import shutil

    import plotly.graph_objects as go

    from review.plots.image import to_picture

    if not any(shutil.which(name) for name in ("chromium", "google-chrome", "chromium-browser")):
        pytest.skip("no Chromium or Chrome on this machine")

    async def inside_a_loop() -> bytes:
        return to_picture(go.Figure(go.Scatter(x=[1, 2], y=[1, 2])), "svg")

    assert b"<svg" in asyncio.run(inside_a_loop())
