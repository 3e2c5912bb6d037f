"""One record from several that are the same: the best of each field, and where it comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from review.schema.screening_rows import LIST_MARK
from review.workflow.records.author_surnames import surnames

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# fields of which the longest text says most
_LONGEST: Final = ("abstract", "pages")
# fields that hold lists: what any of the records has is kept
_TOGETHER: Final = ("source", "other_ids", "keywords", "issn", "url")
_OF_THE_ROW: Final = ("record_id", "source_file", "line", "extra", "duplicate_of", "removed")
_ET_AL: Final = re.compile(r"[;,\s]*\b(?:et\s+al|and\s+others)\b\.?\s*$", re.IGNORECASE)
ADDED: Final = ("merged_from", "merged_fields")


def merged_record(group: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return one record with the best field of each.

    Args:
        group: records that are the same, the one that is kept first; column -> text.

    Returns:
        The fields of the kept record; empty ones are filled from the others, the longest abstract
        and pages are taken, lists are put together. Authors are those of the kept record, unless
        its list is the beginning of another one: what names the paper is of one record, whatever
        it was merged with. `merged_from` names the other records, `merged_fields` the record of
        each field that was not the kept one's.

    Example:
        >>> merged_record([{"record_id": "a", "title": "T", "doi": "", "abstract": "Short."},
        ...                {"record_id": "b", "doi": "10.1000/x", "abstract": "Much longer."}])
        {'record_id': 'a', 'title': 'T', 'doi': '10.1000/x', 'abstract': 'Much longer.', \
'merged_from': 'b', 'merged_fields': 'doi: b; abstract: b'}
    """
    kept, *others = group
    made = dict(kept)
    taken = []
    for column in dict.fromkeys(name for record in group for name in record):
        if column in _OF_THE_ROW:
            continue
        stated = [r for r in group if r.get(column, "").strip()]
        if not stated:
            continue
        if column in _TOGETHER:
            made[column] = _together(r[column] for r in stated)
            continue
        best = max(stated, key=lambda r: len(r[column])) if column in _LONGEST else stated[0]
        if column == "authors":
            best = next((r for r in stated if _goes_on(best[column], r[column])), best)
        if best is not kept and best[column] != kept.get(column, ""):
            made[column] = best[column]
            taken.append(f"{column}: {best['record_id']}")
    made["merged_from"] = LIST_MARK.join(r["record_id"] for r in others)
    made["merged_fields"] = LIST_MARK.join(taken)
    return made


def _goes_on(authors: str, other: str) -> bool:
    """Tell whether a list of authors begins with all of another one, and names more.

    Example:
        >>> _goes_on("Lee A; et al.", "Lee, Ann; Wu, Bo"), _goes_on("Lee A", "Wu, Bo; Lee, Ann")
        (True, False)
    """
    first, more = surnames(_ET_AL.sub("", authors)), surnames(_ET_AL.sub("", other))
    return 0 < len(first) < len(more) and more[: len(first)] == first


def _together(texts: Iterable[str]) -> str:
    words: dict[str, str] = {}
    for text in texts:
        for word in text.split(LIST_MARK.strip()):
            if word.strip():
                words.setdefault(word.strip().casefold(), word.strip())
    return LIST_MARK.join(words.values())
