"""Finds review folders: by path, by the name of a bundled review, or around the working folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from review.errors import DataError, UnknownNameError
from review.resources import resource_dir
from review.schema.folder_files import SETTINGS_FILE

DEFAULT_REVIEW: Final = "kim2022"


def bundled_reviews() -> list[str]:
    """Return the names of the bundled reviews.

    Example:
        >>> "kim2022" in bundled_reviews()
        True
    """
    return sorted(p.parent.name for p in resource_dir("data").glob(f"*/{SETTINGS_FILE}"))


def find_review(where: str | Path | None = None) -> tuple[Path, bool]:
    """Return the folder of a review and whether it is a bundled one, addressed by name.

    Args:
        where: a folder, the name of a bundled review, or None for the review that the working
            folder lies in and otherwise the default one.

    Raises:
        UnknownNameError: neither a folder nor a bundled review.
        DataError: a folder without `review.toml`.
    """
    if where is None:
        for folder in (Path.cwd(), *Path.cwd().parents):
            if (folder / SETTINGS_FILE).is_file():
                return folder, False
        return resource_dir("data") / DEFAULT_REVIEW, True
    names = bundled_reviews()
    text = str(where)
    path = Path(where)
    if text in names and not (path / SETTINGS_FILE).is_file():
        return resource_dir("data") / text, True
    if path.name == SETTINGS_FILE and path.is_file():
        path = path.parent
    if path.is_dir():
        if not (path / SETTINGS_FILE).is_file():
            raise DataError(
                f"{path} is not a review folder: it has no {SETTINGS_FILE} "
                f"('review init {path}' makes one)"
            )
        return path.resolve(), False
    raise UnknownNameError("review", text, names, where="(neither a folder nor a bundled review)")
