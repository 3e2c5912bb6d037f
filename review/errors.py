"""The errors of the package, drawn as a tree.

ReviewError                   anything a user can put right
├── InputError                an argument, option or expression is wrong
│   ├── UnknownNameError      a name that does not exist; carries suggestions
│   └── MissingExtraError     an optional package or program is not installed
├── DataError                 a file of the review is wrong; carries its problems
│   └── DuplicateError        a study is already there
├── StatsError                numbers that a method cannot work on
│   └── ConvergenceError      an iteration failed and so did its fallback
└── BusyError                 another process holds the lock of the review

ReviewWarning                 (a UserWarning) the result stands, but deserves a look

Every message says what is wrong, where, and what would be right.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class ReviewError(Exception):
    """Root of all errors that the package raises on purpose."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InputError(ReviewError):
    """An argument, option or expression is wrong."""


class UnknownNameError(InputError):
    """A name that does not exist, with the names that do and the closest of them."""

    def __init__(self, kind: str, name: str, known: Iterable[str], *, where: str = "") -> None:
        self.kind, self.name, self.known = kind, str(name), list(known)
        super().__init__(unknown_message(kind, self.name, self.known, where=where))


class MissingExtraError(InputError):
    """An optional package or program is not installed; the message says how to get it."""


class DataError(ReviewError):
    """One or more problems in the files of a review.

    Attributes:
        problems: each with file, row, column, value and what is allowed.
    """

    def __init__(self, message: str, problems: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems)


class DuplicateError(DataError):
    """A study with the same DOI or PMID, or the same title and year, is already there."""


class StatsError(ReviewError):
    """The numbers given cannot be analysed by the method asked for."""


class ConvergenceError(StatsError):
    """An iterative fit failed, and so did its bracketed fallback."""


class BusyError(ReviewError):
    """Another process holds the lock of the review folder."""


class ReviewWarning(UserWarning):
    """The result stands, but what went in deserves a look."""


_LONGEST: Final = 100  # letters of a name that others are likened to
_MOST: Final = 20_000


def suggest(name: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """Return the names in `known` that are close to `name`, best first.

    Example:
        >>> suggest("modalty", ["modality", "subject"])
        ['modality']
    """
    if len(name) > _LONGEST:
        return []
    # comparing takes the product of two lengths: a text is no slip of the pen; in order of the
    # names, so that a set of names suggests the same one each time
    short = sorted((k for k in known if len(k) <= _LONGEST), reverse=True)[-_MOST:]
    by_fold = {k.casefold(): k for k in short}
    close = difflib.get_close_matches(name.casefold(), list(by_fold), n=most, cutoff=0.6)
    return [by_fold[c] for c in close]


def unknown_message(kind: str, name: str, known: Sequence[str], *, where: str = "") -> str:
    """Say that `name` is no known `kind`, what is close to it and what exists."""
    close = suggest(name, known)
    shown = name if len(name) <= 60 else name[:57] + "..."
    text = f"unknown {kind} {shown!r}{' ' + where if where else ''}"
    if close:
        text += f"; did you mean {' or '.join(repr(c) for c in close)}?"
    if not known:
        return text + f" (there is no {kind})"
    listed = ", ".join(known[:40]) + (", ..." if len(known) > 40 else "")
    return text + f" (known: {listed})"
