"""Starts a review folder: empty with a commented codebook, or as a copy of another review."""

from __future__ import annotations

import contextlib
import json
import os
import tomllib
from importlib import resources
from pathlib import Path
from typing import Final

from review.errors import InputError, UnknownNameError
from review.project.bounded import read_bounded
from review.project.csv_records import format_row
from review.project.csv_tables import decode
from review.project.find import find_review
from review.project.review import Review
from review.project.storage import real_file
from review.project.transaction import changes
from review.project.write import output_target
from review.schema import IDENTITY_COLUMNS, Codebook
from review.schema.change_log import LOG
from review.schema.folder_files import LOCK_NAME, SETTINGS_FILE, STAGING

# name -> what a review of that kind is about
TEMPLATES: Final = {
    "imaging": "machine learning on medical images",
    "ml": "clinical prediction models",
    "dta": "diagnostic test accuracy",
    "rct": "trials of interventions",
    "prevalence": "how frequent a condition is",
    "prognosis": "prognostic factors",
}
USUAL: Final = "imaging"
COPIED: Final = ("codebook.toml", "analysis", "templates", "tools")
IGNORED: Final = f"{LOCK_NAME}\n{STAGING}/\n"


def init_review(
    folder: Path,
    *,
    title: str | None = None,
    source: str | None = None,
    studies: bool = False,
    template: str | None = None,
) -> list[Path]:
    """Make a review folder, whole or not at all; return the files that were written.

    Args:
        folder: made when it does not exist; files that are there already are never replaced.
        title: of the new review.
        source: a review whose codebook, roles and figure modules are copied.
        studies: copy everything of `source`, studies and codings included.
        template: what the review is about, one of `TEMPLATES`: its coding form, roles and
            meta-analyses; `imaging` when nothing is said.

    Raises:
        UnknownNameError: no such template.
        InputError: a file is in the way, the folder belongs to another review, or cannot be
            written.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file, not a folder")
    if template is not None and template not in TEMPLATES:
        raise UnknownNameError("template", template, list(TEMPLATES))
    if source is not None:
        if template is not None:
            raise InputError("--template and --from both give the coding form: choose one")
        origin, _ = find_review(source)
        if origin.resolve() == folder.resolve():
            raise InputError(f"{folder} cannot be a copy of itself")
        return make_folder(folder, _copied(origin, title or folder.name, everything=studies))
    if studies:
        raise InputError("--studies copies the studies of another review: name it with --from")
    chosen = template or USUAL
    codebook = _template(f"{chosen}/codebook.toml")
    files: dict[str, bytes | Path] = {
        SETTINGS_FILE: settings_text(title or folder.name, chosen).encode(),
        "codebook.toml": codebook.encode(),
        "studies.csv": studies_header(Codebook.model_validate(tomllib.loads(codebook))),
    }
    return make_folder(folder, files)


def _template(name: str) -> str:
    files = resources.files("review.workflow.coding") / "templates" / name
    return files.read_text(encoding="utf-8")


def settings_text(title: str, template: str = USUAL) -> str:
    """Return the text of `review.toml` of a new review."""
    return _template(f"{template}/review.toml").replace("TITLE", json.dumps(title))


def studies_header(codebook: Codebook) -> bytes:
    """Return an empty table of studies."""
    columns = [c for c in (*IDENTITY_COLUMNS, *codebook.names) if c != "coders"]
    return format_row(columns, "\n").encode()


def _copied(origin: Path, title: str, *, everything: bool) -> dict[str, bytes | Path]:
    """Return the files of a copy by name: the file to copy, or the bytes."""
    names = sorted(p.name for p in origin.iterdir() if not p.name.startswith("."))
    names = [name for name in names if name != LOG]  # the copy begins a log of its own
    if everything:
        return {name: path for top in names for name, path in _files(origin, top)}
    made: dict[str, bytes | Path] = {
        name: path for top in names if top in COPIED for name, path in _files(origin, top)
    }
    made[SETTINGS_FILE] = _settings_of_copy(origin, title).encode()
    made["studies.csv"] = studies_header(Review(origin).codebook)
    return made


def _files(origin: Path, top: str) -> list[tuple[str, Path]]:
    """Return the names and places of a file, or of all files of a folder, of a review.

    Raises:
        InputError: a link leaves the review.
    """
    if (origin / top).is_file():
        return [(top, real_file(origin, top))]
    found = []
    for folder, below, names in os.walk(origin / top):
        below[:] = [b for b in below if b != "__pycache__"]
        for name in [*(b for b in below if (Path(folder) / b).is_symlink()), *names]:
            inside = (Path(folder) / name).relative_to(origin).as_posix()
            real = real_file(origin, inside)
            if real.is_file():
                found.append((inside, real))
    return sorted(found)


def _settings_of_copy(origin: Path, title: str) -> str:
    """Return the settings of a new review with the roles of the one that is copied."""
    text, _ = decode(read_bounded(origin / SETTINGS_FILE, root=origin), SETTINGS_FILE)
    roles = text.partition("\n[roles]")[2]
    start = settings_text(title).partition("\n[roles]")[0]
    return start + ("\n[roles]" + roles if roles else "\n")


def make_folder(folder: Path, files: dict[str, bytes | Path]) -> list[Path]:
    """Make the folder of a review with these files; return what was written.

    Raises:
        InputError: one of them is there already, or the folder cannot be written to.
    """
    output_target(folder / "new")
    _refuse(folder, files)
    fresh = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make {folder}: {error.strerror}") from None
    try:
        with changes(folder, command="init") as tx:
            _refuse(folder, files)
            if not os.path.lexists(folder / ".gitignore"):
                files = files | {".gitignore": IGNORED.encode()}
            for name, data in files.items():
                tx.replace(name, data)
    except BaseException:
        if fresh:
            with contextlib.suppress(OSError):
                (folder / LOCK_NAME).unlink(missing_ok=True)
                folder.rmdir()
        raise
    return [folder / top for top in dict.fromkeys(name.split("/")[0] for name in files)]


def _refuse(folder: Path, files: dict[str, bytes | Path]) -> None:
    tops = dict.fromkeys(name.split("/")[0] for name in files)
    if there := [name for name in tops if os.path.lexists(folder / name)]:
        raise InputError(f"{folder} already has {', '.join(there)}; nothing was changed")
