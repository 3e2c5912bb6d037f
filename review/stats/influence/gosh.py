"""GOSH: the model fitted to all subsets of the studies, or to a random sample of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from review.errors import StatsError, UnknownNameError
from review.stats.ground.arguments import generator, whole
from review.stats.ground.enumeration import (
    all_subsets,
    random_subsets,
    rows_per_chunk,
    subset_count,
)
from review.stats.ground.guard import guarded
from review.stats.ground.result_kit import Record, by_coefficient, conventions_lines
from review.stats.pooling.refitting import refit, require
from review.words import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from review.stats.pooling.meta_result import MetaResult

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

MOST_BY_DEFAULT = 1_000_000  # more subsets than this are sampled
MOST = 20_000_000  # the six numbers of so many subsets fill about 1 GB

_HEAT = ("QE", "I2", "H2", "tau2")


@dataclass(frozen=True, eq=False)
class GoshResult(Record):
    """One row per subset.

    Attributes:
        k: studies in the subset, (n,).
        QE, I2, H2, tau2: heterogeneity, (n,). For EE, FE and DL without moderators H2 is
            QE/(k - 1), which can be below 1 (Higgins & Thompson 2002, eq. 6); else it is
            1 + tau2/typical variance, as in a single fit.
        estimate: (n,), or (n, p) with moderators.
        labels: of the studies.
        exhaustive: whether all subsets are there.
        skipped: subsets left out because they cannot determine all coefficients.
        seed: of the sample, or None.
        coef_names, method: as in the model.
        members: membership in the subsets as packed bits; read it by `contains`.
    """

    k: NDArray[np.int32]
    QE: Floats
    I2: Floats
    H2: Floats
    tau2: Floats
    estimate: Floats
    labels: tuple[str, ...]
    exhaustive: bool
    skipped: int
    seed: int | None
    coef_names: tuple[str, ...]
    method: str
    members: NDArray[np.uint8]

    @property
    def n(self) -> int:
        """Number of subsets."""
        return len(self.k)

    @property
    def title(self) -> str:
        """First line of the summary."""
        which = f"all {self.n:,}" if self.exhaustive else f"{self.n:,} random"
        return f"GOSH: {which} subsets of {len(self.labels)} studies ({self.method})"

    def contains(self, study: int | str) -> Bools:
        """Tell which subsets contain a study, (n,).

        Args:
            study: its label, or its position among the studies used, counted from 0.

        Raises:
            UnknownNameError: there is no such study.
        """
        if isinstance(study, str):
            if study not in self.labels:
                raise UnknownNameError("study", study, self.labels)
            study = self.labels.index(study)
        if not 0 <= study < len(self.labels):
            raise UnknownNameError("study", str(study), [str(i) for i in range(len(self.labels))])
        byte, bit = divmod(int(study), 8)
        return (self.members[:, byte] >> (7 - bit) & 1).astype(bool)

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "subset", tuple(str(i + 1) for i in range(self.n))

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        out: dict[str, Any] = {"k": self.k} | {name: getattr(self, name) for name in _HEAT}
        return out | by_coefficient("estimate", self.estimate, self.coef_names)

    def summary(self) -> str:
        """Return the mean and quantiles of every column as text."""
        import pandas as pd

        rows = {
            name: [np.mean(x), *np.quantile(x, [0, 0.25, 0.5, 0.75, 1])]
            for name, x in self.columns().items()
        }
        heads = ["mean", "min", "25%", "median", "75%", "max"]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=heads)
        lines = [self.title, "", table.to_string(float_format=number)]
        if self.skipped:
            lines += ["", f"{self.skipped:,} subsets cannot determine all coefficients"]
        return "\n".join([*lines, "", *conventions_lines(self.conventions)])


@guarded
def gosh(
    result: MetaResult, subsets: int | str | None = None, *, seed: int | None = None
) -> GoshResult:
    """Fit the model to subsets of the studies (Olkin, Dahabreh & Trikalinos 2012, RSM 3:214).

    Work is done in chunks; only the numbers of each subset are kept.

    Args:
        result: a meta-analysis, or a meta-regression (subsets then have more studies than
            coefficients, and those without enough variety in the moderators are skipped).
        subsets: how many to draw at random, each admissible subset being equally likely; "all";
            or None for all when there are at most a million, else a random million.
        seed: of the random numbers; None draws one, which the result names.

    Raises:
        InputError: `subsets` is no number of subsets.
        StatsError: there are too few studies, or too many subsets for "all".

    Example:
        >>> from review import meta_analysis
        >>> fit = meta_analysis([0.1, 0.9, 0.4], [0.04, 0.09, 0.05], method="EE")
        >>> gosh(fit).estimate.round(3)
        array([0.1  , 0.9  , 0.346, 0.4  , 0.233, 0.579, 0.365])
    """
    require(result, "GOSH", least=2)
    free = not (result.equal_effects or result.tau2_fixed)
    smallest = 1 if result.p == 1 else result.p + free
    if result.k < smallest:
        raise StatsError(f"GOSH needs at least {smallest} studies, and there are {result.k}")
    count = subset_count(result.k, smallest)
    n = _number(subsets, count)
    step = rows_per_chunk(result.k * result.p)
    masks = all_subsets(result.k, smallest, step)
    rng, used_seed = generator(seed)
    if n is not None:
        masks = random_subsets(result.k, n, rng, smallest, step)
    rows = count if n is None else n
    numbers, members, used = _fit_all(result, masks, rows)
    k, QE, I2, H2, tau2, *beta = numbers[:, :used]
    return GoshResult(
        k=k.astype(np.int32), QE=QE, I2=I2, H2=H2, tau2=tau2,
        estimate=beta[0] if result.p == 1 else np.column_stack(beta),
        labels=result.slab, exhaustive=n is None, skipped=rows - used,
        seed=None if n is None else used_seed, coef_names=result.coef_names, method=result.method,
        members=members[:used],
    )  # fmt: skip


def _number(subsets: int | str | None, count: int) -> int | None:
    """Number of subsets to draw, or None for all."""
    if subsets is None:
        return None if count <= MOST_BY_DEFAULT else MOST_BY_DEFAULT
    every = isinstance(subsets, str) and subsets == "all"
    n = count if every else whole("subsets, unless it is 'all' or None,", subsets, least=1)
    if min(n, count) > MOST:
        raise StatsError(
            f"there are {count:,} subsets; at most {MOST:,} can be listed or drawn, such as "
            f"subsets={MOST_BY_DEFAULT}"
        )
    return None if n >= count else n


def _fit_all(
    result: MetaResult, masks: Iterator[Bools], rows: int
) -> tuple[Floats, NDArray[np.uint8], int]:
    numbers = np.empty((5 + result.p, rows))
    members = np.empty((rows, -(-result.k // 8)), dtype=np.uint8)
    used, weighted = 0, result.case_weights is not None
    from_q = result.intercept_only and result.method == "DL" and not result.tau2_fixed
    for chunk in masks:
        mask = chunk if result.p == 1 else chunk[_full_rank(result, chunk)]
        if not len(mask):
            continue
        f = refit(result, mask, test="z")
        H2 = np.where(f.k > 1, f.QE / np.maximum(f.k - 1, 1), 1.0) if from_q else f.H2
        good: Any = slice(None)
        if weighted:  # they may be 0 for all of a subset
            good = np.isfinite(f.beta).all(axis=1)
        part = slice(used, used + len(f.k[good]))
        for j, column in enumerate((f.k, f.QE, f.I2, H2, f.tau2, *f.beta.T)):
            numbers[j, part] = column[good]
        members[part] = np.packbits(mask[good], axis=1)
        used = part.stop
    if not used:
        raise StatsError("no subset of the studies can determine all coefficients")
    return numbers, members, used


def _full_rank(result: MetaResult, mask: Bools) -> Bools:
    """Tell in which subsets the design has full rank."""
    U = result.design.basis.U
    inside = np.einsum("bk,kp,kq->bpq", mask.astype(float), U, U, optimize=True)
    return np.asarray(np.linalg.eigvalsh(inside)[:, 0] > 1e-10)
