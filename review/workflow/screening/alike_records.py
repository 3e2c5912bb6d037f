"""Records that may be the same as one that a reviewer looks at; the person decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from review.workflow.records.folded_text import folded
from review.workflow.screening.screening_queue import screened_records

if TYPE_CHECKING:
    from review.project import Review

# of the likeness of two titles, in which the order of the words counts (Levenshtein, normalised)
_LEAST: Final = 0.8
_MOST: Final = 8
_NAMES: Final = ("doi", "pmid")


@dataclass(frozen=True)
class Alike:
    """A record that may be the same.

    Attributes:
        record: its cells.
        why: the same DOI or PMID, or how like the titles are.
    """

    record: dict[str, str]
    why: str


def alike_records(review: Review, record: dict[str, str]) -> list[Alike]:
    """Return the records that are most like one: same identifier first, then by title.

    Raises:
        InputError: the review has no records.
        DataError: a table cannot be read.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    others = [r for r in screened_records(review) if r["record_id"] != record["record_id"]]
    found: dict[str, Alike] = {}
    for name in _NAMES:
        wanted = record.get(name, "").strip().casefold()
        for other in others if wanted else ():
            if other.get(name, "").strip().casefold() == wanted:
                found.setdefault(other["record_id"], Alike(other, f"the same {name.upper()}"))
    title = folded(record.get("title", ""))
    close = process.extract(
        title, [folded(r.get("title", "")) for r in others],
        scorer=Levenshtein.normalized_similarity, score_cutoff=_LEAST, limit=_MOST,
    ) if title else []  # fmt: skip
    for _, score, at in close:
        alike = Alike(others[at], f"titles are {score:.2f} alike")
        found.setdefault(others[at]["record_id"], alike)
    return list(found.values())[:_MOST]
