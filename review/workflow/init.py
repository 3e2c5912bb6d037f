"""Starts a review folder: empty with a commented codebook, or as a copy of another review."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from typing import TYPE_CHECKING, Final

from review.errors import InputError
from review.project.find import SETTINGS_FILE, find_review
from review.project.review import Review
from review.project.tables import format_row
from review.project.write import write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COPIED: Final = ("codebook.toml", "analysis", "templates", "tools")


def init_review(
    folder: Path, *, title: str | None = None, source: str | None = None, studies: bool = False
) -> list[Path]:
    """Make a review folder; return the files that were written.

    Args:
        folder: made when it does not exist; files that are there already are never replaced.
        title: of the new review.
        source: a review whose codebook, roles and figure modules are copied.
        studies: copy everything of `source`, studies and codings included.

    Raises:
        InputError: a file is in the way, or the folder cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file, not a folder")
    if source is not None:
        origin, _ = find_review(source)
        if origin.resolve() == folder.resolve():
            raise InputError(f"{folder} cannot be a copy of itself")
        return _copy(origin, folder, title=title, everything=studies)
    if studies:
        raise InputError("--studies copies the studies of another review: name it with --from")
    texts = {
        SETTINGS_FILE: _template("review.toml").replace("TITLE", json.dumps(title or folder.name)),
        "codebook.toml": _template("codebook.toml"),
    }
    _make(folder, [*texts, "studies.csv"])
    written = _write(folder, {k: v.encode() for k, v in texts.items()})
    return [*written, *_write(folder, {"studies.csv": _header(folder)})]


def _template(name: str) -> str:
    files = resources.files("review.workflow") / "templates" / name
    return files.read_text(encoding="utf-8")


def _header(folder: Path) -> bytes:
    columns = [c for c in Review(folder).columns if c != "coders"]
    return format_row(columns, "\n").encode()


def _make(folder: Path, names: list[str]) -> None:
    """Make the folder, unless one of the files is there already."""
    there = [name for name in names if (folder / name).exists()]
    if there:
        raise InputError(f"{folder} already has {', '.join(there)}; nothing was changed")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make {folder}: {error.strerror}") from None


def _write(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    for name, data in files.items():
        write_atomic(folder / name, data)
    return [folder / name for name in files]


def _copy(origin: Path, folder: Path, *, title: str | None, everything: bool) -> list[Path]:
    names = sorted(p.name for p in origin.iterdir() if not p.name.startswith("."))
    wanted = names if everything else [n for n in names if n in {*COPIED, SETTINGS_FILE}]
    _make(folder, [*wanted, "studies.csv"])
    for name in wanted:
        if (origin / name).is_dir():
            shutil.copytree(
                origin / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            write_atomic(folder / name, (origin / name).read_bytes())
    if not everything:
        text = _settings_of_copy(folder, title or folder.name)
        write_atomic(folder / SETTINGS_FILE, text.encode())
        write_atomic(folder / "studies.csv", _header(folder))
        wanted = [*wanted, "studies.csv"]
    return [folder / name for name in wanted]


def _settings_of_copy(folder: Path, title: str) -> str:
    """Return the settings of a new review with the roles of the one that was copied."""
    text = (folder / SETTINGS_FILE).read_text(encoding="utf-8")
    roles = text.partition("\n[roles]")[2]
    start = _template("review.toml").replace("TITLE", json.dumps(title)).partition("\n[roles]")[0]
    return start + ("\n[roles]" + roles if roles else "\n")
