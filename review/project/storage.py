"""The few calls of the operating system by which files are written: whole, on disk, access kept."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path
from typing import Final

from review.errors import InputError
from review.schema.folder_files import belongs, spelled

_CHUNK: Final = 1 << 24
# what file systems without it say when a folder is synchronised
_NO_SYNC: Final = {errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.ENOSYS, errno.EACCES}


def write_new(path: Path, data: bytes, *, like: Path | None = None) -> None:
    """Create a file that is not there; its bytes are on the disk when this returns.

    Args:
        path: of the new file.
        data: its bytes.
        like: a file whose owner, group, mode and access lists it gets, as far as the system lets
            one; without it the system gives them as to any new file.

    Raises:
        OSError: the file is there, cannot be made, or the disk is full (a part may be left).
    """
    # made with the mode that it is to have, or one that is closer: never open to more than that
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o666 if like is None else 0o600)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest[:_CHUNK]) :]
        if like is not None:
            _copy_access(like, path)
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy_access(source: Path, target: Path) -> None:
    there, made = source.stat(), target.stat()
    if hasattr(os, "chown") and (there.st_uid, there.st_gid) != (made.st_uid, made.st_gid):
        try:
            os.chown(target, there.st_uid, there.st_gid)
        except OSError:
            # only the superuser gives files away; the group can often be kept
            with contextlib.suppress(OSError):
                os.chown(target, -1, there.st_gid)
    with contextlib.suppress(PermissionError):  # drives without modes
        shutil.copystat(source, target)  # after the owner: changing that clears some mode bits
    os.utime(target)  # the time is that of the change


def sync_folder(folder: Path) -> None:
    """Make the names of a folder's files last, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(handle)


def real_file(folder: Path, name: str) -> Path:
    """Return the file that a name in a review folder stands for; links are followed.

    Args:
        folder: of the review.
        name: relative to it.

    Raises:
        InputError: a link leaves the folder, or leads to another file of the review.
    """
    root = resolved(folder)
    real = resolved(root / name)
    if not real.is_relative_to(root):
        raise InputError(
            f"{name} leads out of the review folder, to {real}; nothing is written through a link "
            "that leaves the folder: put the file itself there"
        )
    inside = real.relative_to(root)
    if belongs(inside.parts) and spelled(inside.parts) != spelled(Path(name).parts):
        raise InputError(f"{name} is a link to {inside}, another file of the review")
    return real


def resolved(path: Path) -> Path:
    """Return a path with all links followed; the last parts need not be there.

    Raises:
        InputError: links that lead in a circle, or no path at all.
    """
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path} leads nowhere: {reason}") from None
