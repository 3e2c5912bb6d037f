"""Which review folders the user trusts: remembered outside of them, for the code they have now.

A folder from somebody else can bring Python modules and templates. They are used once the user
has said so, and the word holds for exactly these files: a download that changes one asks again.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from review.errors import DataError, InputError
from review.project.bounded import MEGABYTE, read_bounded
from review.project.lock import locked
from review.project.write import write_output

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION: Final = "review-analytics"
FILE: Final = "trusted.json"
_FORMAT: Final = "review-trust/1"


@dataclass(frozen=True)
class Trusted:
    """A folder that the user trusts.

    Attributes:
        folder: with every link followed.
        fingerprint: of the names and bytes of its modules and templates.
        files: their names.
        since: the day.
    """

    folder: str
    fingerprint: str
    files: tuple[str, ...]
    since: str


def trust_file() -> Path:
    """Return the file that remembers: in the user's own folder for settings.

    Example:
        >>> trust_file().name
        'trusted.json'
    """
    from platformdirs import user_config_path

    return user_config_path(APPLICATION, appauthor=False) / FILE


def trusted_folders() -> dict[str, Trusted]:
    """Return the folders that the user trusts, by path.

    Raises:
        DataError: the file that remembers them is broken.

    Example:
        >>> "a folder that was never trusted" in trusted_folders()
        False
    """
    path = trust_file()
    if not path.exists():
        return {}
    try:
        data = json.loads(read_bounded(path, str(path), most=10 * MEGABYTE))
        known = [Trusted(**{**item, "files": tuple(item["files"])}) for item in data["folders"]]
        found = known if data["format"] == _FORMAT else None
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if found is None:
        raise DataError(f"{path}: not a file of this version; delete it to trust no folder")
    return {one.folder: one for one in found}


def remember(folder: Path, fingerprint: str, files: tuple[str, ...]) -> Trusted:
    """Trust a folder from now on, as long as its code has this fingerprint.

    Raises:
        InputError: the user's folder for settings cannot be written to.
    """
    today = dt.datetime.now(dt.UTC).astimezone().date().isoformat()
    made = Trusted(key_of(folder), fingerprint, files, today)
    _change(lambda known: known | {made.folder: made})
    return made


def revoke_trust(folder: str | Path) -> bool:
    """Trust a folder no longer; return whether it was trusted.

    Raises:
        InputError: the user's folder for settings cannot be written to.

    Example:
        >>> revoke_trust("a folder that was never trusted")
        False
    """
    key = key_of(folder)
    if key not in trusted_folders():
        return False
    _change(lambda known: {k: v for k, v in known.items() if k != key})
    return True


def key_of(folder: str | Path) -> str:
    """Return the path that a folder is remembered by: absolute, with every link followed.

    Raises:
        InputError: it is no path.
    """
    try:
        return os.path.realpath(os.fsdecode(folder))
    except (TypeError, ValueError):
        raise InputError(f"a folder is named by its path, not by {folder!r}") from None


def _change(change: Any) -> None:
    path = trust_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InputError(f"cannot make {path.parent}: {error.strerror}") from None
    with locked(path.parent):
        known = change(trusted_folders())
        data = {"format": _FORMAT, "folders": [asdict(known[k]) for k in sorted(known)]}
        # names of files may hold bytes that are no text: JSON keeps them when it escapes them
        write_output(path, (json.dumps(data, indent=1) + "\n").encode(), read=())
