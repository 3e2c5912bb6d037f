"""Nobody comes in without the address; no other site changes anything; no other file is served."""

from __future__ import annotations

import pytest

from review.web.web_gate import MAX_FORM, MAX_UPLOAD, POLICY


def test_without_the_address_nothing_is_shown(serve, folder):
    stranger = serve(folder)(enter=False)
    for path in ("/", "/screen", "/conflicts", "/pdf/a.pdf", "/nothing"):
        answer = stranger.get(path)
        assert answer.status_code == 403, path
        assert "review serve" in answer.text
    assert stranger.get("/", params={"token": "guessed"}).status_code == 403
    assert stranger.get("/", params={"token": ""}).status_code == 403
    stranger.client.cookies.set(stranger.door.cookie, "guessed")
    assert stranger.get("/").status_code == 403


def test_the_key_leaves_the_address_and_the_cookie_is_strict(serve, folder):
    browser = serve(folder)(enter=False)
    answer = browser.get("/", params={"token": browser.door.token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].casefold()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert browser.door.token not in cookie
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "127.0.0.1", "0.0.0.0:8123", ""])
def test_a_foreign_host_is_refused(serve, folder, host):
    browser = serve(folder)()
    assert browser.get("/", headers={"host": host}).status_code == 421
    assert browser.post("/screen", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://127.0.0.1:8124"},
        {"origin": "https://127.0.0.1:8123"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_post_of_another_site_changes_nothing(serve, folder, headers):
    browser = serve(folder)("Ann")
    done = browser.post("/screen", headers=headers, record="r1", action="include")
    assert done.status_code == 403
    assert not (folder / "decisions.csv").exists()


def test_another_site_cannot_embed_or_fetch_a_page(serve, folder):
    browser = serve(folder)()
    for mode in ("no-cors", "cors", "navigate"):
        headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": mode}
        assert browser.get("/screen", headers=headers).status_code == 403
    # the first page may be come to from a mail: the strict cookie is not sent along then
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert browser.get("/", headers=headers).status_code == 200


def test_every_change_needs_the_word_of_the_session(serve, folder):
    browser = serve(folder)("Ann")
    app = browser.client.app.app
    posts = [r.path for r in app.routes if "POST" in (r.methods or ())]
    assert len(posts) > 4
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    for path in posts:
        concrete = path.replace("{study}", "s1").replace("{variable}", "auc")
        for word in ("", "wrong", serve(folder)().csrf):
            done = browser.post(concrete, csrf=word, record="r1", action="include")
            assert done.status_code == 403, path
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before


def test_a_reader_changes_nothing(serve, folder):
    browser = serve(folder, reader=True)()
    app = browser.client.app.app
    for route in app.routes:
        if "POST" in (route.methods or ()):
            done = browser.post(route.path, name="Ann", record="r1", action="include")
            assert done.status_code == 403
            assert "--reader" in done.text
    page = browser.get("/screen")
    assert page.status_code == 200
    assert '<form method="post"' not in browser.get("/conflicts").text


def test_what_is_sent_in_is_bounded(serve, folder):
    browser = serve(folder)("Ann")
    done = browser.post("/screen", record="r1", note="x" * (MAX_FORM + 1))
    assert done.status_code == 413
    headers = {"origin": "http://127.0.0.1:8123", "x-csrf": browser.csrf}

    def much():  # without saying how much is coming
        for _ in range(3):
            yield b"x" * (MAX_FORM // 2)

    assert browser.client.post("/screen", content=much(), headers=headers).status_code == 413
    claimed = {**headers, "content-length": str(100_000_000)}
    assert MAX_UPLOAD < 100_000_000
    assert browser.client.post("/import", content=b"x", headers=claimed).status_code == 413
    wrong = {**headers, "content-length": "-1"}
    assert browser.client.post("/screen", content=b"x", headers=wrong).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
def test_other_methods_are_refused(serve, folder, method):
    browser = serve(folder)()
    assert browser.client.request(method, "/").status_code == 405


def test_answers_say_what_a_browser_may_load(serve, folder):
    browser = serve(folder)("Ann")
    for path in ("/", "/screen", "/static/serve.js", "/nothing"):
        headers = browser.get(path).headers
        assert headers["content-security-policy"] == POLICY, path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert "unsafe" not in POLICY
    for path in ("/", "/screen", "/conflicts", "/screen/keys"):
        text = browser.get(path).text
        assert "<script>" not in text
        assert " style=" not in text
        assert " onclick" not in text


def test_only_pdfs_of_the_folder_are_served(serve, folder, tmp_path):
    (folder / "pdfs").mkdir()
    real = b"%PDF-1.4\n%%EOF\n"
    (folder / "pdfs" / "lee.pdf").write_bytes(real)
    (folder / "pdfs" / "page.pdf").write_bytes(b"<html><script>alert(1)</script>")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "x.pdf").write_bytes(real)
    (tmp_path / "outside.pdf").write_bytes(real)
    (folder / "link.pdf").symlink_to(tmp_path / "outside.pdf")
    browser = serve(folder)()
    answer = browser.get("/pdf/pdfs/lee.pdf")
    assert (answer.status_code, answer.content) == (200, real)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert browser.get("/pdf/pdfs/page.pdf").status_code == 415
    outside = (
        "link.pdf", "../outside.pdf", "%2e%2e/outside.pdf", "..%2foutside.pdf", "review.toml",
        ".hidden/x.pdf", "pdfs/../review.toml", str(tmp_path / "outside.pdf"),
        "pdfs/lee.pdf%00", "pdfs", "",
    )  # fmt: skip
    for path in outside:
        assert browser.get(f"/pdf/{path}").status_code in {404, 307}, path
    for path in ("../web_app.py", "%2e%2e/pages/base.html.j2", "base.html.j2", "none.js"):
        assert browser.get(f"/static/{path}").status_code == 404, path


def test_the_next_address_after_the_name_is_of_this_server(serve, folder):
    browser = serve(folder)()
    for bad in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"):
        assert browser.post("/who", name="Ann", next=bad).headers["location"] == "/"
    assert browser.post("/who", name="Ann", next="/screen").headers["location"] == "/screen"
