"""A review folder behind the local server, asked without a network."""

from __future__ import annotations

import csv
from urllib.parse import quote, unquote

import pytest

from review.project.watched_review import WatchedReview
from review.workflow.coding.init import init_review

pytest.importorskip("starlette", reason="the extra 'web' is not installed")

PORT = 8123
HOST = f"127.0.0.1:{PORT}"
RECORDS = (
    ("r1", "Deep learning for chest films", "Randomised <b>trial</b> of mice", "2020", "10.1000/a"),
    ("r2", "Feeding of dairy cows", "Milk & more", "2018", "10.1000/b"),
    ("r3", "Deep learning for chest film", "The same again", "2020", "10.1000/a"),
    ("r4", "Knees in MRI", "", "2023", ""),
)
SCREENING = """
[screening]
reviewers = 2
reasons = ["wrong population", "no control group"]
keywords = ["random*"]
keywords_against = ["mice"]
"""


def make_folder(folder):
    """A review with four records that nobody has looked at."""
    init_review(folder)
    with (folder / "records.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["record_id", "source", "title", "abstract", "year", "doi"])
        rows.writerows([i, "PubMed", *rest] for i, *rest in RECORDS)
    settings = folder / "review.toml"
    settings.write_text(settings.read_text("utf-8") + SCREENING, "utf-8")
    return folder


@pytest.fixture(name="folder")
def _folder(tmp_path):
    return make_folder(tmp_path / "mine")


class Browser:
    """A browser: cookies, and a way in."""

    def __init__(self, app, door, name="", *, enter=True):
        from starlette.testclient import TestClient

        self.client = TestClient(app, base_url=f"http://{HOST}", follow_redirects=False)
        self.door = door
        if enter:
            assert self.get("/", params={"token": door.token}).status_code == 303
        if name:
            assert self.post("/who", name=name).status_code == 303

    @property
    def csrf(self):
        return self.door.sessions.get(self.client.cookies.get(self.door.cookie, ""), "")

    @property
    def name(self):
        return unquote(self.client.cookies.get("review_name", ""))

    @property
    def sender(self):
        """The headers with which the script of a page sends a change."""
        return {
            "origin": f"http://{HOST}", "x-csrf": self.csrf, "x-person": quote(self.name),
            "accept": "application/json",
        }  # fmt: skip

    def get(self, path, **options):
        return self.client.get(path, **options)

    def post(self, path, *, headers=None, csrf=None, **fields):
        given = {"csrf": self.csrf if csrf is None else csrf, "made_for": self.name, **fields}
        headers = {"origin": f"http://{HOST}", **(headers or {})}
        return self.client.post(path, data=given, headers=headers)


@pytest.fixture(name="serve")
def _serve():
    """Return a function that serves a folder and opens browsers on it."""
    from review.web.web_app import web_app
    from review.web.web_gate import Door

    def serve(folder, *, reader=False, bundled=False):
        door = Door(PORT, reader=reader, token="the-token")
        app = web_app(WatchedReview(folder, bundled=bundled), door)

        def browser(name="", *, enter=True):
            return Browser(app, door, name, enter=enter)

        browser.app = app
        browser.door = door
        return browser

    return serve
