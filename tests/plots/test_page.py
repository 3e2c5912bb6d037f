from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from review.analysis_api import Artifact, Panel
from review.plots.page import TABLE_ROWS, facts, page
from review.plots.scatter import ScatterStyle, hover_text, scatter

HOSTILE = '</script><script>alert("1")</script><img src=x onerror=alert(2)>&amp;'


class Outline(HTMLParser):
    """Collects elements, attributes and the text of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.inside = False

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.scripts[-1] += data


def outline(text: str) -> Outline:
    found = Outline()
    found.feed(text)
    return found


def row(title: str, **more):
    return {
        "study_id": "s1", "label": "Lee 2020", "title": title, "link": "https://doi.org/10.1/x",
        "x": 10.0, "y": 0.9, "kind": "A", "shape": None,
    } | more  # fmt: skip


def hostile_page() -> str:
    point = row(HOSTILE, label=HOSTILE, kind=HOSTILE, link="javascript:alert(3)")
    point["hover"] = hover_text(point, [HOSTILE])
    style = ScatterStyle(
        HOSTILE, "x", "y", HOSTILE, HOSTILE, colour="kind", colour_title=HOSTILE,
        colours=(HOSTILE,), shape="shape", shape_title=HOSTILE, lines=(HOSTILE,),
    )  # fmt: skip
    panel = Panel("a", HOSTILE, [point], {"said": HOSTILE}, scatter([point], style), alt=HOSTILE)
    made = Artifact("figure", "6", HOSTILE, HOSTILE, (panel,), (HOSTILE,))
    return page(made, {"review": HOSTILE, "review_title": HOSTILE, "version": "1"})


def test_study_text_stays_text():
    text = hostile_page()
    found = outline(text)
    assert not any(tag == "img" for tag, _ in found.tags)
    assert not any("onerror" in attributes for _, attributes in found.tags)
    assert not any(
        (attributes.get("href") or "").startswith("javascript") for _, attributes in found.tags
    )
    # data, statistics, plotly, the page's own script: nothing was smuggled in
    assert len(found.scripts) == 4
    assert "alert(" not in found.scripts[3]


def test_the_policy_names_the_scripts_that_run_and_nothing_else():
    text = hostile_page()
    found = outline(text)
    (policy,) = [
        a["content"] for tag, a in found.tags if a.get("http-equiv") == "Content-Security-Policy"
    ]
    running = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    assert len(running) == 2
    for script in running:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert not any(a.get("src") for _, a in found.tags)
    assert not any(tag == "link" for tag, _ in found.tags)


def test_a_page_without_plots_carries_no_scripts():
    made = Artifact("figure", "3", "T", "C", (Panel("", "t", [{"n": 1}], svg="<svg></svg>"),))
    text = page(made, {})
    assert "script-src 'none'" in (outline(text).tags[2][1]["content"] or "")
    assert len(text) < 20_000


def test_long_tables_are_cut_and_say_so():
    rows = [{"i": i, "link": "https://example.org/a?b=1&c=2"} for i in range(TABLE_ROWS + 5)]
    text = page(Artifact("table", "1", "T", "C", (Panel("", "t", rows),)), {})
    assert text.count("<tr>") == TABLE_ROWS + 1
    assert f"The first {TABLE_ROWS} rows" in text
    assert 'href="https://example.org/a?b=1&amp;c=2"' in text


def test_the_same_artifact_gives_the_same_bytes():
    assert hostile_page() == hostile_page()


def test_facts_are_flat():
    said = dict(facts({"a": {"b": [1, 2.5]}, "c": [{"d": None}, {"d": True}]}))
    assert said == {"a · b": "1, 2.5", "c · 1 · d": "–", "c · 2 · d": "yes"}


def test_every_group_and_shape_of_a_scatter_is_explained():
    rows = [
        row("a", kind="A", shape="ft", hover=""),
        row("b", kind=None, shape=None, hover="", x=100.0),
        row("c", kind="rare", shape="unknown", hover=""),
    ]
    style = ScatterStyle(
        "t", "x", "y", "x", "y", colour="kind", colours=("A",), shape="shape", shapes=("ft",)
    )
    figure = scatter(rows, style)
    keys = [t.name for t in figure.data if t.showlegend]
    assert keys == ["A (1)", "other (1)", "not stated (1)", "ft (1)", "unknown (1)",
                    "not stated (1)"]  # fmt: skip
    points = [t for t in figure.data if not t.showlegend]
    assert sum(len(t.x) for t in points) == 3
    assert {s for t in points for s in t.marker.symbol} == {"x", "circle", "bowtie"}
    assert figure.layout.xaxis.type == "log"


@pytest.mark.parametrize("n", [0, 1, 6_000])
def test_scatter_of_any_size(n):
    rows = [row("t", x=float(i + 1), hover="h") for i in range(n)]
    figure = scatter(rows, ScatterStyle("t", "x", "y", "x", "y", colour="kind", colours=("A",)))
    assert sum(len(t.x) for t in figure.data if not t.showlegend) == n
    assert figure.to_json()
