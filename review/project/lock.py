"""The lock of a review folder: one program changes it at a time.

Whoever takes the lock first settles what an interrupted program left (see `journal`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import warnings
from typing import TYPE_CHECKING, Final

from review.errors import BusyError, InputError, ReviewWarning
from review.project.journal import JOURNAL, Replacement
from review.schema.folder_files import LOCK_NAME, STAGING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_SECONDS: Final = 60.0
WITHOUT: Final = "REVIEW_WITHOUT_LOCK"
_HELD: Final = {errno.EAGAIN, errno.EWOULDBLOCK}
_MISSING: Final = {
    errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL, errno.EIO,
}  # fmt: skip


@contextlib.contextmanager
def locked(folder: Path, *, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold the lock of a review folder; what an interrupted program left is settled first.

    A lock file that was copied, or left by a program that died, is no obstacle: the system's lock
    counts, not the file. On a drive without such locks the user is told at once, and may go on
    without (the environment variable REVIEW_WITHOUT_LOCK=1) when nobody else works in the folder.

    Raises:
        BusyError: another process holds it for longer than `seconds`.
        InputError: the folder cannot be written to, its drive has no locks, or an interrupted
            change cannot be settled.
    """
    with _system_lock(folder, seconds):
        try:
            done = Replacement(folder, "").recover()
        except OSError as error:
            raise InputError(
                f"an interrupted change of {folder} cannot be settled: {error.strerror}"
            ) from None
        if done:
            warnings.warn(done, ReviewWarning, stacklevel=3)
        yield


@contextlib.contextmanager
def _system_lock(folder: Path, seconds: float) -> Iterator[None]:
    from filelock import FileLock, Timeout

    path = folder / LOCK_NAME
    if _without_locks(path):
        if os.environ.get(WITHOUT) != "1":
            raise InputError(
                f"the drive of {folder} cannot lock files, so two programs could undo each other's "
                f"changes: copy the folder to a local drive, or set {WITHOUT}=1 when nobody else "
                "works in it"
            )
        yield
        return
    lock = FileLock(path)
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        raise BusyError(
            f"another program has been changing {folder} for {seconds:.0f} s; try again later"
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        yield
    finally:
        lock.release()


def _without_locks(path: Path) -> bool:
    """Tell whether the drive has no locks, by trying; make the lock file.

    Asked before `filelock` is, whose releases differ in what they do on such drives: some wait for
    a file that is no lock, as after a copy of the folder.
    """
    try:
        import fcntl
    except ImportError:  # Windows, whose drives have them
        return False
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        # whoever may change the folder may lock it
        with contextlib.suppress(OSError):
            os.fchmod(handle, 0o600 | (path.parent.stat().st_mode & 0o066))
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        if error.errno in _MISSING:
            return True
        raise _unwritable(path, error) from None
    finally:
        os.close(handle)
    return False


def _unwritable(path: Path, error: OSError) -> InputError:
    if error.errno == errno.ELOOP:
        return InputError(f"{path} is a link; delete it, it holds nothing")
    if os.path.lexists(path) and os.access(path.parent, os.W_OK):
        return InputError(
            f"cannot open {path}: {error.strerror}; delete it when no other program runs, it "
            "holds nothing"
        )
    return InputError(f"cannot write to {path.parent}: {error.strerror}; nothing was changed")


def settle(folder: Path) -> None:
    """Complete, or take back, a change of a review folder that was interrupted, if there is one.

    Raises:
        BusyError: a program that changes the folder just now does not end.
        InputError: the change cannot be settled.
    """
    if not (folder / STAGING / JOURNAL).exists():
        return
    try:
        with locked(folder):
            pass
    except InputError as error:
        if os.access(folder, os.W_OK):
            raise
        warnings.warn(
            f"a change of {folder} was interrupted, and its files may not fit together: {error}",
            ReviewWarning,
            stacklevel=2,
        )
