"""Reports that several tests read; each is built once."""

from __future__ import annotations

import importlib.util
from html.parser import HTMLParser
from pathlib import Path

import pytest

from review.project import open_review
from review.report import build_report

HERE = Path(__file__).parent
VOID = {"meta", "link", "img", "br", "hr", "input", "col", "source", "wbr", "path", "rect"}


def load_samples():
    spec = importlib.util.spec_from_file_location("sample_reviews", HERE / "sample_reviews.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session", name="samples")
def _samples():
    return load_samples()


@pytest.fixture(scope="session", name="full_folder")
def _full_folder(tmp_path_factory, samples):
    return samples.full_review(tmp_path_factory.mktemp("reviews") / "full")


@pytest.fixture(scope="session", name="full_report")
def _full_report(full_folder):
    """Every section of a review that has every kind of file."""
    return build_report(open_review(full_folder))


@pytest.fixture(scope="session", name="kim_report")
def _kim_report():
    return build_report(open_review("kim2022"))


class Element:
    """An element with its attributes, the elements around it and the text inside it."""

    def __init__(self, tag, attributes, inside):
        self.tag, self.attributes, self.inside, self.parts = tag, attributes, inside, []

    def __getitem__(self, name):
        return getattr(self, name)

    @property
    def text(self):
        return "".join(self.parts)


class Page(HTMLParser):
    """The elements of a page, in the order of their start."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.elements, self.stack = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs), list(self.stack))
        self.elements.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_startendtag(self, tag, attrs):
        self.elements.append(Element(tag, dict(attrs), list(self.stack)))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop().tag != tag:
            pass

    def handle_data(self, data):
        for element in self.stack:
            element.parts.append(data)

    def all(self, *tags):
        return [e for e in self.elements if e.tag in tags]


@pytest.fixture(scope="session", name="parse")
def _parse():
    pages = {}

    def parse(report):
        if id(report) not in pages:
            pages[id(report)] = report, Page(report.html.decode())
        return pages[id(report)][1]

    return parse
