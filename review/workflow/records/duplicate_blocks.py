"""Which pairs of records are worth comparing: those that share a block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from review.workflow.records.duplicate_keys import DuplicateKeys

    Codes = NDArray[np.int64]

# a block with more records than this says little by itself
MOST_IN_BLOCK: Final = 40
_WORDS: Final = 4
_START: Final = 40
# compared in one go: bounds the memory of the titles' likeness
_CHUNK: Final = 100_000
_LEAST_LIKENESS: Final = 60


def worthwhile_pairs(
    keys: DuplicateKeys, rows: NDArray[np.bool_] | None = None
) -> Iterator[tuple[Codes, Codes]]:
    """Yield the pairs (first < second) that share a block and are alike in title or place.

    Blocks are: DOI; PMID; the beginning of the title; its longest words; those of the title in a
    second language; first page with volume and year; first page with first author; first author
    with year. Of a pair that shares one, the titles must be a little alike, or the DOI, the PMID or
    the first page the same. Pairs come sorted, each once, in chunks.

    Args:
        keys: what is compared.
        rows: which of the records take part, (n,); all by default.
    """
    from rapidfuzz import fuzz, process

    n = max(len(keys), 1)
    doi, pmid, first = (_codes(column) for column in (keys.doi, keys.pmid, keys.first))
    blocks = block_codes(keys)
    taking_part = True if rows is None else rows
    pairs = np.unique(np.concatenate([_coded_pairs(block * taking_part, n) for block in blocks]))
    bilingual = np.fromiter((bool(t) for t in keys.other_title), bool, len(keys))
    title = keys.title
    for start in range(0, pairs.size, _CHUNK):
        a, b = np.divmod(pairs[start : start + _CHUNK], n)
        likeness = process.cpdist(
            [title[i] for i in a.tolist()],
            [title[i] for i in b.tolist()],
            scorer=fuzz.ratio,
            score_cutoff=_LEAST_LIKENESS,
            dtype=np.uint8,
        )
        keep = (likeness > 0) | bilingual[a] | bilingual[b]
        for column in (doi, pmid, first):
            keep |= (column[a] == column[b]) & (column[a] != 0)
        yield a[keep], b[keep]


def block_codes(keys: DuplicateKeys) -> Iterator[Codes]:
    """Yield the code of every record in each kind of block; 0 for records that are in none."""
    title, first, authors = keys.title, keys.first, keys.surnames
    yield _codes(keys.doi)
    yield _codes(keys.pmid)
    yield _codes([t.replace(" ", "")[:_START] for t in title])
    yield _codes(_long_words(t) for t in title)
    yield _codes(_long_words(t) for t in keys.other_title)
    yield _codes(
        (p, v, y) if p and v and y else None
        for p, v, y in zip(first, keys.volume, keys.year, strict=True)
    )
    yield _codes((p, a[0][:6]) if p and a else None for p, a in zip(first, authors, strict=True))
    yield _codes((a[0], y) if a and y else None for a, y in zip(authors, keys.year, strict=True))


def capped(codes: Codes) -> Codes:
    """Return the codes without those of blocks that say little: 0 in their place."""
    sizes = np.bincount(codes)
    return np.where(sizes[codes] <= MOST_IN_BLOCK, codes, 0)


def _codes(values: Iterable[Any]) -> Codes:
    """A number for each value, the same for equal ones; 0 for those that state nothing.

    Numbered in order of appearance: `hash` of a text differs between runs, and two texts may share
    one.
    """
    seen: dict[Any, int] = {}
    return np.fromiter(
        (seen.setdefault(v, len(seen) + 1) if v else 0 for v in values), dtype=np.int64
    )


def _long_words(title: str) -> tuple[str, ...] | None:
    # longest first, alphabetical among those of one length
    words = sorted(sorted(set(title.split())), key=len, reverse=True)[:_WORDS]
    return tuple(sorted(words)) or None


def _coded_pairs(block: Codes, n: int) -> Codes:
    """The pairs of each block, coded first * n + second; blocks that say little are left out."""
    order = np.flatnonzero(block)
    order = order[np.argsort(block[order], kind="stable")]
    values = block[order]
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]]) if values.size else order
    sizes = np.diff(np.r_[starts, values.size])
    made = [np.empty(0, np.int64)]
    for size in range(2, MOST_IN_BLOCK + 1):
        begin = starts[sizes == size]
        if not begin.size:
            continue
        rows = order[begin[:, None] + np.arange(size)]  # ascending within a block
        i, j = np.triu_indices(size, 1)
        made.append((rows[:, i] * n + rows[:, j]).ravel())
    return np.concatenate(made)
