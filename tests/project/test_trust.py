"""Trust from Python, the code of a folder as it was read, and the bounds of reading and running."""

from __future__ import annotations

import os
import sys
import time

import pytest

import review
from review.analysis_api import Options, find_modules, load_module, untrusted_modules
from review.errors import DataError, InputError
from review.project.bounded import leads_out, read_bounded
from review.project.confined import confined
from review.project.folder_code import fingerprint, read_code
from review.project.toml_form import check_toml

MODULE = """from review.analysis_api import Artifact, Panel
TITLE = "Mine"
def build(review, options):
    return Artifact("figure", "mine", TITLE, "", (Panel("", "Own", [{"n": 1}]),))
"""


@pytest.fixture(name="folder")
def _folder(new_review):
    (new_review / "analysis").mkdir()
    (new_review / "analysis/figure_mine.py").write_text(MODULE)
    (new_review / "templates").mkdir()
    (new_review / "templates/extra.css").write_text("h1 { color: rebeccapurple; }")
    return new_review


def uses(opened, **options):
    report = review.build_report(opened, sections=["protocol", "figures"], **options)
    html = report.html.decode()
    styled, drawn = "rebeccapurple" in html, "Figure mine: Mine" in html
    assert styled == drawn == (not report.left_out)
    return drawn


def test_a_folder_is_trusted_by_argument_or_by_what_was_said(folder):
    assert not uses(review.open_review(folder))
    assert uses(review.open_review(folder, trust=True))
    assert uses(review.open_review(folder), trust=True)
    # an argument is not remembered
    assert not uses(review.open_review(folder))
    assert review.trust_folder(folder) == ("analysis/figure_mine.py", "templates/extra.css")
    assert uses(review.open_review(folder))
    assert not uses(review.open_review(folder, trust=False))
    assert not uses(review.open_review(folder), trust=False)
    assert uses(review.open_review(folder, trust=False), trust=True)
    assert list(review.trusted_folders()) == [str(folder)]
    assert review.revoke_trust(folder)
    assert not review.revoke_trust(folder)
    assert not uses(review.open_review(folder))


def test_a_filtered_view_keeps_the_trust(kim_copy):
    (kim_copy / "analysis").mkdir()
    (kim_copy / "analysis/figure_mine.py").write_text(MODULE)
    view = review.open_review(kim_copy, trust=True).where('modality == "OCT"')
    assert "mine" in find_modules(view, "figure")
    assert len(view.whole.studies) > len(view.studies)


def test_what_was_looked_at_is_what_runs(folder):
    opened = review.open_review(folder, trust=True)
    assert opened.code.used
    (folder / "analysis/figure_mine.py").write_text("raise RuntimeError('swapped')")
    made = load_module(find_modules(opened, "figure")["mine"]).build(opened, Options())
    assert made.title == "Mine"
    again = review.open_review(folder, trust=True)
    with pytest.raises(DataError, match=r"figure_mine\.py: cannot be run: RuntimeError: swapped"):
        load_module(find_modules(again, "figure")["mine"])


def test_bytecode_beside_a_module_is_not_run(folder, tmp_path):
    import importlib.util
    import py_compile

    source = folder / "analysis/figure_mine.py"
    evil = tmp_path / "evil.py"
    evil.write_text("raise RuntimeError('from bytecode')\n")
    cached = importlib.util.cache_from_source(str(source))
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(evil), cached, invalidation_mode=mode)
    opened = review.open_review(folder, trust=True)
    assert load_module(find_modules(opened, "figure")["mine"]).TITLE == "Mine"
    assert f"analysis/__pycache__/{os.path.basename(cached)}" in opened.code.files  # noqa: PTH119


def test_what_a_module_imports_leaves_no_bytecode(folder):
    (folder / "analysis/figure_mine.py").write_text(
        "import sys\nfrom pathlib import Path\nsys.path.insert(0, str(Path(__file__).parent))\n"
        "import helper_of_a_figure\n" + MODULE
    )
    (folder / "analysis/helper_of_a_figure.py").write_text("x = 1\n")
    opened = review.open_review(folder, trust=True)
    load_module(find_modules(opened, "figure")["mine"])
    sys.path.remove(str(folder / "analysis"))
    assert not (folder / "analysis/__pycache__").exists()
    assert not sys.dont_write_bytecode or "PYTHONDONTWRITEBYTECODE" in os.environ


