"""Templates of a folder: kept under the policy, bounded, and named when they are broken."""

from __future__ import annotations

import re

import pytest

from review.errors import DataError
from review.plots.policy import policy, with_policy
from review.project import open_review
from review.report import build_report, templates
from review.report.templates import fill

PLAIN = '<!doctype html>\n<html lang="en">\n<head>\n<title>x</title></head><body></body></html>'


@pytest.fixture(name="own")
def _own(samples, tmp_path):
    folder = samples.make_review(tmp_path / "own", samples.studies(3))
    (folder / "templates" / "sections").mkdir(parents=True)
    return folder


def page_of(folder):
    report = build_report(open_review(folder), sections=["protocol"], trust=True)
    return report.html.decode()


def test_the_policy_is_the_first_element_of_every_page(own):
    (own / "templates/report.html.j2").write_text(
        '<!DOCTYPE html>\n<html lang="en" class="a">\n<head><title>{{ title }}</title></head>'
        "<body><script>owned()</script></body></html>"
    )
    html = page_of(own)
    start = html[: html.index("<title>")]
    assert start.endswith('form-action &#x27;none&#x27;">') or "Content-Security-Policy" in start
    assert html.count("Content-Security-Policy") == 1
    # the script of the template is in the page, and no hash admits it
    assert "owned()" in html
    assert policy(["owned()"]).split("script-src")[1].split("'")[1] not in html


@pytest.mark.parametrize(
    "page",
    [
        "<script>owned()</script>" + PLAIN,
        PLAIN.replace("<html", "<html onclick='owned()'"),
        PLAIN.replace("<html", '<html onclick="owned()"'),
        PLAIN.replace("<head>", "<body onload=owned()><head>"),
        PLAIN.replace("<head>", "<head onclick=owned()>"),
        PLAIN.replace("<head>", "<script>owned()</script><head>"),
        PLAIN.replace("<!doctype html>", ""),
        PLAIN.replace("<!doctype html>", "<!doctype html><!-- --!><script>owned()</script>"),
        "text only",
        "",
    ],
)
def test_nothing_may_stand_before_the_policy(own, page):
    with pytest.raises(DataError, match="must begin with"):
        with_policy(page, [])
    (own / "templates/report.html.j2").write_text(page)
    with pytest.raises(DataError, match="must begin with"):
        page_of(own)


@pytest.mark.parametrize(
    "element",
    [
        '<meta http-equiv="refresh" content="0;url=https://example.org">',
        "<META title='>' HTTP-EQUIV=refresh content='0;url=https://example.org'>",
        '<meta name="a" http-equiv="refresh" content="0;url=https://example.org">',
        "<meta/http-equiv=refresh/content=0>",
        '<base href="https://example.org">',
        '<link rel="dns-prefetch" href="https://a.example.org">',
        "<link/rel=preconnect href=//example.org>",
    ],
)
def test_what_a_policy_does_not_stop_is_refused(own, element):
    with pytest.raises(DataError, match="must not hold"):
        with_policy(PLAIN.replace("<title>", element + "<title>"), [])
    (own / "templates/sections/protocol.html.j2").write_text(element)
    with pytest.raises(DataError, match="must not hold"):
        page_of(own)


def test_plain_entries_of_the_head_are_fine():
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width" />'
    assert head in with_policy(PLAIN.replace("<title>", head + "<title>"), [])


def test_own_scripts_run_by_their_hash(own):
    (own / "templates/extra.js").write_text("window.mine = 1;")
    html = page_of(own)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert "window.mine = 1;" in script
    (hashed,) = re.findall(r"sha256-[^']*", policy([script]))
    assert hashed in html


PROTOCOL = "sections/protocol.html.j2"
DOUBLED = """{% set s = namespace(x='abc') %}
{% for i in range(99) %}
{% set s.x = s.x ~ s.x %}{% endfor %}"""


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("a\n{{ 1 / 0 }}", r"protocol\.html\.j2:2: ZeroDivisionError"),
        ("{{ section.title + 1 }}", r"protocol\.html\.j2:1: TypeError"),
        ("\n\n{% include 'sections/protocol.html.j2' %}", r"j2:3: .*without an end"),
        ("{% macro a(n) %}{{ a(n) }}{% endmacro %}\n{{ a(1) }}", r"protocol\.html\.j2:\d: .*end"),
        ("\n{{ 'x' * 10 ** 10 }}", r"protocol\.html\.j2:2: the template takes too much memory"),
        (DOUBLED, r"protocol\.html\.j2:3: .*too much memory"),
        ("{{ section.blocks.append }}", r"protocol\.html\.j2:1"),
        ("{{ cycler.__init__.__globals__ }}", r"protocol\.html\.j2:1: SecurityError"),
        ("{{ ''|attr('format')|attr('__self__') }}", r"protocol\.html\.j2:1"),
    ],
)  # fmt: skip
def test_a_broken_template_is_named_with_its_line(own, template, said):
    (own / "templates" / PROTOCOL).write_text(template)
    with pytest.raises(DataError, match=said):
        page_of(own)


@pytest.mark.parametrize(
    "template",
    [
        "\n{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "\n{% macro a(n) %}{% if n %}{{ a(n-1) }}{{ a(n-1) }}{% endif %}{% endmacro %}{{ a(99) }}",
        "\n{{ (9 ** (9 ** 9)) % 7 }}",
    ],
)
def test_a_template_without_an_end_is_stopped(own, template, monkeypatch):
    monkeypatch.setattr(templates, "SECONDS", 1.0)
    (own / "templates" / PROTOCOL).write_text(template)
    with pytest.raises(DataError, match=r"(protocol\.html\.j2:2: .*)?takes more than 1 s"):
        page_of(own)


def test_templates_that_are_no_text_are_named(own):
    (own / "templates" / PROTOCOL).write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match=r"templates/sections/protocol\.html\.j2: not UTF-8"):
        page_of(own)


def test_files_beside_the_templates_do_no_harm(own):
    (own / "templates/logo.png").write_bytes(b"\x89PNG\xff")
    assert "Title and protocol" in page_of(own)


def test_own_templates_make_the_page_that_the_bundled_ones_make(own):
    bundled = build_report(open_review(own), sections=["protocol", "studies"]).html
    source = templates.resource_dir("templates")
    for name in ("report.html.j2", "blocks.html.j2", "sections/section.html.j2"):
        (own / "templates" / name).write_text((source / name).read_text("utf-8"), "utf-8")
    report = build_report(open_review(own), sections=["protocol", "studies"], trust=True)
    assert report.html == bundled


def test_a_fault_of_the_program_is_not_blamed_on_a_template():
    with pytest.raises(TypeError):
        fill({}, {"sections": None, "theme": "auto"} | dict.fromkeys(
            ("title", "authors", "sample", "n_studies", "date", "version", "style", "script",
             "plotly", "data", "anchors")))  # fmt: skip
