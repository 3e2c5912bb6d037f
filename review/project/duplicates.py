"""Finds a study that is already there: same DOI, same PMID, or same normalised title and year."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NO_WORD: Final = re.compile(r"[^0-9a-z]+")


def normalise_title(title: str) -> str:
    """Return a title without case, accents, punctuation and spaces.

    Example:
        >>> normalise_title("Naïve Bayes: a review.") == normalise_title("naive bayes, a Review")
        True
    """
    if title.isascii():
        return _NO_WORD.sub("", title.lower())
    folded = unicodedata.normalize("NFKD", title.casefold())
    return "".join(c for c in folded if c.isalnum())


def normalise_doi(doi: str) -> str:
    """Return a DOI in lower case without the address of a resolver."""
    bare = doi.strip().casefold()
    if bare.startswith("10."):
        return bare
    for prefix in ("https://", "http://", "dx.doi.org/", "doi.org/", "doi:"):
        bare = bare.removeprefix(prefix)
    return bare.strip()


def duplicate_keys(cells: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the keys under which a study counts as the same: (kind, key)."""
    keys = []
    if doi := normalise_doi(cells.get("doi") or ""):
        keys.append(("DOI", doi))
    pmid = (cells.get("pmid") or "").strip()
    if pmid.isascii() and pmid.isdigit():
        keys.append(("PMID", pmid.lstrip("0")))
    title = normalise_title(cells.get("title") or "")
    if title:
        keys.append(("title and year", f"{title}/{(cells.get('year') or '').strip()}"))
    return keys


def duplicate_index(rows: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], str]:
    """Return the study_id under each key of `duplicate_keys`; the first row wins."""
    index: dict[tuple[str, str], str] = {}
    for cells in rows:
        for key in duplicate_keys(cells):
            index.setdefault(key, cells.get("study_id", ""))
    return index