def test_an_untrusted_module_cannot_be_loaded(folder):
    opened = review.open_review(folder)
    file = untrusted_modules(opened, "figure")["mine"]
    assert (file.title, file.own, file.used) == ("Mine", True, False)
    with pytest.raises(InputError, match="not trusted"):
        load_module(file)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("TITLE = 'a' 'b'", "ab"),
        ("TITLE: str = 'typed'", "typed"),
        ("TITLE = open('mark', 'w').name", ""),
        ("TITLE = 1", ""),
        ("if True:\n    TITLE = 'inside'", ""),
        ("TITLE = '\\d'", "\\d"),
        ("x = (", ""),
        ("x = " + "(" * 5000, ""),
        ("-" * 100_000 + "1", ""),
        ("TITLE = 'late'\n" + "#" * 1_000_001, ""),
        ("\x00", ""),
        ("def build(): ...", ""),
    ],
)
def test_titles_are_read_without_running(folder, text, title):
    (folder / "analysis/figure_mine.py").write_text(text)
    opened = review.open_review(folder)
    assert untrusted_modules(opened, "figure")["mine"].title == title
    assert not (folder / "mark").exists()


@pytest.mark.parametrize("fault", ["raise SystemExit(3)", "raise KeyError('x')", "1 / 0"])
def test_faults_of_a_module_are_its_own(folder, fault):
    (folder / "analysis/figure_mine.py").write_text(
        f"TITLE = 'x'\ndef build(review, options):\n    {fault}\n"
    )
    opened = review.open_review(folder, trust=True)
    with pytest.raises(DataError, match=r"figure_mine\.py: (SystemExit|KeyError|ZeroDivision)"):
        load_module(find_modules(opened, "figure")["mine"]).build(opened, Options())


def test_too_much_code_is_refused(folder):
    for i in range(1_001):
        (folder / f"templates/{i}.txt").write_text("")
    with pytest.raises(DataError, match="more than 1,000 files"):
        read_code(folder)


def test_the_fingerprint_knows_names_and_bytes():
    whole = {"a": b"1", "b": b"2"}
    assert fingerprint(whole) == fingerprint(dict(reversed(whole.items())))
    others = [{"a": b"2", "b": b"1"}, {"a": b"12"}, {"ab": b"1", "": b"2"}, {"a": b"1"}, {}]
    assert len({fingerprint(f) for f in [whole, *others]}) == 6


def test_reading_is_bounded(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_bounded(path, most=5) == b"12345"
    with pytest.raises(DataError, match="at most 0 MB"):
        read_bounded(path, most=4)
    with pytest.raises(DataError, match="no such file"):
        read_bounded(tmp_path / "b")
    with pytest.raises(DataError, match="not a plain file"):
        read_bounded(tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        read_bounded(tmp_path / "a" / "b")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="not a plain file"):
        read_bounded(tmp_path / "pipe")
    # it states no size and goes on for ever, or states one that is not true
    with pytest.raises(DataError, match="not a plain file"):
        read_bounded(type(path)("/dev/zero"))


@pytest.mark.parametrize(
    ("target", "out"),
    [("inside", False), ("../root/inside", False), ("../other", True), ("/etc", True),
     ("loop", False), ("nowhere", False), ("../../nowhere", True)],
)  # fmt: skip
def test_links_are_followed_to_their_end(tmp_path, target, out):
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "other").mkdir()
    (root / "inside").mkdir()
    (root / "loop").symlink_to(target)
    (root / "second").symlink_to("loop")
    for name in ("loop", "second", "loop/deeper"):
        assert (leads_out(root / name, root) is not None) == out
    (tmp_path / "door").symlink_to(root)
    assert (leads_out(tmp_path / "door" / "second", tmp_path / "door") is not None) == out


def test_a_confined_function_gives_its_result_or_its_error():
    assert confined(len, "abc", what="x") == 3
    assert confined(int, "7", what="x") == 7
    with pytest.raises(RuntimeError, match="x: ValueError"):
        confined(int, "seven", what="x")
    with pytest.raises(DataError, match=r"a\.toml:1: nested too deeply") as caught:
        confined(check_toml, "[" * 99, "a.toml", what="x")
    assert caught.value.problems[0].line == 1


def test_a_confined_function_has_bounds():
    with pytest.raises(DataError, match="the nap: takes more than 1 s"):
        confined(time.sleep, 60, what="the nap", seconds=0.9)
    with pytest.raises(DataError, match="the heap: takes more than 300 MB of memory"):
        confined(bytes, 10**12, what="the heap", memory=300_000_000)


def test_a_confined_function_takes_no_module_of_the_working_folder(tmp_path, monkeypatch):
    for name in ("review", "pickle", "jinja2", "random"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'w')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert confined(len, "abc", what="x") == 3
    assert not (tmp_path / "mark").exists()
