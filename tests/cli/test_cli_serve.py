"""`review serve`: an address of this computer, and a message where the packages are missing."""

from __future__ import annotations

import re
import sys

import pytest


@pytest.fixture(name="asked")
def _asked(monkeypatch):
    """The server does not run; what it would do is kept."""
    uvicorn = pytest.importorskip("uvicorn", reason="the extra 'web' is not installed")
    asked = []
    monkeypatch.setattr(
        uvicorn.Server, "run", lambda self, sockets: asked.append((self.config, sockets))
    )
    yield asked
    for _, sockets in asked:
        for one in sockets:
            one.close()


def test_it_listens_on_this_computer_alone(run, tmp_path, asked, monkeypatch):
    opened = []
    monkeypatch.setattr("typer.launch", opened.append)
    assert run("init", tmp_path / "mine").code == 0
    done = run("serve", tmp_path / "mine", "--no-browser")
    assert done.code == 0
    ((_, (bound,)),) = asked
    host, port = bound.getsockname()
    assert host == "127.0.0.1"
    token = re.fullmatch(rf"http://127\.0\.0\.1:{port}/\?token=([\w-]+)\n", done.out).group(1)
    assert len(token) >= 43
    assert opened == []
    again = run("serve", tmp_path / "mine")
    assert opened == [again.out.strip()]
    assert token not in again.out
    taken = run("serve", tmp_path / "mine", "--port", port)
    assert (taken.code, "Address already in use" in taken.err) == (2, True)


def test_the_missing_packages_are_named(run, tmp_path, monkeypatch):
    assert run("init", tmp_path / "mine").code == 0
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done = run("serve", tmp_path / "mine")
    assert done.code == 2
    assert "pip install 'review-analytics[web]'" in done.err
