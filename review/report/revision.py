"""An older state of a review folder, read from its git history without running anything of it.

A repository from somebody else can name programs in its settings (filters, a file monitor, a way
to fetch what is missing). Only commands that read objects as they are stored are used, and git is
told not to fetch.
"""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.errors import InputError
from review.project.bounded import MAX_BYTES, MEGABYTE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SECONDS: Final = 60
# what a review consists of, without its code
_DATA: Final = re.compile(r"(?:(?:codings|tools)/)?[^./\\][^/\\]*\.(?:csv|toml)")
_SAFE: Final = ("--no-pager", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
_ALONE: Final = {
    "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}  # fmt: skip


@dataclass(frozen=True)
class _Blob:
    name: str
    link: bool
    size: int


def extract(folder: Path, revision: str, target: Path) -> None:
    """Write the data files that a folder had in a git revision into another folder.

    Raises:
        InputError: no git, no such revision, a link out of the folder, or too much.
    """
    commit = _git(
        folder, revision, "rev-parse", "--verify", "--quiet", "--end-of-options",
        f"{revision}^{{commit}}",
    ).decode().strip()  # fmt: skip
    blobs = _blobs(_git(folder, revision, "ls-tree", "-r", "-z", "-l", commit))
    wanted = {path: blob for path, blob in blobs.items() if _DATA.fullmatch(path)}
    for path, data in _contents(folder, revision, wanted, blobs).items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(data)


def _blobs(listing: bytes) -> dict[str, _Blob]:
    """Read the output of ls-tree: mode, type, name, size and path of each file."""
    found = {}
    for entry in listing.split(b"\0"):
        if entry:
            head, _, path = entry.partition(b"\t")
            mode, kind, name, size = head.decode().split()
            if kind == "blob":
                found[os.fsdecode(path)] = _Blob(name, mode == "120000", int(size))
    return found


def _contents(
    folder: Path, revision: str, wanted: Mapping[str, _Blob], blobs: Mapping[str, _Blob]
) -> dict[str, bytes]:
    links = {path: blob for path, blob in wanted.items() if blob.link}
    leads = _read(folder, revision, [b.name for b in links.values()])
    followed: dict[str, _Blob] = dict(wanted)
    for path, blob in links.items():
        place = posixpath.join(posixpath.dirname(path), os.fsdecode(leads[blob.name]))
        end = blobs.get(posixpath.normpath(place))
        if end is None or end.link:
            raise InputError(f"--compare {revision}: {path} was a link out of the folder")
        followed[path] = end
    if sum(b.size for b in followed.values()) > MAX_BYTES:
        limit = f"{MAX_BYTES / MEGABYTE:,.0f} MB"
        raise InputError(f"--compare {revision}: the tables of then have more than {limit}")
    data = _read(folder, revision, [b.name for b in followed.values()])
    return {path: data[blob.name] for path, blob in followed.items()}


def _read(folder: Path, revision: str, names: Sequence[str]) -> dict[str, bytes]:
    asked = "".join(f"{name}\n" for name in names).encode()
    answer = _git(folder, revision, "cat-file", "--batch", said=asked)
    found, at = {}, 0
    for name in names:
        end = answer.index(b"\n", at)
        head = answer[at:end].split()
        if len(head) != 3:  # "missing": a repository without its objects
            raise InputError(f"--compare {revision}: the history lacks a file of then")
        start, size = end + 1, int(head[2])
        found[name], at = answer[start : start + size], start + size + 1
    return found


def _git(folder: Path, revision: str, *arguments: str, said: bytes | None = None) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  a fixed program; the revision cannot be an option
            ["git", *_SAFE, "-C", str(folder), *arguments],  # noqa: S607  found on the user's PATH
            input=said,
            capture_output=True,
            check=False,
            timeout=SECONDS,
            env={**os.environ, **_ALONE},
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise InputError(f"--compare {revision}: git cannot be run ({error})") from None
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip()
        why = told.splitlines()[0] if told else "no such revision"
        raise InputError(
            f"--compare {revision}: neither a report file nor a git revision of the review folder "
            f"({why})"
        )
    return done.stdout
