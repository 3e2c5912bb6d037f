"""Rows of one study as one block: what belongs together, and which random effects it shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import InputError, StatsError
from review.stats.accuracy.joint_covariance import Component, shared
from review.stats.accuracy.joint_normal import JointSample
from review.stats.ground.binomial_kernel import BinomialBlocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from review.stats.accuracy.accuracy_data import AccuracyData
    from review.stats.ground.least_squares import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class StudyBlocks:
    """Where each of the k rows stands among C blocks of up to R rows.

    A block has m = 2 R cells: sensitivity and false-positive rate of its first row, of its second
    row, and so on.

    Attributes:
        block, slot: of each row, (k,). C, R: see above.
        names: of the studies, (C,).
    """

    block: npt.NDArray[np.intp]
    slot: npt.NDArray[np.intp]
    C: int
    R: int
    names: tuple[str, ...]

    @property
    def single(self) -> bool:
        """Whether each study has one row."""
        return self.R == 1

    def spread(self, values: FloatArray | BoolArray, fill: float = 0.0) -> Any:
        """Bring values of both outcomes, (2, k, ...), into blocks, (C, m, ...)."""
        out = np.full((self.C, 2 * self.R, *values.shape[2:]), fill, dtype=values.dtype)
        for outcome in range(2):
            out[self.block, 2 * self.slot + outcome] = values[outcome]
        return out

    def of_study(self, *, diagonal: bool = False) -> Component:
        """A pair of random effects that all rows of a study share."""
        members = np.zeros((1, 1, 2 * self.R, 2))
        members[0, 0, ::2, 0] = members[0, 0, 1::2, 1] = 1
        return shared("study", members, diagonal=diagonal)

    def of_row(self, *, diagonal: bool = False) -> Component:
        """A pair of random effects of each row."""
        members = np.zeros((self.R, 1, 2 * self.R, 2))
        for r in range(self.R):
            members[r, 0, 2 * r, 0] = members[r, 0, 2 * r + 1, 1] = 1
        return shared("row", members, diagonal=diagonal)

    def of_group(self, code: npt.NDArray[np.intp], groups: int) -> Component:
        """A pair of random effects of each group (a test) in a study, all of them correlated."""
        members = np.zeros((1, self.C, 2 * self.R, 2 * groups))
        for outcome in range(2):
            cell = 2 * self.slot + outcome
            members[0, self.block, cell, 2 * code + outcome] = 1
        return shared("test in study", members)


def study_blocks(study: Sequence[Any] | None, k: int) -> StudyBlocks:
    """Group k rows by the study they belong to, in the order in which studies appear.

    Args:
        study: a name per row; None for one row per study.
        k: number of rows.

    Raises:
        InputError: the number of names differs.
        StatsError: a row has no study.
    """
    if study is None:
        index = np.arange(k)
        return StudyBlocks(index, np.zeros(k, dtype=np.intp), k, 1, tuple(map(str, index + 1)))
    if len(study) != k:
        raise InputError(f"study has {len(study)} values for {k} rows")
    names = ["" if s is None or s != s else str(s).strip() for s in study]  # noqa: PLR0124  NaN
    blank = [i + 1 for i, name in enumerate(names) if not name]
    if blank:
        raise StatsError(f"no study is named in row {', '.join(map(str, blank[:5]))}")
    order: dict[str, int] = {}
    count: dict[str, int] = {}
    block, slot = np.empty(k, dtype=np.intp), np.empty(k, dtype=np.intp)
    for i, name in enumerate(names):
        block[i] = order.setdefault(name, len(order))
        slot[i] = count.get(name, 0)
        count[name] = count.get(name, 0) + 1
    return StudyBlocks(block, slot, len(order), max(count.values()), tuple(order))


def joint_sample(
    blocks: StudyBlocks,
    y: FloatArray,
    v: FloatArray,
    on: BoolArray,
    X: FloatArray,
    *,
    within_rho: float = 0.0,
) -> JointSample:
    """Logits in blocks.

    Args:
        blocks: the grouping.
        y: logits, (2, k).
        v: sampling variances, (2, k).
        on: which are there, (2, k).
        X: design, (2, k, p).
        within_rho: correlation of sampling errors of one outcome between the rows of a study.
    """
    there = blocks.spread(on)
    variance = np.where(there, blocks.spread(np.where(on, v, 1.0), fill=1.0), 1.0)
    m = 2 * blocks.R
    S = np.zeros((blocks.C, m, m))
    if within_rho:
        same = np.arange(m)[:, None] % 2 == np.arange(m)[None, :] % 2
        sd = np.sqrt(variance) * there
        S = within_rho * same * sd[:, :, None] * sd[:, None, :]
    S[:, np.arange(m), np.arange(m)] = variance
    return JointSample(
        np.where(there, blocks.spread(np.where(on, y, 0.0)), 0.0), S, there,
        blocks.spread(X * on[..., None]),
    )  # fmt: skip


def binomial_blocks(blocks: StudyBlocks, rows: AccuracyData, X: FloatArray) -> BinomialBlocks:
    """Counts in blocks; a missing one is 0 of 0."""
    hit = np.nan_to_num(np.stack([rows.tp, rows.fp]))
    miss = np.nan_to_num(np.stack([rows.fn, rows.tn]))
    return BinomialBlocks(blocks.spread(hit), blocks.spread(hit + miss), blocks.spread(X))
