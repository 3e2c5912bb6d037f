"""Tables pooled without a between-study variance, as forest plots and reports read results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from review.stats.ground.model_result import PooledStudies
from review.stats.pooling.prediction import PredictResult
from review.stats.presentation.effect_display import back_pooled, shown_transf
from review.stats.presentation.measure_words import effect_name
from review.words import (
    capital,
    confidence,
    level_name,
    listed,
    number,
    percent,
    plural,
    statistic_text,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from review.stats.effects.row_account import LeftOut
    from review.stats.ground.least_squares import FloatArray
    from review.stats.presentation.effect_display import Transf
    from review.stats.rare_events.pooled_tables import PooledTables

NAMES: Final = {"MH": "the Mantel-Haenszel method", "PETO": "Peto's method"}
REFERENCES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "MH": {
        "OR": (
            "Mantel N, Haenszel W (1959). J Natl Cancer Inst 22:719-748",
            "Robins J, Breslow N, Greenland S (1986). Biometrics 42:311-323",
        ),
        "RD": ("Sato T, Greenland S, Robins JM (1989). Biometrics 45:1323-1324",),
        "": ("Greenland S, Robins JM (1985). Biometrics 41:55-68",),
    },
    "PETO": {"": ("Yusuf S, Peto R, Lewis J, et al. (1985). Prog Cardiovasc Dis 27:335-371",)},
}


@dataclass(frozen=True, eq=False)
class CommonEffect(PooledStudies):
    """A result of `mantel_haenszel` or `peto` with the fields of a meta-analysis.

    `yi`, `vi`, `sei`, `weights`, `slab` and `ids` are those of the tables with an effect of their
    own; other tables are pooled too, and the notes name them.

    Attributes:
        tables: the result.
    """

    tables: PooledTables

    @cached_property
    def _shown(self) -> npt.NDArray[np.intp]:
        own = np.isfinite(self.tables.yi) & (self.tables.weights > 0)
        return np.flatnonzero(own)

    @property
    def measure(self) -> str:
        """Code of the measure."""
        return self.tables.measure

    @property
    def transf(self) -> str:
        """Its back-transformation."""
        return self.tables.transf

    @property
    def ni(self) -> None:
        """None: no back-transformation of these measures needs sizes."""
        return

    @property
    def method(self) -> str:
        """Code of the method."""
        return self.tables.method

    @property
    def test(self) -> str:
        """A z test."""
        return self.tables.test

    @property
    def level(self) -> float:
        """Of the intervals, per cent."""
        return self.tables.level

    @property
    def beta(self) -> FloatArray:
        """The pooled effect, (1,)."""
        return self.tables.beta

    @property
    def yi(self) -> FloatArray:
        """Own effects."""
        return self.tables.yi[self._shown]

    @property
    def vi(self) -> FloatArray:
        """Their variances."""
        return self.tables.vi[self._shown]

    @property
    def weights(self) -> FloatArray:
        """Per cent."""
        return self.tables.weights[self._shown]

    @property
    def ids(self) -> npt.NDArray[np.intp]:
        """Positions of these tables in the input, from 0."""
        return self._shown

    @property
    def slab(self) -> tuple[str, ...]:
        """Labels of these tables."""
        return tuple(self.tables.slab[i] for i in self._shown.tolist())

    @property
    def labels(self) -> tuple[str, ...]:
        """The same."""
        return self.slab

    @property
    def k(self) -> int:
        """Number of tables pooled."""
        return self.tables.k

    @property
    def df(self) -> int:
        """Degrees of freedom of Q."""
        return self.tables.QE_df

    @property
    def coef_names(self) -> tuple[str, ...]:
        """The average alone."""
        return ("intercept",)

    @property
    def intercept_only(self) -> bool:
        """True: there are no moderators."""
        return True

    @property
    def equal_effects(self) -> bool:
        """True: there is no variance between studies."""
        return True

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Rows not pooled."""
        return self.tables.left_out

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks."""
        return self.tables.notes

    def predict(self, transf: Transf = None) -> PredictResult:
        """The pooled effect with its interval; there is no prediction interval."""
        t = self.tables
        shown = shown_transf(self, transf) if transf is not None else "identity"
        ends = [back_pooled(self, x, shown) for x in (t.beta, t.ci_lb, t.ci_ub)]
        name = shown if isinstance(shown, str) else getattr(shown, "__name__", "function")
        plain = name == "identity"
        return PredictResult(
            ends[0], t.se if plain else None, np.fmin(ends[1], ends[2]), np.fmax(ends[1], ends[2]),
            None, None, t.level, "default", "" if plain else name, missing="equal effects",
        )  # fmt: skip

    def summary(self, transf: Transf = None) -> str:
        """Return the printable account."""
        return self.tables.summary(transf)

    def heterogeneity(self) -> list[str]:
        """Return what differs between studies, in lines of words."""
        t = self.tables
        q = statistic_text(f"Q({t.QE_df})", t.QE, t.QEp)
        return [f"heterogeneity around the pooled effect: {q}; I2 = {percent(t.I2)}"]

    def report_text(self, transf: Transf = None) -> str:
        """Return a methods-and-results paragraph with numbers and references."""
        t = self.tables
        own = effect_name(self)
        methods = (
            f"The tables of {plural(t.k, 'study')} were pooled by {NAMES[t.method]} (common "
            f"effect, no variance between studies) as {own}; z test, intervals at a level of "
            f"{level_name(t.level)}. {self._correction()}"
        )
        text = (
            f"The pooled {own} was {number(t.beta[0])} "
            f"({confidence(t.ci_lb[0], t.ci_ub[0], t.level)}), "
            f"{statistic_text('z', t.stat[0], t.pval[0])}"
        )
        chosen = transf if transf is not None else t.transf
        if chosen not in ("identity", "") and not (chosen == "back" and t.transf == "identity"):
            p = self.predict(transf=chosen)
            text += (
                f"; on the scale of the {effect_name(self, back=True)}, {number(p.pred[0])} "
                f"({confidence(p.ci_lb[0], p.ci_ub[0], t.level)})"
            )
        results = [f"{text}.", *(f"{capital(line)}." for line in self.heterogeneity())]
        if t.left_out:
            results.append(f"Not analysed: {listed(t.left_out, most=20, last='')}.")
        results += [f"{capital(note)}." for note in t.notes]
        known = REFERENCES[t.method]
        references = "\n".join(f"- {text}" for text in known.get(t.measure, known[""]))
        return f"Methods: {methods}\n\nResults: {' '.join(results)}\n\nReferences:\n{references}"

    def _correction(self) -> str:
        """Where a continuity correction is used, and where not."""
        settings = self.tables.settings
        add, to = settings["add"], settings["to"]
        pooling = isinstance(add, tuple) and add[1] > 0 and to[1] != "none"
        if pooling:
            return f"A continuity correction of {add[1]:g} was used in the pooling ({to[1]})."
        first = add[0] if isinstance(add, tuple) else add
        return (
            "The pooling uses no continuity correction; the tables' own effects, shown in figures "
            f"and in Q, have {first:g} added where a cell is 0."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain numbers and lists."""
        return self.tables.to_dict()
