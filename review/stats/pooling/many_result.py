"""The results of many meta-analyses: a column for each number, a whole result for each group."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from review.errors import UnknownNameError
from review.stats.ground.design_matrix import intercept_design
from review.stats.ground.result_kit import Record, refitted
from review.stats.pooling.meta_analysis import fit
from review.stats.pooling.meta_rows import Inputs
from review.stats.pooling.small_sample import refit_notes
from review.stats.pooling.tau2 import EQUAL_EFFECTS
from review.words import level_name, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.least_squares import FloatArray
    from review.stats.pooling.meta_result import MetaResult

COLUMNS: Final = (
    "beta", "se", "stat", "pval", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "tau2", "se_tau2", "I2",
    "H2", "vt", "QE", "QEp", "QM", "QMp", "ddf", "s2w", "loglik_ml", "loglik_reml",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class ManyResults(Record):
    """Meta-analyses of G groups, without moderators.

    Indexed by the name of a group (or its position), it gives the `MetaResult` of that group.

    Attributes:
        beta, se, stat, pval, ci_lb, ci_ub: averages, their tests and intervals, (G,).
        pi_lb, pi_ub: prediction limits; NaN where there are none (see `MetaResult.predict`).
        tau2, se_tau2: between-study variances; the error is NaN where there is none.
        I2, H2, vt, QE, QEp, QM, QMp: as in `MetaResult`, (G,).
        ddf: degrees of freedom of the tests; infinite for z.
        s2w: Knapp-Hartung factors. loglik_ml, loglik_reml: log-likelihoods.
        names: of the groups. k: numbers of studies, (G,).
        method, test, level, tau2_fixed: as in `MetaResult`; the test of a single study is z.
        changed: whether the test asked for is not defined in a group, (G,).
        left_out: rows not used and why.
    """

    GAPS: ClassVar = {
        "pi_lb": "NaN: none", "pi_ub": "NaN: none", "se_tau2": "NaN: not estimated",
        "ddf": "infinite: z", "rows": "what went in",
    }  # fmt: skip

    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray
    pi_ub: FloatArray
    tau2: FloatArray
    se_tau2: FloatArray
    I2: FloatArray
    H2: FloatArray
    vt: FloatArray
    QE: FloatArray
    QEp: FloatArray
    QM: FloatArray
    QMp: FloatArray
    ddf: FloatArray
    s2w: FloatArray
    loglik_ml: FloatArray
    loglik_reml: FloatArray
    names: tuple[str, ...]
    k: npt.NDArray[np.intp]
    method: str
    test: str
    level: float
    tau2_fixed: bool
    changed: npt.NDArray[np.bool_]
    left_out: tuple[LeftOut, ...]
    rows: Inputs = field(repr=False)
    order: npt.NDArray[np.intp] = field(repr=False)
    starts: npt.NDArray[np.intp] = field(repr=False)
    asked: str | None = field(repr=False)
    fixed: float | None = field(repr=False)
    call: dict[str, Any] = field(repr=False)

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    def __iter__(self) -> Iterator[MetaResult]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, group: str | int) -> MetaResult:
        """Return the result of a group, by its name or position.

        Raises:
            UnknownNameError: there is no such group.
            IndexError: there are not so many.
        """
        if isinstance(group, str):
            if group not in self._positions:
                raise UnknownNameError("group", group, self.names)
            group = self._positions[group]
        i = range(len(self))[group]
        at = self.order[self.starts[i] : self.starts[i + 1]]
        rows = self.rows
        used = set((rows.ids[at] + 1).tolist())
        inputs = Inputs(
            yi=rows.yi[at], vi=rows.vi[at], weights=None,
            ni=None if rows.ni is None else rows.ni[at], ids=rows.ids[at],
            slab=None if rows.slab is None else tuple(rows.slab[j] for j in at.tolist()),
            measure=rows.measure, transf=rows.transf, design=intercept_design(len(at)),
            left_out=(), conversions=tuple(c for c in rows.conversions if c.row in used),
        )  # fmt: skip
        call = {
            "yi": inputs.yi, "vi": inputs.vi, "mods": None, "data": None, "method": self.method,
            "test": self.asked, "weights": None, "level": self.level, "sei": None,
            "tau2": self.fixed, "intercept": True, "slab": inputs.slab,
            "measure": inputs.measure or None, "ni": inputs.ni,
        }  # fmt: skip
        return fit(
            inputs, method=self.method, test=self.asked, level=self.level, fixed=self.fixed,
            call=call,
        )  # fmt: skip

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on all groups together; those on a group are in its own result."""
        found = refit_notes(
            test=self.test, s2w=self.s2w, tau2=self.tau2, df=(self.k - 1).astype(np.float64),
            equal_effects=self.method in EQUAL_EFFECTS, tau2_fixed=self.tau2_fixed,
        )  # fmt: skip
        if n := int(self.changed.sum()):
            found.append(
                f"test {self.test!r} is not defined in {plural(n, 'group')} (one study, or "
                "effects that agree exactly)"
            )
        if self.left_out:
            found.append(f"{plural(len(self.left_out), 'row')} left out: no effect or variance")
        return tuple(found)

    @property
    def title(self) -> str:
        """First line of the summary."""
        total = int(self.k.sum())
        return (
            f"{plural(len(self), 'meta-analysis', 'meta-analyses')} of {plural(total, 'study')}: "
            f"{self.method}, test {self.test}, {level_name(self.level)} intervals"
        )

    def index(self) -> tuple[str, tuple[str, ...]]:
        """Name of the index and the names of the rows."""
        return "group", self.names

    def columns(self) -> dict[str, Any]:
        """Columns of the table."""
        return {"k": self.k, **{name: getattr(self, name) for name in COLUMNS}}

    def update(self, **changes: Any) -> ManyResults:
        """Fit again with some arguments changed, and return the new results.

        Raises:
            UnknownNameError: an argument that there is not.
        """
        again: ManyResults = refitted("meta_analysis_many", self.call, changes)
        return again
