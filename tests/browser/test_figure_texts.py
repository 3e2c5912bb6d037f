"""Texts of figures neither overlap nor leave their figure, on desktop, phone and paper."""

from __future__ import annotations

import pytest

import review
from review.analysis_api import Artifact, Options, Panel, find_modules, load_module
from review.plots.interval_table.table_drawing import drawn_as
from review.plots.page import page as page_of
from review.project import open_review

BCG = {
    "ai": [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    "n1i": [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913],
    "ci": [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    "n2i": [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854],
}
LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
CELLS = [20, 30, 15, 40, 33], [5, 3, 6, 2, 4], [4, 9, 2, 12, 7], [30, 40, 28, 50, 61]
# every plot is drawn as large as its place, and fewer pixels than a redraw would need are missing
FITS = """() => [...document.querySelectorAll('.plot')].every((plot) => {
  const svg = plot.querySelector('.main-svg');
  return svg && Math.abs(svg.clientHeight - plot.clientHeight) < 2
    && Math.abs(svg.clientWidth - plot.clientWidth) < PAPER;
})"""
MEASURE = """() => {
  const said = [];
  let texts = 0;
  const shown = [...document.querySelectorAll('.plot, .drawing > svg')]
    .filter((f) => f.getBoundingClientRect().width > 0);
  for (const frame of shown) {
    const where = frame.closest('figure').id + ' ' + frame.closest('figure').dataset.name;
    const outer = frame.getBoundingClientRect();
    const drawn = frame.viewBox ? outer.width / frame.viewBox.baseVal.width : 1;
    const boxes = [];
    for (const text of frame.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      if (!box.width || !text.textContent.trim() || text.closest('.modebar')) continue;
      const style = getComputedStyle(text);
      if (style.opacity === '0' || style.visibility === 'hidden') continue;
      texts += 1;
      const m = text.getScreenCTM();
      const letters = Math.min(...[text, ...text.querySelectorAll('tspan')]
        .map((t) => parseFloat(getComputedStyle(t).fontSize))) * drawn;
      const name = '"' + text.textContent.slice(0, 40) + '"';
      if (box.left < outer.left - 2 || box.right > outer.right + 2 || box.top < outer.top - 2
          || box.bottom > outer.bottom + 2) said.push(where + ': cut ' + name);
      if (letters < LEAST) said.push(where + ': ' + letters.toFixed(1) + ' px ' + name);
      if (Math.abs(m.b) < 0.01) boxes.push([box, name]);
    }
    boxes.sort((a, b) => a[0].top - b[0].top);
    boxes.forEach(([a, one], i) => {
      for (let j = i + 1; j < boxes.length && boxes[j][0].top < a.bottom; j++) {
        const [b, other] = boxes[j];
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 2 && high > 3.5) said.push(where + ': ' + one + ' over ' + other);
      }
    });
  }
  return {said, count: shown.length, texts};
}"""


def _figures():
    """Every figure and table of the bundled review, and figures of results of all kinds."""
    kim = open_review("kim2022")
    for kind, keys in (("figure", ("1", "2", "3", "4", "5", "6", "size")), ("table", ("tl",))):
        for key in keys:
            yield from load_module(find_modules(kim, kind)[key]).build(kim, Options()).panels
    slab = [f"Author with a name {chr(65 + i)} {1948 + 3 * i}" for i in range(13)]
    effects = review.effect_size("RR", slab=slab, **BCG)
    fit = review.meta_analysis(effects)
    words = ["low", "some concerns", "high"]
    risk = {f"Domain number {i}": [words[(i + j) % 3] for j in range(13)] for i in range(6)}
    sides = ("the vaccine against tuberculosis", "no vaccine")
    regression = review.meta_analysis(effects, mods="~ latitude", data={"latitude": LATITUDE})
    accuracy = review.diagnostic_meta(*CELLS, slab=[f"Study {i} 20{i}0a" for i in range(5)])
    network = review.network_meta(
        [-0.4, -0.3, 0.2, -0.1, 0.2], [0.1, 0.2, 0.15, 0.1, 0.2], ["A", "B", "A", "Drug", "A"],
        ["C", "C", "B", "C", "Drug"], list("12345"), reference="C", measure="OR",
    )  # fmt: skip
    drawings = {
        "forest": fit.plot.forest(favours=sides, title="Vaccination against tuberculosis"),
        "forest-bias": fit.plot.forest(favours=sides, risk_of_bias=risk),
        "coupled": accuracy.plot.coupled_forest(), "split": network.plot.split_forest(),
        "funnel": fit.plot.funnel(), "bubble": regression.plot.bubble(),
        "gosh": fit.plot.gosh(), "baujat": fit.plot.baujat(), "drapery": fit.plot.drapery(),
        "sroc": accuracy.plot.sroc(), "graph": network.plot.graph(),
    }  # fmt: skip
    for name, figure in drawings.items():
        yield Panel(name, name, [], alt=name, **drawn_as(figure))


@pytest.fixture(scope="module", name="drawn")
def _drawn(browser, tmp_path_factory):
    """One page with all figures."""
    panels = [
        Panel(f"p{i}", panel.title, [], figure=panel.figure, svg=panel.svg, alt=panel.title,
              smaller=panel.smaller)
        for i, panel in enumerate(_figures())
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("figures") / "all.html"
    path.write_text(page_of(Artifact("figure", "", "All", "", tuple(panels)), {}), "utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri())
    page.evaluate(
        "names => document.querySelectorAll('figure').forEach((f, i) => f.dataset.name = names[i])",
        [panel.title for panel in panels],
    )
    yield page, len(panels)
    page.close()


@pytest.mark.parametrize(("medium", "least"), [("desktop", 9.5), ("phone", 9.5), ("paper", 7)])
def test_texts_neither_overlap_nor_are_cut(drawn, until, medium, least):
    page, count = drawn
    page.set_viewport_size({"width": {"desktop": 1280, "phone": 390, "paper": 760}[medium],
                            "height": 900})  # fmt: skip
    if medium == "paper":
        page.emulate_media(media="print")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    until(page, lambda: page.evaluate(FITS.replace("PAPER", "99" if medium == "paper" else "2")))
    found = page.evaluate(MEASURE.replace("LEAST", str(least)))
    assert found["count"] == count
    assert found["texts"] > 40 * count
    assert not found["said"], "\n".join(found["said"])


def test_the_measure_sees_what_overlaps_and_what_is_cut(browser):
    page = browser.new_page()
    text = '<text x="{}" y="{}" font-size="{}">{}</text>'
    texts = "".join(
        text.format(*t)
        for t in (
            (10, 20, 12, "one"),
            (14, 22, 12, "two"),
            (190, 60, 12, "out"),
            (10, 90, 5, "dot"),
        )
    )
    page.set_content(
        '<figure id="f" data-name="n"><div class="drawing">'
        f'<svg viewBox="0 0 200 100" width="200" height="100">{texts}</svg></div></figure>'
    )
    said = " ".join(page.evaluate(MEASURE.replace("LEAST", "9"))["said"])
    assert '"one" over "two"' in said
    assert 'cut "out"' in said
    assert '5.0 px "dot"' in said
    page.close()
