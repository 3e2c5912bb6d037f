"""The two kinds of weight functions as the likelihood sees them: steps and smooth curves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from review.stats.bias.selection.selection_likelihood import Moments
from review.stats.bias.selection.sides import log_p
from review.stats.bias.selection.weight_moments import (
    Cells,
    Nodes,
    cell_moments,
    node_densities,
    reaches_tail,
    smooth_grid,
    step_cells,
    tail_nodes,
)

if TYPE_CHECKING:
    from review.stats.bias.selection.sides import FloatArray
    from review.stats.bias.selection.weight_functions import Family

_ONE = np.ones(1)


@dataclass(frozen=True)
class Steps:
    """Step function: weight delta_j for alpha_{j-1} < p <= alpha_j; delta_1 is held by the caller.

    Attributes:
        interval: index of the interval of each study, shape (k,).
        n_delta: number of intervals c.
        cells: the intervals on the z scale.
    """

    interval: np.ndarray[tuple[int, ...], np.dtype[np.intp]]
    n_delta: int
    cells: Cells

    @classmethod
    def of(cls, p: FloatArray, steps: FloatArray, *, two_sided: bool) -> Steps:
        """Make the weighting of studies with p-values `p` and cut-points `steps` (rising, < 1)."""
        interval = np.searchsorted(steps, p, side="left")
        return cls(interval, steps.size + 1, step_cells(steps, two_sided=two_sided))

    def observed(self, rows: slice, delta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return log w of the studies and its derivatives; see `Weighting`."""
        interval = self.interval[rows]
        weight = delta[interval]
        member = (interval == np.arange(self.n_delta)[:, None]).astype(float)
        with np.errstate(divide="ignore"):
            value = np.log(weight)
        slope = member / weight
        return value, slope, -slope[:, None] * slope[None, :]

    def moments(
        self, rows: slice, m: FloatArray, s: FloatArray, delta: FloatArray, *, derivatives: bool
    ) -> Moments:
        """Return the Hermite moments in closed form; see `Weighting`."""
        del rows
        parts = cell_moments(self.cells, m, s, 4 if derivatives else 0)
        member = (self.cells.step == np.arange(self.n_delta)[:, None]).astype(float)
        by_step = np.stack([part @ member.T for part in parts])  # (n, k, q)
        slope = np.moveaxis(by_step[:3], 2, 0)
        return Moments(by_step @ delta, slope, np.zeros((self.n_delta, self.n_delta, m.size)))


