"""The code that a review folder brings: modules in `analysis/`, templates in `templates/`.

It is read once, so that what was looked at, what was trusted and what runs are the same bytes.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from review.errors import DataError, InputError
from review.project.bounded import MEGABYTE, leads_out, read_bounded
from review.project.trusted import key_of, remember, trusted_folders

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES: Final = "analysis"
TEMPLATES: Final = "templates"
# what file managers leave behind; all else could be imported by a module
LITTER: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".gitignore", ".gitkeep"})
MAX_FILES: Final = 1_000
MAX_BYTES: Final = 20 * MEGABYTE
State = Literal["none", "bundled", "trusted", "untrusted", "changed"]


@dataclass(frozen=True)
class FolderCode:
    """The code of a review folder and whether the user trusts it.

    Attributes:
        folder: the review folder.
        files: `analysis/figure_mine.py` -> its bytes; every file of the two folders, bytecode
            and hidden files too.
        refused: files that are never used, and why: links out of the folder, devices.
        state: `none` without files; `changed` when other files were trusted before.
    """

    folder: Path
    files: dict[str, bytes]
    refused: dict[str, str]
    state: State

    @property
    def used(self) -> bool:
        """Whether the files may be used."""
        return self.state in {"bundled", "trusted"}

    @property
    def fingerprint(self) -> str:
        """A hash of the names and bytes of all files."""
        return fingerprint(self.files)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The files that are not used, those that are refused included."""
        return () if self.used else tuple(sorted({*self.files, *self.refused}))

    def below(self, folder: str) -> dict[str, bytes]:
        """Return the files that may be used below a folder, by their path in it."""
        start = f"{folder}/"
        kept = self.files if self.used else {}
        return {n.removeprefix(start): data for n, data in kept.items() if n.startswith(start)}

    def why(self) -> str:
        """Return the sentence that names what is left out and says how to change that; or ""."""
        if not self.left_out:
            return ""
        listed = ", ".join(self.left_out[:20])
        if len(self.left_out) > 20:
            listed += f" and {len(self.left_out) - 20} more"
        changed = self.state == "changed"
        reason = "it has changed since you trusted it" if changed else "it is not trusted"
        refused = "".join(f"; {name}: {why}" for name, why in self.refused.items())
        return (
            f"code of the folder {self.folder} is left out, because {reason}: {listed} (read these "
            f"files; if you trust them, add --trust, or run 'review trust' on the folder){refused}"
        )


def read_code(folder: Path, *, trust: bool | None = None, bundled: bool = False) -> FolderCode:
    """Return the code of a review folder.

    Args:
        folder: the review folder.
        trust: whether it may be used; None for what the user said before.
        bundled: the folder is part of this package.

    Raises:
        DataError: there is more than any review needs, or the user trusts the folder and a file
            is a link that leads out of it.

    Example:
        >>> from review.resources import resource_dir
        >>> read_code(resource_dir("data") / "kim2022").state
        'none'
    """
    files: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    for name in _names(folder):
        try:
            files[name] = read_bounded(
                folder / name, name, root=None if bundled else folder, most=MAX_BYTES
            )
        except DataError as error:
            refused[name] = error.message.removeprefix(f"{name}: ")
        if len(files) + len(refused) > MAX_FILES or sum(map(len, files.values())) > MAX_BYTES:
            raise DataError(
                f"{folder}: {MODULES}/ and {TEMPLATES}/ hold more than {MAX_FILES:,} files or "
                f"{MAX_BYTES / MEGABYTE:.0f} MB; keep there what makes figures and the report only"
            )
    code = FolderCode(folder, files, refused, _state(folder, files, refused, trust, bundled))
    if trust:
        _require_plain(code)
    return code


def trust_code(code: FolderCode) -> None:
    """Remember that the user trusts a folder with the code that it has now.

    Raises:
        DataError: a file of it is refused.
        InputError: the user's folder for settings cannot be written to.
    """
    _require_plain(code)
    remember(code.folder, code.fingerprint, tuple(code.files))


def _require_plain(code: FolderCode) -> None:
    if code.refused:
        said = "\n".join(f"  {name}: {why}" for name, why in code.refused.items())
        raise DataError(f"{code.folder} cannot be trusted as it is:\n{said}")


def trust_folder(folder: str | Path) -> tuple[str, ...]:
    """Trust the modules and templates of a review folder as they are now; return their names.

    The same as `review trust`: it is remembered outside of the folder, until a file changes.

    Raises:
        DataError: a file of it is a link that leads out of the folder, or no plain file.
        InputError: the user's folder for settings cannot be written to.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as empty:
        ...     trust_folder(empty)
        ()
    """
    path = Path(key_of(folder))
    try:
        there = path.is_dir()
    except OSError:  # a name longer than the file system takes
        there = False
    if not there:
        raise InputError(f"{str(folder)[:200]} is no folder")
    code = read_code(path)
    if code.state != "none":
        trust_code(code)
    return tuple(code.files)


def fingerprint(files: dict[str, bytes]) -> str:
    """Return a hash of names and bytes.

    Example:
        >>> fingerprint({"a": b"1", "b": b""}) == fingerprint({"a": b"", "b": b"1"})
        False
    """
    whole = hashlib.sha256()
    for name, data in sorted(files.items()):
        parts = name.encode("utf-8", "surrogateescape"), data
        for digest in (hashlib.sha256(part).digest() for part in parts):
            whole.update(digest)
    return f"sha256:{whole.hexdigest()}"


def _state(
    folder: Path,
    files: dict[str, bytes],
    refused: dict[str, str],
    trust: bool | None,
    bundled: bool,
) -> State:
    if not files and not refused:
        return "none"
    if bundled:
        return "bundled"
    if trust is not None:
        return "trusted" if trust else "untrusted"
    known = trusted_folders().get(key_of(folder))
    if known is None:
        return "untrusted"
    same = not refused and known.fingerprint == fingerprint(files)
    return "trusted" if same else "changed"


def _names(folder: Path) -> Iterator[str]:
    """Yield the files below the two folders by their path; linked folders are not entered."""
    for top in (MODULES, TEMPLATES):
        if (folder / top).is_dir() and leads_out(folder / top, folder) is not None:
            yield top
            continue
        for here, folders, names in os.walk(folder / top):
            links = [d for d in folders if Path(here, d).is_symlink()]
            folders[:] = sorted(d for d in folders if d not in links)
            for name in sorted([*names, *links]):
                if name not in LITTER:
                    yield Path(here, name).relative_to(folder).as_posix()
