"""From verdicts on pairs to groups in which no pair contradicts another.

Pairs that are the same are not simply chained: the chain A = B, B = C may join a record and its
erratum. Within each chain, clusters are joined greedily as long as what speaks for it outweighs
what speaks against it (correlation clustering; Bansal, Blum & Chawla 2004, Machine Learning 56:
89-113), and never when a rule has shown two of their records to be different.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from review.workflow.records.duplicate_rules import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

# larger than any sum of the others
_AGAINST: Final = -1e9
_TOGETHER: Final = 1e15
WEIGHTS: Final[Mapping[Verdict, float]] = {
    Verdict.SAME: 1.0,
    Verdict.DOUBT: 0.0,
    Verdict.DIFFERENT: -0.25,
    Verdict.REPORT: -0.5,
    Verdict.CONTRADICTED: _AGAINST,
}
# in larger chains only the pairs that were compared are weighed
_MOST_COMPARED: Final = 60


def chains(n: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return the sets of two and more records that pairs connect, each ascending.

    Example:
        >>> chains(5, [(0, 3), (3, 4)])
        [[0, 3, 4]]
    """
    parent = list(range(n))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for a, b in pairs:
        one, two = root(a), root(b)
        if one != two:
            parent[max(one, two)] = min(one, two)
    found: dict[int, list[int]] = {}
    for i in range(n):
        r = root(i)
        if r != i:
            found.setdefault(r, [r]).append(i)
    return list(found.values())


def consistent_groups(
    chain: Sequence[int],
    verdicts: dict[tuple[int, int], Verdict],
    compare: Callable[[int, int], Verdict],
    content: Callable[[int], tuple[Any, ...]],
    settled: Collection[tuple[int, int]] = (),
) -> list[list[int]]:
    """Split a chain into groups of records that are the same.

    Args:
        chain: records that pairs connect, ascending.
        verdicts: (first, second) -> verdict, first < second; completed by `compare`.
        compare: compares a pair that shared no block.
        content: what a record says; ties are broken by it, so that the order of the rows does not
            matter.
        settled: pairs that a person has called the same: together, whatever the rules say.
    """
    chain = sorted(chain)
    if len(chain) <= _MOST_COMPARED:
        for at, a in enumerate(chain):
            for b in chain[at + 1 :]:
                if (a, b) not in verdicts:
                    verdicts[a, b] = compare(a, b)
    weight = {
        (a, b): WEIGHTS[verdicts[a, b]]
        for at, a in enumerate(chain)
        for b in chain[at + 1 :]
        if (a, b) in verdicts
    }
    if min(weight.values()) >= 0:
        return [list(chain)]
    weight |= {pair: _TOGETHER for pair in settled if pair in weight}
    return _joined(sorted(chain, key=content), weight)


def _joined(order: list[int], weight: Mapping[tuple[int, int], float]) -> list[list[int]]:
    """Join the two clusters with the best mean weight between them, as long as it is positive."""
    clusters = {rank: [i] for rank, i in enumerate(order)}
    rank_of = {i: rank for rank, i in enumerate(order)}
    between: dict[tuple[int, int], float] = {}
    for (a, b), w in weight.items():
        one, two = sorted((rank_of[a], rank_of[b]))
        between[one, two] = w
    while True:
        best, at = 0.0, None
        for (one, two), total in sorted(between.items()):
            mean = total / (len(clusters[one]) * len(clusters[two]))
            if mean > best + 1e-12:
                best, at = mean, (one, two)
        if at is None:
            return [sorted(members) for members in clusters.values() if len(members) > 1]
        one, two = at
        clusters[one] += clusters.pop(two)
        merged: dict[tuple[int, int], float] = {}
        for (p, q), total in between.items():
            if (p, q) == at:
                continue
            ends = (one if p == two else p), (one if q == two else q)
            key = min(ends), max(ends)
            merged[key] = merged.get(key, 0.0) + total
        between = merged
