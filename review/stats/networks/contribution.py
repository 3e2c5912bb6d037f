"""How much each direct comparison contributes to each network estimate.

A row of the hat matrix says how the direct estimates add up to the estimate of "A vs B"; it is a
flow of 1 from A to B through the network (König, Krahn & Binder 2013). Contributions in per cent
come from cutting the flow into streams along paths, each divided evenly among its comparisons:

shortest path   the shortest path that still carries flow is taken first, with all that it can
                carry (Papakonstantinou et al. 2018, F1000Research 7:610)
random walk     a walker follows the flow and takes every edge in proportion to it; contributions
                are expectations over all paths, so no order of paths has to be chosen (Davies,
                Papakonstantinou, Nikolakopoulou, Rücker & Galla 2022, Stat Med 41:2091)
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.ground.guard import guarded
from review.stats.ground.result_kit import Record
from review.stats.networks.network_fit import names_of
from review.stats.pooling.meta_rows import choose

if TYPE_CHECKING:
    from review.stats.ground.least_squares import FloatArray
    from review.stats.networks.arm_space import ArmSpace
    from review.stats.networks.network_fit import NetworkTables

METHODS: Final = ("shortest path", "random walk")
NO_FLOW: Final = 1e-10  # flow that is rounding


@dataclass(frozen=True, eq=False)
class Contribution(Record):
    """Contributions of direct comparisons (columns) to network estimates (rows).

    Attributes:
        rows, direct: names of the comparisons, "A vs B".
        matrix: shares, rows adding up to 1, (R, D).
        hat: the flows, signed, (R, D): estimate = hat @ direct estimates.
        method: "shortest path" or "random walk". model: "common" or "random".
    """

    rows: tuple[str, ...]
    direct: tuple[str, ...]
    matrix: FloatArray
    hat: FloatArray
    method: str
    model: str

    @property
    def title(self) -> str:
        """First line of the summary."""
        return f"Contribution of direct comparisons ({self.model} effects model, {self.method})"

    def columns(self) -> dict[str, Any]:
        """One column per direct comparison."""
        return {d: self.matrix[:, j] for j, d in enumerate(self.direct)}

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Network estimates."""
        return "estimate", self.rows

    @property
    def conventions(self) -> None:
        """None: no version of the reference differs."""
        return


@guarded
def contribution(
    space: ArmSpace, fit: NetworkTables, method: str = "shortest path"
) -> Contribution:
    """Return the contribution matrix.

    Raises:
        UnknownNameError: there is no such method.
    """
    method = choose("method", method, METHODS)
    T = len(space.treatments)
    W = space.pair_weights(fit.tau2)
    observed = np.zeros((T, T), dtype=bool)
    observed[space.pairs.a, space.pairs.b] = True
    edges = [(int(a), int(b)) for a, b in np.argwhere(observed)]
    pairs = list(combinations(range(T), 2))
    hat, matrix = np.zeros((len(pairs), len(edges))), np.zeros((len(pairs), len(edges)))
    at = {edge: e for e, edge in enumerate(edges)}
    for r, (i, j) in enumerate(pairs):
        # potentials of a unit of flow from i to j; along an edge flows weight times their drop
        u = fit.cov[:, i] - fit.cov[:, j]
        flow = {(a, b): W[a, b] * (u[a] - u[b]) for a, b in edges}
        for edge, value in flow.items():
            hat[r, at[edge]] = value
        onward = {
            (edge if value > 0 else edge[::-1]): abs(value)
            for edge, value in flow.items()
            if abs(value) > NO_FLOW
        }
        shares = _by_paths(onward, i, j) if method == METHODS[0] else _by_walks(onward, i, j)
        for (a, b), share in shares.items():
            matrix[r, at[min(a, b), max(a, b)]] += share
    matrix /= matrix.sum(1, keepdims=True)
    names = [tuple(names_of(space.treatments, a, b) for a, b in x) for x in (pairs, edges)]
    return Contribution(names[0], names[1], matrix, hat, method, fit.model)


def _by_paths(
    flow: dict[tuple[int, int], float], start: int, end: int
) -> dict[tuple[int, int], float]:
    """Shares of the edges by streams along shortest paths."""
    left: dict[int, dict[int, float]] = {}
    for a, b in sorted(flow):
        left.setdefault(a, {})[b] = flow[a, b]
    shares: dict[tuple[int, int], float] = {}
    while (path := _shortest(left, start, end)) is not None:
        edges = list(pairwise(path))
        carried = min(left[a][b] for a, b in edges)
        for a, b in edges:
            shares[a, b] = shares.get((a, b), 0.0) + carried / len(edges)
            left[a][b] -= carried
            if left[a][b] <= NO_FLOW:
                del left[a][b]
    return shares


def _shortest(onward: dict[int, dict[int, float]], start: int, end: int) -> list[int] | None:
    """Path with the fewest edges; among equal ones the one of the first treatments."""
    came: dict[int, int] = {start: start}
    queue = deque([start])
    while queue:
        a = queue.popleft()
        for b in onward.get(a, ()):
            if b in came:
                continue
            came[b] = a
            if b == end:
                path = [end]
                while path[-1] != start:
                    path.append(came[path[-1]])
                return path[::-1]
            queue.append(b)
    return None


def _by_walks(
    flow: dict[tuple[int, int], float], start: int, end: int
) -> dict[tuple[int, int], float]:
    """Expected shares of the edges over all walks along the flow.

    Flow runs downhill, so the walks end and can be counted by length: before[a][n] is the
    probability of coming to a in n steps, after[a][n] that of going from a to the end in n.
    """
    out: dict[int, float] = {}
    for (a, _), value in flow.items():
        out[a] = out.get(a, 0.0) + value
    order = _downhill(flow)
    n = len(order)
    before = {a: np.zeros(n) for a in order}
    after = {a: np.zeros(n) for a in order}
    before[start][0] = after[end][0] = 1.0
    onward: dict[int, list[tuple[int, float]]] = {}
    for (a, b), value in flow.items():
        onward.setdefault(a, []).append((b, value / out[a]))
    for a in order:
        for b, p in onward.get(a, ()):
            before[b][1:] += p * before[a][:-1]
    for a in reversed(order):
        for b, p in onward.get(a, ()):
            after[a][1:] += p * after[b][:-1]
    lengths = 1.0 + np.arange(n)[:, None] + np.arange(n)[None, :]
    return {
        (a, b): p * float((before[a][:, None] * after[b][None, :] / lengths).sum())
        for a, ways in onward.items()
        for b, p in ways
    }


def _downhill(flow: dict[tuple[int, int], float]) -> list[int]:
    """Treatments in an order in which all flow runs forward."""
    nodes = sorted({t for edge in flow for t in edge})
    coming = dict.fromkeys(nodes, 0)
    for _, b in flow:
        coming[b] += 1
    ready = [t for t in nodes if not coming[t]]
    order = []
    while ready:
        a = ready.pop()
        order.append(a)
        for x, b in flow:
            if x == a:
                coming[b] -= 1
                if not coming[b]:
                    ready.append(b)
    return order
