"""Replaces several files of a review together or not at all, a power cut in between included.

New versions are made in a hidden folder of the review and read back. A journal is written there:
from then on the change is to be completed. Each former version is kept beside the new one, then the
new ones take their places one by one. When that fails, the former versions are put back; when the
program is killed meanwhile, the next one that takes the lock finds the journal and completes the
change, or takes it back where somebody has changed a file that had not been replaced yet.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, InputError
from review.project.bounded import read_bounded
from review.project.storage import real_file, resolved, sync_folder, write_new
from review.schema.folder_files import STAGING

if TYPE_CHECKING:
    from collections.abc import Iterable

JOURNAL: Final = "journal.json"
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One file to replace.

    Attributes:
        name: relative to the review folder, with `/`.
        old: SHA-256 of the former bytes, None for a new file.
        new: SHA-256 of the new bytes, None for a file that is taken away.
    """

    name: str
    old: str | None
    new: str | None


class Replacement:
    """Files of one folder that are replaced together; use it under the folder's lock only."""

    def __init__(self, folder: Path, label: str) -> None:
        self.folder, self.label = folder, label
        self.staging = folder / STAGING
        self.entries: list[Entry] = []

    def stage(self, name: str, data: bytes, former: bytes | None) -> bytes:
        """Write the new version of a file beside the old one; return it as read back.

        Raises:
            InputError: a link leads elsewhere.
            OSError: the disk is full, or the folder cannot be written to.
        """
        real = real_file(self.folder, name)
        self._make_staging()
        made = self._new(len(self.entries))
        write_new(made, data, like=real if real.exists() else None)
        old = None if former is None else _digest(former)
        self.entries.append(Entry(PurePosixPath(name).as_posix(), old, _digest(data)))
        written = made.read_bytes()
        if written != data:
            raise InputError(f"{name}: the disk gives back other bytes than were written")
        return written

    def stage_stream(self, name: str, chunks: Iterable[bytes], former: Path | None) -> Path:
        """Write the new version of a file piece by piece beside the old one; return where.

        The caller reads it back.

        Raises:
            InputError: a link leads elsewhere, or the disk gives back other bytes.
            OSError: the disk is full, or the folder cannot be written to.
        """
        real_file(self.folder, name)
        self._make_staging()
        made = self._new(len(self.entries))
        write_new(made, b"", like=former)
        digest = hashlib.sha256()
        old = None if former is None else _digest_of(former)
        with made.open("ab") as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        self.entries.append(Entry(PurePosixPath(name).as_posix(), old, digest.hexdigest()))
        if _digest_of(made) != digest.hexdigest():
            raise InputError(f"{name}: the disk gives back other bytes than were written")
        return made

    def _make_staging(self) -> None:
        if not self.staging.is_dir():
            self.staging.mkdir()
            # those who may change the folder may also finish or clean up what was interrupted
            with contextlib.suppress(OSError):
                self.staging.chmod(self.folder.stat().st_mode & 0o2777)

    def take_away(self, name: str, former: bytes) -> None:
        """Let a file go with the others.

        Raises:
            InputError: a link leads elsewhere.
            OSError: the folder cannot be written to.
        """
        real_file(self.folder, name)
        self._make_staging()
        self.entries.append(Entry(PurePosixPath(name).as_posix(), _digest(former), None))

    def commit(self) -> None:
        """Put all new versions in their places.

        Raises:
            InputError: a file was changed by another program since it was read; or the disk fails
                so badly that the change can neither be completed nor taken back now.
            OSError: a file cannot be replaced; then all former versions are back.
        """
        if not self.entries:
            return
        begun = False
        try:
            for number, entry in enumerate(self.entries):
                self._keep_former(number, entry)
            self._write_journal()
            begun = True
            self._forward()
            self._check()
        except BaseException as error:
            try:
                if begun:
                    self._back()
                self._forget()
            except OSError:
                raise InputError(
                    f"the change can neither be completed nor taken back ({error}); the former "
                    f"versions are in {self.staging}, and the next command that changes the review "
                    "settles it"
                ) from None
            raise
        with contextlib.suppress(OSError):  # done: what cannot be cleaned now is cleaned later
            self._forget()

    def discard(self) -> None:
        """Clean up after a change that was not begun."""
        with contextlib.suppress(OSError):
            self._forget()

    def _forget(self) -> None:
        """Clean up; the journal goes first, so that nothing is completed any more.

        Raises:
            OSError: the journal cannot be taken away.
        """
        if not os.path.lexists(self.staging):
            return
        (self.staging / JOURNAL).unlink(missing_ok=True)
        sync_folder(self.staging)
        # what is left when this fails goes when the lock is taken next
        shutil.rmtree(self.staging, ignore_errors=True)

    def recover(self) -> str | None:
        """Complete a change that was interrupted, or take it back; say what was done.

        Raises:
            InputError: neither is possible, since files were changed since.
            OSError: the folder cannot be written to.
        """
        if not os.path.lexists(self.staging):
            return None
        if self.staging.is_symlink() or not self.staging.is_dir():
            raise InputError(f"{self.staging} is in the way: it is no folder; delete it")
        if not (self.staging / JOURNAL).exists():  # nothing had been replaced yet
            self._forget()
            return None
        self._read_journal()
        names = ", ".join(e.name for e in self.entries)
        numbers = range(len(self.entries))
        if all(self._state(i) == "new" for i in numbers):
            self._forget()
            return None
        if all(self._can_forward(i) for i in numbers):
            self._forward()
            done = "completed"
        elif all(self._can_back(i) for i in numbers):
            self._back()
            done = "taken back"
        else:
            raise InputError(
                f"{self.label} was interrupted while it changed {names}, and files were changed "
                f"since: the former versions are *.old in {self.staging}, the new ones *.new; "
                "bring the files in order and delete that folder"
            )
        self._forget()
        return f"{self.label} was interrupted while it changed {names}; the change was {done}"

    def _new(self, number: int) -> Path:
        return self.staging / f"{number}.new"

    def _old(self, number: int) -> Path:
        return self.staging / f"{number}.old"

    def _real(self, number: int) -> Path:
        return real_file(self.folder, self.entries[number].name)

    def _keep_former(self, number: int, entry: Entry) -> None:
        real = self._real(number)
        if entry.old is not None:
            with contextlib.suppress(FileNotFoundError):
                _keep(real, self._old(number))
        if _digest_of(self._old(number)) != entry.old or (entry.old is None and real.exists()):
            raise InputError(
                f"{entry.name} was changed by another program meanwhile; nothing was changed, run "
                "the command again"
            )

    def _write_journal(self) -> None:
        content = {
            "format": _FORMAT,
            "label": self.label,
            "files": [asdict(e) for e in self.entries],
        }
        unfinished = self.staging / "journal.new"
        write_new(unfinished, json.dumps(content, indent=1).encode())
        os.replace(unfinished, self.staging / JOURNAL)  # noqa: PTH105  the call that tests fail
        sync_folder(self.staging)
        sync_folder(self.folder)

    def _read_journal(self) -> None:
        path = self.staging / JOURNAL
        try:
            content: Any = json.loads(read_bounded(path))
            self.entries = [
                Entry(str(e["name"]), e["old"] and str(e["old"]), e["new"] and str(e["new"]))
                for e in content["files"]
            ]
            self.label = str(content["label"])
            known = content["format"] == _FORMAT
        except (DataError, ValueError, KeyError, TypeError, RecursionError):
            known = False
        if not known:
            raise InputError(
                f"{path} cannot be read, so an interrupted change cannot be finished: compare the "
                "*.old and *.new files beside it with those of the review, then delete the folder"
            ) from None

    def _state(self, number: int) -> str:
        """Return which version stands in the place of a file: `old`, `new`, or `other`."""
        entry, there = self.entries[number], _digest_of(self._real(number))
        return "new" if there == entry.new else "old" if there == entry.old else "other"

    def _can_forward(self, number: int) -> bool:
        state, waits = self._state(number), os.path.lexists(self._new(number))
        ready = _digest_of(self._new(number)) == self.entries[number].new
        # replaced, and then changed by somebody: theirs stays
        return state == "new" or (state == "old" and ready) or (state == "other" and not waits)

    def _can_back(self, number: int) -> bool:
        state, old = self._state(number), self.entries[number].old
        kept = old is None or _digest_of(self._old(number)) == old
        # changed by somebody before it was replaced: theirs stays
        waits = os.path.lexists(self._new(number))
        return state == "old" or (state == "new" and kept) or (state == "other" and waits)

    def _forward(self) -> None:
        folders: dict[Path, None] = {}
        for number in range(len(self.entries)):
            real = self._real(number)
            if self._state(number) == "old":
                if self.entries[number].new is None:
                    real.unlink()
                else:
                    real.parent.mkdir(parents=True, exist_ok=True)
                    os.replace(self._new(number), real)  # noqa: PTH105
                folders |= dict.fromkeys(self._above(real))
        for folder in folders:
            sync_folder(folder)

    def _above(self, real: Path) -> list[Path]:
        """Return the folders from that of a file up to that of the review."""
        root = resolved(self.folder)
        return [p for p in real.parents if p.is_relative_to(root)]

    def _check(self) -> None:
        for number, entry in enumerate(self.entries):
            if self._state(number) != "new":
                raise InputError(f"{entry.name} does not hold what was written to it")

    def _back(self) -> None:
        for number, entry in enumerate(self.entries):
            real = self._real(number)
            if self._state(number) != "new":
                continue
            if entry.old is None:
                real.unlink()
                with contextlib.suppress(OSError):  # folders that were made for it
                    for folder in self._above(real)[:-1]:
                        folder.rmdir()
            else:
                os.replace(self._old(number), real)  # noqa: PTH105
                sync_folder(real.parent)


def _keep(source: Path, target: Path) -> None:
    """Keep a file under a second name: a link where the drive has them, otherwise a copy."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        write_new(target, source.read_bytes(), like=source)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _digest_of(path: Path) -> str | None:
    """Return the digest of a plain file, None when there is none (a link is none)."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
