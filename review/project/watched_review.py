"""A review that stays open while its files change: each file is read again when it has changed.

A command reads a folder once and ends. A page that answers for hours must neither show what stood
there in the morning nor read 20,000 records for every click: it asks for `fresh()` each time, and
gets what is known of the files whose stamps are the same, and nothing of the others.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError
from review.project.csv_tables import parse_table
from review.project.problems import Problem
from review.project.review import Review
from review.project.row_models import build_models
from review.schema.folder_files import DECISIONS, SETTINGS_FILE, STUDIES, registered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Stamp = tuple[int, int, int, int]
_BOOK: Final = "codebook.toml"
_FOLDERS: Final = ("codings", "tools")
_ENDINGS: Final = (".csv", ".toml")
# what a review has read -> the files that it comes from; a folder stands for all of its files
_READ_FROM: Final[dict[str, tuple[str, ...]]] = {
    "settings": (SETTINGS_FILE,),
    "codebook": (_BOOK,),
    "study_model": (_BOOK,),
    "published": ("published.toml",),
    "mappings": ("mappings.toml",),
    "studies": (STUDIES, _BOOK),
    "excluded": ("excluded.csv", _BOOK),
    "codings": ("codings/", _BOOK),
    "coders": ("codings/",),
    "adjudications": ("codings/",),
    "report_links": ("reports.csv",),
    **{
        name: (f"{name}.csv",)
        for name in ("results", "datasets", "searches", "records", "duplicates", "imports",
                     "decisions", "weights")
    },
}  # fmt: skip


class _Kept:
    """What was made of the files, shared by all states of a watched review."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.locks: dict[str, threading.RLock] = {}
        self.made: dict[str, tuple[tuple[Any, ...], Any]] = {}
        self.decisions: tuple[bytes, list[Any]] | None = None


class WatchedReview(Review):
    """A review whose files others change meanwhile; `fresh()` is the state of the folder now.

    One object is one state and does not change, so several threads may use it.

    Example:
        >>> from review.project import open_review
        >>> watched = WatchedReview(open_review("wang2021").path, bundled=True)
        >>> watched.fresh() is watched
        True
    """

    stays_open = True

    def __init__(
        self, path: Path, *, bundled: bool = False, trust: bool | None = None,
        before: WatchedReview | None = None,
    ) -> None:  # fmt: skip
        super().__init__(path, bundled=bundled, trust=trust)
        self._stamps = folder_stamps(path)
        self._kept: _Kept = _Kept() if before is None else before._kept  # noqa: SLF001  this class
        if before is not None:
            for name, value in list(before.__dict__.items()):
                files = _READ_FROM.get(name)
                if files and self.stamp(files) == before.stamp(files):
                    self.__dict__[name] = value

    def stamp(self, files: Sequence[str] = ()) -> tuple[Any, ...]:
        """Return what changes when one of some files does; of all files without names."""
        if not files:
            return tuple(self._stamps.items())
        return tuple(
            (name, stamp)
            for name, stamp in self._stamps.items()
            if any(name == f or (f.endswith("/") and name.startswith(f)) for f in files)
        )

    def fresh(self) -> WatchedReview:
        """Return the state of the folder now: this one when no file has changed."""
        if folder_stamps(self.path) == self._stamps:
            return self
        return WatchedReview(self.path, bundled=self.bundled, trust=self.trust, before=self)

    def derived(
        self,
        name: str,
        files: Sequence[str],
        make: Callable[[], Any],
        again: Callable[[Any], Any] | None = None,
    ) -> Any:
        """Return what is made of some files: what was made before, while they stay the same."""
        stamp = self.stamp(files)
        with self._kept.lock:
            lock = self._kept.locks.setdefault(name, threading.RLock())
        with lock:  # whoever asks for the same meanwhile waits for it, and does not make it too
            kept = self._kept.made.get(name)
            if kept is None or kept[0] != stamp:
                value = make() if kept is None or again is None else again(kept[1])
                kept = self._kept.made[name] = stamp, value
        return kept[1]

    def known(self, name: str, files: Sequence[str]) -> bool:
        """Tell whether `derived` would not have to make anything."""
        kept = self._kept.made.get(name)
        return kept is not None and kept[0] == self.stamp(files)

    def read(self, name: str) -> tuple[list[Any], list[Problem]]:
        """Return the rows of a table, as `Review.read`; decisions that were added are read alone.

        While people screen, `decisions.csv` grows by a row with each click.
        """
        if name != DECISIONS:
            return super().read(name)
        data, known = self.file(name), self._kept.decisions
        if known is not None and data.startswith(known[0]) and known[0].endswith(b"\n"):
            rows, problems = self._added(data, known)
            if not problems:
                return self._keep(data, rows), []
        rows, problems = super().read(name)
        return (rows if problems else self._keep(data, rows)), problems

    def _added(
        self, data: bytes, known: tuple[bytes, list[Any]]
    ) -> tuple[list[Any], list[Problem]]:
        """The rows of a table that has grown at its end."""
        before, rows = known
        if len(data) == len(before):
            return rows, []
        header = before[: before.index(b"\n") + 1]
        try:
            table = parse_table(header + data[len(before) :], DECISIONS)
        except DataError as error:
            return [], [Problem(DECISIONS, error.message)]  # the whole table says where
        file = registered(DECISIONS)
        more, problems = build_models(table, file.row_model(self.codebook), key=file.key)
        return [*rows, *more], problems

    def _keep(self, data: bytes, rows: list[Any]) -> list[Any]:
        self._kept.decisions = data, rows
        return rows


def folder_stamps(folder: Path) -> dict[str, Stamp]:
    """Return a stamp of each table and settings file of a folder, which a change of it changes.

    The time of change of the entry (ctime) is in it, which no program can set back, and the number
    of the file, which is another one after a replacement.
    """
    found = dict(_stamps(folder, ""))
    for name in _FOLDERS:
        found |= _stamps(folder / name, f"{name}/")
    return dict(sorted(found.items()))


def _stamps(folder: Path, prefix: str) -> list[tuple[str, Stamp]]:
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(_ENDINGS):
                    s = entry.stat()
                    stamp = (s.st_mtime_ns, s.st_ctime_ns, s.st_size, s.st_ino)
                    found.append((prefix + entry.name, stamp))
    except OSError:  # no such folder, or a link to nothing: whoever reads it says so
        return []
    return found
