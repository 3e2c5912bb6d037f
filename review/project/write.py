"""Changes files of a review: under a lock, and whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import TYPE_CHECKING, Final

from review.errors import BusyError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_NAME: Final = ".review.lock"
LOCK_SECONDS: Final = 60.0


@contextlib.contextmanager
def locked(folder: Path, *, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the lock of a review folder.

    Raises:
        BusyError: another process holds it for longer than `seconds`.
        InputError: the folder cannot be written to.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK_NAME)
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        raise BusyError(
            f"another program has been changing {folder} for {seconds:.0f} s; try again later"
        ) from None
    except OSError as error:
        raise InputError(f"cannot write to {folder}: {error.strerror}") from None
    try:
        yield
    finally:
        lock.release()


def write_atomic(path: Path, data: bytes) -> None:
    """Replace a file: readers see the old bytes or the new ones, never a part.

    Raises:
        InputError: the folder cannot be written to, or the disk is full.
    """
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, mode)  # noqa: PTH101  a path as text
            os.replace(temporary, path)  # noqa: PTH105
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
            raise
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}; nothing was changed") from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