@dataclass(frozen=True)
class Curve:
    """A smooth family; with a threshold, w = 1 up to it and w(p) / w(threshold) beyond.

    Attributes:
        family: the family of weight functions.
        z: test statistics of the studies (k,); they face the significant side.
        scale: imprecision of the studies (k,), or None when it plays no part.
        two_sided: whether p is two-sided.
        threshold: w = 1 for p at or below it, and falls from there.
        censor: p-values are kept this far from 0 and 1.
    """

    family: Family
    z: FloatArray
    scale: FloatArray | None
    two_sided: bool
    threshold: float | None
    censor: float
    n_delta: int = field(init=False)
    nodes: Nodes = field(init=False)
    cells: Cells | None = field(init=False)
    node_p: tuple[FloatArray, FloatArray] = field(init=False)
    cell_p: tuple[FloatArray, FloatArray] = field(init=False)
    seen_p: tuple[FloatArray, FloatArray] = field(init=False)

    def __post_init__(self) -> None:
        # without censoring these two keep changing in the tails
        open_tails = self.censor == 0.0 and self.family.name in {"power", "negexppow"}
        nodes, cells, at = smooth_grid(
            censor=self.censor, threshold=self.threshold, two_sided=self.two_sided,
            open_tails=open_tails,
        )  # fmt: skip
        values = {
            "n_delta": len(self.family.null),
            "nodes": nodes,
            "cells": None if open_tails else cells,
            "node_p": log_p(nodes.z, two_sided=self.two_sided),
            "cell_p": log_p(at, two_sided=self.two_sided),
            "seen_p": self._censored(*log_p(self.z, two_sided=self.two_sided)),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _censored(self, lp: FloatArray, lq: FloatArray) -> tuple[FloatArray, FloatArray]:
        if self.censor == 0.0:
            return lp, lq
        low, high = np.log(self.censor), np.log1p(-self.censor)
        return np.clip(lp, low, high), np.clip(lq, low, high)

    def observed(self, rows: slice, delta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return log w of the studies and its derivatives; see `Weighting`."""
        lp, lq = self.seen_p[0][rows], self.seen_p[1][rows]
        return self._log_weight(lp, lq, delta, _ONE if self.scale is None else self.scale[rows])

    def _log_weight(
        self, lp: FloatArray, lq: FloatArray, delta: FloatArray, scale: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        value, slope, curve = self.family.log_weight(lp, lq, delta, scale)
        if self.threshold is None:
            return value, slope, curve
        # w(p) / w(threshold): falls from 1 without a jump
        one = np.ones(lp[..., :1].shape)
        lp0, lq0 = np.log(self.threshold) * one, np.log1p(-self.threshold) * one
        start = self.family.log_weight(lp0, lq0, delta, scale)
        free = lp > lp0
        parts = zip((value, slope, curve), start, strict=True)
        value, slope, curve = (np.where(free, part - first, 0.0) for part, first in parts)
        return value, slope, curve

    def _weight(
        self, lp: FloatArray, lq: FloatArray, delta: FloatArray, scale: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return w, dw and d2w from those of log w."""
        value, slope, curve = self._log_weight(lp, lq, delta, scale)
        weight = np.exp(value)
        return weight, weight * slope, weight * (curve + slope[:, None] * slope[None, :])

    def moments(
        self, rows: slice, m: FloatArray, s: FloatArray, delta: FloatArray, *, derivatives: bool
    ) -> Moments:
        """Return the Hermite moments by quadrature; see `Weighting`."""
        scale = _ONE if self.scale is None else self.scale[rows, None]
        highest = 4 if derivatives else 0

        def sums(
            density: list[FloatArray], at: tuple[FloatArray, FloatArray], scale: FloatArray
        ) -> Moments:
            return self._sums(density, self._weight(*at, delta, scale), derivatives=derivatives)

        total = sums(node_densities(self.nodes, m, s, highest), self.node_p, scale)
        if self.cells is not None:
            ends = sums(cell_moments(self.cells, m, s, highest), self.cell_p, scale)
            return Moments(
                total.weight + ends.weight, total.slope + ends.slope, total.curve + ends.curve
            )
        for sign in (1, -1):
            i = np.flatnonzero(reaches_tail(m, s, sign))
            if i.size:
                tail = tail_nodes(m[i], s[i], sign)
                at = log_p(tail.z, two_sided=self.two_sided)
                density = node_densities(tail, m[i], s[i], highest)
                part = sums(density, at, scale if self.scale is None else scale[i])
                for whole, more in zip(total, part, strict=True):
                    whole[..., i] += more
        return total

    def _sums(
        self,
        density: list[FloatArray],
        weights: tuple[FloatArray, FloatArray, FloatArray],
        *,
        derivatives: bool,
    ) -> Moments:
        """Sum density times weight over the nodes, for w and, if wanted, its derivatives."""
        q, k = self.n_delta, density[0].shape[0]
        weight, slope, curve = weights
        of_weight = np.stack([_total(d, weight) for d in density])
        if not derivatives:
            return Moments(of_weight, np.zeros((q, 3, k)), np.zeros((q, q, k)))
        of_slope = np.stack([[_total(density[n], f) for n in range(3)] for f in slope])
        of_curve = np.stack([[_total(density[0], f) for f in row] for row in curve])
        return Moments(of_weight, of_slope, of_curve)


def _total(density: FloatArray, weight: FloatArray) -> FloatArray:
    """Sum over nodes; weights common to all studies are one matrix product."""
    if weight.ndim == 1:
        return density @ weight
    return np.asarray(np.einsum("ij,ij->i", density, weight))
