"""Writes results: each file whole or not at all, and never over a file of a review.

Everything that a command writes other than the files of a review themselves (which change in a
`transaction`) goes through `write_output`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from typing import TYPE_CHECKING, Final

from review.errors import InputError
from review.project.storage import resolved, sync_folder, write_new
from review.schema.folder_files import SETTINGS_FILE, belongs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# unfinished files are called .review-XXXX.unfinished; those of dead programs go after this long
_PREFIX: Final = ".review-"
_SUFFIX: Final = ".unfinished"
_STALE_SECONDS: Final = 3600


def output_target(path: Path, *, read: Iterable[Path] = ()) -> Path:
    """Return the file that a result is to be written to: links are followed.

    Args:
        path: as the user gave it.
        read: what the command reads: review folders, and files. None of them is written over,
            whatever they are called here: link, hard link, another spelling.

    Raises:
        InputError: the path is a file of a review (this one or another), there or not, one that
            the command reads, or no plain file.
    """
    real = resolved(path)
    for folder in real.parents:
        if _is_review(folder):
            inside = real.relative_to(folder)
            if belongs(inside.parts):
                raise InputError(
                    f"{path} would write over a file of the review {folder.name} "
                    f"({inside.as_posix()}); choose another place"
                )
    if not os.path.lexists(real):
        return real
    if not real.is_file():
        raise InputError(f"cannot write {path}: it is no plain file")
    there = _identity(real)
    for source in read:
        for known in _files_of(source):
            if _identity(known) == there:
                raise InputError(
                    f"{path} would write over {known}, which this command reads; choose another "
                    "place"
                )
    return real


def _is_review(folder: Path) -> bool:
    try:
        return (folder / SETTINGS_FILE).is_file()
    except OSError:  # a folder above that may not be looked into
        return False


def _files_of(source: Path) -> Iterable[Path]:
    """Return a file, or the files of a review folder that belong to the review."""
    if not source.is_dir():
        return [source]
    found = []
    for top in sorted(source.iterdir()):
        if belongs([top.name]):
            found += [p for p in top.rglob("*") if p.is_file()] if top.is_dir() else [top]
    return found


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def output_folder(folder: Path) -> None:
    """Make a folder for results, and those above it.

    Raises:
        InputError: a file is in the way, the folder belongs to a review, or cannot be made.
    """
    output_target(folder / "result")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise InputError(f"--out {folder} is a file; name a folder") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"--out {folder} cannot be made: {reason}") from None


def write_output(path: Path, data: bytes | Iterable[bytes], *, read: Iterable[Path]) -> None:
    """Write a result: readers see the old bytes or the new ones, never a part.

    Args:
        path: of the file, in a folder that is there.
        data: its bytes; or pieces of them, which are written as they come.
        read: what the command reads, see `output_target`.

    Raises:
        InputError: the path is a file of a review or one that the command reads, the folder
            cannot be written to, or the disk is full; then the file is as it was.
    """
    real = output_target(path, read=read)
    unfinished = real.parent / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
    try:
        _clean(real.parent)
        try:
            like = real if real.exists() else None
            if isinstance(data, bytes):
                write_new(unfinished, data, like=like)
            else:
                write_new(unfinished, b"", like=like)
                with unfinished.open("ab") as file:
                    file.writelines(data)
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(unfinished, real)  # noqa: PTH105  one call on every system
        except BaseException:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise
        sync_folder(real.parent)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}; it is as it was") from None


def _clean(folder: Path) -> None:
    """Take away the unfinished files of programs that were killed."""
    for left in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                left.unlink()
