"""Which files of a folder belong to a review, so that nothing else is ever written over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

SETTINGS_FILE: Final = "review.toml"
TABLES: Final = (
    "studies.csv", "excluded.csv", "results.csv", "datasets.csv", "searches.csv", "records.csv",
    "decisions.csv", "risk_of_bias.csv", "weights.csv", "log.csv",
)  # fmt: skip
SETTINGS: Final = (SETTINGS_FILE, "codebook.toml", "published.toml", "certainty.toml")
FOLDERS: Final = ("codings", "analysis", "templates", "tools")
# what the program and git keep there
LOCK_NAME: Final = ".review.lock"
STAGING: Final = ".review-changes"
HIDDEN: Final = (LOCK_NAME, STAGING, ".git", ".gitignore", ".gitattributes")

_FILES: Final = frozenset({*TABLES, *SETTINGS, *HIDDEN})


def belongs(parts: Sequence[str]) -> bool:
    """Tell whether a path below a review folder is a file of the review, there or not.

    Args:
        parts: the parts of the path relative to the folder.

    Example:
        >>> belongs(["Studies.CSV"]), belongs(["codings", "lee.csv"]), belongs(["out", "a.csv"])
        (True, True, False)
    """
    first, *below = spelled(parts) or ("",)
    if first in {"", *FOLDERS, STAGING, ".git"}:
        return True
    return not below and (first in _FILES or first.endswith(".toml"))


def spelled(parts: Sequence[str]) -> tuple[str, ...]:
    """Return the parts of a path without what some file systems do not tell apart.

    That is letter case, and dots and blanks at the end of a name.

    Example:
        >>> spelled(["Codings", "LEE.csv. "])
        ('codings', 'lee.csv')
    """
    return tuple(part.casefold().rstrip(". ") for part in parts)
